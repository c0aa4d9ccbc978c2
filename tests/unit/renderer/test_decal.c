/* Coverage: where the ink is, limits, patterns. */
#include "text_fixture.h"

#include <stdlib.h>

#include "cordwain/limits.h"
#include "decal_picture.h"

/* A pattern of 10 × 10 mm tiles whose left lower quarter is inked, on a zone of 40 × 20 mm. */
static struct cw_scene_decal quarter_pattern(void) {
    return (struct cw_scene_decal){
        .kind = CW_DECAL_PATTERN,
        .surface = "side",
        .size_um = {60000, 40000},
        .zone_um = {-20000, -10000, 40000, 20000},
        .tile_um = {10000, 10000},
        .path = "M 0 0 L 5000 0 L 5000 5000 L 0 5000 Z",
    };
}

static int pixel(const struct cw_coverage *coverage, int x, int y) {
    return coverage->data[y * coverage->stride + x];
}

/* Bounding box of the ink: left, top, right, bottom (exclusive). */
static void ink_box(const struct cw_coverage *coverage, int ret[4]) {
    int box[4] = {coverage->width, coverage->height, 0, 0};
    for (int y = 0; y < coverage->height; y++)
        for (int x = 0; x < coverage->width; x++) {
            if (!pixel(coverage, x, y))
                continue;
            box[0] = x < box[0] ? x : box[0];
            box[1] = y < box[1] ? y : box[1];
            box[2] = x + 1 > box[2] ? x + 1 : box[2];
            box[3] = y + 1 > box[3] ? y + 1 : box[3];
        }
    memcpy(ret, box, sizeof box);
}

/* The zone is in the left upper part of the surface (y up), so the ink is in the first rows. */
static void text_stands_in_the_middle_of_its_zone(void **state) {
    (void)state;
    struct cw_scene_decal decal = text_decal("sans", "Hg");
    decal.size_um[0] = decal.size_um[1] = 60000;
    const int32_t zone[4] = {-25000, 5000, 20000, 10000};
    memcpy(decal.zone_um, zone, sizeof zone);
    struct cw_text_fit fit = measure_ok(&decal);
    struct cw_coverage coverage = cover_ok(&decal, 100);
    assert_int_equal(coverage.width, 600);
    assert_int_equal(coverage.height, 600);
    int box[4];
    ink_box(&coverage, box);
    /* middle of the zone: x = -15 mm, y = 10 mm: column 150, row 200 */
    assert_in_range(box[0] + box[2], 299, 301);
    assert_in_range(box[1] + box[3], 399, 401);
    assert_in_range(box[2] - box[0], fit.ink_um[0] / 100, fit.ink_um[0] / 100 + 2);
    assert_in_range(box[3] - box[1], fit.ink_um[1] / 100, fit.ink_um[1] / 100 + 2);
    cw_coverage_deinit(&coverage);
    cw_coverage_deinit(&coverage);
    assert_null(coverage.data);
}

/* The foot of an L is below (y up) and right; a quarter turn counter-clockwise puts it right and
 * above. */
static void letters_stand_upright_and_turn_counter_clockwise(void **state) {
    (void)state;
    struct cw_scene_decal decal = text_decal("sans", "L");
    decal.size_um[0] = decal.size_um[1] = 20000;
    const int32_t zone[4] = {-10000, -10000, 20000, 20000};
    memcpy(decal.zone_um, zone, sizeof zone);
    struct cw_coverage upright = cover_ok(&decal, 100);
    decal.rotation_mdeg = 90000;
    struct cw_coverage turned = cover_ok(&decal, 100);
    assert_true(ink_in(&upright, 0, 100, 200, 200) > ink_in(&upright, 0, 0, 200, 100));
    assert_true(ink_in(&upright, 0, 0, 100, 200) > ink_in(&upright, 100, 0, 200, 200));
    assert_true(ink_in(&turned, 100, 0, 200, 200) > ink_in(&turned, 0, 0, 100, 200));
    assert_true(ink_in(&turned, 0, 100, 200, 200) > ink_in(&turned, 0, 0, 200, 100));
    assert_int_equal(ink_of(&upright) / 2550, ink_of(&turned) / 2550);
    cw_coverage_deinit(&upright);
    cw_coverage_deinit(&turned);
}

static void tiles_repeat_from_the_middle_and_end_at_the_zone(void **state) {
    (void)state;
    struct cw_scene_decal decal = quarter_pattern();
    struct cw_coverage coverage = cover_ok(&decal, 100);
    /* one tile covers x, y = -5..5 mm, inked from -5 to 0: columns 250–299, rows 200–249 */
    assert_int_equal(pixel(&coverage, 250, 249), 255);
    assert_int_equal(pixel(&coverage, 299, 200), 255);
    assert_int_equal(pixel(&coverage, 249, 249), 0);
    assert_int_equal(pixel(&coverage, 300, 249), 0);
    assert_int_equal(pixel(&coverage, 299, 199), 0);
    assert_int_equal(pixel(&coverage, 299, 250), 0);
    int box[4];
    ink_box(&coverage, box);
    const int expected[4] = {150, 100, 500, 250}; /* x -15..20 mm, y 10..-5 mm */
    assert_memory_equal(box, expected, sizeof box);
    /* a quarter of the zone's 400 × 200 pixels */
    assert_int_equal(ink_of(&coverage), (uint64_t)400 * 200 / 4 * 255);
    cw_coverage_deinit(&coverage);
}

static void touching_tiles_leave_no_seam(void **state) {
    (void)state;
    struct cw_scene_decal decal = quarter_pattern();
    decal.tile_um[0] = decal.tile_um[1] = 3333;
    decal.path = "M 0 0 L 3333 0 L 3333 3333 L 0 3333 Z";
    struct cw_coverage coverage = cover_ok(&decal, 100);
    assert_int_equal(ink_of(&coverage), (uint64_t)400 * 200 * 255);
    cw_coverage_deinit(&coverage);
}

static void turned_tiles_still_fill_the_zone(void **state) {
    (void)state;
    struct cw_scene_decal decal = quarter_pattern();
    decal.rotation_mdeg = 30000;
    decal.path = "M 0 0 L 10000 0 L 10000 10000 L 0 10000 Z";
    struct cw_coverage coverage = cover_ok(&decal, 100);
    assert_int_equal(ink_of(&coverage), (uint64_t)400 * 200 * 255);
    cw_coverage_deinit(&coverage);
}

/* A name on a pattern stays readable: the pattern keeps a margin around it, and only around it. */
static void patterns_keep_clear_of_texts(void **state) {
    (void)state;
    struct cw_scene_decal decals[2] = {quarter_pattern(), quarter_pattern()};
    decals[0].path = "M 0 0 L 10000 0 L 10000 10000 L 0 10000 Z"; /* full cover */
    decals[1] = (struct cw_scene_decal){.kind = CW_DECAL_TEXT,
                                        .surface = decals[0].surface,
                                        .size_um = {decals[0].size_um[0], decals[0].size_um[1]},
                                        .zone_um = {-5000, -5000, 10000, 10000},
                                        .text = "II",
                                        .font_stack = "sans",
                                        .min_letter_um = 1000,
                                        .max_letter_um = 3000};
    struct cw_coverage alone = cover_ok(&decals[0], 100), shared = {0};
    assert_int_equal(
        cw_decal_coverage(fonts, &(struct cw_decal_ref){decals, 2, 0}, 100, &shared, NULL), CW_OK);
    size_t middle = (size_t)(shared.height / 2 * shared.stride + shared.width / 2);
    assert_int_equal(alone.data[middle], 255);
    assert_int_equal(shared.data[middle], 0);
    assert_true(ink_of(&shared) < ink_of(&alone));
    assert_true(ink_of(&shared) > ink_of(&alone) * 8 / 10);
    cw_coverage_deinit(&shared);
    decals[1].surface = "another";
    assert_int_equal(
        cw_decal_coverage(fonts, &(struct cw_decal_ref){decals, 2, 0}, 100, &shared, NULL), CW_OK);
    assert_int_equal(ink_of(&shared), ink_of(&alone));
    cw_coverage_deinit(&shared);
    cw_coverage_deinit(&alone);
}

/* Letters on the upper half of a circle: the pattern keeps clear of them and not of the empty half.
 */
static void room_is_made_for_the_letters_alone(void **state) {
    (void)state;
    struct cw_scene_decal decals[2] = {quarter_pattern(), text_decal("serif-bold", "ARC")};
    decals[1].surface = decals[0].surface;
    memcpy(decals[1].size_um, decals[0].size_um, sizeof decals[1].size_um);
    memcpy(decals[0].zone_um, (const int32_t[]){-30000, -20000, 60000, 40000},
           sizeof decals[0].zone_um);
    memcpy(decals[1].zone_um, decals[0].zone_um, sizeof decals[1].zone_um);
    decals[1].max_letter_um = 4000;
    decals[1].lettering = (struct cw_lettering){.layout = CW_LAYOUT_ARC_TOP, .radius_um = 12000};
    struct cw_text_fit fit;
    assert_int_equal(cw_text_measure(fonts, &decals[1], &fit, NULL), CW_OK);
    assert_int_equal(fit.verdict, CW_FIT_OK);
    assert_true(abs(fit.ink_at_um[0]) < 600); /* R is a little wider below than A */
    assert_in_range(fit.ink_at_um[1], 11000, 15000);
    assert_in_range(fit.ink_um[1], 3500, 7000);
    struct cw_coverage alone = cover_ok(&decals[0], 100), clear = {0};
    assert_int_equal(
        cw_decal_coverage(fonts, &(struct cw_decal_ref){decals, 2, 0}, 100, &clear, NULL), CW_OK);
    int above = 0;
    for (int y = 0; y < clear.height; y++)
        for (int x = 0; x < clear.width; x++) {
            const size_t at = (size_t)(y * clear.stride + x);
            if (y > clear.height / 2 - 30) /* 3 mm above the circle's middle and lower */
                assert_int_equal(clear.data[at], alone.data[at]);
            else
                above += clear.data[at] < alone.data[at];
        }
    assert_true(above > 1000);
    cw_coverage_deinit(&clear);
    cw_coverage_deinit(&alone);
}

static void assert_refused(const struct cw_scene_decal *decal, int32_t um_per_px,
                           enum cw_status status, const char *code) {
    struct cw_coverage coverage = {0};
    struct cw_error err = {0};
    assert_int_equal(
        cw_decal_coverage(fonts, &(struct cw_decal_ref){decal, 1, 0}, um_per_px, &coverage, &err),
        status);
    assert_string_equal(err.code, code);
    assert_null(coverage.data);
}

static void sizes_have_limits(void **state) {
    (void)state;
    struct cw_scene_decal decal = quarter_pattern();
    assert_refused(&decal, CW_DECAL_MIN_UM_PER_PX - 1, CW_E_LIMIT, "render.decal_too_large");
    struct cw_coverage coverage = cover_ok(&decal, CW_DECAL_MIN_UM_PER_PX);
    assert_int_equal(coverage.width, 3000);
    cw_coverage_deinit(&coverage);
    decal.size_um[0] = decal.size_um[1] = 8000 * 100; /* 64 Mpx */
    coverage = cover_ok(&decal, 100);
    cw_coverage_deinit(&coverage);
    decal.size_um[0]++;
    assert_refused(&decal, 100, CW_E_LIMIT, "render.decal_too_large");
    decal.size_um[0] = 32768 * 100;
    decal.size_um[1] = 100;
    assert_refused(&decal, 100, CW_E_LIMIT, "render.decal_too_large");
    decal.size_um[0] = 0;
    assert_refused(&decal, 100, CW_E_INPUT, "render.decal");
}

static void bad_patterns_are_refused(void **state) {
    (void)state;
    struct cw_scene_decal decal = quarter_pattern();
    decal.tile_um[0] = 50;
    decal.tile_um[1] = 50;
    assert_refused(&decal, 100, CW_E_LIMIT, "render.too_many_tiles");
    decal = quarter_pattern();
    decal.tile_um[1] = 0;
    assert_refused(&decal, 100, CW_E_INPUT, "render.decal");
    decal = quarter_pattern();
    decal.path = NULL;
    assert_refused(&decal, 100, CW_E_INPUT, "render.decal");
    decal.path = "M 0 0 l 1 1";
    assert_refused(&decal, 100, CW_E_INPUT, "render.path_syntax");
}

static void the_tile_limit_is_exact(void **state) {
    (void)state;
    struct cw_scene_decal decal = quarter_pattern();
    decal.path = "M 0 0 L 1 0 L 1 1 Z";
    decal.tile_um[0] = decal.tile_um[1] = 100;
    decal.zone_um[2] = 200 * 100; /* 200 × 100 tiles are all there is room for */
    decal.zone_um[3] = 99 * 100;
    struct cw_coverage coverage = cover_ok(&decal, 100);
    cw_coverage_deinit(&coverage);
    decal.zone_um[3] = 101 * 100;
    assert_refused(&decal, 100, CW_E_LIMIT, "render.too_many_tiles");
}

/* Four pixels, blue first: red, green; blue, half clear white. */
static const uint8_t four_pixels[16] = {0,   0, 255, 255, 0,   255, 0,   255,
                                        255, 0, 0,   255, 128, 128, 128, 128};
static const struct cw_artwork four = {CW_ARTWORK_PNG, 2, 2, four_pixels};

/* On a surface of 40 × 40 mm, cropped to 30 × 40. */
static struct cw_scene_decal four_decal(void) {
    return (struct cw_scene_decal){.kind = CW_DECAL_ARTWORK,
                                   .surface = "side",
                                   .size_um = {40000, 40000},
                                   .zone_um = {-20000, -20000, 30000, 40000},
                                   .digest = "sha-256:00",
                                   .box_um = {0, 0, 40000, 40000},
                                   .picture = &four};
}

static void check_quarter(const struct cw_coverage planes[4], int x, int y, const int rgba[4]) {
    for (int c = 0; c < 4; c++)
        assert_in_range(pixel(&planes[c], x, y), rgba[c] > 1 ? rgba[c] - 2 : 0, rgba[c] + 2);
}

static void free_planes(struct cw_coverage planes[4]) {
    for (int i = 0; i < 4; i++)
        cw_coverage_deinit(&planes[i]);
}

static void a_picture_is_turned_and_cropped(void **state) {
    (void)state;
    struct cw_scene_decal decal = four_decal();
    struct cw_coverage planes[4];
    struct cw_error err = {0};
    assert_int_equal(cw_decal_picture(&decal, 100, planes, &err), CW_OK);
    check_quarter(planes, 20, 20, (int[]){255, 0, 0, 255});
    check_quarter(planes, 299, 20, (int[]){0, 255, 0, 255});
    check_quarter(planes, 20, 380, (int[]){0, 0, 255, 255});
    check_quarter(planes, 299, 380, (int[]){128, 128, 128, 128});
    check_quarter(planes, 301, 20, (int[]){0, 0, 0, 0}); /* beyond the area */
    free_planes(planes);
    decal.rotation_mdeg = 90000; /* a left turn: what was right is above */
    assert_int_equal(cw_decal_picture(&decal, 100, planes, &err), CW_OK);
    check_quarter(planes, 20, 20, (int[]){0, 255, 0, 255});
    check_quarter(planes, 20, 380, (int[]){255, 0, 0, 255});
    free_planes(planes);
}

static void a_picture_without_pixels_is_refused(void **state) {
    (void)state;
    struct cw_coverage planes[4];
    struct cw_error err = {0};
    struct cw_scene_decal decal = four_decal();
    decal.picture = NULL;
    assert_int_equal(cw_decal_picture(&decal, 100, planes, &err), CW_E_INPUT);
    decal = four_decal();
    decal.box_um[2] = 0;
    assert_int_equal(cw_decal_picture(&decal, 100, planes, NULL), CW_E_INPUT);
}

/* Another picture or place is another drawing; the pointer to its pixels is not. */
static void a_picture_is_known_by_digest_and_place(void **state) {
    (void)state;
    struct cw_scene_decal a = four_decal(), b = four_decal();
    const struct cw_decal_ref first = {&a, 1, 0}, second = {&b, 1, 0};
    uint8_t keys[2][32];
    b.picture = NULL;
    cw_decal_key(&first, keys[0]);
    cw_decal_key(&second, keys[1]);
    assert_memory_equal(keys[0], keys[1], 32);
    b.box_um[0] = 1;
    cw_decal_key(&second, keys[1]);
    assert_memory_not_equal(keys[0], keys[1], 32);
    b = a;
    b.digest = "sha-256:01";
    cw_decal_key(&second, keys[1]);
    assert_memory_not_equal(keys[0], keys[1], 32);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_is_turned_and_cropped),
        cmocka_unit_test(a_picture_without_pixels_is_refused),
        cmocka_unit_test(a_picture_is_known_by_digest_and_place),
        cmocka_unit_test(text_stands_in_the_middle_of_its_zone),
        cmocka_unit_test(letters_stand_upright_and_turn_counter_clockwise),
        cmocka_unit_test(tiles_repeat_from_the_middle_and_end_at_the_zone),
        cmocka_unit_test(touching_tiles_leave_no_seam),
        cmocka_unit_test(turned_tiles_still_fill_the_zone),
        cmocka_unit_test(patterns_keep_clear_of_texts),
        cmocka_unit_test(room_is_made_for_the_letters_alone),
        cmocka_unit_test(sizes_have_limits),
        cmocka_unit_test(bad_patterns_are_refused),
        cmocka_unit_test(the_tile_limit_is_exact),
    };
    return cmocka_run_group_tests_name("decal", tests, open_fonts, close_fonts);
}
