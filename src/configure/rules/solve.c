/*
 * Responsible for: the plain questions of solve.h, propagation and one configuration, and states to
 * go on from. Does not: propagate or search by itself (solve_propagate.c, solve_search.c). Any
 * process.
 */
#include "configure/rules/solve_internal.h"

#include <string.h>

enum cw_verdict cw_solve(const struct cw_solve_index *index,
                         const struct cw_solve_question *question, struct cw_arena *arena,
                         uint32_t *ret_values) {
    (void)arena; /* scratch has its own, so that many questions do not add up */
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    if (!scratch)
        return CW_VERDICT_UNKNOWN;
    struct cw_solve_state state;
    cw_solve_state_init(&state, index, scratch);
    state.steps = question->steps;
    cw_solve_state_reset(&state, question);
    return cw_solve_search(&state, scratch, NULL, ret_values);
}

struct cw_solve_state *cw_solve_state_new(const struct cw_solve_index *index,
                                          const struct cw_solve_question *question,
                                          struct cw_arena *arena) {
    struct cw_solve_state *state = cw_arena_alloc(arena, sizeof *state);
    cw_solve_state_init(state, index, arena);
    state->steps = question->steps;
    cw_solve_state_reset(state, question);
    state->root_contradiction = !cw_solve_run(state);
    return state;
}

bool cw_solve_state_holds(const struct cw_solve_state *state) {
    return !state->contradiction;
}

const uint64_t *cw_solve_state_domains(const struct cw_solve_state *state) {
    return state->domains;
}

bool cw_solve_state_keep(struct cw_solve_state *state, uint32_t var, const uint64_t *set) {
    if (state->contradiction)
        return false;
    return cw_solve_restrict(state, var, set, CW_SOLVE_NONE) && cw_solve_run(state);
}

size_t cw_solve_state_mark(const struct cw_solve_state *state) {
    return state->trail_count;
}

void cw_solve_state_undo(struct cw_solve_state *state, size_t mark) {
    if (!state->root_contradiction)
        cw_solve_undo(state, mark);
}

void cw_solve_state_blame(struct cw_solve_state *state, bool *origins, bool *vars) {
    if (state->contradiction)
        cw_solve_analyse(state, origins, vars);
}

bool cw_solve_propagate(const struct cw_solve_index *index,
                        const struct cw_solve_question *question, struct cw_arena *arena,
                        struct cw_solve_left *ret) {
    const struct cw_model *model = index->model;
    const struct cw_solve_state *state = cw_solve_state_new(index, question, arena);
    uint32_t *causes = cw_arena_array(arena, (size_t)model->value_count + 1, sizeof *causes);
    memset(causes, 0xff, model->value_count * sizeof *causes);
    for (size_t i = 0; i < state->trail_count; i++) {
        const struct cw_solve_loss *loss = &state->trail[i];
        uint32_t first =
            model->value_bases[loss->var] + 64 * (loss->word - model->word_bases[loss->var]);
        for (uint64_t left = loss->removed; left; left &= left - 1)
            causes[first + (uint32_t)__builtin_ctzll(left)] = loss->cause;
    }
    *ret = (struct cw_solve_left){state->domains, causes,
                                  state->contradiction ? state->failed : CW_MODEL_NO_CAUSE};
    return !state->contradiction;
}
