/*
 * A shopper's text on its way to ink: normalised, measured, placed. Whatever is typed, a text that
 * is taken stays taken when normalised again, what fits by measure can be placed, and its ink is
 * inside its zone. Input: a byte that picks stack and rotation, then the text; what is no UTF-8 is
 * read as 16-bit code points, so that changed bytes are still letters of some script.
 */
#include <assert.h>
#include <fontconfig/fontconfig.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/unicode.h"
#include "cordwain/limits.h"
#include "fonts.h"
#include "fuzz.h"
#include "text.h"

static const char *const stacks[] = {"block", "script", "naskh", "sans"};

static struct cw_fonts *loaded;

/* For those who look for what was not freed. */
static void close_fonts(void) {
    cw_fonts_free(loaded);
    cairo_debug_reset_static_data();
    FcFini();
}

static struct cw_fonts *fonts(void) {
    struct cw_error err = {0};
    if (!loaded && (cw_fonts_load(CW_FONTS_JSON, &loaded, &err) != CW_OK || atexit(close_fonts)))
        abort();
    return loaded;
}

static void add_letter(struct cw_buf *text, uint32_t c) {
    const uint8_t two[] = {(uint8_t)(0xc0 | c >> 6), (uint8_t)(0x80 | (c & 63))};
    const uint8_t three[] = {(uint8_t)(0xe0 | c >> 12), (uint8_t)(0x80 | (c >> 6 & 63)), two[1]};
    const uint8_t one = (uint8_t)c;
    cw_buf_add(text, c < 0x80 ? &one : c < 0x800 ? two : three, c < 0x80 ? 1 : c < 0x800 ? 2 : 3);
}

static void read_text(const uint8_t *data, size_t size, struct cw_buf *ret) {
    if (cw_utf8_valid((const char *)data, size)) {
        cw_buf_add(ret, data, size);
        return;
    }
    for (size_t i = 0; i + 1 < size; i += 2)
        add_letter(ret, (uint32_t)(data[i] | data[i + 1] << 8));
}

static void check_graphemes(const char *text) {
    size_t count = cw_text_graphemes(text), found = 0;
    for (const char *p = text; *p; p += cw_text_first_grapheme(p)) {
        assert(cw_text_first_grapheme(p) >= 1 && cw_text_first_grapheme(p) <= strlen(p));
        found++;
    }
    assert(count >= 1 && count <= strlen(text) && found >= 1);
}

static void check_fit(const struct cw_scene_decal *decal) {
    struct cw_error err = {0};
    struct cw_text_fit fit = {0};
    enum cw_status status = cw_text_measure(fonts(), decal, &fit, &err);
    if (status != CW_OK) {
        assert((status == CW_E_INPUT || status == CW_E_NOT_FOUND || status == CW_E_LIMIT) &&
               err.code);
        return;
    }
    struct cw_text_placed placed = {0};
    status = cw_text_place(fonts(), decal, &placed, &err);
    assert((status == CW_OK) == (fit.verdict == CW_FIT_OK));
    if (status == CW_OK) {
        bool turned = decal->rotation_mdeg % 180000 != 0;
        assert(fit.ink_um[0] <= decal->zone_um[turned ? 3 : 2]);
        assert(fit.ink_um[1] <= decal->zone_um[turned ? 2 : 3]);
        assert(placed.scale > 0 && placed.path);
    }
    cw_text_placed_deinit(&placed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    CW_AUTO_BUF struct cw_buf typed = {0};
    read_text(data + 1, size - 1, &typed);
    if (typed.length == 0)
        return 0;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    char *text, *again;
    struct cw_error err = {0};
    enum cw_status status = cw_text_normalise(arena, typed.data, typed.length, &text, &err);
    if (status != CW_OK) {
        assert((status == CW_E_INPUT || status == CW_E_LIMIT) && err.code);
        return 0;
    }
    assert(cw_utf8_valid(text, strlen(text)) && strlen(text) <= CW_TEXT_BYTES * 3);
    if (!*text)
        return 0;
    if (cw_text_normalise(arena, text, strlen(text), &again, NULL) == CW_OK)
        assert(strcmp(text, again) == 0);
    check_graphemes(text);
    const struct cw_scene_decal decal = {
        .kind = CW_DECAL_TEXT,
        .surface = "side",
        .size_um = {85000, 30000},
        .zone_um = {-40000, -10000, 80000, 20000},
        .rotation_mdeg = data[0] & 4 ? 90000 : 0,
        .text = text,
        .font_stack = stacks[data[0] & 3],
        .min_letter_um = 2000,
        .max_letter_um = 6000,
    };
    check_fit(&decal);
    return 0;
}
