/*
 * Random walks of several workers, each acting on what it last knew, with time passing and orders
 * being cancelled. Whatever happens: only the newest grantee of a spec is ever believed, nothing
 * ships twice, histories join up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cordwain/states.h"
#include "facility_driver.h"

#define SPECS   4
#define WORKERS 3
#define STEPS   1500

static struct cw_fixture fixture;
static struct cw_driver driver;
static uint32_t seed;

static struct belief { struct cw_lease lease; /* fence 0: never had it */ } beliefs[WORKERS][SPECS];
static int newest_grantee[SPECS];
static int64_t newest_fence[SPECS];
static char shipped[64][32];
static size_t shipped_count, events_ok, events_refused;

/* Numerical Recipes' LCG: walks are the same everywhere. */
static uint32_t pick(uint32_t bound) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 16) % bound;
}

static void take_leases(int worker) {
    struct cw_lease *leases;
    size_t count;
    struct cw_lease_request request = {"FAC-1", "", 0, 1 + (int32_t)pick(2), 30};
    assert_int_equal(cw_driver_lease(&driver, request, &leases, &count), CW_OK);
    for (size_t i = 0; i < count; i++) {
        int spec = atoi(leases[i].spec_id + 4) - 1;
        assert_int_equal(leases[i].fence > newest_fence[spec], 1);
        beliefs[worker][spec].lease = leases[i];
        newest_fence[spec] = leases[i].fence;
        newest_grantee[spec] = worker;
    }
}

static void note_shipping(const struct cw_event_answer *answer) {
    if (strcmp(answer->state, CW_SPEC_SHIPPED) != 0)
        return;
    for (size_t i = 0; i < shipped_count; i++)
        assert_string_not_equal(shipped[i], answer->serial);
    snprintf(shipped[shipped_count++], sizeof shipped[0], "%s", answer->serial);
}

static void tell(int worker, int spec) {
    static const char *const words[] = {
        CW_SPEC_ACCEPTED, CW_SPEC_IN_PRODUCTION,  CW_SPEC_INSPECTED, CW_SPEC_PACKED,
        CW_SPEC_SHIPPED,  CW_SPEC_HOLD,           CW_SPEC_REWORK,    CW_SPEC_SCRAPPED,
        CW_SPEC_REJECTED, CW_SPEC_CANCEL_REFUSED, CW_SPEC_LEASED,    CW_SPEC_QUEUED};
    static int number;
    struct cw_lease *lease = &beliefs[worker][spec].lease;
    if (lease->fence == 0)
        return;
    struct cw_spec_row before = cw_driver_spec(&driver, lease->spec_id);
    /* rejected ends a spec: rare, so that walks stay long */
    const char *to = words[pick(12)];
    if (strcmp(to, CW_SPEC_REJECTED) == 0 && pick(20) != 0)
        return;
    struct cw_event_answer answer;
    enum cw_status status = cw_driver_event(
        &driver,
        (struct cw_status_event){.facility_id = "FAC-1",
                                 .spec_id = lease->spec_id,
                                 .revision = 1,
                                 .fence = lease->fence,
                                 .from = before.state,
                                 .to = to,
                                 .event_id = cw_arena_printf(fixture.arena, "e%d", ++number),
                                 .body = "{}"},
        &answer);
    if (status != CW_OK) {
        assert_int_equal(status, CW_E_CONFLICT);
        assert_string_equal(cw_driver_spec(&driver, lease->spec_id).state, before.state);
        events_refused++;
        return;
    }
    events_ok++;
    assert_int_equal(newest_grantee[spec], worker);
    assert_int_equal(lease->fence, newest_fence[spec]);
    assert_string_not_equal(before.state, CW_SPEC_SHIPPED);
    note_shipping(&answer);
}

static void change_lease(int worker, int spec) {
    struct cw_lease *lease = &beliefs[worker][spec].lease, renewed;
    if (lease->fence == 0)
        return;
    struct cw_lease_change change = {"FAC-1", lease->lease_id, lease->fence, 30, ""};
    enum cw_status status = pick(3) == 0 ? cw_driver_release(&driver, change)
                                         : cw_driver_renew(&driver, change, &renewed);
    if (status == CW_OK)
        assert_int_equal(newest_grantee[spec], worker);
    else
        assert_int_equal(status, CW_E_CONFLICT);
}

static void cancel(int spec) {
    char order[24];
    snprintf(order, sizeof order, "ORDER%05d", spec + 1);
    enum cw_status status = cw_driver_cancel(&driver, order);
    if (status != CW_OK)
        assert_int_equal(status, CW_E_CONFLICT);
    char id[24];
    snprintf(id, sizeof id, "SPEC%05d", spec + 1);
    struct cw_spec_row row = cw_driver_spec(&driver, id);
    if (row.fence > newest_fence[spec]) { /* the grantee lost it */
        newest_fence[spec] = row.fence;
        newest_grantee[spec] = -1;
    }
}

static void check_histories(void) {
    for (int i = 0; i < SPECS; i++) {
        char id[24];
        size_t count;
        snprintf(id, sizeof id, "SPEC%05d", i + 1);
        struct cw_spec_row spec = cw_driver_spec(&driver, id);
        struct cw_event_row *history = cw_driver_history(&driver, id, &count);
        for (size_t e = 0; e < count; e++)
            assert_string_equal(history[e].from, e == 0 ? CW_SPEC_QUEUED : history[e - 1].to);
        assert_string_equal(spec.state, count == 0 ? CW_SPEC_QUEUED : history[count - 1].to);
    }
}

static void walk(uint32_t from_seed) {
    seed = from_seed;
    memset(beliefs, 0, sizeof beliefs);
    memset(newest_fence, 0, sizeof newest_fence);
    shipped_count = events_ok = events_refused = 0;
    cw_fixture_init(&fixture);
    driver = (struct cw_driver){.fixture = &fixture};
    for (int i = 1; i <= SPECS; i++)
        cw_driver_order(&driver, i);
    for (int step = 0; step < STEPS; step++) {
        int worker = (int)pick(WORKERS), spec = (int)pick(SPECS);
        uint32_t what = pick(100);
        if (what < 15)
            take_leases(worker);
        else if (what < 85)
            tell(worker, spec);
        else if (what < 92)
            change_lease(worker, spec);
        else if (what < 99)
            fixture.now_ms += (int64_t)pick(20000);
        else if (pick(12) == 0)
            cancel(spec);
    }
    check_histories();
    assert_true(events_ok > 10);
    assert_true(events_refused > 100);
    cw_fixture_deinit(&fixture);
}

static void test_walks(void **state) {
    (void)state;
    for (uint32_t i = 1; i <= 3; i++)
        walk(i);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_walks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
