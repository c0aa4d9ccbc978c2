/*
 * Responsible for: JSON output without building a tree first.
 * Does not: canonical order (json_canonical.c). Any process.
 */
#include "base/json_write.h"

static void lead_in(struct cw_json_writer *w, const char *name) {
    if (w->comma) {
        cw_buf_putc(w->buf, ',');
    }
    w->comma = true;
    if (name) {
        cw_buf_json(w->buf, name);
        cw_buf_putc(w->buf, ':');
    }
}

void cw_jw_begin(struct cw_json_writer *w, const char *name, char bracket) {
    lead_in(w, name);
    cw_buf_putc(w->buf, bracket);
    w->comma = false;
}

void cw_jw_end(struct cw_json_writer *w, char bracket) {
    cw_buf_putc(w->buf, bracket);
    w->comma = true;
}

void cw_jw_str(struct cw_json_writer *w, const char *name, const char *value) {
    lead_in(w, name);
    if (value) {
        cw_buf_json(w->buf, value);
    } else {
        cw_buf_puts(w->buf, "null");
    }
}

void cw_jw_int(struct cw_json_writer *w, const char *name, int64_t value) {
    lead_in(w, name);
    if (value < 0) {
        cw_buf_putc(w->buf, '-');
    }
    cw_buf_uint(w->buf, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void cw_jw_bool(struct cw_json_writer *w, const char *name, bool value) {
    lead_in(w, name);
    cw_buf_puts(w->buf, value ? "true" : "false");
}

void cw_jw_raw(struct cw_json_writer *w, const char *name, const char *json) {
    lead_in(w, name);
    cw_buf_puts(w->buf, json);
}
