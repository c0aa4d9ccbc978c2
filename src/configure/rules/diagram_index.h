/*
 * Inside of an open diagram: the file's sections, and what is derived from them once so that every
 * question is a few passes over arrays. Only diagram*.c read this.
 *
 *   atom   a variable and a set of its values; every leaf and every branch's own set is one. They
 *          are few, so what a question knows about values is worked out once per atom. Atom 0 is
 *          the root's: no variable, always possible, cost 0, one way.
 *   slice  a run of leaves shared by branches, as atom numbers; what it says is worked out once and
 *          only when asked for. Slice 0 is empty.
 *   arm    a branch: its atom, its slice, its children
 */
#pragma once

#include "configure/rules/diagram.h"

struct cw_diagram_atom {
    uint64_t bits;  /* first word of the set */
    uint32_t word;  /* in a mask */
    uint32_t words; /* of the set; 0 for atom 0 */
    uint32_t set;   /* in sets */
    uint32_t value; /* of the variable's value 0 */
    uint32_t var;
};

struct cw_diagram_slice {
    uint32_t first, count; /* in leaf_atoms */
};

struct cw_diagram_arm {
    uint32_t atom, slice, first_child, child_count;
};

struct cw_diagram {
    const struct cw_diagram_header *head;
    const uint32_t *value_counts;
    const uint64_t *weights; /* NULL: all 1 */
    const struct cw_diagram_node *nodes;
    const struct cw_diagram_branch *branches;
    const struct cw_diagram_leaf *leaves;
    const uint32_t *children;
    const uint64_t *sets;
    uint32_t var_count, node_count, branch_count, leaf_count, child_count, set_count;
    uint32_t word_count, value_count;
    uint32_t *word_bases, *value_bases; /* per variable, and one past the end */
    /* derived */
    struct cw_diagram_atom *atoms; /* ascending variables */
    struct cw_diagram_slice *slices;
    struct cw_diagram_arm *arms; /* per branch */
    uint32_t *leaf_atoms;        /* per leaf */
    uint32_t *first_arms;        /* per node, and one past the end */
    /* What most passes read of atoms, packed: the first word of the set, its place in a mask. */
    uint64_t *atom_bits;
    uint32_t *atom_places;
    uint32_t *wide_atoms; /* those of more than one word */
    uint32_t atom_count, slice_count, wide_count;
};

/* Steps of opening, in this order; each allocates what it derives, cw_diagram_free frees it. */
/* Header, sections, digest, variables, weights; every index in bounds and in order; slices. */
enum cw_status cw_diagram_check(struct cw_diagram *diagram, const void *data, size_t length,
                                struct cw_error *err) CW_MUST_USE;
/* Atoms: sets are in bounds, not empty, of their variable's values; a node's are disjoint. */
enum cw_status cw_diagram_index_atoms(struct cw_diagram *diagram, struct cw_error *err) CW_MUST_USE;
/* Every branch of a node speaks of the same variables, of none twice; the root of all. */
enum cw_status cw_diagram_check_scopes(const struct cw_diagram *diagram,
                                       struct cw_error *err) CW_MUST_USE;

enum cw_status cw_diagram_damaged(struct cw_error *err, const char *what) CW_MUST_USE;
enum cw_status cw_diagram_no_memory(struct cw_error *err) CW_MUST_USE;

static inline uint32_t cw_diagram_root(const struct cw_diagram *diagram) {
    return diagram->node_count - 1;
}

/* Has the atom (not atom 0) a value within the mask? */
static inline bool cw_diagram_atom_meets(const struct cw_diagram *diagram,
                                         const struct cw_diagram_atom *atom, const uint64_t *mask) {
    if ((mask[atom->word] & atom->bits) != 0)
        return true;
    for (uint32_t w = 1; w < atom->words; w++)
        if ((mask[atom->word + w] & diagram->sets[atom->set + w]) != 0)
            return true;
    return false;
}

/* The atom's values within a word of the mask; a loop over words 0 … atom->words - 1 sees all. */
static inline uint64_t cw_diagram_atom_word(const struct cw_diagram *diagram,
                                            const struct cw_diagram_atom *atom,
                                            const uint64_t *mask, uint32_t word) {
    return mask[atom->word + word] & diagram->sets[atom->set + word];
}

/* The lexicographically first of the cheapest configurations; there is one. ret_values: per
 * variable. */
struct cw_diagram_choice {
    const struct cw_diagram *diagram;
    const uint32_t *atom_value; /* per atom with a value that may be used: its cheapest, smallest */
    const uint8_t *best;        /* per arm: it costs what its node does, and may be used */
};
void cw_diagram_choose(const struct cw_diagram_choice *choice, struct cw_arena *arena,
                       uint32_t *ret_values);
