/* What the text tests share: the fonts, opened once, and decals with everything set. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <fontconfig/fontconfig.h>

#include "decal.h"
#include "fonts.h"
#include "text.h"

static struct cw_fonts *fonts;

static inline int open_fonts(void **state) {
    (void)state;
    struct cw_error err = {0};
    if (cw_fonts_load(CW_FONTS_JSON, &fonts, &err) != CW_OK)
        print_error("%s: %s %s\n", err.code, err.message, err.detail);
    return fonts ? 0 : -1;
}

static inline int close_fonts(void **state) {
    (void)state;
    cw_fonts_free(fonts);
    cairo_debug_reset_static_data(); /* fails on anything still held; leak checkers see the rest */
    FcFini();
    return 0;
}

/* A zone of 80 × 10 mm in the middle of a surface of 85 × 13 mm, letters of 2 to 6 mm. */
static inline struct cw_scene_decal text_decal(const char *stack, const char *text) {
    return (struct cw_scene_decal){
        .kind = CW_DECAL_TEXT,
        .surface = "side",
        .size_um = {85000, 13000},
        .zone_um = {-40000, -5000, 80000, 10000},
        .text = text,
        .font_stack = stack,
        .min_letter_um = 2000,
        .max_letter_um = 6000,
    };
}

static inline struct cw_text_fit measure_ok(const struct cw_scene_decal *decal) {
    struct cw_text_fit fit = {0};
    struct cw_error err = {0};
    if (cw_text_measure(fonts, decal, &fit, &err) != CW_OK)
        fail_msg("%s: %s", err.code, err.message);
    return fit;
}

static inline struct cw_coverage cover_ok(const struct cw_scene_decal *decal, int32_t um_per_px) {
    struct cw_coverage coverage = {0};
    struct cw_error err = {0};
    if (cw_decal_coverage(fonts, &(struct cw_decal_ref){decal, 1, 0}, um_per_px, &coverage, &err) !=
        CW_OK)
        fail_msg("%s: %s", err.code, err.message);
    return coverage;
}

/* Sum of coverage in whole pixels × 255 over columns [x0, x1) and rows [y0, y1). */
static inline uint64_t ink_in(const struct cw_coverage *coverage, int x0, int y0, int x1, int y1) {
    uint64_t sum = 0;
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++)
            sum += coverage->data[y * coverage->stride + x];
    return sum;
}

static inline uint64_t ink_of(const struct cw_coverage *coverage) {
    return ink_in(coverage, 0, 0, coverage->width, coverage->height);
}
