/*
 * Responsible for: the examples of docs/reference/rule-language.md. Each is added to the page's
 * product, and its own tests are judged by trying every configuration.
 * Does not: ask the rule engine (product check does, with the same kind of tests).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/json.h"
#include "../../support/brute_force.h"
#include "catalog/load.h"
#include "jsonschema/builtin.h"

#define PAGE "docs/reference/rule-language.md"

/* ---- one test, judged ------------------------------------------------------------------------ */

/* What is looked for among all valid configurations that keep the picks. */
struct looking {
    const struct cw_product *product;
    const struct cw_configure_context *context;
    const struct cw_selection *picks;
    uint32_t without;    /* an option whose pick does not count, or CW_NONE */
    uint32_t has_choice; /* that option's choice wanted, when there is one */
    size_t found;
    int64_t least; /* departures, then price, of the best one */
    struct cw_fact *best;
};

static bool keeps_picks(const struct looking *looking, const struct cw_fact *facts) {
    for (size_t i = 0; i < looking->picks->count; i++) {
        const struct cw_pick *pick = &looking->picks->picks[i];
        if (pick->option != looking->without &&
            !cw_brute_keeps(&looking->product->options[pick->option], &facts[pick->option],
                            &pick->value))
            return false;
    }
    return true;
}

static bool departs(const struct cw_option *option, const struct cw_fact *fact) {
    if (!fact->active || option->derive)
        return false;
    switch (option->kind) {
    case CW_OPTION_MULTI:
        return fact->value.multi != option->default_multi;
    case CW_OPTION_NUMBER:
        return fact->value.number != option->default_number;
    case CW_OPTION_TEXT:
        return fact->present;
    default:
        return fact->value.choice != option->default_choice;
    }
}

static void look(void *state, const struct cw_fact *facts) {
    struct looking *looking = state;
    size_t count = looking->product->option_count;
    if (!keeps_picks(looking, facts) || !cw_brute_valid(looking->product, looking->context, facts))
        return;
    if (looking->without != CW_NONE && !cw_fact_has(&looking->product->options[looking->without],
                                                    &facts[looking->without], looking->has_choice))
        return;
    int64_t cost = cw_brute_price(looking->product, facts);
    for (size_t o = 0; o < count; o++)
        cost += departs(&looking->product->options[o], &facts[o]) ? INT64_C(1) << 40 : 0;
    if (looking->found++ == 0 || cost < looking->least) {
        looking->least = cost;
        memcpy(looking->best, facts, count * sizeof *facts);
    }
}

static size_t search(struct looking *looking, struct cw_arena *arena) {
    looking->best = cw_arena_array(arena, looking->product->option_count, sizeof *looking->best);
    looking->found = 0;
    cw_brute_all(looking->product, &(struct cw_brute_visitor){look, looking});
    return looking->found;
}

static void read_picks(const struct cw_product *product, const struct cw_product_test *test,
                       struct cw_arena *arena, struct cw_selection *ret) {
    struct cw_faults faults = {.arena = arena};
    json_t *object = json_object();
    for (size_t i = 0; i < test->pick_count; i++)
        json_object_set_new(object, product->options[test->picks[i].option].id,
                            json_loads(test->picks[i].value_json, JSON_DECODE_ANY, NULL));
    assert_int_equal(cw_selection_decode(product, object, "", arena, ret, &faults), CW_OK);
    json_decref(object);
}

static void judge_states(struct looking *looking, const struct cw_overlay_item *items, size_t count,
                         bool wanted) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    for (size_t i = 0; i < count; i++) {
        const struct cw_option *option = &looking->product->options[items[i].option];
        uint32_t choices = option->kind == CW_OPTION_FLAG ? 2 : (uint32_t)option->choice_count;
        for (uint32_t c = 0; c < choices; c++) {
            if (!cw_mask_has(&items[i].mask, c))
                continue;
            struct looking one = *looking;
            one.without = items[i].option;
            one.has_choice = c;
            if ((search(&one, arena) > 0) != wanted)
                fail_msg("choice %u of '%s' is not as told", c, option->id);
        }
    }
}

static void judge_completes(const struct looking *looking, const struct cw_product_test *test) {
    for (size_t i = 0; i < test->complete_count; i++) {
        const struct cw_option *option = &looking->product->options[test->completes[i].option];
        const struct cw_fact *fact = &looking->best[test->completes[i].option];
        CW_AUTO_BUF struct cw_buf buf = {0};
        cw_value_encode(option, &fact->value, &buf);
        if (!fact->active || strcmp(buf.data, test->completes[i].value_json) != 0)
            fail_msg("'%s' is completed with %s, not %s", option->id, buf.data,
                     test->completes[i].value_json);
    }
}

/* A rule is a cause when the selection is consistent without it. */
static void judge_because(const struct looking *looking, const struct cw_product_test *test) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    for (size_t i = 0; i < test->because_count; i++) {
        struct cw_product without = *looking->product;
        struct cw_rule *rules = cw_arena_array(arena, without.rule_count, sizeof *rules);
        memcpy(rules, without.rules, without.rule_count * sizeof *rules);
        rules[test->because[i]].warning = true;
        without.rules = rules;
        struct looking one = *looking;
        one.product = &without;
        if (search(&one, arena) == 0)
            fail_msg("without rule '%s' it is invalid too", rules[test->because[i]].id);
    }
}

static void judge(const struct cw_product *product, const struct cw_product_test *test) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_selection picks;
    struct cw_configure_context context = {
        .market = test->market, .overlays = test->overlays, .overlay_count = test->overlay_count};
    read_picks(product, test, arena, &picks);
    struct looking looking = {
        .product = product, .context = &context, .picks = &picks, .without = CW_NONE};
    if ((search(&looking, arena) > 0) != test->valid)
        fail_msg("test '%s' is not %s", test->id, test->valid ? "valid" : "invalid");
    judge_completes(&looking, test);
    judge_states(&looking, test->possible, test->possible_count, true);
    judge_states(&looking, test->impossible, test->impossible_count, false);
    judge_because(&looking, test);
}

/* ---- the page -------------------------------------------------------------------------------- */

/* The next ```json block after *at, which moves behind it; NULL at the end. */
static json_t *next_block(const char **at) {
    static const char open[] = "\n```json\n";
    const char *start = strstr(*at, open);
    if (!start)
        return NULL;
    start += sizeof open - 1;
    const char *end = strstr(start, "```");
    json_t *block = end ? json_loadb(start, (size_t)(end - start), 0, NULL) : NULL;
    assert_non_null(block);
    *at = end + 3;
    return block;
}

/* The page's product with the example's members behind its own. */
static json_t *add_example(const json_t *frame, const json_t *example) {
    json_t *whole = json_deep_copy(frame);
    const char *name;
    json_t *list;
    json_object_foreach((json_t *)example, name, list) {
        if (!json_object_get(whole, name))
            json_object_set_new(whole, name, json_array());
        json_array_extend(json_object_get(whole, name), list);
    }
    return whole;
}

static size_t run_example(const json_t *document) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    struct cw_faults faults = {.arena = arena};
    char *text = json_dumps(document, JSON_COMPACT);
    struct cw_product_source source = {text, strlen(text), NULL, cw_schema_check_product};
    enum cw_status status = cw_product_load(&source, &faults, &snapshot, NULL);
    free(text);
    if (status != CW_OK)
        fail_msg("%s at %s", faults.items[0].message, faults.items[0].pointer);
    const struct cw_product *product = cw_snapshot_product(snapshot);
    for (size_t i = 1; i < product->test_count; i++) /* 0 is of the page's own product */
        judge(product, &product->tests[i]);
    return product->test_count - 1;
}

static void every_example_is_as_told(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    char *page;
    size_t length, examples = 0, tests = 0;
    assert_int_equal(cw_file_read(arena, SOURCE_ROOT "/" PAGE, 1 << 20, &page, &length, NULL),
                     CW_OK);
    const char *at = page;
    json_t *frame = next_block(&at), *example;
    assert_non_null(frame);
    while ((example = next_block(&at)) != NULL) {
        json_t *whole = add_example(frame, example);
        size_t ran = run_example(whole);
        assert_true(ran > 0);
        tests += ran;
        examples++;
        json_decref(whole);
        json_decref(example);
    }
    json_decref(frame);
    print_message("%zu examples, %zu tests\n", examples, tests);
    assert_true(examples >= 15);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_example_is_as_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
