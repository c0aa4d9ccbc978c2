/* What the row loops are made of: eight pixels in one vector. Used by blend.c and blend_sheet.c. */
#pragma once

#include "blend.h"
#include "clones.h"

typedef float vf8 __attribute__((vector_size(32)));
typedef int32_t vi8 __attribute__((vector_size(32)));
typedef int32_t vi4 __attribute__((vector_size(16)));
typedef uint16_t vu8 __attribute__((vector_size(16)));

/* Vectors go by pointer: passing them would tie the helpers to one kind of processor. */
INLINE void widen(const uint16_t *from, vf8 *ret) {
    const vu8 *steps =
        (const vu8 *)(const void *)from; /* pieces of a pack are aligned to 64 bytes */
    *ret = __builtin_convertvector(__builtin_convertvector(*steps, vi8), vf8);
}

INLINE vf8 *channel(const struct cw_light_row *row, size_t number, size_t block) {
    return (vf8 *)(void *)(row->light + number * row->stride) + block;
}
