/* A drawing in true size: what production artwork is made of before it is a PDF or an SVG. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"
#include "cordwain/artwork.h"
#include "cordwain/product.h"

#define CW_INK_NAME_BYTES 127 /* a PDF name ends here, ISO 32000-1 annex C */

/* Registration marks stand on every plate: the one name with a meaning of its own in PDF. */
#define CW_INK_ALL "All"

/* A path as M (one point), L (one), C (three) and Z (none); µm of the surface, y up. */
struct cw_outline {
    size_t verb_count;
    const char *verbs;
    size_t point_count;
    const int32_t (*points)[2];
    bool even_odd; /* else non-zero winding */
};

struct cw_ink { /* one plate, thread or tool, known to machines by its name */
    const char *name;
    uint8_t rgb[3]; /* for screens */
};

/* A picture: its lower left corner at (e, f), its sides (a, b) and (c, d), in thousandths of µm. */
struct cw_placed_picture {
    const struct cw_artwork *picture; /* blue first; lives as long as the drawing */
    int64_t matrix[6];                /* a b c d e f */
    bool tiled; /* repeated without end over the outline; the rectangle is one tile */
    enum cw_repeat repeat;
    bool shape; /* in the op's ink: where, and as much as, the picture is opaque */
};

struct cw_drawing_op {
    size_t ink;
    const struct cw_placed_picture *placed; /* NULL: the outline in the ink. A tiled one needs the
                                             * outline, a shape the ink */
    struct cw_outline outline;
    int32_t line_um; /* 0: filled; else a line this wide */
    size_t clip_count;
    const struct cw_outline *clips; /* inside all of them */
    bool unclipped_by_bleed;        /* marks stand outside of the bleed box */
    struct cw_drawing_op *next;
};

struct cw_box { /* left, bottom; right, top [µm] */
    int64_t low[2], high[2];
};

struct cw_drawing {
    struct cw_arena *arena; /* borrowed; everything below lives there */
    const char *title;
    const char *digest;               /* of the resolved design, "" for none */
    struct cw_box trim, bleed, media; /* each inside the next */
    bool overprint;                   /* inks print on top of another instead of cutting it out */
    size_t ink_count, ink_capacity;
    struct cw_ink *inks;
    struct cw_drawing_op *first, **end; /* painting order */
    size_t points;                      /* of all outlines */
};

/* An empty drawing in an arena. */
void cw_drawing_init(struct cw_drawing *drawing, struct cw_arena *arena);

/**
 * The ink of a name, added when the drawing has none yet; the first colour of a name stays.
 * @param name    copied; control characters and non-characters become '_', an empty name and the
 * reserved "None" become "Ink", longer names are cut at CW_INK_NAME_BYTES
 * @param rgb     sRGB for screens
 * @return  its index, for cw_drawing_op.ink
 * @units   none
 * @owner   the drawing's arena
 * @errors  none
 * @cost    O(inks)
 * @source  ISO 32000-1 §8.6.6.4 (All and None), XML 1.0 §2.2 (characters)
 */
size_t cw_drawing_ink(struct cw_drawing *drawing, const char *name, const uint8_t rgb[3]);

/**
 * Append one operation.
 * @param op copied; its outlines must live as long as the drawing
 * @units   µm
 * @owner   the drawing's arena
 * @errors  CW_E_LIMIT "render.artwork_too_detailed" above CW_DRAWING_POINTS
 * @cost    O(1)
 * @source  tests/unit/renderer/test_drawing.c
 */
enum cw_status cw_drawing_add(struct cw_drawing *drawing, const struct cw_drawing_op *op,
                              struct cw_error *err) CW_MUST_USE;

/* A closed box as an outline in the drawing's arena. */
struct cw_outline cw_outline_box(struct cw_drawing *drawing, const struct cw_box *box);

/* An integer with its point moved left by `decimals` (0 … 12), without trailing zeros: 1500, 3 →
 * "1.5". The locale is never asked. */
void cw_put_decimal(struct cw_buf *buf, int64_t value, int decimals);
