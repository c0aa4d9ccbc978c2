/*
 * Responsible for: what the validator says: code, pointer, sentence, hint; which branch it reports;
 * budgets. Does not: verdicts in general (test_suite.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "cordwain/limits.h"
#include "jsonschema/schema.h"

struct saying {
    const char *schema, *instance;
    const char *code, *pointer, *message, *hint; /* of the only fault; message and hint NULL: any */
};

#define OPTION                                                                                     \
    "{\"oneOf\":[{\"$ref\":\"#/$defs/c\"},{\"$ref\":\"#/$defs/f\"}],\"$defs\":{"                   \
    "\"c\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"kind\"],"           \
    "\"properties\":{\"kind\":{\"const\":\"choice\"},\"choices\":{\"type\":\"array\"}}},"          \
    "\"f\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"kind\"],"           \
    "\"properties\":{\"kind\":{\"const\":\"flag\"},\"price\":{\"type\":\"integer\"}}}}}"
#define SOURCE                                                                                     \
    "{\"oneOf\":[{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"option\"],"   \
    "\"properties\":{\"option\":{\"type\":\"string\"}}},"                                          \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"id\"],"                   \
    "\"properties\":{\"id\":{\"type\":\"string\"}}}]}"

static const struct saying sayings[] = {
    {"{\"type\":\"object\"}", "[]", "schema.type", "", "must be an object, is an array", ""},
    {"{\"type\":[\"integer\",\"null\"]}", "1.5", "schema.type", "",
     "must be an integer or null, is a number", ""},
    {"{\"properties\":{\"a\":{\"items\":{\"type\":\"string\"}}}}", "{\"a\":[\"x\",1]}",
     "schema.type", "/a/1", "must be a string, is an integer", ""},
    {"{\"required\":[\"title\"]}", "{}", "schema.required", "", "member 'title' is missing", ""},
    {"{\"properties\":{\"colours\":{}},\"additionalProperties\":false}", "{\"colors\":1}",
     "schema.additional", "/colors", "unknown member 'colors'",
     "did you mean 'colours'? known: colours"},
    {"{\"properties\":{\"colours\":{}},\"unevaluatedProperties\":false}", "{\"a/b~\":1}",
     "schema.additional", "/a~1b~0", NULL, "known: colours"},
    {"{\"enum\":[\"print\",\"engrave\"]}", "\"engrav\"", "schema.enum", "",
     "'engrav' is not one of the allowed values",
     "did you mean 'engrave'? allowed: print, engrave"},
    {"{\"enum\":[1,2]}", "3", "schema.enum", "", NULL, "allowed: 1, 2"},
    {"{\"const\":\"cordwain-product/1\"}", "\"x\"", "schema.const", "",
     "must be 'cordwain-product/1', is 'x'", ""},
    {"{\"pattern\":\"^[a-z]+$\"}", "\"A\"", "schema.pattern", "", "'A' must match ^[a-z]+$", ""},
    {"{\"maxLength\":2}", "\"\\u4e2d\\u4e2d\\u4e2d\"", "schema.maxLength", "",
     "must have at most 2 characters, has 3", ""},
    {"{\"minLength\":1}", "\"\"", "schema.minLength", "", "must not be empty", ""},
    {"{\"minimum\":2}", "1", "schema.minimum", "", "must be at least 2, is 1", ""},
    {"{\"multipleOf\":0.01}", "1.005", "schema.multipleOf", "", NULL, ""},
    {"{\"uniqueItems\":true}", "[1,2,1.0]", "schema.uniqueItems", "/2", NULL, "remove it"},
    {"{\"propertyNames\":{\"pattern\":\"^[a-z]+$\"}}", "{\"A\":1}", "schema.pattern", "/A", NULL,
     ""},
    {"false", "1", "schema.false", "", NULL, ""},
    /* the branch whose const matches speaks */
    {OPTION, "{\"kind\":\"flag\",\"price\":\"1\"}", "schema.type", "/price", NULL, ""},
    {OPTION, "{\"kind\":\"flag\",\"choices\":[]}", "schema.additional", "/choices", NULL, NULL},
    {OPTION, "{\"kind\":\"falg\"}", "schema.enum", "/kind", NULL,
     "did you mean 'flag'? allowed: choice, flag"},
    {OPTION, "{}", "schema.required", "", "member 'kind' is missing", "allowed: choice, flag"},
    {OPTION, "7", "schema.type", "", "must be an object, is an integer", ""},
    /* without one: the only type that fits, or the fewest faults */
    {"{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"string\",\"pattern\":\"^a\"}]}", "\"b\"",
     "schema.pattern", "", NULL, ""},
    {"{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"boolean\"}]}", "\"b\"", "schema.type", "",
     "must be an integer or true or false, is a string", ""},
    {SOURCE, "{\"option\":1}", "schema.type", "/option", NULL, ""},
    {SOURCE, "{}", "schema.oneOf", "", "fits none of the 2 allowed forms", ""},
};

static json_t *parse(struct cw_arena *arena, const char *text) {
    json_t *json = NULL;
    assert_int_equal(cw_json_read(arena, text, strlen(text), 1 << 20, &json, NULL), CW_OK);
    return json;
}

static struct cw_schema *compile(struct cw_arena *arena, const char *text) {
    struct cw_schema_source source = {.schema = parse(arena, text)};
    struct cw_schema *schema = NULL;
    struct cw_error err = {0};
    if (cw_schema_compile(&source, &schema, &err) != CW_OK)
        print_error("%s: %s\n", err.code, err.message);
    assert_non_null(schema);
    return schema;
}

static void test_sayings(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof sayings / sizeof *sayings; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        const struct saying *saying = &sayings[i];
        CW_AUTO_SCHEMA struct cw_schema *schema = compile(arena, saying->schema);
        struct cw_faults faults = {.arena = arena};
        assert_int_equal(cw_schema_validate(schema, parse(arena, saying->instance), NULL, &faults),
                         CW_E_INPUT);
        assert_int_equal(faults.count, 1);
        assert_string_equal(faults.items[0].code, saying->code);
        assert_string_equal(faults.items[0].pointer, saying->pointer);
        if (saying->message)
            assert_string_equal(faults.items[0].message, saying->message);
        if (saying->hint)
            assert_string_equal(faults.items[0].hint, saying->hint);
    }
}

static void test_all_faults_up_to_the_limit(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SCHEMA struct cw_schema *schema = compile(arena, "{\"items\":{\"type\":\"string\"}}");
    json_t *items = json_array();
    for (int i = 0; i < CW_FAULTS + 1; i++)
        json_array_append_new(items, json_integer(i));
    struct cw_faults faults = {.arena = arena};
    assert_int_equal(cw_schema_validate(schema, items, NULL, &faults), CW_E_INPUT);
    json_decref(items);
    assert_int_equal(faults.count, CW_FAULTS);
    assert_int_equal(faults.dropped, 1);
    assert_string_equal(faults.items[19].pointer, "/19");
}

static void test_step_budget(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SCHEMA struct cw_schema *schema = compile(arena, "{\"items\":{\"minimum\":0}}");
    struct cw_schema_options options = {.max_steps = 4};
    struct cw_faults faults = {.arena = arena};
    /* one step per schema applied: the array and three items */
    assert_int_equal(cw_schema_validate(schema, parse(arena, "[1,2,3]"), &options, &faults), CW_OK);
    assert_int_equal(cw_schema_validate(schema, parse(arena, "[1,2,3,4]"), &options, &faults),
                     CW_E_LIMIT);
    assert_string_equal(faults.items[0].code, "schema.budget");
}

static void test_endless_reference_ends(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SCHEMA struct cw_schema *schema = compile(arena, "{\"$ref\":\"#\"}");
    CW_AUTO_SCHEMA struct cw_schema *any =
        compile(arena, "{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}");
    struct cw_faults faults = {.arena = arena};
    assert_int_equal(cw_schema_validate(schema, parse(arena, "1"), NULL, &faults), CW_E_LIMIT);
    assert_int_equal(cw_schema_validate(any, parse(arena, "1"), NULL, NULL), CW_E_LIMIT);
}

/* (a+)+$ on aaaa…b: backtracking ends at the match limit, not in a minute. */
static void test_costly_pattern_ends(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SCHEMA struct cw_schema *schema = compile(arena, "{\"pattern\":\"^(a+)+$\"}");
    struct cw_faults faults = {.arena = arena};
    json_t *text = parse(arena, "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"");
    assert_int_equal(cw_schema_validate(schema, text, NULL, &faults), CW_E_LIMIT);
    assert_string_equal(faults.items[0].code, "schema.budget");
}

static void refused(const char *text, const char *code, const char *pointer) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_schema_source source = {.schema = parse(arena, text)};
    struct cw_schema *schema = NULL;
    struct cw_error err = {0};
    assert_int_equal(cw_schema_compile(&source, &schema, &err), CW_E_INPUT);
    assert_string_equal(err.code, code);
    assert_string_equal(err.pointer, pointer);
    assert_null(schema);
}

static void test_wrong_schemas(void **state) {
    (void)state;
    refused("7", "schema.invalid", "");
    refused("{\"properties\":{\"a\":{\"type\":\"strng\"}}}", "schema.invalid", "/properties/a");
    refused("{\"items\":{\"minLength\":-1}}", "schema.invalid", "/items");
    refused("{\"allOf\":[]}", "schema.invalid", "");
    refused("{\"$ref\":\"#/$defs/none\"}", "schema.ref", "");
    refused("{\"$ref\":\"http://elsewhere.test/x\"}", "schema.ref", "");
    refused("{\"pattern\":\"(\"}", "schema.regex", "");
}

static void test_schema_pointers(void **state) {
    (void)state;
    static const struct {
        const char *schema, *instance, *keyword, *pointer;
    } table[] = {
        {"{\"exclusiveMinimum\":2}", "2", "exclusiveMinimum", "/exclusiveMinimum"},
        {"{\"properties\":{\"a\":{\"$ref\":\"#/$defs/a~1b\"}},\"$defs\":{\"a/"
         "b\":{\"type\":\"null\"}}}",
         "{\"a\":1}", "type", "/$defs/a~1b/type"},
        {"{\"$defs\":{\"x\":{\"$id\":\"urn:x\",\"items\":{\"maxLength\":0}}},\"$ref\":\"urn:x\"}",
         "[\"a\"]", "maxLength", "/$defs/x/items/maxLength"},
        {"{\"unevaluatedProperties\":false}", "{\"a\":1}", "unevaluatedProperties",
         "/unevaluatedProperties"},
        {"{\"additionalProperties\":false}", "{\"a\":1}", "additionalProperties",
         "/additionalProperties"},
        {"{\"contains\":{\"type\":\"null\"},\"minContains\":2}", "[null]", "minContains",
         "/minContains"},
        {"{\"contains\":true,\"maxContains\":1}", "[1,2]", "maxContains", "/maxContains"},
        {"{\"items\":false}", "[1]", "", ""},
        {"{\"$ref\":\"urn:other\"}", "1", "type", "urn:other#/type"},
        {"{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "1", "anyOf", "/anyOf"},
    };
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    json_t *other = NULL, *schema = NULL, *instance = NULL;
    assert_int_equal(cw_json_read(arena, "{\"type\":\"null\"}", 15, 100, &other, NULL), CW_OK);
    struct cw_schema_resource resource = {"urn:other", other};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(
            cw_json_read(arena, table[i].schema, strlen(table[i].schema), 999, &schema, NULL),
            CW_OK);
        assert_int_equal(
            cw_json_read(arena, table[i].instance, strlen(table[i].instance), 999, &instance, NULL),
            CW_OK);
        struct cw_schema_source source = {
            .schema = schema, .resource_count = 1, .resources = &resource};
        CW_AUTO_SCHEMA struct cw_schema *compiled = NULL;
        assert_int_equal(cw_schema_compile(&source, &compiled, NULL), CW_OK);
        struct cw_faults faults = {.arena = arena};
        assert_int_equal(cw_schema_validate(compiled, instance, NULL, &faults), CW_E_INPUT);
        assert_int_equal(faults.count, 1);
        assert_string_equal(faults.items[0].keyword, table[i].keyword);
        assert_string_equal(faults.items[0].schema_pointer, table[i].pointer);
    }
}

static void test_patterns_of_other_flavours(void **state) {
    (void)state;
    static const char *const refused[] = {"\\a",   "(?i)a",   "(?#x)a",  "(?P<n>a)", "(*ACCEPT)",
                                          "a++",   "a{2}{3}", "\\Qa\\E", "\\pL",     "\\p{^L}",
                                          "\\x1",  "\\u12",   "\\ud800", "(a)\\2",   "[\\B]",
                                          "[b-a]", "(",       "[",       "\\"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        CW_AUTO_JSON json_t *schema = json_pack("{s:{s:s}}", "not", "pattern", refused[i]);
        struct cw_schema_source source = {.schema = schema};
        struct cw_schema *compiled = NULL;
        struct cw_error err = {0};
        assert_int_equal(cw_schema_compile(&source, &compiled, &err), CW_E_INPUT);
        assert_string_equal(err.code, "schema.regex");
        assert_string_equal(err.pointer, "/not");
    }
    static const struct {
        const char *pattern, *text;
        bool match;
    } table[] = {
        {"^[[:a]$", ":", true},
        {"^[]$", "", false},
        {"^[^]$", "\n", true},
        {"^.$", "\xe2\x80\xa8", false},
        {"^\\v$", "\v", true},
        {"^\\v$", "\n", false},
        {"^[\\S]$", "\xe1\x9a\x80", false},
        {"^[^\\s]$", "x", true},
        {"^[\\b]$", "\b", true},
        {"^(a)?\\1$", "", true},
        {"^a{,2}$", "a{,2}", true},
        {"^\\ud83d\\ude00$", "\xf0\x9f\x98\x80", true},
        {"^\\p{Script=Greek}$", "\xce\xb1", true},
        {"^\\P{gc=Letter}$", "1", true},
        {"^(?<n>a)\\k<n>$", "aa", true},
        {"^\\-\\/$", "-/", true},
        {"^\\cj$", "\n", true},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        CW_AUTO_JSON json_t *schema = json_pack("{s:s}", "pattern", table[i].pattern);
        CW_AUTO_JSON json_t *text = json_string(table[i].text);
        struct cw_schema_source source = {.schema = schema};
        CW_AUTO_SCHEMA struct cw_schema *compiled = NULL;
        assert_int_equal(cw_schema_compile(&source, &compiled, NULL), CW_OK);
        if ((cw_schema_validate(compiled, text, NULL, NULL) == CW_OK) != table[i].match)
            fail_msg("pattern %s", table[i].pattern);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sayings),
        cmocka_unit_test(test_all_faults_up_to_the_limit),
        cmocka_unit_test(test_step_budget),
        cmocka_unit_test(test_endless_reference_ends),
        cmocka_unit_test(test_costly_pattern_ends),
        cmocka_unit_test(test_wrong_schemas),
        cmocka_unit_test(test_schema_pointers),
        cmocka_unit_test(test_patterns_of_other_flavours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
