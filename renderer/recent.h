/* The last pictures a worker drew, to draw the next one from: only what differs is made again. */
#pragma once

#include "base/bytes.h"
#include "plan.h"

struct cw_recent;

/* NULL when memory is out. */
struct cw_recent *cw_recent_new(void);
/* NULL is fine. */
void cw_recent_free(struct cw_recent *recent);

/**
 * Draw and encode a scene.
 * @param recent  what was drawn before; this picture is remembered too
 * @param input   `find` is ignored
 * @param ret     an empty buffer; the same bytes whatever was drawn before
 * @param size_px written on success only
 * @units   pixels
 * @owner   nothing of the scene is kept; the pack must stay until cw_recent_forget
 * @errors  as cw_compose and cw_encode
 * @cost    as cw_compose and cw_encode for rows, and strips of 64 rows, that the changed parts and
 * decals touch; a decal that was drawn for a remembered picture is not drawn again
 * @source  none
 */
enum cw_status cw_recent_draw(struct cw_recent *recent, const struct cw_plan_input *input,
                              struct cw_buf *ret, uint32_t size_px[2],
                              struct cw_error *err) CW_MUST_USE;

/* Forget pictures of a pack that is about to be freed. */
void cw_recent_forget(struct cw_recent *recent, const struct cw_pack *pack);

/* Bytes remembered: never more than CW_RENDER_RECENT_BYTES. */
size_t cw_recent_bytes(const struct cw_recent *recent);
