/* What a process does to the light on a decal: grooves, raised letters, stitches. */
#pragma once

#include "decal.h"

enum cw_relief { CW_RELIEF_INK, CW_RELIEF_SHADE, CW_RELIEF_SHINE, CW_RELIEF_COUNT };

/* Has a decal of this process anything but ink? Print has not. */
static inline bool cw_relief_has(enum cw_process process) {
    return process != CW_PROCESS_PRINT;
}

/**
 * Where a decal made by some process is darker or lighter than a flat one.
 * @param flat      the decal's coverage of its surface; borrowed
 * @param process   ENGRAVE and DEBOSS go down into the surface, EMBROIDER and EMBOSS stand on it;
 * what is embossed also throws a short shadow on the surface beside it
 * @param um_per_px [µm/px] of flat
 * @param which     SHADE or SHINE
 * @param light_milli [1/1000] unit vector towards the light in rows and columns of flat
 * @param ret       as large as flat; coverage of black or white ink
 * @units   surface, row 0 at its top; the light comes from the upper left of the *view*, as in
 * our art, see cw_layer_light
 * @owner   *ret is the caller's, released with cw_coverage_deinit
 * @errors  CW_E_NOMEM
 * @cost    O(pixels of the ink's box)
 * @source  Blinn 1978 (a height field's slope turns the normal), to first order: light changes by
 * the slope along the light. The height is the coverage, its edge as wide as the process makes it.
 * Light is linear: black ink of coverage s leaves 1 - s of it
 */
struct cw_relief_args {
    const struct cw_coverage *flat;
    enum cw_process process;
    int32_t um_per_px;
    enum cw_relief which;
    int32_t light_milli[2];
};
enum cw_status cw_relief_make(const struct cw_relief_args *args, struct cw_coverage *ret,
                              struct cw_error *err) CW_MUST_USE;
