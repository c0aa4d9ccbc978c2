/*
 * Responsible for: keywords that hold or name other schemas.
 * Does not: compare values.
 * Runs in: every process, at start-up.
 */
#include "jsonschema/compile.h"

#include <stdlib.h>
#include <string.h>

static int compare_named(const void *a, const void *b) {
    return strcmp(((const struct named_node *)a)->name, ((const struct named_node *)b)->name);
}

static enum cw_status compile_list(struct compiler *compiler, const json_t *value,
                                   struct node_list *ret_list) {
    size_t count = json_array_size(value);
    if (count == 0)
        return cw_fail_at(compiler->err, CW_E_INPUT, "schema.invalid", compiler->pointer,
                          "a list of schemas must be a non-empty array");
    const struct node **items = cw_arena_array(compiler->arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        enum cw_status status =
            cw_schema_compile_node(compiler, json_array_get(value, i), &items[i]);
        if (status != CW_OK)
            return status;
    }
    *ret_list = (struct node_list){count, items};
    return CW_OK;
}

static enum cw_status compile_map(struct compiler *compiler, const char *keyword,
                                  const json_t *value, struct named_list *ret_list) {
    if (!json_is_object(value))
        return cw_schema_compile_refuse(compiler, keyword, "an object of schemas");
    struct named_list list = {0, NULL};
    list.items = cw_arena_array(compiler->arena, json_object_size(value) + 1, sizeof *list.items);
    const char *name;
    json_t *item;
    json_object_foreach((json_t *)value, name, item) {
        struct named_node *named = &list.items[list.count++];
        named->order = list.count - 1;
        named->name = cw_arena_strdup(compiler->arena, name);
        enum cw_status status = cw_schema_compile_node(compiler, item, &named->node);
        if (status != CW_OK)
            return status;
    }
    qsort(list.items, list.count, sizeof *list.items, compare_named);
    *ret_list = list;
    return CW_OK;
}

static enum cw_status compile_patterns(struct compiler *compiler, struct node *node,
                                       const json_t *value) {
    if (!json_is_object(value))
        return cw_schema_compile_refuse(compiler, "patternProperties", "an object of schemas");
    node->patterns =
        cw_arena_array(compiler->arena, json_object_size(value) + 1, sizeof *node->patterns);
    const char *source;
    json_t *item;
    json_object_foreach((json_t *)value, source, item) {
        struct pattern_node *pattern = &node->patterns[node->pattern_count++];
        pattern->source = cw_arena_strdup(compiler->arena, source);
        enum cw_status status =
            cw_schema_regex_compile(compiler->arena, source, &pattern->code, compiler->err);
        if (status == CW_OK)
            status = cw_schema_compile_node(compiler, item, &pattern->node);
        if (status != CW_OK)
            return status;
    }
    return CW_OK;
}

static enum cw_status compile_reference(struct compiler *compiler, struct node *node,
                                        const json_t *value, bool dynamic) {
    const char *reference = json_string_value(value);
    if (!reference)
        return cw_schema_compile_refuse(compiler, dynamic ? "$dynamicRef" : "$ref",
                                        "a URI reference");
    const struct anchor *anchor;
    const json_t *target =
        cw_schema_index_follow(&compiler->index, node->resource, reference, &anchor);
    if (!target)
        return cw_fail_at(compiler->err, CW_E_INPUT, "schema.ref", compiler->pointer,
                          "'%s' leads nowhere", reference);
    if (!dynamic)
        return cw_schema_compile_node(compiler, target, &node->ref);
    /* Core §8.2.3.2: only a reference that first lands on a dynamic anchor looks at the dynamic
     * scope. */
    if (anchor && anchor->dynamic)
        node->dynamic_name = anchor->name;
    return cw_schema_compile_node(compiler, target, &node->dynamic_ref);
}

static enum cw_status compile_branches(struct compiler *compiler, struct node_list *branches,
                                       struct discriminator *by, const json_t *value) {
    enum cw_status status = compile_list(compiler, value, branches);
    if (status == CW_OK && by)
        *by = cw_schema_compile_discriminator(compiler->arena, branches);
    return status;
}

static const struct node **single_of(struct node *node, const char *keyword) {
    const struct {
        const char *name;
        const struct node **at;
    } table[] = {
        {"items", &node->items},
        {"contains", &node->contains},
        {"additionalProperties", &node->additional},
        {"propertyNames", &node->names},
        {"not", &node->negated},
        {"if", &node->condition},
        {"then", &node->then},
        {"else", &node->otherwise},
        {"unevaluatedItems", &node->unevaluated_items},
        {"unevaluatedProperties", &node->unevaluated_members},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].name, keyword) == 0)
            return table[i].at;
    }
    return NULL;
}

enum cw_status cw_schema_compile_applicator(struct compiler *compiler, struct node *node,
                                            const char *keyword, const json_t *value) {
    const struct node **single = single_of(node, keyword);
    if (single)
        return cw_schema_compile_node(compiler, value, single);
    if (strcmp(keyword, "$ref") == 0)
        return compile_reference(compiler, node, value, false);
    if (strcmp(keyword, "$dynamicRef") == 0)
        return compile_reference(compiler, node, value, true);
    if (strcmp(keyword, "properties") == 0)
        return compile_map(compiler, keyword, value, &node->properties);
    if (strcmp(keyword, "dependentSchemas") == 0)
        return compile_map(compiler, keyword, value, &node->dependent);
    if (strcmp(keyword, "patternProperties") == 0)
        return compile_patterns(compiler, node, value);
    if (strcmp(keyword, "prefixItems") == 0)
        return compile_branches(compiler, &node->prefix, NULL, value);
    if (strcmp(keyword, "allOf") == 0)
        return compile_branches(compiler, &node->all_of, NULL, value);
    if (strcmp(keyword, "anyOf") == 0)
        return compile_branches(compiler, &node->any_of, &node->any_by, value);
    if (strcmp(keyword, "oneOf") == 0)
        return compile_branches(compiler, &node->one_of, &node->one_by, value);
    return CW_OK;
}

/* ---- discriminator --------------------------------------------------------------------------- */

/* A string without NUL, or NULL. */
static const char *plain_string(const json_t *value) {
    const char *text = json_string_value(value);
    return text && strlen(text) == json_string_length(value) ? text : NULL;
}

/* What a branch pins the member to, looking through $ref; NULL when it does not. */
static const char *pinned(const struct node *branch, const char *member) {
    for (size_t hops = 0; branch && hops < 8; hops++, branch = branch->ref) {
        for (size_t i = 0; i < branch->properties.count; i++) {
            const struct named_node *property = &branch->properties.items[i];
            if (strcmp(property->name, member) == 0 && property->node->constant)
                return plain_string(property->node->constant);
        }
    }
    return NULL;
}

static bool distinct(const char **values, size_t count) {
    for (size_t i = 1; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(values[i], values[j]) == 0)
                return false;
        }
    }
    return true;
}

static bool pins_all(const struct node_list *branches, const char *member,
                     const char **ret_values) {
    for (size_t i = 0; i < branches->count; i++) {
        ret_values[i] = pinned(branches->items[i], member);
        if (!ret_values[i])
            return false;
    }
    return distinct(ret_values, branches->count);
}

struct discriminator cw_schema_compile_discriminator(struct cw_arena *arena,
                                                     const struct node_list *branches) {
    const struct node *first = branches->items[0];
    for (size_t hops = 0; first && first->properties.count == 0; hops++)
        first = hops < 8 ? first->ref : NULL; /* a reference to itself ends */
    const char **values = cw_arena_array(arena, branches->count, sizeof *values);
    for (size_t i = 0; first && branches->count > 1 && i < first->properties.count; i++) {
        const char *member = first->properties.items[i].name;
        if (pins_all(branches, member, values))
            return (struct discriminator){member, values};
    }
    return (struct discriminator){NULL, NULL};
}
