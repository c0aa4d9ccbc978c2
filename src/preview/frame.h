/* How a picture is framed, as a query or a command line says it: width, ratio, crop, ground. */
#pragma once

#include "base/error.h"
#include "preview/scene_build.h"

struct cw_frame_texts { /* NULL: not given */
    const char *width, *dpr, *crop, *background, *shadow;
};

#define CW_FRAME_WIDTH_PX 1024               /* without `width` */
extern const uint8_t cw_frame_background[3]; /* sRGB, without `background` */

/**
 * Read the words of a frame.
 * @param texts  width: pixels; dpr: 1 to CW_PREVIEW_DPR_MAX with at most two decimals; crop:
 * x,y,w,h in pixels of a picture of that width; background: RRGGBB or transparent; shadow: on or
 * off
 * @param ret    its width, background and frame are set; its format must be
 * @param faults one for each word that is wrong, at /w, /dpr, /crop, /bg, /shadow
 * @units   px; what is set is multiplied by dpr, edges rounded to the nearest pixel, so that crops
 * that meet still meet
 * @owner   nothing kept
 * @errors  in faults only: preview.width (also when width × dpr is above CW_PREVIEW_MAX_PX),
 * preview.dpr, preview.crop (also right of the picture; its lower edge is checked by the renderer,
 * which knows the height), preview.background, preview.shadow
 * @cost    O(length); pure
 * @source  docs/reference/api.md "Previews"
 */
void cw_frame_read(const struct cw_frame_texts *texts, struct cw_scene_request *ret,
                   struct cw_faults *faults);
