/*
 * What a shopper's click asks, from one upward pass: is there a configuration, the cheapest one,
 * how many there are, between what prices, and the least cost of every value. The answers are those
 * of diagram.h; they come several times as fast because both costs are fixed beforehand, what the
 * question leaves as it was is not worked out again, and parts that cannot be had are a large
 * number instead of a case of their own.
 *
 * Numbers are doubles that hold whole numbers below 2^53, so nothing is rounded.
 */
#pragma once

#include "configure/rules/diagram.h"

/* A diagram with its two costs. Immutable. */
struct cw_quick;

/**
 * Prepare.
 * @param diagram borrowed, must outlive the result
 * @param costs   per value: what is preferred; copied
 * @param prices  per value: what configurations cost; copied
 * @units   none
 * @owner   arena
 * @errors  NULL when costs or counts are too large for this way; diagram.h answers everything
 * @cost    a few passes
 * @source  none
 */
const struct cw_quick *cw_quick_new(const struct cw_diagram *diagram, const int64_t *costs,
                                    const int64_t *prices, struct cw_arena *arena);

/* One question: what is within `allowed`. In the arena; immutable. */
struct cw_quick_pass;
const struct cw_quick_pass *cw_quick_up(const struct cw_quick *quick, const uint64_t *allowed,
                                        struct cw_arena *arena);

/* The same of another mask; what both leave alike is not worked out again. */
const struct cw_quick_pass *cw_quick_again(const struct cw_quick_pass *from,
                                           const uint64_t *allowed, struct cw_arena *arena);

/* As cw_diagram_feasible. The three that follow are asked of what is feasible. */
bool cw_quick_feasible(const struct cw_quick_pass *pass);

/* As cw_diagram_cheapest by costs. */
void cw_quick_cheapest(const struct cw_quick_pass *pass, struct cw_arena *arena,
                       uint32_t *ret_values);

/* The least and the largest sum of prices. */
void cw_quick_range(const struct cw_quick_pass *pass, int64_t *ret_min, int64_t *ret_max);

/* As cw_diagram_count. */
struct cw_natural cw_quick_count(const struct cw_quick_pass *pass, struct cw_arena *arena);

/* As cw_diagram_least by costs, of the scope {allowed, relaxed}; ret_possible: word_count words,
 * zero before, get the values that are not CW_DIAGRAM_NEVER. */
void cw_quick_least(const struct cw_quick_pass *pass, const uint64_t *relaxed,
                    struct cw_arena *arena, int64_t *ret_least, uint64_t *ret_possible);

/* The same of some variables only: first_var … end_var - 1. What the results say of others stays
 * as it was. */
struct cw_quick_part {
    const uint64_t *relaxed;
    uint32_t first_var, end_var;
};
void cw_quick_least_of(const struct cw_quick_pass *pass, const struct cw_quick_part *part,
                       struct cw_arena *arena, int64_t *ret_least, uint64_t *ret_possible);
