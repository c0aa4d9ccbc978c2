/*
 * The renderer pool: N worker processes, a bounded queue, one job per worker at a time.
 *
 * One loop thread owns a pool; nothing here blocks but starting a process (a few hundred µs) and
 * cw_pool_free. A worker that dies, hangs or answers nonsense costs the one job it had.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "cordwain/resolved.h"
#include "cordwain/scene.h"

struct event_base;
struct cw_pool;
struct cw_pool_task; /* one submitted job; valid until its callback has run */

struct cw_pool_config {   /* borrowed for the call; a 0 takes the limit of cordwain/limits.h */
    const char *renderer; /* path of cordwain-renderer */
    const char *fonts;    /* path of fonts.json */
    uint32_t workers;     /* 1..CW_RENDER_WORKERS; 0: one per core */
    uint32_t queue_max;   /* jobs waiting */
    uint32_t deadline_ms; /* for a job at work, and for a job waiting */
    uint32_t start_deadline_ms; /* until HELLO */
    uint32_t jobs_per_worker;
    uint32_t restart_min_ms, restart_max_ms;
};

struct cw_pool_reply {
    struct cw_error error; /* status CW_OK, or why there is no answer */
    struct cw_blob *image; /* RENDER, ARTWORK; borrowed, take a reference to keep it */
    uint32_t width_px, height_px, draw_us;
    struct cw_text_fit fit; /* MEASURE; fit.option is CW_NONE */
};
typedef void (*cw_pool_fn)(void *arg, const struct cw_pool_reply *reply);

struct cw_pool_job {
    enum cw_render_kind kind; /* RENDER, MEASURE or ARTWORK; MEASURE goes before the others */
    struct cw_bytes body;     /* encoded; copied */
    int pack_fd; /* the art pack of a RENDER and an ARTWORK with a tile, open until the callback;
                    else -1 */
    const int *picture_fds; /* RENDER, ARTWORK: levels of pictures; copied, open as the pack */
    size_t picture_count;   /* at most CW_RENDER_PICTURES */
    uint32_t generation;    /* cw_pool_generation when the job was named; 0: any build will do */
    cw_pool_fn fn;          /* runs once, from the loop, never inside submit; not after cancel */
    void *arg;
};

struct cw_pool_stats {
    uint64_t jobs, failed, busy, timeouts, deaths, recycled, starts, protocol_errors;
    uint32_t waiting, at_work, workers_up;
};

/**
 * Start the workers. They report by HELLO later: see cw_pool_ready.
 * @param base     loop that will run everything; outlives the pool
 * @param config   borrowed for the call
 * @param ret_pool the caller frees it with cw_pool_free
 * @units   ms in config
 * @owner   caller
 * @errors  CW_E_INPUT "render.config" (program or fonts not there, too many workers); CW_E_NOMEM,
 *          CW_E_IO "render.event". A program that does not start, or stops being there later, is
 *          tried again with growing delay
 * @cost    one process start per worker
 * @source  none
 */
enum cw_status cw_pool_new(struct event_base *base, const struct cw_pool_config *config,
                           struct cw_pool **ret_pool, struct cw_error *err) CW_MUST_USE;

/* Kills and reaps the workers by their pid. Waiting callbacks are dropped, not called. NULL is
 * fine. */
void cw_pool_free(struct cw_pool *pool);

/* True once a worker has said HELLO; then build and fonts digest are known. They name the newest
 * build; each string stays valid until the pool is freed. These four may be asked by any thread. */
bool cw_pool_ready(const struct cw_pool *pool);
const char *cw_pool_build(const struct cw_pool *pool);        /* "" before */
const char *cw_pool_fonts_digest(const struct cw_pool *pool); /* "" before */
uint32_t cw_pool_generation(const struct cw_pool *pool);      /* counts builds seen; 0 before */

/**
 * Give a job to an idle worker or put it in the queue.
 * @param job      borrowed for the call; its body is copied
 * @param ret_task may be NULL; for cw_pool_cancel
 * @units   none
 * @owner   the pool owns the task; it ends when fn returns
 * @errors  CW_E_BUSY "render.busy" when the queue is full; CW_E_LIMIT "render.scene_too_large";
 *          CW_E_BUSY "render.upgraded" when the job was named for another build;
 *          to fn: CW_E_TIMEOUT "render.timeout", CW_E_BUSY "render.busy" (waited too long) |
 *          "render.worker_died" | "render.upgraded", or what the worker reported
 * @cost    one copy of the body, one sendmsg when a worker is idle
 * @source  none
 */
enum cw_status cw_pool_submit(struct cw_pool *pool, const struct cw_pool_job *job,
                              struct cw_pool_task **ret_task, struct cw_error *err) CW_MUST_USE;

/* fn will not run. A waiting job leaves the queue; one at work ends by itself, unheard. */
void cw_pool_cancel(struct cw_pool_task *task);

/* Still in the queue? */
bool cw_pool_is_waiting(const struct cw_pool_task *task);

void cw_pool_stats(const struct cw_pool *pool, struct cw_pool_stats *ret_stats);
