/*
 * Responsible for: the art check, against a small bundle of JSON files without pictures.
 */
#include "mini.h"

#include "catalog/art.h"

#define MINI_ART SOURCE_ROOT "/tests/support/mini-art"

struct mismatch {
    const char *pointer, *value; /* change to the mini product */
    const char *code, *at;
};

static enum cw_status check(struct cw_arena *arena, const struct mismatch *mismatch,
                            const char *dir, struct cw_faults *faults, struct cw_error *err) {
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    json_t *document = mini_document(arena);
    if (mismatch)
        mini_set(arena, document, mismatch->pointer, mismatch->value);
    assert_int_equal(mini_load(arena, document, faults, &snapshot, NULL), CW_OK);
    return cw_product_check_art(cw_snapshot_product(snapshot), dir, faults, err);
}

static void test_fits(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_faults faults;
    assert_int_equal(check(arena, NULL, MINI_ART, &faults, NULL), CW_OK);
    assert_int_equal(faults.count, 0);
}

static void test_mismatches(void **state) {
    (void)state;
    static const struct mismatch mismatches[] = {
        {"/art", "\"tin\"", "art.name", "/art"},
        {"/views/1/id", "\"side\"", "art.view_missing", "/views/1/id"},
        {"/materials/0/finish", "\"matt\"", "art.finish_missing", "/materials/0/finish"},
        {"/parts/1/material/id", "\"tin\"", "art.finish_part", "/materials/1/finish"},
        {"/surfaces/0/sizeUm/0", "60001", "art.surface_size", "/surfaces/0/sizeUm"},
        {"/surfaces/0/zoneUm", "[-20001,-10000,40000,20000]", "art.surface_zone",
         "/surfaces/0/zoneUm"},
        {"/surfaces/0/part", "\"lid\"", "art.surface_part", "/surfaces/0/part"},
        {NULL, NULL, NULL, NULL},
    };
    for (size_t i = 0; mismatches[i].code; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_faults faults;
        struct cw_error err = {0};
        assert_int_equal(check(arena, &mismatches[i], MINI_ART, &faults, &err), CW_E_INPUT);
        assert_string_equal(err.code, "product.art");
        assert_string_equal(faults.items[0].code, mismatches[i].code);
        assert_string_equal(faults.items[0].pointer, mismatches[i].at);
    }
}

static void test_parts_both_ways(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    struct cw_faults faults;
    json_t *document = mini_document(arena);
    mini_set(arena, document, "/parts/1/id", "\"cap\"");
    mini_set(arena, document, "/manufacturing/bom/1/part", "\"cap\"");
    mini_set(arena, document, "/manufacturing/operations/0/parts/1", "\"cap\"");
    assert_int_equal(mini_load(arena, document, &faults, &snapshot, NULL), CW_OK);
    assert_int_equal(cw_product_check_art(cw_snapshot_product(snapshot), MINI_ART, &faults, NULL),
                     CW_E_INPUT);
    assert_int_equal(faults.count, 2);
    assert_string_equal(faults.items[0].code, "art.part_missing");
    assert_string_equal(faults.items[0].pointer, "/parts/1/id");
    assert_string_equal(faults.items[1].code, "art.part_unnamed");
}

/* A pattern's tile is a picture of the art; here there is none. */
static void test_tile_missing(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    struct cw_faults faults;
    json_t *document = mini_document(arena);
    mini_set(arena, document, "/surfaces/0/process", "\"print\"");
    mini_set(arena, document, "/patterns/0",
             "{\"id\":\"grid\",\"title\":{\"en\":\"Grid\",\"uz\":\"Katak\"},"
             "\"tileUm\":[5000,6000],\"tile\":\"check\",\"repeat\":\"brick\","
             "\"offsetUm\":[-100,200],\"rotationDegrees\":-12.5}");
    assert_int_equal(mini_load(arena, document, &faults, &snapshot, NULL), CW_OK);
    const struct cw_product *product = cw_snapshot_product(snapshot);
    const struct cw_pattern *pattern = &product->patterns[0];
    assert_string_equal(pattern->tile, "check");
    assert_string_equal(pattern->path, "");
    assert_int_equal(pattern->repeat, CW_REPEAT_BRICK);
    assert_int_equal(pattern->offset_um[0], -100);
    assert_int_equal(pattern->offset_um[1], 200);
    assert_int_equal(pattern->rotation_mdeg, -12500);
    assert_int_equal(cw_product_check_art(product, MINI_ART, &faults, NULL), CW_E_INPUT);
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.items[0].code, "art.tile_missing");
    assert_string_equal(faults.items[0].pointer, "/patterns/0/tile");
}

/* The same art with its upper view flat. */
static void test_flat(void **state) {
    (void)state;
    static const struct mismatch layers[] = {
        {"/views/1/layers", "[{\"picture\":\"paper\"},{\"surface\":\"front\"}]", NULL, NULL},
        {"/views/1/layers", NULL, "art.layers", "/views/1/layers"},
        {"/views/1/layers", "[{\"picture\":\"paper\"},{\"picture\":\"foil\"}]",
         "art.picture_missing", "/views/1/layers/1/picture"},
    };
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_faults faults;
        enum cw_status status = check(arena, &layers[i], MINI_ART "-flat", &faults, NULL);
        assert_int_equal(status, layers[i].code ? CW_E_INPUT : CW_OK);
        assert_int_equal(faults.count, layers[i].code ? 1 : 0);
        if (layers[i].code) {
            assert_string_equal(faults.items[0].code, layers[i].code);
            assert_string_equal(faults.items[0].pointer, layers[i].at);
        }
    }
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_faults faults;
    assert_int_equal(check(arena, &layers[0], MINI_ART, &faults, NULL), CW_E_INPUT);
    assert_string_equal(faults.items[0].code, "art.layers"); /* its views are lit */
}

static void test_no_folder(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_faults faults;
    struct cw_error err = {0};
    assert_int_equal(check(arena, NULL, MINI_ART "/none", &faults, &err), CW_E_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fits),
        cmocka_unit_test(test_mismatches),
        cmocka_unit_test(test_parts_both_ways),
        cmocka_unit_test(test_tile_missing),
        cmocka_unit_test(test_flat),
        cmocka_unit_test(test_no_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
