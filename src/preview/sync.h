/* Previews for the command line: a private loop, one worker, calls that wait for their answer. */
#pragma once

#include "preview/preview.h"

struct cw_sync;

/* Starts one worker and waits for its HELLO. CW_E_TIMEOUT "render.starting" when none comes within
 * CW_RENDER_START_DEADLINE_MS, and the errors of cw_pool_new. Free with cw_sync_free. Blocking. */
enum cw_status cw_sync_new(const char *renderer, const char *fonts, struct cw_sync **ret_sync,
                           struct cw_error *err) CW_MUST_USE;
void cw_sync_free(struct cw_sync *sync); /* NULL is fine */

/* Draw shoppers' pictures from this folder of picture_keep.h, which outlives the service. */
void cw_sync_show_pictures(struct cw_sync *sync, const char *folder);

/* The service behind, for cw_preview_add_pack and statistics; borrowed. */
struct cw_preview *cw_sync_service(struct cw_sync *sync);

/* One picture; *ret_blob is the caller's. Errors of cw_preview_get. Blocking. */
enum cw_status cw_sync_render(struct cw_sync *sync, const struct cw_scene_request *request,
                              struct cw_blob **ret_blob, struct cw_error *err) CW_MUST_USE;

/* The artwork of one surface. Errors of cw_preview_artwork. Blocking. */
enum cw_status cw_sync_artwork(struct cw_sync *sync, const struct cw_artwork_request *request,
                               struct cw_blob **ret_blob, struct cw_error *err) CW_MUST_USE;

/* Measure texts; *ret_fits in the arena, one per TEXT decal. Errors of the pool. Blocking. */
enum cw_status cw_sync_measure(struct cw_sync *sync, const struct cw_measure_request *request,
                               struct cw_arena *arena, struct cw_text_fit **ret_fits,
                               struct cw_error *err) CW_MUST_USE;

/* For a server that must not listen before it can draw: runs the loop until the pool is ready.
 * CW_E_TIMEOUT "render.starting". */
enum cw_status cw_sync_wait_ready(struct event_base *base, const struct cw_pool *pool,
                                  uint32_t timeout_ms, struct cw_error *err) CW_MUST_USE;
