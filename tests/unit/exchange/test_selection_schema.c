/* The selection schema of a product: what its form is, and where rules become too much to be said.
 * That it says the same as the engine is tests/schema/selections.py. */
#include "imported.h"

#include "catalog/load.h"
#include "jsonschema/builtin.h"

static json_t *schema_of(struct cw_arena *arena, const char *options, const char *rules,
                         const char **ret_text) {
    CW_AUTO_BUF struct cw_buf document = {0};
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_faults faults = {.arena = arena};
    struct cw_error err = {0};
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    json_t *json = NULL;
    cw_buf_printf(&document,
                  "{\"format\":\"cordwain-product/1\",\"rulesOnly\":true,\"id\":\"p\",\"version\":"
                  "\"1\",\"title\":{\"en\":\"P\"},\"locales\":[\"en\"],"
                  "\"options\":[%s],\"rules\":[%s]}",
                  options, rules);
    struct cw_product_source source = {document.data, document.length, NULL,
                                       cw_schema_check_product};
    if (cw_product_load(&source, &faults, &snapshot, &err) != CW_OK)
        fail_msg("%s at %s", faults.count ? faults.items[0].message : err.message,
                 faults.count ? faults.items[0].pointer : "");
    cw_selection_schema(cw_snapshot_product(snapshot), "en", &buf);
    if (cw_json_read(arena, buf.data, buf.length, 4 * CW_SELECTION_SCHEMA_BYTES, &json, &err) !=
        CW_OK)
        fail_msg("%s", err.message);
    *ret_text = cw_arena_strdup(arena, buf.data);
    return json;
}

static bool leaves_out(const json_t *schema, const char *what) {
    return strstr(json_string_value(json_object_get(schema, "$comment")), what) != NULL;
}

static void test_form(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const char *text;
    json_t *schema = schema_of(
        arena,
        "{\"id\":\"a\",\"kind\":\"flag\",\"title\":{\"en\":\"A\"}},"
        "{\"id\":\"n\",\"kind\":\"number\",\"title\":{\"en\":\"N\"},\"min\":4,\"max\":9,\"step\":2,"
        "\"default\":4,\"activeIf\":{\"a\":true}}",
        "{\"id\":\"r\",\"kind\":\"requires\",\"message\":{\"en\":\"m\"},\"if\":{\"a\":true},"
        "\"then\":{\"n\":{\"gte\":6}}},"
        "{\"id\":\"w\",\"kind\":\"formula\",\"severity\":\"warning\",\"message\":{\"en\":\"m\"},"
        "\"expr\":{\"a\":true}}",
        &text);
    assert_value(arena, schema, "/title", "\"P\"");
    assert_value(arena, schema, "/required", "[\"a\"]");
    assert_value(arena, schema, "/additionalProperties", "false");
    assert_value(arena, schema, "/properties/a", "{\"title\":\"A\",\"type\":\"boolean\"}");
    assert_value(arena, schema, "/properties/n",
                 "{\"maximum\":9,\"minimum\":4,\"multipleOf\":2,\"title\":\"N\",\"type\":"
                 "\"integer\"}");
    assert_value(
        arena, schema, "/allOf",
        "[{\"else\":{\"properties\":{\"n\":false}},\"if\":{\"$ref\":\"#/$defs/"
        "active:n\"},\"then\":{\"required\":[\"n\"]}},"
        "{\"if\":{\"properties\":{\"a\":{\"enum\":[true]}},\"required\":[\"a\"]},"
        "\"then\":{\"properties\":{\"n\":{\"maximum\":9,\"minimum\":6}},\"required\":[\"n\"]}}]");
    assert_false(leaves_out(schema, "rule '"));
}

/* A choice option whose choices add 0, step, 2 step … to "w". */
static void put_steps(struct cw_buf *buf, const char *id, int choices, int step) {
    cw_buf_printf(buf,
                  "%s{\"id\":\"%s\",\"kind\":\"choice\",\"title\":{\"en\":\"T\"},\"default\":"
                  "\"c0\",\"choices\":[",
                  buf->length ? "," : "", id);
    for (int c = 0; c < choices; c++)
        cw_buf_printf(buf, "%s{\"id\":\"c%d\",\"title\":{\"en\":\"C\"},\"attributes\":{\"w\":%d}}",
                      c ? "," : "", c, c * step);
    cw_buf_puts(buf, "]}");
}

/* States: one, then `first`, then first × second; the last option decides, whatever they sum to. */
static json_t *with_states(struct cw_arena *arena, int first, int second) {
    CW_AUTO_BUF struct cw_buf options = {0};
    const char *text;
    put_steps(&options, "a", first, 1000);
    put_steps(&options, "b", second, 1);
    put_steps(&options, "c", 2, 1000000);
    return schema_of(arena, options.data,
                     "{\"id\":\"heavy\",\"kind\":\"sum\",\"message\":{\"en\":\"m\"},\"attribute\":"
                     "\"w\",\"of\":[\"a\",\"b\",\"c\"],\"op\":\"<=\",\"value\":500000}",
                     &text);
}

static void test_states(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    json_t *most = with_states(arena, 93, 10), *more = with_states(arena, 128, 7);
    assert_int_equal(1 + 93 + 93 * 10, CW_SELECTION_SCHEMA_STATES);
    assert_int_equal(1 + 128 + 128 * 7, CW_SELECTION_SCHEMA_STATES + 1);
    assert_false(leaves_out(most, "heavy"));
    assert_int_equal(json_object_size(json_object_get(most, "$defs")), CW_SELECTION_SCHEMA_STATES);
    assert_true(leaves_out(more, "rule 'heavy': a sum of too many values"));
    assert_null(json_object_get(more, "$defs"));
}

/* A table whose schema is as long as told by the length of one choice's name. */
static json_t *with_table(struct cw_arena *arena, size_t rows, int padding, const char **ret_text) {
    CW_AUTO_BUF struct cw_buf options = {0};
    CW_AUTO_BUF struct cw_buf rules = {0};
    char name[64];
    snprintf(name, sizeof name, "p%.*s", padding,
             "00000000000000000000000000000000000000000000000000000000000");
    cw_buf_printf(&options,
                  "{\"id\":\"o\",\"kind\":\"choice\",\"title\":{\"en\":\"T\"},\"default\":\"c0\","
                  "\"choices\":[{\"id\":\"c0\",\"title\":{\"en\":\"C\"}},{\"id\":\"%s\",\"title\":"
                  "{\"en\":\"C\"}}]},{\"id\":\"f\",\"kind\":\"flag\",\"title\":{\"en\":\"F\"}}",
                  name);
    cw_buf_printf(&rules,
                  "{\"id\":\"long\",\"kind\":\"allowedCombinations\",\"message\":{\"en\":\"m\"},"
                  "\"options\":[\"o\",\"f\"],\"rows\":[[\"%s\",true]",
                  name);
    for (size_t i = 1; i < rows; i++)
        cw_buf_puts(&rules, ",[\"c0\",true]");
    cw_buf_puts(&rules, "]}");
    return schema_of(arena, options.data, rules.data, ret_text);
}

static size_t rules_length(const char *text) {
    const char *all = strstr(text, ",\"allOf\":[{\"anyOf\":");
    assert_non_null(all);
    return strlen(all) - strlen(",\"allOf\":[") - strlen("]}");
}

static void test_bytes(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const char *text;
    (void)with_table(arena, 1, 0, &text);
    size_t one = rules_length(text);
    (void)with_table(arena, 2, 0, &text);
    size_t row = rules_length(text) - one;
    size_t rows = (CW_SELECTION_SCHEMA_BYTES - 60 - one) / row + 1;
    (void)with_table(arena, rows, 0, &text);
    size_t padding = CW_SELECTION_SCHEMA_BYTES - rules_length(text);
    for (; padding > 58; padding -= row)
        rows++;
    assert_false(leaves_out(with_table(arena, rows, (int)padding, &text), "long"));
    assert_int_equal(rules_length(text), CW_SELECTION_SCHEMA_BYTES);
    assert_true(
        leaves_out(with_table(arena, rows, (int)padding + 1, &text), "rule 'long': too long"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_bytes),
    };
    return cmocka_run_group_tests_name("exchange/selection_schema", tests, NULL, NULL);
}
