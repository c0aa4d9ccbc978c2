/* Numbers over a rectangle of a view while it is packed, and the same at smaller sizes. */
#pragma once

#include "filter.h"
#include "pack.h"

/* Zero outside its rectangle. */
struct cw_field {
    uint32_t x, y, w, h; /* [px] */
    float *values;       /* w × h */
};

/* Weights from one size to a smaller one. */
struct cw_field_step {
    struct cw_filter across, down;
};

/**
 * The area average of a field at a smaller size.
 * @param arena where the values go
 * @units   pixels
 * @owner   the arena's
 * @errors  none
 * @cost    O(values)
 * @source  filter.h
 */
struct cw_field cw_field_shrink(struct cw_arena *arena, const struct cw_field *from,
                                const struct cw_field_step *step);

/* Where a field reaches `least`, in blocks. */
struct cw_spans cw_field_spans(struct cw_arena *arena, const struct cw_field *field, float least);

/* What of the field the spans hold, in steps of `unit` (> 0), rounded to the nearest. */
const uint16_t *cw_field_steps(struct cw_arena *arena, const struct cw_field *field,
                               const struct cw_spans *spans, float unit);

/* The largest value; 0 of an empty field. */
float cw_field_max(const struct cw_field *field);
