/* The memory cache: bounds, replacement, resistance to scans. Runs in: tests only. */
#include "preview/cache_memory.h"

#include <pthread.h>

#include "base/digest.h"
#include "fixture.h"

static void key_for(uint32_t n, uint8_t ret_key[CW_IDENTITY_BYTES]) {
    cw_sha256(&n, sizeof n, ret_key);
}

static void put(struct cw_cache_memory *cache, uint32_t n, size_t bytes) {
    uint8_t key[CW_IDENTITY_BYTES];
    char *data = calloc(1, bytes);
    memcpy(data, &n, sizeof n);
    struct cw_blob *blob = cw_blob_new(data, bytes);
    key_for(n, key);
    cw_cache_memory_set(cache, key, blob);
    cw_blob_unref(blob);
    free(data);
}

static bool has(struct cw_cache_memory *cache, uint32_t n) {
    uint8_t key[CW_IDENTITY_BYTES];
    key_for(n, key);
    struct cw_blob *blob = cw_cache_memory_get(cache, key);
    if (blob == NULL)
        return false;
    assert_memory_equal(cw_blob_data(blob), &n, sizeof n);
    cw_blob_unref(blob);
    return true;
}

static void stays_in_bounds(void **state) {
    (void)state;
    struct cw_cache_memory *cache = cw_cache_memory_new(100000);
    struct cw_cache_memory_stats stats;
    for (uint32_t i = 0; i < 5000; i++) {
        put(cache, i, 100 + i % 3000);
        if (i % 3 == 0)
            has(cache, i / 2);
        cw_cache_memory_stats(cache, &stats);
        assert_true(stats.bytes <= 100000);
    }
    assert_true(stats.entries > 20);
    assert_true(stats.evictions > 4000);
    assert_true(has(cache, 4999));
    cw_cache_memory_free(cache);
}

static void grows_and_finds_all(void **state) {
    (void)state;
    struct cw_cache_memory *cache = cw_cache_memory_new(10 * 1000 * 1000);
    for (uint32_t i = 0; i < 3000; i++)
        put(cache, i, 16);
    for (uint32_t i = 0; i < 3000; i++)
        assert_true(has(cache, i));
    assert_false(has(cache, 3000));
    cw_cache_memory_free(cache);
}

static void replaces_and_refuses_large(void **state) {
    (void)state;
    struct cw_cache_memory *cache = cw_cache_memory_new(80000);
    struct cw_cache_memory_stats stats;
    put(cache, 1, 100);
    put(cache, 1, 200);
    cw_cache_memory_stats(cache, &stats);
    assert_int_equal(stats.entries, 1);
    put(cache, 2, 10001); /* more than an eighth */
    assert_false(has(cache, 2));
    assert_true(has(cache, 1));
    cw_cache_memory_free(cache);
}

static void *use(void *arg) {
    struct cw_cache_memory *cache = arg;
    for (uint32_t i = 0; i < 3000; i++) {
        put(cache, i % 300, 200 + i % 700);
        has(cache, (i * 7) % 300); /* compares what it finds */
    }
    return NULL;
}

static void any_thread_may_use_it(void **state) {
    (void)state;
    struct cw_cache_memory *cache = cw_cache_memory_new(60000); /* most are pushed out */
    struct cw_cache_memory_stats stats;
    pthread_t threads[3];
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use, cache), 0);
    for (size_t i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    cw_cache_memory_stats(cache, &stats);
    assert_int_equal(stats.hits + stats.misses, 9000);
    assert_true(stats.bytes <= 60000 && stats.evictions > 0);
    cw_cache_memory_free(cache);
}

static void scan_does_not_push_out_what_is_used(void **state) {
    (void)state;
    struct cw_cache_memory *cache = cw_cache_memory_new(100000);
    for (uint32_t i = 0; i < 20; i++) {
        put(cache, i, 1000);
        assert_true(has(cache, i)); /* used: protected */
    }
    for (uint32_t i = 1000; i < 2000; i++)
        put(cache, i, 1000);
    for (uint32_t i = 0; i < 20; i++)
        assert_true(has(cache, i));
    cw_cache_memory_free(cache);
}

static void value_outlives_eviction(void **state) {
    (void)state;
    struct cw_cache_memory *cache = cw_cache_memory_new(10000);
    uint8_t key[CW_IDENTITY_BYTES];
    put(cache, 7, 100);
    key_for(7, key);
    struct cw_blob *held = cw_cache_memory_get(cache, key);
    cw_cache_memory_free(cache);
    assert_int_equal(cw_blob_length(held), 100);
    cw_blob_unref(held);
    cw_cache_memory_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stays_in_bounds),
        cmocka_unit_test(grows_and_finds_all),
        cmocka_unit_test(replaces_and_refuses_large),
        cmocka_unit_test(any_thread_may_use_it),
        cmocka_unit_test(scan_does_not_push_out_what_is_used),
        cmocka_unit_test(value_outlives_eviction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
