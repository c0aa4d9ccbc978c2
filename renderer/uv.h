/* Mends the soft edges of UV maps when a bundle is packed. */
#pragma once

#include "base/arena.h"
#include "pack.h"

/**
 * Where a surface's mask is soft, a render's UV average mixes in what lies beside the surface, and
 * the stored coordinates may be far off. Continue the sure ones outwards over them; keep stored
 * ones that agree.
 * @param arena scratch
 * @param uv    u16 pairs of the surface's rectangle, changed in place
 * @param surface rectangle and mask
 * @units   u, v 0..65535
 * @owner   nothing
 * @errors  none; a surface without any sure pixel stays as it is
 * @cost    O(pixels + soft pixels x width of the soft edge)
 * @source  the demo bottle's wrap: 15 px of soft edge with u = 1 where 0.5 belongs
 */
void cw_uv_mend(struct cw_arena *arena, uint16_t *uv, const struct cw_pack_surface *surface);
