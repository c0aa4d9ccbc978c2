/*
 * The loops for AVX-512 against those every processor runs: every step of light, every number of
 * blocks, light that is none. The same bytes and the same floats. Skipped where the processor has
 * no such loops.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/srgb.h"
#include "blend_wide.h"
#include "plan.h"

#define BLOCKS 41
#define PIXELS (BLOCKS * CW_PACK_BLOCK)

static int setup(void **state) {
    (void)state;
    cw_srgb_init();
    return 0;
}

static void need_wide(void) {
    cw_wide_init(/* wanted: */ true);
    if (!cw_wide)
        skip();
}

static uint32_t noise(void) {
    static uint32_t last = 1;
    last = last * 1664525u + 1013904223u;
    return last >> 8;
}

/* Both in turn, into `ret[0]` and `ret[1]`. */
static void bytes(const struct cw_light_row *row, const struct cw_span *span, bool alpha,
                  uint8_t *ret[2]) {
    for (int wide = 0; wide < 2; wide++) {
        cw_wide_init(wide);
        if (alpha)
            cw_blend_bytes_alpha(row, span, ret[wide]);
        else
            cw_blend_bytes(row, span, ret[wide]);
    }
}

/* What is a step's middle, a little less and more, beyond both ends, and no number at all. */
static void test_every_step(void **state) {
    (void)state;
    need_wide();
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_light_row row = cw_light_row_new(arena, CW_SRGB_STEPS);
    const struct cw_span span = {0, CW_SRGB_STEPS / CW_PACK_BLOCK};
    uint8_t *ret[2] = {malloc(3 * CW_SRGB_STEPS), malloc(3 * CW_SRGB_STEPS)};
    static const float odd[] = {NAN, INFINITY, -INFINITY, -1, -0.0f, 2, 1e9f, 30000, 1e-30f};
    for (size_t i = 0; i < CW_SRGB_STEPS; i++) {
        row.light[i] = (float)i / (CW_SRGB_STEPS - 1);
        row.light[row.stride + i] = ((float)i + 0.5f) / (CW_SRGB_STEPS - 1);
        row.light[2 * row.stride + i] =
            i % 64 ? ((float)i - 0.499f) / (CW_SRGB_STEPS - 1) : odd[i / 64 % 9];
    }
    bytes(&row, &span, /* alpha: */ false, ret);
    assert_memory_equal(ret[0], ret[1], 3 * CW_SRGB_STEPS);
    for (size_t i = 0; i < CW_SRGB_STEPS; i++)
        assert_int_equal(ret[1][3 * i], cw_srgb_byte[cw_srgb_step(row.light[i])]);
    free(ret[0]);
    free(ret[1]);
}

/* Light multiplied by alpha, also more than alpha allows, and alpha from nothing to everything. */
static void fill(const struct cw_light_row *row) {
    for (size_t i = 0; i < PIXELS; i++) {
        float alpha = noise() % 5 ? (float)(noise() % 1001) / 1000 : (float)(noise() % 2);
        row->light[3 * row->stride + i] = noise() % 50 ? alpha : alpha * 2 - 1;
        for (size_t c = 0; c < 3; c++)
            row->light[c * row->stride + i] = alpha * (float)(noise() % 1100) / 1000;
    }
}

static void test_every_length(void **state) {
    (void)state;
    need_wide();
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_light_row row = cw_light_row_new(arena, PIXELS);
    for (size_t round = 0; round < 4 * BLOCKS; round++) {
        const bool alpha = round % 2;
        const size_t pixel = alpha ? 4 : 3, block = round % 3;
        const struct cw_span span = {(uint16_t)block, (uint16_t)(round / 4 % (BLOCKS - block) + 1)};
        const size_t length = span.count * pixel * CW_PACK_BLOCK;
        uint8_t *ret[2] = {malloc(length), malloc(length)}; /* not a byte more */
        fill(&row);
        bytes(&row, &span, alpha, ret);
        assert_memory_equal(ret[0], ret[1], length);
        free(ret[0]);
        free(ret[1]);
    }
}

/* Ground, then parts with either light and both, over spans of odd and even lengths. */
static void draw(const struct cw_light_row *row, struct cw_run run, const uint16_t *steps) {
    static const float ground[3] = {1e-5f, 7e-6f, 3e-6f};
    struct cw_part_light part = {.tinted = steps + 3 * CW_PACK_BLOCK,
                                 .plain = steps + CW_PACK_BLOCK,
                                 .tint = {3e-6f, 1.1e-5f, 0},
                                 .plain_unit = 2e-6f};
    cw_blend_ground(row, run, steps, ground);
    cw_blend_part(row, run, &part);
    part.plain = NULL;
    cw_blend_part(row, run, &part);
    part.plain = part.tinted;
    part.tinted = NULL;
    cw_blend_part(row, run, &part);
    part.plain = NULL;
    cw_blend_part(row, run, &part);
}

static void test_light(void **state) {
    (void)state;
    need_wide();
    static const struct cw_span spans[] = {{0, 1}, {2, 2}, {5, 7}, {13, 8}, {22, 1}, {24, 17}};
    const struct cw_run run = {spans, sizeof spans / sizeof *spans};
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_light_row a = cw_light_row_new(arena, PIXELS);
    const struct cw_light_row b = cw_light_row_new(arena, PIXELS);
    static uint16_t steps[PIXELS + 4 * CW_PACK_BLOCK] __attribute__((aligned(64)));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        steps[i] = (uint16_t)noise();
    memset(a.light, 0x3f, 4 * a.stride * sizeof(float)); /* what is not touched stays */
    memset(b.light, 0x3f, 4 * b.stride * sizeof(float));
    cw_wide_init(/* wanted: */ false);
    draw(&a, run, steps);
    cw_wide_init(/* wanted: */ true);
    draw(&b, run, steps);
    assert_memory_equal(a.light, b.light, 4 * a.stride * sizeof(float));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_step),
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_light),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
