/*
 * Check: a complete configuration against every rule, read straight from the product. Shares
 * nothing with the compiled rules: it is the second opinion on every completion, and again before
 * anything is sold. Server process, any thread.
 */
#include "configure/resolve.h"

#include "configure/available.h"
#include "configure/issue.h"

static bool is_available(const struct cw_product *product,
                         const struct cw_configure_context *context, uint32_t option,
                         uint32_t choice) {
    const struct cw_option *o = &product->options[option];
    return (o->kind == CW_OPTION_FLAG || cw_choice_available(&o->choices[choice], context)) &&
           (context->overlay_count == 0 || cw_overlays_leave(product, option, choice, context));
}

/* As many of a set as there must be; a text where there must be one. */
static bool is_filled(const struct cw_product *product, const struct cw_fact *facts, uint32_t o) {
    const struct cw_option *option = &product->options[o];
    if (option->kind != CW_OPTION_TEXT && option->kind != CW_OPTION_MULTI)
        return true;
    bool required = option->required ||
                    (option->required_if && cw_facts_hold(product, facts, option->required_if));
    if (option->kind == CW_OPTION_TEXT)
        return !required || facts[o].present;
    uint32_t members = (uint32_t)__builtin_popcountll(facts[o].value.multi);
    return members >= option->multi_min && members <= option->multi_max &&
           (!required || members > 0);
}

static bool is_option_valid(const struct cw_product *product, const struct cw_fact *facts,
                            const struct cw_configure_context *context, uint32_t o) {
    const struct cw_option *option = &product->options[o];
    const struct cw_fact *fact = &facts[o];
    if (fact->active != cw_facts_hold(product, facts, option->active_if))
        return false;
    if (!fact->active)
        return true;
    if (!is_filled(product, facts, o) || !cw_facts_derive(product, facts, o))
        return false;
    bool one = option->kind == CW_OPTION_CHOICE || option->kind == CW_OPTION_FLAG;
    uint32_t first = one ? fact->value.choice : 0;
    uint32_t end = one ? first + 1 : cw_choices_of(option);
    for (uint32_t c = first; c < end; c++) {
        if (!cw_fact_has(option, fact, c))
            continue;
        if (!is_available(product, context, o, c))
            return false;
        if (c < option->choice_count && !cw_facts_hold(product, facts, option->choices[c].only_if))
            return false;
    }
    return true;
}

bool cw_check_valid(const struct cw_product *product, const struct cw_fact *facts,
                    const struct cw_configure_context *context) {
    for (uint32_t o = 0; o < product->option_count; o++)
        if (!is_option_valid(product, facts, context, o))
            return false;
    for (uint32_t r = 0; r < product->rule_count; r++)
        if (!product->rules[r].warning && !cw_facts_keep(product, facts, &product->rules[r]))
            return false;
    return true;
}

static void check_option(struct cw_issues *issues, const struct cw_fact *facts,
                         const struct cw_configure_context *context, uint32_t o) {
    const struct cw_product *product = issues->product;
    const struct cw_option *option = &product->options[o];
    if (facts[o].active != cw_facts_hold(product, facts, option->active_if))
        cw_issue_add_code(issues, "selection.inactive", o, "");
    if (!cw_facts_derive(product, facts, o))
        cw_issue_add_code(issues, "selection.derived", o, "");
    for (uint32_t c = 0; c < cw_choices_of(option); c++) {
        if (!cw_fact_has(option, &facts[o], c))
            continue;
        if (!is_available(product, context, o, c))
            cw_issue_add_code(issues, "choice.unavailable", o, "");
        if (c < option->choice_count && !cw_facts_hold(product, facts, option->choices[c].only_if))
            cw_issue_add_only_if(issues, o, c);
    }
}

static bool involves(const struct cw_cond *cond, uint32_t option) {
    if (cond->kind != CW_COND_ALL && cond->kind != CW_COND_ANY && cond->kind != CW_COND_NOT)
        return cond->option == option;
    for (size_t i = 0; i < cond->count; i++)
        if (involves(&cond->items[i], option))
            return true;
    return false;
}

bool cw_rule_involves(const struct cw_rule *rule, uint32_t option) {
    for (size_t i = 0; i < rule->option_count; i++)
        if (rule->options[i] == option)
            return true;
    for (size_t i = 0; i < rule->cond_count; i++)
        if (involves(&rule->conds[i], option))
            return true;
    return rule->kind == CW_RULE_COMPARE &&
           (rule->left.option == option || rule->right.option == option);
}

/* The option a fault points at: the first the rule speaks of. */
static uint32_t first_option(const struct cw_product *product, const struct cw_rule *rule) {
    if (rule->option_count > 0)
        return rule->options[0];
    for (uint32_t o = 0; rule->cond_count > 0 && o < product->option_count; o++)
        if (cw_rule_involves(rule, o))
            return o;
    return rule->kind == CW_RULE_COMPARE ? rule->left.option : CW_NONE;
}

void cw_check_facts(struct cw_issues *issues, const struct cw_fact *facts,
                    const struct cw_configure_context *context) {
    const struct cw_product *product = issues->product;
    for (uint32_t o = 0; o < product->option_count; o++)
        check_option(issues, facts, context, o);
    for (uint32_t r = 0; r < product->rule_count; r++)
        if (!product->rules[r].warning && !cw_facts_keep(product, facts, &product->rules[r]))
            cw_issue_add_rule(issues, r, first_option(product, &product->rules[r]));
}
