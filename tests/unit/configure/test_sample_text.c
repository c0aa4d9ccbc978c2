/*
 * Responsible for: example texts are ones the option takes, whatever it asks for; equal states give
 * equal ones; where none can be found that is said.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/unicode.h"
#include "configure/sample_text.h"
#include "configure/value.h"

#define SEEDS 20

static struct cw_option option_of(uint32_t graphemes, const char *pattern,
                                  const char *const *scripts, size_t script_count) {
    return (struct cw_option){.id = "text",
                              .kind = CW_OPTION_TEXT,
                              .default_text = "",
                              .text = {.surface = CW_NONE,
                                       .max_graphemes = graphemes,
                                       .pattern = pattern,
                                       .script_count = script_count,
                                       .scripts = scripts}};
}

/* How many different ones SEEDS states give, each held against the option. */
static size_t draw(struct cw_option *option) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_product product = {.option_count = 1, .options = option};
    const char *texts[SEEDS];
    size_t different = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        uint64_t one = seed, other = seed;
        const char *again, *normal;
        struct cw_faults faults = {.arena = arena};
        struct cw_value_reader reader = {&product, arena, &faults, "", option};
        assert_true(cw_sample_text(&product, 0, &one, arena, &texts[seed]));
        assert_true(cw_sample_text(&product, 0, &other, arena, &again));
        assert_string_equal(texts[seed], again);
        assert_int_equal(one, other);
        assert_true(cw_value_text(&reader, texts[seed], strlen(texts[seed]), &normal));
        assert_string_equal(normal, texts[seed]); /* as it will be stored */
        assert_true(cw_text_graphemes(texts[seed]) >= 1);
        bool new = true;
        for (uint64_t before = 0; before < seed; before++)
            new = new &&strcmp(texts[before], texts[seed]) != 0;
        different += new;
    }
    return different;
}

static void every_script_has_words(void **state) {
    (void)state;
    static const char *const scripts[] = {"Latn", "Cyrl", "Arab", "Hani", "Hira", "Kana",
                                          "Hang", "Grek", "Hebr", "Deva", "Thai"};
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        struct cw_option option = option_of(20, "", &scripts[i], 1);
        assert_true(draw(&option) > 3);
        option.text.max_graphemes = 1;
        assert_true(draw(&option) > 1);
        option.text.letter_case = CW_CASE_UPPER;
        option.text.max_graphemes = 5;
        assert_true(draw(&option) > 1);
    }
    struct cw_option any = option_of(12, "", scripts, 0), all = option_of(12, "", scripts, 11);
    assert_true(draw(&any) > 3);
    assert_true(draw(&all) > 3);
}

static void every_form_is_met(void **state) {
    (void)state;
    static const char *const latin[] = {"Latn"};
    static const char *const patterns[] = {
        "[A-Z]{2}-[0-9]{3}", "(19|20)[0-9][0-9]", "[a-z]+&[a-z]+",         "\\p{Lu}\\.\\p{Lu}\\.",
        "(?=.*[0-9]).{6}",   "#[0-9a-f]{6}",      "[0-9]{1,2}\\.[0-9]{2}", "[A-Za-z ]{3,8}"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        struct cw_option option = option_of(10, patterns[i], latin, 1);
        size_t different = draw(&option);
        if (different <= 3)
            fail_msg("'%s' gives %zu different texts", patterns[i], different);
    }
    struct cw_option upper = option_of(9, "[A-Z]{9}", latin, 1);
    upper.text.letter_case = CW_CASE_UPPER;
    assert_true(draw(&upper) > 3);
}

/* At the longest the option takes, and one longer. */
static void a_form_may_be_too_long(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    static const char *const latin[] = {"Latn"};
    struct cw_option option = option_of(12, "[0-9]{12}", latin, 1);
    struct cw_product product = {.option_count = 1, .options = &option};
    uint64_t random = 1;
    const char *text = "untouched";
    assert_true(draw(&option) > 3);
    option.text.pattern = "[0-9]{13}";
    assert_false(cw_sample_text(&product, 0, &random, arena, &text));
    option.text.pattern = "(?!)x";
    assert_false(cw_sample_text(&product, 0, &random, arena, &text));
    assert_string_equal(text, "untouched");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_script_has_words),
        cmocka_unit_test(every_form_is_met),
        cmocka_unit_test(a_form_may_be_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
