/*
 * The compositor's inner loops: rows of linear light, eight pixels at a time.
 *
 * Each is compiled for the x86-64 baseline, v3 and v4 and chosen when the program starts. Every
 * pixel is worked out by the same operations in the same order, and no multiplication is fused with
 * an addition (-ffp-contract=off), so every processor draws the same bytes.
 */
#pragma once

#include "filter.h"
#include "pack.h"

typedef float cw_f4 __attribute__((vector_size(16)));

/* A row of light: red, green, blue and alpha apart, each `stride` numbers, aligned to 32 bytes.
 * Alpha is only there in pictures without a background; light is multiplied by it. */
struct cw_light_row {
    float *light;
    size_t stride;
};

/* Some spans of one row. */
struct cw_run {
    const struct cw_span *spans;
    size_t count;
};

/* One part's light: where its data for a run begins, and what it is multiplied by. */
struct cw_part_light {
    const uint16_t *tinted, *plain; /* either may be NULL */
    float tint[3];                  /* the part's colour, in units of the tinted light */
    float tinted_unit, plain_unit;
};

struct cw_weighted_row {
    const float *light;
    float weight;
};

/* row = light everywhere in some blocks. */
void cw_blend_fill(const struct cw_light_row *row, const struct cw_span *span,
                   const float light[3]);

/* row = light · free, where `light` is the background for a step of `free`. */
void cw_blend_ground(const struct cw_light_row *row, struct cw_run run, const uint16_t *free,
                     const float light[3]);

/* row's alpha = 1 - free. */
void cw_blend_alpha(const struct cw_light_row *row, struct cw_run run, const uint16_t *free);

/* row += tint · tinted + plain. */
void cw_blend_part(const struct cw_light_row *row, struct cw_run run,
                   const struct cw_part_light *part);

/* The same where every pixel has its own colour. */
void cw_blend_inked(const struct cw_light_row *row, struct cw_run run,
                    const struct cw_part_light *part, const struct cw_light_row *colours);

/* colours += (ink - colours) · coverage / 255, from pixel x on. */
void cw_blend_ink(const struct cw_light_row *colours, const uint32_t from_to[2],
                  const uint8_t *coverage, const float ink[3]);

/* The same with each pixel's own colour: sRGB bytes multiplied by coverage, three a pixel. */
void cw_blend_picture(const struct cw_light_row *colours, const uint32_t from_to[2],
                      const uint8_t *coverage, const uint8_t *inks);

/* Blocks of a row as sRGB bytes; `rgb` must have room for all eight pixels of each. */
void cw_blend_bytes(const struct cw_light_row *row, const struct cw_span *span, uint8_t *rgb);

/* The same with alpha, four bytes a pixel: colours divided by it; 0 where it is. */
void cw_blend_bytes_alpha(const struct cw_light_row *row, const struct cw_span *span,
                          uint8_t *rgba);

/* Weighted sum of rows, for some blocks, as r, g, b, alpha of each pixel; alpha 0 unless rows have
 * it (channels 4, not 3). */
struct cw_stacked_rows {
    const struct cw_weighted_row *rows;
    size_t count, stride, channels;
};
void cw_blend_down(const struct cw_stacked_rows *rows, const struct cw_span *span, cw_f4 *ret);

/* Output pixels from their taps into a row of cw_blend_down, as sRGB bytes. */
void cw_blend_across(const cw_f4 *row, const struct cw_tap *taps, size_t count, uint8_t *rgb);
void cw_blend_across_alpha(const cw_f4 *row, const struct cw_tap *taps, size_t count,
                           uint8_t *rgba);
