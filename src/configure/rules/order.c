/*
 * Responsible for: tree decompositions from elimination orders, and the order to branch in. Does
 * not: eliminate (order_eliminate.c). The rules worker, and wherever a product is compiled in
 * place.
 */
#include "configure/rules/order.h"

#include "configure/rules/order_graph.h"

/* The bag of variable v is v and what it was joined to; above it is the bag of the one of these
 * that is eliminated next (Bodlaender 2006 §2). */
struct tree {
    const struct cw_elimination *e;
    uint32_t count;
    uint32_t *above;               /* per variable; UINT32_MAX: a root */
    uint32_t *first_below, *next;  /* children as linked lists */
    uint32_t *sizes, *line, *from; /* scratch of one piece, in breadth-first order */
    bool *taken;                   /* bags that are ranked already */
};

static void build(struct tree *tree, struct cw_arena *arena) {
    const struct cw_elimination *e = tree->e;
    uint32_t vars = tree->count;
    uint32_t *at = cw_arena_array(arena, vars, sizeof *at);
    for (uint32_t i = 0; i < vars; i++)
        at[e->order[i]] = i;
    for (uint32_t var = 0; var < vars; var++)
        tree->first_below[var] = UINT32_MAX;
    for (uint32_t var = 0; var < vars; var++) {
        uint32_t above = UINT32_MAX;
        for (uint32_t i = 0; i < e->bag_counts[var]; i++)
            if (above == UINT32_MAX || at[e->bags[var][i]] < at[above])
                above = e->bags[var][i];
        tree->above[var] = above;
        if (above != UINT32_MAX) {
            tree->next[var] = tree->first_below[above];
            tree->first_below[above] = var;
        }
    }
}

/* The bags around `bag` that are not ranked yet, except where we come from. */
static void extend(struct tree *tree, uint32_t *length, uint32_t bag, uint32_t from) {
    uint32_t above = tree->above[bag];
    if (above != UINT32_MAX && above != from && !tree->taken[above]) {
        tree->from[*length] = bag;
        tree->line[(*length)++] = above;
    }
    for (uint32_t b = tree->first_below[bag]; b != UINT32_MAX; b = tree->next[b])
        if (b != from && !tree->taken[b]) {
            tree->from[*length] = bag;
            tree->line[(*length)++] = b;
        }
}

/* The bag without which no piece of this one has more than half of its bags (Jordan 1869). */
static uint32_t centroid(struct tree *tree, uint32_t start) {
    uint32_t length = 1;
    tree->line[0] = start;
    tree->from[0] = UINT32_MAX;
    for (uint32_t i = 0; i < length; i++) {
        tree->sizes[tree->line[i]] = 1;
        extend(tree, &length, tree->line[i], tree->from[i]);
    }
    for (uint32_t i = length; i-- > 1;)
        tree->sizes[tree->from[i]] += tree->sizes[tree->line[i]];
    /* The last bag in this order that still has at least half below it. */
    for (uint32_t i = length; i-- > 0;)
        if (tree->sizes[tree->line[i]] * 2 >= length)
            return tree->line[i];
    return start;
}

static void rank_var(uint32_t *ranks, uint32_t var, uint32_t rank) {
    if (ranks[var] == UINT32_MAX)
        ranks[var] = rank;
}

/* Halve pieces until every bag is ranked; each rank is the depth in the halving. */
static void rank_by_centroids(struct tree *tree, uint32_t *ranks, struct cw_arena *arena) {
    const struct cw_elimination *e = tree->e;
    uint32_t *pieces = cw_arena_array(arena, tree->count * (size_t)2 + 2, sizeof *pieces);
    uint32_t *depths = cw_arena_array(arena, tree->count * (size_t)2 + 2, sizeof *depths);
    uint32_t open = 0;
    for (uint32_t var = 0; var < tree->count; var++)
        if (tree->above[var] == UINT32_MAX)
            pieces[open++] = var;
    while (open > 0) {
        uint32_t depth = depths[--open], bag = centroid(tree, pieces[open]), around = 0;
        tree->taken[bag] = true;
        rank_var(ranks, bag, depth);
        for (uint32_t i = 0; i < e->bag_counts[bag]; i++)
            rank_var(ranks, e->bags[bag][i], depth);
        extend(tree, &around, bag, UINT32_MAX);
        for (uint32_t i = 0; i < around; i++) {
            pieces[open] = tree->line[i];
            depths[open++] = depth + 1;
        }
    }
}

/* Bags from after time was up are none to be shown: then the width is a lower bound. */
static void measure(const struct cw_elimination *e, struct cw_order *order,
                    struct cw_arena *arena) {
    uint32_t hardest = UINT32_MAX;
    double most = -1;
    for (uint32_t k = 0; k < e->proper; k++) {
        uint32_t var = e->order[k];
        double bits = e->bits[var];
        for (uint32_t i = 0; i < e->bag_counts[var]; i++)
            bits += e->bits[e->bags[var][i]];
        if (bits > most) {
            most = bits;
            hardest = var;
        }
    }
    if (hardest == UINT32_MAX)
        return;
    order->log2_width = most;
    order->bag_count = e->bag_counts[hardest] + 1;
    order->bag = cw_arena_array(arena, order->bag_count, sizeof *order->bag);
    order->bag[0] = hardest;
    for (uint32_t i = 0; i < e->bag_counts[hardest]; i++)
        order->bag[i + 1] = e->bags[hardest][i];
}

struct cw_order *cw_order_new(const struct cw_elimination *e, enum cw_order_shape shape,
                              struct cw_arena *arena) {
    uint32_t vars = e->problem->var_count;
    struct cw_order *order = cw_arena_alloc(arena, sizeof *order);
    order->ranks = cw_arena_array(arena, vars, sizeof *order->ranks);
    order->complete = e->complete;
    measure(e, order, arena);
    for (uint32_t i = 0; i < vars; i++)
        order->ranks[e->order[i]] = shape == CW_ORDER_REVERSE ? vars - i : UINT32_MAX;
    if (shape == CW_ORDER_REVERSE)
        return order;
    uint32_t *scratch = cw_arena_array(arena, (size_t)vars * 6, sizeof *scratch);
    struct tree tree = {.e = e,
                        .count = vars,
                        .above = scratch,
                        .first_below = scratch + vars,
                        .next = scratch + (size_t)2 * vars,
                        .sizes = scratch + (size_t)3 * vars,
                        .line = scratch + (size_t)4 * vars,
                        .from = scratch + (size_t)5 * vars,
                        .taken = cw_arena_array(arena, vars, sizeof(bool))};
    build(&tree, arena);
    rank_by_centroids(&tree, order->ranks, arena);
    return order;
}
