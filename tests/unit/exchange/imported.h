/* What the tests of importers share. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cordwain/limits.h"
#include "exchange/exchange.h"

typedef enum cw_status (*import_function)(const struct cw_exchange_source *source,
                                          struct cw_buf *ret_document, struct cw_faults *faults,
                                          struct cw_error *err);

/* A model that must be refused, and how. */
struct refused {
    const char *text, *code, *place; /* place: how the first message begins */
};

static inline void assert_refused(import_function import, const struct refused *expected,
                                  struct cw_arena *arena) {
    struct cw_faults faults = {.arena = arena};
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_error err = {0};
    struct cw_exchange_source source = {"some/model.x", expected->text, strlen(expected->text)};
    assert_int_equal(import(&source, &buf, &faults, &err), CW_E_INPUT);
    assert_string_equal(err.code, "exchange.invalid");
    if (strcmp(faults.items[0].code, expected->code) != 0 ||
        strncmp(faults.items[0].message, expected->place, strlen(expected->place)) != 0)
        fail_msg("'%s': %s %s", expected->text, faults.items[0].code, faults.items[0].message);
    assert_int_equal(buf.length, 0);
}

/* Import what must be right. The lines joined must be the canonical form of the document. */
static inline json_t *assert_imported(import_function import, const char *text,
                                      struct cw_arena *arena) {
    struct cw_faults faults = {.arena = arena};
    CW_AUTO_BUF struct cw_buf buf = {0};
    CW_AUTO_BUF struct cw_buf joined = {0};
    CW_AUTO_BUF struct cw_buf canonical = {0};
    struct cw_error err = {0};
    struct cw_exchange_source source = {"some/model.x", text, strlen(text)};
    if (import(&source, &buf, &faults, &err) != CW_OK)
        fail_msg("'%s': %s %s", text, err.message, faults.count ? faults.items[0].message : "");
    json_t *json = NULL;
    assert_int_equal(cw_json_read(arena, buf.data, buf.length, CW_PRODUCT_BYTES, &json, &err),
                     CW_OK);
    for (const char *c = buf.data; *c; c++) {
        if (*c != '\n')
            cw_buf_putc(&joined, *c);
    }
    cw_json_canonical(json, &canonical);
    assert_string_equal(joined.data, canonical.data);
    return json;
}

/* The canonical text of one value of the document. */
static inline void assert_value(struct cw_arena *arena, const json_t *document, const char *pointer,
                                const char *expected) {
    const json_t *value = cw_json_at(document, pointer);
    assert_non_null(value);
    assert_string_equal(cw_json_canonical_dup(arena, value), expected);
}
