/*
 * Propagation: what a condition is worth on partly known options (true, false, unknown), what
 * follows when it must be true or false, and the queue that runs constraints until nothing changes.
 * It removes only what no solution can have; it does not search. Server process, any thread.
 */
#include "configure/engine.h"

#include <string.h>

static bool masks_meet(const struct cw_domain *domain, const struct cw_choice_mask *mask) {
    for (size_t w = 0; w < CW_MAX_CHOICES / 64; w++)
        if (domain->bits[w] & mask->bits[w])
            return true;
    return false;
}

static bool mask_covers(const struct cw_domain *domain, const struct cw_choice_mask *mask) {
    for (size_t w = 0; w < CW_MAX_CHOICES / 64; w++)
        if (domain->bits[w] & ~mask->bits[w])
            return false;
    return true;
}

/* What can be said of an atom whose values all satisfy it / some satisfy it. */
static enum cw_truth verdict(const struct cw_domain *domain, bool all, bool some) {
    if (!some)
        return CW_FALSE;
    return all && domain->activity == CW_MAY_ACTIVE ? CW_TRUE : CW_UNKNOWN;
}

static enum cw_truth range_truth(const struct cw_engine *engine, const struct cw_cond *cond,
                                 const struct cw_domain *domain) {
    int64_t lo = cw_domain_number(engine, cond->option, domain->range.lo);
    int64_t hi = cw_domain_number(engine, cond->option, domain->range.hi);
    return verdict(domain, lo >= cond->min && hi <= cond->max, lo <= cond->max && hi >= cond->min);
}

static enum cw_truth present_truth(const struct cw_engine *engine, const struct cw_cond *cond,
                                   const struct cw_domain *domain) {
    switch (engine->product->options[cond->option].kind) {
    case CW_OPTION_TEXT:
        return verdict(domain, domain->bits[0] == 2, (domain->bits[0] & 2) != 0);
    case CW_OPTION_MULTI:
        return verdict(domain, domain->set.must != 0, domain->set.may != 0);
    default:
        return verdict(domain, true, true);
    }
}

static enum cw_truth atom_truth(const struct cw_engine *engine, const struct cw_domain *domains,
                                const struct cw_cond *cond) {
    const struct cw_domain *domain = &domains[cond->option];
    if (!(domain->activity & CW_MAY_ACTIVE))
        return CW_FALSE;
    switch (cond->kind) {
    case CW_COND_IN:
        return verdict(domain, mask_covers(domain, &cond->mask), masks_meet(domain, &cond->mask));
    case CW_COND_HAS:
        return verdict(domain, (domain->set.must & cond->mask.bits[0]) != 0,
                       (domain->set.may & cond->mask.bits[0]) != 0);
    case CW_COND_RANGE:
        return range_truth(engine, cond, domain);
    case CW_COND_PRESENT:
        return present_truth(engine, cond, domain);
    default: /* ACTIVE */
        return verdict(domain, true, true);
    }
}

/* ALL: `absorbing` is CW_FALSE; ANY: CW_TRUE. */
static enum cw_truth list_truth(const struct cw_engine *engine, const struct cw_domain *domains,
                                const struct cw_cond *cond, enum cw_truth absorbing) {
    enum cw_truth result = cw_truth_not(absorbing);
    for (size_t i = 0; i < cond->count; i++) {
        enum cw_truth truth = cw_cond_truth(engine, domains, &cond->items[i]);
        if (truth == absorbing)
            return absorbing;
        if (truth == CW_UNKNOWN)
            result = CW_UNKNOWN;
    }
    return result;
}

enum cw_truth cw_cond_truth(const struct cw_engine *engine, const struct cw_domain *domains,
                            const struct cw_cond *cond) {
    switch (cond->kind) {
    case CW_COND_ALL:
        return list_truth(engine, domains, cond, CW_FALSE);
    case CW_COND_ANY:
        return list_truth(engine, domains, cond, CW_TRUE);
    case CW_COND_NOT:
        return cw_truth_not(cw_cond_truth(engine, domains, &cond->items[0]));
    default:
        return atom_truth(engine, domains, cond);
    }
}

static void count_truths(const struct cw_engine *engine, const struct cw_domain *domains,
                         const struct cw_constraint *constraint, size_t *ret_true,
                         size_t *ret_unknown) {
    *ret_true = *ret_unknown = 0;
    for (size_t i = 0; i < constraint->cond_count; i++) {
        enum cw_truth truth = cw_cond_truth(engine, domains, &constraint->conds[i]);
        *ret_true += truth == CW_TRUE;
        *ret_unknown += truth == CW_UNKNOWN;
    }
}

static enum cw_truth count_truth(const struct cw_engine *engine, const struct cw_domain *domains,
                                 const struct cw_constraint *constraint) {
    size_t held, open;
    count_truths(engine, domains, constraint, &held, &open);
    if (held > constraint->max || held + open < constraint->min)
        return CW_FALSE;
    return held >= constraint->min && held + open <= constraint->max ? CW_TRUE : CW_UNKNOWN;
}

/* The option has this choice for certain. */
static bool is_certain(const struct cw_engine *engine, const struct cw_domain *domain,
                       uint32_t option, uint32_t choice) {
    if (domain->activity != CW_MAY_ACTIVE)
        return false;
    if (engine->product->options[option].kind == CW_OPTION_MULTI)
        return (domain->set.must >> choice & 1) != 0;
    return cw_domain_fixed(engine, option, domain);
}

static enum cw_truth only_if_truth(const struct cw_engine *engine, const struct cw_domain *domains,
                                   const struct cw_constraint *constraint) {
    uint32_t option = constraint->option, choice = constraint->choice;
    if (!cw_domain_has(engine, option, &domains[option], choice))
        return CW_TRUE;
    enum cw_truth truth = cw_cond_truth(engine, domains, constraint->conds);
    if (truth == CW_TRUE || is_certain(engine, &domains[option], option, choice))
        return truth;
    return CW_UNKNOWN;
}

enum cw_truth cw_constraint_truth(const struct cw_engine *engine, const struct cw_domain *domains,
                                  const struct cw_constraint *constraint) {
    enum cw_truth left, right;
    switch (constraint->kind) {
    case CW_CON_COND:
        return cw_cond_truth(engine, domains, &constraint->conds[0]);
    case CW_CON_ONLY_IF:
        return only_if_truth(engine, domains, constraint);
    case CW_CON_IFF:
        left = cw_cond_truth(engine, domains, &constraint->conds[0]);
        right = cw_cond_truth(engine, domains, &constraint->conds[1]);
        if (left == CW_UNKNOWN || right == CW_UNKNOWN)
            return CW_UNKNOWN;
        return left == right ? CW_TRUE : CW_FALSE;
    case CW_CON_COUNT:
        return count_truth(engine, domains, constraint);
    case CW_CON_ALLOWED:
    case CW_CON_FORBIDDEN:
        return cw_table_truth(engine, domains, constraint);
    default:
        return cw_linear_truth(engine, domains, constraint);
    }
}

/* ---- the trail and the queue ----------------------------------------------------------------- */

static void enqueue(struct cw_search *search, uint32_t constraint) {
    if (search->queued[constraint])
        return;
    size_t capacity = search->engine->constraint_count;
    size_t at = search->queue_head + search->queue_count++;
    search->queued[constraint] = true;
    search->queue[at < capacity ? at : at - capacity] = constraint;
}

static void remember(struct cw_search *search, uint32_t option) {
    if (search->trail_count == search->trail_capacity) {
        size_t capacity = search->trail_capacity ? 2 * search->trail_capacity : 256;
        struct cw_trail_entry *grown = cw_arena_array(search->arena, capacity, sizeof *grown);
        if (search->trail_count)
            memcpy(grown, search->trail, search->trail_count * sizeof *grown);
        search->trail = grown;
        search->trail_capacity = capacity;
    }
    search->trail[search->trail_count++] =
        (struct cw_trail_entry){.option = option, .before = search->domains[option]};
}

/* The onlyIf of choices that have become certain. */
static void wake_only_ifs(struct cw_search *search, uint32_t option) {
    const uint32_t *only_ifs = search->engine->only_ifs[option];
    const struct cw_domain *domain = &search->domains[option];
    if (!only_ifs || domain->activity != CW_MAY_ACTIVE)
        return;
    bool multi = search->engine->product->options[option].kind == CW_OPTION_MULTI;
    if (!multi && !cw_domain_fixed(search->engine, option, domain))
        return;
    size_t words = multi ? 1 : CW_MAX_CHOICES / 64;
    for (uint32_t w = 0; w < words; w++)
        for (uint64_t left = domain->bits[w]; left; left &= left - 1) {
            uint32_t constraint = only_ifs[64 * w + (uint32_t)__builtin_ctzll(left)];
            if (constraint != CW_NONE)
                enqueue(search, constraint);
        }
}

bool cw_search_set(struct cw_search *search, uint32_t option, struct cw_domain domain) {
    if (!cw_domain_settle(search->engine, option, &domain))
        return false;
    if (cw_domain_equal(&domain, &search->domains[option]))
        return true;
    remember(search, option);
    search->domains[option] = domain;
    const struct cw_watch *wake = &search->engine->wakes[option];
    for (size_t i = 0; i < wake->count; i++)
        enqueue(search, wake->constraints[i]);
    wake_only_ifs(search, option);
    return true;
}

static void drop_queue(struct cw_search *search) {
    size_t capacity = search->engine->constraint_count;
    for (; search->queue_count > 0; search->queue_count--) {
        search->queued[search->queue[search->queue_head]] = false;
        search->queue_head = search->queue_head + 1 < capacity ? search->queue_head + 1 : 0;
    }
}

void cw_search_undo(struct cw_search *search, size_t mark) {
    drop_queue(search);
    while (search->trail_count > mark) {
        const struct cw_trail_entry *entry = &search->trail[--search->trail_count];
        search->domains[entry->option] = entry->before;
    }
}

/* ---- forcing --------------------------------------------------------------------------------- */

static bool force_in(struct cw_search *search, const struct cw_cond *cond, bool want) {
    struct cw_domain domain = search->domains[cond->option];
    for (size_t w = 0; w < CW_MAX_CHOICES / 64; w++)
        domain.bits[w] &= want ? cond->mask.bits[w] : ~cond->mask.bits[w];
    if (want)
        domain.activity &= CW_MAY_ACTIVE;
    return cw_search_set(search, cond->option, domain);
}

static bool force_has(struct cw_search *search, uint32_t option, uint64_t mask, bool want) {
    struct cw_domain domain = search->domains[option];
    if (!want) {
        domain.set.may &= ~mask;
    } else {
        domain.activity &= CW_MAY_ACTIVE;
        uint64_t left = domain.set.may & mask;
        if (left == 0)
            return false;
        if ((left & (left - 1)) == 0)
            domain.set.must |= left;
    }
    return cw_search_set(search, option, domain);
}

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* The first and last step inside the condition's bounds, kept within what the option can have. */
static void range_steps(const struct cw_option *option, const struct cw_cond *cond, int64_t *ret_lo,
                        int64_t *ret_hi) {
    int64_t min = cond->min < option->number_min ? option->number_min : cond->min;
    int64_t max = cond->max > option->number_max ? option->number_max : cond->max;
    if (min > max) {
        *ret_lo = 1;
        *ret_hi = 0;
        return;
    }
    *ret_lo = -floor_div(-(min - option->number_min), option->number_step);
    *ret_hi = floor_div(max - option->number_min, option->number_step);
}

static bool force_range(struct cw_search *search, const struct cw_cond *cond, bool want) {
    struct cw_domain domain = search->domains[cond->option];
    int64_t lo, hi;
    range_steps(&search->engine->product->options[cond->option], cond, &lo, &hi);
    if (want) {
        domain.activity &= CW_MAY_ACTIVE;
        domain.range.lo = lo > domain.range.lo ? lo : domain.range.lo;
        domain.range.hi = hi < domain.range.hi ? hi : domain.range.hi;
    } else if (lo <= hi) { /* only an end can be cut off; a hole is left to the search */
        if (lo <= domain.range.lo && hi >= domain.range.lo)
            domain.range.lo = hi + 1;
        if (hi >= domain.range.hi && lo <= domain.range.hi)
            domain.range.hi = lo - 1;
    }
    return cw_search_set(search, cond->option, domain);
}

static bool force_active(struct cw_search *search, uint32_t option, bool want) {
    struct cw_domain domain = search->domains[option];
    domain.activity &= want ? CW_MAY_ACTIVE : CW_MAY_INACTIVE;
    return cw_search_set(search, option, domain);
}

static bool force_present(struct cw_search *search, const struct cw_cond *cond, bool want) {
    struct cw_domain domain = search->domains[cond->option];
    switch (search->engine->product->options[cond->option].kind) {
    case CW_OPTION_TEXT:
        domain.bits[0] &= want ? 2U : 1U;
        if (want)
            domain.activity &= CW_MAY_ACTIVE;
        return cw_search_set(search, cond->option, domain);
    case CW_OPTION_MULTI:
        return force_has(search, cond->option, UINT64_MAX, want);
    default:
        return force_active(search, cond->option, want);
    }
}

static bool force_atom(struct cw_search *search, const struct cw_cond *cond, bool want) {
    if (!(search->domains[cond->option].activity & CW_MAY_ACTIVE))
        return !want;
    switch (cond->kind) {
    case CW_COND_IN:
        return force_in(search, cond, want);
    case CW_COND_HAS:
        return force_has(search, cond->option, cond->mask.bits[0], want);
    case CW_COND_RANGE:
        return force_range(search, cond, want);
    case CW_COND_PRESENT:
        return force_present(search, cond, want);
    default:
        return force_active(search, cond->option, want);
    }
}

/* Every item must be `want`. */
static bool force_each(struct cw_search *search, const struct cw_cond *cond, bool want) {
    for (size_t i = 0; i < cond->count; i++)
        if (!cw_search_force(search, &cond->items[i], want))
            return false;
    return true;
}

/* Some item must be `want`: follows only when one candidate is left (unit propagation). */
static bool force_some(struct cw_search *search, const struct cw_cond *cond, bool want) {
    const struct cw_cond *last = NULL;
    for (size_t i = 0; i < cond->count; i++) {
        enum cw_truth truth = cw_cond_truth(search->engine, search->domains, &cond->items[i]);
        if (truth == (want ? CW_TRUE : CW_FALSE))
            return true;
        if (truth != CW_UNKNOWN)
            continue;
        if (last)
            return true;
        last = &cond->items[i];
    }
    return last && cw_search_force(search, last, want);
}

bool cw_search_force(struct cw_search *search, const struct cw_cond *cond, bool want) {
    switch (cond->kind) {
    case CW_COND_ALL:
        return want ? force_each(search, cond, true) : force_some(search, cond, false);
    case CW_COND_ANY:
        return want ? force_some(search, cond, true) : force_each(search, cond, false);
    case CW_COND_NOT:
        return cw_search_force(search, &cond->items[0], !want);
    default:
        return force_atom(search, cond, want);
    }
}

/* ---- constraints ----------------------------------------------------------------------------- */

static bool propagate_iff(struct cw_search *search, const struct cw_constraint *constraint) {
    for (size_t i = 0; i < 2; i++) {
        enum cw_truth truth = cw_cond_truth(search->engine, search->domains, &constraint->conds[i]);
        if (truth != CW_UNKNOWN &&
            !cw_search_force(search, &constraint->conds[1 - i], truth == CW_TRUE))
            return false;
    }
    return true;
}

static bool propagate_count(struct cw_search *search, const struct cw_constraint *constraint) {
    size_t held, open;
    count_truths(search->engine, search->domains, constraint, &held, &open);
    if (held > constraint->max || held + open < constraint->min)
        return false;
    bool full = held == constraint->max, needed = held + open == constraint->min;
    if (open == 0 || (!full && !needed))
        return true;
    for (size_t i = 0; i < constraint->cond_count; i++) {
        const struct cw_cond *cond = &constraint->conds[i];
        if (cw_cond_truth(search->engine, search->domains, cond) == CW_UNKNOWN &&
            !cw_search_force(search, cond, !full))
            return false;
    }
    /* forcing one may have decided another the wrong way */
    return count_truth(search->engine, search->domains, constraint) != CW_FALSE;
}

static bool propagate_only_if(struct cw_search *search, const struct cw_constraint *constraint) {
    const struct cw_engine *engine = search->engine;
    uint32_t option = constraint->option, choice = constraint->choice;
    struct cw_domain domain = search->domains[option];
    if (!cw_domain_has(engine, option, &domain, choice))
        return true;
    if (is_certain(engine, &domain, option, choice))
        return cw_search_force(search, constraint->conds, /* want: */ true);
    if (cw_cond_truth(engine, search->domains, constraint->conds) != CW_FALSE)
        return true;
    if (engine->product->options[option].kind == CW_OPTION_MULTI)
        domain.set.may &= ~(UINT64_C(1) << choice);
    else
        domain.bits[choice / 64] &= ~(UINT64_C(1) << (choice % 64));
    return cw_search_set(search, option, domain);
}

static bool propagate_one(struct cw_search *search, const struct cw_constraint *constraint) {
    switch (constraint->kind) {
    case CW_CON_COND:
        return cw_search_force(search, &constraint->conds[0], /* want: */ true);
    case CW_CON_ONLY_IF:
        return propagate_only_if(search, constraint);
    case CW_CON_IFF:
        return propagate_iff(search, constraint);
    case CW_CON_COUNT:
        return propagate_count(search, constraint);
    case CW_CON_ALLOWED:
    case CW_CON_FORBIDDEN:
        return cw_table_propagate(search, constraint);
    default:
        return cw_linear_propagate(search, constraint);
    }
}

bool cw_search_propagate(struct cw_search *search) {
    size_t capacity = search->engine->constraint_count;
    while (search->queue_count > 0) {
        uint32_t at = search->queue[search->queue_head];
        search->queue_head = search->queue_head + 1 < capacity ? search->queue_head + 1 : 0;
        search->queue_count--;
        search->queued[at] = false;
        if (!propagate_one(search, &search->engine->constraints[at])) {
            search->failed = at;
            drop_queue(search);
            return false;
        }
    }
    return true;
}
