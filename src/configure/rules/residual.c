/*
 * Responsible for: splitting what is left into components, and their keys. Does not: decide, or
 * remember results. The rules worker, and wherever a product is compiled in place.
 */
#include "configure/rules/residual.h"

#include <stdlib.h>

#include "configure/rules/residual_content.h"

/* Literals of variables with two values are true, false or untouched. */
static bool over_flags(const struct cw_problem *p, uint32_t clause) {
    for (uint32_t i = 0; i < p->clauses[clause].count; i++)
        if (p->value_counts[p->lits[p->clauses[clause].first + i].var] != 2)
            return false;
    return true;
}

void cw_residual_init(struct cw_residual *residual, const struct cw_state *state,
                      struct cw_account *account) {
    const struct cw_problem *p = state->problem;
    *residual = (struct cw_residual){.state = state, .account = account};
    cw_intern_init(&residual->contents, account);
    cw_intern_init(&residual->lives, account);
    residual->plain = cw_compile_pool_zeroed(account, p->clause_count, sizeof(bool));
    residual->heads = cw_compile_pool_zeroed(account, p->var_count, sizeof(uint32_t));
    residual->numbers = cw_compile_pool_zeroed(account, p->var_count, sizeof(uint32_t));
    /* The first contents are those of the clauses, which are all different. */
    for (uint32_t i = 0; i < p->clause_count; i++)
        residual->plain[i] = cw_residual_content(residual, i) == i && over_flags(p, i);
}

void cw_residual_deinit(struct cw_residual *residual) {
    cw_u32_free(residual->account, &residual->vars);
    cw_u32_free(residual->account, &residual->constraints);
    cw_u32_free(residual->account, &residual->words);
    cw_u32_free(residual->account, &residual->key);
    cw_u32_free(residual->account, &residual->rows);
    cw_u32_free(residual->account, &residual->touched);
    cw_intern_deinit(&residual->contents);
    cw_intern_deinit(&residual->lives);
    cw_u32_free(residual->account, &residual->live_contents);
    free(residual->parts);
    free(residual->plain);
    free(residual->heads);
    free(residual->numbers);
    free(residual->first_vars);
}

/* ---- components: union-find over the variables (Tarjan 1975, path halving) ------------------- */

static uint32_t head_of(uint32_t *heads, uint32_t var) {
    while (heads[var] != var)
        var = heads[var] = heads[heads[var]];
    return var;
}

/* The smaller variable leads, so that a head is its component's first variable. */
static void unite(uint32_t *heads, uint32_t a, uint32_t b) {
    a = head_of(heads, a);
    b = head_of(heads, b);
    if (a < b)
        heads[b] = a;
    else
        heads[a] = b;
}

static inline bool open_literal(const struct cw_state *state, const struct cw_problem_lit *lit) {
    const struct cw_problem *p = state->problem;
    if (p->narrow)
        return (state->domains[lit->var] & p->sets[lit->set]) != 0;
    return cw_bits_meet(cw_state_domain(state, lit->var), p->sets + lit->set, p->words[lit->var]);
}

static uint32_t join_clause(struct cw_residual *residual, uint32_t clause) {
    const struct cw_state *state = residual->state;
    const struct cw_problem_lit *lit = state->problem->lits + state->problem->clauses[clause].first;
    const struct cw_problem_lit *end = lit + state->problem->clauses[clause].count;
    if (state->clauses[clause] >> 32)
        return UINT32_MAX;
    bool untouched = state->clauses[clause] == (uint64_t)(end - lit);
    uint32_t first = UINT32_MAX;
    for (; lit < end; lit++) {
        if (!untouched && !open_literal(state, lit))
            continue;
        if (first == UINT32_MAX)
            first = lit->var;
        else
            unite(residual->heads, first, lit->var);
    }
    return first;
}

static uint32_t join_scope(struct cw_residual *residual, const uint32_t *scope, uint32_t count) {
    uint32_t first = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        if (cw_state_fixed(residual->state, scope[i]))
            continue;
        if (first == UINT32_MAX)
            first = scope[i];
        else
            unite(residual->heads, first, scope[i]);
    }
    return first;
}

/* A linear constraint speaks only of variables that can still change its sum. */
static uint32_t join_linear(struct cw_residual *residual, uint32_t number) {
    const struct cw_draft_linear *linear = &residual->state->problem->linears[number];
    struct cw_span all = cw_state_linear_span(residual->state, number);
    uint32_t first = UINT32_MAX;
    if (all.least >= linear->min && all.most <= linear->max)
        return first;
    for (uint32_t i = 0; i < linear->count; i++) {
        struct cw_span own = cw_state_span(residual->state, linear->vars[i], linear->weights[i]);
        if (own.least == own.most)
            continue;
        if (first == UINT32_MAX)
            first = linear->vars[i];
        else
            unite(residual->heads, first, linear->vars[i]);
    }
    return first;
}

/* Join what the constraint still speaks of; its first variable, or UINT32_MAX: nothing. */
static uint32_t join(struct cw_residual *residual, uint32_t constraint) {
    const struct cw_problem *p = residual->state->problem;
    if (constraint < p->clause_count)
        return join_clause(residual, constraint);
    uint32_t number = constraint - p->clause_count;
    if (number >= p->table_count)
        return join_linear(residual, number - p->table_count);
    if (cw_state_table_entailed(residual->state, number))
        return UINT32_MAX;
    return join_scope(residual, p->tables[number].vars, p->tables[number].arity);
}

/* ---- distributing ---------------------------------------------------------------------------- */

static void push_part(struct cw_residual *residual) {
    if (residual->part_count == residual->part_capacity)
        residual->parts =
            cw_compile_pool_grow(residual->account, residual->parts, &residual->part_capacity,
                                 residual->part_count + 1, sizeof *residual->parts);
    residual->parts[residual->part_count++] = (struct cw_component){0};
}

/* Number the parts by their first variables and count what they have. */
static void count_parts(struct cw_residual *residual, const struct cw_component *whole,
                        size_t first_part) {
    for (uint32_t i = 0; i < whole->constraint_count; i++) {
        uint32_t var = residual->first_vars[i];
        if (var == UINT32_MAX)
            continue;
        uint32_t head = head_of(residual->heads, var);
        if (residual->numbers[head] == UINT32_MAX) {
            residual->numbers[head] = (uint32_t)(residual->part_count - first_part);
            push_part(residual);
        }
        residual->first_vars[i] = residual->numbers[head];
        residual->parts[first_part + residual->numbers[head]].constraint_count++;
    }
    for (uint32_t i = 0; i < whole->var_count; i++) {
        uint32_t number =
            residual->numbers[head_of(residual->heads, residual->vars.at[whole->vars + i])];
        if (number != UINT32_MAX)
            residual->parts[first_part + number].var_count++;
    }
}

/* Reserve the ranges; counts start again at 0 to be filled. */
static void place_parts(struct cw_residual *residual, size_t first_part) {
    for (size_t i = first_part; i < residual->part_count; i++) {
        struct cw_component *part = &residual->parts[i];
        part->vars = residual->vars.count;
        part->constraints = residual->constraints.count;
        cw_u32_room(residual->account, &residual->vars, part->var_count);
        cw_u32_room(residual->account, &residual->constraints, part->constraint_count);
        residual->vars.count += part->var_count;
        residual->constraints.count += part->constraint_count;
        part->var_count = part->constraint_count = 0;
    }
}

static void fill_parts(struct cw_residual *residual, const struct cw_component *whole,
                       size_t first_part, struct cw_u32_pool *ret_free) {
    for (uint32_t i = 0; i < whole->var_count; i++) {
        uint32_t var = residual->vars.at[whole->vars + i];
        uint32_t number = residual->numbers[head_of(residual->heads, var)];
        if (number == UINT32_MAX) {
            cw_u32_push(residual->account, ret_free, var);
            continue;
        }
        struct cw_component *part = &residual->parts[first_part + number];
        residual->vars.at[part->vars + part->var_count++] = var;
    }
    for (uint32_t i = 0; i < whole->constraint_count; i++) {
        if (residual->first_vars[i] == UINT32_MAX)
            continue;
        struct cw_component *part = &residual->parts[first_part + residual->first_vars[i]];
        residual->constraints.at[part->constraints + part->constraint_count++] =
            residual->constraints.at[whole->constraints + i];
    }
}

uint32_t cw_residual_split(struct cw_residual *residual, const struct cw_component *whole,
                           struct cw_u32_pool *ret_free) {
    size_t first_part = residual->part_count;
    if (residual->first_capacity < whole->constraint_count)
        residual->first_vars =
            cw_compile_pool_grow(residual->account, residual->first_vars, &residual->first_capacity,
                                 whole->constraint_count, sizeof *residual->first_vars);
    for (uint32_t i = 0; i < whole->var_count; i++) {
        uint32_t var = residual->vars.at[whole->vars + i];
        residual->heads[var] = var;
        residual->numbers[var] = UINT32_MAX;
    }
    for (uint32_t i = 0; i < whole->constraint_count; i++)
        residual->first_vars[i] = join(residual, residual->constraints.at[whole->constraints + i]);
    count_parts(residual, whole, first_part);
    place_parts(residual, first_part);
    fill_parts(residual, whole, first_part, ret_free);
    return (uint32_t)(residual->part_count - first_part);
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* A clause as it was at first has its own number as its content (see cw_residual_init). */
static bool untouched(const struct cw_residual *residual, uint32_t constraint) {
    const struct cw_problem *p = residual->state->problem;
    return constraint < p->clause_count && residual->plain[constraint] &&
           residual->state->clauses[constraint] == p->clauses[constraint].count;
}

/* Put a number into an ascending list, once. */
static void insert(struct cw_u32_pool *list, size_t first, uint32_t number) {
    size_t at = list->count;
    while (at > first && list->at[at - 1] > number)
        at--;
    if (at > first && list->at[at - 1] == number)
        return;
    for (size_t i = list->count++; i > at; i--)
        list->at[i] = list->at[i - 1];
    list->at[at] = number;
}

/* The different contents, ascending: nearly all are those of untouched clauses, and come that way.
 * There is room for all of them. */
static void put_contents(struct cw_residual *residual, const struct cw_component *component) {
    struct cw_u32_pool *key = &residual->key, *touched = &residual->touched;
    const uint32_t *constraints = residual->constraints.at + component->constraints;
    size_t first = key->count;
    touched->count = 0;
    for (uint32_t i = 0; i < component->constraint_count; i++) {
        if (untouched(residual, constraints[i]))
            key->at[key->count++] = constraints[i];
        else
            cw_u32_push(residual->account, touched, cw_residual_content(residual, constraints[i]));
    }
    cw_u32_sort(touched->at, touched->count);
    for (size_t i = 0; i < touched->count; i++) {
        uint32_t number = touched->at[i];
        if (number < residual->state->problem->clause_count)
            insert(key, first, number);
        else if (key->count == first || key->at[key->count - 1] != number)
            key->at[key->count++] = number;
    }
}

/* How many variables; each with a flag whether values are gone, then the set that is left; then the
 * contents of the constraints. */
void cw_residual_key(struct cw_residual *residual, const struct cw_component *component) {
    const struct cw_state *state = residual->state;
    const struct cw_problem *p = state->problem;
    struct cw_u32_pool *key = &residual->key;
    key->count = 0;
    cw_u32_room(residual->account, key,
                (size_t)component->var_count * 2 + component->constraint_count + 1);
    key->at[key->count++] = component->var_count;
    for (uint32_t i = 0; i < component->var_count; i++) {
        uint32_t var = residual->vars.at[component->vars + i];
        const uint64_t *domain = cw_state_domain(state, var);
        bool less = !cw_bits_equal(domain, p->domains + p->word_bases[var], p->words[var]);
        key->at[key->count++] = var << 1 | less;
        if (less)
            key->at[key->count++] = cw_residual_domain(residual, var);
    }
    put_contents(residual, component);
}
