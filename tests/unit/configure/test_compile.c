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

/* ---- the file, read here once more and by itself ----------------------------------------------
 */

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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
