/* An art bundle in memory: product.json, every view.json and their pictures, checked. */
#pragma once

#include "pack.h"
#include "png_read.h"

#define CW_ART_NAMES 64 /* parts, finishes, surfaces, views each; a part set is a 64-bit word */

/* The bundle takes the form of a pack whose planes are in an arena instead of a mapping. */
/**
 * Load a bundle.
 * @param arena where everything goes
 * @param dir   the folder
 * @param ret   written on success only; not to be passed to cw_pack_free
 * @units   pixels
 * @owner   the arena's
 * @errors  as cw_pack_write
 * @cost    decodes every picture
 * @source  assets/art/README.md
 */
enum cw_status cw_art_load(struct cw_arena *arena, const char *dir, struct cw_pack *ret,
                           struct cw_error *err) CW_MUST_USE;
