/* The mini product for the catalog's tests: as text, or with one member changed. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "catalog/load.h"
#include "cordwain/limits.h"
#include "jsonschema/builtin.h"

static inline json_t *mini_document(struct cw_arena *arena) {
    char *text;
    size_t length;
    json_t *json;
    assert_int_equal(cw_file_read(arena, SOURCE_ROOT "/tests/support/mini-product.json",
                                  CW_PRODUCT_BYTES, &text, &length, NULL),
                     CW_OK);
    assert_int_equal(cw_json_read(arena, text, length, CW_PRODUCT_BYTES, &json, NULL), CW_OK);
    return json;
}

/* Put `value` (JSON; NULL removes) at `pointer`; "-" appends to an array. */
static inline void mini_set(struct cw_arena *arena, json_t *root, const char *pointer,
                            const char *value) {
    const char *slash = strrchr(pointer, '/');
    json_t *parent =
        (json_t *)cw_json_at(root, cw_arena_strndup(arena, pointer, (size_t)(slash - pointer)));
    assert_non_null(parent);
    json_t *item = value ? json_loads(value, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL) : NULL;
    assert_true(!value || item);
    if (json_is_array(parent) && strcmp(slash + 1, "-") == 0)
        json_array_append_new(parent, item);
    else if (json_is_array(parent) && item)
        json_array_set_new(parent, (size_t)atoi(slash + 1), item);
    else if (json_is_array(parent))
        json_array_remove(parent, (size_t)atoi(slash + 1));
    else if (item)
        json_object_set_new(parent, slash + 1, item);
    else
        json_object_del(parent, slash + 1);
}

static inline enum cw_status mini_load(struct cw_arena *arena, const json_t *document,
                                       struct cw_faults *faults, struct cw_snapshot **ret_snapshot,
                                       struct cw_error *err) {
    char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(15));
    *faults = (struct cw_faults){.arena = arena};
    struct cw_product_source source = {text, strlen(text), NULL, cw_schema_check_product};
    enum cw_status status = cw_product_load(&source, faults, ret_snapshot, err);
    free(text);
    return status;
}

/* The mini product under another name. */
static inline struct cw_snapshot *mini_version(struct cw_arena *arena, const char *id,
                                               const char *version) {
    struct cw_faults faults;
    struct cw_snapshot *snapshot = NULL;
    json_t *document = mini_document(arena);
    json_object_set_new(document, "id", json_string(id));
    json_object_set_new(document, "version", json_string(version));
    assert_int_equal(mini_load(arena, document, &faults, &snapshot, NULL), CW_OK);
    return snapshot;
}
