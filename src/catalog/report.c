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

#define SHOWN_BEFORE 60 /* of the source line, left of the fault [bytes] */
#define SHOWN_AFTER  60

struct spot {
    size_t line, column; /* from 1 */
};

/* Faults of texts that are no JSON have no pointer; their place is in their words: "line 3, column
 * 7: …". */
static struct spot locate(const struct cw_report_source *source,
                          const struct cw_report_item *item) {
    struct spot spot = {1, 1};
    if (!*item->pointer && strncmp(item->message, "line ", 5) == 0) {
        char *end;
        spot.line = strtoul(item->message + 5, &end, 10);
        if (strncmp(end, ", column ", 9) == 0)
            spot.column = strtoul(end + 9, NULL, 10);
    } else if (strncmp(item->code, "json.", 5) != 0) {
        cw_json_locate(source->text, source->length, item->pointer, &spot.line, &spot.column);
    }
    spot.line += spot.line == 0;
    spot.column += spot.column == 0;
    return spot;
}

/* What was read as its place needs no second telling. */
static const char *words_of(const struct cw_report_item *item) {
    const char *end = strstr(item->message, ": ");
    bool placed = !*item->pointer && strncmp(item->message, "line ", 5) == 0 && end;
    return placed ? end + 2 : item->message;
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

static const char *const severities[] = {"error", "warning", "note"};

static void put_item(const struct cw_report_source *source, const struct cw_report_item *item,
                     struct cw_buf *buf) {
    struct spot spot = locate(source, item);
    cw_buf_printf(buf, "%s:%zu:%zu: %s: %s [%s]%s%s\n", source->file, spot.line, spot.column,
                  severities[item->severity], words_of(item), item->code,
                  *item->pointer ? " at " : "", item->pointer);
    put_source(source, spot, buf);
    if (*item->hint)
        cw_buf_printf(buf, "       = hint: %s\n", item->hint);
}

static struct cw_report_item item_of(const struct cw_fault *fault) {
    return (struct cw_report_item){CW_REPORT_ERROR, fault->code, fault->pointer, fault->message,
                                   fault->hint};
}

void cw_report_text(const struct cw_report_source *source, const struct cw_faults *faults,
                    struct cw_buf *buf) {
    for (size_t i = 0; i < faults->count; i++) {
        struct cw_report_item item = item_of(&faults->items[i]);
        put_item(source, &item, buf);
    }
    size_t total = faults->count + faults->dropped;
    if (total)
        cw_buf_printf(buf, "%zu error%s", total, total == 1 ? "" : "s");
    if (faults->dropped)
        cw_buf_printf(buf, ", the first %zu shown", faults->count);
    if (total)
        cw_buf_putc(buf, '\n');
}

void cw_report_items_text(const struct cw_report_source *source, const struct cw_report_item *items,
                          size_t count, struct cw_buf *buf) {
    size_t counts[3] = {0};
    for (size_t i = 0; i < count; i++) {
        put_item(source, &items[i], buf);
        counts[items[i].severity]++;
    }
    const char *comma = "";
    for (size_t i = 0; i < 3; i++) {
        if (counts[i]) {
            cw_buf_printf(buf, "%s%zu %s%s", comma, counts[i], severities[i],
                          counts[i] == 1 ? "" : "s");
            comma = ", ";
        }
    }
    if (count)
        cw_buf_putc(buf, '\n');
}

/* The members every finding has, inside its object. */
static void put_members(const struct cw_report_source *source, const struct cw_report_item *item,
                        struct cw_json_writer *writer) {
    struct spot spot = locate(source, item);
    cw_jw_int(writer, "line", (int64_t)spot.line);
    cw_jw_int(writer, "column", (int64_t)spot.column);
    cw_jw_str(writer, "code", item->code);
    cw_jw_str(writer, "pointer", item->pointer);
    cw_jw_str(writer, "message", words_of(item));
    cw_jw_str(writer, "hint", item->hint);
}

void cw_report_items_json(const struct cw_report_source *source, const struct cw_report_list *list,
                          struct cw_json_writer *writer) {
    cw_jw_begin(writer, list->name, '[');
    for (size_t i = 0; i < list->count; i++) {
        cw_jw_begin(writer, NULL, '{');
        cw_jw_str(writer, "severity", severities[list->items[i].severity]);
        put_members(source, &list->items[i], writer);
        cw_jw_end(writer, '}');
    }
    cw_jw_end(writer, ']');
}

static void put_faults(const struct cw_report_source *source, const struct cw_faults *faults,
                       bool with_schema, struct cw_json_writer *writer) {
    cw_jw_str(writer, "file", source->file);
    if (with_schema)
        cw_jw_bool(writer, "valid", faults->count == 0);
    cw_jw_begin(writer, "faults", '[');
    for (size_t i = 0; i < faults->count; i++) {
        const struct cw_fault *fault = &faults->items[i];
        struct cw_report_item item = item_of(fault);
        cw_jw_begin(writer, NULL, '{');
        put_members(source, &item, writer);
        if (with_schema) {
            cw_jw_str(writer, "keyword", fault->keyword);
            cw_jw_str(writer, "schemaPointer", fault->schema_pointer);
        }
        cw_jw_end(writer, '}');
    }
    cw_jw_end(writer, ']');
    cw_jw_int(writer, "dropped", (int64_t)faults->dropped);
}

void cw_report_members(const struct cw_report_source *source, const struct cw_faults *faults,
                       struct cw_json_writer *writer) {
    put_faults(source, faults, false, writer);
}

static void put_json(const struct cw_report_source *source, const struct cw_faults *faults,
                     bool with_schema, struct cw_buf *buf) {
    struct cw_json_writer writer = {.buf = buf};
    cw_jw_begin(&writer, NULL, '{');
    put_faults(source, faults, with_schema, &writer);
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
