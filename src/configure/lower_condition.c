/*
 * Lowering conditions: to clauses over sets by distribution, up to CW_RULES_CLAUSES clauses for one
 * disjunction; what is larger gets a flag that is 1 exactly when it holds, so that nothing is
 * counted twice (Tseitin 1968, both directions). It reads no rule. Any process.
 */
#include "configure/lower_inside.h"

#include <stdlib.h>
#include <string.h>

#include "cordwain/limits.h"

static const struct cw_clause empty_clause = {0};

static struct cw_cnf truth(bool holds) {
    return holds ? (struct cw_cnf){0} : (struct cw_cnf){.count = 1, .clauses = &empty_clause};
}

static bool is_false(struct cw_cnf cnf) {
    return cnf.count == 1 && cnf.clauses[0].count == 0;
}

/* ---- literals -------------------------------------------------------------------------------- */

static uint32_t words_of(const struct cw_lowering *lowering, uint32_t var) {
    return cw_set_words(lowering->model->value_counts[var]);
}

static uint64_t *new_set(struct cw_lowering *lowering, uint32_t var) {
    return cw_arena_array(lowering->scratch, words_of(lowering, var), sizeof(uint64_t));
}

static void complement(struct cw_lowering *lowering, uint32_t var, uint64_t *set) {
    uint32_t values = lowering->model->value_counts[var];
    for (uint32_t w = 0; w < words_of(lowering, var); w++) {
        uint32_t rest = values - w * 64;
        set[w] = ~set[w] & (rest >= 64 ? UINT64_MAX : (UINT64_C(1) << rest) - 1);
    }
}

struct cw_literal cw_lower_value(struct cw_lowering *lowering, uint32_t var, uint32_t value) {
    uint64_t *set = new_set(lowering, var);
    cw_set_add(set, value);
    return (struct cw_literal){var, set};
}

struct cw_literal cw_lower_not_value(struct cw_lowering *lowering, uint32_t var, uint32_t value) {
    struct cw_literal literal = cw_lower_value(lowering, var, value);
    complement(lowering, var, (uint64_t *)literal.set);
    return literal;
}

static uint32_t set_size(const struct cw_lowering *lowering, struct cw_literal literal) {
    uint32_t size = 0;
    for (uint32_t w = 0; w < words_of(lowering, literal.var); w++)
        size += (uint32_t)__builtin_popcountll(literal.set[w]);
    return size;
}

static int by_var(const void *a, const void *b) {
    const struct cw_literal *x = a, *y = b;
    return (x->var > y->var) - (x->var < y->var);
}

/* `into` becomes the union (or the meet) of both sets, in memory of its own. */
static void join(struct cw_lowering *lowering, struct cw_literal *into, const uint64_t *set,
                 bool both) {
    uint64_t *joined = new_set(lowering, into->var);
    for (uint32_t w = 0; w < words_of(lowering, into->var); w++)
        joined[w] = both ? into->set[w] & set[w] : into->set[w] | set[w];
    into->set = joined;
}

/* Sort by variable and join those of the same one; returns how many are left. */
static size_t merge_literals(struct cw_lowering *lowering, struct cw_literal *literals,
                             size_t count, bool both) {
    size_t kept = 0;
    if (count > 1)
        qsort(literals, count, sizeof *literals, by_var);
    for (size_t i = 0; i < count; i++)
        if (kept > 0 && literals[kept - 1].var == literals[i].var)
            join(lowering, &literals[kept - 1], literals[i].set, both);
        else
            literals[kept++] = literals[i];
    return kept;
}

/* A clause of these literals, which it takes over; false when it always holds. */
static bool make_clause(struct cw_lowering *lowering, struct cw_literal *literals, size_t count,
                        struct cw_clause *ret) {
    size_t kept = 0;
    count = merge_literals(lowering, literals, count, /* both: */ false);
    for (size_t i = 0; i < count; i++) {
        uint32_t size = set_size(lowering, literals[i]);
        if (size == lowering->model->value_counts[literals[i].var])
            return false;
        if (size > 0)
            literals[kept++] = literals[i];
    }
    *ret = (struct cw_clause){.count = kept, .literals = literals};
    return true;
}

static struct cw_cnf clause_of(struct cw_lowering *lowering, struct cw_literal *literals,
                               size_t count) {
    struct cw_clause *clause = cw_arena_alloc(lowering->scratch, sizeof *clause);
    if (!make_clause(lowering, literals, count, clause))
        return truth(true);
    return (struct cw_cnf){.count = 1, .clauses = clause};
}

/* ---- both ------------------------------------------------------------------------------------ */

static bool subset(const struct cw_lowering *lowering, struct cw_literal a, struct cw_literal b) {
    for (uint32_t w = 0; w < words_of(lowering, a.var); w++)
        if (a.set[w] & ~b.set[w])
            return false;
    return true;
}

/* Whenever a holds, so does b. */
static bool implies(const struct cw_lowering *lowering, const struct cw_clause *a,
                    const struct cw_clause *b) {
    size_t j = 0;
    for (size_t i = 0; i < a->count; i++, j++) {
        while (j < b->count && b->literals[j].var < a->literals[i].var)
            j++;
        if (j == b->count || b->literals[j].var != a->literals[i].var ||
            !subset(lowering, a->literals[i], b->literals[j]))
            return false;
    }
    return true;
}

static bool is_implied(const struct cw_lowering *lowering, const struct cw_clause *clauses,
                       size_t count, size_t which) {
    for (size_t i = 0; i < count; i++) {
        if (i == which || !implies(lowering, &clauses[i], &clauses[which]))
            continue;
        if (i < which || !implies(lowering, &clauses[which], &clauses[i]))
            return true; /* of equal ones the first stays */
    }
    return false;
}

/* Drop clauses that others imply; of long lists too long a work for what it brings. */
static struct cw_cnf simplified(struct cw_lowering *lowering, struct cw_clause *clauses,
                                size_t count) {
    if (count < 2 || count > CW_RULES_CLAUSES)
        return (struct cw_cnf){.count = count, .clauses = clauses};
    struct cw_clause *left = cw_arena_array(lowering->scratch, count, sizeof *left);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!is_implied(lowering, clauses, count, i))
            left[kept++] = clauses[i];
    return (struct cw_cnf){.count = kept, .clauses = left};
}

/* Clauses of one literal each: those about one variable become one. False when none can hold. */
static bool put_units(struct cw_lowering *lowering, struct cw_literal *units, size_t count,
                      struct cw_clause *ret) {
    for (size_t i = 0; i < count; i++) {
        if (set_size(lowering, units[i]) == 0)
            return false;
        ret[i] = (struct cw_clause){.count = 1, .literals = &units[i]};
    }
    return true;
}

static struct cw_cnf conjoin(struct cw_lowering *lowering, const struct cw_cnf *parts,
                             size_t part_count) {
    size_t total = 0, unit_count = 0, count = 0;
    for (size_t i = 0; i < part_count; i++) {
        if (is_false(parts[i]))
            return truth(false);
        total += parts[i].count;
    }
    struct cw_clause *clauses = cw_arena_array(lowering->scratch, total, sizeof *clauses);
    struct cw_literal *units = cw_arena_array(lowering->scratch, total, sizeof *units);
    for (size_t i = 0; i < part_count; i++)
        for (size_t c = 0; c < parts[i].count; c++)
            if (parts[i].clauses[c].count == 1)
                units[unit_count++] = parts[i].clauses[c].literals[0];
    unit_count = merge_literals(lowering, units, unit_count, /* both: */ true);
    if (!put_units(lowering, units, unit_count, clauses))
        return truth(false);
    count = unit_count;
    for (size_t i = 0; i < part_count; i++)
        for (size_t c = 0; c < parts[i].count; c++)
            if (parts[i].clauses[c].count != 1)
                clauses[count++] = parts[i].clauses[c];
    return simplified(lowering, clauses, count);
}

/* ---- some ------------------------------------------------------------------------------------ */

/* One member of a disjunction, and the condition it came from. */
struct part {
    struct cw_cnf cnf;
    struct cw_side side;
    size_t index; /* keeps the sort stable */
};

static int by_size(const void *a, const void *b) {
    const struct part *x = a, *y = b;
    if (x->cnf.count != y->cnf.count)
        return x->cnf.count < y->cnf.count ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

static struct cw_cnf unit(struct cw_lowering *lowering, struct cw_literal literal) {
    struct cw_literal *own = cw_arena_alloc(lowering->scratch, sizeof *own);
    *own = literal;
    return clause_of(lowering, own, 1);
}

/* The largest parts become flags until the product of all is small enough. */
static void limit_product(struct cw_lowering *lowering, struct part *parts, size_t count) {
    size_t product = 1;
    qsort(parts, count, sizeof *parts, by_size);
    for (size_t i = 0; i < count; i++) {
        if (product * parts[i].cnf.count <= CW_RULES_CLAUSES)
            product *= parts[i].cnf.count;
        else
            parts[i].cnf = unit(lowering, cw_lower_helper(lowering, parts[i].side));
    }
}

/* All parts of one clause are one clause together. */
static struct cw_cnf join_single(struct cw_lowering *lowering, const struct part *parts,
                                 size_t count) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += parts[i].cnf.count == 1 ? parts[i].cnf.clauses[0].count : 0;
    struct cw_literal *literals = cw_arena_array(lowering->scratch, total, sizeof *literals);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].cnf.count != 1 || is_false(parts[i].cnf))
            continue;
        const struct cw_clause *clause = &parts[i].cnf.clauses[0];
        memcpy(&literals[at], clause->literals, clause->count * sizeof *literals);
        at += clause->count;
    }
    return clause_of(lowering, literals, at);
}

/* Some of two: every clause of one joined with every clause of the other. */
static struct cw_cnf product_of(struct cw_lowering *lowering, struct cw_cnf a, struct cw_cnf b) {
    struct cw_clause *clauses =
        cw_arena_array(lowering->scratch, a.count * b.count, sizeof *clauses);
    size_t count = 0;
    for (size_t i = 0; i < a.count; i++)
        for (size_t j = 0; j < b.count; j++) {
            const struct cw_clause *x = &a.clauses[i], *y = &b.clauses[j];
            struct cw_literal *literals =
                cw_arena_array(lowering->scratch, x->count + y->count, sizeof *literals);
            if (x->count > 0)
                memcpy(literals, x->literals, x->count * sizeof *literals);
            if (y->count > 0)
                memcpy(literals + x->count, y->literals, y->count * sizeof *literals);
            count += make_clause(lowering, literals, x->count + y->count, &clauses[count]);
        }
    return simplified(lowering, clauses, count);
}

static struct cw_cnf disjoin(struct cw_lowering *lowering, struct part *parts, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (parts[i].cnf.count == 0)
            return truth(true);
    limit_product(lowering, parts, count);
    struct cw_cnf result = join_single(lowering, parts, count);
    for (size_t i = 0; i < count && result.count > 0; i++)
        if (parts[i].cnf.count > 1)
            result = product_of(lowering, result, parts[i].cnf);
    return result;
}

struct cw_cnf cw_lower_some(struct cw_lowering *lowering, const struct cw_side *sides,
                            size_t count) {
    struct part *parts = cw_arena_array(lowering->scratch, count, sizeof *parts);
    for (size_t i = 0; i < count; i++)
        parts[i] = (struct part){.cnf = cw_lower_cnf(lowering, sides[i].cond, sides[i].positive),
                                 .side = sides[i],
                                 .index = i};
    return disjoin(lowering, parts, count);
}

struct cw_cnf cw_lower_any(struct cw_lowering *lowering, const struct cw_cond *conds, size_t count,
                           bool positive) {
    struct cw_side *sides = cw_arena_array(lowering->scratch, count, sizeof *sides);
    for (size_t i = 0; i < count; i++)
        sides[i] = (struct cw_side){&conds[i], positive};
    return cw_lower_some(lowering, sides, count);
}

static struct cw_cnf all_of(struct cw_lowering *lowering, const struct cw_cond *conds, size_t count,
                            bool positive) {
    struct cw_cnf *parts = cw_arena_array(lowering->scratch, count, sizeof *parts);
    for (size_t i = 0; i < count; i++)
        parts[i] = cw_lower_cnf(lowering, &conds[i], positive);
    return conjoin(lowering, parts, count);
}

/* ---- atoms ----------------------------------------------------------------------------------- */

/* Of a multi: some chosen member is in `members`. */
static struct cw_cnf member_cnf(struct cw_lowering *lowering, uint32_t option, uint64_t members,
                                bool positive) {
    const struct cw_option *o = &lowering->product->options[option];
    uint32_t first = lowering->options[option].var;
    struct cw_literal *literals =
        cw_arena_array(lowering->scratch, o->choice_count, sizeof *literals);
    struct cw_clause *units = cw_arena_array(lowering->scratch, o->choice_count, sizeof *units);
    size_t count = 0;
    for (uint32_t c = 0; c < o->choice_count; c++)
        if (members >> c & 1)
            literals[count++] = cw_lower_value(lowering, first + c, positive);
    if (positive)
        return clause_of(lowering, literals, count);
    for (size_t i = 0; i < count; i++)
        units[i] = (struct cw_clause){.count = 1, .literals = &literals[i]};
    return (struct cw_cnf){.count = count, .clauses = units};
}

static struct cw_cnf multi_cnf(struct cw_lowering *lowering, const struct cw_cond *cond,
                               bool positive) {
    uint32_t active = lowering->options[cond->option].active_var;
    switch (cond->kind) {
    case CW_COND_HAS:
        return member_cnf(lowering, cond->option, cond->mask.bits[0], positive);
    case CW_COND_PRESENT:
        return member_cnf(lowering, cond->option, UINT64_MAX, positive);
    case CW_COND_ACTIVE:
        return active == CW_NONE ? truth(positive)
                                 : unit(lowering, cw_lower_value(lowering, active, positive));
    default: /* no product has it: the document's reader knows which test fits which kind */
        return truth(!positive);
    }
}

static bool value_meets(const struct cw_lowering *lowering, const struct cw_cond *cond,
                        uint32_t value) {
    const struct cw_lowered_option *own = &lowering->options[cond->option];
    enum cw_option_kind kind = lowering->product->options[cond->option].kind;
    if (value == own->inactive)
        return false;
    switch (cond->kind) {
    case CW_COND_IN:
        return kind != CW_OPTION_NUMBER && cw_mask_has(&cond->mask, value);
    case CW_COND_RANGE: /* the ends of the range are cut points, so the first step speaks for all */
        return kind == CW_OPTION_NUMBER && own->class_first[value] >= cond->min &&
               own->class_first[value] <= cond->max;
    case CW_COND_PRESENT:
        return kind != CW_OPTION_TEXT || value == 1;
    default: /* ACTIVE */
        return cond->kind == CW_COND_ACTIVE;
    }
}

static struct cw_cnf atom_cnf(struct cw_lowering *lowering, const struct cw_cond *cond,
                              bool positive) {
    if (lowering->product->options[cond->option].kind == CW_OPTION_MULTI)
        return multi_cnf(lowering, cond, positive);
    uint32_t var = lowering->options[cond->option].var;
    uint64_t *set = new_set(lowering, var);
    for (uint32_t value = 0; value < lowering->model->value_counts[var]; value++)
        if (value_meets(lowering, cond, value) == positive)
            cw_set_add(set, value);
    return unit(lowering, (struct cw_literal){var, set});
}

struct cw_cnf cw_lower_cnf(struct cw_lowering *lowering, const struct cw_cond *cond,
                           bool positive) {
    if (!cond)
        return truth(positive);
    switch (cond->kind) {
    case CW_COND_NOT:
        return cw_lower_cnf(lowering, &cond->items[0], !positive);
    case CW_COND_ALL:
        return positive ? all_of(lowering, cond->items, cond->count, true)
                        : cw_lower_any(lowering, cond->items, cond->count, false);
    case CW_COND_ANY:
        return positive ? cw_lower_any(lowering, cond->items, cond->count, true)
                        : all_of(lowering, cond->items, cond->count, false);
    default:
        return atom_cnf(lowering, cond, positive);
    }
}

/* ---- adding ---------------------------------------------------------------------------------- */

static void add_clause(struct cw_lowering *lowering, uint32_t origin,
                       const struct cw_clause *clause) {
    uint32_t *scope = cw_arena_array(lowering->scratch, clause->count, sizeof *scope);
    size_t words = 0, at = 0;
    for (size_t i = 0; i < clause->count; i++)
        words += words_of(lowering, clause->literals[i].var);
    uint64_t *sets = cw_arena_array(lowering->scratch, words, sizeof *sets);
    for (size_t i = 0; i < clause->count; i++) {
        scope[i] = clause->literals[i].var;
        memcpy(&sets[at], clause->literals[i].set, words_of(lowering, scope[i]) * sizeof *sets);
        at += words_of(lowering, scope[i]);
    }
    cw_model_add_clause(lowering->model, origin, scope, (uint32_t)clause->count, sets);
}

void cw_lower_add(struct cw_lowering *lowering, uint32_t origin, const struct cw_clause *guard,
                  struct cw_cnf cnf) {
    size_t guards = guard ? guard->count : 0;
    for (size_t i = 0; i < cnf.count && lowering->status == CW_OK; i++) {
        const struct cw_clause *clause = &cnf.clauses[i];
        struct cw_clause joined = *clause;
        if (guards > 0) {
            struct cw_literal *literals =
                cw_arena_array(lowering->scratch, guards + clause->count, sizeof *literals);
            memcpy(literals, guard->literals, guards * sizeof *literals);
            if (clause->count > 0)
                memcpy(literals + guards, clause->literals, clause->count * sizeof *literals);
            if (!make_clause(lowering, literals, guards + clause->count, &joined))
                continue;
        }
        add_clause(lowering, origin, &joined);
    }
}

void cw_lower_equate(struct cw_lowering *lowering, uint32_t origin, struct cw_lowered_value flag,
                     const struct cw_cond *cond) {
    struct cw_literal is = cw_lower_value(lowering, flag.var, flag.value);
    struct cw_literal is_not = cw_lower_not_value(lowering, flag.var, flag.value);
    cw_lower_add(lowering, origin, &(struct cw_clause){1, &is_not},
                 cw_lower_cnf(lowering, cond, true));
    cw_lower_add(lowering, origin, &(struct cw_clause){1, &is},
                 cw_lower_cnf(lowering, cond, false));
}

static uint32_t helper_var(struct cw_lowering *lowering, const struct cw_cond *cond) {
    for (size_t i = 0; i < lowering->helper_count; i++)
        if (lowering->helpers[i].cond == cond)
            return lowering->helpers[i].var;
    lowering->helpers = cw_arena_grow(lowering->scratch, lowering->helpers, lowering->helper_count,
                                      &lowering->helper_capacity, sizeof *lowering->helpers);
    uint32_t var = cw_lower_var(lowering, 2);
    lowering->helpers[lowering->helper_count++] = (struct cw_helper){cond, var};
    cw_lower_equate(lowering, lowering->structure, (struct cw_lowered_value){var, 1}, cond);
    return var;
}

struct cw_literal cw_lower_helper(struct cw_lowering *lowering, struct cw_side side) {
    for (; side.cond->kind == CW_COND_NOT; side.cond = &side.cond->items[0])
        side.positive = !side.positive;
    return cw_lower_value(lowering, helper_var(lowering, side.cond), side.positive);
}
