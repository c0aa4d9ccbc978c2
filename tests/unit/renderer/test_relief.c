/* Which edges of a groove, of a raised shape and of stitches are dark and which shine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "relief.h"

#define SIDE 64

/* A square from 20 to 44. */
static struct cw_coverage square(void) {
    struct cw_coverage flat = {SIDE, SIDE, SIDE, calloc(SIDE, SIDE)};
    assert_non_null(flat.data);
    for (int y = 20; y < 44; y++)
        memset(flat.data + y * SIDE + 20, 255, 24);
    return flat;
}

static struct cw_coverage make_in(enum cw_process process, int32_t um_per_px, enum cw_relief which,
                                  int32_t x, int32_t y) {
    struct cw_coverage flat = square(), ret = {0};
    const struct cw_relief_args args = {&flat, process, um_per_px, which, {x, y}};
    assert_int_equal(cw_relief_make(&args, &ret, NULL), CW_OK);
    assert_int_equal(ret.width, SIDE);
    assert_int_equal(ret.height, SIDE);
    cw_coverage_deinit(&flat);
    return ret;
}

static struct cw_coverage make(enum cw_process process, int32_t um_per_px, enum cw_relief which) {
    return make_in(process, um_per_px, which, -600, -800);
}

/* Mean over a strip along the middle of one edge. */
static int edge(const struct cw_coverage *c, int x, int y, int w, int h) {
    int sum = 0;
    for (int row = y; row < y + h; row++)
        for (int column = x; column < x + w; column++)
            sum += c->data[row * c->stride + column];
    return sum / (w * h);
}

#define TOP(c)    edge(c, 28, 19, 8, 2)
#define LOW(c)    edge(c, 28, 43, 8, 2)
#define LEFT(c)   edge(c, 19, 28, 2, 8)
#define RIGHT(c)  edge(c, 43, 28, 2, 8)
#define MIDDLE(c) edge(c, 30, 30, 4, 4)
#define AWAY(c)   edge(c, 0, 0, 10, 10)

static void print_lies_flat(void **state) {
    (void)state;
    assert_false(cw_relief_has(CW_PROCESS_PRINT));
    assert_true(cw_relief_has(CW_PROCESS_ENGRAVE) && cw_relief_has(CW_PROCESS_DEBOSS) &&
                cw_relief_has(CW_PROCESS_EMBROIDER) && cw_relief_has(CW_PROCESS_EMBOSS));
}

/* The wall towards the light lies in its own shadow, the far one faces it. */
static void grooves_are_dark_towards_the_light(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        const enum cw_process process = i ? CW_PROCESS_DEBOSS : CW_PROCESS_ENGRAVE;
        struct cw_coverage shade = make(process, 60, CW_RELIEF_SHADE);
        struct cw_coverage shine = make(process, 60, CW_RELIEF_SHINE);
        assert_true(TOP(&shade) > 60 && LEFT(&shade) > 40);
        assert_true(LOW(&shade) < 40 && RIGHT(&shade) < 40);
        assert_true(LOW(&shine) > 40 && RIGHT(&shine) > 25);
        assert_int_equal(TOP(&shine) + LEFT(&shine), 0);
        assert_true(MIDDLE(&shade) > 0 && MIDDLE(&shade) < 40); /* the floor */
        assert_int_equal(MIDDLE(&shine), 0);
        assert_int_equal(AWAY(&shade) + AWAY(&shine), 0);
        cw_coverage_deinit(&shade);
        cw_coverage_deinit(&shine);
    }
}

/* The opposite of a groove, edge by edge; the surface beside it lies in its shadow and the top is
 * lighter than the surface, where a groove's floor is darker. */
static void embossed_shapes_are_bright_towards_the_light(void **state) {
    (void)state;
    for (int32_t um = 60; um <= 480; um *= 2) {
        struct cw_coverage shade = make(CW_PROCESS_EMBOSS, um, CW_RELIEF_SHADE);
        struct cw_coverage shine = make(CW_PROCESS_EMBOSS, um, CW_RELIEF_SHINE);
        assert_true(TOP(&shine) > 40 && LEFT(&shine) > 25);
        assert_true(LOW(&shine) < 15 && RIGHT(&shine) < 15);
        assert_true(LOW(&shade) > 60 && RIGHT(&shade) > 40);
        assert_int_equal(TOP(&shade) + LEFT(&shade), 0);
        assert_int_equal(MIDDLE(&shade), 0);
        assert_in_range(MIDDLE(&shine), 10, 16); /* the crown */
        assert_true(edge(&shade, 28, 45, 8, 1) > 20 && edge(&shade, 45, 28, 1, 8) > 15);
        assert_int_equal(edge(&shade, 0, 0, SIDE, 8) + AWAY(&shine), 0);
        cw_coverage_deinit(&shade);
        cw_coverage_deinit(&shine);
    }
}

/* What is upside down in the view is lit from its lower right. */
static void the_light_is_turned_with_the_surface(void **state) {
    (void)state;
    struct cw_coverage shade = make(CW_PROCESS_EMBOSS, 60, CW_RELIEF_SHADE);
    struct cw_coverage turned = make_in(CW_PROCESS_EMBOSS, 60, CW_RELIEF_SHADE, 600, 800);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            assert_int_equal(shade.data[y * SIDE + x],
                             turned.data[(SIDE - 1 - y) * SIDE + (SIDE - 1 - x)]);
    cw_coverage_deinit(&shade);
    cw_coverage_deinit(&turned);
}

static void stitches_stand_up_and_have_threads(void **state) {
    (void)state;
    struct cw_coverage shade = make(CW_PROCESS_EMBROIDER, 50, CW_RELIEF_SHADE);
    struct cw_coverage shine = make(CW_PROCESS_EMBROIDER, 50, CW_RELIEF_SHINE);
    assert_true(LOW(&shade) > TOP(&shade) && RIGHT(&shade) > LEFT(&shade));
    assert_true(TOP(&shine) > LOW(&shine));
    int darkest = 0, lightest = 255; /* along one row: threads 0.42 mm apart, 8.4 px */
    for (int x = 26; x < 38; x++) {
        int v = shade.data[32 * SIDE + x];
        darkest = v > darkest ? v : darkest;
        lightest = v < lightest ? v : lightest;
    }
    assert_true(darkest - lightest > 80);
    assert_int_equal(AWAY(&shade) + AWAY(&shine), 0);
    cw_coverage_deinit(&shade);
    cw_coverage_deinit(&shine);
}

/* Texels above a sixth of the thread: even, and about the mean of the threads. */
static void threads_finer_than_pixels_are_even(void **state) {
    (void)state;
    for (int32_t um = 70; um <= 71; um++) {
        struct cw_coverage shade = make(CW_PROCESS_EMBROIDER, um, CW_RELIEF_SHADE);
        bool even = true;
        for (int x = 26; x < 38; x++)
            even = even && shade.data[32 * SIDE + x] == shade.data[32 * SIDE + 26];
        assert_int_equal(even, um == 71);
        if (even)
            assert_in_range(MIDDLE(&shade), 38, 48);
        cw_coverage_deinit(&shade);
    }
}

static void nothing_drawn_is_nothing_shaded(void **state) {
    (void)state;
    struct cw_coverage flat = {SIDE, SIDE, SIDE, calloc(SIDE, SIDE)}, ret = {0};
    const struct cw_relief_args args = {
        &flat, CW_PROCESS_ENGRAVE, 20, CW_RELIEF_SHADE, {-600, -800}};
    assert_int_equal(cw_relief_make(&args, &ret, NULL), CW_OK);
    assert_memory_equal(ret.data, flat.data, SIDE * SIDE);
    cw_coverage_deinit(&flat);
    cw_coverage_deinit(&ret);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(print_lies_flat),
        cmocka_unit_test(grooves_are_dark_towards_the_light),
        cmocka_unit_test(embossed_shapes_are_bright_towards_the_light),
        cmocka_unit_test(the_light_is_turned_with_the_surface),
        cmocka_unit_test(stitches_stand_up_and_have_threads),
        cmocka_unit_test(threads_finer_than_pixels_are_even),
        cmocka_unit_test(nothing_drawn_is_nothing_shaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
