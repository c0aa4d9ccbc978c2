/*
 * Responsible for: proving, when a diagram is opened, that every branch of a node speaks of the
 * same variables and of none twice (smooth, decomposable), and the root of all.
 * Does not: trust hashes: equal scopes are compared in full. Any process, any thread.
 *
 * A scope is kept as its non-zero words of a bitset over the variables, once per different scope;
 * parts are joined in one dense bitset. So a branch costs as many steps as its parts have words:
 * at most the variables, and never more than a 64th of all variables per part.
 */
#include <stdlib.h>
#include <string.h>

#include "configure/rules/diagram_index.h"

struct scope_word {
    uint32_t index;
    uint64_t bits;
};

struct scope {
    uint64_t hash;
    uint32_t first, count; /* in words */
};

struct scopes {
    const struct cw_diagram *diagram;
    uint64_t *joined; /* dense; all zero between branches */
    uint32_t *touched;
    uint32_t touched_count;
    struct scope *items;
    struct scope_word *words;
    size_t count, capacity, word_count, word_capacity;
    uint32_t *slots; /* scope + 1 */
    size_t slot_count;
    uint32_t *of_node, *of_slice; /* scope + 1; 0: not yet */
};

enum outcome { SAME, DIFFERENT, TWICE, NO_MEMORY };

/* ---- the set being joined -------------------------------------------------------------------- */

/* False: a variable twice. */
static bool join_word(struct scopes *scopes, uint32_t index, uint64_t bits) {
    if ((scopes->joined[index] & bits) != 0)
        return false;
    if (scopes->joined[index] == 0)
        scopes->touched[scopes->touched_count++] = index;
    scopes->joined[index] |= bits;
    return true;
}

static bool join_var(struct scopes *scopes, uint32_t var) {
    return join_word(scopes, var / 64, UINT64_C(1) << (var % 64));
}

static bool join_scope(struct scopes *scopes, uint32_t number) {
    const struct scope *scope = &scopes->items[number];
    for (uint32_t i = scope->first; i < scope->first + scope->count; i++)
        if (!join_word(scopes, scopes->words[i].index, scopes->words[i].bits))
            return false;
    return true;
}

static void clear(struct scopes *scopes) {
    for (uint32_t i = 0; i < scopes->touched_count; i++)
        scopes->joined[scopes->touched[i]] = 0;
    scopes->touched_count = 0;
}

static bool joined_is(const struct scopes *scopes, const struct scope *scope) {
    if (scopes->touched_count != scope->count)
        return false;
    for (uint32_t i = scope->first; i < scope->first + scope->count; i++)
        if (scopes->joined[scopes->words[i].index] != scopes->words[i].bits)
            return false;
    return true;
}

/* ---- storing --------------------------------------------------------------------------------- */

/* A sum, because touched words come in any order. */
static uint64_t hash_joined(const struct scopes *scopes) {
    uint64_t hash = 0;
    for (uint32_t i = 0; i < scopes->touched_count; i++) {
        uint32_t index = scopes->touched[i];
        uint64_t mixed = (scopes->joined[index] + index) * UINT64_C(0x9e3779b97f4a7c15);
        mixed = (mixed ^ mixed >> 29 ^ index) * UINT64_C(0xbf58476d1ce4e5b9);
        hash += mixed ^ mixed >> 32;
    }
    return hash;
}

static bool make_room(struct scopes *scopes) {
    if (scopes->count == scopes->capacity) {
        size_t capacity = scopes->capacity * 2 + 64;
        struct scope *items = reallocarray(scopes->items, capacity, sizeof *items);
        uint32_t *slots = calloc(4 * capacity, sizeof *slots);
        if (items)
            scopes->items = items;
        if (!items || !slots) {
            free(slots);
            return false;
        }
        scopes->capacity = capacity;
        free(scopes->slots);
        scopes->slots = slots;
        scopes->slot_count = 4 * capacity;
        for (size_t i = 0; i < scopes->count; i++) {
            size_t slot = items[i].hash % scopes->slot_count;
            while (slots[slot] != 0)
                slot = (slot + 1) % scopes->slot_count;
            slots[slot] = (uint32_t)i + 1;
        }
    }
    size_t need = scopes->word_count + scopes->touched_count;
    if (need > scopes->word_capacity) {
        size_t capacity = need * 2;
        struct scope_word *words = reallocarray(scopes->words, capacity, sizeof *words);
        if (!words)
            return false;
        scopes->words = words;
        scopes->word_capacity = capacity;
    }
    return scopes->word_count + scopes->touched_count < UINT32_MAX;
}

/* The number + 1 of the joined set, stored if it is new; 0: no memory. */
static uint32_t store_joined_scope(struct scopes *scopes) {
    if (!make_room(scopes))
        return 0;
    struct scope scope = {hash_joined(scopes), (uint32_t)scopes->word_count, scopes->touched_count};
    size_t slot = scope.hash % scopes->slot_count;
    for (; scopes->slots[slot] != 0; slot = (slot + 1) % scopes->slot_count) {
        const struct scope *other = &scopes->items[scopes->slots[slot] - 1];
        if (other->hash == scope.hash && joined_is(scopes, other))
            return scopes->slots[slot];
    }
    for (uint32_t i = 0; i < scopes->touched_count; i++) {
        uint32_t index = scopes->touched[i];
        scopes->words[scopes->word_count++] = (struct scope_word){index, scopes->joined[index]};
    }
    scopes->items[scopes->count++] = scope;
    scopes->slots[slot] = (uint32_t)scopes->count;
    return (uint32_t)scopes->count;
}

/* ---- branches -------------------------------------------------------------------------------- */

/* Leaves of a slice ascend, so no variable is there twice. */
static bool slice_scope(struct scopes *scopes, uint32_t slice) {
    const struct cw_diagram_slice *leaves = &scopes->diagram->slices[slice];
    for (uint32_t i = leaves->first; i < leaves->first + leaves->count; i++)
        (void)join_var(scopes, scopes->diagram->leaves[i].var);
    scopes->of_slice[slice] = store_joined_scope(scopes);
    clear(scopes);
    return scopes->of_slice[slice] != 0;
}

static bool join_arm(struct scopes *scopes, uint32_t var, const struct cw_diagram_arm *arm) {
    if (var != CW_DIAGRAM_NO_VAR && !join_var(scopes, var))
        return false;
    if (arm->slice != 0 && !join_scope(scopes, scopes->of_slice[arm->slice] - 1))
        return false;
    for (uint32_t i = 0; i < arm->child_count; i++) {
        uint32_t child = scopes->diagram->children[arm->first_child + i];
        if (!join_scope(scopes, scopes->of_node[child] - 1))
            return false;
    }
    return true;
}

static enum outcome check_arm(struct scopes *scopes, uint32_t node,
                              const struct cw_diagram_arm *arm) {
    if (arm->slice != 0 && scopes->of_slice[arm->slice] == 0 && !slice_scope(scopes, arm->slice))
        return NO_MEMORY;
    enum outcome outcome = SAME;
    if (!join_arm(scopes, scopes->diagram->nodes[node].var, arm))
        outcome = TWICE;
    else if (scopes->of_node[node] != 0)
        outcome = joined_is(scopes, &scopes->items[scopes->of_node[node] - 1]) ? SAME : DIFFERENT;
    else if ((scopes->of_node[node] = store_joined_scope(scopes)) == 0)
        outcome = NO_MEMORY;
    clear(scopes);
    return outcome;
}

static bool root_has_all(const struct scopes *scopes) {
    const struct cw_diagram *diagram = scopes->diagram;
    uint32_t number = scopes->of_node[cw_diagram_root(diagram)];
    if (number == 0)
        return true; /* no branch: no configuration */
    const struct scope *scope = &scopes->items[number - 1];
    uint32_t vars = 0;
    for (uint32_t i = scope->first; i < scope->first + scope->count; i++)
        vars += (uint32_t)__builtin_popcountll(scopes->words[i].bits);
    return vars == diagram->var_count;
}

static enum cw_status check_all(struct scopes *scopes, struct cw_error *err) {
    const struct cw_diagram *diagram = scopes->diagram;
    for (uint32_t node = 0; node < diagram->node_count; node++)
        for (uint32_t i = diagram->first_arms[node]; i < diagram->first_arms[node + 1]; i++)
            switch (check_arm(scopes, node, &diagram->arms[i])) {
            case SAME:
                break;
            case DIFFERENT:
                return cw_diagram_damaged(err, "branches of different variables");
            case TWICE:
                return cw_diagram_damaged(err, "a variable twice");
            case NO_MEMORY:
                return cw_diagram_no_memory(err);
            }
    return root_has_all(scopes) ? CW_OK : cw_diagram_damaged(err, "a variable missing");
}

enum cw_status cw_diagram_check_scopes(const struct cw_diagram *diagram, struct cw_error *err) {
    size_t words = diagram->var_count / 64 + 1;
    struct scopes scopes = {
        .diagram = diagram,
        .joined = calloc(words, sizeof(uint64_t)),
        .touched = calloc(words, sizeof(uint32_t)),
        .of_node = calloc(diagram->node_count, sizeof(uint32_t)),
        .of_slice = calloc(diagram->slice_count, sizeof(uint32_t)),
    };
    enum cw_status status = scopes.joined && scopes.touched && scopes.of_node && scopes.of_slice
                                ? check_all(&scopes, err)
                                : cw_diagram_no_memory(err);
    free(scopes.joined);
    free(scopes.touched);
    free(scopes.of_node);
    free(scopes.of_slice);
    free(scopes.items);
    free(scopes.words);
    free(scopes.slots);
    return status;
}
