/*
 * Responsible for: turning indexed schemas into nodes that can be run without looking anything up
 * again. Does not: check values; keywords of unknown vocabularies are annotations and left out.
 * Runs in: every process, at start-up.
 */
#include "jsonschema/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cordwain/limits.h"
#include "jsonschema/quick.h"

static const struct node node_true;

enum cw_status cw_schema_compile_refuse(struct compiler *compiler, const char *keyword,
                                        const char *wanted) {
    return cw_fail_at(compiler->err, CW_E_INPUT, "schema.invalid", compiler->pointer,
                      "'%s' must be %s", keyword, wanted);
}

static struct node *node_new(struct compiler *compiler, const struct place *place) {
    struct node *node = cw_arena_alloc(compiler->arena, sizeof *node);
    node->resource = place->resource;
    node->pointer = place->pointer;
    node->document = place->resource->document;
    node->max_length = node->max_items = node->max_contains = node->max_members = NO_LIMIT;
    node->min_contains = 1;
    return node;
}

static const struct node *node_false(struct compiler *compiler) {
    struct node *node = cw_arena_alloc(compiler->arena, sizeof *node);
    *node =
        (struct node){.never = true, .pointer = compiler->pointer, .document = compiler->document};
    return node;
}

/* The meta-schema decides whether the validation vocabulary applies; one we do not know: it does.
 */
static void read_vocabulary(struct compiler *compiler, struct resource *resource) {
    const char *meta = json_string_value(json_object_get(resource->root, "$schema"));
    const struct anchor *anchor;
    if (meta && strcmp(meta, CW_SCHEMA_DRAFT "schema") == 0)
        return;
    const json_t *schema =
        meta ? cw_schema_index_follow(&compiler->index, resource, meta, &anchor) : NULL;
    const json_t *vocabulary = json_object_get(schema, "$vocabulary");
    if (!vocabulary)
        return;
    resource->no_validation = !json_object_get(vocabulary, CW_SCHEMA_DRAFT "vocab/validation");
    resource->formats = json_object_get(vocabulary, CW_SCHEMA_DRAFT "vocab/format-assertion");
}

static enum cw_status compile_keywords(struct compiler *compiler, const struct place *place,
                                       struct node *node) {
    const char *keyword;
    json_t *value;
    compiler->document = place->resource->document;
    json_object_foreach((json_t *)place->json, keyword, value) {
        compiler->pointer = place->pointer;
        enum cw_status status = cw_schema_compile_applicator(compiler, node, keyword, value);
        if (status == CW_OK && strcmp(keyword, "format") == 0)
            status = cw_schema_compile_format(compiler, node, value);
        if (status == CW_OK && !place->resource->no_validation) {
            compiler->pointer = place->pointer;
            status = cw_schema_compile_assertion(compiler, node, keyword, value);
        }
        if (status != CW_OK)
            return status;
    }
    compiler->pointer = place->pointer;
    return CW_OK;
}

enum cw_status cw_schema_compile_node(struct compiler *compiler, const json_t *json,
                                      const struct node **ret_node) {
    if (json_is_boolean(json)) {
        *ret_node = json_is_true(json) ? &node_true : node_false(compiler);
        return CW_OK;
    }
    struct place *place =
        json_is_object(json) ? cw_schema_index_place(&compiler->index, json) : NULL;
    if (!place)
        return cw_fail_at(compiler->err, CW_E_INPUT, "schema.invalid", compiler->pointer,
                          "a schema must be an object, true or false");
    if (place->node) {
        *ret_node = place->node;
        return CW_OK;
    }
    if (compiler->depth >= CW_SCHEMA_DEPTH)
        return cw_fail_at(compiler->err, CW_E_LIMIT, "schema.depth", place->pointer,
                          "schemas are nested deeper than %d", CW_SCHEMA_DEPTH);
    if (!place->resource->reached) {
        place->resource->reached = true;
        read_vocabulary(compiler, place->resource);
    }
    struct node *node = place->node = node_new(compiler, place);
    struct place here = *place; /* following references may move the table */
    const char *outer = compiler->pointer, *outer_document = compiler->document;
    compiler->depth++;
    enum cw_status status = compile_keywords(compiler, &here, node);
    compiler->depth--;
    if (status == CW_OK) {
        compiler->pointer = outer;
        compiler->document = outer_document;
    }
    *ret_node = node;
    return status;
}

/* ---- dynamic anchors: any resource entered may redirect a $dynamicRef ------------------------ */

static size_t count_dynamic(const struct compiler *compiler, const struct resource *resource) {
    size_t count = 0;
    for (const struct anchor *a = compiler->index.anchors; a; a = a->next)
        count += a->dynamic && a->resource == resource;
    return count;
}

static enum cw_status compile_dynamic(struct compiler *compiler, struct resource *resource) {
    struct named_list list = {0, NULL};
    list.items =
        cw_arena_array(compiler->arena, count_dynamic(compiler, resource) + 1, sizeof *list.items);
    for (const struct anchor *a = compiler->index.anchors; a; a = a->next) {
        if (!a->dynamic || a->resource != resource)
            continue;
        struct named_node *item = &list.items[list.count++];
        item->name = a->name;
        enum cw_status status = cw_schema_compile_node(compiler, a->json, &item->node);
        if (status != CW_OK)
            return status;
    }
    resource->dynamic = list;
    return CW_OK;
}

/* Compiling one resource's anchors may reach another resource: until nothing new is found. */
static enum cw_status compile_all_dynamic(struct compiler *compiler) {
    bool found = true;
    while (found) {
        found = false;
        for (struct resource *r = compiler->index.resources; r; r = r->next) {
            if (!r->reached || r->dynamic.items)
                continue;
            found = true;
            enum cw_status status = compile_dynamic(compiler, r);
            if (status != CW_OK)
                return status;
        }
    }
    return CW_OK;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void release_match_context(void *context) {
    pcre2_match_context_free(context);
}

static enum cw_status match_limits(struct cw_schema *schema, struct cw_error *err) {
    schema->match_context = pcre2_match_context_create(NULL);
    if (!schema->match_context)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    cw_arena_defer(schema->arena, release_match_context, schema->match_context);
    pcre2_set_match_limit(schema->match_context, CW_SCHEMA_PATTERN_MATCHES);
    pcre2_set_heap_limit(schema->match_context, CW_SCHEMA_PATTERN_HEAP_KIB);
    return CW_OK;
}

static enum cw_status compile_source(struct compiler *compiler,
                                     const struct cw_schema_source *source,
                                     struct cw_schema *schema) {
    compiler->formats = source->formats;
    for (size_t i = 0; i < source->resource_count; i++)
        cw_schema_index_document(&compiler->index, source->resources[i].uri,
                                 source->resources[i].schema);
    const char *base = source->base_uri ? source->base_uri : "";
    const struct resource *root = cw_schema_index_document(&compiler->index, base, source->schema);
    enum cw_status status = cw_schema_compile_node(compiler, root->root, &schema->root);
    if (status == CW_OK)
        status = compile_all_dynamic(compiler);
    if (status == CW_OK)
        status = match_limits(schema, compiler->err);
    if (status == CW_OK)
        cw_schema_quick_compile(schema);
    return status;
}

enum cw_status cw_schema_compile(const struct cw_schema_source *source,
                                 struct cw_schema **ret_schema, struct cw_error *err) {
    struct cw_arena *arena = cw_arena_new();
    if (!arena)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    struct cw_schema *schema = cw_arena_alloc(arena, sizeof *schema);
    schema->arena = arena;
    struct compiler compiler = {
        .arena = arena, .index = {.arena = arena}, .err = err, .pointer = "", .document = ""};
    enum cw_status status = compile_source(&compiler, source, schema);
    cw_schema_index_deinit(&compiler.index);
    if (status != CW_OK) {
        if (err && !err->pointer[0])
            snprintf(err->pointer, sizeof err->pointer, "%s", compiler.pointer);
        cw_error_detail(err, "%s", compiler.document);
        cw_arena_free(arena);
        return status;
    }
    *ret_schema = schema;
    return CW_OK;
}

void cw_schema_free(struct cw_schema *schema) {
    if (schema)
        cw_arena_free(schema->arena);
}
