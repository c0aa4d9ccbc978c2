/*
 * Responsible for: which job goes to which worker and when; deadlines; the bounded queue.
 * Does not: start or read processes (worker), nor know what a picture is (preview).
 * Runs in: the server (preview loop), the command line.
 */
#include "preview/pool.h"

#define CW_LOG_MODULE "preview"

#include <errno.h>
#include <event2/event.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/log.h"
#include "base/wire.h"
#include "cordwain/limits.h"
#include "preview/worker.h"

struct cw_pool_task {
    TAILQ_ENTRY(cw_pool_task) link; /* in a queue while `worker` is NULL */
    struct cw_pool *pool;
    struct cw_worker *worker;
    enum cw_render_kind kind;
    struct cw_buf body;
    int fds[1 + CW_RENDER_PICTURES]; /* borrowed */
    size_t fd_count;
    uint32_t id;
    uint32_t generation; /* the build its identity was computed with; 0: any */
    struct event *timer;
    cw_pool_fn fn; /* NULL after cancel */
    void *arg;
};
TAILQ_HEAD(task_queue, cw_pool_task);

/* What a worker said it is. Never changed once others can see it, freed with the pool. */
struct build {
    struct build *older;
    uint32_t generation;
    char name[CW_REPLY_NAME], fonts_digest[CW_REPLY_NAME];
};

struct cw_pool {
    struct event_base *base;
    struct cw_worker_settings settings;
    uint32_t queue_max, deadline_ms, jobs_per_worker, workers_wanted;
    struct task_queue quick, slow; /* MEASURE; RENDER and ARTWORK */
    uint32_t waiting;
    struct event *kick; /* hands out jobs from the loop, so no callback runs inside submit */
    uint32_t last_id;
    uint32_t generation;           /* 0 until the first HELLO; one more when the build changes */
    _Atomic(struct build *) build; /* the newest; NULL before. Read by any thread */
    struct cw_pool_stats stats;
    uint32_t worker_count; /* initialised so far */
    struct cw_worker *workers;
};

/* ---- tasks ----------------------------------------------------------------------------------- */

static struct task_queue *queue_of(struct cw_pool *pool, enum cw_render_kind kind) {
    return kind == CW_RENDER_MEASURE ? &pool->quick : &pool->slow;
}

static void kick(struct cw_pool *pool) {
    event_active(pool->kick, EV_TIMEOUT, 1);
}

/* Out of the queue or off its worker. The worker's state is the caller's business. */
static void detach(struct cw_pool_task *task) {
    if (task->worker != NULL) {
        task->worker->task = NULL;
        task->worker = NULL;
    } else {
        TAILQ_REMOVE(queue_of(task->pool, task->kind), task, link);
        task->pool->waiting--;
    }
}

static void task_free(struct cw_pool_task *task) {
    if (task->timer != NULL)
        event_free(task->timer);
    cw_buf_deinit(&task->body);
    free(task);
}

static void finish(struct cw_pool_task *task, const struct cw_pool_reply *reply) {
    detach(task);
    if (reply->error.status != CW_OK)
        task->pool->stats.failed++;
    if (task->fn != NULL)
        task->fn(task->arg, reply);
    task_free(task);
}

static void finish_error(struct cw_pool_task *task, const struct cw_error *error) {
    struct cw_pool_reply reply = {.error = *error};
    finish(task, &reply);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg) {
    (void)fd, (void)what;
    struct cw_pool_task *task = arg;
    if (task->worker != NULL) {
        cw_worker_stop(task->worker, CW_WORKER_TOO_SLOW); /* ends the task through `gone` */
        return;
    }
    struct cw_error error = {0};
    cw_fail(&error, CW_E_BUSY, "render.busy", "no renderer was free in time");
    task->pool->stats.busy++;
    finish_error(task, &error);
}

static void arm_deadline(struct cw_pool_task *task) {
    uint32_t ms = task->pool->deadline_ms;
    struct timeval wait = {.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    event_add(task->timer, &wait);
}

/* ---- handing out ----------------------------------------------------------------------------- */

static enum cw_status send_task(struct cw_pool_task *task, struct cw_worker *worker,
                                struct cw_error *err) {
    CW_AUTO_BUF struct cw_buf message = {0};
    cw_wire_put_u32(&message, CW_RENDER_MAGIC);
    cw_wire_put_u16(&message, CW_RENDER_VERSION);
    cw_wire_put_u16(&message, (uint16_t)task->kind);
    cw_wire_put_u32(&message, task->id);
    cw_wire_put_u32(&message, (uint32_t)task->body.length);
    cw_buf_add(&message, task->body.data, task->body.length);
    return cw_worker_send(worker, &message, &(struct cw_worker_fds){task->fds, task->fd_count},
                          err);
}

/* False when the worker turned out to be gone: the task stays first in its queue. */
static bool give(struct cw_pool_task *task, struct cw_worker *worker) {
    struct cw_error error = {0};
    enum cw_status status = send_task(task, worker, &error);
    if (status == CW_E_IO) {
        cw_worker_stop(worker, CW_WORKER_DIED);
        return false;
    }
    if (status != CW_OK) {
        finish_error(task, &error);
        return true;
    }
    detach(task);
    task->worker = worker;
    worker->task = task;
    arm_deadline(task);
    return true;
}

static struct cw_pool_task *first_waiting(struct cw_pool *pool) {
    struct cw_pool_task *task = TAILQ_FIRST(&pool->quick);
    return task != NULL ? task : TAILQ_FIRST(&pool->slow);
}

static void on_kick(evutil_socket_t fd, short what, void *arg) {
    (void)fd, (void)what;
    struct cw_pool *pool = arg;
    for (uint32_t i = 0; i < pool->worker_count; i++) {
        struct cw_pool_task *task;
        while (pool->workers[i].state == CW_WORKER_IDLE && (task = first_waiting(pool)) != NULL)
            if (!give(task, &pool->workers[i]))
                break;
    }
}

/* ---- what workers say ------------------------------------------------------------------------ */

static enum cw_status fail_upgraded(struct cw_error *err) {
    return cw_fail(err, CW_E_BUSY, "render.upgraded", "the renderer was just replaced, try again");
}

static void fail_old_tasks(struct cw_pool *pool, struct task_queue *queue) {
    struct cw_error error = {0};
    fail_upgraded(&error);
    struct cw_pool_task *task = TAILQ_FIRST(queue);
    while (task != NULL) {
        bool old = task->generation != 0 && task->generation != pool->generation;
        struct cw_pool_task *next = TAILQ_NEXT(task, link);
        if (old) {
            finish_error(task, &error);
            next = TAILQ_FIRST(queue); /* the callback may have cancelled any other */
        }
        task = next;
    }
}

/*
 * A worker of another build than the rest: the program was replaced under us. Pictures are named by
 * the build, so no job named for one may run on the other: the new build is taken over, waiting
 * jobs of the old one are refused, idle old workers end now and busy ones after their job.
 */
static void adopt_build(struct cw_pool *pool, const struct cw_reply *reply) {
    char build[CW_LOG_QUOTED], fonts[CW_LOG_QUOTED];
    cw_log_info("renderer.build", "build=%s fonts=%s", cw_log_quote(reply->build, build),
                cw_log_quote(reply->fonts_digest, fonts));
    struct build *now = calloc(1, sizeof *now);
    if (now == NULL)
        abort(); /* as arenas do */
    memcpy(now->name, reply->build, sizeof now->name);
    memcpy(now->fonts_digest, reply->fonts_digest, sizeof now->fonts_digest);
    now->older = atomic_load(&pool->build);
    now->generation = pool->generation + 1;
    atomic_store(&pool->build, now);
    if (pool->generation++ == 0)
        return;
    for (uint32_t i = 0; i < pool->worker_count; i++)
        if (pool->workers[i].state == CW_WORKER_IDLE &&
            pool->workers[i].generation != pool->generation)
            cw_worker_stop(&pool->workers[i], CW_WORKER_RECYCLED);
    fail_old_tasks(pool, &pool->quick);
    fail_old_tasks(pool, &pool->slow);
}

static void on_hello(void *owner, struct cw_worker *worker, const struct cw_reply *reply) {
    struct cw_pool *pool = owner;
    const struct build *now = atomic_load(&pool->build);
    bool same = now != NULL && strcmp(now->name, reply->build) == 0 &&
                strcmp(now->fonts_digest, reply->fonts_digest) == 0;
    worker->generation = same ? pool->generation : pool->generation + 1;
    if (!same)
        adopt_build(pool, reply);
    kick(pool);
}

static bool answers(const struct cw_pool_task *task, const struct cw_reply *reply) {
    enum cw_render_kind wanted =
        task->kind == CW_RENDER_MEASURE ? CW_RENDER_MEASURED : CW_RENDER_IMAGE;
    return reply->job == task->id && (reply->kind == wanted || reply->kind == CW_RENDER_FAILED);
}

/* The worker did its job: ready for the next, or replaced when it is worn or outdated. */
static void settle(struct cw_pool *pool, struct cw_worker *worker) {
    worker->state = CW_WORKER_IDLE;
    worker->delay_ms = 0;
    if (worker->jobs >= pool->jobs_per_worker || worker->generation != pool->generation)
        cw_worker_stop(worker, CW_WORKER_RECYCLED);
    kick(pool);
}

static void on_reply(void *owner, struct cw_worker *worker, const struct cw_reply *reply,
                     int take_fd) {
    struct cw_pool *pool = owner;
    struct cw_pool_task *task = worker->task;
    struct cw_pool_reply answer = {.error = reply->failure, .fit = reply->fit};
    bool valid = answers(task, reply);
    if (valid && reply->kind == CW_RENDER_IMAGE) {
        valid = cw_reply_map(take_fd, reply->length, &answer.image, NULL) == CW_OK;
        take_fd = -1;
        answer.width_px = reply->width_px;
        answer.height_px = reply->height_px;
        answer.draw_us = reply->draw_us;
    }
    if (take_fd >= 0)
        close(take_fd);
    /* one that ran out of memory is as good as dead: its job is told so, the next one has another
     */
    const bool dead = valid && reply->failure.status == CW_E_NOMEM;
    if (!valid || dead) {
        cw_worker_stop(worker, dead ? CW_WORKER_DIED : CW_WORKER_NONSENSE);
        return;
    }
    pool->stats.jobs++;
    detach(task);
    settle(pool, worker);
    if (answer.error.status != CW_OK)
        pool->stats.failed++;
    if (task->fn != NULL)
        task->fn(task->arg, &answer);
    cw_blob_unref(answer.image);
    task_free(task);
}

static void on_gone(void *owner, struct cw_worker *worker, enum cw_worker_end end) {
    struct cw_pool *pool = owner;
    pool->stats.recycled += end == CW_WORKER_RECYCLED;
    pool->stats.deaths += end == CW_WORKER_DIED;
    pool->stats.protocol_errors += end == CW_WORKER_NONSENSE;
    pool->stats.timeouts += end == CW_WORKER_TOO_SLOW;
    struct cw_pool_task *task = worker->task;
    if (task == NULL)
        return;
    struct cw_error error = {0};
    if (end == CW_WORKER_TOO_SLOW)
        cw_fail(&error, CW_E_TIMEOUT, "render.timeout", "the picture took too long");
    else
        cw_fail(&error, CW_E_BUSY, "render.worker_died", "the renderer failed, try again");
    finish_error(task, &error);
}

static const struct cw_worker_ops worker_ops = {
    .hello = on_hello,
    .reply = on_reply,
    .gone = on_gone,
};

/* ---- the pool -------------------------------------------------------------------------------- */

static uint32_t or_default(uint32_t value, uint32_t fallback) {
    return value == 0 ? fallback : value;
}

static uint32_t core_count(void) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > CW_RENDER_WORKERS ? CW_RENDER_WORKERS : (uint32_t)cores;
}

/* Workers run in "/", so relative paths must be made absolute before. */
static char *absolute(const char *path) {
    if (path == NULL || path[0] == '\0')
        return NULL;
    return path[0] == '/' ? strdup(path) : realpath(path, NULL);
}

static enum cw_status configure(struct cw_pool *pool, const struct cw_pool_config *config,
                                struct cw_error *err) {
    pool->queue_max = or_default(config->queue_max, CW_RENDER_QUEUE);
    pool->deadline_ms = or_default(config->deadline_ms, CW_RENDER_DEADLINE_MS);
    pool->jobs_per_worker = or_default(config->jobs_per_worker, CW_RENDER_JOBS_PER_WORKER);
    pool->workers_wanted = config->workers == 0 ? core_count() : config->workers;
    struct cw_worker_settings *s = &pool->settings;
    s->start_deadline_ms = or_default(config->start_deadline_ms, CW_RENDER_START_DEADLINE_MS);
    s->restart_min_ms = or_default(config->restart_min_ms, CW_RENDER_RESTART_MIN_MS);
    s->restart_max_ms = or_default(config->restart_max_ms, CW_RENDER_RESTART_MAX_MS);
    if (pool->workers_wanted > CW_RENDER_WORKERS)
        return cw_fail(err, CW_E_INPUT, "render.config", "at most %d renderers", CW_RENDER_WORKERS);
    s->renderer = absolute(config->renderer);
    s->fonts = absolute(config->fonts);
    if (s->renderer == NULL || s->fonts == NULL || access(s->renderer, X_OK) != 0 ||
        access(s->fonts, R_OK) != 0)
        return cw_fail(err, CW_E_INPUT, "render.config", "the renderer or its fonts are not there");
    return CW_OK;
}

static enum cw_status start_workers(struct cw_pool *pool, struct cw_error *err) {
    pool->workers = calloc(pool->workers_wanted, sizeof *pool->workers);
    pool->kick = event_new(pool->base, -1, 0, on_kick, pool);
    if (pool->workers == NULL || pool->kick == NULL)
        return cw_fail(err, CW_E_NOMEM, "memory.out", "no memory for the renderer pool");
    for (; pool->worker_count < pool->workers_wanted; pool->worker_count++) {
        struct cw_worker *worker = &pool->workers[pool->worker_count];
        worker->base = pool->base;
        worker->settings = &pool->settings;
        worker->ops = &worker_ops;
        worker->owner = pool;
        enum cw_status status = cw_worker_init(worker, err);
        if (status != CW_OK)
            return status;
    }
    return CW_OK;
}

enum cw_status cw_pool_new(struct event_base *base, const struct cw_pool_config *config,
                           struct cw_pool **ret_pool, struct cw_error *err) {
    struct cw_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return cw_fail(err, CW_E_NOMEM, "memory.out", "no memory for the renderer pool");
    pool->base = base;
    TAILQ_INIT(&pool->quick);
    TAILQ_INIT(&pool->slow);
    enum cw_status status = configure(pool, config, err);
    if (status == CW_OK)
        status = start_workers(pool, err);
    if (status != CW_OK) {
        cw_pool_free(pool);
        return status;
    }
    *ret_pool = pool;
    return CW_OK;
}

static void drop_queue(struct task_queue *queue) {
    struct cw_pool_task *task;
    while ((task = TAILQ_FIRST(queue)) != NULL) {
        TAILQ_REMOVE(queue, task, link);
        task_free(task);
    }
}

void cw_pool_free(struct cw_pool *pool) {
    if (pool == NULL)
        return;
    for (uint32_t i = 0; i < pool->worker_count; i++) {
        cw_worker_deinit(&pool->workers[i]);
        if (pool->workers[i].task != NULL)
            task_free(pool->workers[i].task);
    }
    drop_queue(&pool->quick);
    drop_queue(&pool->slow);
    if (pool->kick != NULL)
        event_free(pool->kick);
    for (struct build *build = atomic_load(&pool->build), *older; build != NULL; build = older) {
        older = build->older;
        free(build);
    }
    free(pool->workers);
    free(pool->settings.renderer);
    free(pool->settings.fonts);
    free(pool);
}

bool cw_pool_ready(const struct cw_pool *pool) {
    return cw_pool_generation(pool) != 0;
}

const char *cw_pool_build(const struct cw_pool *pool) {
    const struct build *build = atomic_load(&pool->build);
    return build != NULL ? build->name : "";
}

const char *cw_pool_fonts_digest(const struct cw_pool *pool) {
    const struct build *build = atomic_load(&pool->build);
    return build != NULL ? build->fonts_digest : "";
}

enum cw_status cw_pool_submit(struct cw_pool *pool, const struct cw_pool_job *job,
                              struct cw_pool_task **ret_task, struct cw_error *err) {
    if (job->body.length > CW_RENDER_MESSAGE_BYTES - CW_RENDER_HEADER_BYTES)
        return cw_fail(err, CW_E_LIMIT, "render.scene_too_large", "the scene is too large");
    if (job->generation != 0 && job->generation != pool->generation)
        return fail_upgraded(err);
    if (pool->waiting >= pool->queue_max) {
        pool->stats.busy++;
        return cw_fail(err, CW_E_BUSY, "render.busy", "too many pictures are waiting");
    }
    struct cw_pool_task *task = calloc(1, sizeof *task);
    if (task == NULL || (task->timer = event_new(pool->base, -1, 0, on_deadline, task)) == NULL) {
        free(task);
        return cw_fail(err, CW_E_NOMEM, "memory.out", "no memory for a job");
    }
    task->pool = pool;
    task->kind = job->kind;
    if (job->pack_fd >= 0)
        task->fds[task->fd_count++] = job->pack_fd;
    for (size_t i = 0; i < job->picture_count && i < CW_RENDER_PICTURES; i++)
        task->fds[task->fd_count++] = job->picture_fds[i];
    task->fn = job->fn;
    task->arg = job->arg;
    task->generation = job->generation;
    task->id = ++pool->last_id;
    cw_buf_add(&task->body, job->body.data, job->body.length);
    TAILQ_INSERT_TAIL(queue_of(pool, job->kind), task, link);
    pool->waiting++;
    arm_deadline(task);
    kick(pool);
    if (ret_task != NULL)
        *ret_task = task;
    return CW_OK;
}

void cw_pool_cancel(struct cw_pool_task *task) {
    task->fn = NULL;
    if (task->worker != NULL)
        return;
    detach(task);
    task_free(task);
}

bool cw_pool_is_waiting(const struct cw_pool_task *task) {
    return task->worker == NULL;
}

uint32_t cw_pool_generation(const struct cw_pool *pool) {
    const struct build *build = atomic_load(&pool->build);
    return build != NULL ? build->generation : 0;
}

void cw_pool_stats(const struct cw_pool *pool, struct cw_pool_stats *ret_stats) {
    *ret_stats = pool->stats;
    ret_stats->waiting = pool->waiting;
    for (uint32_t i = 0; i < pool->worker_count; i++) {
        const struct cw_worker *worker = &pool->workers[i];
        ret_stats->starts += worker->starts;
        ret_stats->at_work += worker->state == CW_WORKER_BUSY;
        ret_stats->workers_up += worker->state == CW_WORKER_BUSY || worker->state == CW_WORKER_IDLE;
    }
}
