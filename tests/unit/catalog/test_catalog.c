/*
 * Responsible for: the live set: versions, references, several threads at once.
 */
#include "mini.h"

#include <pthread.h>
#include <stdatomic.h>

#include "catalog/catalog.h"

static void add(struct cw_catalog *catalog, struct cw_arena *arena, const char *id,
                const char *version) {
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = mini_version(arena, id, version);
    assert_int_equal(cw_catalog_add(catalog, snapshot, NULL), CW_OK);
}

static void test_versions(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_catalog *catalog = cw_catalog_new();
    add(catalog, arena, "mini", "10");
    add(catalog, arena, "mini", "9");
    add(catalog, arena, "able", "1");
    add(catalog, arena, "mini", "9"); /* the same document again */
    struct cw_snapshot *got = NULL;
    assert_int_equal(cw_catalog_get(catalog, "mini", NULL, &got, NULL), CW_OK);
    assert_string_equal(cw_snapshot_product(got)->version, "10");
    cw_snapshot_unref(got);
    assert_int_equal(cw_catalog_get(catalog, "mini", "9", &got, NULL), CW_OK);
    assert_string_equal(cw_snapshot_product(got)->version, "9");
    cw_snapshot_unref(got);
    struct cw_error err = {0}, other = {0};
    assert_int_equal(cw_catalog_get(catalog, "mini", "11", &got, &err), CW_E_NOT_FOUND);
    assert_string_equal(err.code, "product.version_not_found");
    assert_int_equal(cw_catalog_get(catalog, "tiny", NULL, &got, &other), CW_E_NOT_FOUND);
    assert_string_equal(other.code, "product.not_found");
    struct cw_snapshot *const *items;
    assert_int_equal(cw_catalog_list(catalog, arena, false, &items), 2);
    assert_string_equal(cw_snapshot_product(items[0])->id, "able");
    assert_string_equal(cw_snapshot_product(items[1])->version, "10");
    assert_int_equal(cw_catalog_list(catalog, arena, true, &items), 3);
    assert_string_equal(cw_snapshot_product(items[1])->version, "9");
    cw_catalog_free(catalog); /* the listed ones live on in the arena */
    assert_string_equal(cw_snapshot_product(items[2])->version, "10");
}

static void test_replace(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_catalog *catalog = cw_catalog_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *first = mini_version(arena, "mini", "1");
    CW_AUTO_SNAPSHOT struct cw_snapshot *same = mini_version(arena, "mini", "1");
    CW_AUTO_SNAPSHOT struct cw_snapshot *absent = mini_version(arena, "mini", "2");
    json_t *document = mini_document(arena);
    json_object_set_new(document, "version", json_string("1"));
    mini_set(arena, document, "/basePrice", "1001");
    struct cw_faults faults;
    CW_AUTO_SNAPSHOT struct cw_snapshot *other = NULL;
    assert_int_equal(mini_load(arena, document, &faults, &other, NULL), CW_OK);
    struct cw_snapshot *before = NULL, *after = NULL;

    assert_false(cw_catalog_replace(catalog, same)); /* nothing is there */
    assert_int_equal(cw_catalog_add(catalog, first, NULL), CW_OK);
    assert_int_equal(cw_catalog_get(catalog, "mini", NULL, &before, NULL), CW_OK);
    assert_false(cw_catalog_replace(catalog, absent)); /* not that version */
    assert_false(cw_catalog_replace(catalog, other));  /* another document */
    assert_true(cw_catalog_replace(catalog, same));
    assert_int_equal(cw_catalog_get(catalog, "mini", "1", &after, NULL), CW_OK);
    assert_ptr_equal(after, same);
    assert_ptr_equal(before, first); /* a request under way keeps what it has */
    assert_string_equal(cw_snapshot_product(before)->version, "1");
    struct cw_snapshot *const *items;
    assert_int_equal(cw_catalog_list(catalog, arena, /* all_versions: */ true, &items), 1);
    cw_snapshot_unref(before);
    cw_snapshot_unref(after);
    cw_catalog_free(catalog);
}

static void test_conflict(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_catalog *catalog = cw_catalog_new();
    add(catalog, arena, "mini", "1");
    json_t *document = mini_document(arena);
    mini_set(arena, document, "/basePrice", "1001");
    struct cw_faults faults;
    CW_AUTO_SNAPSHOT struct cw_snapshot *changed = NULL;
    assert_int_equal(mini_load(arena, document, &faults, &changed, NULL), CW_OK);
    struct cw_error err = {0};
    assert_int_equal(cw_catalog_add(catalog, changed, &err), CW_E_CONFLICT);
    assert_string_equal(err.code, "product.version_exists");
    cw_catalog_free(catalog);
}

static void count_destroyed(void *engine) {
    ++*(int *)engine;
}

static void test_engine_goes_with_the_last_reference(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_catalog *catalog = cw_catalog_new();
    struct cw_snapshot *snapshot = mini_version(arena, "mini", "1");
    int destroyed = 0;
    cw_snapshot_attach(snapshot, &destroyed, count_destroyed);
    assert_ptr_equal(cw_snapshot_engine(snapshot), &destroyed);
    assert_int_equal(cw_catalog_add(catalog, snapshot, NULL), CW_OK);
    cw_snapshot_unref(snapshot);
    struct cw_snapshot *held = NULL;
    assert_int_equal(cw_catalog_get(catalog, "mini", NULL, &held, NULL), CW_OK);
    cw_catalog_free(catalog);
    assert_int_equal(destroyed, 0);
    cw_snapshot_unref(held);
    assert_int_equal(destroyed, 1);
}

/* ---- threads --------------------------------------------------------------------------------- */

struct crowd {
    struct cw_catalog *catalog;
    struct cw_snapshot *snapshots[8];
    atomic_int wrong;
};

static void *reader(void *arg) {
    struct crowd *crowd = arg;
    for (int i = 0; i < 2000; i++) {
        struct cw_snapshot *got = NULL;
        if (cw_catalog_get(crowd->catalog, "mini", NULL, &got, NULL) != CW_OK ||
            strcmp(cw_snapshot_product(got)->id, "mini") != 0)
            atomic_fetch_add(&crowd->wrong, 1);
        cw_snapshot_unref(got);
    }
    return NULL;
}

static void *writer(void *arg) {
    struct crowd *crowd = arg;
    for (size_t i = 1; i < 8; i++) {
        if (cw_catalog_add(crowd->catalog, crowd->snapshots[i], NULL) != CW_OK)
            atomic_fetch_add(&crowd->wrong, 1);
    }
    return NULL;
}

static void test_threads(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct crowd crowd = {.catalog = cw_catalog_new()};
    for (size_t i = 0; i < 8; i++)
        crowd.snapshots[i] = mini_version(arena, "mini", cw_arena_printf(arena, "%zu", i + 1));
    assert_int_equal(cw_catalog_add(crowd.catalog, crowd.snapshots[0], NULL), CW_OK);
    pthread_t threads[3];
    pthread_create(&threads[0], NULL, reader, &crowd);
    pthread_create(&threads[1], NULL, reader, &crowd);
    pthread_create(&threads[2], NULL, writer, &crowd);
    for (size_t i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&crowd.wrong), 0);
    for (size_t i = 0; i < 8; i++)
        cw_snapshot_unref(crowd.snapshots[i]);
    cw_catalog_free(crowd.catalog);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions), cmocka_unit_test(test_replace),
        cmocka_unit_test(test_conflict), cmocka_unit_test(test_engine_goes_with_the_last_reference),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
