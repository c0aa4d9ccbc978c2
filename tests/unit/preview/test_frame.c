/* The words that frame a picture: what they mean, and each limit from both sides. Tests only. */
#include "preview/frame.h"

#include "cordwain/limits.h"
#include "fixture.h"

/* The codes of the faults, joined; "" when there are none. */
static const char *read_words(const struct cw_frame_texts *texts, enum cw_format format,
                              struct cw_scene_request *ret) {
    static char codes[200];
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_faults faults = {.arena = arena};
    *ret = (struct cw_scene_request){.format = format};
    cw_frame_read(texts, ret, &faults);
    codes[0] = '\0';
    for (size_t i = 0; i < faults.count; i++)
        snprintf(codes + strlen(codes), sizeof codes - strlen(codes), "%s%s", i ? " " : "",
                 faults.items[i].code);
    return codes;
}

static void defaults(void **state) {
    (void)state;
    struct cw_scene_request got;
    assert_string_equal(read_words(&(struct cw_frame_texts){0}, CW_FORMAT_PNG, &got), "");
    assert_int_equal(got.width_px, 1024);
    assert_memory_equal(got.background, "\xF4\xF4\xF2", 3);
    assert_int_equal(got.frame.crop_px[2], 0);
    assert_false(got.frame.transparent || got.frame.no_shadow);
}

static void widths_and_ratios(void **state) {
    (void)state;
    static const struct {
        const char *width, *dpr, *codes;
        uint32_t px;
    } cases[] = {
        {"64", NULL, "", 64},
        {"63", NULL, "preview.width", 0},
        {"4096", "1", "", CW_PREVIEW_MAX_PX},
        {"4097", NULL, "preview.width", 0},
        {"2048", "2", "", CW_PREVIEW_MAX_PX},
        {"2049", "2", "preview.width", 0},
        {"1365", "3", "", 4095},
        {"1365", "3.00", "", 4095},
        {"1366", "3.0", "preview.width", 0},
        {"100", "3.01", "preview.dpr", 0},
        {"100", "4", "preview.dpr", 0},
        {"100", "0.99", "preview.dpr", 0},
        {"101", "1.5", "", 152}, /* 151.5 */
        {"100", "1.25", "", 125},
        {"100", "1.251", "preview.dpr", 0},
        {"100", "1.", "preview.dpr", 0},
        {"100", ".5", "preview.dpr", 0},
        {"100", "2x", "preview.dpr", 0},
        {"100", "", "preview.dpr", 0},
        {"1e3", NULL, "preview.width", 0},
        {"+64", NULL, "preview.width", 0},
        {"99999999999999999999", NULL, "preview.width", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cw_scene_request got;
        const struct cw_frame_texts texts = {.width = cases[i].width, .dpr = cases[i].dpr};
        assert_string_equal(read_words(&texts, CW_FORMAT_PNG, &got), cases[i].codes);
        if (cases[i].px)
            assert_int_equal(got.width_px, cases[i].px);
    }
}

static void crops(void **state) {
    (void)state;
    static const struct {
        const char *crop, *dpr, *codes;
        uint32_t px[4];
    } cases[] = {
        {"0,0,100,100", NULL, "", {0, 0, 100, 100}},
        {"10,20,30,40", "2", "", {20, 40, 60, 80}},
        {"1,1,1,1", "1.5", "", {2, 2, 1, 1}}, /* 1.5 … 3 */
        {"2,2,1,1", "1.5", "", {3, 3, 2, 2}}, /* and 3 … 4.5 beside it */
        {"0,0,101,1", NULL, "preview.crop", {0}},
        {"1,0,100,1", NULL, "preview.crop", {0}},
        {"0,0,1,4096", NULL, "", {0, 0, 1, 4096}},
        {"0,1,1,4096", NULL, "preview.crop", {0}},
        {"0,0,0,1", NULL, "preview.crop", {0}},
        {"0,0,1,0", NULL, "preview.crop", {0}},
        {"0,0,1", NULL, "preview.crop", {0}},
        {"0,0,1,1,", NULL, "preview.crop", {0}},
        {"-1,0,1,1", NULL, "preview.crop", {0}},
        {"0, 0,1,1", NULL, "preview.crop", {0}},
        {"", NULL, "preview.crop", {0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cw_scene_request got;
        const struct cw_frame_texts texts = {
            .width = "100", .crop = cases[i].crop, .dpr = cases[i].dpr};
        assert_string_equal(read_words(&texts, CW_FORMAT_PNG, &got), cases[i].codes);
        if (!*cases[i].codes)
            assert_memory_equal(got.frame.crop_px, cases[i].px, sizeof cases[i].px);
    }
}

static void grounds(void **state) {
    (void)state;
    struct cw_scene_request got;
    struct cw_frame_texts texts = {.background = "aB12fE", .shadow = "off"};
    assert_string_equal(read_words(&texts, CW_FORMAT_JPEG, &got), "");
    assert_memory_equal(got.background, "\xAB\x12\xFE", 3);
    assert_true(got.frame.no_shadow);
    texts = (struct cw_frame_texts){.background = "transparent", .shadow = "on"};
    assert_string_equal(read_words(&texts, CW_FORMAT_WEBP, &got), "");
    assert_true(got.frame.transparent && !got.frame.no_shadow);
    assert_memory_equal(got.background, "\0\0\0", 3);
    assert_string_equal(read_words(&texts, CW_FORMAT_JPEG, &got), "preview.background");
    static const char *const bad[] = {"#FFFFFF", "FFFFF", "FFFFFG", "", "clear"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        texts = (struct cw_frame_texts){.background = bad[i], .shadow = bad[i]};
        assert_string_equal(read_words(&texts, CW_FORMAT_PNG, &got),
                            "preview.background preview.shadow");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(widths_and_ratios),
        cmocka_unit_test(crops),
        cmocka_unit_test(grounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
