/* solve.h against brute force on random models: verdicts, propagation, states, cores, redundancy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "configure/rules/solve.h"
#include "../../support/random_model.h"

#define MODELS 700
#define PLENTY UINT64_C(10000000)

struct fixture {
    struct cw_arena *arena;
    struct cw_model *model;
    struct cw_solve_index *index;
    struct cw_random random;
    uint64_t *mask;
};

static bool holds_without(const struct cw_model *model, const uint64_t *allowed,
                          const bool *without, const uint32_t *values) {
    for (uint32_t v = 0; v < model->var_count; v++)
        if (!cw_set_has(allowed + model->word_bases[v], values[v]))
            return false;
    for (uint32_t c = 0; c < model->constraint_count; c++)
        if (!(without && without[model->constraints[c].origin]) &&
            !cw_model_keeps(model, &model->constraints[c], values))
            return false;
    return true;
}

/* How many configurations there are; ret_seen (may be NULL): the values they have. */
static uint32_t brute(struct fixture *f, const uint64_t *allowed, const bool *without,
                      uint64_t *ret_seen) {
    const struct cw_model *model = f->model;
    uint32_t *values = cw_arena_array(f->arena, model->var_count + 1, sizeof *values), count = 0;
    do {
        if (!holds_without(model, allowed, without, values))
            continue;
        count++;
        for (uint32_t v = 0; v < model->var_count && ret_seen; v++)
            cw_set_add(ret_seen + model->word_bases[v], values[v]);
    } while (cw_next_assignment(model, values));
    return count;
}

static void for_each_model(void (*check)(struct fixture *)) {
    for (uint64_t seed = 1; seed <= MODELS; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct fixture f = {.arena = arena, .random = {seed}};
        f.model = cw_random_model(arena, seed);
        f.index = cw_solve_index_new(f.model, arena);
        f.mask = seed % 3 ? cw_random_mask(f.model, arena, &f.random)
                          : cw_model_full_mask(f.model, arena);
        check(&f);
    }
}

static bool *random_flags(struct fixture *f, uint32_t one_in) {
    bool *flags = cw_arena_array(f->arena, f->model->origin_count + 1, sizeof *flags);
    for (uint32_t o = 0; o < f->model->origin_count; o++)
        flags[o] = cw_random_below(&f->random, one_in) == 0;
    return flags;
}

static void check_verdict(struct fixture *f) {
    const bool *without = cw_random_below(&f->random, 2) ? random_flags(f, 4) : NULL;
    struct cw_solve_question question = {f->mask, without, PLENTY};
    uint32_t *values = cw_arena_array(f->arena, f->model->var_count + 1, sizeof *values);
    enum cw_verdict verdict = cw_solve(f->index, &question, f->arena, values);
    bool expected = brute(f, f->mask, without, NULL) > 0;
    assert_int_equal(verdict, expected ? CW_VERDICT_YES : CW_VERDICT_NO);
    if (expected)
        assert_true(holds_without(f->model, f->mask, without, values));
    assert_int_equal(cw_solve(f->index, &question, f->arena, NULL), verdict);
    question.steps = 0; /* never a wrong answer, whatever the budget */
    for (; question.steps < 20; question.steps++) {
        enum cw_verdict early = cw_solve(f->index, &question, f->arena, NULL);
        assert_true(early == CW_VERDICT_UNKNOWN || early == verdict);
    }
}

static void solve_agrees_with_brute_force(void **state) {
    (void)state;
    for_each_model(check_verdict);
}

static void check_propagation(struct fixture *f) {
    const struct cw_model *model = f->model;
    struct cw_solve_question question = {f->mask, NULL, PLENTY};
    struct cw_solve_left left;
    uint64_t *seen = cw_arena_array(f->arena, model->word_count + 1, sizeof *seen);
    uint32_t count = brute(f, f->mask, NULL, seen);
    bool held = cw_solve_propagate(f->index, &question, f->arena, &left);
    assert_true(held || count == 0);
    for (uint32_t w = 0; w < model->word_count && held; w++) {
        assert_int_equal(seen[w] & ~left.domains[w], 0);
        assert_int_equal(left.domains[w] & ~f->mask[w], 0);
    }
    for (uint32_t v = 0; v < model->var_count; v++)
        for (uint32_t x = 0; x < model->value_counts[v]; x++) {
            uint32_t cause = left.causes[model->value_bases[v] + x];
            bool gone = cw_set_has(f->mask + model->word_bases[v], x) &&
                        !cw_set_has(left.domains + model->word_bases[v], x);
            assert_int_equal(cause != CW_MODEL_NO_CAUSE, gone);
            assert_true(!gone || cause < model->constraint_count);
        }
    if (!held && left.failed == CW_MODEL_NO_CAUSE) { /* the mask itself is to blame */
        bool empty = false;
        for (uint32_t v = 0; v < model->var_count; v++) {
            uint64_t any = 0;
            for (uint32_t w = 0; w < cw_set_words(model->value_counts[v]); w++)
                any |= f->mask[model->word_bases[v] + w];
            empty |= any == 0;
        }
        assert_true(empty);
    }
}

static void propagation_loses_nothing(void **state) {
    (void)state;
    for_each_model(check_propagation);
}

/* Whatever is kept and taken back: what holds and what is left is what a fresh start says. */
static void check_state(struct fixture *f) {
    const struct cw_model *model = f->model;
    uint64_t *full = cw_model_full_mask(model, f->arena);
    struct cw_solve_question question = {full, NULL, PLENTY};
    struct cw_solve_state *state = cw_solve_state_new(f->index, &question, f->arena);
    if (!cw_solve_state_holds(state)) {
        assert_int_equal(brute(f, full, NULL, NULL), 0);
        return;
    }
    size_t bytes = model->word_count * sizeof *full, mark = cw_solve_state_mark(state);
    uint64_t *before = cw_arena_array(f->arena, model->word_count + 1, sizeof *before);
    uint64_t *now = cw_arena_array(f->arena, model->word_count + 1, sizeof *now);
    memcpy(before, cw_solve_state_domains(state), bytes);
    for (int round = 0; round < 3; round++) {
        const uint64_t *mask = cw_random_mask(model, f->arena, &f->random);
        memcpy(now, full, bytes);
        bool holds = true;
        for (uint32_t v = 0; v < model->var_count && holds; v++) {
            uint32_t base = model->word_bases[v], words = cw_set_words(model->value_counts[v]);
            holds = cw_solve_state_keep(state, v, mask + base);
            memcpy(now + base, mask + base, words * sizeof *now);
        }
        struct cw_solve_left left;
        question.allowed = now;
        assert_int_equal(cw_solve_propagate(f->index, &question, f->arena, &left), holds);
        if (holds) {
            assert_memory_equal(left.domains, cw_solve_state_domains(state), bytes);
        } else {
            bool *origins = cw_arena_array(f->arena, model->origin_count + 1, sizeof(bool));
            bool *vars = cw_arena_array(f->arena, model->var_count + 1, sizeof(bool));
            cw_solve_state_blame(state, origins, vars);
            for (uint32_t v = 0; v < model->var_count; v++)
                if (!vars[v])
                    memcpy(now + model->word_bases[v], full + model->word_bases[v],
                           cw_set_words(model->value_counts[v]) * sizeof *now);
            for (uint32_t o = 0; o < model->origin_count; o++)
                origins[o] = !origins[o];
            assert_int_equal(brute(f, now, origins, NULL), 0);
        }
        cw_solve_state_undo(state, mark);
        assert_true(cw_solve_state_holds(state));
        assert_memory_equal(before, cw_solve_state_domains(state), bytes);
    }
}

static void states_go_on_and_back(void **state) {
    (void)state;
    for_each_model(check_state);
}

static void check_core(struct fixture *f) {
    const struct cw_model *model = f->model;
    const bool *without = cw_random_below(&f->random, 3) ? NULL : random_flags(f, 6);
    const bool *fixed = cw_random_below(&f->random, 2) ? NULL : random_flags(f, 3);
    struct cw_solve_question question = {f->mask, without, PLENTY};
    struct cw_solve_core core;
    enum cw_verdict verdict = cw_solve_minimal_core(f->index, &question, fixed, f->arena, &core);
    if (brute(f, f->mask, without, NULL) > 0) {
        assert_int_equal(verdict, CW_VERDICT_NO);
        return;
    }
    assert_int_equal(verdict, CW_VERDICT_YES);
    bool *left_out = cw_arena_array(f->arena, model->origin_count + 1, sizeof *left_out);
    for (uint32_t o = 0; o < model->origin_count; o++)
        left_out[o] = (without && without[o]) || !(fixed && fixed[o]);
    for (size_t i = 0; i < core.count; i++) {
        assert_true(i == 0 || core.origins[i] > core.origins[i - 1]);
        assert_false(without && without[core.origins[i]]);
        assert_false(fixed && fixed[core.origins[i]]);
        left_out[core.origins[i]] = false;
    }
    assert_int_equal(brute(f, f->mask, left_out, NULL), 0);
    for (size_t i = 0; i < core.count; i++) {
        left_out[core.origins[i]] = true;
        assert_int_not_equal(brute(f, f->mask, left_out, NULL), 0);
        left_out[core.origins[i]] = false;
    }
}

static void cores_are_minimal(void **state) {
    (void)state;
    for_each_model(check_core);
}

static void cores_own_up_when_steps_run_out(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_model *model = cw_model_new(arena);
    uint32_t scope[2] = {cw_model_add_var(model, 2), cw_model_add_var(model, 2)};
    for (uint32_t i = 0; i < 4; i++) /* every pair is forbidden: all four are needed */
        cw_model_add_clause(model, i, scope, 2,
                            (uint64_t[]){UINT64_C(1) << (i & 1), UINT64_C(1) << (i >> 1)});
    const struct cw_solve_index *index = cw_solve_index_new(model, arena);
    struct cw_solve_question question = {cw_model_full_mask(model, arena), NULL, 0};
    bool early = false, middle = false;
    struct cw_solve_core core = {0, NULL};
    enum cw_verdict verdict = CW_VERDICT_UNKNOWN;
    for (; verdict == CW_VERDICT_UNKNOWN && question.steps < 1000; question.steps++) {
        verdict = cw_solve_minimal_core(index, &question, NULL, arena, &core);
        assert_int_not_equal(verdict, CW_VERDICT_NO);
        early |= core.origins == NULL;
        middle |= core.origins != NULL && verdict == CW_VERDICT_UNKNOWN;
        assert_true(core.origins == NULL || core.count == 4);
    }
    assert_true(early && middle);
    assert_int_equal(verdict, CW_VERDICT_YES);
}

static void check_redundancy(struct fixture *f) {
    struct cw_solve_question question = {f->mask, NULL, PLENTY};
    bool *without = cw_arena_array(f->arena, f->model->origin_count + 1, sizeof *without);
    uint32_t all = brute(f, f->mask, NULL, NULL);
    for (uint32_t o = 0; o < f->model->origin_count; o++) {
        without[o] = true;
        bool same = brute(f, f->mask, without, NULL) == all;
        without[o] = false;
        assert_int_equal(cw_solve_redundant(f->index, &question, o, f->arena),
                         same ? CW_VERDICT_YES : CW_VERDICT_NO);
    }
}

static void redundancy_agrees_with_brute_force(void **state) {
    (void)state;
    for_each_model(check_redundancy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(solve_agrees_with_brute_force),
        cmocka_unit_test(propagation_loses_nothing),
        cmocka_unit_test(states_go_on_and_back),
        cmocka_unit_test(cores_are_minimal),
        cmocka_unit_test(cores_own_up_when_steps_run_out),
        cmocka_unit_test(redundancy_agrees_with_brute_force),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
