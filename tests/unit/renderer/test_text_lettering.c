/* Layouts, spacing, small capitals, numerals and the stroke limit. tests/golden/text-lettering has
 * what every case measures in one text file, and a picture of each. */
#include "text_golden.h"

#include "text_stroke.h"

#define LINE    .layout = CW_LAYOUT_LINE
#define ARC(um) .layout = CW_LAYOUT_ARC_TOP, .radius_um = (um)
#define WAVE                                                                                       \
    .layout = CW_LAYOUT_PATH,                                                                      \
    .path = "M -18000 -2000 C -9000 6000 -6000 3500 0 0 C 6000 -3500 9000 -6000 18000 2000"

static const struct {
    const char *name, *stack, *text;
    struct cw_lettering lettering;
} cases[] = {
    {"line", "serif", "Hamburg", {LINE}},
    {"spaced", "serif", "Hamburg", {LINE, .spacing_milli = 200}},
    {"tight", "block", "Hamburg", {LINE, .spacing_milli = -60}},
    {"spaced-persian", "naskh", "بهشت Ada", {LINE, .spacing_milli = 300}},
    {"small-capitals", "serif", "Hamburg Ada", {LINE, .small_caps = true}},
    {"small-capitals-cyrillic", "sans", "Ўткир Ғулом", {LINE, .small_caps = true}},
    {"numerals-persian", "naskh", "سال 1405", {LINE, .numerals = CW_NUMERALS_SCRIPT}},
    {"numerals-arabic", "naskh", "عام 1456", {LINE, .numerals = CW_NUMERALS_ARAB}},
    {"numerals-devanagari", "sans", "वर्ष 2045", {LINE, .numerals = CW_NUMERALS_SCRIPT}},
    {"numerals-thai", "sans", "ปี 2569", {LINE, .numerals = CW_NUMERALS_SCRIPT}},
    {"numerals-latin", "sans", "سال ۱۴۰۵", {LINE, .numerals = CW_NUMERALS_LATN}},
    {"arc-top", "serif", "Hamburg Ada", {ARC(14000)}},
    {"arc-bottom", "serif", "Hamburg Ada", {.layout = CW_LAYOUT_ARC_BOTTOM, .radius_um = 14000}},
    {"arc-full", "block", "ROUND AND ROUND AND ROUND *", {ARC(13000)}},
    {"arc-bottom-persian",
     "naskh-bold",
     "نیلوفر می‌روید",
     {.layout = CW_LAYOUT_ARC_BOTTOM, .radius_um = 14000}},
    {"arc-persian", "naskh-bold", "نیلوفر می‌روید", {ARC(14000)}},
    {"arc-devanagari", "sans-bold", "श्री नमस्ते", {ARC(14000)}},
    {"path-wave", "sans-bold", "Up and down again", {WAVE}},
    {"vertical-chinese", "serif", "李小龙、一二（三）ー24", {.layout = CW_LAYOUT_VERTICAL}},
    {"vertical-japanese", "sans", "東京ハート", {.layout = CW_LAYOUT_VERTICAL}},
    {"monogram-row", "serif", "ABC", {.layout = CW_LAYOUT_MONOGRAM_ROW}},
    {"monogram-centre", "serif-bold", "ABC", {.layout = CW_LAYOUT_MONOGRAM_CENTRE}},
    {"monogram-stacked", "serif-bold", "ABC", {.layout = CW_LAYOUT_MONOGRAM_STACKED}},
    {"monogram-two", "serif-bold", "AB", {.layout = CW_LAYOUT_MONOGRAM_CENTRE}},
    {"monogram-persian", "naskh-bold", "بپم", {.layout = CW_LAYOUT_MONOGRAM_CENTRE}},
    {"monogram-stacked-persian", "naskh-bold", "بپم", {.layout = CW_LAYOUT_MONOGRAM_STACKED}},
    {"monogram-four", "serif", "ABCD", {.layout = CW_LAYOUT_MONOGRAM_ROW}},
};
#define CASES (sizeof cases / sizeof cases[0])

/* A zone of 40 × 36 mm, letters of 2 to 9 mm. */
static struct cw_scene_decal lettered(const char *stack, const char *text,
                                      struct cw_lettering lettering) {
    struct cw_scene_decal decal = text_decal(stack, text);
    const int32_t zone[4] = {-20000, -18000, 40000, 36000};
    memcpy(decal.zone_um, zone, sizeof zone);
    decal.size_um[0] = 42000;
    decal.size_um[1] = 38000;
    decal.max_letter_um = 9000;
    decal.lettering = lettering;
    return decal;
}

static struct cw_scene_decal decal_of(size_t i) {
    return lettered(cases[i].stack, cases[i].text, cases[i].lettering);
}

/* ---- goldens --------------------------------------------------------------------------------- */

static void put_case(struct cw_buf *out, size_t i) {
    static const char *const verdicts[] = {"ok",    "glyph_missing", "too_wide",  "stroke",
                                           "emoji", "monogram",      "too_small", "crowded"};
    struct cw_scene_decal decal = decal_of(i);
    decal.min_stroke_um = 1; /* so that it is measured */
    struct cw_text_fit fit = measure_ok(&decal);
    cw_buf_printf(out, "%s: %s em %d ink %d x %d stroke %d\n", cases[i].name, verdicts[fit.verdict],
                  fit.em_um, fit.ink_um[0], fit.ink_um[1], fit.detail_um);
}

static bool compare_letterings(void) {
    CW_AUTO_BUF struct cw_buf reference = {0};
    CW_AUTO_BUF struct cw_buf out = {0};
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    char path[512];
    const char *recorded;
    put_reference(&reference);
    cw_buf_add(&out, reference.data, reference.length);
    for (size_t i = 0; i < CASES; i++)
        put_case(&out, i);
    path_of(path, CW_GOLDEN_LETTERING, "cases", "txt");
    if (recording())
        assert_int_equal(cw_file_write_atomic(path, out.data, out.length, 0644, NULL), CW_OK);
    if (!read_recorded(path, &reference, arena, &recorded))
        return false;
    assert_string_equal(out.data, recorded);
    for (size_t i = 0; i < CASES; i++) {
        struct cw_scene_decal decal = decal_of(i);
        if (measure_ok(&decal).verdict != CW_FIT_OK)
            continue;
        struct cw_coverage drawn = cover_ok(&decal, 200);
        struct cw_coverage packed = {drawn.width, drawn.height, drawn.width,
                                     calloc((size_t)drawn.width, (size_t)drawn.height)};
        assert_non_null(packed.data);
        for (int y = 0; y < drawn.height; y++)
            for (int x = 0; x < drawn.width; x++)
                packed.data[y * packed.width + x] =
                    (uint8_t)(255 - drawn.data[y * drawn.stride + x]);
        path_of(path, CW_GOLDEN_LETTERING, cases[i].name, "png");
        if (recording())
            record_picture(path, &packed);
        else
            compare_picture(path, &packed);
        cw_coverage_deinit(&drawn);
        cw_coverage_deinit(&packed);
    }
    return true;
}

static void letterings_are_as_recorded(void **state) {
    (void)state;
    if (!compare_letterings()) /* outside: skip() lets go of nothing */
        skip();
}

/* ---- what the files show, said outright ------------------------------------------------------ */

static int32_t width_per_em(const char *stack, const char *text, struct cw_lettering lettering) {
    struct cw_scene_decal decal = lettered(stack, text, lettering);
    struct cw_text_fit fit = measure_ok(&decal);
    assert_int_equal(fit.verdict, CW_FIT_OK);
    return (int32_t)((int64_t)fit.ink_um[0] * 1000 / fit.em_um);
}

/* Spacing goes between letters, and not between letters that join. */
static void spacing_spares_joined_letters(void **state) {
    (void)state;
    const struct cw_lettering none = {LINE}, wide = {LINE, .spacing_milli = 100};
    assert_in_range(width_per_em("sans", "HHHH", wide) - width_per_em("sans", "HHHH", none), 299,
                    301);
    assert_int_equal(width_per_em("sans", "بهشت", wide), width_per_em("sans", "بهشت", none));
    assert_int_equal(width_per_em("sans", "नमस्ते", wide), width_per_em("sans", "नमस्ते", none));
}

/* What is drawn by numerals is what those digits draw when typed. */
static void numerals_are_those_digits(void **state) {
    (void)state;
    static const struct {
        enum cw_numerals numerals;
        const char *typed, *drawn;
    } digits[] = {
        {CW_NUMERALS_ARAB, "0123456789", "٠١٢٣٤٥٦٧٨٩"},
        {CW_NUMERALS_ARABEXT, "1456", "۱۴۵۶"},
        {CW_NUMERALS_DEVA, "1456", "१४५६"},
        {CW_NUMERALS_THAI, "1456", "๑๔๕๖"},
        {CW_NUMERALS_LATN, "۱۴۵۶", "1456"},
        {CW_NUMERALS_SCRIPT, "علی 14", "علی ۱۴"},
        {CW_NUMERALS_SCRIPT, "Ali ۱۴", "Ali 14"},
        {CW_NUMERALS_SCRIPT, "ไทย 14", "ไทย ๑๔"},
    };
    for (size_t i = 0; i < sizeof digits / sizeof digits[0]; i++) {
        struct cw_scene_decal one = lettered("sans", digits[i].typed,
                                             (struct cw_lettering){.numerals = digits[i].numerals});
        struct cw_scene_decal two = lettered("sans", digits[i].drawn, (struct cw_lettering){LINE});
        struct cw_coverage a = cover_ok(&one, 100), b = cover_ok(&two, 100);
        if (memcmp(a.data, b.data, (size_t)(a.height * a.stride)) != 0)
            fail_msg("%s is not drawn as %s", digits[i].typed, digits[i].drawn);
        cw_coverage_deinit(&a);
        cw_coverage_deinit(&b);
    }
}

/* Every letter of an arc lies in the ring between its baseline and its ascenders. */
static void arcs_keep_to_their_circle(void **state) {
    (void)state;
    struct cw_scene_decal decal =
        lettered("block", "HHHHHHHHHHHH", (struct cw_lettering){ARC(12000)});
    struct cw_text_fit fit = measure_ok(&decal);
    struct cw_coverage c = cover_ok(&decal, 100);
    const double high = 12000 + (double)decal.max_letter_um;
    assert_true(fit.em_um > 0);
    for (int y = 0; y < c.height; y++)
        for (int x = 0; x < c.width; x++) {
            double dx = (x + 0.5 - c.width / 2.0) * 100, dy = (y + 0.5 - c.height / 2.0) * 100;
            double r2 = dx * dx + dy * dy;
            if (c.data[y * c.stride + x] > 0)
                assert_true(r2 > 11700.0 * 11700.0 && r2 < (high + 300) * (high + 300));
        }
    cw_coverage_deinit(&c);
}

static void a_baseline_must_have_length(void **state) {
    (void)state;
    static const char *const paths[] = {"", "M 0 0", "M 0 0 L 0 0"};
    for (size_t i = 0; i < 3; i++) {
        struct cw_error err = {0};
        struct cw_text_fit fit;
        struct cw_scene_decal decal = lettered(
            "sans", "A", (struct cw_lettering){.layout = CW_LAYOUT_PATH, .path = paths[i]});
        assert_int_equal(cw_text_measure(fonts, &decal, &fit, &err), CW_E_INPUT);
        assert_string_equal(err.code, i == 0 ? "render.path_syntax" : "render.text");
    }
}

static void only_letters_make_a_monogram(void **state) {
    (void)state;
    static const char *const texts[] = {"ABCD", "A1", "A-C", "7"};
    for (size_t i = 0; i < 4; i++) {
        struct cw_scene_decal decal = lettered(
            "serif", texts[i], (struct cw_lettering){.layout = CW_LAYOUT_MONOGRAM_STACKED});
        assert_int_equal(measure_ok(&decal).verdict, CW_FIT_MONOGRAM);
    }
}

/* A synthetic small capital is the smallest letter: it must not be lower than the limit. */
static void small_capitals_are_letters_too(void **state) {
    (void)state;
    struct cw_scene_decal decal =
        lettered("serif", "Aa", (struct cw_lettering){LINE, .small_caps = true});
    decal.max_letter_um = 9000;
    decal.min_letter_um = 7200; /* 0.8 of 9000 */
    assert_int_equal(measure_ok(&decal).verdict, CW_FIT_OK);
    decal.min_letter_um = 7210;
    struct cw_text_fit fit = measure_ok(&decal);
    assert_int_equal(fit.verdict, CW_FIT_TOO_SMALL);
    assert_string_equal(fit.glyph, "A"); /* as it is drawn */
    assert_in_range(fit.detail_um, 7198, 7200);
    decal.text = "AA";
    assert_int_equal(measure_ok(&decal).verdict, CW_FIT_OK);
}

/* The letters of a text too wide for its place, on a line and on a circle: which, and how high. */
static void low_letters_are_named(void **state) {
    (void)state;
    static const struct cw_lettering letterings[] = {{LINE}, {ARC(14000)}};
    for (size_t i = 0; i < 2; i++) {
        struct cw_scene_decal decal = lettered("serif", "Wide and wider", letterings[i]);
        decal.max_letter_um = decal.min_letter_um = 8000;
        struct cw_text_fit fit = measure_ok(&decal);
        assert_int_equal(fit.verdict, CW_FIT_TOO_WIDE);
        assert_string_equal(fit.glyph, "W");
        assert_in_range(fit.detail_um, 1000, 7999);
        decal.min_letter_um = fit.detail_um; /* as high as it said, it fits */
        assert_int_equal(measure_ok(&decal).verdict, CW_FIT_OK);
    }
}

/* A valley whose sides are steep: letters on its bottom lean towards each other. */
#define VALLEY                                                                                     \
    { .layout = CW_LAYOUT_PATH, .path = "M -9000 12000 L 0 -9000 L 9000 12000" }

static void crowded_letters_are_set_smaller_or_refused(void **state) {
    (void)state;
    struct cw_scene_decal decal = lettered("sans-bold", "MHHHHM", (struct cw_lettering)VALLEY);
    decal.min_letter_um = 500;
    decal.lettering.path = "M -14000 9000 C -4000 -15000 4000 -15000 14000 9000";
    const struct cw_text_fit tight = measure_ok(&decal);
    decal.lettering.path = "M -22847 0 L 22847 0"; /* as long, and straight */
    const struct cw_text_fit straight = measure_ok(&decal);
    assert_int_equal(straight.verdict, CW_FIT_OK);
    decal.lettering = (struct cw_lettering)VALLEY;
    assert_int_equal(tight.verdict, CW_FIT_OK);
    assert_true(tight.em_um < straight.em_um * 3 / 4);
    decal.min_letter_um = 4000;
    const struct cw_text_fit refused = measure_ok(&decal);
    assert_int_equal(refused.verdict, CW_FIT_CROWDED);
    assert_true(strcmp(refused.glyph, "H") == 0 || strcmp(refused.glyph, "M") == 0);
    assert_in_range(refused.detail_um, 10000, 30000); /* near the middle of 45.7 mm */
    /* the other way up the feet are on the inner side, and they stand on the line */
    decal.lettering.path = "M -9000 -9000 L 0 12000 L 9000 -9000";
    decal.text = "HHHH";
    assert_int_equal(measure_ok(&decal).verdict, CW_FIT_OK);
}

/* Letters that touch in a straight line, as those of a script font do, may touch on a gentle bend.
 */
static void gentle_bends_change_nothing(void **state) {
    (void)state;
    static const char *const stacks[] = {"script", "serif", "sans-bold"};
    for (size_t i = 0; i < 3; i++) {
        struct cw_scene_decal decal = lettered(
            stacks[i], "Wavy Avatar",
            (struct cw_lettering){.layout = CW_LAYOUT_PATH,
                                  .path = "M -16500 -5000 C -9000 3000 9000 3000 16500 -5000"});
        decal.max_letter_um = 4000;
        assert_int_equal(measure_ok(&decal).verdict, CW_FIT_OK);
    }
}

/* ---- strokes --------------------------------------------------------------------------------- */

static double thinnest(const uint8_t *ink, int w, int h) {
    double px = 0;
    const int size[2] = {w, h};
    assert_int_equal(cw_stroke_thinnest(ink, size, &px, NULL), CW_OK);
    return px;
}

static void fill(uint8_t *ink, int w, const int box[4]) {
    for (int y = box[1]; y < box[1] + box[3]; y++)
        memset(ink + y * w + box[0], 255, (size_t)box[2]);
}

/* Bars of a known thickness, a bar on a block, and a dot. */
static void thickness_is_that_of_the_thinnest_bar(void **state) {
    (void)state;
    static uint8_t ink[200 * 200];
    for (int thick = 3; thick <= 30; thick += 3) {
        memset(ink, 0, sizeof ink);
        fill(ink, 200, (const int[4]){20, 40, 160, thick});
        assert_in_range((int)(thinnest(ink, 200, 200) * 4), thick * 4 - 4, thick * 4 + 4);
        fill(ink, 200, (const int[4]){60, 100, 80, 80}); /* a thick block elsewhere */
        assert_in_range((int)(thinnest(ink, 200, 200) * 4), thick * 4 - 4, thick * 4 + 4);
    }
    memset(ink, 0, sizeof ink);
    fill(ink, 200, (const int[4]){60, 60, 80, 80});
    fill(ink, 200, (const int[4]){10, 10, 12, 12}); /* the dot of an i */
    assert_in_range((int)thinnest(ink, 200, 200), 11, 13);
}

/* H has upright strokes of one thickness; its font's own figure is near 0.18 em in bold. */
static void thin_strokes_are_refused(void **state) {
    (void)state;
    struct cw_scene_decal decal = lettered("sans", "Hi", (struct cw_lettering){LINE});
    decal.min_stroke_um = 1;
    struct cw_text_fit fit = measure_ok(&decal);
    assert_int_equal(fit.verdict, CW_FIT_OK);
    const int32_t stroke = fit.detail_um;
    assert_in_range(stroke * 1000 / fit.em_um, 60, 110);
    decal.min_stroke_um = stroke;
    assert_int_equal(measure_ok(&decal).verdict, CW_FIT_OK);
    decal.min_stroke_um = stroke + 1;
    fit = measure_ok(&decal);
    assert_int_equal(fit.verdict, CW_FIT_STROKE);
    assert_int_equal(fit.detail_um, stroke);
    assert_true(strcmp(fit.glyph, "H") == 0 || strcmp(fit.glyph, "i") == 0);
    struct cw_coverage coverage = {0};
    struct cw_error err = {0};
    assert_int_equal(
        cw_decal_coverage(fonts, &(struct cw_decal_ref){&decal, 1, 0}, 100, &coverage, &err),
        CW_E_INPUT);
    assert_string_equal(err.code, "render.text_does_not_fit");
    decal.font_stack = "sans-bold";
    assert_int_equal(measure_ok(&decal).verdict, CW_FIT_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letterings_are_as_recorded),
        cmocka_unit_test(spacing_spares_joined_letters),
        cmocka_unit_test(numerals_are_those_digits),
        cmocka_unit_test(arcs_keep_to_their_circle),
        cmocka_unit_test(a_baseline_must_have_length),
        cmocka_unit_test(only_letters_make_a_monogram),
        cmocka_unit_test(small_capitals_are_letters_too),
        cmocka_unit_test(low_letters_are_named),
        cmocka_unit_test(crowded_letters_are_set_smaller_or_refused),
        cmocka_unit_test(gentle_bends_change_nothing),
        cmocka_unit_test(thickness_is_that_of_the_thinnest_bar),
        cmocka_unit_test(thin_strokes_are_refused),
    };
    return cmocka_run_group_tests(tests, open_fonts, close_fonts);
}
