/*
 * The preview service: memory → shared cache → one render for all who ask → fill the caches.
 *
 * One loop thread owns it; other threads reach it through its loop's mailbox. Only
 * cw_preview_add_pack, _identity, _peek, _measured and _pool may be called from any thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "cordwain/resolved.h"
#include "cordwain/scene.h"
#include "preview/cache.h"
#include "preview/cache_memory.h"
#include "preview/identity.h"
#include "preview/pool.h"
#include "preview/scene_build.h"

struct cw_preview;
struct cw_preview_wait; /* one caller waiting; valid until its callback has run */

struct cw_preview_config {
    struct cw_pool *pool;        /* borrowed; freed after the service */
    struct cw_cache *take_cache; /* shared tier; NULL for none; freed with the service */
    size_t memory_bytes;         /* 0: CW_CACHE_MEMORY_BYTES */
    const char *pictures;        /* folder of picture_keep.h, outlives the service; NULL: none */
};

enum cw_preview_source { CW_PREVIEW_MEMORY, CW_PREVIEW_SHARED, CW_PREVIEW_RENDERED };

struct cw_preview_result {
    struct cw_error error;    /* status CW_OK, or why there is no picture */
    struct cw_blob *blob;     /* borrowed: take a reference to keep it; NULL on error */
    const char *content_type; /* static */
    uint8_t identity[CW_IDENTITY_BYTES];
    enum cw_preview_source source;
};
typedef void (*cw_preview_fn)(void *arg, const struct cw_preview_result *result);

struct cw_measure_result {
    struct cw_error error;
    size_t count;                   /* of TEXT decals asked for, in their order */
    const struct cw_text_fit *fits; /* borrowed */
};
typedef void (*cw_measure_fn)(void *arg, const struct cw_measure_result *result);

struct cw_preview_stats {
    uint64_t requests, memory_hits, shared_hits, misses; /* misses of both tiers */
    uint64_t renders, joins, failures, cancelled;
    uint64_t measures, measure_hits;
    uint32_t flights; /* now */
    struct cw_cache_memory_stats memory;
    struct cw_cache_stats shared;
    struct cw_pool_stats pool;
};

/* NULL when memory is out; the cache is then freed. */
struct cw_preview *cw_preview_new(const struct cw_preview_config *config);
/* Callbacks still waiting are dropped, not called. NULL is fine. */
void cw_preview_free(struct cw_preview *preview);

/**
 * Make an art pack known by the digest products carry.
 * @param art_digest "sha-256:<hex>"; a digest already known keeps its first file
 * @param path       regular file, opened now and held open
 * @units   none
 * @owner   the service owns the descriptor
 * @errors  CW_E_INPUT "render.pack" (empty digest, not a regular file); CW_E_NOT_FOUND
 * "file.not_found"
 * @cost    one open; blocking
 * @source  none
 */
enum cw_status cw_preview_add_pack(struct cw_preview *preview, const char *art_digest,
                                   const char *path, struct cw_error *err) CW_MUST_USE;

/* The identity (ETag) of a picture without making it. CW_E_BUSY "render.starting" until a worker
 * has said which build it is; CW_E_INPUT "preview.view". */
enum cw_status cw_preview_identity(const struct cw_preview *preview,
                                   const struct cw_scene_request *request,
                                   uint8_t ret_identity[CW_IDENTITY_BYTES],
                                   struct cw_error *err) CW_MUST_USE;

/**
 * One picture.
 * @param request borrowed for the call only
 * @param fn      runs exactly once, perhaps before this returns (memory hit, refusal), unless
 * cancelled
 * @return  the wait, for cw_preview_cancel; NULL when fn has already run
 * @units   px
 * @owner   the service owns the wait; the result is borrowed for the callback
 * @errors  to fn: CW_E_INPUT "preview.view" | "preview.width" | "preview.format"; CW_E_NOT_FOUND
 *          "render.art_missing"; CW_E_BUSY "render.starting"; all of cw_pool_submit
 * @cost    memory hit: one SHA-256 and a look-up; else up to a render; never blocks
 * @source  docs/explanation/architecture.md "The path of a click" 6
 */
struct cw_preview_wait *cw_preview_get(struct cw_preview *preview,
                                       const struct cw_scene_request *request, cw_preview_fn fn,
                                       void *arg);

/* The production artwork of one surface; as above, with CW_E_NOT_FOUND "preview.surface". */
struct cw_preview_wait *cw_preview_artwork(struct cw_preview *preview,
                                           const struct cw_artwork_request *request,
                                           cw_preview_fn fn, void *arg);

/* The picture of an identity from memory alone: a reference for the caller, or NULL. Counts as a
 * request when found. */
struct cw_blob *cw_preview_peek(struct cw_preview *preview,
                                const uint8_t identity[CW_IDENTITY_BYTES]);

/* fn will not run. Others who wait for the same picture still get it. */
void cw_preview_cancel(struct cw_preview_wait *wait);

struct cw_measure_request {
    const struct cw_product *product; /* borrowed for the call */
    size_t count;
    const struct cw_resolved_decal *decals; /* TEXT ones are measured, others skipped */
};

struct cw_measure; /* one request being measured */

/* Do the texts fit, and how large are they? fn as in cw_preview_get; returns NULL when it has run.
 * Measured texts are remembered. A text that does not fit is a verdict, not an error. */
struct cw_measure *cw_preview_measure(struct cw_preview *preview,
                                      const struct cw_measure_request *request, cw_measure_fn fn,
                                      void *arg);
void cw_preview_measure_cancel(struct cw_measure *measure);

/* The answer from memory alone, into ret_fits [request->count]: true when every text was measured
 * before (or there is none). Otherwise ask cw_preview_measure, which also knows why not. */
bool cw_preview_measured(struct cw_preview *preview, const struct cw_measure_request *request,
                         struct cw_text_fit *ret_fits, size_t *ret_count);

const char *cw_format_content_type(enum cw_format format); /* static */

/* The pool behind, for what its workers are: cw_pool_build, cw_pool_fonts_digest. Borrowed. */
const struct cw_pool *cw_preview_pool(const struct cw_preview *preview);

void cw_preview_stats(const struct cw_preview *preview, struct cw_preview_stats *ret_stats);
