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
 * False when some domain became empty: *ret_failed is the constraint that did it.
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
 * A minimal set of origins that, with `allowed`, has no configuration: leaving any one out (and
 * keeping the others) makes one possible. Deletion over those the refutation used, propagation
 * first (Chinneck and Dravnieks 1991; Marques-Silva 2010). UNKNOWN: the steps ran out and the set
 * may have superfluous members; YES: it is minimal; NO: there is a configuration, nothing written.
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
