/*
 * Responsible for Paeth's filter, 64 bytes at a time. Workers run it.
 */
#include "png_filter.h"
#include "wide_vector.h"

#define STEP CW_WIDE_PAETH_MIN

INSIDE __m512i load(const uint8_t *from) {
    return _mm512_loadu_si512((const void *)from);
}

INSIDE __m512i apart(__m512i a, __m512i b) {
    return _mm512_sub_epi8(_mm512_max_epu8(a, b), _mm512_min_epu8(a, b));
}

/* As paeth() of png_filter.c. */
INSIDE __m512i predicted(__m512i a, __m512i b, __m512i c) {
    const __m512i to_a = apart(b, c), to_b = apart(a, c);
    const __mmask64 sides =
        _kxor_mask64(_mm512_cmpgt_epu8_mask(b, c), _mm512_cmpgt_epu8_mask(a, c));
    const __m512i nearer = _mm512_mask_blend_epi8(_mm512_cmple_epu8_mask(to_a, to_b), b, a);
    const __mmask64 last =
        _mm512_mask_cmplt_epu8_mask(sides, apart(to_a, to_b), _mm512_min_epu8(to_a, to_b));
    return _mm512_mask_blend_epi8(last, nearer, c);
}

INSIDE void filter(const struct cw_png_row *row, const uint8_t *above, size_t at, uint8_t *ret) {
    const __m512i bytes = load(row->bytes + at), b = load(above + at);
    const __m512i a = load(row->bytes + at - row->pixel);
    __m512i left = _mm512_sub_epi8(bytes, a);
    /* plain background: left and above are the same, so either is right */
    if (_mm512_cmpneq_epu8_mask(bytes, b) | _mm512_test_epi8_mask(left, left))
        left = _mm512_sub_epi8(bytes, predicted(a, b, load(above + at - row->pixel)));
    _mm512_storeu_si512((void *)(ret + at), left);
}

WIDE void cw_wide_paeth(const struct cw_png_row *row, const uint8_t *above, uint8_t *ret) {
    size_t at = row->pixel;
    for (; at + STEP <= row->length; at += STEP)
        filter(row, above, at, ret);
    if (at < row->length) /* some of it again */
        filter(row, above, row->length - STEP, ret);
}
