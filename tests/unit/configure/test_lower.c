/*
 * Lowering against brute force: for every combination of values of small random products, the model
 * accepts it, in exactly one way, if and only if the raw rules do; prices, days and departures are
 * the sums the costs say. Also single rules in the awkward corners, and the limits.
 */
#include "configure/lower.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/brute_force.h"
#include "../../support/random_product.h"
#include "cordwain/limits.h"

#define PRODUCTS 1500

/* What was met: a test that never saw one would prove nothing about it. */
static size_t valid_met, invalid_met, helpers_met;

/* ---- the model, asked by trying ---------------------------------------------------------------
 */

struct asker {
    struct cw_arena *arena;
    const struct cw_lowered *lowered;
    const struct cw_configure_context *context;
    const uint64_t *available;
    uint32_t *values;
    uint32_t own_vars;                /* of options; the others follow from them */
    uint32_t *first_of, *constraints; /* constraints by the last variable of their scope */
    const struct cw_selection *none;
    unsigned seed;
    uint64_t *seen; /* per value: some valid configuration has it */
};

static uint32_t last_var(const struct cw_model_constraint *constraint) {
    return constraint->scope_count ? constraint->scope[constraint->scope_count - 1] : 0;
}

static void index_constraints(struct asker *asker) {
    const struct cw_model *model = asker->lowered->model;
    uint32_t count = 0;
    asker->first_of = cw_arena_array(asker->arena, model->var_count + 2, sizeof(uint32_t));
    asker->constraints = cw_arena_array(asker->arena, model->constraint_count, sizeof(uint32_t));
    for (uint32_t v = 0; v <= model->var_count; v++) {
        asker->first_of[v] = count;
        for (uint32_t c = 0; c < model->constraint_count; c++)
            if (last_var(&model->constraints[c]) == v)
                asker->constraints[count++] = c;
    }
    asker->first_of[model->var_count + 1] = count;
}

static bool keeps(const struct asker *asker, uint32_t var) {
    const struct cw_model *model = asker->lowered->model;
    for (uint32_t i = asker->first_of[var]; i < asker->first_of[var + 1]; i++)
        if (!cw_model_keeps(model, &model->constraints[asker->constraints[i]], asker->values))
            return false;
    return true;
}

/* In how many ways the variables from `var` on can follow; the last way stays in values. */
static unsigned ways(struct asker *asker, uint32_t var, uint32_t *ret_values) {
    const struct cw_model *model = asker->lowered->model;
    if (var == model->var_count) {
        memcpy(ret_values, asker->values, model->var_count * sizeof *ret_values);
        return 1;
    }
    unsigned count = 0;
    for (uint32_t x = 0; x < model->value_counts[var]; x++) {
        asker->values[var] = x;
        if (keeps(asker, var))
            count += ways(asker, var + 1, ret_values);
    }
    return count;
}

/* ---- facts as values --------------------------------------------------------------------------
 */

static uint32_t class_of(const struct cw_lowered_option *own, int64_t number) {
    uint32_t x = 0;
    while (own->class_first[x + 1] <= number)
        x++;
    assert_true(x < own->class_count);
    return x;
}

static void encode_multi(const struct asker *asker, uint32_t o, const struct cw_fact *fact) {
    const struct cw_lowered_option *own = &asker->lowered->options[o];
    for (uint32_t c = 0; c < asker->lowered->product->options[o].choice_count; c++)
        asker->values[own->var + c] = fact->value.multi >> c & 1;
    if (own->active_var != CW_NONE)
        asker->values[own->active_var] = fact->active;
}

static void encode(const struct asker *asker, const struct cw_fact *facts) {
    const struct cw_product *product = asker->lowered->product;
    for (uint32_t o = 0; o < product->option_count; o++) {
        const struct cw_lowered_option *own = &asker->lowered->options[o];
        uint32_t *value = &asker->values[own->var];
        enum cw_option_kind kind = product->options[o].kind;
        if (kind == CW_OPTION_MULTI)
            encode_multi(asker, o, &facts[o]);
        else if (!facts[o].active)
            *value = own->inactive;
        else if (kind == CW_OPTION_NUMBER)
            *value = class_of(own, facts[o].value.number);
        else
            *value = kind == CW_OPTION_TEXT ? facts[o].present : facts[o].value.choice;
    }
}

static bool own_constraints_kept(const struct asker *asker) {
    for (uint32_t v = 0; v < asker->own_vars; v++)
        if (!keeps(asker, v))
            return false;
    return true;
}

static bool is_available(const struct asker *asker) {
    for (uint32_t v = 0; v < asker->own_vars; v++)
        if (!cw_set_has(asker->available + asker->lowered->model->word_bases[v], asker->values[v]))
            return false;
    return true;
}

/* ---- one configuration ------------------------------------------------------------------------
 */

static int64_t sum(const struct asker *asker, const int64_t *costs, const uint32_t *values) {
    int64_t total = 0;
    for (uint32_t v = 0; v < asker->lowered->model->var_count; v++)
        total += costs[asker->lowered->model->value_bases[v] + values[v]];
    return total;
}

static bool departs(const struct cw_option *option, const struct cw_fact *fact) {
    if (!fact->active || option->derive)
        return false;
    switch (option->kind) {
    case CW_OPTION_MULTI:
        return fact->value.multi != option->default_multi;
    case CW_OPTION_NUMBER:
        return false; /* told by class, see check_number_departs */
    case CW_OPTION_TEXT:
        return fact->present != (option->default_text[0] != '\0');
    default:
        return fact->value.choice != option->default_choice;
    }
}

static bool number_departs(const struct cw_lowered *lowered, uint32_t o,
                           const struct cw_fact *fact) {
    const struct cw_option *option = &lowered->product->options[o];
    return option->kind == CW_OPTION_NUMBER && fact->active &&
           class_of(&lowered->options[o], fact->value.number) !=
               class_of(&lowered->options[o], option->default_number);
}

static void check_costs(const struct asker *asker, const struct cw_fact *facts,
                        const uint32_t *values) {
    const struct cw_lowered *lowered = asker->lowered;
    const struct cw_product *product = lowered->product;
    int64_t price = cw_brute_price(product, facts) - product->base_price_minor;
    int64_t departures = 0;
    for (uint32_t o = 0; o < product->option_count; o++)
        departures +=
            departs(&product->options[o], &facts[o]) || number_departs(lowered, o, &facts[o]);
    assert_int_equal(sum(asker, cw_lowered_prices(lowered, asker->arena), values), price);
    assert_int_equal(sum(asker, cw_lowered_leads(lowered, asker->arena), values),
                     cw_brute_days(product, facts) - product->lead_time.base_days);
    assert_int_equal(sum(asker, cw_lowered_preference(lowered, asker->none, asker->arena), values),
                     departures * lowered->price_span + price);
}

static void check_back(const struct asker *asker, const struct cw_fact *facts,
                       const uint32_t *values) {
    const struct cw_product *product = asker->lowered->product;
    const struct cw_fact *back =
        cw_lowered_facts(asker->lowered, values, asker->none, asker->arena);
    for (uint32_t o = 0; o < product->option_count; o++) {
        assert_int_equal(back[o].active, facts[o].active);
        assert_int_equal(back[o].present, facts[o].present);
        assert_int_equal(back[o].value.choice, facts[o].value.choice);
        assert_int_equal(back[o].value.multi, facts[o].value.multi);
    }
    assert_true(cw_brute_valid(product, asker->context, back));
}

static void check_facts(void *state, const struct cw_fact *facts) {
    struct asker *asker = state;
    const struct cw_lowered *lowered = asker->lowered;
    uint32_t *values = cw_arena_array(asker->arena, lowered->model->var_count + 1, sizeof *values);
    encode(asker, facts);
    bool valid = cw_brute_valid(lowered->product, asker->context, facts);
    unsigned count = is_available(asker) && own_constraints_kept(asker)
                         ? ways(asker, asker->own_vars, values)
                         : 0;
    if (count != valid)
        fail_msg("seed %u: the model accepts in %u ways, the raw rules say %d", asker->seed, count,
                 valid);
    if (valid && valid_met % 8 == 0) {
        check_costs(asker, facts, values);
        check_back(asker, facts, values);
    }
    *(valid ? &valid_met : &invalid_met) += 1;
}

/* ---- products ---------------------------------------------------------------------------------
 */

static void check_classes(const struct cw_lowered *lowered) {
    for (size_t o = 0; o < lowered->product->option_count; o++) {
        const struct cw_option *option = &lowered->product->options[o];
        const struct cw_lowered_option *own = &lowered->options[o];
        if (option->kind != CW_OPTION_NUMBER)
            continue;
        const uint64_t *counts =
            lowered->model->multiplicities + lowered->model->value_bases[own->var];
        uint64_t steps = 0;
        for (uint32_t x = 0; x < own->class_count; x++)
            steps += counts[x];
        assert_int_equal(steps, cw_brute_values(option));
        assert_int_equal(own->class_first[0], option->number_min);
    }
}

static void check_product(const struct cw_product *product, unsigned seed) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    static const char *const overlays[] = {"v0", "v1", "unheard-of"};
    static const char *const sold_out[] = {"s0", "s2"};
    struct cw_configure_context context = {.market = seed % 2 ? "earth" : "mars",
                                           .now_ms =
                                               seed % 3 ? INT64_C(1795305600000) : 0, /* 22 Nov */
                                           .overlays = overlays + seed % 4 / 2,
                                           .overlay_count = seed % 4 == 0 ? 0 : 2,
                                           .sold_out = sold_out,
                                           .sold_out_count = seed % 3};
    struct cw_selection none = {0};
    struct cw_lowered *lowered;
    assert_int_equal(cw_lower(product, arena, &lowered, NULL), CW_OK);
    struct asker asker = {
        .arena = arena,
        .lowered = lowered,
        .context = &context,
        .none = &none,
        .seed = seed,
        .available = cw_lowered_available(lowered, &context, arena),
        .values = cw_arena_array(arena, lowered->model->var_count + 1, sizeof(uint32_t))};
    while (asker.own_vars < lowered->model->var_count &&
           lowered->var_options[asker.own_vars] != CW_NONE)
        asker.own_vars++;
    helpers_met += lowered->model->var_count - asker.own_vars - product->price_rule_count;
    index_constraints(&asker);
    check_classes(lowered);
    cw_brute_all(product, &(struct cw_brute_visitor){check_facts, &asker});
}

static void agrees_with_brute_force(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= PRODUCTS; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        check_product(cw_random_product(arena, seed), seed);
        check_product(cw_random_rich_product(arena, seed), seed);
    }
    print_message("%zu valid, %zu invalid, %zu helpers\n", valid_met, invalid_met, helpers_met);
    assert_true(valid_met > 10000 && invalid_met > 10000 && helpers_met > 100);
}

/* ---- single rules -----------------------------------------------------------------------------
 */

static const struct cw_attribute grams[] = {{"g", 3}, {"g", 7}, {"g", -2}, {"g", 40}, {"g", 40}};

/* A multi of five, a number from -5 to 60 by `step` (or so), and another number. */
static void make_small(struct cw_option options[3], struct cw_choice choices[5], int64_t step) {
    memset(options, 0, 3 * sizeof *options);
    memset(choices, 0, 5 * sizeof *choices);
    for (size_t c = 0; c < 5; c++)
        choices[c] = (struct cw_choice){.id = "c", .attributes = &grams[c], .attribute_count = 1};
    options[0] = (struct cw_option){
        .id = "m", .kind = CW_OPTION_MULTI, .choices = choices, .choice_count = 5, .multi_max = 5};
    options[1] = (struct cw_option){.id = "n",
                                    .kind = CW_OPTION_NUMBER,
                                    .number_min = -5,
                                    .number_max = 60,
                                    .number_step = step};
    options[2] = options[1];
    options[2].number_min = 20;
    options[2].number_max = 31;
    options[2].number_step = 3;
}

static void compare_exactly(void **state) {
    (void)state;
    struct cw_option options[3];
    struct cw_choice choices[5];
    struct cw_rule rule = {.id = "r", .kind = CW_RULE_COMPARE};
    struct cw_product product = {
        .id = "p", .option_count = 3, .options = options, .rule_count = 1, .rules = &rule};
    const struct cw_term terms[] = {{.option = 0, .attribute = "g"},
                                    {.option = 1},
                                    {.option = 2},
                                    {.option = CW_NONE, .constant = 27},
                                    {.option = CW_NONE, .constant = INT64_MAX}};
    for (unsigned i = 0; i < 6 * 25 * 2; i++) {
        make_small(options, choices, 1 + i % 2 * 4);
        rule.op = (enum cw_compare_op)(i / 2 % 6);
        rule.left = terms[i / 12 % 5];
        rule.right = terms[i / 60];
        check_product(&product, i);
    }
}

/* Sums of numbers times their attributes; the first option named twice counts twice. */
static void sums_exactly(void **state) {
    (void)state;
    struct cw_option options[3];
    struct cw_choice choices[5];
    uint32_t scope[3] = {1, 2, 1};
    struct cw_rule rule = {.id = "r", .kind = CW_RULE_SUM, .options = scope, .attribute = "g"};
    struct cw_product product = {
        .id = "p", .option_count = 3, .options = options, .rule_count = 1, .rules = &rule};
    for (unsigned i = 0; i < 6 * 3 * 5 * 6; i++) {
        make_small(options, choices, 1 + i % 2);
        options[0].choice_count = 1;
        options[0].multi_max = 1;
        options[1].attributes = &grams[i % 5];
        options[2].attributes = &grams[1 + i % 3];
        options[1].attribute_count = options[2].attribute_count = 1;
        rule.op = (enum cw_compare_op)(i / 5 % 6);
        rule.option_count = 1 + i / 30 % 3;
        rule.value = (int64_t)(i / 90 % 6) * 41 - 40;
        check_product(&product, i);
    }
}

static void cuts_no_more_than_needed(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_option options[3];
    struct cw_choice choices[5];
    struct cw_cond conds[2] = {{.kind = CW_COND_RANGE, .option = 1, .min = 3, .max = 10},
                               {.kind = CW_COND_RANGE, .option = 1, .min = 8, .max = INT64_MAX}};
    struct cw_rule rule = {.id = "r", .kind = CW_RULE_EXCLUDES, .cond_count = 2, .conds = conds};
    struct cw_product product = {
        .id = "p", .option_count = 3, .options = options, .rule_count = 1, .rules = &rule};
    struct cw_lowered *lowered;
    make_small(options, choices, 1);
    options[1].number_max = 1000000;
    assert_int_equal(cw_lower(&product, arena, &lowered, NULL), CW_OK);
    assert_int_equal(lowered->options[1].class_count, 4);
    assert_int_equal(lowered->options[1].class_first[1], 3);
    assert_int_equal(lowered->options[1].class_first[2], 8);
    assert_int_equal(lowered->options[1].class_first[3], 11);
    assert_int_equal(lowered->options[2].class_count, 1);
}

/* ---- limits -----------------------------------------------------------------------------------
 */

static void refused(const struct cw_product *product, const char *code) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_lowered *lowered = NULL;
    struct cw_error err = {0};
    assert_int_equal(cw_lower(product, arena, &lowered, &err), CW_E_LIMIT);
    assert_string_equal(err.code, code);
    assert_null(lowered);
}

static void accepted(const struct cw_product *product) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_lowered *lowered;
    assert_int_equal(cw_lower(product, arena, &lowered, NULL), CW_OK);
}

static void refuses_too_many_values(void **state) {
    (void)state;
    struct cw_option options[3];
    struct cw_choice choices[5];
    struct cw_rule rule = {.id = "r", .kind = CW_RULE_COMPARE, .left.option = 1, .right.option = 2};
    struct cw_product product = {
        .id = "p", .option_count = 3, .options = options, .rule_count = 1, .rules = &rule};
    make_small(options, choices, 1);
    options[1].number_min = options[2].number_min = 0;
    options[2].number_step = 1;
    options[1].number_max = options[2].number_max = CW_MODEL_VALUES - 2;
    accepted(&product);
    options[1].number_max = options[2].number_max = CW_MODEL_VALUES - 1;
    refused(&product, "configure.too_large");
    rule.warning = true;
    accepted(&product);
}

static void refuses_too_many_rows(void **state) {
    (void)state;
    struct cw_option options[1] = {{.id = "f", .kind = CW_OPTION_FLAG}};
    uint32_t option = 0;
    struct cw_choice_mask mask = {{3}};
    struct cw_row *rows = calloc(CW_RULES_TABLE_ROWS + 1, sizeof *rows);
    struct cw_rule rule = {
        .id = "r", .kind = CW_RULE_ALLOWED, .option_count = 1, .options = &option, .rows = rows};
    struct cw_product product = {
        .id = "p", .option_count = 1, .options = options, .rule_count = 1, .rules = &rule};
    assert_non_null(rows);
    for (size_t r = 0; r <= CW_RULES_TABLE_ROWS; r++)
        rows[r].masks = &mask;
    rule.row_count = CW_RULES_TABLE_ROWS;
    accepted(&product);
    rule.row_count++;
    refused(&product, "configure.too_large");
    free(rows);
}

static void refuses_amounts_that_cannot_be_added(void **state) {
    (void)state;
    struct cw_option options[1] = {{.id = "f",
                                    .kind = CW_OPTION_FLAG,
                                    .flag_price_minor = (INT64_C(1) << 40) - 1,
                                    .flag_lead_days = (1 << 19) - 1}};
    struct cw_product product = {.id = "p", .option_count = 1, .options = options};
    accepted(&product);
    options[0].flag_price_minor++;
    refused(&product, "configure.amounts_too_large");
}

static void refuses_too_many_options(void **state) {
    (void)state;
    struct cw_option *options = calloc(CW_MAX_OPTIONS + 1, sizeof *options);
    struct cw_rule *rules = calloc(CW_MAX_RULES + 1, sizeof *rules);
    struct cw_cond always = {.kind = CW_COND_ALL};
    struct cw_product product = {
        .id = "p", .option_count = CW_MAX_OPTIONS, .options = options, .rules = rules};
    assert_true(options && rules);
    for (size_t o = 0; o <= CW_MAX_OPTIONS; o++)
        options[o] = (struct cw_option){.id = "f", .kind = CW_OPTION_FLAG};
    for (size_t r = 0; r <= CW_MAX_RULES; r++)
        rules[r] =
            (struct cw_rule){.id = "r", .kind = CW_RULE_FORMULA, .cond_count = 1, .conds = &always};
    product.rule_count = CW_MAX_RULES;
    accepted(&product);
    product.rule_count++;
    refused(&product, "configure.too_large");
    product.rule_count = 0;
    product.option_count++;
    refused(&product, "configure.too_large");
    free(options);
    free(rules);
}

static void is_deterministic(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= 50; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_lowered *lowered[2];
        uint8_t digests[2][32];
        for (int i = 0; i < 2; i++) {
            const struct cw_product *product = cw_random_rich_product(arena, seed);
            assert_int_equal(cw_lower(product, arena, &lowered[i], NULL), CW_OK);
            cw_model_digest(lowered[i]->model, digests[i]);
        }
        assert_memory_equal(digests[0], digests[1], 32);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_brute_force),
                                       cmocka_unit_test(compare_exactly),
                                       cmocka_unit_test(sums_exactly),
                                       cmocka_unit_test(cuts_no_more_than_needed),
                                       cmocka_unit_test(refuses_too_many_values),
                                       cmocka_unit_test(refuses_too_many_rows),
                                       cmocka_unit_test(refuses_amounts_that_cannot_be_added),
                                       cmocka_unit_test(refuses_too_many_options),
                                       cmocka_unit_test(is_deterministic)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
