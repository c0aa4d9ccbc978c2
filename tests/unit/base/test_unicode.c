/* Texts that shoppers type: every refusal has its code, every script we promise passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/unicode.h"
#include "cordwain/limits.h"

static const char *code_of(const char *text) {
    struct cw_error err = {0};
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    char *out;
    return cw_text_normalise(arena, text, strlen(text), &out, &err) == CW_OK ? "" : err.code;
}

static void refusals_have_codes(void **state) {
    (void)state;
    assert_string_equal(code_of("MARTA"), "");
    assert_string_equal(code_of("Oʻtkir"), "");
    assert_string_equal(code_of("می‌خواهم"), "");
    assert_string_equal(code_of("小明"), "");
    assert_string_equal(code_of("a\xff"), "text.encoding");
    assert_string_equal(code_of("a\nb"), "text.control");
    assert_string_equal(code_of("a\u200bb"), "text.control");
    assert_string_equal(code_of("\u200ca"), "text.control");
    assert_string_equal(code_of("a\u202eb"), "text.bidi_control");
    assert_string_equal(code_of("a\u200fb"), "text.bidi_control");
    assert_string_equal(code_of("a\ue000"), "text.unassigned");
    assert_string_equal(code_of("a\uffff"), "text.unassigned");
    assert_string_equal(code_of(" a"), "text.space");
    assert_string_equal(code_of("a "), "text.space");
    assert_string_equal(code_of("a  b"), "text.space");
}

static void bytes_at_the_limit(void **state) {
    (void)state;
    char text[CW_TEXT_BYTES + 2];
    memset(text, 'a', sizeof text);
    text[CW_TEXT_BYTES] = '\0';
    assert_string_equal(code_of(text), "");
    text[CW_TEXT_BYTES] = 'a';
    text[CW_TEXT_BYTES + 1] = '\0';
    assert_string_equal(code_of(text), "text.too_many_bytes");
}

static void normal_form_and_graphemes(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    char *out;
    assert_int_equal(cw_text_normalise(arena, "e\u0301", 3, &out, NULL), CW_OK);
    assert_string_equal(out, "\u00e9");
    assert_int_equal(cw_text_graphemes("e\u0301a"), 2);
    assert_int_equal(cw_text_graphemes("👨‍👩‍👧x"), 2);
    assert_int_equal(cw_text_graphemes("مریم"), 4);
    assert_int_equal(cw_text_graphemes(""), 0);
}

static void scripts_are_told_apart(void **state) {
    (void)state;
    const char *latin[] = {"Latn"}, *both[] = {"Latn", "Arab"};
    size_t bad = 99;
    assert_true(cw_text_in_scripts("Oʻtkir 7", latin, 1, NULL));
    assert_false(cw_text_in_scripts("abвг", latin, 1, &bad));
    assert_int_equal(bad, 2);
    assert_true(cw_text_in_scripts("مریم M", both, 2, NULL));
    assert_false(cw_text_in_scripts("小", both, 2, NULL));
}

static void upper_case_and_direction(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    assert_string_equal(cw_text_upper(arena, "straße éў"), "STRASSE ÉЎ");
    assert_true(cw_text_is_rtl("12 مریم"));
    assert_false(cw_text_is_rtl("Maryam مریم"));
}

/* Wherever it stands among eights of ASCII, the first bad byte is found. */
static void the_first_bad_byte_is_found(void **state) {
    (void)state;
    for (size_t length = 0; length < 40; length++) {
        char text[48];
        memset(text, 'a', sizeof text);
        assert_int_equal(cw_utf8_good(text, length), length);
        for (size_t bad = 0; bad < length; bad++) {
            text[bad] = '\xff';
            assert_int_equal(cw_utf8_good(text, length), bad);
            text[bad] = '\xc3'; /* begins a character of two */
            assert_int_equal(cw_utf8_good(text, length), bad);
            text[bad + 1] = '\xa4';
            assert_int_equal(cw_utf8_good(text, length), bad + 1 < length ? length : bad);
            text[bad] = text[bad + 1] = 'a';
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_bad_byte_is_found), cmocka_unit_test(refusals_have_codes),
        cmocka_unit_test(bytes_at_the_limit),          cmocka_unit_test(normal_form_and_graphemes),
        cmocka_unit_test(scripts_are_told_apart),      cmocka_unit_test(upper_case_and_direction),
    };
    return cmocka_run_group_tests_name("base/unicode", tests, NULL, NULL);
}
