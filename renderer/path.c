/*
 * Parser of pattern path data: absolute M L C Z with integers in micrometres.
 *
 * Does not fill, clip or repeat (decal.c), and understands no other part of SVG paths.
 * Runs in the renderer worker.
 */
#include "path.h"

#include <stdbool.h>
#include <stdint.h>

#define COORDINATE_MAX 2000000 /* 2 m in µm; Cairo's fixed point ends at 8,388,607 */

struct reader {
    const char *data, *at;
    bool has_point;
};

static enum cw_status syntax(const struct reader *reader, struct cw_error *err) {
    return cw_fail(err, CW_E_INPUT, "render.path_syntax", "pattern path is wrong at byte %zu",
                   (size_t)(reader->at - reader->data));
}

static void skip_spaces(struct reader *reader) {
    while (*reader->at == ' ')
        reader->at++;
}

/* An integer that begins here; false leaves `at` at the offending byte. */
static bool read_number(struct reader *reader, double *ret) {
    skip_spaces(reader);
    bool negative = *reader->at == '-';
    if (negative)
        reader->at++;
    int32_t value = 0;
    const char *first = reader->at;
    while (*reader->at >= '0' && *reader->at <= '9') {
        value = value * 10 + (*reader->at - '0');
        if (value > COORDINATE_MAX)
            return false;
        reader->at++;
    }
    *ret = negative ? -value : value;
    return reader->at != first;
}

static bool number_follows(struct reader *reader) {
    skip_spaces(reader);
    return *reader->at == '-' || (*reader->at >= '0' && *reader->at <= '9');
}

/* The numbers of one M, L or C segment. */
static bool read_segment(struct reader *reader, char command, double xy[6]) {
    size_t count = command == 'C' ? 6 : 2;
    for (size_t i = 0; i < count; i++)
        if (!read_number(reader, &xy[i]))
            return false;
    return true;
}

static void append(cairo_t *cr, char command, const double xy[6]) {
    if (command == 'M')
        cairo_move_to(cr, xy[0], xy[1]);
    else if (command == 'L')
        cairo_line_to(cr, xy[0], xy[1]);
    else
        cairo_curve_to(cr, xy[0], xy[1], xy[2], xy[3], xy[4], xy[5]);
}

/* One command letter and everything up to the next. */
static bool read_command(struct reader *reader, cairo_t *cr) {
    char command = *reader->at;
    if (command != 'M' &&
        (!reader->has_point || (command != 'L' && command != 'C' && command != 'Z')))
        return false;
    reader->at++;
    if (command == 'Z') {
        cairo_close_path(cr);
        return true;
    }
    do {
        double xy[6];
        if (!read_segment(reader, command, xy))
            return false;
        append(cr, command, xy);
        reader->has_point = true;
        if (command == 'M')
            command = 'L'; /* SVG 2 §9.3.3: further pairs after a moveto are linetos */
    } while (number_follows(reader));
    return true;
}

enum cw_status cw_path_append(cairo_t *cr, const char *data, struct cw_error *err) {
    struct reader reader = {.data = data, .at = data};
    do {
        skip_spaces(&reader);
        if (!read_command(&reader, cr)) {
            cairo_new_path(cr);
            return syntax(&reader, err);
        }
        skip_spaces(&reader);
    } while (*reader.at != '\0');
    return cairo_status(cr) == CAIRO_STATUS_SUCCESS
               ? CW_OK
               : cw_fail(err, CW_E_NOMEM, "render.memory", "out of memory");
}
