/*
 * JSON Schema 2020-12 on jansson values: compile once, validate many.
 *
 * A compiled schema is immutable and may be used by any number of threads at once.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct cw_schema;

/* Another document a $ref may name by its URI. */
struct cw_schema_resource {
    const char *uri;
    const json_t *schema; /* borrowed while compiling only */
};

struct cw_schema_source {
    const json_t *schema; /* borrowed while compiling only */
    const char *base_uri; /* used where the schema has no $id; NULL or "" is fine */
    size_t resource_count;
    const struct cw_schema_resource *resources; /* or NULL */
    bool formats; /* assert the formats of format.c; otherwise `format` is an annotation, unless the
                     schema's registered meta-schema has the format-assertion vocabulary */
};

struct cw_schema_options {
    size_t max_steps; /* [keyword checks] 0 means CW_SCHEMA_STEPS */
    bool by_nodes;    /* without the quick form (quick.h): tests hold the two against each other */
};

/**
 * Compile a schema with everything it refers to.
 * @param source     the schema, its base URI and the documents it may refer to
 * @param ret_schema written on success; cw_schema_free
 * @units   none
 * @owner   the compiled schema is the caller's; it keeps its own copies of everything
 * @errors  CW_E_INPUT "schema.invalid" (a keyword's value is of the wrong form), "schema.ref" (a
 * reference leads nowhere), "schema.regex" (a pattern PCRE2 refuses); CW_E_LIMIT "schema.depth";
 * pointer into the document whose URI is the error's detail ("" for the schema itself)
 * @cost    O(size of the schema); start-up
 * @source  JSON Schema Core and Validation 2020-12; tests/unit/jsonschema
 */
enum cw_status cw_schema_compile(const struct cw_schema_source *source,
                                 struct cw_schema **ret_schema, struct cw_error *err) CW_MUST_USE;

/* NULL is fine. Nobody may be validating with it. */
void cw_schema_free(struct cw_schema *schema);

static inline void cw_schema_freep(struct cw_schema **schema) {
    cw_schema_free(*schema);
}
#define CW_AUTO_SCHEMA __attribute__((cleanup(cw_schema_freep)))

/**
 * Check one value and say everything that is wrong with it.
 * @param instance borrowed
 * @param options  or NULL for the defaults
 * @param faults   where to; NULL when only the verdict counts
 * @units   none
 * @owner   fault texts are copied into faults->arena
 * @errors  CW_E_INPUT: at least one fault, codes "schema.type", "schema.required",
 * "schema.additional", "schema.enum", "schema.pattern" … (listed in faults.c); CW_E_LIMIT
 * "schema.budget" (as a fault too): the step budget ran out before the verdict
 * @cost    bounded by options->max_steps and the PCRE2 limits of limits.h; thread-safe
 * @source  JSON Schema Core §7.7, §10, §11 and Validation §6, 2020-12
 */
enum cw_status cw_schema_validate(const struct cw_schema *schema, const json_t *instance,
                                  const struct cw_schema_options *options,
                                  struct cw_faults *faults) CW_MUST_USE;
