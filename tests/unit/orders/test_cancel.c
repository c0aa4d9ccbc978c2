/* What a cancellation does to a spec in each state, and to an order of several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cordwain/states.h"
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
    cw_fixture_deinit(&fixture);
    return 0;
}

struct given {
    int order;
    const char *states[2], *hold_from;
};

static enum cw_status put_given(struct cw_txn *txn, void *arg, struct cw_error *err) {
    const struct given *given = arg;
    struct cw_order_row order = cw_fixture_order(fixture.arena, given->order);
    order.state = "test"; /* so that any outcome is a change */
    enum cw_status status = txn->ops->order_put(txn, &order, err);
    for (int i = 0; i < 2 && given->states[i] != NULL && status == CW_OK; i++) {
        struct cw_spec_row spec = cw_fixture_spec(fixture.arena, order.id, given->order * 10 + i);
        bool leased = strcmp(given->states[i], CW_SPEC_LEASED) == 0;
        spec.line = i + 1;
        spec.state = given->states[i];
        spec.hold_from = given->hold_from;
        spec.fence = 4;
        spec.lease_id = leased ? spec.id : "";
        spec.lease_until_ms = leased ? fixture.now_ms + 1000 : 0;
        status = txn->ops->spec_put(txn, &spec, err);
    }
    return status;
}

struct found {
    const char *order_id;
    struct cw_order_row order;
    struct cw_spec_row *specs;
    size_t count, events;
};

static enum cw_status find(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct found *found = arg;
    struct cw_event_row *events;
    enum cw_status status =
        txn->ops->order_get(txn, fixture.arena, found->order_id, &found->order, err);
    if (status == CW_OK)
        status = txn->ops->spec_by_order(txn, fixture.arena, found->order_id, &found->specs,
                                         &found->count, err);
    if (status == CW_OK)
        status = txn->ops->event_list(txn, fixture.arena, found->specs[0].id, &events,
                                      &found->events, err);
    return status;
}

static struct found look(int order) {
    struct found found = {.order_id = cw_fixture_order(fixture.arena, order).id};
    assert_int_equal(cw_fixture_read(&fixture, find, &found, NULL), CW_OK);
    return found;
}

static enum cw_status cancel(int order, const char **ret_state, struct cw_error *err) {
    struct cw_order_cancellation request = {.order_id = cw_fixture_order(fixture.arena, order).id,
                                            .now_ms = fixture.now_ms + 7,
                                            .arena = fixture.arena};
    enum cw_status status = cw_fixture_write(&fixture, cw_order_cancel, &request, err);
    *ret_state = request.ret_state;
    return status;
}

static void test_each_state(void **state) {
    (void)state;
    static const struct {
        const char *from, *hold_from, *to;
        int fence;
    } cases[] = {
        {CW_SPEC_QUEUED, "", CW_SPEC_CANCELLED, 4},
        {CW_SPEC_LEASED, "", CW_SPEC_CANCELLED, 5},
        {CW_SPEC_REJECTED, "", CW_SPEC_CANCELLED, 4},
        {CW_SPEC_ACCEPTED, "", CW_SPEC_CANCEL_REQUESTED, 4},
        {CW_SPEC_HOLD, CW_SPEC_QUEUED, CW_SPEC_CANCELLED, 4},
        {CW_SPEC_HOLD, CW_SPEC_LEASED, CW_SPEC_CANCELLED, 4},
        {CW_SPEC_HOLD, CW_SPEC_ACCEPTED, CW_SPEC_CANCEL_REQUESTED, 4},
        {CW_SPEC_HOLD, CW_SPEC_IN_PRODUCTION, NULL, 4},
        {CW_SPEC_IN_PRODUCTION, "", NULL, 4},
        {CW_SPEC_REWORK, "", NULL, 4},
        {CW_SPEC_INSPECTED, "", NULL, 4},
        {CW_SPEC_PACKED, "", NULL, 4},
        {CW_SPEC_SHIPPED, "", NULL, 4},
        {CW_SPEC_CANCELLED, "", CW_SPEC_CANCELLED, 4},
        {CW_SPEC_CANCEL_REQUESTED, "", CW_SPEC_CANCEL_REQUESTED, 4},
    };
    for (int i = 0; i < (int)(sizeof cases / sizeof cases[0]); i++) {
        struct given given = {
            .order = i + 1, .states = {cases[i].from}, .hold_from = cases[i].hold_from};
        struct cw_error error = {0};
        const char *answer = NULL;
        assert_int_equal(cw_fixture_write(&fixture, put_given, &given, NULL), CW_OK);
        enum cw_status status = cancel(i + 1, &answer, &error);
        struct found found = look(i + 1);
        assert_int_equal(found.specs[0].fence, cases[i].fence);
        if (cases[i].to == NULL) {
            assert_int_equal(status, CW_E_CONFLICT);
            assert_string_equal(error.code, "order.too_late_to_cancel");
            assert_string_equal(found.specs[0].state, cases[i].from);
            assert_string_equal(found.order.state, "test");
            continue;
        }
        bool moved = strcmp(cases[i].to, cases[i].from) != 0;
        assert_int_equal(status, CW_OK);
        assert_string_equal(found.specs[0].state, cases[i].to);
        assert_string_equal(found.specs[0].lease_id, "");
        assert_string_equal(found.order.state,
                            cases[i].to); /* the words are the same for these two */
        assert_string_equal(answer, cases[i].to);
        assert_int_equal(found.events, moved ? 1 : 0);
        if (moved && strcmp(cases[i].to, CW_SPEC_CANCEL_REQUESTED) == 0)
            assert_string_equal(found.specs[0].cancel_from, cases[i].from);
    }
}

/* All or nothing over an order's specs; repeating changes nothing. */
static void test_several(void **state) {
    (void)state;
    struct given mixed = {.order = 1, .states = {CW_SPEC_QUEUED, CW_SPEC_ACCEPTED}};
    struct given late = {.order = 2, .states = {CW_SPEC_QUEUED, CW_SPEC_PACKED}};
    const char *answer = NULL;
    struct cw_error error = {0};
    assert_int_equal(cw_fixture_write(&fixture, put_given, &mixed, NULL), CW_OK);
    assert_int_equal(cw_fixture_write(&fixture, put_given, &late, NULL), CW_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(cancel(1, &answer, NULL), CW_OK);
        assert_string_equal(answer, CW_ORDER_CANCEL_REQUESTED);
        struct found found = look(1);
        assert_string_equal(found.specs[0].state, CW_SPEC_CANCELLED);
        assert_string_equal(found.specs[1].state, CW_SPEC_CANCEL_REQUESTED);
        assert_int_equal(found.events, 1);
    }
    assert_int_equal(cancel(2, &answer, &error), CW_E_CONFLICT);
    assert_string_equal(look(2).specs[0].state, CW_SPEC_QUEUED);
    error = (struct cw_error){0};
    assert_int_equal(cancel(3, &answer, &error), CW_E_NOT_FOUND);
    assert_string_equal(error.code, "order.not_found");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_state, setup, teardown),
        cmocka_unit_test_setup_teardown(test_several, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
