/*
 * Lowering rules: which constraint says what a rule says. A count of conditions is a sum; what
 * amounts to "some of" or "not all of" is said in clauses. Any process.
 */
#include "configure/lower_inside.h"

/* The condition as 0 or 1 in a sum: weights on one variable's values, a flag of its own if need be.
 */
static void add_indicator(struct cw_lowering *lowering, struct cw_sum *sum,
                          const struct cw_cond *cond) {
    struct cw_cnf cnf = cw_lower_cnf(lowering, cond, true);
    if (cnf.count == 0) {
        sum->constant++;
        return;
    }
    if (cnf.count == 1 && cnf.clauses[0].count == 0)
        return;
    struct cw_literal literal = cnf.count == 1 && cnf.clauses[0].count == 1
                                    ? cnf.clauses[0].literals[0]
                                    : cw_lower_helper(lowering, (struct cw_side){cond, true});
    int64_t *weights = cw_sum_add(lowering, sum, literal.var);
    for (uint32_t x = 0; x < lowering->model->value_counts[literal.var]; x++)
        weights[x] = cw_set_has(literal.set, x);
}

static void lower_count(struct cw_lowering *lowering, uint32_t origin, const struct cw_rule *rule,
                        struct cw_sum_bounds bounds) {
    struct cw_sum sum = {0};
    cw_wide count = (cw_wide)rule->cond_count;
    if (bounds.max < bounds.min) {
        cw_model_add_clause(lowering->model, origin, NULL, 0, NULL);
        return;
    }
    if (bounds.max >= count && bounds.min == 1) {
        cw_lower_add(lowering, origin, NULL,
                     cw_lower_any(lowering, rule->conds, rule->cond_count, true));
        return;
    }
    if (bounds.min <= 0 && bounds.max == count - 1) {
        cw_lower_add(lowering, origin, NULL,
                     cw_lower_any(lowering, rule->conds, rule->cond_count, false));
        return;
    }
    for (size_t i = 0; i < rule->cond_count; i++)
        add_indicator(lowering, &sum, &rule->conds[i]);
    cw_lower_bounds(lowering, origin, &sum, bounds);
}

static void lower_implies(struct cw_lowering *lowering, uint32_t origin, const struct cw_cond *from,
                          const struct cw_cond *to) {
    struct cw_side sides[2] = {{from, false}, {to, true}};
    cw_lower_add(lowering, origin, NULL, cw_lower_some(lowering, sides, 2));
}

void cw_lower_rule(struct cw_lowering *lowering, uint32_t index) {
    const struct cw_rule *rule = &lowering->product->rules[index];
    uint32_t origin = cw_lower_origin(
        lowering, (struct cw_origin){
                      .kind = CW_ORIGIN_RULE, .rule = index, .option = CW_NONE, .choice = CW_NONE});
    switch (rule->kind) {
    case CW_RULE_REQUIRES:
        lower_implies(lowering, origin, &rule->conds[0], &rule->conds[1]);
        break;
    case CW_RULE_EXCLUDES:
        cw_lower_add(lowering, origin, NULL,
                     cw_lower_any(lowering, rule->conds, rule->cond_count, false));
        break;
    case CW_RULE_IFF:
        lower_implies(lowering, origin, &rule->conds[0], &rule->conds[1]);
        lower_implies(lowering, origin, &rule->conds[1], &rule->conds[0]);
        break;
    case CW_RULE_AT_MOST_ONE:
        lower_count(lowering, origin, rule, (struct cw_sum_bounds){.min = 0, .max = 1});
        break;
    case CW_RULE_CARDINALITY:
        lower_count(lowering, origin, rule,
                    (struct cw_sum_bounds){.min = rule->min, .max = rule->max});
        break;
    case CW_RULE_ALLOWED:
    case CW_RULE_FORBIDDEN:
        cw_lower_table_rule(lowering, origin, rule);
        break;
    case CW_RULE_COMPARE:
    case CW_RULE_SUM:
        cw_lower_sum_rule(lowering, origin, rule);
        break;
    case CW_RULE_FORMULA:
        cw_lower_add(lowering, origin, NULL, cw_lower_cnf(lowering, &rule->conds[0], true));
        break;
    }
}
