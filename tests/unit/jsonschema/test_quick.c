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
#include "jsonschema/peek.h"
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
    /* a NUL in what the schema says: no member has such a name, a string may have it */
    {"{\"required\":[\"a\\u0000b\"]}", "{\"a\":1}", false},
    {"{\"additionalProperties\":{},\"required\":[\"a\\u0000b\"]}", "{\"a\":1}", false},
    {"{\"dependentRequired\":{\"a\":[\"a\\u0000b\"]}}", "{\"a\":1}", false},
    {"{\"oneOf\":[{\"properties\":{\"k\":{\"const\":\"a\\u0000b\"}}},{\"properties\":{\"k\":{"
     "\"const\":"
     "\"c\"}}}]}",
     "{\"k\":\"a\\u0000b\"}", true},
    /* schemas in place that ask for members of the object they apply to */
    {"{\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":true,\"c\":true},"
     "\"additionalProperties\":false,"
     "\"if\":{\"properties\":{\"a\":{\"const\":1}}},\"then\":{\"required\":[\"b\"]}}",
     "{\"a\":1,\"c\":1}", false},
    {"{\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":true,\"c\":true},"
     "\"additionalProperties\":false,"
     "\"if\":{\"properties\":{\"a\":{\"const\":1}}},\"then\":{\"required\":[\"b\"]}}",
     "{\"c\":1,\"b\":1,\"a\":1}", true},
    {"{\"properties\":{\"a\":true},\"if\":{\"properties\":{\"a\":{\"const\":1}},\"required\":["
     "\"x\"]},"
     "\"then\":false}",
     "{\"x\":0,\"a\":1}", false},
    {"{\"properties\":{\"a\":true},\"if\":{\"properties\":{\"a\":{\"const\":1}},\"required\":["
     "\"x\"]},"
     "\"then\":false}",
     "{\"y\":0,\"a\":1}", true},
    {"{\"properties\":{\"a\":true,\"b\":true},\"not\":{\"properties\":{\"a\":{\"const\":1},\"b\":{"
     "\"const\":2}},"
     "\"required\":[\"a\",\"b\"]}}",
     "{\"z\":1,\"y\":1,\"x\":1,\"b\":2,\"a\":1}", false},
    {"{\"properties\":{\"a\":true,\"b\":true},\"not\":{\"properties\":{\"a\":{\"const\":1},\"b\":{"
     "\"const\":2}},"
     "\"required\":[\"a\",\"b\"]}}",
     "{\"z\":1,\"y\":1,\"x\":1,\"b\":2}", true},
    {"{\"properties\":{\"k\":{\"type\":\"string\"}},\"oneOf\":[{\"properties\":{\"k\":{\"const\":"
     "\"a\"},\"n\":"
     "{\"const\":1}}},{\"properties\":{\"k\":{\"const\":\"b\"},\"n\":{\"const\":2}}}]}",
     "{\"k\":\"b\",\"n\":1}", false},
    /* the same schema in place of an object that keeps members, and of others through a reference
     */
    {"{\"$defs\":{\"one\":{\"properties\":{\"a\":{\"const\":1}},\"required\":[\"a\"]}},"
     "\"properties\":"
     "{\"a\":true,\"in\":{\"$ref\":\"#/allOf/"
     "0\"}},\"allOf\":[{\"properties\":{\"a\":{\"const\":1}},"
     "\"required\":[\"a\"]}]}",
     "{\"a\":1,\"in\":{\"a\":2}}", false},
    {"{\"properties\":{\"a\":true,\"in\":{\"$ref\":\"#/allOf/"
     "0\"}},\"allOf\":[{\"properties\":{\"a\":{"
     "\"const\":1}},\"required\":[\"a\"]}]}",
     "{\"in\":{\"a\":1},\"a\":1}", true},
    /* an object within, with what it keeps itself */
    {"{\"properties\":{\"a\":true,\"in\":{\"properties\":{\"a\":true},\"not\":{\"required\":[\"a\"]"
     "}}},"
     "\"not\":{\"required\":[\"a\"]}}",
     "{\"in\":{}}", true},
    {"{\"properties\":{\"a\":true,\"in\":{\"properties\":{\"a\":true},\"not\":{\"required\":[\"a\"]"
     "}}},"
     "\"not\":{\"required\":[\"a\"]}}",
     "{\"in\":{\"a\":1}}", false},
    {"{\"patternProperties\":{\"^a\":{\"type\":\"integer\"}},\"properties\":{\"ab\":true},\"not\":{"
     "\"properties\":{\"ab\":{\"const\":1}},\"required\":[\"ab\"]}}",
     "{\"ac\":1,\"ab\":1}", false},
};

static void compare(const struct verdict *v, const struct cw_schema *schema,
                    const json_t *instance) {
    struct cw_schema_options slowly = {.by_nodes = true};
    enum cw_status status = cw_schema_validate(schema, instance, NULL, NULL);
    if ((status == CW_OK) != v->valid ||
        status != cw_schema_validate(schema, instance, &slowly, NULL))
        fail_msg("%s on %s: %d", v->instance, v->schema, (int)status);
}

static void test_verdicts(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        const struct verdict *v = &verdicts[i];
        CW_AUTO_SCHEMA struct cw_schema *schema = NULL;
        struct cw_schema_source source = {.schema = parse(arena, v->schema)};
        const json_t *instance = parse(arena, v->instance);
        assert_int_equal(cw_schema_compile(&source, &schema, NULL), CW_OK);
        assert_true(schema->has_quick);
        compare(v, schema, instance);
        schema->peeks = false; /* as with a jansson nobody knows */
        compare(v, schema, instance);
    }
}

/* More members that are asked for than a frame keeps: {"mN": N…}, none of them may be 0. */
static void test_kept(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf properties = {0}, nots = {0}, text = {0}, value = {0};
    CW_AUTO_SCHEMA struct cw_schema *schema = NULL;
    struct cw_schema_options slowly = {.by_nodes = true};
    const int count = QUICK_KEPT + 7;
    for (int i = 0; i < count; i++) {
        cw_buf_printf(&properties, "%s\"m%d\":true", i ? "," : "", i);
        cw_buf_printf(&nots, "%s{\"not\":{\"properties\":{\"m%d\":{\"const\":0}}}}", i ? "," : "",
                      i);
        cw_buf_printf(&value, "%s\"m%d\":%d", i ? "," : "{", i, i + 1);
    }
    cw_buf_printf(&text, "{\"properties\":{%s},\"allOf\":[%s]}", properties.data, nots.data);
    cw_buf_puts(&value, "}");
    struct cw_schema_source source = {.schema = parse(arena, text.data)};
    assert_int_equal(cw_schema_compile(&source, &schema, NULL), CW_OK);
    assert_int_equal(schema->quick->object->kept, QUICK_KEPT);
    json_t *instance = parse(arena, value.data);
    assert_int_equal(cw_schema_validate(schema, instance, NULL, NULL), CW_OK);
    for (int i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof name, "m%d", i);
        json_object_set_new(instance, name, json_integer(0));
        assert_int_equal(cw_schema_validate(schema, instance, NULL, NULL), CW_E_INPUT);
        assert_int_equal(cw_schema_validate(schema, instance, &slowly, NULL), CW_E_INPUT);
        json_object_set_new(instance, name, json_integer(1));
    }
}

/* What is read where it stands is what jansson says, of members and strings of all lengths. */
static void test_peek(void **state) {
    (void)state;
    CW_AUTO_JSON json_t *object = json_object();
    char text[300];
    if (jansson_version_cmp(2, 14, 0) < 0 || jansson_version_cmp(2, 15, 0) >= 0)
        assert_false(cw_schema_peek_check());
    else
        assert_true(cw_schema_peek_check());
    for (size_t i = 0; i < sizeof text; i++) {
        memset(text, 'a' + (char)(i % 26), i);
        text[i] = '\0';
        json_object_set_new(object, text, json_stringn(text, i));
    }
    bool peeks = cw_schema_peek_check();
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        const json_t *value = json_object_iter_value(at);
        assert_ptr_equal(peek_name(peeks, at), json_object_iter_key(at));
        assert_int_equal(peek_name_length(peeks, at), json_object_iter_key_len(at));
        assert_ptr_equal(peek_value(peeks, at), value);
        assert_ptr_equal(peek_text(peeks, value), json_string_value(value));
        assert_int_equal(peek_length(peeks, value), json_string_length(value));
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
        cmocka_unit_test(test_tables),       cmocka_unit_test(test_kept),
        cmocka_unit_test(test_peek),
    };
    return cmocka_run_group_tests_name("jsonschema/quick", tests, NULL, NULL);
}
