/* What a scene needs, with every name looked up: the compositor's inner loops see only this. */
#pragma once

#include "base/arena.h"
#include "blend.h"
#include "cordwain/scene.h"
#include "layer.h"
#include "pack.h"
#include "sheet.h"

struct cw_plan_part {
    const struct cw_spans *spans;
    struct cw_part_light light; /* data of the first span */
    float colour[3];            /* linear */
    uint64_t bit;               /* 1 << part */
};

struct cw_plan {
    const struct cw_pack_view *view;
    const struct cw_pack_level *level;
    uint32_t full_px[2];   /* of the whole picture */
    struct cw_frame frame; /* its crop never empty */
    float background[3];   /* linear */
    uint8_t background_rgb[3];
    size_t part_count;
    struct cw_plan_part *parts;
    size_t layer_count;
    struct cw_layer *layers; /* drawing order */
    size_t sheet_count;      /* of a flat view */
    struct cw_sheet *sheets;
};

/* A layer drawn before from the same decal for the same surface; NULL when there is none. */
typedef const struct cw_layer *(*cw_layer_find_fn)(const void *data,
                                                   const struct cw_pack_surface *surface,
                                                   const uint8_t key[32]);

struct cw_plan_input {
    struct cw_fonts *fonts;
    const struct cw_pack *pack;
    const struct cw_scene *scene;
    cw_layer_find_fn find; /* may be NULL */
    const void *find_data;
};

/**
 * Look up a scene's names and draw its decals flat, for the level that serves the scene's width.
 * @param arena where the plan's lists go; the layers' pixels are released with it
 * @param input fonts may be NULL when there are no decals
 * @param ret   zeroed by the caller
 * @units   pixels of the level
 * @owner   the arena's
 * @errors  as cw_compose
 * @cost    the drawing of the decals, 1–20 ms each
 * @source  assets/art/README.md "Formula"
 */
enum cw_status cw_plan_make(struct cw_arena *arena, const struct cw_plan_input *input,
                            struct cw_plan *ret, struct cw_error *err) CW_MUST_USE;

/* Do both want the same part of a picture of the same size, on the same ground? */
bool cw_plan_same_frame(const struct cw_plan *a, const struct cw_plan *b);

/* A row for `width` pixels of light and alpha, padded to whole blocks and aligned. */
struct cw_light_row cw_light_row_new(struct cw_arena *arena, uint32_t width_px);

/* Row y of some spans, and where its data begins, in pixels. */
struct cw_run cw_plan_run(const struct cw_spans *spans, uint32_t y, size_t *ret_data);

/* Where row y of the level is not plain background. */
struct cw_run cw_plan_ground(const struct cw_plan *plan, uint32_t y);

/* Compose row y of the level wherever cw_plan_ground says; the rest of `row` is left as it is.
 * `colours` is scratch of the same size. */
void cw_plan_row(const struct cw_plan *plan, uint32_t y, const struct cw_light_row *row,
                 const struct cw_light_row *colours);
