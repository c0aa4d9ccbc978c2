/*
 * Flat views: a stack of sheets, each a picture of the pack or the decals of a surface.
 *
 * The stack is one isolated group in the sense of W3C Compositing and Blending Level 1 §3: sheets
 * blend with each other, and the result lies on the background. So a picture with a background and
 * one without show the same product. All is done in linear light, where multiply is ink on paper:
 * reflectances multiply.
 */
#pragma once

#include "base/arena.h"
#include "blend.h"
#include "cordwain/scene.h"

struct cw_plan;
struct cw_plan_input;

struct cw_sheet {
    const struct cw_pack_picture *picture; /* NULL: the decals of the surface */
    uint32_t surface;                      /* number of its name, or CW_NONE */
    size_t channels;
    enum cw_blend blend;
    float opacity; /* 0: not there */
    float tint[3]; /* linear */
};

struct cw_sheet_rows {
    const struct cw_light_row *row;   /* the ground, then the picture */
    const struct cw_light_row *group; /* scratch */
};

/**
 * Look up a scene's layers. Surfaces that no layer names get a sheet on top.
 * @param arena where they go
 * @param input the scene and the pack
 * @param plan  has its view, level and decals already
 * @units   none
 * @owner   the arena's
 * @errors  CW_E_INPUT "render.picture_unknown", "render.surface_unknown"
 * @cost    O(layers)
 * @source  none
 */
enum cw_status cw_sheets_make(struct cw_arena *arena, const struct cw_plan_input *input,
                              struct cw_plan *plan, struct cw_error *err) CW_MUST_USE;

/* Stack row y and lay it on the ground that `row` holds already in the blocks of `ground`; nothing
 * outside of them is touched but scratch. */
void cw_sheets_row(const struct cw_plan *plan, uint32_t y, struct cw_run ground,
                   const struct cw_sheet_rows *rows);

bool cw_sheet_same(const struct cw_sheet *a, const struct cw_sheet *b);

/* ---- blend_sheet.c: the arithmetic on rows ----------------------------------------------------
 */

/* group = nothing, in some blocks. */
void cw_blend_clear(const struct cw_light_row *group, struct cw_run run);

/* A picture's row, from where its steps begin, over or into the group. */
void cw_blend_sheet(const struct cw_light_row *group, struct cw_run run,
                    const struct cw_sheet *sheet, const uint16_t *steps);

/* Ink on what the group has already (source-atop), from pixel x on. */
void cw_blend_atop(const struct cw_light_row *group, const uint32_t from_to[2],
                   const uint8_t *coverage, const struct cw_sheet *ink);

/* row = group over row; alpha too when the row has it. */
void cw_blend_over(const struct cw_sheet_rows *rows, struct cw_run run, bool alpha);
