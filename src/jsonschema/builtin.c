/*
 * Responsible for: the project's own schemas inside the program, compiled at first use.
 * Does not: read files.
 * Runs in: every process; thread-safe through pthread_once.
 */
#include "jsonschema/builtin.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "cordwain/limits.h"
#include "jsonschema/builtin_data.h"

static struct cw_schema *schemas[CW_SCHEMA_BUILTIN_COUNT];

/* A schema in the program is our own code: one that does not compile is a bug the tests find. */
static void compile_one(enum cw_builtin_schema which) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct builtin_text *text = &cw_schema_builtin_texts[which];
    struct cw_error err = {0};
    json_t *json = NULL;
    enum cw_status status = arena ? CW_OK : CW_E_NOMEM;
    if (status == CW_OK)
        status = cw_json_read(arena, text->text, text->length, CW_PRODUCT_BYTES, &json, &err);
    struct cw_schema_source source = {.schema = json};
    if (status == CW_OK)
        status = cw_schema_compile(&source, &schemas[which], &err);
    if (status == CW_OK)
        return;
    fprintf(stderr, "schema '%s' in the program: %s at '%s'\n", text->name, err.message,
            err.pointer);
    abort();
}

static void compile_all(void) {
    if (cw_schema_builtin_text_count != CW_SCHEMA_BUILTIN_COUNT)
        abort(); /* meson.build and the enum disagree */
    for (unsigned i = 0; i < CW_SCHEMA_BUILTIN_COUNT; i++)
        compile_one((enum cw_builtin_schema)i);
}

const struct cw_schema *cw_schema_builtin(enum cw_builtin_schema which) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, compile_all);
    return schemas[which];
}

const char *cw_schema_builtin_name(enum cw_builtin_schema which) {
    return cw_schema_builtin_texts[which].name;
}

const char *cw_schema_builtin_text(enum cw_builtin_schema which, size_t *ret_length) {
    *ret_length = cw_schema_builtin_texts[which].length;
    return cw_schema_builtin_texts[which].text;
}

/* How many values a document has, itself and names of members not counted. */
static size_t count_values(const json_t *value) {
    size_t count = 1;
    size_t index;
    const char *name;
    json_t *item;
    json_array_foreach(value, index, item) {
        count += count_values(item);
    }
    json_object_foreach((json_t *)value, name, item) {
        count += count_values(item);
    }
    return count;
}

/* A quarter of a million rules take more steps than a shoe, and no more each. */
enum cw_status cw_schema_check_product(const json_t *document, struct cw_faults *faults) {
    size_t steps = count_values(document) * CW_SCHEMA_STEPS_PER_VALUE;
    struct cw_schema_options options = {.max_steps =
                                            steps > CW_SCHEMA_STEPS ? steps : CW_SCHEMA_STEPS};
    return cw_schema_validate(cw_schema_builtin(CW_SCHEMA_PRODUCT), document, &options, faults);
}
