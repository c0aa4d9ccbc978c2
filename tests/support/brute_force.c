/*
 * Brute force over facts: enumerates, judges, adds up. Tests only; slow on purpose, short on
 * purpose.
 */
#include "brute_force.h"

#include "configure/available.h"

uint32_t cw_brute_values(const struct cw_option *option) {
    switch (option->kind) {
    case CW_OPTION_CHOICE:
        return (uint32_t)option->choice_count;
    case CW_OPTION_MULTI:
        return 1U << option->choice_count;
    case CW_OPTION_NUMBER:
        return (uint32_t)((option->number_max - option->number_min) / option->number_step) + 1;
    default:
        return 2;
    }
}

struct cw_fact cw_brute_value(const struct cw_option *option, uint32_t n) {
    struct cw_fact fact = {.active = true, .value.text = ""};
    if (option->kind == CW_OPTION_MULTI)
        fact.value.multi = n;
    else if (option->kind == CW_OPTION_NUMBER)
        fact.value.number = option->number_min + n * option->number_step;
    else if (option->kind == CW_OPTION_TEXT)
        fact.present = n == 1;
    else
        fact.value.choice = n;
    return fact;
}

/* ---- judging --------------------------------------------------------------------------------- */

static bool is_there(const struct cw_product *product, const struct cw_configure_context *context,
                     uint32_t o, const struct cw_fact *facts) {
    const struct cw_option *option = &product->options[o];
    uint32_t count = option->kind == CW_OPTION_FLAG ? 2 : (uint32_t)option->choice_count;
    for (uint32_t c = 0; c < count; c++) {
        if (!cw_fact_has(option, &facts[o], c))
            continue;
        if (!cw_overlays_leave(product, o, c, context))
            return false;
        if (option->kind == CW_OPTION_FLAG)
            continue;
        if (!cw_choice_available(&option->choices[c], context) ||
            !cw_facts_hold(product, facts, option->choices[c].only_if))
            return false;
    }
    return true;
}

static bool option_valid(const struct cw_product *product,
                         const struct cw_configure_context *context, uint32_t o,
                         const struct cw_fact *facts) {
    const struct cw_option *option = &product->options[o];
    const struct cw_fact *fact = &facts[o];
    uint32_t members = (uint32_t)__builtin_popcountll(fact->value.multi);
    if (fact->active != cw_facts_hold(product, facts, option->active_if))
        return false;
    if (!fact->active)
        return true;
    bool required = option->required ||
                    (option->required_if && cw_facts_hold(product, facts, option->required_if));
    if (option->kind == CW_OPTION_TEXT && required && !fact->present)
        return false;
    if (option->kind == CW_OPTION_MULTI &&
        (members < option->multi_min || members > option->multi_max || (required && members == 0)))
        return false;
    return is_there(product, context, o, facts) && cw_facts_derive(product, facts, o);
}

bool cw_brute_valid(const struct cw_product *product, const struct cw_configure_context *context,
                    const struct cw_fact *facts) {
    for (uint32_t o = 0; o < product->option_count; o++)
        if (!option_valid(product, context, o, facts))
            return false;
    for (size_t r = 0; r < product->rule_count; r++)
        if (!product->rules[r].warning && !cw_facts_keep(product, facts, &product->rules[r]))
            return false;
    return true;
}

/* ---- all ------------------------------------------------------------------------------------- */

static void visit_from(const struct cw_product *product, const struct cw_brute_visitor *visitor,
                       struct cw_fact *facts, uint32_t o) {
    if (o == product->option_count) {
        visitor->visit(visitor->state, facts);
        return;
    }
    const struct cw_option *option = &product->options[o];
    for (uint32_t n = 0; n < cw_brute_values(option); n++) {
        facts[o] = cw_brute_value(option, n);
        visit_from(product, visitor, facts, o + 1);
    }
    if (option->active_if) {
        facts[o] = (struct cw_fact){.value.text = ""};
        visit_from(product, visitor, facts, o + 1);
    }
}

void cw_brute_all(const struct cw_product *product, const struct cw_brute_visitor *visitor) {
    struct cw_fact facts[16];
    visit_from(product, visitor, facts, 0);
}

/* ---- adding up ------------------------------------------------------------------------------- */

int64_t cw_brute_price(const struct cw_product *product, const struct cw_fact *facts) {
    int64_t price = product->base_price_minor;
    for (size_t o = 0; o < product->option_count; o++) {
        const struct cw_option *option = &product->options[o];
        if (!facts[o].active)
            continue;
        if (option->kind == CW_OPTION_FLAG && facts[o].value.choice == 1)
            price += option->flag_price_minor;
        if (option->kind == CW_OPTION_TEXT && facts[o].present)
            price += option->text.price_minor;
        for (uint32_t c = 0; c < option->choice_count; c++)
            if (cw_fact_has(option, &facts[o], c))
                price += option->choices[c].price_minor;
    }
    for (size_t i = 0; i < product->price_rule_count; i++)
        if (cw_facts_hold(product, facts, product->price_rules[i].when))
            price += product->price_rules[i].amount_minor;
    return price;
}

int32_t cw_brute_days(const struct cw_product *product, const struct cw_fact *facts) {
    int32_t days = product->lead_time.base_days;
    for (size_t o = 0; o < product->option_count; o++) {
        const struct cw_option *option = &product->options[o];
        if (!facts[o].active)
            continue;
        if (option->kind == CW_OPTION_FLAG && facts[o].value.choice == 1)
            days += option->flag_lead_days;
        if (option->kind == CW_OPTION_TEXT && facts[o].present)
            days += option->text.lead_days;
        for (uint32_t c = 0; c < option->choice_count; c++)
            if (cw_fact_has(option, &facts[o], c))
                days += option->choices[c].lead_days;
    }
    return days;
}

bool cw_brute_keeps(const struct cw_option *option, const struct cw_fact *fact,
                    const struct cw_value *value) {
    bool text = value->text && value->text[0];
    if (option->kind == CW_OPTION_TEXT)
        return !text || (fact->active && fact->present);
    if (option->kind == CW_OPTION_MULTI)
        return (option->required && !value->multi) ||
               (fact->active && fact->value.multi == value->multi);
    if (option->kind == CW_OPTION_NUMBER)
        return fact->active && fact->value.number == value->number;
    return fact->active && fact->value.choice == value->choice;
}
