/*
 * A product document becomes a snapshot: read, checked against its schema, checked in itself,
 * compiled into the plain struct cw_product.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"
#include "catalog/snapshot.h"

/* A JSON Schema check of the whole document. A step knows no other step, so the caller hands in
 * cw_schema_check_product (jsonschema/builtin.h). CW_OK, or CW_E_INPUT with faults added. */
typedef enum cw_status (*cw_document_check)(const json_t *document, struct cw_faults *faults);

struct cw_product_source {
    const char *text; /* JSON, borrowed */
    size_t length;
    const char *art_digest; /* "sha-256:<hex>" of the packed bundle; NULL or "" before packing */
    cw_document_check check_schema;
};

/**
 * Load one product document.
 * @param source       the text and the schema check
 * @param faults       everything that is wrong with the document, in the order found; with an arena
 * set
 * @param ret_snapshot one reference; written on success only
 * @units   lengths µm, money minor units, angles millidegrees, as in the document
 * @owner   the snapshot owns the product, its texts and its canonical form (one arena)
 * @errors  CW_E_INPUT "product.invalid" with faults (json.*, schema.*, and the codes listed in
 * load.c); CW_E_LIMIT "json.too_large" above CW_PRODUCT_BYTES
 * @cost    O(document); milliseconds; any thread, never the event loop for untrusted sizes
 * @source  schemas/product.schema.json; docs/reference/product-document.md; tests/unit/catalog
 */
enum cw_status cw_product_load(const struct cw_product_source *source, struct cw_faults *faults,
                               struct cw_snapshot **ret_snapshot, struct cw_error *err) CW_MUST_USE;
