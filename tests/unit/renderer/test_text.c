/* Measuring: scripts, missing glyphs, fitting, goldens, independence of the environment, the
 * lock-down. */
#include "text_fixture.h"

#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"

static const char *const stacks[] = {"block", "sans",      "serif",      "script",
                                     "naskh", "sans-bold", "serif-bold", "naskh-bold"};
#define STACKS (sizeof stacks / sizeof stacks[0])

static void every_stack_covers_every_script(void **state) {
    (void)state;
    static const char *const texts[] = {
        "Hamburgefonstiv 0123456789 éß&-.",
        "Oʻtkir gʻisht maʼno",
        "Ўткир Қизил Ғулом Ҳасан",
        "Съешь ещё этих булок",
        "پارسا گلاب ژاله چای کیمیا ۰۱۲۳۴۵۶۷۸۹",
        "می‌روم",
        "李小龙 汉字 鑫淼",
        "كتاب السلام ٠١٢٣٤٥٦٧٨٩",
        "שלום שָׁלוֹם",
        "श्री नमस्ते ०१२३४५६७८९",
        "สวัสดี น้ำใจ ๐๑๒๓๔๕๖๗๘๙",
        "ひらがな カタカナ 漢字ー",
        "Ali علی 李 24 שלום",
    };
    for (size_t s = 0; s < STACKS; s++)
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            struct cw_scene_decal decal = text_decal(stacks[s], texts[i]);
            decal.zone_um[2] = 200000;
            struct cw_text_fit fit = measure_ok(&decal);
            if (fit.verdict != CW_FIT_OK)
                fail_msg("%s '%s': verdict %d glyph '%s'", stacks[s], texts[i], fit.verdict,
                         fit.glyph);
            assert_true(fit.ink_um[0] > 0 && fit.ink_um[0] <= 200000);
            assert_true(fit.ink_um[1] > 0 && fit.ink_um[1] <= 10000);
        }
}

/* Joined Arabic letters are other glyphs than the same letters held apart by non-joiners. */
static void persian_letters_join(void **state) {
    (void)state;
    for (size_t s = 0; s < STACKS; s++) {
        struct cw_scene_decal joined = text_decal(stacks[s], "بهشت");
        struct cw_scene_decal apart = text_decal(stacks[s], "ب\u200cه\u200cش\u200cت");
        struct cw_text_fit a = measure_ok(&joined), b = measure_ok(&apart);
        assert_int_equal(a.verdict, CW_FIT_OK);
        assert_int_equal(b.verdict, CW_FIT_OK);
        assert_true((int64_t)a.ink_um[0] * b.em_um < (int64_t)b.ink_um[0] * a.em_um * 9 / 10);
    }
}

/* "آا": alef with madda comes first and so stands right; its madda is the only ink above the other.
 */
static void persian_runs_right_to_left(void **state) {
    (void)state;
    struct cw_scene_decal decal = text_decal("sans", "آا");
    struct cw_coverage coverage = cover_ok(&decal, 50);
    int left = 0, right = 0, middle = coverage.width / 2;
    for (int y = 0; y < coverage.height && left == 0; y++) {
        left = ink_in(&coverage, 0, y, middle, y + 1) > 0 ? y + 1 : 0;
        right = right ? right : ink_in(&coverage, middle, y, coverage.width, y + 1) > 0 ? y + 1 : 0;
    }
    assert_true(right > 0 && right < left);
    cw_coverage_deinit(&coverage);
}

/* Persian ۶ and Arabic ٦ are different signs; Noto Naskh Arabic draws them alike unless told not
 * to. */
static void persian_digits_are_persian(void **state) {
    (void)state;
    for (size_t s = 0; s < STACKS; s++) {
        struct cw_scene_decal persian = text_decal(stacks[s], "۶");
        struct cw_scene_decal arabic = text_decal(stacks[s], "٦");
        struct cw_coverage a = cover_ok(&persian, 100), b = cover_ok(&arabic, 100);
        assert_memory_not_equal(a.data, b.data, (size_t)(a.height * a.stride));
        cw_coverage_deinit(&a);
        cw_coverage_deinit(&b);
    }
}

static void missing_glyphs_are_named(void **state) {
    (void)state;
    static const struct {
        const char *text, *glyph;
        enum cw_fit_verdict verdict;
    } cases[] = {
        {"hi\U0001F600", "\U0001F600", CW_FIT_EMOJI},
        {"\U00013000", "\U00013000", CW_FIT_GLYPH_MISSING},
        {"Ali \U00013000 \U0001F600", "\U00013000", CW_FIT_GLYPH_MISSING},
        {"a\U0001F468\u200d\U0001F469\u200d\U0001F467", "\U0001F468\u200d\U0001F469\u200d",
         CW_FIT_EMOJI},
        {"\U0001F1FA\U0001F1FF", "\U0001F1FA\U0001F1FF", CW_FIT_EMOJI},
        {"1\uFE0F\u20E3", "1\u20E3", CW_FIT_EMOJI},
    };
    for (size_t s = 0; s < STACKS; s++)
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            struct cw_scene_decal decal = text_decal(stacks[s], cases[i].text);
            struct cw_text_fit fit = measure_ok(&decal);
            assert_int_equal(fit.verdict, cases[i].verdict);
            assert_string_equal(fit.glyph, cases[i].glyph);
            struct cw_coverage coverage = {0};
            struct cw_error err = {0};
            assert_int_equal(cw_decal_coverage(fonts, &(struct cw_decal_ref){&decal, 1, 0}, 100,
                                               &coverage, &err),
                             CW_E_INPUT);
            assert_string_equal(err.code, "render.text_does_not_fit");
        }
}

static void letters_shrink_to_the_zone_and_no_further(void **state) {
    (void)state;
    struct cw_scene_decal decal = text_decal("sans", "HHHHHHHHHH");
    struct cw_text_fit roomy = measure_ok(&decal);
    assert_int_equal(roomy.ink_um[1], 6000); /* H is as high as the largest letter */
    decal.zone_um[2] = roomy.ink_um[0];
    assert_int_equal(measure_ok(&decal).em_um, roomy.em_um);
    decal.zone_um[2] = roomy.ink_um[0] / 2;
    struct cw_text_fit half = measure_ok(&decal);
    assert_int_equal(half.verdict, CW_FIT_OK);
    assert_in_range(half.em_um, roomy.em_um / 2 - 2, roomy.em_um / 2);
    assert_in_range(half.ink_um[0], decal.zone_um[2] - 12, decal.zone_um[2]);
    decal.zone_um[2] = roomy.ink_um[0] / 4;
    struct cw_text_fit narrow = measure_ok(&decal);
    assert_int_equal(narrow.verdict, CW_FIT_TOO_WIDE);
    assert_true(narrow.ink_um[0] >
                decal.zone_um[2]); /* what it would need at the smallest letter */
}

/* Cairo drops far glyphs from paths on bounded surfaces: every letter must add its width. */
static void long_texts_are_whole(void **state) {
    (void)state;
    char text[65] = "";
    struct cw_scene_decal decal = text_decal("sans", text);
    decal.zone_um[2] = 2000000;
    int32_t before = 0;
    for (int i = 0; i < 64; i++) {
        text[i] = 'H';
        struct cw_text_fit fit = measure_ok(&decal);
        assert_int_equal(fit.verdict, CW_FIT_OK);
        if (i > 1) /* one advance of H, 0.741 em */
            assert_in_range(fit.ink_um[0] - before, 6226, 6228);
        before = fit.ink_um[0];
    }
}

/* The smallest zone in which a text fits, and one µm less. */
static void fit_is_exact_at_the_limit(void **state) {
    (void)state;
    struct cw_scene_decal decal = text_decal("block", "Gyuli");
    decal.zone_um[2] = 1;
    struct cw_text_fit smallest = measure_ok(&decal);
    assert_int_equal(smallest.verdict, CW_FIT_TOO_WIDE);
    decal.zone_um[2] = smallest.ink_um[0];
    assert_int_equal(measure_ok(&decal).verdict, CW_FIT_OK);
    decal.zone_um[2] = smallest.ink_um[0] - 1;
    assert_int_equal(measure_ok(&decal).verdict, CW_FIT_TOO_WIDE);
}

static void quarter_turns_swap_the_box(void **state) {
    (void)state;
    struct cw_scene_decal flat = text_decal("serif", "Oʻtkir");
    struct cw_text_fit a = measure_ok(&flat);
    for (int32_t turn = -90000; turn <= 270000; turn += 180000) {
        struct cw_scene_decal upright = flat;
        upright.rotation_mdeg = turn;
        upright.zone_um[2] = flat.zone_um[3];
        upright.zone_um[3] = flat.zone_um[2];
        struct cw_text_fit b = measure_ok(&upright);
        assert_memory_equal(&a, &b, sizeof a);
    }
    flat.rotation_mdeg = 90000;
    assert_true(measure_ok(&flat).em_um < a.em_um);
}

static void bad_decals_are_refused(void **state) {
    (void)state;
    struct cw_text_fit fit = {0};
    const struct cw_scene_decal good = text_decal("sans", "A");
    struct cw_scene_decal bad[8] = {good, good, good, good, good, good, good, good};
    bad[0].text = "";
    bad[1].text = "\xff";
    bad[2].text = " ";
    bad[3].zone_um[2] = 0;
    bad[4].min_letter_um = 0;
    bad[5].max_letter_um = good.min_letter_um - 1;
    bad[6].kind = CW_DECAL_PATTERN;
    bad[7].font_stack = "none";
    for (size_t i = 0; i < 8; i++) {
        struct cw_error err = {0};
        assert_int_equal(cw_text_measure(fonts, &bad[i], &fit, &err),
                         i == 7 ? CW_E_NOT_FOUND : CW_E_INPUT);
        assert_string_equal(err.code, i == 7 ? "render.font_stack" : "render.text");
    }
}

/* ---- fonts.json ------------------------------------------------------------------------------ */

static enum cw_status load_text(const char *json, struct cw_fonts **ret, struct cw_error *err) {
    char path[] = "/tmp/cordwain-fonts-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, json, strlen(json)), (ssize_t)strlen(json));
    close(fd);
    enum cw_status status = cw_fonts_load(path, ret, err);
    unlink(path);
    return status;
}

#define FACE(file)                                                                                 \
    "{\"file\":\"" file "\",\"index\":0,\"package\":\"fonts-x\",\"licence\":\"OFL-1.1\"}"
#define SANS "truetype/noto/NotoSans-Regular.ttf"
#define STACK(faces)                                                                               \
    "{\"root\":\"/usr/share/fonts\",\"stacks\":[{\"id\":\"a\",\"faces\":[" faces "]}]}"

static void missing_files_are_named_or_dropped(void **state) {
    (void)state;
    struct cw_fonts *loaded = NULL, *dropped = NULL;
    struct cw_error err = {0};
    assert_int_equal(load_text(STACK(FACE("none.ttf")), &loaded, &err), CW_E_NOT_FOUND);
    assert_string_equal(err.code, "fonts.file_missing");
    assert_non_null(strstr(err.message, "fonts-x"));
    assert_null(loaded);
    assert_int_equal(load_text(STACK(FACE(SANS)), &loaded, NULL), CW_OK);
    assert_int_equal(load_text(STACK(FACE(SANS) "," FACE("none.ttf")), &dropped, NULL), CW_OK);
    assert_string_not_equal(cw_fonts_digest(loaded), cw_fonts_digest(dropped));
    cw_fonts_free(loaded);
    cw_fonts_free(dropped);
}

static void bad_font_lists_are_refused(void **state) {
    (void)state;
    static const char *const texts[] = {
        "{}",
        "{\"root\":\"/usr\",\"stacks\":[]}",
        STACK(""),
        STACK(FACE("../etc/passwd")),
        STACK("{\"file\":\"x\"}"),
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct cw_fonts *loaded = NULL;
        struct cw_error err = {0};
        assert_int_equal(load_text(texts[i], &loaded, &err), CW_E_INPUT);
        assert_string_equal(err.code, "fonts.syntax");
    }
}

/* ---- goldens --------------------------------------------------------------------------------- */

static const char *const verdicts[] = {"ok",    "glyph_missing", "too_wide",  "stroke",
                                       "emoji", "monogram",      "too_small", "crowded"};

static json_t *measured_json(json_t *item) {
    const char *title;
    struct cw_scene_decal decal = text_decal(NULL, NULL);
    assert_int_equal(json_unpack(item, "{s:s, s:s, s:s, s:[i,i], s:[i,i], s:i}", "title", &title,
                                 "stack", &decal.font_stack, "text", &decal.text, "zoneUm",
                                 &decal.zone_um[2], &decal.zone_um[3], "letterUm",
                                 &decal.min_letter_um, &decal.max_letter_um, "rotationMdeg",
                                 &decal.rotation_mdeg),
                     0);
    struct cw_text_fit fit = measure_ok(&decal);
    return json_pack("{s:s, s:s, s:i, s:[i,i]}", "verdict", verdicts[fit.verdict], "glyph",
                     fit.glyph, "emUm", fit.em_um, "inkUm", fit.ink_um[0], fit.ink_um[1]);
}

/* The numbers hold for the font files they were measured with. CW_GOLDEN_WRITE=1 measures anew. */
static void fits_are_as_recorded(void **state) {
    (void)state;
    bool rewrite = getenv("CW_GOLDEN_WRITE") != NULL;
    json_t *cases = json_load_file(CW_GOLDEN "/cases.json", 0, NULL);
    assert_non_null(cases);
    const char *digest = json_string_value(json_object_get(cases, "fonts"));
    bool other_fonts = strcmp(digest, cw_fonts_digest(fonts)) != 0;
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(cases, "cases"), i, item) {
        if (other_fonts && !rewrite)
            break;
        json_t *measured = measured_json(item);
        if (!rewrite && !json_equal(measured, json_object_get(item, "fit")))
            fail_msg("'%s' is %s", json_string_value(json_object_get(item, "title")),
                     json_dumps(measured, JSON_SORT_KEYS));
        json_object_set_new(item, "fit", measured);
    }
    if (rewrite) {
        json_object_set_new(cases, "fonts", json_string(cw_fonts_digest(fonts)));
        assert_int_equal(json_dump_file(cases, CW_GOLDEN "/cases.json", JSON_INDENT(2)), 0);
    }
    json_decref(cases);
    if (other_fonts && !rewrite) {
        print_message("other font files than the goldens were measured with\n");
        skip();
    }
}

/* ---- other processes ------------------------------------------------------------------------- */

/* Exit status of what a child makes of the fonts. */
static int in_child(void (*body)(void)) {
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        body();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static uint64_t environment_hash(void) {
    uint64_t hash = 1469598103934665603u; /* FNV-1a */
    for (size_t s = 0; s < STACKS; s++) {
        struct cw_scene_decal decal = text_decal(stacks[s], "Ali علی 李 24 Ўғ שלום श्री ไทย 直の");
        struct cw_coverage coverage = {0};
        if (cw_decal_coverage(fonts, &(struct cw_decal_ref){&decal, 1, 0}, 100, &coverage, NULL) !=
            CW_OK)
            return 0;
        for (int i = 0; i < coverage.height * coverage.stride; i++)
            hash = (hash ^ coverage.data[i]) * 1099511628211u;
        cw_coverage_deinit(&coverage);
    }
    return hash;
}

static uint64_t expected_hash;

static void draw_elsewhere(void) {
    static const char *const variables[][2] = {
        {"LANG", "fa_IR.UTF-8"},
        {"LC_ALL", "ja_JP.UTF-8"},
        {"LANGUAGE", "ko:ja"},
        {"PANGO_LANGUAGE", "ja:zh-tw"},
        {"FC_LANG", "ja"},
        {"HOME", "/nonexistent"},
        {"FONTCONFIG_FILE", "/nonexistent"},
        {"XDG_CACHE_HOME", "/nonexistent"},
        {"TZ", "Asia/Tehran"},
    };
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
        setenv(variables[i][0], variables[i][1], 1);
    fonts = NULL;
    if (cw_fonts_load(CW_FONTS_JSON, &fonts, NULL) != CW_OK || environment_hash() != expected_hash)
        _exit(1);
    cw_fonts_free(fonts);
}

/* A child starts before this process has any Pango state: this test runs before fonts are opened.
 */
static void environment_does_not_matter(void **state) {
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        bool ok = open_fonts(state) == 0;
        expected_hash = ok ? environment_hash() : 0;
        ssize_t sent = write(pipes[1], &expected_hash, sizeof expected_hash);
        cw_fonts_free(fonts);
        _exit(ok && sent == sizeof expected_hash ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(read(pipes[0], &expected_hash, sizeof expected_hash), sizeof expected_hash);
    close(pipes[0]);
    close(pipes[1]);
    assert_true(expected_hash != 0);
    assert_int_equal(in_child(draw_elsewhere), 0);
}

/* Files, threads and processes end the process, as in the worker's sandbox. */
static void lock_down(void) {
    static const char *const names[] = {
        "open",  "openat", "stat", "newfstatat", "statx",      "lstat",     "access",
        "clone", "clone3", "fork", "readlink",   "readlinkat", "faccessat", "faccessat2"};
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, seccomp_syscall_resolve_name(names[i]),
                             0))
            _exit(2);
    if (seccomp_load(filter) != 0)
        _exit(3);
    seccomp_release(filter);
}

/* Every 7th character up to U+FFFF and the first emoji, alone and after a letter of another script.
 */
static void measure_many_locked_down(void) {
    if (open_fonts(NULL) != 0 || cw_fonts_warm(fonts, NULL) != CW_OK)
        _exit(1);
    lock_down();
    for (uint32_t c = 0x21; c < 0x1F700; c += c < 0x3100 ? 7 : 97) {
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        char text[16] = "A ";
        int length = c < 0x80    ? snprintf(text + 2, 8, "%c", (int)c)
                     : c < 0x800 ? snprintf(text + 2, 8, "%c%c", 0xC0 | c >> 6, 0x80 | (c & 63))
                     : c < 0x10000
                         ? snprintf(text + 2, 8, "%c%c%c", 0xE0 | c >> 12, 0x80 | (c >> 6 & 63),
                                    0x80 | (c & 63))
                         : snprintf(text + 2, 8, "%c%c%c%c", 0xF0 | c >> 18, 0x80 | (c >> 12 & 63),
                                    0x80 | (c >> 6 & 63), 0x80 | (c & 63));
        if (length < 1)
            _exit(4);
        struct cw_scene_decal decal = text_decal(stacks[c % STACKS], text + (c / STACKS % 2) * 2);
        struct cw_text_fit fit = {0};
        struct cw_error err = {0};
        if (cw_text_measure(fonts, &decal, &fit, &err) != CW_OK && err.status != CW_E_INPUT)
            _exit(5);
    }
    if (environment_hash() == 0)
        _exit(6);
}

static void warm_fonts_open_nothing(void **state) {
    (void)state;
#if defined(__SANITIZE_ADDRESS__)
    skip(); /* the sanitizer itself makes files and threads at exit */
#endif
    assert_int_equal(in_child(measure_many_locked_down), 0);
}

int main(void) {
    const struct CMUnitTest before[] = {
        cmocka_unit_test(environment_does_not_matter),
        cmocka_unit_test(warm_fonts_open_nothing),
    };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_stack_covers_every_script),
        cmocka_unit_test(persian_letters_join),
        cmocka_unit_test(persian_runs_right_to_left),
        cmocka_unit_test(persian_digits_are_persian),
        cmocka_unit_test(missing_glyphs_are_named),
        cmocka_unit_test(letters_shrink_to_the_zone_and_no_further),
        cmocka_unit_test(long_texts_are_whole),
        cmocka_unit_test(fit_is_exact_at_the_limit),
        cmocka_unit_test(quarter_turns_swap_the_box),
        cmocka_unit_test(bad_decals_are_refused),
        cmocka_unit_test(missing_files_are_named_or_dropped),
        cmocka_unit_test(bad_font_lists_are_refused),
        cmocka_unit_test(fits_are_as_recorded),
    };
    int failed = cmocka_run_group_tests_name("text, in children", before, NULL, NULL);
    return failed + cmocka_run_group_tests_name("text", tests, open_fonts, close_fonts);
}
