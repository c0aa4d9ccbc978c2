/* An elimination order with its bags: between the two files of the orders. */
#pragma once

#include "configure/rules/order.h"

struct cw_elimination {
    struct cw_arena *arena;
    const struct cw_problem *problem;
    uint32_t count, proper; /* proper: the first ones, whose bags are what they should be */
    bool complete;          /* time was not up */
    uint32_t *order;        /* first eliminated first */
    uint32_t **bags;        /* per variable: what it was joined to when eliminated */
    uint32_t *bag_counts;   /* without the variable itself */
    double *bits;           /* per variable: log2 of its values */
};

uint64_t cw_monotonic_ns(void);
