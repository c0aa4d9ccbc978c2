/*
 * Responsible for: the configurations that cannot be beaten in three costs at once.
 * Does not: choose among them (the goal question does). Any process, any thread.
 *
 * Upwards every part has a front: its labels, none as good as another in all three costs. A branch
 * adds the fronts of its parts up, a node joins those of its branches; what is dominated goes
 * (Kung, Luccio, Preparata 1975: sort by the first cost, keep a staircase of the other two). When a
 * front is over its limit, or the work is, labels spread over it stay and the rest is dropped:
 * the answer then says that it is not exact.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "configure/rules/diagram_index.h"

#define LEAF        UINT32_C(0x80000000) /* in `left`: a variable; `right` is its value */
#define NOTHING     UINT32_MAX           /* in `left`: the label of no variable at all */
#define BATCH       ((size_t)1 << 16)    /* candidates before dominated ones are thrown out */
#define POOL_LABELS ((size_t)1 << 22)    /* of all fronts together, before they must be small */
#define WORK_LABELS 16                   /* candidates per allowed label, before the same */
#define SUM_LABELS  16                   /* candidates of one sum per allowed label */
#define SMALL_FRONT 32

struct label {
    int64_t costs[3];
    uint32_t left, right; /* labels it is the sum of */
};

struct front {
    uint32_t first, count; /* in the pool, ordered by costs */
};

struct labels {
    struct label *items;
    size_t count, capacity;
};

struct step { /* of the staircase: b ascends (or stays), c descends */
    int64_t b, c;
};

struct fronts {
    const struct cw_diagram *diagram;
    const struct cw_diagram_front *question;
    struct labels pool, candidates;
    struct step *steps;
    size_t step_capacity;
    size_t next_prune; /* so many candidates */
    struct front *atoms, *slices, *nodes;
    uint8_t *slice_done, *wanted;
    uint64_t work;
    bool exact;
};

/* ---- memory ---------------------------------------------------------------------------------- */

static struct label *push(struct labels *labels) {
    if (labels->count == labels->capacity) {
        size_t capacity = labels->capacity * 2 + 256;
        struct label *items = reallocarray(labels->items, capacity, sizeof *items);
        if (!items)
            abort(); /* as an arena would */
        labels->items = items;
        labels->capacity = capacity;
    }
    return &labels->items[labels->count++];
}

/* ---- dominance ------------------------------------------------------------------------------- */

static int order_labels(const void *a, const void *b) {
    const struct label *x = a, *y = b;
    for (int i = 0; i < 3; i++)
        if (x->costs[i] != y->costs[i])
            return x->costs[i] < y->costs[i] ? -1 : 1;
    if (x->left != y->left)
        return x->left < y->left ? -1 : 1;
    return (x->right > y->right) - (x->right < y->right);
}

/* The number of steps whose b is at most that. */
static size_t steps_up_to(const struct step *steps, size_t count, int64_t b) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (steps[middle].b <= b)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Put (b, c) on the staircase; false: a step is at most as large in both. */
static bool climb(struct step *steps, size_t *count, int64_t b, int64_t c) {
    size_t at = steps_up_to(steps, *count, b);
    if (at > 0 && steps[at - 1].c <= c)
        return false;
    size_t first = at; /* steps that the new one makes superfluous: larger b, c not less */
    while (at < *count && steps[at].c >= c)
        at++;
    memmove(steps + first + 1, steps + at, (*count - at) * sizeof *steps);
    *count = *count - (at - first) + 1;
    steps[first] = (struct step){b, c};
    return true;
}

/* Sort the candidates and keep those nothing dominates. */
static void prune(struct fronts *fronts) {
    struct labels *labels = &fronts->candidates;
    size_t kept = 0, step_count = 0;
    if (labels->count < 2)
        return;
    qsort(labels->items, labels->count, sizeof *labels->items, order_labels);
    if (fronts->step_capacity < labels->count + 1) {
        fronts->step_capacity = labels->count * 2 + 1;
        free(fronts->steps);
        fronts->steps = calloc(fronts->step_capacity, sizeof *fronts->steps);
        if (!fronts->steps)
            abort();
    }
    for (size_t i = 0; i < labels->count; i++) {
        struct label label = labels->items[i];
        if (climb(fronts->steps, &step_count, label.costs[1], label.costs[2]))
            labels->items[kept++] = label;
    }
    labels->count = kept;
}

static bool must_be_small(const struct fronts *fronts) {
    return fronts->pool.count > POOL_LABELS ||
           fronts->work / WORK_LABELS > (uint64_t)fronts->question->limit + BATCH;
}

/* Keep at most `limit` of the (pruned) candidates: the best of each cost and an even spread. */
static void thin(struct fronts *fronts, size_t limit) {
    struct labels *labels = &fronts->candidates;
    size_t best[3] = {0, 0, 0}, kept = 0;
    if (labels->count <= limit)
        return;
    fronts->exact = false;
    for (size_t i = 0; i < labels->count; i++)
        for (int cost = 1; cost < 3; cost++)
            if (labels->items[i].costs[cost] < labels->items[best[cost]].costs[cost])
                best[cost] = i;
    size_t spread = limit > 3 ? limit - 2 : 1;
    for (size_t i = 0; i < labels->count && kept < limit; i++) {
        bool due = i == 0 || i * spread / labels->count != (i - 1) * spread / labels->count;
        if (due || i == best[1] || i == best[2])
            labels->items[kept++] = labels->items[i];
    }
    labels->count = kept;
}

/* What is left of the candidates becomes a front in the pool. */
static struct front settle(struct fronts *fronts) {
    prune(fronts);
    size_t limit = fronts->question->limit;
    thin(fronts, must_be_small(fronts) && limit > SMALL_FRONT ? SMALL_FRONT : limit);
    struct front front = {(uint32_t)fronts->pool.count, (uint32_t)fronts->candidates.count};
    for (size_t i = 0; i < fronts->candidates.count; i++)
        *push(&fronts->pool) = fronts->candidates.items[i];
    assert(fronts->pool.count < LEAF);
    fronts->candidates.count = 0;
    fronts->next_prune = BATCH;
    return front;
}

static void propose(struct fronts *fronts, const struct label *label) {
    *push(&fronts->candidates) = *label;
    fronts->work++;
    if (fronts->candidates.count >= fronts->next_prune) {
        prune(fronts);
        fronts->next_prune = BATCH + 2 * fronts->candidates.count;
    }
}

/* At most so many labels of a front, as a new one. */
static struct front thinned(struct fronts *fronts, struct front front, uint64_t limit) {
    if (front.count <= limit)
        return front;
    for (uint32_t i = front.first; i < front.first + front.count; i++)
        propose(fronts, &fronts->pool.items[i]);
    thin(fronts, (size_t)limit);
    return settle(fronts);
}

/* ---- parts ----------------------------------------------------------------------------------- */

static struct front atom_front(struct fronts *fronts, uint32_t number) {
    const struct cw_diagram_atom *atom = &fronts->diagram->atoms[number];
    for (uint32_t w = 0; w < atom->words; w++) {
        uint64_t bits = cw_diagram_atom_word(fronts->diagram, atom, fronts->question->allowed, w);
        for (; bits != 0; bits &= bits - 1) {
            uint32_t value = 64 * w + (uint32_t)__builtin_ctzll(bits);
            struct label label = {.left = LEAF | atom->var, .right = value};
            for (int i = 0; i < 3; i++)
                label.costs[i] = fronts->question->costs[i][atom->value + value];
            propose(fronts, &label);
        }
    }
    return settle(fronts);
}

static bool is_nothing(const struct fronts *fronts, struct front front) {
    return front.count == 1 && fronts->pool.items[front.first].left == NOTHING;
}

static struct front add_fronts(struct fronts *fronts, struct front a, struct front b) {
    if (is_nothing(fronts, a) || b.count == 0)
        return b;
    if (is_nothing(fronts, b) || a.count == 0)
        return a;
    uint64_t most = (uint64_t)SUM_LABELS * fronts->question->limit + BATCH, side = 256;
    while (side * side < most)
        side *= 2;
    if ((uint64_t)a.count * b.count > most) { /* the larger first: the other may stay whole */
        a = thinned(fronts, a, a.count < b.count || most / b.count < side ? side : most / b.count);
        b = thinned(fronts, b, most / a.count < side ? side : most / a.count);
    }
    for (uint32_t i = a.first; i < a.first + a.count; i++)
        for (uint32_t k = b.first; k < b.first + b.count; k++) {
            const struct label *x = &fronts->pool.items[i], *y = &fronts->pool.items[k];
            struct label sum = {.left = i, .right = k};
            for (int cost = 0; cost < 3; cost++)
                sum.costs[cost] = x->costs[cost] + y->costs[cost];
            propose(fronts, &sum);
        }
    return settle(fronts);
}

static struct front slice_front(struct fronts *fronts, uint32_t slice) {
    const uint32_t *atom = fronts->diagram->leaf_atoms + fronts->diagram->slices[slice].first;
    const uint32_t *end = atom + fronts->diagram->slices[slice].count;
    struct front sum = {.count = 1}; /* pool label 0: nothing */
    if (fronts->slice_done[slice])
        return fronts->slices[slice];
    for (; atom < end && sum.count > 0; atom++)
        sum = add_fronts(fronts, sum, fronts->atoms[*atom]);
    fronts->slice_done[slice] = 1;
    return fronts->slices[slice] = sum;
}

static struct front arm_front(struct fronts *fronts, const struct cw_diagram_arm *arm) {
    const uint32_t *children = fronts->diagram->children + arm->first_child;
    struct front sum = fronts->atoms[arm->atom];
    for (uint32_t i = 0; i < arm->child_count && sum.count > 0; i++)
        sum = fronts->nodes[children[i]].count == 0
                  ? (struct front){0}
                  : add_fronts(fronts, sum, fronts->nodes[children[i]]);
    if (sum.count == 0 || slice_front(fronts, arm->slice).count == 0)
        return (struct front){0};
    return add_fronts(fronts, sum, fronts->slices[arm->slice]);
}

static struct front node_front(struct fronts *fronts, uint32_t node) {
    const struct cw_diagram *diagram = fronts->diagram;
    uint32_t first = diagram->first_arms[node], count = diagram->first_arms[node + 1] - first;
    struct front only = {0};
    uint32_t filled = 0;
    struct front *found = calloc(count > 0 ? count : 1, sizeof *found);
    if (!found)
        abort();
    for (uint32_t i = 0; i < count; i++) {
        found[i] = arm_front(fronts, &diagram->arms[first + i]);
        filled += found[i].count > 0;
        only = found[i].count > 0 ? found[i] : only;
    }
    if (filled > 1) {
        for (uint32_t i = 0; i < count; i++)
            for (uint32_t k = found[i].first; k < found[i].first + found[i].count; k++)
                propose(fronts, &fronts->pool.items[k]);
        only = settle(fronts);
    }
    free(found);
    return only;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* Nodes that arms with an allowed value lead to. */
static void want_nodes(struct fronts *fronts) {
    const struct cw_diagram *diagram = fronts->diagram;
    fronts->wanted[cw_diagram_root(diagram)] = 1;
    for (uint32_t node = diagram->node_count; node-- > 0;) {
        if (!fronts->wanted[node])
            continue;
        for (uint32_t i = diagram->first_arms[node]; i < diagram->first_arms[node + 1]; i++) {
            const struct cw_diagram_arm *arm = &diagram->arms[i];
            if (fronts->atoms[arm->atom].count == 0)
                continue;
            for (uint32_t c = 0; c < arm->child_count; c++)
                fronts->wanted[diagram->children[arm->first_child + c]] = 1;
        }
    }
}

/* A sum has fewer variables than its parts together only when one is nothing, so the stack never
 * holds more labels than variables, and one. */
static void spell_out(const struct fronts *fronts, uint32_t number, uint32_t *stack,
                      uint32_t *values) {
    uint32_t height = 0;
    stack[height++] = number;
    while (height > 0) {
        const struct label *label = &fronts->pool.items[stack[--height]];
        if (label->left == NOTHING)
            continue;
        if ((label->left & LEAF) != 0) {
            values[label->left & ~LEAF] = label->right;
            continue;
        }
        stack[height++] = label->left;
        stack[height++] = label->right;
    }
}

static struct front find_front(struct fronts *fronts) {
    const struct cw_diagram *diagram = fronts->diagram;
    *push(&fronts->pool) = (struct label){.left = NOTHING};
    fronts->atoms[0] = (struct front){0, 1};
    for (uint32_t i = 1; i < diagram->atom_count; i++)
        fronts->atoms[i] = atom_front(fronts, i);
    want_nodes(fronts);
    for (uint32_t node = 0; node < diagram->node_count; node++)
        if (fronts->wanted[node])
            fronts->nodes[node] = node_front(fronts, node);
    return fronts->nodes[cw_diagram_root(diagram)];
}

size_t cw_diagram_pareto(const struct cw_diagram *diagram, const struct cw_diagram_front *question,
                         struct cw_arena *arena, struct cw_diagram_label **ret_labels,
                         bool *ret_exact) {
    struct fronts fronts = {
        .diagram = diagram,
        .question = question,
        .atoms = cw_arena_array(arena, diagram->atom_count, sizeof *fronts.atoms),
        .slices = cw_arena_array(arena, diagram->slice_count, sizeof *fronts.slices),
        .nodes = cw_arena_array(arena, diagram->node_count, sizeof *fronts.nodes),
        .slice_done = cw_arena_alloc(arena, diagram->slice_count),
        .wanted = cw_arena_alloc(arena, diagram->node_count),
        .next_prune = BATCH,
        .exact = true,
    };
    assert(question->limit > 0 && diagram->var_count < LEAF);
    struct front front = find_front(&fronts);
    uint32_t vars = diagram->var_count;
    uint32_t *stack = cw_arena_array(arena, (size_t)vars + 2, sizeof *stack);
    struct cw_diagram_label *labels = cw_arena_array(arena, front.count, sizeof *labels);
    for (uint32_t i = 0; i < front.count; i++) {
        uint32_t *values = cw_arena_array(arena, vars, sizeof *values);
        spell_out(&fronts, front.first + i, stack, values);
        memcpy(labels[i].costs, fronts.pool.items[front.first + i].costs, sizeof labels[i].costs);
        labels[i].values = values;
    }
    free(fronts.pool.items);
    free(fronts.candidates.items);
    free(fronts.steps);
    *ret_labels = labels;
    *ret_exact = fronts.exact;
    return front.count;
}
