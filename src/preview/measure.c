/*
 * Responsible for: asking the renderer how texts fit, several at once, and remembering the answers.
 * Does not: judge a verdict (configure does).
 * Runs in: the server (preview loop; what preview.h says on any thread), the command line.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/wire.h"
#include "preview/scene_encode.h"
#include "preview/service.h"

struct item {
    struct cw_measure *measure;
    uint8_t key[CW_IDENTITY_BYTES];
    struct cw_pool_task *task;
    uint32_t option;
};

struct cw_measure {
    TAILQ_ENTRY(cw_measure) link;
    struct cw_preview *preview;
    cw_measure_fn fn;
    void *arg;
    size_t count, pending;
    struct item *items;
    struct cw_text_fit *fits;
};

static void measure_free(struct cw_measure *measure) {
    for (size_t i = 0; i < measure->count; i++)
        if (measure->items[i].task != NULL)
            cw_pool_cancel(measure->items[i].task);
    TAILQ_REMOVE(&measure->preview->measures, measure, link);
    free(measure->items);
    free(measure->fits);
    free(measure);
}

static void finish(struct cw_measure *measure, const struct cw_error *error) {
    struct cw_measure_result result = {0};
    if (error != NULL) {
        result.error = *error;
        measure->preview->stats.failures++;
    } else {
        result.count = measure->count;
        result.fits = measure->fits;
    }
    measure->fn(measure->arg, &result);
    measure_free(measure);
}

static void on_measured(void *arg, const struct cw_pool_reply *reply) {
    struct item *item = arg;
    struct cw_measure *measure = item->measure;
    item->task = NULL;
    if (reply->error.status != CW_OK) {
        finish(measure, &reply->error);
        return;
    }
    struct cw_blob *blob = cw_blob_new(&reply->fit, sizeof reply->fit);
    cw_cache_memory_set(measure->preview->measured, item->key, blob);
    cw_blob_unref(blob);
    struct cw_text_fit *fit = &measure->fits[item - measure->items];
    *fit = reply->fit;
    fit->option = item->option;
    if (--measure->pending == 0)
        finish(measure, NULL);
}

/* A measurement depends on the decal, the program and the fonts, and on nothing else. */
static void compute_key(const struct cw_preview *preview, const struct cw_buf *body,
                        uint8_t ret_key[CW_IDENTITY_BYTES]) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_wire_put_str(&buf, "cordwain measure 1");
    cw_wire_put_str(&buf, cw_pool_build(preview->pool));
    cw_wire_put_str(&buf, cw_pool_fonts_digest(preview->pool));
    cw_buf_add(&buf, body->data, body->length);
    cw_sha256(buf.data, buf.length, ret_key);
}

/* What a worker is asked about one text, and the name of its answer. */
static enum cw_status question(const struct cw_preview *preview, const struct cw_product *product,
                               const struct cw_resolved_decal *decal, struct cw_buf *body,
                               uint8_t ret_key[CW_IDENTITY_BYTES], struct cw_error *err) {
    struct cw_scene_decal scene_decal;
    enum cw_status status = cw_scene_decal_build(product, decal, &scene_decal, err);
    if (status == CW_OK)
        status = cw_scene_encode_decal(&scene_decal, body, err);
    if (status == CW_OK)
        compute_key(preview, body, ret_key);
    return status;
}

static bool recall(struct cw_preview *preview, const uint8_t key[CW_IDENTITY_BYTES],
                   uint32_t option, struct cw_text_fit *ret_fit) {
    struct cw_blob *blob = cw_cache_memory_get(preview->measured, key);
    if (blob == NULL)
        return false;
    memcpy(ret_fit, cw_blob_data(blob), sizeof *ret_fit);
    cw_blob_unref(blob);
    ret_fit->option = option;
    return true;
}

bool cw_preview_measured(struct cw_preview *preview, const struct cw_measure_request *request,
                         struct cw_text_fit *ret_fits, size_t *ret_count) {
    size_t count = 0;
    bool known = cw_pool_ready(preview->pool);
    for (size_t i = 0; known && i < request->count; i++) {
        CW_AUTO_BUF struct cw_buf body = {0};
        uint8_t key[CW_IDENTITY_BYTES];
        const struct cw_resolved_decal *decal = &request->decals[i];
        if (decal->kind == CW_DECAL_TEXT)
            known = question(preview, request->product, decal, &body, key, NULL) == CW_OK &&
                    recall(preview, key, decal->option, &ret_fits[count++]);
    }
    if (known)
        atomic_fetch_add_explicit(&preview->recalled, count, memory_order_relaxed);
    *ret_count = count;
    return known;
}

/* Recalls or submits one text. */
static enum cw_status measure_one(struct cw_measure *measure, const struct cw_product *product,
                                  const struct cw_resolved_decal *decal, struct cw_error *err) {
    CW_AUTO_BUF struct cw_buf body = {0};
    struct cw_preview *preview = measure->preview;
    size_t at = measure->count++;
    struct item *item = &measure->items[at];
    item->measure = measure;
    item->option = decal->option;
    enum cw_status status = question(preview, product, decal, &body, item->key, err);
    if (status != CW_OK)
        return status;
    if (recall(preview, item->key, item->option, &measure->fits[at])) {
        preview->stats.measure_hits++;
        return CW_OK;
    }
    struct cw_pool_job job = {
        .kind = CW_RENDER_MEASURE,
        .body = {.data = (const uint8_t *)body.data, .length = body.length},
        .pack_fd = -1,
        .generation = cw_pool_generation(preview->pool),
        .fn = on_measured,
        .arg = item,
    };
    status = cw_pool_submit(preview->pool, &job, &item->task, err);
    if (status != CW_OK)
        return status;
    preview->stats.measures++;
    measure->pending++;
    return CW_OK;
}

static enum cw_status measure_all(struct cw_measure *measure,
                                  const struct cw_measure_request *request, struct cw_error *err) {
    if (!cw_pool_ready(measure->preview->pool))
        return cw_fail(err, CW_E_BUSY, "render.starting", "the renderer is starting, try again");
    enum cw_status status = CW_OK;
    for (size_t i = 0; status == CW_OK && i < request->count; i++)
        if (request->decals[i].kind == CW_DECAL_TEXT)
            status = measure_one(measure, request->product, &request->decals[i], err);
    return status;
}

static struct cw_measure *measure_new(struct cw_preview *preview, size_t count) {
    struct cw_measure *measure = calloc(1, sizeof *measure);
    if (measure == NULL)
        return NULL;
    measure->items = calloc(count + 1, sizeof *measure->items);
    measure->fits = calloc(count + 1, sizeof *measure->fits);
    if (measure->items == NULL || measure->fits == NULL) {
        free(measure->items);
        free(measure->fits);
        free(measure);
        return NULL;
    }
    measure->preview = preview;
    TAILQ_INSERT_TAIL(&preview->measures, measure, link);
    return measure;
}

struct cw_measure *cw_preview_measure(struct cw_preview *preview,
                                      const struct cw_measure_request *request, cw_measure_fn fn,
                                      void *arg) {
    struct cw_error error = {0};
    struct cw_measure *measure = measure_new(preview, request->count);
    if (measure == NULL) {
        struct cw_measure_result result = {0};
        cw_fail(&result.error, CW_E_NOMEM, "memory.out", "no memory to measure");
        fn(arg, &result);
        return NULL;
    }
    measure->fn = fn;
    measure->arg = arg;
    enum cw_status status = measure_all(measure, request, &error);
    if (status == CW_OK && measure->pending > 0)
        return measure;
    finish(measure, status == CW_OK ? NULL : &error);
    return NULL;
}

void cw_preview_measure_cancel(struct cw_measure *measure) {
    measure->preview->stats.cancelled++;
    measure_free(measure);
}

void cw_measure_drop_all(struct cw_preview *preview) {
    struct cw_measure *measure;
    while ((measure = TAILQ_FIRST(&preview->measures)) != NULL)
        measure_free(measure);
}
