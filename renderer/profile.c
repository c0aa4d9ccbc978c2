/*
 * Responsible for taking pixels from the colours a file names to sRGB, in linear light. Does not
 * parse profiles (profile_icc.c). The importer process runs it, inside the sandbox.
 *
 * A matrix and three curves say all that phones, cameras and screens say about their colours; what
 * lies outside sRGB is clipped. Tables, which scanners and presses use, are left to a program that
 * has a colour engine.
 */
#include "profile_inside.h"

#include <math.h>
#include <string.h>

#include "base/srgb.h"

#define GAMMA_SRGB      45455 /* what writers put beside the sRGB chunk */
#define GAMMA_TOLERANCE (GAMMA_SRGB / 20)

/* Light under D50 to linear sRGB: the inverse of the primaries in sRGB's own profile. */
static const double from_d50[9] = {3.1338561, -1.6168667, -0.4906146, -0.9787684, 1.9161415,
                                   0.0334540, 0.0719453,  -0.2289914, 1.4052427};
static const double bradford[9] = {0.8951, 0.2664, -0.1614, -0.7502, 1.7135,
                                   0.0367, 0.0389, -0.0685, 1.0296};
static const double d50[3] = {0.9642, 1, 0.8249};

static void multiply(const double a[9], const double b[9], double ret[9]) {
    double to[9];
    for (int i = 0; i < 9; i++)
        to[i] = a[i / 3 * 3] * b[i % 3] + a[i / 3 * 3 + 1] * b[i % 3 + 3] +
                a[i / 3 * 3 + 2] * b[i % 3 + 6];
    memcpy(ret, to, sizeof to);
}

static void transform(const double m[9], const double v[3], double ret[3]) {
    for (int i = 0; i < 3; i++)
        ret[i] = m[3 * i] * v[0] + m[3 * i + 1] * v[1] + m[3 * i + 2] * v[2];
}

static bool invert(const double m[9], double ret[9]) {
    double to[9];
    for (int i = 0; i < 9; i++) {
        int r = i % 3, c = i / 3; /* the cofactor of the transposed place */
        int r1 = (r + 1) % 3, r2 = (r + 2) % 3, c1 = (c + 1) % 3, c2 = (c + 2) % 3;
        to[i] = m[3 * r1 + c1] * m[3 * r2 + c2] - m[3 * r1 + c2] * m[3 * r2 + c1];
    }
    double determinant = m[0] * to[0] + m[1] * to[3] + m[2] * to[6];
    if (!(fabs(determinant) > 1e-9))
        return false;
    for (int i = 0; i < 9; i++)
        ret[i] = to[i] / determinant;
    return true;
}

void cw_profile_set_primaries(struct cw_profile *profile, const double to_d50[9]) {
    double matrix[9];
    multiply(from_d50, to_d50, matrix);
    for (int i = 0; i < 9; i++)
        profile->matrix[i] = (float)matrix[i];
}

/* Columns are the primaries' light, scaled so that all three make white. */
static bool primaries_to_xyz(const double xy[8], double ret[9], double white[3]) {
    double unscaled[9], inverse[9], scale[3];
    for (int i = 0; i < 4; i++) {
        double x = xy[2 * i], y = xy[2 * i + 1];
        if (!(y > 1e-4) || !(x >= 0) || x > 2 || y > 2)
            return false;
        const double light[3] = {x / y, 1, (1 - x - y) / y};
        for (int k = 0; k < 3; k++)
            *(i == 0 ? &white[k] : &unscaled[3 * k + i - 1]) = light[k];
    }
    if (!invert(unscaled, inverse))
        return false;
    transform(inverse, white, scale);
    for (int i = 0; i < 9; i++)
        ret[i] = unscaled[i] * scale[i % 3];
    return true;
}

static bool adapt_to_d50(double matrix[9], const double white[3]) {
    double from[3], to[3], back[9], scaled[9];
    transform(bradford, white, from);
    transform(bradford, d50, to);
    if (!invert(bradford, back) || !(from[0] > 1e-6) || !(from[1] > 1e-6) || !(from[2] > 1e-6))
        return false;
    for (int i = 0; i < 9; i++)
        scaled[i] = bradford[i] * to[i / 3] / from[i / 3];
    multiply(back, scaled, scaled);
    multiply(scaled, matrix, matrix);
    return true;
}

/* Whether it changes what one would see: samples over the cube and the whole grey axis. */
enum cw_artwork_colour cw_profile_judge(const struct cw_profile *profile) {
    cw_srgb_init();
    for (int i = 0; i < 256 + 125; i++) {
        uint8_t grey = (uint8_t)i, n = (uint8_t)(i - 256);
        uint8_t before[4] = {grey, grey, grey, 255}, after[4];
        if (i >= 256)
            for (int c = 0; c < 3; c++, n /= 5)
                before[c] = (uint8_t)(n % 5 * 63);
        memcpy(after, before, 4);
        cw_profile_apply(profile, after, 1);
        for (int c = 0; c < 3; c++)
            if (after[c] > before[c] + 1 || after[c] + 1 < before[c])
                return CW_COLOUR_CONVERTED;
    }
    return CW_COLOUR_SRGB;
}

enum cw_artwork_colour cw_profile_from_gamma(uint32_t gamma, const double xy[8],
                                             struct cw_profile *ret) {
    static const double srgb_xy[8] = {0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06};
    struct cw_profile_curve curve = {.kind = CW_CURVE_SRGB};
    if (gamma != 0 &&
        (gamma < GAMMA_SRGB - GAMMA_TOLERANCE || gamma > GAMMA_SRGB + GAMMA_TOLERANCE))
        curve = (struct cw_profile_curve){.kind = CW_CURVE_POWER, .p = {100000.0 / gamma}};
    double matrix[9], white[3];
    if (!primaries_to_xyz(xy ? xy : srgb_xy, matrix, white) || !adapt_to_d50(matrix, white))
        return CW_COLOUR_ASSUMED;
    for (int c = 0; c < 3; c++)
        cw_profile_set_curve(ret, c, &curve);
    cw_profile_set_primaries(ret, matrix);
    return cw_profile_judge(ret);
}

static void to_srgb(const float m[9], const float in[3], uint8_t *rgb) {
    for (int i = 0; i < 3; i++)
        rgb[i] = cw_srgb_byte[cw_srgb_step(m[3 * i] * in[0] + m[3 * i + 1] * in[1] +
                                           m[3 * i + 2] * in[2])];
}

void cw_profile_apply(const struct cw_profile *profile, uint8_t *rgba, size_t count) {
    for (size_t i = 0; i < count; i++, rgba += 4) {
        const float in[3] = {profile->linear[0][rgba[0] * 16], profile->linear[1][rgba[1] * 16],
                             profile->linear[2][rgba[2] * 16]};
        to_srgb(profile->matrix, in, rgba);
    }
}

static float between(const float *linear, const uint8_t *value) {
    uint32_t v = (uint32_t)(value[0] << 8 | value[1]), scaled = v * (CW_PROFILE_STEPS - 1);
    uint32_t at = scaled / 65535;
    float part = (float)(scaled % 65535) / 65535.0f;
    return part == 0 ? linear[at] : linear[at] + (linear[at + 1] - linear[at]) * part;
}

void cw_profile_apply_16(const struct cw_profile *profile, uint8_t *rgba, size_t count) {
    const uint8_t *from = rgba;
    for (size_t i = 0; i < count; i++, from += 8, rgba += 4) {
        const float in[3] = {between(profile->linear[0], from),
                             between(profile->linear[1], from + 2),
                             between(profile->linear[2], from + 4)};
        uint32_t alpha = (uint32_t)(from[6] << 8 | from[7]);
        to_srgb(profile->matrix, in, rgba);
        rgba[3] = (uint8_t)((alpha * 255 + 32895) >> 16); /* as libpng's png_set_scale_16 */
    }
}
