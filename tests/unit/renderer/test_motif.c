/*
 * Motifs of a pattern's tile: what belongs together, what continues in the next tile, and which are
 * left out beside a text, turned or not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "motif.h"
#include "path.h"

static cairo_t *cr;

static int setup(void **state) {
    (void)state;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cr = cairo_create(surface);
    cairo_surface_destroy(surface);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    cairo_destroy(cr);
    return 0;
}

/* A square with a hole, a square beside it, and a stripe over the tile's right border. */
static const char tile_path[] = "M -400 -400 L -200 -400 L -200 -200 L -400 -200 Z "
                                "M -350 -350 L -350 -250 L -250 -250 L -250 -350 Z "
                                "M 0 0 L 100 0 L 100 100 Z "
                                "M 300 -100 L 500 -100 L 500 -50 L 300 -50 Z";
static const int32_t tile_um[2] = {1000, 1000};

static cairo_path_t *read_path(const char *data) {
    cairo_new_path(cr);
    assert_int_equal(cw_path_append(cr, data, NULL), CW_OK);
    return cairo_copy_path(cr);
}

static void test_groups(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    cairo_path_t *path = read_path(tile_path);
    struct cw_motifs m;
    cw_motifs_find(arena, path, tile_um, &m);
    size_t square = m.motif_of[0];
    assert_int_equal(m.motif_of[1], square); /* the hole belongs to it */
    assert_true(m.items[square].whole);
    assert_int_equal((int)m.items[square].low[0], -400);
    assert_int_equal((int)m.items[square].high[1], -200);
    size_t last = m.motif_of[m.subpath_count - 1];
    for (size_t i = 0; i < m.subpath_count; i++)
        if (m.items[m.motif_of[i]].high[0] >= 500)
            last = m.motif_of[i];
    assert_false(m.items[last].whole); /* meets the border */
    cairo_path_destroy(path);
}

static struct cw_clear clear_at(double x, double y, double half, double turn) {
    struct cw_clear clear = {.half = {half, half}};
    cairo_matrix_init_rotate(&clear.from_surface, -turn);
    cairo_matrix_translate(&clear.from_surface, -x, -y);
    return clear;
}

static bool drawn(double x, double y) {
    return cairo_in_fill(cr, x, y);
}

/* Appends the tile with its middle at (0, 0) of the surface. */
static void append(const struct cw_clears *clears, double turn) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    cairo_path_t *path = read_path(tile_path);
    struct cw_motifs m;
    cairo_matrix_t to_surface;
    cairo_matrix_init_rotate(&to_surface, turn);
    cw_motifs_find(arena, path, tile_um, &m);
    cairo_new_path(cr);
    cw_motifs_append(cr, &m, &to_surface, clears);
    cairo_path_destroy(path);
}

static void test_left_out(void **state) {
    (void)state;
    struct cw_clears clears = {0};
    append(&clears, 0);
    assert_true(drawn(-380, -380) && drawn(80, 40) && drawn(400, -75));
    assert_false(drawn(-300, -300));                            /* the hole */
    clears.items[clears.count++] = clear_at(-200, -300, 10, 0); /* over its edge */
    append(&clears, 0);
    assert_false(drawn(-380, -380) || drawn(-300, -300));
    assert_true(drawn(80, 40) && drawn(400, -75));
    clears.items[clears.count++] = clear_at(400, -75, 1000, 0); /* all over the tile */
    append(&clears, 0);
    assert_false(drawn(80, 40));
    assert_true(drawn(400, -75)); /* is only ever clipped */
}

static void test_beside(void **state) {
    (void)state;
    struct cw_clears clears = {.count = 1};
    clears.items[0] = clear_at(200, 50, 100, 0); /* touches the triangle's edge */
    append(&clears, 0);
    assert_true(drawn(80, 40));
    clears.items[0] = clear_at(200, 50, 101, 0);
    append(&clears, 0);
    assert_false(drawn(80, 40));
    /* the pattern a quarter turned: the triangle is at x -100..0, y 0..100 of the surface */
    clears.items[0] = clear_at(150, 50, 101, 0);
    append(&clears, M_PI / 2);
    assert_true(drawn(80, 40));
    clears.items[0] = clear_at(-150, 50, 101, 0);
    append(&clears, M_PI / 2);
    assert_false(drawn(80, 40));
    /* a text turned by 45 degrees reaches further */
    clears.items[0] = clear_at(220, 50, 101, M_PI / 4);
    append(&clears, 0);
    assert_false(drawn(80, 40));
}

/* A motif as large as the clear space in both directions is a frame of it, and is only clipped. */
static void test_around(void **state) {
    (void)state;
    struct cw_clears clears = {.count = 1};
    clears.items[0] = clear_at(-300, -300, 100, 0); /* the square with a hole, exactly */
    append(&clears, 0);
    assert_true(drawn(-380, -380));
    clears.items[0] = clear_at(-300, -300, 101, 0);
    append(&clears, 0);
    assert_false(drawn(-380, -380));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_left_out),
        cmocka_unit_test(test_beside),
        cmocka_unit_test(test_around),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
