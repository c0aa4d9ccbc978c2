/* An art bundle in memory: product.json, every view.json and their pictures, checked. */
#pragma once

#include "pack.h"
#include "png_read.h"

#define CW_ART_NAMES 64 /* parts, finishes, surfaces, views each; a part set is a 64-bit word */

struct cw_art_part {
    uint32_t part; /* index into the bundle's part names */
    struct cw_plane mask;
};

struct cw_art_finish {
    uint32_t finish;
    uint64_t metal_parts;
    struct cw_plane diffuse, specular; /* one rectangle that holds every mask */
};

struct cw_art_picture {
    const char *name;
    const uint8_t *rgba; /* of the view's size, as in cordwain/artwork.h, its mask multiplied in */
};

struct cw_art_view {
    const char *name;
    uint32_t width_px, height_px;
    float diffuse_scale, specular_scale;
    struct cw_plane shadow;
    size_t part_count, finish_count, surface_count;
    struct cw_art_part *parts;
    struct cw_art_finish *finishes;
    struct cw_pack_surface *surfaces;
    size_t picture_count;
    struct cw_art_picture *pictures; /* a flat view has these and no parts */
};

struct cw_art {
    const char *product;
    struct cw_names parts, finishes, surfaces; /* of all views */
    uint64_t fixed_parts; /* one look whatever the colour: only S counts, so no fringe of D at the
                             edges */
    size_t view_count;
    struct cw_art_view *views;
    size_t tile_count;
    struct cw_pack_tile *tiles;
};

/**
 * Load a bundle.
 * @param arena where everything goes
 * @param dir   the folder
 * @param pictures_dir as cw_pack_write
 * @param ret   written on success only
 * @units   pixels
 * @owner   the arena's
 * @errors  as cw_pack_write
 * @cost    decodes every picture
 * @source  assets/art/README.md
 */
enum cw_status cw_art_load(struct cw_arena *arena, const char *dir, const char *pictures_dir,
                           struct cw_art *ret, struct cw_error *err) CW_MUST_USE;
