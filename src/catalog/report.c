/*
 * Responsible for: printing faults the way compilers do, and as JSON.
 * Does not: find faults; colour its output.
 * Runs in: command line; server (JSON form).
 */
#include "catalog/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"

#define SHOWN_BEFORE 60 /* of the source line, left of the fault [bytes] */
#define SHOWN_AFTER  60

struct spot {
    size_t line, column; /* from 1 */
};

/* Faults of texts that are no JSON have no pointer; their place is in their words: "line 3, column
 * 7: …". */
static struct spot locate(const struct cw_report_source *source, const struct cw_fault *fault) {
    struct spot spot = {1, 1};
    if (!*fault->pointer && strncmp(fault->message, "line ", 5) == 0) {
        char *end;
        spot.line = strtoul(fault->message + 5, &end, 10);
        if (strncmp(end, ", column ", 9) == 0)
            spot.column = strtoul(end + 9, NULL, 10);
    } else if (strncmp(fault->code, "json.", 5) != 0) {
        cw_json_locate(source->text, source->length, fault->pointer, &spot.line, &spot.column);
    }
    spot.line += spot.line == 0;
    spot.column += spot.column == 0;
    return spot;
}

static const char *line_start(const struct cw_report_source *source, size_t line) {
    const char *at = source->text, *end = source->text + source->length;
    for (; line > 1 && at < end; line--) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        at = feed ? feed + 1 : end;
    }
    return at;
}

/* Never begin or end inside a UTF-8 sequence. */
static bool continues(char c) {
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* The line around the spot, cut on both sides when it is long, and a caret below. */
static void put_source(const struct cw_report_source *source, struct spot spot,
                       struct cw_buf *buf) {
    const char *line = line_start(source, spot.line);
    size_t left = (size_t)(source->text + source->length - line);
    const char *feed = memchr(line, '\n', left);
    size_t length = feed ? (size_t)(feed - line) : left;
    size_t caret = spot.column - 1 < length ? spot.column - 1 : length;
    size_t from = caret > SHOWN_BEFORE ? caret - SHOWN_BEFORE : 0;
    size_t to = length - caret > SHOWN_AFTER ? caret + SHOWN_AFTER : length;
    while (from > 0 && continues(line[from]))
        from--;
    while (to < length && continues(line[to]))
        to++;
    cw_buf_printf(buf, "%6zu | %s", spot.line, from ? "…" : "");
    for (size_t i = from; i < to; i++)
        cw_buf_putc(buf, (unsigned char)line[i] < 0x20 ? ' ' : line[i]);
    cw_buf_printf(buf, "%s\n       | %s", to < length ? "…" : "", from ? " " : "");
    for (size_t i = from; i < caret; i++) {
        if (!continues(line[i]))
            cw_buf_putc(buf, ' ');
    }
    cw_buf_puts(buf, "^\n");
}

void cw_report_text(const struct cw_report_source *source, const struct cw_faults *faults,
                    struct cw_buf *buf) {
    for (size_t i = 0; i < faults->count; i++) {
        const struct cw_fault *fault = &faults->items[i];
        struct spot spot = locate(source, fault);
        cw_buf_printf(buf, "%s:%zu:%zu: error: %s [%s]%s%s\n", source->file, spot.line, spot.column,
                      fault->message, fault->code, *fault->pointer ? " at " : "", fault->pointer);
        put_source(source, spot, buf);
        if (*fault->hint)
            cw_buf_printf(buf, "       = hint: %s\n", fault->hint);
    }
    size_t total = faults->count + faults->dropped;
    if (total)
        cw_buf_printf(buf, "%zu error%s", total, total == 1 ? "" : "s");
    if (faults->dropped)
        cw_buf_printf(buf, ", the first %zu shown", faults->count);
    if (total)
        cw_buf_putc(buf, '\n');
}

static void put_json(const struct cw_report_source *source, const struct cw_faults *faults,
                     bool with_schema, struct cw_buf *buf) {
    struct cw_json_writer writer = {.buf = buf};
    cw_jw_begin(&writer, NULL, '{');
    cw_jw_str(&writer, "file", source->file);
    if (with_schema)
        cw_jw_bool(&writer, "valid", faults->count == 0);
    cw_jw_begin(&writer, "faults", '[');
    for (size_t i = 0; i < faults->count; i++) {
        const struct cw_fault *fault = &faults->items[i];
        struct spot spot = locate(source, fault);
        cw_jw_begin(&writer, NULL, '{');
        cw_jw_int(&writer, "line", (int64_t)spot.line);
        cw_jw_int(&writer, "column", (int64_t)spot.column);
        cw_jw_str(&writer, "code", fault->code);
        cw_jw_str(&writer, "pointer", fault->pointer);
        cw_jw_str(&writer, "message", fault->message);
        cw_jw_str(&writer, "hint", fault->hint);
        if (with_schema) {
            cw_jw_str(&writer, "keyword", fault->keyword);
            cw_jw_str(&writer, "schemaPointer", fault->schema_pointer);
        }
        cw_jw_end(&writer, '}');
    }
    cw_jw_end(&writer, ']');
    cw_jw_int(&writer, "dropped", (int64_t)faults->dropped);
    cw_jw_end(&writer, '}');
    cw_buf_putc(buf, '\n');
}

void cw_report_json(const struct cw_report_source *source, const struct cw_faults *faults,
                    struct cw_buf *buf) {
    put_json(source, faults, false, buf);
}

void cw_report_schema_json(const struct cw_report_source *source, const struct cw_faults *faults,
                           struct cw_buf *buf) {
    put_json(source, faults, true, buf);
}
