/* What a file's numbers mean, and the way from there to sRGB: three curves and a matrix. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cordwain/artwork.h"

#define CW_PROFILE_STEPS                                                                           \
    (255 * 16 + 1) /* a byte meets a step exactly, 16 bits fall between two                        \
                    */

struct cw_profile {
    float linear[3][CW_PROFILE_STEPS]; /* linear light of a channel's value i / (STEPS - 1) */
    float matrix[9];                   /* to linear sRGB, row by row */
};

/**
 * Read an ICC profile made of a matrix and curves, or of one grey curve.
 * @param data   the profile, not trusted
 * @param length its bytes
 * @param grey   the picture has one channel, so a grey profile may describe it
 * @param ret    written when CW_COLOUR_CONVERTED is returned
 * @units   none
 * @owner   nothing allocated
 * @errors  none; CW_COLOUR_SRGB when the profile moves no byte by more than one,
 *          CW_COLOUR_ASSUMED when it is damaged or of another kind (tables, CMYK, Lab)
 * @cost    O(CW_PROFILE_STEPS); pure
 * @source  ICC.1:2022 §7, §8.3, §10.6 curveType, §10.18 parametricCurveType; annex F (matrix)
 */
enum cw_artwork_colour cw_profile_from_icc(const uint8_t *data, size_t length, bool grey,
                                           struct cw_profile *ret);

/**
 * The same from PNG's gAMA and cHRM.
 * @param gamma    [1/100000] gAMA's value, 0: sRGB's curve. Within 5 % of 1/2.2 it means sRGB
 * @param xy       [1] white, red, green, blue as x, y; NULL: sRGB's
 * @source  PNG 3rd edition §11.3.2.1, §11.3.2.2; Lindbloom, "RGB/XYZ matrices" (Bradford)
 */
enum cw_artwork_colour cw_profile_from_gamma(uint32_t gamma, const double xy[8],
                                             struct cw_profile *ret);

/* Convert `count` pixels of four bytes in place; alpha stays. cw_srgb_init has run. */
void cw_profile_apply(const struct cw_profile *profile, uint8_t *rgba, size_t count);
/* The same from four big-endian 16-bit values to four bytes, in place from the front. */
void cw_profile_apply_16(const struct cw_profile *profile, uint8_t *rgba, size_t count);
