/*
 * Constraint models: what the builder stores, what the judge says, and that bytes from another
 * process are read exactly or refused.
 */
#include "configure/rules/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/random_model.h"
#include "base/wire.h"
#include "cordwain/limits.h"

static struct cw_model *decoded(const void *data, size_t length, struct cw_arena *arena) {
    struct cw_model *model = NULL;
    struct cw_error err = {0};
    /* A copy of exactly this size: the sanitizer sees a read past its end. */
    void *copy = malloc(length ? length : 1);
    memcpy(copy, data, length);
    enum cw_status status = cw_model_decode(copy, length, arena, &model, &err);
    free(copy);
    if (status == CW_OK)
        return model;
    assert_int_equal(status, CW_E_INPUT);
    assert_string_equal(err.code, "rules.model_damaged");
    assert_null(model);
    return NULL;
}

static void assert_same_bytes(const struct cw_model *model, const char *data, size_t length) {
    CW_AUTO_BUF struct cw_buf again = {0};
    cw_model_encode(model, &again);
    assert_int_equal(again.length, length);
    assert_memory_equal(again.data, data, length);
}

static void test_round_trip(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 500; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_model *model = cw_random_model(arena, seed);
        CW_AUTO_BUF struct cw_buf buf = {0};
        cw_model_encode(model, &buf);
        struct cw_model *again = decoded(buf.data, buf.length, arena);
        assert_non_null(again);
        assert_same_bytes(again, buf.data, buf.length);
        assert_int_equal(again->origin_count, model->origin_count);
        assert_int_equal(again->word_count, model->word_count);
        uint8_t first[32], second[32];
        cw_model_digest(model, first);
        cw_model_digest(again, second);
        assert_memory_equal(first, second, 32);
        uint32_t *values = cw_arena_array(arena, model->var_count, sizeof *values);
        do {
            assert_int_equal(cw_assignment_holds(model, NULL, values),
                             cw_assignment_holds(again, NULL, values));
        } while (cw_next_assignment(model, values));
    }
}

/* Cut anywhere: refused. Any byte changed: refused, or a model that writes exactly these bytes. */
static void test_damaged(void **state) {
    (void)state;
    size_t refused = 0, other = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        CW_AUTO_BUF struct cw_buf buf = {0};
        cw_model_encode(cw_random_model(arena, seed), &buf);
        for (size_t cut = 0; cut < buf.length; cut++)
            assert_null(decoded(buf.data, cut, arena));
        struct cw_random random = {seed};
        for (size_t at = 0; at < buf.length; at++) {
            CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
            char was = buf.data[at];
            buf.data[at] = (char)(was ^ (char)(1 + cw_random_below(&random, 255)));
            struct cw_model *model = decoded(buf.data, buf.length, scratch);
            if (model)
                assert_same_bytes(model, buf.data, buf.length);
            refused += model == NULL;
            other += model != NULL;
            buf.data[at] = was;
        }
        cw_buf_putc(&buf, 0);
        assert_null(decoded(buf.data, buf.length, arena));
    }
    assert_true(refused > 1000 && other > 1000);
}

/* ---- one number out of range at a time ------------------------------------------------------- */

/* Two variables of 3 and 70 values, a multiplicity, and one constraint of each kind. */
static struct cw_model *small_model(struct cw_arena *arena) {
    struct cw_model *model = cw_model_new(arena);
    cw_model_add_var(model, 3);
    cw_model_add_var(model, 70);
    cw_model_set_multiplicity(model, 1, 69, 5);
    uint32_t scope[2] = {1, 0};
    uint64_t line[3] = {1, 2, 4}; /* in the order of the scope */
    cw_model_add_clause(model, 0, scope, 2, line);
    cw_model_add_table(model, 1, &(struct cw_model_table){scope, 2, line, 1, true});
    int64_t weights[73] = {[0] = 1, [72] = -1};
    cw_model_add_linear(model, 2, &(struct cw_model_linear){scope, 2, weights, -7, INT64_MAX});
    return model;
}

/* Offsets in its encoding. */
enum {
    AT_VERSION = 4,
    AT_VARS = 8,
    AT_COUNT_0 = 12,
    AT_HAS_WEIGHTS = 20,
    AT_WEIGHT_0 = 21,
    AT_CONSTRAINTS = 21 + 73 * 8,
    AT_CLAUSE = AT_CONSTRAINTS + 4,
    AT_TABLE = AT_CLAUSE + 9 + 8 + 3 * 8,
    AT_LINEAR = AT_TABLE + 9 + 8 + 5 + 3 * 8
};

struct damage {
    const char *what;
    size_t at, bytes;
    uint64_t value;
};

static const struct damage damages[] = {
    {"magic", 0, 4, 1},
    {"version", AT_VERSION, 4, 2},
    {"variables", AT_VARS, 4, UINT32_MAX},
    {"no value", AT_COUNT_0, 4, 0},
    {"too many values", AT_COUNT_0, 4, CW_MODEL_VALUES + 1},
    {"flag", AT_HAS_WEIGHTS, 1, 2},
    {"multiplicity 0", AT_WEIGHT_0, 8, 0},
    {"multiplicities beyond 64 bits", AT_WEIGHT_0 + 71 * 8, 8, UINT64_MAX - 72},
    {"multiplicities all 1", AT_WEIGHT_0 + 72 * 8, 8, 1},
    {"too many constraints", AT_CONSTRAINTS, 4, 4},
    {"too few constraints", AT_CONSTRAINTS, 4, 2},
    {"kind", AT_CLAUSE, 1, 3},
    {"origin", AT_CLAUSE + 1, 4, CW_MODEL_ORIGINS},
    {"scope count", AT_CLAUSE + 5, 4, 3},
    {"scope variable", AT_CLAUSE + 13, 4, 2},
    {"scope order", AT_CLAUSE + 9, 4, 1},
    {"clause set", AT_CLAUSE + 17, 8, 8},
    {"clause set's second word", AT_CLAUSE + 33, 8, 64},
    {"allowed", AT_TABLE + 17, 1, 2},
    {"rows", AT_TABLE + 18, 4, UINT32_MAX},
    {"row", AT_TABLE + 22, 8, 8},
    {"linear scope", AT_LINEAR + 5, 4, UINT32_MAX},
};

static void test_each_damage(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_model_encode(small_model(arena), &buf);
    assert_int_equal(buf.length, AT_LINEAR + 9 + 8 + 16 + 73 * 8);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        const struct damage *damage = &damages[i];
        char was[8];
        memcpy(was, buf.data + damage->at, 8);
        for (size_t b = 0; b < damage->bytes; b++)
            buf.data[damage->at + b] = (char)(damage->value >> (8 * b));
        if (decoded(buf.data, buf.length, arena))
            fail_msg("'%s' was read", damage->what);
        memcpy(buf.data + damage->at, was, 8);
    }
    assert_non_null(decoded(buf.data, buf.length, arena));
}

/* ---- limits ---------------------------------------------------------------------------------- */

/* A model without constraints that has `count` variables of `values` values. */
static bool reads_vars(uint32_t count, uint32_t values) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_model_encode(cw_model_new(arena), &buf);
    buf.length = AT_VARS;
    cw_wire_put_u32(&buf, count);
    for (uint32_t i = 0; i < count; i++)
        cw_wire_put_u32(&buf, values);
    cw_wire_put_u8(&buf, 0);
    cw_wire_put_u32(&buf, 0);
    struct cw_model *model = decoded(buf.data, buf.length, arena);
    if (model)
        assert_int_equal(model->value_count, count * values);
    return model != NULL;
}

static bool reads_table(uint32_t rows) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_model *model = cw_model_new(arena);
    uint32_t scope[1] = {cw_model_add_var(model, 1)};
    uint64_t *lines = cw_arena_array(arena, rows, sizeof *lines);
    cw_model_add_table(model, CW_MODEL_ORIGINS - 1,
                       &(struct cw_model_table){scope, 1, lines, rows, true});
    cw_model_encode(model, &buf);
    return decoded(buf.data, buf.length, arena) != NULL;
}

static void test_limits(void **state) {
    (void)state;
    assert_true(reads_vars(0, 1));
    assert_true(reads_vars(1, CW_MODEL_VALUES));
    assert_false(reads_vars(1, CW_MODEL_VALUES + 1));
    assert_true(reads_vars(CW_MODEL_VARS, 1));
    assert_false(reads_vars(CW_MODEL_VARS + 1, 1));
    assert_true(reads_vars(CW_MODEL_ALL_VALUES / CW_MODEL_VALUES, CW_MODEL_VALUES));
    assert_false(reads_vars(CW_MODEL_ALL_VALUES / CW_MODEL_VALUES + 1, CW_MODEL_VALUES));
    assert_true(reads_table(CW_RULES_TABLE_ROWS));
    assert_false(reads_table(CW_RULES_TABLE_ROWS + 1));
}

/* ---- meaning --------------------------------------------------------------------------------- */

static void test_builder_sorts(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_model *model = small_model(arena);
    const struct cw_model_constraint *clause = &model->constraints[0];
    assert_int_equal(clause->scope[0], 0);
    assert_int_equal(clause->scope[1], 1);
    assert_int_equal(clause->line_words, 3);
    assert_int_equal(clause->sets[0], 4);
    assert_int_equal(clause->sets[1], 1);
    assert_int_equal(clause->sets[2], 2);
    const struct cw_model_constraint *linear = &model->constraints[2];
    assert_int_equal(linear->weights[2], -1); /* was the last value of variable 0 */
    assert_int_equal(linear->weights[3], 1);
    uint64_t *mask = cw_model_full_mask(model, arena);
    assert_int_equal(mask[0], 7);
    assert_true(mask[1] == UINT64_MAX);
    assert_int_equal(mask[2], 63);
}

static void test_clause_joins_doubles(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_model *model = cw_model_new(arena);
    uint32_t var = cw_model_add_var(model, 4), scope[3] = {var, var, var};
    uint64_t sets[3] = {1, 4, ~UINT64_C(15)}; /* bits past the values are left out */
    assert_int_equal(cw_model_add_clause(model, 0, scope, 3, sets), 0);
    const struct cw_model_constraint *clause = &model->constraints[0];
    assert_int_equal(clause->scope_count, 1);
    assert_int_equal(clause->sets[0], 5);
}

static bool holds(const struct cw_model *model, uint32_t index, uint32_t first, uint32_t second) {
    uint32_t values[2] = {first, second};
    return cw_model_keeps(model, &model->constraints[index], values);
}

static void test_judge(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_model *model = small_model(arena);
    assert_true(holds(model, 0, 2, 5)); /* first in {2}, second in {0, 65} */
    assert_true(holds(model, 0, 0, 65));
    assert_false(holds(model, 0, 0, 5));
    assert_true(holds(model, 1, 2, 0));
    assert_false(holds(model, 1, 2, 1));
    uint32_t none[1] = {0};
    uint32_t empty = cw_model_add_clause(model, 3, none, 0, NULL);
    assert_false(holds(model, empty, 0, 0));
    uint32_t never = cw_model_add_table(model, 3, &(struct cw_model_table){.allowed = true});
    assert_false(holds(model, never, 0, 0));
    uint32_t always = cw_model_add_table(model, 3, &(struct cw_model_table){.allowed = false});
    assert_true(holds(model, always, 0, 0));
    /* A sum beyond 64 bits is a number like any other; an open end has no number. */
    uint32_t both[2] = {0, 1};
    int64_t weights[73];
    for (size_t i = 0; i < 73; i++)
        weights[i] = INT64_MAX;
    uint32_t large = cw_model_add_linear(
        model, 3, &(struct cw_model_linear){both, 2, weights, 0, INT64_MAX - 1});
    assert_false(holds(model, large, 0, 0));
    uint32_t open =
        cw_model_add_linear(model, 3, &(struct cw_model_linear){both, 2, weights, 0, INT64_MAX});
    assert_true(holds(model, open, 0, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_each_damage),   cmocka_unit_test(test_limits),
        cmocka_unit_test(test_builder_sorts), cmocka_unit_test(test_clause_joins_doubles),
        cmocka_unit_test(test_judge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
