/*
 * Lowering: from a product's options, rules and price rules to the model they are compiled from.
 * It reads each part of the document once and decides nothing. Any process.
 */
#include "configure/lower_inside.h"

#include <string.h>

#include "cordwain/limits.h"

/* Options and rules whose scratch is thrown away together. */
#define SCRATCH_PARTS 512

void cw_lower_too_large(struct cw_lowering *lowering, const char *what) {
    if (lowering->status == CW_OK)
        lowering->status = cw_fail(lowering->err, CW_E_LIMIT, "configure.too_large",
                                   "too many %s for the rule engine", what);
}

uint32_t cw_lower_var(struct cw_lowering *lowering, uint32_t value_count) {
    const struct cw_model *model = lowering->model;
    if (lowering->status != CW_OK)
        return 0;
    if (value_count > CW_MODEL_VALUES || model->var_count == CW_MODEL_VARS ||
        value_count > CW_MODEL_ALL_VALUES - model->value_count) {
        cw_lower_too_large(lowering, "values");
        return 0;
    }
    return cw_model_add_var(lowering->model, value_count);
}

uint32_t cw_lower_origin(struct cw_lowering *lowering, struct cw_origin origin) {
    lowering->origins[lowering->origin_count] = origin;
    return lowering->origin_count++;
}

/* At most so many: per option its activeIf, requiredIf, derive and structure, each onlyIf, each
 * rule, and one for all helpers. */
static size_t most_origins(const struct cw_product *product) {
    size_t count = product->rule_count + 4 * product->option_count + 1;
    for (size_t o = 0; o < product->option_count; o++)
        for (size_t c = 0; c < product->options[o].choice_count; c++)
            count += product->options[o].choices[c].only_if != NULL;
    return count;
}

static void check_size(struct cw_lowering *lowering) {
    const struct cw_product *product = lowering->product;
    if (product->option_count > CW_MAX_OPTIONS)
        cw_lower_too_large(lowering, "options");
    if (product->rule_count > CW_MAX_RULES)
        cw_lower_too_large(lowering, "rules");
    if (most_origins(product) > CW_MODEL_ORIGINS)
        cw_lower_too_large(lowering, "rules and conditions");
}

/* Helpers belong to one option or rule; its scratch is kept for a while. */
static void begin_part(struct cw_lowering *lowering, size_t index) {
    lowering->helper_count = lowering->helper_capacity = 0;
    lowering->helpers = NULL;
    if (index % SCRATCH_PARTS != 0 || lowering->status != CW_OK)
        return;
    cw_arena_free(lowering->scratch);
    lowering->scratch = cw_arena_new();
    if (!lowering->scratch)
        lowering->status = cw_fail(lowering->err, CW_E_NOMEM, "memory", "out of memory");
}

static void add_constraints(struct cw_lowering *lowering) {
    const struct cw_product *product = lowering->product;
    size_t part = 0;
    for (uint32_t o = 0; o < product->option_count; o++) {
        begin_part(lowering, part++);
        if (lowering->status == CW_OK)
            cw_lower_option(lowering, o);
    }
    for (uint32_t r = 0; r < product->rule_count; r++) {
        begin_part(lowering, part++);
        if (lowering->status == CW_OK && !product->rules[r].warning)
            cw_lower_rule(lowering, r);
    }
    for (size_t i = 0; i < product->price_rule_count; i++) {
        struct cw_lowered_value flag = {.var = lowering->lowered->price_vars[i], .value = 1};
        begin_part(lowering, part++);
        if (lowering->status == CW_OK)
            cw_lower_equate(lowering, lowering->structure, flag, product->price_rules[i].when);
    }
}

static void note_options(struct cw_lowering *lowering) {
    uint32_t count = lowering->model->var_count;
    uint32_t *options = cw_arena_array(lowering->arena, count, sizeof *options);
    for (uint32_t v = 0; v < count; v++)
        options[v] = CW_NONE;
    for (uint32_t o = 0; o < lowering->product->option_count; o++) {
        const struct cw_lowered_option *own = &lowering->options[o];
        bool multi = lowering->product->options[o].kind == CW_OPTION_MULTI;
        size_t vars = multi ? lowering->product->options[o].choice_count : 1;
        for (size_t i = 0; i < vars; i++)
            options[own->var + i] = o;
        if (own->active_var != CW_NONE)
            options[own->active_var] = o;
    }
    lowering->lowered->var_options = options;
}

static bool is_text(const char *text) {
    return text && text[0];
}

static void note_limited(struct cw_lowering *lowering) {
    struct cw_limited *limited = &lowering->lowered->limited,
                      *stocked = &lowering->lowered->stocked;
    struct cw_choice_ref *by_day = NULL, *by_stock = NULL;
    size_t day_room = 0, stock_room = 0;
    for (uint32_t o = 0; o < lowering->product->option_count; o++)
        for (uint32_t c = 0; c < lowering->product->options[o].choice_count; c++) {
            const struct cw_choice *choice = &lowering->product->options[o].choices[c];
            if (choice->market_count > 0 || is_text(choice->from_date) ||
                is_text(choice->until_date)) {
                by_day = cw_arena_grow(lowering->arena, by_day, limited->count, &day_room,
                                       sizeof *by_day);
                by_day[limited->count++] = (struct cw_choice_ref){o, c};
            } else if (is_text(choice->stock_item)) {
                by_stock = cw_arena_grow(lowering->arena, by_stock, stocked->count, &stock_room,
                                         sizeof *by_stock);
                by_stock[stocked->count++] = (struct cw_choice_ref){o, c};
            }
        }
    limited->items = by_day;
    stocked->items = by_stock;
}

static void lower(struct cw_lowering *lowering) {
    const struct cw_product *product = lowering->product;
    check_size(lowering);
    if (lowering->status != CW_OK)
        return;
    lowering->model = cw_model_new(lowering->arena);
    lowering->options =
        cw_arena_array(lowering->arena, product->option_count, sizeof *lowering->options);
    lowering->origins =
        cw_arena_array(lowering->arena, most_origins(product), sizeof *lowering->origins);
    lowering->structure = cw_lower_origin(
        lowering, (struct cw_origin){CW_ORIGIN_STRUCTURE, CW_NONE, CW_NONE, CW_NONE});
    begin_part(lowering, 0);
    if (lowering->status == CW_OK)
        cw_lower_classes(lowering);
    if (lowering->status == CW_OK)
        cw_lower_option_vars(lowering);
    if (lowering->status == CW_OK)
        add_constraints(lowering);
    if (lowering->status == CW_OK)
        cw_lower_spans(lowering);
}

enum cw_status cw_lower(const struct cw_product *product, struct cw_arena *arena,
                        struct cw_lowered **ret_lowered, struct cw_error *err) {
    struct cw_lowered *lowered = cw_arena_alloc(arena, sizeof *lowered);
    struct cw_lowering lowering = {
        .arena = arena, .product = product, .lowered = lowered, .err = err};
    lower(&lowering);
    cw_arena_free(lowering.scratch);
    if (lowering.status != CW_OK)
        return lowering.status;
    lowered->product = product;
    lowered->model = lowering.model;
    lowered->options = lowering.options;
    lowered->origins = lowering.origins;
    lowered->origin_count = lowering.origin_count;
    note_options(&lowering);
    note_limited(&lowering);
    *ret_lowered = lowered;
    return CW_OK;
}
