/* What a scene needs, with every name looked up: the compositor's inner loops see only this. */
#pragma once

#include "base/arena.h"
#include "cordwain/scene.h"
#include "layer.h"
#include "pack.h"

typedef float cw_v4 __attribute__((vector_size(16)));

struct cw_plan_part {
    struct cw_plane mask;
    struct cw_plane light; /* rectangle of both planes below */
    const uint8_t *diffuse, *specular;
    const float *diffuse_lut, *specular_lut; /* byte → linear light times its scale */
    cw_v4 colour;                            /* linear r, g, b, 0 */
    uint64_t bit;                            /* 1 << part */
};

struct cw_plan {
    const struct cw_pack_view *view;
    uint64_t fixed_parts;
    cw_v4 background; /* linear r, g, b, 0 */
    size_t part_count;
    struct cw_plan_part *parts;
    size_t layer_count;
    struct cw_layer *layers; /* drawing order */
    uint32_t x0, y0, x1, y1; /* what the product and its shadow touch; x1 = 0 when nothing */
    float diffuse_lut[256], specular_lut[256], no_lut[256];
};

struct cw_plan_input {
    struct cw_fonts *fonts;
    const struct cw_pack *pack;
    const struct cw_scene *scene;
};

/**
 * Look up a scene's names and draw its decals flat.
 * @param arena where the plan's lists go; the layers' pixels are released with it
 * @param input fonts may be NULL when there are no decals
 * @param ret   zeroed by the caller
 * @units   pixels of the view
 * @owner   the arena's
 * @errors  as cw_compose
 * @cost    the drawing of the decals, 1–20 ms each
 * @source  assets/art/README.md "Formula"
 */
enum cw_status cw_plan_make(struct cw_arena *arena, const struct cw_plan_input *input,
                            struct cw_plan *ret, struct cw_error *err) CW_MUST_USE;

/* Compose row y of the view, columns x0..x1 of the plan, background included: linear r, g, b. */
void cw_plan_row(const struct cw_plan *plan, uint32_t y, cw_v4 *row);
