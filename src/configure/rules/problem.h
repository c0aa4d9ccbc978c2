/*
 * A draft laid out for search: what each variable occurs in, supports of tables by value, equal
 * sets once. Never changes once built.
 */
#pragma once

#include "configure/rules/draft.h"

struct cw_problem_lit {
    uint32_t var;
    uint32_t set; /* first word in sets; equal sets of equal length are one */
};
struct cw_problem_clause {
    uint32_t first, count; /* in lits */
};
struct cw_problem_table {
    uint32_t arity, row_count, words; /* words of a bitset over rows */
    bool tuples;
    const uint32_t *vars;
    const uint32_t *value_bases;  /* per column: where its values start in supports */
    const uint64_t *supports;     /* per value of every column: the rows that have it */
    const uint32_t *tuple_values; /* tuples: row_count lines of arity values */
    const uint64_t *lines;        /* else: as in the draft */
    uint32_t line_words;
};

/* Constraints are numbered: clauses, then tables, then linears. */
struct cw_problem {
    struct cw_arena *arena;
    uint32_t var_count, word_count;
    bool narrow; /* every domain is one word: word_bases[v] is v */
    const uint32_t *value_counts, *word_bases, *words; /* per variable */
    const uint64_t *domains;
    uint64_t *sets;
    uint32_t clause_count, table_count, linear_count;
    const struct cw_problem_clause *clauses;
    const struct cw_problem_lit *lits;
    const struct cw_problem_table *tables;
    const struct cw_draft_linear *linears;
    /* occurrences: of variable v from first[v] to before first[v + 1] */
    const uint32_t *in_clauses_first, *in_tables_first, *in_linears_first;
    const struct cw_problem_lit *in_clauses; /* var: the clause */
    const uint32_t *in_tables, *in_linears;
};

struct cw_problem *cw_problem_new(const struct cw_draft *draft);
