/*
 * Costs of a lowered product's values: unit prices, lead days, departures from defaults, as sums.
 * The base price and base days are the same everywhere and not among them. Any process.
 */
#include "configure/lower_inside.h"

#include "configure/configure.h"

/* So that changes, prices and days fit one 64-bit cost. */
#define MOST_COST ((cw_wide)1 << 60)

/* What one value of an option adds. */
struct amounts {
    int64_t price_minor;
    int64_t lead_days;
};

/* Of a flag, a text or a single choice; inactive: nothing. */
static struct amounts value_amounts(const struct cw_option *option, uint32_t value) {
    switch (option->kind) {
    case CW_OPTION_FLAG:
        return value == 1 ? (struct amounts){option->flag_price_minor, option->flag_lead_days}
                          : (struct amounts){0};
    case CW_OPTION_TEXT:
        return value == 1 ? (struct amounts){option->text.price_minor, option->text.lead_days}
                          : (struct amounts){0};
    case CW_OPTION_NUMBER:
        return (struct amounts){0};
    default:
        return (struct amounts){option->choices[value].price_minor,
                                option->choices[value].lead_days};
    }
}

static uint32_t amount_count(const struct cw_option *option) {
    bool listed = option->kind == CW_OPTION_CHOICE || option->kind == CW_OPTION_MULTI;
    return listed ? (uint32_t)option->choice_count : option->kind == CW_OPTION_NUMBER ? 0 : 2;
}

/* ---- spans ----------------------------------------------------------------------------------- */

struct span {
    cw_wide min, max;
};

static void include(struct span *span, int64_t amount, bool first) {
    if (first || amount < span->min)
        span->min = amount;
    if (first || amount > span->max)
        span->max = amount;
}

static void widen(struct span *span, int64_t amount) {
    if (amount < 0)
        span->min += amount;
    else
        span->max += amount;
}

/* Add the least and the most an option can cost and take. */
static void span_option(const struct cw_option *option, struct span *price, struct span *lead) {
    struct span own_price = {0, 0}, own_lead = {0, 0};
    for (uint32_t value = 0; value < amount_count(option); value++) {
        struct amounts amounts = value_amounts(option, value);
        if (option->kind == CW_OPTION_MULTI) {
            widen(&own_price, amounts.price_minor);
            widen(&own_lead, amounts.lead_days);
        } else {
            include(&own_price, amounts.price_minor, value == 0 && !option->active_if);
            include(&own_lead, amounts.lead_days, value == 0 && !option->active_if);
        }
    }
    price->min += own_price.min;
    price->max += own_price.max;
    lead->min += own_lead.min;
    lead->max += own_lead.max;
}

void cw_lower_spans(struct cw_lowering *lowering) {
    const struct cw_product *product = lowering->product;
    struct span price = {0, 0}, lead = {0, 0};
    for (size_t o = 0; o < product->option_count; o++)
        span_option(&product->options[o], &price, &lead);
    for (size_t i = 0; i < product->price_rule_count; i++)
        widen(&price, product->price_rules[i].amount_minor);
    cw_wide prices = price.max - price.min + 1, leads = lead.max - lead.min + 1;
    cw_wide changes = (cw_wide)product->option_count + 1;
    if (prices > MOST_COST / changes || leads > MOST_COST / changes / prices) {
        lowering->status = cw_fail(lowering->err, CW_E_LIMIT, "configure.amounts_too_large",
                                   "prices and lead days spread too far for exact sums");
        return;
    }
    lowering->lowered->price_span = (int64_t)prices;
    lowering->lowered->lead_span = (int64_t)leads;
}

/* ---- sums ------------------------------------------------------------------------------------ */

static int64_t *new_costs(const struct cw_lowered *lowered, struct cw_arena *arena) {
    return cw_arena_array(arena, lowered->model->value_count, sizeof(int64_t));
}

static void add_cost(const struct cw_lowered *lowered, int64_t *costs, uint32_t option,
                     uint32_t choice, int64_t amount) {
    struct cw_lowered_value at = cw_lowered_choice(lowered, option, choice);
    costs[lowered->model->value_bases[at.var] + at.value] += amount;
}

static void add_prices(const struct cw_lowered *lowered, int64_t *costs) {
    const struct cw_product *product = lowered->product;
    for (uint32_t o = 0; o < product->option_count; o++)
        for (uint32_t value = 0; value < amount_count(&product->options[o]); value++)
            add_cost(lowered, costs, o, value,
                     value_amounts(&product->options[o], value).price_minor);
    for (size_t i = 0; i < product->price_rule_count; i++)
        costs[lowered->model->value_bases[lowered->price_vars[i]] + 1] +=
            product->price_rules[i].amount_minor;
}

int64_t *cw_lowered_prices(const struct cw_lowered *lowered, struct cw_arena *arena) {
    int64_t *costs = new_costs(lowered, arena);
    add_prices(lowered, costs);
    return costs;
}

int64_t *cw_lowered_leads(const struct cw_lowered *lowered, struct cw_arena *arena) {
    const struct cw_product *product = lowered->product;
    int64_t *costs = new_costs(lowered, arena);
    for (uint32_t o = 0; o < product->option_count; o++)
        for (uint32_t value = 0; value < amount_count(&product->options[o]); value++)
            add_cost(lowered, costs, o, value,
                     value_amounts(&product->options[o], value).lead_days);
    return costs;
}

/* ---- departures ------------------------------------------------------------------------------ */

/* The value of the option's variable that is its default; a text's is what was typed last. */
static uint32_t default_value(const struct cw_lowered *lowered, uint32_t option,
                              const char *const *texts) {
    const struct cw_option *o = &lowered->product->options[option];
    const struct cw_lowered_option *own = &lowered->options[option];
    if (o->kind == CW_OPTION_TEXT)
        return texts[option] && texts[option][0] ? 1 : 0;
    if (o->kind != CW_OPTION_NUMBER)
        return o->default_choice;
    uint32_t value = 0;
    while (value + 1 < own->class_count && own->class_first[value + 1] <= o->default_number)
        value++;
    return value;
}

static void add_departures(const struct cw_lowered *lowered, uint32_t option,
                           const char *const *texts, int64_t *costs) {
    const struct cw_lowered_option *own = &lowered->options[option];
    const struct cw_model *model = lowered->model;
    if (own->departs_var != CW_NONE) {
        costs[model->value_bases[own->departs_var] + 1] += lowered->price_span;
        return;
    }
    uint32_t preferred = default_value(lowered, option, texts);
    for (uint32_t value = 0; value < model->value_counts[own->var]; value++)
        if (value != preferred && value != own->inactive)
            costs[model->value_bases[own->var] + value] += lowered->price_span;
}

int64_t *cw_lowered_preference(const struct cw_lowered *lowered,
                               const struct cw_selection *selection, struct cw_arena *arena) {
    const struct cw_product *product = lowered->product;
    int64_t *costs = new_costs(lowered, arena);
    const char **texts = cw_arena_array(arena, product->option_count, sizeof *texts);
    for (size_t o = 0; o < product->option_count; o++)
        texts[o] = product->options[o].default_text;
    for (size_t i = 0; i < selection->count; i++)
        texts[selection->picks[i].option] = selection->picks[i].value.text;
    for (uint32_t o = 0; o < product->option_count; o++)
        if (!product->options[o].derive) /* has no default */
            add_departures(lowered, o, texts, costs);
    add_prices(lowered, costs);
    return costs;
}
