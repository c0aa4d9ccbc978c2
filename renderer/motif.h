/* The motifs of a pattern's tile, and which of them make room for a text. */
#pragma once

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "cordwain/limits.h"

/* Space that a text keeps free: a box about the origin of a frame of its own. */
struct cw_clear {
    cairo_matrix_t from_surface; /* surface µm → the frame */
    double half[2];              /* [µm] */
};

struct cw_clears {
    size_t count;
    struct cw_clear items[CW_RENDER_DECALS];
};

struct cw_motif {
    double low[2], high[2]; /* [µm] of the tile's path */
    bool whole;             /* free inside of its tile, so nothing else is part of it */
    bool left_out;          /* scratch of cw_motifs_append */
};

struct cw_motifs {
    const cairo_path_t *path; /* borrowed */
    size_t subpath_count;
    size_t *motif_of; /* of each subpath */
    size_t count;
    struct cw_motif *items;
};

/**
 * Group a tile's subpaths: those whose boxes meet are one motif. A motif inside of the tile's
 * border is whole; one that meets the border continues in the next tile, and is only ever clipped.
 * @param arena   where the lists go
 * @param path    of the tile, its middle at the origin; kept by reference
 * @param tile_um size of the tile
 * @param ret     written
 * @units   µm
 * @owner   the arena's
 * @errors  none
 * @cost    O(subpaths²), once for a pattern
 * @source  none
 */
void cw_motifs_find(struct cw_arena *arena, const cairo_path_t *path, const int32_t tile_um[2],
                    struct cw_motifs *ret);

/* Append a tile's path without the whole motifs that meet a clear box: half a star beside a name
 * looks like a fault. One around the box, such as a frame, stays. `to_surface` takes the path to
 * the surface; the context's matrix is as for the path. */
void cw_motifs_append(cairo_t *cr, const struct cw_motifs *motifs, const cairo_matrix_t *to_surface,
                      const struct cw_clears *clears);
