/*
 * Responsible for reading curves and primaries out of an ICC profile. Does not read tables (A2B0,
 * B2A0) nor convert pixels (profile.c). The importer process runs it, inside the sandbox: every
 * number of a profile may be a lie.
 */
#include <math.h>
#include <string.h>

#include "profile_inside.h"

#define HEADER_BYTES 128
#define TAGS         100 /* real profiles have about twenty */

struct icc {
    const uint8_t *data;
    size_t length;
};

static uint32_t u32(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static double s15f16(const uint8_t *at) {
    return (int32_t)u32(at) / 65536.0;
}

/* The bytes of a tag, all of them inside the profile; NULL when it has none. */
static const uint8_t *find(const struct icc *icc, const char *name, size_t *ret_length) {
    uint32_t count = u32(icc->data + HEADER_BYTES);
    for (uint32_t i = 0; i < count && i < TAGS; i++) {
        size_t at = HEADER_BYTES + 4 + (size_t)i * 12;
        if (icc->length - at < 12)
            return NULL;
        if (memcmp(icc->data + at, name, 4) != 0)
            continue;
        size_t offset = u32(icc->data + at + 4), length = u32(icc->data + at + 8);
        if (offset > icc->length || length > icc->length - offset)
            return NULL;
        *ret_length = length;
        return icc->data + offset;
    }
    return NULL;
}

static bool read_table(const uint8_t *at, size_t length, struct cw_profile_curve *ret) {
    size_t count = u32(at + 8);
    if (count > (length - 12) / 2)
        return false;
    if (count == 0)
        *ret = (struct cw_profile_curve){.kind = CW_CURVE_POWER, .p = {1}};
    else if (count == 1)
        *ret = (struct cw_profile_curve){.kind = CW_CURVE_POWER,
                                         .p = {(at[12] << 8 | at[13]) / 256.0}};
    else
        *ret = (struct cw_profile_curve){
            .kind = CW_CURVE_TABLE, .table = at + 12, .count = (uint32_t)count};
    return true;
}

/* Types 0 to 4 leave out ever less of the seven numbers; `e` and `f` move with the type. */
static bool read_parametric(const uint8_t *at, size_t length, struct cw_profile_curve *ret) {
    static const int counts[] = {1, 3, 4, 5, 7};
    int type = at[8] << 8 | at[9];
    if (type > 4 || length < 12 + 4 * (size_t)counts[type])
        return false;
    double p[7] = {0};
    for (int i = 0; i < counts[type]; i++)
        p[i] = s15f16(at + 12 + 4 * i);
    *ret = (struct cw_profile_curve){.kind = CW_CURVE_PARAMETRIC};
    if (type == 0)
        p[1] = 1; /* Y = X^g */
    if (type == 1 || type == 2) {
        double c = p[3]; /* below -b/a: the constant c, 0 in type 1 */
        p[4] = p[1] != 0 ? -p[2] / p[1] : 0;
        p[5] = p[6] = c;
        p[3] = 0;
    }
    memcpy(ret->p, p, sizeof p);
    return true;
}

static bool read_curve(const struct icc *icc, const char *name, struct cw_profile *ret,
                       int channel) {
    size_t length;
    const uint8_t *at = find(icc, name, &length);
    if (!at || length < 12)
        return false;
    struct cw_profile_curve curve;
    bool right = memcmp(at, "curv", 4) == 0   ? read_table(at, length, &curve)
                 : memcmp(at, "para", 4) == 0 ? read_parametric(at, length, &curve)
                                              : false;
    if (right)
        cw_profile_set_curve(ret, channel, &curve);
    return right;
}

static bool read_primary(const struct icc *icc, const char *name, double *column) {
    size_t length;
    const uint8_t *at = find(icc, name, &length);
    if (!at || length < 20 || memcmp(at, "XYZ ", 4) != 0)
        return false;
    for (int i = 0; i < 3; i++)
        column[3 * i] = s15f16(at + 8 + 4 * i);
    return true;
}

static bool read_rgb(const struct icc *icc, struct cw_profile *ret) {
    static const char *const primaries[] = {"rXYZ", "gXYZ", "bXYZ"};
    static const char *const curves[] = {"rTRC", "gTRC", "bTRC"};
    double matrix[9];
    for (int c = 0; c < 3; c++)
        if (!read_primary(icc, primaries[c], matrix + c) || !read_curve(icc, curves[c], ret, c))
            return false;
    cw_profile_set_primaries(ret, matrix);
    return true;
}

static bool read_grey(const struct icc *icc, struct cw_profile *ret) {
    static const float same[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    for (int c = 0; c < 3; c++)
        if (!read_curve(icc, "kTRC", ret, c))
            return false;
    memcpy(ret->matrix, same, sizeof same);
    return true;
}

enum cw_artwork_colour cw_profile_from_icc(const uint8_t *data, size_t length, bool grey,
                                           struct cw_profile *ret) {
    const struct icc icc = {data, length};
    if (length < HEADER_BYTES + 4 || memcmp(data + 36, "acsp", 4) != 0)
        return CW_COLOUR_ASSUMED;
    bool right = false;
    if (memcmp(data + 16, "RGB XYZ ", 8) == 0)
        right = read_rgb(&icc, ret);
    else if (memcmp(data + 16, "GRAY", 4) == 0 && grey)
        right = read_grey(&icc, ret);
    return right ? cw_profile_judge(ret) : CW_COLOUR_ASSUMED;
}

static double srgb(double x) {
    return x <= 0.04045 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4);
}

static double parametric(const double p[7], double x) {
    if (x < p[4])
        return p[3] * x + p[6];
    double base = p[1] * x + p[2];
    return pow(base > 0 ? base : 0, p[0]) + p[5];
}

static double from_table(const struct cw_profile_curve *curve, double x) {
    double at = x * (curve->count - 1);
    uint32_t i = (uint32_t)at < curve->count - 2 ? (uint32_t)at : curve->count - 2;
    const uint8_t *v = curve->table + 2 * (size_t)i;
    double low = v[0] << 8 | v[1], high = v[2] << 8 | v[3];
    return (low + (high - low) * (at - i)) / 65535;
}

static double value(const struct cw_profile_curve *curve, double x) {
    switch (curve->kind) {
    case CW_CURVE_SRGB:
        return srgb(x);
    case CW_CURVE_POWER:
        return pow(x, curve->p[0]);
    case CW_CURVE_PARAMETRIC:
        return parametric(curve->p, x);
    case CW_CURVE_TABLE:
        return from_table(curve, x);
    }
    return x;
}

void cw_profile_set_curve(struct cw_profile *ret, int channel,
                          const struct cw_profile_curve *curve) {
    for (int i = 0; i < CW_PROFILE_STEPS; i++) {
        double y = value(curve, i / (double)(CW_PROFILE_STEPS - 1));
        double low = y > 0 ? y : 0; /* also what is no number */
        ret->linear[channel][i] = (float)(low < 1 ? low : 1);
    }
}
