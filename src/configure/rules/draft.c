/*
 * Responsible for: a model's constraints as lists the compiler rewrites; clauses. Does not: search.
 * The rules worker, and wherever a product is compiled in place.
 */
#include "configure/rules/draft.h"

#include <string.h>

#include "configure/rules/bits.h"
#include "configure/rules/intern.h"

/* ---- import ---------------------------------------------------------------------------------- */

void cw_draft_add_clause(struct cw_draft *draft, struct cw_draft_lit *lits, uint32_t count) {
    if (draft->clause_count == draft->clause_capacity) {
        uint32_t capacity = draft->clause_capacity < 64 ? 64 : draft->clause_capacity * 2;
        struct cw_draft_clause *grown = cw_arena_array(draft->arena, capacity, sizeof *grown);
        if (draft->clause_count > 0)
            memcpy(grown, draft->clauses, draft->clause_count * sizeof *grown);
        draft->clauses = grown;
        draft->clause_capacity = capacity;
    }
    draft->clauses[draft->clause_count++] = (struct cw_draft_clause){count, lits};
}

static void import_clause(struct cw_draft *draft, const struct cw_model_constraint *clause) {
    struct cw_draft_lit *lits = cw_arena_array(draft->arena, clause->scope_count, sizeof *lits);
    const uint64_t *set = clause->sets;
    for (uint32_t i = 0; i < clause->scope_count; i++) {
        lits[i] = (struct cw_draft_lit){clause->scope[i], set};
        set += cw_draft_words(draft, clause->scope[i]);
    }
    cw_draft_add_clause(draft, lits, clause->scope_count);
}

struct cw_draft *cw_draft_new(const struct cw_model *model, struct cw_arena *arena) {
    struct cw_draft *draft = cw_arena_alloc(arena, sizeof *draft);
    uint32_t tables = 0, linears = 0;
    for (uint32_t i = 0; i < model->constraint_count; i++) {
        tables += model->constraints[i].kind == CW_MODEL_TABLE;
        linears += model->constraints[i].kind == CW_MODEL_LINEAR;
    }
    draft->arena = arena;
    draft->var_count = model->var_count;
    draft->word_count = model->word_count;
    draft->value_counts = cw_arena_array(arena, model->var_count, sizeof(uint32_t));
    draft->word_bases = cw_arena_array(arena, model->var_count, sizeof(uint32_t));
    if (model->var_count > 0) {
        memcpy(draft->value_counts, model->value_counts, model->var_count * sizeof(uint32_t));
        memcpy(draft->word_bases, model->word_bases, model->var_count * sizeof(uint32_t));
    }
    draft->domains = cw_model_full_mask(model, arena);
    draft->tables = cw_arena_array(arena, tables, sizeof *draft->tables);
    draft->linears = cw_arena_array(arena, linears, sizeof *draft->linears);
    for (uint32_t i = 0; i < model->constraint_count; i++) {
        const struct cw_model_constraint *constraint = &model->constraints[i];
        if (constraint->kind == CW_MODEL_CLAUSE)
            import_clause(draft, constraint);
        else if (constraint->kind == CW_MODEL_TABLE)
            cw_draft_import_table(draft, constraint);
        else
            cw_draft_import_linear(draft, constraint);
    }
    return draft;
}

/* ---- simplifying ----------------------------------------------------------------------------- */

bool cw_draft_keep_only(struct cw_draft *draft, uint32_t var, const uint64_t *set) {
    uint64_t *domain = cw_draft_domain(draft, var), left = 0;
    bool changed = false;
    for (uint32_t w = 0; w < cw_draft_words(draft, var); w++) {
        changed |= (domain[w] & ~set[w]) != 0;
        left |= domain[w] &= set[w];
    }
    draft->impossible |= left == 0;
    return changed;
}

/* The set without values that are gone; the same pointer when it has none. */
static const uint64_t *restricted(struct cw_draft *draft, uint32_t var, const uint64_t *set) {
    uint32_t words = cw_draft_words(draft, var);
    const uint64_t *domain = cw_draft_domain(draft, var);
    if (cw_bits_within(set, domain, words))
        return set;
    uint64_t *less = cw_arena_array(draft->arena, words, sizeof *less);
    for (uint32_t w = 0; w < words; w++)
        less[w] = set[w] & domain[w];
    return less;
}

/* Drop what is false; true when the clause holds anyway. */
static bool trim_clause(struct cw_draft *draft, struct cw_draft_clause *clause) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < clause->count; i++) {
        struct cw_draft_lit lit = clause->lits[i];
        uint32_t words = cw_draft_words(draft, lit.var);
        const uint64_t *domain = cw_draft_domain(draft, lit.var);
        if (cw_bits_within(domain, lit.set, words))
            return true;
        if (!cw_bits_meet(domain, lit.set, words))
            continue;
        lit.set = restricted(draft, lit.var, lit.set);
        clause->lits[kept++] = lit;
    }
    clause->count = kept;
    return false;
}

static bool simplify_clauses(struct cw_draft *draft) {
    bool changed = false;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < draft->clause_count && !draft->impossible; i++) {
        struct cw_draft_clause *clause = &draft->clauses[i];
        if (trim_clause(draft, clause))
            continue;
        if (clause->count == 0) {
            draft->impossible = true;
        } else if (clause->count == 1) {
            changed |= cw_draft_keep_only(draft, clause->lits[0].var, clause->lits[0].set);
        } else {
            draft->clauses[kept++] = *clause;
        }
    }
    draft->clause_count = kept;
    return changed;
}

/* Equal clauses once. */
static void drop_double_clauses(struct cw_draft *draft) {
    struct cw_account account = {0};
    struct cw_intern seen;
    struct cw_u32_pool words = {0};
    cw_intern_init(&seen, &account);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < draft->clause_count; i++) {
        const struct cw_draft_clause *clause = &draft->clauses[i];
        words.count = 0;
        for (uint32_t l = 0; l < clause->count; l++) {
            cw_u32_push(&account, &words, clause->lits[l].var);
            for (uint32_t w = 0; w < cw_draft_words(draft, clause->lits[l].var); w++) {
                cw_u32_push(&account, &words, (uint32_t)clause->lits[l].set[w]);
                cw_u32_push(&account, &words, (uint32_t)(clause->lits[l].set[w] >> 32));
            }
        }
        bool first;
        cw_intern_add(&seen, words.at, (uint32_t)words.count, &first);
        if (first)
            draft->clauses[kept++] = *clause;
    }
    draft->clause_count = kept;
    cw_u32_free(&account, &words);
    cw_intern_deinit(&seen);
}

void cw_draft_simplify(struct cw_draft *draft) {
    bool changed = true;
    while (changed && !draft->impossible) {
        changed = simplify_clauses(draft);
        changed |= !draft->impossible && cw_draft_simplify_tables(draft);
        changed |= !draft->impossible && cw_draft_simplify_linears(draft);
    }
    if (!draft->impossible)
        drop_double_clauses(draft);
}
