/*
 * Engines: opened from what was stored, refused when it is another's, answering without a diagram;
 * and failing closed when the compiled rules and the raw ones contradict each other.
 */
#include "configure/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdatomic.h>

#include "../../support/diagram_maker.h"
#include "../../support/random_product.h"
#include "../../support/shoe_product.h"
#include "cordwain/limits.h"

#define PRODUCTS 200

static const struct cw_configure_context anywhere = {.quantity = 1};

/* An aligned copy, as a mapped file would be. */
static struct cw_bytes copied(struct cw_arena *arena, const void *data, size_t length) {
    uint64_t *copy = cw_arena_array(arena, length / 8 + 1, sizeof *copy);
    memcpy(copy, data, length);
    return (struct cw_bytes){(const uint8_t *)copy, length};
}

/* ---- stored ---------------------------------------------------------------------------------- */

static void a_stored_artefact_answers_the_same(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_engine *made, *opened;
    struct cw_answer first, second;
    assert_int_equal(cw_engine_new(&cw_shoe_product, &made, NULL), CW_OK);
    struct cw_bytes artefact = cw_engine_artefact(made);
    assert_int_equal(cw_engine_about(made).tier, CW_TIER_COMPILED);
    assert_int_equal(cw_engine_open(&cw_shoe_product, copied(arena, artefact.data, artefact.length),
                                    &opened, NULL),
                     CW_OK);
    assert_int_equal(cw_engine_about(opened).artefact_bytes, artefact.length);
    assert_ptr_equal(cw_engine_product(opened), &cw_shoe_product);
    assert_int_equal(cw_engine_about(opened).node_count, cw_engine_about(made).node_count);
    struct cw_selection none = {0};
    assert_int_equal(cw_configure(made, &none, &anywhere, arena, &first, NULL), CW_OK);
    assert_int_equal(cw_configure(opened, &none, &anywhere, arena, &second, NULL), CW_OK);
    for (uint32_t o = 0; o < CW_SHOE_OPTIONS; o++)
        for (uint32_t c = 0; c < first.options[o].choice_count; c++)
            assert_int_equal(first.options[o].choices[c].state, second.options[o].choices[c].state);
    cw_engine_free(made);
    cw_engine_free(opened);
}

static void an_artefact_of_others_is_refused(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_engine *shoe, *other = NULL;
    struct cw_error err = {0};
    assert_int_equal(cw_engine_new(&cw_shoe_product, &shoe, NULL), CW_OK);
    struct cw_bytes artefact = cw_engine_artefact(shoe);
    const struct cw_product *product = cw_random_product(arena, 1);
    assert_int_equal(cw_engine_open(product, artefact, &other, &err), CW_E_CONFLICT);
    assert_string_equal(err.code, "rules.artefact_foreign");
    struct cw_bytes damaged = copied(arena, artefact.data, artefact.length);
    ((uint8_t *)damaged.data)[artefact.length / 2] ^= 1;
    err = (struct cw_error){0};
    assert_int_equal(cw_engine_open(&cw_shoe_product, damaged, &other, &err), CW_E_INPUT);
    assert_string_equal(err.code, "rules.artefact_damaged");
    assert_null(other);
    cw_engine_free(shoe);
}

/* ---- contradictions -------------------------------------------------------------------------- */

static struct cw_engine *engine_of(struct cw_arena *arena, const struct cw_engine *shoe,
                                   const uint32_t *values, size_t count) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_engine *engine;
    cw_make_listed_diagram(cw_engine_model(shoe), values, count, &buf);
    assert_int_equal(
        cw_engine_open(&cw_shoe_product, copied(arena, buf.data, buf.length), &engine, NULL),
        CW_OK);
    return engine;
}

static void expect_disagreement(const struct cw_engine *engine,
                                const struct cw_selection *selection, struct cw_arena *arena) {
    struct cw_error err = {0};
    struct cw_answer answer;
    struct cw_selection completed;
    struct cw_resolved resolved;
    struct cw_faults faults = {.arena = arena};
    assert_int_equal(cw_configure(engine, selection, &anywhere, arena, &answer, &err), CW_E_BUG);
    assert_string_equal(err.code, "configure.disagreement");
    err = (struct cw_error){0};
    assert_int_equal(cw_complete(engine, selection, &anywhere, arena, &completed, &err), CW_E_BUG);
    assert_string_equal(err.code, "configure.disagreement");
    for (int mode = CW_RESOLVE_STRICT; mode <= CW_RESOLVE_LENIENT; mode++) {
        faults.count = 0;
        assert_int_equal(cw_resolve(engine, selection, &anywhere, (enum cw_resolve_mode)mode, arena,
                                    &resolved, &faults),
                         CW_E_BUG);
        assert_string_equal(faults.items[0].code, "configure.disagreement");
    }
}

static void contradicting_rules_answer_nothing(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_engine *shoe, *wrong;
    struct cw_selection none = {0}, whole;
    assert_int_equal(cw_engine_new(&cw_shoe_product, &shoe, NULL), CW_OK);
    assert_int_equal(cw_complete(shoe, &none, &anywhere, arena, &whole, NULL), CW_OK);
    uint32_t *values = cw_arena_array(arena, cw_engine_model(shoe)->var_count, sizeof *values);
    assert_true(cw_diagram_cheapest(shoe->diagram, shoe->full, shoe->preference, arena, values));
    /* the only configuration is one the raw rules forbid: moss on leather */
    uint32_t colour = shoe->lowered->options[CW_SHOE_COLOUR].var;
    values[colour] = 2;
    wrong = engine_of(arena, shoe, values, 1);
    expect_disagreement(wrong, &none, arena);
    cw_engine_free(wrong);
    /* there is none at all: what is complete and breaks nothing must not be called inconsistent */
    wrong = engine_of(arena, shoe, values, 0);
    expect_disagreement(wrong, &whole, arena);
    cw_engine_free(wrong);
    /* a price rule's flag is set and its condition does not hold: another price */
    values[colour] = 0;
    values[shoe->lowered->price_vars[0]] ^= 1;
    wrong = engine_of(arena, shoe, values, 1);
    struct cw_answer answer;
    struct cw_error err = {0};
    assert_int_equal(cw_configure(wrong, &none, &anywhere, arena, &answer, &err), CW_E_BUG);
    assert_string_equal(err.code, "configure.disagreement");
    cw_engine_free(wrong);
    cw_engine_free(shoe);
}

/* ---- without a diagram ----------------------------------------------------------------------- */

/* What a solver would say, read off the diagram. */
static void solve(const struct cw_engine *compiled, const struct cw_diagram_scope *scope,
                  struct cw_arena *arena, struct cw_rules_answer *ret) {
    const struct cw_model *model = cw_engine_model(compiled);
    ret->values = cw_arena_array(arena, model->var_count + 1, sizeof *ret->values);
    ret->possible = cw_arena_array(arena, model->word_count + 1, sizeof *ret->possible);
    ret->possible_exact = true;
    ret->feasible = cw_diagram_domains(compiled->diagram, scope, arena, ret->possible)
                        ? CW_VERDICT_YES
                        : CW_VERDICT_NO;
    if (ret->feasible == CW_VERDICT_YES)
        assert_true(cw_diagram_cheapest(compiled->diagram, scope->allowed, compiled->prices, arena,
                                        ret->values));
}

static void random_picks(struct cw_random *random, const struct cw_product *product,
                         struct cw_selection *ret) {
    struct cw_pick *picks = (struct cw_pick *)ret->picks;
    ret->count = 0;
    for (uint32_t o = 0; o < product->option_count; o++) {
        const struct cw_option *option = &product->options[o];
        struct cw_value value = {.text = "XY"};
        if (option->derive || cw_random_below(random, 3) > 0)
            continue;
        if (option->kind == CW_OPTION_CHOICE)
            value.choice = cw_random_below(random, (uint32_t)option->choice_count);
        else if (option->kind == CW_OPTION_MULTI)
            value.multi = option->multi_min ? 1 + cw_random_below(random, 2) : 0;
        else
            value.number = option->number_min;
        picks[ret->count++] = (struct cw_pick){.option = o, .value = value};
    }
}

/* Solved: the states are exact. Not solved: what is called impossible is, and nothing is sworn. */
static void compare_tiers(const struct cw_answer *exact, const struct cw_answer *solved,
                          const struct cw_answer *bound) {
    assert_true(exact->exact && !bound->exact);
    assert_int_equal(solved->consistent, exact->consistent);
    for (size_t o = 0; o < exact->option_count; o++)
        for (size_t c = 0; c < exact->options[o].choice_count; c++) {
            enum cw_choice_state state = exact->options[o].choices[c].state;
            if (solved->exact)
                assert_int_equal(solved->options[o].choices[c].state, state);
            if (bound->options[o].choices[c].state == CW_CHOICE_IMPOSSIBLE)
                assert_int_equal(state, CW_CHOICE_IMPOSSIBLE);
        }
}

static void the_sat_tier_is_exact_when_it_says_so(void **state) {
    (void)state;
    unsigned exact_met = 0;
    for (unsigned seed = 1; seed <= PRODUCTS; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        const struct cw_product *product = cw_random_product(arena, seed);
        struct cw_random random = {.state = seed};
        struct cw_pick picks[8];
        struct cw_selection selection = {.picks = picks};
        struct cw_configure_context context = {.market = "earth"};
        struct cw_rules_answer answer = {0};
        struct cw_diagram_scope scope;
        struct cw_engine *compiled, *plain;
        struct cw_answer exact, solved, bound;
        assert_int_equal(cw_engine_new(product, &compiled, NULL), CW_OK);
        assert_int_equal(cw_engine_open(product, (struct cw_bytes){0}, &plain, NULL), CW_OK);
        assert_int_equal(cw_engine_about(plain).tier, CW_TIER_SAT);
        assert_int_equal(cw_engine_artefact(plain).length, 0);
        random_picks(&random, product, &selection);
        assert_int_equal(cw_configure(compiled, &selection, &context, arena, &exact, NULL), CW_OK);
        assert_int_equal(cw_configure(plain, &selection, &context, arena, &bound, NULL), CW_OK);
        cw_engine_question(plain, &selection, &context, arena, &scope);
        solve(compiled, &scope, arena, &answer);
        context.solved = &answer;
        assert_int_equal(cw_configure(plain, &selection, &context, arena, &solved, NULL), CW_OK);
        compare_tiers(&exact, &solved, &bound);
        exact_met += solved.exact;
        cw_engine_free(compiled);
        cw_engine_free(plain);
    }
    assert_true(exact_met > PRODUCTS / 2);
}

/* ---- between questions ----------------------------------------------------------------------- */

static void a_memo_spares_the_second_completion(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_pick pick = {.option = CW_SHOE_MATERIAL, .value = {.choice = 1}};
    struct cw_selection selection = {.count = 1, .picks = &pick}, other = {0};
    struct cw_completion_memo memo = {0};
    struct cw_configure_context context = {.memo = &memo};
    struct cw_selection first, second;
    struct cw_engine *shoe;
    assert_int_equal(cw_engine_new(&cw_shoe_product, &shoe, NULL), CW_OK);
    assert_int_equal(cw_complete(shoe, &selection, &context, arena, &first, NULL), CW_OK);
    const struct cw_found *found = memo.found;
    assert_non_null(found);
    assert_int_equal(cw_complete(shoe, &selection, &context, arena, &second, NULL), CW_OK);
    assert_ptr_equal(memo.found, found);
    assert_int_equal(first.count, second.count);
    assert_int_equal(cw_complete(shoe, &other, &context, arena, &second, NULL), CW_OK);
    assert_ptr_not_equal(memo.found, found); /* another selection is another question */
    assert_int_equal(second.picks[CW_SHOE_MATERIAL].value.choice, 0);
    cw_engine_free(shoe);
}

/* More states of availability than are remembered: asked again, each answers as before. */
static void forgotten_grounds_are_found_again(void **state) {
    (void)state;
    static const struct cw_overlay_item items[] = {{CW_SHOE_SIZE, {{1}}},
                                                   {CW_SHOE_SIZE, {{2}}},
                                                   {CW_SHOE_COLOUR, {{2}}},
                                                   {CW_SHOE_MATERIAL, {{2}}}};
    struct cw_overlay overlays[4] = {{.id = "a"}, {.id = "b"}, {.id = "c"}, {.id = "d"}};
    struct cw_product product = cw_shoe_product;
    struct cw_pick pick = {.option = CW_SHOE_MATERIAL, .value = {.choice = 0}};
    struct cw_selection selection = {.count = 1, .picks = &pick};
    struct cw_answer answers[2][16];
    struct cw_engine *engine;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    for (size_t i = 0; i < 4; i++) {
        overlays[i].item_count = 1;
        overlays[i].items = &items[i];
    }
    product.overlays = overlays;
    product.overlay_count = 4;
    assert_true(CW_RULES_GROUNDS < 16);
    assert_int_equal(cw_engine_new(&product, &engine, NULL), CW_OK);
    for (size_t n = 0; n < 32; n++) {
        const char *away[4];
        struct cw_configure_context context = {.overlays = away};
        for (size_t i = 0; i < 4; i++)
            if (n >> i & 1)
                away[context.overlay_count++] = overlays[i].id;
        assert_int_equal(
            cw_configure(engine, &selection, &context, arena, &answers[n / 16][n % 16], NULL),
            CW_OK);
    }
    for (size_t n = 0; n < 16; n++) {
        const struct cw_choice_answer *moss = &answers[1][n].options[CW_SHOE_COLOUR].choices[2];
        assert_int_equal(moss->state, CW_CHOICE_IMPOSSIBLE);
        assert_true(moss->only_if);
        /* without suede it is dead whatever is picked, and no pick is to blame */
        assert_int_equal(moss->reason_option, n & 8 ? CW_NONE : CW_SHOE_MATERIAL);
        for (uint32_t o = 0; o < CW_SHOE_TEXT && answers[0][n].options[o].choice_count > 0; o++)
            assert_int_equal(memcmp(answers[0][n].options[o].choices,
                                    answers[1][n].options[o].choices,
                                    answers[0][n].options[o].choice_count * sizeof *moss),
                             0);
    }
    cw_engine_free(engine);
}

/* What is kept of reasons stays within its bytes: at the limit it is kept, one byte above it is
 * worked out again for every question, and says the same. */
static void reasons_are_kept_within_their_bytes(void **state) {
    (void)state;
    size_t bytes = 0;
    for (int round = 0; round < 3; round++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_engine *engine;
        struct cw_configure_context context = {0};
        assert_int_equal(cw_engine_new(cw_random_product(arena, 7), &engine, NULL), CW_OK);
        uint64_t *available = cw_lowered_available(engine->lowered, &context, arena);
        struct cw_ground *ground = cw_ground_get(engine, available, arena);
        struct cw_lowered_value value = cw_lowered_choice(engine->lowered, 0, 0);
        assert_non_null(ground->own);
        atomic_store(&ground->bytes, round == 0   ? 0
                                     : round == 1 ? CW_RULES_GROUND_BYTES - bytes
                                                  : CW_RULES_GROUND_BYTES - bytes + 1);
        size_t before = atomic_load(&ground->bytes);
        struct cw_lone *first = cw_ground_lone(engine, ground, value, arena);
        struct cw_lone *again = cw_ground_lone(engine, ground, value, arena);
        assert_int_equal(first->count, again->count);
        assert_true((first == again) == (round < 2));
        assert_int_equal(atomic_load(&ground->bytes) - before,
                         round == 0   ? (bytes = atomic_load(&ground->bytes))
                         : round == 1 ? bytes
                                      : 0);
        cw_engine_free(engine);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forgotten_grounds_are_found_again),
        cmocka_unit_test(a_stored_artefact_answers_the_same),
        cmocka_unit_test(an_artefact_of_others_is_refused),
        cmocka_unit_test(contradicting_rules_answer_nothing),
        cmocka_unit_test(the_sat_tier_is_exact_when_it_says_so),
        cmocka_unit_test(a_memo_spares_the_second_completion),
        cmocka_unit_test(reasons_are_kept_within_their_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
