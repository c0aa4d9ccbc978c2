/* What the loops of wide.h are made of: registers of 64 bytes. Only for x86-64. */
#pragma once

#include <immintrin.h>
#include <stdint.h>

#define WIDE   __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")))
#define INSIDE static inline __attribute__((always_inline)) WIDE

INSIDE __m512i wide_table(const uint8_t *from) { /* aligned to 64 */
    return _mm512_load_si512((const void *)from);
}

/* Bytes of a table of 256: two permutations and a choice. `high` tells which indexes have their
 * highest bit set. */
INSIDE __m512i wide_look_up(const uint8_t *from, __m512i index, __mmask64 high) {
    const __m512i low_half =
        _mm512_permutex2var_epi8(wide_table(from), index, wide_table(from + 64));
    const __m512i high_half =
        _mm512_permutex2var_epi8(wide_table(from + 128), index, wide_table(from + 192));
    return _mm512_mask_blend_epi8(high, low_half, high_half);
}

/* Bits of `yes` where `mask` has ones, else of `no`. */
INSIDE __m512i wide_choose(__m512i mask, __m512i yes, __m512i no) {
    return _mm512_ternarylogic_epi32(mask, yes, no, 0xca);
}
