/*
 * Responsible for: path data in a document, so that nothing published fails when it is drawn or
 * cut. Does not: draw (renderer/path.c reads the same grammar again, as it trusts nobody). Runs in:
 * server and command line.
 */
#include "catalog/load_internal.h"

#include <string.h>

#define COORDINATE_MAX 2000000 /* as in the renderer: no surface is larger than two metres */

struct reader {
    const char *data, *at;
    const char *problem; /* NULL: none yet */
    int32_t low[2], high[2];
    bool has_point;
};

static bool fails(struct reader *reader, const char *problem) {
    reader->problem = problem;
    return false;
}

static void skip_spaces(struct reader *reader) {
    reader->at += strspn(reader->at, " ");
}

static bool read_number(struct reader *reader, int32_t *ret) {
    skip_spaces(reader);
    bool negative = *reader->at == '-';
    const char *first = reader->at + negative;
    size_t digits = strspn(first, "0123456789");
    int32_t value = 0;
    if (digits == 0)
        return fails(reader, "a whole number is wanted");
    for (size_t i = 0; i < digits; i++) {
        value = value * 10 + (first[i] - '0');
        if (value > COORDINATE_MAX)
            return fails(reader, "the number is larger than two metres");
    }
    reader->at = first + digits;
    *ret = negative ? -value : value;
    return true;
}

/* Control points count too: a curve lies inside of them. */
static bool read_point(struct reader *reader) {
    for (size_t axis = 0; axis < 2; axis++) {
        int32_t value;
        if (!read_number(reader, &value))
            return false;
        if (!reader->has_point || value < reader->low[axis])
            reader->low[axis] = value;
        if (!reader->has_point || value > reader->high[axis])
            reader->high[axis] = value;
    }
    reader->has_point = true;
    return true;
}

static bool number_follows(struct reader *reader) {
    skip_spaces(reader);
    return *reader->at && strchr("-0123456789", *reader->at);
}

static bool read_command(struct reader *reader) {
    char command = *reader->at;
    if (!command || !strchr("MLCZ", command))
        return fails(reader, "M, L, C or Z is wanted");
    if (command != 'M' && !reader->has_point)
        return fails(reader, "a path begins with M");
    reader->at++;
    if (command == 'Z')
        return true;
    do {
        for (size_t i = 0; i < (command == 'C' ? 3 : 1); i++)
            if (!read_point(reader))
                return false;
    } while (number_follows(reader));
    return true;
}

void cw_load_check_path(struct loader *loader, const char *data, const int32_t box_um[4],
                        const char *pointer) {
    struct reader reader = {.data = data, .at = data};
    do {
        skip_spaces(&reader);
        if (!read_command(&reader)) {
            cw_load_fault(loader, "path.syntax", pointer,
                          "absolute M x y, L x y, C x y x y x y and Z; whole micrometres",
                          "byte %zu, at \"%.16s\": %s", (size_t)(reader.at - data), reader.at,
                          reader.problem);
            return;
        }
        skip_spaces(&reader);
    } while (*reader.at);
    for (size_t axis = 0; box_um && axis < 2; axis++) {
        int32_t low = box_um[axis], high = low + box_um[axis + 2];
        if (reader.low[axis] >= low && reader.high[axis] <= high)
            continue;
        cw_load_fault(loader, "path.outside", pointer, "x and y are from the surface's middle",
                      "reaches from %d to %d µm %s, the surface from %d to %d", reader.low[axis],
                      reader.high[axis], axis ? "upwards" : "across", low, high);
        return;
    }
}
