/*
 * Responsible for: tables on their way to the compiler: rows restricted, sorted, spread into tuples
 * where that is small. Does not: search. The rules worker, and wherever a product is compiled.
 */
#include <stdlib.h>
#include <string.h>

#include "configure/rules/bits.h"
#include "configure/rules/draft.h"

/* A forbidden table over so few combinations is kept as the ones it allows: a table propagates more
 * than its rows as clauses. */
#define INVERT_COMBINATIONS 1024
/* Rows of sets are spread into tuples up to this many, or this many times their number. */
#define SPREAD_ROWS  4096
#define SPREAD_TIMES 4

/* ---- import ---------------------------------------------------------------------------------- */

/* Combinations of the scope, at most UINT32_MAX. */
static uint64_t combinations(const struct cw_draft *draft, const uint32_t *vars, uint32_t arity) {
    uint64_t product = 1;
    for (uint32_t i = 0; i < arity && product <= UINT32_MAX; i++)
        product *= cw_bits_count(cw_draft_domain(draft, vars[i]), cw_draft_words(draft, vars[i]));
    return product;
}

static void new_table(struct cw_draft *draft, const struct cw_model_constraint *from,
                      uint64_t *lines, uint32_t rows) {
    struct cw_draft_table *table = &draft->tables[draft->table_count++];
    *table = (struct cw_draft_table){.arity = from->scope_count,
                                     .row_count = rows,
                                     .line_words = from->line_words,
                                     .lines = lines};
    table->vars = cw_arena_array(draft->arena, table->arity, sizeof *table->vars);
    if (table->arity > 0)
        memcpy(table->vars, from->scope, table->arity * sizeof *table->vars);
}

static bool line_has(const struct cw_draft *draft, const struct cw_model_constraint *table,
                     const uint64_t *line, const uint32_t *values) {
    for (uint32_t i = 0; i < table->scope_count; i++) {
        if (!cw_set_has(line, values[i]))
            return false;
        line += cw_draft_words(draft, table->scope[i]);
    }
    return true;
}

static bool forbids(const struct cw_draft *draft, const struct cw_model_constraint *table,
                    const uint32_t *values) {
    for (uint32_t r = 0; r < table->row_count; r++)
        if (line_has(draft, table, table->sets + (size_t)r * table->line_words, values))
            return true;
    return false;
}

static void write_tuple(const struct cw_draft *draft, const uint32_t *vars, uint32_t arity,
                        const uint32_t *values, uint64_t *line) {
    for (uint32_t i = 0; i < arity; i++) {
        cw_set_add(line, values[i]);
        line += cw_draft_words(draft, vars[i]);
    }
}

/* The last column moves fastest, so that tuples come in ascending order. */
static bool next_tuple(const struct cw_draft *draft, const uint32_t *vars, uint32_t arity,
                       uint32_t *values) {
    for (uint32_t i = arity; i-- > 0;) {
        if (++values[i] < draft->value_counts[vars[i]])
            return true;
        values[i] = 0;
    }
    return false;
}

static void import_inverted(struct cw_draft *draft, const struct cw_model_constraint *table) {
    uint64_t all = combinations(draft, table->scope, table->scope_count);
    uint64_t *lines = cw_arena_array(draft->arena, all * table->line_words, sizeof *lines);
    uint32_t *values = cw_arena_array(draft->arena, table->scope_count, sizeof *values);
    uint32_t rows = 0;
    do {
        if (!forbids(draft, table, values))
            write_tuple(draft, table->scope, table->scope_count, values,
                        lines + (size_t)rows++ * table->line_words);
    } while (next_tuple(draft, table->scope, table->scope_count, values));
    new_table(draft, table, lines, rows);
}

/* A forbidden row: some variable is outside its set. */
static void import_forbidden_row(struct cw_draft *draft, const struct cw_model_constraint *table,
                                 const uint64_t *line) {
    struct cw_draft_lit *lits = cw_arena_array(draft->arena, table->scope_count, sizeof *lits);
    uint64_t *sets = cw_arena_array(draft->arena, table->line_words, sizeof *sets);
    for (uint32_t i = 0; i < table->scope_count; i++) {
        uint32_t var = table->scope[i], words = cw_draft_words(draft, var);
        const uint64_t *domain = cw_draft_domain(draft, var);
        for (uint32_t w = 0; w < words; w++)
            sets[w] = domain[w] & ~line[w];
        lits[i] = (struct cw_draft_lit){var, sets};
        sets += words;
        line += words;
    }
    cw_draft_add_clause(draft, lits, table->scope_count);
}

void cw_draft_import_table(struct cw_draft *draft, const struct cw_model_constraint *table) {
    if (table->allowed) {
        size_t words = (size_t)table->row_count * table->line_words;
        uint64_t *lines = cw_arena_array(draft->arena, words, sizeof *lines);
        if (words > 0)
            memcpy(lines, table->sets, words * sizeof *lines);
        new_table(draft, table, lines, table->row_count);
        return;
    }
    /* One or two rows are better clauses: they fall away as soon as one side is decided. */
    if (table->row_count > 2 &&
        combinations(draft, table->scope, table->scope_count) <= INVERT_COMBINATIONS) {
        import_inverted(draft, table);
        return;
    }
    for (uint32_t r = 0; r < table->row_count; r++)
        import_forbidden_row(draft, table, table->sets + (size_t)r * table->line_words);
}

/* ---- simplifying ----------------------------------------------------------------------------- */

/* Restrict the rows to the domains; rows that lose a set altogether go. */
static void restrict_rows(const struct cw_draft *draft, struct cw_draft_table *table) {
    uint32_t kept = 0;
    for (uint32_t r = 0; r < table->row_count; r++) {
        const uint64_t *from = table->lines + (size_t)r * table->line_words;
        uint64_t *to = table->lines + (size_t)kept * table->line_words;
        bool alive = true;
        for (uint32_t i = 0; i < table->arity; i++) {
            uint32_t words = cw_draft_words(draft, table->vars[i]);
            const uint64_t *domain = cw_draft_domain(draft, table->vars[i]);
            uint64_t left = 0;
            for (uint32_t w = 0; w < words; w++)
                left |= *to++ = *from++ & domain[w];
            alive &= left != 0;
        }
        kept += alive;
    }
    table->row_count = kept;
}

/* Keep for each variable the values that some row has. */
static bool keep_supported(struct cw_draft *draft, const struct cw_draft_table *table) {
    uint64_t *any = cw_arena_array(draft->arena, table->line_words, sizeof *any);
    for (uint32_t r = 0; r < table->row_count; r++)
        for (uint32_t w = 0; w < table->line_words; w++)
            any[w] |= table->lines[(size_t)r * table->line_words + w];
    bool changed = false;
    for (uint32_t i = 0; i < table->arity; i++) {
        changed |= cw_draft_keep_only(draft, table->vars[i], any);
        any += cw_draft_words(draft, table->vars[i]);
    }
    return changed;
}

/* Columns of variables with one value say nothing more. */
static void drop_fixed_columns(const struct cw_draft *draft, struct cw_draft_table *table) {
    uint32_t arity = 0, words = 0;
    uint32_t *from = cw_arena_array(draft->arena, table->arity, sizeof *from);
    for (uint32_t i = 0, at = 0; i < table->arity; i++) {
        uint32_t var = table->vars[i], own = cw_draft_words(draft, var);
        if (!cw_bits_fixed(cw_draft_domain(draft, var), own)) {
            table->vars[arity] = var;
            from[arity++] = at;
            words += own;
        }
        at += own;
    }
    if (arity == table->arity)
        return;
    uint64_t *to = table->lines;
    for (uint32_t r = 0; r < table->row_count; r++)
        for (uint32_t i = 0; i < arity; i++) {
            uint32_t own = cw_draft_words(draft, table->vars[i]);
            memmove(to, table->lines + (size_t)r * table->line_words + from[i], own * sizeof *to);
            to += own;
        }
    table->arity = arity;
    table->line_words = words;
}

/* Tuples of one row, at most UINT32_MAX. */
static uint64_t row_size(const struct cw_draft *draft, const struct cw_draft_table *table,
                         const uint64_t *line) {
    uint64_t product = 1;
    for (uint32_t i = 0; i < table->arity && product <= UINT32_MAX; i++) {
        uint32_t words = cw_draft_words(draft, table->vars[i]);
        product *= cw_bits_count(line, words);
        line += words;
    }
    return product;
}

/* The tuples of a row of sets, ascending: an odometer over its sets. */
static uint64_t *spread_row(const struct cw_draft *draft, const struct cw_draft_table *table,
                            const uint64_t *line, uint64_t *to) {
    uint32_t *values = cw_arena_array(draft->arena, table->arity, sizeof *values);
    const uint64_t **sets = cw_arena_array(draft->arena, table->arity, sizeof *sets);
    for (uint32_t i = 0; i < table->arity; i++) {
        sets[i] = line;
        line += cw_draft_words(draft, table->vars[i]);
        values[i] = cw_bits_next(sets[i], cw_draft_words(draft, table->vars[i]), 0);
    }
    for (bool more = true; more;) {
        write_tuple(draft, table->vars, table->arity, values, to);
        to += table->line_words;
        more = false;
        for (uint32_t i = table->arity; i-- > 0 && !more;) {
            uint32_t words = cw_draft_words(draft, table->vars[i]);
            values[i] = cw_bits_next(sets[i], words, values[i] + 1);
            more = values[i] != UINT32_MAX;
            if (!more)
                values[i] = cw_bits_next(sets[i], words, 0);
        }
    }
    return to;
}

static void spread(const struct cw_draft *draft, struct cw_draft_table *table) {
    uint64_t tuples = 0, most = (uint64_t)table->row_count * SPREAD_TIMES;
    if (most < SPREAD_ROWS)
        most = SPREAD_ROWS;
    for (uint32_t r = 0; r < table->row_count && tuples <= most; r++)
        tuples += row_size(draft, table, table->lines + (size_t)r * table->line_words);
    table->tuples = tuples <= most;
    if (!table->tuples || tuples == table->row_count)
        return;
    uint64_t *lines = cw_arena_array(draft->arena, tuples * table->line_words, sizeof *lines);
    uint64_t *to = lines;
    for (uint32_t r = 0; r < table->row_count; r++)
        to = spread_row(draft, table, table->lines + (size_t)r * table->line_words, to);
    table->lines = lines;
    table->row_count = (uint32_t)tuples;
}

/* Ascending by the first values: minus one, a word without a value is the largest, and of two words
 * with one value the smaller value comes first. */
static int compare_lines(const void *a, const void *b, void *table) {
    const uint64_t *left = a, *right = b;
    for (uint32_t w = 0; w < ((const struct cw_draft_table *)table)->line_words; w++)
        if (left[w] != right[w])
            return left[w] - 1 < right[w] - 1 ? -1 : 1;
    return 0;
}

static void sort_rows(struct cw_draft_table *table) {
    size_t bytes = table->line_words * sizeof *table->lines;
    qsort_r(table->lines, table->row_count, bytes, compare_lines, table);
    uint32_t kept = 0;
    for (uint32_t r = 0; r < table->row_count; r++) {
        uint64_t *line = table->lines + (size_t)r * table->line_words;
        uint64_t *last = table->lines + (size_t)(kept - 1) * table->line_words;
        if (kept > 0 && memcmp(last, line, bytes) == 0)
            continue;
        memmove(table->lines + (size_t)kept++ * table->line_words, line, bytes);
    }
    table->row_count = kept;
}

/* True when the table holds for every combination of the domains. */
static bool entailed(const struct cw_draft *draft, const struct cw_draft_table *table) {
    if (table->arity == 0)
        return true;
    return table->tuples && table->row_count == combinations(draft, table->vars, table->arity);
}

bool cw_draft_simplify_tables(struct cw_draft *draft) {
    bool changed = false;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < draft->table_count && !draft->impossible; i++) {
        struct cw_draft_table *table = &draft->tables[i];
        restrict_rows(draft, table);
        draft->impossible |= table->row_count == 0;
        if (draft->impossible)
            break;
        changed |= keep_supported(draft, table);
        drop_fixed_columns(draft, table);
        if (table->arity <= 1) /* said to the domain */
            continue;
        if (!table->tuples)
            spread(draft, table);
        sort_rows(table);
        if (!entailed(draft, table))
            draft->tables[kept++] = *table;
    }
    draft->table_count = kept;
    return changed;
}
