/*
 * The compiler against the definition: every assignment of thousands of small random models is in
 * the diagram once or not at all, exactly as the constraints say; every branch of a node speaks of
 * the same variables; budgets end it as they should; the same model gives the same bytes.
 */
#include "configure/rules/compile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/random_model.h"
#include "configure/rules/diagram.h"

#define MODELS 6000

static const struct cw_compile_budget no_budget = {0};

static struct cw_compile_result compiled(const struct cw_model *model,
                                         const struct cw_compile_budget *budget,
                                         struct cw_arena *arena) {
    struct cw_compile_result result;
    struct cw_error err = {0};
    assert_int_equal(cw_model_compile(model, budget, arena, &result, &err), CW_OK);
    return result;
}

/* ---- the file, read here once more and by itself --------------------------------------------- */

struct file {
    const struct cw_model *model;
    const struct cw_diagram_header *head;
    const struct cw_diagram_node *nodes;
    const struct cw_diagram_branch *branches;
    const struct cw_diagram_leaf *leaves;
    const uint32_t *children;
    const uint64_t *sets;
};

static struct file file_of(const struct cw_model *model, struct cw_bytes bytes) {
    const struct cw_diagram_header *head = (const void *)bytes.data;
    const uint8_t *data = bytes.data;
    return (struct file){
        .model = model,
        .head = head,
        .nodes = (const void *)(data + head->nodes.offset),
        .branches = (const void *)(data + head->branches.offset),
        .leaves = (const void *)(data + head->leaves.offset),
        .children = (const void *)(data + head->children.offset),
        .sets = (const void *)(data + head->sets.offset),
    };
}

static void speak(uint8_t *spoken, uint32_t var) {
    assert_int_equal(spoken[var], 0);
    spoken[var] = 1;
}

/* Which variables a branch speaks of: each once. */
static void branch_vars(const struct file *file, const struct cw_diagram_branch *branch,
                        uint8_t *const *of_nodes, uint8_t *spoken) {
    for (uint32_t i = 0; i < branch->leaf_count; i++)
        speak(spoken, file->leaves[branch->first_leaf + i].var);
    for (uint32_t i = 0; i < branch->child_count; i++)
        for (uint32_t var = 0; var < file->model->var_count; var++)
            if (of_nodes[file->children[branch->first_child + i]][var])
                speak(spoken, var);
}

static void assert_smooth(const struct file *file, struct cw_arena *arena) {
    uint32_t vars = file->model->var_count;
    size_t nodes = file->head->nodes.count;
    uint8_t **spoken = cw_arena_array(arena, nodes, sizeof *spoken);
    for (size_t n = 0; n < nodes; n++) {
        const struct cw_diagram_node *node = &file->nodes[n];
        spoken[n] = cw_arena_alloc(arena, vars);
        for (uint32_t b = 0; b < node->branch_count; b++) {
            uint8_t *own = cw_arena_alloc(arena, vars);
            if (node->var != CW_DIAGRAM_NO_VAR)
                speak(own, node->var);
            branch_vars(file, &file->branches[node->first_branch + b], spoken, own);
            if (b > 0)
                assert_memory_equal(own, spoken[n], vars);
            memcpy(spoken[n], own, vars);
        }
    }
    for (uint32_t var = 0; var < vars && file->nodes[nodes - 1].branch_count > 0; var++)
        assert_int_equal(spoken[nodes - 1][var], 1);
}

/* How often the diagram has the assignment, from the leaves up. */
static uint64_t times(const struct file *file, const uint32_t *values, uint64_t *of_nodes) {
    for (size_t n = 0; n < file->head->nodes.count; n++) {
        const struct cw_diagram_node *node = &file->nodes[n];
        of_nodes[n] = 0;
        for (uint32_t b = 0; b < node->branch_count; b++) {
            const struct cw_diagram_branch *branch = &file->branches[node->first_branch + b];
            uint64_t product = node->var == CW_DIAGRAM_NO_VAR ||
                               cw_set_has(file->sets + branch->set, values[node->var]);
            for (uint32_t i = 0; i < branch->leaf_count; i++) {
                const struct cw_diagram_leaf *leaf = &file->leaves[branch->first_leaf + i];
                product *= cw_set_has(file->sets + leaf->set, values[leaf->var]);
            }
            for (uint32_t i = 0; i < branch->child_count; i++)
                product *= of_nodes[file->children[branch->first_child + i]];
            of_nodes[n] += product;
        }
    }
    return of_nodes[file->head->nodes.count - 1];
}

/* Compare with the definition; returns how many configurations there are. */
static uint64_t assert_exact(const struct cw_model *model, const struct cw_compile_result *result,
                             struct cw_arena *arena) {
    assert_int_equal(result->outcome, CW_COMPILED);
    struct cw_diagram *diagram = NULL;
    struct cw_error err = {0};
    if (cw_diagram_open(result->artefact.data, result->artefact.length, &diagram, &err) != CW_OK)
        fail_msg("%s: %s", err.code, err.message);
    cw_diagram_free(diagram);
    struct file file = file_of(model, result->artefact);
    assert_int_equal(file.head->nodes.count, result->node_count);
    assert_int_equal(file.head->branches.count, result->branch_count);
    assert_smooth(&file, arena);
    uint64_t *of_nodes = cw_arena_array(arena, file.head->nodes.count, sizeof *of_nodes);
    uint32_t *values = cw_arena_array(arena, model->var_count, sizeof *values);
    uint64_t found = 0;
    do {
        bool holds = cw_assignment_holds(model, NULL, values);
        assert_int_equal(times(&file, values, of_nodes), holds);
        found += holds;
    } while (cw_next_assignment(model, values));
    return found;
}

static void test_random_models(void **state) {
    (void)state;
    unsigned possible = 0, nodes = 0, shared = 0;
    for (uint64_t seed = 0; seed < MODELS; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_model *model = cw_random_model(arena, seed);
        struct cw_compile_result result = compiled(model, &no_budget, arena);
        possible += assert_exact(model, &result, arena) > 0;
        nodes += result.node_count > 1;
        shared += result.node_count > 8;
    }
    /* All kinds were met: void ones, ones without a decision, ones with many. */
    assert_true(possible > MODELS / 2 && possible < MODELS - MODELS / 50);
    assert_true(nodes > MODELS / 3 && nodes < possible && shared > MODELS / 15);
}

/* ---- the same again -------------------------------------------------------------------------- */

static void test_deterministic(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_compile_result first = compiled(cw_random_model(arena, seed), &no_budget, arena);
        struct cw_compile_result second = compiled(cw_random_model(arena, seed), &no_budget, arena);
        assert_int_equal(first.artefact.length, second.artefact.length);
        assert_memory_equal(first.artefact.data, second.artefact.data, first.artefact.length);
    }
}

/* ---- special models -------------------------------------------------------------------------- */

static void test_nothing_and_one(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_model *model = cw_model_new(arena);
    struct cw_compile_result result = compiled(model, &no_budget, arena);
    assert_int_equal(assert_exact(model, &result, arena), 1); /* no variable, one configuration */
    uint32_t var = cw_model_add_var(model, 5);
    result = compiled(model, &no_budget, arena);
    assert_int_equal(assert_exact(model, &result, arena), 5);
    assert_int_equal(result.node_count, 1);
    uint64_t some = 9;
    cw_model_add_clause(model, 0, &var, 1, &some);
    result = compiled(model, &no_budget, arena);
    assert_int_equal(assert_exact(model, &result, arena), 2);
    uint64_t others = 6;
    cw_model_add_clause(model, 0, &var, 1, &others);
    result = compiled(model, &no_budget, arena);
    assert_int_equal(assert_exact(model, &result, arena), 0);
    assert_int_equal(result.branch_count, 0);
}

/* No configuration, found before search, by propagation, or only by search. */
static void test_void(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_model *empty = cw_model_new(arena);
    cw_model_add_var(empty, 3);
    cw_model_add_clause(empty, 0, NULL, 0, NULL);
    struct cw_compile_result result = compiled(empty, &no_budget, arena);
    assert_int_equal(assert_exact(empty, &result, arena), 0);
    /* Four pigeons of three values each, all different: no single rule says no. */
    struct cw_model *pigeons = cw_model_new(arena);
    for (uint32_t i = 0; i < 4; i++)
        cw_model_add_var(pigeons, 3);
    uint64_t rows[6] = {1, 1, 2, 2, 4, 4};
    for (uint32_t i = 0; i < 4; i++)
        for (uint32_t k = 0; k < i; k++)
            cw_model_add_table(
                pigeons, 0,
                &(struct cw_model_table){(uint32_t[]){k, i}, 2, rows, 3, /* allowed: */ false});
    result = compiled(pigeons, &no_budget, arena);
    assert_int_equal(assert_exact(pigeons, &result, arena), 0);
    /* Equal and different at once: two flags and two clauses more than can be. */
    struct cw_model *flags = cw_model_new(arena);
    cw_model_add_var(flags, 2);
    cw_model_add_var(flags, 2);
    for (uint64_t bits = 0; bits < 4; bits++)
        cw_model_add_clause(flags, 0, (uint32_t[]){0, 1}, 2,
                            (uint64_t[]){1 + (bits & 1), 1 + (bits >> 1)});
    result = compiled(flags, &no_budget, arena);
    assert_int_equal(assert_exact(flags, &result, arena), 0);
}

/* Flags that equal each other, or always differ, in a ring: one decision, everything follows. */
static void test_equal_flags(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_model *model = cw_model_new(arena);
    for (uint32_t i = 0; i < 9; i++)
        cw_model_add_var(model, 2);
    for (uint32_t i = 0; i < 8; i++) {
        uint32_t pair[2] = {i, (i + 1) % 8};
        uint64_t swap = i % 3 == 0 && i < 6 ? 3 : 0; /* twice */
        cw_model_add_clause(model, i, pair, 2, (uint64_t[]){1, 2 ^ swap});
        cw_model_add_clause(model, i, pair, 2, (uint64_t[]){2, 1 ^ swap});
    }
    struct cw_compile_result result = compiled(model, &no_budget, arena);
    assert_int_equal(assert_exact(model, &result, arena), 4);
    assert_int_equal(result.node_count, 2); /* the root and the ring */
    /* The same with a rule that hangs on one of them, and a sum over others. */
    cw_model_add_clause(model, 9, (uint32_t[]){3, 8}, 2, (uint64_t[]){2, 2});
    int64_t weights[6] = {0, 1, 0, 1, 0, 1};
    cw_model_add_linear(model, 10,
                        &(struct cw_model_linear){(uint32_t[]){2, 5, 8}, 3, weights, 1, 2});
    result = compiled(model, &no_budget, arena);
    assert_true(assert_exact(model, &result, arena) > 0);
}

/* Values that no rule tells apart are not enumerated: 200 values, two branches. */
static void test_merged_values(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_model *model = cw_model_new(arena);
    uint32_t pair[2] = {cw_model_add_var(model, 200), cw_model_add_var(model, 3)};
    uint64_t sets[5] = {0xff, 0, 1, 0, 4};
    cw_model_add_clause(model, 0, pair, 2, sets);
    struct cw_compile_result result = compiled(model, &no_budget, arena);
    assert_int_equal(assert_exact(model, &result, arena), 9 * 3 + 191);
    assert_int_equal(result.branch_count, 3);
}

/* Tables of many rows, sparse and dense, over one scope and overlapping ones. */
static void add_large_table(struct cw_model *model, struct cw_random *random, uint32_t first,
                            uint32_t one_in) {
    uint32_t scope[4] = {first, first + 1, first + 2, first + 3}, values[4] = {0}, rows = 0;
    uint64_t *lines = cw_arena_array(model->arena, (size_t)4 * 4096, sizeof *lines);
    for (uint32_t code = 0; code < 4096; code++) {
        uint32_t rest = code;
        bool inside = cw_random_below(random, one_in) == 0;
        for (uint32_t i = 0; i < 4; i++, rest /= 8) {
            values[i] = rest % 8;
            inside &= values[i] < model->value_counts[scope[i]];
        }
        for (uint32_t i = 0; i < 4 && inside; i++)
            lines[4 * rows + i] = UINT64_C(1) << values[i];
        rows += inside;
    }
    cw_model_add_table(model, first, &(struct cw_model_table){scope, 4, lines, rows, true});
}

static void test_large_tables(void **state) {
    (void)state;
    unsigned possible = 0;
    for (uint64_t seed = 0; seed < 60; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_random random = {seed};
        struct cw_model *model = cw_model_new(arena);
        for (uint32_t i = 0; i < 5; i++)
            cw_model_add_var(model, 4 + cw_random_below(&random, 5));
        add_large_table(model, &random, 0, 2 + cw_random_below(&random, 40));
        add_large_table(model, &random, 1, 2 + cw_random_below(&random, 4));
        struct cw_compile_result result = compiled(model, &no_budget, arena);
        possible += assert_exact(model, &result, arena) > 0;
    }
    assert_true(possible > 50);
}

/* Rows of sets that are too many tuples to be spread, overlapping as they like. */
static void test_set_rows(void **state) {
    (void)state;
    unsigned possible = 0;
    for (uint64_t seed = 0; seed < 120; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_random random = {seed};
        struct cw_model *model = cw_model_new(arena);
        uint32_t scope[4], pair[2] = {0, 3};
        for (uint32_t i = 0; i < 3; i++)
            scope[i] = cw_model_add_var(model, 12 + cw_random_below(&random, 3));
        scope[3] = cw_model_add_var(model, 2);
        for (uint32_t k = 0; k < 2; k++) {
            uint32_t rows = 12 + cw_random_below(&random, 12), arity = 3 + k;
            uint64_t lines[24 * 4];
            for (uint32_t i = 0; i < rows * arity; i++)
                lines[i] = (uint64_t)cw_random_below(&random, 1 << 14) |
                           (uint64_t)cw_random_below(&random, 1 << 14);
            cw_model_add_table(model, k, &(struct cw_model_table){scope, arity, lines, rows, true});
        }
        cw_model_add_clause(model, 2, pair, 2, (uint64_t[]){0x5a5, 1});
        struct cw_compile_result result = compiled(model, &no_budget, arena);
        possible += assert_exact(model, &result, arena) > 0;
    }
    assert_true(possible > 100);
}

/* Sums far beyond 64 bits, in bounds and out of them. */
static void test_extreme_weights(void **state) {
    (void)state;
    static const int64_t extremes[] = {INT64_MIN, INT64_MIN + 1, -1,           0, 1, INT64_MAX - 1,
                                       INT64_MAX, INT64_MIN / 2, INT64_MAX / 2};
    unsigned possible = 0, kept = 0;
    for (uint64_t seed = 0; seed < 300; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_random random = {seed};
        struct cw_model *model = cw_model_new(arena);
        uint32_t scope[5];
        for (uint32_t i = 0; i < 5; i++)
            scope[i] = cw_model_add_var(model, 2 + cw_random_below(&random, 2));
        for (uint32_t k = 0; k < 2; k++) {
            int64_t weights[15], ends[2];
            for (uint32_t i = 0; i < 15; i++)
                weights[i] = extremes[cw_random_below(&random, 9)];
            for (uint32_t i = 0; i < 2; i++)
                ends[i] = extremes[cw_random_below(&random, 9)];
            struct cw_model_linear linear = {scope, 5, weights, ends[0], ends[1]};
            if (k == 0 && ends[0] > ends[1]) {
                linear.min = ends[1];
                linear.max = ends[0];
            }
            cw_model_add_linear(model, k, &linear);
        }
        struct cw_compile_result result = compiled(model, &no_budget, arena);
        uint64_t count = assert_exact(model, &result, arena);
        possible += count > 0;
        kept += count > 0 && result.node_count > 3;
    }
    assert_true(possible > 60 && kept > 20);
}

/* ---- budgets --------------------------------------------------------------------------------- */

/* Random 3-clauses over flags, far too entangled to compile within any budget here. */
static struct cw_model *hard_model(struct cw_arena *arena) {
    struct cw_model *model = cw_model_new(arena);
    struct cw_random random = {1};
    for (uint32_t i = 0; i < 200; i++)
        cw_model_add_var(model, 2);
    for (uint32_t i = 0; i < 500; i++) {
        uint32_t scope[3];
        uint64_t sets[3];
        for (uint32_t k = 0; k < 3; k++) {
            scope[k] = cw_random_below(&random, 200);
            sets[k] = 1 + cw_random_below(&random, 2);
        }
        cw_model_add_clause(model, i, scope, 3, sets);
    }
    return model;
}

static void assert_gives_up(const struct cw_compile_budget *budget,
                            enum cw_compile_outcome outcome) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_compile_result result = compiled(hard_model(arena), budget, arena);
    assert_int_equal(result.outcome, outcome);
    assert_null(result.artefact.data);
    assert_true(result.orders_tried >= 1);
    /* What is entangled is named. */
    assert_true(result.entangled_count > 20 && result.log2_width > 20);
    for (uint32_t i = 0; i < result.entangled_count; i++)
        assert_true(result.entangled[i] < 200);
}

static void test_budgets(void **state) {
    (void)state;
    assert_gives_up(&(struct cw_compile_budget){.wall_ms = 30}, CW_COMPILE_OUT_OF_TIME);
    assert_gives_up(&(struct cw_compile_budget){.branches = 2000}, CW_COMPILE_OUT_OF_BRANCHES);
    assert_gives_up(&(struct cw_compile_budget){.bytes = 100000}, CW_COMPILE_OUT_OF_BYTES);
    assert_gives_up(&(struct cw_compile_budget){.memory_bytes = 2000000}, CW_COMPILE_OUT_OF_MEMORY);
}

/* Neighbours of eight values differ: enough to have a size, whatever the order. */
static struct cw_model *chain(struct cw_arena *arena, uint32_t length) {
    struct cw_model *model = cw_model_new(arena);
    for (uint32_t i = 0; i < length; i++) {
        uint32_t var = cw_model_add_var(model, 8);
        for (uint32_t x = 0; x < 8 && i > 0; x++)
            cw_model_add_clause(model, i, (uint32_t[]){var - 1, var}, 2,
                                (uint64_t[]){0xff ^ 1u << x, 0xff ^ 1u << (x + i) % 8});
    }
    return model;
}

/* The diagram that is found fits a budget of exactly its size, and not one less. */
static void test_budget_edges(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_model *model = chain(arena, 5);
    struct cw_compile_result free_ = compiled(model, &no_budget, arena);
    assert_true(assert_exact(model, &free_, arena) > 0);
    struct cw_compile_budget budget = {.branches = free_.branch_count};
    struct cw_compile_result result = compiled(model, &budget, arena);
    assert_int_equal(result.outcome, CW_COMPILED);
    budget.branches = 3;
    result = compiled(model, &budget, arena);
    assert_int_equal(result.outcome, CW_COMPILE_OUT_OF_BRANCHES);
    budget = (struct cw_compile_budget){.bytes = free_.artefact.length};
    result = compiled(model, &budget, arena);
    assert_int_equal(result.outcome, CW_COMPILED);
    budget.bytes = free_.artefact.length - 1;
    result = compiled(model, &budget, arena);
    assert_int_equal(result.outcome, CW_COMPILE_OUT_OF_BYTES);
}

/* Search as deep as there are variables needs no stack. */
static void test_long_chain(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_model *model = cw_model_new(arena);
    for (uint32_t i = 0; i < 2000; i++) {
        uint32_t var = cw_model_add_var(model, 2);
        if (i > 0)
            cw_model_add_clause(model, i, (uint32_t[]){var - 1, var}, 2, (uint64_t[]){1, 1});
    }
    struct cw_compile_result result = compiled(model, &no_budget, arena);
    assert_int_equal(result.outcome, CW_COMPILED);
    assert_int_equal(result.entangled_count, 2);
    struct cw_diagram *diagram = NULL;
    struct cw_error err = {0};
    assert_int_equal(cw_diagram_open(result.artefact.data, result.artefact.length, &diagram, &err),
                     CW_OK);
    cw_diagram_free(diagram);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_models),   cmocka_unit_test(test_deterministic),
        cmocka_unit_test(test_nothing_and_one), cmocka_unit_test(test_void),
        cmocka_unit_test(test_equal_flags),     cmocka_unit_test(test_merged_values),
        cmocka_unit_test(test_large_tables),    cmocka_unit_test(test_set_rows),
        cmocka_unit_test(test_extreme_weights), cmocka_unit_test(test_budgets),
        cmocka_unit_test(test_budget_edges),    cmocka_unit_test(test_long_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
