/*
 * Responsible for the two sRGB tables. Does not touch pictures. Workers run it, and the server for
 * pictures it keeps.
 *
 * 65536 steps keep the table's error below 0.05 levels even where the curve is steepest (12.92 per
 * unit), so the result is the correctly rounded byte but for values within that of a tie.
 */
#include "base/srgb.h"

#include <math.h>

float cw_srgb_linear[256];
uint8_t cw_srgb_byte[CW_SRGB_STEPS];

static double decode(double v) {
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

void cw_srgb_init(void) {
    for (int i = 0; i < 256; i++)
        cw_srgb_linear[i] = (float)decode(i / 255.0);
    /* fill by thresholds: byte b starts where linear light reaches decode(b - 1/2) */
    uint32_t at = 0;
    for (int b = 0; b < 256; b++) {
        double end = b == 255 ? CW_SRGB_STEPS : decode((b + 0.5) / 255.0) * (CW_SRGB_STEPS - 1);
        while (at < CW_SRGB_STEPS && at < end)
            cw_srgb_byte[at++] = (uint8_t)b;
    }
}
