/*
 * Diagram files: what the writer stores is what is read, in a form every equal diagram shares, and
 * a damaged file is refused.
 */
#include "configure/rules/diagram_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/diagram_invariants.h"
#include "../../support/diagram_maker.h"
#include "../../support/random_model.h"
#include "base/digest.h"
#include "cordwain/limits.h"

static const char *const FILE_CODES[] = {"rules.artefact_damaged", "rules.artefact_version"};

/* Opens an exact-size copy, so that a sanitizer sees a read past the end. */
static bool opens(const void *data, size_t length, const char *code) {
    struct cw_diagram *diagram = NULL;
    struct cw_error err = {0};
    void *copy = malloc(length > 0 ? length : 1);
    memcpy(copy, data, length);
    enum cw_status status = cw_diagram_open(copy, length, &diagram, &err);
    if (status == CW_OK) {
        assert_non_null(diagram);
        cw_diagram_check_invariants(diagram, length);
        cw_diagram_free(diagram);
    } else {
        assert_int_equal(status, CW_E_INPUT);
        assert_null(diagram);
        assert_true(strcmp(err.code, FILE_CODES[0]) == 0 || strcmp(err.code, FILE_CODES[1]) == 0);
        if (code)
            assert_string_equal(err.code, code);
    }
    free(copy);
    return status == CW_OK;
}

static void test_listed_is_what_was_listed(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 400; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        CW_AUTO_BUF struct cw_buf buf = {0};
        const struct cw_model *model = cw_random_model(arena, seed);
        uint32_t *lines =
            cw_arena_array(arena, (size_t)CW_RANDOM_COMBINATIONS * model->var_count, sizeof *lines);
        uint32_t *values = cw_arena_array(arena, model->var_count, sizeof *values);
        size_t count = 0;
        do
            if (cw_assignment_holds(model, NULL, values))
                memcpy(lines + count++ * model->var_count, values,
                       model->var_count * sizeof *values);
        while (cw_next_assignment(model, values));
        cw_make_listed_diagram(model, lines, count, &buf);
        assert_true(opens(buf.data, buf.length, NULL));
        memset(values, 0, model->var_count * sizeof *values);
        do
            assert_int_equal(cw_diagram_accepts(buf.data, values),
                             cw_assignment_holds(model, NULL, values));
        while (cw_next_assignment(model, values));
    }
}

static void test_head(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_random random = {7};
    for (int i = 0; i < 300; i++) {
        CW_AUTO_BUF struct cw_buf buf = {0};
        struct cw_model *model = cw_random_variables(arena, &random, 4000);
        cw_make_random_diagram(model, &random, &buf);
        struct cw_diagram *diagram = NULL;
        assert_int_equal(cw_diagram_open(buf.data, buf.length, &diagram, NULL), CW_OK);
        uint8_t digest[32];
        cw_model_digest(model, digest);
        assert_memory_equal(cw_diagram_head(diagram)->model, digest, 32);
        assert_int_equal(cw_diagram_head(diagram)->length, buf.length);
        assert_int_equal(cw_diagram_var_count(diagram), model->var_count);
        assert_int_equal(cw_diagram_word_count(diagram), model->word_count);
        assert_int_equal(cw_diagram_value_count(diagram), model->value_count);
        cw_diagram_free(diagram);
    }
}

/* Equal parts in another order, split into single values, said twice: one node, one file. */
static void test_equal_nodes_are_one(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_model *model = cw_model_new(arena);
    cw_model_add_var(model, 4);
    cw_model_add_var(model, 3);
    cw_model_add_var(model, 2);
    struct cw_diagram_writer *writer = cw_diagram_writer_new(model);
    uint64_t zero = 1, one = 2, rest = 12, low = 3, all = 15, both = 3, three = 7;
    struct cw_diagram_leaf leaf = {1, cw_diagram_writer_set(writer, 1, &three)};
    assert_int_equal(leaf.set, cw_diagram_writer_set(writer, 1, &three));
    const struct cw_diagram_part single[] = {
        {&rest, &leaf, 1, NULL, 0}, {&one, &leaf, 1, NULL, 0}, {&zero, &leaf, 1, NULL, 0}};
    const struct cw_diagram_part joined[] = {{&low, &leaf, 1, NULL, 0}, {&rest, &leaf, 1, NULL, 0}};
    const struct cw_diagram_part whole[] = {{&all, &leaf, 1, NULL, 0}};
    uint32_t node = cw_diagram_writer_node(writer, 0, single, 3);
    uint64_t bytes = cw_diagram_writer_bytes(writer);
    assert_int_equal(cw_diagram_writer_node(writer, 0, joined, 2), node);
    assert_int_equal(cw_diagram_writer_node(writer, 0, whole, 1), node);
    assert_int_equal(cw_diagram_writer_bytes(writer), bytes);
    assert_int_equal(cw_diagram_writer_nodes(writer), 1);
    assert_int_equal(cw_diagram_writer_branches(writer), 1);
    const struct cw_diagram_part other = {.set = &both};
    uint32_t two[] = {cw_diagram_writer_node(writer, 2, &other, 1), node};
    (void)cw_diagram_writer_node(writer, 0, &single[1], 1); /* the root does not reach it */
    const struct cw_diagram_part root = {.children = two, .child_count = 2};
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_diagram_writer_finish(writer, &root, &buf);
    cw_diagram_writer_free(writer);
    assert_true(opens(buf.data, buf.length, NULL));
    const struct cw_diagram_header *head = (const void *)buf.data;
    assert_int_equal(head->nodes.count, 3);
    assert_int_equal(head->branches.count, 3);
    assert_int_equal(head->leaves.count, 1);
    assert_int_equal(head->children.count, 2);
    assert_int_equal(head->weights.count, 0);
}

static void make_damage_target(uint64_t seed, struct cw_buf *buf) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_random random = {seed};
    struct cw_model *model = NULL;
    do
        model = cw_random_variables(arena, &random, 300);
    while (model->var_count < 3);
    cw_make_random_diagram(model, &random, buf);
}

static void test_every_byte_matters(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 6; seed++) {
        CW_AUTO_BUF struct cw_buf buf = {0};
        make_damage_target(seed, &buf);
        for (size_t i = 0; i < buf.length; i++) {
            buf.data[i] = (char)(buf.data[i] ^ 1 << i % 8);
            assert_false(opens(buf.data, buf.length, NULL));
            buf.data[i] = (char)(buf.data[i] ^ 1 << i % 8);
        }
        for (size_t length = 0; length < buf.length; length++)
            assert_false(opens(buf.data, length, FILE_CODES[0]));
        cw_buf_add(&buf, "\0\0\0\0\0\0\0\0", 8);
        assert_false(opens(buf.data, buf.length, FILE_CODES[0]));
    }
}

/* Behind a right digest damage is refused, or it made another diagram whose answers agree. */
static void test_damage_behind_the_digest(void **state) {
    (void)state;
    unsigned opened = 0, refused = 0;
    for (uint64_t seed = 20; seed < 26; seed++) {
        CW_AUTO_BUF struct cw_buf buf = {0};
        make_damage_target(seed, &buf);
        for (size_t i = sizeof(struct cw_diagram_header); i < buf.length; i++)
            for (int bit = 0; bit < 8; bit++) {
                buf.data[i] = (char)(buf.data[i] ^ 1 << bit);
                cw_diagram_seal(buf.data, buf.length);
                bool good = opens(buf.data, buf.length, FILE_CODES[0]);
                opened += good;
                refused += !good;
                buf.data[i] = (char)(buf.data[i] ^ 1 << bit);
            }
    }
    assert_true(opened > 100 && refused > 1000);
}

/* The digest is right and the header says another version, or another machine's byte order. */
static void test_foreign_files(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf buf = {0};
    make_damage_target(1, &buf);
    struct cw_diagram_header *head = (void *)buf.data;
    head->version++;
    cw_diagram_seal(buf.data, buf.length);
    assert_false(opens(buf.data, buf.length, FILE_CODES[1]));
    head->version--;
    head->byte_order = __builtin_bswap32(head->byte_order);
    cw_diagram_seal(buf.data, buf.length);
    assert_false(opens(buf.data, buf.length, FILE_CODES[0]));
    head->byte_order = CW_DIAGRAM_BYTE_ORDER;
    cw_diagram_seal(buf.data, buf.length);
    assert_true(opens(buf.data, buf.length, NULL));
}

/* ---- structure, behind a right digest ---------------------------------------------------------
 * Three variables of 3, 2 and 2 values. Node 0 decides variable 0 with leaf slices over variable 1;
 * node 1 decides variable 2; the root has both.
 */
struct small {
    struct cw_buf buf;
    struct cw_diagram_header *head;
    uint32_t *vars, *children;
    uint64_t *weights;
    struct cw_diagram_node *nodes;
    struct cw_diagram_branch *branches;
    struct cw_diagram_leaf *leaves;
    uint64_t *sets;
};

static void small_init(struct small *small) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_model *model = cw_model_new(arena);
    cw_model_add_var(model, 3);
    cw_model_add_var(model, 2);
    cw_model_add_var(model, 2);
    cw_model_set_multiplicity(model, 2, 1, 5);
    struct cw_diagram_writer *writer = cw_diagram_writer_new(model);
    uint64_t one = 1, two = 2, both = 3;
    struct cw_diagram_leaf leaves[] = {{1, cw_diagram_writer_set(writer, 1, &one)},
                                       {1, cw_diagram_writer_set(writer, 1, &both)}};
    const struct cw_diagram_part parts[] = {{&one, &leaves[0], 1, NULL, 0},
                                            {&two, &leaves[1], 1, NULL, 0}};
    const struct cw_diagram_part last = {.set = &both};
    uint32_t children[] = {cw_diagram_writer_node(writer, 0, parts, 2),
                           cw_diagram_writer_node(writer, 2, &last, 1)};
    const struct cw_diagram_part root = {.children = children, .child_count = 2};
    memset(small, 0, sizeof *small);
    cw_diagram_writer_finish(writer, &root, &small->buf);
    cw_diagram_writer_free(writer);
    char *data = small->buf.data;
    small->head = (void *)data;
    small->vars = (void *)(data + small->head->vars.offset);
    small->weights = (void *)(data + small->head->weights.offset);
    small->nodes = (void *)(data + small->head->nodes.offset);
    small->branches = (void *)(data + small->head->branches.offset);
    small->leaves = (void *)(data + small->head->leaves.offset);
    small->children = (void *)(data + small->head->children.offset);
    small->sets = (void *)(data + small->head->sets.offset);
}

/* With *place set to the value the sealed file is refused; with its old value it opens. */
static void refused(const struct small *small, void *place, size_t size, uint64_t value) {
    uint64_t old = 0;
    memcpy(&old, place, size);
    assert_true(old != value);
    memcpy(place, &value, size);
    cw_diagram_seal(small->buf.data, small->buf.length);
    assert_false(opens(small->buf.data, small->buf.length, FILE_CODES[0]));
    memcpy(place, &old, size);
    cw_diagram_seal(small->buf.data, small->buf.length);
    assert_true(opens(small->buf.data, small->buf.length, NULL));
}
#define REFUSED(small, place, value) refused((small), &(place), sizeof(place), (value))

static void test_sections_and_variables(void **state) {
    (void)state;
    struct small small;
    small_init(&small);
    struct cw_diagram_section *sections[] = {
        &small.head->vars,   &small.head->weights,  &small.head->nodes, &small.head->branches,
        &small.head->leaves, &small.head->children, &small.head->sets};
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        REFUSED(&small, sections[i]->offset, sections[i]->offset + 8);
        REFUSED(&small, sections[i]->offset, UINT64_MAX - 7);
        REFUSED(&small, sections[i]->count, UINT64_MAX);
        REFUSED(&small, sections[i]->count, UINT32_MAX);
        REFUSED(&small, sections[i]->count, UINT64_C(1) << 61);
        REFUSED(&small, sections[i]->count, 0);
    }
    REFUSED(&small, small.vars[0], 0);
    REFUSED(&small, small.vars[0], 2); /* weights are one too many, and a set is beyond */
    REFUSED(&small, small.vars[0], CW_MODEL_VALUES + 1);
    REFUSED(&small, small.weights[0], 0);
    REFUSED(&small, small.weights[0], UINT64_MAX); /* the variable's sum does not fit */
    cw_buf_deinit(&small.buf);
}

static void test_nodes_and_slices(void **state) {
    (void)state;
    struct small small;
    small_init(&small);
    REFUSED(&small, small.nodes[0].var, 3);
    REFUSED(&small, small.nodes[0].var, CW_DIAGRAM_NO_VAR);
    REFUSED(&small, small.nodes[2].var, 0); /* the root decides nothing */
    REFUSED(&small, small.nodes[0].first_branch, 1);
    REFUSED(&small, small.nodes[0].branch_count, 0);
    REFUSED(&small, small.nodes[2].branch_count, 2);
    REFUSED(&small, small.nodes[1].branch_count, UINT32_MAX);
    REFUSED(&small, small.branches[0].first_leaf, 2);
    REFUSED(&small, small.branches[0].leaf_count, 3);
    REFUSED(&small, small.branches[0].leaf_count, UINT32_MAX);
    REFUSED(&small, small.branches[0].leaf_count, 2); /* overlaps the next slice */
    REFUSED(&small, small.branches[2].first_leaf, 1); /* an empty slice stands at 0 */
    REFUSED(&small, small.branches[3].first_child, 1);
    REFUSED(&small, small.branches[3].child_count, UINT32_MAX);
    REFUSED(&small, small.children[0], 1); /* twice the same */
    REFUSED(&small, small.children[1], 2); /* the root below itself */
    REFUSED(&small, small.children[1], UINT32_MAX);
    cw_buf_deinit(&small.buf);
}

static void test_sets_and_scopes(void **state) {
    (void)state;
    struct small small;
    small_init(&small);
    REFUSED(&small, small.leaves[0].var, 3);
    REFUSED(&small, small.leaves[0].var, 0); /* the node's own: twice */
    REFUSED(&small, small.leaves[0].var, 2); /* branches of different variables */
    REFUSED(&small, small.leaves[0].set, small.head->sets.count);
    REFUSED(&small, small.leaves[0].set, UINT32_MAX);
    REFUSED(&small, small.branches[0].set, small.head->sets.count);
    REFUSED(&small, small.branches[0].set, small.branches[1].set); /* overlap */
    REFUSED(&small, small.sets[small.leaves[0].set], 0);
    REFUSED(&small, small.sets[small.leaves[0].set], 4); /* a value variable 1 does not have */
    REFUSED(&small, small.sets[small.leaves[0].set], UINT64_C(1) << 63);
    REFUSED(&small, small.branches[0].leaf_count, 0);  /* variable 1 is missing */
    REFUSED(&small, small.branches[3].child_count, 1); /* the root lacks variable 2 */
    REFUSED(&small, small.nodes[1].var, 1);            /* variable 1 twice below the root */
    cw_buf_deinit(&small.buf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listed_is_what_was_listed), cmocka_unit_test(test_head),
        cmocka_unit_test(test_equal_nodes_are_one),       cmocka_unit_test(test_every_byte_matters),
        cmocka_unit_test(test_damage_behind_the_digest),  cmocka_unit_test(test_foreign_files),
        cmocka_unit_test(test_sections_and_variables),    cmocka_unit_test(test_nodes_and_slices),
        cmocka_unit_test(test_sets_and_scopes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
