/*
 * Responsible for: the demo products: all load without a fault and fit their art bundles.
 */
#include "mini.h"

#include "catalog/art.h"

static void check(const char *id) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    struct cw_faults faults = {.arena = arena};
    char *text;
    size_t length;
    const char *file = cw_arena_printf(arena, SOURCE_ROOT "/schemas/products/%s.json", id);
    const char *art = cw_arena_printf(arena, SOURCE_ROOT "/assets/art/%s", id);
    assert_int_equal(cw_file_read(arena, file, CW_PRODUCT_BYTES, &text, &length, NULL), CW_OK);
    struct cw_product_source source = {text, length, NULL, cw_schema_check_product};
    enum cw_status status = cw_product_load(&source, &faults, &snapshot, NULL);
    if (status == CW_OK)
        status = cw_product_check_art(cw_snapshot_product(snapshot), art, &faults, NULL);
    for (size_t i = 0; i < faults.count; i++)
        print_error("%s: [%s] %s at '%s'\n", id, faults.items[i].code, faults.items[i].message,
                    faults.items[i].pointer);
    assert_int_equal(status, CW_OK);
    assert_string_equal(cw_snapshot_product(snapshot)->id, id);
}

static void test_court_sneaker(void **state) {
    (void)state;
    check("court-sneaker");
}

static void test_bottle(void **state) {
    (void)state;
    check("bottle");
}

static void test_gift_tag(void **state) {
    (void)state;
    check("gift-tag");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_court_sneaker),
        cmocka_unit_test(test_bottle),
        cmocka_unit_test(test_gift_tag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
