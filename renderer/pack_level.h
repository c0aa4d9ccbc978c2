/* From an art view's pictures to the levels of a pack. */
#pragma once

#include "art.h"
#include "base/arena.h"
#include "field.h"

/**
 * Make all levels of a view: premultiplied light, spans, the free background, UV maps.
 * @param arena where the levels go
 * @param art   names and fixed parts
 * @param view  one of its views
 * @param ret   zeroed by the caller
 * @units   linear light
 * @owner   the arena's
 * @errors  none
 * @cost    about 0.5 s for a view of 1600 px with 14 parts and 5 finishes
 * @source  assets/art/README.md "Formula"; tests/unit/renderer/test_compose.c holds what is drawn
 * from it against the formula in double precision
 */
void cw_pack_levels(struct cw_arena *arena, const struct cw_art *art,
                    const struct cw_art_view *view, struct cw_pack_view *ret);

/* A surface's UV map and mask, seen at a smaller size. In pack_surface.c. */
struct cw_pack_surface cw_pack_surface_shrink(struct cw_arena *arena,
                                              const struct cw_art_view *view,
                                              const struct cw_pack_surface *from,
                                              const struct cw_field_step *step);

/* The pictures of a flat view at every level, whose sizes are set; `steps` lead to each level from
 * the one before it. In pack_picture.c. */
void cw_pack_pictures(struct cw_arena *arena, const struct cw_art_view *view,
                      const struct cw_field_step *steps, struct cw_pack_view *ret);
