/*
 * Responsible for: keywords that compare a value: the validation vocabulary.
 * Does not: follow references.
 * Runs in: every process, at start-up.
 */
#include "jsonschema/compile.h"

#include <string.h>

static enum cw_status read_limit(struct compiler *compiler, const char *keyword,
                                 const json_t *value, size_t *ret_limit) {
    bool whole = json_is_number(value) && (cw_schema_value_types(value) & TYPE_INTEGER);
    double number = json_number_value(value);
    if (!whole || number < 0 || number > 9e15)
        return cw_schema_compile_refuse(compiler, keyword, "a whole number, zero or more");
    *ret_limit = (size_t)number;
    return CW_OK;
}

static enum cw_status read_types(struct compiler *compiler, struct node *node,
                                 const json_t *value) {
    static const struct {
        const char *name;
        unsigned bit;
    } table[] = {{"null", TYPE_NULL},     {"boolean", TYPE_BOOLEAN}, {"integer", TYPE_INTEGER},
                 {"number", TYPE_NUMBER}, {"string", TYPE_STRING},   {"array", TYPE_ARRAY},
                 {"object", TYPE_OBJECT}};
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    for (size_t i = 0; i < count; i++) {
        const char *name =
            json_string_value(json_is_array(value) ? json_array_get(value, i) : value);
        unsigned bit = 0;
        for (size_t t = 0; name && t < sizeof table / sizeof *table; t++) {
            if (strcmp(table[t].name, name) == 0)
                bit = table[t].bit;
        }
        if (!bit)
            return cw_schema_compile_refuse(compiler, "type",
                                            "the name of a JSON type, or several");
        node->types |= bit;
    }
    return CW_OK;
}

static enum cw_status read_names(struct compiler *compiler, const char *keyword,
                                 const json_t *value, size_t *ret_count,
                                 const struct name **ret_names) {
    size_t count = json_array_size(value);
    if (!json_is_array(value))
        return cw_schema_compile_refuse(compiler, keyword, "an array of names");
    struct name *names = cw_arena_array(compiler->arena, count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(value, i);
        if (!json_is_string(item))
            return cw_schema_compile_refuse(compiler, keyword, "an array of names");
        names[i] = (struct name){json_string_value(item), json_string_length(item)};
    }
    *ret_count = count;
    *ret_names = names;
    return CW_OK;
}

static enum cw_status read_dependencies(struct compiler *compiler, struct node *node,
                                        const json_t *value) {
    if (!json_is_object(value))
        return cw_schema_compile_refuse(compiler, "dependentRequired",
                                        "an object of arrays of names");
    node->dependencies =
        cw_arena_array(compiler->arena, json_object_size(value) + 1, sizeof *node->dependencies);
    const char *name;
    json_t *item;
    json_object_foreach((json_t *)value, name, item) {
        struct dependency *dependency = &node->dependencies[node->dependency_count++];
        dependency->name = cw_arena_strdup(compiler->arena, name);
        enum cw_status status =
            read_names(compiler, "dependentRequired", item, &dependency->count, &dependency->needs);
        if (status != CW_OK)
            return status;
    }
    return CW_OK;
}

static enum cw_status read_pattern(struct compiler *compiler, struct node *node,
                                   const json_t *value) {
    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
        return cw_schema_compile_refuse(compiler, "pattern", "a regular expression");
    node->pattern_source = json_string_value(value);
    return cw_schema_regex_compile(compiler->arena, node->pattern_source, &node->pattern,
                                   compiler->err);
}

static size_t *limit_of(struct node *node, const char *keyword) {
    const struct {
        const char *name;
        size_t *at;
    } table[] = {
        {"minLength", &node->min_length},      {"maxLength", &node->max_length},
        {"minItems", &node->min_items},        {"maxItems", &node->max_items},
        {"minContains", &node->min_contains},  {"maxContains", &node->max_contains},
        {"minProperties", &node->min_members}, {"maxProperties", &node->max_members},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].name, keyword) == 0)
            return table[i].at;
    }
    return NULL;
}

static const json_t **bound_of(struct node *node, const char *keyword) {
    const struct {
        const char *name;
        const json_t **at;
    } table[] = {
        {"minimum", &node->minimum},        {"maximum", &node->maximum},
        {"exclusiveMinimum", &node->above}, {"exclusiveMaximum", &node->below},
        {"multipleOf", &node->multiple_of},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].name, keyword) == 0)
            return table[i].at;
    }
    return NULL;
}

static enum cw_status read_bound(struct compiler *compiler, const char *keyword,
                                 const json_t *value, const json_t **at) {
    if (!json_is_number(value))
        return cw_schema_compile_refuse(compiler, keyword, "a number");
    if (strcmp(keyword, "multipleOf") == 0 && json_number_value(value) <= 0)
        return cw_schema_compile_refuse(compiler, keyword, "a number above zero");
    *at = value;
    return CW_OK;
}

enum cw_status cw_schema_compile_assertion(struct compiler *compiler, struct node *node,
                                           const char *keyword, const json_t *value) {
    size_t *limit = limit_of(node, keyword);
    if (limit)
        return read_limit(compiler, keyword, value, limit);
    const json_t **bound = bound_of(node, keyword);
    if (bound)
        return read_bound(compiler, keyword, value, bound);
    if (strcmp(keyword, "type") == 0)
        return read_types(compiler, node, value);
    if (strcmp(keyword, "const") == 0)
        node->constant = value;
    if (strcmp(keyword, "enum") == 0) {
        if (!json_is_array(value))
            return cw_schema_compile_refuse(compiler, keyword, "an array of values");
        node->values = value;
    }
    if (strcmp(keyword, "required") == 0)
        return read_names(compiler, keyword, value, &node->required_count, &node->required);
    if (strcmp(keyword, "dependentRequired") == 0)
        return read_dependencies(compiler, node, value);
    if (strcmp(keyword, "uniqueItems") == 0)
        node->unique = json_is_true(value);
    if (strcmp(keyword, "pattern") == 0)
        return read_pattern(compiler, node, value);
    return CW_OK;
}
