/*
 * Responsible for: the compact draft: only variables that constraints speak of, and one value for
 * all that no constraint tells apart. Does not: simplify. The rules worker, and wherever a product
 * is compiled in place.
 */
#include <string.h>

#include "configure/rules/bits.h"
#include "configure/rules/draft.h"
#include "configure/rules/intern.h"

/* What every constraint says of one value, as words: equal words, equal values. */
struct signatures {
    struct cw_account account;
    struct cw_u32_pool *values; /* per value of the variable at hand */
    uint32_t value_count;
};

static void say(struct signatures *s, uint32_t value, uint32_t word) {
    cw_u32_push(&s->account, &s->values[value], word);
}

/* Where variables occur. */
struct places {
    struct cw_u32_pool *clauses, *tables, *linears; /* per variable: index, then column */
};

static void note(struct cw_account *account, struct cw_u32_pool *pool, uint32_t index,
                 uint32_t column) {
    cw_u32_push(account, pool, index);
    cw_u32_push(account, pool, column);
}

static void find_places(const struct cw_draft *draft, struct cw_account *account,
                        struct places *places) {
    for (uint32_t i = 0; i < draft->clause_count; i++)
        for (uint32_t k = 0; k < draft->clauses[i].count; k++)
            note(account, &places->clauses[draft->clauses[i].lits[k].var], i, k);
    for (uint32_t i = 0; i < draft->table_count; i++)
        for (uint32_t k = 0; k < draft->tables[i].arity; k++)
            note(account, &places->tables[draft->tables[i].vars[k]], i, k);
    for (uint32_t i = 0; i < draft->linear_count; i++)
        for (uint32_t k = 0; k < draft->linears[i].count; k++)
            note(account, &places->linears[draft->linears[i].vars[k]], i, k);
}

/* The rest of the rows with each value. Rows ascend, so for tuples the rests do too, and equal
 * rests are equal relations; a row of sets counts for each of its values. */
static void say_table(const struct cw_draft *draft, struct signatures *s,
                      const struct cw_draft_table *table, uint32_t column) {
    uint32_t from = 0, words = cw_draft_words(draft, table->vars[column]);
    for (uint32_t k = 0; k < column; k++)
        from += cw_draft_words(draft, table->vars[k]);
    for (uint32_t r = 0; r < table->row_count; r++) {
        const uint64_t *line = table->lines + (size_t)r * table->line_words;
        CW_BITS_EACH(x, line + from, words) {
            say(s, x, 1); /* a row follows */
            for (uint32_t w = 0; w < table->line_words; w++) {
                if (w >= from && w < from + words)
                    continue;
                say(s, x, (uint32_t)line[w]);
                say(s, x, (uint32_t)(line[w] >> 32));
            }
        }
    }
    for (uint32_t x = 0; x < s->value_count; x++)
        say(s, x, 0); /* no more */
}

static void say_all(const struct cw_draft *draft, struct signatures *s, const struct places *places,
                    uint32_t var) {
    const struct cw_u32_pool *at = &places->clauses[var];
    for (size_t i = 0; i < at->count; i += 2)
        for (uint32_t x = 0; x < s->value_count; x++)
            say(s, x, cw_set_has(draft->clauses[at->at[i]].lits[at->at[i + 1]].set, x));
    at = &places->linears[var];
    for (size_t i = 0; i < at->count; i += 2)
        for (uint32_t x = 0; x < s->value_count; x++)
            for (uint32_t part = 0; part < 4; part++)
                say(s, x,
                    (uint32_t)(draft->linears[at->at[i]].weights[at->at[i + 1]][x] >> (32 * part)));
    at = &places->tables[var];
    for (size_t i = 0; i < at->count; i += 2)
        say_table(draft, s, &draft->tables[at->at[i]], at->at[i + 1]);
}

/* Classes of values: classes[x] for each value left, numbered by their first values. */
static uint32_t classify(const struct cw_draft *draft, const struct places *places, uint32_t var,
                         uint32_t *classes) {
    const uint64_t *domain = cw_draft_domain(draft, var);
    uint32_t words = cw_draft_words(draft, var), values = draft->value_counts[var], count = 0;
    if (cw_bits_count(domain, words) <= 2) { /* it occurs, so they are told apart */
        CW_BITS_EACH(x, domain, words) {
            classes[x] = count++;
        }
        return count;
    }
    struct signatures s = {.value_count = values};
    s.values = cw_compile_pool_zeroed(&s.account, values, sizeof *s.values);
    say_all(draft, &s, places, var);
    struct cw_intern intern;
    cw_intern_init(&intern, &s.account);
    bool first;
    CW_BITS_EACH(x, domain, words) {
        classes[x] = cw_intern_add(&intern, s.values[x].at, (uint32_t)s.values[x].count, &first);
    }
    count = (uint32_t)intern.count;
    cw_intern_deinit(&intern);
    for (uint32_t x = 0; x < values; x++)
        cw_u32_free(&s.account, &s.values[x]);
    cw_compile_pool_free(&s.account, s.values, values, sizeof *s.values);
    return count;
}

/* ---- the compact draft ----------------------------------------------------------------------- */

struct compaction {
    const struct cw_draft *from;
    struct cw_draft *to;
    uint32_t *numbers;  /* per variable of `from`: its number in `to`, or UINT32_MAX */
    uint32_t **classes; /* per variable of `to`, per value of `from` */
};

static void add_var(struct compaction *c, const struct places *places,
                    struct cw_draft_origin *origin, uint32_t var) {
    struct cw_draft *to = c->to;
    uint32_t values = c->from->value_counts[var], number = to->var_count++;
    uint32_t words = cw_draft_words(c->from, var);
    c->numbers[var] = number;
    c->classes[number] = cw_arena_array(to->arena, values, sizeof(uint32_t));
    uint32_t count = classify(c->from, places, var, c->classes[number]);
    to->value_counts[number] = count;
    to->word_bases[number] = to->word_count;
    to->word_count += cw_set_words(count);
    origin->vars[number] = var;
    origin->sets[number] = cw_arena_array(to->arena, (size_t)count * words, sizeof(uint64_t));
    CW_BITS_EACH(x, cw_draft_domain(c->from, var), words) {
        cw_set_add(origin->sets[number] + (size_t)c->classes[number][x] * words, x);
    }
}

static uint64_t *classes_of(const struct compaction *c, uint32_t number, const uint64_t *set,
                            uint32_t words, uint64_t *to) {
    CW_BITS_EACH(x, set, words) {
        cw_set_add(to, c->classes[number][x]);
    }
    return to;
}

static void copy_clause(const struct compaction *c, const struct cw_draft_clause *clause) {
    struct cw_draft *to = c->to;
    struct cw_draft_lit *lits = cw_arena_array(to->arena, clause->count, sizeof *lits);
    for (uint32_t i = 0; i < clause->count; i++) {
        uint32_t var = clause->lits[i].var, number = c->numbers[var];
        uint64_t *set = cw_arena_array(to->arena, cw_draft_words(to, number), sizeof *set);
        lits[i].var = number;
        lits[i].set = classes_of(c, number, clause->lits[i].set, cw_draft_words(c->from, var), set);
    }
    cw_draft_add_clause(to, lits, clause->count);
}

static void copy_table(const struct compaction *c, const struct cw_draft_table *table) {
    struct cw_draft *to = c->to;
    struct cw_draft_table *copy = &to->tables[to->table_count++];
    *copy = (struct cw_draft_table){
        .arity = table->arity, .row_count = table->row_count, .tuples = table->tuples};
    copy->vars = cw_arena_array(to->arena, table->arity, sizeof *copy->vars);
    for (uint32_t i = 0; i < table->arity; i++) {
        copy->vars[i] = c->numbers[table->vars[i]];
        copy->line_words += cw_draft_words(to, copy->vars[i]);
    }
    copy->lines =
        cw_arena_array(to->arena, (size_t)table->row_count * copy->line_words, sizeof *copy->lines);
    uint64_t *line = copy->lines;
    const uint64_t *from = table->lines;
    for (uint32_t r = 0; r < table->row_count; r++)
        for (uint32_t i = 0; i < table->arity; i++) {
            uint32_t words = cw_draft_words(c->from, table->vars[i]);
            classes_of(c, copy->vars[i], from, words, line);
            from += words;
            line += cw_draft_words(to, copy->vars[i]);
        }
}

static void copy_linear(const struct compaction *c, const struct cw_draft_linear *linear) {
    struct cw_draft *to = c->to;
    struct cw_draft_linear *copy = &to->linears[to->linear_count++];
    *copy = *linear;
    copy->vars = cw_arena_array(to->arena, linear->count, sizeof *copy->vars);
    copy->weights = cw_arena_array(to->arena, linear->count, sizeof *copy->weights);
    for (uint32_t i = 0; i < linear->count; i++) {
        uint32_t var = linear->vars[i], number = copy->vars[i] = c->numbers[var];
        copy->weights[i] = cw_arena_array(to->arena, to->value_counts[number], sizeof(cw_wide));
        CW_BITS_EACH(x, cw_draft_domain(c->from, var), cw_draft_words(c->from, var)) {
            copy->weights[i][c->classes[number][x]] = linear->weights[i][x];
        }
    }
}

static void fill_domains(struct cw_draft *draft) {
    draft->domains = cw_arena_array(draft->arena, draft->word_count, sizeof *draft->domains);
    for (uint32_t var = 0; var < draft->var_count; var++)
        for (uint32_t x = 0; x < draft->value_counts[var]; x++)
            cw_set_add(cw_draft_domain(draft, var), x);
}

static struct cw_draft *empty_like(const struct cw_draft *from, uint32_t vars) {
    struct cw_draft *to = cw_arena_alloc(from->arena, sizeof *to);
    to->arena = from->arena;
    to->value_counts = cw_arena_array(to->arena, vars, sizeof(uint32_t));
    to->word_bases = cw_arena_array(to->arena, vars, sizeof(uint32_t));
    to->tables = cw_arena_array(to->arena, from->table_count, sizeof *to->tables);
    to->linears = cw_arena_array(to->arena, from->linear_count, sizeof *to->linears);
    return to;
}

static void free_places(struct cw_account *account, struct cw_u32_pool *pools, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        cw_u32_free(account, &pools[i]);
}

struct cw_draft *cw_draft_compact(const struct cw_draft *from, struct cw_draft_origin *ret) {
    struct cw_account account = {0};
    uint32_t all = from->var_count, used = 0;
    struct cw_u32_pool *pools = cw_arena_array(from->arena, (size_t)all * 3, sizeof *pools);
    struct places places = {pools, pools + all, pools + (size_t)2 * all};
    find_places(from, &account, &places);
    for (uint32_t var = 0; var < all; var++)
        used +=
            places.clauses[var].count + places.tables[var].count + places.linears[var].count > 0;
    struct compaction c = {.from = from, .to = empty_like(from, used)};
    c.numbers = cw_arena_array(from->arena, all, sizeof *c.numbers);
    c.classes = cw_arena_array(from->arena, used, sizeof *c.classes);
    ret->vars = cw_arena_array(from->arena, used, sizeof *ret->vars);
    ret->sets = cw_arena_array(from->arena, used, sizeof *ret->sets);
    for (uint32_t var = 0; var < all; var++) {
        c.numbers[var] = UINT32_MAX;
        if (places.clauses[var].count + places.tables[var].count + places.linears[var].count > 0)
            add_var(&c, &places, ret, var);
    }
    fill_domains(c.to);
    for (uint32_t i = 0; i < from->clause_count; i++)
        copy_clause(&c, &from->clauses[i]);
    for (uint32_t i = 0; i < from->table_count; i++)
        copy_table(&c, &from->tables[i]);
    for (uint32_t i = 0; i < from->linear_count; i++)
        copy_linear(&c, &from->linears[i]);
    free_places(&account, pools, all * 3);
    return c.to;
}
