/*
 * Responsible for: threads that take jobs from a bounded queue and post their ends to the loop that
 * asked.
 * Does not: know what the jobs do, or give one up. Any process; pushed to from any thread.
 */
#include "base/crew.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>

struct job {
    struct job *next;
    struct cw_crew_job asked;
};

struct cw_crew {
    struct cw_crew_config config;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a job arrived, or stopping */
    struct job *first, **last;
    size_t waiting;
    bool stopping;
    unsigned started;
    pthread_t threads[];
};

/* NULL when stopped and empty. */
static struct job *take(struct cw_crew *crew) {
    pthread_mutex_lock(&crew->lock);
    while (!crew->first && !crew->stopping) {
        pthread_cond_wait(&crew->changed, &crew->lock);
    }
    struct job *job = crew->first;
    if (job) {
        crew->first = job->next;
        crew->last = crew->first ? crew->last : &crew->first;
        crew->waiting--;
    }
    pthread_mutex_unlock(&crew->lock);
    return job;
}

static bool is_stopping(struct cw_crew *crew) {
    pthread_mutex_lock(&crew->lock);
    bool stopping = crew->stopping;
    pthread_mutex_unlock(&crew->lock);
    return stopping;
}

static void *work(void *arg) {
    struct cw_crew *crew = arg;
    struct job *job;
    /* Linux: the calling thread's own value, inherited by processes it starts (setpriority(2)). */
    (void)setpriority(PRIO_PROCESS, 0, crew->config.nice);
    while ((job = take(crew)) != NULL) {
        if (!is_stopping(crew)) {
            job->asked.run(job->asked.arg);
        }
        if (job->asked.done) {
            cw_mailbox_post(job->asked.mailbox, job->asked.done, job->asked.arg);
        }
        free(job);
    }
    return NULL;
}

enum cw_status cw_crew_new(const struct cw_crew_config *config, struct cw_crew **ret_crew,
                           struct cw_error *err) {
    struct cw_crew *crew = calloc(1, sizeof *crew + config->threads * sizeof *crew->threads);
    if (!crew) {
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    crew->config = *config;
    crew->last = &crew->first;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->changed, NULL);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (crew->started < config->threads &&
           pthread_create(&crew->threads[crew->started], NULL, work, crew) == 0) {
        crew->started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (crew->started == 0) {
        cw_crew_free(crew);
        return cw_fail(err, CW_E_IO, "crew.threads", "no thread can be started");
    }
    *ret_crew = crew;
    return CW_OK;
}

enum cw_status cw_crew_push(struct cw_crew *crew, const struct cw_crew_job *job,
                            struct cw_error *err) {
    struct job *queued = malloc(sizeof *queued);
    if (!queued) {
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    *queued = (struct job){.asked = *job};
    pthread_mutex_lock(&crew->lock);
    bool stopping = crew->stopping, full = crew->waiting >= crew->config.waiting;
    if (!stopping && !full) {
        *crew->last = queued;
        crew->last = &queued->next;
        crew->waiting++;
        pthread_cond_signal(&crew->changed);
        queued = NULL;
    }
    pthread_mutex_unlock(&crew->lock);
    free(queued);
    if (stopping) {
        return cw_fail(err, CW_E_BUSY, "crew.stopping", "the server is shutting down");
    }
    return full ? cw_fail(err, CW_E_BUSY, "crew.busy", "too much is waiting, try again") : CW_OK;
}

void cw_crew_stop(struct cw_crew *crew) {
    pthread_mutex_lock(&crew->lock);
    crew->stopping = true;
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
}

void cw_crew_free(struct cw_crew *crew) {
    if (!crew) {
        return;
    }
    cw_crew_stop(crew);
    for (unsigned i = 0; i < crew->started; i++) {
        pthread_join(crew->threads[i], NULL);
    }
    pthread_cond_destroy(&crew->changed);
    pthread_mutex_destroy(&crew->lock);
    free(crew);
}
