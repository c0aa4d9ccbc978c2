/*
 * Responsible for: reading the words that frame a picture.
 * Does not: know queries or command lines (api, cli), nor how high a picture will be (renderer).
 * Runs in: the server (request loop), the command line.
 */
#include "preview/frame.h"

#include <string.h>

#include "cordwain/limits.h"

#define RATIO 100 /* a device pixel ratio is kept in hundredths */

const uint8_t cw_frame_background[3] = {0xF4, 0xF4, 0xF2};

/* Digits only, at most `max`; moves *at past them. */
static bool read_number(const char **at, uint32_t max, uint32_t *ret) {
    uint32_t value = 0;
    const char *p = *at;
    for (; *p >= '0' && *p <= '9'; p++) {
        value = value * 10 + (uint32_t)(*p - '0');
        if (value > max)
            return false;
    }
    if (p == *at)
        return false;
    *at = p;
    *ret = value;
    return true;
}

static bool read_width(const char *text, uint32_t *ret) {
    uint32_t value;
    if (!read_number(&text, CW_PREVIEW_MAX_PX, &value) || *text || value < CW_PREVIEW_MIN_PX)
        return false;
    *ret = value;
    return true;
}

/* "2", "1.5", "1.25" */
static bool read_ratio(const char *text, uint32_t *ret) {
    uint32_t whole, parts = 0;
    if (!read_number(&text, CW_PREVIEW_DPR_MAX, &whole))
        return false;
    if (*text == '.') {
        const char *from = ++text;
        if (!read_number(&text, RATIO - 1, &parts) || text - from > 2)
            return false;
        parts *= text - from == 1 ? 10 : 1;
    }
    uint32_t value = whole * RATIO + parts;
    if (*text || value < RATIO || value > CW_PREVIEW_DPR_MAX * RATIO)
        return false;
    *ret = value;
    return true;
}

static uint32_t scaled(uint32_t px, uint32_t ratio) {
    return (px * ratio + RATIO / 2) / RATIO;
}

/* Both edges are scaled, not the size. */
static bool read_crop(const char *text, uint32_t ratio, uint32_t width_px, uint32_t ret[4]) {
    uint32_t v[4];
    for (int i = 0; i < 4; i++) {
        if (i && *text++ != ',')
            return false;
        if (!read_number(&text, CW_PREVIEW_MAX_PX, &v[i]))
            return false;
    }
    if (*text || v[2] == 0 || v[3] == 0)
        return false;
    uint32_t x1 = scaled(v[0] + v[2], ratio), y1 = scaled(v[1] + v[3], ratio);
    if (x1 > width_px || y1 > CW_PREVIEW_MAX_PX)
        return false;
    ret[0] = scaled(v[0], ratio);
    ret[1] = scaled(v[1], ratio);
    ret[2] = x1 - ret[0];
    ret[3] = y1 - ret[1];
    return true;
}

static bool read_background(const char *text, struct cw_scene_request *ret) {
    static const char digits[] = "0123456789abcdef";
    if (strcmp(text, "transparent") == 0) {
        memset(ret->background, 0, sizeof ret->background);
        ret->frame.transparent = true;
        return true;
    }
    if (strlen(text) != 6 || strspn(text, "0123456789abcdefABCDEF") != 6)
        return false;
    for (int i = 0; i < 3; i++) {
        uint8_t value = 0;
        for (int k = 0; k < 2; k++) {
            char c = text[i * 2 + k];
            if (c >= 'A' && c <= 'F')
                c = (char)(c - 'A' + 'a');
            value = (uint8_t)(value * 16 + (strchr(digits, c) - digits));
        }
        ret->background[i] = value;
    }
    return true;
}

static void read_ground(const struct cw_frame_texts *texts, struct cw_scene_request *ret,
                        struct cw_faults *faults) {
    const char *shadow = texts->shadow ? texts->shadow : "on";
    memcpy(ret->background, cw_frame_background, sizeof ret->background);
    if (texts->background && !read_background(texts->background, ret))
        cw_fault_add(faults, "preview.background", "/bg",
                     "the background is a colour of six hexadecimal digits, or transparent");
    else if (ret->frame.transparent && ret->format == CW_FORMAT_JPEG)
        cw_fault_add(faults, "preview.background", "/bg",
                     "a JPEG has no transparency; ask for PNG or WebP");
    ret->frame.no_shadow = strcmp(shadow, "off") == 0;
    if (!ret->frame.no_shadow && strcmp(shadow, "on") != 0)
        cw_fault_add(faults, "preview.shadow", "/shadow", "the shadow is on or off");
}

void cw_frame_read(const struct cw_frame_texts *texts, struct cw_scene_request *ret,
                   struct cw_faults *faults) {
    uint32_t width = CW_FRAME_WIDTH_PX, ratio = RATIO;
    ret->frame = (struct cw_frame){0};
    if (texts->width && !read_width(texts->width, &width))
        cw_fault_add(faults, "preview.width", "/w", "the width is a number of pixels from %d to %d",
                     CW_PREVIEW_MIN_PX, CW_PREVIEW_MAX_PX);
    if (texts->dpr && !read_ratio(texts->dpr, &ratio))
        cw_fault_add(faults, "preview.dpr", "/dpr",
                     "the device pixel ratio is a number from 1 to %d with at most two decimals",
                     CW_PREVIEW_DPR_MAX);
    ret->width_px = scaled(width, ratio);
    if (ret->width_px > CW_PREVIEW_MAX_PX)
        cw_fault_add(faults, "preview.width", "/w",
                     "the picture would be %u pixels wide, limit is %d", ret->width_px,
                     CW_PREVIEW_MAX_PX);
    if (texts->crop && !read_crop(texts->crop, ratio, ret->width_px, ret->frame.crop_px))
        cw_fault_add(faults, "preview.crop", "/crop",
                     "a crop is x,y,w,h in pixels, inside the picture");
    read_ground(texts, ret, faults);
}
