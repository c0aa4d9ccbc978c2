/*
 * The configure step against brute force: every configuration of small random products is
 * enumerated and tested rule by rule; consistency, every state, every price difference, the
 * preferred completion and the pick that is blamed for an impossible choice must agree exactly.
 */
#include "configure/configure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/brute_force.h"
#include "../../support/random_product.h"
#include "configure/available.h"
#include "configure/engine.h"
#include "cordwain/limits.h"

#define PRODUCTS   3000
#define SELECTIONS 6

/* How often each state was met: a test that never saw one would prove nothing about it. */
static unsigned states_met[CW_CHOICE_UNAVAILABLE + 1];
static unsigned reasons_met, rules_met;

struct oracle {
    struct cw_arena *arena;
    const struct cw_product *product;
    const struct cw_configure_context *context;
    struct cw_fact **valid;
    size_t count;
    const struct cw_selection *selection;
    const char *texts[8];
};

/* ---- enumeration ----------------------------------------------------------------------------- */

static bool is_valid(const struct oracle *oracle, const struct cw_fact *facts) {
    return cw_brute_valid(oracle->product, oracle->context, facts);
}

static void keep_valid(void *state, const struct cw_fact *facts) {
    struct oracle *oracle = state;
    if (!is_valid(oracle, facts))
        return;
    size_t count = oracle->product->option_count;
    struct cw_fact *copy = cw_arena_array(oracle->arena, count, sizeof *copy);
    memcpy(copy, facts, count * sizeof *copy);
    oracle->valid = realloc(oracle->valid, (oracle->count + 1) * sizeof *oracle->valid);
    assert_non_null(oracle->valid);
    oracle->valid[oracle->count++] = copy;
}

/* ---- what brute force says ------------------------------------------------------------------- */

static bool counts(const struct cw_option *option, const struct cw_pick *pick) {
    if (option->kind == CW_OPTION_TEXT)
        return pick->value.text[0] != '\0';
    return option->kind != CW_OPTION_MULTI || !option->required || pick->value.multi;
}

static bool same_value(const struct cw_option *option, const struct cw_fact *fact,
                       const struct cw_value *value) {
    if (!fact->active)
        return false;
    if (option->kind == CW_OPTION_MULTI)
        return fact->value.multi == value->multi;
    if (option->kind == CW_OPTION_NUMBER)
        return fact->value.number == value->number;
    if (option->kind == CW_OPTION_TEXT)
        return fact->present == (value->text[0] != '\0');
    return fact->value.choice == value->choice;
}

static bool keeps_picks(const struct oracle *oracle, const struct cw_fact *facts,
                        uint32_t without) {
    for (size_t i = 0; i < oracle->selection->count; i++) {
        const struct cw_pick *pick = &oracle->selection->picks[i];
        const struct cw_option *option = &oracle->product->options[pick->option];
        if (pick->option != without && counts(option, pick) &&
            !same_value(option, &facts[pick->option], &pick->value))
            return false;
    }
    return true;
}

struct cost {
    bool found;
    uint32_t departures;
    int64_t total;
};

static struct cost cost_of(const struct oracle *oracle, const struct cw_fact *facts) {
    const struct cw_product *p = oracle->product;
    struct cost cost = {.found = true};
    for (uint32_t o = 0; o < p->option_count; o++) {
        const struct cw_option *option = &p->options[o];
        struct cw_value preferred = {.choice = option->default_choice,
                                     .multi = option->default_multi,
                                     .number = option->default_number,
                                     .text = oracle->texts[o]};
        cost.departures += facts[o].active && !same_value(option, &facts[o], &preferred);
    }
    cost.total = cw_price_total(p, facts, 1);
    return cost;
}

/* Best of the valid ones; `choice` and `exact` narrow `option` when it is not CW_NONE. */
static struct cost best(const struct oracle *oracle, uint32_t option, uint32_t choice,
                        const uint64_t *exact) {
    struct cost least = {0};
    for (size_t i = 0; i < oracle->count; i++) {
        const struct cw_fact *facts = oracle->valid[i];
        if (!keeps_picks(oracle, facts, option))
            continue;
        if (option != CW_NONE) {
            if (!cw_fact_has(&oracle->product->options[option], &facts[option], choice))
                continue;
            if (exact && facts[option].value.multi != *exact)
                continue;
        }
        struct cost cost = cost_of(oracle, facts);
        if (!least.found || cost.departures < least.departures ||
            (cost.departures == least.departures && cost.total < least.total))
            least = cost;
    }
    return least;
}

static bool always_has(const struct oracle *oracle, uint32_t option, uint32_t choice) {
    for (size_t i = 0; i < oracle->count; i++)
        if (keeps_picks(oracle, oracle->valid[i], CW_NONE) &&
            !cw_fact_has(&oracle->product->options[option], &oracle->valid[i][option], choice))
            return false;
    return true;
}

/* ---- comparing ------------------------------------------------------------------------------- */

static enum cw_choice_state expected_state(const struct oracle *oracle, uint32_t o, uint32_t c,
                                           const struct cw_pick *pick) {
    const struct cw_option *option = &oracle->product->options[o];
    bool picked = pick && counts(option, pick);
    struct cw_fact fact = {.active = true};
    if (picked) {
        fact.value = pick->value;
        if (cw_fact_has(option, &fact, c))
            return CW_CHOICE_SELECTED;
    }
    if (option->kind != CW_OPTION_FLAG &&
        !cw_choice_available(&option->choices[c], oracle->context))
        return CW_CHOICE_UNAVAILABLE;
    if (!best(oracle, o, c, NULL).found)
        return CW_CHOICE_IMPOSSIBLE;
    return !picked && always_has(oracle, o, c) ? CW_CHOICE_FORCED : CW_CHOICE_POSSIBLE;
}

static int64_t expected_delta(const struct oracle *oracle, uint32_t o, uint32_t c,
                              const struct cw_answer *answer) {
    struct cost cost = {0}, now = best(oracle, CW_NONE, 0, NULL);
    if (oracle->product->options[o].kind == CW_OPTION_MULTI) {
        uint64_t current = 0, with;
        for (size_t i = 0; i < answer->completion.count; i++)
            if (answer->completion.picks[i].option == o)
                current = answer->completion.picks[i].value.multi;
        with = current | UINT64_C(1) << c;
        cost = with == current ? now : best(oracle, o, c, &with);
    }
    if (!cost.found)
        cost = best(oracle, o, c, NULL);
    return cost.total - now.total;
}

/* ---- reasons --------------------------------------------------------------------------------- */

/* Some valid configuration has the choice and those of the option's picks whose bit is set. */
static bool stands(const struct oracle *oracle, uint32_t o, uint32_t c, uint32_t picks) {
    for (size_t i = 0; i < oracle->count; i++) {
        const struct cw_fact *facts = oracle->valid[i];
        bool has = cw_fact_has(&oracle->product->options[o], &facts[o], c);
        for (size_t k = 0; has && k < oracle->selection->count; k++) {
            const struct cw_pick *pick = &oracle->selection->picks[k];
            has =
                !(picks >> pick->option & 1) || same_value(&oracle->product->options[pick->option],
                                                           &facts[pick->option], &pick->value);
        }
        if (has)
            return true;
    }
    return false;
}

static uint32_t counted_picks(const struct oracle *oracle, uint32_t without) {
    uint32_t picks = 0;
    for (size_t i = 0; i < oracle->selection->count; i++) {
        const struct cw_pick *pick = &oracle->selection->picks[i];
        if (pick->option != without && counts(&oracle->product->options[pick->option], pick))
            picks |= 1U << pick->option;
    }
    return picks;
}

/* The pick is in some minimal set of picks that refutes the choice. */
static bool takes_part(const struct oracle *oracle, uint32_t o, uint32_t c, uint32_t pick) {
    uint32_t all = counted_picks(oracle, o);
    for (uint32_t set = all; set; set = (set - 1) & all) {
        bool minimal = (set >> pick & 1) && !stands(oracle, o, c, set);
        for (uint32_t left = set; minimal && left; left &= left - 1)
            minimal = stands(oracle, o, c, set & ~(left & (~left + 1)));
        if (minimal)
            return true;
    }
    return false;
}

static bool some_single(const struct oracle *oracle, uint32_t o, uint32_t c) {
    for (uint32_t left = counted_picks(oracle, o); left; left &= left - 1)
        if (!stands(oracle, o, c, left & (~left + 1)))
            return true;
    return false;
}

/* Dead whatever is picked names no pick; a single pick that refutes comes before several. */
static void compare_reason(const struct oracle *oracle, const struct cw_choice_answer *got,
                           const struct cw_choice_ref *ref, unsigned seed) {
    uint32_t o = ref->option, c = ref->choice, by = got->reason_option;
    const struct cw_option *option = &oracle->product->options[o];
    if (got->only_if && (option->kind == CW_OPTION_FLAG || !option->choices[c].only_if))
        fail_msg("seed %u: o%u c%u has no onlyIf to blame", seed, o, c);
    if (!stands(oracle, o, c, 0)) {
        if (by != CW_NONE)
            fail_msg("seed %u: o%u c%u is dead, o%u is blamed", seed, o, c, by);
        return;
    }
    reasons_met++;
    if (by == CW_NONE)
        fail_msg("seed %u: o%u c%u is impossible without a pick to blame", seed, o, c);
    if (!takes_part(oracle, o, c, by))
        fail_msg("seed %u: o%u c%u: o%u takes no part", seed, o, c, by);
    if (some_single(oracle, o, c) && stands(oracle, o, c, 1U << by))
        fail_msg("seed %u: o%u c%u: o%u alone does not refute, another pick does", seed, o, c, by);
    rules_met += got->reason_rule != CW_NONE || got->only_if;
}

static const struct cw_pick *pick_of(const struct cw_selection *selection, uint32_t option) {
    for (size_t i = 0; i < selection->count; i++)
        if (selection->picks[i].option == option)
            return &selection->picks[i];
    return NULL;
}

static void compare(const struct oracle *oracle, const struct cw_answer *answer, unsigned seed) {
    struct cost now = best(oracle, CW_NONE, 0, NULL);
    const struct cw_product *p = oracle->product;
    if (answer->consistent != now.found)
        fail_msg("seed %u: consistent %d, brute force %d", seed, answer->consistent, now.found);
    assert_true(answer->exact);
    assert_true(now.found || answer->issue_count > 0);
    if (now.found && answer->price.total_minor != now.total)
        fail_msg("seed %u: total %lld, brute force %lld", seed,
                 (long long)answer->price.total_minor, (long long)now.total);
    for (uint32_t o = 0; o < p->option_count; o++)
        for (uint32_t c = 0; c < answer->options[o].choice_count; c++) {
            const struct cw_choice_answer *got = &answer->options[o].choices[c];
            enum cw_choice_state want = expected_state(oracle, o, c, pick_of(oracle->selection, o));
            if (got->state != want)
                fail_msg("seed %u: o%u c%u state %d, brute force %d", seed, o, c, got->state, want);
            states_met[want]++;
            if (want == CW_CHOICE_IMPOSSIBLE)
                compare_reason(oracle, got, &(struct cw_choice_ref){o, c}, seed);
            bool priced = want == CW_CHOICE_POSSIBLE && now.found;
            if (priced && got->delta_minor != expected_delta(oracle, o, c, answer))
                fail_msg("seed %u: o%u c%u delta %lld, brute force %lld", seed, o, c,
                         (long long)got->delta_minor,
                         (long long)expected_delta(oracle, o, c, answer));
        }
}

static void compare_completion(const struct oracle *oracle, const struct cw_engine *engine,
                               unsigned seed) {
    struct cw_selection completed;
    struct cw_error err = {0};
    struct cost now = best(oracle, CW_NONE, 0, NULL);
    enum cw_status status =
        cw_complete(engine, oracle->selection, oracle->context, oracle->arena, &completed, &err);
    assert_int_equal(status, now.found ? CW_OK : CW_E_CONFLICT);
    if (!now.found) {
        assert_string_equal(err.code, "configure.inconsistent");
        return;
    }
    struct cw_fact *facts = cw_facts_new(oracle->product, &completed, oracle->arena);
    for (uint32_t o = 0; o < oracle->product->option_count; o++) {
        const struct cw_option *option = &oracle->product->options[o];
        /* a required text that nobody typed is left out: put it back for the comparison */
        if (option->kind == CW_OPTION_TEXT && facts[o].active && !facts[o].present) {
            facts[o].present = true;
            if (!is_valid(oracle, facts) || cost_of(oracle, facts).departures != now.departures)
                facts[o].present = false;
        }
    }
    struct cost got = cost_of(oracle, facts);
    bool texts_open = !is_valid(oracle, facts);
    if (!texts_open && got.departures != now.departures)
        fail_msg("seed %u: %u departures, brute force %u", seed, got.departures, now.departures);
    if (!texts_open && got.total != now.total)
        fail_msg("seed %u: completion costs %lld, brute force %lld", seed, (long long)got.total,
                 (long long)now.total);
}

static void random_value(struct cw_random *random, const struct cw_option *option,
                         struct cw_value *value) {
    struct cw_fact fact;
    do
        fact = cw_brute_value(option, cw_random_below(random, cw_brute_values(option)));
    while (option->kind == CW_OPTION_MULTI &&
           ((uint32_t)__builtin_popcountll(fact.value.multi) < option->multi_min ||
            (uint32_t)__builtin_popcountll(fact.value.multi) > option->multi_max));
    *value = fact.value;
    value->text = fact.present ? "XY" : "";
}

static void random_selection(struct cw_random *random, struct oracle *oracle, struct cw_pick *picks,
                             struct cw_selection *ret) {
    uint32_t rate = 1 + cw_random_below(random, 4);
    *ret = (struct cw_selection){.picks = picks};
    for (uint32_t o = 0; o < oracle->product->option_count; o++) {
        const struct cw_option *option = &oracle->product->options[o];
        oracle->texts[o] = option->default_text;
        if (cw_random_below(random, 5) >= rate)
            continue;
        picks[ret->count].option = o;
        random_value(random, option, &picks[ret->count].value);
        oracle->texts[o] = picks[ret->count++].value.text;
    }
    oracle->selection = ret;
}

static void check_product(unsigned seed) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_product *product = cw_random_product(arena, seed);
    struct cw_configure_context context = {.market = "earth", .quantity = 1};
    struct oracle oracle = {.arena = arena, .product = product, .context = &context};
    struct cw_random random = {.state = seed * UINT64_C(7919)};
    struct cw_engine *engine;
    cw_brute_all(product, &(struct cw_brute_visitor){keep_valid, &oracle});
    assert_int_equal(cw_engine_new(product, &engine, NULL), CW_OK);
    for (int i = 0; i < SELECTIONS; i++) {
        struct cw_pick picks[8];
        struct cw_selection selection;
        struct cw_answer answer;
        random_selection(&random, &oracle, picks, &selection);
        assert_int_equal(cw_configure(engine, &selection, &context, arena, &answer, NULL), CW_OK);
        compare(&oracle, &answer, seed);
        compare_completion(&oracle, engine, seed);
    }
    cw_engine_free(engine);
    free(oracle.valid);
}

static void agrees_with_brute_force(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= PRODUCTS; seed++)
        check_product(seed);
    for (size_t i = 0; i <= CW_CHOICE_UNAVAILABLE; i++)
        assert_true(states_met[i] > 500);
    assert_true(rules_met > reasons_met / 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_brute_force)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
