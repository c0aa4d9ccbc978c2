/*
 * Responsible for putting literals into bits, 64 at a time. Does not choose codes (deflate.c).
 * Workers run it.
 *
 * The 64 codes are looked up, then joined: two by two, four by four, eight by eight. Eight codes of
 * a picture hardly ever have more than 56 bits; if they have, four are put at a time.
 */
#include "deflate_wide.h"

#include "wide_vector.h"

#define STEP     64
#define BITS_MAX 56 /* of one cw_bits_put */

void cw_wide_codes(const struct cw_huffman *code, struct cw_wide_codes *ret) {
    for (size_t i = 0; i < CW_LITERALS; i++) {
        ret->lengths[i] = code->lengths[i];
        ret->low[i] = (uint8_t)code->codes[i];
        ret->high[i] = (uint8_t)(code->codes[i] >> 8);
    }
}

/* Codes and their lengths in equal lanes: of literals one after the other, `even` first. */
struct codes {
    __m512i even, odd;
    __m512i even_length, odd_length;
};

/* Two to a lane of sixteen bits. */
INSIDE struct codes codes_of(const struct cw_wide_codes *codes, const uint8_t *bytes,
                             __mmask64 mask) {
    const __m512i literals = _mm512_maskz_loadu_epi8(mask, (const void *)bytes);
    const __mmask64 upper = _mm512_movepi8_mask(literals);
    const __m512i all = _mm512_movm_epi8(mask); /* what is not there has no bits */
    const __m512i length = _mm512_and_si512(all, wide_look_up(codes->lengths, literals, upper));
    const __m512i low = _mm512_and_si512(all, wide_look_up(codes->low, literals, upper));
    const __m512i high = _mm512_and_si512(all, wide_look_up(codes->high, literals, upper));
    const __m512i highs = _mm512_set1_epi16((int16_t)0xff00);
    return (struct codes){.even = wide_choose(highs, _mm512_slli_epi16(high, 8), low),
                          .odd = wide_choose(highs, high, _mm512_srli_epi16(low, 8)),
                          .even_length = _mm512_andnot_si512(highs, length),
                          .odd_length = _mm512_srli_epi16(length, 8)};
}

/* Joined, in lanes of 32 bits, each with two literals. */
INSIDE struct codes join_two(const struct codes *of) {
    const __m512i lows = _mm512_set1_epi32(0xffff);
    const __m512i lengths = _mm512_add_epi16(of->even_length, of->odd_length);
    return (struct codes){
        .even = _mm512_or_si512(_mm512_and_si512(of->even, lows),
                                _mm512_sllv_epi32(_mm512_and_si512(of->odd, lows),
                                                  _mm512_and_si512(of->even_length, lows))),
        .odd = _mm512_or_si512(_mm512_srli_epi32(of->even, 16),
                               _mm512_sllv_epi32(_mm512_srli_epi32(of->odd, 16),
                                                 _mm512_srli_epi32(of->even_length, 16))),
        .even_length = _mm512_and_si512(lengths, lows),
        .odd_length = _mm512_srli_epi32(lengths, 16)};
}

/* In lanes of 64 bits, each with four. */
INSIDE struct codes join_four(const struct codes *of) {
    const __m512i lows = _mm512_set1_epi64(0xffffffff);
    const __m512i lengths = _mm512_add_epi32(of->even_length, of->odd_length);
    return (struct codes){
        .even = _mm512_or_si512(_mm512_and_si512(of->even, lows),
                                _mm512_sllv_epi64(_mm512_and_si512(of->odd, lows),
                                                  _mm512_and_si512(of->even_length, lows))),
        .odd = _mm512_or_si512(_mm512_srli_epi64(of->even, 32),
                               _mm512_sllv_epi64(_mm512_srli_epi64(of->odd, 32),
                                                 _mm512_srli_epi64(of->even_length, 32))),
        .even_length = _mm512_and_si512(lengths, lows),
        .odd_length = _mm512_srli_epi64(lengths, 32)};
}

INSIDE void put_fours(struct cw_bits *bits, const struct codes *four) {
    uint64_t values[2][8], lengths[2][8];
    _mm512_storeu_si512(values[0], four->even);
    _mm512_storeu_si512(values[1], four->odd);
    _mm512_storeu_si512(lengths[0], four->even_length);
    _mm512_storeu_si512(lengths[1], four->odd_length);
    for (size_t i = 0; i < 16; i++)
        cw_bits_put(bits, values[i % 2][i / 2], (unsigned)lengths[i % 2][i / 2]);
}

INSIDE void put_step(struct cw_bits *bits, const struct codes *one) {
    const struct codes two = join_two(one), four = join_four(&two);
    const __m512i sums = _mm512_add_epi64(four.even_length, four.odd_length);
    if (_mm512_cmpgt_epu64_mask(sums, _mm512_set1_epi64(BITS_MAX))) {
        put_fours(bits, &four);
        return;
    }
    uint64_t values[8], lengths[8];
    const __m512i odd = _mm512_sllv_epi64(four.odd, four.even_length);
    _mm512_storeu_si512(values, _mm512_or_si512(four.even, odd));
    _mm512_storeu_si512(lengths, sums);
    for (size_t i = 0; i < 8; i++)
        cw_bits_put(bits, values[i], (unsigned)lengths[i]);
}

WIDE void cw_wide_literals(struct cw_bits *to, const struct cw_wide_codes *codes,
                           const uint8_t *bytes, size_t length) {
    struct cw_bits bits = *to;
    for (; length >= STEP; length -= STEP, bytes += STEP) {
        const struct codes one = codes_of(codes, bytes, ~(__mmask64)0);
        put_step(&bits, &one);
    }
    if (length) {
        const struct codes one = codes_of(codes, bytes, ((__mmask64)1 << length) - 1);
        put_step(&bits, &one);
    }
    *to = bits;
}

WIDE void cw_wide_zeros(const uint8_t *bytes, size_t steps, uint64_t *ret) {
    for (size_t i = 0; i < steps; i++) {
        const __m512i step = _mm512_loadu_si512((const void *)(bytes + i * STEP));
        ret[i] = _mm512_testn_epi8_mask(step, step);
    }
}
