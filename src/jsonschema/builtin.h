/* The project's own schemas (schemas/<name>.schema.json), inside the program: compiled once, for
 * ever. */
#pragma once

#include <stddef.h>

#include "jsonschema/schema.h"

enum cw_builtin_schema {
    CW_SCHEMA_PRODUCT,
    CW_SCHEMA_BUILD_SPEC,
    CW_SCHEMA_CONFIGURE_REQUEST,
    CW_SCHEMA_DESIGN_REQUEST,
    CW_SCHEMA_ORDER_REQUEST,
    CW_SCHEMA_CANCEL_REQUEST,
    CW_SCHEMA_LEASE_REQUEST,
    CW_SCHEMA_LEASE_RENEW_REQUEST,
    CW_SCHEMA_LEASE_RELEASE_REQUEST,
    CW_SCHEMA_STATUS_EVENT,
    CW_SCHEMA_STOCK_REQUEST,
    CW_SCHEMA_BUILTIN_COUNT
};

/* The compiled schema; compiled at the first call (thread-safe). A build whose own schema does not
 * compile aborts. Borrowed, never freed. */
const struct cw_schema *cw_schema_builtin(enum cw_builtin_schema which);

/* "product", "configure-request" …: the file's name without ".schema.json". Static. */
const char *cw_schema_builtin_name(enum cw_builtin_schema which);

/* The schema's text as it is in schemas/. Static, NUL-terminated. */
const char *cw_schema_builtin_text(enum cw_builtin_schema which, size_t *ret_length);

/* CW_SCHEMA_PRODUCT with the default options, in the form catalog/load.h wants (cw_document_check).
 */
enum cw_status cw_schema_check_product(const json_t *document,
                                       struct cw_faults *faults) CW_MUST_USE;
