/*
 * Responsible for: linear constraints on their way to the compiler. Does not: search.
 * The rules worker, and wherever a product is compiled in place.
 */
#include <string.h>

#include "configure/rules/bits.h"
#include "configure/rules/draft.h"

void cw_draft_import_linear(struct cw_draft *draft, const struct cw_model_constraint *from) {
    struct cw_draft_linear *linear = &draft->linears[draft->linear_count++];
    const int64_t *weights = from->weights;
    *linear = (struct cw_draft_linear){
        .count = from->scope_count,
        .vars = cw_arena_array(draft->arena, from->scope_count, sizeof(uint32_t)),
        .weights = cw_arena_array(draft->arena, from->scope_count, sizeof(cw_wide *)),
        .min = from->min == INT64_MIN ? CW_WIDE_MIN : from->min,
        .max = from->max == INT64_MAX ? CW_WIDE_MAX : from->max,
    };
    for (uint32_t i = 0; i < from->scope_count; i++) {
        uint32_t var = from->scope[i], values = draft->value_counts[var];
        linear->vars[i] = var;
        linear->weights[i] = cw_arena_array(draft->arena, values, sizeof(cw_wide));
        for (uint32_t x = 0; x < values; x++)
            linear->weights[i][x] = *weights++;
    }
}

struct span {
    cw_wide least, most;
};

static struct span span_of(const struct cw_draft *draft, uint32_t var, const cw_wide *weights) {
    const uint64_t *domain = cw_draft_domain(draft, var);
    uint32_t words = cw_draft_words(draft, var);
    struct span span = {CW_WIDE_MAX, CW_WIDE_MIN};
    CW_BITS_EACH(x, domain, words) {
        if (weights[x] < span.least)
            span.least = weights[x];
        if (weights[x] > span.most)
            span.most = weights[x];
    }
    return span;
}

/* Variables that add the same whatever they are become part of the bounds. */
static void drop_constants(const struct cw_draft *draft, struct cw_draft_linear *linear) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < linear->count; i++) {
        struct span span = span_of(draft, linear->vars[i], linear->weights[i]);
        if (span.least < span.most) {
            linear->vars[kept] = linear->vars[i];
            linear->weights[kept++] = linear->weights[i];
            continue;
        }
        if (linear->min != CW_WIDE_MIN)
            linear->min -= span.least;
        if (linear->max != CW_WIDE_MAX)
            linear->max -= span.least;
    }
    linear->count = kept;
}

/* Keep the values with which the rest can still reach the bounds. */
static bool keep_reachable(struct cw_draft *draft, const struct cw_draft_linear *linear,
                           struct span all) {
    bool changed = false;
    for (uint32_t i = 0; i < linear->count && !draft->impossible; i++) {
        uint32_t var = linear->vars[i], words = cw_draft_words(draft, var);
        const cw_wide *weights = linear->weights[i];
        struct span own = span_of(draft, var, weights);
        uint64_t *set = cw_arena_array(draft->arena, words, sizeof *set);
        CW_BITS_EACH(x, cw_draft_domain(draft, var), words) {
            if (all.least - own.least + weights[x] <= linear->max &&
                all.most - own.most + weights[x] >= linear->min)
                cw_set_add(set, x);
        }
        changed |= cw_draft_keep_only(draft, var, set);
        struct span left = span_of(draft, var, weights);
        all.least += left.least - own.least;
        all.most += left.most - own.most;
    }
    return changed;
}

bool cw_draft_simplify_linears(struct cw_draft *draft) {
    bool changed = false;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < draft->linear_count && !draft->impossible; i++) {
        struct cw_draft_linear *linear = &draft->linears[i];
        drop_constants(draft, linear);
        struct span all = {0, 0};
        for (uint32_t k = 0; k < linear->count; k++) {
            struct span own = span_of(draft, linear->vars[k], linear->weights[k]);
            all.least += own.least;
            all.most += own.most;
        }
        if (all.least > linear->max || all.most < linear->min)
            draft->impossible = true;
        else if (all.least >= linear->min && all.most <= linear->max)
            continue; /* holds anyway */
        else
            changed |= keep_reachable(draft, linear, all);
        draft->linears[kept++] = *linear;
    }
    draft->linear_count = kept;
    return changed;
}
