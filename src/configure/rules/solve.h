/*
 * Propagation and search on a model without compiling it: explanations, redundancy, and the second
 * tier's answers inside the process when no solver is at hand. Every question has a step budget.
 */
#pragma once

#include "configure/rules/model.h"

enum cw_verdict { CW_VERDICT_NO, CW_VERDICT_YES, CW_VERDICT_UNKNOWN };

/* Prepared once per model (watches, supports); immutable afterwards, any thread. */
struct cw_solve_index;
struct cw_solve_index *cw_solve_index_new(const struct cw_model *model, struct cw_arena *arena);

struct cw_solve_question {
    const uint64_t *allowed;
    const bool *without; /* per origin: leave its constraints out; NULL: none */
    uint64_t steps;      /* decisions and constraint visits */
};

/* Is there a configuration? On YES ret_values (may be NULL) gets one, checked by cw_model_keeps. */
enum cw_verdict cw_solve(const struct cw_solve_index *index,
                         const struct cw_solve_question *question, struct cw_arena *arena,
                         uint32_t *ret_values);

/*
 * Propagate only. Writes what is left of every domain, and for every value that went the constraint
 * that removed it (value_bases layout; CW_MODEL_NO_CAUSE: it was not allowed, or is still there).
 * False when that is a contradiction: `failed` is the constraint that found it. Allocates domains
 * and causes in the arena.
 */
#define CW_MODEL_NO_CAUSE UINT32_MAX
struct cw_solve_left {
    uint64_t *domains;
    uint32_t *causes;
    uint32_t failed; /* constraint index, or CW_MODEL_NO_CAUSE */
};
bool cw_solve_propagate(const struct cw_solve_index *index,
                        const struct cw_solve_question *question, struct cw_arena *arena,
                        struct cw_solve_left *ret);

/*
 * The same, to go on from: propagate once, then restrict one variable after the other on top and go
 * back, each in time proportional to what follows from it. One state belongs to one thread.
 */
struct cw_solve_state;
/* `without` of the question is borrowed; its steps are those of the whole state: when they have run
 * out, less is propagated, never too much. */
struct cw_solve_state *cw_solve_state_new(const struct cw_solve_index *index,
                                          const struct cw_solve_question *question,
                                          struct cw_arena *arena);
/* False: a contradiction; nothing but blame and undo may follow. */
bool cw_solve_state_holds(const struct cw_solve_state *state);
/* What is left, word_count words; changes with every call. */
const uint64_t *cw_solve_state_domains(const struct cw_solve_state *state);
/* Leave only `set` of a variable and propagate. Returns cw_solve_state_holds. */
bool cw_solve_state_keep(struct cw_solve_state *state, uint32_t var, const uint64_t *set);
/* The state as it was when the mark was taken. */
size_t cw_solve_state_mark(const struct cw_solve_state *state);
void cw_solve_state_undo(struct cw_solve_state *state, size_t mark);
/* At a contradiction: set the flags of origins (per origin) and of variables restricted by
 * cw_solve_state_keep (per variable) that it rests on; with these, and without any other, it is one
 * too. Few, not always minimal. Either may be NULL; other flags are left alone. */
void cw_solve_state_blame(struct cw_solve_state *state, bool *origins, bool *vars);

/*
 * A minimal set of origins that, with `allowed`, has no configuration: leaving any one out (and
 * keeping the others) makes one possible. Deletion over those the refutation used, propagation
 * first (Chinneck and Dravnieks 1991; Marques-Silva 2010). YES: it is minimal; NO: there is a
 * configuration, nothing written. UNKNOWN: the steps ran out; the set may have superfluous members,
 * or, when `origins` is NULL, it is not even known that there is one.
 * Origins in `fixed` (per origin, may be NULL: structure rather than rules) are kept and not named.
 */
struct cw_solve_core {
    size_t count;
    const uint32_t *origins; /* ascending, in the arena */
};
enum cw_verdict cw_solve_minimal_core(const struct cw_solve_index *index,
                                      const struct cw_solve_question *question, const bool *fixed,
                                      struct cw_arena *arena, struct cw_solve_core *ret);

/* Do the other origins imply this one? (Leaving it out changes nothing.) */
enum cw_verdict cw_solve_redundant(const struct cw_solve_index *index,
                                   const struct cw_solve_question *question, uint32_t origin,
                                   struct cw_arena *arena);
