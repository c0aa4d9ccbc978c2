/* Small random products with every kind of option and rule, for tests against brute force. */
#pragma once

#include "base/arena.h"
#include "cordwain/product.h"

struct cw_random {
    uint64_t state;
};

/* 0 … n-1 (splitmix64; Steele, Lea, Flood 2014). */
uint32_t cw_random_below(struct cw_random *random, uint32_t n);

/* The same seed gives the same product; everything in the arena. At most 3000 value combinations.
 */
struct cw_product *cw_random_product(struct cw_arena *arena, uint64_t seed);

/* The same with everything else a document can say: derived options, overlays, stock, dates, lead
 * days, longer numbers, deep and wide conditions. Circumstances it knows: market "mars" (or any
 * other), overlays "v0" and "v1", stock items "s0" to "s2", dates around 2026-11-22. */
struct cw_product *cw_random_rich_product(struct cw_arena *arena, uint64_t seed);
