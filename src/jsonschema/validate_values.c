/*
 * Responsible for: keywords about one value by itself: const, enum, numbers, strings; and arrays.
 * Does not: objects (validate_object.c).
 * Runs in: every process.
 */
#include "jsonschema/internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- scalars --------------------------------------------------------------------------------- */

static bool fault_bound(const struct visit *visit, const char *code, const char *relation,
                        const json_t *bound) {
    return cw_schema_fault_tell(visit, visit->path, code, "", "must be %s %.15g, is %.15g",
                                relation, json_number_value(bound),
                                json_number_value(visit->instance));
}

static bool validate_number(struct visit *visit) {
    const struct node *node = visit->node;
    const json_t *value = visit->instance;
    bool valid = true;
    if (node->minimum && cw_schema_value_compare(value, node->minimum) < 0)
        valid = fault_bound(visit, "schema.minimum", "at least", node->minimum);
    if (node->maximum && cw_schema_value_compare(value, node->maximum) > 0)
        valid = fault_bound(visit, "schema.maximum", "at most", node->maximum);
    if (node->above && cw_schema_value_compare(value, node->above) <= 0) {
        visit->run->keyword = "exclusiveMinimum";
        valid = fault_bound(visit, "schema.minimum", "more than", node->above);
    }
    if (node->below && cw_schema_value_compare(value, node->below) >= 0) {
        visit->run->keyword = "exclusiveMaximum";
        valid = fault_bound(visit, "schema.maximum", "less than", node->below);
    }
    if (node->multiple_of && !cw_schema_value_multiple_of(value, node->multiple_of))
        valid = fault_bound(visit, "schema.multipleOf", "a multiple of", node->multiple_of);
    return valid;
}

static bool validate_string(struct visit *visit) {
    const struct node *node = visit->node;
    const char *text = json_string_value(visit->instance);
    size_t length = json_string_length(visit->instance);
    bool valid = true;
    if (node->min_length > 0 || node->max_length != NO_LIMIT) {
        size_t count = cw_schema_value_characters(text, length);
        if (count < node->min_length)
            valid = cw_schema_fault_tell(visit, visit->path, "schema.minLength", "",
                                         node->min_length == 1
                                             ? "must not be empty"
                                             : "must have at least %zu characters, has %zu",
                                         node->min_length, count);
        if (count > node->max_length)
            valid = cw_schema_fault_tell(visit, visit->path, "schema.maxLength", "",
                                         "must have at most %zu characters, has %zu",
                                         node->max_length, count);
    }
    if (node->pattern && !cw_schema_run_match(visit->run, node->pattern, text, length))
        valid = cw_schema_fault_tell(visit, visit->path, "schema.pattern", "",
                                     "'%.60s' must match %.80s", text, node->pattern_source);
    return valid;
}

static bool validate_format(struct visit *visit) {
    const struct format *format = visit->node->format;
    const char *text = json_string_value(visit->instance);
    size_t length = json_string_length(visit->instance);
    if (cw_schema_run_match(visit->run, visit->node->format_code, text, length) &&
        (!format->check || (strlen(text) == length && format->check(text))))
        return true;
    return cw_schema_fault_tell(visit, visit->path, "schema.format", "", "'%.60s' is not %s", text,
                                format->what);
}

bool cw_schema_validate_scalar(struct visit *visit) {
    const struct node *node = visit->node;
    bool valid = true;
    if (node->constant && !cw_schema_value_equal(node->constant, visit->instance))
        valid = cw_schema_fault_values(visit);
    if (node->values && !cw_schema_value_among(node->values, visit->instance))
        valid = cw_schema_fault_values(visit);
    if (json_is_number(visit->instance))
        valid = validate_number(visit) && valid;
    if (json_is_string(visit->instance))
        valid = validate_string(visit) && valid;
    if (node->format && json_is_string(visit->instance))
        valid = validate_format(visit) && valid;
    return valid;
}

/* ---- arrays ---------------------------------------------------------------------------------- */

static bool validate_items(struct visit *visit) {
    const struct node *node = visit->node;
    bool valid = true;
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)visit->instance, i, item) {
        const struct node *schema = i < node->prefix.count ? node->prefix.items[i] : node->items;
        if (!schema)
            break;
        struct path path = {visit->path, NULL, i};
        valid =
            cw_schema_validate_node(visit->run, schema, item, &path, visit->scope, NULL) && valid;
        cw_schema_seen_mark(visit->seen, i);
        if (!valid && run_stops(visit->run))
            return false;
    }
    return valid;
}

static bool validate_contains(struct visit *visit) {
    const struct node *node = visit->node;
    size_t matches = 0, i;
    json_t *item;
    json_array_foreach((json_t *)visit->instance, i, item) {
        struct path path = {visit->path, NULL, i};
        struct visit inner = {visit->run, node, item, &path, visit->scope, NULL};
        if (cw_schema_validate_quiet(&inner, node->contains, NULL)) {
            matches++;
            cw_schema_seen_mark(visit->seen, i);
        }
    }
    bool many = matches > node->max_contains;
    if (many || (matches < node->min_contains && node->min_contains > 1))
        visit->run->keyword = many ? "maxContains" : "minContains";
    if (matches < node->min_contains)
        return cw_schema_fault_tell(visit, visit->path, "schema.contains", "",
                                    "needs at least %zu items of the required form, has %zu",
                                    node->min_contains, matches);
    if (matches > node->max_contains)
        return cw_schema_fault_tell(visit, visit->path, "schema.contains", "",
                                    "may have at most %zu items of this form, has %zu",
                                    node->max_contains, matches);
    return true;
}

struct hashed {
    uint64_t hash;
    size_t index;
};

static int compare_hashed(const void *a, const void *b) {
    const struct hashed *left = a, *right = b;
    if (left->hash != right->hash)
        return left->hash < right->hash ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

/* Index of an item equal to an earlier one, or the count. Sorted by hash, so n log n for honest
 * data. */
size_t cw_schema_find_repeat(struct run *run, const json_t *array) {
    size_t count = json_array_size(array), repeat = count;
    struct hashed *items = calloc(count, sizeof *items);
    if (!items)
        abort(); /* as arenas do */
    for (size_t i = 0; i < count; i++)
        items[i] = (struct hashed){cw_schema_value_hash(json_array_get(array, i)), i};
    qsort(items, count, sizeof *items, compare_hashed);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1;
             j < count && items[j].hash == items[i].hash && cw_schema_run_step(run, 1); j++) {
            size_t later = items[j].index;
            if (later < repeat && cw_schema_value_equal(json_array_get(array, items[i].index),
                                                        json_array_get(array, later)))
                repeat = later;
        }
    }
    free(items);
    return repeat;
}

static bool validate_unique(struct visit *visit) {
    size_t count = json_array_size(visit->instance);
    if (!visit->node->unique || count < 2)
        return true;
    size_t repeat = cw_schema_find_repeat(visit->run, visit->instance);
    if (repeat == count)
        return true;
    struct path path = {visit->path, NULL, repeat};
    return cw_schema_fault_tell(visit, &path, "schema.uniqueItems", "remove it",
                                "this item is already in the list");
}

bool cw_schema_validate_array(struct visit *visit) {
    const struct node *node = visit->node;
    size_t count = json_array_size(visit->instance);
    bool valid = true;
    if (count < node->min_items)
        valid =
            cw_schema_fault_tell(visit, visit->path, "schema.minItems", "",
                                 "must have at least %zu items, has %zu", node->min_items, count);
    if (count > node->max_items)
        valid =
            cw_schema_fault_tell(visit, visit->path, "schema.maxItems", "",
                                 "must have at most %zu items, has %zu", node->max_items, count);
    if (valid || !run_stops(visit->run))
        valid = validate_unique(visit) && valid;
    if (valid || !run_stops(visit->run))
        valid = validate_items(visit) && valid;
    if (node->contains && (valid || !run_stops(visit->run)))
        valid = validate_contains(visit) && valid;
    return valid;
}
