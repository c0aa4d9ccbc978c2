/*
 * Lowering sums: compare, sum and counts of conditions become a clause, a table or a linear
 * constraint, whichever says it best. It knows no classes but through class_first. Any process.
 */
#include "configure/lower_inside.h"

#include <stdlib.h>
#include <string.h>

#include "cordwain/limits.h"

/* Pairs of values up to which a sum over two variables is a table: it propagates both ways. */
#define TABLE_PAIRS 65536u
/* Weights and bounds of a linear constraint stay far from overflow. */
#define MOST_AMOUNT ((cw_wide)1 << 60)

int64_t *cw_sum_add(struct cw_lowering *lowering, struct cw_sum *sum, uint32_t var) {
    sum->entries = cw_arena_grow(lowering->scratch, sum->entries, sum->count, &sum->capacity,
                                 sizeof *sum->entries);
    int64_t *weights =
        cw_arena_array(lowering->scratch, lowering->model->value_counts[var], sizeof *weights);
    sum->entries[sum->count++] = (struct cw_sum_entry){var, weights};
    return weights;
}

/* ---- what is left of a sum ------------------------------------------------------------------- */

struct span {
    cw_wide min, max;
};

static struct span span_of(const struct cw_lowering *lowering, const struct cw_sum_entry *entry) {
    struct span span = {entry->weights[0], entry->weights[0]};
    for (uint32_t x = 1; x < lowering->model->value_counts[entry->var]; x++) {
        if (entry->weights[x] < span.min)
            span.min = entry->weights[x];
        if (entry->weights[x] > span.max)
            span.max = entry->weights[x];
    }
    return span;
}

static int by_var(const void *a, const void *b) {
    const struct cw_sum_entry *x = a, *y = b;
    return (x->var > y->var) - (x->var < y->var);
}

static bool add_weights(const struct cw_lowering *lowering, const struct cw_sum_entry *into,
                        const struct cw_sum_entry *entry) {
    bool over = false;
    for (uint32_t x = 0; x < lowering->model->value_counts[into->var]; x++)
        over |= __builtin_add_overflow(into->weights[x], entry->weights[x], &into->weights[x]);
    return !over;
}

/* One entry per variable, none of them constant. False when amounts are too large. */
static bool settle(const struct cw_lowering *lowering, struct cw_sum *sum, struct span *ret_span) {
    size_t kept = 0;
    if (sum->count > 1)
        qsort(sum->entries, sum->count, sizeof *sum->entries, by_var);
    for (size_t i = 0; i < sum->count; i++) {
        if (kept == 0 || sum->entries[kept - 1].var != sum->entries[i].var)
            sum->entries[kept++] = sum->entries[i];
        else if (!add_weights(lowering, &sum->entries[kept - 1], &sum->entries[i]))
            return false;
    }
    sum->count = 0;
    *ret_span = (struct span){0, 0};
    for (size_t i = 0; i < kept; i++) {
        struct span span = span_of(lowering, &sum->entries[i]);
        if (span.min == span.max) {
            sum->constant += span.min;
            continue;
        }
        ret_span->min += span.min;
        ret_span->max += span.max;
        sum->entries[sum->count++] = sum->entries[i];
    }
    return ret_span->min > -MOST_AMOUNT && ret_span->max < MOST_AMOUNT;
}

static bool within(cw_wide amount, struct cw_sum_bounds bounds) {
    return bounds.hole ? amount != bounds.min : amount >= bounds.min && amount <= bounds.max;
}

/* ---- as a clause or a table ------------------------------------------------------------------ */

/* The values of the entry that keep the bounds when the rest adds up to `rest`; false: none. */
static bool keeping(const struct cw_lowering *lowering, const struct cw_sum_entry *entry,
                    cw_wide rest, struct cw_sum_bounds bounds, uint64_t *set) {
    bool some = false;
    for (uint32_t x = 0; x < lowering->model->value_counts[entry->var]; x++)
        if (within(rest + entry->weights[x], bounds)) {
            cw_set_add(set, x);
            some = true;
        }
    return some;
}

static void add_unary(struct cw_lowering *lowering, uint32_t origin, const struct cw_sum *sum,
                      struct cw_sum_bounds bounds) {
    const struct cw_sum_entry *entry = &sum->entries[0];
    uint32_t words = cw_set_words(lowering->model->value_counts[entry->var]);
    uint64_t *set = cw_arena_array(lowering->scratch, words, sizeof *set);
    bool some = keeping(lowering, entry, 0, bounds, set);
    cw_model_add_clause(lowering->model, origin, &entry->var, some, set);
}

struct pair_table {
    uint64_t *rows;
    uint32_t row_count, first_words, words; /* of a line */
};

/* Values of the first with the same partners share a row. */
static void add_partner_row(struct pair_table *table, uint32_t value, const uint64_t *partners) {
    size_t bytes = (table->words - table->first_words) * sizeof *partners;
    for (uint32_t r = 0; r < table->row_count; r++) {
        uint64_t *line = &table->rows[(size_t)r * table->words];
        if (memcmp(line + table->first_words, partners, bytes) == 0) {
            cw_set_add(line, value);
            return;
        }
    }
    uint64_t *line = &table->rows[(size_t)table->row_count++ * table->words];
    cw_set_add(line, value);
    memcpy(line + table->first_words, partners, bytes);
}

static void add_pairs(struct cw_lowering *lowering, uint32_t origin, const struct cw_sum *sum,
                      struct cw_sum_bounds bounds) {
    const uint32_t *counts = lowering->model->value_counts;
    bool swapped = counts[sum->entries[0].var] > counts[sum->entries[1].var];
    const struct cw_sum_entry *first = &sum->entries[swapped], *second = &sum->entries[!swapped];
    uint32_t values = counts[first->var], second_words = cw_set_words(counts[second->var]);
    struct pair_table table = {.first_words = cw_set_words(values)};
    table.words = table.first_words + second_words;
    table.rows =
        cw_arena_array(lowering->scratch, (size_t)values * table.words, sizeof *table.rows);
    for (uint32_t x = 0; x < values; x++) {
        uint64_t *partners = cw_arena_array(lowering->scratch, second_words, sizeof *partners);
        if (keeping(lowering, second, first->weights[x], bounds, partners))
            add_partner_row(&table, x, partners);
    }
    uint32_t scope[2] = {first->var, second->var};
    cw_model_add_table(lowering->model, origin,
                       &(struct cw_model_table){.scope = scope,
                                                .scope_count = 2,
                                                .rows = table.rows,
                                                .row_count = table.row_count,
                                                .allowed = true});
}

/* ---- as linear constraints ------------------------------------------------------------------- */

static void add_linear(struct cw_lowering *lowering, uint32_t origin, const struct cw_sum *sum,
                       struct span bounds) {
    uint32_t *scope = cw_arena_array(lowering->scratch, sum->count, sizeof *scope);
    size_t total = 0, at = 0;
    for (size_t i = 0; i < sum->count; i++)
        total += lowering->model->value_counts[sum->entries[i].var];
    int64_t *weights = cw_arena_array(lowering->scratch, total, sizeof *weights);
    for (size_t i = 0; i < sum->count; i++) {
        uint32_t values = lowering->model->value_counts[sum->entries[i].var];
        scope[i] = sum->entries[i].var;
        memcpy(&weights[at], sum->entries[i].weights, values * sizeof *weights);
        at += values;
    }
    cw_model_add_linear(lowering->model, origin,
                        &(struct cw_model_linear){.scope = scope,
                                                  .scope_count = (uint32_t)sum->count,
                                                  .weights = weights,
                                                  .min = (int64_t)bounds.min,
                                                  .max = (int64_t)bounds.max});
}

/*
 * sum != hole: a flag says on which side the sum lies, and only that value of the flag fits, so no
 * configuration is counted twice.
 *   flag 0: sum <= hole - 1        flag 1: sum >= hole + 1
 */
static void add_hole(struct cw_lowering *lowering, uint32_t origin, struct cw_sum *sum,
                     struct span span, cw_wide hole) {
    uint32_t flag = cw_lower_var(lowering, 2);
    int64_t *weights = cw_sum_add(lowering, sum, flag);
    weights[1] = (int64_t)(hole - 1 - span.max);
    add_linear(lowering, origin, sum, (struct span){INT64_MIN, hole - 1});
    weights[1] = (int64_t)(span.min - hole - 1);
    add_linear(lowering, origin, sum, (struct span){span.min, INT64_MAX});
}

void cw_lower_bounds(struct cw_lowering *lowering, uint32_t origin, struct cw_sum *sum,
                     struct cw_sum_bounds bounds) {
    const uint32_t *counts = lowering->model->value_counts;
    struct span span;
    if (lowering->status != CW_OK)
        return;
    if (!settle(lowering, sum, &span)) {
        lowering->status = cw_fail(lowering->err, CW_E_LIMIT, "configure.amounts_too_large",
                                   "the attributes a rule adds up are too large");
        return;
    }
    bounds.min -= sum->constant;
    bounds.max -= sum->constant;
    bool never = bounds.hole ? sum->count == 0 && bounds.min == 0
                             : bounds.min > span.max || bounds.max < span.min;
    bool always = bounds.hole ? bounds.min < span.min || bounds.min > span.max
                              : bounds.min <= span.min && bounds.max >= span.max;
    if (never)
        cw_model_add_clause(lowering->model, origin, NULL, 0, NULL);
    else if (always)
        return;
    else if (sum->count == 1)
        add_unary(lowering, origin, sum, bounds);
    else if (sum->count == 2 &&
             (uint64_t)counts[sum->entries[0].var] * counts[sum->entries[1].var] <= TABLE_PAIRS)
        add_pairs(lowering, origin, sum, bounds);
    else if (bounds.hole)
        add_hole(lowering, origin, sum, span, bounds.min);
    else
        add_linear(lowering, origin, sum,
                   (struct span){bounds.min <= span.min ? INT64_MIN : bounds.min,
                                 bounds.max >= span.max ? INT64_MAX : bounds.max});
}

/* ---- rules ----------------------------------------------------------------------------------- */

static struct cw_sum_bounds bounds_of(enum cw_compare_op op, cw_wide bound) {
    const cw_wide end = (cw_wide)1 << 100;
    switch (op) {
    case CW_OP_LT:
        return (struct cw_sum_bounds){.min = -end, .max = bound - 1};
    case CW_OP_LE:
        return (struct cw_sum_bounds){.min = -end, .max = bound};
    case CW_OP_EQ:
        return (struct cw_sum_bounds){.min = bound, .max = bound};
    case CW_OP_NE:
        return (struct cw_sum_bounds){.min = bound, .hole = true};
    case CW_OP_GE:
        return (struct cw_sum_bounds){.min = bound, .max = end};
    default: /* GT */
        return (struct cw_sum_bounds){.min = bound + 1, .max = end};
    }
}

static void add_choices(struct cw_lowering *lowering, struct cw_sum *sum, uint32_t option,
                        const char *attribute, int64_t sign) {
    const struct cw_option *o = &lowering->product->options[option];
    uint32_t var = lowering->options[option].var;
    int64_t *weights = o->kind == CW_OPTION_CHOICE ? cw_sum_add(lowering, sum, var) : NULL;
    for (uint32_t c = 0; c < o->choice_count; c++) {
        int64_t amount = cw_choice_attribute(&o->choices[c], attribute);
        if (weights)
            weights[c] = sign * amount;
        else if (amount != 0)
            cw_sum_add(lowering, sum, var + c)[1] = sign * amount;
    }
}

static void add_number(struct cw_lowering *lowering, struct cw_sum *sum, uint32_t option,
                       int64_t coefficient) {
    const struct cw_lowered_option *own = &lowering->options[option];
    int64_t *weights = cw_sum_add(lowering, sum, own->var);
    for (uint32_t x = 0; x < own->class_count; x++)
        weights[x] = coefficient * own->class_first[x];
}

static void add_attribute(struct cw_lowering *lowering, struct cw_sum *sum, uint32_t option,
                          const char *attribute, int64_t sign) {
    const struct cw_option *o = &lowering->product->options[option];
    switch (o->kind) {
    case CW_OPTION_CHOICE:
    case CW_OPTION_MULTI:
        add_choices(lowering, sum, option, attribute, sign);
        break;
    case CW_OPTION_FLAG:
        cw_sum_add(lowering, sum, lowering->options[option].var)[1] =
            sign * cw_option_attribute(o, attribute);
        break;
    case CW_OPTION_NUMBER:
        add_number(lowering, sum, option, sign * cw_option_attribute(o, attribute));
        break;
    case CW_OPTION_TEXT:
        break;
    }
}

static void add_term(struct cw_lowering *lowering, struct cw_sum *sum, const struct cw_term *term,
                     int64_t sign) {
    if (term->option == CW_NONE)
        sum->constant += (cw_wide)sign * term->constant;
    else if (term->attribute)
        add_attribute(lowering, sum, term->option, term->attribute, sign);
    else if (lowering->product->options[term->option].kind == CW_OPTION_NUMBER)
        add_number(lowering, sum, term->option, sign);
}

void cw_lower_sum_rule(struct cw_lowering *lowering, uint32_t origin, const struct cw_rule *rule) {
    struct cw_sum sum = {0};
    if (rule->kind == CW_RULE_COMPARE) {
        add_term(lowering, &sum, &rule->left, 1);
        add_term(lowering, &sum, &rule->right, -1);
        cw_lower_bounds(lowering, origin, &sum, bounds_of(rule->op, 0));
        return;
    }
    for (size_t i = 0; i < rule->option_count; i++)
        add_attribute(lowering, &sum, rule->options[i], rule->attribute, 1);
    cw_lower_bounds(lowering, origin, &sum, bounds_of(rule->op, rule->value));
}
