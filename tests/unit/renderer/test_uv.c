/* Mending soft edges of UV maps: wrong coordinates are continued, right ones and full ones are
 * kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "uv.h"

#define SIDE 48
#define SOFT 12

static uint8_t mask[SIDE * SIDE];
static uint16_t uv[SIDE * SIDE * 2], want[SIDE * SIDE * 2];

/* u and v rise evenly; the mask fades over SOFT columns on both sides. */
static struct cw_pack_surface make(void) {
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            int at = y * SIDE + x, edge = x < SIDE - 1 - x ? x : SIDE - 1 - x;
            want[at * 2] = (uint16_t)(5000 + 900 * x + 37 * y);
            want[at * 2 + 1] = (uint16_t)(60000 - 1000 * y);
            mask[at] = (uint8_t)(edge >= SOFT ? 255 : edge * 20);
        }
    memcpy(uv, want, sizeof uv);
    return (struct cw_pack_surface){.uv = {0, 0, SIDE, SIDE, (const uint8_t *)uv},
                                    .mask = {0, 0, SIDE, SIDE, mask}};
}

static void mend(const struct cw_pack_surface *surface) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    cw_uv_mend(arena, uv, surface);
}

static void test_right_ones_stay(void **state) {
    (void)state;
    const struct cw_pack_surface surface = make();
    mend(&surface);
    assert_memory_equal(uv, want, sizeof uv);
}

static void test_wrong_ones_are_continued(void **state) {
    (void)state;
    const struct cw_pack_surface surface = make();
    for (int i = 0; i < SIDE * SIDE; i++)
        if (mask[i] < 255)
            uv[i * 2] = uv[i * 2 + 1] = 65535;
    mend(&surface);
    for (int i = 0; i < SIDE * SIDE; i++)
        if (mask[i] > 0)
            for (int k = 0; k < 2; k++)
                assert_in_range((uint64_t)(1000 + uv[i * 2 + k] - want[i * 2 + k]), 1000 - 40,
                                1000 + 40);
}

static void test_nothing_sure(void **state) {
    (void)state;
    const struct cw_pack_surface surface = make();
    memset(mask, 100, sizeof mask);
    mend(&surface);
    assert_memory_equal(uv, want, sizeof uv);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right_ones_stay),
        cmocka_unit_test(test_wrong_ones_are_continued),
        cmocka_unit_test(test_nothing_sure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
