/*
 * Responsible for: the program cordwain-rules: its command line, its lock, and its loop over
 * frames. Does not: know what a frame asks (worker_job.c). Started by the server and the command
 * line (worker_client.c, worker_solver.c), one process per compilation or per model asked about.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/sandbox.h"
#include "configure/rules/worker_io.h"
#include "configure/rules/worker_job.h"
#include "cordwain/limits.h"

#define STACK_BYTES (64u << 20) /* compiling and encoding recurse once per variable */

static const char usage[] =
    "cordwain-rules --compile FD MEMORY CPU   compile one model, in so many bytes and seconds\n"
    "cordwain-rules --solve FD MEMORY         answer questions about one model\n"
    "cordwain-rules --version | --help\n";

/* What computing and answering call, and what the C and C++ libraries may under memory pressure. */
static const char *const allowed[] = {
    "read",           "sendto",       "write",     "poll",       "ppoll",
    "munmap",         "mremap",       "brk",       "madvise",    "futex",
    "exit",           "exit_group",   "fstat",     "newfstatat", "rt_sigreturn",
    "rt_sigprocmask", "sched_yield",  "getpid",    "gettid",     "restart_syscall",
    "clock_gettime",  "gettimeofday", "getrandom", "getrusage",  "close",
    "sysinfo", /* qsort() asks for the memory size */
};

static int fail(const struct cw_error *err) {
    fprintf(stderr, "cordwain-rules: %s [%s]\n", err->message, err->code ? err->code : "");
    return 1;
}

/* ---- out of memory --------------------------------------------------------------------------- */

static int reply_fd = -1;

/* Arenas and buffers abort when the memory limit is reached. A compilation says so: the caller can
 * tell a model that is too large from a fault of ours. */
static void on_abort(int signal_number) {
    (void)signal_number;
    int why = errno;
    static const uint8_t frame[CW_RULES_HEAD_BYTES + 48] = {0x43,
                                                            0x57,
                                                            0x52,
                                                            0x4a,
                                                            CW_RULES_WIRE_VERSION,
                                                            0,
                                                            0,
                                                            0,
                                                            CW_RULES_COMPILED,
                                                            0,
                                                            0,
                                                            0,
                                                            48,
                                                            0,
                                                            0,
                                                            0,
                                                            0,
                                                            0,
                                                            0,
                                                            0,
                                                            CW_COMPILE_OUT_OF_MEMORY};
    if (why == ENOMEM && reply_fd >= 0)
        (void)!write(reply_fd, frame, sizeof frame);
    _exit(why == ENOMEM ? 3 : 4);
}

/* ---- the loop -------------------------------------------------------------------------------- */

static enum cw_status lock(uint64_t memory, uint64_t cpu_seconds, bool compile,
                           struct cw_error *err) {
    struct rlimit stack;
    if (getrlimit(RLIMIT_STACK, &stack) == 0 && stack.rlim_max >= STACK_BYTES) {
        stack.rlim_cur = STACK_BYTES; /* grows when needed; the space was left free at the start */
        (void)setrlimit(RLIMIT_STACK, &stack);
    }
    const struct cw_sandbox sandbox = {
        .address_space_bytes = memory,
        .descriptors = 16, /* it opens none; sanitizers do when it ends */
        .cpu_seconds = cpu_seconds,
        .dies_with_thread = compile, /* a solver is asked by many threads */
        .calls = allowed,
        .call_count = sizeof allowed / sizeof *allowed,
    };
    return cw_sandbox_enter(&sandbox, err);
}

static bool tired(void) {
    struct timespec used;
    return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0 &&
           used.tv_sec >= CW_RULES_SOLVER_CPU_S;
}

/* Frames until the other side ends; `once`: one only. */
static int serve(int fd, bool once) {
    struct cw_rules_job *job = cw_rules_job_new();
    struct cw_error err = {0};
    enum cw_status status = CW_OK;
    CW_AUTO_BUF struct cw_buf body = {0}, reply = {0};
    do {
        enum cw_rules_kind kind;
        status = cw_rules_receive(fd, CW_RULES_REQUEST_BYTES, CW_RULES_FOREVER, &kind, &body, &err);
        if (status)
            break;
        cw_buf_reset(&reply);
        cw_rules_job_do(job, kind, (struct cw_bytes){(const uint8_t *)body.data, body.length},
                        &reply);
        status = cw_rules_send(fd, &reply, CW_RULES_FOREVER, &err);
    } while (status == CW_OK && !once && !tired());
    cw_rules_job_free(job);
    if (status == CW_OK || status == CW_E_NOT_FOUND)
        return 0;
    return fail(&err);
}

static bool read_number(const char *text, uint64_t most, uint64_t *ret) {
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    *ret = number;
    return errno == 0 && *end == '\0' && end != text && *text != '-' && number <= most;
}

static int start(int argc, char **argv) {
    bool compile = strcmp(argv[1], "--compile") == 0;
    uint64_t fd, memory, cpu_seconds = 0;
    if (!read_number(argv[2], 1023, &fd) || fcntl((int)fd, F_GETFD) < 0 ||
        !read_number(argv[3], INT64_MAX, &memory) ||
        (argc > 4 && !read_number(argv[4], INT32_MAX, &cpu_seconds))) {
        fputs(usage, stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a log line that does not go to a file must not end us */
    reply_fd = compile ? (int)fd : -1;
    signal(SIGABRT, on_abort);
    struct cw_error err = {0};
    if (lock(memory, cpu_seconds, compile, &err))
        return fail(&err);
    return serve((int)fd, compile);
}

/* For the unit tests: lock down, then do what must kill us. Returns only when the lock does not
 * hold. */
static int self_test(const char *what) {
    struct cw_error err = {0};
    if (!cw_sandbox_available())
        return 77;
    if (lock(CW_RULES_MEMORY_BYTES, 0, /* compile: */ true, &err))
        return fail(&err);
    cw_sandbox_provoke(what);
    return strcmp(what, "nothing") == 0 ? 0 : 3;
}

int main(int argc, char **argv) {
    if (argc == 5 && strcmp(argv[1], "--compile") == 0)
        return start(argc, argv);
    if (argc == 4 && strcmp(argv[1], "--solve") == 0)
        return start(argc, argv);
    if (argc == 3 && strcmp(argv[1], "--self-test-sandbox") == 0)
        return self_test(argv[2]);
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("cordwain-rules " CORDWAIN_VERSION);
        return 0;
    }
    bool help = argc == 2 && strcmp(argv[1], "--help") == 0;
    fputs(usage, help ? stdout : stderr);
    return help ? 0 : 2;
}
