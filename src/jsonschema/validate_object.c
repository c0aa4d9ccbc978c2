/*
 * Responsible for: keywords about objects, and what is left over: unevaluatedProperties,
 * unevaluatedItems. Does not: arrays' own keywords (validate_values.c). Runs in: every process.
 */
#include "jsonschema/internal.h"

#include <stdlib.h>
#include <string.h>

static int compare_name(const void *name, const void *item) {
    return strcmp(name, ((const struct named_node *)item)->name);
}

static const struct node *find_property(const struct named_list *list, const char *name) {
    const struct named_node *found =
        list->count ? bsearch(name, list->items, list->count, sizeof *list->items, compare_name)
                    : NULL;
    return found ? found->node : NULL;
}

struct member {
    const char *name;
    const json_t *value;
    size_t i;
};

static bool validate_name(struct visit *visit, const struct member *member,
                          const struct path *path) {
    if (!visit->node->names)
        return true;
    json_t *name = json_string_nocheck(member->name);
    if (!name)
        abort(); /* as arenas do */
    bool valid =
        cw_schema_validate_node(visit->run, visit->node->names, name, path, visit->scope, NULL);
    json_decref(name);
    return valid;
}

static bool validate_member(struct visit *visit, const struct member *member) {
    const struct node *node = visit->node;
    struct path path = {visit->path, member->name, 0};
    bool valid = validate_name(visit, member, &path), known = false;
    const struct node *property = find_property(&node->properties, member->name);
    if (property) {
        known = true;
        valid = cw_schema_validate_node(visit->run, property, member->value, &path, visit->scope,
                                        NULL) &&
                valid;
    }
    for (size_t p = 0; p < node->pattern_count; p++) {
        if (!cw_schema_run_match(visit->run, node->patterns[p].code, member->name,
                                 strlen(member->name)))
            continue;
        known = true;
        valid = cw_schema_validate_node(visit->run, node->patterns[p].node, member->value, &path,
                                        visit->scope, NULL) &&
                valid;
    }
    if (!known && node->additional) {
        known = true;
        valid = (node->additional->never
                     ? cw_schema_fault_unknown_member(visit, &path, member->name)
                     : cw_schema_validate_node(visit->run, node->additional, member->value, &path,
                                               visit->scope, NULL)) &&
                valid;
    }
    if (known)
        cw_schema_seen_mark(visit->seen, member->i);
    return valid;
}

static bool validate_members(struct visit *visit) {
    bool valid = true;
    struct member member = {NULL, NULL, 0};
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)visit->instance, name, value) {
        member.name = name;
        member.value = value;
        valid = validate_member(visit, &member) && valid;
        if (!valid && run_stops(visit->run))
            return false;
        member.i++;
    }
    return valid;
}

static bool validate_required(struct visit *visit) {
    const struct node *node = visit->node;
    bool valid = true;
    for (size_t i = 0; i < node->required_count; i++) {
        const struct name *name = &node->required[i];
        if (!json_object_getn(visit->instance, name->text, name->length))
            valid = cw_schema_fault_tell(visit, visit->path, "schema.required", "",
                                         "member '%s' is missing", name->text);
    }
    for (size_t i = 0; i < node->dependency_count; i++) {
        const struct dependency *dependency = &node->dependencies[i];
        for (size_t n = 0; n < dependency->count; n++) {
            const struct name *needs = &dependency->needs[n];
            if (json_object_get(visit->instance, dependency->name) &&
                !json_object_getn(visit->instance, needs->text, needs->length))
                valid = cw_schema_fault_tell(visit, visit->path, "schema.dependentRequired", "",
                                             "member '%s' is missing; '%s' needs it", needs->text,
                                             dependency->name);
        }
    }
    return valid;
}

static bool validate_counts(struct visit *visit) {
    const struct node *node = visit->node;
    size_t count = json_object_size(visit->instance);
    if (count < node->min_members)
        return cw_schema_fault_tell(visit, visit->path, "schema.minProperties", "",
                                    node->min_members == 1
                                        ? "must not be empty"
                                        : "must have at least %zu members, has %zu",
                                    node->min_members, count);
    if (count > node->max_members)
        return cw_schema_fault_tell(visit, visit->path, "schema.maxProperties", "",
                                    "must have at most %zu members, has %zu", node->max_members,
                                    count);
    return true;
}

static bool validate_dependent(struct visit *visit) {
    const struct named_list *dependent = &visit->node->dependent;
    bool valid = true;
    for (size_t i = 0; i < dependent->count; i++) {
        if (json_object_get(visit->instance, dependent->items[i].name))
            valid = cw_schema_validate_node(visit->run, dependent->items[i].node, visit->instance,
                                            visit->path, visit->scope, visit->seen) &&
                    valid;
    }
    return valid;
}

bool cw_schema_validate_object(struct visit *visit) {
    bool valid = validate_required(visit);
    if (valid || !run_stops(visit->run))
        valid = validate_counts(visit) && valid;
    if (valid || !run_stops(visit->run))
        valid = validate_members(visit) && valid;
    if (valid || !run_stops(visit->run))
        valid = validate_dependent(visit) && valid;
    return valid;
}

/* ---- unevaluated ----------------------------------------------------------------------------- */

static bool left_over_members(struct visit *visit) {
    const struct node *schema = visit->node->unevaluated_members;
    bool valid = true;
    size_t i = 0;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)visit->instance, name, value) {
        struct path path = {visit->path, name, 0};
        if (cw_schema_seen_has(visit->seen, i++))
            continue;
        valid = (schema->never ? cw_schema_fault_unknown_member(visit, &path, name)
                               : cw_schema_validate_node(visit->run, schema, value, &path,
                                                         visit->scope, NULL)) &&
                valid;
    }
    visit->seen->all = true;
    return valid;
}

static bool left_over_items(struct visit *visit) {
    const struct node *schema = visit->node->unevaluated_items;
    bool valid = true;
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)visit->instance, i, item) {
        struct path path = {visit->path, NULL, i};
        if (!cw_schema_seen_has(visit->seen, i))
            valid = cw_schema_validate_node(visit->run, schema, item, &path, visit->scope, NULL) &&
                    valid;
    }
    visit->seen->all = true;
    return valid;
}

bool cw_schema_validate_unevaluated(struct visit *visit) {
    if (visit->node->unevaluated_members && json_is_object(visit->instance))
        return left_over_members(visit);
    if (visit->node->unevaluated_items && json_is_array(visit->instance))
        return left_over_items(visit);
    return true;
}
