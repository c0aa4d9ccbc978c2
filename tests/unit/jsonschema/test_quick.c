/*
 * Responsible for: the quick form of schemas where the suite does not reach: tables of patterns
 * against PCRE2 on random texts, tables of strings, bounds of integers. That quick form and nodes
 * agree is asserted for the whole suite (test_suite.c), for random pairs (tests/schema) and by
 * fuzz_schema.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "jsonschema/quick.h"

/* ---- patterns -------------------------------------------------------------------------------- */

static const char *const tables[] = {
    "^$",
    "^a$",
    "^[A-Z ]*$",
    "^[a-z][a-z0-9]*([._-][a-z0-9]+)*$",
    "^sha-256:[0-9a-f]{4}$",
    "^(?:a|b|)c?$",
    "^(a*b*)*$",
    "^(a|b)*abb$",
    "^[^a-c]+$",
    "^.{1,3}$",
    "^a{2,}b{0,2}$",
    "^(ab?){2,3}c$",
    "^\\d+(\\.\\d+)?$",
    "^\\w\\W\\D?$",
    "^[-a]+[b-]?[\\]\\\\^]*$",
    "^[a-c-9]*$",
    "^((a?){3}|b+)(c|d)$",
    "^\\/\\.\\*$",
};

/* Kinds that stay with PCRE2. */
static const char *const others[] = {
    "a",          "^a",        "a$",
    "^a|b$",      "^(?=a)a$",  "^(a)\\1$",
    "^a+?$",      "^\\ba$",    "^\\u0061$",
    "^\xC3\xA4$", "^\\p{L}$",  "^(?<n>a)$",
    "^a{99}$",    "^a{,2}$",   "^(a$)$",
    "^[\\b]$",    "^[\\w-z]$", "^((((((((((((((((((a))))))))))))))))))$",
};

static uint32_t next_random(uint64_t *seed) {
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static bool asked(const pcre2_code *code, const char *text, size_t length) {
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    assert_non_null(data);
    int result = pcre2_match(code, (PCRE2_SPTR)text, length, 0, 0, data, NULL);
    pcre2_match_data_free(data);
    return result >= 0;
}

static size_t random_text(uint64_t *seed, char text[8]) {
    static const char letters[] = "aabbcd09AZ ._-^]\\/*\n\r~:e";
    size_t length = next_random(seed) % 7;
    for (size_t i = 0; i < length; i++)
        text[i] = letters[next_random(seed) % (sizeof letters - 1)];
    text[length] = '\0';
    return length;
}

static void test_patterns(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    uint64_t seed = 7;
    size_t matches = 0;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        pcre2_code *code = NULL;
        assert_int_equal(cw_schema_regex_compile(arena, tables[i], &code, NULL), CW_OK);
        const struct quick_pattern *pattern = cw_schema_quick_pattern(arena, tables[i]);
        if (!pattern)
            fail_msg("%s has no table", tables[i]);
        for (int round = 0; round < 4000; round++) {
            char text[8];
            size_t length = random_text(&seed, text);
            bool expected = asked(code, text, length);
            matches += expected;
            if (quick_pattern_match(pattern, text, length) != (enum quick_match)expected)
                fail_msg("%s on '%s': %d by PCRE2", tables[i], text, expected);
        }
        assert_int_equal(quick_pattern_match(pattern, "\xC3\xA4", 2), QUICK_MATCH_ASK);
    }
    assert_true(matches > 2000);
}

static void test_other_patterns(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (cw_schema_quick_pattern(arena, others[i]))
            fail_msg("%s has a table", others[i]);
    }
}

/* Repetition of what reads nothing must not be work without end. */
static void test_pattern_work(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    assert_null(cw_schema_quick_pattern(arena, "^((((){999}){999}){999}){999}$"));
}

/* ---- schemas --------------------------------------------------------------------------------- */

static json_t *parse(struct cw_arena *arena, const char *text) {
    json_t *json = NULL;
    if (cw_json_read(arena, text, strlen(text), 1 << 20, &json, NULL) != CW_OK)
        fail_msg("%s", text);
    return json;
}

struct verdict {
    const char *schema, *instance;
    bool valid;
};

static const struct verdict verdicts[] = {
    {"{\"minimum\":3,\"exclusiveMinimum\":2,\"maximum\":9,\"exclusiveMaximum\":9}", "8", true},
    {"{\"minimum\":3,\"exclusiveMinimum\":3}", "3", false},
    {"{\"maximum\":9,\"exclusiveMaximum\":9}", "9", false},
    {"{\"exclusiveMinimum\":9223372036854775807}", "9223372036854775807", false},
    {"{\"exclusiveMaximum\":-9223372036854775808}", "-9223372036854775808", false},
    {"{\"minimum\":-9223372036854775808,\"multipleOf\":2}", "-9223372036854775808", true},
    {"{\"minimum\":3}", "2.5", false},
    {"{\"minimum\":2.5}", "3", true},
    {"{\"type\":\"integer\"}", "3.0", true},
    {"{\"type\":\"integer\"}", "3.5", false},
    {"{\"enum\":[1,\"a\",null,[1]]}", "1.0", true},
    {"{\"enum\":[1,\"a\",null,[1]]}", "[1.0]", true},
    {"{\"enum\":[1,\"a\",null,[1]]}", "true", false},
    {"{\"enum\":[1,\"a\",null,[1]]}", "\"b\"", false},
    {"{\"enum\":[\"a\",\"b\"],\"const\":\"b\"}", "\"a\"", false},
    {"{\"enum\":[]}", "\"a\"", false},
    {"{\"const\":\"\"}", "\"\"", true},
    {"{\"minLength\":2}", "\"\xC3\xA4\"", false},
    {"{\"maxLength\":2}", "\"\xC3\xA4\xC3\xA4\"", true},
    {"{\"properties\":{\"a\":true,\"b\":{}},\"required\":[\"a\",\"c\",\"a\"]}", "{\"a\":1,\"c\":1}",
     true},
    {"{\"properties\":{\"a\":true},\"required\":[\"a\",\"c\"]}", "{\"a\":1}", false},
    {"{\"properties\":{\"a\":{\"type\":\"null\"}},\"required\":[\"a\"]}",
     "{\"b\":1,\"c\":2,\"d\":3}", false},
    {"{\"properties\":{\"b\":{\"const\":1},\"a\":{\"const\":2},\"c\":{\"const\":3}},"
     "\"additionalProperties\":false}",
     "{\"b\":1,\"c\":3,\"a\":2}", true},
    {"{\"properties\":{\"b\":{\"const\":1},\"a\":{\"const\":2},\"c\":{\"const\":3}},"
     "\"additionalProperties\":false}",
     "{\"c\":3,\"b\":1,\"a\":3}", false},
    {"{\"properties\":{\"b\":{\"const\":1},\"a\":{\"const\":2}},\"additionalProperties\":{"
     "\"const\":0}}",
     "{\"x\":0,\"b\":1,\"y\":0,\"a\":2,\"b2\":0}", true},
    {"{\"additionalProperties\":false,\"patternProperties\":{\"^x+$\":{\"type\":\"null\"}}}",
     "{\"xx\":null}", true},
    {"{\"additionalProperties\":false,\"patternProperties\":{\"^x+$\":{\"type\":\"null\"}}}",
     "{\"x\":1}", false},
    {"{\"oneOf\":[{\"properties\":{\"k\":{\"const\":\"a\"}}},{\"properties\":{\"k\":{\"const\":"
     "\"b\"}}}]}",
     "{}", false},
    {"{\"oneOf\":[{\"properties\":{\"k\":{\"const\":\"a\"}}},{\"properties\":{\"k\":{\"const\":"
     "\"b\"}}}]}",
     "{\"k\":\"b\"}", true},
    {"{\"anyOf\":[{\"properties\":{\"k\":{\"const\":\"a\"}}},{\"properties\":{\"k\":{\"const\":"
     "\"b\"}}}]}",
     "{\"k\":1}", false},
    {"{\"$ref\":\"#\"}", "1", false},
};

static void test_verdicts(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_schema_options slowly = {.by_nodes = true};
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        const struct verdict *v = &verdicts[i];
        CW_AUTO_SCHEMA struct cw_schema *schema = NULL;
        struct cw_schema_source source = {.schema = parse(arena, v->schema)};
        const json_t *instance = parse(arena, v->instance);
        assert_int_equal(cw_schema_compile(&source, &schema, NULL), CW_OK);
        assert_true(schema->has_quick);
        enum cw_status status = cw_schema_validate(schema, instance, NULL, NULL);
        if ((status == CW_OK) != v->valid ||
            status != cw_schema_validate(schema, instance, &slowly, NULL))
            fail_msg("%s on %s: %d", v->instance, v->schema, (int)status);
    }
}

/* A hundred names of all lengths, half of them known. */
static void test_tables(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf text = {0};
    CW_AUTO_SCHEMA struct cw_schema *schema = NULL;
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
    for (int i = 0; i < 50; i++)
        cw_buf_printf(&text, "%s\"%.*s\"", i ? "," : "{\"enum\":[", i, letters);
    cw_buf_puts(&text, "]}");
    struct cw_schema_source source = {.schema = parse(arena, text.data)};
    assert_int_equal(cw_schema_compile(&source, &schema, NULL), CW_OK);
    for (int i = 0; i < 50; i++) {
        char name[64] = "";
        snprintf(name, sizeof name, "%.*s", i, letters);
        CW_AUTO_JSON json_t *known = json_string(name);
        assert_int_equal(cw_schema_validate(schema, known, NULL, NULL), CW_OK);
        name[i / 2] = '~';
        CW_AUTO_JSON json_t *unknown = json_string(name);
        assert_int_equal(cw_schema_validate(schema, unknown, NULL, NULL), CW_E_INPUT);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns),     cmocka_unit_test(test_other_patterns),
        cmocka_unit_test(test_pattern_work), cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_tables),
    };
    return cmocka_run_group_tests_name("jsonschema/quick", tests, NULL, NULL);
}
