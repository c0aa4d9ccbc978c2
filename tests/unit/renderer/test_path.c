/* The pattern path parser: what it draws, and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "path.h"

static cairo_t *canvas(void) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cr = cairo_create(surface);
    cairo_surface_destroy(surface);
    return cr;
}

/* The path as text: command letter and rounded coordinates. */
static void describe(cairo_t *cr, char *ret_text, size_t size) {
    static const char letters[] = "MLCZ";
    cairo_path_t *path = cairo_copy_path(cr);
    size_t at = 0;
    ret_text[0] = '\0';
    for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
        const cairo_path_data_t *data = &path->data[i];
        at += (size_t)snprintf(ret_text + at, size - at, "%s%c", at ? " " : "",
                               letters[data->header.type]);
        for (int j = 1; j < data->header.length; j++)
            at += (size_t)snprintf(ret_text + at, size - at, " %.0f %.0f", data[j].point.x,
                                   data[j].point.y);
    }
    cairo_path_destroy(path);
}

static void assert_path(const char *data, const char *expected) {
    cairo_t *cr = canvas();
    char text[512];
    struct cw_error err = {0};
    if (cw_path_append(cr, data, &err) != CW_OK)
        fail_msg("'%s': %s", data, err.message);
    describe(cr, text, sizeof text);
    assert_string_equal(text, expected);
    cairo_destroy(cr);
}

static void commands_are_drawn(void **state) {
    (void)state;
    assert_path("M 1 2 L 3 4 C 5 6 7 8 9 -10 Z", "M 1 2 L 3 4 C 5 6 7 8 9 -10 Z M 1 2");
    assert_path("M1 2L3 4", "M 1 2 L 3 4");
    assert_path(" M1-2L-3-4 ", "M 1 -2 L -3 -4");
    assert_path("M 0 0 1 1 2 0", "M 0 0 L 1 1 L 2 0");
    assert_path("M 0 0 L 1 1 2 0", "M 0 0 L 1 1 L 2 0");
    assert_path("M 0 0 C 1 1 2 2 3 3 4 4 5 5 6 6", "M 0 0 C 1 1 2 2 3 3 C 4 4 5 5 6 6");
    assert_path("M 2000000 -2000000 L 0 0", "M 2000000 -2000000 L 0 0");
}

static void appending_grows_the_path(void **state) {
    (void)state;
    cairo_t *cr = canvas();
    char text[128];
    assert_int_equal(cw_path_append(cr, "M 0 0 L 1 0", NULL), CW_OK);
    assert_int_equal(cw_path_append(cr, "M 5 5 L 6 5", NULL), CW_OK);
    describe(cr, text, sizeof text);
    assert_string_equal(text, "M 0 0 L 1 0 M 5 5 L 6 5");
    cairo_destroy(cr);
}

static void anything_else_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *data;
        size_t byte;
    } cases[] = {
        {"", 0},
        {"   ", 3},
        {"L 1 1", 0},
        {"Z", 0},
        {"C 0 0 1 1 2 2", 0},
        {"M", 1},
        {"M 1", 3},
        {"M 1 2 L 3", 9},
        {"M 1 2 C 1 2 3 4 5", 17},
        {"m 1 2", 0},
        {"M 1 2 l 3 4", 6},
        {"M 1,2", 3},
        {"M 1.5 2", 3},
        {"M 1e3 2", 3},
        {"M +1 2", 2},
        {"M - 1 2", 3},
        {"M --1 2", 3},
        {"M 1 2 H 3", 6},
        {"M 1 2 A 1 1 0 0 0 2 2", 6},
        {"M 1 2\nL 3 4", 5},
        {"M 2000001 0", 8},
        {"M 99999999999999999999 0", 8},
        {"M 1 2 Z 3 4", 8},
        {"M 1 2 X", 6},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cairo_t *cr = canvas();
        struct cw_error err = {0};
        char expected[64];
        if (cw_path_append(cr, cases[i].data, &err) != CW_E_INPUT)
            fail_msg("'%s' was accepted", cases[i].data);
        assert_string_equal(err.code, "render.path_syntax");
        snprintf(expected, sizeof expected, "pattern path is wrong at byte %zu", cases[i].byte);
        if (strcmp(err.message, expected) != 0)
            fail_msg("'%s': %s, not byte %zu", cases[i].data, err.message, cases[i].byte);
        assert_false(cairo_has_current_point(cr));
        cairo_destroy(cr);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_drawn),
        cmocka_unit_test(appending_grows_the_path),
        cmocka_unit_test(anything_else_is_refused),
    };
    return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
