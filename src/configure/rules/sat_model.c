/*
 * Responsible for: answering questions about an encoded model: one witness, and which values are
 * possible. Witnesses are kept and looked at first; what they leave open is asked for with "one of
 * these", so that every answer proves at least one value possible or all the rest impossible
 * (Janota, Lynce, Marques-Silva 2015). Does not: encode (sat_encode.c). Worker process.
 */
#include "configure/rules/sat_model.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "configure/rules/sat_encode.h"

#define WITNESSES       1024
#define FIRST_BATCH     8
#define WITNESS_NUMBERS (4 << 20) /* of all together: large models keep fewer witnesses */

struct cw_sat_model {
    struct cw_arena *arena;
    struct cw_sat_encoding e;
    uint32_t *lazy, lazy_count; /* constraints enforced by explanation */
    uint32_t *witnesses;        /* lines of a value per variable, a ring */
    uint32_t witness_most, witness_count, witness_next;
    uint64_t *never; /* values no configuration has at all */
};

struct cw_sat_model *cw_sat_model_new(const struct cw_model *model, uint64_t sum_edges) {
    struct cw_arena *arena = cw_arena_new();
    if (!arena)
        abort(); /* a worker may: its caller sees it die */
    struct cw_sat_model *sat = cw_arena_alloc(arena, sizeof *sat);
    *sat = (struct cw_sat_model){
        .arena = arena,
        .e = {.sat = cw_sat_new(), .model = model, .arena = arena, .edges_most = sum_edges}};
    sat->lazy = cw_arena_array(arena, (size_t)model->constraint_count + 1, sizeof *sat->lazy);
    sat->never = cw_arena_array(arena, (size_t)model->word_count + 1, sizeof *sat->never);
    sat->witness_most = WITNESS_NUMBERS / (model->var_count + 1) + 1;
    if (sat->witness_most > WITNESSES)
        sat->witness_most = WITNESSES;
    sat->witnesses = cw_arena_array(arena, (size_t)model->var_count * sat->witness_most + 1,
                                    sizeof *sat->witnesses);
    cw_sat_encode(&sat->e, sat->lazy, &sat->lazy_count);
    return sat;
}

void cw_sat_model_free(struct cw_sat_model *sat) {
    if (!sat)
        return;
    cw_sat_free(sat->e.sat);
    cw_arena_free(sat->arena);
}

/* One question on its way. */
struct asking {
    struct cw_sat_model *sat;
    const struct cw_rules_question *question;
    int64_t deadline_ms;
    struct cw_rules_answer *ret;
    uint64_t *possible; /* NULL: not asked for */
    /* How many values to ask for at once; 0: for one of all. Doubled when that works; when it does
     * not, nothing is proved by it. */
    uint32_t batch, next_var;
};

/* ---- the solver ------------------------------------------------------------------------------ */

/* Every variable within `allowed`, but for one. */
static void assume_allowed(struct asking *asking, uint32_t except) {
    struct cw_sat_encoding *e = &asking->sat->e;
    for (uint32_t v = 0; v < e->model->var_count; v++) {
        const uint64_t *set = asking->question->scope.allowed + e->model->word_bases[v];
        uint32_t values = e->model->value_counts[v], inside = 0, last = 0;
        if (v == except)
            continue;
        for (uint32_t x = 0; x < values; x++)
            if (cw_set_has(set, x)) {
                inside++;
                last = x;
            }
        if (inside <= 1) {
            cw_sat_assume(e->sat, inside == 1 ? cw_sat_literal(e, v, last) : -e->yes);
            continue;
        }
        for (uint32_t x = 0; x < values && inside < values; x++)
            if (!cw_set_has(set, x))
                cw_sat_assume(e->sat, -cw_sat_literal(e, v, x));
    }
}

static void read_values(struct cw_sat_model *sat, uint32_t *ret_values) {
    struct cw_sat_encoding *e = &sat->e;
    for (uint32_t v = 0; v < e->model->var_count; v++) {
        uint32_t x = e->model->value_counts[v] - 1;
        while (x > 0 && !cw_sat_true(e->sat, cw_sat_literal(e, v, x)))
            x--;
        ret_values[v] = x;
    }
}

/* Is one of the sums kept aside broken? Then what forbids it is said now. */
static bool explain_broken(struct cw_sat_model *sat, const uint32_t *values) {
    bool broken = false;
    for (uint32_t i = 0; i < sat->lazy_count; i++) {
        const struct cw_model_constraint *c = &sat->e.model->constraints[sat->lazy[i]];
        if (cw_model_keeps(sat->e.model, c, values))
            continue;
        cw_sat_explain(&sat->e, c, values);
        broken = true;
    }
    return broken;
}

/* One of the wanted values. */
static void constrain_to(struct cw_sat_encoding *e, const uint64_t *wanted) {
    cw_sat_begin(e);
    for (uint32_t v = 0; v < e->model->var_count; v++)
        for (uint32_t x = 0; x < e->model->value_counts[v]; x++)
            if (cw_set_has(wanted + e->model->word_bases[v], x))
                cw_sat_put(e, cw_sat_literal(e, v, x));
    if (!e->satisfied)
        cw_sat_constrain(e->sat, e->clause, e->count);
}

/* As many wanted values at once as the batch says, one a variable, going on where the last batch
 * ended. */
static void assume_batch(struct asking *asking, const uint64_t *wanted) {
    struct cw_sat_encoding *e = &asking->sat->e;
    uint32_t left = asking->batch, count = e->model->var_count;
    for (uint32_t i = 0; i < count && left > 0; i++) {
        uint32_t v = asking->next_var, x = 0, values = e->model->value_counts[v];
        asking->next_var = v + 1 < count ? v + 1 : 0;
        while (x < values && !cw_set_has(wanted + e->model->word_bases[v], x))
            x++;
        if (x == values)
            continue;
        cw_sat_assume(e->sat, cw_sat_literal(e, v, x));
        left--;
    }
}

/*
 * Within `allowed` but for one variable (var_count: none), and with one of `wanted` (the values of
 * the mask; NULL: any). YES: *ret_values is the newest witness.
 */
static enum cw_verdict solve(struct asking *asking, uint32_t except, const uint64_t *wanted,
                             const uint32_t **ret_values) {
    struct cw_sat_model *sat = asking->sat;
    struct cw_sat_encoding *e = &sat->e;
    uint32_t *values = sat->witnesses + (size_t)sat->witness_next * e->model->var_count;
    while (cw_clock_monotonic_ms(&cw_clock_system) < asking->deadline_ms) {
        assume_allowed(asking, except);
        if (wanted && asking->batch > 0)
            assume_batch(asking, wanted);
        else if (wanted)
            constrain_to(e, wanted);
        enum cw_verdict verdict = cw_sat_solve(e->sat, asking->deadline_ms);
        if (verdict != CW_VERDICT_YES)
            return verdict;
        read_values(sat, values);
        if (explain_broken(sat, values))
            continue;
        sat->witness_next = (sat->witness_next + 1) % sat->witness_most;
        if (sat->witness_count < sat->witness_most)
            sat->witness_count++;
        *ret_values = values;
        return CW_VERDICT_YES;
    }
    return CW_VERDICT_UNKNOWN;
}

/* ---- what witnesses show --------------------------------------------------------------------- */

/* How many variables are outside `allowed` (2: two or more), and the last such. */
static uint32_t outside(const struct asking *asking, const uint32_t *values, uint32_t *ret_var) {
    const struct cw_model *model = asking->sat->e.model;
    uint32_t count = 0;
    for (uint32_t v = 0; v < model->var_count && count < 2; v++)
        if (!cw_set_has(asking->question->scope.allowed + model->word_bases[v], values[v])) {
            *ret_var = v;
            count++;
        }
    return count;
}

static void take_witness(struct asking *asking, const uint32_t *values) {
    const struct cw_model *model = asking->sat->e.model;
    const uint64_t *relaxed = asking->question->scope.relaxed;
    uint32_t var = 0, count = outside(asking, values, &var);
    if (count == 0 && asking->ret->feasible != CW_VERDICT_YES) {
        asking->ret->feasible = CW_VERDICT_YES;
        memcpy(asking->ret->values, values, model->var_count * sizeof *values);
    }
    if (!asking->possible || count > 1)
        return;
    if (count == 1) {
        if (cw_set_has(relaxed + model->word_bases[var], values[var]))
            cw_set_add(asking->possible + model->word_bases[var], values[var]);
        return;
    }
    for (uint32_t v = 0; v < model->var_count; v++)
        cw_set_add(asking->possible + model->word_bases[v], values[v]);
}

/* ---- possible values ------------------------------------------------------------------------- */

/* Values of `from` in words first … last not known to be possible; false: none. */
static bool untested(const struct asking *asking, const uint64_t *from, const uint32_t range[2],
                     uint64_t *ret_mask) {
    uint64_t any = 0;
    memset(ret_mask, 0, asking->sat->e.model->word_count * sizeof *ret_mask);
    for (uint32_t w = range[0]; w < range[1]; w++) {
        ret_mask[w] = from[w] & ~asking->possible[w] & ~asking->sat->never[w];
        any |= ret_mask[w];
    }
    return any != 0;
}

/* Prove or refute what is untested in a range of words; UNKNOWN: the deadline. */
static enum cw_verdict settle(struct asking *asking, const uint64_t *from, const uint32_t range[2],
                              uint32_t except, uint64_t *scratch) {
    while (untested(asking, from, range, scratch)) {
        const uint32_t *values;
        enum cw_verdict verdict = solve(asking, except, scratch, &values);
        if (verdict == CW_VERDICT_NO && asking->batch > 0) {
            asking->batch /= 4;
            continue;
        }
        if (verdict != CW_VERDICT_YES)
            return verdict;
        take_witness(asking, values);
        if (except == asking->sat->e.model->var_count)
            asking->batch = asking->batch > 0 ? 2 * asking->batch : FIRST_BATCH;
    }
    return CW_VERDICT_YES;
}

/* Each variable with more values when it is relaxed, the others staying within `allowed`. */
static enum cw_verdict settle_relaxed(struct asking *asking, uint64_t *scratch) {
    const struct cw_model *model = asking->sat->e.model;
    const struct cw_diagram_scope *scope = &asking->question->scope;
    uint64_t *extra = scratch + model->word_count;
    asking->batch = 0;
    for (uint32_t v = 0; v < model->var_count; v++) {
        const uint32_t range[2] = {model->word_bases[v],
                                   model->word_bases[v] + cw_set_words(model->value_counts[v])};
        uint64_t any = 0;
        for (uint32_t w = range[0]; w < range[1]; w++)
            any |= extra[w] = scope->relaxed[w] & ~scope->allowed[w];
        if (any && settle(asking, extra, range, v, scratch) == CW_VERDICT_UNKNOWN)
            return CW_VERDICT_UNKNOWN;
    }
    return CW_VERDICT_YES;
}

/* What the deadline left open counts as possible: plain values unless they were settled. */
static void give_up(struct asking *asking, bool plain_settled) {
    const struct cw_diagram_scope *scope = &asking->question->scope;
    asking->ret->possible_exact = false;
    for (uint32_t w = 0; w < asking->sat->e.model->word_count; w++)
        asking->possible[w] |= scope->relaxed[w] & ~(plain_settled ? scope->allowed[w] : 0);
}

/* When everything was allowed, what is not possible now never is. */
static void remember_never(struct asking *asking, struct cw_arena *arena) {
    const struct cw_model *model = asking->sat->e.model;
    const uint64_t *full = cw_model_full_mask(model, arena);
    size_t bytes = model->word_count * sizeof *full;
    if (memcmp(full, asking->question->scope.allowed, bytes) != 0)
        return;
    for (uint32_t w = 0; w < model->word_count; w++)
        asking->sat->never[w] = full[w] & ~asking->possible[w];
}

static void find_possible(struct asking *asking, struct cw_arena *arena) {
    const struct cw_model *model = asking->sat->e.model;
    const uint32_t all[2] = {0, model->word_count};
    uint64_t *scratch = cw_arena_array(arena, 2 * (size_t)model->word_count + 1, sizeof *scratch);
    if (asking->ret->feasible == CW_VERDICT_YES &&
        settle(asking, asking->question->scope.allowed, all, model->var_count, scratch) ==
            CW_VERDICT_UNKNOWN) {
        give_up(asking, /* plain_settled: */ false);
        return;
    }
    remember_never(asking, arena);
    if (settle_relaxed(asking, scratch) == CW_VERDICT_UNKNOWN)
        give_up(asking, /* plain_settled: */ true);
}

void cw_sat_model_ask(struct cw_sat_model *sat, const struct cw_rules_question *question,
                      struct cw_arena *arena, struct cw_rules_answer *ret) {
    const struct cw_model *model = sat->e.model;
    struct asking asking = {.sat = sat,
                            .question = question,
                            .deadline_ms =
                                cw_clock_monotonic_ms(&cw_clock_system) + question->deadline_ms,
                            .ret = ret};
    *ret = (struct cw_rules_answer){.feasible = CW_VERDICT_UNKNOWN, .possible_exact = true};
    ret->values = cw_arena_array(arena, (size_t)model->var_count + 1, sizeof *ret->values);
    if (question->domains)
        asking.possible = ret->possible =
            cw_arena_array(arena, (size_t)model->word_count + 1, sizeof *ret->possible);
    for (uint32_t i = 0;
         i < sat->witness_count && (question->domains || ret->feasible != CW_VERDICT_YES); i++)
        take_witness(&asking, sat->witnesses + (size_t)i * model->var_count);
    const uint32_t *values;
    if (ret->feasible != CW_VERDICT_YES) {
        enum cw_verdict verdict = solve(&asking, model->var_count, NULL, &values);
        if (verdict == CW_VERDICT_YES)
            take_witness(&asking, values);
        ret->feasible = verdict;
    }
    if (ret->feasible != CW_VERDICT_YES)
        ret->values = NULL;
    if (!question->domains)
        return;
    if (ret->feasible == CW_VERDICT_UNKNOWN)
        give_up(&asking, /* plain_settled: */ false);
    else
        find_possible(&asking, arena);
}
