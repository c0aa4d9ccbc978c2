/*
 * Responsible for: values, clauses and tables of a model as clauses of the solver: one literal a
 * value (direct encoding), exactly one true; a literal a table row. Does not: sums (sat_linear.c),
 * solving. Worker process.
 */
#include "configure/rules/sat_encode.h"

#include <stdlib.h>
#include <string.h>

#define PAIRWISE_VALUES 5      /* above: a ladder */
#define SUPPORT_CELLS   400000 /* rows × values of a table up to which supports are said too */

/* ---- clauses in the making ------------------------------------------------------------------- */

void cw_sat_begin(struct cw_sat_encoding *e) {
    e->count = 0;
    e->satisfied = false;
}

void cw_sat_put(struct cw_sat_encoding *e, int literal) {
    if (literal == e->yes)
        e->satisfied = true;
    if (literal == e->yes || literal == -e->yes)
        return;
    e->clause = cw_arena_grow(e->arena, e->clause, e->count, &e->capacity, sizeof *e->clause);
    e->clause[e->count++] = literal;
}

void cw_sat_put_set(struct cw_sat_encoding *e, uint32_t var, const uint64_t *set, bool inverted) {
    uint32_t values = e->model->value_counts[var], inside = 0, outside = 0;
    for (uint32_t x = 0; x < values; x++) {
        if (cw_set_has(set, x) != inverted)
            inside++;
        else
            outside = x;
    }
    if (inside == values)
        e->satisfied = true;
    if (inside + 1 == values) { /* all but one */
        cw_sat_put(e, -cw_sat_literal(e, var, outside));
        return;
    }
    for (uint32_t x = 0; x < values && inside < values; x++)
        if (cw_set_has(set, x) != inverted)
            cw_sat_put(e, cw_sat_literal(e, var, x));
}

void cw_sat_end(struct cw_sat_encoding *e) {
    if (!e->satisfied)
        cw_sat_clause(e->sat, e->clause, e->count);
}

static void add(struct cw_sat_encoding *e, int a, int b, int c) {
    cw_sat_begin(e);
    cw_sat_put(e, a);
    if (b != 0)
        cw_sat_put(e, b);
    if (c != 0)
        cw_sat_put(e, c);
    cw_sat_end(e);
}

/* ---- values ---------------------------------------------------------------------------------- */

static void at_most_one(struct cw_sat_encoding *e, int first, uint32_t count) {
    if (count <= PAIRWISE_VALUES) {
        for (int i = 0; i < (int)count; i++)
            for (int j = 0; j < i; j++)
                add(e, -(first + i), -(first + j), 0);
        return;
    }
    int before = 0; /* one of the values so far */
    for (int i = 0; i + 1 < (int)count; i++) {
        int rung = cw_sat_var(e->sat);
        add(e, -(first + i), rung, 0);
        if (before != 0)
            add(e, -before, rung, 0);
        add(e, -rung, -(first + i + 1), 0);
        before = rung;
    }
}

static void encode_vars(struct cw_sat_encoding *e) {
    int *firsts = cw_arena_array(e->arena, (size_t)e->model->var_count + 1, sizeof *firsts);
    e->yes = cw_sat_var(e->sat);
    cw_sat_clause(e->sat, &e->yes, 1);
    e->firsts = firsts;
    for (uint32_t v = 0; v < e->model->var_count; v++) {
        uint32_t values = e->model->value_counts[v];
        if (values > 1)
            firsts[v] = cw_sat_var(e->sat);
        for (uint32_t x = 1; x < values && values > 2; x++)
            (void)cw_sat_var(e->sat);
        if (values <= 2)
            continue;
        cw_sat_begin(e);
        for (uint32_t x = 0; x < values; x++)
            cw_sat_put(e, cw_sat_literal(e, v, x));
        cw_sat_end(e);
        at_most_one(e, firsts[v], values);
    }
}

/* ---- constraints ----------------------------------------------------------------------------- */

/* The line's sets joined by "or"; inverted: not all of them at once. */
static void encode_line(struct cw_sat_encoding *e, const struct cw_model_constraint *c,
                        const uint64_t *line, bool inverted) {
    cw_sat_begin(e);
    for (uint32_t i = 0; i < c->scope_count; i++) {
        cw_sat_put_set(e, c->scope[i], line, inverted);
        line += cw_set_words(e->model->value_counts[c->scope[i]]);
    }
    cw_sat_end(e);
}

/* A row's literal implies its cells. */
static void encode_row(struct cw_sat_encoding *e, const struct cw_model_constraint *c,
                       const uint64_t *line, int row) {
    for (uint32_t i = 0; i < c->scope_count; i++) {
        cw_sat_begin(e);
        cw_sat_put(e, -row);
        cw_sat_put_set(e, c->scope[i], line, /* inverted: */ false);
        cw_sat_end(e);
        line += cw_set_words(e->model->value_counts[c->scope[i]]);
    }
}

/* A value implies one of the rows that have it: follows already, but propagates more. */
static void encode_supports(struct cw_sat_encoding *e, const struct cw_model_constraint *c,
                            const int *rows) {
    uint32_t offset = 0;
    for (uint32_t i = 0; i < c->scope_count; i++) {
        uint32_t values = e->model->value_counts[c->scope[i]];
        for (uint32_t x = 0; x < values; x++) {
            cw_sat_begin(e);
            cw_sat_put(e, -cw_sat_literal(e, c->scope[i], x));
            for (uint32_t r = 0; r < c->row_count; r++)
                if (cw_set_has(c->sets + (size_t)r * c->line_words + offset, x))
                    cw_sat_put(e, rows[r]);
            cw_sat_end(e);
        }
        offset += cw_set_words(values);
    }
}

static void encode_allowed(struct cw_sat_encoding *e, const struct cw_model_constraint *c) {
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    if (!scratch)
        abort(); /* a worker may */
    int *rows = cw_arena_array(scratch, (size_t)c->row_count + 1, sizeof *rows);
    uint64_t values = 0;
    for (uint32_t r = 0; r < c->row_count; r++) {
        rows[r] = cw_sat_var(e->sat);
        encode_row(e, c, c->sets + (size_t)r * c->line_words, rows[r]);
    }
    cw_sat_clause(e->sat, rows, c->row_count);
    for (uint32_t i = 0; i < c->scope_count; i++)
        values += e->model->value_counts[c->scope[i]];
    if (values * c->row_count <= SUPPORT_CELLS)
        encode_supports(e, c, rows);
}

void cw_sat_encode(struct cw_sat_encoding *e, uint32_t *ret_lazy, uint32_t *ret_lazy_count) {
    *ret_lazy_count = 0;
    encode_vars(e);
    for (uint32_t i = 0; i < e->model->constraint_count; i++) {
        const struct cw_model_constraint *c = &e->model->constraints[i];
        if (c->kind == CW_MODEL_CLAUSE) {
            encode_line(e, c, c->sets, /* inverted: */ false);
        } else if (c->kind == CW_MODEL_LINEAR) {
            if (!cw_sat_linear(e, c))
                ret_lazy[(*ret_lazy_count)++] = i;
        } else if (c->allowed) {
            encode_allowed(e, c);
        } else {
            for (uint32_t r = 0; r < c->row_count; r++)
                encode_line(e, c, c->sets + (size_t)r * c->line_words, /* inverted: */ true);
        }
    }
}
