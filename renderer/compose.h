/* The compositor: one scene and one pack → one sRGB picture. recent.h does the same with memory. */
#pragma once

#include "cordwain/scene.h"
#include "fonts.h"
#include "picture.h"
#include "plan.h"

/**
 * Draw a scene.
 * @param fonts  for the decals; may be NULL when the scene has none
 * @param pack   its art
 * @param scene  what to draw; borrowed
 * @param ret    written on success only
 * @units   width_px output pixels; light is linear inside
 * @owner   ret->rgb is the caller's, released with cw_picture_deinit
 * @errors  CW_E_INPUT "render.view_unknown", "render.part_unknown", "render.finish_unknown",
 * "render.surface_unknown" for names that no view of the pack has (a part or surface that only this
 * view lacks is skipped); CW_E_INPUT "render.crop" not inside the picture; CW_E_LIMIT "render.size"
 * outside CW_PREVIEW_MIN_PX..CW_PREVIEW_MAX_PX; what cw_decal_coverage raises
 * @cost    0.06 ms at 512 px, 0.2 ms at 1024 px, 1.5 ms at widths between; and the decals.
 * O(covered pixels of the level + output pixels)
 * @source  assets/art/README.md "Formula"; tests/unit/renderer/test_blend.c holds it against
 * that, and test_compose.c against the Python reference
 */
enum cw_status cw_compose(struct cw_fonts *fonts, const struct cw_pack *pack,
                          const struct cw_scene *scene, struct cw_picture *ret,
                          struct cw_error *err) CW_MUST_USE;

/* An empty picture for a plan: of its crop's size, with alpha when it is transparent. CW_E_NOMEM.
 */
enum cw_status cw_compose_size(const struct cw_plan *plan, struct cw_picture *ret,
                               struct cw_error *err) CW_MUST_USE;

/* Told of each row of a picture, in their order, as soon as it is right: drawn now, or as it was.
 */
struct cw_compose_watch {
    void (*row)(void *data, uint32_t y, bool drawn);
    void *data;
};

/**
 * Draw a plan, or only what some rows of its level touch.
 * @param plan    of the picture's view
 * @param rows    rows of the level, one flag each; NULL: all
 * @param picture of cw_compose_size; rows that are not drawn stay as they are
 * @param watch   may be NULL
 * @units   rows
 * @owner   all the caller's
 * @errors  none
 * @cost    as cw_compose, for the rows drawn
 * @source  none
 */
void cw_compose_rows(const struct cw_plan *plan, const bool *rows, struct cw_picture *picture,
                     const struct cw_compose_watch *watch);
