/*
 * A model on its way to the compiler: the same three kinds of constraint in lists that are
 * rewritten until nothing more can be said without search. Forbidden tables have become clauses or
 * allowed ones, values that cannot be are gone, and of two variables that always move together one
 * follows the other.
 *
 * Draft variables are the model's until cw_draft_compact, which leaves only those that constraints
 * still speak of, and one value for all that no constraint tells apart (Freuder 1991).
 */
#pragma once

#include "configure/rules/model.h"
#include "configure/rules/pool.h"
#include "cordwain/limits.h"

/* Sums over any scope of any weights, after any number of variables were joined. */
__extension__ typedef __int128 cw_wide;
/* Open ends: beyond every sum of CW_MODEL_ALL_VALUES weights. */
#define CW_WIDE_MIN (-((cw_wide)1 << 120))
#define CW_WIDE_MAX ((cw_wide)1 << 120)

struct cw_draft_lit {
    uint32_t var;
    const uint64_t *set;
};
struct cw_draft_clause {
    uint32_t count;
    struct cw_draft_lit *lits; /* ascending variables */
};
struct cw_draft_table { /* rows that are allowed */
    uint32_t arity, row_count, line_words;
    uint32_t *vars; /* ascending */
    uint64_t *lines;
    bool tuples; /* every set of every row has one value */
};
struct cw_draft_linear {
    uint32_t count;
    uint32_t *vars;    /* ascending */
    cw_wide **weights; /* per variable, per value */
    cw_wide min, max;
};

struct cw_draft {
    struct cw_arena *arena;
    uint32_t var_count, word_count;
    uint32_t *value_counts, *word_bases;
    uint64_t *domains; /* what is left of each variable */
    bool impossible;   /* no configuration */
    uint32_t clause_count, clause_capacity, table_count, linear_count;
    struct cw_draft_clause *clauses;
    struct cw_draft_table *tables;
    struct cw_draft_linear *linears;
};

/* Words of the largest set. */
#define CW_SET_WORDS ((CW_MODEL_VALUES + 63) / 64)

static inline uint32_t cw_draft_words(const struct cw_draft *draft, uint32_t var) {
    return cw_set_words(draft->value_counts[var]);
}
static inline uint64_t *cw_draft_domain(const struct cw_draft *draft, uint32_t var) {
    return draft->domains + draft->word_bases[var];
}

/* The model's constraints; everything in the arena. */
struct cw_draft *cw_draft_new(const struct cw_model *model, struct cw_arena *arena);

/* Take what the domains say out of every constraint, and what single constraints say into the
 * domains, until nothing changes. */
void cw_draft_simplify(struct cw_draft *draft);

/* Variables with two values left that equal each other in every configuration, or always differ:
 * found as strongly connected implications of clauses of two (Tarjan 1972; Aspvall, Plass, Tarjan
 * 1979). leaders[v] is v, or the variable it follows; swapped[v]: the first value of one goes with
 * the second of the other. The followers are taken out of every constraint. */
struct cw_draft_equals {
    uint32_t *leaders;
    bool *swapped;
};
void cw_draft_join_equals(struct cw_draft *draft, struct cw_draft_equals *ret);

/* Where the variables and values of a compact draft come from. */
struct cw_draft_origin {
    uint32_t *vars;  /* per compact variable */
    uint64_t **sets; /* per compact variable: a set of the original's values per value */
};
struct cw_draft *cw_draft_compact(const struct cw_draft *draft, struct cw_draft_origin *ret);

/* ---- between the files of the draft ---------------------------------------------------------- */

void cw_draft_add_clause(struct cw_draft *draft, struct cw_draft_lit *lits, uint32_t count);
/* Keep only these values; true when that took something. */
bool cw_draft_keep_only(struct cw_draft *draft, uint32_t var, const uint64_t *set);
/* One pass over each kind; true when a domain changed. */
bool cw_draft_simplify_tables(struct cw_draft *draft);
bool cw_draft_simplify_linears(struct cw_draft *draft);
/* A constraint of the model as draft constraints. */
void cw_draft_import_table(struct cw_draft *draft, const struct cw_model_constraint *table);
void cw_draft_import_linear(struct cw_draft *draft, const struct cw_model_constraint *linear);
