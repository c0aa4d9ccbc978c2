/*
 * Responsible for: writing down, in one way only, what a constraint still says. Does not: compare
 * components. The rules worker, and wherever a product is compiled in place.
 *
 * The words of a content: a kind, then
 *   clause  per literal that is not false: variable << 2 | value, if it has two values, else
 *           variable << 2 | 2 and the set of values that make it true
 *   table   how many variables, these, how many rows, and the rows: per variable the value if rows
 *           are tuples, else the set that is left of the row's
 *   linear  how many variables, these, each with its weights less the least; the bounds less the
 *           least sum, divided by the common divisor; open where they cannot be missed
 */
#include <stdlib.h>

#include "configure/rules/residual_content.h"

enum kind { KIND_CLAUSE, KIND_TUPLES, KIND_ROWS, KIND_LINEAR, KIND_DOMAIN };

static void put(struct cw_residual *residual, uint32_t word) {
    cw_u32_push(residual->account, &residual->words, word);
}

static void put_bits(struct cw_residual *residual, const uint64_t *a, const uint64_t *b,
                     uint32_t words) {
    for (uint32_t w = 0; w < words; w++) {
        put(residual, (uint32_t)(a[w] & b[w]));
        put(residual, (uint32_t)((a[w] & b[w]) >> 32));
    }
}

static void put_wide(struct cw_residual *residual, cw_wide number) {
    for (uint32_t part = 0; part < 4; part++)
        put(residual, (uint32_t)(number >> (32 * part)));
}

static uint32_t number_of(struct cw_residual *residual) {
    bool first;
    return cw_intern_add(&residual->contents, residual->words.at, (uint32_t)residual->words.count,
                         &first);
}

uint32_t cw_residual_domain(struct cw_residual *residual, uint32_t var) {
    const struct cw_problem *p = residual->state->problem;
    const uint64_t *domain = cw_state_domain(residual->state, var);
    residual->words.count = 0;
    put(residual, KIND_DOMAIN);
    put_bits(residual, domain, domain, p->words[var]);
    return number_of(residual);
}

/* ---- clauses --------------------------------------------------------------------------------- */

static uint32_t clause_content(struct cw_residual *residual, uint32_t clause) {
    const struct cw_state *state = residual->state;
    const struct cw_problem *p = state->problem;
    const struct cw_problem_lit *lits = p->lits + p->clauses[clause].first;
    residual->words.count = 0;
    put(residual, KIND_CLAUSE);
    for (uint32_t i = 0; i < p->clauses[clause].count; i++) {
        uint32_t var = lits[i].var, words = p->words[var];
        const uint64_t *domain = cw_state_domain(state, var), *set = p->sets + lits[i].set;
        if (!cw_bits_meet(domain, set, words))
            continue;
        if (p->value_counts[var] == 2) {
            put(residual, var << 2 | (uint32_t)(set[0] >> 1));
            continue;
        }
        put(residual, var << 2 | 2);
        put_bits(residual, domain, set, words);
    }
    return number_of(residual);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static uint32_t put_scope(struct cw_residual *residual, const struct cw_problem_table *table) {
    uint32_t open = 0;
    size_t at = residual->words.count;
    put(residual, 0);
    for (uint32_t i = 0; i < table->arity; i++)
        if (!cw_state_fixed(residual->state, table->vars[i])) {
            put(residual, table->vars[i]);
            open++;
        }
    residual->words.at[at] = open;
    return open;
}

/* The live rows in ascending order. */
static size_t live_rows(struct cw_residual *residual, uint32_t number) {
    const struct cw_state_table *own = &residual->state->tables[number];
    uint32_t limit = (uint32_t)own->limit;
    struct cw_u32_pool *rows = &residual->rows;
    rows->count = 0;
    /* The words that are not zero first, then in their place the rows; both ascend. */
    uint32_t *words = cw_u32_room(residual->account, rows, limit);
    memcpy(words, own->index, limit * sizeof *words);
    cw_u32_sort(words, limit);
    rows->count = limit;
    for (uint32_t i = 0; i < limit; i++) {
        uint32_t w = rows->at[i];
        for (uint64_t rest = own->live[w]; rest; rest &= rest - 1)
            cw_u32_push(residual->account, rows, w * 64 + (uint32_t)__builtin_ctzll(rest));
    }
    rows->count -= limit;
    memmove(rows->at, rows->at + limit, rows->count * sizeof *rows->at);
    return rows->count;
}

/* Fixed columns are the same in every live row, so what is left of the rows still ascends and has
 * no doubles: two tables that leave the same relation write the same words. */
static uint32_t write_tuples(struct cw_residual *residual, uint32_t number) {
    const struct cw_problem_table *table = &residual->state->problem->tables[number];
    residual->words.count = 0;
    put(residual, KIND_TUPLES);
    uint32_t open = put_scope(residual, table);
    size_t rows = live_rows(residual, number);
    uint32_t *columns = residual->state->values; /* arity fits: see cw_state_new */
    for (uint32_t i = 0, k = 0; i < table->arity; i++)
        if (!cw_state_fixed(residual->state, table->vars[i]))
            columns[k++] = i;
    put(residual, (uint32_t)rows);
    uint32_t *to = cw_u32_room(residual->account, &residual->words, rows * open);
    for (size_t r = 0; r < rows; r++) {
        const uint32_t *tuple = table->tuple_values + (size_t)residual->rows.at[r] * table->arity;
        for (uint32_t k = 0; k < open; k++)
            *to++ = tuple[columns[k]];
    }
    residual->words.count += rows * open;
    return number_of(residual);
}

/* The live rows decide the domains of a table of tuples, and so its content: most of the time they
 * were met before, and they are much shorter. */
static uint32_t tuples_content(struct cw_residual *residual, uint32_t number) {
    const struct cw_problem_table *table = &residual->state->problem->tables[number];
    const struct cw_state_table *own = &residual->state->tables[number];
    bool first;
    if (own->limit * 4 < table->words)
        return write_tuples(residual, number);
    residual->words.count = 0;
    put(residual, number);
    put_bits(residual, own->live, own->live, table->words);
    uint32_t entry = cw_intern_add(&residual->lives, residual->words.at,
                                   (uint32_t)residual->words.count, &first);
    if (first) {
        uint32_t content = write_tuples(residual, number);
        cw_u32_push(residual->account, &residual->live_contents, content);
    }
    return residual->live_contents.at[entry];
}

static int compare_rows(const void *a, const void *b, void *words) {
    return memcmp(a, b, *(const size_t *)words * sizeof(uint32_t));
}

/* Rows of sets: what is left of each, sorted, without doubles. */
static uint32_t rows_content(struct cw_residual *residual, uint32_t number) {
    const struct cw_problem *p = residual->state->problem;
    const struct cw_problem_table *table = &p->tables[number];
    residual->words.count = 0;
    put(residual, KIND_ROWS);
    put_scope(residual, table);
    size_t rows = live_rows(residual, number), first = residual->words.count, width = 0;
    for (size_t r = 0; r < rows; r++) {
        const uint64_t *line = table->lines + (size_t)residual->rows.at[r] * table->line_words;
        for (uint32_t i = 0; i < table->arity; i++) {
            uint32_t var = table->vars[i];
            if (!cw_state_fixed(residual->state, var))
                put_bits(residual, cw_state_domain(residual->state, var), line, p->words[var]);
            line += p->words[var];
        }
        width = width ? width : residual->words.count - first;
    }
    uint32_t *at = residual->words.at + first;
    qsort_r(at, rows, width * sizeof *at, compare_rows, &width);
    size_t kept = 0;
    for (size_t r = 0; r < rows; r++)
        if (kept == 0 || compare_rows(at + (kept - 1) * width, at + r * width, &width) != 0)
            memmove(at + kept++ * width, at + r * width, width * sizeof *at);
    residual->words.count = first + kept * width;
    return number_of(residual);
}

/* ---- linear constraints ---------------------------------------------------------------------- */

static cw_wide divisor(cw_wide a, cw_wide b) {
    while (b != 0) {
        cw_wide rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Of all weights that are left, each less the least of its variable. */
static cw_wide common_divisor(const struct cw_state *state, const struct cw_draft_linear *linear) {
    cw_wide common = 0;
    for (uint32_t i = 0; i < linear->count && common != 1; i++) {
        uint32_t var = linear->vars[i];
        struct cw_span own = cw_state_span(state, var, linear->weights[i]);
        const uint64_t *domain = cw_state_domain(state, var);
        CW_BITS_EACH(x, domain, state->problem->words[var]) {
            common = divisor(common, linear->weights[i][x] - own.least);
        }
    }
    return common;
}

static void put_weights(struct cw_residual *residual, const struct cw_draft_linear *linear,
                        cw_wide common) {
    const struct cw_state *state = residual->state;
    size_t at = residual->words.count;
    put(residual, 0);
    for (uint32_t i = 0; i < linear->count; i++) {
        uint32_t var = linear->vars[i];
        struct cw_span own = cw_state_span(state, var, linear->weights[i]);
        if (own.least == own.most)
            continue;
        residual->words.at[at]++;
        put(residual, var);
        const uint64_t *domain = cw_state_domain(state, var);
        CW_BITS_EACH(x, domain, state->problem->words[var]) {
            put_wide(residual, (linear->weights[i][x] - own.least) / common);
        }
    }
}

static uint32_t linear_content(struct cw_residual *residual, uint32_t number) {
    const struct cw_draft_linear *linear = &residual->state->problem->linears[number];
    struct cw_span all = cw_state_linear_span(residual->state, number);
    cw_wide common = common_divisor(residual->state, linear);
    residual->words.count = 0;
    put(residual, KIND_LINEAR);
    put_weights(residual, linear, common);
    /* Sums above the least are 0, common, 2 * common … */
    bool open_min = linear->min <= all.least, open_max = linear->max >= all.most;
    put_wide(residual, open_min ? -1 : (linear->min - all.least + common - 1) / common);
    put_wide(residual, open_max ? -1 : (linear->max - all.least) / common);
    return number_of(residual);
}

uint32_t cw_residual_content(struct cw_residual *residual, uint32_t constraint) {
    const struct cw_problem *p = residual->state->problem;
    if (constraint < p->clause_count)
        return clause_content(residual, constraint);
    uint32_t number = constraint - p->clause_count;
    if (number >= p->table_count)
        return linear_content(residual, number - p->table_count);
    return p->tables[number].tuples ? tuples_content(residual, number)
                                    : rows_content(residual, number);
}
