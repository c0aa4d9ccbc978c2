/* The numbers below the compositor: resampling weights and the sRGB tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "filter.h"
#include "base/srgb.h"

static const uint32_t sizes[][2] = {{1600, 64},   {1600, 301},  {1600, 1024}, {1600, 1599},
                                    {1600, 1600}, {1600, 1601}, {1600, 2048}, {16, 2048},
                                    {4096, 64},   {33, 32}};

/* Every weight list lies inside the input and sums to 1, so a flat field stays flat. */
static void test_weights(void **state) {
    (void)state;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_filter filter;
        cw_filter_make(arena, sizes[k][0], sizes[k][1], &filter);
        assert_int_equal(filter.size, sizes[k][1]);
        uint32_t before = 0;
        for (uint32_t i = 0; i < filter.size; i++) {
            const struct cw_tap *tap = &filter.taps[i];
            assert_in_range(tap->count, 1, filter.count_max);
            assert_true(tap->first + tap->count <= sizes[k][0]);
            assert_true(tap->first >= before); /* rows can be streamed */
            before = tap->first;
            double sum = 0;
            for (uint32_t t = 0; t < tap->count; t++)
                sum += (double)tap->weights[t];
            assert_true(fabs(sum - 1) < 1e-5);
        }
    }
}

/* Downwards every input pixel counts the same in all: nothing of the picture is lost. */
static void test_area_keeps_light(void **state) {
    (void)state;
    static double light[1600];
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_filter filter;
    cw_filter_make(arena, 1600, 1024, &filter);
    for (uint32_t i = 0; i < filter.size; i++)
        for (uint32_t t = 0; t < filter.taps[i].count; t++)
            light[filter.taps[i].first + t] += (double)filter.taps[i].weights[t];
    for (int i = 0; i < 1600; i++)
        assert_true(fabs(light[i] - 1024.0 / 1600) < 1e-5);
}

static void test_same_size_is_identity(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_filter filter;
    cw_filter_make(arena, 1600, 1600, &filter);
    for (uint32_t i = 0; i < filter.size; i++) {
        assert_int_equal(filter.taps[i].first, i);
        assert_int_equal(filter.taps[i].count, 1);
        assert_true(filter.taps[i].weights[0] == 1.0f);
    }
}

static void test_srgb_bytes_survive(void **state) {
    (void)state;
    cw_srgb_init();
    for (int i = 0; i < 256; i++)
        assert_int_equal(cw_srgb_byte[cw_srgb_step(cw_srgb_linear[i])], i);
    assert_int_equal(cw_srgb_byte[cw_srgb_step(-1.0f)], 0);
    assert_int_equal(cw_srgb_byte[cw_srgb_step(7.5f)], 255);
    assert_int_equal(cw_srgb_step(NAN), 0);
}

/* Against the curve itself, computed in double precision. */
static void test_srgb_curve(void **state) {
    (void)state;
    cw_srgb_init();
    for (int i = 0; i <= 100000; i++) {
        double x = i / 100000.0;
        double v = 255 * (x <= 0.0031308 ? 12.92 * x : 1.055 * pow(x, 1 / 2.4) - 0.055);
        assert_true(fabs(cw_srgb_byte[cw_srgb_step((float)x)] - v) < 0.6);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_area_keeps_light),
        cmocka_unit_test(test_same_size_is_identity),
        cmocka_unit_test(test_srgb_bytes_survive),
        cmocka_unit_test(test_srgb_curve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
