/*
 * Responsible for: previews for a program without an event loop: a private one runs until the
 * answer. Does not: belong in a server (all of it blocks), except cw_sync_wait_ready before it
 * listens. Runs in: the command line; the server at start-up.
 */
#include "preview/sync.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cordwain/limits.h"
#include "preview/service.h"

struct cw_sync {
    struct event_base *base;
    struct cw_pool *pool;
    struct cw_preview *preview;
};

struct answer {
    bool done;
    struct cw_error error;
    struct cw_blob *blob;
    struct cw_arena *arena;
    struct cw_text_fit *fits;
};

static void on_tick(evutil_socket_t fd, short what, void *arg) {
    (void)fd, (void)what, (void)arg;
}

enum cw_status cw_sync_wait_ready(struct event_base *base, const struct cw_pool *pool,
                                  uint32_t timeout_ms, struct cw_error *err) {
    int64_t end = cw_clock_monotonic_ms(&cw_clock_system) + timeout_ms;
    struct timeval tick = {.tv_usec = 10000}; /* so that the loop turns while nothing happens */
    struct event *timer = event_new(base, -1, EV_PERSIST, on_tick, NULL);
    if (timer == NULL || event_add(timer, &tick) != 0) {
        if (timer != NULL)
            event_free(timer);
        return cw_fail(err, CW_E_NOMEM, "memory.out", "no memory for a timer");
    }
    while (!cw_pool_ready(pool) && cw_clock_monotonic_ms(&cw_clock_system) < end)
        if (event_base_loop(base, EVLOOP_ONCE) < 0)
            break;
    event_free(timer);
    if (!cw_pool_ready(pool))
        return cw_fail(err, CW_E_TIMEOUT, "render.starting", "the renderer did not start");
    return CW_OK;
}

enum cw_status cw_sync_new(const char *renderer, const char *fonts, struct cw_sync **ret_sync,
                           struct cw_error *err) {
    struct cw_sync *sync = calloc(1, sizeof *sync);
    if (sync == NULL || (sync->base = event_base_new()) == NULL) {
        cw_sync_free(sync);
        return cw_fail(err, CW_E_NOMEM, "memory.out", "no memory for a loop");
    }
    struct cw_pool_config config = {.renderer = renderer, .fonts = fonts, .workers = 1};
    enum cw_status status = cw_pool_new(sync->base, &config, &sync->pool, err);
    if (status == CW_OK) {
        struct cw_preview_config preview_config = {.pool = sync->pool};
        sync->preview = cw_preview_new(&preview_config);
        if (sync->preview == NULL)
            status = cw_fail(err, CW_E_NOMEM, "memory.out", "no memory for previews");
    }
    if (status == CW_OK)
        status = cw_sync_wait_ready(sync->base, sync->pool, CW_RENDER_START_DEADLINE_MS, err);
    if (status != CW_OK) {
        cw_sync_free(sync);
        return status;
    }
    *ret_sync = sync;
    return CW_OK;
}

void cw_sync_free(struct cw_sync *sync) {
    if (sync == NULL)
        return;
    cw_preview_free(sync->preview);
    cw_pool_free(sync->pool);
    if (sync->base != NULL)
        event_base_free(sync->base);
    free(sync);
}

struct cw_preview *cw_sync_service(struct cw_sync *sync) {
    return sync->preview;
}

void cw_sync_show_pictures(struct cw_sync *sync, const char *folder) {
    sync->preview->pictures = folder;
}

static void on_picture(void *arg, const struct cw_preview_result *result) {
    struct answer *answer = arg;
    answer->done = true;
    answer->error = result->error;
    answer->blob = result->blob == NULL ? NULL : cw_blob_ref(result->blob);
}

static void on_fits(void *arg, const struct cw_measure_result *result) {
    struct answer *answer = arg;
    answer->done = true;
    answer->error = result->error;
    if (result->error.status != CW_OK)
        return;
    answer->fits = cw_arena_array(answer->arena, result->count + 1, sizeof *answer->fits);
    if (result->count > 0)
        memcpy(answer->fits, result->fits, result->count * sizeof *answer->fits);
}

/* The pool's deadlines end every job, so this ends too. */
static enum cw_status wait_answer(struct cw_sync *sync, struct answer *answer,
                                  struct cw_error *err) {
    while (!answer->done)
        if (event_base_loop(sync->base, EVLOOP_ONCE) != 0)
            return cw_fail(err, CW_E_BUG, "render.loop", "the loop ended without an answer");
    if (answer->error.status != CW_OK && err != NULL)
        *err = answer->error;
    return answer->error.status;
}

enum cw_status cw_sync_render(struct cw_sync *sync, const struct cw_scene_request *request,
                              struct cw_blob **ret_blob, struct cw_error *err) {
    struct answer answer = {0};
    cw_preview_get(sync->preview, request, on_picture, &answer);
    enum cw_status status = wait_answer(sync, &answer, err);
    if (status == CW_OK)
        *ret_blob = answer.blob;
    return status;
}

enum cw_status cw_sync_artwork(struct cw_sync *sync, const struct cw_artwork_request *request,
                               struct cw_blob **ret_blob, struct cw_error *err) {
    struct answer answer = {0};
    cw_preview_artwork(sync->preview, request, on_picture, &answer);
    enum cw_status status = wait_answer(sync, &answer, err);
    if (status == CW_OK)
        *ret_blob = answer.blob;
    return status;
}

enum cw_status cw_sync_measure(struct cw_sync *sync, const struct cw_measure_request *request,
                               struct cw_arena *arena, struct cw_text_fit **ret_fits,
                               struct cw_error *err) {
    struct answer answer = {.arena = arena};
    cw_preview_measure(sync->preview, request, on_fits, &answer);
    enum cw_status status = wait_answer(sync, &answer, err);
    if (status == CW_OK)
        *ret_fits = answer.fits;
    return status;
}
