/*
 * Responsible for: running the quick form of a schema (quick.h): yes, no, or unknown.
 * Does not: explain. Runs in: every process; any number of threads on one schema.
 */
#include "jsonschema/quick.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cordwain/limits.h"

static bool test_more(struct run *run, const struct quick *quick, const json_t *value);
static bool test_text(struct run *run, const struct quick_text *rules, const json_t *value);

/* Once `exhausted` is set, what is answered counts no more. */
static inline bool test(struct run *run, const struct quick *quick, const json_t *value) {
    if (!quick)
        return true;
    if (run->steps == 0) {
        run->exhausted = true;
        return false;
    }
    run->steps--;
    unsigned type = json_typeof(value);
    if (type == JSON_STRING && quick->text && !quick->place)
        return quick->accepts >> JSON_STRING & 1 && test_text(run, quick->text, value);
    return quick->decided >> type & 1 ||
           (quick->accepts >> type & 1 && test_more(run, quick, value));
}

/* ---- scalars --------------------------------------------------------------------------------- */

/* The steps of a match are spent either way. */
static bool matches(struct run *run, const struct quick_regex *regex, const char *text,
                    size_t length) {
    if (regex->table) {
        enum quick_match match = quick_pattern_match(regex->table, text, length);
        if (match != QUICK_MATCH_ASK)
            return cw_schema_run_step(run, 1 + length / 16) && match == QUICK_MATCH_YES;
    }
    if (!run->match_data) {
        run->match_data = pcre2_match_data_create(1, NULL);
        if (!run->match_data)
            abort(); /* as arenas do */
    }
    return cw_schema_run_match(run, regex->code, text, length) && !run->exhausted;
}

static bool test_form(struct run *run, const struct quick_text *rules, const char *text,
                      size_t length) {
    if (length > rules->max_length || length < 4 * rules->min_length) { /* at most 4 bytes each */
        size_t count = cw_schema_value_characters(text, length);
        if (count < rules->min_length || count > rules->max_length)
            return false;
    }
    if (rules->pattern.code && !matches(run, &rules->pattern, text, length))
        return false;
    return !rules->format ||
           (matches(run, &rules->format_code, text, length) &&
            (!rules->format->check || (strlen(text) == length && rules->format->check(text))));
}

static bool test_text(struct run *run, const struct quick_text *rules, const json_t *value) {
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);
    if (rules->listed && !quick_find(&rules->values, text, length))
        return false;
    return !rules->more || test_form(run, rules, text, length);
}

static bool test_number(const struct quick_bounds *bounds, const json_t *value) {
    const struct node *node = bounds->node;
    if (bounds->integers && json_is_integer(value)) {
        json_int_t number = json_integer_value(value);
        return number >= bounds->low && number <= bounds->high &&
               (bounds->step == 0 || number % bounds->step == 0);
    }
    return (!node->minimum || cw_schema_value_compare(value, node->minimum) >= 0) &&
           (!node->maximum || cw_schema_value_compare(value, node->maximum) <= 0) &&
           (!node->above || cw_schema_value_compare(value, node->above) > 0) &&
           (!node->below || cw_schema_value_compare(value, node->below) < 0) &&
           (!node->multiple_of || cw_schema_value_multiple_of(value, node->multiple_of));
}

static bool test_compared(const struct node *node, const json_t *value) {
    return (!node->constant || cw_schema_value_equal(node->constant, value)) &&
           (!node->values || cw_schema_value_among(node->values, value));
}

/* ---- arrays ---------------------------------------------------------------------------------- */

static bool test_contains(struct run *run, const struct quick_list *rules, const json_t *value) {
    size_t found = 0, count = json_array_size(value);
    for (size_t i = 0; i < count && !run->exhausted; i++)
        found += test(run, rules->contains, json_array_get(value, i));
    return found >= rules->min_contains && found <= rules->max_contains;
}

static bool test_list(struct run *run, const struct quick_list *rules, const json_t *value) {
    size_t count = json_array_size(value);
    if (count < rules->min_items || count > rules->max_items)
        return false;
    if (rules->unique && count > 1 && cw_schema_find_repeat(run, value) != count)
        return false;
    for (size_t i = 0; rules->every && i < count; i++) {
        const struct quick *item = i < rules->prefix_count ? rules->prefix[i] : rules->items;
        if (!test(run, item, json_array_get(value, i)))
            return false;
    }
    return !rules->has_contains || test_contains(run, rules, value);
}

/* ---- objects --------------------------------------------------------------------------------- */

static bool test_name(struct run *run, const struct quick *names, const char *name, size_t length) {
    json_t *value = json_stringn_nocheck(name, length);
    if (!value)
        abort(); /* as arenas do */
    bool valid = test(run, names, value);
    json_decref(value);
    return valid;
}

struct member {
    const char *name;
    size_t length;
    const json_t *value;
};

static bool test_simple(struct run *run, const struct quick_object *rules, json_t *value) {
    size_t required = 0;
    const struct quick_entry *guess = rules->first;
    for (void *at = json_object_iter(value); at; at = json_object_iter_next(value, at)) {
        const struct quick_entry *entry = quick_find_after(
            &rules->members, guess, json_object_iter_key(at), json_object_iter_key_len(at));
        const struct quick *member = rules->additional;
        if (entry) {
            required += entry->required;
            member = entry->test;
            guess = entry->next;
        } else if (rules->closed) {
            return false;
        }
        if (!test(run, member, json_object_iter_value(at)))
            return false;
    }
    return required == rules->required_here;
}

static bool test_member(struct run *run, const struct quick_object *rules,
                        const struct member *member, size_t *required) {
    const struct quick_entry *entry = quick_find(&rules->members, member->name, member->length);
    bool known = entry != NULL;
    if (entry) {
        *required += entry->required;
        if (!test(run, entry->test, member->value))
            return false;
    }
    for (size_t p = 0; p < rules->pattern_count; p++) {
        if (!matches(run, &rules->patterns[p], member->name, member->length))
            continue;
        known = true;
        if (!test(run, rules->pattern_tests[p], member->value))
            return false;
    }
    if (!known && (rules->closed || !test(run, rules->additional, member->value)))
        return false;
    return !rules->names || test_name(run, rules->names, member->name, member->length);
}

static bool test_each(struct run *run, const struct quick_object *rules, json_t *value) {
    size_t required = 0;
    for (void *at = json_object_iter(value); at; at = json_object_iter_next(value, at)) {
        struct member member = {json_object_iter_key(at), json_object_iter_key_len(at),
                                json_object_iter_value(at)};
        if (!test_member(run, rules, &member, &required))
            return false;
    }
    return required == rules->required_here;
}

/* Fewer names in the schema than members in the value, and nothing to say of others. */
static bool test_named(struct run *run, const struct quick_object *rules, const json_t *value) {
    size_t left = rules->members.count;
    for (const struct quick_entry *entry = rules->members.entries; left > 0; entry++) {
        if (!entry->name)
            continue;
        left--;
        const json_t *member = json_object_getn(value, entry->name, entry->length);
        if (member ? !test(run, entry->test, member) : entry->required)
            return false;
    }
    return true;
}

static bool test_dependencies(struct run *run, const struct quick_object *rules,
                              const json_t *value) {
    for (size_t i = 0; i < rules->dependency_count; i++) {
        const struct dependency *dependency = &rules->dependencies[i];
        bool there = json_object_get(value, dependency->name) != NULL;
        for (size_t n = 0; there && n < dependency->count; n++) {
            if (!json_object_get(value, dependency->needs[n]))
                return false;
        }
    }
    for (size_t i = 0; i < rules->dependent_count; i++) {
        if (json_object_get(value, rules->dependent[i].name) &&
            !test(run, rules->dependent_tests[i], value))
            return false;
    }
    return true;
}

static bool test_object(struct run *run, const struct quick_object *rules, const json_t *value) {
    size_t count = json_object_size(value);
    if (count < rules->min_members || count > rules->max_members)
        return false;
    for (size_t i = 0; i < rules->required_count; i++) {
        if (!json_object_get(value, rules->required[i]))
            return false;
    }
    bool named = !rules->each && 2 * rules->members.count <= count + 2;
    return (named           ? test_named(run, rules, value)
            : rules->simple ? test_simple(run, rules, (json_t *)value)
                            : test_each(run, rules, (json_t *)value)) &&
           test_dependencies(run, rules, value);
}

/* ---- in place -------------------------------------------------------------------------------- */

/* A branch that pins a member to another string than it has cannot hold: only one is left to try.
 */
static bool test_branches(struct run *run, const struct quick_branches *branches,
                          const json_t *value, bool one) {
    const json_t *pinned =
        branches->member && json_is_object(value) ? json_object_get(value, branches->member) : NULL;
    if (pinned) {
        const struct quick_entry *entry =
            json_is_string(pinned)
                ? quick_find(&branches->by, json_string_value(pinned), json_string_length(pinned))
                : NULL;
        return entry && test(run, entry->test, value);
    }
    size_t found = 0;
    for (size_t i = 0; i < branches->count && !run->exhausted && found < 1 + (size_t)one; i++)
        found += test(run, branches->items[i], value);
    return found == 1;
}

static bool test_place(struct run *run, const struct quick_place *place, const json_t *value) {
    if (place->has_ref && !test(run, place->ref, value))
        return false;
    for (size_t i = 0; i < place->all.count; i++) {
        if (!test(run, place->all.items[i], value))
            return false;
    }
    if (place->any.count && !test_branches(run, &place->any, value, /* one: */ false))
        return false;
    if (place->one.count && !test_branches(run, &place->one, value, /* one: */ true))
        return false;
    if (place->has_negated && test(run, place->negated, value))
        return false;
    return !place->has_condition ||
           test(run, test(run, place->condition, value) ? place->then : place->otherwise, value);
}

/* ---- one value ------------------------------------------------------------------------------- */

static bool test_inside(struct run *run, const struct quick *quick, const json_t *value) {
    if (run->depth >= CW_SCHEMA_DEPTH) {
        run->exhausted = true;
        return false;
    }
    run->depth++;
    bool valid =
        (!quick->object || !json_is_object(value) || test_object(run, quick->object, value)) &&
        (!quick->list || !json_is_array(value) || test_list(run, quick->list, value)) &&
        (!quick->place || test_place(run, quick->place, value));
    run->depth--;
    return valid;
}

/* The type is accepted, and does not decide. */
static bool test_more(struct run *run, const struct quick *quick, const json_t *value) {
    json_type type = json_typeof(value);
    if (type == JSON_STRING) {
        if (quick->text && !test_text(run, quick->text, value))
            return false;
    } else if (quick->compared && !test_compared(quick->node, value)) {
        return false;
    }
    if (type == JSON_REAL && quick->whole &&
        json_real_value(value) != floor(json_real_value(value)))
        return false;
    if (quick->bounds && json_is_number(value) && !test_number(quick->bounds, value))
        return false;
    bool inside = type == JSON_OBJECT || type == JSON_ARRAY || quick->place;
    return !inside || test_inside(run, quick, value);
}

enum quick_verdict cw_schema_quick_run(struct run *run, const json_t *instance) {
    bool valid = test(run, run->schema->quick, instance);
    if (run->exhausted)
        return QUICK_UNKNOWN;
    return valid ? QUICK_YES : QUICK_NO;
}
