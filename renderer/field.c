/*
 * Responsible for fields: shrinking them and turning them into spans of steps. Does not know what
 * they mean (pack_level.c). The pack writer runs it.
 */
#include "field.h"

#include <math.h>
#include <string.h>

/* One row of the field averaged downwards. */
static void average_down(const struct cw_field *from, const struct cw_tap *tap, float *sums) {
    memset(sums, 0, from->w * sizeof *sums);
    for (uint32_t k = 0; k < tap->count; k++) {
        uint32_t y = tap->first + k;
        if (y < from->y || y - from->y >= from->h)
            continue;
        const float *row = from->values + (size_t)(y - from->y) * from->w;
        for (uint32_t x = 0; x < from->w; x++)
            sums[x] += row[x] * tap->weights[k];
    }
}

static float average_across(const struct cw_field *from, const struct cw_tap *tap,
                            const float *sums) {
    float sum = 0;
    for (uint32_t k = 0; k < tap->count; k++) {
        uint32_t x = tap->first + k;
        if (x >= from->x && x - from->x < from->w)
            sum += sums[x - from->x] * tap->weights[k];
    }
    return sum;
}

struct cw_field cw_field_shrink(struct cw_arena *arena, const struct cw_field *from,
                                const struct cw_field_step *step) {
    if (from->w == 0 || from->h == 0)
        return (struct cw_field){0};
    uint32_t columns[2], rows[2];
    cw_filter_meeting(&step->across, from->x, from->x + from->w, columns);
    cw_filter_meeting(&step->down, from->y, from->y + from->h, rows);
    struct cw_field to = {
        .x = columns[0], .y = rows[0], .w = columns[1] - columns[0], .h = rows[1] - rows[0]};
    to.values = cw_arena_array(arena, (size_t)to.w * to.h + 1, sizeof *to.values);
    float *sums = cw_arena_array(arena, from->w, sizeof *sums);
    for (uint32_t y = 0; y < to.h; y++) {
        average_down(from, &step->down.taps[to.y + y], sums);
        for (uint32_t x = 0; x < to.w; x++)
            to.values[(size_t)y * to.w + x] =
                average_across(from, &step->across.taps[to.x + x], sums);
    }
    return to;
}

static bool reaches(const struct cw_field *field, uint32_t row, uint32_t block, float least) {
    uint32_t from = block * CW_PACK_BLOCK, to = from + CW_PACK_BLOCK;
    from = from > field->x ? from : field->x;
    to = to < field->x + field->w ? to : field->x + field->w;
    for (uint32_t x = from; x < to; x++)
        if (field->values[(size_t)row * field->w + (x - field->x)] >= least)
            return true;
    return false;
}

struct cw_spans cw_field_spans(struct cw_arena *arena, const struct cw_field *field, float least) {
    struct cw_spans ret = {.y = field->y, .h = field->h};
    uint32_t first = field->x / CW_PACK_BLOCK, end = cw_pack_blocks(field->x + field->w);
    struct cw_span_row *rows = cw_arena_array(arena, field->h + (size_t)1, sizeof *rows);
    /* a row has at most one span in two blocks */
    size_t most = (size_t)field->h * ((end - first + 1) / 2 + 1);
    struct cw_span *spans = cw_arena_array(arena, most + 1, sizeof *spans);
    for (uint32_t row = 0; row < field->h; row++) {
        bool inside = false;
        for (uint32_t block = first; block < end; block++) {
            bool here = reaches(field, row, block, least);
            if (here && !inside)
                spans[ret.count++] = (struct cw_span){.block = (uint16_t)block};
            if (here) {
                spans[ret.count - 1].count++;
                ret.blocks++;
            }
            inside = here;
        }
        rows[row + 1] = (struct cw_span_row){ret.count, ret.blocks};
    }
    ret.rows = rows;
    ret.spans = spans;
    return ret;
}

static uint16_t step_of(const struct cw_field *field, uint32_t row, uint32_t x, float unit) {
    if (x < field->x || x - field->x >= field->w)
        return 0;
    double steps = rint((double)field->values[(size_t)row * field->w + (x - field->x)] / unit);
    return (uint16_t)(steps < 0 ? 0 : steps > UINT16_MAX ? UINT16_MAX : steps);
}

const uint16_t *cw_field_steps(struct cw_arena *arena, const struct cw_field *field,
                               const struct cw_spans *spans, float unit) {
    uint16_t *ret = cw_arena_array(arena, (size_t)spans->blocks * CW_PACK_BLOCK + 1, sizeof *ret);
    uint16_t *at = ret;
    for (uint32_t row = 0; row < spans->h; row++)
        for (uint32_t i = spans->rows[row].span; i < spans->rows[row + 1].span; i++) {
            uint32_t from = spans->spans[i].block * CW_PACK_BLOCK;
            uint32_t to = from + spans->spans[i].count * CW_PACK_BLOCK;
            for (uint32_t x = from; x < to; x++)
                *at++ = step_of(field, row, x, unit);
        }
    return ret;
}

float cw_field_max(const struct cw_field *field) {
    float most = 0;
    for (size_t i = 0; i < (size_t)field->w * field->h; i++)
        if (field->values[i] > most)
            most = field->values[i];
    return most;
}
