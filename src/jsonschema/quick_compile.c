/*
 * Responsible for: the quick form of a compiled schema (quick.h). Does not: run it (quick.c).
 * Runs in: every process, at start-up.
 */
#include "jsonschema/quick.h"

#include <stdlib.h>
#include <string.h>

#include "jsonschema/peek.h"

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
    text->values = cw_schema_quick_table(making->arena, json_array_size(node->values) + 1);
    json_array_foreach((json_t *)node->values, i, value) {
        if (json_is_string(value) &&
            (!node->constant || cw_schema_value_equal(value, node->constant)))
            (void)cw_schema_quick_put(&text->values, json_string_value(value),
                                      json_string_length(value));
    }
    if (!node->values && json_is_string(node->constant))
        (void)cw_schema_quick_put(&text->values, json_string_value(node->constant),
                                  json_string_length(node->constant));
    cw_schema_quick_settle(making->arena, &text->values);
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

static void link_members(struct quick_object *object, const struct quick_key *names, size_t count) {
    const struct quick_entry *next = NULL;
    while (count-- > 0) {
        struct quick_entry *entry =
            (struct quick_entry *)quick_find(&object->members, &names[count]);
        entry->next = next;
        next = entry;
    }
    object->first = next;
}

/* Required names that are no properties stand among the members too, unless that would make them
 * known to additionalProperties. */
static void make_members(struct making *making, struct quick_object *object,
                         const struct node *node) {
    size_t count = node->properties.count, most = count + node->required_count + 1;
    struct quick_key *names = cw_arena_array(making->arena, most, sizeof *names);
    struct name *others = cw_arena_array(making->arena, most, sizeof *others);
    object->members = cw_schema_quick_table(making->arena, object->each ? count + 1 : most);
    for (size_t i = 0; i < count; i++) {
        const struct named_node *named = &node->properties.items[i];
        struct quick_entry *entry =
            cw_schema_quick_put(&object->members, named->name, strlen(named->name));
        entry->test = make(making, named->node);
        names[named->order] = entry->key;
    }
    for (size_t i = 0; i < node->required_count; i++) {
        const struct name *name = &node->required[i];
        struct quick_key key = quick_key_of(name->text, name->length);
        struct quick_entry *entry = (struct quick_entry *)quick_find(&object->members, &key);
        if (!entry && object->each) {
            others[object->required_count++] = *name;
            continue;
        }
        if (!entry) {
            names[count++] = key;
            entry = cw_schema_quick_put(&object->members, name->text, name->length);
        }
        object->required_here += !entry->required;
        entry->required = true;
    }
    object->required = others;
    cw_schema_quick_settle(making->arena, &object->members);
    link_members(object, names, count);
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
    branches.member = quick_key_of(by->member, strlen(by->member));
    branches.by = cw_schema_quick_table(making->arena, nodes->count);
    for (size_t i = 0; i < nodes->count; i++)
        cw_schema_quick_put(&branches.by, by->values[i], strlen(by->values[i]))->test =
            branches.items[i];
    cw_schema_quick_settle(making->arena, &branches.by);
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

static void make_actions(struct quick *quick) {
    unsigned decided = decided_types(quick);
    for (unsigned type = JSON_OBJECT; type <= JSON_NULL; type++) {
        bool refused = !(quick->accepts >> type & 1);
        quick->on[type] = refused ? QUICK_REFUSE : decided >> type & 1 ? QUICK_ACCEPT : QUICK_MORE;
    }
    if (quick->place)
        return;
    if (quick->on[JSON_STRING] == QUICK_MORE)
        quick->on[JSON_STRING] = quick->text->more ? QUICK_TEXT : QUICK_LISTED;
    if (quick->on[JSON_INTEGER] == QUICK_MORE && !quick->compared && quick->bounds->integers)
        quick->on[JSON_INTEGER] = QUICK_INTEGER;
    if (quick->on[JSON_OBJECT] == QUICK_MORE && !quick->compared)
        quick->on[JSON_OBJECT] = QUICK_OBJECT;
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
    if (quick->object && quick->place)
        cw_schema_quick_keep((struct quick_object *)quick->object, quick->place);
    make_actions(quick);
    return quick;
}

void cw_schema_quick_compile(struct cw_schema *schema) {
    struct making making = {schema->arena, false};
    const struct quick *quick = make(&making, schema->root);
    schema->has_quick = !making.impossible;
    schema->quick = quick;
    schema->peeks = cw_schema_peek_check();
}
