/*
 * Responsible for: locking a worker process down, with limits and a list of system calls. Does not:
 * know which calls a program needs (renderer/sandbox.c, configure/rules/worker_main.c), or start
 * workers. Worker processes, once.
 */
#include "base/sandbox.h"

#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CW_LOG_MODULE "sandbox"
#include "base/log.h"

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

static enum cw_status limit(__rlimit_resource_t what, rlim_t value, struct cw_error *err) {
    const struct rlimit limits = {value, value};
    if (setrlimit(what, &limits) != 0)
        return cw_fail(err, CW_E_IO, "sandbox.setup", "cannot set resource limit %d", (int)what);
    return CW_OK;
}

enum cw_status cw_sandbox_limits(const struct cw_sandbox *sandbox, struct cw_error *err) {
    enum cw_status status = limit(RLIMIT_CORE, 0, err);
    if (!status && sandbox->address_space_bytes > 0 && !SANITIZED)
        status = limit(RLIMIT_AS, sandbox->address_space_bytes, err);
    if (!status && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        status = cw_fail(err, CW_E_IO, "sandbox.setup", "cannot give up new privileges");
    return status;
}

/* Calls that are allowed with some arguments only. */
static int add_conditional(scmp_filter_ctx list, bool seals) {
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
    if (rc == 0 && seals)
        rc = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, add_seals);
    return rc;
}

static enum cw_status filter(const struct cw_sandbox *sandbox, struct cw_error *err) {
    scmp_filter_ctx list = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!list)
        return cw_fail(err, CW_E_IO, "sandbox.setup", "cannot make a seccomp filter");
    int rc = 0;
    for (size_t i = 0; i < sandbox->call_count && rc == 0; i++) {
        int number = seccomp_syscall_resolve_name(sandbox->calls[i]);
        /* absent on some architectures: nothing to allow */
        if (number != __NR_SCMP_ERROR)
            rc = seccomp_rule_add(list, SCMP_ACT_ALLOW, number, 0);
    }
    if (rc == 0)
        rc = add_conditional(list, sandbox->seals);
    if (rc == 0)
        rc = seccomp_load(list);
    seccomp_release(list);
    if (rc != 0)
        return cw_fail(err, CW_E_IO, "sandbox.setup", "cannot load the seccomp filter: error %d",
                       -rc);
    return CW_OK;
}

/*
 * The second lock, for the day the list of calls has a hole: nothing can be opened, made or removed
 * by path, and no TCP port used. The constants are the kernel's (Documentation/userspace-api/
 * landlock.rst); the C library has no functions for them, and the headers of Debian 12 know half.
 */
struct landlock_rules {
    uint64_t files, net, scoped;
};
#define LANDLOCK_VERSION_FLAG 1u

static enum cw_status landlock(struct cw_error *err) {
    /* rights by version of the interface: 1 has thirteen, then refer, truncate, (net), ioctl */
    static const uint64_t files[] = {0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff, 0xffff};
    static const size_t sizes[] = {8, 8, 8, 16, 16, 24};
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION_FLAG);
    if (version < 1)
        return CW_OK; /* no such kernel, or switched off: the list of calls stands alone */
    size_t known = version > 6 ? 5 : (size_t)version - 1;
    const struct landlock_rules rules = {files[known], 0x3, 0x3};
    int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizes[known], 0);
    if (fd < 0 || syscall(SYS_landlock_restrict_self, fd, 0) != 0) {
        if (fd >= 0)
            close(fd);
        return cw_fail(err, CW_E_IO, "sandbox.setup", "cannot enter Landlock");
    }
    close(fd);
    return CW_OK;
}

bool cw_sandbox_available(void) {
    return !SANITIZED;
}

enum cw_status cw_sandbox_enter(const struct cw_sandbox *sandbox, struct cw_error *err) {
    enum cw_status status = cw_sandbox_limits(sandbox, err);
    if (!status && sandbox->dies_with_thread && prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        status = cw_fail(err, CW_E_IO, "sandbox.setup", "cannot follow the parent's death");
    if (!status && sandbox->data_bytes > 0 && !SANITIZED)
        status = limit(RLIMIT_DATA, sandbox->data_bytes, err);
    if (!status)
        status = limit(RLIMIT_FSIZE, sandbox->file_bytes, err);
    if (!status && sandbox->cpu_seconds > 0)
        status = limit(RLIMIT_CPU, sandbox->cpu_seconds, err);
    if (!status && !SANITIZED) /* LeakSanitizer looks on from a thread of its own at the end */
        status = limit(RLIMIT_NPROC, 0, err);
    if (!status)
        status = limit(RLIMIT_NOFILE, sandbox->descriptors, err);
    if (status)
        return status;
    if (SANITIZED) {
        cw_log_warn("sandbox-off", "reason=\"built with a sanitizer\"");
        return CW_OK;
    }
    status = landlock(err);
    return status ? status : filter(sandbox, err);
}

void cw_sandbox_provoke(const char *what) {
    if (strcmp(what, "open") == 0)
        (void)!open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (strcmp(what, "socket") == 0)
        (void)!socket(AF_INET, SOCK_STREAM, 0);
    if (strcmp(what, "fork") == 0)
        (void)!fork();
    if (strcmp(what, "code") == 0)
        (void)!mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (strcmp(what, "kill") == 0)
        (void)!kill(getppid(), 0);
    if (strcmp(what, "exec") == 0)
        (void)!execl("/bin/true", "true", (char *)NULL);
}
