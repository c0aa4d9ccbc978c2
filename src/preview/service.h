/* Inside of the preview service. Private to preview.c, flight.c and measure.c. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "base/digest.h"
#include "cordwain/limits.h"
#include "preview/preview.h"

struct pack {
    SLIST_ENTRY(pack) link;
    int fd;
    char digest[CW_DIGEST_TEXT];
};

/* One picture on its way, and all who wait for it. A candidate (not yet `listed`) has one wait. */
struct flight {
    TAILQ_ENTRY(flight) link;
    struct cw_preview *preview;
    uint8_t identity[CW_IDENTITY_BYTES];
    uint32_t generation;      /* of the build the identity names */
    enum cw_render_kind kind; /* RENDER or ARTWORK */
    enum cw_format format;
    size_t step;
    bool listed, landing;
    bool asking; /* inside cache->get: its answer may come before it returns */
    bool pending;
    const struct cw_scene_request *request; /* while cw_preview_get is on the stack */
    uint32_t surface;                       /* ARTWORK, same */
    struct cw_buf body;
    int pack_fd;
    int picture_fds[CW_RENDER_PICTURES]; /* the flight's own */
    size_t picture_count;
    struct cw_pool_task *task;
    struct cw_blob *blob;
    enum cw_preview_source source;
    struct cw_error error;
    TAILQ_HEAD(, cw_preview_wait) waits;
};

struct cw_preview_wait {
    TAILQ_ENTRY(cw_preview_wait) link;
    struct flight *flight;
    cw_preview_fn fn;
    void *arg;
    bool *ret_done; /* set while the creating call is on the stack */
};

struct cw_preview {
    struct cw_pool *pool;
    const char *pictures;
    struct cw_cache *cache;
    struct cw_cache_memory *memory;
    struct cw_cache_memory *measured; /* struct cw_text_fit as blobs */
    pthread_mutex_t packs_lock;       /* guards the list; a pack in it never changes */
    SLIST_HEAD(, pack) packs;
    TAILQ_HEAD(, flight) flights;
    TAILQ_HEAD(, cw_measure) measures;
    struct cw_preview_stats stats;
    /* found by cw_preview_peek and cw_preview_measured, not in `stats` */
    _Atomic uint64_t peeked, recalled;
};

/* Starts or joins; fn as in cw_preview_get. `flight` has kind, identity, format and request set and
 * is taken. */
struct cw_preview_wait *cw_flight_start(struct flight *take_flight, cw_preview_fn fn, void *arg);
struct flight *cw_flight_new(struct cw_preview *preview);
void cw_flight_free(struct flight *flight); /* cancels its job; drops its waits */

int cw_preview_pack_fd(struct cw_preview *preview, const char *art_digest); /* -1: unknown */
void cw_measure_drop_all(struct cw_preview *preview);
