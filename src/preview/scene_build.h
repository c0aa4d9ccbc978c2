/* From a resolved configuration to what a renderer worker is told to draw. */
#pragma once

#include "base/arena.h"
#include "cordwain/resolved.h"
#include "cordwain/scene.h"

struct cw_scene_request {
    const struct cw_resolved *resolved; /* borrowed */
    uint32_t view;                      /* index into the product's views */
    uint32_t width_px;
    enum cw_format format; /* PNG, WEBP or JPEG */
    uint8_t background[3]; /* sRGB */
    struct cw_frame frame;
};

/**
 * The scene of one view: parts with finish and colour, decals in drawing order.
 * @param request   [px] borrowed; strings of the product and the resolved value are shared, not
 * copied
 * @param arena     holds the two arrays of the scene
 * @param ret_scene written on success only; valid while arena, product and resolved live
 * @units   lengths µm as resolved, width px
 * @owner   the arena
 * @errors  CW_E_INPUT "preview.view" | "preview.width" | "preview.format" | "preview.background";
 * CW_E_BUG "preview.resolved" when a part or decal lacks its material, colour, font or surface
 * @cost    O(parts + decals); pure
 * @source  cordwain/scene.h
 */
enum cw_status cw_scene_from_resolved(const struct cw_scene_request *request,
                                      struct cw_arena *arena, struct cw_scene *ret_scene,
                                      struct cw_error *err) CW_MUST_USE;

/* One decal as the renderer wants it: TEXT stands in zone_um, PATTERN fills artwork_um. Strings are
 * borrowed from product and decal. CW_E_BUG "preview.resolved" when an index is out of range. */
enum cw_status cw_scene_decal_build(const struct cw_product *product,
                                    const struct cw_resolved_decal *decal,
                                    struct cw_scene_decal *ret_decal,
                                    struct cw_error *err) CW_MUST_USE;

struct cw_artwork_request {
    const struct cw_resolved *resolved; /* borrowed */
    uint32_t surface;                   /* index into the product's surfaces */
    enum cw_format format;              /* PDF or SVG */
};

/* Production artwork of one surface: its decals in drawing order, the name of each one's ink, and
 * what the product says of bleed, cut and spots; in the arena, strings are shared.
 * CW_E_NOT_FOUND "preview.surface" when there is none; CW_E_BUG as above. */
enum cw_status cw_scene_artwork_build(const struct cw_artwork_request *request,
                                      struct cw_arena *arena, struct cw_scene_artwork *ret_artwork,
                                      struct cw_error *err) CW_MUST_USE;
