/*
 * Answers: consistency, states and price differences of all choices, issues, price and date of one
 * selection. A value seen in a solution already found is known possible; only the others are
 * searched for, and only in the component they touch. Server process, any thread; scratch in the
 * caller's arena.
 */
#include "configure/configure.h"

#include <string.h>

#include "configure/engine.h"
#include "configure/issue.h"
#include "cordwain/limits.h"

struct asker {
    const struct cw_engine *engine;
    const struct cw_product *product;
    const struct cw_selection *selection;
    const struct cw_configure_context *context;
    struct cw_arena *arena;
    struct cw_search *search;
    size_t root_mark;
    bool possible; /* the product has a configuration here and now */
    bool consistent;
    struct cw_domain *domains; /* of the preferred completion, all fixed */
    struct cw_fact *facts;     /* of it, or of the plain defaults while inconsistent */
    int64_t total_minor;
    /* of the option being judged */
    uint32_t option;
    bool base_possible; /* the picks without the option's own can be completed */
    uint32_t members[CW_SEARCH_OPTIONS];
    size_t member_count;
    bool others_depart;         /* some other member is not at its default in the completion */
    const struct cw_pick *pick; /* the option's own, or NULL */
};

static uint64_t share(const struct asker *asker) {
    return asker->search->steps_left / 16 + 1;
}

/* ---- the completion -------------------------------------------------------------------------- */

static const struct cw_selection *default_selection(struct asker *asker) {
    struct cw_selection *filled = cw_arena_alloc(asker->arena, sizeof *filled);
    cw_defaults_fill(asker->product, asker->selection, asker->arena, filled);
    return filled;
}

static void find_completion(struct asker *asker) {
    size_t count = asker->engine->option_count;
    struct cw_search *search = asker->search;
    asker->possible = cw_search_root(search);
    asker->root_mark = search->trail_count;
    enum cw_found found = CW_FOUND_NONE;
    if (asker->possible && cw_search_pick(search, asker->selection, CW_NONE))
        found = cw_search_all(search, search->steps_left / 2);
    asker->consistent = found != CW_FOUND_NONE;
    if (found == CW_FOUND) {
        asker->domains = cw_arena_array(asker->arena, count + 1, sizeof *asker->domains);
        asker->facts = cw_arena_array(asker->arena, count + 1, sizeof *asker->facts);
        memcpy(asker->domains, search->domains, count * sizeof *asker->domains);
        cw_search_facts(search, asker->domains, asker->facts);
    } else { /* shown beside the issues, or while the steps ran out */
        asker->facts = cw_facts_new(asker->product, default_selection(asker), asker->arena);
    }
    asker->total_minor = cw_price_total(asker->product, asker->facts, asker->context->quantity);
    cw_search_undo(search, asker->root_mark);
}

/* ---- one value ------------------------------------------------------------------------------- */

/* The completion with only this option changed breaks nothing. */
static bool swap_holds(const struct asker *asker, const struct cw_domain *value) {
    const struct cw_watch *watch = &asker->engine->watches[asker->option];
    struct cw_domain *own = &asker->domains[asker->option], before = *own;
    bool holds = before.activity == CW_MAY_ACTIVE;
    *own = *value;
    for (size_t i = 0; holds && i < watch->count; i++)
        holds = cw_constraint_truth(asker->engine, asker->domains,
                                    &asker->engine->constraints[watch->constraints[i]]) == CW_TRUE;
    *own = before;
    return holds;
}

static int64_t total_of(const struct asker *asker, const struct cw_domain *domains) {
    struct cw_fact facts[CW_SEARCH_OPTIONS];
    cw_search_facts(asker->search, domains, facts);
    return cw_price_total(asker->product, facts, asker->context->quantity);
}

static int64_t swap_delta(const struct asker *asker, const struct cw_domain *value) {
    struct cw_domain before = asker->domains[asker->option];
    asker->domains[asker->option] = *value;
    int64_t total = total_of(asker, asker->domains);
    asker->domains[asker->option] = before;
    return total - asker->total_minor;
}

/* The preferred completion with `value` in place of the option's own. */
static enum cw_found search_value(struct asker *asker, const struct cw_domain *value,
                                  int64_t *ret_delta) {
    struct cw_search *search = asker->search;
    struct cw_domain domains[CW_SEARCH_OPTIONS], met = search->domains[asker->option];
    size_t mark = search->trail_count;
    enum cw_found found = CW_FOUND_NONE;
    cw_domain_meet(asker->engine, asker->option, &met, value);
    if (cw_search_set(search, asker->option, met) && cw_search_propagate(search))
        found = cw_search_best(search, asker->members, asker->member_count, share(asker));
    *ret_delta = 0;
    if (found == CW_FOUND && asker->domains) {
        memcpy(domains, asker->domains, asker->engine->option_count * sizeof *domains);
        for (size_t i = 0; i < asker->member_count; i++)
            domains[asker->members[i]] = search->best[asker->members[i]];
        *ret_delta = total_of(asker, domains) - asker->total_minor;
    }
    cw_search_undo(search, mark);
    return found;
}

/* Can the option be this? When nothing else departs from its default, a swap that holds is the
 * preferred completion itself; otherwise others may return to theirs, and the search decides. */
static bool value_possible(struct asker *asker, const struct cw_domain *value, int64_t *ret_delta) {
    if (asker->domains && !asker->others_depart &&
        cw_domain_fixed(asker->engine, asker->option, value) && swap_holds(asker, value)) {
        *ret_delta = swap_delta(asker, value);
        return true;
    }
    return search_value(asker, value, ret_delta) != CW_FOUND_NONE;
}

/* ---- one option ------------------------------------------------------------------------------ */

static size_t answer_count(const struct cw_option *option) {
    return option->kind == CW_OPTION_FLAG ? 2 : option->choice_count;
}

static bool is_available(const struct asker *asker, const struct cw_option *option, uint32_t c) {
    return option->kind == CW_OPTION_FLAG ||
           cw_choice_available(&option->choices[c], asker->context);
}

static bool choice_possible(struct asker *asker, uint32_t c, int64_t *ret_delta) {
    const struct cw_option *option = &asker->product->options[asker->option];
    struct cw_domain value = asker->search->domains[asker->option];
    *ret_delta = 0;
    if (!cw_domain_has(asker->engine, asker->option, &value, c))
        return false;
    if (option->kind == CW_OPTION_MULTI && asker->domains) {
        const struct cw_domain *now = &asker->domains[asker->option];
        struct cw_domain with = value;
        with.activity = CW_MAY_ACTIVE;
        with.set.must = with.set.may = now->set.must | UINT64_C(1) << c;
        if (now->activity == CW_MAY_ACTIVE && cw_domain_equal(now, &with))
            return true;
        if ((with.set.must & ~value.set.may) == 0 &&
            !cw_domain_empty(asker->engine, asker->option, &with) &&
            value_possible(asker, &with, ret_delta))
            return true;
    }
    cw_domain_only(asker->engine, asker->option, c, &value);
    return value_possible(asker, &value, ret_delta);
}

static bool pick_has(const struct asker *asker, uint32_t c) {
    if (!asker->pick || !asker->search->picked[asker->option])
        return false;
    struct cw_fact fact = {.active = true, .value = asker->pick->value};
    return cw_fact_has(&asker->product->options[asker->option], &fact, c);
}

static void judge_choice(struct asker *asker, uint32_t c, struct cw_choice_answer *answer) {
    const struct cw_option *option = &asker->product->options[asker->option];
    int64_t delta = 0;
    *answer = (struct cw_choice_answer){
        .state = CW_CHOICE_IMPOSSIBLE, .reason_rule = CW_NONE, .reason_option = CW_NONE};
    if (pick_has(asker, c))
        answer->state = CW_CHOICE_SELECTED;
    else if (!is_available(asker, option, c))
        answer->state = CW_CHOICE_UNAVAILABLE;
    else if (asker->base_possible && choice_possible(asker, c, &delta))
        answer->state = CW_CHOICE_POSSIBLE;
    answer->delta_minor = asker->consistent ? delta : 0;
}

/* Nothing but this choice: every other value, and being inactive, is refused. */
static bool is_forced(struct asker *asker, uint32_t c) {
    struct cw_domain other = asker->search->domains[asker->option];
    const struct cw_domain *now = asker->domains ? &asker->domains[asker->option] : NULL;
    int64_t delta;
    if (now && !cw_domain_has(asker->engine, asker->option, now, c))
        return false;
    if (asker->product->options[asker->option].kind == CW_OPTION_MULTI)
        other.set.may &= ~(UINT64_C(1) << c);
    else
        other.bits[c / 64] &= ~(UINT64_C(1) << (c % 64));
    if (!cw_domain_settle(asker->engine, asker->option, &other))
        return true;
    return search_value(asker, &other, &delta) == CW_FOUND_NONE;
}

static void mark_forced(struct asker *asker, struct cw_choice_answer *answers, size_t count) {
    size_t open = 0;
    for (size_t c = 0; c < count; c++)
        open += answers[c].state == CW_CHOICE_POSSIBLE;
    bool multi = asker->product->options[asker->option].kind == CW_OPTION_MULTI;
    if (asker->search->picked[asker->option] || (!multi && open != 1))
        return;
    for (uint32_t c = 0; c < count; c++)
        if (answers[c].state == CW_CHOICE_POSSIBLE && is_forced(asker, c))
            answers[c].state = CW_CHOICE_FORCED;
}

static bool base_completes(struct asker *asker, bool propagated) {
    if (!propagated || asker->consistent)
        return propagated;
    size_t mark = asker->search->trail_count;
    bool yes = cw_search_all(asker->search, share(asker)) != CW_FOUND_NONE;
    cw_search_undo(asker->search, mark);
    return yes;
}

/* The search stands at the picks without the option's own (`propagated`: and they do not refuse).
 */
static void judge_option(struct asker *asker, bool propagated, struct cw_option_answer *answer) {
    uint32_t o = asker->option;
    const struct cw_option *option = &asker->product->options[o];
    size_t count = answer_count(option);
    struct cw_choice_answer *choices = cw_arena_array(asker->arena, count + 1, sizeof *choices);
    asker->base_possible = count > 0 && base_completes(asker, propagated);
    asker->member_count = 0;
    asker->others_depart = false;
    if (asker->base_possible)
        asker->member_count = cw_search_component(asker->search, o, asker->members);
    for (size_t i = 0; asker->domains && i < asker->member_count; i++) {
        uint32_t member = asker->members[i];
        asker->others_depart |=
            member != o && cw_search_departs(asker->search, member, &asker->domains[member]);
    }
    for (uint32_t c = 0; c < count; c++)
        judge_choice(asker, c, &choices[c]);
    if (asker->base_possible)
        mark_forced(asker, choices, count);
    answer->choice_count = count;
    answer->choices = choices;
}

static const struct cw_pick *pick_of(const struct cw_selection *selection, uint32_t option) {
    for (size_t i = 0; i < selection->count; i++)
        if (selection->picks[i].option == option)
            return &selection->picks[i];
    return NULL;
}

static void describe_option(const struct asker *asker, struct cw_option_answer *answer) {
    const struct cw_option *option = &asker->product->options[asker->option];
    const struct cw_fact *fact = &asker->facts[asker->option];
    bool is_optional = option->kind == CW_OPTION_TEXT || option->kind == CW_OPTION_MULTI;
    answer->active = fact->active;
    answer->picked = asker->pick != NULL;
    answer->required =
        fact->active &&
        (!is_optional || option->required ||
         (option->required_if && cw_facts_hold(asker->product, asker->facts, option->required_if)));
    answer->known = answer->picked ||
                    (asker->domains && fact->active &&
                     !(option->kind == CW_OPTION_TEXT && fact->present && !fact->value.text[0]));
    answer->value = answer->picked ? asker->pick->value : fact->value;
    if (!answer->value.text)
        answer->value.text = "";
}

/* Unpicked options share one base; each picked one is judged with its own pick taken back. */
static void judge_all(struct asker *asker, struct cw_option_answer *answers) {
    struct cw_search *search = asker->search;
    bool base = asker->possible && cw_search_pick(search, asker->selection, CW_NONE);
    for (uint32_t o = 0; o < asker->product->option_count; o++) {
        asker->option = o;
        asker->pick = pick_of(asker->selection, o);
        describe_option(asker, &answers[o]);
        if (!search->picked[o])
            judge_option(asker, base && asker->consistent, &answers[o]);
    }
    for (size_t i = 0; i < asker->selection->count; i++) {
        uint32_t o = asker->option = asker->selection->picks[i].option;
        if (!search->picked[o])
            continue;
        cw_search_undo(search, asker->root_mark);
        asker->pick = &asker->selection->picks[i];
        judge_option(asker, asker->possible && cw_search_pick(search, asker->selection, o),
                     &answers[o]);
    }
    cw_search_undo(search, asker->root_mark);
}

static void give_reasons(struct asker *asker, struct cw_option_answer *answers) {
    if (!asker->possible)
        return;
    for (uint32_t o = 0; o < asker->product->option_count; o++) {
        struct cw_choice_answer *choices = (struct cw_choice_answer *)answers[o].choices;
        for (uint32_t c = 0; c < answers[o].choice_count; c++)
            if (choices[c].state == CW_CHOICE_IMPOSSIBLE)
                cw_choice_reason(asker->search, asker->selection, asker->root_mark, o, c,
                                 &choices[c]);
    }
}

static void give_issues(struct asker *asker, struct cw_answer *ret) {
    struct cw_issues issues = {
        .product = asker->product, .locale = asker->context->locale, .arena = asker->arena};
    bool complete = asker->domains != NULL;
    if (!asker->possible)
        cw_issue_add_code(&issues, "selection.conflict", CW_NONE, "");
    else if (!asker->consistent)
        cw_issues_of_conflict(&issues, asker->search, asker->selection, asker->root_mark);
    else
        cw_issues_of_facts(&issues, asker->facts, asker->selection, asker->context);
    for (size_t i = 0; i < issues.count; i++) {
        /* A text not measured yet is told, not held against the shopper. */
        if (strcmp(issues.items[i].code, "text.unmeasured") == 0)
            issues.items[i].severity = CW_SEVERITY_WARNING;
        complete &= issues.items[i].severity == CW_SEVERITY_WARNING;
    }
    ret->complete = complete;
    ret->issue_count = issues.count;
    ret->issues = issues.items;
}

enum cw_status cw_configure(const struct cw_engine *engine, const struct cw_selection *selection,
                            const struct cw_configure_context *context, struct cw_arena *arena,
                            struct cw_answer *ret, struct cw_error *err) {
    if (context->quantity > CW_ORDER_QUANTITY)
        return cw_fail_at(err, CW_E_INPUT, "configure.quantity", "/quantity", "quantity is 1 to %d",
                          CW_ORDER_QUANTITY);
    struct asker *asker = cw_arena_alloc(arena, sizeof *asker);
    struct cw_option_answer *answers =
        cw_arena_array(arena, engine->option_count + 1, sizeof *answers);
    asker->engine = engine;
    asker->product = engine->product;
    asker->selection = selection;
    asker->context = context;
    asker->arena = arena;
    asker->search = cw_search_new(engine, selection, context, arena);
    find_completion(asker);
    judge_all(asker, answers);
    give_reasons(asker, answers);
    struct cw_answer answer = {
        .consistent = asker->consistent, .option_count = engine->option_count, .options = answers};
    give_issues(asker, &answer);
    answer.exact = !asker->search->exhausted;
    struct cw_selection shown;
    cw_facts_selection(engine->product, asker->facts, arena, &shown);
    if (asker->domains)
        answer.completion = shown;
    cw_price_facts(engine->product, asker->facts, context, arena, &answer.price);
    cw_lead(engine->product, &shown, context->now_ms, &answer.lead);
    *ret = answer;
    return CW_OK;
}
