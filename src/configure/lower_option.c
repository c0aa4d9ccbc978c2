/*
 * Lowering options: their variables, and the constraints that activeIf, onlyIf, required and the
 * bounds of a multi put on them. Any process.
 */
#include "configure/lower_inside.h"

#include <string.h>

/* ---- variables ------------------------------------------------------------------------------- */

static void number_vars(struct cw_lowering *lowering, const struct cw_option *option,
                        struct cw_lowered_option *own) {
    own->var = cw_lower_var(lowering, own->class_count + (option->active_if != NULL));
    for (uint32_t x = 0; x < own->class_count && lowering->status == CW_OK; x++) {
        int64_t steps = (own->class_first[x + 1] - own->class_first[x]) / option->number_step;
        cw_model_set_multiplicity(lowering->model, own->var, x, (uint64_t)steps);
    }
}

static void multi_vars(struct cw_lowering *lowering, const struct cw_option *option,
                       struct cw_lowered_option *own) {
    own->var = lowering->model->var_count;
    for (size_t c = 0; c < option->choice_count; c++)
        cw_lower_var(lowering, 2);
    if (option->active_if)
        own->active_var = cw_lower_var(lowering, 2);
}

static void option_vars(struct cw_lowering *lowering, uint32_t index) {
    const struct cw_option *option = &lowering->product->options[index];
    struct cw_lowered_option *own = &lowering->options[index];
    uint32_t values = option->kind == CW_OPTION_CHOICE ? (uint32_t)option->choice_count : 2;
    own->inactive = own->active_var = own->departs_var = CW_NONE;
    if (option->kind == CW_OPTION_MULTI) {
        multi_vars(lowering, option, own);
        return;
    }
    if (option->kind == CW_OPTION_NUMBER) {
        number_vars(lowering, option, own);
        values = own->class_count;
    } else {
        own->var = cw_lower_var(lowering, values + (option->active_if != NULL));
    }
    if (option->active_if)
        own->inactive = values;
}

/* Options' own variables come first and in product order: "the first configuration" is then the
 * first in the order of the document. */
void cw_lower_option_vars(struct cw_lowering *lowering) {
    const struct cw_product *product = lowering->product;
    uint32_t *price_vars =
        cw_arena_array(lowering->arena, product->price_rule_count, sizeof *price_vars);
    for (uint32_t o = 0; o < product->option_count && lowering->status == CW_OK; o++)
        option_vars(lowering, o);
    for (uint32_t o = 0; o < product->option_count && lowering->status == CW_OK; o++)
        if (product->options[o].kind == CW_OPTION_MULTI)
            lowering->options[o].departs_var = cw_lower_var(lowering, 2);
    for (size_t i = 0; i < product->price_rule_count && lowering->status == CW_OK; i++)
        price_vars[i] = cw_lower_var(lowering, 2);
    lowering->lowered->price_vars = price_vars;
}

/* ---- constraints ----------------------------------------------------------------------------- */

static uint32_t origin_of(struct cw_lowering *lowering, enum cw_origin_kind kind, uint32_t option,
                          uint32_t choice) {
    return cw_lower_origin(
        lowering,
        (struct cw_origin){.kind = kind, .rule = CW_NONE, .option = option, .choice = choice});
}

/* The value that says whether the option is there, and whether that value means it is not. */
static struct cw_lowered_value activity(const struct cw_lowering *lowering, uint32_t option,
                                        bool *ret_opposite) {
    const struct cw_lowered_option *own = &lowering->options[option];
    *ret_opposite = own->active_var == CW_NONE;
    return *ret_opposite ? (struct cw_lowered_value){own->var, own->inactive}
                         : (struct cw_lowered_value){own->active_var, 1};
}

static void lower_active_if(struct cw_lowering *lowering, uint32_t option) {
    bool opposite;
    struct cw_lowered_value value = activity(lowering, option, &opposite);
    const struct cw_cond *active_if = lowering->product->options[option].active_if;
    struct cw_cond inverse = {.kind = CW_COND_NOT, .count = 1, .items = active_if};
    cw_lower_equate(lowering, origin_of(lowering, CW_ORIGIN_ACTIVE_IF, option, CW_NONE), value,
                    opposite ? &inverse : active_if);
}

static void lower_only_ifs(struct cw_lowering *lowering, uint32_t option) {
    const struct cw_option *o = &lowering->product->options[option];
    uint32_t var = lowering->options[option].var;
    for (uint32_t c = 0; c < o->choice_count; c++) {
        if (!o->choices[c].only_if)
            continue;
        struct cw_literal without = o->kind == CW_OPTION_MULTI
                                        ? cw_lower_value(lowering, var + c, 0)
                                        : cw_lower_not_value(lowering, var, c);
        cw_lower_add(lowering, origin_of(lowering, CW_ORIGIN_ONLY_IF, option, c),
                     &(struct cw_clause){1, &without},
                     cw_lower_cnf(lowering, o->choices[c].only_if, true));
    }
}

/* Something is there, or the option is not. */
static struct cw_clause given_or_inactive(struct cw_lowering *lowering, uint32_t option) {
    const struct cw_option *o = &lowering->product->options[option];
    const struct cw_lowered_option *own = &lowering->options[option];
    size_t count = 0;
    struct cw_literal *literals =
        cw_arena_array(lowering->scratch, o->choice_count + 2, sizeof *literals);
    if (o->kind == CW_OPTION_TEXT) {
        literals[count++] = cw_lower_not_value(lowering, own->var, 0);
    } else {
        for (uint32_t c = 0; c < o->choice_count; c++)
            literals[count++] = cw_lower_value(lowering, own->var + c, 1);
        if (own->active_var != CW_NONE)
            literals[count++] = cw_lower_value(lowering, own->active_var, 0);
    }
    return (struct cw_clause){.count = count, .literals = literals};
}

static void lower_required(struct cw_lowering *lowering, uint32_t option) {
    const struct cw_option *o = &lowering->product->options[option];
    bool can_be_empty = o->kind == CW_OPTION_TEXT || o->kind == CW_OPTION_MULTI;
    if (!can_be_empty || (!o->required && !o->required_if))
        return;
    struct cw_clause given = given_or_inactive(lowering, option);
    struct cw_cnf always = {.count = 1, .clauses = &(struct cw_clause){0}};
    cw_lower_add(lowering, origin_of(lowering, CW_ORIGIN_REQUIRED_IF, option, CW_NONE), &given,
                 o->required ? always : cw_lower_cnf(lowering, o->required_if, false));
}

/* ---- multi ----------------------------------------------------------------------------------- */

/* Members only while active; then at least min and at most max. */
static void lower_members(struct cw_lowering *lowering, uint32_t option, uint32_t origin) {
    const struct cw_option *o = &lowering->product->options[option];
    const struct cw_lowered_option *own = &lowering->options[option];
    struct cw_sum least = {0}, most = {0};
    struct cw_cnf always = {.count = 1, .clauses = &(struct cw_clause){0}};
    const cw_wide end = (cw_wide)1 << 40;
    for (uint32_t c = 0; c < o->choice_count; c++) {
        cw_sum_add(lowering, &least, own->var + c)[1] = 1;
        cw_sum_add(lowering, &most, own->var + c)[1] = 1;
        if (own->active_var == CW_NONE)
            continue;
        struct cw_literal literals[2] = {cw_lower_value(lowering, own->var + c, 0),
                                         cw_lower_value(lowering, own->active_var, 1)};
        cw_lower_add(lowering, origin, &(struct cw_clause){2, literals}, always);
    }
    if (own->active_var == CW_NONE) {
        cw_lower_bounds(lowering, origin, &least,
                        (struct cw_sum_bounds){.min = o->multi_min, .max = o->multi_max});
        return;
    }
    cw_sum_add(lowering, &least, own->active_var)[1] = -(int64_t)o->multi_min;
    cw_lower_bounds(lowering, origin, &least, (struct cw_sum_bounds){.min = 0, .max = end});
    cw_lower_bounds(lowering, origin, &most, (struct cw_sum_bounds){.min = 0, .max = o->multi_max});
}

/* departs_var is 1 exactly when the option is active with another set than its default. */
static void lower_departure(struct cw_lowering *lowering, uint32_t option, uint32_t origin) {
    const struct cw_option *o = &lowering->product->options[option];
    const struct cw_lowered_option *own = &lowering->options[option];
    struct cw_cnf always = {.count = 1, .clauses = &(struct cw_clause){0}};
    struct cw_literal *some = cw_arena_array(lowering->scratch, o->choice_count + 1, sizeof *some);
    some[o->choice_count] = cw_lower_value(lowering, own->departs_var, 0);
    for (uint32_t c = 0; c < o->choice_count; c++) {
        uint32_t by_default = o->default_multi >> c & 1;
        some[c] = cw_lower_value(lowering, own->var + c, !by_default);
        struct cw_literal literals[3] = {cw_lower_value(lowering, own->departs_var, 1),
                                         cw_lower_value(lowering, own->var + c, by_default)};
        if (own->active_var != CW_NONE)
            literals[2] = cw_lower_value(lowering, own->active_var, 0);
        cw_lower_add(lowering, origin,
                     &(struct cw_clause){own->active_var != CW_NONE ? 3 : 2, literals}, always);
    }
    cw_lower_add(lowering, origin, &(struct cw_clause){o->choice_count + 1, some}, always);
    if (own->active_var == CW_NONE)
        return;
    struct cw_literal active[2] = {cw_lower_value(lowering, own->departs_var, 0),
                                   cw_lower_value(lowering, own->active_var, 1)};
    cw_lower_add(lowering, origin, &(struct cw_clause){2, active}, always);
}

void cw_lower_option(struct cw_lowering *lowering, uint32_t option) {
    const struct cw_option *o = &lowering->product->options[option];
    if (o->active_if)
        lower_active_if(lowering, option);
    lower_required(lowering, option);
    lower_only_ifs(lowering, option);
    if (o->derive)
        cw_lower_derive(lowering, origin_of(lowering, CW_ORIGIN_DERIVE, option, CW_NONE), option);
    if (o->kind != CW_OPTION_MULTI)
        return;
    uint32_t origin = origin_of(lowering, CW_ORIGIN_STRUCTURE, option, CW_NONE);
    lower_members(lowering, option, origin);
    lower_departure(lowering, option, origin);
}
