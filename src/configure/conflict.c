/*
 * Conflicts: which rule stands against the picks, and which pick stands against a choice.
 * Explanations are short and deterministic: a single pick that refutes is named before several
 * together. Server process, any thread.
 */
#include "configure/issue.h"

#include <string.h>

static uint32_t first_pick_in(const struct cw_search *search,
                              const struct cw_constraint *constraint) {
    for (size_t i = 0; i < constraint->scope_count; i++)
        if (search->picked[constraint->scope[i]])
            return constraint->scope[i];
    return CW_NONE;
}

static void add_constraint(struct cw_issues *issues, const struct cw_search *search,
                           const struct cw_constraint *constraint) {
    switch (constraint->origin) {
    case CW_FROM_RULE:
        cw_issue_add_rule(issues, constraint->rule, first_pick_in(search, constraint));
        break;
    case CW_FROM_ONLY_IF:
        cw_issue_add_only_if(issues, constraint->option, constraint->choice);
        break;
    case CW_FROM_ACTIVE_IF:
        cw_issue_add_code(issues, "selection.inactive", constraint->option, "");
        break;
    case CW_FROM_REQUIRED_IF:
        cw_issue_add_code(issues, "option.required", constraint->option, "");
        break;
    }
}

static bool pick_available(const struct cw_search *search, const struct cw_pick *pick) {
    const struct cw_option *option = &search->engine->product->options[pick->option];
    struct cw_fact fact = {.active = true, .value = pick->value};
    for (uint32_t c = 0; c < option->choice_count; c++)
        if (cw_fact_has(option, &fact, c) &&
            !cw_choice_available(&option->choices[c], search->context))
            return false;
    return true;
}

/* The rules that are broken by the picks as they stand, whatever the rest becomes. */
static void add_broken(struct cw_issues *issues, const struct cw_search *search,
                       const struct cw_selection *selection) {
    const struct cw_engine *engine = search->engine;
    struct cw_domain *domains =
        cw_arena_array(search->arena, engine->option_count + 1, sizeof *domains);
    memcpy(domains, engine->domains, engine->option_count * sizeof *domains);
    for (size_t i = 0; i < selection->count; i++)
        if (search->picked[selection->picks[i].option])
            cw_domain_value(engine, selection->picks[i].option, &selection->picks[i].value,
                            &domains[selection->picks[i].option]);
    for (size_t c = 0; c < engine->constraint_count; c++)
        if (cw_constraint_truth(engine, domains, &engine->constraints[c]) == CW_FALSE)
            add_constraint(issues, search, &engine->constraints[c]);
}

static bool consistent(struct cw_search *search, const struct cw_pick *picks, size_t count,
                       size_t root_mark) {
    struct cw_selection some = {.count = count, .picks = picks};
    bool yes = cw_search_pick(search, &some, CW_NONE) &&
               cw_search_all(search, search->steps_left / 8 + 1) != CW_FOUND_NONE;
    cw_search_undo(search, root_mark);
    return yes;
}

/* Leave one pick out after the other as long as the rest still conflicts (deletion filtering,
 * Chinneck and Dravnieks 1991): what stays is a conflict without a superfluous pick. */
static void add_minimal_set(struct cw_issues *issues, struct cw_search *search,
                            const struct cw_selection *selection, size_t root_mark) {
    struct cw_pick *picks = cw_arena_array(search->arena, selection->count + 1, sizeof *picks);
    size_t count = selection->count;
    memcpy(picks, selection->picks, count * sizeof *picks);
    for (size_t i = 0; i < count;) {
        struct cw_pick tried = picks[i];
        memmove(&picks[i], &picks[i + 1], (count - i - 1) * sizeof *picks);
        if (!consistent(search, picks, count - 1, root_mark)) {
            count--;
            continue;
        }
        memmove(&picks[i + 1], &picks[i], (count - i - 1) * sizeof *picks);
        picks[i++] = tried;
    }
    for (size_t i = 0; i < count; i++)
        cw_issue_add_code(issues, "selection.conflict", picks[i].option, "");
}

void cw_issues_of_conflict(struct cw_issues *issues, struct cw_search *search,
                           const struct cw_selection *selection, size_t root_mark) {
    size_t before = issues->count;
    cw_search_undo(search, root_mark);
    for (size_t i = 0; i < selection->count; i++)
        if (!pick_available(search, &selection->picks[i]))
            cw_issue_add_code(issues, "choice.unavailable", selection->picks[i].option, "");
    add_broken(issues, search, selection);
    if (issues->count > before)
        return;
    if (!cw_search_pick(search, selection, CW_NONE) && search->failed != CW_NONE) {
        add_constraint(issues, search, &search->engine->constraints[search->failed]);
        cw_search_undo(search, root_mark);
        return;
    }
    cw_search_undo(search, root_mark);
    add_minimal_set(issues, search, selection, root_mark);
    if (issues->count == before) /* no pick is to blame: the product has nothing here and now */
        cw_issue_add_code(issues, "selection.conflict", CW_NONE, "");
}

/* ---- a choice -------------------------------------------------------------------------------- */

static void name_constraint(const struct cw_search *search, uint32_t option, uint32_t choice,
                            struct cw_choice_answer *answer) {
    if (search->failed == CW_NONE)
        return;
    const struct cw_constraint *constraint = &search->engine->constraints[search->failed];
    answer->reason_rule = constraint->rule;
    answer->only_if = constraint->origin == CW_FROM_ONLY_IF && constraint->option == option &&
                      constraint->choice == choice;
}

static bool try_choice(struct cw_search *search, uint32_t option, uint32_t choice) {
    struct cw_domain domain = search->domains[option];
    search->failed = CW_NONE;
    if (!cw_domain_has(search->engine, option, &domain, choice))
        return false;
    cw_domain_only(search->engine, option, choice, &domain);
    return cw_search_set(search, option, domain) && cw_search_propagate(search);
}

/* The pick alone refutes the choice. The search holds the choice already. */
static bool refutes(struct cw_search *search, const struct cw_pick *pick) {
    size_t mark = search->trail_count;
    bool refuted = !cw_search_pick_one(search, pick);
    cw_search_undo(search, mark);
    return refuted;
}

/* Picks beside the choice in the constraint that failed first come first: nearly always the one. */
static const struct cw_pick *refuting_pick(struct cw_search *search,
                                           const struct cw_selection *selection, uint32_t option,
                                           uint32_t suspect) {
    for (int round = suspect == CW_NONE ? 1 : 0; round < 2; round++)
        for (size_t i = 0; i < selection->count; i++) {
            const struct cw_pick *pick = &selection->picks[i];
            bool near =
                suspect != CW_NONE &&
                cw_constraint_speaks_of(&search->engine->constraints[suspect], pick->option);
            if (pick->option == option || !search->picked[pick->option] || near != (round == 0))
                continue;
            if (refutes(search, pick))
                return pick;
        }
    return NULL;
}

/*
 * A pick refutes the choice with a rule between the two; propagation from the choice may have
 * removed the pick's value before, so the rule is found by putting the pick first.
 */
static void name_rule(struct cw_search *search, const struct cw_pick *pick, size_t root_mark,
                      uint32_t option, uint32_t choice, struct cw_choice_answer *answer) {
    const struct cw_engine *engine = search->engine;
    struct cw_domain *domains =
        cw_arena_array(search->arena, engine->option_count + 1, sizeof *domains);
    cw_search_undo(search, root_mark);
    memcpy(domains, search->domains, engine->option_count * sizeof *domains);
    cw_domain_value(engine, pick->option, &pick->value, &domains[pick->option]);
    cw_domain_only(engine, option, choice, &domains[option]);
    const struct cw_watch *watch = &engine->watches[option];
    for (size_t i = 0; i < watch->count; i++) {
        const struct cw_constraint *constraint = &engine->constraints[watch->constraints[i]];
        if (cw_constraint_truth(engine, domains, constraint) != CW_FALSE)
            continue;
        search->failed = watch->constraints[i];
        name_constraint(search, option, choice, answer);
        return;
    }
    /* Not one rule between the two, but a chain of them: name where the chain breaks. */
    if (cw_search_pick_one(search, pick)) {
        struct cw_domain domain = search->domains[option];
        cw_domain_only(engine, option, choice, &domain);
        if (cw_search_set(search, option, domain))
            (void)!cw_search_propagate(search);
    }
    name_constraint(search, option, choice, answer);
    cw_search_undo(search, root_mark);
}

static uint32_t suspect_of(struct cw_search *search, const struct cw_selection *selection,
                           size_t root_mark, uint32_t option, uint32_t choice) {
    uint32_t suspect = CW_NONE;
    if (!try_choice(search, option, choice) || !cw_search_pick(search, selection, option))
        suspect = search->failed;
    cw_search_undo(search, root_mark);
    return suspect;
}

void cw_choice_reason(struct cw_search *search, const struct cw_selection *selection,
                      size_t root_mark, uint32_t option, uint32_t choice,
                      struct cw_choice_answer *answer) {
    answer->reason_rule = answer->reason_option = CW_NONE;
    answer->only_if = false;
    cw_search_undo(search, root_mark);
    uint32_t suspect = suspect_of(search, selection, root_mark, option, choice);
    search->failed = CW_NONE;
    if (!try_choice(search, option, choice)) { /* dead whatever is picked */
        name_constraint(search, option, choice, answer);
        cw_search_undo(search, root_mark);
        return;
    }
    const struct cw_pick *pick = refuting_pick(search, selection, option, suspect);
    if (pick) {
        answer->reason_option = pick->option;
        name_rule(search, pick, root_mark, option, choice, answer);
    } else if (suspect != CW_NONE) { /* several picks together */
        search->failed = suspect;
        name_constraint(search, option, choice, answer);
        const struct cw_constraint *constraint = &search->engine->constraints[suspect];
        for (size_t i = 0; i < constraint->scope_count && answer->reason_option == CW_NONE; i++)
            if (constraint->scope[i] != option && search->picked[constraint->scope[i]])
                answer->reason_option = constraint->scope[i];
    }
    cw_search_undo(search, root_mark);
}
