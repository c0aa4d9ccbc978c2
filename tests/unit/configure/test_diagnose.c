/*
 * Responsible for: what a diagnosis says about random products against trying every configuration:
 * void, number, dead and forced choices, redundant rules, derive, overlays, tests; and the numbers
 * of a change between two versions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/brute_force.h"
#include "../../support/random_product.h"
#include "base/clock.h"
#include "configure/diagnose.h"

#define PRODUCTS    80
#define MOST_VALUES 64

/* Of every option and choice (a flag: 0 its true): how many valid configurations have it. */
struct tally {
    const struct cw_product *product;
    struct cw_configure_context context;
    uint64_t count;
    uint64_t *had;             /* option * MOST_VALUES + choice */
    uint32_t derived;          /* the option whose rows are looked at, or CW_NONE */
    bool no_row, several_rows; /* some valid input fits none; rows of several choices */
};

static bool row_fits(const struct tally *t, const struct cw_fact *facts,
                     const struct cw_derive *derive, const struct cw_derive_row *row) {
    for (size_t i = 0; i < derive->from_count; i++) {
        const struct cw_option *option = &t->product->options[derive->from[i]];
        const struct cw_fact *fact = &facts[derive->from[i]];
        uint32_t count = option->kind == CW_OPTION_FLAG ? 2 : (uint32_t)option->choice_count;
        bool any = true;
        for (uint32_t c = 0; c < count; c++) {
            any = any && cw_mask_has(&row->masks[i], c);
        }
        if (!any && !(fact->active && cw_mask_has(&row->masks[i], fact->value.choice))) {
            return false;
        }
    }
    return true;
}

static void look_at_rows(struct tally *t, const struct cw_fact *facts,
                         const struct cw_derive *derive) {
    uint32_t choice = CW_NONE;
    for (size_t r = 0; r < derive->row_count; r++) {
        if (row_fits(t, facts, derive, &derive->rows[r])) {
            t->several_rows |= choice != CW_NONE && choice != derive->rows[r].choice;
            choice = derive->rows[r].choice;
        }
    }
    t->no_row |= choice == CW_NONE;
}

static const struct cw_derive *derive_under_test;

/* Of a number; tests have few. */
static size_t step_of(const struct cw_option *option, int64_t number) {
    size_t step = (size_t)((number - option->number_min) / option->number_step);
    assert_true(step < MOST_VALUES);
    return step;
}

static void visit(void *state, const struct cw_fact *facts) {
    struct tally *t = state;
    if (!cw_brute_valid(t->product, &t->context, facts)) {
        return;
    }
    t->count++;
    if (t->derived != CW_NONE && facts[t->derived].active) {
        look_at_rows(t, facts, derive_under_test);
    }
    for (uint32_t o = 0; t->had && o < t->product->option_count; o++) {
        const struct cw_option *option = &t->product->options[o];
        uint32_t count = option->kind == CW_OPTION_FLAG ? 1 : (uint32_t)option->choice_count;
        for (uint32_t c = 0; c < count; c++) {
            uint32_t choice = option->kind == CW_OPTION_FLAG ? 1 : c;
            t->had[o * MOST_VALUES + c] += cw_fact_has(option, &facts[o], choice);
        }
        if (option->kind == CW_OPTION_NUMBER && facts[o].active) {
            t->had[o * MOST_VALUES + step_of(option, facts[o].value.number)]++;
        }
    }
}

static struct tally try_all(const struct cw_product *product, const char *overlay, uint64_t *had) {
    static const char *one[1];
    struct tally tally = {.product = product, .had = had, .derived = CW_NONE};
    if (overlay) {
        one[0] = overlay;
        tally.context.overlays = one;
        tally.context.overlay_count = 1;
    }
    cw_brute_all(product, &(struct cw_brute_visitor){visit, &tally});
    return tally;
}

static const struct cw_finding *find(const struct cw_diagnosis *d, const char *code,
                                     const char *pointer) {
    for (size_t i = 0; i < d->finding_count; i++) {
        if (strcmp(d->findings[i].code, code) == 0 &&
            strcmp(d->findings[i].pointer, pointer) == 0) {
            return &d->findings[i];
        }
    }
    return NULL;
}

static bool is_listed(const char *const *list, size_t count, const char *pointer) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], pointer) == 0) {
            return true;
        }
    }
    return false;
}

static void check_choices(const struct cw_product *product, const struct cw_diagnosis *d,
                          const uint64_t *had, uint64_t count) {
    size_t dead = 0, forced = 0;
    for (uint32_t o = 0; o < product->option_count; o++) {
        const struct cw_option *option = &product->options[o];
        bool flag = option->kind == CW_OPTION_FLAG;
        uint32_t choices = flag ? 1 : option->derive ? 0 : (uint32_t)option->choice_count;
        for (uint32_t c = 0; c < choices; c++) {
            char pointer[64];
            snprintf(pointer, sizeof pointer, flag ? "/options/%u" : "/options/%u/choices/%u", o,
                     c);
            uint64_t have = had[o * MOST_VALUES + c];
            dead += have == 0;
            forced += have == count;
            assert_int_equal(is_listed(d->dead_choices, d->dead_count, pointer), have == 0);
            assert_int_equal(is_listed(d->forced_choices, d->forced_count, pointer), have == count);
        }
    }
    assert_int_equal(d->dead_count, dead);
    assert_int_equal(d->forced_count, forced);
}

static bool is_told_dead(const struct cw_diagnosis *d, uint32_t option, int64_t number) {
    char pointer[64];
    snprintf(pointer, sizeof pointer, "/options/%u", option);
    size_t times = 0;
    for (size_t i = 0; i < d->finding_count; i++) {
        long long least, most;
        const struct cw_finding *f = &d->findings[i];
        if (strcmp(f->code, "rules.dead_range") != 0 || strcmp(f->pointer, pointer) != 0) {
            continue;
        }
        if (sscanf(f->message, "no configuration has '%*[^']' at %lld", &least) == 1) {
            most = least;
        } else {
            assert_int_equal(sscanf(f->message, "no configuration has '%*[^']' from %lld to %lld",
                                    &least, &most),
                             2);
            assert_true(least < most);
        }
        times += number >= least && number <= most;
    }
    assert_true(times <= 1);
    return times == 1;
}

static size_t dead_numbers_met;

/* Every number no configuration has is in a range that is told, unless there are none at all. */
static void check_ranges(const struct cw_product *product, const struct cw_diagnosis *d,
                         const uint64_t *had) {
    for (uint32_t o = 0; o < product->option_count; o++) {
        const struct cw_option *option = &product->options[o];
        bool any = false;
        if (option->kind != CW_OPTION_NUMBER) {
            continue;
        }
        for (int64_t n = option->number_min; n <= option->number_max; n += option->number_step) {
            any = any || had[o * MOST_VALUES + step_of(option, n)] > 0;
        }
        for (int64_t n = option->number_min; n <= option->number_max; n += option->number_step) {
            bool dead = any && had[o * MOST_VALUES + step_of(option, n)] == 0;
            assert_int_equal(is_told_dead(d, o, n), dead);
            dead_numbers_met += dead;
        }
    }
}

/* From the last to the first: without the rule, and without those told before, there are as many.
 */
static void check_redundant(struct cw_product *product, const struct cw_diagnosis *d,
                            uint64_t count) {
    struct cw_rule *rules = (struct cw_rule *)(uintptr_t)product->rules;
    bool enforced[64] = {false};
    assert_true(product->rule_count <= 64);
    for (size_t r = product->rule_count; r-- > 0;) {
        char pointer[32];
        snprintf(pointer, sizeof pointer, "/rules/%zu", r);
        if (rules[r].warning) {
            assert_null(find(d, "rules.redundant", pointer));
            continue;
        }
        rules[r].warning = enforced[r] = true; /* told, not enforced */
        bool superfluous = try_all(product, NULL, NULL).count == count;
        rules[r].warning = superfluous;
        assert_int_equal(find(d, "rules.redundant", pointer) != NULL, superfluous);
    }
    for (size_t r = 0; r < product->rule_count; r++) {
        rules[r].warning = rules[r].warning && !enforced[r];
    }
}

static void check_derive(struct cw_product *product, const struct cw_diagnosis *d) {
    struct cw_option *options = (struct cw_option *)(uintptr_t)product->options;
    for (uint32_t o = 0; o < product->option_count; o++) {
        if (!options[o].derive) {
            continue;
        }
        char pointer[64];
        struct tally tally = {.product = product, .derived = o};
        derive_under_test = options[o].derive;
        options[o].derive = NULL;
        cw_brute_all(product, &(struct cw_brute_visitor){visit, &tally});
        options[o].derive = derive_under_test;
        snprintf(pointer, sizeof pointer, "/options/%u/derive", o);
        assert_int_equal(find(d, "rules.derive_not_total", pointer) != NULL, tally.no_row);
        bool several = false;
        for (size_t i = 0; i < d->finding_count; i++) {
            several |= strcmp(d->findings[i].code, "rules.derive_not_deterministic") == 0 &&
                       strncmp(d->findings[i].pointer, pointer, strlen(pointer)) == 0;
        }
        assert_int_equal(several, tally.several_rows);
    }
}

static void check_overlays(const struct cw_product *product, const struct cw_diagnosis *d) {
    for (uint32_t i = 0; i < product->overlay_count; i++) {
        char pointer[32];
        snprintf(pointer, sizeof pointer, "/overlays/%u", i);
        uint64_t left = try_all(product, product->overlays[i].id, NULL).count;
        assert_int_equal(find(d, "rules.nothing_left", pointer) != NULL, left == 0);
    }
}

static void diagnose_one(struct cw_arena *arena, struct cw_product *product) {
    struct cw_engine *engine;
    struct cw_diagnosis d;
    struct cw_diagnose_request request = {.budget_ms = 60000};
    assert_int_equal(cw_engine_new(product, &engine, NULL), CW_OK);
    assert_int_equal(cw_diagnose(engine, &request, arena, &d, NULL), CW_OK);
    cw_engine_free(engine);
    uint64_t *had = cw_arena_array(arena, product->option_count * MOST_VALUES + 1, sizeof *had);
    uint64_t count = try_all(product, NULL, had).count;
    assert_string_equal(d.outcome, "compiled");
    assert_int_equal(strtoull(d.configurations, NULL, 10), count);
    assert_int_equal(d.findings && d.finding_count && !strcmp(d.findings[0].code, "rules.void"),
                     count == 0);
    assert_null(find(&d, "rules.not_searched", "/rules"));
    if (count > 0) {
        check_choices(product, &d, had, count);
        check_ranges(product, &d, had);
        check_redundant(product, &d, count);
        check_derive(product, &d);
        check_overlays(product, &d);
    }
}

static void test_random(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < PRODUCTS; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        diagnose_one(arena, seed % 2 ? cw_random_rich_product(arena, seed)
                                     : cw_random_product(arena, seed));
    }
    assert_true(dead_numbers_met > 20);
}

/* Nothing left is told with rules that leave it, however short the time for searching is. */
static void test_void_names_rules(void **state) {
    (void)state;
    size_t met = 0;
    for (uint64_t seed = 0; met < 10; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_product *product = cw_random_product(arena, seed);
        struct cw_diagnose_request request = {.budget_ms = 1};
        struct cw_engine *engine;
        struct cw_diagnosis d;
        assert_int_equal(cw_engine_new(product, &engine, NULL), CW_OK);
        assert_int_equal(cw_diagnose(engine, &request, arena, &d, NULL), CW_OK);
        cw_engine_free(engine);
        if (strcmp(d.configurations, "0") == 0) {
            assert_string_equal(d.findings[0].code, "rules.void");
            assert_memory_equal(d.findings[0].hint, "because of ", 11);
            assert_int_equal(d.findings[0].pointer[0], '/');
            met++;
        }
    }
}

/* ---- dates ----------------------------------------------------------------------------------- */

/* Of option 0, a choice: the first two choices are over since yesterday, one of them the default.
 */
static void let_expire(struct cw_product *product) {
    struct cw_option *option = (struct cw_option *)(uintptr_t)product->options;
    struct cw_choice *choices = (struct cw_choice *)(uintptr_t)option->choices;
    choices[0].until_date = choices[1].until_date = "2026-03-01";
    choices[2].until_date = "2026-03-02";
    option->default_choice = 1;
}

static void test_dates(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    uint64_t seed = 0;
    struct cw_product *product = cw_random_product(arena, seed);
    while (product->options[0].kind != CW_OPTION_CHOICE || product->options[0].choice_count < 3 ||
           product->options[0].derive || try_all(product, NULL, NULL).count == 0) {
        product = cw_random_product(arena, ++seed);
    }
    let_expire(product);
    struct cw_engine *engine;
    struct cw_diagnosis d;
    struct cw_diagnose_request request = {.today_days = cw_date_days("2026-03-02")};
    assert_int_equal(cw_engine_new(product, &engine, NULL), CW_OK);
    assert_int_equal(cw_diagnose(engine, &request, arena, &d, NULL), CW_OK);
    const struct cw_finding *note = find(&d, "rules.expired_choice", "/options/0/choices/0/until"),
                            *warning =
                                find(&d, "rules.expired_choice", "/options/0/choices/1/until");
    assert_non_null(note);
    assert_non_null(warning);
    assert_int_equal(note->kind, CW_FINDING_NOTE);
    assert_int_equal(warning->kind, CW_FINDING_WARNING);
    assert_null(find(&d, "rules.expired_choice", "/options/0/choices/2/until"));
    request.today_days = 0; /* no clock, no dates */
    assert_int_equal(cw_diagnose(engine, &request, arena, &d, NULL), CW_OK);
    assert_null(find(&d, "rules.expired_choice", "/options/0/choices/0/until"));
    cw_engine_free(engine);
}

/* ---- two versions ---------------------------------------------------------------------------- */

static void change(const struct cw_product *before, const struct cw_product *after,
                   struct cw_arena *arena, struct cw_diagnosis_change *ret) {
    struct cw_engine *engines[2];
    assert_int_equal(cw_engine_new(before, &engines[0], NULL), CW_OK);
    assert_int_equal(cw_engine_new(after, &engines[1], NULL), CW_OK);
    struct cw_diagnose_change both = {engines[0], engines[1], NULL, 60000};
    assert_int_equal(cw_diagnose_change(&both, arena, ret, NULL), CW_OK);
    cw_engine_free(engines[0]);
    cw_engine_free(engines[1]);
}

static uint64_t number(const char *decimal) {
    assert_non_null(decimal);
    return strtoull(decimal, NULL, 10);
}

/* The same options and other rules: what is common keeps both. */
static void test_change(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < PRODUCTS; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_product *before = cw_random_rich_product(arena, seed);
        struct cw_product *after = cw_random_rich_product(arena, seed);
        struct cw_rule *rules = (struct cw_rule *)(uintptr_t)after->rules;
        struct cw_product *common = cw_random_rich_product(arena, seed);
        struct cw_rule *loosened = (struct cw_rule *)(uintptr_t)before->rules;
        for (uint32_t r = 0; r < after->rule_count; r++) { /* each version lacks some rules */
            rules[r].warning = rules[r].warning || r % 3 == 0;
            loosened[r].warning = loosened[r].warning || r % 3 == 1;
        }
        struct cw_diagnosis_change got;
        change(before, after, arena, &got);
        uint64_t a = try_all(before, NULL, NULL).count, b = try_all(after, NULL, NULL).count,
                 both = try_all(common, NULL, NULL).count;
        assert_int_equal(number(got.before), a);
        assert_int_equal(number(got.after), b);
        assert_int_equal(number(got.common), both);
        assert_int_equal(number(got.vanish), a - both);
        assert_int_equal(number(got.appear), b - both);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_void_names_rules),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
