/*
 * Responsible for: what is done to a model before search. Does not: search.
 * The rules worker, and wherever a product is compiled in place.
 */
#include "configure/rules/prepare.h"

#include "configure/rules/bits.h"
#include "configure/rules/state.h"

/* Propagation through all constraints at once sees more than each by itself. */
static bool propagate(struct cw_draft *draft) {
    struct cw_account account = {0};
    const struct cw_problem *problem = cw_problem_new(draft);
    struct cw_state *state = cw_state_new(problem, &account);
    bool changed = false;
    if (!cw_state_start(state))
        draft->impossible = true;
    for (uint32_t var = 0; var < draft->var_count && !draft->impossible; var++)
        changed |= cw_draft_keep_only(draft, var, cw_state_domain(state, var));
    cw_state_free(state);
    return changed;
}

static void settle(struct cw_draft *draft) {
    cw_draft_simplify(draft);
    while (!draft->impossible && propagate(draft))
        cw_draft_simplify(draft);
}

/* The single value of a variable with two, as a set. */
static uint64_t *one_of_two(const struct cw_draft *draft, uint32_t var, uint32_t which) {
    uint32_t words = cw_draft_words(draft, var);
    const uint64_t *domain = cw_draft_domain(draft, var);
    uint32_t value = cw_bits_next(domain, words, 0);
    if (which == 1)
        value = cw_bits_next(domain, words, value + 1);
    uint64_t *set = cw_arena_array(draft->arena, words, sizeof *set);
    cw_set_add(set, value);
    return set;
}

static void note_followers(struct cw_prepared *ret, const struct cw_draft *draft,
                           const struct cw_draft_equals *equals) {
    ret->leaders = equals->leaders;
    ret->smaller = cw_arena_array(draft->arena, draft->var_count, sizeof *ret->smaller);
    ret->followers = cw_arena_array(draft->arena, draft->var_count, sizeof(void *));
    for (uint32_t var = draft->var_count; var-- > 0;) {
        uint32_t leader = equals->leaders[var];
        ret->smaller[var] =
            cw_bits_next(cw_draft_domain(draft, var), cw_draft_words(draft, var), 0);
        if (leader == var)
            continue;
        struct cw_follower *follower = cw_arena_alloc(draft->arena, sizeof *follower);
        follower->var = var;
        for (uint32_t side = 0; side < 2; side++)
            follower->sets[side] = one_of_two(draft, var, equals->swapped[var] ? 1 - side : side);
        follower->next = ret->followers[leader];
        ret->followers[leader] = follower;
    }
}

struct cw_prepared *cw_prepare(const struct cw_model *model, struct cw_arena *arena) {
    struct cw_prepared *ret = cw_arena_alloc(arena, sizeof *ret);
    struct cw_draft *draft = cw_draft_new(model, arena);
    struct cw_draft_equals equals;
    ret->model = model;
    settle(draft);
    if (!draft->impossible)
        cw_draft_join_equals(draft, &equals);
    if (!draft->impossible) {
        note_followers(ret, draft, &equals);
        settle(draft);
    }
    ret->impossible = draft->impossible;
    if (ret->impossible)
        return ret;
    struct cw_draft *compact = cw_draft_compact(draft, &ret->origin);
    /* Equal rows of what were different values are one now. Nothing here can fail: it says what the
     * draft said. */
    cw_draft_simplify(compact);
    ret->problem = cw_problem_new(compact);
    ret->domains = draft->domains;
    ret->searched = cw_arena_array(arena, model->var_count, sizeof *ret->searched);
    for (uint32_t var = 0; var < ret->problem->var_count; var++)
        ret->searched[ret->origin.vars[var]] = true;
    return ret;
}
