/*
 * Responsible for: is there a configuration, and which values some configuration has.
 * Does not: weigh or count them (diagram_least.c, diagram_count.c). Any process, any thread.
 *
 * A part of a branch (its own set, a leaf, a child) can take part in a configuration when all the
 * other parts can and everything outside of the node can. So going down only the number of parts
 * that fail matters: none, one (then only that one has all others), or more.
 */
#include <string.h>

#include "configure/rules/diagram_index.h"

/* What was found out about a slice; 0: nothing yet. */
enum { SLICE_GOOD = 1, SLICE_ONE_BAD = 2, SLICE_BAD = 3 };

struct pass {
    const struct cw_diagram *diagram;
    uint8_t *atom_bad; /* no value is allowed */
    uint8_t *slice_state;
    uint8_t *node_good;
    /* downwards: all the rest can be had */
    uint8_t *node_live, *slice_live, *atom_live;
};

/* Here and below hot loops keep their pointers in locals: bytes written through uint8_t might be
 * any of them, as far as the compiler knows. */
static void find_bad_atoms(struct pass *pass, const uint64_t *mask) {
    const struct cw_diagram *diagram = pass->diagram;
    const uint64_t *bits = diagram->atom_bits;
    const uint32_t *places = diagram->atom_places;
    uint8_t *bad = pass->atom_bad;
    for (uint32_t i = 1, count = diagram->atom_count; i < count; i++)
        bad[i] = (mask[places[i]] & bits[i]) == 0;
    for (uint32_t i = 0; i < diagram->wide_count; i++) {
        uint32_t wide = diagram->wide_atoms[i];
        bad[wide] = !cw_diagram_atom_meets(diagram, &diagram->atoms[wide], mask);
    }
}

/* Two are as good as more. Looks only every eight leaves: most slices are good. */
static uint32_t bad_leaves(const uint8_t *bad, const uint32_t *atom, const uint32_t *end) {
    uint32_t sum = 0;
    for (; end - atom >= 8; atom += 8) {
        sum += (uint32_t)bad[atom[0]] + bad[atom[1]] + bad[atom[2]] + bad[atom[3]] + bad[atom[4]] +
               bad[atom[5]] + bad[atom[6]] + bad[atom[7]];
        if (sum >= 2)
            return 2;
    }
    for (; atom < end; atom++)
        sum += bad[*atom];
    return sum < 2 ? sum : 2;
}

static uint8_t slice_state(struct pass *pass, uint32_t slice) {
    if (pass->slice_state[slice] != 0)
        return pass->slice_state[slice];
    const uint32_t *atom = pass->diagram->leaf_atoms + pass->diagram->slices[slice].first;
    const uint32_t *end = atom + pass->diagram->slices[slice].count;
    return pass->slice_state[slice] = (uint8_t)(SLICE_GOOD + bad_leaves(pass->atom_bad, atom, end));
}

static bool arm_is_good(struct pass *pass, const struct cw_diagram_arm *arm) {
    const uint32_t *children = pass->diagram->children + arm->first_child;
    if (pass->atom_bad[arm->atom])
        return false;
    for (uint32_t i = 0; i < arm->child_count; i++)
        if (!pass->node_good[children[i]])
            return false;
    return slice_state(pass, arm->slice) == SLICE_GOOD;
}

static bool go_up(struct pass *pass, const uint64_t *allowed) {
    const struct cw_diagram *diagram = pass->diagram;
    find_bad_atoms(pass, allowed);
    for (uint32_t node = 0; node < diagram->node_count; node++) {
        const struct cw_diagram_arm *arm = diagram->arms + diagram->first_arms[node];
        const struct cw_diagram_arm *end = diagram->arms + diagram->first_arms[node + 1];
        while (arm < end && !arm_is_good(pass, arm))
            arm++;
        pass->node_good[node] = arm < end;
    }
    return pass->node_good[cw_diagram_root(diagram)];
}

bool cw_diagram_feasible(const struct cw_diagram *diagram, const uint64_t *allowed,
                         struct cw_arena *arena) {
    size_t atoms = diagram->atom_count, slices = diagram->slice_count;
    uint8_t *scratch = cw_arena_alloc(arena, atoms + slices + diagram->node_count);
    struct pass pass = {.diagram = diagram,
                        .atom_bad = scratch,
                        .slice_state = scratch + atoms,
                        .node_good = scratch + atoms + slices};
    return go_up(&pass, allowed);
}

/* ---- downwards ------------------------------------------------------------------------------- */

/* Every part of the arm fits: all of them live. */
static void enliven_all(struct pass *pass, const struct cw_diagram_arm *arm) {
    const uint32_t *children = pass->diagram->children + arm->first_child;
    pass->atom_live[arm->atom] = 1;
    pass->slice_live[arm->slice] = 1;
    for (uint32_t i = 0; i < arm->child_count; i++)
        pass->node_live[children[i]] = 1;
}

/* The arm does not fit: when one part alone is to blame, that one lives. */
static void enliven_one(struct pass *pass, const struct cw_diagram_arm *arm) {
    const uint32_t *children = pass->diagram->children + arm->first_child;
    uint32_t bad = pass->atom_bad[arm->atom], bad_child = UINT32_MAX;
    for (uint32_t i = 0; i < arm->child_count && bad < 2; i++)
        if (!pass->node_good[children[i]]) {
            bad_child = children[i];
            bad++;
        }
    if (bad > 1)
        return;
    uint8_t state = slice_state(pass, arm->slice);
    if (bad == 0 && state == SLICE_ONE_BAD)
        pass->slice_live[arm->slice] = 1;
    if (bad == 0 || state != SLICE_GOOD)
        return;
    if (bad_child != UINT32_MAX)
        pass->node_live[bad_child] = 1;
    else
        pass->atom_live[arm->atom] = 1;
}

static void go_down(struct pass *pass, bool relaxed) {
    const struct cw_diagram *diagram = pass->diagram;
    pass->node_live[cw_diagram_root(diagram)] = 1;
    for (uint32_t node = diagram->node_count; node-- > 0;) {
        if (!pass->node_live[node])
            continue;
        const struct cw_diagram_arm *arm = diagram->arms + diagram->first_arms[node];
        const struct cw_diagram_arm *end = diagram->arms + diagram->first_arms[node + 1];
        for (; arm < end; arm++)
            if (arm_is_good(pass, arm))
                enliven_all(pass, arm);
            else if (relaxed)
                enliven_one(pass, arm);
    }
}

static void enliven_atoms(struct pass *pass) {
    const struct cw_diagram *diagram = pass->diagram;
    const uint8_t *bad = pass->atom_bad;
    uint8_t *live = pass->atom_live;
    for (uint32_t slice = 1, count = diagram->slice_count; slice < count; slice++) {
        if (!pass->slice_live[slice])
            continue;
        const uint32_t *atom = diagram->leaf_atoms + diagram->slices[slice].first;
        const uint32_t *end = atom + diagram->slices[slice].count;
        if (pass->slice_state[slice] == SLICE_GOOD)
            for (; atom < end; atom++)
                live[*atom] = 1;
        else
            for (; atom < end; atom++)
                live[*atom] |= bad[*atom];
    }
}

/* Without branches: which atoms live is hard to predict. */
static void collect(const struct pass *pass, const uint64_t *relaxed, uint64_t *ret_possible) {
    const struct cw_diagram *diagram = pass->diagram;
    const uint64_t *bits = diagram->atom_bits;
    const uint32_t *places = diagram->atom_places;
    const uint8_t *live = pass->atom_live;
    memset(ret_possible, 0, diagram->word_count * sizeof *ret_possible);
    for (uint32_t i = 1, count = diagram->atom_count; i < count; i++)
        ret_possible[places[i]] |= bits[i] & relaxed[places[i]] & (0 - (uint64_t)live[i]);
    for (uint32_t i = 0; i < diagram->wide_count; i++) {
        const struct cw_diagram_atom *atom = &diagram->atoms[diagram->wide_atoms[i]];
        for (uint32_t w = 1; pass->atom_live[diagram->wide_atoms[i]] && w < atom->words; w++)
            ret_possible[atom->word + w] |= cw_diagram_atom_word(diagram, atom, relaxed, w);
    }
}

bool cw_diagram_domains(const struct cw_diagram *diagram, const struct cw_diagram_scope *scope,
                        struct cw_arena *arena, uint64_t *ret_possible) {
    size_t atoms = diagram->atom_count, slices = diagram->slice_count;
    uint8_t *scratch = cw_arena_alloc(arena, 2 * (atoms + slices + diagram->node_count));
    struct pass pass = {.diagram = diagram, .atom_bad = scratch};
    pass.atom_live = pass.atom_bad + atoms;
    pass.slice_state = pass.atom_live + atoms;
    pass.slice_live = pass.slice_state + slices;
    pass.node_good = pass.slice_live + slices;
    pass.node_live = pass.node_good + diagram->node_count;
    bool feasible = go_up(&pass, scope->allowed);
    if (feasible || scope->relaxed != scope->allowed) {
        go_down(&pass, scope->relaxed != scope->allowed);
        enliven_atoms(&pass);
    }
    collect(&pass, scope->relaxed, ret_possible);
    return feasible;
}
