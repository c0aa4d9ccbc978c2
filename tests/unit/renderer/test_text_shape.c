/* Shaping, script by script: tests/golden/text-shape has for each text the glyphs of every stack as
 * a text file, and as a picture. CW_GOLDEN_WRITE=1 records both anew. */
#include "text_golden.h"

#include "text_shape.h"

static const char *const stacks[] = {"block", "sans",      "serif",      "script",
                                     "naskh", "sans-bold", "serif-bold", "naskh-bold"};
#define STACKS (sizeof stacks / sizeof stacks[0])

static const struct {
    const char *name, *text;
} cases[] = {
    {"latin", "Hamburg ÉßÇ 24"},
    {"uzbek-latin", "Oʻtkir gʻisht maʼno"},
    {"uzbek-cyrillic", "Ўткир қиз ғулом Ҳасан"},
    {"persian", "پارسا گل می‌چیند ۱۴۵۶"},
    {"arabic", "كتاب السلام ١٤٥٦"},
    {"hebrew", "שלום עולם 24"},
    {"hebrew-points", "שָׁלוֹם"},
    {"devanagari", "श्री नमस्ते विद्या १२३"},
    {"thai", "สวัสดี น้ำใจ ๑๒๓"},
    {"chinese", "直觉海角 李小龙"},
    {"japanese", "直の海角 カタカナ"},
    {"mixed-left", "Ali علی 24 שלום 李"},
    {"mixed-right", "علی Ali 24 سبز"},
};
#define CASES (sizeof cases / sizeof cases[0])

/* ---- glyphs as text -------------------------------------------------------------------------- */

static void put_run(struct cw_buf *out, const PangoGlyphItem *run) {
    const PangoAnalysis *analysis = &run->item->analysis;
    PangoFontDescription *font = pango_font_describe(analysis->font);
    cw_buf_printf(out, "  %s %s level %d:", pango_font_description_get_family(font),
                  pango_language_to_string(analysis->language), analysis->level);
    pango_font_description_free(font);
    for (int i = 0; i < run->glyphs->num_glyphs; i++) {
        const PangoGlyphInfo *glyph = &run->glyphs->glyphs[i];
        cw_buf_printf(out, " %u@%d+%d", glyph->glyph,
                      run->item->offset + run->glyphs->log_clusters[i], glyph->geometry.width);
        if (glyph->geometry.x_offset != 0 || glyph->geometry.y_offset != 0)
            cw_buf_printf(out, "(%d,%d)", glyph->geometry.x_offset, glyph->geometry.y_offset);
    }
    cw_buf_puts(out, "\n");
}

static void put_stack(struct cw_buf *out, const char *stack, const char *text) {
    CW_AUTO_SHAPED struct cw_shaped shaped = {0};
    struct cw_scene_decal decal = text_decal(stack, text);
    size_t missing = 0;
    struct cw_error err = {0};
    if (cw_text_shape(fonts, &decal, &shaped, &missing, &err) != CW_OK)
        fail_msg("%s: %s", err.code, err.message);
    if (missing < shaped.text.length)
        fail_msg("%s lacks '%s'", stack, shaped.text.data + missing);
    cw_buf_printf(out, "%s\n", stack);
    PangoLayoutLine *line = pango_layout_get_line_readonly(shaped.layout, 0);
    for (GSList *at = line->runs; at; at = at->next)
        put_run(out, at->data);
}

/* Tests skip() outside of what compares: it leaves by longjmp, and nothing that is held is let go.
 */
static bool compare_glyphs(void) {
    size_t compared = 0;
    CW_AUTO_BUF struct cw_buf reference = {0};
    put_reference(&reference);
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    for (size_t i = 0; i < CASES; i++) {
        CW_AUTO_BUF struct cw_buf out = {0};
        cw_buf_add(&out, reference.data, reference.length);
        cw_buf_printf(&out, "text %s\n\n", cases[i].text);
        for (size_t s = 0; s < STACKS; s++)
            put_stack(&out, stacks[s], cases[i].text);
        char path[512];
        path_of(path, CW_GOLDEN_SHAPE, cases[i].name, "txt");
        if (recording()) {
            assert_int_equal(cw_file_write_atomic(path, out.data, out.length, 0644, NULL), CW_OK);
            continue;
        }
        const char *recorded;
        if (!read_recorded(path, &reference, arena, &recorded))
            continue;
        assert_string_equal(out.data, recorded);
        compared++;
    }
    return compared == CASES || recording();
}

static void glyphs_are_as_recorded(void **state) {
    (void)state;
    if (!compare_glyphs()) {
        print_message("recorded with other fonts or libraries\n");
        skip();
    }
}

/* ---- pictures -------------------------------------------------------------------------------- */

#define UM_PER_PX 180

/* All stacks of one text below each other, dark on white. */
static struct cw_coverage picture_of(const char *text) {
    struct cw_coverage all = {0};
    for (size_t s = 0; s < STACKS; s++) {
        struct cw_scene_decal decal = text_decal(stacks[s], text);
        struct cw_coverage one = cover_ok(&decal, UM_PER_PX);
        size_t bytes = (size_t)one.height * (size_t)one.width;
        if (s == 0)
            all = (struct cw_coverage){one.width, one.height * (int)STACKS, one.width,
                                       calloc(STACKS, bytes)};
        assert_non_null(all.data);
        for (int y = 0; y < one.height; y++)
            for (int x = 0; x < one.width; x++)
                all.data[s * bytes + (size_t)(y * one.width + x)] =
                    (uint8_t)(255 - one.data[y * one.stride + x]);
        cw_coverage_deinit(&one);
    }
    return all;
}

static bool compare_pictures(void) {
    CW_AUTO_BUF struct cw_buf reference = {0};
    put_reference(&reference);
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    bool same_machine = true;
    for (size_t i = 0; i < CASES; i++) {
        char path[512];
        const char *text;
        path_of(path, CW_GOLDEN_SHAPE, cases[i].name, "txt");
        same_machine = read_recorded(path, &reference, arena, &text);
        if (!same_machine)
            break;
        path_of(path, CW_GOLDEN_SHAPE, cases[i].name, "png");
        struct cw_coverage drawn = picture_of(cases[i].text);
        if (recording())
            record_picture(path, &drawn);
        else
            compare_picture(path, &drawn);
        cw_coverage_deinit(&drawn);
    }
    return same_machine;
}

static void pictures_are_as_recorded(void **state) {
    (void)state;
    if (!compare_pictures())
        skip();
}

/* ---- what the files show, said outright ------------------------------------------------------ */

/* The glyphs of a text in a stack: their numbers, in drawing order. */
static size_t glyphs_of(const char *stack, const char *text, uint32_t *ret, size_t max) {
    CW_AUTO_SHAPED struct cw_shaped shaped = {0};
    struct cw_scene_decal decal = text_decal(stack, text);
    size_t missing = 0, count = 0;
    assert_int_equal(cw_text_shape(fonts, &decal, &shaped, &missing, NULL), CW_OK);
    assert_int_equal(missing, shaped.text.length);
    PangoLayoutLine *line = pango_layout_get_line_readonly(shaped.layout, 0);
    for (GSList *at = line->runs; at; at = at->next) {
        const PangoGlyphItem *run = at->data;
        for (int i = 0; i < run->glyphs->num_glyphs && count < max; i++)
            ret[count++] = run->glyphs->glyphs[i].glyph;
    }
    return count;
}

/* 直 and 角 have other forms in Japan; the same face holds both. */
static void han_beside_kana_is_japanese(void **state) {
    (void)state;
    for (size_t s = 0; s < STACKS; s++) {
        uint32_t chinese[2], japanese[2];
        assert_int_equal(glyphs_of(stacks[s], "直", chinese, 2), 1);
        assert_int_equal(glyphs_of(stacks[s], "直の", japanese, 2), 2);
        assert_int_not_equal(chinese[0], japanese[0]);
    }
}

/* श्र is one conjunct; with a non-joiner between its letters it is not. */
static void devanagari_joins(void **state) {
    (void)state;
    for (size_t s = 0; s < STACKS; s++) {
        uint32_t joined[8], apart[8];
        size_t one = glyphs_of(stacks[s], "श्र", joined, 8);
        assert_true(one < glyphs_of(stacks[s], "श\u094d\u200cर", apart, 8));
    }
}

/* The first letter of a Hebrew text is drawn last, at the right. */
static void hebrew_runs_right_to_left(void **state) {
    (void)state;
    for (size_t s = 0; s < STACKS; s++) {
        uint32_t alef[1], both[2];
        assert_int_equal(glyphs_of(stacks[s], "א", alef, 1), 1);
        assert_int_equal(glyphs_of(stacks[s], "אב", both, 2), 2);
        assert_int_equal(both[1], alef[0]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(glyphs_are_as_recorded),      cmocka_unit_test(pictures_are_as_recorded),
        cmocka_unit_test(han_beside_kana_is_japanese), cmocka_unit_test(devanagari_joins),
        cmocka_unit_test(hebrew_runs_right_to_left),
    };
    return cmocka_run_group_tests(tests, open_fonts, close_fonts);
}
