/* Each kind of rule and dependency: what it leaves and what it takes, and its size and speed
 * limits. */
#include "configure/configure.h"
#include "configure/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cordwain/limits.h"

/* Two choice options a and b of three choices with attribute w = 1, 2, 3. */
#define LETTER(n)                                                                                  \
    {                                                                                              \
        .id = #n, .colour = CW_NONE, .material = CW_NONE, .font = CW_NONE, .pattern = CW_NONE,     \
        .attribute_count = 1, .attributes = &(const struct cw_attribute) {                         \
            "w", n                                                                                 \
        }                                                                                          \
    }
static const struct cw_choice letters[] = {LETTER(1), LETTER(2), LETTER(3)};
static const struct cw_option two[] = {
    {.id = "a", .kind = CW_OPTION_CHOICE, .choices = letters, .choice_count = 3},
    {.id = "b", .kind = CW_OPTION_CHOICE, .choices = letters, .choice_count = 3},
};

#define IN(o, m)                                                                                   \
    {                                                                                              \
        .kind = CW_COND_IN, .option = (o), .mask = { {(m)} }                                       \
    }
static const struct cw_cond a1_b1[] = {IN(0, 1), IN(1, 1)};
static const struct cw_cond a1_b1_b2[] = {IN(0, 1), IN(1, 1), IN(1, 2)};
static const uint32_t both[] = {0, 1};
static const struct cw_choice_mask row1[] = {{{1}}, {{3}}}; /* 1 with 1 or 2 */
static const struct cw_choice_mask row2[] = {
    {{6}}, {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}}}; /* 2 or 3 with anything */
static const struct cw_row rows[] = {{row1}, {row2}};
static const struct cw_cond formula = {.kind = CW_COND_ANY, .count = 2, .items = a1_b1};

struct kind_case {
    const char *name;
    struct cw_rule rule;
    uint64_t left[3]; /* bits of b that remain with a = 1, 2, 3 */
};

static const struct kind_case cases[] = {
    {"requires", {.kind = CW_RULE_REQUIRES, .conds = a1_b1, .cond_count = 2}, {1, 7, 7}},
    {"excludes", {.kind = CW_RULE_EXCLUDES, .conds = a1_b1, .cond_count = 2}, {6, 7, 7}},
    {"iff", {.kind = CW_RULE_IFF, .conds = a1_b1, .cond_count = 2}, {1, 6, 6}},
    {"atMostOne", {.kind = CW_RULE_AT_MOST_ONE, .conds = a1_b1_b2, .cond_count = 3}, {4, 7, 7}},
    {"cardinality",
     {.kind = CW_RULE_CARDINALITY, .conds = a1_b1_b2, .cond_count = 3, .min = 1, .max = 1},
     {4, 3, 3}},
    {"allowedCombinations",
     {.kind = CW_RULE_ALLOWED, .options = both, .option_count = 2, .rows = rows, .row_count = 2},
     {3, 7, 7}},
    {"forbiddenCombinations",
     {.kind = CW_RULE_FORBIDDEN, .options = both, .option_count = 2, .rows = rows, .row_count = 1},
     {4, 7, 7}},
    {"compare",
     {.kind = CW_RULE_COMPARE,
      .left = {.option = 0, .attribute = "w"},
      .right = {.option = 1, .attribute = "w"},
      .op = CW_OP_LT},
     {6, 4, 0}},
    {"sum",
     {.kind = CW_RULE_SUM,
      .options = both,
      .option_count = 2,
      .attribute = "w",
      .op = CW_OP_LE,
      .value = 4},
     {7, 3, 1}},
    {"formula", {.kind = CW_RULE_FORMULA, .conds = &formula, .cond_count = 1}, {7, 1, 1}},
};

static uint64_t left_of(const struct cw_engine *engine, uint32_t a) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_pick pick = {.option = 0, .value = {.choice = a}};
    struct cw_selection selection = {.count = 1, .picks = &pick};
    struct cw_answer answer;
    uint64_t left = 0;
    assert_int_equal(
        cw_configure(engine, &selection, &(struct cw_configure_context){0}, arena, &answer, NULL),
        CW_OK);
    for (uint32_t c = 0; c < 3; c++)
        left |= (uint64_t)(answer.options[1].choices[c].state <= CW_CHOICE_POSSIBLE) << c;
    assert_int_equal(answer.consistent, left != 0);
    return left;
}

static void each_rule_leaves_what_it_should(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cw_product product = {.id = "two",
                                     .version = "1",
                                     .option_count = 2,
                                     .options = two,
                                     .rule_count = 1,
                                     .rules = &cases[i].rule};
        struct cw_engine *engine;
        assert_int_equal(cw_engine_new(&product, &engine, NULL), CW_OK);
        for (uint32_t a = 0; a < 3; a++)
            if (left_of(engine, a) != cases[i].left[a])
                fail_msg("%s: a = %u leaves the wrong choices of b", cases[i].name, a + 1);
        cw_engine_free(engine);
    }
}

static void size_is_limited(void **state) {
    (void)state;
    struct cw_option *many = calloc(CW_MAX_OPTIONS + 1, sizeof *many);
    struct cw_error err = {0};
    struct cw_engine *engine = NULL;
    for (size_t o = 0; o <= CW_MAX_OPTIONS; o++)
        many[o] = two[0];
    struct cw_product product = {.option_count = CW_MAX_OPTIONS, .options = many};
    assert_int_equal(cw_engine_new(&product, &engine, &err), CW_OK);
    cw_engine_free(engine);
    product.option_count++;
    assert_int_equal(cw_engine_new(&product, &engine, &err), CW_E_LIMIT);
    assert_string_equal(err.code, "configure.too_large");
    cw_engine_free(NULL);
    free(many);
}

/* ---- a big shoe: a material and eight colours of 48 limited by it, and more ------------------ */

#define COLOURS 48
#define PARTS   8
#define BIG     (2 + 2 * PARTS + 8)

static struct cw_cond by_material[COLOURS];
static struct cw_choice palette[COLOURS];
static struct cw_option big[BIG];

static void make_big(struct cw_product *product) {
    for (uint32_t c = 0; c < COLOURS; c++) {
        by_material[c] = (struct cw_cond){
            .kind = CW_COND_IN, .option = 0, .mask = {{c < 8 ? 7U : 1U << (c % 3)}}};
        palette[c] = letters[c % 3];
        palette[c].only_if = &by_material[c];
        palette[c].price_minor = c % 5;
    }
    for (uint32_t o = 0; o < BIG; o++) {
        big[o] = two[0];
        if (o > 0 && o <= PARTS) {
            big[o].choices = palette;
            big[o].choice_count = COLOURS;
        }
    }
    *product = (struct cw_product){.id = "big", .option_count = BIG, .options = big};
}

/* Steps, not milliseconds, so that a slow machine cannot fail it. */
static void a_big_shoe_stays_within_few_steps(void **state) {
    (void)state;
    struct cw_product product;
    struct cw_engine *engine;
    make_big(&product);
    assert_int_equal(cw_engine_new(&product, &engine, NULL), CW_OK);
    for (uint32_t picked = 0; picked <= BIG; picked += 4) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_pick picks[BIG];
        struct cw_answer answer;
        struct cw_selection selection = {.picks = picks};
        for (uint32_t o = BIG - picked < BIG ? BIG - picked : BIG; o < BIG; o++)
            picks[selection.count++] = (struct cw_pick){.option = o, .value = {.choice = 1}};
        struct cw_configure_context context = {.step_budget = 20000};
        assert_int_equal(cw_configure(engine, &selection, &context, arena, &answer, NULL), CW_OK);
        assert_true(answer.exact && answer.consistent);
    }
    cw_engine_free(engine);
}

static void running_out_of_steps_is_told(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_product product;
    struct cw_engine *engine;
    struct cw_answer answer;
    make_big(&product);
    /* no artefact: the rules did not compile, and no solver was asked */
    assert_int_equal(cw_engine_open(&product, (struct cw_bytes){0}, &engine, NULL), CW_OK);
    struct cw_configure_context context = {.step_budget = 1};
    assert_int_equal(
        cw_configure(engine, &(struct cw_selection){0}, &context, arena, &answer, NULL), CW_OK);
    assert_false(answer.exact || answer.complete);
    assert_true(answer.consistent);
    cw_engine_free(engine);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_leaves_what_it_should),
        cmocka_unit_test(size_is_limited),
        cmocka_unit_test(a_big_shoe_stays_within_few_steps),
        cmocka_unit_test(running_out_of_steps_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
