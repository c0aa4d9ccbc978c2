/*
 * Responsible for: elimination orders by greedy rules (min-degree, min-fill; Rose 1972, Bodlaender
 * and Koster 2010 §3). Does not: look at what the constraints say. The rules worker, and wherever a
 * product is compiled in place.
 */
#include "configure/rules/order_graph.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "configure/rules/bits.h"

/* A clause or sum over more variables than this joins neighbours in a chain: it entangles far less
 * than a clique of its size would say, and the clique would not fit. */
#define CLIQUE_VARS 200
/* Rows of bits for this many variables take 32 MB. */
#define FILL_VARS 16384
/* Beyond, a variable is eliminated late whatever its fill; counting it would take most of the time.
 */
#define FILL_DEGREE 150
/* Neighbour pairs between looks at the clock. */
#define CLOCK_STEPS 50000

uint64_t cw_monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- the graph ------------------------------------------------------------------------------- */

struct graph {
    const struct cw_problem *problem;
    struct cw_account account;
    struct cw_u32_pool *neighbours; /* per variable, ascending */
    double *bits;                   /* per variable: log2 of its values */
    uint64_t *rows;                 /* the same as bits, row_words per variable; see fill_of */
    size_t row_words;
};

static void join(struct graph *graph, uint32_t a, uint32_t b) {
    if (a == b)
        return;
    cw_u32_push(&graph->account, &graph->neighbours[a], b);
    cw_u32_push(&graph->account, &graph->neighbours[b], a);
}

static void join_scope(struct graph *graph, const uint32_t *scope, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        if (count > CLIQUE_VARS)
            join(graph, scope[i - 1], scope[i]);
        for (uint32_t k = 0; k < i && count <= CLIQUE_VARS; k++)
            join(graph, scope[k], scope[i]);
    }
}

static void sort_unique(struct cw_u32_pool *list) {
    if (list->count == 0)
        return;
    cw_u32_sort(list->at, list->count);
    size_t kept = 1;
    for (size_t i = 1; i < list->count; i++)
        if (list->at[i] != list->at[kept - 1])
            list->at[kept++] = list->at[i];
    list->count = kept;
}

static void build(struct graph *graph) {
    const struct cw_problem *p = graph->problem;
    struct cw_u32_pool scope = {0};
    for (uint32_t i = 0; i < p->clause_count; i++) {
        scope.count = 0;
        for (uint32_t k = 0; k < p->clauses[i].count; k++)
            cw_u32_push(&graph->account, &scope, p->lits[p->clauses[i].first + k].var);
        join_scope(graph, scope.at, (uint32_t)scope.count);
    }
    for (uint32_t i = 0; i < p->table_count; i++)
        join_scope(graph, p->tables[i].vars, p->tables[i].arity);
    for (uint32_t i = 0; i < p->linear_count; i++)
        join_scope(graph, p->linears[i].vars, p->linears[i].count);
    for (uint32_t var = 0; var < p->var_count; var++)
        sort_unique(&graph->neighbours[var]);
    cw_u32_free(&graph->account, &scope);
}

/* ---- elimination ----------------------------------------------------------------------------- */

static void merge_row(struct graph *graph, uint32_t var, uint32_t gone) {
    if (graph->row_words == 0)
        return;
    uint64_t *own = graph->rows + var * graph->row_words;
    const uint64_t *more = graph->rows + gone * graph->row_words;
    for (size_t w = 0; w < graph->row_words; w++)
        own[w] |= more[w];
    cw_set_drop(own, var);
    cw_set_drop(own, gone);
}

/* A variable's neighbours become its own, those it is eliminated with, and without it. */
static void merge(struct graph *graph, uint32_t var, uint32_t gone) {
    struct cw_u32_pool *own = &graph->neighbours[var];
    const struct cw_u32_pool *more = &graph->neighbours[gone];
    struct cw_u32_pool both = {0};
    uint32_t *to = cw_u32_room(&graph->account, &both, own->count + more->count);
    size_t i = 0, k = 0;
    while (i < own->count || k < more->count) {
        uint32_t next;
        if (k == more->count || (i < own->count && own->at[i] <= more->at[k])) {
            next = own->at[i];
            k += k < more->count && more->at[k] == next;
            i++;
        } else {
            next = more->at[k++];
        }
        if (next != var && next != gone)
            to[both.count++] = next;
    }
    cw_u32_free(&graph->account, own);
    *own = both;
    merge_row(graph, var, gone);
}

/* Edges missing between the neighbours of a variable: counted on rows of bits, because near the end
 * everything is next to everything. Graphs too large for that have no fill. */
static uint64_t fill_of(const struct graph *graph, uint32_t var) {
    const struct cw_u32_pool *around = &graph->neighbours[var];
    uint64_t present = 0;
    for (size_t i = 0; i < around->count && around->count <= FILL_DEGREE && graph->row_words > 0;
         i++) {
        const uint64_t *own = graph->rows + var * graph->row_words;
        const uint64_t *theirs = graph->rows + around->at[i] * graph->row_words;
        for (size_t w = 0; w < graph->row_words; w++)
            present += cw_bits_ones(own[w] & theirs[w]);
    }
    return (around->count * (around->count - (around->count > 0)) - present) / 2;
}

/* Put the graph's edges into the rows. */
static void fill_rows(struct graph *graph) {
    uint32_t vars = graph->problem->var_count;
    if (vars > FILL_VARS)
        return;
    graph->row_words = cw_set_words(vars);
    graph->rows =
        cw_compile_pool_zeroed(&graph->account, vars * graph->row_words, sizeof *graph->rows);
    for (uint32_t var = 0; var < vars; var++)
        for (size_t i = 0; i < graph->neighbours[var].count; i++)
            cw_set_add(graph->rows + var * graph->row_words, graph->neighbours[var].at[i]);
}

static double width_of(const struct graph *graph, uint32_t var) {
    double bits = graph->bits[var];
    for (size_t i = 0; i < graph->neighbours[var].count; i++)
        bits += graph->bits[graph->neighbours[var].at[i]];
    return bits;
}

static uint64_t score(const struct graph *graph, enum cw_order_rule rule, uint32_t var) {
    uint64_t width = (uint64_t)(width_of(graph, var) * 16);
    return rule == CW_ORDER_MIN_FILL ? fill_of(graph, var) << 20 | (width & 0xfffff) : width;
}

/* ---- the least score first: a heap of numbers that may be out of date ------------------------ */

struct item {
    uint64_t score;
    uint32_t var;
};
struct heap {
    struct cw_account *account;
    struct item *items;
    size_t count, capacity;
};

static bool before(struct item a, struct item b) {
    return a.score != b.score ? a.score < b.score : a.var < b.var;
}

static void heap_push(struct heap *heap, struct item item) {
    if (heap->count == heap->capacity)
        heap->items = cw_compile_pool_grow(heap->account, heap->items, &heap->capacity,
                                           heap->count + 1, sizeof *heap->items);
    size_t at = heap->count++;
    for (; at > 0 && before(item, heap->items[(at - 1) / 2]); at = (at - 1) / 2)
        heap->items[at] = heap->items[(at - 1) / 2];
    heap->items[at] = item;
}

static struct item heap_pop(struct heap *heap) {
    struct item top = heap->items[0], last = heap->items[--heap->count];
    size_t at = 0;
    for (size_t child = 1; child < heap->count; child = 2 * at + 1) {
        child += child + 1 < heap->count && before(heap->items[child + 1], heap->items[child]);
        if (!before(heap->items[child], last))
            break;
        heap->items[at] = heap->items[child];
        at = child;
    }
    if (heap->count > 0)
        heap->items[at] = last;
    return top;
}

struct greedy {
    struct graph graph;
    struct heap heap;
    enum cw_order_rule rule;
    uint64_t *scores;
    bool *gone;
};

static void rescore(struct greedy *greedy, uint32_t var) {
    uint64_t now = score(&greedy->graph, greedy->rule, var);
    if (now == greedy->scores[var])
        return;
    greedy->scores[var] = now;
    heap_push(&greedy->heap, (struct item){now, var});
}

static void keep_bag(struct cw_elimination *e, const struct graph *graph, uint32_t var) {
    const struct cw_u32_pool *around = &graph->neighbours[var];
    e->order[e->count++] = var;
    e->bag_counts[var] = (uint32_t)around->count;
    e->bags[var] = cw_arena_array(e->arena, around->count, sizeof(uint32_t));
    for (size_t i = 0; i < around->count; i++)
        e->bags[var][i] = around->at[i];
}

static void eliminate(struct greedy *greedy, struct cw_elimination *e, uint32_t var) {
    struct graph *graph = &greedy->graph;
    const struct cw_u32_pool *around = &graph->neighbours[var];
    keep_bag(e, graph, var);
    greedy->gone[var] = true;
    for (size_t i = 0; i < around->count; i++)
        merge(graph, around->at[i], var);
    for (size_t i = 0; i < around->count; i++)
        rescore(greedy, around->at[i]);
}

/* Everything left is in one bag, largest scores eliminated last. */
static void take_rest(struct greedy *greedy, struct cw_elimination *e) {
    uint32_t all = greedy->graph.problem->var_count, left = 0;
    uint32_t *rest = cw_arena_array(e->arena, all, sizeof *rest);
    while (greedy->heap.count > 0) {
        struct item item = heap_pop(&greedy->heap);
        if (greedy->gone[item.var] || item.score != greedy->scores[item.var])
            continue;
        greedy->gone[item.var] = true;
        rest[left++] = item.var;
    }
    for (uint32_t i = 0; i < left; i++) {
        e->order[e->count++] = rest[i];
        e->bags[rest[i]] = rest + i + 1;
        e->bag_counts[rest[i]] = left - i - 1;
    }
}

static void run(struct greedy *greedy, struct cw_elimination *e, uint64_t deadline_ns) {
    for (uint32_t var = 0; var < e->problem->var_count; var++) {
        greedy->scores[var] = UINT64_MAX;
        rescore(greedy, var);
    }
    uint64_t steps = 0;
    while (greedy->heap.count > 0) {
        struct item item = heap_pop(&greedy->heap);
        if (greedy->gone[item.var] || item.score != greedy->scores[item.var])
            continue;
        uint64_t now = score(&greedy->graph, greedy->rule, item.var);
        if (now > item.score) { /* fill changes farther away than eliminate() looks */
            rescore(greedy, item.var);
            continue;
        }
        size_t around = greedy->graph.neighbours[item.var].count;
        eliminate(greedy, e, item.var);
        e->proper = e->count;
        steps += around * around + 1;
        bool late = false;
        if (deadline_ns > 0 && steps > CLOCK_STEPS) {
            late = cw_monotonic_ns() > deadline_ns;
            steps = 0;
        }
        e->complete = !late;
        /* What was next to everything leaves a clique: any order of it is as good. */
        if (late || around + e->count == e->problem->var_count)
            take_rest(greedy, e);
    }
}

struct cw_elimination *cw_elimination_new(const struct cw_problem *p, enum cw_order_rule rule,
                                          uint64_t deadline_ns, struct cw_arena *arena) {
    struct cw_elimination *e = cw_arena_alloc(arena, sizeof *e);
    uint32_t vars = p->var_count;
    *e = (struct cw_elimination){.arena = arena, .problem = p};
    e->order = cw_arena_array(arena, vars, sizeof *e->order);
    e->bags = cw_arena_array(arena, vars, sizeof *e->bags);
    e->bag_counts = cw_arena_array(arena, vars, sizeof *e->bag_counts);
    e->bits = cw_arena_array(arena, vars, sizeof *e->bits);
    for (uint32_t var = 0; var < vars; var++)
        e->bits[var] = log2((double)p->value_counts[var]);
    struct greedy greedy = {
        .graph = {.problem = p,
                  .neighbours = cw_arena_array(arena, vars, sizeof(struct cw_u32_pool)),
                  .bits = e->bits},
        .rule = rule,
        .scores = cw_arena_array(arena, vars, sizeof(uint64_t)),
        .gone = cw_arena_array(arena, vars, sizeof(bool)),
    };
    greedy.heap.account = &greedy.graph.account;
    build(&greedy.graph);
    if (rule == CW_ORDER_MIN_FILL)
        fill_rows(&greedy.graph);
    run(&greedy, e, deadline_ns);
    for (uint32_t var = 0; var < vars; var++)
        cw_u32_free(&greedy.graph.account, &greedy.graph.neighbours[var]);
    free(greedy.graph.rows);
    free(greedy.heap.items);
    return e;
}
