/*
 * Responsible for: domains during search, the trail, and clauses. Does not: decide anything.
 * The rules worker, and wherever a product is compiled in place.
 */
#include "configure/rules/state.h"

#include <stdlib.h>

#define TRUE_LITERAL (UINT64_C(1) << 32)

/* ---- beginning and end ----------------------------------------------------------------------- */

static void new_table(struct cw_state *state, uint32_t number) {
    const struct cw_problem *p = state->problem;
    const struct cw_problem_table *table = &p->tables[number];
    struct cw_state_table *own = &state->tables[number];
    uint32_t words = 0, values = 0;
    for (uint32_t i = 0; i < table->arity; i++) {
        words += p->words[table->vars[i]];
        values += p->value_counts[table->vars[i]];
    }
    own->live = cw_compile_pool_zeroed(state->account, table->words, sizeof *own->live);
    own->index = cw_compile_pool_zeroed(state->account, table->words, sizeof *own->index);
    own->seen = cw_compile_pool_zeroed(state->account, words, sizeof *own->seen);
    own->residues = cw_compile_pool_zeroed(state->account, values, sizeof *own->residues);
    own->limit = table->words;
    for (uint32_t r = 0; r < table->row_count; r++)
        cw_set_add(own->live, r);
    for (uint32_t w = 0; w < table->words; w++)
        own->index[w] = w;
    uint64_t *seen = own->seen;
    for (uint32_t i = 0; i < table->arity; i++) {
        uint32_t var = table->vars[i];
        memcpy(seen, p->domains + p->word_bases[var], p->words[var] * sizeof *seen);
        seen += p->words[var];
    }
}

struct cw_state *cw_state_new(const struct cw_problem *p, struct cw_account *account) {
    struct cw_state *state = cw_compile_pool_zeroed(account, 1, sizeof *state);
    uint32_t waiting = p->table_count + p->linear_count, most = 0;
    state->problem = p;
    state->account = account;
    state->domains = cw_compile_pool_zeroed(account, p->word_count, sizeof *state->domains);
    state->seen = cw_compile_pool_zeroed(account, p->word_count, sizeof *state->seen);
    state->clauses = cw_compile_pool_zeroed(account, p->clause_count, sizeof *state->clauses);
    state->tables = cw_compile_pool_zeroed(account, p->table_count, sizeof *state->tables);
    state->queue = cw_compile_pool_zeroed(account, p->var_count, sizeof *state->queue);
    state->queued = cw_compile_pool_zeroed(account, p->var_count, sizeof *state->queued);
    state->waiting = cw_compile_pool_zeroed(account, waiting, sizeof *state->waiting);
    state->is_waiting = cw_compile_pool_zeroed(account, waiting, sizeof *state->is_waiting);
    if (p->word_count > 0) {
        memcpy(state->domains, p->domains, p->word_count * sizeof *state->domains);
        memcpy(state->seen, p->domains, p->word_count * sizeof *state->seen);
    }
    for (uint32_t i = 0; i < p->clause_count; i++)
        state->clauses[i] = p->clauses[i].count;
    for (uint32_t i = 0; i < p->table_count; i++)
        new_table(state, i);
    for (uint32_t var = 0; var < p->var_count; var++)
        most = p->value_counts[var] > most ? p->value_counts[var] : most;
    most = p->var_count > most ? p->var_count : most; /* an arity too */
    state->values = cw_compile_pool_zeroed(account, most, sizeof *state->values);
    return state;
}

void cw_state_free(struct cw_state *state) {
    if (!state)
        return;
    for (uint32_t i = 0; i < state->problem->table_count; i++) {
        free(state->tables[i].live);
        free(state->tables[i].index);
        free(state->tables[i].seen);
        free(state->tables[i].residues);
    }
    free(state->domains);
    free(state->seen);
    free(state->clauses);
    free(state->tables);
    free(state->trail);
    free(state->queue);
    free(state->waiting);
    free(state->queued);
    free(state->is_waiting);
    free(state->values);
    free(state);
}

/* ---- queues ---------------------------------------------------------------------------------- */

static void enqueue(struct cw_state *state, uint32_t var) {
    if (state->queued[var])
        return;
    uint32_t at = state->queue_first + state->queue_count++, all = state->problem->var_count;
    state->queue[at >= all ? at - all : at] = var;
    state->queued[var] = true;
}

void cw_state_await(struct cw_state *state, uint32_t waiting) {
    if (state->is_waiting[waiting])
        return;
    state->waiting[state->waiting_count++] = waiting;
    state->is_waiting[waiting] = true;
}

static uint32_t dequeue(struct cw_state *state) {
    uint32_t var = state->queue[state->queue_first++];
    if (state->queue_first == state->problem->var_count)
        state->queue_first = 0;
    state->queue_count--;
    state->queued[var] = false;
    return var;
}

void cw_state_undo(struct cw_state *state, size_t mark) {
    while (state->queue_count > 0)
        dequeue(state);
    while (state->waiting_count > 0)
        state->is_waiting[state->waiting[--state->waiting_count]] = false;
    while (state->trail_count > mark) {
        const struct cw_saved *saved = &state->trail[--state->trail_count];
        *saved->cell = saved->value;
    }
}

bool cw_state_keep_only(struct cw_state *state, uint32_t var, const uint64_t *set) {
    uint64_t *domain = state->domains + state->problem->word_bases[var], left = 0;
    bool changed = false;
    for (uint32_t w = 0; w < state->problem->words[var]; w++) {
        uint64_t now = domain[w] & set[w];
        left |= now;
        if (now != domain[w]) {
            cw_state_save(state, &domain[w]);
            domain[w] = now;
            changed = true;
        }
    }
    if (changed)
        enqueue(state, var);
    return left != 0;
}

/* ---- clauses --------------------------------------------------------------------------------- */

/* The one literal that is not known to be false must hold. */
static bool enforce(struct cw_state *state, uint32_t clause) {
    const struct cw_problem *p = state->problem;
    const struct cw_problem_lit *lits = p->lits + p->clauses[clause].first;
    for (uint32_t i = 0; i < p->clauses[clause].count; i++) {
        uint32_t var = lits[i].var;
        if (cw_bits_meet(state->seen + p->word_bases[var], p->sets + lits[i].set, p->words[var]))
            return cw_state_keep_only(state, var, p->sets + lits[i].set);
    }
    return false;
}

/* One literal of the clause is no longer possible. */
static inline bool lose(struct cw_state *state, uint32_t clause) {
    uint64_t *cell = &state->clauses[clause];
    cw_state_save(state, cell);
    *cell -= 1;
    return *cell > 1 || enforce(state, clause);
}

static inline void win(struct cw_state *state, uint32_t clause) {
    cw_state_save(state, &state->clauses[clause]);
    state->clauses[clause] += TRUE_LITERAL;
}

/* `seen` becomes the domain; the old one is returned in `old`. */
static void look(struct cw_state *state, uint32_t var, uint64_t *old) {
    uint32_t base = state->problem->word_bases[var];
    for (uint32_t w = 0; w < state->problem->words[var]; w++) {
        old[w] = state->seen[base + w];
        if (old[w] != state->domains[base + w]) {
            cw_state_save(state, &state->seen[base + w]);
            state->seen[base + w] = state->domains[base + w];
        }
    }
}

static bool tell_wide(struct cw_state *state, uint32_t var) {
    const struct cw_problem *p = state->problem;
    uint64_t old[CW_SET_WORDS];
    uint32_t words = p->words[var];
    const uint64_t *now = state->seen + p->word_bases[var];
    look(state, var, old);
    for (uint32_t i = p->in_clauses_first[var]; i < p->in_clauses_first[var + 1]; i++) {
        uint32_t clause = p->in_clauses[i].var;
        const uint64_t *set = p->sets + p->in_clauses[i].set;
        if (state->clauses[clause] >= TRUE_LITERAL)
            continue;
        if (!cw_bits_meet(now, set, words)) {
            if (cw_bits_meet(old, set, words) && !lose(state, clause))
                return false;
        } else if (cw_bits_within(now, set, words)) {
            win(state, clause);
        }
    }
    return true;
}

/* Tell the clauses of a variable what became of it. */
static bool tell_clauses(struct cw_state *state, uint32_t var) {
    const struct cw_problem *p = state->problem;
    if (p->words[var] > 1)
        return tell_wide(state, var);
    uint64_t old, now;
    look(state, var, &old);
    now = state->seen[p->word_bases[var]];
    for (uint32_t i = p->in_clauses_first[var]; i < p->in_clauses_first[var + 1]; i++) {
        uint32_t clause = p->in_clauses[i].var;
        uint64_t set = p->sets[p->in_clauses[i].set];
        if (state->clauses[clause] >= TRUE_LITERAL)
            continue;
        if ((now & set) == 0) {
            if ((old & set) != 0 && !lose(state, clause))
                return false;
        } else if ((now & ~set) == 0) {
            win(state, clause);
        }
    }
    return true;
}

static void wake(struct cw_state *state, uint32_t var) {
    const struct cw_problem *p = state->problem;
    for (uint32_t i = p->in_tables_first[var]; i < p->in_tables_first[var + 1]; i++)
        cw_state_await(state, p->in_tables[i]);
    for (uint32_t i = p->in_linears_first[var]; i < p->in_linears_first[var + 1]; i++)
        cw_state_await(state, p->table_count + p->in_linears[i]);
}

bool cw_state_propagate(struct cw_state *state) {
    for (;;) {
        while (state->queue_count > 0) {
            uint32_t var = dequeue(state);
            state->steps++;
            wake(state, var);
            if (!tell_clauses(state, var))
                return false;
        }
        if (state->waiting_count == 0)
            return true;
        uint32_t next = state->waiting[--state->waiting_count];
        state->is_waiting[next] = false;
        state->steps++;
        bool possible = next < state->problem->table_count
                            ? cw_state_visit_table(state, next)
                            : cw_state_visit_linear(state, next - state->problem->table_count);
        if (!possible)
            return false;
    }
}

bool cw_state_start(struct cw_state *state) {
    for (uint32_t i = 0; i < state->problem->table_count + state->problem->linear_count; i++)
        cw_state_await(state, i);
    return cw_state_propagate(state);
}
