/*
 * Responsible for the arithmetic on rows. Does not know about views, parts or pictures (plan.c,
 * compose.c). Workers run it.
 */
#include "blend.h"

#include "blend_vector.h"
#include "blend_wide.h"
#include "base/srgb.h"

INLINE void clamp(vf8 *light) {
    const vf8 zero = {0}, one = zero + 1.0f;
    vf8 low = (vf8)((vi8)*light & (*light > zero)); /* not a number: 0 */
    vi8 under = low < one;
    *light = (vf8)(((vi8)low & under) | ((vi8)one & ~under));
}

CLONES void cw_blend_fill(const struct cw_light_row *row, const struct cw_span *span,
                          const float light[3]) {
    for (size_t c = 0; c < 3; c++) {
        vf8 *to = channel(row, c, span->block);
        const vf8 value = (vf8){0} + light[c];
        for (size_t i = 0; i < span->count; i++)
            to[i] = value;
    }
}

CLONES void cw_blend_ground(const struct cw_light_row *row, struct cw_run run, const uint16_t *free,
                            const float light[3]) {
    if (cw_wide) {
        cw_wide_ground(row, run, free, light);
        return;
    }
    const vf8 red = (vf8){0} + light[0], green = (vf8){0} + light[1], blue = (vf8){0} + light[2];
    for (size_t i = 0; i < run.count; i++) {
        vf8 *r = channel(row, 0, run.spans[i].block), *g = channel(row, 1, run.spans[i].block);
        vf8 *b = channel(row, 2, run.spans[i].block);
        for (size_t k = 0; k < run.spans[i].count; k++, free += CW_PACK_BLOCK) {
            vf8 steps;
            widen(free, &steps);
            r[k] = steps * red;
            g[k] = steps * green;
            b[k] = steps * blue;
        }
    }
}

CLONES void cw_blend_alpha(const struct cw_light_row *row, struct cw_run run,
                           const uint16_t *free) {
    for (size_t i = 0; i < run.count; i++) {
        vf8 *alpha = channel(row, 3, run.spans[i].block);
        for (size_t k = 0; k < run.spans[i].count; k++, free += CW_PACK_BLOCK) {
            vf8 steps;
            widen(free, &steps);
            alpha[k] = 1.0f - steps * (1.0f / UINT16_MAX);
        }
    }
}

/* One kind of light: += light · by. */
INLINE void add_one(const struct cw_light_row *row, struct cw_run run, const uint16_t *light,
                    const float by[3]) {
    const vf8 red = (vf8){0} + by[0], green = (vf8){0} + by[1], blue = (vf8){0} + by[2];
    for (size_t i = 0; i < run.count; i++) {
        vf8 *r = channel(row, 0, run.spans[i].block), *g = channel(row, 1, run.spans[i].block);
        vf8 *b = channel(row, 2, run.spans[i].block);
        for (size_t k = 0; k < run.spans[i].count; k++, light += CW_PACK_BLOCK) {
            vf8 steps;
            widen(light, &steps);
            r[k] += steps * red;
            g[k] += steps * green;
            b[k] += steps * blue;
        }
    }
}

INLINE void add_both(const struct cw_light_row *row, struct cw_run run,
                     const struct cw_part_light *part) {
    const float *tint = part->tint;
    const vf8 red = (vf8){0} + tint[0], green = (vf8){0} + tint[1], blue = (vf8){0} + tint[2];
    const vf8 unit = (vf8){0} + part->plain_unit;
    const uint16_t *tinted = part->tinted, *plain = part->plain;
    for (size_t i = 0; i < run.count; i++) {
        vf8 *r = channel(row, 0, run.spans[i].block), *g = channel(row, 1, run.spans[i].block);
        vf8 *b = channel(row, 2, run.spans[i].block);
        for (size_t k = 0; k < run.spans[i].count; k++) {
            vf8 steps, shine;
            widen(tinted + k * CW_PACK_BLOCK, &steps);
            widen(plain + k * CW_PACK_BLOCK, &shine);
            shine *= unit;
            r[k] += steps * red + shine;
            g[k] += steps * green + shine;
            b[k] += steps * blue + shine;
        }
        tinted += run.spans[i].count * (size_t)CW_PACK_BLOCK;
        plain += run.spans[i].count * (size_t)CW_PACK_BLOCK;
    }
}

CLONES void cw_blend_part(const struct cw_light_row *row, struct cw_run run,
                          const struct cw_part_light *part) {
    const float white[3] = {part->plain_unit, part->plain_unit, part->plain_unit};
    if (cw_wide)
        cw_wide_part(row, run, part);
    else if (part->tinted && part->plain)
        add_both(row, run, part);
    else if (part->tinted)
        add_one(row, run, part->tinted, part->tint);
    else if (part->plain)
        add_one(row, run, part->plain, white);
}

CLONES void cw_blend_inked(const struct cw_light_row *row, struct cw_run run,
                           const struct cw_part_light *part, const struct cw_light_row *colours) {
    const vf8 tinted_unit = (vf8){0} + part->tinted_unit, plain_unit = (vf8){0} + part->plain_unit;
    size_t at = 0;
    for (size_t i = 0; i < run.count; i++) {
        size_t end = (size_t)run.spans[i].block + run.spans[i].count;
        for (size_t k = run.spans[i].block; k < end; k++, at += CW_PACK_BLOCK) {
            vf8 steps = {0}, shine = {0};
            if (part->tinted)
                widen(part->tinted + at, &steps);
            if (part->plain)
                widen(part->plain + at, &shine);
            steps *= tinted_unit;
            shine *= plain_unit;
            for (size_t c = 0; c < 3; c++)
                *channel(row, c, k) += steps * *channel(colours, c, k) + shine;
        }
    }
}

CLONES void cw_blend_ink(const struct cw_light_row *colours, const uint32_t from_to[2],
                         const uint8_t *coverage, const float ink[3]) {
    size_t count = from_to[1] - from_to[0];
    for (size_t c = 0; c < 3; c++) {
        float *to = colours->light + c * colours->stride + from_to[0];
        for (size_t i = 0; i < count; i++)
            to[i] += (ink[c] - to[i]) * ((float)coverage[i] * (1.0f / 255));
    }
}

void cw_blend_picture(const struct cw_light_row *colours, const uint32_t from_to[2],
                      const uint8_t *coverage, const uint8_t *inks) {
    size_t count = from_to[1] - from_to[0];
    for (size_t c = 0; c < 3; c++) {
        float *to = colours->light + c * colours->stride + from_to[0];
        for (size_t i = 0; i < count; i++) {
            float light = cw_srgb_light(inks[3 * i + c], coverage[i]);
            to[i] += (light - to[i]) * ((float)coverage[i] * (1.0f / 255));
        }
    }
}

CLONES void cw_blend_bytes(const struct cw_light_row *row, const struct cw_span *span,
                           uint8_t *rgb) {
    if (cw_wide) {
        cw_wide_bytes(row, span, rgb);
        return;
    }
    for (size_t k = 0; k < span->count; k++, rgb += 3 * CW_PACK_BLOCK) {
        int32_t steps[3][CW_PACK_BLOCK] __attribute__((aligned(32)));
        for (size_t c = 0; c < 3; c++) {
            vf8 light = *channel(row, c, span->block + k);
            clamp(&light);
            *(vi8 *)(void *)steps[c] =
                __builtin_convertvector(light * (float)(CW_SRGB_STEPS - 1) + 0.5f, vi8);
        }
        for (size_t i = 0; i < CW_PACK_BLOCK; i++)
            for (size_t c = 0; c < 3; c++)
                rgb[i * 3 + c] = cw_srgb_byte[steps[c][i]];
    }
}

/* Straight colour and alpha of one pixel. */
INLINE void put_rgba(const float light[4], uint8_t *rgba) {
    float alpha = light[3] > 0 ? light[3] < 1 ? light[3] : 1 : 0;
    rgba[3] = (uint8_t)(alpha * 255 + 0.5f);
    for (size_t c = 0; c < 3; c++) {
        float value = rgba[3] ? light[c] / alpha : 0;
        value = value > 0 ? value < 1 ? value : 1 : 0;
        rgba[c] = rgba[3] ? cw_srgb_byte[(int32_t)(value * (float)(CW_SRGB_STEPS - 1) + 0.5f)] : 0;
    }
}

void cw_blend_bytes_alpha(const struct cw_light_row *row, const struct cw_span *span,
                          uint8_t *rgba) {
    if (cw_wide) {
        cw_wide_bytes_alpha(row, span, rgba);
        return;
    }
    const float *from = row->light + (size_t)span->block * CW_PACK_BLOCK;
    for (size_t i = 0; i < (size_t)span->count * CW_PACK_BLOCK; i++, rgba += 4) {
        const float light[4] = {from[i], from[i + row->stride], from[i + 2 * row->stride],
                                from[i + 3 * row->stride]};
        put_rgba(light, rgba);
    }
}

INLINE void down(const struct cw_stacked_rows *rows, const struct cw_span *span, cw_f4 *ret,
                 size_t channels) {
    for (size_t k = 0; k < span->count; k++) {
        float sums[4][CW_PACK_BLOCK] __attribute__((aligned(32))) = {0};
        size_t at = ((size_t)span->block + k) * CW_PACK_BLOCK;
        for (size_t c = 0; c < channels; c++) {
            vf8 sum = {0};
            for (size_t i = 0; i < rows->count; i++)
                sum += *(const vf8 *)(const void *)(rows->rows[i].light + c * rows->stride + at) *
                       rows->rows[i].weight;
            *(vf8 *)(void *)sums[c] = sum;
        }
        for (size_t i = 0; i < CW_PACK_BLOCK; i++)
            ret[at + i] =
                (cw_f4){sums[0][i], sums[1][i], sums[2][i], channels > 3 ? sums[3][i] : 0};
    }
}

CLONES void cw_blend_down(const struct cw_stacked_rows *rows, const struct cw_span *span,
                          cw_f4 *ret) {
    if (rows->channels > 3)
        down(rows, span, ret, 4);
    else
        down(rows, span, ret, 3);
}

void cw_blend_across_alpha(const cw_f4 *row, const struct cw_tap *taps, size_t count,
                           uint8_t *rgba) {
    for (size_t x = 0; x < count; x++, rgba += 4) {
        const cw_f4 *from = row + taps[x].first;
        cw_f4 sum = {0};
        for (uint32_t k = 0; k < taps[x].count; k++)
            sum += from[k] * taps[x].weights[k];
        const float light[4] = {sum[0], sum[1], sum[2], sum[3]};
        put_rgba(light, rgba);
    }
}

CLONES void cw_blend_across(const cw_f4 *row, const struct cw_tap *taps, size_t count,
                            uint8_t *rgb) {
    const cw_f4 zero = {0}, one = zero + 1.0f;
    for (size_t x = 0; x < count; x++, rgb += 3) {
        const cw_f4 *from = row + taps[x].first;
        cw_f4 sum = zero;
        for (uint32_t k = 0; k < taps[x].count; k++)
            sum += from[k] * taps[x].weights[k];
        sum = (cw_f4)((vi4)sum & (sum > zero));
        vi4 under = sum < one;
        sum = (cw_f4)(((vi4)sum & under) | ((vi4)one & ~under));
        vi4 steps = __builtin_convertvector(sum * (float)(CW_SRGB_STEPS - 1) + 0.5f, vi4);
        for (size_t c = 0; c < 3; c++)
            rgb[c] = cw_srgb_byte[steps[c]];
    }
}
