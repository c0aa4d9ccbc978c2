/*
 * Responsible for: sums as clauses, by a decision diagram over partial sums whose nodes stand for
 * intervals of sums that mean the same (Abío, Nieuwenhuis, Oliveras, Rodríguez-Carbonell, Mayer-
 * Eichberger 2012); and the explanation of a broken sum that was too large for that. Does not:
 * solve. Worker process.
 *
 * A node's literal says "from here on the sum comes right". Only that direction is said: the root
 * must hold, a node and a value imply the child, and a false end cannot be reached. An assignment
 * follows exactly one path, so this is exact.
 */
#include "configure/rules/sat_encode.h"

#include <stdlib.h>
#include <string.h>

__extension__ typedef __int128 wide;

#define FAR ((wide)1 << 100)

/* The literal of the rest for every sum from lo to hi. */
struct span {
    wide lo, hi;
    int literal;
};

struct level {
    uint32_t var;
    const int64_t *weights;
    wide rest_least, rest_most; /* of this level and all after it */
    struct span *spans;         /* disjoint, ascending */
    uint32_t span_count, span_capacity;
};

struct sum {
    struct cw_sat_encoding *e;
    struct cw_arena *scratch;
    struct level *levels;
    uint32_t count;
    wide min, max;
    uint64_t edges;
    bool too_large;
};

static void weigh(const struct cw_model *model, const struct level *level, int64_t *ret_least,
                  int64_t *ret_most) {
    *ret_least = *ret_most = level->weights[0];
    for (uint32_t x = 1; x < model->value_counts[level->var]; x++) {
        *ret_least = level->weights[x] < *ret_least ? level->weights[x] : *ret_least;
        *ret_most = level->weights[x] > *ret_most ? level->weights[x] : *ret_most;
    }
}

/* Largest spread first: it leaves fewer different sums; equal ones as they came. */
struct spread {
    wide size;
    uint32_t position;
};
static int by_spread(const void *a, const void *b) {
    const struct spread *x = a, *y = b;
    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    return x->position < y->position ? -1 : 1;
}

static void order_levels(const struct cw_model *model, struct level *levels, uint32_t count,
                         struct cw_arena *scratch) {
    struct spread *spreads = cw_arena_array(scratch, (size_t)count + 1, sizeof *spreads);
    struct level *unordered = cw_arena_array(scratch, (size_t)count + 1, sizeof *unordered);
    memcpy(unordered, levels, count * sizeof *levels);
    for (uint32_t i = 0; i < count; i++) {
        int64_t least, most;
        weigh(model, &levels[i], &least, &most);
        spreads[i] = (struct spread){(wide)most - least, i};
    }
    qsort(spreads, count, sizeof *spreads, by_spread);
    for (uint32_t i = 0; i < count; i++)
        levels[i] = unordered[spreads[i].position];
    for (uint32_t i = count; i-- > 0;) {
        int64_t least, most;
        weigh(model, &levels[i], &least, &most);
        levels[i].rest_least = levels[i + 1].rest_least + least;
        levels[i].rest_most = levels[i + 1].rest_most + most;
    }
}

/* Where the span that holds `at` is, or would be put. */
static uint32_t find_span(const struct level *level, wide at) {
    uint32_t lo = 0, hi = level->span_count;
    while (lo < hi) {
        uint32_t middle = lo + (hi - lo) / 2;
        if (level->spans[middle].hi < at)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo;
}

static void add_span(struct sum *sum, struct level *level, const struct span *span) {
    if (level->span_count == level->span_capacity) {
        uint32_t capacity = level->span_capacity ? 2 * level->span_capacity : 8;
        struct span *grown = cw_arena_array(sum->scratch, capacity, sizeof *grown);
        if (level->span_count > 0)
            memcpy(grown, level->spans, level->span_count * sizeof *grown);
        level->spans = grown;
        level->span_capacity = capacity;
    }
    uint32_t at = find_span(level, span->lo);
    memmove(level->spans + at + 1, level->spans + at,
            (level->span_count - at) * sizeof *level->spans);
    level->spans[at] = *span;
    level->span_count++;
}

static struct span rest(struct sum *sum, uint32_t depth, wide so_far);

/* Say what a node implies; one child for all values needs no node. */
static struct span make_node(struct sum *sum, uint32_t depth, wide so_far) {
    struct level *level = &sum->levels[depth];
    uint32_t values = sum->e->model->value_counts[level->var];
    int *children = cw_arena_array(sum->scratch, values, sizeof *children);
    struct span span = {-FAR, FAR, 0};
    bool same = true;
    for (uint32_t x = 0; x < values && !sum->too_large; x++) {
        struct span child = rest(sum, depth + 1, so_far + level->weights[x]);
        children[x] = child.literal;
        same = same && child.literal == children[0];
        span.lo = child.lo - level->weights[x] > span.lo ? child.lo - level->weights[x] : span.lo;
        span.hi = child.hi - level->weights[x] < span.hi ? child.hi - level->weights[x] : span.hi;
    }
    sum->edges += values;
    if (sum->edges > sum->e->edges_most || sum->e->edges + sum->edges > 16 * sum->e->edges_most)
        sum->too_large = true;
    if (sum->too_large)
        return span;
    span.literal = same ? children[0] : cw_sat_var(sum->e->sat);
    for (uint32_t x = 0; x < values && !same; x++) {
        cw_sat_begin(sum->e);
        cw_sat_put(sum->e, -span.literal);
        cw_sat_put(sum->e, -cw_sat_literal(sum->e, level->var, x));
        cw_sat_put(sum->e, children[x]);
        cw_sat_end(sum->e);
    }
    add_span(sum, level, &span);
    return span;
}

static struct span rest(struct sum *sum, uint32_t depth, wide so_far) {
    const struct level *level = &sum->levels[depth];
    if (so_far + level->rest_least > sum->max)
        return (struct span){sum->max - level->rest_least + 1, 4 * FAR, -sum->e->yes};
    if (so_far + level->rest_most < sum->min)
        return (struct span){-4 * FAR, sum->min - level->rest_most - 1, -sum->e->yes};
    if (so_far + level->rest_least >= sum->min && so_far + level->rest_most <= sum->max)
        return (struct span){sum->min - level->rest_least, sum->max - level->rest_most,
                             sum->e->yes};
    uint32_t at = find_span(level, so_far);
    if (at < level->span_count && level->spans[at].lo <= so_far)
        return level->spans[at];
    return make_node(sum, depth, so_far);
}

static struct level *list_levels(const struct cw_model *model, const struct cw_model_constraint *c,
                                 struct cw_arena *scratch) {
    struct level *levels = cw_arena_array(scratch, (size_t)c->scope_count + 1, sizeof *levels);
    const int64_t *weights = c->weights;
    for (uint32_t i = 0; i < c->scope_count; i++) {
        levels[i].var = c->scope[i];
        levels[i].weights = weights;
        weights += model->value_counts[c->scope[i]];
    }
    return levels;
}

bool cw_sat_linear(struct cw_sat_encoding *e, const struct cw_model_constraint *c) {
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    if (!scratch)
        abort(); /* a worker may */
    struct sum sum = {.e = e,
                      .scratch = scratch,
                      .levels = list_levels(e->model, c, scratch),
                      .count = c->scope_count,
                      .min = c->min == INT64_MIN ? -FAR : c->min,
                      .max = c->max == INT64_MAX ? FAR : c->max};
    order_levels(e->model, sum.levels, sum.count, scratch);
    struct span root = rest(&sum, 0, 0);
    e->edges += sum.edges;
    if (sum.too_large)
        return false; /* what was said defines literals nothing else uses */
    cw_sat_begin(e);
    cw_sat_put(e, root.literal);
    cw_sat_end(e);
    return true;
}

/* Drop a position from the explanation when the sum stays broken whatever it is. */
static bool still_broken(const struct cw_model_constraint *c, bool above, wide total) {
    return above ? total > c->max : total < c->min;
}

void cw_sat_explain(struct cw_sat_encoding *e, const struct cw_model_constraint *c,
                    const uint32_t *values) {
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    if (!scratch)
        abort(); /* a worker may */
    const struct level *levels = list_levels(e->model, c, scratch);
    wide total = 0;
    for (uint32_t i = 0; i < c->scope_count; i++)
        total += levels[i].weights[values[levels[i].var]];
    bool above = c->max != INT64_MAX && total > c->max;
    cw_sat_begin(e);
    for (uint32_t i = 0; i < c->scope_count; i++) {
        const struct level *level = &levels[i];
        int64_t least, most, chosen = level->weights[values[level->var]];
        weigh(e->model, level, &least, &most);
        wide without = total - chosen + (above ? least : most);
        if (still_broken(c, above, without)) {
            total = without; /* not needed */
            continue;
        }
        for (uint32_t x = 0; x < e->model->value_counts[level->var]; x++)
            if (above ? level->weights[x] < chosen : level->weights[x] > chosen)
                cw_sat_put(e, cw_sat_literal(e, level->var, x));
    }
    cw_sat_end(e);
}
