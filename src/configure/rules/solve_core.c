/*
 * Responsible for: minimal sets of origins without a configuration, and whether an origin follows
 * from the others. Does not: search by itself (solve_search.c). Any process.
 */
#include "configure/rules/solve_internal.h"

#include <string.h>

struct deletion {
    const struct cw_solve_question *question;
    const bool *fixed;
    struct cw_solve_state state;
    struct cw_arena *scratch;
    bool *core, *used, *without; /* per origin */
    uint32_t origin_count;
};

/* Is there a configuration with the fixed origins and the core's, but for one? `used` says which a
 * refutation needed. */
static enum cw_verdict try_without(struct deletion *deletion, uint32_t origin) {
    const struct cw_solve_question *whole = deletion->question;
    for (uint32_t o = 0; o < deletion->origin_count; o++) {
        bool fixed = deletion->fixed && deletion->fixed[o];
        bool left_out = whole->without && whole->without[o];
        deletion->without[o] = left_out || (!fixed && (!deletion->core[o] || o == origin));
    }
    memset(deletion->used, 0, deletion->origin_count * sizeof *deletion->used);
    struct cw_solve_question question = *whole;
    question.without = deletion->without;
    cw_solve_state_reset(&deletion->state, &question);
    return cw_solve_search(&deletion->state, deletion->scratch, deletion->used, NULL);
}

static void keep_used(struct deletion *deletion) {
    for (uint32_t o = 0; o < deletion->origin_count; o++)
        deletion->core[o] = deletion->core[o] && deletion->used[o];
}

static void write_core(const struct deletion *deletion, struct cw_arena *arena,
                       struct cw_solve_core *ret) {
    uint32_t *origins = cw_arena_array(arena, (size_t)deletion->origin_count + 1, sizeof *origins);
    size_t count = 0;
    for (uint32_t o = 0; o < deletion->origin_count; o++)
        if (deletion->core[o])
            origins[count++] = o;
    *ret = (struct cw_solve_core){count, origins};
}

enum cw_verdict cw_solve_minimal_core(const struct cw_solve_index *index,
                                      const struct cw_solve_question *question, const bool *fixed,
                                      struct cw_arena *arena, struct cw_solve_core *ret) {
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    if (!scratch) {
        *ret = (struct cw_solve_core){0, NULL};
        return CW_VERDICT_UNKNOWN;
    }
    size_t origins = (size_t)index->model->origin_count + 1;
    struct deletion deletion = {.question = question,
                                .fixed = fixed,
                                .scratch = scratch,
                                .core = cw_arena_array(scratch, origins, sizeof(bool)),
                                .used = cw_arena_array(scratch, origins, sizeof(bool)),
                                .without = cw_arena_array(scratch, origins, sizeof(bool)),
                                .origin_count = index->model->origin_count};
    cw_solve_state_init(&deletion.state, index, scratch);
    deletion.state.steps = question->steps;
    for (uint32_t o = 0; o < deletion.origin_count; o++)
        deletion.core[o] = !(fixed && fixed[o]);
    enum cw_verdict verdict = try_without(&deletion, CW_SOLVE_NONE);
    if (verdict == CW_VERDICT_YES)
        return CW_VERDICT_NO;
    if (verdict == CW_VERDICT_UNKNOWN) {
        *ret = (struct cw_solve_core){0, NULL};
        return CW_VERDICT_UNKNOWN;
    }
    keep_used(&deletion);
    bool minimal = true;
    for (uint32_t o = 0; o < deletion.origin_count; o++) {
        if (!deletion.core[o])
            continue;
        verdict = try_without(&deletion, o);
        if (verdict == CW_VERDICT_NO)
            keep_used(&deletion);
        minimal = minimal && verdict != CW_VERDICT_UNKNOWN;
    }
    write_core(&deletion, arena, ret);
    return minimal ? CW_VERDICT_YES : CW_VERDICT_UNKNOWN;
}

/* ---- redundancy ------------------------------------------------------------------------------ */

struct trial {
    const struct cw_solve_index *index;
    struct cw_solve_question question; /* steps: what is left */
    bool *without;
    struct cw_arena *scratch;
};

static enum cw_verdict run_trial(struct trial *trial, const struct cw_solve_index *index) {
    struct cw_solve_state *state = cw_arena_alloc(trial->scratch, sizeof *state);
    cw_solve_state_init(state, index, trial->scratch);
    state->steps = trial->question.steps;
    cw_solve_state_reset(state, &trial->question);
    enum cw_verdict verdict = cw_solve_search(state, trial->scratch, NULL, NULL);
    trial->question.steps = state->steps;
    return verdict;
}

/* A clause is broken by staying out of all its sets: a smaller mask. */
static enum cw_verdict break_clause(struct trial *trial, const struct cw_model_constraint *from) {
    const struct cw_model *model = trial->index->model;
    const uint64_t *allowed = trial->question.allowed, *set = from->sets;
    uint64_t *mask = cw_arena_array(trial->scratch, (size_t)model->word_count + 1, sizeof *mask);
    memcpy(mask, allowed, model->word_count * sizeof *mask);
    for (uint32_t i = 0; i < from->scope_count; i++) {
        uint32_t base = model->word_bases[from->scope[i]];
        for (uint32_t w = 0; w < cw_solve_words(model, from->scope[i]); w++)
            mask[base + w] &= ~*set++;
    }
    trial->question.allowed = mask;
    enum cw_verdict verdict = run_trial(trial, trial->index);
    trial->question.allowed = allowed;
    return verdict;
}

/* The model with one constraint more, which belongs to an origin of its own. */
static enum cw_verdict with_constraint(struct trial *trial,
                                       const struct cw_model_constraint *extra) {
    const struct cw_model *model = trial->index->model;
    struct cw_model *other = cw_arena_alloc(trial->scratch, sizeof *other);
    struct cw_model_constraint *constraints =
        cw_arena_array(trial->scratch, (size_t)model->constraint_count + 1, sizeof *constraints);
    uint32_t count = 0;
    for (uint32_t c = 0; c < model->constraint_count; c++)
        if (!trial->without[model->constraints[c].origin])
            constraints[count++] = model->constraints[c];
    constraints[count++] = *extra;
    *other = *model;
    other->constraints = constraints;
    other->constraint_count = count;
    struct cw_solve_question question = trial->question;
    trial->question.without = NULL;
    enum cw_verdict verdict = run_trial(trial, cw_solve_index_new(other, trial->scratch));
    trial->question.without = question.without;
    return verdict;
}

/* Is there a configuration of the others that breaks this constraint? */
static enum cw_verdict break_one(struct trial *trial, const struct cw_model_constraint *from) {
    struct cw_model_constraint extra = *from;
    if (from->kind == CW_MODEL_CLAUSE)
        return break_clause(trial, from);
    if (from->kind == CW_MODEL_TABLE) {
        extra.allowed = !from->allowed;
        return with_constraint(trial, &extra);
    }
    enum cw_verdict above = CW_VERDICT_NO, below = CW_VERDICT_NO;
    if (from->max != INT64_MAX) {
        extra.min = from->max + 1;
        extra.max = INT64_MAX;
        above = with_constraint(trial, &extra);
    }
    if (above != CW_VERDICT_YES && from->min != INT64_MIN) {
        extra.min = INT64_MIN;
        extra.max = from->min - 1;
        below = with_constraint(trial, &extra);
    }
    if (above == CW_VERDICT_YES || below == CW_VERDICT_YES)
        return CW_VERDICT_YES;
    return above == CW_VERDICT_NO ? below : above;
}

enum cw_verdict cw_solve_redundant(const struct cw_solve_index *index,
                                   const struct cw_solve_question *question, uint32_t origin,
                                   struct cw_arena *arena) {
    (void)arena; /* nothing of the answer lies in memory */
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    if (!scratch)
        return CW_VERDICT_UNKNOWN;
    const struct cw_model *model = index->model;
    struct trial trial = {.index = index, .question = *question, .scratch = scratch};
    trial.without = cw_arena_array(scratch, (size_t)model->origin_count + 1, sizeof *trial.without);
    for (uint32_t o = 0; o < model->origin_count; o++)
        trial.without[o] = o == origin || (question->without && question->without[o]);
    trial.question.without = trial.without;
    enum cw_verdict implied = CW_VERDICT_YES;
    for (uint32_t c = 0; c < model->constraint_count; c++) {
        if (model->constraints[c].origin != origin)
            continue;
        enum cw_verdict broken = break_one(&trial, &model->constraints[c]);
        if (broken == CW_VERDICT_YES)
            return CW_VERDICT_NO;
        if (broken == CW_VERDICT_UNKNOWN)
            implied = CW_VERDICT_UNKNOWN;
    }
    return implied;
}
