/*
 * Completion: the preferred way to fill in what is not picked, and plain defaults for selections no
 * rule can be asked about. What the compiled rules say is believed only when the raw rules say the
 * same. Server process, any thread.
 */
#include "configure/configure.h"

#include <string.h>

#include "configure/engine.h"
#include "configure/facts.h"
#include "configure/resolve.h"

/* ---- the second opinion ---------------------------------------------------------------------- */

static bool keeps_pick(const struct cw_option *option, const struct cw_fact *fact,
                       const struct cw_value *value) {
    if (!fact->active)
        return false;
    switch (option->kind) {
    case CW_OPTION_MULTI:
        return fact->value.multi == value->multi;
    case CW_OPTION_NUMBER:
        return fact->value.number == value->number;
    case CW_OPTION_TEXT:
        return fact->present && strcmp(fact->value.text, value->text) == 0;
    default:
        return fact->value.choice == value->choice;
    }
}

static bool keeps_picks(const struct cw_asked *asked, const struct cw_fact *facts) {
    for (size_t i = 0; i < asked->selection->count; i++) {
        uint32_t o = asked->selection->picks[i].option;
        if (asked->picks[o] &&
            !keeps_pick(&asked->engine->product->options[o], &facts[o], &asked->picks[o]->value))
            return false;
    }
    return true;
}

enum cw_status cw_disagree(struct cw_error *err, const char *said) {
    enum cw_status status = cw_fail(err, CW_E_BUG, "configure.disagreement",
                                    "this product cannot be configured at the moment");
    cw_error_detail(err,
                    "the rules as compiled call a complete selection %s, the rules as written "
                    "say otherwise",
                    said);
    return status;
}

/* Picks that are a whole configuration by themselves and break nothing are not inconsistent. */
static bool is_valid_as_it_is(const struct cw_asked *asked) {
    const struct cw_product *product = asked->engine->product;
    struct cw_pick *picks =
        cw_arena_array(asked->arena, asked->selection->count + 1, sizeof *picks);
    struct cw_selection counted = {.picks = picks};
    for (size_t i = 0; i < asked->selection->count; i++)
        if (asked->picks[asked->selection->picks[i].option])
            picks[counted.count++] = asked->selection->picks[i];
    const struct cw_fact *facts = cw_facts_new(product, &counted, asked->arena);
    return cw_check_valid(product, facts, asked->context);
}

static enum cw_status second_opinion(struct cw_asked *asked, struct cw_found *found,
                                     struct cw_error *err) {
    if (found->verdict == CW_VERDICT_NO && is_valid_as_it_is(asked))
        return cw_disagree(err, "inconsistent");
    if (found->verdict != CW_VERDICT_YES)
        return CW_OK;
    found->facts =
        cw_lowered_facts(asked->engine->lowered, found->values, asked->selection, asked->arena);
    if (!cw_check_valid(asked->engine->product, found->facts, asked->context) ||
        !keeps_picks(asked, found->facts))
        return cw_disagree(err, "consistent");
    return CW_OK;
}

/* ---- SAT tier -------------------------------------------------------------------------------- */

struct improver {
    struct cw_asked *asked;
    const int64_t *costs;
    uint64_t *mask; /* what was decided so far */
    uint32_t *values;
};

/* Keep only the values of least cost. */
static void prefer(const struct improver *improver, uint64_t *mask, uint32_t var) {
    const struct cw_model *model = improver->asked->engine->lowered->model;
    const int64_t *costs = improver->costs + model->value_bases[var];
    uint64_t *set = mask + model->word_bases[var];
    int64_t least = INT64_MAX;
    for (uint32_t x = 0; x < model->value_counts[var]; x++)
        if (cw_set_has(set, x) && costs[x] < least)
            least = costs[x];
    for (uint32_t x = 0; x < model->value_counts[var]; x++)
        if (cw_set_has(set, x) && costs[x] > least)
            cw_set_drop(set, x);
}

/* Everything as preferred, else each half: few searches when few options must depart. */
static void improve(struct improver *improver, uint32_t first, uint32_t end) {
    struct cw_asked *asked = improver->asked;
    if (first >= end || asked->steps_left == 0)
        return;
    uint64_t *mask = cw_mask_copy(asked->engine->lowered, improver->mask, asked->arena);
    for (uint32_t var = first; var < end; var++)
        prefer(improver, mask, var);
    uint64_t steps = asked->steps_left / 8 + 1;
    struct cw_solve_question question = {.allowed = mask, .steps = steps};
    asked->steps_left -= steps;
    if (cw_solve(asked->engine->index, &question, asked->arena, improver->values) ==
        CW_VERDICT_YES) {
        improver->mask = mask;
        return;
    }
    if (end - first == 1)
        return;
    improve(improver, first, first + (end - first) / 2);
    improve(improver, first + (end - first) / 2, end);
}

static void search_completion(struct cw_asked *asked, const int64_t *costs,
                              struct cw_found *found) {
    const struct cw_rules_answer *solved = asked->context->solved;
    const struct cw_model *model = asked->engine->lowered->model;
    uint32_t *values = cw_arena_array(asked->arena, model->var_count + 1, sizeof *values);
    if (solved && solved->feasible != CW_VERDICT_UNKNOWN) {
        found->verdict = solved->feasible;
        if (found->verdict == CW_VERDICT_YES)
            memcpy(values, solved->values, model->var_count * sizeof *values);
    } else {
        struct cw_solve_question question = {.allowed = asked->allowed,
                                             .steps = asked->steps_left / 4 + 1};
        asked->steps_left -=
            question.steps < asked->steps_left ? question.steps : asked->steps_left;
        found->verdict = cw_solve(asked->engine->index, &question, asked->arena, values);
    }
    asked->inexact |= found->verdict == CW_VERDICT_UNKNOWN;
    found->values = values;
    if (found->verdict != CW_VERDICT_YES)
        return;
    struct improver improver = {.asked = asked, .costs = costs, .mask = asked->allowed};
    improver.values = values;
    improve(&improver, 0, model->var_count);
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* A text that was emptied by hand prefers to be absent; no other pick changes what is preferred of
 * the rest. */
const int64_t *cw_asked_costs(const struct cw_asked *asked) {
    for (size_t i = 0; i < asked->selection->count; i++) {
        const struct cw_pick *pick = &asked->selection->picks[i];
        const struct cw_option *option = &asked->engine->product->options[pick->option];
        if (option->kind == CW_OPTION_TEXT && !asked->picks[pick->option] && option->default_text &&
            option->default_text[0])
            return cw_lowered_preference(asked->engine->lowered, asked->selection, asked->arena);
    }
    return asked->engine->preference;
}

const struct cw_found *cw_asked_known(const struct cw_engine *engine,
                                      const struct cw_selection *selection,
                                      const struct cw_configure_context *context) {
    const struct cw_completion_memo *memo = context->memo;
    bool same = memo && memo->found && memo->engine == engine &&
                memo->selection.picks == selection->picks &&
                memo->selection.count == selection->count;
    return same ? memo->found : NULL;
}

static void remember(const struct cw_asked *asked, const struct cw_found *found) {
    struct cw_completion_memo *memo = asked->context->memo;
    if (!memo)
        return;
    struct cw_found *kept = cw_arena_alloc(asked->arena, sizeof *kept);
    *kept = *found;
    *memo = (struct cw_completion_memo){asked->engine, *asked->selection, kept, asked->available};
}

static void read_completion(struct cw_asked *asked, const int64_t *costs, struct cw_found *found) {
    const struct cw_engine *engine = asked->engine;
    uint32_t *values =
        cw_arena_array(asked->arena, engine->lowered->model->var_count + 1, sizeof *values);
    bool feasible;
    if (engine->quick && costs == engine->preference) {
        found->pass = cw_quick_up(engine->quick, asked->allowed, asked->arena);
        feasible = cw_quick_feasible(found->pass);
        if (feasible)
            cw_quick_cheapest(found->pass, asked->arena, values);
    } else {
        feasible =
            cw_diagram_cheapest(engine->diagram, asked->allowed, costs, asked->arena, values);
    }
    found->verdict = feasible ? CW_VERDICT_YES : CW_VERDICT_NO;
    found->values = values;
}

enum cw_status cw_asked_complete(struct cw_asked *asked, struct cw_found *ret,
                                 struct cw_error *err) {
    const struct cw_found *known = cw_asked_known(asked->engine, asked->selection, asked->context);
    if (known) {
        *ret = *known;
        asked->inexact |= ret->verdict == CW_VERDICT_UNKNOWN;
        return CW_OK;
    }
    const struct cw_engine *engine = asked->engine;
    const int64_t *costs = cw_asked_costs(asked);
    struct cw_found found = {.verdict = CW_VERDICT_NO};
    if (engine->diagram) {
        read_completion(asked, costs, &found);
    } else {
        search_completion(asked, costs, &found);
    }
    enum cw_status status = second_opinion(asked, &found, err);
    if (status != CW_OK)
        return status;
    remember(asked, &found);
    *ret = found;
    return CW_OK;
}

enum cw_status cw_complete(const struct cw_engine *engine, const struct cw_selection *selection,
                           const struct cw_configure_context *context, struct cw_arena *arena,
                           struct cw_selection *ret, struct cw_error *err) {
    struct cw_asked *asked = cw_asked_new(engine, selection, context, arena);
    struct cw_found found;
    enum cw_status status = cw_asked_complete(asked, &found, err);
    if (status != CW_OK)
        return status;
    if (found.verdict == CW_VERDICT_UNKNOWN)
        return cw_fail(err, CW_E_LIMIT, "configure.budget",
                       "this selection takes too long to complete");
    if (found.verdict == CW_VERDICT_NO)
        return cw_fail(err, CW_E_CONFLICT, "configure.inconsistent",
                       "these choices cannot be combined");
    cw_facts_selection(engine->product, found.facts, arena, ret);
    return CW_OK;
}

static struct cw_value default_value(const struct cw_option *option) {
    return (struct cw_value){.choice = option->default_choice,
                             .multi = option->default_multi,
                             .number = option->default_number,
                             .text = option->default_text ? option->default_text : ""};
}

/* Activity follows the values, round by round; at most one round per option. */
static void activate(const struct cw_product *product, struct cw_fact *facts) {
    bool changed = true;
    for (size_t round = 0; changed && round < product->option_count; round++) {
        changed = false;
        for (size_t o = 0; o < product->option_count; o++) {
            if (facts[o].active || !cw_facts_hold(product, facts, product->options[o].active_if))
                continue;
            facts[o].active = changed = true;
        }
    }
}

void cw_defaults_fill(const struct cw_product *product, const struct cw_selection *selection,
                      struct cw_arena *arena, struct cw_selection *ret) {
    struct cw_fact *facts = cw_arena_array(arena, product->option_count + 1, sizeof *facts);
    for (size_t o = 0; o < product->option_count; o++)
        facts[o].value = default_value(&product->options[o]);
    for (size_t i = 0; i < selection->count; i++) {
        struct cw_fact *fact = &facts[selection->picks[i].option];
        fact->value = selection->picks[i].value;
        fact->value.text = fact->value.text ? fact->value.text : "";
        fact->active = product->options[selection->picks[i].option].kind != CW_OPTION_TEXT ||
                       fact->value.text[0] != '\0';
    }
    for (size_t o = 0; o < product->option_count; o++)
        facts[o].present = facts[o].value.text[0] != '\0';
    activate(product, facts);
    cw_facts_selection(product, facts, arena, ret);
}
