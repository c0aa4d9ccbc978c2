/* One axis of a resampling: for each output pixel, which input pixels count how much. */
#pragma once

#include <stdint.h>

#include "base/arena.h"

struct cw_tap {
    uint32_t first, count;
    const float *weights; /* sum 1 */
};

struct cw_filter {
    uint32_t size; /* output pixels */
    uint32_t count_max;
    struct cw_tap *taps;
};

/* Area average downwards, Mitchell-Netravali bicubic upwards, identity at equal sizes. From
 * `arena`. */
void cw_filter_make(struct cw_arena *arena, uint32_t from, uint32_t to, struct cw_filter *ret);
