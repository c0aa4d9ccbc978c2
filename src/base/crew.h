/*
 * A few threads for work that would hold up an event loop: a bounded queue in, a mailbox back.
 * What a thread may touch while it runs belongs to the job alone.
 */
#pragma once

#include "base/error.h"
#include "base/mailbox.h"

struct cw_crew;

typedef void (*cw_crew_fn)(void *arg);

struct cw_crew_config {
    unsigned threads;           /* at least 1 */
    size_t waiting;             /* jobs that may wait, besides those under way */
    struct cw_mailbox *mailbox; /* of the loop that gets `done`; borrowed, outlives the crew */
    int nice;                   /* 0 to 19, of the threads and of processes they start */
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
 * Hand over a job: run(arg) on one of the threads, then done(arg) in the loop (NULL: nothing). Jobs
 * begin in the order given. CW_E_BUSY "crew.busy" when the queue is full, "crew.stopping" after
 * cw_crew_stop: neither function is called then.
 */
enum cw_status cw_crew_push(struct cw_crew *crew, cw_crew_fn run, cw_crew_fn done, void *arg,
                            struct cw_error *err) CW_MUST_USE;

/* Take nothing more. What waits is not run any more: only its `done` is called, which must be able
 * to tell. */
void cw_crew_stop(struct cw_crew *crew);

/* Stop, wait for what is under way, join the threads; every `done` is in the mailbox then. NULL is
 * fine. */
void cw_crew_free(struct cw_crew *crew);
