/* Fields, the step between an art bundle's pictures and a pack's levels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "field.h"
#include "pack_level.h"

#define SIDE 48

static struct cw_field make(struct cw_arena *arena) {
    struct cw_field field = {.x = 5, .y = 9, .w = 30, .h = 20};
    field.values = cw_arena_array(arena, 30 * 20, sizeof *field.values);
    for (size_t i = 0; i < 30 * 20; i++)
        field.values[i] = (float)((i * 7919) % 101) / 100;
    return field;
}

static double sum(const struct cw_field *field) {
    double total = 0;
    for (size_t i = 0; i < (size_t)field->w * field->h; i++)
        total += (double)field->values[i];
    return total;
}

static struct cw_field_step step_to(struct cw_arena *arena, uint32_t from, uint32_t to) {
    struct cw_field_step step;
    cw_filter_make(arena, from, to, &step.across);
    cw_filter_make(arena, from, to, &step.down);
    return step;
}

/* Nothing is lost, and in two steps it is the same as in one. */
static void test_shrink(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_field field = make(arena);
    struct cw_field_step half = step_to(arena, SIDE, SIDE / 2), again = step_to(arena, 24, 12);
    struct cw_field_step at_once = step_to(arena, SIDE, 12), odd = step_to(arena, SIDE, 31);
    struct cw_field small = cw_field_shrink(arena, &field, &half);
    assert_true(fabs(sum(&small) * 4 / sum(&field) - 1) < 1e-5);
    const struct cw_field other = cw_field_shrink(arena, &field, &odd);
    assert_true(fabs(sum(&other) * SIDE * SIDE / (31 * 31) / sum(&field) - 1) < 1e-5);
    small = cw_field_shrink(arena, &small, &again);
    const struct cw_field want = cw_field_shrink(arena, &field, &at_once);
    assert_int_equal(small.w, want.w);
    assert_int_equal(small.h, want.h);
    for (size_t i = 0; i < (size_t)want.w * want.h; i++)
        assert_true(fabsf(small.values[i] - want.values[i]) < 1e-6f);
    const struct cw_field nothing = {0};
    assert_int_equal(cw_field_shrink(arena, &nothing, &half).w, 0);
}

/* Spans hold all that is not zero, in order, and their steps give it back. */
static void test_spans(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_field field = make(arena);
    for (uint32_t y = 0; y < field.h; y++)
        memset(field.values + y * field.w + 3, 0, (y % 2 ? 16 : 27) * sizeof(float));
    const struct cw_spans spans = cw_field_spans(arena, &field, 1e-6f);
    const float unit = cw_field_max(&field) / UINT16_MAX;
    const uint16_t *steps = cw_field_steps(arena, &field, &spans, unit);
    assert_int_equal(spans.rows[0].span, 0);
    assert_int_equal(spans.rows[spans.h].span, spans.count);
    size_t at = 0;
    double total = 0;
    for (uint32_t row = 0; row < spans.h; row++) {
        assert_int_equal(spans.rows[row].block * CW_PACK_BLOCK, at);
        assert_true(spans.rows[row + 1].span - spans.rows[row].span <= 2);
        for (uint32_t i = spans.rows[row].span; i < spans.rows[row + 1].span; i++)
            for (uint32_t x = 0; x < spans.spans[i].count * (uint32_t)CW_PACK_BLOCK; x++, at++) {
                uint32_t column = spans.spans[i].block * (uint32_t)CW_PACK_BLOCK + x - field.x;
                float want = column < field.w ? field.values[row * field.w + column] : 0;
                assert_true(fabsf((float)steps[at] * unit - want) <= unit);
                total += (double)steps[at];
            }
    }
    assert_int_equal(at, spans.blocks * CW_PACK_BLOCK);
    assert_true(fabs(total * (double)unit / sum(&field) - 1) < 1e-3);
}

/* Half of each small pixel lies off the product, a quarter is masked; a seam runs down the middle.
 */
static void test_surface(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    static uint8_t cover[SIDE * SIDE], shown[SIDE * SIDE];
    static uint16_t uv[SIDE * SIDE * 2];
    for (size_t i = 0; i < SIDE * SIDE; i++) {
        cover[i] = i % 2 ? 255 : 0;
        shown[i] = i / SIDE % 2 ? 255 : 0;
        uv[i * 2] = (uint16_t)(i % SIDE < 23 ? 65535 - i % SIDE : i % SIDE);
        uv[i * 2 + 1] = (uint16_t)(i / SIDE * 100);
    }
    struct cw_art_part part = {.mask = {.w = SIDE, .h = SIDE, .data = cover}};
    const struct cw_art_view view = {
        .width_px = SIDE, .height_px = SIDE, .part_count = 1, .parts = &part};
    const struct cw_plane rect = {.w = SIDE, .h = SIDE};
    struct cw_pack_surface surface = {.parts = 1, .uv = rect, .mask = rect};
    surface.uv.data = (const uint8_t *)uv;
    surface.mask.data = shown;
    struct cw_field_step half = step_to(arena, SIDE, SIDE / 2);
    const struct cw_pack_surface small = cw_pack_surface_shrink(arena, &view, &surface, &half);
    assert_int_equal(small.mask.w, SIDE / 2);
    const uint16_t *got = (const uint16_t *)(const void *)small.uv.data;
    for (size_t i = 0; i < SIDE * SIDE / 4; i++) {
        size_t x = i % (SIDE / 2), y = i / (SIDE / 2), right = x * 2 + 1;
        assert_int_equal(small.mask.data[i], 128); /* what is off the product does not count */
        assert_int_equal(got[i * 2], right < 23 ? 65535 - right : right);
        assert_int_equal(got[i * 2 + 1], (y * 2 + 1) * 100);
    }
    surface.parts = 0; /* lies on nothing */
    const struct cw_pack_surface none = cw_pack_surface_shrink(arena, &view, &surface, &half);
    for (size_t i = 0; i < SIDE * SIDE / 4; i++)
        assert_int_equal(none.mask.data[i], 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shrink),
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_surface),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
