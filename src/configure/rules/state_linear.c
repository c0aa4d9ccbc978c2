/*
 * Responsible for: linear constraints during search: bounds of the sum, and the values with which
 * it can still be reached. Does not: decide anything. The rules worker, and wherever a product is
 * compiled in place.
 */
#include "configure/rules/state.h"

struct cw_span cw_state_span(const struct cw_state *state, uint32_t var, const cw_wide *weights) {
    const uint64_t *domain = cw_state_domain(state, var);
    struct cw_span span = {CW_WIDE_MAX, CW_WIDE_MIN};
    CW_BITS_EACH(x, domain, state->problem->words[var]) {
        if (weights[x] < span.least)
            span.least = weights[x];
        if (weights[x] > span.most)
            span.most = weights[x];
    }
    return span;
}

struct cw_span cw_state_linear_span(const struct cw_state *state, uint32_t number) {
    const struct cw_draft_linear *linear = &state->problem->linears[number];
    struct cw_span all = {0, 0};
    for (uint32_t i = 0; i < linear->count; i++) {
        struct cw_span own = cw_state_span(state, linear->vars[i], linear->weights[i]);
        all.least += own.least;
        all.most += own.most;
    }
    return all;
}

/* Keep the values with which the others can still reach the bounds. The spans are those from
 * before: what this takes away wakes the constraint again. */
static bool narrow(struct cw_state *state, const struct cw_draft_linear *linear, uint32_t i,
                   struct cw_span all) {
    uint32_t var = linear->vars[i], words = state->problem->words[var];
    const cw_wide *weights = linear->weights[i];
    const uint64_t *domain = cw_state_domain(state, var);
    struct cw_span own = cw_state_span(state, var, weights);
    cw_wide most = linear->max - (all.least - own.least),
            least = linear->min - (all.most - own.most);
    if (own.most <= most && own.least >= least)
        return true;
    uint64_t left[CW_SET_WORDS];
    memset(left, 0, words * sizeof *left);
    CW_BITS_EACH(x, domain, words) {
        if (weights[x] <= most && weights[x] >= least)
            cw_set_add(left, x);
    }
    return cw_state_keep_only(state, var, left);
}

bool cw_state_visit_linear(struct cw_state *state, uint32_t number) {
    const struct cw_draft_linear *linear = &state->problem->linears[number];
    struct cw_span all = cw_state_linear_span(state, number);
    if (all.least > linear->max || all.most < linear->min)
        return false;
    if (all.least >= linear->min && all.most <= linear->max)
        return true;
    for (uint32_t i = 0; i < linear->count; i++)
        if (!cw_state_fixed(state, linear->vars[i]) && !narrow(state, linear, i, all))
            return false;
    return true;
}
