/*
 * Responsible for: the project's own schemas: each compiles, takes a good document, and refuses one
 * at limit + 1.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/json.h"
#include "cordwain/limits.h"
#include "jsonschema/builtin.h"

#define SPEC  SOURCE_ROOT "/tests/golden/spec-example/build-spec.json"
#define FENCE "\"fence\":1,"
#define EVENT FENCE "\"from\":\"leased\",\"to\":\"accepted\",\"eventId\":\"e-1\""

static const struct {
    enum cw_builtin_schema schema;
    const char *document;
    const char *code, *pointer; /* NULL: good */
} cases[] = {
    {CW_SCHEMA_CONFIGURE_REQUEST, "{\"selections\":{}}", NULL, NULL},
    {CW_SCHEMA_CONFIGURE_REQUEST,
     "{\"selections\":{\"size\":\"42\",\"gift\":true,\"width\":5,\"extras\":[\"a\",\"b\"]},"
     "\"market\":\"eu\",\"locale\":\"uz\",\"quantity\":999}",
     NULL, NULL},
    {CW_SCHEMA_CONFIGURE_REQUEST, "{}", "schema.required", ""},
    {CW_SCHEMA_CONFIGURE_REQUEST, "{\"selections\":{},\"quantity\":1000}", "schema.maximum",
     "/quantity"},
    {CW_SCHEMA_CONFIGURE_REQUEST, "{\"selections\":{},\"quantity\":0}", "schema.minimum",
     "/quantity"},
    {CW_SCHEMA_CONFIGURE_REQUEST, "{\"selections\":{\"a\":null}}", NULL, NULL}, /* no picture */
    {CW_SCHEMA_CONFIGURE_REQUEST, "{\"selections\":{\"a\":{}}}", "schema.required",
     "/selections/a"},
    {CW_SCHEMA_CONFIGURE_REQUEST, "{\"selections\":{\"A\":1}}", "schema.pattern", "/selections/A"},
    {CW_SCHEMA_CONFIGURE_REQUEST, "{\"selections\":{},\"locale\":\"english\"}", "schema.pattern",
     "/locale"},
    {CW_SCHEMA_CONFIGURE_REQUEST, "{\"selection\":{},\"selections\":{}}", "schema.additional",
     "/selection"},
    {CW_SCHEMA_DESIGN_REQUEST, "{\"product\":\"mini\",\"version\":\"1\",\"selections\":{}}", NULL,
     NULL},
    {CW_SCHEMA_DESIGN_REQUEST, "{\"selections\":{}}", "schema.required", ""},
    {CW_SCHEMA_DESIGN_REQUEST, "{\"product\":\"mini\",\"version\":\"01\",\"selections\":{}}",
     "schema.pattern", "/version"},
    {CW_SCHEMA_ORDER_REQUEST, "{\"design\":\"lusab-babad-gutih-tugad-mudof\"}", NULL, NULL},
    {CW_SCHEMA_ORDER_REQUEST,
     "{\"product\":\"mini\",\"selections\":{},\"quantity\":2,\"expectedTotal\":0}", NULL, NULL},
    {CW_SCHEMA_ORDER_REQUEST, "{\"product\":\"mini\"}", "schema.required", ""},
    {CW_SCHEMA_ORDER_REQUEST, "{\"design\":\"lusab-babad-gutih-tugad-mudof\",\"product\":\"mini\"}",
     "schema.false", "/product"},
    {CW_SCHEMA_ORDER_REQUEST, "{\"design\":\"1\"}", "schema.pattern", "/design"},
    {CW_SCHEMA_CANCEL_REQUEST, "{}", NULL, NULL},
    {CW_SCHEMA_CANCEL_REQUEST, "{\"reason\":\"changed my mind\"}", NULL, NULL},
    {CW_SCHEMA_CANCEL_REQUEST, "{\"reason\":\"\"}", "schema.minLength", "/reason"},
    {CW_SCHEMA_LEASE_REQUEST,
     "{\"max\":50,\"waitSeconds\":30,\"leaseSeconds\":3600,\"workCentre\":\"LASER-1\","
     "\"shipBefore\":\"2026-12-01\"}",
     NULL, NULL},
    {CW_SCHEMA_LEASE_REQUEST, "{\"max\":51,\"waitSeconds\":30,\"leaseSeconds\":30}",
     "schema.maximum", "/max"},
    {CW_SCHEMA_LEASE_REQUEST, "{\"max\":1,\"waitSeconds\":31,\"leaseSeconds\":30}",
     "schema.maximum", "/waitSeconds"},
    {CW_SCHEMA_LEASE_REQUEST, "{\"max\":1,\"waitSeconds\":0,\"leaseSeconds\":29}", "schema.minimum",
     "/leaseSeconds"},
    {CW_SCHEMA_LEASE_RENEW_REQUEST, "{" FENCE "\"leaseSeconds\":3600}", NULL, NULL},
    {CW_SCHEMA_LEASE_RENEW_REQUEST, "{" FENCE "\"leaseSeconds\":3601}", "schema.maximum",
     "/leaseSeconds"},
    {CW_SCHEMA_LEASE_RELEASE_REQUEST, "{" FENCE "\"reason\":\"no leather\"}", NULL, NULL},
    {CW_SCHEMA_LEASE_RELEASE_REQUEST, "{\"fence\":0,\"reason\":\"x\"}", "schema.minimum", "/fence"},
    {CW_SCHEMA_STATUS_EVENT, "{" EVENT "}", NULL, NULL},
    {CW_SCHEMA_STATUS_EVENT,
     "{" EVENT ",\"at\":\"2026-11-22T10:00:00Z\",\"station\":\"A1\",\"records\":[{\"check\":\"qc."
     "text\",\"value\":1.5,\"result\":\"pass\"}]}",
     NULL, NULL},
    {CW_SCHEMA_STATUS_EVENT, "{" EVENT ",\"records\":[{\"check\":\"qc.text\",\"result\":\"ok\"}]}",
     "schema.enum", "/records/0/result"},
    {CW_SCHEMA_STATUS_EVENT, "{" FENCE "\"from\":\"leased\",\"to\":\"acepted\",\"eventId\":\"e\"}",
     "schema.enum", "/to"},
};

static json_t *parse(struct cw_arena *arena, const char *text, size_t length) {
    json_t *json = NULL;
    struct cw_error err = {0};
    if (cw_json_read(arena, text, length, CW_PRODUCT_BYTES, &json, &err) != CW_OK)
        print_error("%s\n", err.message);
    assert_non_null(json);
    return json;
}

static void test_requests(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_faults faults = {.arena = arena};
        const json_t *json = parse(arena, cases[i].document, strlen(cases[i].document));
        enum cw_status status =
            cw_schema_validate(cw_schema_builtin(cases[i].schema), json, NULL, &faults);
        bool expected =
            (status == CW_OK) == !cases[i].code && faults.count == (cases[i].code != NULL);
        if (!expected)
            print_error("%s: %s\n", cases[i].document,
                        faults.count ? faults.items[0].message : "accepted");
        assert_true(expected);
        if (cases[i].code) {
            assert_string_equal(faults.items[0].code, cases[i].code);
            assert_string_equal(faults.items[0].pointer, cases[i].pointer);
        }
    }
}

/* The numbers in schemas/ are those of limits.h. */
static void test_limits_agree(void **state) {
    (void)state;
    static const struct {
        enum cw_builtin_schema schema;
        const char *pointer;
        json_int_t limit;
    } limits[] = {
        {CW_SCHEMA_ORDER_REQUEST, "/$defs/quantity/maximum", CW_ORDER_QUANTITY},
        {CW_SCHEMA_CONFIGURE_REQUEST, "/$defs/quantity/maximum", CW_ORDER_QUANTITY},
        {CW_SCHEMA_CONFIGURE_REQUEST, "/$defs/selections/maxProperties", CW_MAX_OPTIONS},
        {CW_SCHEMA_CONFIGURE_REQUEST, "/$defs/value/anyOf/0/maxLength", CW_TEXT_BYTES},
        {CW_SCHEMA_CONFIGURE_REQUEST, "/$defs/value/anyOf/3/maxItems", CW_MAX_MULTI_CHOICES},
        {CW_SCHEMA_LEASE_REQUEST, "/properties/max/maximum", CW_LEASE_MAX},
        {CW_SCHEMA_LEASE_REQUEST, "/properties/waitSeconds/maximum", CW_LEASE_WAIT_S},
        {CW_SCHEMA_LEASE_REQUEST, "/properties/leaseSeconds/minimum", CW_LEASE_SECONDS_MIN},
        {CW_SCHEMA_LEASE_REQUEST, "/properties/leaseSeconds/maximum", CW_LEASE_SECONDS_MAX},
        {CW_SCHEMA_LEASE_RENEW_REQUEST, "/properties/leaseSeconds/maximum", CW_LEASE_SECONDS_MAX},
        {CW_SCHEMA_PRODUCT, "/properties/options/maxItems", CW_MAX_OPTIONS},
        {CW_SCHEMA_PRODUCT, "/properties/rules/maxItems", CW_MAX_RULES},
        {CW_SCHEMA_PRODUCT, "/properties/overlays/maxItems", CW_MAX_OVERLAYS},
        {CW_SCHEMA_PRODUCT, "/properties/tests/maxItems", CW_MAX_TESTS},
        {CW_SCHEMA_PRODUCT, "/$defs/condition/properties/all/maxItems", CW_MAX_RULE_CONDITIONS},
        {CW_SCHEMA_PRODUCT, "/$defs/condition/properties/any/maxItems", CW_MAX_RULE_CONDITIONS},
        {CW_SCHEMA_PRODUCT, "/$defs/rule/oneOf/4/properties/of/maxItems", CW_MAX_RULE_CONDITIONS},
        {CW_SCHEMA_PRODUCT, "/$defs/rule/oneOf/5/properties/rows/maxItems", CW_MAX_TABLE_ROWS},
        {CW_SCHEMA_PRODUCT, "/$defs/derive/properties/rows/maxItems", CW_MAX_TABLE_ROWS},
        {CW_SCHEMA_PRODUCT, "/properties/manufacturing/properties/operations/maxItems",
         CW_MAX_MFG_ITEMS},
        {CW_SCHEMA_PRODUCT, "/$defs/choiceOption/properties/choices/maxItems", CW_MAX_CHOICES},
        {CW_SCHEMA_PRODUCT, "/$defs/multiOption/properties/choices/maxItems", CW_MAX_MULTI_CHOICES},
        {CW_SCHEMA_PRODUCT, "/$defs/textOption/properties/maxGraphemes/maximum", CW_TEXT_GRAPHEMES},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        size_t length;
        const char *text = cw_schema_builtin_text(limits[i].schema, &length);
        const json_t *limit = cw_json_at(parse(arena, text, length), limits[i].pointer);
        assert_non_null(limit);
        assert_int_equal(json_integer_value(limit), limits[i].limit);
    }
}

static void test_names_and_texts(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    for (unsigned i = 0; i < CW_SCHEMA_BUILTIN_COUNT; i++) {
        enum cw_builtin_schema which = (enum cw_builtin_schema)i;
        size_t length;
        const char *text = cw_schema_builtin_text(which, &length);
        assert_int_equal(strlen(text), length);
        const char *id = json_string_value(json_object_get(parse(arena, text, length), "$id"));
        assert_string_equal(
            id, cw_arena_printf(arena, "urn:cordwain:schema:%s:1", cw_schema_builtin_name(which)));
        assert_non_null(cw_schema_builtin(which));
    }
    assert_string_equal(cw_schema_builtin_name(CW_SCHEMA_STATUS_EVENT), "status-event");
}

static void test_spec_example(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_faults faults = {.arena = arena};
    char *text;
    size_t length;
    assert_int_equal(cw_file_read(arena, SPEC, 1 << 20, &text, &length, NULL), CW_OK);
    json_t *spec = parse(arena, text, length);
    const struct cw_schema *schema = cw_schema_builtin(CW_SCHEMA_BUILD_SPEC);
    enum cw_status status = cw_schema_validate(schema, spec, NULL, &faults);
    for (size_t i = 0; i < faults.count; i++)
        print_error("%s at %s (%s)\n", faults.items[i].message, faults.items[i].pointer,
                    faults.items[i].hint);
    assert_int_equal(status, CW_OK);
    json_object_set_new(json_object_get(spec, "integrity"), "contentDigest",
                        json_string("sha-256:0"));
    json_object_del(spec, "parts");
    json_object_set_new(spec, "customer", json_string("a name"));
    assert_int_equal(cw_schema_validate(schema, spec, NULL, &faults), CW_E_INPUT);
    assert_int_equal(faults.count, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_limits_agree),
        cmocka_unit_test(test_names_and_texts),
        cmocka_unit_test(test_spec_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
