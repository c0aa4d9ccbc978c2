/*
 * Responsible for setting a decoded picture upright. Does not find out which way is up (exif.c).
 * The importer process runs it, inside the sandbox.
 *
 * A photo of 40 Mpx is 160 MB, and a process may not have two: the source's pages are given back
 * band by band while the other picture fills.
 */
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "import.h"

#define BAND 64 /* rows and columns turned at a time, so that both sides stay in the cache */

/* Where the source's pixel (0, 0) goes, and how far its neighbours to the right and below. */
struct walk {
    ptrdiff_t first, right, down; /* [pixels] */
};

/* Orientations 5 to 8 swap the sides; w and h are the source's. */
static struct walk plan(int orientation, ptrdiff_t w, ptrdiff_t h) {
    switch (orientation) {
    case 2: /* mirrored left to right */
        return (struct walk){w - 1, -1, w};
    case 3: /* upside down */
        return (struct walk){w * h - 1, -1, -w};
    case 4: /* mirrored top to bottom */
        return (struct walk){w * (h - 1), 1, -w};
    case 5: /* mirrored along the falling diagonal */
        return (struct walk){0, h, 1};
    case 6: /* a quarter turn to the right sets it upright */
        return (struct walk){h - 1, h, -1};
    case 7: /* mirrored along the rising diagonal */
        return (struct walk){w * h - 1, -h, -1};
    case 8: /* a quarter turn to the left */
        return (struct walk){h * (w - 1), -h, 1};
    default:
        return (struct walk){0, 1, w};
    }
}

static void turn_band(const struct cw_imported *from, const struct walk *walk, uint32_t top,
                      uint32_t bottom, uint8_t *to) {
    for (uint32_t left = 0; left < from->width_px; left += BAND) {
        uint32_t right = from->width_px - left > BAND ? left + BAND : from->width_px;
        for (uint32_t y = top; y < bottom; y++) {
            const uint8_t *pixel = from->rgba + ((size_t)y * from->width_px + left) * 4;
            ptrdiff_t at = walk->first + walk->right * (ptrdiff_t)left + walk->down * (ptrdiff_t)y;
            for (uint32_t x = left; x < right; x++, pixel += 4, at += walk->right)
                memcpy(to + at * 4, pixel, 4);
        }
    }
}

/* Pages wholly before `end` are not read any more. When the system does not take them: so be it. */
static size_t give_back(const struct cw_imported *from, size_t given, size_t end) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), until = end / page * page;
    if (until > given)
        (void)madvise(from->rgba + given, until - given, MADV_REMOVE);
    return until;
}

enum cw_status cw_imported_turn(struct cw_imported *picture, int orientation,
                                struct cw_error *err) {
    if (orientation <= 1 || orientation > 8)
        return CW_OK;
    struct cw_imported from = *picture, to = CW_IMPORTED_NONE;
    bool swaps = orientation >= 5;
    enum cw_status status = cw_imported_init(&to, from.kind, swaps ? from.height_px : from.width_px,
                                             swaps ? from.width_px : from.height_px, err);
    if (status)
        return status;
    to.colour = from.colour;
    const struct walk walk = plan(orientation, from.width_px, from.height_px);
    size_t given = 0;
    for (uint32_t top = 0; top < from.height_px; top += BAND) {
        uint32_t bottom = from.height_px - top > BAND ? top + BAND : from.height_px;
        turn_band(&from, &walk, top, bottom, to.rgba);
        given = give_back(&from, given, (size_t)bottom * from.width_px * 4);
    }
    cw_imported_deinit(&from);
    *picture = to;
    return CW_OK;
}
