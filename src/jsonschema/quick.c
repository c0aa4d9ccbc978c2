/*
 * Responsible for: running the quick form of a schema (quick.h): yes, no, or unknown.
 * Does not: explain. Runs in: every process; any number of threads on one schema.
 */
#include "jsonschema/quick.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cordwain/limits.h"
#include "jsonschema/peek.h"

static bool test_more(struct run *run, const struct quick *quick, const json_t *value);
static bool test_text(struct run *run, const struct quick_text *rules, const json_t *value);
static bool test_integer(const struct quick_bounds *bounds, const json_t *value);
static bool test_whole_object(struct run *run, const struct quick *quick, const json_t *value);

static inline struct quick_key key_of_string(const struct run *run, const json_t *value) {
    return quick_key_of(peek_text(run->peeks, value), peek_length(run->peeks, value));
}

static inline struct quick_key key_of_member(const struct run *run, void *at) {
    return quick_key_of(peek_name(run->peeks, at), peek_name_length(run->peeks, at));
}

/* Once `exhausted` is set, what is answered counts no more. Inlined where values are many. */
static inline bool test_here(struct run *run, const struct quick *quick, const json_t *value) {
    if (!quick)
        return true;
    if (run->steps == 0) {
        run->exhausted = true;
        return false;
    }
    run->steps--;
    struct quick_key key;
    switch ((enum quick_on)quick->on[json_typeof(value)]) {
    case QUICK_REFUSE:
        return false;
    case QUICK_ACCEPT:
        return true;
    case QUICK_LISTED:
        key = key_of_string(run, value);
        return quick_find(&quick->text->values, &key) != NULL;
    case QUICK_TEXT:
        return test_text(run, quick->text, value);
    case QUICK_INTEGER:
        return test_integer(quick->bounds, value);
    case QUICK_OBJECT:
        return test_whole_object(run, quick, value);
    case QUICK_MORE:
        break;
    }
    return test_more(run, quick, value);
}

static bool __attribute__((noinline))
test(struct run *run, const struct quick *quick, const json_t *value) {
    return test_here(run, quick, value);
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
    struct quick_key key = key_of_string(run, value);
    if (rules->listed && !quick_find(&rules->values, &key))
        return false;
    return !rules->more || test_form(run, rules, key.text, key.length);
}

static bool test_integer(const struct quick_bounds *bounds, const json_t *value) {
    json_int_t number = json_integer_value(value);
    return number >= bounds->low && number <= bounds->high &&
           (bounds->step == 0 || number % bounds->step == 0);
}

static bool test_number(const struct quick_bounds *bounds, const json_t *value) {
    const struct node *node = bounds->node;
    if (bounds->integers && json_is_integer(value))
        return test_integer(bounds, value);
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
        if (!test_here(run, item, json_array_get(value, i)))
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

/* `found` has room for what a frame keeps, in these three. */
static bool test_simple(struct run *run, const struct quick_object *rules, json_t *value,
                        const json_t **found) {
    size_t required = 0;
    const struct quick_entry *guess = rules->first;
    for (void *at = json_object_iter(value); at; at = json_object_iter_next(value, at)) {
        struct quick_key key = key_of_member(run, at);
        const struct quick_entry *entry = quick_find_after(&rules->members, guess, &key);
        const struct quick *member = rules->additional;
        const json_t *inner = peek_value(run->peeks, at);
        if (entry) {
            required += entry->required;
            member = entry->test;
            guess = entry->next;
            found[entry->kept] = inner;
        } else if (rules->closed) {
            return false;
        }
        if (!test_here(run, member, inner))
            return false;
    }
    return required == rules->required_here;
}

static bool test_member(struct run *run, const struct quick_object *rules,
                        const struct quick_key *key, const json_t *value, bool known) {
    for (size_t p = 0; p < rules->pattern_count; p++) {
        if (!matches(run, &rules->patterns[p], key->text, key->length))
            continue;
        known = true;
        if (!test(run, rules->pattern_tests[p], value))
            return false;
    }
    if (!known && (rules->closed || !test(run, rules->additional, value)))
        return false;
    return !rules->names || test_name(run, rules->names, key->text, key->length);
}

static bool test_each(struct run *run, const struct quick_object *rules, json_t *value,
                      const json_t **found) {
    size_t required = 0;
    for (void *at = json_object_iter(value); at; at = json_object_iter_next(value, at)) {
        struct quick_key key = key_of_member(run, at);
        const struct quick_entry *entry = quick_find(&rules->members, &key);
        const json_t *inner = peek_value(run->peeks, at);
        if (entry) {
            required += entry->required;
            found[entry->kept] = inner;
        }
        if ((entry && !test(run, entry->test, inner)) ||
            !test_member(run, rules, &key, inner, entry != NULL))
            return false;
    }
    return required == rules->required_here;
}

/* A member of an object, from the frame that keeps it or looked up. */
static inline const json_t *member_of(const struct run *run, const json_t *value,
                                      const struct quick_key *name, const struct quick_object *home,
                                      uint8_t asked) {
    const struct quick_frame *frame = run->frame;
    if (asked && frame && frame->home == home && frame->value == value)
        return frame->found[asked];
    return json_object_getn(value, name->text, name->length);
}

/* Nothing to say of other names. */
static bool test_named(struct run *run, const struct quick_object *rules, const json_t *value,
                       const json_t **found) {
    for (const struct quick_entry *entry = rules->first; entry; entry = entry->next) {
        const json_t *member = member_of(run, value, &entry->key, rules->home, entry->asked);
        found[entry->kept] = member;
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
            const struct name *needs = &dependency->needs[n];
            if (!json_object_getn(value, needs->text, needs->length))
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

static bool test_object(struct run *run, const struct quick_object *rules, const json_t *value,
                        const json_t **found) {
    size_t count = json_object_size(value);
    if (count < rules->min_members || count > rules->max_members)
        return false;
    for (size_t i = 0; i < rules->required_count; i++) {
        if (!json_object_getn(value, rules->required[i].text, rules->required[i].length))
            return false;
    }
    bool named = !rules->each && (rules->asking || 2 * rules->members.count <= count + 2);
    return (named           ? test_named(run, rules, value, found)
            : rules->simple ? test_simple(run, rules, (json_t *)value, found)
                            : test_each(run, rules, (json_t *)value, found)) &&
           test_dependencies(run, rules, value);
}

/* ---- in place -------------------------------------------------------------------------------- */

/* A branch that pins a member to another string than it has cannot hold: only one is left to try.
 */
static bool test_branches(struct run *run, const struct quick_branches *branches,
                          const json_t *value, bool one) {
    const json_t *pinned =
        branches->member.text && json_is_object(value)
            ? member_of(run, value, &branches->member, branches->home, branches->asked)
            : NULL;
    if (pinned) {
        if (!json_is_string(pinned))
            return false;
        struct quick_key key = key_of_string(run, pinned);
        const struct quick_entry *entry = quick_find(&branches->by, &key);
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

static bool test_kept(struct run *run, const struct quick *quick, const json_t *value) {
    const struct quick_frame *outer = run->frame;
    struct quick_frame frame;
    frame.home = quick->object;
    frame.value = value;
    memset(frame.found, 0, (quick->object->kept + 1) * sizeof *frame.found);
    if (!test_object(run, quick->object, value, frame.found))
        return false;
    run->frame = &frame;
    bool valid = test_place(run, quick->place, value);
    run->frame = outer;
    return valid;
}

static bool test_inside(struct run *run, const struct quick *quick, const json_t *value) {
    const json_t *unused; /* nobody asks */
    bool object = quick->object && json_is_object(value), valid;
    if (run->depth >= CW_SCHEMA_DEPTH) {
        run->exhausted = true;
        return false;
    }
    run->depth++;
    if (object && quick->object->kept)
        valid = test_kept(run, quick, value);
    else
        valid = (!object || test_object(run, quick->object, value, &unused)) &&
                (!quick->list || !json_is_array(value) || test_list(run, quick->list, value)) &&
                (!quick->place || test_place(run, quick->place, value));
    run->depth--;
    return valid;
}

/* As test_inside, where that is all there is. */
static bool test_whole_object(struct run *run, const struct quick *quick, const json_t *value) {
    const json_t *unused;
    if (run->depth >= CW_SCHEMA_DEPTH) {
        run->exhausted = true;
        return false;
    }
    run->depth++;
    bool valid = test_object(run, quick->object, value, &unused);
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
