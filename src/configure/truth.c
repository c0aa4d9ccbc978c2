/*
 * Rules broken by the picks as they stand, whatever the rest becomes: the raw rules read with
 * "unknown" for every option that is not picked. Shares nothing with the compiled rules. It does
 * not follow consequences: for those there is conflict.c. Server process, any thread.
 */
#include "configure/engine.h"
#include "configure/facts.h"
#include "configure/issue.h"
#include "configure/resolve.h"

/* Sums of attributes and any int64 constant. */
__extension__ typedef __int128 wide;

enum truth { IS_FALSE, IS_TRUE, IS_UNKNOWN };

struct reader {
    const struct cw_product *product;
    const struct cw_asked *asked;
    const struct cw_fact *facts; /* of the picks that count; the others mean nothing */
};

static bool is_picked(const struct reader *reader, uint32_t option) {
    return reader->asked->picks[option] != NULL;
}

static enum truth opposite(enum truth truth) {
    return truth == IS_UNKNOWN ? IS_UNKNOWN : truth == IS_TRUE ? IS_FALSE : IS_TRUE;
}

static enum truth atom_truth(const struct reader *reader, const struct cw_cond *cond) {
    const struct cw_option *option = &reader->product->options[cond->option];
    bool optional = option->kind == CW_OPTION_TEXT || option->kind == CW_OPTION_MULTI;
    if (is_picked(reader, cond->option))
        return cw_facts_hold(reader->product, reader->facts, cond) ? IS_TRUE : IS_FALSE;
    if (!option->active_if &&
        (cond->kind == CW_COND_ACTIVE || (cond->kind == CW_COND_PRESENT && !optional)))
        return IS_TRUE;
    return IS_UNKNOWN;
}

static enum truth cond_truth(const struct reader *reader, const struct cw_cond *cond) {
    if (!cond)
        return IS_TRUE;
    if (cond->kind == CW_COND_NOT)
        return opposite(cond_truth(reader, &cond->items[0]));
    if (cond->kind != CW_COND_ALL && cond->kind != CW_COND_ANY)
        return atom_truth(reader, cond);
    enum truth absorbing = cond->kind == CW_COND_ALL ? IS_FALSE : IS_TRUE;
    enum truth result = opposite(absorbing);
    for (size_t i = 0; i < cond->count && result != absorbing; i++) {
        enum truth truth = cond_truth(reader, &cond->items[i]);
        if (truth != opposite(absorbing))
            result = truth;
    }
    return result;
}

/* ---- counts and tables ----------------------------------------------------------------------- */

static bool count_broken(const struct reader *reader, const struct cw_rule *rule, size_t min,
                         size_t max) {
    size_t sure = 0, open = 0;
    for (size_t i = 0; i < rule->cond_count; i++) {
        enum truth truth = cond_truth(reader, &rule->conds[i]);
        sure += truth == IS_TRUE;
        open += truth == IS_UNKNOWN;
    }
    return sure > max || sure + open < min;
}

static bool iff_broken(const struct reader *reader, const struct cw_rule *rule) {
    enum truth left = cond_truth(reader, &rule->conds[0]);
    enum truth right = cond_truth(reader, &rule->conds[1]);
    return left != IS_UNKNOWN && right == opposite(left);
}

static enum truth row_truth(const struct reader *reader, const struct cw_rule *rule,
                            const struct cw_row *row) {
    enum truth result = IS_TRUE;
    for (size_t i = 0; i < rule->option_count; i++) {
        uint32_t option = rule->options[i];
        if (cw_mask_is_any(&reader->product->options[option], &row->masks[i]))
            continue;
        if (!is_picked(reader, option))
            result = IS_UNKNOWN;
        else if (!cw_mask_has(&row->masks[i], reader->facts[option].value.choice))
            return IS_FALSE;
    }
    return result;
}

static bool table_broken(const struct reader *reader, const struct cw_rule *rule) {
    bool allowed = rule->kind == CW_RULE_ALLOWED;
    for (size_t r = 0; r < rule->row_count; r++) {
        enum truth truth = row_truth(reader, rule, &rule->rows[r]);
        if (allowed ? truth != IS_FALSE : truth == IS_TRUE)
            return !allowed;
    }
    return allowed;
}

/* ---- sums ------------------------------------------------------------------------------------ */

struct span {
    wide min, max;
};

static struct span choices_span(const struct cw_option *option, const char *attribute) {
    struct span span = {0, 0};
    bool multi = option->kind == CW_OPTION_MULTI;
    for (size_t c = 0; c < option->choice_count; c++) {
        wide value = cw_choice_attribute(&option->choices[c], attribute);
        if (multi) {
            span.min += value < 0 ? value : 0;
            span.max += value > 0 ? value : 0;
        } else {
            span.min = c == 0 || value < span.min ? value : span.min;
            span.max = c == 0 || value > span.max ? value : span.max;
        }
    }
    return span;
}

static struct span with_inactive(const struct cw_option *option, struct span span) {
    if (option->active_if && span.min > 0)
        span.min = 0;
    if (option->active_if && span.max < 0)
        span.max = 0;
    return span;
}

static struct span scaled(wide factor, struct span span) {
    wide a = factor * span.min, b = factor * span.max;
    return a < b ? (struct span){a, b} : (struct span){b, a};
}

static struct span flag_span(const struct reader *reader, uint32_t option) {
    if (!is_picked(reader, option))
        return (struct span){0, 1};
    wide value = reader->facts[option].value.choice != 0;
    return (struct span){value, value};
}

static struct span number_span(const struct reader *reader, uint32_t option) {
    const struct cw_option *o = &reader->product->options[option];
    if (!is_picked(reader, option))
        return (struct span){o->number_min, o->number_max};
    int64_t number = reader->facts[option].value.number;
    return (struct span){number, number};
}

static struct span attribute_span(const struct reader *reader, uint32_t option,
                                  const char *attribute) {
    const struct cw_option *o = &reader->product->options[option];
    struct span span = {0, 0};
    wide own = cw_option_attribute(o, attribute);
    if (o->kind == CW_OPTION_TEXT)
        return span;
    if (o->kind == CW_OPTION_FLAG || o->kind == CW_OPTION_NUMBER) {
        span = scaled(own, o->kind == CW_OPTION_FLAG ? flag_span(reader, option)
                                                     : number_span(reader, option));
        return is_picked(reader, option) ? span : with_inactive(o, span);
    }
    if (!is_picked(reader, option))
        return with_inactive(o, choices_span(o, attribute));
    for (uint32_t c = 0; c < o->choice_count; c++)
        if (cw_fact_has(o, &reader->facts[option], c))
            span.min += cw_choice_attribute(&o->choices[c], attribute);
    span.max = span.min;
    return span;
}

static struct span term_span(const struct reader *reader, const struct cw_term *term) {
    if (term->option == CW_NONE)
        return (struct span){term->constant, term->constant};
    if (term->attribute)
        return attribute_span(reader, term->option, term->attribute);
    struct span span = number_span(reader, term->option);
    if (is_picked(reader, term->option))
        return span;
    return with_inactive(&reader->product->options[term->option], span);
}

static bool never(struct span left, enum cw_compare_op op, struct span right) {
    switch (op) {
    case CW_OP_LT:
        return left.min >= right.max;
    case CW_OP_LE:
        return left.min > right.max;
    case CW_OP_EQ:
        return left.min > right.max || left.max < right.min;
    case CW_OP_NE:
        return left.min == left.max && right.min == right.max && left.min == right.min;
    case CW_OP_GE:
        return left.max < right.min;
    default: /* GT */
        return left.max <= right.min;
    }
}

static bool sum_broken(const struct reader *reader, const struct cw_rule *rule) {
    struct span sum = {0, 0}, bound = {rule->value, rule->value};
    for (size_t i = 0; i < rule->option_count; i++) {
        struct span each = attribute_span(reader, rule->options[i], rule->attribute);
        sum.min += each.min;
        sum.max += each.max;
    }
    return never(sum, rule->op, bound);
}

/* ---- all ------------------------------------------------------------------------------------- */

static bool is_broken(const struct reader *reader, const struct cw_rule *rule) {
    switch (rule->kind) {
    case CW_RULE_REQUIRES:
        return cond_truth(reader, &rule->conds[0]) == IS_TRUE &&
               cond_truth(reader, &rule->conds[1]) == IS_FALSE;
    case CW_RULE_EXCLUDES:
        return count_broken(reader, rule, 0, rule->cond_count - (rule->cond_count > 0));
    case CW_RULE_IFF:
        return iff_broken(reader, rule);
    case CW_RULE_AT_MOST_ONE:
        return count_broken(reader, rule, 0, 1);
    case CW_RULE_CARDINALITY:
        return count_broken(reader, rule, rule->min, rule->max);
    case CW_RULE_ALLOWED:
    case CW_RULE_FORBIDDEN:
        return table_broken(reader, rule);
    case CW_RULE_COMPARE:
        return never(term_span(reader, &rule->left), rule->op, term_span(reader, &rule->right));
    case CW_RULE_SUM:
        return sum_broken(reader, rule);
    default: /* FORMULA */
        return cond_truth(reader, &rule->conds[0]) == IS_FALSE;
    }
}

static void add_broken_option(struct cw_issues *issues, const struct reader *reader, uint32_t o) {
    const struct cw_option *option = &reader->product->options[o];
    if (!is_picked(reader, o))
        return;
    if (option->active_if && cond_truth(reader, option->active_if) == IS_FALSE)
        cw_issue_add_code(issues, "selection.inactive", o, "");
    if (option->kind == CW_OPTION_MULTI && option->required_if &&
        reader->facts[o].value.multi == 0 && cond_truth(reader, option->required_if) == IS_TRUE)
        cw_issue_add_code(issues, "option.required", o, "");
    for (uint32_t c = 0; c < option->choice_count; c++)
        if (option->choices[c].only_if && cw_fact_has(option, &reader->facts[o], c) &&
            cond_truth(reader, option->choices[c].only_if) == IS_FALSE)
            cw_issue_add_only_if(issues, o, c);
}

static uint32_t first_pick_of(const struct reader *reader, const struct cw_rule *rule) {
    for (size_t i = 0; i < reader->asked->selection->count; i++) {
        uint32_t option = reader->asked->selection->picks[i].option;
        if (is_picked(reader, option) && cw_rule_involves(rule, option))
            return option;
    }
    return CW_NONE;
}

void cw_issues_of_broken(struct cw_issues *issues, const struct cw_asked *asked) {
    struct reader reader = {
        .product = asked->engine->product,
        .asked = asked,
        .facts = cw_facts_new(asked->engine->product, asked->selection, asked->arena)};
    for (size_t i = 0; i < asked->selection->count; i++)
        add_broken_option(issues, &reader, asked->selection->picks[i].option);
    for (uint32_t r = 0; r < reader.product->rule_count; r++) {
        const struct cw_rule *rule = &reader.product->rules[r];
        if (!rule->warning && is_broken(&reader, rule))
            cw_issue_add_rule(issues, r, first_pick_of(&reader, rule));
    }
}
