/*
 * Fuzz target: the schema compiler and validator. Input: {"schema": …, "instance": …}.
 * Properties: it ends; the verdict does not depend on whether faults are told, nor on the quick
 * form of the schema; a refusal says something.
 */
#include "fuzz.h"

#include <assert.h>
#include <stdint.h>

#include "base/json.h"
#include "cordwain/limits.h"
#include "jsonschema/schema.h"

#define STEPS 20000 /* enough for any corpus entry; small, so that runs are fast */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SCHEMA struct cw_schema *schema = NULL;
    json_t *value;
    if (cw_json_read(arena, (const char *)data, size, CW_JSON_BYTES, &value, NULL) != CW_OK)
        return 0;
    const json_t *instance = json_object_get(value, "instance");
    struct cw_schema_source source = {.schema = json_object_get(value, "schema"), .formats = true};
    struct cw_error err = {0};
    if (!source.schema || !instance)
        return 0;
    if (cw_schema_compile(&source, &schema, &err) != CW_OK) {
        assert(err.code && *err.message);
        return 0;
    }
    struct cw_schema_options options = {.max_steps = STEPS};
    struct cw_schema_options slowly = {.max_steps = STEPS, .by_nodes = true};
    struct cw_faults faults = {.arena = arena};
    enum cw_status quiet = cw_schema_validate(schema, instance, &options, NULL);
    enum cw_status slow = cw_schema_validate(schema, instance, &slowly, NULL);
    enum cw_status loud = cw_schema_validate(schema, instance, &options, &faults);
    assert((loud == CW_OK) == (faults.count == 0));
    /* telling faults costs steps, so only a verdict within the budget must agree */
    assert(quiet == loud || quiet == CW_E_LIMIT || loud == CW_E_LIMIT);
    assert(quiet == slow || quiet == CW_E_LIMIT || slow == CW_E_LIMIT);
    return 0;
}
