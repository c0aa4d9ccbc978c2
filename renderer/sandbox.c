/*
 * Responsible for what the renderer gives up. Does not start workers, nor know how to lock down
 * (base/sandbox.c). Every worker runs it once, after its fonts are open and before its first job;
 * the pack writer takes the limits only.
 *
 * The list holds what drawing, encoding and answering were seen to call (strace over all formats,
 * views and fonts) and what the C library may call under memory pressure. A path is never opened:
 * newfstatat is for open descriptors.
 */
#include "sandbox.h"

#include "base/sandbox.h"
#include "cordwain/limits.h"

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

static const struct cw_sandbox sandbox = {
    .address_space_bytes = 2ULL << 30, /* mapped packs and fonts, and a 16 Mpx drawing */
    .file_bytes = 64ULL << 20,
    .descriptors = 128,
    .calls = allowed,
    .call_count = sizeof allowed / sizeof *allowed,
    .seals = true,
    .dies_with_thread = true, /* the preview loop, which ends when the server does */
};

static const struct cw_sandbox import_sandbox = {
    .address_space_bytes = 1ULL << 30, /* libraries, the picture, the file */
    .data_bytes = CW_IMPORT_MEMORY_BYTES,
    .file_bytes = CW_IMPORT_PIXELS * 4ULL,
    .descriptors = 32,
    .cpu_seconds = 1 + CW_IMPORT_CPU_MS / 1000, /* should the parent not look */
    .calls = allowed,
    .call_count = sizeof allowed / sizeof *allowed,
    .seals = true,
    .dies_with_thread = true, /* the thread that waits for the verdict */
};

enum cw_status cw_renderer_limits(struct cw_error *err) {
    return cw_sandbox_limits(&sandbox, err);
}

enum cw_status cw_renderer_lock(struct cw_error *err) {
    return cw_sandbox_enter(&sandbox, err);
}

enum cw_status cw_import_lock(struct cw_error *err) {
    return cw_sandbox_enter(&import_sandbox, err);
}
