/*
 * What is left of a component when its variables have these domains: its parts that share no
 * constraint, and for each the whole of what its constraints still say, as one list of words. Equal
 * lists mean equal sets of configurations, whichever constraints they came from.
 */
#pragma once

#include "configure/rules/intern.h"
#include "configure/rules/state.h"

/* Variables and constraints, each ascending, in two stacks. */
struct cw_component {
    size_t vars, constraints; /* where they start */
    uint32_t var_count, constraint_count;
};

struct cw_residual {
    const struct cw_state *state;
    struct cw_account *account;
    struct cw_u32_pool vars, constraints; /* stacks of components */
    struct cw_component *parts;           /* a stack too */
    size_t part_count, part_capacity;
    struct cw_intern lives; /* live rows of tables of tuples, each with its content: */
    struct cw_u32_pool live_contents;
    struct cw_intern contents; /* of single constraints and domains */
    bool *plain;               /* per clause: untouched, its content is its number */
    uint32_t *heads, *numbers; /* scratch per variable: union-find; part */
    uint32_t *first_vars;      /* scratch per constraint of a split */
    size_t first_capacity;
    struct cw_u32_pool words, key, touched, rows; /* scratch */
};

void cw_residual_init(struct cw_residual *residual, const struct cw_state *state,
                      struct cw_account *account);
void cw_residual_deinit(struct cw_residual *residual);

/* Push the parts of a component that something still speaks of; returns how many. Its other
 * variables are free within their domains: they are pushed on `ret_free`. */
uint32_t cw_residual_split(struct cw_residual *residual, const struct cw_component *whole,
                           struct cw_u32_pool *ret_free);

/* The key of a component in residual->key. */
void cw_residual_key(struct cw_residual *residual, const struct cw_component *component);
