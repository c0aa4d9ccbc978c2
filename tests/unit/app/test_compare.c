/*
 * Responsible for: a comparison with the version before tells how many saved designs it looked at,
 * and says when its time was over before it had looked at all.
 */
#include "mini.h"

#include "app/compare.h"
#include "store_fixture.h"

#define DESIGNS 3

static struct cw_fixture fixture;
static struct cw_snapshot *snapshot;
static int64_t ticks; /* the clock: one ms later whenever somebody looks */

static int64_t tick(void *ctx) {
    (void)ctx;
    return ++ticks;
}

static const struct cw_clock ticking = {tick, tick, NULL};

static void free_engine(void *engine) {
    cw_engine_free(engine);
}

/* All of them can be had. */
static enum cw_status put_designs(struct cw_txn *txn, void *arg, struct cw_error *err) {
    static const char *const ids[DESIGNS] = {"babab-babab", "babab-babad", "babab-babaf"};
    (void)arg;
    enum cw_status status = CW_OK;
    for (size_t i = 0; i < DESIGNS && status == CW_OK; i++) {
        struct cw_design_row row = {.id = ids[i],
                                    .product = "mini",
                                    .version = "1",
                                    .selections =
                                        "{\"body_colour\":\"ink\",\"lid_colour\":\"ember\"}",
                                    .digest = "sha-256:0",
                                    .locale = "en",
                                    .created_ms = 1};
        status = txn->ops->design_put(txn, &row, err);
    }
    return status;
}

static int setup(void **state) {
    (void)state;
    struct cw_engine *engine;
    cw_fixture_init(&fixture);
    ticks = 0;
    snapshot = mini_version(fixture.arena, "mini", "2");
    assert_int_equal(
        cw_engine_open(cw_snapshot_product(snapshot), (struct cw_bytes){NULL, 0}, &engine, NULL),
        CW_OK);
    cw_snapshot_attach(snapshot, engine, free_engine);
    return cw_fixture_write(&fixture, put_designs, NULL, NULL) == CW_OK ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    cw_snapshot_unref(snapshot);
    cw_fixture_deinit(&fixture);
    return 0;
}

static struct cw_comparison compare(uint32_t budget_ms) {
    struct cw_paths paths = {.rules = CW_RULES};
    struct cw_compare compare = {&paths, fixture.store, snapshot, snapshot, &ticking, budget_ms};
    struct cw_comparison comparison;
    assert_int_equal(cw_compare_versions(&compare, fixture.arena, &comparison, NULL), CW_OK);
    return comparison;
}

static void all_are_looked_at_without_a_budget(void **state) {
    (void)state;
    struct cw_comparison all = compare(0);
    assert_int_equal(all.designs.looked_at, DESIGNS);
    assert_int_equal(all.designs.count, 0);
    assert_false(all.designs.cut);
    assert_int_equal(all.orders.looked_at, 0);
    assert_false(all.orders.cut);
    assert_null(all.change.before); /* not compiled: nobody has counted */
}

/* The clock is looked at when the time begins, and before each design. */
static void the_end_of_the_time_is_told(void **state) {
    (void)state;
    for (uint32_t budget_ms = 1; budget_ms <= DESIGNS + 1; budget_ms++) {
        struct cw_comparison some = compare(budget_ms);
        assert_int_equal(some.designs.looked_at, budget_ms - 1);
        assert_true(some.designs.cut == (budget_ms <= DESIGNS));
    }
}

static const char *written(const struct cw_comparison *comparison) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    cw_jw_begin(&w, NULL, '{');
    cw_comparison_write(comparison, &w);
    cw_jw_end(&w, '}');
    return cw_arena_strndup(fixture.arena, buf.data, buf.length);
}

static void it_is_written(void **state) {
    (void)state;
    struct cw_comparison cut = compare(2), whole = compare(0);
    assert_non_null(strstr(written(&cut),
                           "\"designs\":{\"looked\":1,\"unorderable\":0,\"cut\":true,\"ids\":[]}"));
    assert_non_null(strstr(
        written(&whole), "\"designs\":{\"looked\":3,\"unorderable\":0,\"cut\":false,\"ids\":[]}"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_are_looked_at_without_a_budget, setup, teardown),
        cmocka_unit_test_setup_teardown(the_end_of_the_time_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(it_is_written, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
