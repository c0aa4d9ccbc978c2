/* Shared by profile.c and profile_icc.c only. */
#pragma once

#include "profile.h"

enum cw_curve_kind {
    CW_CURVE_SRGB,
    CW_CURVE_POWER,      /* p[0]: exponent */
    CW_CURVE_PARAMETRIC, /* p: g a b c d e f of Y = (aX+b)^g + e from d on, cX + f below */
    CW_CURVE_TABLE       /* `count` big-endian 16-bit values, evenly spread */
};

struct cw_profile_curve {
    enum cw_curve_kind kind;
    double p[7];
    const uint8_t *table;
    uint32_t count; /* 2 or more */
};

/* Fill one channel's steps; what leaves 0..1 is clipped. */
void cw_profile_set_curve(struct cw_profile *profile, int channel,
                          const struct cw_profile_curve *curve);
/* `to_d50`: columns are the light of red, green and blue under D50. */
void cw_profile_set_primaries(struct cw_profile *profile, const double to_d50[9]);
/* CW_COLOUR_SRGB when no byte moves by more than one, else CW_COLOUR_CONVERTED. */
enum cw_artwork_colour cw_profile_judge(const struct cw_profile *profile);
