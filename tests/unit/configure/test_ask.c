/*
 * The questions of ask.h against brute force: every configuration of small random products is
 * enumerated; counts, price ranges, wishes, repairs and goals must agree exactly, samples must be
 * valid, uniform and, when asked for, different.
 */
#include "configure/ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/brute_force.h"
#include "../../support/random_product.h"
#include "configure/engine.h"
#include "cordwain/limits.h"

#define PRODUCTS   1000
#define SELECTIONS 4

/* What was met: a test that never saw one would prove nothing about it. */
static size_t consistent_met, repairs_met, several_changes_met, goals_met, unreachable_met;

struct trial {
    struct cw_arena *arena;
    const struct cw_product *product;
    const struct cw_engine *engine;
    struct cw_configure_context context;
    unsigned seed;
    size_t valid_count, valid_capacity;
    struct cw_fact **valid;
    struct cw_random random;
    struct cw_pick picks[16];
    struct cw_selection selection;
};

/* ---- facts ------------------------------------------------------------------------------------
 */

static void keep_valid(void *state, const struct cw_fact *facts) {
    struct trial *trial = state;
    if (!cw_brute_valid(trial->product, &trial->context, facts))
        return;
    if (trial->valid_count == trial->valid_capacity) {
        trial->valid_capacity = trial->valid_capacity * 2 + 64;
        trial->valid = realloc(trial->valid, trial->valid_capacity * sizeof *trial->valid);
        assert_non_null(trial->valid);
    }
    size_t bytes = trial->product->option_count * sizeof *facts;
    trial->valid[trial->valid_count] = cw_arena_alloc(trial->arena, bytes);
    memcpy(trial->valid[trial->valid_count++], facts, bytes);
}

static const struct cw_pick *pick_of(const struct cw_selection *selection, uint32_t option) {
    for (size_t i = 0; i < selection->count; i++)
        if (selection->picks[i].option == option)
            return &selection->picks[i];
    return NULL;
}

static bool keeps(const struct trial *trial, const struct cw_selection *selection,
                  const struct cw_fact *facts) {
    for (size_t i = 0; i < selection->count; i++) {
        const struct cw_pick *pick = &selection->picks[i];
        if (!cw_brute_keeps(&trial->product->options[pick->option], &facts[pick->option],
                            &pick->value))
            return false;
    }
    return true;
}

static bool is_in(const struct cw_lowered_option *own, uint32_t x, int64_t number) {
    return number >= own->class_first[x] && number < own->class_first[x + 1];
}

/* Which step of its class an answer names: the pick's, the default, or the first. */
static int64_t named_step(const struct trial *trial, const struct cw_selection *selection,
                          uint32_t option, int64_t number) {
    const struct cw_option *o = &trial->product->options[option];
    const struct cw_lowered_option *own = &trial->engine->lowered->options[option];
    const struct cw_pick *pick = pick_of(selection, option);
    uint32_t x = 0;
    while (!is_in(own, x, number))
        x++;
    if (pick && is_in(own, x, pick->value.number))
        return pick->value.number;
    return is_in(own, x, o->default_number) ? o->default_number : own->class_first[x];
}

static bool is_named(const struct trial *trial, const struct cw_selection *selection,
                     const struct cw_fact *facts) {
    for (uint32_t o = 0; o < trial->product->option_count; o++)
        if (trial->product->options[o].kind == CW_OPTION_NUMBER && facts[o].active &&
            facts[o].value.number != named_step(trial, selection, o, facts[o].value.number))
            return false;
    return true;
}

/* Order of the document: by option; values in theirs, inactive last; sets member by member. */
static int compare_option(const struct cw_option *option, const struct cw_fact *a,
                          const struct cw_fact *b) {
    for (uint32_t c = 0; option->kind == CW_OPTION_MULTI && c < option->choice_count; c++) {
        int x = a->value.multi >> c & 1, y = b->value.multi >> c & 1;
        if (x != y)
            return x - y;
    }
    if (a->active != b->active)
        return option->kind == CW_OPTION_MULTI ? a->active - b->active : b->active - a->active;
    if (a->value.choice != b->value.choice)
        return a->value.choice < b->value.choice ? -1 : 1;
    if (a->value.number != b->value.number)
        return a->value.number < b->value.number ? -1 : 1;
    return a->present - b->present;
}

static int compare_facts(const struct trial *trial, const struct cw_fact *a,
                         const struct cw_fact *b) {
    for (uint32_t o = 0; o < trial->product->option_count; o++) {
        int order = compare_option(&trial->product->options[o], &a[o], &b[o]);
        if (order)
            return order;
    }
    return 0;
}

static const char *preferred_text(const struct trial *trial, const struct cw_selection *selection,
                                  uint32_t option) {
    const struct cw_pick *pick = pick_of(selection, option);
    return pick ? pick->value.text : trial->product->options[option].default_text;
}

static uint32_t departures(const struct trial *trial, const struct cw_selection *selection,
                           const struct cw_fact *facts) {
    uint32_t count = 0;
    for (uint32_t o = 0; o < trial->product->option_count; o++) {
        const struct cw_option *option = &trial->product->options[o];
        struct cw_fact plain = {.active = true,
                                .value = {.choice = option->default_choice,
                                          .multi = option->default_multi,
                                          .number = option->default_number}};
        if (option->kind == CW_OPTION_TEXT)
            plain = (struct cw_fact){.active = true,
                                     .present = preferred_text(trial, selection, o)[0] != '\0'};
        if (option->kind != CW_OPTION_CHOICE && option->kind != CW_OPTION_FLAG)
            plain.value.choice = 0;
        if (option->kind != CW_OPTION_MULTI)
            plain.value.multi = 0;
        if (option->kind != CW_OPTION_NUMBER)
            plain.value.number = 0;
        count +=
            facts[o].active && !option->derive && compare_option(option, &facts[o], &plain) != 0;
    }
    return count;
}

/* ---- the best of all ---------------------------------------------------------------------------
 */

struct key {
    int64_t costs[3];
};

static struct key key_by(const struct trial *trial, const struct cw_selection *selection,
                         enum cw_wish wish, const struct cw_fact *facts) {
    int64_t price = cw_brute_price(trial->product, facts);
    int64_t days = cw_brute_days(trial->product, facts);
    int64_t departed = departures(trial, selection, facts);
    if (wish == CW_WISH_CHEAPEST)
        return (struct key){{price, departed}};
    if (wish == CW_WISH_QUICKEST)
        return (struct key){{days, price, departed}};
    return (struct key){{departed, price}};
}

static int compare_keys(const struct key *a, const struct key *b) {
    for (size_t i = 0; i < 3; i++)
        if (a->costs[i] != b->costs[i])
            return a->costs[i] < b->costs[i] ? -1 : 1;
    return 0;
}

/* NULL: none contains the picks. */
static const struct cw_fact *best_by(const struct trial *trial,
                                     const struct cw_selection *selection, enum cw_wish wish) {
    const struct cw_fact *best = NULL;
    struct key best_key = {{0}};
    for (size_t i = 0; i < trial->valid_count; i++) {
        const struct cw_fact *facts = trial->valid[i];
        if (!keeps(trial, selection, facts) || !is_named(trial, selection, facts))
            continue;
        struct key key = key_by(trial, selection, wish, facts);
        int order = best ? compare_keys(&key, &best_key) : -1;
        if (order < 0 || (order == 0 && compare_facts(trial, facts, best) < 0)) {
            best = facts;
            best_key = key;
        }
    }
    return best;
}

/* As an answer tells them: texts in place, what nobody typed left out. */
static void tell(const struct trial *trial, const struct cw_selection *selection,
                 const struct cw_fact *facts, struct cw_selection *ret) {
    size_t bytes = trial->product->option_count * sizeof *facts;
    struct cw_fact *told = cw_arena_alloc(trial->arena, bytes);
    memcpy(told, facts, bytes);
    for (uint32_t o = 0; o < trial->product->option_count; o++) {
        const struct cw_pick *pick = pick_of(selection, o);
        told[o].value.text = "";
        if (told[o].present)
            told[o].value.text = pick && pick->value.text[0]
                                     ? pick->value.text
                                     : trial->product->options[o].default_text;
    }
    cw_facts_selection(trial->product, told, trial->arena, ret);
}

static void assert_same_selection(const struct trial *trial, const struct cw_selection *a,
                                  const struct cw_selection *b) {
    struct cw_buf x = {0}, y = {0};
    cw_selection_encode(trial->product, a, &x);
    cw_selection_encode(trial->product, b, &y);
    if (strcmp(x.data, y.data) != 0)
        fail_msg("seed %u: %s, brute force %s", trial->seed, x.data, y.data);
    cw_buf_deinit(&x);
    cw_buf_deinit(&y);
}

static void check_wish(const struct trial *trial, enum cw_wish wish) {
    const struct cw_fact *best = best_by(trial, &trial->selection, wish);
    struct cw_selection got, want;
    struct cw_error err = {0};
    enum cw_status status = cw_complete_by(trial->engine, &trial->selection, &trial->context, wish,
                                           trial->arena, &got, &err);
    assert_int_equal(status, best ? CW_OK : CW_E_CONFLICT);
    if (!best) {
        assert_string_equal(err.code, "configure.inconsistent");
        return;
    }
    tell(trial, &trial->selection, best, &want);
    assert_same_selection(trial, &got, &want);
}

/* ---- how many, between what ---------------------------------------------------------------------
 */

static void check_count_and_range(const struct trial *trial) {
    int64_t least = INT64_MAX, most = INT64_MIN;
    size_t count = 0;
    for (size_t i = 0; i < trial->valid_count; i++) {
        if (!keeps(trial, &trial->selection, trial->valid[i]))
            continue;
        int64_t total =
            cw_price_of_unit(trial->product, cw_brute_price(trial->product, trial->valid[i]),
                             trial->context.quantity);
        count++;
        least = total < least ? total : least;
        most = total > most ? total : most;
    }
    const char *decimal;
    char want[32];
    struct cw_price_range range;
    assert_int_equal(
        cw_count(trial->engine, &trial->selection, &trial->context, trial->arena, &decimal, NULL),
        CW_OK);
    snprintf(want, sizeof want, "%zu", count);
    if (strcmp(decimal, want) != 0)
        fail_msg("seed %u: %s configurations, brute force %s", trial->seed, decimal, want);
    enum cw_status status = cw_price_range(trial->engine, &trial->selection, &trial->context,
                                           trial->arena, &range, NULL);
    assert_int_equal(status, count ? CW_OK : CW_E_CONFLICT);
    if (count) {
        assert_int_equal(range.min_minor, least);
        assert_int_equal(range.max_minor, most);
    }
    consistent_met += count > 0;
}

/* ---- repairs ------------------------------------------------------------------------------------
 */

#define MOST_SETS 1024

struct repair_set {
    uint32_t changed; /* a bit per option */
    const struct cw_fact *best;
    struct key key; /* changes, price, days */
};

static uint32_t changed_by(const struct trial *trial, const struct cw_fact *facts) {
    uint32_t changed = 0;
    for (size_t i = 0; i < trial->selection.count; i++) {
        const struct cw_pick *pick = &trial->selection.picks[i];
        if (!cw_brute_keeps(&trial->product->options[pick->option], &facts[pick->option],
                            &pick->value))
            changed |= 1U << pick->option;
    }
    return changed;
}

static bool comes_before(const struct trial *trial, const struct repair_set *a,
                         const struct repair_set *b) {
    int order = compare_keys(&a->key, &b->key);
    return order < 0 || (order == 0 && compare_facts(trial, a->best, b->best) < 0);
}

static void note_set(const struct trial *trial, struct repair_set *sets, size_t *count,
                     const struct cw_fact *facts, uint32_t changed) {
    struct repair_set set = {changed, facts, {{__builtin_popcount(changed)}}};
    set.key.costs[1] = cw_brute_price(trial->product, facts);
    set.key.costs[2] = cw_brute_days(trial->product, facts);
    size_t i = 0;
    while (i < *count && sets[i].changed != changed)
        i++;
    assert_true(i < MOST_SETS);
    if (i == *count || comes_before(trial, &set, &sets[i]))
        sets[i] = set;
    *count += i == *count;
}

/* Minimal sets, best first. */
static size_t brute_repairs(const struct trial *trial, uint32_t keep, struct repair_set *ret) {
    static struct repair_set all[MOST_SETS];
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < trial->valid_count; i++) {
        const struct cw_fact *facts = trial->valid[i];
        uint32_t changed = changed_by(trial, facts);
        if (!(changed & keep) && is_named(trial, &trial->selection, facts))
            note_set(trial, all, &count, facts, changed);
    }
    for (size_t i = 0; i < count; i++) {
        bool minimal = true;
        for (size_t j = 0; j < count; j++)
            minimal &= j == i || (all[j].changed & ~all[i].changed) != 0;
        if (!minimal)
            continue;
        size_t at = kept++;
        for (; at > 0 && comes_before(trial, &all[i], &ret[at - 1]); at--)
            ret[at] = ret[at - 1];
        ret[at] = all[i];
    }
    return kept;
}

static void check_change(const struct trial *trial, const struct cw_change *change,
                         const struct cw_fact *fact) {
    const struct cw_option *option = &trial->product->options[change->option];
    bool text = option->kind == CW_OPTION_TEXT;
    assert_int_equal(change->dropped, !fact->active || (text && !fact->present));
    if (change->dropped)
        return;
    assert_int_equal(change->to.choice, fact->value.choice);
    assert_int_equal(change->to.multi, fact->value.multi);
    assert_int_equal(change->to.number, fact->value.number);
}

static void check_repair(const struct trial *trial, const struct cw_repair *repair,
                         const struct repair_set *want) {
    uint32_t changed = 0;
    for (size_t i = 0; i < repair->change_count; i++) {
        changed |= 1U << repair->changes[i].option;
        check_change(trial, &repair->changes[i], &want->best[repair->changes[i].option]);
    }
    if (changed != want->changed)
        fail_msg("seed %u: repair changes %x, brute force %x", trial->seed, changed, want->changed);
    const struct cw_fact *best = best_by(trial, &repair->selection, CW_WISH_DEFAULT);
    assert_non_null(best);
    assert_int_equal(repair->total_minor,
                     cw_price_of_unit(trial->product, cw_brute_price(trial->product, best),
                                      trial->context.quantity));
    assert_int_equal(repair->working_days, cw_brute_days(trial->product, best));
    several_changes_met += repair->change_count > 1;
}

static void check_repairs(struct trial *trial) {
    static struct repair_set want[MOST_SETS];
    uint32_t keep = 0, kept_option = 0;
    if (trial->selection.count > 0 && cw_random_below(&trial->random, 3) == 0) {
        kept_option = trial->selection.picks[0].option;
        keep = 1U << kept_option;
    }
    struct cw_repair_request request = {.limit = 1 + cw_random_below(&trial->random, 5),
                                        .keep_count = keep != 0,
                                        .keep = &kept_option};
    struct cw_repair *repairs;
    struct cw_error err = {0};
    size_t count, want_count = brute_repairs(trial, keep, want);
    enum cw_status status = cw_repairs_find(trial->engine, &trial->selection, &trial->context,
                                            &request, trial->arena, &repairs, &count, &err);
    assert_int_equal(status, want_count ? CW_OK : CW_E_CONFLICT);
    if (!want_count) {
        assert_string_equal(err.code, "configure.void");
        return;
    }
    if (want[0].changed == 0)
        want_count = 0; /* nothing to repair */
    want_count = want_count < request.limit ? want_count : request.limit;
    if (count != want_count)
        fail_msg("seed %u: %zu repairs, brute force %zu", trial->seed, count, want_count);
    for (size_t i = 0; i < count; i++)
        check_repair(trial, &repairs[i], &want[i]);
    repairs_met += count;
}

/* ---- goals --------------------------------------------------------------------------------------
 */

struct goal_brute {
    const struct trial *trial;
    const struct cw_goal *goal;
    const struct cw_fact *base;
    bool found;
    struct key best; /* unmet, picks, price */
};

/* One option: is the wish unmet, does it differ; `typed`: a text is as wished for. */
static void weigh(const struct goal_brute *brute, uint32_t o, const struct cw_fact *fact,
                  bool typed, struct key *key) {
    const struct trial *trial = brute->trial;
    const struct cw_option *option = &trial->product->options[o];
    const struct cw_pick *wish = pick_of(&brute->goal->prefer, o);
    bool same = compare_option(option, fact, &brute->base[o]) == 0;
    if (wish && option->kind == CW_OPTION_TEXT) {
        key->costs[0] += wish->value.text[0] ? !fact->present || !typed : fact->present;
        same &=
            !typed || strcmp(wish->value.text, preferred_text(trial, &trial->selection, o)) == 0;
    } else if (wish) {
        key->costs[0] += !fact->active || (option->kind == CW_OPTION_MULTI
                                               ? fact->value.multi != wish->value.multi
                                               : !cw_brute_keeps(option, fact, &wish->value));
    }
    key->costs[1] += !same && !option->derive;
}

static void try_goal(struct goal_brute *brute, const struct cw_fact *facts, uint32_t typed) {
    const struct trial *trial = brute->trial;
    struct key key = {{0, 0, cw_brute_price(trial->product, facts)}};
    for (uint32_t o = 0; o < trial->product->option_count; o++) {
        const struct cw_pick *pick = pick_of(&trial->selection, o);
        bool fixed = pick && cw_lowered_counts(trial->engine->lowered, pick);
        if ((typed >> o & 1) && (fixed || !facts[o].present))
            return;
        if (!fixed)
            weigh(brute, o, &facts[o], typed >> o & 1, &key);
    }
    if (key.costs[1] <= brute->goal->picks &&
        (!brute->found || compare_keys(&key, &brute->best) < 0)) {
        brute->found = true;
        brute->best = key;
    }
}

static void try_all_goals(struct goal_brute *brute) {
    const struct trial *trial = brute->trial;
    uint32_t texts = 0;
    for (size_t i = 0; i < brute->goal->prefer.count; i++) {
        const struct cw_pick *wish = &brute->goal->prefer.picks[i];
        bool text = trial->product->options[wish->option].kind == CW_OPTION_TEXT;
        texts |= (uint32_t)(text && wish->value.text[0]) << wish->option;
    }
    for (size_t i = 0; brute->base && i < trial->valid_count; i++) {
        const struct cw_fact *facts = trial->valid[i];
        int64_t total = cw_price_of_unit(trial->product, cw_brute_price(trial->product, facts),
                                         trial->context.quantity);
        if (!keeps(trial, &trial->selection, facts) || total > brute->goal->max_minor ||
            cw_brute_days(trial->product, facts) > brute->goal->max_days)
            continue;
        for (uint32_t typed = texts;; typed = (typed - 1) & texts) {
            try_goal(brute, facts, typed);
            if (typed == 0)
                break;
        }
    }
}

static void random_value(struct trial *trial, uint32_t option, struct cw_value *ret) {
    const struct cw_option *o = &trial->product->options[option];
    struct cw_fact fact;
    do
        fact = cw_brute_value(o, cw_random_below(&trial->random, cw_brute_values(o)));
    while (o->kind == CW_OPTION_MULTI &&
           ((uint32_t)__builtin_popcountll(fact.value.multi) < o->multi_min ||
            (uint32_t)__builtin_popcountll(fact.value.multi) > o->multi_max));
    *ret = fact.value;
    ret->text = fact.present ? cw_random_below(&trial->random, 2) ? "XY" : "AB" : "";
}

static void random_selection(struct trial *trial, uint32_t rate, const struct cw_selection *besides,
                             struct cw_pick *picks, struct cw_selection *ret) {
    *ret = (struct cw_selection){.picks = picks};
    for (uint32_t o = 0; o < trial->product->option_count; o++) {
        if (cw_random_below(&trial->random, 5) >= rate || trial->product->options[o].derive ||
            (besides && pick_of(besides, o)))
            continue;
        picks[ret->count].option = o;
        random_value(trial, o, &picks[ret->count++].value);
    }
}

static void check_goal(struct trial *trial) {
    struct cw_pick wishes[16];
    struct cw_goal goal = {
        .max_minor = INT64_MAX, .max_days = INT32_MAX, .picks = cw_random_below(&trial->random, 4)};
    random_selection(trial, 3, &trial->selection, wishes, &goal.prefer);
    const struct cw_fact *some = best_by(trial, &trial->selection, CW_WISH_CHEAPEST);
    if (some && cw_random_below(&trial->random, 2))
        goal.max_minor = cw_price_of_unit(trial->product, cw_brute_price(trial->product, some),
                                          trial->context.quantity) +
                         100 * (int64_t)cw_random_below(&trial->random, 6) - 50;
    if (cw_random_below(&trial->random, 2))
        goal.max_days = (int32_t)cw_random_below(&trial->random, 10);
    struct goal_brute brute = {
        .trial = trial, .goal = &goal, .base = best_by(trial, &trial->selection, CW_WISH_DEFAULT)};
    try_all_goals(&brute);
    struct cw_goal_answer answer;
    struct cw_error err = {0};
    enum cw_status status = cw_goal_find(trial->engine, &trial->selection, &trial->context, &goal,
                                         trial->arena, &answer, &err);
    if (status != (brute.found ? CW_OK : CW_E_CONFLICT))
        fail_msg("seed %u: goal %d %s, brute force found %d", trial->seed, status, err.code,
                 brute.found);
    *(brute.found ? &goals_met : &unreachable_met) += 1;
    if (!brute.found)
        return;
    assert_true(answer.exact);
    if (answer.unmet_count != (size_t)brute.best.costs[0])
        fail_msg("seed %u: %zu unmet, brute force %d", trial->seed, answer.unmet_count,
                 (int)brute.best.costs[0]);
    assert_true((int64_t)answer.picks.count <= brute.best.costs[1]);
    assert_int_equal(answer.total_minor, cw_price_of_unit(trial->product, brute.best.costs[2],
                                                          trial->context.quantity));
    assert_true(answer.working_days <= goal.max_days);
    for (size_t i = 0; i < answer.picks.count; i++)
        assert_null(
            pick_of(&trial->selection, answer.picks.picks[i].option) &&
                    cw_lowered_counts(trial->engine->lowered,
                                      pick_of(&trial->selection, answer.picks.picks[i].option))
                ? trial
                : NULL);
}

/* ---- samples ------------------------------------------------------------------------------------
 */

/* Which of the valid ones it is, texts by presence. */
static size_t find_valid(const struct trial *trial, const struct cw_selection *selection) {
    for (size_t i = 0; i < trial->valid_count; i++) {
        bool same = true;
        for (uint32_t o = 0; same && o < trial->product->option_count; o++) {
            const struct cw_pick *pick = pick_of(selection, o);
            const struct cw_fact *fact = &trial->valid[i][o];
            bool text = trial->product->options[o].kind == CW_OPTION_TEXT;
            if (text)
                same = fact->present == (pick && pick->value.text[0]);
            else
                same = pick ? fact->active && fact->value.choice == pick->value.choice &&
                                  fact->value.multi == pick->value.multi &&
                                  fact->value.number == pick->value.number
                            : !fact->active;
        }
        if (same)
            return i;
    }
    return SIZE_MAX;
}

static void check_samples(struct trial *trial) {
    struct cw_sample_request request = {.seed = trial->seed, .count = 5};
    struct cw_selection *samples, *again;
    bool some = best_by(trial, &trial->selection, CW_WISH_DEFAULT) != NULL;
    for (int diverse = 0; diverse < 2; diverse++) {
        request.diverse = diverse;
        enum cw_status status = cw_sample(trial->engine, &trial->selection, &trial->context,
                                          &request, trial->arena, &samples, NULL);
        assert_int_equal(status, some ? CW_OK : CW_E_CONFLICT);
        if (!some)
            return;
        assert_int_equal(cw_sample(trial->engine, &trial->selection, &trial->context, &request,
                                   trial->arena, &again, NULL),
                         CW_OK);
        for (uint32_t i = 0; i < request.count; i++) {
            if (find_valid(trial, &samples[i]) == SIZE_MAX)
                fail_msg("seed %u: a sample is no configuration", trial->seed);
            assert_same_selection(trial, &samples[i], &again[i]);
        }
    }
}

/* ---- random products ----------------------------------------------------------------------------
 */

static void start(struct trial *trial, const struct cw_product *product, unsigned seed) {
    static const char *const overlays[] = {"v0", "v1"};
    static const char *const sold_out[] = {"s0"};
    struct cw_engine *engine;
    trial->product = product;
    trial->seed = seed;
    trial->random.state = seed * UINT64_C(7919) + 1;
    trial->context = (struct cw_configure_context){.market = "earth",
                                                   .quantity = 1 + seed % 3,
                                                   .overlays = overlays,
                                                   .overlay_count = seed % 3,
                                                   .sold_out = sold_out,
                                                   .sold_out_count = seed % 2};
    cw_brute_all(product, &(struct cw_brute_visitor){keep_valid, trial});
    assert_int_equal(cw_engine_new(product, &engine, NULL), CW_OK);
    trial->engine = engine;
}

static void finish(struct trial *trial) {
    cw_engine_free((struct cw_engine *)trial->engine);
    free(trial->valid);
}

static void check_product(struct cw_arena *arena, const struct cw_product *product, unsigned seed) {
    struct trial trial = {.arena = arena};
    start(&trial, product, seed);
    for (int i = 0; i < SELECTIONS; i++) {
        random_selection(&trial, 1 + cw_random_below(&trial.random, 5), NULL, trial.picks,
                         &trial.selection);
        check_count_and_range(&trial);
        check_wish(&trial, CW_WISH_DEFAULT);
        check_wish(&trial, CW_WISH_CHEAPEST);
        check_wish(&trial, CW_WISH_QUICKEST);
        check_repairs(&trial);
        check_samples(&trial);
        check_goal(&trial);
    }
    finish(&trial);
}

static void agrees_with_brute_force(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= PRODUCTS; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        check_product(arena, cw_random_product(arena, seed), seed);
        check_product(arena, cw_random_rich_product(arena, seed), seed);
    }
    print_message("%zu consistent, %zu repairs (%zu of several), %zu goals, %zu unreachable\n",
                  consistent_met, repairs_met, several_changes_met, goals_met, unreachable_met);
    assert_true(consistent_met > 500 && repairs_met > 500 && several_changes_met > 100);
    assert_true(goals_met > 300 && unreachable_met > 300);
}

/* ---- drawn evenly -------------------------------------------------------------------------------
 */

/* Chi-square of `draws` samples over all valid configurations. */
static double chi_square(struct trial *trial, uint32_t rounds) {
    size_t *met = calloc(trial->valid_count, sizeof *met);
    struct cw_selection *samples;
    assert_non_null(met);
    for (uint32_t r = 0; r < rounds; r++) {
        struct cw_sample_request request = {.seed = r, .count = CW_SAMPLES};
        assert_int_equal(cw_sample(trial->engine, &trial->selection, &trial->context, &request,
                                   trial->arena, &samples, NULL),
                         CW_OK);
        for (uint32_t i = 0; i < CW_SAMPLES; i++) {
            size_t which = find_valid(trial, &samples[i]);
            assert_true(which < trial->valid_count);
            met[which]++;
        }
    }
    double expected = (double)rounds * CW_SAMPLES / (double)trial->valid_count, sum = 0;
    for (size_t i = 0; i < trial->valid_count; i++)
        sum += ((double)met[i] - expected) * ((double)met[i] - expected) / expected;
    free(met);
    return sum;
}

/* Every configuration is drawn equally often: chi-square below its mean plus five deviations. */
static void draws_evenly(void **state) {
    (void)state;
    size_t tried = 0;
    for (unsigned seed = 1; tried < 8; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct trial trial = {.arena = arena};
        start(&trial, cw_random_rich_product(arena, seed), seed);
        double freedom = (double)trial.valid_count - 1;
        if (trial.valid_count > 2 && trial.valid_count <= 100) {
            double excess = chi_square(&trial, 4) - freedom;
            tried++;
            if (excess * excess > 25 * 2 * freedom && excess > 0)
                fail_msg("seed %u: chi-square is %.1f above %.0f", seed, excess, freedom);
        }
        finish(&trial);
    }
}

/* As long as there are enough, no two diverse ones are the same. */
static void diverse_ones_differ(void **state) {
    (void)state;
    size_t tried = 0;
    for (unsigned seed = 1; tried < 20; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct trial trial = {.arena = arena};
        struct cw_sample_request request = {.seed = seed, .count = 4, .diverse = true};
        struct cw_selection *samples;
        start(&trial, cw_random_product(arena, seed), seed);
        if (trial.valid_count >= 8 && trial.valid_count < 60) {
            assert_int_equal(cw_sample(trial.engine, &trial.selection, &trial.context, &request,
                                       arena, &samples, NULL),
                             CW_OK);
            for (uint32_t i = 0; i < request.count; i++)
                for (uint32_t j = 0; j < i; j++)
                    assert_true(find_valid(&trial, &samples[i]) != find_valid(&trial, &samples[j]));
            tried++;
        }
        finish(&trial);
    }
}

/* Of an option that is not there two examples may differ inside without showing it. */
static bool has_active_if(const struct cw_product *product) {
    for (size_t o = 0; o < product->option_count; o++)
        if (product->options[o].active_if || product->options[o].kind == CW_OPTION_TEXT)
            return true;
    return false;
}

/* In how many options two examples differ. */
static uint32_t difference(const struct trial *trial, const struct cw_selection *a,
                           const struct cw_selection *b) {
    uint32_t count = 0;
    for (uint32_t o = 0; o < trial->product->option_count; o++) {
        const struct cw_pick *x = pick_of(a, o), *y = pick_of(b, o);
        count +=
            !x != !y || (x && y &&
                         (x->value.choice != y->value.choice || x->value.multi != y->value.multi ||
                          x->value.number != y->value.number));
    }
    return count;
}

/* Farthest first among exactly CW_DIVERSE_POOL draws: with one more or one less, other ones would
 * be found for some of the products. */
static void diverse_ones_come_from_the_pool(void **state) {
    (void)state;
    assert_int_equal(CW_DIVERSE_POOL, CW_SAMPLES); /* so that the pool can be asked for */
    for (unsigned seed = 1; seed <= 20; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct trial trial = {.arena = arena};
        struct cw_sample_request all = {.seed = seed, .count = CW_DIVERSE_POOL},
                                 few = {.seed = seed, .count = 6, .diverse = true};
        struct cw_selection *pool, *chosen;
        uint32_t nearest[CW_DIVERSE_POOL];
        start(&trial, cw_random_product(arena, seed), seed);
        if (trial.valid_count > 0 && !has_active_if(trial.product)) {
            assert_int_equal(
                cw_sample(trial.engine, &trial.selection, &trial.context, &all, arena, &pool, NULL),
                CW_OK);
            assert_int_equal(cw_sample(trial.engine, &trial.selection, &trial.context, &few, arena,
                                       &chosen, NULL),
                             CW_OK);
            memset(nearest, 0xff, sizeof nearest);
            for (uint32_t i = 0, next = 0; i < few.count; i++) {
                assert_int_equal(difference(&trial, &chosen[i], &pool[next]), 0);
                uint32_t last = next;
                nearest[last] = 0;
                next = 0;
                for (uint32_t k = 0; k < CW_DIVERSE_POOL; k++) {
                    uint32_t to_last = difference(&trial, &pool[k], &pool[last]);
                    nearest[k] = to_last < nearest[k] ? to_last : nearest[k];
                    next = nearest[k] > nearest[next] ? k : next;
                }
            }
        }
        finish(&trial);
    }
}

static void refuses_too_many_samples(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct trial trial = {.arena = arena};
    struct cw_sample_request request = {.seed = 1, .count = CW_SAMPLES};
    struct cw_selection *samples;
    struct cw_error err = {0};
    unsigned seed = 1;
    for (start(&trial, cw_random_product(arena, seed), seed); trial.valid_count == 0; seed++) {
        finish(&trial);
        trial = (struct trial){.arena = arena};
        start(&trial, cw_random_product(arena, seed), seed);
    }
    assert_int_equal(
        cw_sample(trial.engine, &trial.selection, &trial.context, &request, arena, &samples, NULL),
        CW_OK);
    request.count++;
    assert_int_equal(
        cw_sample(trial.engine, &trial.selection, &trial.context, &request, arena, &samples, &err),
        CW_E_INPUT);
    assert_string_equal(err.code, "configure.sample_count");
    finish(&trial);
}

/* ---- limits -------------------------------------------------------------------------------------
 */

#define FLAGS (CW_REPAIRS + 2)

/* Not all flags together: taking back any one of them is a repair. */
static void finds_at_most_so_many_repairs(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_option options[FLAGS];
    struct cw_cond conds[FLAGS];
    struct cw_pick picks[FLAGS];
    struct cw_rule rule = {
        .id = "r", .kind = CW_RULE_EXCLUDES, .cond_count = FLAGS, .conds = conds};
    struct cw_product product = {
        .id = "p", .option_count = FLAGS, .options = options, .rule_count = 1, .rules = &rule};
    struct cw_selection selection = {.count = FLAGS, .picks = picks};
    struct cw_configure_context context = {0};
    struct cw_repair_request request = {.limit = CW_REPAIRS};
    struct cw_engine *engine;
    struct cw_repair *repairs;
    size_t count;
    for (uint32_t i = 0; i < FLAGS; i++) {
        options[i] = (struct cw_option){.id = "f", .kind = CW_OPTION_FLAG};
        conds[i] = (struct cw_cond){.kind = CW_COND_IN, .option = i, .mask.bits[0] = 2};
        picks[i] = (struct cw_pick){.option = i, .value = {.choice = 1, .text = ""}};
    }
    assert_int_equal(cw_engine_new(&product, &engine, NULL), CW_OK);
    for (; request.limit <= CW_REPAIRS + 1; request.limit++) {
        assert_int_equal(
            cw_repairs_find(engine, &selection, &context, &request, arena, &repairs, &count, NULL),
            CW_OK);
        assert_int_equal(count, CW_REPAIRS);
        for (uint32_t i = 0; i < count; i++) {
            assert_int_equal(repairs[i].change_count, 1);
            assert_int_equal(repairs[i].changes[0].option, i);
            assert_int_equal(repairs[i].changes[0].to.choice, 0);
            assert_int_equal(repairs[i].selection.count, FLAGS);
        }
    }
    cw_engine_free(engine);
}

/* Ten options that trade price for days: with `last` choices of the last one 20,000 × last
 * configurations, none of which beats another. */
static bool goal_is_exact(uint32_t last) {
    enum { OPTIONS = 10, MOST = 6 };
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    static const uint32_t counts[OPTIONS - 1] = {2, 2, 2, 2, 2, 5, 5, 5, 5};
    struct cw_option options[OPTIONS];
    struct cw_choice choices[OPTIONS][MOST];
    int64_t weight = 1, dearest = 0;
    for (uint32_t o = 0; o < OPTIONS; o++) {
        uint32_t count = o == OPTIONS - 1 ? last : counts[o];
        options[o] = (struct cw_option){
            .id = "o", .kind = CW_OPTION_CHOICE, .choice_count = count, .choices = choices[o]};
        for (uint32_t c = 0; c < count; c++)
            choices[o][c] = (struct cw_choice){.id = "c",
                                               .price_minor = (count - 1 - c) * weight,
                                               .lead_days = (int32_t)(c * weight)};
        dearest += (count - 1) * weight;
        weight *= count;
    }
    struct cw_product product = {.id = "p", .option_count = OPTIONS, .options = options};
    struct cw_selection none = {0};
    struct cw_configure_context context = {0};
    struct cw_goal goal = {
        .max_minor = dearest - 1, .max_days = (int32_t)dearest - 1, .picks = OPTIONS};
    struct cw_engine *engine;
    struct cw_goal_answer answer;
    assert_int_equal(cw_engine_new(&product, &engine, NULL), CW_OK);
    assert_int_equal(cw_goal_find(engine, &none, &context, &goal, arena, &answer, NULL), CW_OK);
    cw_engine_free(engine);
    assert_true(answer.total_minor <= goal.max_minor && answer.working_days <= goal.max_days);
    assert_int_equal(answer.picks.count, 1); /* one option less dear is enough */
    return answer.exact;
}

static void says_when_a_goal_has_too_many_labels(void **state) {
    (void)state;
    assert_int_equal(CW_GOAL_LABELS, 100000);
    assert_true(goal_is_exact(5));  /* as many labels as there may be */
    assert_false(goal_is_exact(6)); /* more, all of equal worth */
}

/* More ways than fronts are asked for: still an answer, and said not to be exact. */
static void says_when_a_goal_is_not_exact(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    enum { MULTIS = 10 };
    struct cw_option options[MULTIS];
    struct cw_choice choice = {.id = "c", .price_minor = -5};
    struct cw_product product = {
        .id = "p", .option_count = MULTIS, .options = options, .base_price_minor = 100};
    struct cw_selection none = {0};
    struct cw_configure_context context = {0};
    struct cw_goal goal = {.max_minor = 100, .max_days = INT32_MAX};
    struct cw_goal_answer answer;
    struct cw_engine *engine;
    struct cw_error err = {0};
    for (uint32_t i = 0; i < MULTIS; i++)
        options[i] = (struct cw_option){.id = "m",
                                        .kind = CW_OPTION_MULTI,
                                        .choices = &choice,
                                        .choice_count = 1,
                                        .multi_max = 1};
    assert_int_equal(cw_engine_new(&product, &engine, NULL), CW_OK);
    for (goal.picks = 0; goal.picks <= MULTIS; goal.picks += MULTIS / 2) {
        assert_int_equal(cw_goal_find(engine, &none, &context, &goal, arena, &answer, NULL), CW_OK);
        assert_int_equal(answer.exact, goal.picks == 0);
        assert_int_equal(answer.total_minor, 100);
        assert_int_equal(answer.picks.count, 0);
    }
    goal.max_minor = 49;
    assert_int_equal(cw_goal_find(engine, &none, &context, &goal, arena, &answer, &err),
                     CW_E_LIMIT);
    assert_string_equal(err.code, "configure.not_exact");
    cw_engine_free(engine);
}

static void not_exact(enum cw_status status, struct cw_error *err) {
    assert_int_equal(status, CW_E_LIMIT);
    assert_string_equal(err->code, "configure.not_exact");
    *err = (struct cw_error){0};
}

static void never_guesses_without_a_diagram(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_product *product = cw_random_product(arena, 1);
    struct cw_selection none = {0}, some, *samples;
    struct cw_configure_context context = {0};
    struct cw_repair_request repairs_request = {.limit = 3};
    struct cw_sample_request sample_request = {.count = 1};
    struct cw_goal goal = {.max_minor = INT64_MAX, .max_days = INT32_MAX};
    struct cw_goal_answer answer;
    struct cw_price_range range;
    struct cw_repair *repairs;
    struct cw_engine *engine;
    struct cw_error err = {0};
    const char *decimal;
    size_t count;
    assert_int_equal(cw_engine_open(product, (struct cw_bytes){0}, &engine, NULL), CW_OK);
    not_exact(cw_count(engine, &none, &context, arena, &decimal, &err), &err);
    not_exact(cw_price_range(engine, &none, &context, arena, &range, &err), &err);
    not_exact(cw_complete_by(engine, &none, &context, CW_WISH_CHEAPEST, arena, &some, &err), &err);
    not_exact(
        cw_repairs_find(engine, &none, &context, &repairs_request, arena, &repairs, &count, &err),
        &err);
    not_exact(cw_sample(engine, &none, &context, &sample_request, arena, &samples, &err), &err);
    not_exact(cw_goal_find(engine, &none, &context, &goal, arena, &answer, &err), &err);
    cw_engine_free(engine);
}

/* ---- days ---------------------------------------------------------------------------------------
 */

static void counts_days_as_lead_times_do(void **state) {
    (void)state;
    static const char *const holidays[] = {"2026-12-25", "2026-11-30", "2026-12-26", "2026-12-25"};
    static const uint8_t weeks[] = {0x1f, 0x3e, 0x7f, 0x01, 0x60};
    struct cw_product product = {.id = "p", .lead_time = {.holidays = holidays}};
    for (size_t w = 0; w < sizeof weeks; w++)
        for (int64_t day = 0; day < 40; day++)
            for (int32_t days = 0; days < 30; days++) {
                struct cw_lead lead, other;
                int64_t now_ms = INT64_C(1795305600000) + day * INT64_C(86400000) + 12345;
                product.lead_time.workdays = weeks[w];
                product.lead_time.holiday_count = (size_t)day % 5;
                product.lead_time.base_days = days;
                cw_lead(&product, &(struct cw_selection){0}, now_ms, &lead);
                int32_t got = cw_goal_days(&product, lead.ship_by, now_ms);
                assert_true(got >= days && got <= days + 1);
                product.lead_time.base_days = got;
                cw_lead(&product, &(struct cw_selection){0}, now_ms, &other);
                assert_string_equal(other.ship_by, lead.ship_by);
            }
    product.lead_time.workdays = 0x1f;
    assert_int_equal(cw_goal_days(&product, "2026-11-22", INT64_C(1795305600000)), -1);
    assert_int_equal(cw_goal_days(&product, "2026-11-21", INT64_C(1795305600000)), -1);
    assert_int_equal(cw_goal_days(&product, "2026-11-23", INT64_C(1795305600000)), 1);
    assert_int_equal(cw_goal_days(&product, "soon", INT64_C(1795305600000)), -1);
    product.lead_time.workdays = 0;
    assert_int_equal(cw_goal_days(&product, "2027-11-23", INT64_C(1795305600000)), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_brute_force),
                                       cmocka_unit_test(draws_evenly),
                                       cmocka_unit_test(diverse_ones_differ),
                                       cmocka_unit_test(diverse_ones_come_from_the_pool),
                                       cmocka_unit_test(refuses_too_many_samples),
                                       cmocka_unit_test(finds_at_most_so_many_repairs),
                                       cmocka_unit_test(says_when_a_goal_is_not_exact),
                                       cmocka_unit_test(says_when_a_goal_has_too_many_labels),
                                       cmocka_unit_test(never_guesses_without_a_diagram),
                                       cmocka_unit_test(counts_days_as_lead_times_do)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
