/*
 * Responsible for what a worker gives up. Does not start workers. Every worker runs it once, after
 * its fonts are open and before its first job; the pack writer takes the limits only.
 *
 * The list holds what drawing, encoding and answering were seen to call (strace over all formats,
 * views and fonts) and what the C library may call under memory pressure. A path is never opened:
 * newfstatat is for open descriptors.
 */
#include "sandbox.h"

#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define CW_LOG_MODULE "sandbox"
#include "base/log.h"

#define ADDRESS_SPACE_BYTES (2ULL << 30) /* mapped packs and fonts, and a 16 Mpx drawing */
#define MEMFD_BYTES         (64ULL << 20)
#define DESCRIPTORS         128

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static const char *const allowed[] = {
    "read",
    "write",
    "writev",
    "close",
    "recvmsg",
    "sendmsg",
    "poll",
    "ppoll",
    "memfd_create",
    "ftruncate",
    "fstat",
    "newfstatat",
    "lseek",
    "munmap",
    "mremap",
    "brk",
    "madvise",
    "futex",
    "exit",
    "exit_group",
    "rt_sigreturn",
    "rt_sigprocmask",
    "restart_syscall",
    "clock_gettime",
    "gettimeofday",
    "getrandom",
    "sched_yield",
    "getpid",
    "gettid",
    "sysinfo", /* qsort() asks for the memory size */
};

static enum cw_status limit(__rlimit_resource_t what, rlim_t value, struct cw_error *err) {
    const struct rlimit limits = {value, value};
    if (setrlimit(what, &limits) != 0)
        return cw_fail(err, CW_E_IO, "sandbox.setup", "cannot set resource limit %d", (int)what);
    return CW_OK;
}

enum cw_status cw_sandbox_limits(struct cw_error *err) {
    enum cw_status status = limit(RLIMIT_CORE, 0, err);
    if (!status && !SANITIZED)
        status = limit(RLIMIT_AS, ADDRESS_SPACE_BYTES, err);
    if (!status && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        status = cw_fail(err, CW_E_IO, "sandbox.setup", "cannot give up new privileges");
    return status;
}

/* Calls that are allowed with some arguments only. */
static int add_conditional(scmp_filter_ctx list) {
    const struct scmp_arg_cmp no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    const struct scmp_arg_cmp this_process = {
        .arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)getpid(), .datum_b = 0};
    const struct scmp_arg_cmp add_seals = {
        .arg = 1, .op = SCMP_CMP_EQ, .datum_a = F_ADD_SEALS, .datum_b = 0};
    int rc = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_code);
    if (rc == 0)
        rc = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_code);
    if (rc == 0)
        rc =
            seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, this_process); /* abort() */
    if (rc == 0)
        rc = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, add_seals);
    return rc;
}

static enum cw_status filter(struct cw_error *err) {
    scmp_filter_ctx list = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!list)
        return cw_fail(err, CW_E_IO, "sandbox.setup", "cannot make a seccomp filter");
    int rc = 0;
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed && rc == 0; i++) {
        int number = seccomp_syscall_resolve_name(allowed[i]);
        /* absent on some architectures: nothing to allow */
        if (number != __NR_SCMP_ERROR)
            rc = seccomp_rule_add(list, SCMP_ACT_ALLOW, number, 0);
    }
    if (rc == 0)
        rc = add_conditional(list);
    if (rc == 0)
        rc = seccomp_load(list);
    seccomp_release(list);
    if (rc != 0)
        return cw_fail(err, CW_E_IO, "sandbox.setup", "cannot load the seccomp filter: error %d",
                       -rc);
    return CW_OK;
}

bool cw_sandbox_available(void) {
    return !SANITIZED;
}

enum cw_status cw_sandbox_enter(struct cw_error *err) {
    enum cw_status status = cw_sandbox_limits(err);
    if (!status && prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        status = cw_fail(err, CW_E_IO, "sandbox.setup", "cannot follow the parent's death");
    if (!status)
        status = limit(RLIMIT_FSIZE, MEMFD_BYTES, err);
    if (!status && !SANITIZED) /* LeakSanitizer looks on from a thread of its own at the end */
        status = limit(RLIMIT_NPROC, 0, err);
    if (!status)
        status = limit(RLIMIT_NOFILE, DESCRIPTORS, err);
    if (status)
        return status;
    /* cairo's PDF writer asks for the local time even when it is given a date; with this no file is
     * opened for it */
    setenv("TZ", "UTC0", 1);
    tzset();
    if (SANITIZED) {
        cw_log_warn("sandbox-off", "reason=\"built with a sanitizer\"");
        return CW_OK;
    }
    return filter(err);
}
