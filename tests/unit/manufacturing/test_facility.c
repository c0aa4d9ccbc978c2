/* Leases, fences, events and what they do to a spec and its order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cordwain/limits.h"
#include "cordwain/states.h"
#include "facility_driver.h"
#include "manufacturing/transitions.h"

static struct cw_fixture fixture;
static struct cw_driver driver;
static int event_number;

static int setup(void **state) {
    (void)state;
    cw_fixture_init(&fixture);
    driver = (struct cw_driver){.fixture = &fixture};
    return 0;
}

static int teardown(void **state) {
    (void)state;
    cw_fixture_deinit(&fixture);
    return 0;
}

/* ---- words the tests are written in ---------------------------------------------------------- */

static enum cw_status report(const char *spec_id, int64_t fence, const char *from, const char *to) {
    struct cw_event_answer answer;
    char *id = cw_arena_printf(fixture.arena, "e%d", ++event_number);
    return cw_driver_event(&driver,
                           (struct cw_status_event){.facility_id = "FAC-1",
                                                    .spec_id = spec_id,
                                                    .revision = 1,
                                                    .fence = fence,
                                                    .from = from,
                                                    .to = to,
                                                    .event_id = id,
                                                    .body = "{}"},
                           &answer);
}

static void reports(const char *spec_id, int64_t fence, const char *const *path) {
    for (size_t i = 0; path[i + 1] != NULL; i++)
        assert_int_equal(report(spec_id, fence, path[i], path[i + 1]), CW_OK);
}

static void refused(enum cw_status status, enum cw_status wanted, const char *code) {
    assert_int_equal(status, wanted);
    assert_string_equal(driver.error.code, code);
}

#define PATH(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct cw_lease_change hold_on(const struct cw_lease *lease) {
    return (struct cw_lease_change){"FAC-1", lease->lease_id, lease->fence, 60, "end of shift"};
}

/* ---- leases ---------------------------------------------------------------------------------- */

static void test_grant(void **state) {
    (void)state;
    for (int i = 1; i <= 3; i++)
        cw_driver_order(&driver, i);
    struct cw_lease_request request = {"FAC-1", "", 0, 2, 60};
    struct cw_lease *leases;
    size_t count;
    assert_int_equal(cw_driver_lease(&driver, request, &leases, &count), CW_OK);
    assert_int_equal(count, 2);
    assert_string_equal(leases[0].spec_id, "SPEC00001");
    assert_int_equal(leases[0].fence, 1);
    assert_int_equal(leases[0].lease_until_ms, fixture.now_ms + 60000);
    assert_string_not_equal(leases[0].lease_id, leases[1].lease_id);
    assert_int_equal(cw_driver_lease(&driver, request, &leases, &count), CW_OK);
    assert_int_equal(count, 1);
    assert_int_equal(cw_driver_lease(&driver, request, &leases, &count), CW_OK);
    assert_int_equal(count, 0);
    request.facility_id = "FAC-2";
    assert_int_equal(cw_driver_lease(&driver, request, &leases, &count), CW_OK);
    assert_int_equal(count, 0);
    assert_string_equal(cw_driver_order_state(&driver, "ORDER00001"), CW_ORDER_RECEIVED);
}

static void test_limits(void **state) {
    (void)state;
    static const struct {
        int32_t max, seconds;
        const char *code;
    } cases[] = {
        {0, 60, "lease.max"},
        {CW_LEASE_MAX + 1, 60, "lease.max"},
        {1, CW_LEASE_SECONDS_MIN - 1, "lease.seconds"},
        {1, CW_LEASE_SECONDS_MAX + 1, "lease.seconds"},
        {1, CW_LEASE_SECONDS_MIN, NULL},
        {CW_LEASE_MAX, CW_LEASE_SECONDS_MAX, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cw_lease *leases;
        size_t count;
        enum cw_status status = cw_driver_lease(
            &driver, (struct cw_lease_request){"FAC-1", "", 0, cases[i].max, cases[i].seconds},
            &leases, &count);
        if (cases[i].code == NULL)
            assert_int_equal(status, CW_OK);
        else
            refused(status, CW_E_INPUT, cases[i].code);
    }
}

static void test_renew_release(void **state) {
    (void)state;
    cw_driver_order(&driver, 1);
    struct cw_lease lease = cw_driver_lease_one(&driver), renewed;
    fixture.now_ms += 59999;
    assert_int_equal(cw_driver_renew(&driver, hold_on(&lease), &renewed), CW_OK);
    assert_int_equal(renewed.lease_until_ms, fixture.now_ms + 60000);
    assert_int_equal(renewed.fence, lease.fence);
    struct cw_lease_change change = hold_on(&lease);
    change.fence++;
    refused(cw_driver_renew(&driver, change, &renewed), CW_E_CONFLICT, "stale-lease");
    change = hold_on(&lease);
    change.facility_id = "FAC-2";
    refused(cw_driver_release(&driver, change), CW_E_CONFLICT, "stale-lease");
    change = hold_on(&lease);
    change.lease_s = 1;
    refused(cw_driver_renew(&driver, change, &renewed), CW_E_INPUT, "lease.seconds");
    assert_int_equal(cw_driver_release(&driver, hold_on(&lease)), CW_OK);
    refused(cw_driver_release(&driver, hold_on(&lease)), CW_E_CONFLICT, "stale-lease");
    refused(report("SPEC00001", 1, "leased", "accepted"), CW_E_CONFLICT, "stale-lease");
    struct cw_spec_row spec = cw_driver_spec(&driver, "SPEC00001");
    assert_string_equal(spec.state, CW_SPEC_QUEUED);
    assert_int_equal(spec.reads, 0); /* giving back is not running out */
    assert_int_equal(cw_driver_lease_one(&driver).fence, 2);
    size_t count;
    struct cw_event_row *history = cw_driver_history(&driver, "SPEC00001", &count);
    assert_int_equal(count, 3);
    assert_string_equal(history[1].body, "{\"note\":\"end of shift\",\"reason\":\"released\"}");
}

static void test_expiry(void **state) {
    (void)state;
    cw_driver_order(&driver, 1);
    struct cw_lease old = cw_driver_lease_one(&driver), renewed;
    fixture.now_ms += 60000;
    refused(report("SPEC00001", old.fence, "leased", "accepted"), CW_E_CONFLICT, "stale-lease");
    refused(cw_driver_renew(&driver, hold_on(&old), &renewed), CW_E_CONFLICT, "stale-lease");
    struct cw_lease lease = cw_driver_lease_one(&driver);
    assert_int_equal(lease.fence, old.fence + 1);
    assert_int_equal(cw_driver_spec(&driver, "SPEC00001").reads, 1);
    refused(report("SPEC00001", old.fence, "leased", "accepted"), CW_E_CONFLICT, "stale-lease");
    assert_int_equal(report("SPEC00001", lease.fence, "leased", "accepted"), CW_OK);
    /* owned now: time takes nothing back */
    fixture.now_ms += 365 * 86400000LL;
    assert_int_equal(cw_driver_expire(&driver), CW_OK);
    struct cw_spec_row spec = cw_driver_spec(&driver, "SPEC00001");
    assert_string_equal(spec.state, CW_SPEC_ACCEPTED);
    assert_string_equal(spec.lease_id, "");
    assert_int_equal(spec.reads, 0);
    assert_int_equal(spec.fence, lease.fence);
}

static void test_poison(void **state) {
    (void)state;
    cw_driver_order(&driver, 1);
    for (int i = 0; i < CW_LEASE_READS; i++) {
        cw_driver_lease_one(&driver);
        fixture.now_ms += 60000;
    }
    assert_int_equal(cw_driver_expire(&driver), CW_OK);
    struct cw_spec_row spec = cw_driver_spec(&driver, "SPEC00001");
    assert_string_equal(spec.state, CW_SPEC_HOLD);
    assert_string_equal(spec.hold_from, CW_SPEC_QUEUED);
    assert_string_equal(cw_driver_order_state(&driver, "ORDER00001"), CW_ORDER_ON_HOLD);
    assert_int_equal(report("SPEC00001", spec.fence, "hold", "queued"), CW_OK);
    assert_int_equal(cw_driver_spec(&driver, "SPEC00001").reads, 0);
    assert_string_equal(cw_driver_order_state(&driver, "ORDER00001"), CW_ORDER_RECEIVED);
    assert_int_equal(cw_driver_lease_one(&driver).fence, CW_LEASE_READS + 1);
}

/* ---- events ---------------------------------------------------------------------------------- */

static void test_whole_way(void **state) {
    (void)state;
    cw_driver_order(&driver, 1);
    struct cw_lease lease = cw_driver_lease_one(&driver);
    static const struct {
        const char *from, *to, *order;
    } steps[] = {
        {"leased", "accepted", CW_ORDER_ACCEPTED},
        {"accepted", "in_production", CW_ORDER_IN_PRODUCTION},
        {"in_production", "rework", CW_ORDER_IN_PRODUCTION},
        {"rework", "inspected", CW_ORDER_IN_PRODUCTION},
        {"inspected", "packed", CW_ORDER_IN_PRODUCTION},
        {"packed", "shipped", CW_ORDER_SHIPPED},
    };
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        fixture.now_ms += 10;
        assert_int_equal(report(lease.spec_id, lease.fence, steps[i].from, steps[i].to), CW_OK);
        assert_string_equal(cw_driver_spec(&driver, lease.spec_id).state, steps[i].to);
        assert_int_equal(cw_driver_spec(&driver, lease.spec_id).updated_ms, fixture.now_ms);
        assert_string_equal(cw_driver_order_state(&driver, "ORDER00001"), steps[i].order);
    }
    refused(report(lease.spec_id, lease.fence, "shipped", "packed"), CW_E_CONFLICT,
            "invalid-transition");
    size_t count;
    struct cw_event_row *history = cw_driver_history(&driver, lease.spec_id, &count);
    assert_int_equal(count, 7);
    for (size_t i = 1; i < count; i++)
        assert_string_equal(history[i].from, history[i - 1].to);
}

/* Every state × every word a facility could send, through the whole protocol. */
static void test_every_pair(void **state) {
    (void)state;
    static const char *const words[] = {
        "queued",   "leased",           "accepted",  "in_production",  "inspected",
        "packed",   "shipped",          "hold",      "rejected",       "rework",
        "scrapped", "cancel_requested", "cancelled", "cancel_refused", "x"};
    const size_t count = sizeof words / sizeof words[0];
    cw_driver_order(&driver, 1);
    const struct cw_spec_row fresh = cw_driver_spec(&driver, "SPEC00001");
    for (size_t f = 0; f < count; f++) {
        for (size_t t = 0; t < count; t++) {
            struct cw_spec_row spec = fresh;
            bool held = strcmp(words[f], "hold") == 0;
            spec.state = words[f];
            spec.hold_from = held ? "inspected" : "";
            spec.cancel_from = strcmp(words[f], "cancel_requested") == 0 ? "accepted" : "";
            spec.fence = 3;
            spec.lease_until_ms = fixture.now_ms + 1;
            cw_driver_force(&driver, &spec);
            enum cw_status status = report(spec.id, 3, words[f], words[t]);
            if (cw_transition_allowed(words[f], words[t], spec.hold_from)) {
                assert_int_equal(status, CW_OK);
            } else {
                refused(status, CW_E_CONFLICT, "invalid-transition");
                assert_string_equal(cw_driver_spec(&driver, spec.id).state, words[f]);
            }
        }
    }
}

static void test_message_lists_next(void **state) {
    (void)state;
    cw_driver_order(&driver, 1);
    struct cw_lease lease = cw_driver_lease_one(&driver);
    refused(report(lease.spec_id, lease.fence, "leased", "packed"), CW_E_CONFLICT,
            "invalid-transition");
    assert_string_equal(driver.error.message,
                        "'leased' cannot become 'packed'; it can become: accepted, rejected, hold");
    assert_string_equal(driver.error.pointer, "/to");
    refused(report(lease.spec_id, lease.fence, "accepted", "hold"), CW_E_CONFLICT,
            "invalid-transition");
    assert_string_equal(driver.error.pointer, "/from");
}

static struct cw_status_event accept_event(const struct cw_lease *lease, const char *body) {
    return (struct cw_status_event){.facility_id = "FAC-1",
                                    .spec_id = lease->spec_id,
                                    .revision = 1,
                                    .fence = lease->fence,
                                    .from = "leased",
                                    .to = "accepted",
                                    .event_id = "EV-1",
                                    .body = body};
}

static void test_replay(void **state) {
    (void)state;
    cw_driver_order(&driver, 1);
    struct cw_lease lease = cw_driver_lease_one(&driver);
    struct cw_event_answer first, again;
    assert_int_equal(cw_driver_event(&driver, accept_event(&lease, "{}"), &first), CW_OK);
    assert_false(first.replayed);
    assert_string_equal(first.response,
                        "{\"fence\":1,\"next\":[\"in_production\",\"hold\",\"rejected\"],"
                        "\"revision\":1,\"serial\":\"S00001\",\"specId\":\"SPEC00001\","
                        "\"state\":\"accepted\"}");
    assert_int_equal(report(lease.spec_id, 1, "accepted", "in_production"), CW_OK);
    fixture.now_ms += 86400000;
    assert_int_equal(cw_driver_event(&driver, accept_event(&lease, "{}"), &again), CW_OK);
    assert_true(again.replayed);
    assert_string_equal(again.response, first.response);
    assert_string_equal(cw_driver_spec(&driver, lease.spec_id).state, CW_SPEC_IN_PRODUCTION);
    refused(cw_driver_event(&driver, accept_event(&lease, "{\"a\":1}"), &again), CW_E_INPUT,
            "event.mismatch");
}

static void test_refusals(void **state) {
    (void)state;
    cw_driver_order(&driver, 1);
    struct cw_lease lease = cw_driver_lease_one(&driver);
    struct cw_event_answer answer;
    struct cw_status_event event = accept_event(&lease, "{}");
    event.facility_id = "FAC-2";
    refused(cw_driver_event(&driver, event, &answer), CW_E_NOT_FOUND, "spec.not_found");
    event = accept_event(&lease, "{}");
    event.spec_id = "none";
    refused(cw_driver_event(&driver, event, &answer), CW_E_NOT_FOUND, "spec.not_found");
    event = accept_event(&lease, "{}");
    event.revision = 2;
    refused(cw_driver_event(&driver, event, &answer), CW_E_CONFLICT, "superseded");
    static const int64_t fences[] = {-1, 0, 2};
    for (size_t i = 0; i < 3; i++) {
        event = accept_event(&lease, "{}");
        event.fence = fences[i];
        refused(cw_driver_event(&driver, event, &answer), CW_E_CONFLICT, "stale-lease");
    }
    char longest[CW_EVENT_ID_BYTES + 2];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    const char *const bad[] = {"", "a b", "a\n", "\xc3\xa9", "cordwain:expired:1", longest};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        event = accept_event(&lease, "{}");
        event.event_id = bad[i];
        refused(cw_driver_event(&driver, event, &answer), CW_E_INPUT, "event.id");
    }
    assert_string_equal(cw_driver_spec(&driver, lease.spec_id).state, CW_SPEC_LEASED);
    event = accept_event(&lease, "{}");
    event.facility_id = ""; /* an operator */
    event.event_id = longest + 1;
    assert_int_equal(cw_driver_event(&driver, event, &answer), CW_OK);
}

/* ---- hold, scrap, cancel --------------------------------------------------------------------- */

static void test_hold(void **state) {
    (void)state;
    cw_driver_order(&driver, 1);
    struct cw_lease lease = cw_driver_lease_one(&driver), renewed;
    const char *id = lease.spec_id;
    reports(id, 1, PATH("leased", "hold"));
    fixture.now_ms += 86400000; /* a lease pauses on hold */
    assert_int_equal(cw_driver_expire(&driver), CW_OK);
    refused(cw_driver_renew(&driver, hold_on(&lease), &renewed), CW_E_CONFLICT,
            "invalid-transition");
    refused(report(id, 1, "hold", "accepted"), CW_E_CONFLICT, "invalid-transition");
    reports(id, 1, PATH("hold", "leased", "accepted", "in_production", "hold"));
    assert_string_equal(cw_driver_order_state(&driver, "ORDER00001"), CW_ORDER_ON_HOLD);
    refused(report(id, 1, "hold", "packed"), CW_E_CONFLICT, "invalid-transition");
    reports(id, 1, PATH("hold", "in_production", "inspected", "hold", "rejected"));
    struct cw_spec_row spec = cw_driver_spec(&driver, id);
    assert_string_equal(spec.hold_from, "");
    assert_string_equal(cw_driver_order_state(&driver, "ORDER00001"), CW_ORDER_ON_HOLD);
}

static void test_scrap(void **state) {
    (void)state;
    cw_driver_order(&driver, 1);
    static const char *const serials[] = {"S00001-R2", "S00001-R3", "S00001-R4"};
    for (int i = 0; i < 3; i++) {
        struct cw_lease lease = cw_driver_lease_one(&driver);
        assert_int_equal(lease.fence, i + 1);
        reports(lease.spec_id, lease.fence,
                PATH("leased", "accepted", "in_production", "scrapped"));
        struct cw_spec_row spec = cw_driver_spec(&driver, lease.spec_id);
        assert_string_equal(spec.state, CW_SPEC_QUEUED);
        assert_string_equal(spec.serial, serials[i]);
        refused(report(lease.spec_id, lease.fence, "in_production", "inspected"), CW_E_CONFLICT,
                "invalid-transition");
    }
    size_t count;
    struct cw_event_row *history = cw_driver_history(&driver, "SPEC00001", &count);
    for (size_t i = 1; i < count; i++)
        assert_string_equal(history[i].from, history[i - 1].to);
    assert_string_equal(history[count - 1].from, CW_SPEC_SCRAPPED);
}

static void test_cancel(void **state) {
    (void)state;
    cw_driver_order(&driver, 1);
    struct cw_lease lease = cw_driver_lease_one(&driver);
    assert_int_equal(cw_driver_cancel(&driver, "ORDER00001"), CW_OK);
    refused(report(lease.spec_id, lease.fence, "leased", "accepted"), CW_E_CONFLICT, "stale-lease");
    assert_string_equal(cw_driver_order_state(&driver, "ORDER00001"), CW_ORDER_CANCELLED);

    cw_driver_order(&driver, 2);
    lease = cw_driver_lease_one(&driver);
    reports(lease.spec_id, 1, PATH("leased", "accepted", "hold"));
    assert_int_equal(cw_driver_cancel(&driver, "ORDER00002"), CW_OK);
    refused(report(lease.spec_id, 1, "hold", "accepted"), CW_E_CONFLICT, "invalid-transition");
    reports(lease.spec_id, 1, PATH("cancel_requested", "cancel_refused"));
    assert_string_equal(cw_driver_order_state(&driver, "ORDER00002"), CW_ORDER_ON_HOLD);
    reports(lease.spec_id, 1, PATH("hold", "accepted")); /* both states before were kept */
    assert_int_equal(cw_driver_cancel(&driver, "ORDER00002"), CW_OK);
    reports(lease.spec_id, 1, PATH("cancel_requested", "cancelled"));
    assert_string_equal(cw_driver_order_state(&driver, "ORDER00002"), CW_ORDER_CANCELLED);

    cw_driver_order(&driver, 3);
    lease = cw_driver_lease_one(&driver);
    reports(lease.spec_id, 1, PATH("leased", "accepted", "in_production"));
    refused(cw_driver_cancel(&driver, "ORDER00003"), CW_E_CONFLICT, "order.too_late_to_cancel");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_grant, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_renew_release, setup, teardown),
        cmocka_unit_test_setup_teardown(test_expiry, setup, teardown),
        cmocka_unit_test_setup_teardown(test_poison, setup, teardown),
        cmocka_unit_test_setup_teardown(test_whole_way, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_pair, setup, teardown),
        cmocka_unit_test_setup_teardown(test_message_lists_next, setup, teardown),
        cmocka_unit_test_setup_teardown(test_replay, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hold, setup, teardown),
        cmocka_unit_test_setup_teardown(test_scrap, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cancel, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
