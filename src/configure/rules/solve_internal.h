/* What the solve_*.c files share: prepared constraints and the state of one propagation or search.
 */
#pragma once

#include "configure/rules/solve.h"

#define CW_SOLVE_NONE UINT32_MAX

/* A constraint as the propagators read it. */
struct cw_solve_constraint {
    enum cw_model_kind kind;
    bool allowed; /* TABLE */
    uint32_t origin, scope_count;
    const uint32_t *scope;
    /* Per scope position. CLAUSE: its first word in `sets`. TABLE, LINEAR: its first value. */
    const uint32_t *starts;
    const uint64_t *sets; /* CLAUSE */
    /*
     * TABLE, one bit per row, for every value: an allowed row has the value in its cell; a
     * forbidden row does not, so that this value gets past it.
     */
    const uint64_t *bits;
    uint32_t row_words, row_count;
    const int64_t *weights; /* LINEAR */
    int64_t min, max;
};

struct cw_solve_index {
    const struct cw_model *model;
    const struct cw_solve_constraint *constraints;
    uint32_t constraint_count, row_words; /* row_words: of the largest table */
    const uint32_t *first, *occurrences;  /* constraints of variable v: first[v] … first[v + 1] */
};

/* One word of one domain lost some values. */
struct cw_solve_loss {
    uint64_t removed;
    uint32_t var, word; /* word: of the mask */
    uint32_t cause;     /* constraint, or NONE: a restriction or a decision */
};

struct cw_solve_state {
    const struct cw_solve_index *index;
    const bool *without;
    uint64_t steps; /* left */
    uint64_t *domains;
    uint32_t *sizes; /* per variable */
    /* Every loss removes a value that was there, so value_count entries are enough. */
    struct cw_solve_loss *trail;
    size_t trail_count;
    uint32_t *queue, queue_head, queue_count;
    bool *queued;
    uint32_t *hints;               /* CLAUSE: two positions that could hold when last seen */
    uint64_t *live, *once, *twice; /* of table rows, scratch */
    uint64_t *need;                /* mask, scratch of the analysis */
    /* A contradiction: this constraint cannot hold, or it took the last value of failed_var. */
    bool contradiction, root_contradiction;
    uint32_t failed, failed_var;
    bool out_of_steps;
};

static inline uint32_t cw_solve_words(const struct cw_model *model, uint32_t var) {
    return cw_set_words(model->value_counts[var]);
}
static inline bool cw_solve_active(const struct cw_solve_state *state, uint32_t constraint) {
    return !state->without || !state->without[state->index->constraints[constraint].origin];
}

/* Prepare one constraint. */
void cw_solve_prepare(const struct cw_model *model, const struct cw_model_constraint *from,
                      struct cw_arena *arena, struct cw_solve_constraint *ret);

/* A state without values; reset before use. */
void cw_solve_state_init(struct cw_solve_state *state, const struct cw_solve_index *index,
                         struct cw_arena *arena);
/* Start over within `allowed`: nothing is propagated yet, every constraint is queued. */
void cw_solve_state_reset(struct cw_solve_state *state, const struct cw_solve_question *question);
/* Take values from a domain and queue who must look again; false: none is left. */
bool cw_solve_remove(struct cw_solve_state *state, const struct cw_solve_loss *loss);
/* Leave only `set` of a domain, told as losses by `cause`. */
bool cw_solve_restrict(struct cw_solve_state *state, uint32_t var, const uint64_t *set,
                       uint32_t cause);
/* Run the queue to its end; false: contradiction. Out of steps it stops early and returns true. */
bool cw_solve_run(struct cw_solve_state *state);
/* Let one constraint remove what it can (solve_propagate.c). */
bool cw_solve_visit(struct cw_solve_state *state, uint32_t constraint);
/* Go back to a trail length. */
void cw_solve_undo(struct cw_solve_state *state, size_t mark);

/* Which origins the contradiction at hand rests on, and the restrictions and decisions of which
 * variables; both are added to, either may be NULL. */
void cw_solve_analyse(struct cw_solve_state *state, bool *origins, bool *vars);

/* Depth-first search from a fresh state. `origins`: collects what the refutation used; may be NULL.
 * ret_values: written on YES, which is checked. */
enum cw_verdict cw_solve_search(struct cw_solve_state *state, struct cw_arena *arena, bool *origins,
                                uint32_t *ret_values);
