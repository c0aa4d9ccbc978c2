/*
 * Responsible for: conditions: JSON to struct cw_cond trees.
 * Does not: evaluate them (configure).
 * Runs in: server and command line.
 *
 * Members of a condition are joined by and. "all", "any", "not" nest; any other name is an option
 * with a test: choice "a" or ["a","b"], {"not": "a"} (active and another choice); flag true or
 * false; number 5, [5,6],
 *   {"gte": 5, "lte": 9}; multi {"has": "a"}; every kind {"present": bool}, {"active": bool}.
 */
#include "catalog/load_internal.h"

#include <string.h>

/* At most: a mask, a range, present, active. */
#define TEST_PARTS 4

struct test {
    struct loader *loader;
    uint32_t option;
    const char *pointer;
    struct cw_cond parts[TEST_PARTS];
    size_t count;
};

static bool refuse(struct test *test, const char *pointer, const char *hint) {
    cw_load_fault(test->loader, "condition.value", pointer, hint, "option '%s' cannot be tested so",
                  test->loader->options[test->option].id);
    return false;
}

static struct cw_cond *add_part(struct test *test, enum cw_cond_kind kind) {
    struct cw_cond *part = &test->parts[test->count++];
    part->kind = kind;
    part->option = test->option;
    return part;
}

static void negate(struct test *test, struct cw_cond *cond) {
    struct cw_cond *inner = cw_arena_alloc(test->loader->arena, sizeof *inner);
    *inner = *cond;
    *cond = (struct cw_cond){.kind = CW_COND_NOT, .option = CW_NONE, .count = 1, .items = inner};
}

/* ---- atoms ----------------------------------------------------------------------------------- */

static bool mask_add(struct test *test, const json_t *id, const char *pointer,
                     struct cw_choice_mask *mask) {
    const struct cw_option *option = &test->loader->options[test->option];
    if (!json_is_string(id))
        return refuse(test, pointer, "name a choice");
    uint32_t choice = cw_load_choice(test->loader, option, json_string_value(id), pointer);
    if (choice == CW_NONE)
        return false;
    cw_mask_add(mask, choice);
    return true;
}

static bool mask_of(struct test *test, const json_t *value, const char *pointer,
                    struct cw_choice_mask *mask) {
    if (!json_is_array(value))
        return mask_add(test, value, pointer, mask);
    bool fine = true;
    for (size_t i = 0; i < json_array_size(value); i++)
        fine = mask_add(test, json_array_get(value, i), cw_load_at_index(test->loader, pointer, i),
                        mask) &&
               fine;
    return fine;
}

static void complement(struct cw_choice_mask *mask, size_t choices) {
    for (size_t i = 0; i < choices; i++)
        mask->bits[i / 64] ^= UINT64_C(1) << (i % 64);
}

static bool test_range(struct test *test, int64_t min, int64_t max, const char *pointer) {
    const struct cw_option *option = &test->loader->options[test->option];
    if (max < min || max < option->number_min || min > option->number_max)
        return refuse(test, pointer, "the option never has such a value");
    struct cw_cond *part = add_part(test, CW_COND_RANGE);
    part->min = min;
    part->max = max;
    return true;
}

/* [5, 6]: any of them. */
static bool test_numbers(struct test *test, const json_t *list) {
    size_t count = json_array_size(list);
    struct cw_cond *items = cw_arena_array(test->loader->arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        const char *pointer = cw_load_at_index(test->loader, test->pointer, i);
        const json_t *item = json_array_get(list, i);
        int64_t number = cw_load_whole(item);
        if (!json_is_number(item))
            return refuse(test, pointer, "write a whole number");
        if (!test_range(test, number, number, pointer))
            return false;
        items[i] = test->parts[--test->count];
    }
    struct cw_cond *part = add_part(test, CW_COND_ANY);
    part->option = CW_NONE;
    part->count = count;
    part->items = items;
    return true;
}

/* ---- the test of one option ------------------------------------------------------------------ */

static const char *plain_hint(enum cw_option_kind kind) {
    switch (kind) {
    case CW_OPTION_CHOICE:
        return "name a choice, or several in a list";
    case CW_OPTION_MULTI:
        return "write {\"has\": …} with one choice or a list";
    case CW_OPTION_FLAG:
        return "write true or false";
    case CW_OPTION_NUMBER:
        return "write a whole number, or {\"gte\": …, \"lte\": …}";
    case CW_OPTION_TEXT:
    default:
        return "write {\"present\": true}";
    }
}

static bool test_plain(struct test *test, const json_t *value) {
    const struct cw_option *option = &test->loader->options[test->option];
    if (option->kind == CW_OPTION_CHOICE && (json_is_string(value) || json_is_array(value)))
        return mask_of(test, value, test->pointer, &add_part(test, CW_COND_IN)->mask);
    if (option->kind == CW_OPTION_FLAG && json_is_boolean(value)) {
        add_part(test, CW_COND_IN)->mask.bits[0] = json_is_true(value) ? 2 : 1;
        return true;
    }
    if (option->kind == CW_OPTION_NUMBER && json_is_array(value))
        return test_numbers(test, value);
    if (option->kind == CW_OPTION_NUMBER && json_is_number(value)) {
        int64_t number = cw_load_whole(value);
        return test_range(test, number, number, test->pointer);
    }
    return refuse(test, test->pointer, plain_hint(option->kind));
}

static bool test_mask_members(struct test *test, const json_t *value) {
    const struct cw_option *option = &test->loader->options[test->option];
    const json_t *other = json_object_get(value, "not"), *has = json_object_get(value, "has");
    bool fine = true;
    if (other && option->kind != CW_OPTION_CHOICE)
        return refuse(test, cw_load_at(test->loader, test->pointer, "not"),
                      plain_hint(option->kind));
    if (has && option->kind != CW_OPTION_MULTI)
        return refuse(test, cw_load_at(test->loader, test->pointer, "has"),
                      plain_hint(option->kind));
    if (other) {
        struct cw_cond *part = add_part(test, CW_COND_IN);
        fine = mask_of(test, other, cw_load_at(test->loader, test->pointer, "not"), &part->mask);
        complement(&part->mask, option->choice_count);
    }
    if (has)
        fine = mask_of(test, has, cw_load_at(test->loader, test->pointer, "has"),
                       &add_part(test, CW_COND_HAS)->mask);
    return fine;
}

static bool test_range_members(struct test *test, const json_t *value) {
    const struct cw_option *option = &test->loader->options[test->option];
    const char *name = json_object_get(value, "gte") ? "gte" : "lte";
    if (!json_object_get(value, name))
        return true;
    const char *pointer = cw_load_at(test->loader, test->pointer, name);
    if (option->kind != CW_OPTION_NUMBER)
        return refuse(test, pointer, plain_hint(option->kind));
    return test_range(test, cw_load_integer(value, "gte", option->number_min),
                      cw_load_integer(value, "lte", option->number_max), pointer);
}

static void test_state_member(struct test *test, const json_t *value, const char *name,
                              enum cw_cond_kind kind) {
    const json_t *wanted = json_object_get(value, name);
    if (!wanted)
        return;
    struct cw_cond *part = add_part(test, kind);
    if (json_is_false(wanted))
        negate(test, part);
}

static struct cw_cond join(struct loader *loader, const struct cw_cond *parts, size_t count) {
    if (count == 1)
        return parts[0];
    struct cw_cond *items = cw_arena_array(loader->arena, count + 1, sizeof *items);
    memcpy(items, parts, count * sizeof *items);
    return (struct cw_cond){.kind = CW_COND_ALL, .option = CW_NONE, .count = count, .items = items};
}

static bool load_test(struct loader *loader, const char *name, const json_t *value,
                      const char *pointer, struct cw_cond *ret_cond) {
    struct test test = {.loader = loader, .pointer = pointer};
    test.option = cw_load_reference(loader, TABLE_OPTIONS, name, pointer);
    if (test.option == CW_NONE)
        return false;
    bool fine;
    if (json_is_object(value)) {
        fine = test_mask_members(&test, value) && test_range_members(&test, value);
        if (fine) {
            test_state_member(&test, value, "present", CW_COND_PRESENT);
            test_state_member(&test, value, "active", CW_COND_ACTIVE);
        }
    } else {
        fine = test_plain(&test, value);
    }
    if (fine)
        *ret_cond = join(loader, test.parts, test.count);
    return fine;
}

/* ---- whole conditions ------------------------------------------------------------------------ */

static bool load_nested(struct loader *loader, enum cw_cond_kind kind, const json_t *value,
                        const char *pointer, struct cw_cond *ret_cond) {
    size_t count = kind == CW_COND_NOT ? 1 : json_array_size(value);
    struct cw_cond *items = cw_arena_array(loader->arena, count + 1, sizeof *items);
    bool fine = true;
    for (size_t i = 0; i < count; i++) {
        const json_t *item = kind == CW_COND_NOT ? value : json_array_get(value, i);
        const char *at = kind == CW_COND_NOT ? pointer : cw_load_at_index(loader, pointer, i);
        fine = cw_load_condition_into(loader, item, at, &items[i]) && fine;
    }
    *ret_cond = (struct cw_cond){.kind = kind, .option = CW_NONE, .count = count, .items = items};
    return fine;
}

bool cw_load_condition_into(struct loader *loader, const json_t *json, const char *pointer,
                            struct cw_cond *ret_cond) {
    struct cw_cond *items =
        cw_arena_array(loader->arena, json_object_size(json) + 1, sizeof *items);
    size_t count = 0;
    bool fine = true;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)json, name, value) {
        const char *at = cw_load_at(loader, pointer, name);
        struct cw_cond *item = &items[count++];
        if (strcmp(name, "all") == 0)
            fine = load_nested(loader, CW_COND_ALL, value, at, item) && fine;
        else if (strcmp(name, "any") == 0)
            fine = load_nested(loader, CW_COND_ANY, value, at, item) && fine;
        else if (strcmp(name, "not") == 0)
            fine = load_nested(loader, CW_COND_NOT, value, at, item) && fine;
        else
            fine = load_test(loader, name, value, at, item) && fine;
    }
    *ret_cond = count == 1
                    ? items[0]
                    : (struct cw_cond){
                          .kind = CW_COND_ALL, .option = CW_NONE, .count = count, .items = items};
    return fine;
}

const struct cw_cond *cw_load_condition(struct loader *loader, const json_t *object,
                                        const char *name, const char *pointer) {
    const json_t *json = json_object_get(object, name);
    if (!json)
        return NULL;
    struct cw_cond *cond = cw_arena_alloc(loader->arena, sizeof *cond);
    return cw_load_condition_into(loader, json, cw_load_at(loader, pointer, name), cond) ? cond
                                                                                         : NULL;
}

void cw_load_each_option(const struct cw_cond *cond, void (*tell)(void *arg, uint32_t option),
                         void *arg) {
    if (cond->option != CW_NONE)
        tell(arg, cond->option);
    for (size_t i = 0; i < cond->count; i++)
        cw_load_each_option(&cond->items[i], tell, arg);
}
