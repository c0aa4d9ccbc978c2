/*
 * Inside lowering. Call order: classes of numbers, variables, then the constraints in any order.
 * A fault is kept in `status` and `err`; what is built after it is thrown away.
 */
#pragma once

#include "configure/lower.h"

/* Sums of any number of 64-bit amounts. */
__extension__ typedef __int128 cw_wide;

/* The variable has one of the set's values. */
struct cw_literal {
    uint32_t var;
    const uint64_t *set;
};
/* Some literal holds: ascending variables, none twice, no set empty or full. */
struct cw_clause {
    size_t count;
    const struct cw_literal *literals;
};
/* Every clause holds. No clause: true. One clause without literals: false. */
struct cw_cnf {
    size_t count;
    const struct cw_clause *clauses;
};

/* A flag that is 1 exactly when the condition holds. */
struct cw_helper {
    const struct cw_cond *cond;
    uint32_t var;
};

struct cw_lowering {
    struct cw_arena *arena;   /* of the result */
    struct cw_arena *scratch; /* of the rule at hand */
    const struct cw_product *product;
    struct cw_model *model;
    struct cw_lowered *lowered;
    struct cw_lowered_option *options;
    struct cw_origin *origins;
    uint32_t origin_count;
    uint32_t structure; /* origin of helpers and price flags */
    size_t helper_count, helper_capacity;
    struct cw_helper *helpers; /* of the rule at hand */
    uint64_t need_work;        /* of lower_need.c */
    enum cw_status status;
    struct cw_error *err;
};

/* ---- lower.c --------------------------------------------------------------------------------- */
/* Raise "configure.too_large" about `what`, once. */
void cw_lower_too_large(struct cw_lowering *lowering, const char *what);
/* A variable; 0 after a fault. */
uint32_t cw_lower_var(struct cw_lowering *lowering, uint32_t value_count);
uint32_t cw_lower_origin(struct cw_lowering *lowering, struct cw_origin origin);

/* ---- lower_number.c: what steps of a number no rule tells apart -------------------------------
 */
void cw_lower_classes(struct cw_lowering *lowering);

/* ---- lower_need.c: what a number must come to, for a sum to meet its bound --------------------
 */
struct cw_needs {
    int64_t coefficient; /* of the number in the sum; not 0 unless count is 0 */
    size_t count;
    const int64_t *amounts; /* ascending; of coefficient times value, in the number's own range */
};
/* False when there are too many to list. In the scratch arena. */
bool cw_lower_needs(struct cw_lowering *lowering, const struct cw_rule *rule, uint32_t option,
                    struct cw_needs *ret);
/* Sort, drop doubles, return how many are left. */
size_t cw_sort_amounts(int64_t *amounts, size_t count);

/* ---- lower_condition.c ------------------------------------------------------------------------
 */
/* The condition, or its opposite, as clauses; in the scratch arena. */
struct cw_cnf cw_lower_cnf(struct cw_lowering *lowering, const struct cw_cond *cond, bool positive);
/* A condition, or its opposite. */
struct cw_side {
    const struct cw_cond *cond;
    bool positive;
};
/* Some side holds. */
struct cw_cnf cw_lower_some(struct cw_lowering *lowering, const struct cw_side *sides,
                            size_t count);
/* Some of the conditions holds; or, not positive, some of them does not. */
struct cw_cnf cw_lower_any(struct cw_lowering *lowering, const struct cw_cond *conds, size_t count,
                           bool positive);
struct cw_literal cw_lower_value(struct cw_lowering *lowering, uint32_t var, uint32_t value);
struct cw_literal cw_lower_not_value(struct cw_lowering *lowering, uint32_t var, uint32_t value);
/* The literal of a helper flag for the condition; one per rule and condition. */
struct cw_literal cw_lower_helper(struct cw_lowering *lowering, struct cw_side side);
/* Add every clause, each joined with the guard's literals. */
void cw_lower_add(struct cw_lowering *lowering, uint32_t origin, const struct cw_clause *guard,
                  struct cw_cnf cnf);
/* `var` has `value` exactly when the condition holds. */
void cw_lower_equate(struct cw_lowering *lowering, uint32_t origin, struct cw_lowered_value flag,
                     const struct cw_cond *cond);

/* ---- lower_sum.c ------------------------------------------------------------------------------
 */
/* Weights of a variable's values, added up over entries of the same variable. */
struct cw_sum_entry {
    uint32_t var;
    int64_t *weights;
};
struct cw_sum {
    size_t count, capacity;
    struct cw_sum_entry *entries;
    cw_wide constant;
};
/* Room for the weights of one more variable, zeros. */
int64_t *cw_sum_add(struct cw_lowering *lowering, struct cw_sum *sum, uint32_t var);
/* min <= sum <= max; with `hole`, the sum is not min (and max is not read). */
struct cw_sum_bounds {
    cw_wide min, max;
    bool hole;
};
void cw_lower_bounds(struct cw_lowering *lowering, uint32_t origin, struct cw_sum *sum,
                     struct cw_sum_bounds bounds);
void cw_lower_sum_rule(struct cw_lowering *lowering, uint32_t origin, const struct cw_rule *rule);

/* ---- lower_table.c ----------------------------------------------------------------------------
 */
void cw_lower_table_rule(struct cw_lowering *lowering, uint32_t origin, const struct cw_rule *rule);
void cw_lower_derive(struct cw_lowering *lowering, uint32_t origin, uint32_t option);

/* ---- lower_rule.c -----------------------------------------------------------------------------
 */
void cw_lower_rule(struct cw_lowering *lowering, uint32_t rule);

/* ---- lower_option.c ---------------------------------------------------------------------------
 */
void cw_lower_option_vars(struct cw_lowering *lowering);
void cw_lower_option(struct cw_lowering *lowering, uint32_t option);

/* ---- lower_cost.c -----------------------------------------------------------------------------
 */
void cw_lower_spans(struct cw_lowering *lowering);
