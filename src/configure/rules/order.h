/*
 * Orders to branch in: elimination orders of the graph of variables that share a constraint, the
 * tree decomposition each gives, and how deep in its recursive halving a variable lies.
 */
#pragma once

#include "configure/rules/problem.h"

enum cw_order_rule {
    CW_ORDER_MIN_DEGREE, /* least product of domain sizes among what is joined */
    CW_ORDER_MIN_FILL    /* fewest new edges */
};
enum cw_order_shape {
    CW_ORDER_CENTROID, /* the bag that halves the tree first, and so on in each half */
    CW_ORDER_REVERSE   /* last eliminated first */
};

struct cw_order {
    uint32_t *ranks; /* per variable: smaller is branched on first */
    uint32_t bag_count;
    uint32_t *bag;     /* the hardest: variables that are mutually entangled */
    double log2_width; /* of the product of its domain sizes */
    bool complete;     /* false: time was up, the width is a lower bound */
};

struct cw_elimination;

/* Gives up at the deadline [ns of the monotonic clock; 0: none]: what is left becomes one bag. */
struct cw_elimination *cw_elimination_new(const struct cw_problem *problem, enum cw_order_rule rule,
                                          uint64_t deadline_ns, struct cw_arena *arena);
struct cw_order *cw_order_new(const struct cw_elimination *elimination, enum cw_order_shape shape,
                              struct cw_arena *arena);
