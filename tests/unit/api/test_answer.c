/*
 * The written answer against what was computed: the document is read back by jansson, and options,
 * choices and reasons must be those of a tree built from the answer member by member. Random picks
 * over the demo products and random products with every kind of option and rule.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/answer.h"
#include "base/file.h"
#include "base/json.h"
#include "catalog/load.h"
#include "cordwain/limits.h"
#include "jsonschema/builtin.h"
#include "../../support/random_product.h"

static json_t *value_tree(const struct cw_option *option, const struct cw_value *value) {
    json_t *list;
    switch (option->kind) {
    case CW_OPTION_CHOICE:
        return json_string(option->choices[value->choice].id);
    case CW_OPTION_FLAG:
        return json_boolean(value->choice);
    case CW_OPTION_NUMBER:
        return json_integer(value->number);
    case CW_OPTION_TEXT:
        return option->artwork && !*value->text ? json_null() : json_string(value->text);
    case CW_OPTION_MULTI:
        break;
    }
    list = json_array();
    for (size_t i = 0; i < option->choice_count; i++)
        if (value->multi >> i & 1)
            json_array_append_new(list, json_string(option->choices[i].id));
    return list;
}

/* The key of a reason, which is added if nothing is quite the same. */
static const char *reason_key(json_t *reasons, json_t *take_reason) {
    static char key[24];
    const char *have;
    json_t *reason;
    json_object_foreach(reasons, have, reason) {
        if (json_equal(reason, take_reason)) {
            json_decref(take_reason);
            return have;
        }
    }
    (void)snprintf(key, sizeof key, "k%zu", json_object_size(reasons));
    json_object_set_new(reasons, key, take_reason);
    return key;
}

static json_t *choice_tree(const struct cw_product *product, const struct cw_answer *answer,
                           const struct cw_choice_ref *ref, json_t *reasons,
                           struct cw_arena *arena) {
    static const char *const states[] = {"selected", "forced", "possible", "impossible",
                                         "unavailable"};
    const struct cw_choice_answer *choice = &answer->options[ref->option].choices[ref->choice];
    json_t *tree = json_pack("{s:s}", "state", states[choice->state]);
    if (choice->delta_minor)
        json_object_set_new(tree, "delta", json_integer(choice->delta_minor));
    if (choice->state < CW_CHOICE_IMPOSSIBLE)
        return tree;
    json_t *reason =
        json_pack("{s:s}", "message", cw_choice_reason_text(product, answer, ref, "en", arena));
    if (choice->reason_rule != CW_NONE)
        json_object_set_new(reason, "rule", json_string(product->rules[choice->reason_rule].id));
    if (choice->reason_option != CW_NONE)
        json_object_set_new(reason, "option",
                            json_string(product->options[choice->reason_option].id));
    json_object_set_new(tree, "reason", json_string(reason_key(reasons, reason)));
    return tree;
}

static json_t *option_tree(const struct cw_product *product, const struct cw_answer *answer,
                           uint32_t o, json_t *reasons, struct cw_arena *arena) {
    const struct cw_option *option = &product->options[o];
    const struct cw_option_answer *have = &answer->options[o];
    json_t *tree = json_pack("{s:b s:b s:b}", "active", have->active, "required", have->required,
                             "picked", have->picked);
    if (have->known)
        json_object_set_new(tree, "value", value_tree(option, &have->value));
    if (option->derive) {
        json_object_set_new(tree, "derived", json_true());
    } else if (have->choice_count > 0) {
        json_t *choices = json_object();
        for (uint32_t c = 0; c < have->choice_count; c++) {
            struct cw_choice_ref ref = {o, c};
            const char *id =
                option->kind == CW_OPTION_FLAG ? (c ? "true" : "false") : option->choices[c].id;
            json_object_set_new(choices, id, choice_tree(product, answer, &ref, reasons, arena));
        }
        json_object_set_new(tree, "choices", choices);
    }
    return tree;
}

static struct cw_selection random_picks(const struct cw_product *product, struct cw_random *random,
                                        struct cw_arena *arena) {
    struct cw_pick *picks = cw_arena_array(arena, product->option_count, sizeof *picks);
    struct cw_selection selection = {.picks = picks};
    for (uint32_t o = 0; o < product->option_count; o++) {
        const struct cw_option *option = &product->options[o];
        struct cw_pick *pick = &picks[selection.count];
        *pick = (struct cw_pick){.option = o, .value = {.text = ""}};
        if (option->derive || cw_random_below(random, 4) > 0)
            continue;
        if (option->kind == CW_OPTION_CHOICE)
            pick->value.choice = cw_random_below(random, (uint32_t)option->choice_count);
        else if (option->kind == CW_OPTION_FLAG)
            pick->value.choice = cw_random_below(random, 2);
        else if (option->kind == CW_OPTION_TEXT)
            pick->value.text = !option->artwork && cw_random_below(random, 2) ? "A\"\\\n\x01é" : "";
        else
            continue;
        selection.count++;
    }
    return selection;
}

static void check_click(const struct cw_engine *engine, struct cw_random *random) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf buf = {0};
    CW_AUTO_JSON json_t *options = json_object(), *reasons = json_object();
    const struct cw_product *product = cw_engine_product(engine);
    struct cw_selection selection = random_picks(product, random, arena);
    struct cw_configure_context context = {.locale = "en", .now_ms = INT64_C(1795300000000)};
    struct cw_resolved resolved = {0};
    struct cw_faults faults = {.arena = arena};
    struct cw_answer answer;
    struct api_ask ask = API_ASK_DEFAULT;
    struct api_click click = {.engine = engine,
                              .selection = &selection,
                              .context = &context,
                              .ask = &ask,
                              .resolved = &resolved};
    struct cw_error err = {0};
    json_t *document;
    assert_int_equal(cw_configure(engine, &selection, &context, arena, &answer, &err), CW_OK);
    if (cw_resolve(engine, &selection, &context, CW_RESOLVE_LENIENT, arena, &resolved, &faults) !=
        CW_OK)
        return;
    assert_int_equal(api_answer_click(&click, arena, &buf, &err), CW_OK);
    assert_int_equal(cw_json_read(arena, buf.data, buf.length, buf.length, &document, &err), CW_OK);
    for (uint32_t o = 0; o < product->option_count; o++)
        json_object_set_new(options, product->options[o].id,
                            option_tree(product, &answer, o, reasons, arena));
    assert_true(json_equal(json_object_get(document, "options"), options));
    assert_true(json_equal(json_object_get(document, "reasons"), reasons));
    assert_int_equal(json_is_true(json_object_get(document, "consistent")), answer.consistent);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(document, "price"), "total")),
        answer.price.total_minor);
}

/* ---- since another answer ----------------------------------------------------------------------
 */

/* Every option with each choice's reason in its place. */
static json_t *told(const json_t *document) {
    json_t *options = json_deep_copy(json_object_get(document, "options"));
    const char *name, *id;
    json_t *option, *choice;
    json_object_foreach(options, name, option) {
        json_object_foreach(json_object_get(option, "choices"), id, choice) {
            const json_t *key = json_object_get(choice, "reason");
            if (key)
                json_object_set(
                    choice, "reason",
                    json_object_get(json_object_get(document, "reasons"), json_string_value(key)));
        }
    }
    return options;
}

/* What is told since the other answer, laid over it. */
static void lay_over(json_t *old, const json_t *since) {
    const char *name;
    json_t *option;
    json_object_foreach((json_t *)since, name, option) {
        CW_AUTO_JSON json_t *choices =
            json_incref(json_object_get(json_object_get(old, name), "choices"));
        if (choices && json_object_get(option, "choices"))
            json_object_update(choices, json_object_get(option, "choices"));
        json_object_set(old, name, option);
        if (choices)
            json_object_set(json_object_get(old, name), "choices", choices);
    }
}

static json_t *answer_of(const struct api_click *click, struct cw_arena *arena) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    json_t *document;
    assert_int_equal(api_answer_click(click, arena, &buf, NULL), CW_OK);
    assert_int_equal(cw_json_read(arena, buf.data, buf.length, buf.length, &document, NULL), CW_OK);
    return document;
}

static unsigned options_told; /* since others */

static void check_since(const struct cw_engine *engine, struct cw_random *random) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_product *product = cw_engine_product(engine);
    struct cw_selection first = random_picks(product, random, arena), second = first;
    struct cw_configure_context context = {.locale = "en", .now_ms = INT64_C(1795300000000)};
    struct cw_resolved resolved = {.product = product};
    struct api_ask ask = {0};
    const uint64_t *marks[2];
    struct api_click click = {.engine = engine,
                              .selection = &first,
                              .context = &context,
                              .ask = &ask,
                              .resolved = &resolved,
                              .ret_marks = &marks[0]};
    CW_AUTO_JSON json_t *old = told(answer_of(&click, arena));
    if (cw_random_below(random, 4) == 0)
        second = random_picks(product, random, arena);
    else if (second.count > 0)
        second.count--;
    click.selection = &second;
    click.ret_marks = &marks[1];
    CW_AUTO_JSON json_t *whole = told(answer_of(&click, arena));
    click.since = marks[0];
    const json_t *document = answer_of(&click, arena);
    assert_true(json_is_true(json_object_get(document, "partial")));
    CW_AUTO_JSON json_t *since = told(document);
    lay_over(old, since);
    assert_true(json_equal(old, whole));
    options_told += (unsigned)json_object_size(since);
    click.since = marks[1];
    CW_AUTO_JSON json_t *nothing = told(answer_of(&click, arena));
    assert_int_equal(json_object_size(nothing), 0);
}

static void check_product(const struct cw_product *product, uint64_t seed, int clicks) {
    struct cw_engine *engine;
    struct cw_random random = {seed};
    assert_int_equal(cw_engine_new(product, &engine, NULL), CW_OK);
    for (int i = 0; i < clicks; i++)
        check_click(engine, &random);
    for (int i = 0; i < clicks; i++)
        check_since(engine, &random);
    cw_engine_free(engine);
}

static void demo_products_are_written_as_answered(void **state) {
    (void)state;
    static const char *const ids[] = {"bottle", "court-sneaker"};
    for (int i = 0; i < 2; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
        struct cw_faults faults = {.arena = arena};
        char *text;
        size_t length;
        const char *file = cw_arena_printf(arena, SOURCE_ROOT "/schemas/products/%s.json", ids[i]);
        assert_int_equal(cw_file_read(arena, file, CW_PRODUCT_BYTES, &text, &length, NULL), CW_OK);
        struct cw_product_source source = {text, length, NULL, cw_schema_check_product};
        assert_int_equal(cw_product_load(&source, &faults, &snapshot, NULL), CW_OK);
        check_product(cw_snapshot_product(snapshot), 1, 60);
    }
}

static void random_products_are_written_as_answered(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        check_product(cw_random_rich_product(arena, seed), seed, 10);
    }
    assert_true(options_told > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demo_products_are_written_as_answered),
        cmocka_unit_test(random_products_are_written_as_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
