/*
 * Responsible for: finding every subschema, resource ($id) and anchor of the documents at hand, and
 * following references between them. Does not: compile keywords, fetch documents: what is not
 * handed in does not exist. Runs in: every process that compiles schemas.
 */
#include "jsonschema/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "jsonschema/builtin_data.h"

enum holder cw_schema_index_holder(const char *keyword) {
    static const struct {
        const char *name;
        enum holder holder;
    } table[] = {
        {"$defs", HOLDS_MAP},
        {"definitions", HOLDS_MAP},
        {"properties", HOLDS_MAP},
        {"patternProperties", HOLDS_MAP},
        {"dependentSchemas", HOLDS_MAP},
        {"allOf", HOLDS_LIST},
        {"anyOf", HOLDS_LIST},
        {"oneOf", HOLDS_LIST},
        {"prefixItems", HOLDS_LIST},
        {"items", HOLDS_ONE},
        {"contains", HOLDS_ONE},
        {"additionalProperties", HOLDS_ONE},
        {"propertyNames", HOLDS_ONE},
        {"not", HOLDS_ONE},
        {"if", HOLDS_ONE},
        {"then", HOLDS_ONE},
        {"else", HOLDS_ONE},
        {"unevaluatedItems", HOLDS_ONE},
        {"unevaluatedProperties", HOLDS_ONE},
        {"contentSchema", HOLDS_ONE},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].name, keyword) == 0)
            return table[i].holder;
    }
    return HOLDS_NONE;
}

/* ---- places: a hash table by address --------------------------------------------------------- */

static size_t slot_of(const struct index *index, const json_t *json) {
    uint64_t mixed = (uint64_t)(uintptr_t)json * UINT64_C(0x9E3779B97F4A7C15);
    size_t slot = (size_t)(mixed >> 20) & (index->capacity - 1);
    while (index->places[slot].json && index->places[slot].json != json)
        slot = (slot + 1) & (index->capacity - 1);
    return slot;
}

static void grow(struct index *index) {
    struct index bigger = {.capacity = index->capacity ? index->capacity * 2 : 256};
    bigger.places = calloc(bigger.capacity, sizeof *bigger.places);
    if (!bigger.places)
        abort(); /* as arenas do */
    for (size_t i = 0; i < index->capacity; i++) {
        if (index->places[i].json)
            bigger.places[slot_of(&bigger, index->places[i].json)] = index->places[i];
    }
    free(index->places);
    index->places = bigger.places;
    index->capacity = bigger.capacity;
}

struct place *cw_schema_index_place(const struct index *index, const json_t *json) {
    if (!index->capacity)
        return NULL;
    struct place *place = &index->places[slot_of(index, json)];
    return place->json ? place : NULL;
}

void cw_schema_index_deinit(struct index *index) {
    free(index->places);
    index->places = NULL;
    index->capacity = index->count = 0;
}

/* ---- walking --------------------------------------------------------------------------------- */

static struct resource *find_resource(const struct index *index, const char *uri) {
    struct resource *resource = index->resources;
    while (resource && strcmp(resource->uri, uri) != 0)
        resource = resource->next;
    return resource;
}

static struct resource *add_resource(struct index *index, const char *uri, const char *document,
                                     json_t *root) {
    struct resource *resource = cw_arena_alloc(index->arena, sizeof *resource);
    size_t length = strcspn(uri, "#");
    *resource = (struct resource){.uri = cw_arena_strndup(index->arena, uri, length),
                                  .document = document,
                                  .root = root,
                                  .next = index->resources};
    index->resources = resource;
    return resource;
}

static void add_anchor(struct index *index, const struct resource *resource, const json_t *json,
                       const char *keyword, bool dynamic) {
    const char *name = json_string_value(json_object_get(json, keyword));
    if (!name)
        return;
    struct anchor *anchor = cw_arena_alloc(index->arena, sizeof *anchor);
    *anchor = (struct anchor){resource, cw_arena_strdup(index->arena, name), json, dynamic,
                              index->anchors};
    index->anchors = anchor;
}

static void walk(struct index *index, json_t *json, struct resource *resource, const char *pointer);

static void walk_members(struct index *index, json_t *holder, struct resource *resource,
                         const char *pointer) {
    const char *name;
    json_t *item;
    json_object_foreach(holder, name, item) {
        walk(index, item, resource, cw_json_pointer(index->arena, pointer, name));
    }
}

static void walk_keywords(struct index *index, json_t *json, struct resource *resource,
                          const char *pointer) {
    const char *keyword;
    json_t *value;
    json_object_foreach(json, keyword, value) {
        enum holder holder = cw_schema_index_holder(keyword);
        if (holder == HOLDS_NONE)
            continue;
        const char *below = cw_json_pointer(index->arena, pointer, keyword);
        if (holder == HOLDS_ONE)
            walk(index, value, resource, below);
        else if (holder == HOLDS_MAP)
            walk_members(index, value, resource, below);
        for (size_t i = 0; holder == HOLDS_LIST && i < json_array_size(value); i++)
            walk(index, json_array_get(value, i), resource,
                 cw_json_pointer_index(index->arena, below, i));
    }
}

static void walk(struct index *index, json_t *json, struct resource *resource,
                 const char *pointer) {
    if (!json_is_object(json) || cw_schema_index_place(index, json))
        return;
    const char *id = json_string_value(json_object_get(json, "$id"));
    if (id && resource->root != json)
        resource = add_resource(index, cw_schema_uri_resolve(index->arena, resource->uri, id),
                                resource->document, json);
    if (2 * index->count >= index->capacity)
        grow(index);
    index->places[slot_of(index, json)] = (struct place){json, resource, pointer, NULL};
    index->count++;
    add_anchor(index, resource, json, "$anchor", false);
    add_anchor(index, resource, json, "$dynamicAnchor", true);
    walk_keywords(index, json, resource, pointer);
}

struct resource *cw_schema_index_document(struct index *index, const char *uri,
                                          const json_t *json) {
    json_t *copy = json_deep_copy(json);
    if (!copy)
        abort();
    cw_arena_defer(index->arena, cw_json_release, copy);
    const char *id = json_string_value(json_object_get(copy, "$id"));
    const char *document = cw_arena_strdup(index->arena, uri);
    if (id && *uri) /* known by the address it was handed in under as well */
        add_resource(index, uri, document, copy);
    if (id)
        uri = cw_schema_uri_resolve(index->arena, uri, id);
    struct resource *resource = add_resource(index, uri, document, copy);
    walk(index, copy, resource, "");
    return resource;
}

/* ---- the draft's own meta-schema ------------------------------------------------------------- */

/* Read when a reference leads to it and nobody handed in another: most schemas never need it. */
static struct resource *find_meta(struct index *index, const char *uri) {
    if (index->meta_known || strncmp(uri, CW_SCHEMA_DRAFT, strlen(CW_SCHEMA_DRAFT)) != 0)
        return NULL;
    index->meta_known = true;
    const struct builtin_text *text = &cw_schema_meta_texts[0];
    CW_AUTO_JSON json_t *json = json_loadb(text->text, text->length, 0, NULL);
    if (!json)
        abort(); /* our own text; embed.py has read it */
    cw_schema_index_document(index, CW_SCHEMA_DRAFT "schema", json);
    return find_resource(index, uri);
}

/* ---- following ------------------------------------------------------------------------------- */

static const struct anchor *find_anchor(const struct index *index, const struct resource *resource,
                                        const char *name) {
    const struct anchor *anchor = index->anchors;
    for (; anchor; anchor = anchor->next) {
        /* by root, not by record: a document may be known under two addresses */
        if (anchor->resource->root == resource->root && strcmp(anchor->name, name) == 0)
            return anchor;
    }
    return NULL;
}

/* Through a JSON Pointer; a subschema under an unknown keyword is indexed on the way. */
static const json_t *point(struct index *index, struct resource *resource, const char *pointer) {
    const json_t *target = cw_json_at(resource->root, pointer);
    if (target && json_is_object(target) && !cw_schema_index_place(index, target)) {
        struct place *root = cw_schema_index_place(index, resource->root);
        const char *base = root ? root->pointer : "";
        walk(index, (json_t *)target, root ? root->resource : resource,
             cw_arena_printf(index->arena, "%s%s", base, pointer));
    }
    return target;
}

const json_t *cw_schema_index_follow(struct index *index, const struct resource *from,
                                     const char *reference, const struct anchor **ret_anchor) {
    *ret_anchor = NULL;
    char *uri = cw_schema_uri_resolve(index->arena, from->uri, reference);
    char *fragment = strchr(uri, '#');
    if (fragment)
        *fragment++ = '\0';
    struct resource *resource = find_resource(index, uri);
    if (!resource)
        resource = find_meta(index, uri);
    if (!resource)
        return NULL;
    if (!fragment || !*fragment)
        return resource->root;
    if (!cw_schema_uri_decode(fragment))
        return NULL;
    if (*fragment == '/')
        return point(index, resource, fragment);
    *ret_anchor = find_anchor(index, resource, fragment);
    return *ret_anchor ? (*ret_anchor)->json : NULL;
}
