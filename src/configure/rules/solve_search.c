/*
 * Responsible for: depth-first search with propagation at every step. Smallest domain first,
 * weighed by how often the variable's constraints failed (dom/wdeg; Boussemart, Hemery, Lecoutre,
 * Sais 2004); the value it had last first. Does not: learn; what needs that goes to the SAT tier.
 * Any process.
 */
#include "configure/rules/solve_internal.h"

struct decision {
    uint32_t var, value, open_count;
    size_t mark;
};

struct search {
    struct cw_solve_state *state;
    bool *origins;
    uint32_t *open, open_count; /* variables the active constraints speak of; decided ones behind */
    uint32_t *weights, *last;   /* per variable */
    struct decision *decisions;
    uint32_t depth;
};

static void gather_open(struct search *search, struct cw_arena *arena) {
    const struct cw_solve_index *index = search->state->index;
    size_t vars = (size_t)index->model->var_count + 1;
    search->open = cw_arena_array(arena, vars, sizeof *search->open);
    search->weights = cw_arena_array(arena, vars, sizeof *search->weights);
    search->last = cw_arena_array(arena, vars, sizeof *search->last);
    search->decisions = cw_arena_array(arena, vars, sizeof *search->decisions);
    for (uint32_t v = 0; v < index->model->var_count; v++) {
        for (uint32_t i = index->first[v]; i < index->first[v + 1]; i++)
            search->weights[v] += cw_solve_active(search->state, index->occurrences[i]);
        if (search->weights[v] > 0)
            search->open[search->open_count++] = v;
    }
}

/* NONE when every variable is decided. */
static uint32_t pick(struct search *search) {
    const uint32_t *sizes = search->state->sizes;
    uint32_t best = CW_SOLVE_NONE;
    for (uint32_t i = 0; i < search->open_count;) {
        uint32_t var = search->open[i];
        if (sizes[var] == 1) {
            search->open[i] = search->open[--search->open_count];
            search->open[search->open_count] = var;
            continue;
        }
        if (best == CW_SOLVE_NONE || (uint64_t)sizes[var] * search->weights[best] <
                                         (uint64_t)sizes[best] * search->weights[var])
            best = var;
        i++;
    }
    uint64_t cost = 1 + search->open_count / 64;
    search->state->steps -= search->state->steps < cost ? search->state->steps : cost;
    return best;
}

static uint32_t first_value(const struct cw_solve_state *state, uint32_t var) {
    uint32_t word = state->index->model->word_bases[var], at = 0;
    while (!state->domains[word + at])
        at++;
    return 64 * at + (uint32_t)__builtin_ctzll(state->domains[word + at]);
}

static bool decide(struct search *search, uint32_t var) {
    struct cw_solve_state *state = search->state;
    const struct cw_model *model = state->index->model;
    uint32_t base = model->word_bases[var], value = search->last[var];
    if (!cw_set_has(state->domains + base, value))
        value = first_value(state, var);
    search->last[var] = value;
    search->decisions[search->depth++] =
        (struct decision){var, value, search->open_count, state->trail_count};
    for (uint32_t w = base; w < base + cw_solve_words(model, var); w++) {
        uint64_t keep = w == base + value / 64 ? UINT64_C(1) << (value % 64) : 0;
        struct cw_solve_loss loss = {state->domains[w] & ~keep, var, w, CW_SOLVE_NONE};
        if (loss.removed)
            (void)cw_solve_remove(state, &loss);
    }
    return cw_solve_run(state);
}

/* Take the last decision back and rule its value out. */
static bool turn(struct search *search) {
    struct cw_solve_state *state = search->state;
    const struct decision *last = &search->decisions[--search->depth];
    cw_solve_undo(state, last->mark);
    search->open_count = last->open_count;
    struct cw_solve_loss loss = {UINT64_C(1) << (last->value % 64), last->var,
                                 state->index->model->word_bases[last->var] + last->value / 64,
                                 CW_SOLVE_NONE};
    return cw_solve_remove(state, &loss) && cw_solve_run(state);
}

static void learn_from(struct search *search) {
    struct cw_solve_state *state = search->state;
    if (search->origins)
        cw_solve_analyse(state, search->origins, NULL);
    if (state->failed == CW_SOLVE_NONE)
        return;
    const struct cw_solve_constraint *c = &state->index->constraints[state->failed];
    for (uint32_t i = 0; i < c->scope_count; i++)
        search->weights[c->scope[i]]++;
}

/* The values, when every active constraint keeps them. */
static enum cw_verdict witness(const struct cw_solve_state *state, struct cw_arena *arena,
                               uint32_t *ret_values) {
    const struct cw_model *model = state->index->model;
    uint32_t *values = cw_arena_array(arena, (size_t)model->var_count + 1, sizeof *values);
    for (uint32_t v = 0; v < model->var_count; v++)
        values[v] = first_value(state, v);
    for (uint32_t c = 0; c < model->constraint_count; c++)
        if (cw_solve_active(state, c) && !cw_model_keeps(model, &model->constraints[c], values))
            return CW_VERDICT_UNKNOWN; /* fail closed: cannot happen */
    for (uint32_t v = 0; v < model->var_count && ret_values; v++)
        ret_values[v] = values[v];
    return CW_VERDICT_YES;
}

enum cw_verdict cw_solve_search(struct cw_solve_state *state, struct cw_arena *arena, bool *origins,
                                uint32_t *ret_values) {
    struct search search = {.state = state, .origins = origins};
    bool holds = cw_solve_run(state);
    for (;;) {
        if (!holds) {
            if (search.open)
                learn_from(&search);
            else if (origins)
                cw_solve_analyse(state, origins, NULL);
            if (search.depth == 0)
                return CW_VERDICT_NO;
            holds = turn(&search);
            continue;
        }
        if (state->steps == 0)
            state->out_of_steps = true;
        if (state->out_of_steps)
            return CW_VERDICT_UNKNOWN;
        if (!search.open)
            gather_open(&search, arena);
        uint32_t var = pick(&search);
        if (var == CW_SOLVE_NONE)
            return witness(state, arena, ret_values);
        holds = decide(&search, var);
    }
}
