/*
 * Every question to a diagram against brute force: the configurations of thousands of small random
 * diagrams are enumerated by a judge that shares nothing with the queries.
 */
#include "configure/rules/diagram.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/diagram_maker.h"
#include "../../support/random_model.h"
#include "configure/rules/diagram_big.h"
#include "configure/rules/diagram_quick.h"

#define DIAGRAMS     1500
#define QUESTIONS    4
#define COMBINATIONS 400

struct world {
    struct cw_arena *arena;
    struct cw_random random;
    struct cw_model *model;
    struct cw_diagram *diagram;
    struct cw_buf file;
    uint32_t *lines; /* every configuration */
    size_t count;
    /* one question */
    uint64_t *allowed, *relaxed;
    int64_t *costs;
};

/* How often it was seen: a test that never saw one would prove nothing about it. */
static unsigned saw_empty, saw_infeasible, saw_relaxed, saw_tie, saw_large, saw_dropped;
static unsigned saw_quick, saw_slow;

static void world_init(struct world *world, uint64_t seed) {
    *world = (struct world){.arena = cw_arena_new(), .random = {seed}};
    world->model = cw_random_variables(world->arena, &world->random, COMBINATIONS);
    cw_make_random_diagram(world->model, &world->random, &world->file);
    assert_int_equal(cw_diagram_open(world->file.data, world->file.length, &world->diagram, NULL),
                     CW_OK);
    uint32_t vars = world->model->var_count;
    uint32_t *values = cw_arena_array(world->arena, vars, sizeof *values);
    world->lines = cw_arena_array(world->arena, (size_t)COMBINATIONS * vars, sizeof *values);
    do
        if (cw_diagram_accepts(world->file.data, values))
            memcpy(world->lines + world->count++ * vars, values, vars * sizeof *values);
    while (cw_next_assignment(world->model, values));
    saw_empty += world->count == 0;
}

static void world_deinit(struct world *world) {
    cw_diagram_free(world->diagram);
    cw_buf_deinit(&world->file);
    cw_arena_free(world->arena);
}

static void new_question(struct world *world) {
    const struct cw_model *model = world->model;
    world->allowed = cw_random_mask(model, world->arena, &world->random);
    if (cw_random_below(&world->random, 6) == 0)
        world->allowed = cw_model_full_mask(model, world->arena);
    world->relaxed = cw_random_mask(model, world->arena, &world->random);
    for (uint32_t w = 0; w < model->word_count; w++)
        world->relaxed[w] |= world->allowed[w];
    uint32_t kind = cw_random_below(&world->random, 3);
    if (kind == 0)
        world->relaxed = world->allowed;
    if (kind == 1)
        world->relaxed = cw_model_full_mask(model, world->arena);
    uint32_t spread = cw_random_below(&world->random, 2) == 0 ? 3 : 1000000;
    world->costs = cw_arena_array(world->arena, model->value_count, sizeof(int64_t));
    for (uint32_t i = 0; i < model->value_count; i++)
        world->costs[i] = (int64_t)cw_random_below(&world->random, spread) - spread / 2;
    if (cw_random_below(&world->random, 8) == 0)
        for (uint32_t i = 0; i < model->value_count; i++)
            world->costs[i] *= INT64_C(1) << 34;
}

static const uint32_t *line(const struct world *world, size_t i) {
    return world->lines + i * world->model->var_count;
}

static bool has(const struct world *world, const uint64_t *mask, uint32_t var, uint32_t value) {
    return cw_set_has(mask + world->model->word_bases[var], value);
}

/* How many variables of a line are outside of `allowed`; *ret_var is the last of them. */
static uint32_t outside(const struct world *world, const uint32_t *values, uint32_t *ret_var) {
    uint32_t count = 0;
    for (uint32_t var = 0; var < world->model->var_count; var++)
        if (!has(world, world->allowed, var, values[var])) {
            *ret_var = var;
            count++;
        }
    return count;
}

static int64_t cost_of(const struct world *world, const uint32_t *values) {
    int64_t sum = 0;
    for (uint32_t var = 0; var < world->model->var_count; var++)
        sum += world->costs[world->model->value_bases[var] + values[var]];
    return sum;
}

/* ---- possible and least ---------------------------------------------------------------------- */

static void lower(int64_t *least, int64_t cost) {
    if (cost < *least)
        *least = cost;
}

/* Least cost per value by the definition in the header; returns the least within allowed. */
static int64_t least_by_force(const struct world *world, int64_t *least) {
    const struct cw_model *model = world->model;
    int64_t best = CW_DIAGRAM_NEVER;
    for (uint32_t i = 0; i < model->value_count; i++)
        least[i] = CW_DIAGRAM_NEVER;
    for (size_t i = 0; i < world->count; i++) {
        const uint32_t *values = line(world, i);
        uint32_t var = 0, count = outside(world, values, &var);
        int64_t cost = cost_of(world, values);
        if (count == 1 && has(world, world->relaxed, var, values[var])) {
            lower(&least[model->value_bases[var] + values[var]], cost);
            saw_relaxed++;
        }
        for (uint32_t v = 0; count == 0 && v < model->var_count; v++)
            lower(&least[model->value_bases[v] + values[v]], cost);
        if (count == 0)
            lower(&best, cost);
    }
    saw_infeasible += world->count > 0 && best == CW_DIAGRAM_NEVER;
    return best;
}

static void check_possible_and_least(struct world *world) {
    const struct cw_model *model = world->model;
    const struct cw_diagram_scope scope = {world->allowed, world->relaxed};
    int64_t *expected = cw_arena_array(world->arena, model->value_count, sizeof *expected);
    int64_t *least = cw_arena_array(world->arena, model->value_count, sizeof *least);
    uint64_t *possible = cw_arena_array(world->arena, model->word_count, sizeof *possible);
    memset(possible, 0x55, model->word_count * sizeof *possible);
    int64_t best = least_by_force(world, expected);
    assert_int_equal(cw_diagram_least(world->diagram, &scope, world->costs, world->arena, least),
                     best);
    bool feasible = best != CW_DIAGRAM_NEVER;
    assert_int_equal(cw_diagram_feasible(world->diagram, world->allowed, world->arena), feasible);
    assert_int_equal(cw_diagram_domains(world->diagram, &scope, world->arena, possible), feasible);
    for (uint32_t var = 0; var < model->var_count; var++)
        for (uint32_t value = 0; value < model->value_counts[var]; value++) {
            uint32_t i = model->value_bases[var] + value;
            assert_int_equal(least[i], expected[i]);
            assert_int_equal(has(world, possible, var, value), expected[i] != CW_DIAGRAM_NEVER);
        }
}

/* ---- cheapest -------------------------------------------------------------------------------- */

static bool comes_before(const struct world *world, const uint32_t *a, const uint32_t *b) {
    for (uint32_t var = 0; var < world->model->var_count; var++)
        if (a[var] != b[var])
            return a[var] < b[var];
    return false;
}

static void check_cheapest(struct world *world) {
    uint32_t *values = cw_arena_array(world->arena, world->model->var_count, sizeof *values), var;
    const uint32_t *best = NULL;
    for (size_t i = 0; i < world->count; i++) {
        const uint32_t *rival = line(world, i);
        if (outside(world, rival, &var) > 0)
            continue;
        int64_t ahead = best ? cost_of(world, best) - cost_of(world, rival) : 1;
        saw_tie += ahead == 0;
        if (ahead > 0 || (ahead == 0 && comes_before(world, rival, best)))
            best = rival;
    }
    assert_int_equal(
        cw_diagram_cheapest(world->diagram, world->allowed, world->costs, world->arena, values),
        best != NULL);
    if (best)
        assert_memory_equal(values, best, world->model->var_count * sizeof *values);
}

/* ---- a click ----------------------------------------------------------------------------------
 */

static void check_quick_least(const struct world *world, const struct cw_quick_pass *pass) {
    const struct cw_model *model = world->model;
    const struct cw_diagram_scope scope = {world->allowed, world->relaxed};
    int64_t *least = cw_arena_array(world->arena, model->value_count, sizeof *least);
    int64_t *expected = cw_arena_array(world->arena, model->value_count, sizeof *least);
    uint64_t *possible = cw_arena_array(world->arena, model->word_count, sizeof *possible);
    (void)cw_diagram_least(world->diagram, &scope, world->costs, world->arena, expected);
    cw_quick_least(pass, world->relaxed, world->arena, least, possible);
    for (uint32_t v = 0; v < model->var_count; v++)
        for (uint32_t x = 0; x < model->value_counts[v]; x++) {
            int64_t cost = least[model->value_bases[v] + x];
            assert_true(cost == expected[model->value_bases[v] + x]);
            assert_int_equal(has(world, possible, v, x), cost != CW_DIAGRAM_NEVER);
        }
}

/* A pass over other variables' values, begun from this one, says what one from the start does; of a
 * few variables what it says of all, and nothing of others. */
static void check_quick_again(struct world *world, const struct cw_quick *quick,
                              const struct cw_quick_pass *pass) {
    const struct cw_model *model = world->model;
    uint64_t *allowed = cw_arena_array(world->arena, model->word_count, sizeof *allowed);
    uint64_t *possible = cw_arena_array(world->arena, 2 * model->word_count, sizeof *possible);
    int64_t *least = cw_arena_array(world->arena, 2 * (size_t)model->value_count, sizeof *least);
    int64_t *expected = least + model->value_count;
    memcpy(allowed, world->allowed, model->word_count * sizeof *allowed);
    uint32_t first = (uint32_t)cw_random_below(&world->random, model->var_count);
    uint32_t end = first + 1 + (uint32_t)cw_random_below(&world->random, model->var_count - first);
    for (uint32_t v = first; v < end; v++)
        for (uint32_t x = 0; x < model->value_counts[v]; x++)
            if (cw_random_below(&world->random, 3) == 0)
                cw_set_drop(allowed + model->word_bases[v], x);
            else if (cw_set_has(world->relaxed + model->word_bases[v], x))
                cw_set_add(allowed + model->word_bases[v], x);
    const struct cw_quick_pass *fresh = cw_quick_up(quick, allowed, world->arena);
    const struct cw_quick_pass *again = cw_quick_again(pass, allowed, world->arena);
    assert_int_equal(cw_quick_feasible(again), cw_quick_feasible(fresh));
    assert_int_equal(cw_natural_compare(cw_quick_count(again, world->arena),
                                        cw_quick_count(fresh, world->arena)),
                     0);
    for (uint32_t i = 0; i < model->value_count; i++)
        least[i] = -1;
    cw_quick_least(fresh, world->relaxed, world->arena, expected, possible + model->word_count);
    const struct cw_quick_part part = {world->relaxed, first, end};
    cw_quick_least_of(again, &part, world->arena, least, possible);
    for (uint32_t v = 0; v < model->var_count; v++)
        for (uint32_t x = 0; x < model->value_counts[v]; x++) {
            bool asked = v >= first && v < end;
            uint32_t i = model->value_bases[v] + x;
            assert_true(least[i] == (asked ? expected[i] : -1));
            assert_int_equal(has(world, possible, v, x), asked && least[i] != CW_DIAGRAM_NEVER);
        }
}

/* The two prices by looking at every line, the rest by the other passes, which were checked. */
static void check_quick_pass(const struct world *world, const struct cw_quick_pass *pass,
                             const int64_t *prices) {
    struct world priced = *world;
    uint32_t vars = world->model->var_count, var;
    uint32_t *values = cw_arena_array(world->arena, 2 * (size_t)vars, sizeof *values);
    int64_t min = INT64_MAX, max = INT64_MIN, least, most;
    priced.costs = (int64_t *)prices;
    for (size_t i = 0; i < world->count; i++) {
        int64_t price = cost_of(&priced, line(world, i));
        bool within = outside(world, line(world, i), &var) == 0;
        min = within && price < min ? price : min;
        max = within && price > max ? price : max;
    }
    assert_int_equal(cw_quick_feasible(pass), min <= max);
    assert_int_equal(
        cw_natural_compare(cw_quick_count(pass, world->arena),
                           cw_diagram_count(world->diagram, world->allowed, world->arena)),
        0);
    if (min > max)
        return;
    cw_quick_range(pass, &least, &most);
    assert_true(least == min && most == max);
    cw_quick_cheapest(pass, world->arena, values);
    assert_true(cw_diagram_cheapest(world->diagram, world->allowed, world->costs, world->arena,
                                    values + vars));
    assert_memory_equal(values, values + vars, vars * sizeof *values);
}

static void check_quick(struct world *world) {
    const struct cw_model *model = world->model;
    int64_t *prices = cw_arena_array(world->arena, model->value_count, sizeof *prices);
    for (uint32_t i = 0; i < model->value_count; i++)
        prices[i] = (int64_t)cw_random_below(&world->random, 2001) - 500;
    const struct cw_quick *quick = cw_quick_new(world->diagram, world->costs, prices, world->arena);
    if (!quick) {
        saw_slow++;
        return;
    }
    saw_quick++;
    const struct cw_quick_pass *pass = cw_quick_up(quick, world->allowed, world->arena);
    check_quick_least(world, pass);
    check_quick_pass(world, pass, prices);
    if (model->var_count > 0)
        check_quick_again(world, quick, pass);
}

/* ---- counts ----------------------------------------------------------------------------------
 * Decimal numbers for the oracle: least digit first, as people multiply.
 */
#define DIGITS 400

struct decimal {
    uint8_t digits[DIGITS];
};

static void decimal_times(struct decimal *a, uint64_t factor) {
    uint64_t carry = 0; /* factors stay below 2^53 */
    for (size_t i = 0; i < DIGITS; i++) {
        carry += factor * a->digits[i];
        a->digits[i] = (uint8_t)(carry % 10);
        carry /= 10;
    }
}

static void decimal_add(struct decimal *a, const struct decimal *b) {
    unsigned carry = 0;
    for (size_t i = 0; i < DIGITS; i++) {
        carry += a->digits[i] + b->digits[i];
        a->digits[i] = (uint8_t)(carry % 10);
        carry /= 10;
    }
}

static void assert_decimal(struct cw_natural number, const struct decimal *expected,
                           struct cw_arena *arena) {
    char text[DIGITS + 1];
    size_t length = DIGITS, at = 0;
    while (length > 1 && expected->digits[length - 1] == 0)
        length--;
    while (length > 0)
        text[at++] = (char)('0' + expected->digits[--length]);
    text[at] = '\0';
    assert_string_equal(cw_natural_decimal(number, arena), text);
    saw_large += at > 40;
}

static void check_counts(struct world *world) {
    const struct cw_model *model = world->model;
    struct decimal *expected = cw_arena_array(world->arena, model->value_count, sizeof *expected);
    struct decimal all = {{0}};
    for (size_t i = 0; i < world->count; i++) {
        const uint32_t *values = line(world, i);
        struct decimal ways = {{1}};
        uint32_t var;
        if (outside(world, values, &var) > 0)
            continue;
        for (var = 0; var < model->var_count; var++)
            decimal_times(&ways, model->multiplicities[model->value_bases[var] + values[var]]);
        decimal_add(&all, &ways);
        for (var = 0; var < model->var_count; var++)
            decimal_add(&expected[model->value_bases[var] + values[var]], &ways);
    }
    assert_decimal(cw_diagram_count(world->diagram, world->allowed, world->arena), &all,
                   world->arena);
    struct cw_natural *counts = cw_arena_array(world->arena, model->value_count, sizeof *counts);
    cw_diagram_counts(world->diagram, world->allowed, world->arena, counts);
    for (uint32_t i = 0; i < model->value_count; i++)
        assert_decimal(counts[i], &expected[i], world->arena);
}

static void check_samples(struct world *world) {
    uint32_t drawn[8 * 64], vars = world->model->var_count, var;
    const struct cw_diagram_draw draw = {
        .allowed = world->allowed, .seed = cw_random_below(&world->random, 1000), .count = 8};
    bool any = cw_diagram_feasible(world->diagram, world->allowed, world->arena);
    assert_int_equal(cw_diagram_sample(world->diagram, &draw, world->arena, drawn), any);
    for (uint32_t i = 0; any && i < draw.count; i++) {
        assert_true(cw_diagram_accepts(world->file.data, drawn + (size_t)i * vars));
        assert_int_equal(outside(world, drawn + (size_t)i * vars, &var), 0);
    }
}

/* ---- fronts ---------------------------------------------------------------------------------- */

static void costs_of(const struct world *world, const int64_t *const costs[3],
                     const uint32_t *values, int64_t ret[3]) {
    for (int i = 0; i < 3; i++) {
        ret[i] = 0;
        for (uint32_t var = 0; var < world->model->var_count; var++)
            ret[i] += costs[i][world->model->value_bases[var] + values[var]];
    }
}

static bool beaten(const int64_t by[3], const int64_t costs[3]) {
    return by[0] <= costs[0] && by[1] <= costs[1] && by[2] <= costs[2];
}

/* Every line must be beaten (or equalled) by a label. */
static void check_front_covers(const struct world *world, const struct cw_diagram_front *question,
                               const struct cw_diagram_label *labels, size_t count) {
    for (size_t i = 0; i < world->count; i++) {
        uint32_t var;
        int64_t costs[3];
        if (outside(world, line(world, i), &var) > 0)
            continue;
        costs_of(world, question->costs, line(world, i), costs);
        bool covered = false;
        for (size_t k = 0; k < count && !covered; k++)
            covered = beaten(labels[k].costs, costs);
        assert_true(covered);
    }
}

static void check_labels(const struct world *world, const struct cw_diagram_front *question,
                         const struct cw_diagram_label *labels, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t var;
        int64_t costs[3];
        assert_true(cw_diagram_accepts(world->file.data, labels[i].values));
        assert_int_equal(outside(world, labels[i].values, &var), 0);
        costs_of(world, question->costs, labels[i].values, costs);
        assert_memory_equal(costs, labels[i].costs, sizeof costs);
        for (size_t k = 0; k < count; k++)
            assert_true(k == i || !beaten(labels[k].costs, labels[i].costs));
        assert_true(i == 0 || labels[i - 1].costs[0] < labels[i].costs[0] ||
                    (labels[i - 1].costs[0] == labels[i].costs[0] &&
                     labels[i - 1].costs[1] < labels[i].costs[1]));
    }
}

static void check_pareto(struct world *world) {
    const struct cw_model *model = world->model;
    struct cw_diagram_front question = {.allowed = world->allowed, .limit = 100000};
    uint32_t spread = cw_random_below(&world->random, 2) == 0 ? 3 : 1000;
    for (int i = 0; i < 3; i++) {
        int64_t *costs = cw_arena_array(world->arena, model->value_count, sizeof *costs);
        for (uint32_t k = 0; k < model->value_count; k++)
            costs[k] = (int64_t)cw_random_below(&world->random, spread) - 1;
        question.costs[i] = costs;
    }
    struct cw_diagram_label *labels = NULL;
    bool exact = false;
    size_t count = cw_diagram_pareto(world->diagram, &question, world->arena, &labels, &exact);
    assert_true(exact);
    assert_int_equal(count > 0, cw_diagram_feasible(world->diagram, world->allowed, world->arena));
    check_labels(world, &question, labels, count);
    check_front_covers(world, &question, labels, count);
    question.limit = 1 + cw_random_below(&world->random, 6);
    size_t few = cw_diagram_pareto(world->diagram, &question, world->arena, &labels, &exact);
    assert_true(few <= question.limit && (few > 0) == (count > 0));
    check_labels(world, &question, labels, few);
    assert_true(!exact || few == count);
    saw_dropped += !exact;
}

static void test_against_brute_force(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= DIAGRAMS; seed++) {
        struct world world;
        world_init(&world, seed);
        for (int i = 0; i < QUESTIONS; i++) {
            new_question(&world);
            check_possible_and_least(&world);
            check_cheapest(&world);
            check_quick(&world);
            check_counts(&world);
            check_samples(&world);
            check_pareto(&world);
        }
        world_deinit(&world);
    }
    assert_true(saw_empty > 10 && saw_infeasible > 100 && saw_relaxed > 100);
    assert_true(saw_quick > 1000 && saw_slow > 100);
    assert_true(saw_tie > 100 && saw_large > 100 && saw_dropped > 100);
}

/* ---- drawing --------------------------------------------------------------------------------- */

static size_t find_line(const struct world *world, const uint32_t *values) {
    size_t i = 0;
    while (i < world->count && memcmp(line(world, i), values, world->model->var_count * 4) != 0)
        i++;
    assert_true(i < world->count);
    return i;
}

static double weight_of(const struct world *world, const uint32_t *values) {
    double weight = 1;
    for (uint32_t var = 0; var < world->model->var_count; var++)
        weight *=
            (double)world->model->multiplicities[world->model->value_bases[var] + values[var]];
    return weight;
}

/* Pearson's statistic over the allowed lines, rare ones (fewer than 5 expected) together. */
static double chi_square(const struct world *world, const unsigned *seen, uint32_t draws,
                         size_t *ret_classes) {
    double total = 0, sum = 0, rare_expected = 0, rare_seen = 0;
    uint32_t var;
    for (size_t i = 0; i < world->count; i++)
        total += outside(world, line(world, i), &var) == 0 ? weight_of(world, line(world, i)) : 0;
    *ret_classes = 0;
    for (size_t i = 0; i < world->count; i++) {
        bool allowed = outside(world, line(world, i), &var) == 0;
        double expected = allowed ? weight_of(world, line(world, i)) / total * draws : 0;
        assert_true(allowed || seen[i] == 0);
        if (expected < 5) {
            rare_expected += expected;
            rare_seen += seen[i];
            continue;
        }
        sum += (seen[i] - expected) * (seen[i] - expected) / expected;
        ++*ret_classes;
    }
    if (rare_expected >= 5) {
        sum += (rare_seen - rare_expected) * (rare_seen - rare_expected) / rare_expected;
        ++*ret_classes;
    }
    return sum;
}

static bool draw_and_judge(struct world *world) {
    const struct cw_diagram_draw draw = {world->allowed, cw_random_below(&world->random, 9999),
                                         4000};
    uint32_t vars = world->model->var_count;
    uint32_t *drawn = cw_arena_array(world->arena, (size_t)draw.count * vars, sizeof *drawn);
    unsigned *seen = cw_arena_array(world->arena, world->count, sizeof *seen);
    size_t classes = 0;
    if (!cw_diagram_sample(world->diagram, &draw, world->arena, drawn))
        return false;
    for (uint32_t i = 0; i < draw.count; i++)
        seen[find_line(world, drawn + (size_t)i * vars)]++;
    double statistic = chi_square(world, seen, draw.count, &classes);
    if (classes < 2)
        return false;
    /* P(chi2(k) - k >= 2 sqrt(k x) + 2 x) <= exp(-x) (Laurent, Massart 2000); x = 20 */
    double degrees = (double)(classes - 1), over = statistic - degrees - 40;
    assert_true(over < 0 || over * over < 80 * degrees);
    return true;
}

static void test_draws_are_uniform(void **state) {
    (void)state;
    unsigned judged = 0;
    for (uint64_t seed = 5000; judged < 200; seed++) {
        struct world world;
        world_init(&world, seed);
        new_question(&world);
        judged += draw_and_judge(&world);
        world_deinit(&world);
    }
}

/* ---- numbers Python worked out --------------------------------------------------------------- */

/* Any value of every variable. */
static struct cw_diagram *open_free(const struct cw_model *model, struct cw_buf *buf) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_diagram_writer *writer = cw_diagram_writer_new(model);
    uint64_t *full = cw_model_full_mask(model, arena);
    struct cw_diagram_leaf *leaves = cw_arena_array(arena, model->var_count, sizeof *leaves);
    for (uint32_t var = 0; var < model->var_count; var++)
        leaves[var] = (struct cw_diagram_leaf){
            var, cw_diagram_writer_set(writer, var, full + model->word_bases[var])};
    const struct cw_diagram_part root = {.leaves = leaves, .leaf_count = model->var_count};
    cw_diagram_writer_finish(writer, &root, buf);
    cw_diagram_writer_free(writer);
    struct cw_diagram *diagram = NULL;
    assert_int_equal(cw_diagram_open(buf->data, buf->length, &diagram, NULL), CW_OK);
    return diagram;
}

/* The number of all configurations, and what each value of variable 0 has of them. */
static void assert_free_count(const struct cw_model *model, const char *all, const char *each) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_diagram *diagram = open_free(model, &buf);
    uint64_t *full = cw_model_full_mask(model, model->arena);
    struct cw_natural *counts = cw_arena_array(model->arena, model->value_count, sizeof *counts);
    struct cw_natural count = cw_diagram_count(diagram, full, model->arena);
    assert_string_equal(cw_natural_decimal(count, model->arena), all);
    cw_diagram_counts(diagram, full, model->arena, counts);
    assert_string_equal(cw_natural_decimal(counts[0], model->arena), each);
    cw_diagram_free(diagram);
}

static void test_large_counts(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_model *none = cw_model_new(arena), *flags = cw_model_new(arena);
    struct cw_model *factorial = cw_model_new(arena), *heavy = cw_model_new(arena);
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_diagram *diagram = open_free(none, &buf); /* the empty configuration */
    assert_string_equal(cw_natural_decimal(cw_diagram_count(diagram, NULL, arena), arena), "1");
    cw_diagram_free(diagram);
    for (uint32_t i = 0; i < 127; i++)
        cw_model_add_var(flags, 2);
    assert_free_count(flags, "170141183460469231731687303715884105728",
                      "85070591730234615865843651857942052864");
    cw_model_add_var(flags, 2);
    assert_free_count(flags, "340282366920938463463374607431768211456",
                      "170141183460469231731687303715884105728");
    for (uint32_t i = 128; i < 200; i++)
        cw_model_add_var(flags, 2);
    assert_free_count(flags, "1606938044258990275541962092341162602522202993782792835301376",
                      "803469022129495137770981046170581301261101496891396417650688");
    for (uint32_t i = 60; i > 0; i--)
        cw_model_add_var(factorial, i);
    assert_free_count(
        factorial,
        "8320987112741390144276341183223364380754172606361245952449277696409600000000000000",
        "138683118545689835737939019720389406345902876772687432540821294940160000000000000");
    for (uint32_t i = 0; i < 5; i++) {
        cw_model_add_var(heavy, 2);
        cw_model_set_multiplicity(heavy, i, 0, UINT64_MAX - 3);
        cw_model_set_multiplicity(heavy, i, 1, 3);
    }
    assert_free_count(heavy,
                      "2135987035920910081816061259982971137547620614667080038315646755056884185109"
                      "834672074087649509375",
                      "2135987035920910081468684992271022551352232880465656483915741191533877597642"
                      "570803379029361557500");
}

static struct cw_natural power_of_two(uint32_t exponent, struct cw_arena *arena) {
    uint32_t *limbs = cw_arena_array(arena, exponent / 32 + 1, sizeof *limbs);
    limbs[exponent / 32] = UINT32_C(1) << exponent % 32;
    return (struct cw_natural){exponent / 32 + 1, limbs};
}

static void test_naturals(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_natural zero = {0}, one = power_of_two(0, arena), large = power_of_two(96, arena);
    struct cw_natural less = cw_natural_minus(large, one, arena);
    assert_string_equal(cw_natural_decimal(zero, arena), "0");
    assert_string_equal(cw_natural_decimal(less, arena), "79228162514264337593543950335");
    assert_int_equal(less.count, 3);
    assert_int_equal(cw_natural_minus(large, large, arena).count, 0);
    assert_string_equal(cw_natural_decimal(cw_natural_minus(large, less, arena), arena), "1");
    assert_true(cw_natural_compare(less, large) < 0 && cw_natural_compare(large, less) > 0);
    assert_true(cw_natural_compare(zero, one) < 0 && cw_natural_compare(one, one) == 0);
    const uint32_t billion[] = {1000000000};
    assert_string_equal(cw_natural_decimal((struct cw_natural){1, billion}, arena), "1000000000");
}

/* Limbs full of ones and zeros, where carries run far. */
static struct cw_big random_big(struct cw_random *random, struct cw_arena *arena) {
    static const uint64_t limbs[] = {0, 1, 2, UINT64_MAX, UINT64_MAX - 1, UINT64_C(1) << 63};
    struct cw_big a = cw_big_room(arena, 16);
    a.count = cw_random_below(random, 6);
    for (uint32_t i = 0; i < a.count; i++)
        a.limbs[i] = limbs[cw_random_below(random, 6)];
    while (a.count > 0 && a.limbs[a.count - 1] == 0)
        a.count--;
    return a;
}

static uint64_t rest_of(const struct cw_big *a, uint64_t prime) {
    uint64_t rest = 0;
    for (uint32_t bit = 64 * a->count; bit-- > 0;)
        rest = (rest * 2 + (a->limbs[bit / 64] >> bit % 64 & 1)) % prime;
    return rest;
}

static void assert_big(const struct cw_big *a, const struct cw_big *b) {
    assert_int_equal(cw_big_compare(a, b), 0);
    assert_true(a->count == 0 || a->limbs[a->count - 1] != 0);
}

static void test_big_arithmetic(void **state) {
    (void)state;
    struct cw_random random = {99};
    for (int i = 0; i < 20000; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        const uint64_t prime = 2147483647;
        struct cw_big a = random_big(&random, arena), b = random_big(&random, arena);
        struct cw_big sum = cw_big_room(arena, 16), product = cw_big_room(arena, 16);
        uint64_t small = 1 + cw_random_below(&random, 3), rest_a = rest_of(&a, prime);
        uint64_t rest_b = rest_of(&b, prime);
        small = small == 3 ? UINT64_MAX : small;
        cw_big_copy(&sum, &a);
        cw_big_add(&sum, &b);
        assert_int_equal(rest_of(&sum, prime), (rest_a + rest_b) % prime);
        assert_true(cw_big_compare(&sum, &a) >= 0 && cw_big_compare(&a, &sum) <= 0);
        cw_big_subtract(&sum, &b);
        assert_big(&sum, &a);
        cw_big_times(&product, &a, &b);
        assert_int_equal(rest_of(&product, prime), rest_a * rest_b % prime);
        cw_big_times_small(&sum, small);
        assert_int_equal(rest_of(&sum, prime), rest_a * (small % prime) % prime);
        cw_big_divide_small(&sum, small);
        assert_big(&sum, &a);
    }
}

/* Equal seeds give equal draws everywhere, in this version and the next. */
static void test_draws_are_fixed(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_model *model = cw_model_new(arena);
    for (uint32_t i = 0; i < 6; i++)
        cw_model_add_var(model, 2 + 3 * i);
    struct cw_diagram *diagram = open_free(model, &buf);
    const struct cw_diagram_draw draw = {cw_model_full_mask(model, arena), 2026, 2};
    const uint32_t expected[12] = {1, 0, 2, 10, 8, 12, 1, 0, 1, 1, 3, 16};
    uint32_t drawn[12];
    assert_true(cw_diagram_sample(diagram, &draw, arena, drawn));
    assert_memory_equal(drawn, expected, sizeof drawn);
    cw_diagram_free(diagram);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_brute_force), cmocka_unit_test(test_draws_are_uniform),
        cmocka_unit_test(test_large_counts),        cmocka_unit_test(test_naturals),
        cmocka_unit_test(test_big_arithmetic),      cmocka_unit_test(test_draws_are_fixed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
