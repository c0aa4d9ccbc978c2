/* Tiles of an art bundle: pictures that patterns repeat. */
#pragma once

#include "art_flat.h"
#include "pack.h"

/**
 * Read one tile and make its levels.
 * @param arena where they go
 * @param args  its object is {"file": …}; borrowed
 * @param ret   written on success only
 * @units   pixels; a level's bytes are as in struct cw_artwork, blue first
 * @owner   the arena's
 * @errors  CW_E_INPUT "art.tile_size"; those of cw_art_decoded
 * @cost    O(pixels); after cw_srgb_init
 * @source  Williams 1983; averages are of linear light multiplied by alpha
 */
enum cw_status cw_art_tile(struct cw_arena *arena, const struct cw_art_flat_args *args,
                           struct cw_pack_tile *ret, struct cw_error *err) CW_MUST_USE;
