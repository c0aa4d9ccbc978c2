/*
 * Responsible for the arithmetic of stacked sheets. Does not know what they show (sheet.c). Workers
 * run it.
 *
 * W3C Compositing and Blending Level 1 §5 and §9, with colours multiplied by alpha. For a source s
 * with alpha a on a backdrop b with alpha B, co = s (1 - B) + b (1 - a) + a B · blend(b / B, s / a)
 * and ao = a + B - a B; the last term of co is
 *
 *   normal    B s                       multiply  s b
 *   screen    B s + a b - s b           overlay   2 s b where 2 b <= B, else
 *                                                 a B - 2 (B - b) (a - s)
 */
#include "blend_vector.h"
#include "sheet.h"

struct pixels {
    vf8 light[4]; /* multiplied by alpha, which is the last */
};

INLINE void choose(const vi8 *mask, const vf8 *yes, const vf8 *no, vf8 *ret) {
    *ret = (vf8)(((vi8)*yes & *mask) | ((vi8)*no & ~*mask));
}

/* What both together give, for one channel. */
INLINE void both(enum cw_blend mode, const struct pixels *s, const struct pixels *b, size_t c,
                 vf8 *ret) {
    const vf8 product = s->light[c] * b->light[c], over = s->light[c] * b->light[3];
    if (mode == CW_BLEND_NORMAL) {
        *ret = over;
    } else if (mode == CW_BLEND_MULTIPLY) {
        *ret = product;
    } else if (mode == CW_BLEND_SCREEN) {
        *ret = over + s->light[3] * b->light[c] - product;
    } else {
        const vf8 low = 2.0f * product;
        const vf8 high = s->light[3] * b->light[3] -
                         2.0f * (b->light[3] - b->light[c]) * (s->light[3] - s->light[c]);
        const vi8 dark = 2.0f * b->light[c] <= b->light[3];
        choose(&dark, &low, &high, ret);
    }
}

INLINE void stack(enum cw_blend mode, const struct cw_light_row *group, size_t block,
                  const struct pixels *s) {
    struct pixels b;
    for (size_t c = 0; c < 4; c++)
        b.light[c] = *channel(group, c, block);
    const vf8 around = 1.0f - b.light[3], through = 1.0f - s->light[3];
    for (size_t c = 0; c < 3; c++) {
        vf8 mixed;
        both(mode, s, &b, c, &mixed);
        *channel(group, c, block) = s->light[c] * around + b.light[c] * through + mixed;
    }
    *channel(group, 3, block) = s->light[3] + b.light[3] * through;
}

/* `from` tells which of the picture's channels each of ours is. */
INLINE void stack_run(enum cw_blend mode, const struct cw_light_row *group, struct cw_run run,
                      const struct cw_sheet *sheet, const uint16_t *steps) {
    size_t last = sheet->channels - 1;
    const size_t from[4] = {0, last == 3 ? 1 : 0, last == 3 ? 2 : 0, last};
    const float unit = sheet->opacity / CW_PACK_STEPS;
    const float by[4] = {sheet->tint[0] * unit, sheet->tint[1] * unit, sheet->tint[2] * unit, unit};
    for (size_t i = 0; i < run.count; i++) {
        size_t end = (size_t)run.spans[i].block + run.spans[i].count;
        for (size_t k = run.spans[i].block; k < end; k++) {
            struct pixels s;
            for (size_t c = 0; c < 4; c++) {
                widen(steps + from[c] * CW_PACK_BLOCK, &s.light[c]);
                s.light[c] *= by[c];
            }
            stack(mode, group, k, &s);
            steps += sheet->channels * CW_PACK_BLOCK;
        }
    }
}

CLONES void cw_blend_sheet(const struct cw_light_row *group, struct cw_run run,
                           const struct cw_sheet *sheet, const uint16_t *steps) {
    if (sheet->blend == CW_BLEND_NORMAL)
        stack_run(CW_BLEND_NORMAL, group, run, sheet, steps);
    else if (sheet->blend == CW_BLEND_MULTIPLY)
        stack_run(CW_BLEND_MULTIPLY, group, run, sheet, steps);
    else if (sheet->blend == CW_BLEND_SCREEN)
        stack_run(CW_BLEND_SCREEN, group, run, sheet, steps);
    else
        stack_run(CW_BLEND_OVERLAY, group, run, sheet, steps);
}

/* Source-atop keeps the backdrop's alpha, so ink lies only where there is something to print on. */
INLINE float atop(enum cw_blend mode, float ink, float light, float alpha) {
    float mixed = ink * alpha;
    if (mode == CW_BLEND_MULTIPLY)
        mixed = ink * light;
    else if (mode == CW_BLEND_SCREEN)
        mixed = ink * alpha + light - ink * light;
    else if (mode == CW_BLEND_OVERLAY)
        mixed = 2 * light <= alpha ? 2 * ink * light : alpha - 2 * (alpha - light) * (1 - ink);
    return ((1 - alpha) * ink + mixed) * alpha;
}

CLONES void cw_blend_atop(const struct cw_light_row *group, const uint32_t from_to[2],
                          const uint8_t *coverage, const struct cw_sheet *ink) {
    size_t count = from_to[1] - from_to[0];
    const float *alpha = group->light + 3 * group->stride + from_to[0];
    const float unit = ink->opacity / 255;
    for (size_t c = 0; c < 3; c++) {
        float *to = group->light + c * group->stride + from_to[0];
        for (size_t i = 0; i < count; i++) {
            float inked = atop(ink->blend, ink->tint[c], to[i], alpha[i]);
            to[i] += (inked - to[i]) * ((float)coverage[i] * unit);
        }
    }
}

CLONES void cw_blend_clear(const struct cw_light_row *group, struct cw_run run) {
    for (size_t i = 0; i < run.count; i++)
        for (size_t c = 0; c < 4; c++)
            for (size_t k = 0; k < run.spans[i].count; k++)
                *channel(group, c, run.spans[i].block + k) = (vf8){0};
}

CLONES void cw_blend_over(const struct cw_sheet_rows *rows, struct cw_run run, bool alpha) {
    for (size_t i = 0; i < run.count; i++) {
        size_t end = (size_t)run.spans[i].block + run.spans[i].count;
        for (size_t k = run.spans[i].block; k < end; k++) {
            const vf8 through = 1.0f - *channel(rows->group, 3, k);
            for (size_t c = 0; c < (alpha ? 4 : 3); c++)
                *channel(rows->row, c, k) =
                    *channel(rows->group, c, k) + *channel(rows->row, c, k) * through;
        }
    }
}
