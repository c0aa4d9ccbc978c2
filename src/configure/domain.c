/*
 * Domains: what an option may still be. Knows the five kinds of options and nothing of rules.
 * Runs in the server process, any thread.
 */
#include "configure/engine.h"

#include <string.h>

static const struct cw_option *option_of(const struct cw_engine *engine, uint32_t option) {
    return &engine->product->options[option];
}

static uint32_t multi_min(const struct cw_option *option) {
    return option->required && option->multi_min == 0 ? 1 : option->multi_min;
}

static size_t bit_count(const struct cw_domain *domain) {
    size_t count = 0;
    for (size_t w = 0; w < CW_MAX_CHOICES / 64; w++)
        count += (size_t)__builtin_popcountll(domain->bits[w]);
    return count;
}

static uint32_t members(uint64_t set) {
    return (uint32_t)__builtin_popcountll(set);
}

bool cw_domain_empty(const struct cw_engine *engine, uint32_t option,
                     const struct cw_domain *domain) {
    const struct cw_option *o = option_of(engine, option);
    switch (o->kind) {
    case CW_OPTION_MULTI:
        return (domain->set.must & ~domain->set.may) != 0 ||
               members(domain->set.must) > o->multi_max || members(domain->set.may) < multi_min(o);
    case CW_OPTION_NUMBER:
        return domain->range.lo > domain->range.hi;
    default:
        for (size_t w = 0; w < CW_MAX_CHOICES / 64; w++)
            if (domain->bits[w])
                return false;
        return true;
    }
}

/* Values besides "inactive"; for a multi an estimate that is 1 exactly when it is decided. */
static size_t value_count(const struct cw_engine *engine, uint32_t option,
                          const struct cw_domain *domain) {
    switch (option_of(engine, option)->kind) {
    case CW_OPTION_MULTI:
        return 1 + members(domain->set.may & ~domain->set.must);
    case CW_OPTION_NUMBER:
        return (size_t)(domain->range.hi - domain->range.lo) + 1;
    default:
        return bit_count(domain);
    }
}

size_t cw_domain_size(const struct cw_engine *engine, uint32_t option,
                      const struct cw_domain *domain) {
    size_t inactive = (domain->activity & CW_MAY_INACTIVE) != 0;
    if (!(domain->activity & CW_MAY_ACTIVE))
        return inactive;
    return inactive + value_count(engine, option, domain);
}

/* Not through counting: this is asked most of all. */
static bool is_single_bit(const struct cw_domain *domain) {
    uint64_t only = 0;
    for (size_t w = 0; w < CW_MAX_CHOICES / 64; w++) {
        if (domain->bits[w] == 0)
            continue;
        if (only)
            return false;
        only = domain->bits[w];
    }
    return only != 0 && (only & (only - 1)) == 0;
}

bool cw_domain_fixed(const struct cw_engine *engine, uint32_t option,
                     const struct cw_domain *domain) {
    if (domain->activity != CW_MAY_ACTIVE)
        return domain->activity == CW_MAY_INACTIVE;
    switch (option_of(engine, option)->kind) {
    case CW_OPTION_MULTI:
        return domain->set.must == domain->set.may;
    case CW_OPTION_NUMBER:
        return domain->range.lo == domain->range.hi;
    default:
        return is_single_bit(domain);
    }
}

/* A multi at its upper limit takes no more; one that needs all it may have takes them. */
static void settle_multi(const struct cw_option *option, struct cw_domain *domain) {
    if (members(domain->set.must) == option->multi_max)
        domain->set.may = domain->set.must;
    if (members(domain->set.may) == multi_min(option))
        domain->set.must = domain->set.may;
}

bool cw_domain_settle(const struct cw_engine *engine, uint32_t option, struct cw_domain *domain) {
    if ((domain->activity & CW_MAY_ACTIVE) && cw_domain_empty(engine, option, domain))
        domain->activity &= (uint8_t)~CW_MAY_ACTIVE;
    if (!(domain->activity & CW_MAY_ACTIVE))
        memset(domain->bits, 0, sizeof domain->bits);
    else if (option_of(engine, option)->kind == CW_OPTION_MULTI)
        settle_multi(option_of(engine, option), domain);
    return domain->activity != 0;
}

bool cw_domain_equal(const struct cw_domain *a, const struct cw_domain *b) {
    return a->activity == b->activity && memcmp(a->bits, b->bits, sizeof a->bits) == 0;
}

bool cw_domain_has(const struct cw_engine *engine, uint32_t option, const struct cw_domain *domain,
                   uint32_t choice) {
    if (!(domain->activity & CW_MAY_ACTIVE))
        return false;
    if (option_of(engine, option)->kind == CW_OPTION_MULTI)
        return (domain->set.may >> choice & 1) != 0;
    return (domain->bits[choice / 64] >> (choice % 64) & 1) != 0;
}

void cw_domain_only(const struct cw_engine *engine, uint32_t option, uint32_t choice,
                    struct cw_domain *domain) {
    domain->activity &= CW_MAY_ACTIVE;
    if (option_of(engine, option)->kind == CW_OPTION_MULTI) {
        domain->set.must |= UINT64_C(1) << choice;
        return;
    }
    uint64_t kept = domain->bits[choice / 64] & (UINT64_C(1) << (choice % 64));
    memset(domain->bits, 0, sizeof domain->bits);
    domain->bits[choice / 64] = kept;
}

void cw_domain_value(const struct cw_engine *engine, uint32_t option, const struct cw_value *value,
                     struct cw_domain *domain) {
    const struct cw_option *o = option_of(engine, option);
    memset(domain, 0, sizeof *domain);
    domain->activity = CW_MAY_ACTIVE;
    switch (o->kind) {
    case CW_OPTION_MULTI:
        domain->set.must = domain->set.may = value->multi;
        break;
    case CW_OPTION_NUMBER:
        domain->range.lo = domain->range.hi = (value->number - o->number_min) / o->number_step;
        break;
    case CW_OPTION_TEXT:
        domain->bits[0] = value->text && value->text[0] ? 2 : 1;
        break;
    default:
        domain->bits[value->choice / 64] = UINT64_C(1) << (value->choice % 64);
    }
}

void cw_domain_meet(const struct cw_engine *engine, uint32_t option, struct cw_domain *domain,
                    const struct cw_domain *other) {
    domain->activity &= other->activity;
    switch (option_of(engine, option)->kind) {
    case CW_OPTION_MULTI:
        domain->set.must |= other->set.must;
        domain->set.may &= other->set.may;
        break;
    case CW_OPTION_NUMBER:
        if (other->range.lo > domain->range.lo)
            domain->range.lo = other->range.lo;
        if (other->range.hi < domain->range.hi)
            domain->range.hi = other->range.hi;
        break;
    default:
        for (size_t w = 0; w < CW_MAX_CHOICES / 64; w++)
            domain->bits[w] &= other->bits[w];
    }
}

int64_t cw_domain_number(const struct cw_engine *engine, uint32_t option, int64_t step) {
    const struct cw_option *o = option_of(engine, option);
    return o->number_min + step * o->number_step;
}
