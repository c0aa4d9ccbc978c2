/* Strict reading, canonical form and positions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "cordwain/limits.h"

static struct cw_arena *arena;

static int setup(void **state) {
    (void)state;
    arena = cw_arena_new();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    cw_arena_free(arena);
    return 0;
}

static const char *read_code(const char *text) {
    struct cw_error err = {0};
    json_t *value;
    return cw_json_read(arena, text, strlen(text), 1000, &value, &err) == CW_OK ? "" : err.code;
}

static void refuses_what_is_not_strict_json(void **state) {
    (void)state;
    assert_string_equal(read_code("{\"a\":1}"), "");
    assert_string_equal(read_code("{\"a\":1,\"a\":2}"), "json.duplicate");
    assert_string_equal(read_code("{\"a\":1} x"), "json.syntax");
    assert_string_equal(read_code("{\"a\":01}"), "json.syntax");
    assert_string_equal(read_code("[1,]"), "json.syntax");
    assert_string_equal(read_code("\xef\xbb\xbf{}"), "json.syntax");
    assert_string_equal(read_code("\"\xff\""), "json.encoding");
}

static void depth_and_size_at_the_limit(void **state) {
    (void)state;
    char text[2 * CW_JSON_DEPTH + 3] = "";
    memset(text, '[', CW_JSON_DEPTH);
    memset(text + CW_JSON_DEPTH, ']', CW_JSON_DEPTH);
    assert_string_equal(read_code(text), "");
    memset(text, '[', CW_JSON_DEPTH + 1);
    memset(text + CW_JSON_DEPTH + 1, ']', CW_JSON_DEPTH + 1);
    assert_string_equal(read_code(text), "json.depth");
    char large[1002] = "\"";
    memset(large + 1, 'x', 998);
    large[999] = '"';
    assert_string_equal(read_code(large), "");
    large[999] = 'x';
    large[1000] = '"';
    assert_string_equal(read_code(large), "json.too_large");
}

static void check_canonical(const char *in, const char *out) {
    struct cw_error err = {0};
    json_t *value;
    assert_int_equal(cw_json_read(arena, in, strlen(in), 1000, &value, &err), CW_OK);
    assert_string_equal(cw_json_canonical_dup(arena, value), out);
}

static void canonical_form_is_rfc8785(void **state) {
    (void)state;
    check_canonical("{\"b\":1,\"a\":[true,null,\"\\u20ac\\u000f\\n\"]}",
                    "{\"a\":[true,null,\"\xe2\x82\xac\\u000f\\n\"],\"b\":1}");
    check_canonical("[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001,-0.0]",
                    "[333333333.3333333,1e+30,4.5,0.002,1e-27,0]");
    check_canonical("[1e21,1e20,1e-6,1e-7,1.2345678901234568e20]",
                    "[1e+21,100000000000000000000,0.000001,1e-7,123456789012345680000]");
    /* UTF-16 order: U+1F600 (d83d) sorts before U+FB33 */
    check_canonical("{\"\\ufb33\":1,\"\\ud83d\\ude00\":2,\"\\u20ac\":3}",
                    "{\"\xe2\x82\xac\":3,\"\xf0\x9f\x98\x80\":2,\"\xef\xac\xb3\":1}");
}

static void positions_are_found(void **state) {
    (void)state;
    const char *text = "{\n  \"a\": [1, {\"b/c\": \"x,]\"}, 3],\n  \"d\": 4\n}";
    size_t line, column;
    cw_json_locate(text, strlen(text), "/a/1/b~1c", &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 13);
    cw_json_locate(text, strlen(text), "/a/2", &line, &column);
    assert_int_equal(column, 28);
    cw_json_locate(text, strlen(text), "/d/nothing", &line, &column);
    assert_int_equal(line, 3);
    assert_int_equal(column, 3);
}

static void pointers_are_escaped(void **state) {
    (void)state;
    const char *pointer = cw_json_pointer(arena, "/x", "a/b~c");
    assert_string_equal(pointer, "/x/a~1b~0c");
    CW_AUTO_JSON json_t *root = json_pack("{s:{s:[i,i]}}", "x", "a/b~c", 7, 8);
    assert_int_equal(json_integer_value(cw_json_at(root, "/x/a~1b~0c/1")), 8);
    assert_null(cw_json_at(root, "/x/none/1"));
}

/* Every refusal of a text says where: columns count bytes, as positions of members do. */
static void refusals_have_a_place(void **state) {
    (void)state;
    char deep[2 * CW_JSON_DEPTH + 8] = "\n ";
    memset(deep + 2, '[', CW_JSON_DEPTH + 1);
    const struct {
        const char *text;
        size_t length;
        const char *code, *place;
    } cases[] = {
        {"{\"a\":\n \"b\xff\"}", 0, "json.encoding", "line 2, column 4: "},
        {"\xc3", 0, "json.encoding", "line 1, column 1: "},
        {"\"\xc3\xa9\xe2\x82\"", 0, "json.encoding", "line 1, column 4: "}, /* cut short */
        {"\xef\xbb\xbf{}", 0, "json.syntax", "line 1, column 1: a byte order mark"},
        {"{}\n\0", 4, "json.syntax", "line 2, column 1: a NUL byte"},
        {"{\"\xc3\xa9\":1,}", 0, "json.syntax", "line 1, column 9: "},
        {"{\"\xc3\xa9\":1,\n \"\xc3\xa9\":2}", 0, "json.duplicate", "line 2, column 5: "},
        {deep, 0, "json.depth", "line 2, column 66: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *value;
        struct cw_error err = {0};
        size_t length = cases[i].length ? cases[i].length : strlen(cases[i].text);
        assert_int_equal(cw_json_read(arena, cases[i].text, length, 4096, &value, &err),
                         CW_E_INPUT);
        assert_string_equal(err.code, cases[i].code);
        assert_memory_equal(err.message, cases[i].place, strlen(cases[i].place));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refuses_what_is_not_strict_json, setup, teardown),
        cmocka_unit_test_setup_teardown(depth_and_size_at_the_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(canonical_form_is_rfc8785, setup, teardown),
        cmocka_unit_test_setup_teardown(positions_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(pointers_are_escaped, setup, teardown),
        cmocka_unit_test_setup_teardown(refusals_have_a_place, setup, teardown),
    };
    return cmocka_run_group_tests_name("base/json", tests, NULL, NULL);
}
