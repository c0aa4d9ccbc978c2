/* Arithmetic of UVL constraints as sums with whole coefficients. Inside src/exchange only. */
#pragma once

#include "exchange/uvl_import.h"

struct cw_uvl_term {
    struct cw_uvl_feature *feature;
    bool number; /* times the feature's number, else times 1 while it is there */
    int64_t factor;
};

/* Σ terms <= bound (or any other comparison). No feature twice with the same `number`. */
struct cw_uvl_sum {
    enum cw_uvl_op op;
    size_t count;
    struct cw_uvl_term *terms;
    int64_t bound;
};

/*
 * A comparison as a sum, in the arena. Fractions are multiplied away; what is not linear, or does
 * not fit CW_UVL_FACTOR, is refused with "uvl.constraint" or "uvl.unknown".
 */
#define CW_UVL_FACTOR 2000000000 /* what an attribute may be (schemas/product.schema.json) */
bool cw_uvl_make_sum(struct cw_uvl_import *import, const struct cw_uvl_expr *comparison,
                     struct cw_uvl_sum *ret);

/* Make the rule "the sum holds". */
bool cw_uvl_add_sum(struct cw_uvl_import *import, const struct cw_draft_rule *rule,
                    const struct cw_uvl_sum *sum);

/*
 * Append a condition that holds exactly when the sum does (wanted) or does not: a range where it is
 * one number alone, else a helper flag that two rules make equal to it.
 */
bool cw_uvl_put_sum(struct cw_uvl_import *import, const struct cw_uvl_sum *sum, bool wanted,
                    struct cw_spot spot, struct cw_buf *buf);

/* The exact value of digits such as -12.50 as a fraction; false when it does not fit. */
struct cw_uvl_ratio {
    int64_t over, under; /* under > 0, no common divisor */
};
bool cw_uvl_ratio_read(const char *digits, struct cw_uvl_ratio *ret);
