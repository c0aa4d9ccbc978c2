/* Orders are made whole, numbered per day, and once per idempotency key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "order_maker.h"
#include "orders/create.h"
#include "cordwain/states.h"
#include "store_fixture.h"

static struct cw_fixture fixture;

static int setup(void **state) {
    (void)state;
    cw_fixture_init(&fixture);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    cw_fixture_deinit(&fixture);
    return 0;
}

struct attempt {
    struct cw_order_maker maker;
    struct cw_order_draft draft;
    struct cw_order_creation creation;
    struct cw_error error;
    enum cw_status status;
};

static struct attempt *create(const char *key, const char *fingerprint,
                              struct cw_order_maker maker) {
    struct attempt *attempt = cw_arena_alloc(fixture.arena, sizeof *attempt);
    attempt->maker = maker;
    attempt->draft = cw_order_maker_draft(&attempt->maker, fixture.arena, key, fingerprint);
    attempt->creation = (struct cw_order_creation){
        .draft = &attempt->draft, .clock = &fixture.clock, .arena = fixture.arena};
    attempt->status =
        cw_fixture_write(&fixture, cw_order_create, &attempt->creation, &attempt->error);
    return attempt;
}

static struct cw_order_census census(void) {
    struct cw_order_counting counting = {.arena = fixture.arena};
    assert_int_equal(cw_fixture_read(&fixture, cw_order_census_read, &counting, NULL), CW_OK);
    return counting.census;
}

static void test_whole(void **state) {
    (void)state;
    struct attempt *first = create("k1", "f1", (struct cw_order_maker){.specs = 3});
    assert_int_equal(first->status, CW_OK);
    assert_false(first->creation.created.replayed);
    assert_int_equal(first->creation.created.http_status, 201);
    assert_non_null(strstr(first->creation.created.response, "CW-20261122-000001"));
    struct cw_order_census now = census();
    assert_int_equal(now.orders, 1);
    assert_int_equal(now.specs, 3);
    assert_string_equal(now.rows[0].number, "CW-20261122-000001");
    assert_string_equal(now.rows[0].state, CW_ORDER_RECEIVED);
    assert_int_equal(now.rows[0].total_minor, 12900);
    assert_int_equal(now.rows[0].created_ms, CW_FIXTURE_NOW_MS);
    assert_int_equal(strlen(now.rows[0].id), 26);
}

static void test_numbers(void **state) {
    (void)state;
    create("k1", "f", (struct cw_order_maker){0});
    create("k2", "f", (struct cw_order_maker){0});
    assert_string_equal(census().rows[0].number, "CW-20261122-000002");
    fixture.now_ms += 86400000;
    create("k3", "f", (struct cw_order_maker){0});
    assert_string_equal(census().rows[0].number, "CW-20261123-000001");
}

static void test_replay(void **state) {
    (void)state;
    struct attempt *first = create("k1", "f1", (struct cw_order_maker){0});
    fixture.now_ms += 5000;
    struct attempt *again = create("k1", "f1", (struct cw_order_maker){0});
    assert_int_equal(again->status, CW_OK);
    assert_true(again->creation.created.replayed);
    assert_int_equal(again->maker.built, 0);
    assert_string_equal(again->creation.created.response, first->creation.created.response);
    assert_string_equal(again->creation.created.location, first->creation.created.location);
    struct attempt *other = create("k1", "f2", (struct cw_order_maker){0});
    assert_int_equal(other->status, CW_E_INPUT);
    assert_string_equal(other->error.code, "idempotency.mismatch");
    assert_int_equal(census().orders, 1);
}

/* A refused order leaves nothing, not even its number, and the key may be used again. */
static void test_refused(void **state) {
    (void)state;
    struct attempt *refused = create("k1", "f1", (struct cw_order_maker){.fail = CW_E_CONFLICT});
    assert_int_equal(refused->status, CW_E_CONFLICT);
    assert_string_equal(refused->error.code, "test.builder");
    assert_int_equal(census().orders, 0);
    assert_int_equal(create("k1", "f2", (struct cw_order_maker){0})->status, CW_OK);
    assert_string_equal(census().rows[0].number, "CW-20261122-000001");
}

/* A serial that is taken is nobody's fault: the client may simply try again. */
static void test_serial_taken(void **state) {
    (void)state;
    assert_int_equal(create("k1", "f", (struct cw_order_maker){.serial = "AAAAAAAA"})->status,
                     CW_OK);
    struct attempt *second = create("k2", "f", (struct cw_order_maker){.serial = "AAAAAAAA"});
    assert_int_equal(second->status, CW_E_BUSY);
    assert_string_equal(second->error.code, "order.again");
    assert_int_equal(create("k2", "f", (struct cw_order_maker){0})->status, CW_OK);
    assert_int_equal(census().orders, 2);
}

static void *create_same(void *arg) {
    (void)arg;
    struct cw_arena *arena = cw_arena_new();
    struct cw_order_maker maker = {0};
    struct cw_order_draft draft = cw_order_maker_draft(&maker, arena, "same", "f");
    struct cw_order_creation creation = {.draft = &draft, .clock = &fixture.clock, .arena = arena};
    enum cw_status status = cw_fixture_write(&fixture, cw_order_create, &creation, NULL);
    cw_arena_free(arena);
    return status == CW_OK ? NULL : &fixture;
}

static void test_same_key_at_once(void **state) {
    (void)state;
    pthread_t threads[6];
    for (int i = 0; i < 6; i++)
        pthread_create(&threads[i], NULL, create_same, NULL);
    for (int i = 0; i < 6; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_int_equal(census().orders, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_replay, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_serial_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(test_same_key_at_once, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
