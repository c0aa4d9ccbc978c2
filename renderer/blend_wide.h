/*
 * The compositor's inner loops for processors with AVX-512 and its byte permutations (x86-64-v4 and
 * VBMI: Intel since Ice Lake, AMD since Zen 4): sixteen pixels at a time, and the sRGB curve from
 * tables that stay in registers. They draw the same bytes as blend.c, which is what all other
 * processors run and what they are tested against.
 */
#pragma once

#include "blend.h"

/* May they be used? False until cw_wide_init has found that this processor has what they need. */
extern bool cw_wide;

/**
 * Make the tables, from cw_srgb_byte.
 * @param wanted false: the loops of blend.c, for tests
 * @units   none
 * @owner   static
 * @errors  none
 * @cost    0.3 ms; once at start, after cw_srgb_init, before any thread
 * @source  none
 */
void cw_wide_init(bool wanted);

/* As the functions of blend.h without "wide"; only while cw_wide. */
void cw_wide_ground(const struct cw_light_row *row, struct cw_run run, const uint16_t *free,
                    const float light[3]);
void cw_wide_part(const struct cw_light_row *row, struct cw_run run,
                  const struct cw_part_light *part);
void cw_wide_bytes(const struct cw_light_row *row, const struct cw_span *span, uint8_t *rgb);
void cw_wide_bytes_alpha(const struct cw_light_row *row, const struct cw_span *span, uint8_t *rgba);
