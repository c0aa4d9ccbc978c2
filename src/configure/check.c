/*
 * Check: a complete configuration against every rule, read straight from the product. Shares
 * nothing with the search: it is the second opinion before anything is sold. Server process, any
 * thread.
 */
#include "configure/resolve.h"

#include "configure/issue.h"

static void check_option(struct cw_issues *issues, const struct cw_fact *facts,
                         const struct cw_configure_context *context, uint32_t o) {
    const struct cw_product *product = issues->product;
    const struct cw_option *option = &product->options[o];
    if (facts[o].active != cw_facts_hold(product, facts, option->active_if))
        cw_issue_add_code(issues, "selection.inactive", o, "");
    if (!cw_facts_derive(product, facts, o))
        cw_issue_add_code(issues, "selection.derived", o, "");
    for (uint32_t c = 0; c < option->choice_count; c++) {
        const struct cw_choice *choice = &option->choices[c];
        if (!cw_fact_has(option, &facts[o], c))
            continue;
        if (!cw_choice_available(choice, context))
            cw_issue_add_code(issues, "choice.unavailable", o, "");
        if (!cw_facts_hold(product, facts, choice->only_if))
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

/* The option a fault points at: the first the rule speaks of. */
static uint32_t first_option(const struct cw_product *product, const struct cw_rule *rule) {
    if (rule->option_count > 0)
        return rule->options[0];
    for (uint32_t o = 0; o < product->option_count; o++)
        for (size_t i = 0; i < rule->cond_count; i++)
            if (involves(&rule->conds[i], o))
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
