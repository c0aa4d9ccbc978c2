/* The compositor's inner loops, sixteen pixels at a time, and the sRGB curve from tables that stay
 * in registers: see wide.h. */
#pragma once

#include "blend.h"
#include "wide.h"

/* As the functions of blend.h without "wide"; only while cw_wide. */
void cw_wide_ground(const struct cw_light_row *row, struct cw_run run, const uint16_t *free,
                    const float light[3]);
void cw_wide_part(const struct cw_light_row *row, struct cw_run run,
                  const struct cw_part_light *part);
void cw_wide_bytes(const struct cw_light_row *row, const struct cw_span *span, uint8_t *rgb);
void cw_wide_bytes_alpha(const struct cw_light_row *row, const struct cw_span *span, uint8_t *rgba);
