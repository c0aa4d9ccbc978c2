/*
 * Sums on domains: compare and sum rules are "sum of contributions op bound". Bounds reasoning: a
 * value goes when no choice of the others can keep the rule. Server process, any thread.
 */
#include "configure/engine.h"

/* Up to 128 x 64 attributes, and any two int64 constants. */
__extension__ typedef __int128 wide;

struct span {
    wide min, max;
};

static struct span include(struct span span, wide value) {
    if (value < span.min)
        span.min = value;
    if (value > span.max)
        span.max = value;
    return span;
}

static struct span choice_span(const struct cw_weight *weight, const struct cw_domain *domain) {
    struct span span = {0, 0};
    bool first = true;
    for (uint32_t w = 0; w < CW_MAX_CHOICES / 64; w++)
        for (uint64_t left = domain->bits[w]; left; left &= left - 1) {
            int64_t value = weight->choices[64 * w + (uint32_t)__builtin_ctzll(left)];
            span = first ? (struct span){value, value} : include(span, value);
            first = false;
        }
    return span;
}

static struct span multi_span(const struct cw_weight *weight, const struct cw_domain *domain) {
    struct span span = {0, 0};
    for (uint64_t left = domain->set.may; left; left &= left - 1) {
        uint32_t member = (uint32_t)__builtin_ctzll(left);
        int64_t value = weight->choices[member];
        bool must = (domain->set.must >> member & 1) != 0;
        if (must || value < 0)
            span.min += value;
        if (must || value > 0)
            span.max += value;
    }
    return span;
}

static struct span number_span(const struct cw_engine *engine, const struct cw_weight *weight,
                               const struct cw_domain *domain) {
    wide a = (wide)weight->coefficient * cw_domain_number(engine, weight->option, domain->range.lo);
    wide b = (wide)weight->coefficient * cw_domain_number(engine, weight->option, domain->range.hi);
    return a < b ? (struct span){a, b} : (struct span){b, a};
}

static struct span weight_span(const struct cw_engine *engine, const struct cw_domain *domains,
                               const struct cw_weight *weight) {
    const struct cw_domain *domain = &domains[weight->option];
    struct span span;
    if (!(domain->activity & CW_MAY_ACTIVE))
        return (struct span){0, 0};
    if (!weight->choices)
        span = number_span(engine, weight, domain);
    else if (engine->product->options[weight->option].kind == CW_OPTION_MULTI)
        span = multi_span(weight, domain);
    else
        span = choice_span(weight, domain);
    return domain->activity & CW_MAY_INACTIVE ? include(span, 0) : span;
}

static struct span total_span(const struct cw_engine *engine, const struct cw_domain *domains,
                              const struct cw_constraint *constraint) {
    struct span total = {0, 0};
    for (size_t i = 0; i < constraint->weight_count; i++) {
        struct span span = weight_span(engine, domains, &constraint->weights[i]);
        total.min += span.min;
        total.max += span.max;
    }
    return total;
}

static enum cw_truth below(struct span span, wide bound, bool or_equal) {
    if (span.max < bound || (or_equal && span.max == bound))
        return CW_TRUE;
    if (span.min > bound || (!or_equal && span.min == bound))
        return CW_FALSE;
    return CW_UNKNOWN;
}

static enum cw_truth equal(struct span span, wide bound) {
    if (span.min > bound || span.max < bound)
        return CW_FALSE;
    return span.min == span.max ? CW_TRUE : CW_UNKNOWN;
}

static enum cw_truth span_truth(struct span span, const struct cw_constraint *constraint) {
    wide bound = (wide)constraint->bound - constraint->bound_minus;
    switch (constraint->op) {
    case CW_OP_LT:
        return below(span, bound, /* or_equal: */ false);
    case CW_OP_LE:
        return below(span, bound, /* or_equal: */ true);
    case CW_OP_EQ:
        return equal(span, bound);
    case CW_OP_NE:
        return cw_truth_not(equal(span, bound));
    case CW_OP_GE:
        return cw_truth_not(below(span, bound, /* or_equal: */ false));
    default: /* GT */
        return cw_truth_not(below(span, bound, /* or_equal: */ true));
    }
}

enum cw_truth cw_linear_truth(const struct cw_engine *engine, const struct cw_domain *domains,
                              const struct cw_constraint *constraint) {
    return span_truth(total_span(engine, domains, constraint), constraint);
}

static bool refused(struct span rest, wide value, const struct cw_constraint *constraint) {
    struct span span = {rest.min + value, rest.max + value};
    return span_truth(span, constraint) == CW_FALSE;
}

static void prune_choices(const struct cw_weight *weight, struct span rest,
                          const struct cw_constraint *constraint, struct cw_domain *domain) {
    for (uint32_t w = 0; w < CW_MAX_CHOICES / 64; w++)
        for (uint64_t left = domain->bits[w]; left; left &= left - 1) {
            uint32_t bit = (uint32_t)__builtin_ctzll(left);
            if (refused(rest, weight->choices[64 * w + bit], constraint))
                domain->bits[w] &= ~(UINT64_C(1) << bit);
        }
}

/* A member goes when the sum with it is refused, and must come when the sum without it is. */
static void prune_multi(const struct cw_weight *weight, struct span rest, struct span own,
                        const struct cw_constraint *constraint, struct cw_domain *domain) {
    for (uint64_t left = domain->set.may & ~domain->set.must; left; left &= left - 1) {
        uint32_t member = (uint32_t)__builtin_ctzll(left);
        int64_t value = weight->choices[member];
        struct span others = {rest.min + own.min - (value < 0 ? value : 0),
                              rest.max + own.max - (value > 0 ? value : 0)};
        if (refused(others, value, constraint))
            domain->set.may &= ~(UINT64_C(1) << member);
        else if (refused(others, 0, constraint))
            domain->set.must |= UINT64_C(1) << member;
    }
}

/* What is refused at an end of a range is a run from that end (or a single value for "!="), so the
 * first kept value is found by halving; a wrong guess about the run only keeps more. */
static void prune_number(const struct cw_engine *engine, const struct cw_weight *weight,
                         struct span rest, const struct cw_constraint *constraint,
                         struct cw_domain *domain) {
#define REFUSED(step)                                                                              \
    refused(rest, (wide)weight->coefficient *cw_domain_number(engine, weight->option, (step)),     \
            constraint)
    int64_t lo = domain->range.lo, hi = domain->range.hi;
    if (constraint->op == CW_OP_NE) {
        domain->range.lo += lo <= hi && REFUSED(lo);
        domain->range.hi -= lo <= hi && REFUSED(hi);
        return;
    }
    if (REFUSED(lo) && !REFUSED(hi)) {
        for (int64_t bad = lo, good = hi; bad + 1 < good;) {
            int64_t middle = bad + (good - bad) / 2;
            if (REFUSED(middle))
                bad = middle;
            else
                good = middle;
            domain->range.lo = bad + 1;
        }
        if (domain->range.lo == lo)
            domain->range.lo = lo + 1;
    } else if (!REFUSED(lo) && REFUSED(hi)) {
        for (int64_t good = lo, bad = hi; good + 1 < bad;) {
            int64_t middle = good + (bad - good) / 2;
            if (REFUSED(middle))
                bad = middle;
            else
                good = middle;
            domain->range.hi = bad - 1;
        }
        if (domain->range.hi == hi)
            domain->range.hi = hi - 1;
    } else if (lo == hi && REFUSED(lo)) {
        domain->range.hi = lo - 1;
    }
#undef REFUSED
}

static bool propagate_weight(struct cw_search *search, const struct cw_constraint *constraint,
                             const struct cw_weight *weight) {
    const struct cw_engine *engine = search->engine;
    struct cw_domain domain = search->domains[weight->option];
    struct span own = weight_span(engine, search->domains, weight);
    struct span rest = total_span(engine, search->domains, constraint);
    rest.min -= own.min;
    rest.max -= own.max;
    if ((domain.activity & CW_MAY_INACTIVE) && refused(rest, 0, constraint))
        domain.activity &= CW_MAY_ACTIVE;
    if (domain.activity == 0)
        return false;
    if (domain.activity == CW_MAY_INACTIVE)
        return true;
    if (!weight->choices)
        prune_number(engine, weight, rest, constraint, &domain);
    else if (engine->product->options[weight->option].kind == CW_OPTION_MULTI)
        prune_multi(weight, rest, multi_span(weight, &domain), constraint, &domain);
    else
        prune_choices(weight, rest, constraint, &domain);
    return cw_search_set(search, weight->option, domain);
}

bool cw_linear_propagate(struct cw_search *search, const struct cw_constraint *constraint) {
    if (cw_linear_truth(search->engine, search->domains, constraint) == CW_FALSE)
        return false;
    for (size_t i = 0; i < constraint->weight_count; i++)
        if (!propagate_weight(search, constraint, &constraint->weights[i]))
            return false;
    return true;
}
