/* The guard of running requests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "orders/idempotency.h"

static void test_guard(void **state) {
    (void)state;
    struct cw_idempotency_guard *guard = cw_idempotency_guard_new();
    struct cw_error error = {0};
    assert_int_equal(cw_idempotency_guard_enter(guard, "a", "bc", &error), CW_OK);
    assert_int_equal(cw_idempotency_guard_enter(guard, "a", "bc", &error), CW_E_CONFLICT);
    assert_string_equal(error.code, "idempotency.running");
    assert_int_equal(cw_idempotency_guard_enter(guard, "ab", "c", NULL), CW_OK);
    assert_int_equal(cw_idempotency_guard_enter(guard, "", "", NULL), CW_OK);
    cw_idempotency_guard_leave(guard, "a", "bc");
    cw_idempotency_guard_leave(guard, "a", "bc"); /* unknown: ignored */
    assert_int_equal(cw_idempotency_guard_enter(guard, "a", "bc", NULL), CW_OK);
    cw_idempotency_guard_free(guard);
    cw_idempotency_guard_free(NULL);
}

/* More than there are buckets: chains keep every pair apart. */
static void test_many(void **state) {
    (void)state;
    struct cw_idempotency_guard *guard = cw_idempotency_guard_new();
    char key[24];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 5000; i++) {
            snprintf(key, sizeof key, "key-%d", i);
            if (round == 2)
                cw_idempotency_guard_leave(guard, "s", key);
            assert_int_equal(cw_idempotency_guard_enter(guard, "s", key, NULL),
                             round == 1 ? CW_E_CONFLICT : CW_OK);
        }
    }
    cw_idempotency_guard_free(guard);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_guard), cmocka_unit_test(test_many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
