/*
 * Lowering numbers: cuts a number's steps into classes that no rule tells apart. Cut points are the
 * ends of ranges in conditions and, where a comparison sets the number against something that
 * varies, every value that can have: then the first step of a class compares with it like all
 * others. It builds no constraint. Any process.
 */
#include "configure/lower_inside.h"

#include <stdlib.h>
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
    if (cuts->count == cuts->capacity) {
        cuts->capacity = cuts->capacity ? 2 * cuts->capacity : 16;
        int64_t *grown = cw_arena_array(cutter->lowering->scratch, cuts->capacity, sizeof *grown);
        if (cuts->count > 0)
            memcpy(grown, cuts->steps, cuts->count * sizeof *grown);
        cuts->steps = grown;
    }
    cuts->steps[cuts->count++] = (int64_t)step;
}

/* Values below, at and above this one fall into different classes. */
static void cut_around(struct cutter *cutter, uint32_t option, cw_wide value) {
    cut(cutter, option, value);
    cut(cutter, option, value + 1);
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

/* ---- comparisons ----------------------------------------------------------------------------- */

static int by_amount(const void *a, const void *b) {
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static size_t sort_amounts(int64_t *amounts, size_t count) {
    size_t kept = 0;
    if (count > 1)
        qsort(amounts, count, sizeof *amounts, by_amount);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || amounts[kept - 1] != amounts[i])
            amounts[kept++] = amounts[i];
    return kept;
}

/* Every sum a set of the multi's choices can have. */
static void cut_subset_sums(struct cutter *cutter, uint32_t number, const struct cw_option *multi,
                            const char *attribute) {
    int64_t *sums = cw_arena_array(cutter->lowering->scratch, 2 * CW_MODEL_VALUES, sizeof *sums);
    size_t count = 1;
    for (size_t c = 0; c < multi->choice_count; c++) {
        int64_t weight = cw_choice_attribute(&multi->choices[c], attribute);
        if (weight == 0)
            continue;
        for (size_t i = 0; i < count; i++)
            sums[count + i] = sums[i] + weight;
        count = sort_amounts(sums, 2 * count);
        if (count > CW_MODEL_VALUES) {
            cw_lower_too_large(cutter->lowering, "values of a number");
            return;
        }
    }
    for (size_t i = 0; i < count; i++)
        cut_around(cutter, number, sums[i]);
}

/* Every value of `other` that lies where `number` can be. */
static void cut_at_number(struct cutter *cutter, uint32_t number, const struct cw_option *other) {
    const struct cw_option *o = &cutter->lowering->product->options[number];
    cw_wide step = other->number_step, first = other->number_min, last = other->number_max;
    if (first < o->number_min)
        first += (o->number_min - first) / step * step;
    if (last > o->number_max)
        last = o->number_max;
    for (cw_wide value = first; value <= last && cutter->lowering->status == CW_OK; value += step)
        cut_around(cutter, number, value);
}

static void cut_against(struct cutter *cutter, uint32_t number, const struct cw_term *term) {
    if (term->option == CW_NONE) {
        cut_around(cutter, number, term->constant);
        return;
    }
    const struct cw_option *other = &cutter->lowering->product->options[term->option];
    if (other->active_if || other->kind != CW_OPTION_NUMBER || term->attribute)
        cut_around(cutter, number, 0);
    if (!term->attribute) {
        if (other->kind == CW_OPTION_NUMBER)
            cut_at_number(cutter, number, other);
    } else if (other->kind == CW_OPTION_MULTI) {
        cut_subset_sums(cutter, number, other, term->attribute);
    } else if (other->kind == CW_OPTION_CHOICE) {
        for (size_t c = 0; c < other->choice_count; c++)
            cut_around(cutter, number, cw_choice_attribute(&other->choices[c], term->attribute));
    }
}

static bool is_number(const struct cutter *cutter, const struct cw_term *term) {
    return term->option != CW_NONE && !term->attribute &&
           cutter->lowering->product->options[term->option].kind == CW_OPTION_NUMBER;
}

/* A number and itself: the difference is 0 whatever it is. */
static bool is_with_itself(const struct cw_rule *rule) {
    return rule->left.option == rule->right.option && !rule->left.attribute &&
           !rule->right.attribute;
}

static void cut_comparisons(struct cutter *cutter) {
    const struct cw_product *product = cutter->lowering->product;
    for (size_t r = 0; r < product->rule_count; r++) {
        const struct cw_rule *rule = &product->rules[r];
        if (rule->kind != CW_RULE_COMPARE || rule->warning || is_with_itself(rule))
            continue;
        if (is_number(cutter, &rule->left))
            cut_against(cutter, rule->left.option, &rule->right);
        if (is_number(cutter, &rule->right))
            cut_against(cutter, rule->right.option, &rule->left);
    }
}

/* ---- classes --------------------------------------------------------------------------------- */

static void make_classes(struct cutter *cutter, uint32_t option) {
    struct cw_lowering *lowering = cutter->lowering;
    const struct cw_option *o = &lowering->product->options[option];
    struct cuts *cuts = &cutter->cuts[option];
    size_t count = sort_amounts(cuts->steps, cuts->count);
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
    cut_comparisons(&cutter);
    for (uint32_t o = 0; o < product->option_count && lowering->status == CW_OK; o++)
        if (product->options[o].kind == CW_OPTION_NUMBER)
            make_classes(&cutter, o);
}
