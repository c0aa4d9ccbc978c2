/*
 * Random constraint models: seeded, small enough to enumerate, tight enough that rules matter.
 * Tests only.
 */
#include "random_model.h"

#include <string.h>

struct modeller {
    struct cw_arena *arena;
    struct cw_random random;
    struct cw_model *model;
    bool flags; /* nothing but variables of two values, and more of them */
};

static uint32_t upto(struct modeller *m, uint32_t n) {
    return cw_random_below(&m->random, n);
}

static void add_vars(struct modeller *m) {
    uint32_t left = CW_RANDOM_COMBINATIONS, wanted = m->flags ? 11 : 1 + upto(m, 10);
    bool wide = !m->flags && upto(m, 12) == 0;
    for (uint32_t i = 0; i < wanted && left > 1; i++) {
        uint32_t values = upto(m, 3) == 0 ? 1 + upto(m, 9) : 2 + upto(m, 2);
        if (wide && i == wanted / 2)
            values = 60 + upto(m, 80);
        if (m->flags)
            values = 2;
        if (values > left)
            values = left;
        uint32_t var = cw_model_add_var(m->model, values);
        left /= values;
        for (uint32_t x = 0; x < values && wanted % 3 == 0; x++)
            if (upto(m, 4) == 0)
                cw_model_set_multiplicity(m->model, var, x, 1 + upto(m, 1000));
    }
}

/* Each value with chance 1/one_in; never empty unless `empty` allows it. */
static void random_set(struct modeller *m, uint32_t var, uint32_t one_in, bool empty,
                       uint64_t *set) {
    uint32_t values = m->model->value_counts[var], found = 0;
    for (uint32_t x = 0; x < values; x++)
        if (upto(m, one_in) == 0) {
            cw_set_add(set, x);
            found++;
        }
    if (found == 0 && !empty)
        cw_set_add(set, upto(m, values));
}

/* Distinct variables in no particular order. */
static uint32_t random_scope(struct modeller *m, uint32_t most, uint32_t *scope) {
    uint32_t all = m->model->var_count, count = 1 + upto(m, most);
    if (count > all)
        count = all;
    for (uint32_t i = 0; i < count; i++) {
        bool again = true;
        while (again) {
            scope[i] = upto(m, all);
            again = false;
            for (uint32_t j = 0; j < i; j++)
                again |= scope[j] == scope[i];
        }
    }
    return count;
}

static void add_lines(struct modeller *m, const uint32_t *scope, uint32_t count, uint32_t rows,
                      uint64_t **ret_lines) {
    uint32_t words = 0, one_in = 2 + upto(m, 2);
    for (uint32_t i = 0; i < count; i++)
        words += cw_set_words(m->model->value_counts[scope[i]]);
    uint64_t *line = *ret_lines = cw_arena_array(m->arena, (size_t)words * rows, sizeof *line);
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t i = 0; i < count; i++) {
            random_set(m, scope[i], one_in, upto(m, 20) == 0, line);
            line += cw_set_words(m->model->value_counts[scope[i]]);
        }
}

static void add_linear(struct modeller *m, uint32_t origin) {
    uint32_t scope[6], count = random_scope(m, 6, scope), values = 0;
    for (uint32_t i = 0; i < count; i++)
        values += m->model->value_counts[scope[i]];
    int64_t *weights = cw_arena_array(m->arena, values, sizeof *weights);
    bool cardinality = upto(m, 2) == 0;
    for (uint32_t i = 0; i < values; i++)
        weights[i] = cardinality ? upto(m, 2) : (int64_t)upto(m, 21) - 10;
    struct cw_model_linear linear = {scope, count, weights, INT64_MIN, INT64_MAX};
    uint32_t open = upto(m, 3);
    if (open != 0)
        linear.min = (int64_t)upto(m, 5) - 2;
    if (open != 1)
        linear.max = (int64_t)upto(m, 5) + (open == 0 ? 0 : 1);
    cw_model_add_linear(m->model, origin, &linear);
}

/* Two to four literals. */
static void add_flag_clause(struct modeller *m, uint32_t origin) {
    uint32_t scope[6], count = random_scope(m, 3, scope);
    while (count < 2)
        count = random_scope(m, 4, scope);
    uint64_t sets[6];
    for (uint32_t i = 0; i < count; i++)
        sets[i] = 1 + upto(m, 2);
    cw_model_add_clause(m->model, origin, scope, count, sets);
}

static void add_constraint(struct modeller *m, uint32_t origin) {
    uint32_t scope[6], kind = upto(m, 4);
    uint64_t *lines;
    if (kind == 3 && (!m->flags || upto(m, 4) == 0)) {
        add_linear(m, origin);
        return;
    }
    if (m->flags && kind != 2) {
        add_flag_clause(m, origin);
        return;
    }
    uint32_t count = random_scope(m, kind == 2 ? 4 : 3, scope);
    if (kind == 2) {
        uint32_t rows = upto(m, 12) + (m->flags ? 6 : 0);
        bool allowed = rows > 0 && upto(m, 3) > 0;
        add_lines(m, scope, count, rows, &lines);
        cw_model_add_table(m->model, origin,
                           &(struct cw_model_table){scope, count, lines, rows, allowed});
        return;
    }
    if (count > 1 && upto(m, 10) == 0)
        scope[1] = scope[0]; /* a variable named twice: the sets are joined */
    add_lines(m, scope, count, 1, &lines);
    cw_model_add_clause(m->model, origin, scope, count, lines);
}

struct cw_model *cw_random_model(struct cw_arena *arena, uint64_t seed) {
    struct modeller m = {.arena = arena,
                         .random = {seed * UINT64_C(0x9e3779b97f4a7c15)},
                         .model = cw_model_new(arena)};
    m.flags = upto(&m, 4) == 0;
    add_vars(&m);
    uint32_t constraints = upto(&m, 2 + m.model->var_count + m.model->var_count / 2);
    if (m.flags)
        constraints += 6;
    for (uint32_t i = 0; i < constraints; i++)
        add_constraint(&m, i / 2);
    return m.model;
}

uint64_t *cw_random_mask(const struct cw_model *model, struct cw_arena *arena,
                         struct cw_random *random) {
    uint64_t *mask = cw_model_full_mask(model, arena);
    for (uint32_t var = 0; var < model->var_count; var++) {
        uint32_t values = model->value_counts[var], what = cw_random_below(random, 4);
        uint32_t keep = cw_random_below(random, values);
        if (what == 0) /* a pick */
            memset(mask + model->word_bases[var], 0, cw_set_words(values) * sizeof *mask);
        for (uint32_t x = 0; x < values && what == 1; x++)
            if (cw_random_below(random, 4) == 0)
                cw_set_drop(mask + model->word_bases[var], x);
        if (what == 0 && cw_random_below(random, 100) > 0)
            cw_set_add(mask + model->word_bases[var], keep);
    }
    return mask;
}

bool cw_next_assignment(const struct cw_model *model, uint32_t *values) {
    for (uint32_t var = 0; var < model->var_count; var++) {
        if (++values[var] < model->value_counts[var])
            return true;
        values[var] = 0;
    }
    return false;
}

bool cw_assignment_holds(const struct cw_model *model, const uint64_t *allowed,
                         const uint32_t *values) {
    for (uint32_t var = 0; var < model->var_count && allowed; var++)
        if (!cw_set_has(allowed + model->word_bases[var], values[var]))
            return false;
    for (uint32_t i = 0; i < model->constraint_count; i++)
        if (!cw_model_keeps(model, &model->constraints[i], values))
            return false;
    return true;
}
