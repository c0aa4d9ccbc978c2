/*
 * Fuzz target: product documents, from bytes to a checked product.
 * Properties: a refusal has faults and its report can be printed; an accepted document's canonical
 * form is accepted with the same digest, and every reference of it is in range.
 */
#include "fuzz.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "catalog/load.h"
#include "catalog/report.h"
#include "jsonschema/builtin.h"

static void check_references(const struct cw_product *product) {
    for (size_t i = 0; i < product->part_count; i++) {
        const struct cw_part *part = &product->parts[i];
        assert((part->material == CW_NONE) != (part->material_option == CW_NONE));
        assert(part->material == CW_NONE || part->material < product->material_count);
        assert(part->colour == CW_NONE || part->colour < product->colour_count);
    }
    for (size_t o = 0; o < product->option_count; o++) {
        const struct cw_option *option = &product->options[o];
        assert(option->kind != CW_OPTION_CHOICE || option->default_choice < option->choice_count);
        for (size_t c = 0; c < option->choice_count; c++) {
            uint32_t colour = option->choices[c].colour;
            assert(colour == CW_NONE || colour < product->colour_count);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    CW_AUTO_SNAPSHOT struct cw_snapshot *again = NULL;
    struct cw_faults faults = {.arena = arena};
    struct cw_product_source source = {(const char *)data, size, NULL, cw_schema_check_product};
    if (cw_product_load(&source, &faults, &snapshot, NULL) != CW_OK) {
        CW_AUTO_BUF struct cw_buf report = {0};
        struct cw_report_source where = {"input", source.text, size};
        assert(faults.count > 0);
        cw_report_text(&where, &faults, &report);
        assert(report.length > 0);
        return 0;
    }
    const struct cw_product *product = cw_snapshot_product(snapshot);
    check_references(product);
    source.text = product->document;
    source.length = product->document_length;
    enum cw_status status = cw_product_load(&source, &faults, &again, NULL);
    assert(status == CW_OK);
    assert(strcmp(cw_snapshot_product(again)->digest, product->digest) == 0);
    return 0;
}
