/* One running cordwain-rules and the socket to it. Callers' side. */
#pragma once

#include <sys/types.h>

#include "configure/rules/worker_io.h"

struct cw_rules_process {
    pid_t pid; /* 0: none */
    int fd;
};

/* `mode` is --compile or --solve. CW_E_IO "rules.worker". */
struct cw_rules_start {
    const char *program, *mode;
    uint64_t memory_bytes;
    uint64_t cpu_seconds; /* COMPILE only; 0: no limit */
};
enum cw_status cw_rules_process_start(struct cw_rules_process *process,
                                      const struct cw_rules_start *start,
                                      struct cw_error *err) CW_MUST_USE;

/* Kill and reap; nothing is left. Returns the wait status; may be called twice. */
int cw_rules_process_stop(struct cw_rules_process *process);

/* Tell one that waits for work to end, without waiting for its end. *process is none afterwards;
 * what is returned has no socket, and is to be reaped or stopped. */
struct cw_rules_process cw_rules_process_leave(struct cw_rules_process *process);

/* Reap it if it has ended; true: it is none now. Does not wait. */
bool cw_rules_process_reap(struct cw_rules_process *process);

/* The error a FAILED frame tells: always CW_E_IO "rules.worker", with the rest as detail. */
enum cw_status cw_rules_process_failed(struct cw_bytes body, struct cw_error *err) CW_MUST_USE;
