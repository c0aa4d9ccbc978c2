/* Inside the store only: jobs, and the bounded queue between callers and the store's threads. */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "cordwain/store.h"

struct cw_store_job {
    struct cw_store_job *next;
    cw_txn_fn fn;
    void *arg;
    enum cw_status status;
    struct cw_error error;
    /* a caller on a loop: done is posted */
    cw_txn_done done;
    struct cw_mailbox *mailbox;
    /* a caller that waits: the job is on its stack, finished is under the queue's lock */
    bool waiting, finished;
};

struct cw_store_queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;  /* a job arrived, or stopping */
    pthread_cond_t finished; /* a waiting caller's job ended */
    struct cw_store_job *first, **last;
    size_t count;
    bool stopping; /* take nothing more; threads end when the queue is empty */
};

void cw_store_queue_init(struct cw_store_queue *queue);
void cw_store_queue_deinit(struct cw_store_queue *queue);

/* CW_E_BUSY "store.busy" when CW_STORE_QUEUE jobs wait, "store.stopping"; the job is then still the
 * caller's. */
enum cw_status cw_store_queue_push(struct cw_store_queue *queue, struct cw_store_job *job,
                                   struct cw_error *err) CW_MUST_USE;

/* Take up to max jobs as a list, waiting for the first; NULL when stopped and empty. */
struct cw_store_job *cw_store_queue_take(struct cw_store_queue *queue, size_t max);

/* Push a job of the caller's stack and wait until it has ended. */
enum cw_status cw_store_queue_wait(struct cw_store_queue *queue, struct cw_store_job *job,
                                   struct cw_error *err) CW_MUST_USE;

/* Hand the result to the caller; the job is gone afterwards. */
void cw_store_job_finish(struct cw_store_queue *queue, struct cw_store_job *job);

void cw_store_queue_stop(struct cw_store_queue *queue);
