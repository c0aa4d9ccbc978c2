/*
 * Responsible for: the state of a propagation: domains, the trail of what was removed by whom, the
 * queue; going back; and reading off the trail what a contradiction rests on. Does not: know what a
 * constraint means (solve_propagate.c) or decide (solve_search.c). Any process; one thread a state.
 */
#include "configure/rules/solve_internal.h"

#include <string.h>

void cw_solve_state_init(struct cw_solve_state *state, const struct cw_solve_index *index,
                         struct cw_arena *arena) {
    const struct cw_model *model = index->model;
    size_t constraints = (size_t)index->constraint_count + 1;
    *state = (struct cw_solve_state){.index = index};
    state->domains = cw_arena_array(arena, (size_t)model->word_count + 1, sizeof *state->domains);
    state->need = cw_arena_array(arena, (size_t)model->word_count + 1, sizeof *state->need);
    state->sizes = cw_arena_array(arena, (size_t)model->var_count + 1, sizeof *state->sizes);
    state->trail = cw_arena_array(arena, (size_t)model->value_count + 1, sizeof *state->trail);
    state->queue = cw_arena_array(arena, constraints, sizeof *state->queue);
    state->queued = cw_arena_array(arena, constraints, sizeof *state->queued);
    state->hints = cw_arena_array(arena, 2 * constraints, sizeof *state->hints);
    state->live = cw_arena_array(arena, 3 * (size_t)index->row_words + 1, sizeof *state->live);
    state->once = state->live + index->row_words;
    state->twice = state->once + index->row_words;
}

static void enqueue(struct cw_solve_state *state, uint32_t constraint) {
    if (state->queued[constraint] || !cw_solve_active(state, constraint))
        return;
    uint32_t capacity = state->index->constraint_count;
    uint32_t at = state->queue_head + state->queue_count++;
    state->queued[constraint] = true;
    state->queue[at < capacity ? at : at - capacity] = constraint;
}

static void clear_queue(struct cw_solve_state *state) {
    for (; state->queue_count > 0; state->queue_count--) {
        state->queued[state->queue[state->queue_head]] = false;
        state->queue_head =
            state->queue_head + 1 < state->index->constraint_count ? state->queue_head + 1 : 0;
    }
}

static void fail(struct cw_solve_state *state, uint32_t constraint, uint32_t var) {
    state->contradiction = true;
    state->failed = constraint;
    state->failed_var = var;
}

void cw_solve_state_reset(struct cw_solve_state *state, const struct cw_solve_question *question) {
    const struct cw_model *model = state->index->model;
    clear_queue(state);
    state->without = question->without;
    state->trail_count = 0;
    state->contradiction = state->out_of_steps = false;
    state->failed = state->failed_var = CW_SOLVE_NONE;
    for (uint32_t v = 0; v < model->var_count; v++) {
        uint32_t size = 0, base = model->word_bases[v], words = cw_solve_words(model, v);
        for (uint32_t w = base; w < base + words; w++) {
            state->domains[w] = question->allowed[w];
            size += (uint32_t)__builtin_popcountll(state->domains[w]);
        }
        state->sizes[v] = size;
        if (size == 0 && !state->contradiction)
            fail(state, CW_SOLVE_NONE, v);
    }
    for (uint32_t c = 0; c < state->index->constraint_count; c++)
        enqueue(state, c);
}

bool cw_solve_remove(struct cw_solve_state *state, const struct cw_solve_loss *loss) {
    uint32_t var = loss->var;
    state->domains[loss->word] &= ~loss->removed;
    state->sizes[var] -= (uint32_t)__builtin_popcountll(loss->removed);
    state->trail[state->trail_count++] = *loss;
    if (state->sizes[var] == 0) {
        fail(state, loss->cause, var);
        return false;
    }
    const uint32_t *first = state->index->first;
    for (uint32_t i = first[var]; i < first[var + 1]; i++)
        enqueue(state, state->index->occurrences[i]);
    return true;
}

bool cw_solve_restrict(struct cw_solve_state *state, uint32_t var, const uint64_t *set,
                       uint32_t cause) {
    const struct cw_model *model = state->index->model;
    uint32_t base = model->word_bases[var], words = cw_solve_words(model, var);
    for (uint32_t w = 0; w < words; w++) {
        struct cw_solve_loss loss = {state->domains[base + w] & ~set[w], var, base + w, cause};
        if (loss.removed && !cw_solve_remove(state, &loss))
            return false;
    }
    return true;
}

bool cw_solve_run(struct cw_solve_state *state) {
    while (!state->contradiction && state->queue_count > 0) {
        if (state->steps == 0) {
            state->out_of_steps = true;
            break;
        }
        state->steps--;
        uint32_t constraint = state->queue[state->queue_head];
        state->queue_head =
            state->queue_head + 1 < state->index->constraint_count ? state->queue_head + 1 : 0;
        state->queue_count--;
        state->queued[constraint] = false;
        if (!cw_solve_visit(state, constraint) && !state->contradiction)
            fail(state, constraint, CW_SOLVE_NONE);
    }
    clear_queue(state);
    return !state->contradiction;
}

void cw_solve_undo(struct cw_solve_state *state, size_t mark) {
    clear_queue(state);
    state->contradiction = false;
    while (state->trail_count > mark) {
        const struct cw_solve_loss *loss = &state->trail[--state->trail_count];
        state->domains[loss->word] |= loss->removed;
        state->sizes[loss->var] += (uint32_t)__builtin_popcountll(loss->removed);
    }
}

/* ---- what a contradiction rests on ----------------------------------------------------------- */

/* The constraint spoke because values of its other variables were gone: of a clause those of its
 * sets, else any. Values that are still there, or went later, do no harm: no loss is left to match
 * them. */
static void need_reason(struct cw_solve_state *state, uint32_t constraint, uint32_t except) {
    const struct cw_model *model = state->index->model;
    const struct cw_solve_constraint *c = &state->index->constraints[constraint];
    for (uint32_t i = 0; i < c->scope_count; i++) {
        if (c->scope[i] == except)
            continue;
        uint32_t base = model->word_bases[c->scope[i]], words = cw_solve_words(model, c->scope[i]);
        for (uint32_t w = 0; w < words; w++)
            state->need[base + w] |=
                c->kind == CW_MODEL_CLAUSE ? c->sets[c->starts[i] + w] : UINT64_MAX;
    }
}

static void need_first(struct cw_solve_state *state, bool *origins) {
    const struct cw_model *model = state->index->model;
    memset(state->need, 0, model->word_count * sizeof *state->need);
    if (state->failed_var != CW_SOLVE_NONE) {
        memset(state->need + model->word_bases[state->failed_var], 0xff,
               cw_solve_words(model, state->failed_var) * sizeof *state->need);
        return; /* the trail says who took each of its values */
    }
    need_reason(state, state->failed, CW_SOLVE_NONE);
    if (origins)
        origins[state->index->constraints[state->failed].origin] = true;
}

void cw_solve_analyse(struct cw_solve_state *state, bool *origins, bool *vars) {
    need_first(state, origins);
    for (size_t i = state->trail_count; i-- > 0;) {
        const struct cw_solve_loss *loss = &state->trail[i];
        if (!(state->need[loss->word] & loss->removed))
            continue;
        if (loss->cause == CW_SOLVE_NONE) {
            if (vars)
                vars[loss->var] = true;
            continue;
        }
        if (origins)
            origins[state->index->constraints[loss->cause].origin] = true;
        need_reason(state, loss->cause, loss->var);
    }
}
