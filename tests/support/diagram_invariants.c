/*
 * Responsible for: holding the answers of one diagram against each other.
 * Does not: know the right ones; test_diagram.c does that with brute force. Tests only.
 */
#include "diagram_invariants.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "random_product.h" /* cw_random_below */

#define MAX_VALUES 20000 /* of all variables: larger files would only be slow */
#define PROBES     12    /* values that are fixed one by one */
#define DRAWS      3

struct probe {
    const struct cw_diagram *diagram;
    struct cw_arena *arena;
    struct cw_random random;
    uint32_t vars, words, values;
    const uint32_t *value_counts;
    uint32_t *word_bases, *value_bases;
    uint64_t *allowed, *possible;
    int64_t *costs, *least;
    struct cw_natural *counts;
    bool feasible;
};

static void lay_out(struct probe *probe) {
    const struct cw_diagram_header *head = cw_diagram_head(probe->diagram);
    probe->value_counts = (const void *)((const char *)head + head->vars.offset);
    probe->word_bases = cw_arena_array(probe->arena, (size_t)probe->vars + 1, sizeof(uint32_t));
    probe->value_bases = cw_arena_array(probe->arena, (size_t)probe->vars + 1, sizeof(uint32_t));
    for (uint32_t var = 0; var < probe->vars; var++) {
        uint32_t values = probe->value_counts[var];
        probe->word_bases[var + 1] = probe->word_bases[var] + cw_set_words(values);
        probe->value_bases[var + 1] = probe->value_bases[var] + values;
    }
    assert(probe->words == probe->word_bases[probe->vars]);
    assert(probe->values == probe->value_bases[probe->vars]);
}

/* Everything, or now and then a value dropped, or a variable fixed. */
static void make_mask(struct probe *probe) {
    uint32_t drop = cw_random_below(&probe->random, 4);
    probe->allowed = cw_arena_array(probe->arena, probe->words, sizeof(uint64_t));
    for (uint32_t var = 0; var < probe->vars; var++) {
        uint64_t *mask = probe->allowed + probe->word_bases[var];
        uint32_t keep = cw_random_below(&probe->random, probe->value_counts[var]);
        bool fix = drop > 0 && cw_random_below(&probe->random, 8) == 0;
        for (uint32_t value = 0; value < probe->value_counts[var]; value++)
            if (value == keep || (!fix && cw_random_below(&probe->random, 8) >= drop))
                cw_set_add(mask, value);
    }
}

static bool is_possible(const struct probe *probe, uint32_t var, uint32_t value) {
    return cw_set_has(probe->possible + probe->word_bases[var], value);
}

/* Plain domains, least costs and counts say the same about every value. */
static void compare_values(struct probe *probe) {
    const struct cw_diagram_scope scope = {probe->allowed, probe->allowed};
    probe->possible = cw_arena_array(probe->arena, probe->words, sizeof(uint64_t));
    probe->least = cw_arena_array(probe->arena, probe->values, sizeof(int64_t));
    probe->counts = cw_arena_array(probe->arena, probe->values, sizeof *probe->counts);
    probe->feasible = cw_diagram_domains(probe->diagram, &scope, probe->arena, probe->possible);
    assert(probe->feasible == cw_diagram_feasible(probe->diagram, probe->allowed, probe->arena));
    int64_t least =
        cw_diagram_least(probe->diagram, &scope, probe->costs, probe->arena, probe->least);
    assert(probe->feasible == (least != CW_DIAGRAM_NEVER));
    struct cw_natural all = cw_diagram_count(probe->diagram, probe->allowed, probe->arena);
    assert(probe->feasible == (all.count > 0));
    cw_diagram_counts(probe->diagram, probe->allowed, probe->arena, probe->counts);
    for (uint32_t var = 0; var < probe->vars; var++) {
        struct cw_natural left = all;
        int64_t best = CW_DIAGRAM_NEVER;
        for (uint32_t value = 0; value < probe->value_counts[var]; value++) {
            uint32_t i = probe->value_bases[var] + value;
            bool possible = is_possible(probe, var, value);
            assert(!possible || cw_set_has(probe->allowed + probe->word_bases[var], value));
            assert(possible == (probe->least[i] != CW_DIAGRAM_NEVER));
            assert(possible == (probe->counts[i].count > 0));
            best = probe->least[i] < best ? probe->least[i] : best;
            left = cw_natural_minus(left, probe->counts[i], probe->arena);
        }
        assert(best == least && left.count == 0);
    }
}

/* A value is possible exactly when fixing it leaves a configuration; relaxed domains say the same
 * of values outside of the mask. */
static void fix_values(struct probe *probe) {
    uint64_t *full = cw_arena_array(probe->arena, probe->words, sizeof *full);
    uint64_t *relaxed = cw_arena_array(probe->arena, probe->words, sizeof *relaxed);
    for (uint32_t var = 0; var < probe->vars; var++)
        for (uint32_t value = 0; value < probe->value_counts[var]; value++)
            cw_set_add(full + probe->word_bases[var], value);
    const struct cw_diagram_scope scope = {probe->allowed, full};
    assert(cw_diagram_domains(probe->diagram, &scope, probe->arena, relaxed) == probe->feasible);
    for (int i = 0; i < PROBES && probe->vars > 0; i++) {
        uint32_t var = cw_random_below(&probe->random, probe->vars);
        uint32_t value = cw_random_below(&probe->random, probe->value_counts[var]);
        uint32_t base = probe->word_bases[var], words = probe->word_bases[var + 1] - base;
        memcpy(full, probe->allowed, probe->words * sizeof *full);
        memset(full + base, 0, words * sizeof *full);
        cw_set_add(full + base, value);
        bool feasible = cw_diagram_feasible(probe->diagram, full, probe->arena);
        assert(feasible == cw_set_has(relaxed + base, value));
        if (cw_set_has(probe->allowed + base, value))
            assert(feasible == is_possible(probe, var, value));
    }
}

static int64_t cost_within(const struct probe *probe, const uint32_t *values) {
    int64_t cost = 0;
    for (uint32_t var = 0; var < probe->vars; var++) {
        assert(values[var] < probe->value_counts[var] && is_possible(probe, var, values[var]));
        cost += probe->costs[probe->value_bases[var] + values[var]];
    }
    return cost;
}

static void compare_configurations(struct probe *probe) {
    const struct cw_diagram_scope scope = {probe->allowed, probe->allowed};
    uint32_t *values = cw_arena_array(probe->arena, (size_t)probe->vars * DRAWS, sizeof *values);
    int64_t least =
        cw_diagram_least(probe->diagram, &scope, probe->costs, probe->arena, probe->least);
    bool found =
        cw_diagram_cheapest(probe->diagram, probe->allowed, probe->costs, probe->arena, values);
    assert(found == probe->feasible && (!found || cost_within(probe, values) == least));
    const struct cw_diagram_draw draw = {probe->allowed, probe->random.state, DRAWS};
    assert(cw_diagram_sample(probe->diagram, &draw, probe->arena, values) == probe->feasible);
    for (size_t i = 0; i < DRAWS && probe->feasible; i++)
        (void)cost_within(probe, values + i * probe->vars);
    const struct cw_diagram_front question = {
        probe->allowed, {probe->costs, probe->least, probe->costs}, 8};
    for (uint32_t i = 0; i < probe->values; i++) /* any second cost */
        probe->least[i] = -probe->costs[i] / 3;
    struct cw_diagram_label *labels = NULL;
    bool exact = false;
    size_t count = cw_diagram_pareto(probe->diagram, &question, probe->arena, &labels, &exact);
    assert((count > 0) == probe->feasible && count <= question.limit);
    for (size_t i = 0; i < count; i++)
        assert(cost_within(probe, labels[i].values) == labels[i].costs[0]);
    assert(!exact || count == 0 || labels[0].costs[0] == least);
}

void cw_diagram_check_invariants(const struct cw_diagram *diagram, uint64_t seed) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct probe probe = {.diagram = diagram,
                          .arena = arena,
                          .random = {seed},
                          .vars = cw_diagram_var_count(diagram),
                          .words = cw_diagram_word_count(diagram),
                          .values = cw_diagram_value_count(diagram)};
    if (probe.values > MAX_VALUES)
        return;
    lay_out(&probe);
    probe.costs = cw_arena_array(arena, probe.values, sizeof(int64_t));
    for (uint32_t i = 0; i < probe.values; i++)
        probe.costs[i] = (int64_t)cw_random_below(&probe.random, 7) - 3;
    make_mask(&probe);
    compare_values(&probe);
    fix_values(&probe);
    compare_configurations(&probe);
}
