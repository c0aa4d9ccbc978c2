/* What the sat_*.c files share: literals of values, and clauses in the making. */
#pragma once

#include "configure/rules/sat_model.h"

struct cw_sat_encoding {
    struct cw_sat *sat;
    const struct cw_model *model;
    struct cw_arena *arena;
    int yes;           /* true always */
    const int *firsts; /* per variable: the literal of its value 0, or of value 1 when it has two */
    /* The clause in the making. */
    int *clause;
    size_t count, capacity;
    bool satisfied;      /* it holds whatever happens */
    uint64_t edges;      /* of sums' diagrams so far */
    uint64_t edges_most; /* of one sum's; all may have 16 times that */
};

static inline int cw_sat_literal(const struct cw_sat_encoding *e, uint32_t var, uint32_t value) {
    uint32_t values = e->model->value_counts[var];
    if (values == 1)
        return e->yes;
    if (values == 2)
        return value == 1 ? e->firsts[var] : -e->firsts[var];
    return e->firsts[var] + (int)value;
}

/* Begin, extend, add to the solver. */
void cw_sat_begin(struct cw_sat_encoding *e);
void cw_sat_put(struct cw_sat_encoding *e, int literal);
/* "The variable's value is in the set", or, inverted, is not. */
void cw_sat_put_set(struct cw_sat_encoding *e, uint32_t var, const uint64_t *set, bool inverted);
void cw_sat_end(struct cw_sat_encoding *e);

/* The whole model; ret_lazy (room for every constraint): the sums that are not said. */
void cw_sat_encode(struct cw_sat_encoding *e, uint32_t *ret_lazy, uint32_t *ret_lazy_count);

/* Clauses that say exactly a sum (sat_linear.c); false: too many would be needed, nothing is said.
 */
bool cw_sat_linear(struct cw_sat_encoding *e, const struct cw_model_constraint *constraint);
/* A clause that follows from a sum, and that these values, which break the sum, break too. */
void cw_sat_explain(struct cw_sat_encoding *e, const struct cw_model_constraint *constraint,
                    const uint32_t *values);
