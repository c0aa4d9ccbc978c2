/*
 * Facts: evaluates conditions and rules on a complete configuration, straight from the product's
 * own tables. It deliberately shares no code with the search, so that what the search found is
 * checked by a second reading of the rules. Runs in the server process, any thread.
 */
#include "configure/facts.h"

/* Sums of up to CW_MAX_OPTIONS x 64 attributes and any int64 constant. */
__extension__ typedef __int128 wide;

int64_t cw_choice_attribute(const struct cw_choice *choice, const char *name) {
    return cw_attribute_value(choice->attributes, choice->attribute_count, name);
}

int64_t cw_option_attribute(const struct cw_option *option, const char *name) {
    return cw_attribute_value(option->attributes, option->attribute_count, name);
}

bool cw_fact_has(const struct cw_option *option, const struct cw_fact *fact, uint32_t choice) {
    if (!fact->active)
        return false;
    if (option->kind == CW_OPTION_MULTI)
        return choice < CW_MAX_MULTI_CHOICES && (fact->value.multi >> choice & 1) != 0;
    return fact->value.choice == choice;
}

static bool multi_meets(uint64_t multi, const struct cw_choice_mask *mask) {
    return (multi & mask->bits[0]) != 0;
}

static bool present(const struct cw_option *option, const struct cw_fact *fact) {
    if (!fact->active)
        return false;
    switch (option->kind) {
    case CW_OPTION_TEXT:
        return fact->present;
    case CW_OPTION_MULTI:
        return fact->value.multi != 0;
    default:
        return true;
    }
}

static bool atom_holds(const struct cw_product *product, const struct cw_fact *facts,
                       const struct cw_cond *cond) {
    const struct cw_fact *fact = &facts[cond->option];
    if (!fact->active)
        return false;
    switch (cond->kind) {
    case CW_COND_IN:
        return cw_mask_has(&cond->mask, fact->value.choice);
    case CW_COND_HAS:
        return multi_meets(fact->value.multi, &cond->mask);
    case CW_COND_RANGE:
        return fact->value.number >= cond->min && fact->value.number <= cond->max;
    case CW_COND_PRESENT:
        return present(&product->options[cond->option], fact);
    default: /* ACTIVE */
        return true;
    }
}

bool cw_facts_hold(const struct cw_product *product, const struct cw_fact *facts,
                   const struct cw_cond *cond) {
    if (!cond)
        return true;
    switch (cond->kind) {
    case CW_COND_ALL:
        for (size_t i = 0; i < cond->count; i++)
            if (!cw_facts_hold(product, facts, &cond->items[i]))
                return false;
        return true;
    case CW_COND_ANY:
        for (size_t i = 0; i < cond->count; i++)
            if (cw_facts_hold(product, facts, &cond->items[i]))
                return true;
        return false;
    case CW_COND_NOT:
        return !cw_facts_hold(product, facts, &cond->items[0]);
    default:
        return atom_holds(product, facts, cond);
    }
}

static size_t count_holding(const struct cw_product *product, const struct cw_fact *facts,
                            const struct cw_rule *rule) {
    size_t count = 0;
    for (size_t i = 0; i < rule->cond_count; i++)
        count += cw_facts_hold(product, facts, &rule->conds[i]);
    return count;
}

static bool row_fits(const struct cw_product *product, const struct cw_fact *facts,
                     const struct cw_rule *rule, const struct cw_row *row) {
    for (size_t i = 0; i < rule->option_count; i++) {
        const struct cw_fact *fact = &facts[rule->options[i]];
        bool fits = fact->active
                        ? cw_mask_has(&row->masks[i], fact->value.choice)
                        : rule->kind == CW_RULE_ALLOWED ||
                              cw_mask_is_any(&product->options[rule->options[i]], &row->masks[i]);
        if (!fits)
            return false;
    }
    return true;
}

static bool derive_row_fits(const struct cw_product *product, const struct cw_fact *facts,
                            const struct cw_derive *derive, const struct cw_derive_row *row) {
    for (size_t i = 0; i < derive->from_count; i++) {
        const struct cw_fact *fact = &facts[derive->from[i]];
        bool fits = fact->active
                        ? cw_mask_has(&row->masks[i], fact->value.choice)
                        : cw_mask_is_any(&product->options[derive->from[i]], &row->masks[i]);
        if (!fits)
            return false;
    }
    return true;
}

bool cw_facts_derive(const struct cw_product *product, const struct cw_fact *facts,
                     uint32_t option) {
    const struct cw_derive *derive = product->options[option].derive;
    if (!derive || !facts[option].active)
        return true;
    for (size_t i = 0; i < derive->row_count; i++)
        if (derive->rows[i].choice == facts[option].value.choice &&
            derive_row_fits(product, facts, derive, &derive->rows[i]))
            return true;
    return false;
}

static bool some_row_fits(const struct cw_product *product, const struct cw_fact *facts,
                          const struct cw_rule *rule) {
    for (size_t i = 0; i < rule->row_count; i++)
        if (row_fits(product, facts, rule, &rule->rows[i]))
            return true;
    return false;
}

static wide attribute_of(const struct cw_option *option, const struct cw_fact *fact,
                         const char *attribute) {
    wide sum = 0;
    if (!fact->active || option->kind == CW_OPTION_TEXT)
        return 0;
    if (option->kind == CW_OPTION_FLAG)
        return fact->value.choice ? cw_option_attribute(option, attribute) : 0;
    if (option->kind == CW_OPTION_NUMBER)
        return (wide)fact->value.number * cw_option_attribute(option, attribute);
    for (uint32_t c = 0; c < option->choice_count; c++)
        if (cw_fact_has(option, fact, c))
            sum += cw_choice_attribute(&option->choices[c], attribute);
    return sum;
}

static wide term_value(const struct cw_product *product, const struct cw_fact *facts,
                       const struct cw_term *term) {
    if (term->option == CW_NONE)
        return term->constant;
    const struct cw_fact *fact = &facts[term->option];
    if (!fact->active)
        return 0;
    if (!term->attribute)
        return fact->value.number;
    return attribute_of(&product->options[term->option], fact, term->attribute);
}

static bool compare(wide left, enum cw_compare_op op, wide right) {
    switch (op) {
    case CW_OP_LT:
        return left < right;
    case CW_OP_LE:
        return left <= right;
    case CW_OP_EQ:
        return left == right;
    case CW_OP_NE:
        return left != right;
    case CW_OP_GE:
        return left >= right;
    default: /* GT */
        return left > right;
    }
}

static bool sum_keeps(const struct cw_product *product, const struct cw_fact *facts,
                      const struct cw_rule *rule) {
    wide sum = 0;
    for (size_t i = 0; i < rule->option_count; i++)
        sum += attribute_of(&product->options[rule->options[i]], &facts[rule->options[i]],
                            rule->attribute);
    return compare(sum, rule->op, rule->value);
}

bool cw_facts_keep(const struct cw_product *product, const struct cw_fact *facts,
                   const struct cw_rule *rule) {
    size_t holding = count_holding(product, facts, rule);
    switch (rule->kind) {
    case CW_RULE_REQUIRES:
        return !cw_facts_hold(product, facts, &rule->conds[0]) ||
               cw_facts_hold(product, facts, &rule->conds[1]);
    case CW_RULE_EXCLUDES:
        return holding < rule->cond_count;
    case CW_RULE_IFF:
        return holding != 1;
    case CW_RULE_AT_MOST_ONE:
        return holding <= 1;
    case CW_RULE_CARDINALITY:
        return holding >= rule->min && holding <= rule->max;
    case CW_RULE_ALLOWED:
        return some_row_fits(product, facts, rule);
    case CW_RULE_FORBIDDEN:
        return !some_row_fits(product, facts, rule);
    case CW_RULE_COMPARE:
        return compare(term_value(product, facts, &rule->left), rule->op,
                       term_value(product, facts, &rule->right));
    case CW_RULE_SUM:
        return sum_keeps(product, facts, rule);
    default: /* FORMULA */
        return cw_facts_hold(product, facts, &rule->conds[0]);
    }
}

/* Texts may depend on each other's activity; at most one round per option until nothing changes. */
static void settle_texts(const struct cw_product *product, struct cw_fact *facts) {
    bool changed = true;
    for (size_t round = 0; changed && round < product->option_count; round++) {
        changed = false;
        for (size_t o = 0; o < product->option_count; o++) {
            const struct cw_option *option = &product->options[o];
            if (option->kind != CW_OPTION_TEXT || facts[o].active)
                continue;
            facts[o].active = cw_facts_hold(product, facts, option->active_if);
            changed |= facts[o].active;
        }
    }
}

struct cw_fact *cw_facts_new(const struct cw_product *product, const struct cw_selection *selection,
                             struct cw_arena *arena) {
    struct cw_fact *facts = cw_arena_array(arena, product->option_count + 1, sizeof *facts);
    for (size_t o = 0; o < product->option_count; o++)
        facts[o].value.text = "";
    for (size_t i = 0; i < selection->count; i++) {
        struct cw_fact *fact = &facts[selection->picks[i].option];
        fact->active = true;
        fact->value = selection->picks[i].value;
        if (!fact->value.text)
            fact->value.text = "";
        fact->present = fact->value.text[0] != '\0';
    }
    settle_texts(product, facts);
    return facts;
}

void cw_facts_selection(const struct cw_product *product, const struct cw_fact *facts,
                        struct cw_arena *arena, struct cw_selection *ret) {
    struct cw_pick *picks = cw_arena_array(arena, product->option_count + 1, sizeof *picks);
    size_t count = 0;
    for (uint32_t o = 0; o < product->option_count; o++) {
        bool empty = product->options[o].kind == CW_OPTION_TEXT && facts[o].value.text[0] == '\0';
        if (facts[o].active && !empty)
            picks[count++] = (struct cw_pick){.option = o, .value = facts[o].value};
    }
    *ret = (struct cw_selection){.count = count, .picks = picks};
}
