/*
 * The bounded queue of store jobs and the way back of their results.
 * Does not run jobs and knows no database.
 * Runs in: every thread of a process that uses a store.
 */
#include "store/queue.h"

#include <stdlib.h>

#include "cordwain/limits.h"

void cw_store_queue_init(struct cw_store_queue *queue) {
    *queue = (struct cw_store_queue){.last = &queue->first};
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->changed, NULL);
    pthread_cond_init(&queue->finished, NULL);
}

void cw_store_queue_deinit(struct cw_store_queue *queue) {
    pthread_cond_destroy(&queue->finished);
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->lock);
}

enum cw_status cw_store_queue_push(struct cw_store_queue *queue, struct cw_store_job *job,
                                   struct cw_error *err) {
    pthread_mutex_lock(&queue->lock);
    bool stopping = queue->stopping, full = queue->count == CW_STORE_QUEUE;
    if (!stopping && !full) {
        job->next = NULL;
        *queue->last = job;
        queue->last = &job->next;
        queue->count++;
        pthread_cond_signal(&queue->changed);
    }
    pthread_mutex_unlock(&queue->lock);
    if (stopping)
        return cw_fail(err, CW_E_BUSY, "store.stopping", "the server is shutting down");
    if (full)
        return cw_fail(err, CW_E_BUSY, "store.busy", "too many requests wait for the store");
    return CW_OK;
}

struct cw_store_job *cw_store_queue_take(struct cw_store_queue *queue, size_t max) {
    pthread_mutex_lock(&queue->lock);
    while (queue->first == NULL && !queue->stopping)
        pthread_cond_wait(&queue->changed, &queue->lock);
    struct cw_store_job *jobs = queue->first, **end = &queue->first;
    for (size_t taken = 0; *end != NULL && taken < max; taken++, queue->count--)
        end = &(*end)->next;
    struct cw_store_job *rest = *end;
    if (jobs != NULL)
        *end = NULL;
    queue->first = rest;
    if (rest == NULL)
        queue->last = &queue->first;
    pthread_mutex_unlock(&queue->lock);
    return jobs;
}

enum cw_status cw_store_queue_wait(struct cw_store_queue *queue, struct cw_store_job *job,
                                   struct cw_error *err) {
    job->waiting = true;
    enum cw_status status = cw_store_queue_push(queue, job, err);
    if (status != CW_OK)
        return status;
    pthread_mutex_lock(&queue->lock);
    while (!job->finished)
        pthread_cond_wait(&queue->finished, &queue->lock);
    pthread_mutex_unlock(&queue->lock);
    if (job->status != CW_OK && err != NULL)
        *err = job->error;
    return job->status;
}

/* On the caller's loop. */
static void deliver(void *arg) {
    struct cw_store_job *job = arg;
    job->done(job->arg, job->status, &job->error);
    free(job);
}

void cw_store_job_finish(struct cw_store_queue *queue, struct cw_store_job *job) {
    if (job->waiting) {
        pthread_mutex_lock(&queue->lock);
        job->finished = true;
        pthread_cond_broadcast(&queue->finished);
        pthread_mutex_unlock(&queue->lock);
    } else {
        cw_mailbox_post(job->mailbox, deliver, job);
    }
}

void cw_store_queue_stop(struct cw_store_queue *queue) {
    pthread_mutex_lock(&queue->lock);
    queue->stopping = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}
