/*
 * Responsible for: the cheapest configuration, from the arms that are cheapest at each node.
 * Does not: weigh (diagram_least.c, diagram_quick.c). Any process, any thread.
 *
 * Among arms that cost the same the one with the lexicographically first configuration wins. Parts
 * of an arm speak of disjoint variables, so the first of an arm is made of the first of its parts;
 * two arms speak of the same variables, and the smallest one in which they differ decides.
 */
#include "configure/rules/diagram_index.h"

struct choosing {
    const struct cw_diagram *diagram;
    const uint32_t *atom_value;
    const uint8_t *best;
    uint32_t *arm_of;        /* chosen, per node */
    uint8_t *wanted;         /* nodes some cheapest configuration may go through */
    uint32_t *stack;         /* nodes to expand; disjoint, so never more than variables */
    uint32_t *first, *rival; /* values of the arms compared; only their variables are written */
};

static void want_nodes(struct choosing *choosing) {
    const struct cw_diagram *diagram = choosing->diagram;
    choosing->wanted[cw_diagram_root(diagram)] = 1;
    for (uint32_t node = diagram->node_count; node-- > 0;) {
        if (!choosing->wanted[node])
            continue;
        for (uint32_t i = diagram->first_arms[node]; i < diagram->first_arms[node + 1]; i++) {
            const struct cw_diagram_arm *arm = &diagram->arms[i];
            if (!choosing->best[i])
                continue;
            for (uint32_t c = 0; c < arm->child_count; c++)
                choosing->wanted[diagram->children[arm->first_child + c]] = 1;
        }
    }
}

static void put_atom(const struct choosing *choosing, uint32_t number, uint32_t *values) {
    if (number != 0)
        values[choosing->diagram->atoms[number].var] = choosing->atom_value[number];
}

/* Write the first configuration of an arm whose children have chosen; its variables only. */
static void expand(const struct choosing *choosing, uint32_t first_arm, uint32_t *values) {
    const struct cw_diagram *diagram = choosing->diagram;
    uint32_t height = 0, number = first_arm;
    for (;;) {
        const struct cw_diagram_arm *arm = &diagram->arms[number];
        const struct cw_diagram_slice *slice = &diagram->slices[arm->slice];
        put_atom(choosing, arm->atom, values);
        for (uint32_t i = slice->first; i < slice->first + slice->count; i++)
            put_atom(choosing, diagram->leaf_atoms[i], values);
        for (uint32_t i = 0; i < arm->child_count; i++)
            choosing->stack[height++] = diagram->children[arm->first_child + i];
        if (height == 0)
            return;
        number = choosing->arm_of[choosing->stack[--height]];
    }
}

/* The smaller of the variables where two arms differ and `first_difference`; only the variables of
 * one part of the arm. */
static uint32_t difference_at(const struct choosing *choosing, uint32_t atom, uint32_t so_far) {
    uint32_t var = choosing->diagram->atoms[atom].var;
    return var < so_far && choosing->first[var] != choosing->rival[var] ? var : so_far;
}

/* The smallest variable in which first and rival differ; they were expanded from arms of one node,
 * so the variables of `first_arm` are those of both. UINT32_MAX: none. */
static uint32_t first_difference(const struct choosing *choosing, uint32_t first_arm) {
    const struct cw_diagram *diagram = choosing->diagram;
    uint32_t height = 0, number = first_arm, found = UINT32_MAX;
    for (;;) {
        const struct cw_diagram_arm *arm = &diagram->arms[number];
        const struct cw_diagram_slice *slice = &diagram->slices[arm->slice];
        found = difference_at(choosing, arm->atom, found);
        for (uint32_t i = slice->first; i < slice->first + slice->count; i++)
            found = difference_at(choosing, diagram->leaf_atoms[i], found);
        for (uint32_t i = 0; i < arm->child_count; i++)
            choosing->stack[height++] = diagram->children[arm->first_child + i];
        if (height == 0)
            return found;
        number = choosing->arm_of[choosing->stack[--height]];
    }
}

static void choose_arm(struct choosing *choosing, uint32_t node) {
    const struct cw_diagram *diagram = choosing->diagram;
    uint32_t chosen = UINT32_MAX;
    bool expanded = false;
    for (uint32_t i = diagram->first_arms[node]; i < diagram->first_arms[node + 1]; i++) {
        if (!choosing->best[i])
            continue;
        if (chosen == UINT32_MAX) {
            chosen = i;
            continue;
        }
        if (!expanded)
            expand(choosing, chosen, choosing->first);
        expanded = true;
        expand(choosing, i, choosing->rival);
        uint32_t var = first_difference(choosing, i);
        if (choosing->rival[var] < choosing->first[var]) {
            uint32_t *better = choosing->rival;
            choosing->rival = choosing->first;
            choosing->first = better;
            chosen = i;
        }
    }
    choosing->arm_of[node] = chosen;
}

void cw_diagram_choose(const struct cw_diagram_choice *choice, struct cw_arena *arena,
                       uint32_t *ret_values) {
    const struct cw_diagram *diagram = choice->diagram;
    size_t vars = (size_t)diagram->var_count + 1;
    uint32_t *scratch = cw_arena_array(arena, diagram->node_count + 3 * vars, sizeof *scratch);
    struct choosing choosing = {
        .diagram = diagram,
        .atom_value = choice->atom_value,
        .best = choice->best,
        .wanted = cw_arena_alloc(arena, diagram->node_count),
        .arm_of = scratch,
        .stack = scratch + diagram->node_count,
        .first = scratch + diagram->node_count + vars,
        .rival = scratch + diagram->node_count + 2 * vars,
    };
    want_nodes(&choosing);
    for (uint32_t node = 0; node < diagram->node_count; node++)
        if (choosing.wanted[node])
            choose_arm(&choosing, node);
    expand(&choosing, choosing.arm_of[cw_diagram_root(diagram)], ret_values);
}
