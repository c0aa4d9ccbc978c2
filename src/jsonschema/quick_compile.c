/*
 * Responsible for: the quick form of a compiled schema (quick.h). Does not: run it (quick.c).
 * Runs in: every process, at start-up.
 */
#include "jsonschema/quick.h"

#include <stdlib.h>
#include <string.h>

#define SEEDS 32 /* tried of a table */

struct making {
    struct cw_arena *arena;
    bool impossible; /* the schema needs the nodes */
};

static const struct quick never = {.accepts = 0};

static const struct quick *make(struct making *making, const struct node *node);

static void *keep(struct making *making, const void *value, size_t size) {
    void *kept = cw_arena_alloc(making->arena, size);
    memcpy(kept, value, size);
    return kept;
}
#define KEEP(making, value) keep((making), &(value), sizeof(value))

/* ---- tables ---------------------------------------------------------------------------------- */

static struct quick_table table_new(struct making *making, size_t most) {
    size_t size = 2;
    while (size < 2 * most)
        size *= 2;
    return (struct quick_table){0, size - 1, 0,
                                cw_arena_array(making->arena, size, sizeof(struct quick_entry))};
}

/* The entry of that name, made when there is none. */
static struct quick_entry *table_put(struct quick_table *table, const char *name, size_t length) {
    size_t slot = quick_hash(name, length, table->seed) & table->mask;
    for (; table->entries[slot].name; slot = (slot + 1) & table->mask) {
        struct quick_entry *entry = &table->entries[slot];
        if (entry->length == length && quick_same(entry->name, name, length))
            return entry;
    }
    table->count++;
    table->entries[slot] = (struct quick_entry){.name = name, .length = length};
    return &table->entries[slot];
}

static size_t count_displaced(const struct quick_table *table) {
    size_t displaced = 0;
    for (size_t slot = 0; slot <= table->mask; slot++) {
        const struct quick_entry *entry = &table->entries[slot];
        displaced += entry->name &&
                     (quick_hash(entry->name, entry->length, table->seed) & table->mask) != slot;
    }
    return displaced;
}

/* Seeds are tried until every string stands where it is looked for first, or enough were. */
static void table_settle(struct making *making, struct quick_table *table) {
    size_t fewest = count_displaced(table);
    for (uint64_t seed = 1; seed <= SEEDS && fewest > 0; seed++) {
        struct quick_table other = table_new(making, (table->mask + 1) / 2);
        other.seed = seed * UINT64_C(0xD1342543DE82EF95);
        for (size_t slot = 0; slot <= table->mask; slot++) {
            const struct quick_entry *entry = &table->entries[slot];
            if (entry->name)
                *table_put(&other, entry->name, entry->length) = *entry;
        }
        size_t displaced = count_displaced(&other);
        if (displaced < fewest) {
            fewest = displaced;
            *table = other;
        }
    }
}

/* ---- values ---------------------------------------------------------------------------------- */

#define BIT(type)     (1u << (type))
#define BITS_COMPARED (BIT(JSON_INTEGER) | BIT(JSON_REAL) | BIT(JSON_ARRAY) | BIT(JSON_OBJECT))

static unsigned accepted_types(const struct node *node, bool *ret_whole) {
    unsigned types = node->types, bits = 0;
    bool number = !types || types & TYPE_NUMBER;
    bits |= !types || types & TYPE_NULL ? BIT(JSON_NULL) : 0;
    bits |= !types || types & TYPE_BOOLEAN ? BIT(JSON_TRUE) | BIT(JSON_FALSE) : 0;
    bits |= number || types & TYPE_INTEGER ? BIT(JSON_INTEGER) | BIT(JSON_REAL) : 0;
    bits |= !types || types & TYPE_STRING ? BIT(JSON_STRING) : 0;
    bits |= !types || types & TYPE_ARRAY ? BIT(JSON_ARRAY) : 0;
    bits |= !types || types & TYPE_OBJECT ? BIT(JSON_OBJECT) : 0;
    *ret_whole = !number;
    return bits;
}

static unsigned types_among(const json_t *values) {
    unsigned bits = 0;
    size_t i;
    json_t *value;
    json_array_foreach((json_t *)values, i, value) {
        bits |= BIT(json_typeof(value));
    }
    return bits & (BIT(JSON_INTEGER) | BIT(JSON_REAL)) ? bits | BIT(JSON_INTEGER) | BIT(JSON_REAL)
                                                       : bits;
}

static void list_strings(struct making *making, struct quick_text *text, const struct node *node) {
    size_t i;
    json_t *value;
    text->listed = true;
    text->values = table_new(making, json_array_size(node->values) + 1);
    json_array_foreach((json_t *)node->values, i, value) {
        if (json_is_string(value) &&
            (!node->constant || cw_schema_value_equal(value, node->constant)))
            (void)table_put(&text->values, json_string_value(value), json_string_length(value));
    }
    if (!node->values && json_is_string(node->constant))
        (void)table_put(&text->values, json_string_value(node->constant),
                        json_string_length(node->constant));
    table_settle(making, &text->values);
}

/* enum and const: what cannot be told by the type alone. */
static void make_values(struct making *making, struct quick *quick, struct quick_text *text) {
    const struct node *node = quick->node;
    if (node->values)
        quick->accepts &= types_among(node->values);
    if (node->constant)
        quick->accepts &= json_is_number(node->constant) ? BIT(JSON_INTEGER) | BIT(JSON_REAL)
                                                         : BIT(json_typeof(node->constant));
    if (!node->values && !node->constant)
        return;
    quick->compared = (quick->accepts & BITS_COMPARED) != 0;
    if (quick->accepts & BIT(JSON_STRING))
        list_strings(making, text, node);
}

static bool is_whole(const json_t *bound) {
    return !bound || json_is_integer(bound);
}

static void make_bounds(struct making *making, struct quick *quick) {
    const struct node *node = quick->node;
    struct quick_bounds bounds = {.node = node, .low = INT64_MIN, .high = INT64_MAX};
    if (!node->minimum && !node->maximum && !node->above && !node->below && !node->multiple_of)
        return;
    json_int_t above = json_integer_value(node->above), below = json_integer_value(node->below);
    bounds.integers = is_whole(node->minimum) && is_whole(node->maximum) && is_whole(node->above) &&
                      is_whole(node->below) && is_whole(node->multiple_of) && above < INT64_MAX &&
                      below > INT64_MIN;
    if (node->minimum)
        bounds.low = json_integer_value(node->minimum);
    if (node->maximum)
        bounds.high = json_integer_value(node->maximum);
    if (node->above && bounds.integers)
        bounds.low = bounds.low > above + 1 ? bounds.low : above + 1;
    if (node->below && bounds.integers)
        bounds.high = bounds.high < below - 1 ? bounds.high : below - 1;
    bounds.step = json_integer_value(node->multiple_of);
    quick->bounds = KEEP(making, bounds);
}

static struct quick_regex make_regex(struct making *making, const pcre2_code *code,
                                     const char *source) {
    return (struct quick_regex){code,
                                source ? cw_schema_quick_pattern(making->arena, source) : NULL};
}

static void make_scalars(struct making *making, struct quick *quick) {
    const struct node *node = quick->node;
    struct quick_text text = {.min_length = node->min_length,
                              .max_length = node->max_length,
                              .pattern = make_regex(making, node->pattern, node->pattern_source),
                              .format_code = make_regex(making, node->format_code, NULL),
                              .format = node->format};
    make_values(making, quick, &text);
    text.more =
        text.min_length > 0 || text.max_length != NO_LIMIT || text.pattern.code || text.format;
    if (text.more || text.listed)
        quick->text = KEEP(making, text);
    make_bounds(making, quick);
}

/* ---- arrays, objects ------------------------------------------------------------------------- */

static const struct quick *const *make_all(struct making *making, const struct node_list *nodes) {
    const struct quick **made = cw_arena_array(making->arena, nodes->count + 1, sizeof *made);
    for (size_t i = 0; i < nodes->count; i++)
        made[i] = make(making, nodes->items[i]);
    return made;
}

static const struct quick *make_optional(struct making *making, const struct node *node) {
    return node ? make(making, node) : NULL;
}

static void make_list(struct making *making, struct quick *quick) {
    const struct node *node = quick->node;
    struct quick_list list = {.min_items = node->min_items,
                              .max_items = node->max_items,
                              .min_contains = node->min_contains,
                              .max_contains = node->max_contains,
                              .unique = node->unique,
                              .prefix_count = node->prefix.count,
                              .has_contains = node->contains != NULL};
    list.every = list.prefix_count > 0 || node->items;
    if (!list.every && !list.has_contains && !list.unique && list.min_items == 0 &&
        list.max_items == NO_LIMIT)
        return;
    list.prefix = make_all(making, &node->prefix);
    list.items = make_optional(making, node->items);
    list.contains = make_optional(making, node->contains);
    quick->list = KEEP(making, list);
}

static void link_members(struct making *making, struct quick_object *object,
                         const struct node *node) {
    size_t count = node->properties.count;
    struct quick_entry **ordered = cw_arena_array(making->arena, count + 1, sizeof *ordered);
    for (size_t i = 0; i < count; i++) {
        const struct named_node *named = &node->properties.items[i];
        ordered[named->order] =
            (struct quick_entry *)quick_find(&object->members, named->name, strlen(named->name));
    }
    for (size_t i = 0; i < count; i++)
        ordered[i]->next = ordered[i + 1];
    object->first = ordered[0];
}

static void make_members(struct making *making, struct quick_object *object,
                         const struct node *node) {
    object->members = table_new(making, node->properties.count + 1);
    for (size_t i = 0; i < node->properties.count; i++) {
        const struct named_node *named = &node->properties.items[i];
        struct quick_entry *entry = table_put(&object->members, named->name, strlen(named->name));
        entry->test = make(making, named->node);
    }
    const char **others = cw_arena_array(making->arena, node->required_count + 1, sizeof *others);
    for (size_t i = 0; i < node->required_count; i++) {
        const char *name = node->required[i];
        struct quick_entry *entry =
            (struct quick_entry *)quick_find(&object->members, name, strlen(name));
        if (!entry) {
            others[object->required_count++] = name;
        } else if (!entry->required) {
            entry->required = true;
            object->required_here++;
        }
    }
    object->required = others;
    table_settle(making, &object->members);
    link_members(making, object, node);
}

static void make_patterns(struct making *making, struct quick_object *object,
                          const struct node *node) {
    const struct quick **tests =
        cw_arena_array(making->arena, node->pattern_count + 1, sizeof *tests);
    struct quick_regex *patterns =
        cw_arena_array(making->arena, node->pattern_count + 1, sizeof *patterns);
    for (size_t i = 0; i < node->pattern_count; i++) {
        tests[i] = make(making, node->patterns[i].node);
        patterns[i] = make_regex(making, node->patterns[i].code, node->patterns[i].source);
    }
    object->pattern_count = node->pattern_count;
    object->patterns = patterns;
    object->pattern_tests = tests;
}

static void make_dependent(struct making *making, struct quick_object *object,
                           const struct node *node) {
    const struct quick **tests =
        cw_arena_array(making->arena, node->dependent.count + 1, sizeof *tests);
    for (size_t i = 0; i < node->dependent.count; i++)
        tests[i] = make(making, node->dependent.items[i].node);
    object->dependent_count = node->dependent.count;
    object->dependent = node->dependent.items;
    object->dependent_tests = tests;
    object->dependency_count = node->dependency_count;
    object->dependencies = node->dependencies;
}

static void make_object(struct making *making, struct quick *quick) {
    const struct node *node = quick->node;
    struct quick_object object = {.min_members = node->min_members,
                                  .max_members = node->max_members,
                                  .closed = node->additional && node->additional->never};
    object.simple = node->pattern_count == 0 && !node->names;
    object.each = node->pattern_count > 0 || node->names || node->additional;
    if (!object.each && node->properties.count == 0 && node->required_count == 0 &&
        node->dependency_count == 0 && node->dependent.count == 0 && object.min_members == 0 &&
        object.max_members == NO_LIMIT)
        return;
    make_members(making, &object, node);
    make_patterns(making, &object, node);
    make_dependent(making, &object, node);
    object.additional = make_optional(making, node->additional);
    object.names = make_optional(making, node->names);
    quick->object = KEEP(making, object);
}

/* ---- in place -------------------------------------------------------------------------------- */

static struct quick_branches make_branches(struct making *making, const struct node_list *nodes,
                                           const struct discriminator *by) {
    struct quick_branches branches = {.count = nodes->count, .items = make_all(making, nodes)};
    if (!by || !by->member)
        return branches;
    branches.member = by->member;
    branches.by = table_new(making, nodes->count);
    for (size_t i = 0; i < nodes->count; i++)
        table_put(&branches.by, by->values[i], strlen(by->values[i]))->test = branches.items[i];
    table_settle(making, &branches.by);
    return branches;
}

static void make_place(struct making *making, struct quick *quick) {
    const struct node *node = quick->node;
    const struct node *ref = node->ref ? node->ref : node->dynamic_ref;
    struct quick_place place = {.has_ref = ref != NULL,
                                .has_negated = node->negated != NULL,
                                .has_condition =
                                    node->condition && (node->then || node->otherwise)};
    if (!place.has_ref && !place.has_negated && !place.has_condition && node->all_of.count == 0 &&
        node->any_of.count == 0 && node->one_of.count == 0)
        return;
    place.ref = make_optional(making, ref);
    place.all = make_branches(making, &node->all_of, NULL);
    place.any = make_branches(making, &node->any_of, &node->any_by);
    place.one = make_branches(making, &node->one_of, &node->one_by);
    place.negated = make_optional(making, node->negated);
    place.condition = make_optional(making, node->condition);
    place.then = make_optional(making, node->then);
    place.otherwise = make_optional(making, node->otherwise);
    quick->place = KEEP(making, place);
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static unsigned decided_types(const struct quick *quick) {
    unsigned more = quick->compared ? BITS_COMPARED : 0;
    if (quick->place)
        return 0;
    more |= quick->text ? BIT(JSON_STRING) : 0;
    more |= quick->bounds ? BIT(JSON_INTEGER) | BIT(JSON_REAL) : 0;
    more |= quick->whole ? BIT(JSON_REAL) : 0;
    more |= quick->list ? BIT(JSON_ARRAY) : 0;
    more |= quick->object ? BIT(JSON_OBJECT) : 0;
    return quick->accepts & ~more;
}

/* NULL: anything goes. The nodes are a graph: each is made once and told before what it holds. */
static const struct quick *make(struct making *making, const struct node *node) {
    if (node->never)
        return &never;
    if (!node->resource)
        return NULL;
    if (node->quick)
        return node->quick;
    if (node->unevaluated_items || node->unevaluated_members || node->dynamic_name ||
        (node->ref && node->dynamic_ref)) {
        making->impossible = true;
        return &never;
    }
    struct quick *quick = cw_arena_alloc(making->arena, sizeof *quick);
    ((struct node *)node)->quick = quick; /* while compiling nobody else has it */
    quick->node = node;
    quick->accepts = accepted_types(node, &quick->whole);
    make_scalars(making, quick);
    make_list(making, quick);
    make_object(making, quick);
    make_place(making, quick);
    quick->decided = decided_types(quick);
    return quick;
}

void cw_schema_quick_compile(struct cw_schema *schema) {
    struct making making = {schema->arena, false};
    const struct quick *quick = make(&making, schema->root);
    schema->has_quick = !making.impossible;
    schema->quick = quick;
}
