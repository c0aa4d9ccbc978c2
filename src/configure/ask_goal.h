/* Inside the goal question: what is wished for, and the ways in which options can turn out. */
#pragma once

#include "configure/ask_inside.h"

/* Fronts asked for at most; a goal that needs more is answered as well as they go. */
#define CW_GOAL_RUNS 512

/* The words of an option's variables, which lie together in a mask. */
struct cw_goal_own {
    uint32_t first_var, vars, first_word, words;
};

/* One way an option can turn out: what of its variables is left, and what that costs. */
struct cw_goal_way {
    const uint64_t *set; /* own words; NULL: as it is */
    bool unmet, picked;
};

/* An option with several ways; the first takes no pick. */
struct cw_goal_split {
    uint32_t option;
    bool by_class; /* ways 0 and 1 are the same values: as by default, as wished for */
    struct cw_goal_own own;
    uint32_t way_count;
    struct cw_goal_way ways[3];
};

/* One choice of ways. */
struct cw_goal_run {
    uint32_t unmet, picked;
    const uint8_t *ways; /* per split */
};

struct cw_goal_search {
    struct cw_asking *asking;
    const struct cw_goal *goal;
    const struct cw_pick **wishes; /* per option, or NULL */
    const uint32_t *base;          /* the default completion */
    const struct cw_fact *base_facts;
    const uint64_t *full;
    uint64_t *scratch;             /* equals full between uses */
    bool days_count, price_counts; /* the bound can matter */
    int64_t *unmet, *changed;      /* per value: 1 costs a wish, a pick */
    const int64_t *picks_then_price, *unmet_then_price, *nothing;
    size_t split_count;
    struct cw_goal_split *splits;
    size_t run_count;
    struct cw_goal_run *runs;
    bool exact, found;
    int64_t best[3];  /* unmet, picks, price */
    uint32_t *values; /* of the best so far */
    const uint8_t *ways, *no_ways;
};

/* ---- ask_ways.c ------------------------------------------------------------------------------ */

/* Price the option's values, or split it. */
void cw_goal_look_at(struct cw_goal_search *search, uint32_t option);
/* Has the answer the default completion's values in all variables of the option? */
bool cw_goal_is_base(const struct cw_goal_search *search, uint32_t option);
bool cw_goal_has_wish(const struct cw_goal_search *search, uint32_t option,
                      const struct cw_fact *fact);
