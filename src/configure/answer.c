/*
 * Answers: consistency, states and price differences of all choices, issues, price and date of one
 * selection, read off the compiled rules. One pass judges every choice with its option's own pick
 * taken back; only a set (multi) needs a pass of its own, because its members are apart. It does
 * not say why a choice is impossible (blame.c). Server process, any thread; scratch in the caller's
 * arena.
 */
#include "configure/configure.h"

#include <string.h>

#include "configure/engine.h"
#include "configure/issue.h"
#include "cordwain/limits.h"

struct asker {
    struct cw_asked *asked;
    const struct cw_engine *engine;
    const struct cw_product *product;
    struct cw_arena *arena;
    struct cw_found found;
    bool consistent;             /* or not known to be inconsistent */
    const struct cw_fact *facts; /* of the completion, or of the plain defaults */
    /* What the whole question leaves, option's own pick taken back. */
    uint64_t *possible;
    const int64_t *costs;
    int64_t *least;                /* compiled and consistent only */
    int64_t total_minor;           /* now */
    int64_t last_cost, last_delta; /* what delta_of said before: neighbours often cost the same */
    /* of a set that is judged by a pass of its own: its members free, the others as picked */
    uint64_t *free_possible;
    int64_t *free_least;
    /* … and its members as they are in the completion, one changed at a time */
    int64_t *near_least;
};

/* ---- the completion -------------------------------------------------------------------------- */

static const struct cw_fact *default_facts(const struct asker *asker) {
    struct cw_selection filled;
    cw_defaults_fill(asker->product, asker->asked->selection, asker->arena, &filled);
    return cw_facts_new(asker->product, &filled, asker->arena);
}

static int64_t summed(const struct asker *asker, const int64_t *amounts) {
    const struct cw_model *model = asker->engine->lowered->model;
    int64_t sum = 0;
    for (uint32_t v = 0; v < model->var_count; v++)
        sum += amounts[model->value_bases[v] + asker->found.values[v]];
    return sum;
}

static enum cw_status find_completion(struct asker *asker, struct cw_error *err) {
    enum cw_status status = cw_asked_complete(asker->asked, &asker->found, err);
    if (status != CW_OK)
        return status;
    asker->consistent = asker->found.verdict != CW_VERDICT_NO;
    asker->facts = asker->found.facts ? asker->found.facts : default_facts(asker);
    int64_t sum = cw_price_sum(asker->product, asker->facts);
    int64_t base = asker->product->base_price_minor;
    asker->total_minor = cw_price_of_unit(asker->product, sum, asker->asked->context->quantity);
    if (asker->found.facts && sum - summed(asker, asker->engine->prices) != base)
        return cw_disagree(err, "worth something else");
    return CW_OK;
}

/* ---- prices ---------------------------------------------------------------------------------- */

/* A cost is departures × price_span + unit price, and the unit price lies in a window of that
 * width. */
static int64_t unit_price(const struct cw_engine *engine, int64_t cost) {
    int64_t above = cost - engine->price_floor, span = engine->lowered->price_span;
    int64_t part = above % span;
    return (part < 0 ? part + span : part) + engine->price_floor;
}

static int64_t delta_of(struct asker *asker, int64_t cost) {
    if (cost == asker->last_cost)
        return asker->last_delta;
    int64_t sum = unit_price(asker->engine, cost) + asker->product->base_price_minor;
    asker->last_cost = cost;
    asker->last_delta =
        cw_price_of_unit(asker->product, sum, asker->asked->context->quantity) - asker->total_minor;
    return asker->last_delta;
}

/* ---- passes ---------------------------------------------------------------------------------- */

/* By the quick passes where they are for these costs; the way up may be known. */
static void pass_least(struct asker *asker, const struct cw_diagram_scope *scope,
                       uint64_t *possible, int64_t *least) {
    const struct cw_engine *engine = asker->engine;
    const struct cw_model *model = engine->lowered->model;
    if (engine->quick && asker->costs == engine->preference) {
        const struct cw_quick_pass *pass =
            scope->allowed == asker->asked->allowed ? asker->found.pass : NULL;
        if (!pass)
            pass = cw_quick_up(engine->quick, scope->allowed, asker->arena);
        cw_quick_least(pass, scope->relaxed, asker->arena, least, possible);
        return;
    }
    (void)cw_diagram_least(engine->diagram, scope, asker->costs, asker->arena, least);
    for (uint32_t v = 0; v < model->var_count; v++)
        for (uint32_t x = 0; x < model->value_counts[v]; x++)
            if (least[model->value_bases[v] + x] != CW_DIAGRAM_NEVER)
                cw_set_add(possible + model->word_bases[v], x);
}

static void pass_domains(struct asker *asker, const struct cw_diagram_scope *scope,
                         uint64_t *possible, int64_t *least) {
    if (asker->consistent)
        pass_least(asker, scope, possible, least);
    else
        (void)cw_diagram_domains(asker->engine->diagram, scope, asker->arena, possible);
}

static uint64_t *new_mask(const struct asker *asker) {
    return cw_arena_array(asker->arena, asker->engine->lowered->model->word_count + 1,
                          sizeof(uint64_t));
}

static int64_t *new_costs(const struct asker *asker) {
    return cw_arena_array(asker->arena, asker->engine->lowered->model->value_count + 1,
                          sizeof(int64_t));
}

/* SAT tier without a solver: what propagation leaves is an upper bound; nothing is tried out. */
static void bound_domains(struct asker *asker) {
    struct cw_asked *asked = asker->asked;
    const struct cw_lowered *lowered = asker->engine->lowered;
    struct cw_solve_question question = {.allowed = asked->allowed, .steps = CW_CONFIGURE_STEPS};
    struct cw_solve_left left = {0};
    asked->inexact = true;
    if (asker->consistent &&
        cw_solve_propagate(asker->engine->index, &question, asker->arena, &left))
        memcpy(asker->possible, left.domains, lowered->model->word_count * sizeof(uint64_t));
    for (size_t i = 0; i < asked->selection->count; i++) {
        uint32_t o = asked->selection->picks[i].option;
        if (asked->picks[o])
            cw_lowered_free(lowered, o, asked->available, asker->possible);
    }
}

static void find_domains(struct asker *asker) {
    struct cw_asked *asked = asker->asked;
    const struct cw_rules_answer *solved = asked->context->solved;
    struct cw_diagram_scope scope = {asked->allowed, asked->available};
    asker->possible = new_mask(asker);
    if (asker->engine->diagram) {
        asker->costs = cw_asked_costs(asked);
        asker->least = asker->consistent ? new_costs(asker) : NULL;
        pass_domains(asker, &scope, asker->possible, asker->least);
    } else if (solved && solved->possible) {
        memcpy(asker->possible, solved->possible,
               asker->engine->lowered->model->word_count * sizeof(uint64_t));
        asked->inexact |= !solved->possible_exact;
    } else {
        bound_domains(asker);
    }
}

/* ---- sets ------------------------------------------------------------------------------------ */

/* What a pass of its own says of the set's members; of other options nothing is asked. */
static void pass_members(struct asker *asker, uint32_t option, const struct cw_diagram_scope *scope,
                         uint64_t *possible, int64_t *least) {
    const struct cw_engine *engine = asker->engine;
    const struct cw_quick_pass *pass = asker->consistent ? asker->found.pass : NULL;
    if (!pass || asker->costs != engine->preference) {
        pass_domains(asker, scope, possible, least);
        return;
    }
    uint32_t var = engine->lowered->options[option].var;
    const struct cw_quick_part part = {
        scope->relaxed, var, var + (uint32_t)asker->product->options[option].choice_count};
    pass = cw_quick_again(pass, scope->allowed, asker->arena);
    cw_quick_least_of(pass, &part, asker->arena, least, possible);
}

/* The members as in the completion; one at a time may change. */
static void pass_near(struct asker *asker, uint32_t option) {
    const struct cw_lowered *lowered = asker->engine->lowered;
    uint64_t multi = asker->facts[option].active ? asker->facts[option].value.multi : 0;
    uint64_t *mask = cw_mask_copy(lowered, asker->asked->allowed, asker->arena);
    for (uint32_t c = 0; c < asker->product->options[option].choice_count; c++) {
        struct cw_lowered_value value = cw_lowered_choice(lowered, option, c);
        value.value = multi >> c & 1;
        cw_mask_pin(lowered, mask, value);
    }
    struct cw_diagram_scope scope = {mask, asker->asked->available};
    asker->near_least = new_costs(asker);
    pass_members(asker, option, &scope, new_mask(asker), asker->near_least);
}

/* SAT tier: the question asked could change one member at a time; what that refuses may still be
 * possible with other members. */
static void search_members(struct asker *asker, uint32_t option, const uint64_t *mask) {
    const struct cw_lowered *lowered = asker->engine->lowered;
    for (uint32_t c = 0; c < asker->product->options[option].choice_count; c++) {
        struct cw_lowered_value value = cw_lowered_choice(lowered, option, c);
        uint64_t *with;
        if (cw_mask_allows(lowered, asker->possible, value) ||
            !cw_mask_allows(lowered, mask, value))
            continue;
        with = cw_mask_copy(lowered, mask, asker->arena);
        cw_mask_pin(lowered, with, value);
        if (cw_asked_feasible(asker->asked, with) != CW_VERDICT_NO)
            cw_set_add(asker->possible + lowered->model->word_bases[value.var], value.value);
    }
}

/* Before a set's choices are judged. */
static void open_set(struct asker *asker, uint32_t option) {
    const struct cw_lowered *lowered = asker->engine->lowered;
    asker->free_possible = asker->possible;
    asker->free_least = asker->near_least = asker->least;
    if (asker->asked->picks[option]) {
        uint64_t *mask = cw_mask_copy(lowered, asker->asked->allowed, asker->arena);
        cw_lowered_free(lowered, option, asker->asked->available, mask);
        if (!asker->engine->diagram) {
            search_members(asker, option, mask);
            return;
        }
        struct cw_diagram_scope scope = {mask, mask};
        asker->free_possible = new_mask(asker);
        asker->free_least = asker->consistent ? new_costs(asker) : NULL;
        pass_members(asker, option, &scope, asker->free_possible, asker->free_least);
    } else if (asker->least) {
        pass_near(asker, option);
    }
}

/* ---- one option ------------------------------------------------------------------------------ */

/* A member that is in the set already changes nothing; else the set with it is preferred to other
 * sets that have it. */
static int64_t member_delta(struct asker *asker, uint32_t option, uint32_t c, uint32_t value) {
    const struct cw_fact *fact = &asker->facts[option];
    if (!asker->least || (fact->active && (fact->value.multi >> c & 1)))
        return 0;
    int64_t near = asker->near_least[value];
    return delta_of(asker, near != CW_DIAGRAM_NEVER ? near : asker->free_least[value]);
}

static void judge_member(struct asker *asker, uint32_t option, uint32_t c,
                         struct cw_choice_answer *answer) {
    const struct cw_lowered *lowered = asker->engine->lowered;
    const struct cw_pick *pick = asker->asked->picks[option];
    struct cw_lowered_value value = cw_lowered_choice(lowered, option, c);
    answer->reason_rule = answer->reason_option = CW_NONE;
    if (pick && (pick->value.multi >> c & 1)) {
        answer->state = CW_CHOICE_SELECTED;
    } else if (!cw_mask_allows(lowered, asker->asked->available, value)) {
        answer->state = CW_CHOICE_UNAVAILABLE;
    } else if (!cw_mask_allows(lowered, asker->free_possible, value)) {
        answer->state = CW_CHOICE_IMPOSSIBLE;
    } else {
        answer->state = CW_CHOICE_POSSIBLE;
        answer->delta_minor = member_delta(asker, option, c, cw_value_index(lowered, value));
    }
}

/* All choices of an option that is one variable. */
static void judge_values(struct asker *asker, uint32_t option, uint32_t count,
                         struct cw_choice_answer *answers) {
    const struct cw_model *model = asker->engine->lowered->model;
    const struct cw_pick *pick = asker->asked->picks[option];
    uint32_t var = asker->engine->lowered->options[option].var;
    const uint64_t *available = asker->asked->available + model->word_bases[var];
    const uint64_t *possible = asker->possible + model->word_bases[var];
    const int64_t *least = asker->least ? asker->least + model->value_bases[var] : NULL;
    for (uint32_t c = 0; c < count; c++) {
        struct cw_choice_answer *answer = &answers[c];
        answer->reason_rule = answer->reason_option = CW_NONE;
        if (pick && pick->value.choice == c) {
            answer->state = CW_CHOICE_SELECTED;
        } else if (!cw_set_has(available, c)) {
            answer->state = CW_CHOICE_UNAVAILABLE;
        } else if (!cw_set_has(possible, c)) {
            answer->state = CW_CHOICE_IMPOSSIBLE;
        } else {
            answer->state = CW_CHOICE_POSSIBLE;
            answer->delta_minor = least ? delta_of(asker, least[c]) : 0;
        }
    }
}

static uint32_t values_left(const struct asker *asker, uint32_t var) {
    const struct cw_model *model = asker->engine->lowered->model;
    const uint64_t *set = asker->possible + model->word_bases[var];
    uint32_t count = 0;
    for (uint32_t w = 0; w < cw_set_words(model->value_counts[var]); w++)
        count += (uint32_t)__builtin_popcountll(set[w]);
    return count;
}

/* Nothing but this choice is left, not even being inactive; of a set: being in it. */
static void mark_forced(const struct asker *asker, uint32_t option,
                        struct cw_choice_answer *answers, uint32_t count) {
    const struct cw_lowered *lowered = asker->engine->lowered;
    bool is_set = asker->product->options[option].kind == CW_OPTION_MULTI;
    if (asker->asked->picks[option] ||
        (!is_set && values_left(asker, lowered->options[option].var) != 1))
        return;
    for (uint32_t c = 0; c < count; c++)
        if (answers[c].state == CW_CHOICE_POSSIBLE &&
            (!is_set || values_left(asker, lowered->options[option].var + c) == 1))
            answers[c].state = CW_CHOICE_FORCED;
}

static void judge_option(struct asker *asker, uint32_t option, struct cw_option_answer *answer) {
    uint32_t count = cw_choices_of(&asker->product->options[option]);
    if (count == 0)
        return;
    struct cw_choice_answer *choices = cw_arena_array(asker->arena, count, sizeof *choices);
    if (asker->product->options[option].kind == CW_OPTION_MULTI) {
        open_set(asker, option);
        for (uint32_t c = 0; c < count; c++)
            judge_member(asker, option, c, &choices[c]);
    } else {
        judge_values(asker, option, count, choices);
    }
    mark_forced(asker, option, choices, count);
    answer->choice_count = count;
    answer->choices = choices;
}

static void describe_option(const struct asker *asker, uint32_t o, const struct cw_pick *pick,
                            struct cw_option_answer *answer) {
    const struct cw_option *option = &asker->product->options[o];
    const struct cw_fact *fact = &asker->facts[o];
    bool is_optional = option->kind == CW_OPTION_TEXT || option->kind == CW_OPTION_MULTI;
    answer->active = fact->active;
    answer->picked = pick != NULL;
    answer->required =
        fact->active &&
        (!is_optional || option->required ||
         (option->required_if && cw_facts_hold(asker->product, asker->facts, option->required_if)));
    answer->known = answer->picked ||
                    (asker->found.facts && fact->active &&
                     !(option->kind == CW_OPTION_TEXT && fact->present && !fact->value.text[0]));
    answer->value = answer->picked ? pick->value : fact->value;
    if (!answer->value.text)
        answer->value.text = "";
}

/* Picks are ordered by option. */
static void judge_all(struct asker *asker, struct cw_option_answer *answers) {
    const struct cw_selection *selection = asker->asked->selection;
    size_t next = 0;
    find_domains(asker);
    for (uint32_t o = 0; o < asker->product->option_count; o++) {
        const struct cw_pick *pick = NULL;
        if (next < selection->count && selection->picks[next].option == o)
            pick = &selection->picks[next++];
        describe_option(asker, o, pick, &answers[o]);
        judge_option(asker, o, &answers[o]);
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

static enum cw_status give_issues(struct asker *asker, struct cw_answer *ret,
                                  struct cw_error *err) {
    struct cw_issues issues = {
        .product = asker->product, .locale = asker->asked->context->locale, .arena = asker->arena};
    bool complete = asker->found.facts != NULL;
    if (!asker->consistent) {
        enum cw_status status = cw_issues_of_conflict(&issues, asker->asked, err);
        if (status != CW_OK)
            return status;
    } else {
        cw_issues_of_facts(&issues, asker->facts, asker->asked->selection, asker->asked->context);
    }
    for (size_t i = 0; i < issues.count; i++) {
        /* A text not measured yet is told, not held against the shopper. */
        if (strcmp(issues.items[i].code, "text.unmeasured") == 0)
            issues.items[i].severity = CW_SEVERITY_WARNING;
        complete &= issues.items[i].severity == CW_SEVERITY_WARNING;
    }
    ret->complete = complete;
    ret->issue_count = issues.count;
    ret->issues = issues.items;
    return CW_OK;
}

static void give_totals(const struct asker *asker, struct cw_answer *ret) {
    const struct cw_configure_context *context = asker->asked->context;
    struct cw_selection shown;
    cw_facts_selection(asker->product, asker->facts, asker->arena, &shown);
    if (asker->found.facts)
        ret->completion = shown;
    cw_price_facts(asker->product, asker->facts, context, asker->arena, &ret->price);
    cw_lead(asker->product, &shown, context->now_ms, &ret->lead);
}

enum cw_status cw_configure(const struct cw_engine *engine, const struct cw_selection *selection,
                            const struct cw_configure_context *context, struct cw_arena *arena,
                            struct cw_answer *ret, struct cw_error *err) {
    if (context->quantity > CW_ORDER_QUANTITY)
        return cw_fail_at(err, CW_E_INPUT, "configure.quantity", "/quantity", "quantity is 1 to %d",
                          CW_ORDER_QUANTITY);
    size_t count = engine->product->option_count;
    struct cw_option_answer *answers = cw_arena_array(arena, count + 1, sizeof *answers);
    struct asker asker = {.asked = cw_asked_new(engine, selection, context, arena),
                          .engine = engine,
                          .product = engine->product,
                          .arena = arena,
                          .last_cost = CW_DIAGRAM_NEVER};
    enum cw_status status = find_completion(&asker, err);
    if (status != CW_OK)
        return status;
    judge_all(&asker, answers);
    struct cw_answer answer = {.consistent = asker.consistent,
                               .exact = !asker.asked->inexact,
                               .option_count = count,
                               .options = answers};
    cw_asked_blame(asker.asked, asker.consistent, answers);
    status = give_issues(&asker, &answer, err);
    if (status != CW_OK)
        return status;
    give_totals(&asker, &answer);
    *ret = answer;
    return CW_OK;
}
