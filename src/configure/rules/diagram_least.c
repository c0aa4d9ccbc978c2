/*
 * Responsible for: least costs: of every value, and of the cheapest configuration.
 * Does not: choose between equally cheap ones (diagram_choose.c), count (diagram_count.c) or weigh
 * several costs at once (diagram_pareto.c). Any process, any thread.
 *
 * Both passes are those of diagram_query.c in the (min, +) semiring (Darwiche 2001): upwards the
 * least cost of a node, downwards the least cost of everything outside of it.
 */
#include <string.h>

#include "configure/rules/diagram_index.h"

#define NEVER CW_DIAGRAM_NEVER

struct pass {
    const struct cw_diagram *diagram;
    const int64_t *costs;
    int64_t *atom_cost;   /* NEVER: no value is allowed */
    uint32_t *atom_value; /* the smallest value with that cost; NULL: not wanted */
    int64_t *slice_cost;  /* of its good atoms together */
    uint8_t *slice_bad;   /* bad atoms + 1, at most 3; 0: not worked out */
    int64_t *node_cost;   /* NEVER: none */
    /* downwards: the least cost of everything outside a node; of whole configurations through an
     * atom or slice (without what cannot be had) */
    int64_t *node_rest, *atom_whole, *slice_whole;
};

/* A branch's parts: what the good ones cost together, and how many are bad. */
struct arm_cost {
    int64_t cost;
    uint32_t bad;
};

/* ---- upwards --------------------------------------------------------------------------------- */

/* A set of values 0 and 1 at most, without branches: flags are most of many models. */
static void weigh_flag(struct pass *pass, uint32_t number, uint64_t bits) {
    const int64_t *costs = pass->costs + pass->diagram->atoms[number].value;
    int64_t zero = (bits & 1) != 0 ? costs[0] : NEVER;
    int64_t one = costs[bits >> 1]; /* costs[1] only if the variable has it */
    bool takes_one = (bits & 2) != 0 && one < zero;
    pass->atom_cost[number] = takes_one ? one : zero;
    if (pass->atom_value)
        pass->atom_value[number] = takes_one;
}

static void weigh_atom(struct pass *pass, uint32_t number, const uint64_t *allowed) {
    const struct cw_diagram_atom *atom = &pass->diagram->atoms[number];
    int64_t least = NEVER;
    uint32_t first = 0;
    uint64_t only = pass->diagram->atom_bits[number] & allowed[atom->word];
    if (atom->words == 1 && only < 4) {
        weigh_flag(pass, number, only);
        return;
    }
    for (uint32_t w = 0; w < atom->words; w++) {
        uint64_t bits = cw_diagram_atom_word(pass->diagram, atom, allowed, w);
        const int64_t *costs = pass->costs + atom->value + 64 * w;
        for (; bits != 0; bits &= bits - 1) {
            uint32_t value = (uint32_t)__builtin_ctzll(bits);
            if (costs[value] < least) {
                least = costs[value];
                first = 64 * w + value;
            }
        }
    }
    pass->atom_cost[number] = least;
    if (pass->atom_value)
        pass->atom_value[number] = first;
}

static void weigh_slice(struct pass *pass, uint32_t slice) {
    const uint32_t *atom = pass->diagram->leaf_atoms + pass->diagram->slices[slice].first;
    const uint32_t *end = atom + pass->diagram->slices[slice].count;
    int64_t sum = 0;
    uint32_t bad = 0;
    for (; atom < end && bad < 2; atom++) {
        int64_t cost = pass->atom_cost[*atom];
        if (cost == NEVER)
            bad++;
        else
            sum += cost;
    }
    pass->slice_cost[slice] = sum;
    pass->slice_bad[slice] = (uint8_t)(bad + 1);
}

/* Stops at two bad parts: then nothing of the arm matters. */
static struct arm_cost weigh_arm(struct pass *pass, const struct cw_diagram_arm *arm) {
    const uint32_t *children = pass->diagram->children + arm->first_child;
    struct arm_cost sum = {0};
    if (pass->atom_cost[arm->atom] == NEVER)
        sum.bad = 1;
    else
        sum.cost = pass->atom_cost[arm->atom];
    for (uint32_t i = 0; i < arm->child_count && sum.bad < 2; i++) {
        if (pass->node_cost[children[i]] == NEVER)
            sum.bad++;
        else
            sum.cost += pass->node_cost[children[i]];
    }
    if (sum.bad > 1)
        return sum;
    if (pass->slice_bad[arm->slice] == 0)
        weigh_slice(pass, arm->slice);
    sum.bad += pass->slice_bad[arm->slice] - 1u;
    sum.cost += pass->slice_cost[arm->slice];
    return sum;
}

static int64_t weigh_node(struct pass *pass, uint32_t node) {
    const struct cw_diagram *diagram = pass->diagram;
    int64_t least = NEVER;
    for (uint32_t i = diagram->first_arms[node]; i < diagram->first_arms[node + 1]; i++) {
        if (pass->atom_cost[diagram->arms[i].atom] == NEVER)
            continue;
        struct arm_cost sum = weigh_arm(pass, &diagram->arms[i]);
        if (sum.bad == 0 && sum.cost < least)
            least = sum.cost;
    }
    return least;
}

static int64_t go_up(struct pass *pass, const uint64_t *allowed) {
    for (uint32_t i = 1; i < pass->diagram->atom_count; i++)
        weigh_atom(pass, i, allowed);
    for (uint32_t node = 0; node < pass->diagram->node_count; node++)
        pass->node_cost[node] = weigh_node(pass, node);
    return pass->node_cost[cw_diagram_root(pass->diagram)];
}

static void init(struct pass *pass, const struct cw_diagram *diagram, const int64_t *costs,
                 struct cw_arena *arena) {
    size_t atoms = diagram->atom_count, slices = diagram->slice_count;
    int64_t *scratch = cw_arena_array(
        arena, 2 * (atoms + slices + diagram->node_count) + slices / sizeof(int64_t) + 1,
        sizeof *scratch);
    *pass = (struct pass){.diagram = diagram, .costs = costs, .atom_cost = scratch};
    pass->atom_whole = pass->atom_cost + atoms;
    pass->slice_cost = pass->atom_whole + atoms;
    pass->slice_whole = pass->slice_cost + slices;
    pass->node_cost = pass->slice_whole + slices;
    pass->node_rest = pass->node_cost + diagram->node_count;
    pass->slice_bad = (uint8_t *)(pass->node_rest + diagram->node_count);
}

/* ---- downwards ------------------------------------------------------------------------------- */

static void lower(int64_t *least, int64_t cost) {
    if (cost < *least)
        *least = cost;
}

static void offer_all(struct pass *pass, const struct cw_diagram_arm *arm, int64_t whole) {
    const uint32_t *children = pass->diagram->children + arm->first_child;
    lower(&pass->atom_whole[arm->atom], whole);
    lower(&pass->slice_whole[arm->slice], whole);
    for (uint32_t i = 0; i < arm->child_count; i++)
        lower(&pass->node_rest[children[i]], whole - pass->node_cost[children[i]]);
}

/* Exactly one part is bad: `whole` is what all the others cost, and only that part has it. */
static void offer_one(struct pass *pass, const struct cw_diagram_arm *arm, int64_t whole) {
    const uint32_t *child = pass->diagram->children + arm->first_child;
    if (pass->atom_cost[arm->atom] == NEVER) {
        lower(&pass->atom_whole[arm->atom], whole);
        return;
    }
    if (pass->slice_bad[arm->slice] == 2) {
        lower(&pass->slice_whole[arm->slice], whole);
        return;
    }
    while (pass->node_cost[*child] != NEVER)
        child++;
    lower(&pass->node_rest[*child], whole);
}

static void go_down(struct pass *pass, bool relaxed) {
    const struct cw_diagram *diagram = pass->diagram;
    for (uint32_t i = 0; i < diagram->atom_count; i++)
        pass->atom_whole[i] = NEVER;
    for (uint32_t i = 0; i < diagram->slice_count; i++)
        pass->slice_whole[i] = NEVER;
    for (uint32_t i = 0; i < diagram->node_count; i++)
        pass->node_rest[i] = NEVER;
    pass->node_rest[cw_diagram_root(diagram)] = 0;
    for (uint32_t node = diagram->node_count; node-- > 0;) {
        if (pass->node_rest[node] == NEVER)
            continue;
        const struct cw_diagram_arm *arm = diagram->arms + diagram->first_arms[node];
        const struct cw_diagram_arm *end = diagram->arms + diagram->first_arms[node + 1];
        for (; arm < end; arm++) {
            struct arm_cost sum = weigh_arm(pass, arm);
            if (sum.bad == 0)
                offer_all(pass, arm, pass->node_rest[node] + sum.cost);
            else if (sum.bad == 1 && relaxed)
                offer_one(pass, arm, pass->node_rest[node] + sum.cost);
        }
    }
}

static void pass_slice_on(struct pass *pass, uint32_t slice) {
    const uint32_t *atom = pass->diagram->leaf_atoms + pass->diagram->slices[slice].first;
    const uint32_t *end = atom + pass->diagram->slices[slice].count;
    int64_t whole = pass->slice_whole[slice];
    bool good = pass->slice_bad[slice] == 1;
    for (; atom < end; atom++)
        if (good || pass->atom_cost[*atom] == NEVER)
            lower(&pass->atom_whole[*atom], whole);
}

static void collect_atom(const struct pass *pass, uint32_t number, const uint64_t *relaxed,
                         int64_t *ret_least) {
    const struct cw_diagram_atom *atom = &pass->diagram->atoms[number];
    int64_t own = pass->atom_cost[number] == NEVER ? 0 : pass->atom_cost[number];
    int64_t rest = pass->atom_whole[number] - own;
    if (atom->words == 1 && atom->bits < 4) {
        uint64_t bits = atom->bits & relaxed[atom->word];
        if ((bits & 1) != 0)
            lower(&ret_least[atom->value], rest + pass->costs[atom->value]);
        if ((bits & 2) != 0)
            lower(&ret_least[atom->value + 1], rest + pass->costs[atom->value + 1]);
        return;
    }
    for (uint32_t w = 0; w < atom->words; w++) {
        uint64_t bits = cw_diagram_atom_word(pass->diagram, atom, relaxed, w);
        uint32_t base = atom->value + 64 * w;
        for (; bits != 0; bits &= bits - 1) {
            uint32_t value = base + (uint32_t)__builtin_ctzll(bits);
            lower(&ret_least[value], rest + pass->costs[value]);
        }
    }
}

int64_t cw_diagram_least(const struct cw_diagram *diagram, const struct cw_diagram_scope *scope,
                         const int64_t *costs, struct cw_arena *arena, int64_t *ret_least) {
    struct pass pass;
    init(&pass, diagram, costs, arena);
    for (uint32_t i = 0; i < diagram->value_count; i++)
        ret_least[i] = NEVER;
    int64_t least = go_up(&pass, scope->allowed);
    if (least == NEVER && scope->relaxed == scope->allowed)
        return least;
    go_down(&pass, scope->relaxed != scope->allowed);
    for (uint32_t slice = 1; slice < diagram->slice_count; slice++)
        if (pass.slice_whole[slice] != NEVER)
            pass_slice_on(&pass, slice);
    for (uint32_t atom = 1; atom < diagram->atom_count; atom++)
        if (pass.atom_whole[atom] != NEVER)
            collect_atom(&pass, atom, scope->relaxed, ret_least);
    return least;
}

/* ---- the cheapest ---------------------------------------------------------------------------- */

static void mark_best(struct pass *pass, uint8_t *best) {
    const struct cw_diagram *diagram = pass->diagram;
    for (uint32_t node = 0; node < diagram->node_count; node++) {
        if (pass->node_cost[node] == NEVER)
            continue;
        for (uint32_t i = diagram->first_arms[node]; i < diagram->first_arms[node + 1]; i++) {
            struct arm_cost sum = weigh_arm(pass, &diagram->arms[i]);
            best[i] = sum.bad == 0 && sum.cost == pass->node_cost[node];
        }
    }
}

bool cw_diagram_cheapest(const struct cw_diagram *diagram, const uint64_t *allowed,
                         const int64_t *costs, struct cw_arena *arena, uint32_t *ret_values) {
    struct pass pass;
    init(&pass, diagram, costs, arena);
    pass.atom_value = cw_arena_array(arena, diagram->atom_count, sizeof *pass.atom_value);
    if (go_up(&pass, allowed) == NEVER)
        return false;
    uint8_t *best = cw_arena_alloc(arena, diagram->branch_count);
    mark_best(&pass, best);
    const struct cw_diagram_choice choice = {diagram, pass.atom_value, best};
    cw_diagram_choose(&choice, arena, ret_values);
    return true;
}
