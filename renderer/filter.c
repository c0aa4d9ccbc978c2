/*
 * Responsible for resampling weights. Does not touch pixels. Workers run it.
 *
 * Downwards the area average is used: in linear light it has no ringing, so the product gets no
 * halo on its background. Upwards (at most 4096, from 1600 in the demo art) the cubic of Mitchell
 * and Netravali (1988, B = C = 1/3).
 */
#include "filter.h"

#include <math.h>

static double mitchell(double x) {
    x = fabs(x);
    if (x < 1)
        return (7 * x * x * x - 12 * x * x + 16.0 / 3) / 6;
    if (x < 2)
        return (-7.0 / 3 * x * x * x + 12 * x * x - 20 * x + 32.0 / 3) / 6;
    return 0;
}

static double overlap(double a0, double a1, double b0, double b1) {
    double low = a0 > b0 ? a0 : b0, high = a1 < b1 ? a1 : b1;
    return high > low ? high - low : 0;
}

static void area(struct cw_arena *arena, uint32_t from, double ratio, uint32_t i,
                 struct cw_tap *tap) {
    double start = i * ratio, end = (i + 1) * ratio;
    uint32_t first = (uint32_t)floor(start + 1e-9), last = (uint32_t)ceil(end - 1e-9);
    if (last > from)
        last = from;
    float *weights = cw_arena_array(arena, last - first, sizeof *weights);
    for (uint32_t k = first; k < last; k++)
        weights[k - first] = (float)(overlap(start, end, k, k + 1.0) / ratio);
    *tap = (struct cw_tap){first, last - first, weights};
}

static void cubic(struct cw_arena *arena, uint32_t from, double ratio, uint32_t i,
                  struct cw_tap *tap) {
    double centre = (i + 0.5) * ratio - 0.5;
    int64_t low = (int64_t)floor(centre) - 1, high = low + 4;
    int64_t first = low < 0 ? 0 : low, last = high > from ? from : high;
    float *weights = cw_arena_array(arena, (size_t)(last - first), sizeof *weights);
    double sum = 0;
    for (int64_t k = first; k < last; k++)
        sum += mitchell((double)k - centre);
    for (int64_t k = first; k < last; k++)
        weights[k - first] = (float)(mitchell((double)k - centre) / sum);
    *tap = (struct cw_tap){(uint32_t)first, (uint32_t)(last - first), weights};
}

void cw_filter_make(struct cw_arena *arena, uint32_t from, uint32_t to, struct cw_filter *ret) {
    double ratio = (double)from / to;
    *ret = (struct cw_filter){.size = to, .taps = cw_arena_array(arena, to, sizeof *ret->taps)};
    for (uint32_t i = 0; i < to; i++) {
        if (from >= to)
            area(arena, from, ratio, i, &ret->taps[i]);
        else
            cubic(arena, from, ratio, i, &ret->taps[i]);
        if (ret->taps[i].count > ret->count_max)
            ret->count_max = ret->taps[i].count;
    }
}

/* First output whose taps end after `at` (or begin at or after it, by `ends`): both only rise. */
static uint32_t first_past(const struct cw_filter *filter, uint32_t at, bool ends) {
    uint32_t low = 0, high = filter->size;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        const struct cw_tap *tap = &filter->taps[middle];
        if (ends ? tap->first + tap->count > at : tap->first >= at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

void cw_filter_meeting(const struct cw_filter *filter, uint32_t from, uint32_t to,
                       uint32_t ret[2]) {
    ret[0] = first_past(filter, from, true);
    ret[1] = first_past(filter, to, false);
}
