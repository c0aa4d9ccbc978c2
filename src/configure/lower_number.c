/*
 * Lowering numbers: cuts a number's steps into classes that no rule tells apart. Cut points are the
 * ends of ranges in conditions and, where a sum has the number in it, every value at which the sum
 * meets its bound, whatever the others are: then the first step of a class adds up like all others.
 * It builds no constraint. Any process.
 */
#include "configure/lower_inside.h"

#include <string.h>

#include "cordwain/limits.h"

/* Where classes of one number begin: step indexes, in any order, some twice. */
struct cuts {
    int64_t *steps;
    size_t count, capacity;
};

struct cutter {
    struct cw_lowering *lowering;
    struct cuts *cuts; /* per option */
};

/* Of steps: so many that several comparisons still fit after sorting and joining. */
#define MOST_CUTS (8 * (size_t)CW_MODEL_VALUES)

static int64_t step_count(const struct cw_option *option) {
    return (option->number_max - option->number_min) / option->number_step + 1;
}

/* A class begins at the first step that is not below `value`. */
static void cut(struct cutter *cutter, uint32_t option, cw_wide value) {
    const struct cw_option *o = &cutter->lowering->product->options[option];
    struct cuts *cuts = &cutter->cuts[option];
    cw_wide step = (value - o->number_min + o->number_step - 1) / o->number_step;
    if (value <= o->number_min || step >= step_count(o))
        return;
    if (cuts->count == MOST_CUTS) {
        cw_lower_too_large(cutter->lowering, "values of a number");
        return;
    }
    cuts->steps = cw_arena_grow(cutter->lowering->scratch, cuts->steps, cuts->count,
                                &cuts->capacity, sizeof *cuts->steps);
    cuts->steps[cuts->count++] = (int64_t)step;
}

/* ---- conditions ------------------------------------------------------------------------------ */

static void cut_condition(struct cutter *cutter, const struct cw_cond *cond) {
    if (!cond)
        return;
    if (cond->kind == CW_COND_RANGE) {
        if (cutter->lowering->product->options[cond->option].kind != CW_OPTION_NUMBER)
            return;
        cut(cutter, cond->option, cond->min);
        cut(cutter, cond->option, (cw_wide)cond->max + 1);
        return;
    }
    if (cond->kind == CW_COND_ALL || cond->kind == CW_COND_ANY || cond->kind == CW_COND_NOT)
        for (size_t i = 0; i < cond->count; i++)
            cut_condition(cutter, &cond->items[i]);
}

static void cut_conditions(struct cutter *cutter) {
    const struct cw_product *product = cutter->lowering->product;
    for (size_t o = 0; o < product->option_count; o++) {
        const struct cw_option *option = &product->options[o];
        cut_condition(cutter, option->active_if);
        cut_condition(cutter, option->required_if);
        for (size_t c = 0; c < option->choice_count; c++)
            cut_condition(cutter, option->choices[c].only_if);
    }
    for (size_t r = 0; r < product->rule_count; r++)
        for (size_t i = 0; i < product->rules[r].cond_count && !product->rules[r].warning; i++)
            cut_condition(cutter, &product->rules[r].conds[i]);
    for (size_t i = 0; i < product->price_rule_count; i++)
        cut_condition(cutter, product->price_rules[i].when);
}

/* ---- sums ------------------------------------------------------------------------------------ */

/* Every step is a class of its own. */
static void cut_every_step(struct cutter *cutter, uint32_t option) {
    const struct cw_option *o = &cutter->lowering->product->options[option];
    if (step_count(o) >= CW_MODEL_VALUES) {
        cw_lower_too_large(cutter->lowering, "values of a number");
        return;
    }
    for (int64_t step = 1; step < step_count(o); step++)
        cut(cutter, option, (cw_wide)o->number_min + step * o->number_step);
}

static cw_wide floor_of(cw_wide amount, int64_t by) {
    cw_wide quotient = amount / by;
    return quotient - (amount % by != 0 && (amount < 0) != (by < 0));
}

/* coefficient * value - need is below, at or above 0 in different classes. */
static void cut_number(struct cutter *cutter, const struct cw_rule *rule, uint32_t option) {
    struct cw_needs needs;
    if (!cw_lower_needs(cutter->lowering, rule, option, &needs)) {
        cut_every_step(cutter, option);
        return;
    }
    for (size_t i = 0; i < needs.count; i++) {
        cw_wide below = floor_of(needs.amounts[i], needs.coefficient);
        bool exact = below * needs.coefficient == needs.amounts[i];
        cut(cutter, option, below + 1);
        if (exact)
            cut(cutter, option, below);
    }
}

static void cut_term(struct cutter *cutter, const struct cw_rule *rule, uint32_t option) {
    if (option != CW_NONE && cutter->lowering->product->options[option].kind == CW_OPTION_NUMBER)
        cut_number(cutter, rule, option);
}

static void cut_sums(struct cutter *cutter) {
    const struct cw_product *product = cutter->lowering->product;
    for (size_t r = 0; r < product->rule_count; r++) {
        const struct cw_rule *rule = &product->rules[r];
        if (rule->warning)
            continue;
        for (size_t i = 0; rule->kind == CW_RULE_SUM && i < rule->option_count; i++)
            cut_term(cutter, rule, rule->options[i]);
        if (rule->kind == CW_RULE_COMPARE) {
            cut_term(cutter, rule, rule->left.option);
            cut_term(cutter, rule, rule->right.option);
        }
    }
}

/* ---- classes --------------------------------------------------------------------------------- */

static void make_classes(struct cutter *cutter, uint32_t option) {
    struct cw_lowering *lowering = cutter->lowering;
    const struct cw_option *o = &lowering->product->options[option];
    struct cuts *cuts = &cutter->cuts[option];
    size_t count = cw_sort_amounts(cuts->steps, cuts->count);
    if (count + 2 > CW_MODEL_VALUES) {
        cw_lower_too_large(lowering, "values of a number");
        return;
    }
    int64_t *first = cw_arena_array(lowering->arena, count + 2, sizeof *first);
    first[0] = o->number_min;
    for (size_t i = 0; i < count; i++)
        first[i + 1] = o->number_min + cuts->steps[i] * o->number_step;
    first[count + 1] = o->number_min + step_count(o) * o->number_step;
    lowering->options[option].class_first = first;
    lowering->options[option].class_count = (uint32_t)count + 1;
}

void cw_lower_classes(struct cw_lowering *lowering) {
    const struct cw_product *product = lowering->product;
    struct cutter cutter = {.lowering = lowering};
    bool any = false;
    for (size_t o = 0; o < product->option_count; o++)
        any |= product->options[o].kind == CW_OPTION_NUMBER;
    if (!any)
        return;
    cutter.cuts = cw_arena_array(lowering->scratch, product->option_count, sizeof *cutter.cuts);
    cut_conditions(&cutter);
    cut_sums(&cutter);
    for (uint32_t o = 0; o < product->option_count && lowering->status == CW_OK; o++)
        if (product->options[o].kind == CW_OPTION_NUMBER)
            make_classes(&cutter, o);
}
