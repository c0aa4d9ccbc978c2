/* Production artwork: what is on the page, in which ink and order, limits, the same bytes. */
#include "text_fixture.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "artwork.h"
#include "cordwain/limits.h"
#include "pack.h"

static struct cw_scene_decal decals[2];
static const char *const inks[2] = {"CW IK-02", "CW IK-07"};

/* A pattern on 80 × 20 mm with a text on it, in two inks. */
static struct cw_scene_artwork usual(enum cw_format format) {
    decals[0] = (struct cw_scene_decal){.kind = CW_DECAL_PATTERN,
                                        .surface = "side",
                                        .size_um = {85000, 40000},
                                        .zone_um = {-40000, -10000, 80000, 20000},
                                        .tile_um = {10000, 10000},
                                        .path = "M 0 0 L 5000 0 L 5000 5000 L 0 5000 Z"};
    decals[1] = text_decal("block", "Oʻtkir علی 李");
    decals[1].rgb[0] = 200;
    return (struct cw_scene_artwork){
        .format = format,
        .digest = "sha-256:0123",
        .production = {.bleed_um = 3000,
                       .cut_path = "",
                       .cut_spot = "CutContour",
                       .underbase = "",
                       .varnish = ""},
        .decal_count = 2,
        .decals = decals,
        .inks = inks,
    };
}

static void make_ok(const struct cw_scene_artwork *artwork, struct cw_buf *ret) {
    struct cw_error err = {0};
    if (cw_artwork_make(fonts, artwork, ret, &err) != CW_OK)
        fail_msg("%s: %s", err.code, err.message);
}

/* Fails unless all stand in the file in this order. */
static void expect_in_order(const struct cw_buf *file, const char *const *texts, size_t count) {
    const char *at = file->data;
    for (size_t i = 0; i < count; i++) {
        at = memmem(at, (size_t)(file->data + file->length - at), texts[i], strlen(texts[i]));
        if (!at)
            fail_msg("'%s' is missing or too early", texts[i]);
        at += strlen(texts[i]);
    }
}

static void the_same_bytes_everywhere(void **state) {
    (void)state;
    for (enum cw_format format = CW_FORMAT_PDF; format <= CW_FORMAT_SVG; format++) {
        struct cw_scene_artwork artwork = usual(format);
        CW_AUTO_BUF struct cw_buf one = {0};
        CW_AUTO_BUF struct cw_buf two = {0};
        make_ok(&artwork, &one);
        setenv("TZ", "Asia/Tehran", 1);
        setenv("HOME", "/nonexistent", 1);
        (void)(setlocale(LC_ALL, "de_DE.UTF-8") || setlocale(LC_ALL, "C.UTF-8"));
        make_ok(&artwork, &two);
        (void)setlocale(LC_ALL, "C");
        assert_int_equal(one.length, two.length);
        assert_memory_equal(one.data, two.data, one.length);
    }
}

static void every_ink_is_a_plate(void **state) {
    (void)state;
    struct cw_scene_artwork artwork = usual(CW_FORMAT_PDF);
    CW_AUTO_BUF struct cw_buf pdf = {0};
    make_ok(&artwork, &pdf);
    /* 80 mm + 2 × 3 mm by 20 mm + 2 × 3 mm in points */
    const char *const texts[] = {"/MediaBox [0 0 243.779528 73.700787]",
                                 "/BleedBox [0 0 243.779528 73.700787]",
                                 "/TrimBox [8.503937 8.503937 235.275591 65.19685]",
                                 "<dc:identifier>sha-256:0123</dc:identifier>",
                                 "(D:20000101000000Z)",
                                 "/Separation /CW#20IK-02 /DeviceRGB",
                                 "/Separation /CW#20IK-07 /DeviceRGB"};
    expect_in_order(&pdf, texts, sizeof texts / sizeof *texts);
    assert_null(memmem(pdf.data, pdf.length, "/Font", 5));
    assert_null(memmem(pdf.data, pdf.length, "DeviceCMYK", 10));
}

static void technical_inks_come_first_and_cut_and_marks_last(void **state) {
    (void)state;
    struct cw_scene_artwork artwork = usual(CW_FORMAT_SVG);
    artwork.production.underbase = "White";
    artwork.production.varnish = "Varnish";
    artwork.production.cut_path = "M -41000 -11000 L 41000 -11000 L 41000 11000 Z";
    artwork.production.marks = true;
    const int32_t trim[4] = {-42000, -12000, 84000, 24000};
    memcpy(artwork.production.trim_um, trim, sizeof trim);
    CW_AUTO_BUF struct cw_buf svg = {0};
    make_ok(&artwork, &svg);
    /* trim, 3 mm of bleed and 8 mm for marks all around */
    const char *const texts[] = {
        "width=\"106mm\" height=\"46mm\"", "cw:trimBox=\"11 11 84 24\" cw:bleedBox=\"8 8 90 30\"",
        "data-spot=\"White\"", "data-spot=\"Varnish\"", "data-spot=\"CW IK-02\"",
        "data-spot=\"CW IK-07\"", "data-spot=\"CutContour\"", "d=\"M12 34L94 34L94 12Z\"",
        "data-spot=\"All\"",
        /* at the left: lower trim edge, middle of the artwork, upper trim edge */
        "d=\"M6 35L1 35\"", "d=\"M6 23L1 23\"", "d=\"M6 11L1 11\""};
    expect_in_order(&svg, texts, sizeof texts / sizeof *texts);
}

static void nothing_or_the_impossible_is_refused(void **state) {
    (void)state;
    struct cw_scene_artwork artwork = usual(CW_FORMAT_PDF);
    CW_AUTO_BUF struct cw_buf pdf = {0};
    struct cw_error err = {0};
    artwork.decal_count = 0;
    assert_int_equal(cw_artwork_make(fonts, &artwork, &pdf, &err), CW_E_INPUT);
    assert_string_equal(err.code, "render.artwork");
    artwork.decal_count = 2;
    decals[1].surface = "heel";
    assert_int_equal(cw_artwork_make(fonts, &artwork, &pdf, NULL), CW_E_INPUT);
    decals[1].surface = "side";
    artwork.production.cut_path = "M 0 0 Q";
    err = (struct cw_error){0};
    assert_int_equal(cw_artwork_make(fonts, &artwork, &pdf, &err), CW_E_INPUT);
    assert_string_equal(err.code, "render.path_syntax");
    decals[1].text = "\U00013000";
    err = (struct cw_error){0};
    assert_int_equal(cw_artwork_make(fonts, &artwork, &pdf, &err), CW_E_INPUT);
    assert_string_equal(err.code, "render.text_does_not_fit");
    assert_int_equal(pdf.length, 0);
}

static void size_has_a_limit(void **state) {
    (void)state;
    struct cw_scene_artwork artwork = usual(CW_FORMAT_PDF);
    artwork.decal_count = 1;
    decals[0].tile_um[0] = decals[0].tile_um[1] = 100000;
    decals[0].zone_um[2] = CW_ARTWORK_SIDE_UM - 6000;
    CW_AUTO_BUF struct cw_buf pdf = {0};
    make_ok(&artwork, &pdf);
    decals[0].zone_um[2]++;
    struct cw_error err = {0};
    assert_int_equal(cw_artwork_make(fonts, &artwork, &pdf, &err), CW_E_LIMIT);
    assert_string_equal(err.code, "render.artwork_too_large");
}

static size_t count_of(const struct cw_buf *file, const char *text) {
    size_t count = 0;
    const char *at = file->data, *end = file->data + file->length;
    while ((at = memmem(at, (size_t)(end - at), text, strlen(text)))) {
        at += strlen(text);
        count++;
    }
    return count;
}

/* White under a repeated picture: the whole area when it is opaque, else its own shape repeated. */
static void plates_follow_a_tile(void **state) {
    (void)state;
    static uint8_t pixels[4 * 8 * 8];
    struct cw_artwork level = {.width_px = 8, .height_px = 8, .rgba = pixels};
    const struct cw_pack_tile tile = {.name = "t", .level_count = 1, .levels = &level};
    for (int alpha = 128; alpha < 256; alpha += 127) {
        memset(pixels, alpha, sizeof pixels);
        for (enum cw_format format = CW_FORMAT_PDF; format <= CW_FORMAT_SVG; format++) {
            struct cw_scene_artwork artwork = usual(format);
            CW_AUTO_BUF struct cw_buf file = {0};
            decals[0].tile = &tile;
            decals[0].box_um[2] = CW_REPEAT_BRICK;
            artwork.decal_count = 1;
            artwork.production.underbase = "White";
            make_ok(&artwork, &file);
            size_t patterns =
                count_of(&file, format == CW_FORMAT_PDF ? "/PatternType 1" : "<pattern ");
            assert_int_equal(patterns, alpha == 255 ? 1 : 2);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_bytes_everywhere),
        cmocka_unit_test(every_ink_is_a_plate),
        cmocka_unit_test(technical_inks_come_first_and_cut_and_marks_last),
        cmocka_unit_test(plates_follow_a_tile),
        cmocka_unit_test(nothing_or_the_impossible_is_refused),
        cmocka_unit_test(size_has_a_limit),
    };
    return cmocka_run_group_tests(tests, open_fonts, close_fonts);
}
