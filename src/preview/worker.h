/* One renderer process and its socket: start, talk, end, reap, start again. Private to the pool. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "preview/reply.h"

struct event;
struct event_base;
struct cw_worker;

/*
 * DOWN --start--> STARTING --HELLO accepted--> IDLE <--> BUSY
 *   ^                 |                          |         |
 *   `---- reaped ---- REAPING <---- stop, EOF, nonsense ---'
 */
enum cw_worker_state {
    CW_WORKER_DOWN,     /* no process; the timer starts one */
    CW_WORKER_STARTING, /* process, no HELLO yet; the timer kills it */
    CW_WORKER_IDLE,
    CW_WORKER_BUSY,
    CW_WORKER_REAPING /* killed, not yet waited for */
};

enum cw_worker_end {
    CW_WORKER_RECYCLED, /* on purpose: start the next at once */
    CW_WORKER_DIED,     /* by itself: start the next after a growing delay */
    CW_WORKER_NONSENSE, /* its message was not valid: killed, delay */
    CW_WORKER_TOO_SLOW  /* past a deadline: killed, delay */
};

struct cw_worker_ops { /* towards the pool; each may stop the worker */
    void (*hello)(void *owner, struct cw_worker *worker, const struct cw_reply *reply);
    /* a message while BUSY; fd is -1 or is taken */
    void (*reply)(void *owner, struct cw_worker *worker, const struct cw_reply *reply, int take_fd);
    /* leaving STARTING, IDLE or BUSY */
    void (*gone)(void *owner, struct cw_worker *worker, enum cw_worker_end end);
};

struct cw_worker_settings {
    char *renderer, *fonts; /* absolute paths */
    uint32_t start_deadline_ms, restart_min_ms, restart_max_ms;
};

struct cw_worker {
    enum cw_worker_state state;
    pid_t pid;
    int fd;              /* our end of the socket pair */
    int pidfd;           /* readable when the process has ended; -1 where the kernel lacks it */
    uint32_t delay_ms;   /* before the next start; 0 after a job went well */
    uint32_t jobs;       /* since its start */
    uint32_t generation; /* of the build it named in HELLO */
    uint64_t starts;
    struct event *readable, *ended, *timer;
    struct event_base *base;
    const struct cw_worker_settings *settings; /* borrowed from the pool */
    const struct cw_worker_ops *ops;
    void *owner;
    void *task; /* the pool's */
};

/* Fields base, settings, ops and owner must be set. CW_E_IO "render.event". Starts soon, from the
 * loop. */
enum cw_status cw_worker_init(struct cw_worker *worker, struct cw_error *err) CW_MUST_USE;
/* Kills, waits for the process, releases. May be called twice, or on zeroed storage. */
void cw_worker_deinit(struct cw_worker *worker);

struct cw_worker_fds { /* that travel beside a message, at most 1 + CW_RENDER_PICTURES; borrowed */
    const int *items;
    size_t count;
};

/* IDLE → BUSY. CW_E_IO "render.worker_died": the worker is broken (stop it), the job was not seen;
 * CW_E_BUG "render.send": the message cannot be sent to anyone. */
enum cw_status cw_worker_send(struct cw_worker *worker, const struct cw_buf *message,
                              const struct cw_worker_fds *fds, struct cw_error *err) CW_MUST_USE;

/* Kill and replace; calls ops->gone first. Nothing when there is no process. */
void cw_worker_stop(struct cw_worker *worker, enum cw_worker_end end);
