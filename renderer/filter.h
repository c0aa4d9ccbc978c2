/* One axis of a resampling: for each output pixel, which input pixels count how much. */
#pragma once

#include <stdbool.h>
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

/* The output pixels whose taps meet the input pixels [from, to): [ret[0], ret[1]). */
void cw_filter_meeting(const struct cw_filter *filter, uint32_t from, uint32_t to, uint32_t ret[2]);
