/*
 * Responsible for: laying a draft out for search. Does not: change what it says.
 * The rules worker, and wherever a product is compiled in place.
 */
#include "configure/rules/problem.h"

#include <string.h>

#include "configure/rules/bits.h"
#include "configure/rules/intern.h"

/* ---- clauses --------------------------------------------------------------------------------- */

/* Equal sets get one place; which is found through their words. */
struct set_pool {
    struct cw_account account;
    struct cw_intern intern;
    struct cw_u32_pool firsts; /* per interned set: its first word in sets */
    uint64_t *sets;
    uint32_t used;
};

static uint32_t set_place(struct set_pool *pool, const uint64_t *set, uint32_t words) {
    uint32_t text[2 * CW_SET_WORDS];
    bool first;
    for (uint32_t w = 0; w < words; w++) {
        text[2 * w] = (uint32_t)set[w];
        text[2 * w + 1] = (uint32_t)(set[w] >> 32);
    }
    uint32_t number = cw_intern_add(&pool->intern, text, 2 * words, &first);
    if (first) {
        cw_u32_push(&pool->account, &pool->firsts, pool->used);
        memcpy(pool->sets + pool->used, set, words * sizeof *set);
        pool->used += words;
    }
    return pool->firsts.at[number];
}

static void lay_clauses(struct cw_problem *p, const struct cw_draft *draft) {
    uint32_t lits = 0;
    size_t set_words = 0;
    for (uint32_t i = 0; i < draft->clause_count; i++) {
        lits += draft->clauses[i].count;
        for (uint32_t k = 0; k < draft->clauses[i].count; k++)
            set_words += p->words[draft->clauses[i].lits[k].var];
    }
    struct cw_problem_clause *clauses =
        cw_arena_array(p->arena, draft->clause_count, sizeof *clauses);
    struct cw_problem_lit *at = cw_arena_array(p->arena, lits, sizeof *at);
    struct set_pool pool = {.sets = cw_arena_array(p->arena, set_words, sizeof(uint64_t))};
    cw_intern_init(&pool.intern, &pool.account);
    p->clauses = clauses;
    p->lits = at;
    p->sets = pool.sets;
    p->clause_count = draft->clause_count;
    for (uint32_t i = 0, next = 0; i < draft->clause_count; i++) {
        const struct cw_draft_clause *from = &draft->clauses[i];
        clauses[i] = (struct cw_problem_clause){next, from->count};
        for (uint32_t k = 0; k < from->count; k++) {
            uint32_t var = from->lits[k].var;
            at[next++] =
                (struct cw_problem_lit){var, set_place(&pool, from->lits[k].set, p->words[var])};
        }
    }
    cw_u32_free(&pool.account, &pool.firsts);
    cw_intern_deinit(&pool.intern);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static void lay_supports(struct cw_problem *p, const struct cw_draft_table *from,
                         struct cw_problem_table *table) {
    uint32_t *bases = cw_arena_array(p->arena, from->arity, sizeof *bases);
    uint32_t values = 0, column_word = 0;
    for (uint32_t i = 0; i < from->arity; i++) {
        bases[i] = values;
        values += p->value_counts[from->vars[i]];
    }
    uint64_t *supports = cw_arena_array(p->arena, (size_t)values * table->words, sizeof *supports);
    for (uint32_t i = 0; i < from->arity; i++) {
        uint32_t words = p->words[from->vars[i]];
        for (uint32_t r = 0; r < from->row_count; r++) {
            const uint64_t *set = from->lines + (size_t)r * from->line_words + column_word;
            CW_BITS_EACH(x, set, words) {
                cw_set_add(supports + (size_t)(bases[i] + x) * table->words, r);
            }
        }
        column_word += words;
    }
    table->value_bases = bases;
    table->supports = supports;
}

static void lay_tuples(struct cw_problem *p, const struct cw_draft_table *from,
                       struct cw_problem_table *table) {
    uint32_t *values =
        cw_arena_array(p->arena, (size_t)from->row_count * from->arity, sizeof *values);
    const uint64_t *set = from->lines;
    table->tuple_values = values;
    for (uint32_t r = 0; r < from->row_count; r++)
        for (uint32_t i = 0; i < from->arity; i++) {
            *values++ = cw_bits_next(set, p->words[from->vars[i]], 0);
            set += p->words[from->vars[i]];
        }
}

static void lay_tables(struct cw_problem *p, const struct cw_draft *draft) {
    struct cw_problem_table *tables = cw_arena_array(p->arena, draft->table_count, sizeof *tables);
    p->tables = tables;
    p->table_count = draft->table_count;
    for (uint32_t i = 0; i < draft->table_count; i++) {
        const struct cw_draft_table *from = &draft->tables[i];
        tables[i] = (struct cw_problem_table){
            .arity = from->arity,
            .row_count = from->row_count,
            .words = cw_set_words(from->row_count),
            .tuples = from->tuples,
            .vars = from->vars,
            .lines = from->lines,
            .line_words = from->line_words,
        };
        lay_supports(p, from, &tables[i]);
        if (from->tuples)
            lay_tuples(p, from, &tables[i]);
    }
}

/* ---- occurrences ----------------------------------------------------------------------------- */

/* counts[v + 1] occurrences of v become where they start; returns how many there are. */
static uint32_t starts(uint32_t *counts, uint32_t vars) {
    for (uint32_t v = 0; v < vars; v++)
        counts[v + 1] += counts[v];
    return counts[vars];
}

static void index_clauses(struct cw_problem *p) {
    uint32_t *first = cw_arena_array(p->arena, p->var_count + 2, sizeof *first);
    for (uint32_t i = 0; i < p->clause_count; i++)
        for (uint32_t k = 0; k < p->clauses[i].count; k++)
            first[p->lits[p->clauses[i].first + k].var + 2]++;
    uint32_t count = starts(first + 1, p->var_count);
    struct cw_problem_lit *in = cw_arena_array(p->arena, count, sizeof *in);
    for (uint32_t i = 0; i < p->clause_count; i++)
        for (uint32_t k = 0; k < p->clauses[i].count; k++) {
            struct cw_problem_lit lit = p->lits[p->clauses[i].first + k];
            in[first[lit.var + 1]++] = (struct cw_problem_lit){i, lit.set};
        }
    p->in_clauses_first = first;
    p->in_clauses = in;
}

static const uint32_t *scope_of(const struct cw_problem *p, bool tables, uint32_t i,
                                uint32_t *ret_count) {
    *ret_count = tables ? p->tables[i].arity : p->linears[i].count;
    return tables ? p->tables[i].vars : p->linears[i].vars;
}

static void index_scopes(struct cw_problem *p, bool tables, const uint32_t **ret_first,
                         const uint32_t **ret_in) {
    uint32_t *first = cw_arena_array(p->arena, p->var_count + 2, sizeof *first);
    uint32_t constraints = tables ? p->table_count : p->linear_count, scope_count;
    for (uint32_t i = 0; i < constraints; i++) {
        const uint32_t *scope = scope_of(p, tables, i, &scope_count);
        for (uint32_t k = 0; k < scope_count; k++)
            first[scope[k] + 2]++;
    }
    uint32_t *in = cw_arena_array(p->arena, starts(first + 1, p->var_count), sizeof *in);
    for (uint32_t i = 0; i < constraints; i++) {
        const uint32_t *scope = scope_of(p, tables, i, &scope_count);
        for (uint32_t k = 0; k < scope_count; k++)
            in[first[scope[k] + 1]++] = i;
    }
    *ret_first = first;
    *ret_in = in;
}

struct cw_problem *cw_problem_new(const struct cw_draft *draft) {
    struct cw_problem *p = cw_arena_alloc(draft->arena, sizeof *p);
    uint32_t *words = cw_arena_array(draft->arena, draft->var_count, sizeof *words);
    for (uint32_t var = 0; var < draft->var_count; var++)
        words[var] = cw_draft_words(draft, var);
    uint64_t *domains = cw_arena_array(draft->arena, draft->word_count, sizeof *domains);
    if (draft->word_count > 0)
        memcpy(domains, draft->domains, draft->word_count * sizeof *domains);
    *p = (struct cw_problem){
        .arena = draft->arena,
        .var_count = draft->var_count,
        .word_count = draft->word_count,
        .narrow = draft->word_count == draft->var_count,
        .value_counts = draft->value_counts,
        .word_bases = draft->word_bases,
        .words = words,
        .domains = domains,
        .linear_count = draft->linear_count,
        .linears = draft->linears,
    };
    lay_clauses(p, draft);
    lay_tables(p, draft);
    index_clauses(p);
    index_scopes(p, /* tables: */ true, &p->in_tables_first, &p->in_tables);
    index_scopes(p, /* tables: */ false, &p->in_linears_first, &p->in_linears);
    return p;
}
