/* Row filters of PNG (PNG 1.2 §6). */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct cw_png_row {
    const uint8_t *bytes;
    size_t length; /* bytes, a multiple of pixel */
    size_t pixel;  /* bytes */
};

/* Type 1: each byte minus the one a pixel before. `ret` has the row's length, without the type. */
void cw_png_filter_sub(const struct cw_png_row *row, uint8_t *ret);

/* Type 4 (Paeth 1991): minus that of left, above and left above which is nearest to
 * left + above - left above. */
void cw_png_filter_paeth(const struct cw_png_row *row, const uint8_t *above, uint8_t *ret);

/* The same but for the first pixel. Only while cw_wide, and for at least a pixel and 64 bytes. */
void cw_wide_paeth(const struct cw_png_row *row, const uint8_t *above, uint8_t *ret);

#define CW_WIDE_PAETH_MIN 64
