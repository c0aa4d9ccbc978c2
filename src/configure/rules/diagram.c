/*
 * Responsible for: opening a diagram file (the checks in order, the atoms derived from it) and
 * telling its sizes.
 * Does not: answer questions (diagram_query.c and its neighbours). Any process; immutable once
 * open, any thread.
 */
#include "configure/rules/diagram.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "configure/rules/diagram_index.h"

/* ---- atoms ----------------------------------------------------------------------------------- */

struct atom_table {
    struct cw_diagram *diagram;
    uint32_t *slots; /* atom + 1; 0: free */
    size_t slot_count, capacity;
    uint64_t *seen; /* the values branches of one node have taken */
};

static size_t atom_slot(const struct atom_table *table, uint32_t var, uint32_t set) {
    uint64_t key = ((uint64_t)var << 32 | set) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(key ^ key >> 31) & (table->slot_count - 1);
}

static bool grow_atoms(struct atom_table *table) {
    struct cw_diagram *diagram = table->diagram;
    size_t capacity = table->capacity * 2 + 64;
    struct cw_diagram_atom *atoms = reallocarray(diagram->atoms, capacity, sizeof *atoms);
    if (!atoms)
        return false;
    diagram->atoms = atoms;
    table->capacity = capacity;
    size_t slot_count = table->slot_count;
    while (slot_count < 2 * capacity)
        slot_count = slot_count == 0 ? 128 : slot_count * 2;
    uint32_t *slots = calloc(slot_count, sizeof *slots);
    if (!slots)
        return false;
    free(table->slots);
    table->slots = slots;
    table->slot_count = slot_count;
    for (uint32_t i = 1; i < diagram->atom_count; i++) {
        size_t slot = atom_slot(table, atoms[i].var, atoms[i].set);
        while (slots[slot] != 0)
            slot = (slot + 1) & (slot_count - 1);
        slots[slot] = i + 1;
    }
    return true;
}

/* Not empty and within the variable's values. */
static bool set_is_good(const struct cw_diagram *diagram, uint32_t var, uint32_t set) {
    uint32_t values = diagram->value_counts[var], words = cw_set_words(values);
    if (set >= diagram->set_count || words > diagram->set_count - set)
        return false;
    uint64_t any = 0, beyond = values % 64 == 0 ? 0 : ~UINT64_C(0) << (values % 64);
    for (uint32_t w = 0; w < words; w++)
        any |= diagram->sets[set + w];
    return any != 0 && (diagram->sets[set + words - 1] & beyond) == 0;
}

static enum cw_status find_atom(struct atom_table *table, uint32_t var, uint32_t set,
                                uint32_t *ret_atom, struct cw_error *err) {
    struct cw_diagram *diagram = table->diagram;
    if (diagram->atom_count == table->capacity && !grow_atoms(table))
        return cw_diagram_no_memory(err);
    size_t slot = atom_slot(table, var, set);
    for (; table->slots[slot] != 0; slot = (slot + 1) & (table->slot_count - 1)) {
        *ret_atom = table->slots[slot] - 1;
        if (diagram->atoms[*ret_atom].var == var && diagram->atoms[*ret_atom].set == set)
            return CW_OK;
    }
    if (!set_is_good(diagram, var, set))
        return cw_diagram_damaged(err, "set of values");
    *ret_atom = diagram->atom_count++;
    table->slots[slot] = *ret_atom + 1;
    diagram->atoms[*ret_atom] = (struct cw_diagram_atom){
        .bits = diagram->sets[set],
        .word = diagram->word_bases[var],
        .words = cw_set_words(diagram->value_counts[var]),
        .set = set,
        .value = diagram->value_bases[var],
        .var = var,
    };
    return CW_OK;
}

static enum cw_status find_leaf_atoms(struct atom_table *table, struct cw_error *err) {
    struct cw_diagram *diagram = table->diagram;
    for (uint32_t i = 0; i < diagram->leaf_count; i++) {
        const struct cw_diagram_leaf *leaf = &diagram->leaves[i];
        if (leaf->var >= diagram->var_count)
            return cw_diagram_damaged(err, "leaf");
        enum cw_status status =
            find_atom(table, leaf->var, leaf->set, &diagram->leaf_atoms[i], err);
        if (status != CW_OK)
            return status;
    }
    return CW_OK;
}

/* Take the atom's values; false when a branch before took one of them. */
static bool take_values(struct atom_table *table, const struct cw_diagram_atom *atom) {
    uint64_t both = 0;
    for (uint32_t w = 0; w < atom->words; w++) {
        both |= table->seen[w] & table->diagram->sets[atom->set + w];
        table->seen[w] |= table->diagram->sets[atom->set + w];
    }
    return both == 0;
}

static enum cw_status find_node_atoms(struct atom_table *table, uint32_t number,
                                      struct cw_error *err) {
    struct cw_diagram *diagram = table->diagram;
    const struct cw_diagram_node *node = &diagram->nodes[number];
    memset(table->seen, 0, cw_set_words(diagram->value_counts[node->var]) * sizeof *table->seen);
    for (uint32_t i = diagram->first_arms[number]; i < diagram->first_arms[number + 1]; i++) {
        enum cw_status status =
            find_atom(table, node->var, diagram->branches[i].set, &diagram->arms[i].atom, err);
        if (status != CW_OK)
            return status;
        if (!take_values(table, &diagram->atoms[diagram->arms[i].atom]))
            return cw_diagram_damaged(err, "branches overlap");
    }
    return CW_OK;
}

/* Order atoms by variable, so that a pass over them reads masks and costs in order. */
static enum cw_status sort_atoms(struct cw_diagram *diagram, struct cw_error *err) {
    struct cw_diagram_atom *sorted = calloc(diagram->atom_count, sizeof *sorted);
    uint32_t *numbers = calloc(diagram->atom_count, sizeof *numbers);
    uint32_t *places = calloc((size_t)diagram->var_count + 1, sizeof *places);
    if (!sorted || !numbers || !places) {
        free(sorted);
        free(numbers);
        free(places);
        return cw_diagram_no_memory(err);
    }
    for (uint32_t i = 1; i < diagram->atom_count; i++)
        places[diagram->atoms[i].var + 1]++;
    for (uint32_t var = 0; var < diagram->var_count; var++)
        places[var + 1] += places[var];
    for (uint32_t i = 1; i < diagram->atom_count; i++) {
        numbers[i] = 1 + places[diagram->atoms[i].var]++;
        sorted[numbers[i]] = diagram->atoms[i];
    }
    for (uint32_t i = 0; i < diagram->leaf_count; i++)
        diagram->leaf_atoms[i] = numbers[diagram->leaf_atoms[i]];
    for (uint32_t i = 0; i < diagram->branch_count; i++)
        diagram->arms[i].atom = numbers[diagram->arms[i].atom];
    free(diagram->atoms);
    diagram->atoms = sorted;
    free(numbers);
    free(places);
    return CW_OK;
}

static enum cw_status pack_atoms(struct cw_diagram *diagram, struct cw_error *err) {
    diagram->atom_bits = calloc(diagram->atom_count, sizeof *diagram->atom_bits);
    diagram->atom_places = calloc(diagram->atom_count, sizeof *diagram->atom_places);
    diagram->wide_atoms = calloc(diagram->atom_count, sizeof *diagram->wide_atoms);
    if (!diagram->atom_bits || !diagram->atom_places || !diagram->wide_atoms)
        return cw_diagram_no_memory(err);
    for (uint32_t i = 1; i < diagram->atom_count; i++) {
        diagram->atom_bits[i] = diagram->atoms[i].bits;
        diagram->atom_places[i] = diagram->atoms[i].word;
        if (diagram->atoms[i].words > 1)
            diagram->wide_atoms[diagram->wide_count++] = i;
    }
    return CW_OK;
}

static uint32_t most_words(const struct cw_diagram *diagram) {
    uint32_t most = 1;
    for (uint32_t var = 0; var < diagram->var_count; var++) {
        uint32_t words = cw_set_words(diagram->value_counts[var]);
        most = words > most ? words : most;
    }
    return most;
}

enum cw_status cw_diagram_index_atoms(struct cw_diagram *diagram, struct cw_error *err) {
    struct atom_table table = {.diagram = diagram,
                               .seen = calloc(most_words(diagram), sizeof(uint64_t))};
    diagram->leaf_atoms = calloc((size_t)diagram->leaf_count + 1, sizeof *diagram->leaf_atoms);
    diagram->atom_count = 1;
    enum cw_status status = CW_OK;
    if (!table.seen || !diagram->leaf_atoms || !grow_atoms(&table))
        status = cw_diagram_no_memory(err);
    if (status == CW_OK) {
        diagram->atoms[0] = (struct cw_diagram_atom){.var = CW_DIAGRAM_NO_VAR};
        status = find_leaf_atoms(&table, err);
    }
    for (uint32_t node = 0; status == CW_OK && node < cw_diagram_root(diagram); node++)
        status = find_node_atoms(&table, node, err);
    free(table.slots);
    free(table.seen);
    if (status == CW_OK)
        status = sort_atoms(diagram, err);
    return status == CW_OK ? pack_atoms(diagram, err) : status;
}

/* ---- opening --------------------------------------------------------------------------------- */

enum cw_status cw_diagram_open(const void *data, size_t length, struct cw_diagram **ret_diagram,
                               struct cw_error *err) {
    assert((uintptr_t)data % 8 == 0);
    struct cw_diagram *diagram = calloc(1, sizeof *diagram);
    if (!diagram)
        return cw_diagram_no_memory(err);
    enum cw_status status = cw_diagram_check(diagram, data, length, err);
    if (status == CW_OK)
        status = cw_diagram_index_atoms(diagram, err);
    if (status == CW_OK)
        status = cw_diagram_check_scopes(diagram, err);
    if (status == CW_OK)
        *ret_diagram = diagram;
    else
        cw_diagram_free(diagram);
    return status;
}

void cw_diagram_free(struct cw_diagram *diagram) {
    if (!diagram)
        return;
    free(diagram->word_bases);
    free(diagram->value_bases);
    free(diagram->atoms);
    free(diagram->atom_bits);
    free(diagram->atom_places);
    free(diagram->wide_atoms);
    free(diagram->slices);
    free(diagram->arms);
    free(diagram->leaf_atoms);
    free(diagram->first_arms);
    free(diagram);
}

const struct cw_diagram_header *cw_diagram_head(const struct cw_diagram *diagram) {
    return diagram->head;
}

uint32_t cw_diagram_var_count(const struct cw_diagram *diagram) {
    return diagram->var_count;
}

uint32_t cw_diagram_word_count(const struct cw_diagram *diagram) {
    return diagram->word_count;
}

uint32_t cw_diagram_value_count(const struct cw_diagram *diagram) {
    return diagram->value_count;
}
