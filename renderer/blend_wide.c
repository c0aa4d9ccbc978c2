/*
 * Responsible for the arithmetic on rows, sixteen pixels at a time. Does not know about views,
 * parts or pictures. Workers run it.
 *
 * The sRGB curve has 255 thresholds among its 65536 steps. A step falls into a bin, whose tables
 * hold the byte at the bin's beginning and where in the bin thresholds lie:
 *
 *   steps from 16384 on: bins of 256 steps; a level takes 258 there, so no bin has two thresholds
 *   steps below:         bins of 64; from 2048 on a level takes 77; the first 32 bins have up to 4
 *
 * A table of 256 bytes is four registers; a look-up of 64 bytes is two permutations and a choice.
 */
#include "blend_wide.h"

#include <string.h>

#include "base/srgb.h"
#include "wide_vector.h"

bool cw_wide;

#define BINS       256
#define COARSE     256 /* steps of a bin */
#define FINE       64
#define FINE_TO    16384               /* steps below are in fine bins */
#define CROWDED    32                  /* fine bins with more than one threshold are below */
#define RGBA_BLUE  0x4444444444444444u /* which bytes are */
#define RGBA_ALPHA 0x8888888888888888u
#define NEVER      255 /* no offset is above */

struct bins {
    uint8_t byte[BINS], after[BINS]; /* one level more for offsets above this */
};

static struct {
    struct bins coarse, fine;
    uint8_t more[3][64]; /* the second to fourth threshold of crowded bins */
    /* from 64 bytes of each channel, in the order that packing leaves, to pixels */
    uint8_t rgb_from[3][64], rgb_blue[3][64];
    uint8_t rgba_from[4][64];
    uint64_t rgb_is_blue[3]; /* last: what is before is aligned to 64 */
} tables __attribute__((aligned(64)));

/* ---- tables ---------------------------------------------------------------------------------- */

/* Where in a bin the number-th threshold lies, less one. */
static uint8_t threshold(size_t first, size_t width, int number) {
    for (size_t i = 1; i < width; i++)
        if (cw_srgb_byte[first + i] - cw_srgb_byte[first] >= number)
            return (uint8_t)(i - 1);
    return NEVER;
}

static void fill_bins(void) {
    for (size_t i = 0; i < BINS; i++) {
        tables.coarse.byte[i] = cw_srgb_byte[i * COARSE];
        tables.coarse.after[i] = threshold(i * COARSE, COARSE, 1);
        tables.fine.byte[i] = cw_srgb_byte[i * FINE];
        tables.fine.after[i] = threshold(i * FINE, FINE, 1);
    }
    for (size_t i = 0; i < 3 * CROWDED; i++)
        tables.more[i / CROWDED][i % CROWDED] =
            threshold(i % CROWDED * FINE, FINE, 2 + (int)(i / CROWDED));
}

/* Four registers of sixteen steps become one of 64 bytes: packed in pairs, which interleaves
 * quarters of four, then the pairs as even and odd bytes. Where is a pixel's byte? */
static uint8_t place(size_t pixel) {
    size_t number = pixel / 16, quarter = pixel % 16 / 4, at = pixel % 4;
    return (uint8_t)(2 * (quarter * 8 + (number & 1) * 4 + at) + number / 2);
}

static void fill_orders(void) {
    for (size_t i = 0; i < 3 * 64; i++) {
        uint8_t from = place(i / 3);
        tables.rgb_from[i / 64][i % 64] = (uint8_t)(from + (i % 3 == 1 ? 64 : 0));
        tables.rgb_blue[i / 64][i % 64] = from;
        tables.rgb_is_blue[i / 64] |= (uint64_t)(i % 3 == 2) << i % 64;
    }
    for (size_t i = 0; i < 4 * 64; i++)
        tables.rgba_from[i / 64][i % 64] = (uint8_t)(place(i / 4) + (i & 1 ? 64 : 0));
}

void cw_wide_init(bool wanted) {
    __builtin_cpu_init();
    cw_wide = wanted && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
              __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi");
    if (!cw_wide)
        return;
    memset(&tables, 0, sizeof tables);
    fill_bins();
    fill_orders();
}

/* ---- light ----------------------------------------------------------------------------------- */

#define ALL  0xffff /* sixteen pixels */
#define HALF 0x00ff /* eight: a block that is left over */

INSIDE __m512 light_of(const uint16_t *steps, __mmask16 mask) {
    return _mm512_cvtepi32_ps(_mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, steps)));
}

INSIDE float *channel_at(const struct cw_light_row *row, size_t number, size_t pixel) {
    return row->light + number * row->stride + pixel;
}

struct three {
    __m512 c[3];
};

INSIDE struct three three_of(const float values[3]) {
    return (struct three){
        {_mm512_set1_ps(values[0]), _mm512_set1_ps(values[1]), _mm512_set1_ps(values[2])}};
}

/* One step of a loop over a span: sixteen pixels from `at` on, whose steps begin at `data`. */
typedef void step_fn(const struct cw_light_row *row, size_t at, size_t data, __mmask16 mask,
                     const void *with);

INSIDE void each_pixel(const struct cw_light_row *row, struct cw_run run, step_fn *step,
                       const void *with) {
    for (size_t i = 0, data = 0; i < run.count; i++) {
        size_t at = (size_t)run.spans[i].block * CW_PACK_BLOCK;
        size_t end = at + (size_t)run.spans[i].count * CW_PACK_BLOCK;
        for (; at + 16 <= end; at += 16, data += 16)
            step(row, at, data, ALL, with);
        if (at < end) {
            step(row, at, data, HALF, with);
            data += CW_PACK_BLOCK;
        }
    }
}

struct ground {
    const uint16_t *free;
    struct three light;
};

INSIDE void ground_step(const struct cw_light_row *row, size_t at, size_t data, __mmask16 mask,
                        const void *with) {
    const struct ground *ground = with;
    const __m512 steps = light_of(ground->free + data, mask);
    for (size_t c = 0; c < 3; c++)
        _mm512_mask_storeu_ps(channel_at(row, c, at), mask,
                              _mm512_mul_ps(steps, ground->light.c[c]));
}

WIDE void cw_wide_ground(const struct cw_light_row *row, struct cw_run run, const uint16_t *free,
                         const float light[3]) {
    const struct ground ground = {free, three_of(light)};
    each_pixel(row, run, ground_step, &ground);
}

struct part {
    const uint16_t *tinted, *plain;
    struct three tint;
    __m512 unit;
};

INSIDE void add(const struct cw_light_row *row, size_t at, __mmask16 mask,
                const struct three *light) {
    for (size_t c = 0; c < 3; c++) {
        float *to = channel_at(row, c, at);
        const __m512 sum = _mm512_add_ps(_mm512_maskz_loadu_ps(mask, to), light->c[c]);
        _mm512_mask_storeu_ps(to, mask, sum);
    }
}

INSIDE void both_step(const struct cw_light_row *row, size_t at, size_t data, __mmask16 mask,
                      const void *with) {
    const struct part *part = with;
    const __m512 steps = light_of(part->tinted + data, mask);
    const __m512 shine = _mm512_mul_ps(light_of(part->plain + data, mask), part->unit);
    struct three light;
    for (size_t c = 0; c < 3; c++)
        light.c[c] = _mm512_add_ps(_mm512_mul_ps(steps, part->tint.c[c]), shine);
    add(row, at, mask, &light);
}

INSIDE void one_step(const struct cw_light_row *row, size_t at, size_t data, __mmask16 mask,
                     const void *with) {
    const struct part *part = with;
    const __m512 steps = light_of(part->tinted + data, mask);
    struct three light;
    for (size_t c = 0; c < 3; c++)
        light.c[c] = _mm512_mul_ps(steps, part->tint.c[c]);
    add(row, at, mask, &light);
}

WIDE void cw_wide_part(const struct cw_light_row *row, struct cw_run run,
                       const struct cw_part_light *part) {
    const float white[3] = {part->plain_unit, part->plain_unit, part->plain_unit};
    const struct part both = {part->tinted, part->plain, three_of(part->tint),
                              _mm512_set1_ps(part->plain_unit)};
    const struct part plain = {part->plain, NULL, three_of(white), _mm512_setzero_ps()};
    if (part->tinted && part->plain)
        each_pixel(row, run, both_step, &both);
    else if (part->tinted)
        each_pixel(row, run, one_step, &both);
    else if (part->plain)
        each_pixel(row, run, one_step, &plain);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

INSIDE __m512i one_more(__m512i byte, __mmask64 where, __m512i offset, __m512i after) {
    const __mmask64 above = _mm512_mask_cmpgt_epu8_mask(where, offset, after);
    return _mm512_mask_sub_epi8(byte, above, byte, _mm512_set1_epi8(-1));
}

/* sRGB bytes of 64 steps: `even` and `odd` have 32 each, whose bytes alternate in the result. */
INSIDE __m512i curve(__m512i even, __m512i odd) {
    const __m512i highs = _mm512_set1_epi16((int16_t)0xff00);
    const __m512i coarse = wide_choose(highs, odd, _mm512_srli_epi16(even, 8));
    const __m512i offset = wide_choose(highs, _mm512_slli_epi16(odd, 8), even);
    const __m512i fine = wide_choose(highs, _mm512_slli_epi16(odd, 2), _mm512_srli_epi16(even, 6));
    const __mmask64 is_fine = _mm512_cmplt_epu8_mask(coarse, _mm512_set1_epi8(FINE_TO / COARSE));
    const __mmask64 high = _mm512_movepi8_mask(coarse), fine_high = _mm512_movepi8_mask(fine);
    const struct bins *c = &tables.coarse, *f = &tables.fine;
    const __m512i offsets = _mm512_mask_blend_epi8(
        is_fine, offset, _mm512_and_si512(offset, _mm512_set1_epi8(FINE - 1)));
    const __m512i after = _mm512_mask_blend_epi8(is_fine, wide_look_up(c->after, coarse, high),
                                                 wide_look_up(f->after, fine, fine_high));
    __m512i byte = _mm512_mask_blend_epi8(is_fine, wide_look_up(c->byte, coarse, high),
                                          wide_look_up(f->byte, fine, fine_high));
    byte = one_more(byte, ~(__mmask64)0, offsets, after);
    const __mmask64 crowded = _mm512_mask_cmplt_epu8_mask(is_fine, fine, _mm512_set1_epi8(CROWDED));
    if (crowded) /* dark pixels come together */
        for (size_t i = 0; i < 3; i++)
            byte = one_more(byte, crowded, offsets,
                            _mm512_permutexvar_epi8(fine, wide_table(tables.more[i])));
    return byte;
}

/* Not a number stays none (the second of two when one is), and becomes a step below 0. */
INSIDE __m512i step_of(__m512 light) {
    const __m512 most = _mm512_set1_ps((float)(CW_SRGB_STEPS - 1)), half = _mm512_set1_ps(0.5f);
    light = _mm512_min_ps(_mm512_set1_ps(1.0f), light);
    return _mm512_cvttps_epi32(_mm512_add_ps(_mm512_mul_ps(light, most), half));
}

/* Two times sixteen; below 0 becomes 0. */
INSIDE __m512i steps_of(__m512 first, __m512 second) {
    return _mm512_packus_epi32(step_of(first), step_of(second));
}

/* Of sixteen pixels, those that are there. */
INSIDE __mmask16 mask_of(size_t blocks, size_t sixteen) {
    return blocks >= 2 * sixteen + 2 ? ALL : blocks == 2 * sixteen + 1 ? HALF : 0;
}

/* 64 pixels of one channel, of which `blocks` are there. */
INSIDE __m512i channel_bytes(const float *light, size_t blocks) {
    __m512 part[4];
    for (size_t i = 0; i < 4; i++) {
        part[i] = _mm512_maskz_loadu_ps(mask_of(blocks, i), light + 16 * i);
    }
    return curve(steps_of(part[0], part[1]), steps_of(part[2], part[3]));
}

INSIDE void put_rgb(const struct cw_light_row *row, size_t at, size_t blocks, uint8_t *rgb) {
    const __m512i red = channel_bytes(channel_at(row, 0, at), blocks);
    const __m512i green = channel_bytes(channel_at(row, 1, at), blocks);
    const __m512i blue = channel_bytes(channel_at(row, 2, at), blocks);
    for (size_t i = 0; i < 3; i++) {
        const __m512i two = _mm512_permutex2var_epi8(red, wide_table(tables.rgb_from[i]), green);
        const __m512i all = _mm512_mask_permutexvar_epi8(two, tables.rgb_is_blue[i],
                                                         wide_table(tables.rgb_blue[i]), blue);
        _mm512_storeu_si512((void *)(rgb + 64 * i), all);
    }
}

WIDE void cw_wide_bytes(const struct cw_light_row *row, const struct cw_span *span, uint8_t *rgb) {
    size_t at = (size_t)span->block * CW_PACK_BLOCK, left = span->count;
    for (; left >= 8; left -= 8, at += 64, rgb += 3 * 64)
        put_rgb(row, at, 8, rgb);
    if (left) {
        uint8_t bytes[3 * 64];
        put_rgb(row, at, left, bytes);
        memcpy(rgb, bytes, left * 3 * CW_PACK_BLOCK);
    }
}

/* Straight colour and alpha of sixteen pixels; colours as steps. */
struct straight {
    __m512 c[3];
    __m512i alpha; /* 0 … 255 */
};

INSIDE struct straight straight_of(const struct cw_light_row *row, size_t at, __mmask16 mask) {
    const __m512 zero = _mm512_setzero_ps(), one = _mm512_set1_ps(1.0f);
    const __m512 light = _mm512_maskz_loadu_ps(mask, channel_at(row, 3, at));
    /* the second when one is not a number */
    const __m512 alpha = _mm512_min_ps(_mm512_max_ps(light, zero), one);
    struct straight ret;
    ret.alpha = _mm512_cvttps_epi32(
        _mm512_add_ps(_mm512_mul_ps(alpha, _mm512_set1_ps(255.0f)), _mm512_set1_ps(0.5f)));
    const __mmask16 seen = _mm512_cmpgt_epi32_mask(ret.alpha, _mm512_setzero_si512());
    for (size_t c = 0; c < 3; c++)
        ret.c[c] =
            _mm512_maskz_div_ps(seen, _mm512_maskz_loadu_ps(mask, channel_at(row, c, at)), alpha);
    return ret;
}

INSIDE void put_rgba(const struct cw_light_row *row, size_t at, size_t blocks, uint8_t *rgba) {
    struct straight part[4];
    for (size_t i = 0; i < 4; i++) {
        part[i] = straight_of(row, at + 16 * i, mask_of(blocks, i));
    }
    __m512i bytes[3];
    for (size_t c = 0; c < 3; c++)
        bytes[c] =
            curve(steps_of(part[0].c[c], part[1].c[c]), steps_of(part[2].c[c], part[3].c[c]));
    for (size_t i = 0; i < 4; i++) {
        const __m512i from = wide_table(tables.rgba_from[i]);
        const __m512i two = _mm512_permutex2var_epi8(bytes[0], from, bytes[1]);
        const __m512i three = _mm512_mask_permutexvar_epi8(two, RGBA_BLUE, from, bytes[2]);
        const __m512i alpha = _mm512_slli_epi32(part[i].alpha, 24);
        _mm512_storeu_si512((void *)(rgba + 64 * i),
                            _mm512_mask_mov_epi8(three, RGBA_ALPHA, alpha));
    }
}

WIDE void cw_wide_bytes_alpha(const struct cw_light_row *row, const struct cw_span *span,
                              uint8_t *rgba) {
    size_t at = (size_t)span->block * CW_PACK_BLOCK, left = span->count;
    for (; left >= 8; left -= 8, at += 64, rgba += 4 * 64)
        put_rgba(row, at, 8, rgba);
    if (left) {
        uint8_t bytes[4 * 64];
        put_rgba(row, at, left, bytes);
        memcpy(rgba, bytes, left * 4 * CW_PACK_BLOCK);
    }
}
