/*
 * Inside of counting: exact integers of 64-bit limbs in buffers the caller sized, and the upward
 * counting pass. Only diagram_*.c read this. No leading zero limbs; zero has none.
 */
#pragma once

#include "configure/rules/diagram_index.h"

struct cw_big {
    uint64_t *limbs; /* least first; room for the result is the caller's business */
    uint32_t count;
};

static inline bool cw_big_is(const struct cw_big *a, uint64_t value) {
    return value == 0 ? a->count == 0 : a->count == 1 && a->limbs[0] == value;
}
void cw_big_set(struct cw_big *a, uint64_t value);
void cw_big_copy(struct cw_big *a, const struct cw_big *b);
void cw_big_add(struct cw_big *a, const struct cw_big *b);      /* a += b */
void cw_big_subtract(struct cw_big *a, const struct cw_big *b); /* a -= b; a >= b */
int cw_big_compare(const struct cw_big *a, const struct cw_big *b);
void cw_big_times_small(struct cw_big *a, uint64_t factor);   /* a *= factor */
void cw_big_divide_small(struct cw_big *a, uint64_t divisor); /* a /= divisor > 0 */
/* ret = a * b; ret is neither, with room for a->count + b->count limbs. */
void cw_big_times(struct cw_big *ret, const struct cw_big *a, const struct cw_big *b);
/* An exact-size copy, in the arena. */
struct cw_big cw_big_keep(const struct cw_big *a, struct cw_arena *arena);
struct cw_natural cw_big_natural(const struct cw_big *a, struct cw_arena *arena);

/* A zero with room for so many limbs. */
struct cw_big cw_big_room(struct cw_arena *arena, uint32_t limbs);

/* How many ways there are, below every part of a diagram. */
struct cw_count_pass {
    const struct cw_diagram *diagram;
    const uint64_t *allowed;
    struct cw_arena *arena;
    bool want_arms;
    /* written by cw_count_up */
    uint32_t room;         /* limbs that hold any partial count and what multiplying needs */
    uint64_t *atoms;       /* per atom */
    struct cw_big *slices; /* per slice; limbs NULL: not worked out */
    struct cw_big *nodes;  /* per node */
    struct cw_big *arms;   /* per arm */
    struct cw_big product, spare, ways; /* of `room` limbs */
};
void cw_count_up(struct cw_count_pass *pass);
/* product *= b, by way of spare. */
void cw_count_times(struct cw_count_pass *pass, const struct cw_big *b);
/* By way of ways. */
const struct cw_big *cw_count_slice(struct cw_count_pass *pass, uint32_t slice);
uint64_t cw_count_atom(const struct cw_diagram *diagram, uint32_t number, const uint64_t *allowed);
