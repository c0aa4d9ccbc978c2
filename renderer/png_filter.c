/*
 * Responsible for the row filters of PNG. Does not choose between them (encode_png.c). Workers run
 * it.
 */
#include "png_filter.h"

#include <string.h>

#include "clones.h"
#include "wide.h"

CLONES void cw_png_filter_sub(const struct cw_png_row *row, uint8_t *restrict ret) {
    const uint8_t *restrict bytes = row->bytes;
    const size_t pixel = row->pixel, length = row->length;
    memcpy(ret, bytes, pixel);
    for (size_t i = pixel; i < length; i++)
        ret[i] = (uint8_t)(bytes[i] - bytes[i - pixel]);
}

INLINE uint8_t apart(uint8_t a, uint8_t b) {
    return (uint8_t)(a > b ? a - b : b - a);
}

/* Left above is a distance away that is what the other two are apart when left and above lie on
 * different sides of it, and never the smallest when they do not. */
CLONES static void paeth(const struct cw_png_row *row, const uint8_t *restrict above,
                         uint8_t *restrict ret) {
    const uint8_t *restrict bytes = row->bytes;
    const size_t pixel = row->pixel, length = row->length;
    for (size_t i = pixel; i < length; i++) {
        uint8_t a = bytes[i - pixel], b = above[i], c = above[i - pixel];
        uint8_t to_a = apart(b, c), to_b = apart(a, c);
        uint8_t to_c = (b > c) == (a > c) ? UINT8_MAX : apart(to_a, to_b);
        uint8_t nearer = to_a <= to_b ? a : b, least = to_a <= to_b ? to_a : to_b;
        ret[i] = (uint8_t)(bytes[i] - (to_c < least ? c : nearer));
    }
}

void cw_png_filter_paeth(const struct cw_png_row *row, const uint8_t *above, uint8_t *ret) {
    for (size_t i = 0; i < row->pixel; i++)
        ret[i] = (uint8_t)(row->bytes[i] - above[i]);
    if (cw_wide && row->length >= row->pixel + CW_WIDE_PAETH_MIN)
        cw_wide_paeth(row, above, ret);
    else
        paeth(row, above, ret);
}
