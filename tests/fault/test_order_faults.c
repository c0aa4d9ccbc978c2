/*
 * An order is made whole or not at all, whichever operation fails: first the n-th store operation,
 * then the n-th write or flush of the disk, for every n until it succeeds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cordwain/states.h"
#include "fault_vfs.h"
#include "order_maker.h"
#include "orders/cancel.h"
#include "store_fixture.h"

static struct cw_fixture fixture;

static int setup(void **state) {
    (void)state;
    cw_fixture_init(&fixture);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    cw_fault_vfs_fail_at(0);
    cw_fixture_deinit(&fixture);
    return 0;
}

/* ---- a transaction whose n-th operation fails ------------------------------------------------ */

struct faulty_txn {
    struct cw_txn base;
    struct cw_txn *inner;
    int left; /* operations that still work */
};

static struct faulty_txn *faulty(struct cw_txn *txn) {
    return (struct faulty_txn *)txn;
}

#define TRY(txn, err)                                                                              \
    if (faulty(txn)->left-- <= 0)                                                                  \
    return cw_fail(err, CW_E_IO, "test.fault", "this operation fails")
#define INNER(txn) faulty(txn)->inner

/* Operations whose arguments are (txn, row, err). */
#define PUT(name, type)                                                                            \
    static enum cw_status name(struct cw_txn *txn, const struct type *row, struct cw_error *err) { \
        TRY(txn, err);                                                                             \
        return INNER(txn)->ops->name(INNER(txn), row, err);                                        \
    }
PUT(idempotency_put, cw_idempotency_row)
PUT(order_put, cw_order_row)
PUT(spec_put, cw_spec_row)
PUT(spec_update, cw_spec_row)
PUT(event_put, cw_event_row)
PUT(artifact_put, cw_artifact_row)
PUT(outbox_put, cw_outbox_row)

static enum cw_status idempotency_get(struct cw_txn *txn, struct cw_arena *arena, const char *scope,
                                      const char *key, struct cw_idempotency_row *ret,
                                      struct cw_error *err) {
    TRY(txn, err);
    return INNER(txn)->ops->idempotency_get(INNER(txn), arena, scope, key, ret, err);
}

static enum cw_status order_next_number(struct cw_txn *txn, const char *day, int64_t *ret,
                                        struct cw_error *err) {
    TRY(txn, err);
    return INNER(txn)->ops->order_next_number(INNER(txn), day, ret, err);
}

static enum cw_status order_get(struct cw_txn *txn, struct cw_arena *arena, const char *id,
                                struct cw_order_row *ret, struct cw_error *err) {
    TRY(txn, err);
    return INNER(txn)->ops->order_get(INNER(txn), arena, id, ret, err);
}

static enum cw_status order_set_state(struct cw_txn *txn, const char *id, const char *state,
                                      struct cw_error *err) {
    TRY(txn, err);
    return INNER(txn)->ops->order_set_state(INNER(txn), id, state, err);
}

static enum cw_status spec_by_order(struct cw_txn *txn, struct cw_arena *arena, const char *id,
                                    struct cw_spec_row **ret, size_t *ret_count,
                                    struct cw_error *err) {
    TRY(txn, err);
    return INNER(txn)->ops->spec_by_order(INNER(txn), arena, id, ret, ret_count, err);
}

static const struct cw_txn_ops faulty_ops = {
    .idempotency_get = idempotency_get,
    .idempotency_put = idempotency_put,
    .order_next_number = order_next_number,
    .order_put = order_put,
    .order_get = order_get,
    .order_set_state = order_set_state,
    .spec_put = spec_put,
    .spec_update = spec_update,
    .spec_by_order = spec_by_order,
    .event_put = event_put,
    .artifact_put = artifact_put,
    .outbox_put = outbox_put,
};

struct faulty_run {
    cw_txn_fn fn;
    void *arg;
    int works; /* operations before the fault */
};

static enum cw_status run_faulty(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct faulty_run *run = arg;
    struct faulty_txn wrapped = {{&faulty_ops}, txn, run->works};
    return run->fn(&wrapped.base, run->arg, err);
}

/* ---- what is in the store -------------------------------------------------------------------- */

static struct cw_order_census census(void) {
    struct cw_order_counting counting = {.arena = fixture.arena};
    assert_int_equal(cw_fixture_read(&fixture, cw_order_census_read, &counting, NULL), CW_OK);
    return counting.census;
}

/* Nothing of a failed order may be found by any of its keys. */
static enum cw_status leftovers(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct cw_idempotency_row answer;
    struct cw_artifact_row artifact;
    struct cw_spec_row *specs;
    size_t *ret_count = arg, count = 0;
    if (txn->ops->idempotency_get(txn, fixture.arena, "POST /v1/orders", "k", &answer, NULL) ==
        CW_OK)
        ++*ret_count;
    if (txn->ops->artifact_get(txn, fixture.arena, "sha-256:ee", &artifact, NULL) == CW_OK)
        ++*ret_count;
    enum cw_status status =
        txn->ops->spec_list(txn, fixture.arena, "FAC-1", NULL, 100, &specs, &count, err);
    *ret_count += count;
    return status;
}

static void expect_nothing(void) {
    size_t found = 0;
    assert_int_equal(cw_fixture_read(&fixture, leftovers, &found, NULL), CW_OK);
    assert_int_equal(found, 0);
    assert_int_equal(census().orders, 0);
}

static void expect_one(void) {
    struct cw_order_census now = census();
    assert_int_equal(now.orders, 1);
    assert_int_equal(now.specs, 2);
    assert_string_equal(now.rows[0].number, "CW-20261122-000001");
}

/* ---- tests ----------------------------------------------------------------------------------- */

static struct cw_order_maker maker = {.specs = 2};

static void test_every_operation(void **state) {
    (void)state;
    struct cw_order_draft draft = cw_order_maker_draft(&maker, fixture.arena, "k", "f");
    struct cw_order_creation creation = {
        .draft = &draft, .clock = &fixture.clock, .arena = fixture.arena};
    struct faulty_run run = {cw_order_create, &creation, 0};
    struct cw_error error = {0};
    while (cw_fixture_write(&fixture, run_faulty, &run, &error) != CW_OK) {
        assert_string_equal(error.code, "test.fault");
        expect_nothing();
        run.works++;
        error = (struct cw_error){0};
    }
    assert_int_equal(run.works, 8); /* key, number, order, artifact, two specs, outbox, answer */
    expect_one();
}

static const char *states_of(struct cw_spec_row *specs, size_t count) {
    const char *states = "";
    for (size_t i = 0; i < count; i++)
        states = cw_arena_printf(fixture.arena, "%s%s ", states, specs[i].state);
    return states;
}

static enum cw_status read_states(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct cw_spec_row *specs;
    size_t count;
    enum cw_status status =
        txn->ops->spec_list(txn, fixture.arena, "FAC-1", NULL, 100, &specs, &count, err);
    if (status == CW_OK)
        *(const char **)arg = states_of(specs, count);
    return status;
}

static void test_cancel(void **state) {
    (void)state;
    struct cw_order_draft draft = cw_order_maker_draft(&maker, fixture.arena, "k", "f");
    struct cw_order_creation creation = {
        .draft = &draft, .clock = &fixture.clock, .arena = fixture.arena};
    assert_int_equal(cw_fixture_write(&fixture, cw_order_create, &creation, NULL), CW_OK);
    struct cw_order_cancellation cancellation = {
        .order_id = census().rows[0].id, .now_ms = fixture.now_ms, .arena = fixture.arena};
    struct faulty_run run = {cw_order_cancel, &cancellation, 0};
    const char *states = NULL;
    while (cw_fixture_write(&fixture, run_faulty, &run, NULL) != CW_OK) {
        assert_int_equal(cw_fixture_read(&fixture, read_states, &states, NULL), CW_OK);
        assert_string_equal(states, "queued queued ");
        assert_string_equal(census().rows[0].state, CW_ORDER_RECEIVED);
        assert_true(++run.works < 50);
    }
    assert_int_equal(cw_fixture_read(&fixture, read_states, &states, NULL), CW_OK);
    assert_string_equal(states, "cancelled cancelled ");
    assert_string_equal(census().rows[0].state, CW_ORDER_CANCELLED);
}

/* The disk fails at its n-th operation and stays broken; the program is started anew on a mended
 * disk. A failed flush may have reached the disk, so the order may be there – but then whole, and
 * the repeated request finds it. */
static void test_every_disk_operation(void **state) {
    (void)state;
    bool succeeded = false;
    for (long n = 1; !succeeded; n++) {
        assert_true(n < 200);
        struct cw_order_draft draft = cw_order_maker_draft(&maker, fixture.arena, "k", "f");
        struct cw_order_creation creation = {
            .draft = &draft, .clock = &fixture.clock, .arena = fixture.arena};
        cw_fault_vfs_fail_at(n);
        enum cw_status status = cw_fixture_write(&fixture, cw_order_create, &creation, NULL);
        succeeded = status == CW_OK;
        assert_true(succeeded || status == CW_E_IO);
        cw_fixture_close(&fixture);
        cw_fault_vfs_fail_at(0);
        cw_fixture_open(&fixture);
        if (!succeeded && census().orders == 0) {
            expect_nothing();
            continue;
        }
        expect_one();
        status = cw_fixture_write(&fixture, cw_order_create, &creation, NULL);
        assert_int_equal(status, CW_OK);
        assert_true(creation.created.replayed);
        expect_one();
        cw_fixture_deinit(&fixture); /* a fresh store for the next n */
        cw_fixture_init(&fixture);
    }
}

int main(void) {
    cw_fault_vfs_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_operation, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cancel, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_disk_operation, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
