/*
 * For a sum with a number in it: every amount the number's part must come to, for the sum to meet
 * its bound, over all the others can add up to (their rules not asked: more than needed does no
 * harm). Amounts out of the number's reach are dropped on the way. Any process.
 */
#include "configure/lower_inside.h"

#include <stdlib.h>
#include <string.h>

/* Sums listed at once, and looked at for one product: above it a number's steps are told apart one
 * by one, so that no document makes lowering slow. */
#define MOST_SUMS 4096
#define MOST_WORK 4000000

/* What one variable may add: any of `amounts`, or coefficient × a step of a number. */
struct part {
    const int64_t *amounts;
    size_t count;
    const struct cw_option *number;
    int64_t coefficient;
    cw_wide min, max;
};

struct parts {
    struct cw_lowering *lowering;
    uint32_t number; /* the option whose needs are asked for */
    cw_wide coefficient;
    cw_wide bound; /* of everything */
    size_t count, capacity;
    struct part *items;
    cw_wide rest_min, rest_max; /* of the parts still to be added */
};

static int by_amount(const void *a, const void *b) {
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

size_t cw_sort_amounts(int64_t *amounts, size_t count) {
    size_t kept = 0;
    if (count > 1)
        qsort(amounts, count, sizeof *amounts, by_amount);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || amounts[kept - 1] != amounts[i])
            amounts[kept++] = amounts[i];
    return kept;
}

/* ---- parts ----------------------------------------------------------------------------------- */

static void add_part(struct parts *parts, struct part part) {
    if (part.min == 0 && part.max == 0)
        return;
    parts->items = cw_arena_grow(parts->lowering->scratch, parts->items, parts->count,
                                 &parts->capacity, sizeof *parts->items);
    parts->items[parts->count++] = part;
}

/* Amounts with a zero for "inactive" or "not chosen" at the end if need be. */
static void add_amounts(struct parts *parts, int64_t *amounts, size_t count) {
    count = cw_sort_amounts(amounts, count);
    add_part(parts,
             (struct part){
                 .amounts = amounts, .count = count, .min = amounts[0], .max = amounts[count - 1]});
}

static int64_t *new_amounts(struct parts *parts, size_t count) {
    return cw_arena_array(parts->lowering->scratch, count, sizeof(int64_t));
}

static void add_number(struct parts *parts, uint32_t option, int64_t coefficient) {
    const struct cw_option *o = &parts->lowering->product->options[option];
    cw_wide a = (cw_wide)coefficient * o->number_min, b = (cw_wide)coefficient * o->number_max;
    struct part part = {.number = o, .coefficient = coefficient};
    if (option == parts->number) {
        parts->coefficient += coefficient;
        return;
    }
    part.min = a < b ? a : b;
    part.max = a < b ? b : a;
    if (o->active_if && part.min > 0)
        part.min = 0;
    if (o->active_if && part.max < 0)
        part.max = 0;
    add_part(parts, part);
}

static void add_pair(struct parts *parts, int64_t amount) {
    int64_t *amounts = new_amounts(parts, 2);
    amounts[1] = amount;
    add_amounts(parts, amounts, 2);
}

static void add_attribute(struct parts *parts, uint32_t option, const char *attribute,
                          int64_t sign) {
    const struct cw_option *o = &parts->lowering->product->options[option];
    if (o->kind == CW_OPTION_NUMBER)
        add_number(parts, option, sign * cw_option_attribute(o, attribute));
    if (o->kind == CW_OPTION_FLAG)
        add_pair(parts, sign * cw_option_attribute(o, attribute));
    if (o->kind == CW_OPTION_MULTI)
        for (size_t c = 0; c < o->choice_count; c++)
            add_pair(parts, sign * cw_choice_attribute(&o->choices[c], attribute));
    if (o->kind != CW_OPTION_CHOICE)
        return;
    int64_t *amounts = new_amounts(parts, o->choice_count + 1);
    for (size_t c = 0; c < o->choice_count; c++)
        amounts[c] = sign * cw_choice_attribute(&o->choices[c], attribute);
    add_amounts(parts, amounts, o->choice_count + (o->active_if != NULL));
}

static void add_term(struct parts *parts, const struct cw_term *term, int64_t sign) {
    if (term->option == CW_NONE)
        parts->bound -= (cw_wide)sign * term->constant;
    else if (term->attribute)
        add_attribute(parts, term->option, term->attribute, sign);
    else if (parts->lowering->product->options[term->option].kind == CW_OPTION_NUMBER)
        add_number(parts, term->option, sign);
}

static void collect(struct parts *parts, const struct cw_rule *rule) {
    if (rule->kind == CW_RULE_COMPARE) {
        add_term(parts, &rule->left, 1);
        add_term(parts, &rule->right, -1);
        return;
    }
    parts->bound = rule->value;
    for (size_t i = 0; i < rule->option_count; i++)
        add_attribute(parts, rule->options[i], rule->attribute, 1);
}

/* ---- adding up ------------------------------------------------------------------------------- */

/* What is still needed, so that the number alone can come to it once the rest is there. */
struct reach {
    cw_wide min, max;
};

static struct reach own_reach(const struct parts *parts) {
    const struct cw_option *o = &parts->lowering->product->options[parts->number];
    cw_wide a = parts->coefficient * o->number_min, b = parts->coefficient * o->number_max;
    return a < b ? (struct reach){a, b} : (struct reach){b, a};
}

struct sums {
    struct cw_lowering *lowering;
    int64_t *amounts;
    size_t count, capacity;
    bool full;
};

static void make_room(struct sums *sums) {
    if (sums->capacity == 2 * MOST_SUMS) {
        sums->count = cw_sort_amounts(sums->amounts, sums->count);
        sums->full = sums->count > MOST_SUMS;
        return;
    }
    sums->capacity = sums->capacity ? 2 * sums->capacity : 64;
    int64_t *grown = cw_arena_array(sums->lowering->scratch, sums->capacity, sizeof *grown);
    if (sums->count > 0)
        memcpy(grown, sums->amounts, sums->count * sizeof *grown);
    sums->amounts = grown;
}

static void put(struct sums *sums, struct reach reach, cw_wide amount) {
    sums->full |= ++sums->lowering->need_work > MOST_WORK;
    if (amount < reach.min || amount > reach.max)
        return;
    if (sums->count == sums->capacity)
        make_room(sums);
    if (!sums->full)
        sums->amounts[sums->count++] = (int64_t)amount;
}

/* Steps of a number that leave `need` within reach, and inactive. */
static void put_number(struct sums *sums, struct reach reach, cw_wide need,
                       const struct part *part) {
    const struct cw_option *o = part->number;
    cw_wide stride = (cw_wide)part->coefficient * o->number_step;
    cw_wide left = need - (cw_wide)part->coefficient * o->number_min;
    cw_wide count = ((cw_wide)o->number_max - o->number_min) / o->number_step + 1;
    cw_wide first = stride > 0 ? (left - reach.max) / stride : (reach.min - left) / -stride;
    for (cw_wide i = first > 1 ? first - 1 : 0; i < count && !sums->full; i++) {
        cw_wide amount = left - i * stride;
        if (stride > 0 ? amount < reach.min : amount > reach.max)
            break;
        put(sums, reach, amount);
    }
    if (o->active_if)
        put(sums, reach, need);
}

/* The needs after taking every amount of the part from every one of before. */
static struct sums take(struct parts *parts, const struct sums *before, const struct part *part) {
    struct reach reach = own_reach(parts);
    struct sums after = {.lowering = parts->lowering};
    reach.min += parts->rest_min;
    reach.max += parts->rest_max;
    for (size_t i = 0; i < before->count && !after.full; i++) {
        if (part->number)
            put_number(&after, reach, before->amounts[i], part);
        for (size_t a = 0; a < part->count && !after.full; a++)
            put(&after, reach, (cw_wide)before->amounts[i] - part->amounts[a]);
    }
    after.count = cw_sort_amounts(after.amounts, after.count);
    after.full |= after.count > MOST_SUMS;
    return after;
}

bool cw_lower_needs(struct cw_lowering *lowering, const struct cw_rule *rule, uint32_t option,
                    struct cw_needs *ret) {
    struct parts parts = {.lowering = lowering, .number = option};
    const cw_wide most = (cw_wide)1 << 62;
    collect(&parts, rule);
    *ret = (struct cw_needs){0};
    if (parts.coefficient == 0)
        return true;
    for (size_t i = 0; i < parts.count; i++) {
        parts.rest_min += parts.items[i].min;
        parts.rest_max += parts.items[i].max;
    }
    struct reach reach = own_reach(&parts);
    if (parts.bound < reach.min + parts.rest_min || parts.bound > reach.max + parts.rest_max)
        return true; /* never met: all steps are alike */
    if (reach.min + parts.rest_min < -most || reach.max + parts.rest_max > most)
        return false;
    int64_t bound = (int64_t)parts.bound;
    struct sums sums = {.lowering = lowering, .amounts = &bound, .count = 1};
    for (size_t i = 0; i < parts.count; i++) {
        parts.rest_min -= parts.items[i].min;
        parts.rest_max -= parts.items[i].max;
        sums = take(&parts, &sums, &parts.items[i]);
        if (sums.full)
            return false;
    }
    int64_t *amounts = new_amounts(&parts, sums.count);
    if (sums.count > 0)
        memcpy(amounts, sums.amounts, sums.count * sizeof *amounts);
    *ret = (struct cw_needs){(int64_t)parts.coefficient, sums.count, amounts};
    return true;
}
