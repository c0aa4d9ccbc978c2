/* Repeatable random numbers, for examples; never for secrets (cw_random of base/digest.h). */
#pragma once

#include <stdint.h>

/* splitmix64 (Steele, Lea, Flood 2014). */
static inline uint64_t cw_draw_next(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* 0 … n-1, every one equally likely: what does not divide evenly is thrown away. n > 0. */
static inline uint64_t cw_draw_below(uint64_t *state, uint64_t n) {
    uint64_t uneven = -n % n, drawn;
    do
        drawn = cw_draw_next(state);
    while (drawn < uneven);
    return drawn % n;
}
