/*
 * Conflicts against brute force: the picks that are named have no configuration, and leaving any
 * one out has; the rules that are named refute them with nothing else but what the document's form
 * demands, and leaving any one out does not.
 */
#include "configure/ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/brute_force.h"
#include "../../support/random_product.h"
#include "../../support/shoe_product.h"
#include "configure/available.h"

#define PRODUCTS   2000
#define SELECTIONS 6

static size_t clashes_met, several_met, chains_met;

struct tried {
    const struct cw_product *product;
    const struct cw_configure_context *context;
    struct cw_fact **all; /* every combination of values that are available */
    bool *valid;
    size_t count;
    const struct cw_selection *selection;
    struct cw_arena *arena;
};

/* What the document's form demands without any rule: sets of the right size, choices that are
 * available. */
static bool has_form(const struct tried *tried, const struct cw_fact *facts) {
    for (uint32_t o = 0; o < tried->product->option_count; o++) {
        const struct cw_option *option = &tried->product->options[o];
        uint32_t members = (uint32_t)__builtin_popcountll(facts[o].value.multi);
        if (facts[o].active && option->kind == CW_OPTION_MULTI &&
            (members < option->multi_min || members > option->multi_max))
            return false;
        for (uint32_t c = 0; c < option->choice_count; c++)
            if (cw_fact_has(option, &facts[o], c) &&
                !cw_choice_available(&option->choices[c], tried->context))
                return false;
    }
    return true;
}

static void note(void *state, const struct cw_fact *facts) {
    struct tried *tried = state;
    size_t count = tried->product->option_count;
    if (!has_form(tried, facts))
        return;
    tried->all = realloc(tried->all, (tried->count + 1) * sizeof *tried->all);
    tried->valid = realloc(tried->valid, (tried->count + 1) * sizeof *tried->valid);
    assert_true(tried->all && tried->valid);
    tried->all[tried->count] = cw_arena_array(tried->arena, count, sizeof *facts);
    memcpy(tried->all[tried->count], facts, count * sizeof *facts);
    tried->valid[tried->count++] = cw_brute_valid(tried->product, tried->context, facts);
}

static const struct cw_pick *pick_of(const struct tried *tried, uint32_t option) {
    for (size_t i = 0; i < tried->selection->count; i++)
        if (tried->selection->picks[i].option == option)
            return &tried->selection->picks[i];
    fail_msg("option %u is not picked", option);
    return NULL;
}

/* A combination keeps these picks but that at `without`. */
static bool keeps(const struct tried *tried, const struct cw_fact *facts,
                  const struct cw_conflict *conflict, size_t without) {
    for (size_t i = 0; i < conflict->pick_count; i++) {
        uint32_t o = conflict->picks[i];
        if (i != without &&
            !cw_brute_keeps(&tried->product->options[o], &facts[o], &pick_of(tried, o)->value))
            return false;
    }
    return true;
}

static bool some_valid(const struct tried *tried, const struct cw_conflict *conflict,
                       size_t without) {
    for (size_t i = 0; i < tried->count; i++)
        if (tried->valid[i] && keeps(tried, tried->all[i], conflict, without))
            return true;
    return false;
}

/* What hangs on the option itself: activeIf, required, derive. */
static bool keeps_option(const struct tried *tried, const struct cw_fact *facts, uint32_t o) {
    const struct cw_product *product = tried->product;
    const struct cw_option *option = &product->options[o];
    bool required = option->required ||
                    (option->required_if && cw_facts_hold(product, facts, option->required_if));
    bool can_be_empty = option->kind == CW_OPTION_TEXT || option->kind == CW_OPTION_MULTI;
    bool empty = option->kind == CW_OPTION_TEXT ? !facts[o].present : facts[o].value.multi == 0;
    return facts[o].active == cw_facts_hold(product, facts, option->active_if) &&
           cw_facts_derive(product, facts, o) &&
           !(facts[o].active && can_be_empty && required && empty);
}

static bool keeps_cause(const struct tried *tried, const struct cw_fact *facts,
                        const struct cw_cause *cause) {
    const struct cw_product *product = tried->product;
    if (cause->rule != CW_NONE)
        return cw_facts_keep(product, facts, &product->rules[cause->rule]);
    if (cause->choice == CW_NONE)
        return keeps_option(tried, facts, cause->option);
    const struct cw_option *option = &product->options[cause->option];
    return !cw_fact_has(option, &facts[cause->option], cause->choice) ||
           cw_facts_hold(product, facts, option->choices[cause->choice].only_if);
}

/* Some combination keeps the picks and all causes but one. */
static bool some_left(const struct tried *tried, const struct cw_conflict *conflict,
                      size_t without) {
    for (size_t i = 0; i < tried->count; i++) {
        bool kept = keeps(tried, tried->all[i], conflict, SIZE_MAX);
        for (size_t c = 0; kept && c < conflict->cause_count; c++)
            kept = c == without || keeps_cause(tried, tried->all[i], &conflict->causes[c]);
        if (kept)
            return true;
    }
    return false;
}

static void check_causes(const struct tried *tried, const struct cw_conflict *conflict,
                         unsigned seed) {
    bool exact = true; /* which of an option's own conditions is meant is not said */
    if (some_left(tried, conflict, SIZE_MAX))
        fail_msg("seed %u: the causes do not refute the picks", seed);
    for (size_t c = 0; c < conflict->cause_count; c++) {
        const struct cw_cause *cause = &conflict->causes[c];
        assert_true(cause->message && cause->message[0]);
        exact &= cause->rule != CW_NONE || cause->choice != CW_NONE;
    }
    for (size_t c = 0; exact && c < conflict->cause_count; c++)
        if (!some_left(tried, conflict, c))
            fail_msg("seed %u: cause %zu is not needed", seed, c);
    chains_met += exact && conflict->cause_count > 1;
}

static void check_selection(struct tried *tried, const struct cw_engine *engine, unsigned seed) {
    struct cw_conflict conflict, all = {0};
    struct cw_error err = {0};
    uint32_t *picks = cw_arena_array(tried->arena, tried->selection->count + 1, sizeof *picks);
    for (size_t i = 0; i < tried->selection->count; i++)
        picks[all.pick_count++] = tried->selection->picks[i].option;
    all.picks = picks;
    enum cw_status status =
        cw_conflict_find(engine, tried->selection, tried->context, tried->arena, &conflict, &err);
    if (some_valid(tried, &all, SIZE_MAX)) {
        assert_int_equal(status, CW_E_CONFLICT);
        assert_string_equal(err.code, "configure.consistent");
        return;
    }
    assert_int_equal(status, CW_OK);
    assert_true(conflict.minimal);
    if (some_valid(tried, &conflict, SIZE_MAX))
        fail_msg("seed %u: the picks named do not conflict", seed);
    for (size_t i = 0; i < conflict.pick_count; i++)
        if (!some_valid(tried, &conflict, i))
            fail_msg("seed %u: the pick of o%u is not needed", seed, conflict.picks[i]);
    check_causes(tried, &conflict, seed);
    clashes_met++;
    several_met += conflict.pick_count > 2;
}

static void random_picks(struct cw_random *random, const struct cw_product *product,
                         struct cw_selection *ret) {
    struct cw_pick *picks = (struct cw_pick *)ret->picks;
    ret->count = 0;
    for (uint32_t o = 0; o < product->option_count; o++) {
        const struct cw_option *option = &product->options[o];
        if (option->derive || cw_random_below(random, 4) == 0)
            continue;
        struct cw_fact fact;
        do
            fact = cw_brute_value(option, cw_random_below(random, cw_brute_values(option)));
        while (option->kind == CW_OPTION_MULTI &&
               ((uint32_t)__builtin_popcountll(fact.value.multi) < option->multi_min ||
                (uint32_t)__builtin_popcountll(fact.value.multi) > option->multi_max));
        picks[ret->count] = (struct cw_pick){.option = o, .value = fact.value};
        picks[ret->count++].value.text = fact.present ? "XY" : "";
    }
}

static void agrees_with_brute_force(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= PRODUCTS; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_configure_context context = {.market = "earth"};
        struct cw_pick picks[8];
        struct cw_selection selection = {.picks = picks};
        struct tried tried = {.product = cw_random_product(arena, seed),
                              .context = &context,
                              .selection = &selection,
                              .arena = arena};
        struct cw_random random = {.state = seed * UINT64_C(7907)};
        struct cw_engine *engine;
        cw_brute_all(tried.product, &(struct cw_brute_visitor){note, &tried});
        assert_int_equal(cw_engine_new(tried.product, &engine, NULL), CW_OK);
        for (int i = 0; i < SELECTIONS; i++) {
            random_picks(&random, tried.product, &selection);
            check_selection(&tried, engine, seed);
        }
        cw_engine_free(engine);
        free(tried.all);
        free(tried.valid);
    }
    assert_true(clashes_met > PRODUCTS && several_met > 10 && chains_met > 50);
}

/* ---- the shoe -------------------------------------------------------------------------------- */

static void a_conflict_is_told_in_the_language(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_pick picks[] = {{.option = CW_SHOE_MATERIAL, .value = {.choice = 0}},
                              {.option = CW_SHOE_LACES, .value = {.multi = 4}},
                              {.option = CW_SHOE_GIFT, .value = {.choice = 1}}};
    struct cw_selection selection = {.count = 3, .picks = picks};
    struct cw_engine *engine;
    struct cw_conflict conflict;
    assert_int_equal(cw_engine_new(&cw_shoe_product, &engine, NULL), CW_OK);
    assert_int_equal(cw_conflict_find(engine, &selection,
                                      &(struct cw_configure_context){.locale = "zh-CN"}, arena,
                                      &conflict, NULL),
                     CW_OK);
    assert_int_equal(conflict.pick_count, 2);
    assert_int_equal(conflict.picks[0], CW_SHOE_MATERIAL);
    assert_int_equal(conflict.picks[1], CW_SHOE_LACES);
    assert_int_equal(conflict.cause_count, 1);
    assert_int_equal(conflict.causes[0].rule, CW_SHOE_GOLD_NEEDS_SUEDE);
    assert_string_equal(conflict.causes[0].message, "金色鞋带需要绒面革");
    cw_engine_free(engine);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_brute_force),
        cmocka_unit_test(a_conflict_is_told_in_the_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
