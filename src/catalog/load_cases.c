/*
 * Responsible for: overlays, and the document's own tests.
 * Does not: apply an overlay (configure) or run a test (publish).
 * Runs in: server and command line.
 */
#include "catalog/load_internal.h"

#include <string.h>

/* ---- choices by option ----------------------------------------------------------------------- */

static void mask_add(struct loader *loader, const struct cw_option *option, const json_t *value,
                     const char *pointer, struct cw_choice_mask *mask) {
    bool flag = option->kind == CW_OPTION_FLAG;
    uint32_t bit = CW_NONE;
    if (flag != json_is_boolean(value))
        cw_load_fault(loader, "rule.cell", pointer,
                      flag ? "write true or false" : "name a choice or a list of choices",
                      "this is no value of option '%s'", option->id);
    else if (flag)
        bit = json_is_true(value);
    else
        bit = cw_load_choice(loader, option, json_string_value(value), pointer);
    if (bit != CW_NONE)
        cw_mask_add(mask, bit);
}

static bool has_choices(struct loader *loader, uint32_t option, const char *pointer) {
    if (option == CW_NONE)
        return false;
    enum cw_option_kind kind = loader->options[option].kind;
    if (kind != CW_OPTION_NUMBER && kind != CW_OPTION_TEXT)
        return true;
    cw_load_fault(loader, "option.kind", pointer, "",
                  "only choice, multi and flag options have choices; '%s' is none of them",
                  loader->options[option].id);
    return false;
}

static const struct cw_overlay_item *load_sets(struct loader *loader, const json_t *object,
                                               const char *pointer, size_t *ret_count) {
    struct cw_overlay_item *items =
        cw_arena_array(loader->arena, json_object_size(object) + 1, sizeof *items);
    size_t count = 0;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value) {
        const char *at = cw_load_at(loader, pointer, name);
        uint32_t option = cw_load_reference(loader, TABLE_OPTIONS, name, at);
        if (!has_choices(loader, option, at))
            continue;
        struct cw_overlay_item *item = &items[count++];
        item->option = option;
        if (!json_is_array(value))
            mask_add(loader, &loader->options[option], value, at, &item->mask);
        for (size_t i = 0; i < json_array_size(value); i++)
            mask_add(loader, &loader->options[option], json_array_get(value, i),
                     cw_load_at_index(loader, at, i), &item->mask);
    }
    *ret_count = count;
    return items;
}

void cw_load_overlays(struct loader *loader) {
    const struct id_list *list = &loader->tables[TABLE_OVERLAYS];
    struct cw_overlay *overlays = cw_arena_array(loader->arena, list->count + 1, sizeof *overlays);
    for (size_t i = 0; i < list->count; i++) {
        const json_t *json = json_array_get(list->json, i);
        const char *pointer = cw_load_at_index(loader, list->pointer, i);
        overlays[i].id = list->ids[i];
        overlays[i].title = cw_load_text(loader, json, "title", pointer);
        overlays[i].items =
            load_sets(loader, json_object_get(json, "unavailable"),
                      cw_load_at(loader, pointer, "unavailable"), &overlays[i].item_count);
    }
    loader->product->overlays = overlays;
    loader->product->overlay_count = list->count;
}

/* ---- tests ----------------------------------------------------------------------------------- */

struct test_site {
    struct loader *loader;
    const json_t *json;
    const char *pointer;
    struct cw_product_test *test;
};

static void load_circumstances(struct test_site *site) {
    struct loader *loader = site->loader;
    struct cw_product_test *test = site->test;
    cw_load_member_reference(loader, TABLE_MARKETS, site->json, "market", site->pointer);
    test->market = cw_load_string(loader, site->json, "market");
    const json_t *overlays = json_object_get(site->json, "overlays");
    const char *at = cw_load_at(loader, site->pointer, "overlays");
    test->overlays = cw_load_strings(loader, overlays, &test->overlay_count);
    for (size_t i = 0; i < test->overlay_count; i++)
        cw_load_reference(loader, TABLE_OVERLAYS, test->overlays[i],
                          cw_load_at_index(loader, at, i));
}

static void load_because(struct test_site *site) {
    struct loader *loader = site->loader;
    const json_t *list = json_object_get(site->json, "because");
    const char *at = cw_load_at(loader, site->pointer, "because");
    size_t count = json_array_size(list);
    uint32_t *because = cw_arena_array(loader->arena, count + 1, sizeof *because);
    for (size_t i = 0; i < count; i++) {
        const char *id = json_string_value(json_array_get(list, i));
        const char *here = cw_load_at_index(loader, at, i);
        because[i] = cw_load_reference(loader, TABLE_RULES, id, here);
        if (because[i] != CW_NONE && loader->product->rules[because[i]].warning)
            cw_load_fault(loader, "test.because", here, "name a rule of severity \"error\"",
                          "rule '%s' is a warning and never makes a selection invalid", id);
    }
    site->test->because = because;
    site->test->because_count = count;
}

static void load_test(struct test_site *site) {
    struct loader *loader = site->loader;
    const json_t *json = site->json;
    struct cw_product_test *test = site->test;
    const char *select = cw_load_at(loader, site->pointer, "select");
    test->picks = cw_load_picks(loader, json_object_get(json, "select"), "test.value", select,
                                &test->pick_count);
    cw_load_refuse_derived(loader, test->picks, test->pick_count, "test.value", select);
    load_circumstances(site);
    test->valid = strcmp(cw_load_string(loader, json, "expect"), "valid") == 0;
    load_because(site);
    test->completes =
        cw_load_picks(loader, json_object_get(json, "completes"), "test.value",
                      cw_load_at(loader, site->pointer, "completes"), &test->complete_count);
    test->possible =
        load_sets(loader, json_object_get(json, "possible"),
                  cw_load_at(loader, site->pointer, "possible"), &test->possible_count);
    test->impossible =
        load_sets(loader, json_object_get(json, "impossible"),
                  cw_load_at(loader, site->pointer, "impossible"), &test->impossible_count);
}

void cw_load_tests(struct loader *loader) {
    const struct id_list *list = &loader->tables[TABLE_TESTS];
    struct cw_product_test *tests = cw_arena_array(loader->arena, list->count + 1, sizeof *tests);
    for (size_t i = 0; i < list->count; i++) {
        tests[i].id = list->ids[i];
        struct test_site site = {loader, json_array_get(list->json, i),
                                 cw_load_at_index(loader, list->pointer, i), &tests[i]};
        load_test(&site);
    }
    loader->product->tests = tests;
    loader->product->test_count = list->count;
}
