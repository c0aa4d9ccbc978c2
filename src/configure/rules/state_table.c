/*
 * Responsible for: tables during search: compact-table (Demeulenaere, Hartert, Lecoutre, Perez,
 * Perron, Régin, Schaus 2016) with reversible sparse bitsets. Does not: decide anything.
 * The rules worker, and wherever a product is compiled in place.
 */
#include "configure/rules/state.h"

struct column {
    uint32_t number; /* of the table */
    uint32_t var, words, value_base;
    uint64_t *seen;
};

/* Take the rows out of `live` that are in none (keep) or in any (else) of the listed values. */
static void intersect(struct cw_state *state, const struct column *column, uint32_t values,
                      bool keep) {
    const struct cw_problem_table *table = &state->problem->tables[column->number];
    struct cw_state_table *own = &state->tables[column->number];
    const uint64_t *supports = table->supports + (size_t)column->value_base * table->words;
    uint32_t limit = (uint32_t)own->limit;
    for (uint32_t i = limit; i-- > 0;) {
        uint32_t w = own->index[i];
        uint64_t rows = 0, live = own->live[w];
        for (uint32_t k = 0; k < values; k++)
            rows |= supports[(size_t)state->values[k] * table->words + w];
        uint64_t now = keep ? live & rows : live & ~rows;
        if (now == live)
            continue;
        cw_state_save(state, &own->live[w]);
        own->live[w] = now;
        if (now == 0) {
            own->index[i] = own->index[--limit];
            own->index[limit] = w;
        }
    }
    if (limit != own->limit) {
        cw_state_save(state, &own->limit);
        own->limit = limit;
    }
}

/* Bring the rows up to date with one column's domain. */
static void update(struct cw_state *state, const struct column *column) {
    const uint64_t *domain = cw_state_domain(state, column->var);
    uint32_t kept = 0, lost = 0;
    for (uint32_t w = 0; w < column->words; w++) {
        kept += cw_bits_ones(domain[w]);
        lost += cw_bits_ones(column->seen[w] & ~domain[w]);
    }
    if (lost == 0)
        return;
    /* A row of sets outlives the loss of one of its values; a tuple does not. */
    bool by_lost = lost < kept && state->problem->tables[column->number].tuples;
    uint32_t count = 0;
    for (uint32_t w = 0; w < column->words; w++) {
        uint64_t rest = by_lost ? column->seen[w] & ~domain[w] : domain[w];
        for (; rest; rest &= rest - 1)
            state->values[count++] = w * 64 + (uint32_t)__builtin_ctzll(rest);
        if (column->seen[w] != domain[w]) {
            cw_state_save(state, &column->seen[w]);
            column->seen[w] = domain[w];
        }
    }
    intersect(state, column, count, /* keep: */ !by_lost);
}

/* Is there a live row with the value? */
static bool supported(struct cw_state *state, uint32_t number, uint32_t value) {
    const struct cw_problem_table *table = &state->problem->tables[number];
    struct cw_state_table *own = &state->tables[number];
    const uint64_t *rows = table->supports + (size_t)value * table->words;
    uint32_t residue = own->residues[value];
    if (own->live[residue] & rows[residue])
        return true;
    for (uint32_t i = 0; i < own->limit; i++)
        if (own->live[own->index[i]] & rows[own->index[i]]) {
            own->residues[value] = own->index[i];
            return true;
        }
    return false;
}

static bool filter(struct cw_state *state, const struct column *column) {
    uint64_t *domain = state->domains + state->problem->word_bases[column->var];
    if (cw_bits_fixed(domain, column->words))
        return true;
    uint64_t left[CW_SET_WORDS];
    bool fewer = false;
    memcpy(left, domain, column->words * sizeof *left);
    CW_BITS_EACH(x, domain, column->words) {
        if (!supported(state, column->number, column->value_base + x)) {
            cw_set_drop(left, x);
            fewer = true;
        }
    }
    if (!fewer)
        return true;
    /* The rows of these values are gone already: no need to come back for them. */
    for (uint32_t w = 0; w < column->words; w++)
        if (column->seen[w] != left[w]) {
            cw_state_save(state, &column->seen[w]);
            column->seen[w] = left[w];
        }
    return cw_state_keep_only(state, column->var, left);
}

bool cw_state_visit_table(struct cw_state *state, uint32_t number) {
    const struct cw_problem *p = state->problem;
    const struct cw_problem_table *table = &p->tables[number];
    state->steps += state->tables[number].limit;
    for (uint32_t pass = 0; pass < 2; pass++) {
        uint64_t *seen = state->tables[number].seen;
        for (uint32_t i = 0; i < table->arity; i++) {
            uint32_t var = table->vars[i];
            struct column column = {number, var, p->words[var], table->value_bases[i], seen};
            seen += column.words;
            if (pass == 0)
                update(state, &column);
            else if (!filter(state, &column))
                return false;
        }
        if (state->tables[number].limit == 0)
            return false;
    }
    return true;
}

/* ---- entailment ------------------------------------------------------------------------------ */

static bool row_covers(const struct cw_state *state, const struct cw_problem_table *table,
                       const uint64_t *line) {
    for (uint32_t i = 0; i < table->arity; i++) {
        uint32_t words = state->problem->words[table->vars[i]];
        if (!cw_bits_within(cw_state_domain(state, table->vars[i]), line, words))
            return false;
        line += words;
    }
    return true;
}

bool cw_state_table_entailed(const struct cw_state *state, uint32_t number) {
    const struct cw_problem *p = state->problem;
    const struct cw_problem_table *table = &p->tables[number];
    const struct cw_state_table *own = &state->tables[number];
    uint64_t rows = 0, all = 1;
    uint32_t open = 0;
    for (uint32_t i = 0; i < table->arity; i++)
        open += !cw_state_fixed(state, table->vars[i]);
    if (open <= 1) /* each value has its row */
        return true;
    for (uint32_t i = 0; i < own->limit && !table->tuples; i++)
        for (uint64_t rest = own->live[own->index[i]]; rest; rest &= rest - 1) {
            size_t row = own->index[i] * 64u + (uint32_t)__builtin_ctzll(rest);
            if (row_covers(state, table, table->lines + row * table->line_words))
                return true;
        }
    if (!table->tuples)
        return false;
    for (uint32_t i = 0; i < own->limit; i++)
        rows += cw_bits_ones(own->live[own->index[i]]);
    for (uint32_t i = 0; i < table->arity && all <= rows; i++)
        all *= cw_bits_count(cw_state_domain(state, table->vars[i]), p->words[table->vars[i]]);
    return all == rows;
}
