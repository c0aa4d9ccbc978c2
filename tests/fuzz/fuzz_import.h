/* What the fuzz targets of importers share: import, import again, load. */
#pragma once

#include "fuzz.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "catalog/load.h"
#include "catalog/report.h"
#include "exchange/exchange.h"
#include "jsonschema/builtin.h"

typedef enum cw_status (*import_function)(const struct cw_exchange_source *source,
                                          struct cw_buf *ret_document, struct cw_faults *faults,
                                          struct cw_error *err);

static inline void fuzz_refused(const struct cw_exchange_source *source,
                                const struct cw_faults *faults) {
    CW_AUTO_BUF struct cw_buf report = {0};
    struct cw_report_source where = {"input", source->text, source->length};
    for (size_t i = 0; i < faults->count; i++)
        assert(strncmp(faults->items[i].message, "line ", 5) == 0);
    cw_report_text(&where, faults, &report);
    assert(faults->count == 0 || report.length > 0);
}

static inline void fuzz_import(import_function import, const uint8_t *data, size_t size) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    CW_AUTO_BUF struct cw_buf document = {0};
    CW_AUTO_BUF struct cw_buf again = {0};
    struct cw_faults faults = {.arena = arena};
    struct cw_exchange_source source = {"input.x", (const char *)data, size};
    enum cw_status status = import(&source, &document, &faults, NULL);
    if (status != CW_OK) {
        assert(status == CW_E_LIMIT || (status == CW_E_INPUT && faults.count > 0));
        assert(document.length == 0);
        fuzz_refused(&source, &faults);
        return;
    }
    status = import(&source, &again, &faults, NULL);
    assert(status == CW_OK && again.length == document.length);
    assert(memcmp(again.data, document.data, document.length) == 0);
    struct cw_product_source product = {document.data, document.length, NULL,
                                        cw_schema_check_product};
    status = cw_product_load(&product, &faults, &snapshot, NULL);
    for (size_t i = 0; i < faults.count; i++)
        fprintf(stderr, "%s at %s: %s\n", faults.items[i].code, faults.items[i].pointer,
                faults.items[i].message);
    assert(status == CW_OK);
}
