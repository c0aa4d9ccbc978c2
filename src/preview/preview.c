/*
 * Responsible for: the service's public face: requests in, identities, packs, statistics.
 * Does not: order the steps (flight), measure (measure), or know HTTP.
 * Runs in: the server (preview loop; what preview.h says on any thread), the command line.
 */
#include "preview/preview.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cordwain/limits.h"
#include "preview/service.h"

const char *cw_format_content_type(enum cw_format format) {
    switch (format) {
    case CW_FORMAT_PNG:
        return "image/png";
    case CW_FORMAT_WEBP:
        return "image/webp";
    case CW_FORMAT_JPEG:
        return "image/jpeg";
    case CW_FORMAT_PDF:
        return "application/pdf";
    case CW_FORMAT_SVG:
        return "image/svg+xml";
    }
    return "application/octet-stream";
}

/* ---- life ------------------------------------------------------------------------------------ */

struct cw_preview *cw_preview_new(const struct cw_preview_config *config) {
    struct cw_cache *cache = config->take_cache != NULL ? config->take_cache : cw_cache_none_new();
    struct cw_preview *preview = calloc(1, sizeof *preview);
    if (preview == NULL || cache == NULL) {
        if (cache != NULL)
            cache->ops->free(cache);
        free(preview);
        return NULL;
    }
    pthread_mutex_init(&preview->packs_lock, NULL);
    preview->pool = config->pool;
    preview->pictures = config->pictures;
    preview->cache = cache;
    SLIST_INIT(&preview->packs);
    TAILQ_INIT(&preview->flights);
    TAILQ_INIT(&preview->measures);
    size_t bytes = config->memory_bytes == 0 ? CW_CACHE_MEMORY_BYTES : config->memory_bytes;
    preview->memory = cw_cache_memory_new(bytes);
    preview->measured = cw_cache_memory_new(CW_CACHE_MEASURE_BYTES);
    if (preview->memory == NULL || preview->measured == NULL) {
        cw_preview_free(preview);
        return NULL;
    }
    return preview;
}

void cw_preview_free(struct cw_preview *preview) {
    if (preview == NULL)
        return;
    preview->cache->ops->free(preview->cache); /* first: it may hold callbacks into flights */
    struct flight *flight;
    while ((flight = TAILQ_FIRST(&preview->flights)) != NULL)
        cw_flight_free(flight);
    cw_measure_drop_all(preview);
    struct pack *pack;
    while ((pack = SLIST_FIRST(&preview->packs)) != NULL) {
        SLIST_REMOVE_HEAD(&preview->packs, link);
        close(pack->fd);
        free(pack);
    }
    cw_cache_memory_free(preview->memory);
    cw_cache_memory_free(preview->measured);
    pthread_mutex_destroy(&preview->packs_lock);
    free(preview);
}

/* ---- packs ----------------------------------------------------------------------------------- */

static int pack_fd_locked(const struct cw_preview *preview, const char *art_digest) {
    const struct pack *pack;
    SLIST_FOREACH(pack, &preview->packs, link)
    if (strcmp(pack->digest, art_digest) == 0)
        return pack->fd;
    return -1;
}

int cw_preview_pack_fd(struct cw_preview *preview, const char *art_digest) {
    pthread_mutex_lock(&preview->packs_lock);
    int fd = pack_fd_locked(preview, art_digest);
    pthread_mutex_unlock(&preview->packs_lock);
    return fd;
}

static enum cw_status add_pack_locked(struct cw_preview *preview, const char *art_digest,
                                      const char *path, struct cw_error *err) {
    struct stat st;
    size_t length = strlen(art_digest);
    if (length == 0 || length >= sizeof((struct pack *)0)->digest)
        return cw_fail(err, CW_E_INPUT, "render.pack", "an art pack needs a digest");
    if (pack_fd_locked(preview, art_digest) >= 0)
        return CW_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        enum cw_status status = cw_fail(err, CW_E_NOT_FOUND, "file.not_found", "no such art pack");
        cw_error_detail(err, "%s: %s", path, strerror(errno));
        return status;
    }
    struct pack *pack = calloc(1, sizeof *pack);
    if (pack == NULL || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        free(pack);
        return cw_fail(err, CW_E_INPUT, "render.pack", "the art pack is not a regular file");
    }
    pack->fd = fd;
    memcpy(pack->digest, art_digest, length + 1);
    SLIST_INSERT_HEAD(&preview->packs, pack, link);
    return CW_OK;
}

enum cw_status cw_preview_add_pack(struct cw_preview *preview, const char *art_digest,
                                   const char *path, struct cw_error *err) {
    pthread_mutex_lock(&preview->packs_lock);
    enum cw_status status = add_pack_locked(preview, art_digest, path, err);
    pthread_mutex_unlock(&preview->packs_lock);
    return status;
}

/* ---- requests -------------------------------------------------------------------------------- */

static enum cw_status check_ready(const struct cw_preview *preview, struct cw_error *err) {
    if (!cw_pool_ready(preview->pool))
        return cw_fail(err, CW_E_BUSY, "render.starting", "the renderer is starting, try again");
    return CW_OK;
}

static void compute(const struct cw_preview *preview, struct cw_identity_args *args,
                    const struct cw_resolved *resolved, uint8_t *ret_identity) {
    args->canonical = (struct cw_bytes){.data = (const uint8_t *)resolved->canonical,
                                        .length = resolved->canonical_length};
    args->renderer_build = cw_pool_build(preview->pool);
    args->fonts_digest = cw_pool_fonts_digest(preview->pool);
    cw_identity_compute(args, ret_identity);
}

enum cw_status cw_preview_identity(const struct cw_preview *preview,
                                   const struct cw_scene_request *request,
                                   uint8_t ret_identity[CW_IDENTITY_BYTES], struct cw_error *err) {
    const struct cw_product *product = request->resolved->product;
    enum cw_status status = check_ready(preview, err);
    if (status != CW_OK)
        return status;
    if (request->view >= product->view_count)
        return cw_fail(err, CW_E_INPUT, "preview.view", "the product has no such view");
    struct cw_identity_args args = {
        .view = product->views[request->view].id,
        .width_px = request->width_px,
        .format = request->format,
        .background = {request->background[0], request->background[1], request->background[2]},
        .frame = request->frame,
        .art_digest = product->art_digest,
    };
    compute(preview, &args, request->resolved, ret_identity);
    return CW_OK;
}

static enum cw_status artwork_identity(const struct cw_preview *preview,
                                       const struct cw_artwork_request *request,
                                       uint8_t *ret_identity, struct cw_error *err) {
    const struct cw_product *product = request->resolved->product;
    enum cw_status status = check_ready(preview, err);
    if (status != CW_OK)
        return status;
    if (request->surface >= product->surface_count)
        return cw_fail(err, CW_E_NOT_FOUND, "preview.surface", "the product has no such surface");
    struct cw_identity_args args = {
        .view = product->surfaces[request->surface].id,
        .format = request->format,
        .art_digest =
            cw_resolved_has_tile(request->resolved, request->surface) ? product->art_digest : "",
    };
    compute(preview, &args, request->resolved, ret_identity);
    return CW_OK;
}

static struct cw_preview_wait *refuse_nomem(cw_preview_fn fn, void *arg) {
    struct cw_preview_result result = {.content_type = ""};
    cw_fail(&result.error, CW_E_NOMEM, "memory.out", "no memory for a preview");
    fn(arg, &result);
    return NULL;
}

struct cw_preview_wait *cw_preview_get(struct cw_preview *preview,
                                       const struct cw_scene_request *request, cw_preview_fn fn,
                                       void *arg) {
    preview->stats.requests++;
    struct flight *flight = cw_flight_new(preview);
    if (flight == NULL)
        return refuse_nomem(fn, arg);
    flight->kind = CW_RENDER_RENDER;
    flight->format = request->format;
    flight->request = request;
    flight->generation = cw_pool_generation(preview->pool);
    if (cw_preview_identity(preview, request, flight->identity, &flight->error) != CW_OK)
        preview->stats.failures++;
    return cw_flight_start(flight, fn, arg);
}

struct cw_preview_wait *cw_preview_artwork(struct cw_preview *preview,
                                           const struct cw_artwork_request *request,
                                           cw_preview_fn fn, void *arg) {
    preview->stats.requests++;
    struct flight *flight = cw_flight_new(preview);
    if (flight == NULL)
        return refuse_nomem(fn, arg);
    const struct cw_scene_request scene = {.resolved = request->resolved};
    flight->kind = CW_RENDER_ARTWORK;
    flight->format = request->format;
    flight->request = &scene;
    flight->surface = request->surface;
    flight->generation = cw_pool_generation(preview->pool);
    if (artwork_identity(preview, request, flight->identity, &flight->error) != CW_OK)
        preview->stats.failures++;
    return cw_flight_start(flight, fn, arg);
}

struct cw_blob *cw_preview_peek(struct cw_preview *preview,
                                const uint8_t identity[CW_IDENTITY_BYTES]) {
    struct cw_blob *blob = cw_cache_memory_get(preview->memory, identity);
    if (blob)
        atomic_fetch_add_explicit(&preview->peeked, 1, memory_order_relaxed);
    return blob;
}

const struct cw_pool *cw_preview_pool(const struct cw_preview *preview) {
    return preview->pool;
}

void cw_preview_stats(const struct cw_preview *preview, struct cw_preview_stats *ret_stats) {
    uint64_t peeked = atomic_load_explicit(&preview->peeked, memory_order_relaxed);
    *ret_stats = preview->stats;
    ret_stats->requests += peeked;
    ret_stats->memory_hits += peeked;
    ret_stats->measure_hits += atomic_load_explicit(&preview->recalled, memory_order_relaxed);
    const struct flight *flight;
    TAILQ_FOREACH(flight, &preview->flights, link)
    ret_stats->flights++;
    cw_cache_memory_stats(preview->memory, &ret_stats->memory);
    preview->cache->ops->stats(preview->cache, &ret_stats->shared);
    cw_pool_stats(preview->pool, &ret_stats->pool);
}
