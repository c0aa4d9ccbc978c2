/* Sets of values as words: what every part of the compiler does with them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline bool cw_bits_meet(const uint64_t *a, const uint64_t *b, uint32_t words) {
    for (uint32_t w = 0; w < words; w++)
        if (a[w] & b[w])
            return true;
    return false;
}
static inline bool cw_bits_within(const uint64_t *a, const uint64_t *b, uint32_t words) {
    for (uint32_t w = 0; w < words; w++)
        if (a[w] & ~b[w])
            return false;
    return true;
}
static inline bool cw_bits_equal(const uint64_t *a, const uint64_t *b, uint32_t words) {
    return memcmp(a, b, words * sizeof *a) == 0;
}
/* Without an instruction for it (the programs run on any x86-64), loops over this are vectorised
 * and calls of the library's table are not (Warren, Hacker's Delight §5-1). */
static inline uint32_t cw_bits_ones(uint64_t x) {
    x -= x >> 1 & UINT64_C(0x5555555555555555);
    x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
    x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (uint32_t)(x * UINT64_C(0x0101010101010101) >> 56);
}
static inline uint32_t cw_bits_count(const uint64_t *a, uint32_t words) {
    uint32_t count = 0;
    for (uint32_t w = 0; w < words; w++)
        count += cw_bits_ones(a[w]);
    return count;
}
static inline bool cw_bits_empty(const uint64_t *a, uint32_t words) {
    for (uint32_t w = 0; w < words; w++)
        if (a[w])
            return false;
    return true;
}
/* At most one value. */
static inline bool cw_bits_fixed(const uint64_t *a, uint32_t words) {
    if (words == 1)
        return (a[0] & (a[0] - 1)) == 0;
    return cw_bits_count(a, words) <= 1;
}
/* The first value at or after `from`, or UINT32_MAX. */
static inline uint32_t cw_bits_next(const uint64_t *a, uint32_t words, uint32_t from) {
    for (uint32_t w = from / 64; w < words; w++) {
        uint64_t rest = a[w];
        if (w == from / 64)
            rest &= UINT64_MAX << (from % 64);
        if (rest)
            return w * 64 + (uint32_t)__builtin_ctzll(rest);
    }
    return UINT32_MAX;
}
#define CW_BITS_EACH(value, a, words)                                                              \
    for (uint32_t value = cw_bits_next((a), (words), 0); value != UINT32_MAX;                      \
         value = cw_bits_next((a), (words), value + 1))
