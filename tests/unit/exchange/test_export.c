/*
 * Products as UVL models: import of an export has exactly as many configurations. Counted by
 * search with propagation over the lowered models, every leaf judged constraint by constraint.
 */
#include "imported.h"

#include "../../support/random_product.h"
#include "catalog/load.h"
#include "configure/lower.h"
#include "configure/rules/solve.h"
#include "jsonschema/builtin.h"

#define STEPS 1000000

static const char *export(const struct cw_product *product, struct cw_arena *arena) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    CW_AUTO_BUF struct cw_buf notes = {0};
    struct cw_error err = {0};
    if (cw_uvl_export(product, &buf, &notes, &err) != CW_OK)
        fail_msg("%s", err.message);
    return cw_arena_strdup(arena, buf.data);
}

static struct cw_snapshot *load(const char *model) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_faults faults = {.arena = arena};
    CW_AUTO_BUF struct cw_buf document = {0};
    struct cw_error err = {0};
    struct cw_snapshot *snapshot = NULL;
    struct cw_exchange_source source = {"model.uvl", model, strlen(model)};
    if (cw_uvl_import(&source, &document, &faults, &err) != CW_OK)
        fail_msg("%s\n%s", model, faults.count ? faults.items[0].message : err.message);
    struct cw_product_source product = {document.data, document.length, NULL,
                                        cw_schema_check_product};
    if (cw_product_load(&product, &faults, &snapshot, &err) != CW_OK)
        fail_msg("%s\n%s at %s", document.data, faults.items[0].message, faults.items[0].pointer);
    return snapshot;
}

/* ---- counting -------------------------------------------------------------------------------- */

struct counting {
    const struct cw_model *model;
    const struct cw_solve_index *index;
};

static uint64_t leaf(const struct cw_model *model, const uint64_t *domains,
                     struct cw_arena *arena) {
    uint32_t *values = cw_arena_array(arena, model->var_count + 1, sizeof *values);
    uint64_t count = 1;
    for (uint32_t v = 0; v < model->var_count; v++) {
        while (!cw_set_has(domains + model->word_bases[v], values[v]))
            values[v]++;
        count *=
            model->multiplicities ? model->multiplicities[model->value_bases[v] + values[v]] : 1;
    }
    for (uint32_t c = 0; c < model->constraint_count; c++) {
        if (!cw_model_keeps(model, &model->constraints[c], values))
            return 0;
    }
    return count;
}

static uint32_t values_left(const struct cw_model *model, const uint64_t *domains, uint32_t var) {
    uint32_t count = 0;
    for (uint32_t x = 0; x < model->value_counts[var]; x++)
        count += cw_set_has(domains + model->word_bases[var], x);
    return count;
}

static uint64_t count_below(const struct counting *counting, const uint64_t *allowed) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_model *model = counting->model;
    struct cw_solve_question question = {.allowed = allowed, .steps = STEPS};
    struct cw_solve_left left = {0};
    if (!cw_solve_propagate(counting->index, &question, arena, &left))
        return 0;
    uint32_t var = 0;
    while (var < model->var_count && values_left(model, left.domains, var) == 1)
        var++;
    if (var == model->var_count)
        return leaf(model, left.domains, arena);
    uint64_t count = 0;
    uint64_t *one = cw_arena_array(arena, model->word_count + 1, sizeof *one);
    for (uint32_t x = 0; x < model->value_counts[var]; x++) {
        if (!cw_set_has(left.domains + model->word_bases[var], x))
            continue;
        memcpy(one, left.domains, model->word_count * sizeof *one);
        memset(one + model->word_bases[var], 0,
               cw_set_words(model->value_counts[var]) * sizeof *one);
        cw_set_add(one + model->word_bases[var], x);
        count += count_below(counting, one);
    }
    return count;
}

static uint64_t count_of(const struct cw_product *product) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_lowered *lowered = NULL;
    struct cw_error err = {0};
    if (cw_lower(product, arena, &lowered, &err) != CW_OK)
        fail_msg("%s", err.message);
    struct counting counting = {lowered->model, cw_solve_index_new(lowered->model, arena)};
    return count_below(&counting, cw_model_full_mask(lowered->model, arena));
}

/* ---- tests ----------------------------------------------------------------------------------- */

static uint64_t configurations; /* counted, so that the test is known to test something */

static void check_seed(uint64_t seed, bool rich) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_product *product =
        rich ? cw_random_rich_product(arena, seed) : cw_random_product(arena, seed);
    const char *model = export(product, arena);
    struct cw_snapshot *again = load(model);
    uint64_t before = count_of(product), after = count_of(cw_snapshot_product(again));
    cw_snapshot_unref(again);
    configurations += before;
    if (before != after)
        fail_msg("seed %llu: %llu configurations, imported again %llu\n%s",
                 (unsigned long long)seed, (unsigned long long)before, (unsigned long long)after,
                 model);
}

static void test_keeps_the_count(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 150; seed++)
        check_seed(seed, false);
}

static void test_keeps_the_count_of_rich_products(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 150; seed++)
        check_seed(seed, true);
    assert_true(configurations > 10000);
    print_message("# %llu configurations\n", (unsigned long long)configurations);
}

/* Written, read and written again, a model does not change any more. */
static void test_settles(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_snapshot *first = load("features\n R\n  optional\n   \"A b\"\n    alternative\n     "
                                     "or2\n     C {w 3}\nconstraints\n \"A b\" => C | !or2\n");
    const char *once = export(cw_snapshot_product(first), arena);
    struct cw_snapshot *second = load(once);
    const char *twice = export(cw_snapshot_product(second), arena);
    assert_non_null(strstr(once, "\"A b\"\n\t\t\t\talternative\n\t\t\t\t\tor2\n"));
    assert_int_equal(count_of(cw_snapshot_product(first)), 2);
    assert_int_equal(count_of(cw_snapshot_product(second)), 2);
    assert_non_null(strstr(twice, "\"A b\""));
    cw_snapshot_unref(first);
    cw_snapshot_unref(second);
}

/* What was mandatory is so again, the root is the same, and there are no constraints for either. */
static void test_comes_back_as_it_was(void **state) {
    (void)state;
    static const char model[] =
        "namespace Shop\n\nfeatures\n\tShop {k1 "
        "2}\n\t\tmandatory\n\t\t\tCart\n\t\t\t\talternative\n"
        "\t\t\t\t\tSmall\n\t\t\t\t\tLarge\n\t\toptional\n\t\t\tSearch {k1 1}\n\t\t\t\tmandatory\n"
        "\t\t\t\t\tIndex\n\t\t\t\toptional\n\t\t\t\t\tHistory\n\nconstraints\n\tSearch => Large\n"
        "\tLarge => History\n\tHistory\n\tShop.k1 + Search.k1 <= 3\n";
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_snapshot *snapshot = load(model);
    assert_string_equal(export(cw_snapshot_product(snapshot), arena), model);
    assert_int_equal(count_of(cw_snapshot_product(snapshot)), 1);
    cw_snapshot_unref(snapshot);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keeps_the_count),
        cmocka_unit_test(test_keeps_the_count_of_rich_products),
        cmocka_unit_test(test_settles),
        cmocka_unit_test(test_comes_back_as_it_was),
    };
    return cmocka_run_group_tests_name("exchange/export", tests, NULL, NULL);
}
