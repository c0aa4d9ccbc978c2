/*
 * Responsible for: exact numbers of configurations, of all and of each value.
 * Does not: do the arithmetic (diagram_big.c) or draw (diagram_sample.c). Any process, any thread.
 *
 * Sums over a node's branches, products over a branch's parts (Darwiche 2001). A first try keeps
 * every number in 128 bits; when one does not fit, exact integers do it again.
 */
#include <string.h>

#include "configure/rules/diagram_big.h"

__extension__ typedef unsigned __int128 wide;

uint64_t cw_count_atom(const struct cw_diagram *diagram, uint32_t number, const uint64_t *allowed) {
    const struct cw_diagram_atom *atom = &diagram->atoms[number];
    uint64_t sum = number == 0;
    if (atom->words == 1 && atom->bits < 4 && !diagram->weights) {
        uint64_t bits = atom->bits & allowed[atom->word];
        return (bits & 1) + (bits >> 1);
    }
    for (uint32_t w = 0; w < atom->words; w++) {
        uint64_t bits = cw_diagram_atom_word(diagram, atom, allowed, w);
        if (!diagram->weights) {
            sum += (uint64_t)__builtin_popcountll(bits);
            continue;
        }
        for (; bits != 0; bits &= bits - 1)
            sum += diagram->weights[atom->value + 64 * w + (uint32_t)__builtin_ctzll(bits)];
    }
    return sum;
}

/* ---- in 128 bits ----------------------------------------------------------------------------- */

struct narrow_pass {
    const struct cw_diagram *diagram;
    uint64_t *atoms;
    wide *slices, *nodes;
    uint8_t *slice_done;
    bool too_large;
};

static wide product(struct narrow_pass *pass, wide a, wide b) {
    uint64_t a_high = (uint64_t)(a >> 64), b_high = (uint64_t)(b >> 64);
    if ((a_high | b_high) == 0)
        return (wide)(uint64_t)a * (uint64_t)b;
    wide result;
    if (__builtin_mul_overflow(a, b, &result))
        pass->too_large = true;
    return result;
}

static wide narrow_slice(struct narrow_pass *pass, uint32_t slice) {
    if (pass->slice_done[slice])
        return pass->slices[slice];
    const uint32_t *atom = pass->diagram->leaf_atoms + pass->diagram->slices[slice].first;
    const uint32_t *end = atom + pass->diagram->slices[slice].count;
    wide ways = 1;
    for (; atom < end && ways != 0; atom++)
        if (pass->atoms[*atom] != 1)
            ways = product(pass, ways, pass->atoms[*atom]);
    pass->slice_done[slice] = 1;
    return pass->slices[slice] = ways;
}

static wide narrow_arm(struct narrow_pass *pass, const struct cw_diagram_arm *arm) {
    const uint32_t *children = pass->diagram->children + arm->first_child;
    wide ways = pass->atoms[arm->atom];
    for (uint32_t i = 0; i < arm->child_count && ways != 0; i++)
        ways = product(pass, ways, pass->nodes[children[i]]);
    return ways == 0 ? 0 : product(pass, ways, narrow_slice(pass, arm->slice));
}

/* False: some number needs more than 128 bits. */
static bool narrow_count(const struct cw_diagram *diagram, const uint64_t *allowed,
                         struct cw_arena *arena, wide *ret) {
    size_t atoms = diagram->atom_count, slices = diagram->slice_count, nodes = diagram->node_count;
    wide *scratch = cw_arena_array(arena, slices + nodes + atoms / 2 + slices / sizeof(wide) + 2,
                                   sizeof *scratch);
    struct narrow_pass pass = {.diagram = diagram, .slices = scratch, .nodes = scratch + slices};
    pass.atoms = (uint64_t *)(pass.nodes + nodes);
    pass.slice_done = (uint8_t *)(pass.atoms + atoms);
    for (uint32_t i = 0; i < diagram->atom_count; i++)
        pass.atoms[i] = cw_count_atom(diagram, i, allowed);
    for (uint32_t node = 0; node < diagram->node_count && !pass.too_large; node++) {
        wide sum = 0;
        for (uint32_t i = diagram->first_arms[node]; i < diagram->first_arms[node + 1]; i++)
            if (__builtin_add_overflow(sum, narrow_arm(&pass, &diagram->arms[i]), &sum))
                pass.too_large = true;
        pass.nodes[node] = sum;
    }
    *ret = pass.nodes[cw_diagram_root(diagram)];
    return !pass.too_large;
}

/* ---- of any size ----------------------------------------------------------------------------- */

/* Limbs for the product over all variables of their ways, which no partial count exceeds, and two
 * more: for the carry of a step, and for a product before its leading zero goes. */
static uint32_t widest(const struct cw_diagram *diagram) {
    uint64_t bits = 0;
    for (uint32_t var = 0; var < diagram->var_count; var++) {
        uint64_t ways = 0;
        for (uint32_t i = diagram->value_bases[var]; i < diagram->value_bases[var + 1]; i++)
            ways += diagram->weights ? diagram->weights[i] : 1;
        bits += 64 - (uint64_t)__builtin_clzll(ways);
    }
    return (uint32_t)(bits / 64 + 3);
}

void cw_count_times(struct cw_count_pass *pass, const struct cw_big *b) {
    if (b->count <= 1) {
        cw_big_times_small(&pass->product, b->count == 0 ? 0 : b->limbs[0]);
        return;
    }
    cw_big_times(&pass->spare, &pass->product, b);
    struct cw_big swap = pass->spare;
    pass->spare = pass->product;
    pass->product = swap;
}

const struct cw_big *cw_count_slice(struct cw_count_pass *pass, uint32_t slice) {
    if (pass->slices[slice].limbs)
        return &pass->slices[slice];
    const uint32_t *atom = pass->diagram->leaf_atoms + pass->diagram->slices[slice].first;
    const uint32_t *end = atom + pass->diagram->slices[slice].count;
    cw_big_set(&pass->ways, 1);
    for (; atom < end && pass->ways.count > 0; atom++)
        cw_big_times_small(&pass->ways, pass->atoms[*atom]);
    pass->slices[slice] = cw_big_keep(&pass->ways, pass->arena);
    return &pass->slices[slice];
}

/* Into pass->product. */
static void count_arm(struct cw_count_pass *pass, const struct cw_diagram_arm *arm) {
    const uint32_t *children = pass->diagram->children + arm->first_child;
    cw_big_set(&pass->product, pass->atoms[arm->atom]);
    for (uint32_t i = 0; i < arm->child_count && pass->product.count > 0; i++)
        cw_count_times(pass, &pass->nodes[children[i]]);
    if (pass->product.count > 0)
        cw_count_times(pass, cw_count_slice(pass, arm->slice));
}

void cw_count_up(struct cw_count_pass *pass) {
    const struct cw_diagram *diagram = pass->diagram;
    pass->room = widest(diagram);
    pass->product = cw_big_room(pass->arena, pass->room);
    pass->spare = cw_big_room(pass->arena, pass->room);
    pass->ways = cw_big_room(pass->arena, pass->room);
    struct cw_big sum = cw_big_room(pass->arena, pass->room);
    pass->atoms = cw_arena_array(pass->arena, diagram->atom_count, sizeof *pass->atoms);
    pass->slices = cw_arena_array(pass->arena, diagram->slice_count, sizeof *pass->slices);
    pass->nodes = cw_arena_array(pass->arena, diagram->node_count, sizeof *pass->nodes);
    if (pass->want_arms)
        pass->arms = cw_arena_array(pass->arena, diagram->branch_count, sizeof *pass->arms);
    for (uint32_t i = 0; i < diagram->atom_count; i++)
        pass->atoms[i] = cw_count_atom(diagram, i, pass->allowed);
    for (uint32_t node = 0; node < diagram->node_count; node++) {
        sum.count = 0;
        for (uint32_t i = diagram->first_arms[node]; i < diagram->first_arms[node + 1]; i++) {
            count_arm(pass, &diagram->arms[i]);
            cw_big_add(&sum, &pass->product);
            if (pass->want_arms && pass->product.count > 0)
                pass->arms[i] = cw_big_keep(&pass->product, pass->arena);
        }
        if (sum.count > 0)
            pass->nodes[node] = cw_big_keep(&sum, pass->arena);
    }
}

struct cw_natural cw_diagram_count(const struct cw_diagram *diagram, const uint64_t *allowed,
                                   struct cw_arena *arena) {
    wide narrow;
    if (narrow_count(diagram, allowed, arena, &narrow)) {
        uint64_t limbs[] = {(uint64_t)narrow, (uint64_t)(narrow >> 64)};
        return cw_big_natural(&(struct cw_big){limbs, 2}, arena);
    }
    struct cw_count_pass pass = {.diagram = diagram, .allowed = allowed, .arena = arena};
    cw_count_up(&pass);
    return cw_big_natural(&pass.nodes[cw_diagram_root(diagram)], arena);
}

/* ---- of each value ---------------------------------------------------------------------------
 * Downwards: how many ways there are for everything outside a node (`rest`), and how many whole
 * configurations go through a slice or an atom (`whole`).
 */
struct down_pass {
    struct cw_count_pass *up;
    struct cw_big *rest, *slice_whole, *atom_whole;
    struct cw_big *after; /* products of an arm's children from one to the last */
    uint32_t after_count;
};

/* A total that never exceeds the count of all gets its room when it is first needed. */
static void add_to(struct down_pass *down, struct cw_big *total, const struct cw_big *more) {
    if (!total->limbs)
        *total = cw_big_room(down->up->arena,
                             down->up->nodes[cw_diagram_root(down->up->diagram)].count + 1);
    cw_big_add(total, more);
}

/* after[i] = product of the counts of children i, i + 1, … */
static void fill_after(struct down_pass *down, const uint32_t *children, uint32_t count) {
    cw_big_set(&down->after[count], 1);
    for (uint32_t i = count; i-- > 0;)
        cw_big_times(&down->after[i], &down->after[i + 1], &down->up->nodes[children[i]]);
}

static void pass_arm_on(struct down_pass *down, const struct cw_big *rest,
                        const struct cw_diagram_arm *arm) {
    struct cw_count_pass *up = down->up;
    const uint32_t *children = up->diagram->children + arm->first_child;
    cw_big_copy(&up->product, rest);
    cw_big_times_small(&up->product, up->atoms[arm->atom]);
    cw_count_times(up, cw_count_slice(up, arm->slice));
    fill_after(down, children, arm->child_count);
    for (uint32_t i = 0; i < arm->child_count; i++) {
        /* product: rest and all parts before child i */
        cw_big_times(&up->ways, &up->product, &down->after[i + 1]);
        add_to(down, &down->rest[children[i]], &up->ways);
        cw_count_times(up, &up->nodes[children[i]]);
    }
    add_to(down, &down->atom_whole[arm->atom], &up->product);
    add_to(down, &down->slice_whole[arm->slice], &up->product);
}

static void go_down(struct down_pass *down) {
    const struct cw_diagram *diagram = down->up->diagram;
    const struct cw_big one = {(uint64_t[]){1}, 1};
    add_to(down, &down->rest[cw_diagram_root(diagram)], &one);
    for (uint32_t node = diagram->node_count; node-- > 0;) {
        if (down->rest[node].count == 0)
            continue;
        for (uint32_t i = diagram->first_arms[node]; i < diagram->first_arms[node + 1]; i++)
            if (down->up->arms[i].count > 0)
                pass_arm_on(down, &down->rest[node], &diagram->arms[i]);
    }
    for (uint32_t slice = 1; slice < diagram->slice_count; slice++) {
        const uint32_t *atom = diagram->leaf_atoms + diagram->slices[slice].first;
        const uint32_t *end = atom + diagram->slices[slice].count;
        for (; atom < end && down->slice_whole[slice].count > 0; atom++)
            add_to(down, &down->atom_whole[*atom], &down->slice_whole[slice]);
    }
}

/* Share an atom's configurations out among its values; totals are of the variable's values. */
static void share_out(struct down_pass *down, uint32_t number, struct cw_big *totals) {
    const struct cw_diagram *diagram = down->up->diagram;
    const struct cw_diagram_atom *atom = &diagram->atoms[number];
    struct cw_big *each = &down->atom_whole[number];
    if (each->count == 0)
        return;
    cw_big_divide_small(each, down->up->atoms[number]); /* exact: every term has it as a factor */
    for (uint32_t w = 0; w < atom->words; w++) {
        uint64_t bits = cw_diagram_atom_word(diagram, atom, down->up->allowed, w);
        for (; bits != 0; bits &= bits - 1) {
            uint32_t value = 64 * w + (uint32_t)__builtin_ctzll(bits);
            cw_big_copy(&down->up->product, each);
            if (diagram->weights)
                cw_big_times_small(&down->up->product, diagram->weights[atom->value + value]);
            add_to(down, &totals[value], &down->up->product);
        }
    }
}

static void collect(struct down_pass *down, struct cw_natural *ret_counts) {
    const struct cw_diagram *diagram = down->up->diagram;
    struct cw_big *totals = NULL;
    uint32_t room = 0, atom = 1;
    for (uint32_t var = 0; var < diagram->var_count; var++) {
        uint32_t values = diagram->value_counts[var];
        if (values > room) {
            totals = cw_arena_array(down->up->arena, values, sizeof *totals);
            room = values;
        }
        for (uint32_t i = 0; i < values; i++)
            totals[i].count = 0;
        for (; atom < diagram->atom_count && diagram->atoms[atom].var == var; atom++)
            share_out(down, atom, totals);
        for (uint32_t i = 0; i < values; i++)
            ret_counts[diagram->value_bases[var] + i] = cw_big_natural(&totals[i], down->up->arena);
    }
}

static uint32_t most_children(const struct cw_diagram *diagram) {
    uint32_t most = 0;
    for (uint32_t i = 0; i < diagram->branch_count; i++)
        most = diagram->arms[i].child_count > most ? diagram->arms[i].child_count : most;
    return most;
}

void cw_diagram_counts(const struct cw_diagram *diagram, const uint64_t *allowed,
                       struct cw_arena *arena, struct cw_natural *ret_counts) {
    struct cw_count_pass up = {
        .diagram = diagram, .allowed = allowed, .arena = arena, .want_arms = true};
    cw_count_up(&up);
    struct down_pass down = {
        .up = &up,
        .rest = cw_arena_array(arena, diagram->node_count, sizeof *down.rest),
        .slice_whole = cw_arena_array(arena, diagram->slice_count, sizeof *down.slice_whole),
        .atom_whole = cw_arena_array(arena, diagram->atom_count, sizeof *down.atom_whole),
        .after_count = most_children(diagram) + 1,
    };
    down.after = cw_arena_array(arena, down.after_count, sizeof *down.after);
    for (uint32_t i = 0; i < down.after_count; i++)
        down.after[i] = cw_big_room(arena, up.room);
    if (up.nodes[cw_diagram_root(diagram)].count > 0)
        go_down(&down);
    collect(&down, ret_counts);
}
