/* An import under way: what its files share. Inside src/exchange only. */
#pragma once

#include "exchange/uvl.h"

struct cw_uvl_import {
    struct cw_uvl_model *model;
    struct cw_arena *arena;
    struct cw_faults *faults;
    struct cw_draft draft;
    struct cw_draft helpers; /* flags of sums: options behind those of the features */
    const char *text;        /* of the constraint at hand */
    uint32_t sum_count;      /* attributes k1 … were given to */
    struct cw_names ids;
    uint32_t constraint_count; /* rules k1 … were made of */
    size_t conditions;         /* written for the constraint at hand */
};

/* The feature a reference names; NULL with the fault "uvl.unknown". */
struct cw_uvl_feature *cw_uvl_find(struct cw_uvl_import *import, const struct cw_uvl_expr *expr);

/* Is it <, <=, ==, !=, >=, >? */
bool cw_uvl_is_comparison(const struct cw_uvl_expr *expr);

/* Append the condition that holds when the constraint is `wanted`; false with a fault. */
bool cw_uvl_put_condition(struct cw_uvl_import *import, const struct cw_uvl_expr *expr, bool wanted,
                          struct cw_buf *buf);

/* Find the numbers of Integer features and of features with a cardinality; false with the faults
 * "uvl.type", "uvl.cardinality". */
bool cw_uvl_find_ranges(struct cw_uvl_import *import);

/* Make the rule or rules of a constraint; false with a fault. */
bool cw_uvl_add_constraint(struct cw_uvl_import *import,
                           const struct cw_uvl_constraint *constraint);
