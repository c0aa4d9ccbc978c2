/* Pictures of an art bundle, cut to the rectangle that holds something. Pixels belong to the arena;
 * nothing fails. */
#pragma once

#include "base/arena.h"
#include "pack.h"
#include "png_read.h"

struct cw_grey { /* borrowed bytes of any grey picture */
    const uint8_t *data;
    uint32_t width, height;
    size_t stride;
};

/* Smallest rectangle that holds every non-zero byte; all 0 when there is none. No data. */
struct cw_plane cw_grey_bbox(const struct cw_grey *grey);

/* Smallest rectangle that holds every non-zero byte of a grey picture; w = 0 when there is none. No
 * data yet. */
struct cw_plane cw_plane_bbox(const struct cw_image *image);

/* Copy the plane's rectangle out of a picture of the view's size. */
void cw_plane_crop(struct cw_arena *arena, const struct cw_image *image, struct cw_plane *plane);

/* Bounds := the smallest rectangle around both. */
void cw_plane_include(struct cw_plane *bounds, const struct cw_plane *plane);
