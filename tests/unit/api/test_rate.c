/* Buckets with a clock the test turns: the burst and one above, refilling, callers apart, the
 * table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>

#include "api/rate.h"
#include "cordwain/limits.h"

static struct cw_rate_answer take(struct cw_rate *rate, uint32_t caller, int64_t now_ms) {
    struct cw_rate_answer answer;
    cw_rate_take(rate, (struct cw_bytes){(const uint8_t *)&caller, sizeof caller}, now_ms, &answer);
    return answer;
}

static void the_burst_and_one_above(void **state) {
    (void)state;
    struct cw_rate *rate = cw_rate_new(5, 50);
    for (uint32_t i = 0; i < 50; i++) {
        struct cw_rate_answer answer = take(rate, 1, 1000);
        assert_true(answer.granted);
        assert_int_equal(answer.remaining, 49 - i);
        assert_int_equal(answer.full_s, (i + 5) / 5);
    }
    struct cw_rate_answer answer = take(rate, 1, 1000);
    assert_false(answer.granted);
    assert_int_equal(answer.remaining, 0);
    assert_int_equal(answer.next_s, 1);
    assert_int_equal(answer.full_s, 10);
    assert_true(take(rate, 2, 1000).granted); /* another caller */
    assert_false(take(rate, 1, 1199).granted);
    assert_true(take(rate, 1, 1200).granted); /* a refusal costs nothing */
    assert_false(take(rate, 1, 1200).granted);
    assert_false(take(rate, 1, 900).granted); /* a clock that went back */
    assert_int_equal(take(rate, 1, INT64_C(1) << 50).remaining, 49);
    cw_rate_free(rate);
}

static void a_full_table_only_grants_more(void **state) {
    (void)state;
    struct cw_rate *rate = cw_rate_new(1, 1);
    for (uint32_t i = 0; i < 3 * CW_RATE_CALLERS; i++)
        assert_true(take(rate, i, i).granted);
    cw_rate_free(rate);
    cw_rate_free(NULL);
}

static void *spend(void *arg) {
    size_t granted = 0;
    for (int i = 0; i < 5000; i++)
        granted += take(arg, 7, 0).granted;
    return (void *)granted;
}

static void threads_share_a_bucket(void **state) {
    (void)state;
    struct cw_rate *rate = cw_rate_new(1, 6000);
    pthread_t threads[4];
    size_t all = 0;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, spend, rate), 0);
    for (size_t i = 0; i < 4; i++) {
        void *granted = NULL;
        assert_int_equal(pthread_join(threads[i], &granted), 0);
        all += (size_t)granted;
    }
    assert_int_equal(all, 6000);
    cw_rate_free(rate);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_burst_and_one_above),
                                       cmocka_unit_test(a_full_table_only_grants_more),
                                       cmocka_unit_test(threads_share_a_bucket)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
