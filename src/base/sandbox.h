/* What a worker process gives up before it reads its first job. Linked into workers only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct cw_sandbox {
    uint64_t address_space_bytes; /* 0: no limit of its own; off under sanitizers */
    uint64_t data_bytes;          /* private memory; 0: no limit of its own; off likewise */
    uint64_t file_bytes;          /* also memory files; 0: may not write any */
    uint64_t descriptors;         /* highest number + 1 */
    uint64_t cpu_seconds;         /* 0: no limit */
    const char *const *calls;     /* names of system calls that are allowed with any arguments */
    size_t call_count;
    bool seals; /* may seal a memory file */
    /* Be killed when the *thread* that started us ends: only where that thread waits for us. Others
     * end when their socket does. */
    bool dies_with_thread;
};

/**
 * Lock the process down: no new privileges, resource limits, no new process, no file by path
 * (Landlock, where the kernel has it), and a seccomp list; every other system call kills the
 * process. Besides the list it may map and protect memory that holds no code, and signal itself.
 * @param sandbox borrowed during the call
 * @units   bytes, seconds of CPU
 * @owner   the process; cannot be undone
 * @errors  CW_E_IO "sandbox.setup"
 * @cost    < 1 ms
 * @source  docs/explanation/rendering.md "The sandbox"; a build with ASan or TSan skips the list
 * and says so in the log
 */
enum cw_status cw_sandbox_enter(const struct cw_sandbox *sandbox, struct cw_error *err) CW_MUST_USE;

/* No core dump, the address space and no new privileges only: for a program that needs files. */
enum cw_status cw_sandbox_limits(const struct cw_sandbox *sandbox,
                                 struct cw_error *err) CW_MUST_USE;

/* False when built with a sanitizer that cannot live under seccomp. */
bool cw_sandbox_available(void);

/* For tests, after cw_sandbox_enter: do what must kill us ("open", "socket", "fork", "code",
 * "kill", "exec"; "nothing" does nothing). Returns when the lock does not hold. */
void cw_sandbox_provoke(const char *what);
