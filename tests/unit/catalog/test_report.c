/*
 * Responsible for: the report's text, byte by byte, for three wrong documents in
 * tests/golden/product-check. CORDWAIN_GOLDEN=write writes the expected files anew.
 */
#include "mini.h"

#include <stdio.h>

#include "catalog/report.h"

#define FOLDER SOURCE_ROOT "/tests/golden/product-check/"

static void compare(struct cw_arena *arena, const char *name, const struct cw_buf *got) {
    char *path = cw_arena_printf(arena, FOLDER "%s", name), *text;
    size_t length;
    if (getenv("CORDWAIN_GOLDEN"))
        assert_int_equal(cw_file_write_atomic(path, got->data, got->length, 0644, NULL), CW_OK);
    assert_int_equal(cw_file_read(arena, path, 1 << 20, &text, &length, NULL), CW_OK);
    assert_string_equal(got->data, text);
}

static void run(const char *name) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    char *text;
    size_t length;
    char *file = cw_arena_printf(arena, "%s.json", name);
    assert_int_equal(cw_file_read(arena, cw_arena_printf(arena, FOLDER "%s", file),
                                  CW_PRODUCT_BYTES, &text, &length, NULL),
                     CW_OK);
    struct cw_faults faults = {.arena = arena};
    struct cw_product_source source = {text, length, NULL, cw_schema_check_product};
    assert_int_equal(cw_product_load(&source, &faults, &snapshot, NULL), CW_E_INPUT);
    struct cw_report_source where = {file, text, length};
    CW_AUTO_BUF struct cw_buf plain = {0};
    CW_AUTO_BUF struct cw_buf json = {0};
    cw_report_text(&where, &faults, &plain);
    cw_report_json(&where, &faults, &json);
    compare(arena, cw_arena_printf(arena, "%s.expected.txt", name), &plain);
    compare(arena, cw_arena_printf(arena, "%s.expected.json", name), &json);
}

static void test_schema(void **state) {
    (void)state;
    run("schema");
}

static void test_meaning(void **state) {
    (void)state;
    run("meaning");
}

static void test_syntax(void **state) {
    (void)state;
    run("syntax");
}

/* Nothing wrong: nothing printed. */
static void test_silence(void **state) {
    (void)state;
    struct cw_faults none = {0};
    struct cw_report_source where = {"x.json", "{}", 2};
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_report_text(&where, &none, &buf);
    assert_int_equal(buf.length, 0);
}

/* Three severities in one report, and the same as JSON. */
static void test_severities(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    static const char text[] = "{\n \"options\": [{\"id\": \"lid\"}],\n \"rules\": []\n}\n";
    const struct cw_report_item items[] = {
        {CW_REPORT_ERROR, "rules.void", "/rules", "nothing can be made", "mend the rules"},
        {CW_REPORT_WARNING, "rules.dead_choice", "/options/0/id", "nobody can pick it", ""},
        {CW_REPORT_WARNING, "rules.dead_choice", "/options/0", "nor this", ""},
        {CW_REPORT_NOTE, "rules.redundant", "", "as a whole", ""}};
    struct cw_report_source where = {"findings.json", text, sizeof text - 1};
    struct cw_report_list list = {"findings", items, 4};
    CW_AUTO_BUF struct cw_buf plain = {0};
    CW_AUTO_BUF struct cw_buf json = {0};
    struct cw_json_writer writer = {.buf = &json};
    cw_report_items_text(&where, items, 4, &plain);
    cw_jw_begin(&writer, NULL, '{');
    cw_report_items_json(&where, &list, &writer);
    cw_jw_end(&writer, '}');
    cw_buf_putc(&json, '\n');
    compare(arena, "severities.expected.txt", &plain);
    compare(arena, "severities.expected.json", &json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schema),     cmocka_unit_test(test_meaning),
        cmocka_unit_test(test_syntax),     cmocka_unit_test(test_silence),
        cmocka_unit_test(test_severities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
