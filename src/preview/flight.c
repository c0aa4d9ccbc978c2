/*
 * Responsible for: one picture from request to answer, as a list of steps, shared by all who ask
 * for the same one meanwhile. Does not: compute identities (preview) or talk to workers (pool).
 * Runs in: the server (preview loop), the command line.
 */
#include "preview/service.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "cordwain/limits.h"
#include "preview/picture_keep.h"
#include "preview/scene_encode.h"

enum step_result {
    STEP_NEXT,
    STEP_PENDING,  /* flight_resume goes on later */
    STEP_ANSWERED, /* blob or error is set */
    STEP_JOINED    /* the wait moved to another flight; this one is gone */
};

static void flight_resume(struct flight *flight);

static enum step_result failed(struct flight *flight, const struct cw_error *error) {
    flight->error = *error;
    flight->preview->stats.failures++;
    return STEP_ANSWERED;
}

/* ---- steps ----------------------------------------------------------------------------------- */

static enum step_result step_memory(struct flight *flight) {
    struct cw_preview *preview = flight->preview;
    flight->blob = cw_cache_memory_get(preview->memory, flight->identity);
    if (flight->blob == NULL)
        return STEP_NEXT;
    preview->stats.memory_hits++;
    flight->source = CW_PREVIEW_MEMORY;
    return STEP_ANSWERED;
}

static enum step_result step_join(struct flight *flight) {
    struct cw_preview *preview = flight->preview;
    struct flight *other;
    TAILQ_FOREACH(other, &preview->flights, link) {
        if (memcmp(other->identity, flight->identity, CW_IDENTITY_BYTES) != 0)
            continue;
        struct cw_preview_wait *wait = TAILQ_FIRST(&flight->waits);
        TAILQ_REMOVE(&flight->waits, wait, link);
        TAILQ_INSERT_TAIL(&other->waits, wait, link);
        wait->flight = other;
        preview->stats.joins++;
        cw_flight_free(flight);
        return STEP_JOINED;
    }
    return STEP_NEXT;
}

static enum cw_status open_picture(struct flight *flight, const char *digest,
                                   struct cw_error *err) {
    char path[PATH_MAX];
    const char *folder = flight->preview->pictures;
    if (flight->picture_count == CW_RENDER_PICTURES)
        return cw_fail(err, CW_E_LIMIT, "render.too_many_pictures",
                       "more than %d pictures cannot be drawn together", CW_RENDER_PICTURES);
    bool named = folder && cw_picture_path(folder, digest, CW_PICTURE_LEVEL, path, sizeof path);
    int fd = named ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) {
        (void)cw_fail(err, CW_E_IO, "artwork.file", "the picture's file cannot be read");
        cw_error_detail(err, "%s", digest);
        return CW_E_IO;
    }
    flight->picture_fds[flight->picture_count++] = fd;
    return CW_OK;
}

/* In the order of the scene's decals. Only names are looked up here; the worker reads. */
static enum cw_status open_pictures(struct flight *flight, struct cw_error *err) {
    const struct cw_resolved *resolved = flight->request->resolved;
    enum cw_status status = CW_OK;
    for (size_t i = 0; i < resolved->decal_count && status == CW_OK; i++) {
        const struct cw_resolved_decal *decal = &resolved->decals[i];
        if (decal->kind == CW_DECAL_ARTWORK &&
            (flight->kind == CW_RENDER_RENDER || decal->surface == flight->surface))
            status = open_picture(flight, decal->artwork->digest, err);
    }
    return status;
}

static enum cw_status open_pack(struct flight *flight, struct cw_error *err) {
    const struct cw_product *product = flight->request->resolved->product;
    flight->pack_fd = cw_preview_pack_fd(flight->preview, product->art_digest);
    if (flight->pack_fd < 0)
        return cw_fail(err, CW_E_NOT_FOUND, "render.art_missing", "the product's art is not here");
    return CW_OK;
}

static enum cw_status encode(struct flight *flight, struct cw_arena *arena, struct cw_error *err) {
    const struct cw_resolved *resolved = flight->request->resolved;
    struct cw_scene scene;
    enum cw_status status;
    status = open_pictures(flight, err);
    if (status != CW_OK)
        return status;
    if (flight->kind == CW_RENDER_ARTWORK) {
        struct cw_scene_artwork artwork;
        const struct cw_artwork_request request = {resolved, flight->surface, flight->format};
        status = cw_scene_artwork_build(&request, arena, &artwork, err);
        if (status == CW_OK)
            status = cw_scene_encode_artwork(&artwork, &flight->body, err);
        return status == CW_OK && cw_resolved_has_tile(resolved, flight->surface)
                   ? open_pack(flight, err)
                   : status;
    }
    char mark[CW_IDENTITY_TEXT];
    cw_identity_text(flight->identity, mark);
    status = cw_scene_from_resolved(flight->request, arena, &scene, err);
    scene.mark = mark;
    if (status == CW_OK)
        status = cw_scene_encode(&scene, &flight->body, err);
    return status == CW_OK ? open_pack(flight, err) : status;
}

static enum step_result step_encode(struct flight *flight) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_error error = {0};
    enum cw_status status = arena == NULL
                                ? cw_fail(&error, CW_E_NOMEM, "memory.out", "no memory for a scene")
                                : encode(flight, arena, &error);
    if (status != CW_OK)
        return failed(flight, &error);
    TAILQ_INSERT_TAIL(&flight->preview->flights, flight, link);
    flight->listed = true;
    return STEP_NEXT;
}

static void on_shared(void *arg, struct cw_blob *blob) {
    struct flight *flight = arg;
    flight->pending = false;
    flight->blob = blob == NULL ? NULL : cw_blob_ref(blob);
    if (!flight->asking)
        flight_resume(flight);
}

static enum step_result step_ask_shared(struct flight *flight) {
    struct cw_cache *cache = flight->preview->cache;
    flight->pending = true;
    flight->asking = true;
    cache->ops->get(cache, flight->identity, on_shared, flight);
    flight->asking = false;
    return flight->pending ? STEP_PENDING : STEP_NEXT;
}

static enum step_result step_take_shared(struct flight *flight) {
    struct cw_preview *preview = flight->preview;
    if (flight->blob == NULL) {
        preview->stats.misses++;
        return STEP_NEXT;
    }
    preview->stats.shared_hits++;
    flight->source = CW_PREVIEW_SHARED;
    cw_cache_memory_set(preview->memory, flight->identity, flight->blob);
    return STEP_ANSWERED;
}

static void on_rendered(void *arg, const struct cw_pool_reply *reply) {
    struct flight *flight = arg;
    flight->task = NULL;
    flight->error = reply->error;
    flight->blob = reply->image == NULL ? NULL : cw_blob_ref(reply->image);
    flight_resume(flight);
}

static enum step_result step_ask_render(struct flight *flight) {
    struct cw_preview *preview = flight->preview;
    if (TAILQ_EMPTY(&flight->waits))
        return STEP_ANSWERED; /* all gave up while the shared cache was asked */
    struct cw_pool_job job = {
        .kind = flight->kind,
        .body = {.data = (const uint8_t *)flight->body.data, .length = flight->body.length},
        .pack_fd = flight->pack_fd,
        .picture_fds = flight->picture_fds,
        .picture_count = flight->picture_count,
        .generation = flight->generation,
        .fn = on_rendered,
        .arg = flight,
    };
    struct cw_error error = {0};
    if (cw_pool_submit(preview->pool, &job, &flight->task, &error) != CW_OK)
        return failed(flight, &error);
    preview->stats.renders++;
    return STEP_PENDING;
}

static enum step_result step_take_render(struct flight *flight) {
    if (flight->error.status == CW_OK && flight->blob == NULL)
        cw_fail(&flight->error, CW_E_BUG, "render.failed", "the renderer gave no picture");
    if (flight->error.status != CW_OK) {
        flight->preview->stats.failures++;
        return STEP_ANSWERED;
    }
    flight->source = CW_PREVIEW_RENDERED;
    return STEP_NEXT;
}

static enum step_result step_fill(struct flight *flight) {
    struct cw_preview *preview = flight->preview;
    cw_cache_memory_set(preview->memory, flight->identity, flight->blob);
    preview->cache->ops->set(preview->cache, flight->identity, flight->blob);
    return STEP_ANSWERED;
}

/* A preview, in order. A row that answers ends the flight; a pending one resumes at the next row.
 */
static const struct {
    const char *name;
    enum step_result (*run)(struct flight *flight);
} steps[] = {
    {"memory", step_memory},           {"join", step_join},
    {"encode", step_encode},           {"ask_shared", step_ask_shared},
    {"take_shared", step_take_shared}, {"ask_render", step_ask_render},
    {"take_render", step_take_render}, {"fill", step_fill},
};

/* ---- running --------------------------------------------------------------------------------- */

static void answer(struct flight *flight, struct cw_preview_wait *wait) {
    struct cw_preview_result result = {
        .error = flight->error,
        .blob = flight->error.status == CW_OK ? flight->blob : NULL,
        .content_type = cw_format_content_type(flight->format),
        .source = flight->source,
    };
    memcpy(result.identity, flight->identity, CW_IDENTITY_BYTES);
    wait->fn(wait->arg, &result);
}

/* Tell all who wait. Off the list first: a callback may ask for the same picture again. */
static void land(struct flight *flight) {
    struct cw_preview_wait *wait;
    flight->landing = true;
    if (flight->listed)
        TAILQ_REMOVE(&flight->preview->flights, flight, link);
    flight->listed = false;
    while ((wait = TAILQ_FIRST(&flight->waits)) != NULL) {
        TAILQ_REMOVE(&flight->waits, wait, link);
        if (wait->ret_done != NULL)
            *wait->ret_done = true;
        answer(flight, wait);
        free(wait);
    }
    cw_flight_free(flight);
}

static void flight_resume(struct flight *flight) {
    while (flight->step < sizeof steps / sizeof *steps) {
        enum step_result result = steps[flight->step++].run(flight);
        if (result == STEP_PENDING || result == STEP_JOINED)
            return;
        if (result == STEP_ANSWERED)
            break;
    }
    land(flight);
}

struct flight *cw_flight_new(struct cw_preview *preview) {
    struct flight *flight = calloc(1, sizeof *flight);
    if (flight == NULL)
        return NULL;
    flight->preview = preview;
    flight->pack_fd = -1;
    TAILQ_INIT(&flight->waits);
    return flight;
}

void cw_flight_free(struct flight *flight) {
    struct cw_preview_wait *wait;
    if (flight->task != NULL)
        cw_pool_cancel(flight->task);
    if (flight->listed)
        TAILQ_REMOVE(&flight->preview->flights, flight, link);
    while ((wait = TAILQ_FIRST(&flight->waits)) != NULL) {
        TAILQ_REMOVE(&flight->waits, wait, link);
        free(wait);
    }
    for (size_t i = 0; i < flight->picture_count; i++)
        (void)close(flight->picture_fds[i]);
    cw_blob_unref(flight->blob);
    cw_buf_deinit(&flight->body);
    free(flight);
}

struct cw_preview_wait *cw_flight_start(struct flight *take_flight, cw_preview_fn fn, void *arg) {
    struct flight *flight = take_flight;
    struct cw_preview_wait *wait = calloc(1, sizeof *wait);
    if (wait == NULL) {
        struct cw_preview_wait once = {.fn = fn, .arg = arg};
        cw_fail(&flight->error, CW_E_NOMEM, "memory.out", "no memory for a preview");
        answer(flight, &once);
        cw_flight_free(flight);
        return NULL;
    }
    bool done = false;
    wait->flight = flight;
    wait->fn = fn;
    wait->arg = arg;
    wait->ret_done = &done;
    TAILQ_INSERT_TAIL(&flight->waits, wait, link);
    if (flight->error.status == CW_OK)
        flight_resume(flight);
    else
        land(flight);
    if (done)
        return NULL;
    wait->ret_done = NULL;
    wait->flight->request = NULL; /* it was the caller's */
    return wait;
}

void cw_preview_cancel(struct cw_preview_wait *wait) {
    struct flight *flight = wait->flight;
    TAILQ_REMOVE(&flight->waits, wait, link);
    free(wait);
    flight->preview->stats.cancelled++;
    /* A picture being drawn is finished and kept; one nobody waits for need not be begun. */
    if (!flight->landing && TAILQ_EMPTY(&flight->waits) && flight->task != NULL &&
        cw_pool_is_waiting(flight->task))
        cw_flight_free(flight);
}
