/* What the loops of wide.h are made of: registers of 64 bytes. Only for x86-64. */
#pragma once

#include <immintrin.h>
#include <stdint.h>

/* gcc before 14 puts the 64-byte vectors of a frame that AddressSanitizer watches for use after
 * return at addresses of 32 (its bug 110027): these frames hold vectors alone and are left
 * unwatched. */
#if defined(__SANITIZE_ADDRESS__) && defined(__GNUC__) && __GNUC__ < 14
#define WIDE_WATCHED __attribute__((no_sanitize_address))
#else
#define WIDE_WATCHED
#endif
#define WIDE   WIDE_WATCHED __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")))
#define INSIDE static inline __attribute__((always_inline)) WIDE

INSIDE __m512i wide_table(const uint8_t *from) {
    return _mm512_loadu_si512((const void *)from);
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
