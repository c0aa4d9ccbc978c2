/*
 * Domains during search: narrowing one makes every constraint take its share (clauses by counters,
 * tables by compact-table bitsets, linear constraints by bounds), and all of it can be taken back.
 */
#pragma once

#include "configure/rules/bits.h"
#include "configure/rules/problem.h"

struct cw_saved {
    uint64_t *cell, value;
};

struct cw_state_table {
    uint64_t *live;     /* rows that are still possible */
    uint32_t *index;    /* the first `limit` entries are the words of `live` that are not zero */
    uint64_t limit;     /* a cell of the trail, therefore wide */
    uint64_t *seen;     /* per column: the domain as last taken into account */
    uint32_t *residues; /* per value: a word of `live` that supported it last */
};

struct cw_state {
    const struct cw_problem *problem;
    struct cw_account *account;
    uint64_t *domains;
    uint64_t *seen;    /* domains as the clauses know them */
    uint64_t *clauses; /* per clause: literals that are not false, and how many are true << 32 */
    struct cw_state_table *tables;
    struct cw_saved *trail;
    size_t trail_count, trail_capacity;
    uint32_t *queue; /* variables whose clauses do not know yet: a ring of var_count */
    uint32_t queue_first, queue_count;
    uint32_t *waiting; /* tables, then linears, that have something to look at: a stack */
    uint32_t waiting_count;
    bool *queued, *is_waiting;
    uint32_t *values; /* scratch: values of one variable */
    uint64_t steps;   /* constraint visits so far; of tables, words of rows */
};

struct cw_state *cw_state_new(const struct cw_problem *problem, struct cw_account *account);
void cw_state_free(struct cw_state *state);

/* Look at everything once, then cw_state_propagate. */
bool cw_state_start(struct cw_state *state);

/* Keep only these values of a variable; false when none is left. */
bool cw_state_keep_only(struct cw_state *state, uint32_t var, const uint64_t *set);
/* Take all consequences; false when there is a contradiction. */
bool cw_state_propagate(struct cw_state *state);

/* Where the trail stands, and back to there. Also empties the queues. */
static inline size_t cw_state_mark(const struct cw_state *state) {
    return state->trail_count;
}
void cw_state_undo(struct cw_state *state, size_t mark);

static inline const uint64_t *cw_state_domain(const struct cw_state *state, uint32_t var) {
    return state->domains + state->problem->word_bases[var];
}
static inline bool cw_state_fixed(const struct cw_state *state, uint32_t var) {
    return cw_bits_fixed(cw_state_domain(state, var), state->problem->words[var]);
}

/* Do the domains leave nothing for the constraint to say? (May say no although it is so.) */
bool cw_state_table_entailed(const struct cw_state *state, uint32_t table);
/* What a variable can still add to a linear constraint. */
struct cw_span {
    cw_wide least, most;
};
struct cw_span cw_state_span(const struct cw_state *state, uint32_t var, const cw_wide *weights);
struct cw_span cw_state_linear_span(const struct cw_state *state, uint32_t linear);

/* ---- between the files of the state ---------------------------------------------------------- */

static inline void cw_state_save(struct cw_state *state, uint64_t *cell) {
    if (state->trail_count == state->trail_capacity)
        state->trail = cw_compile_pool_grow(state->account, state->trail, &state->trail_capacity,
                                            state->trail_count + 1, sizeof *state->trail);
    state->trail[state->trail_count++] = (struct cw_saved){cell, *cell};
}
void cw_state_await(struct cw_state *state, uint32_t waiting);
bool cw_state_visit_table(struct cw_state *state, uint32_t table);
bool cw_state_visit_linear(struct cw_state *state, uint32_t linear);
