/*
 * Responsible for: numbers in decimal, equality, hashes, URI resolution, edit distance.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/json.h"
#include "base/nearest.h"
#include "jsonschema/internal.h"

static json_t *parse(struct cw_arena *arena, const char *text) {
    json_t *json = NULL;
    assert_int_equal(cw_json_read(arena, text, strlen(text), 1 << 20, &json, NULL), CW_OK);
    return json;
}

static void test_multiple_of(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    static const struct {
        const char *value, *step;
        bool multiple;
    } table[] = {
        {"0.0075", "0.0001", true},
        {"0.00751", "0.0001", false},
        {"4.5", "1.5", true},
        {"-9", "3", true},
        {"10", "3", false},
        {"0", "7", true},
        {"1e308", "0.5", true},
        {"1e308", "0.123456789", false},
        {"12391239123", "1e-8", true},
        {"1e-300", "1", false},
        {"1e300", "1e-300", true},
        {"-9223372036854775808", "2", true},
        {"0.3", "0.1", true},
        {"1.1", "0.11", true},
        {"1000000", "1e6", true},
        {"500000", "1e6", false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(
            cw_schema_value_multiple_of(parse(arena, table[i].value), parse(arena, table[i].step)),
            table[i].multiple);
}

static void test_equal_values_hash_alike(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    static const struct {
        const char *a, *b;
        bool equal;
    } table[] = {
        {"1", "1.0", true},
        {"0", "-0.0", true},
        {"1", "true", false},
        {"\"1\"", "1", false},
        {"[1,2]", "[2,1]", false},
        {"{\"a\":1,\"b\":[2]}", "{\"b\":[2.0],\"a\":1}", true},
        {"{\"a\":1}", "{\"a\":1,\"b\":null}", false},
        {"9007199254740993", "9007199254740992", false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const json_t *a = parse(arena, table[i].a), *b = parse(arena, table[i].b);
        assert_int_equal(cw_schema_value_equal(a, b), table[i].equal);
        if (table[i].equal)
            assert_true(cw_schema_value_hash(a) == cw_schema_value_hash(b));
    }
}

/* RFC 3986 §5.4, and URNs as the suite uses them. */
static void test_uri(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    static const char *const table[][2] = {
        {"g", "http://a/b/c/g"},      {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},    {"/g", "http://a/g"},
        {"//g", "http://g"},          {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},  {"#s", "http://a/b/c/d;p?q#s"},
        {"g#s", "http://a/b/c/g#s"},  {";x", "http://a/b/c/;x"},
        {"", "http://a/b/c/d;p?q"},   {".", "http://a/b/c/"},
        {"..", "http://a/b/"},        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},       {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"}, {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},      {"g.", "http://a/b/c/g."},
        {"g/../h", "http://a/b/c/h"}, {"urn:example:x#y", "urn:example:x#y"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_string_equal(cw_schema_uri_resolve(arena, "http://a/b/c/d;p?q", table[i][0]),
                            table[i][1]);
    assert_string_equal(cw_schema_uri_resolve(arena, "urn:example:root", "#/a"),
                        "urn:example:root#/a");
    assert_string_equal(cw_schema_uri_resolve(arena, "", "#/a"), "#/a");
    char encoded[] = "/a%25b%7e";
    assert_true(cw_schema_uri_decode(encoded));
    assert_string_equal(encoded, "/a%b~");
    char cut[] = "%4", nul[] = "%00";
    assert_false(cw_schema_uri_decode(cut));
    assert_false(cw_schema_uri_decode(nul));
}

static void test_nearest(void **state) {
    (void)state;
    static const char *const names[] = {"colours", "choices", "kind"};
    assert_string_equal(cw_nearest("colors", names, 3), "colours");
    assert_string_equal(cw_nearest("knid", names, 3), "kind");
    assert_null(cw_nearest("price", names, 3));
    assert_null(cw_nearest("ki", names, 3));
    assert_int_equal(cw_edit_distance("kitten", "sitting", 9), 3);
    assert_int_equal(cw_edit_distance("ab", "ba", 9), 1);
    assert_int_equal(cw_edit_distance("", "abc", 9), 3);
    assert_int_equal(cw_edit_distance("abcdef", "ghijkl", 2), 3); /* limit + 1 */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_multiple_of),
        cmocka_unit_test(test_equal_values_hash_alike),
        cmocka_unit_test(test_uri),
        cmocka_unit_test(test_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
