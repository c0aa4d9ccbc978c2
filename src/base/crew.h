/*
 * A few threads for work that would hold up an event loop: a bounded queue in, the mailbox of the
 * loop that asked back.
 * What a thread may touch while it runs belongs to the job alone.
 */
#pragma once

#include "base/error.h"
#include "base/mailbox.h"

struct cw_crew;

typedef void (*cw_crew_fn)(void *arg);

struct cw_crew_config {
    unsigned threads; /* at least 1 */
    size_t waiting;   /* jobs that may wait, besides those under way */
    int nice;         /* 0 to 19, of the threads and of processes they start */
};

struct cw_crew_job {
    cw_crew_fn run;             /* on one of the threads */
    cw_crew_fn done;            /* then in the loop that asked; NULL: nothing */
    void *arg;                  /* of both */
    struct cw_mailbox *mailbox; /* of the loop that asks; borrowed, outlives the crew */
};

/**
 * Start the threads; they block all signals, which are the main thread's.
 * @units   none
 * @owner   the caller frees ret_crew with cw_crew_free
 * @errors  CW_E_IO "crew.threads" when no thread can be started; CW_E_NOMEM
 * @cost    none worth naming
 * @source  none
 */
enum cw_status cw_crew_new(const struct cw_crew_config *config, struct cw_crew **ret_crew,
                           struct cw_error *err) CW_MUST_USE;

/*
 * Hand over a job, which is copied; any thread. Jobs begin in the order given. CW_E_BUSY
 * "crew.busy" when the queue is full, "crew.stopping" after cw_crew_stop: neither function is
 * called then.
 */
enum cw_status cw_crew_push(struct cw_crew *crew, const struct cw_crew_job *job,
                            struct cw_error *err) CW_MUST_USE;

/* Take nothing more. What waits is not run any more: only its `done` is called, which must be able
 * to tell. */
void cw_crew_stop(struct cw_crew *crew);

/* Stop, wait for what is under way, join the threads; every `done` is in its mailbox then. NULL is
 * fine. */
void cw_crew_free(struct cw_crew *crew);
