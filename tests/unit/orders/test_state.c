/* The order's state from its specs' states: each rule of the header, and the order of the rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "orders/state.h"

static void test_derivation(void **state) {
    (void)state;
    static const struct {
        const char *specs[3];
        const char *order;
    } cases[] = {
        {{NULL}, CW_ORDER_RECEIVED},
        {{CW_SPEC_QUEUED}, CW_ORDER_RECEIVED},
        {{CW_SPEC_LEASED, CW_SPEC_ACCEPTED}, CW_ORDER_RECEIVED},
        {{CW_SPEC_ACCEPTED, CW_SPEC_ACCEPTED}, CW_ORDER_ACCEPTED},
        {{CW_SPEC_ACCEPTED, CW_SPEC_CANCELLED}, CW_ORDER_ACCEPTED},
        {{CW_SPEC_QUEUED, CW_SPEC_IN_PRODUCTION}, CW_ORDER_IN_PRODUCTION},
        {{CW_SPEC_REWORK}, CW_ORDER_IN_PRODUCTION},
        {{CW_SPEC_INSPECTED}, CW_ORDER_IN_PRODUCTION},
        {{CW_SPEC_PACKED}, CW_ORDER_IN_PRODUCTION},
        {{CW_SPEC_QUEUED, CW_SPEC_SHIPPED}, CW_ORDER_IN_PRODUCTION},
        {{CW_SPEC_SHIPPED, CW_SPEC_SHIPPED}, CW_ORDER_SHIPPED},
        {{CW_SPEC_SHIPPED, CW_SPEC_CANCELLED}, CW_ORDER_SHIPPED},
        {{CW_SPEC_SHIPPED, CW_SPEC_HOLD}, CW_ORDER_ON_HOLD},
        {{CW_SPEC_REJECTED}, CW_ORDER_ON_HOLD},
        {{CW_SPEC_HOLD, CW_SPEC_CANCEL_REQUESTED}, CW_ORDER_CANCEL_REQUESTED},
        {{CW_SPEC_CANCELLED, CW_SPEC_CANCELLED}, CW_ORDER_CANCELLED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t count = 0;
        while (count < 3 && cases[i].specs[count] != NULL)
            count++;
        assert_string_equal(cw_order_state_from_specs(cases[i].specs, count), cases[i].order);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_derivation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
