/* Pictures that decals are drawn from: shoppers' own, as a job brings them, and the pack's tiles.
 */
#pragma once

#include "job.h"
#include "link.h"
#include "pack.h"

struct cw_shown {
    size_t count;
    struct {
        void *map;
        size_t length;
        struct cw_artwork picture; /* blue first */
    } items[CW_RENDER_PICTURES];
};

/**
 * Map the levels that came with a job and give each ARTWORK decal its own.
 * @param shown zeroed; closed by the caller whatever this returns, after the job
 * @param job   its decals get their `picture`
 * @param in    the descriptors, the pack's first where the job needs one
 * @units   pixels
 * @owner   the mappings are shown's
 * @errors  CW_E_INPUT "render.picture": a decal without its file, or a file that is no level
 * @cost    O(1): pages are read when they are drawn
 * @source  include/cordwain/artwork.h
 */
enum cw_status cw_shown_open(struct cw_shown *shown, struct cw_job *job,
                             const struct cw_received *in, struct cw_error *err) CW_MUST_USE;
/* RENDER does, and ARTWORK with a tile. */
bool cw_shown_needs_pack(const struct cw_job *job);

/* Give each PATTERN decal of pictures its tile. CW_E_INPUT "render.tile_unknown". */
enum cw_status cw_shown_tiles(struct cw_job *job, const struct cw_pack *pack,
                              struct cw_error *err) CW_MUST_USE;

void cw_shown_close(struct cw_shown *shown); /* may be called twice */
