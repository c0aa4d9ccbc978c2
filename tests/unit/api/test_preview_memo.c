/* Addresses and the identities they mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/preview_memo.h"

static void an_address_is_found_in_its_generation_only(void **state) {
    (void)state;
    struct api_preview_memo *memo = api_preview_memo_new();
    struct api_preview_known put = {.identity = {1, 2, 3}, .content_type = "image/png"}, got;
    assert_false(api_preview_memo_find(memo, "/a.png", "w=64", 1, &got));
    api_preview_memo_put(memo, "/a.png", "w=64", 1, &put);
    assert_true(api_preview_memo_find(memo, "/a.png", "w=64", 1, &got));
    assert_memory_equal(&got, &put, sizeof got);
    assert_false(api_preview_memo_find(memo, "/a.png", "w=64", 2, &got)); /* another renderer */
    assert_false(api_preview_memo_find(memo, "/a.png", "w=65", 1, &got));
    assert_false(api_preview_memo_find(memo, "/a.png?w", "=64", 1, &got));
    assert_false(api_preview_memo_find(memo, "/b.png", "w=64", 0, &got));
    api_preview_memo_free(memo);
}

/* More addresses than slots: old ones are forgotten, none is ever mistaken for another. */
static void many_addresses_never_mix(void **state) {
    (void)state;
    struct api_preview_memo *memo = api_preview_memo_new();
    struct api_preview_known known = {.content_type = "image/webp"};
    size_t found = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        char query[32];
        snprintf(query, sizeof query, "w=%u", i);
        memcpy(known.identity, &i, sizeof i);
        api_preview_memo_put(memo, "/p", query, 1, &known);
    }
    for (uint32_t i = 0; i < 20000; i++) {
        char query[32];
        uint32_t number;
        snprintf(query, sizeof query, "w=%u", i);
        if (api_preview_memo_find(memo, "/p", query, 1, &known)) {
            memcpy(&number, known.identity, sizeof number);
            assert_int_equal(number, i);
            found++;
        }
    }
    assert_in_range(found, 1000, 4096);
    api_preview_memo_free(memo);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_found_in_its_generation_only),
        cmocka_unit_test(many_addresses_never_mix),
    };
    return cmocka_run_group_tests_name("api/preview_memo", tests, NULL, NULL);
}
