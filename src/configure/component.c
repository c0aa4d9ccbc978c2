/*
 * Components: which undecided options hang together, through rules that are not settled yet or
 * through a price rule. What lies in different components can be solved apart. Server process, any
 * thread.
 */
#include "configure/engine.h"

#include "cordwain/limits.h"

static void reach(const struct cw_search *search, const uint32_t *scope, size_t count,
                  bool *reached) {
    for (size_t i = 0; i < count; i++)
        if (!cw_domain_fixed(search->engine, scope[i], &search->domains[scope[i]]))
            reached[scope[i]] = true;
}

static bool in_scope(const struct cw_watch *scope, uint32_t option) {
    for (size_t i = 0; i < scope->count; i++)
        if (scope->constraints[i] == option)
            return true;
    return false;
}

/* Add what one option touches; `seen` keeps each constraint from being weighed twice. */
static void reach_from(const struct cw_search *search, uint32_t option, bool *seen, bool *reached) {
    const struct cw_engine *engine = search->engine;
    const struct cw_watch *watch = &engine->watches[option];
    for (size_t i = 0; i < watch->count; i++) {
        const struct cw_constraint *constraint = &engine->constraints[watch->constraints[i]];
        if (seen[watch->constraints[i]])
            continue;
        seen[watch->constraints[i]] = true;
        if (cw_constraint_truth(engine, search->domains, constraint) != CW_TRUE)
            reach(search, constraint->scope, constraint->scope_count, reached);
    }
    for (size_t i = 0; i < engine->price_scope_count; i++) {
        const struct cw_watch *scope = &engine->price_scopes[i];
        const struct cw_cond *when = engine->product->price_rules[i].when;
        if (when && in_scope(scope, option) &&
            cw_cond_truth(engine, search->domains, when) == CW_UNKNOWN)
            reach(search, scope->constraints, scope->count, reached);
    }
}

size_t cw_search_component(const struct cw_search *search, uint32_t option, uint32_t *ret_members) {
    size_t options = search->engine->option_count, count = 0;
    bool reached[CW_SEARCH_OPTIONS] = {false}, done[CW_SEARCH_OPTIONS] = {false};
    bool *seen = cw_arena_array(search->arena, search->engine->constraint_count + 1, sizeof *seen);
    reached[option] = true;
    for (bool grown = true; grown;) {
        grown = false;
        for (uint32_t o = 0; o < options; o++) {
            if (!reached[o] || done[o])
                continue;
            reach_from(search, o, seen, reached);
            done[o] = grown = true;
        }
    }
    for (uint32_t o = 0; o < options; o++)
        if (reached[o])
            ret_members[count++] = o;
    return count;
}
