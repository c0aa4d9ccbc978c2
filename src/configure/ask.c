/*
 * Questions about what is left: how many configurations, between what prices, the cheapest and the
 * quickest. Each is one or two passes over the diagram; the SAT tier answers none of them, because
 * it could only guess. Server process, any thread.
 */
#include "configure/ask_inside.h"

#include <string.h>

#include "configure/resolve.h"

/* ---- what all questions start from ----------------------------------------------------------- */

enum cw_status cw_ask_begin(struct cw_asking *asking, struct cw_error *err) {
    if (!asking->engine->diagram)
        return cw_fail(err, CW_E_LIMIT, "configure.not_exact",
                       "the rules of this product are too entangled for an exact answer");
    const struct cw_asked *asked =
        cw_asked_new(asking->engine, asking->selection, asking->context, asking->arena);
    asking->available = asked->available;
    asking->allowed = asked->allowed;
    asking->picks = asked->picks;
    return CW_OK;
}

bool cw_ask_feasible(const struct cw_asking *asking) {
    return cw_diagram_feasible(asking->engine->diagram, asking->allowed, asking->arena);
}

int64_t cw_ask_sum(const struct cw_asking *asking, const int64_t *costs, const uint32_t *values) {
    const struct cw_model *model = asking->engine->lowered->model;
    int64_t sum = 0;
    for (uint32_t v = 0; v < model->var_count; v++)
        sum += costs[model->value_bases[v] + values[v]];
    return sum;
}

static int64_t total_of(const struct cw_asking *asking, int64_t sum_minor) {
    const struct cw_product *product = asking->engine->product;
    return cw_price_of_unit(product, product->base_price_minor + sum_minor,
                            asking->context->quantity);
}

int64_t cw_ask_total(const struct cw_asking *asking, const uint32_t *values) {
    return total_of(asking, cw_ask_sum(asking, asking->engine->prices, values));
}

int32_t cw_ask_days(const struct cw_asking *asking, const uint32_t *values) {
    return asking->engine->product->lead_time.base_days +
           (int32_t)cw_ask_sum(asking, asking->engine->leads, values);
}

int64_t *cw_ask_shifted(const struct cw_asking *asking, const int64_t *costs) {
    const struct cw_model *model = asking->engine->lowered->model;
    int64_t *shifted = cw_arena_array(asking->arena, model->value_count, sizeof *shifted);
    for (uint32_t v = 0; v < model->var_count; v++) {
        const int64_t *own = costs + model->value_bases[v];
        int64_t least = own[0];
        for (uint32_t x = 1; x < model->value_counts[v]; x++)
            least = own[x] < least ? own[x] : least;
        for (uint32_t x = 0; x < model->value_counts[v]; x++)
            shifted[model->value_bases[v] + x] = own[x] - least;
    }
    return shifted;
}

enum cw_status cw_ask_check(const struct cw_asking *asking, const struct cw_fact *facts,
                            struct cw_error *err) {
    if (!cw_check_valid(asking->engine->product, facts, asking->context))
        return cw_disagree(err, "consistent");
    return CW_OK;
}

enum cw_status cw_ask_facts(const struct cw_asking *asking, const uint32_t *values,
                            const struct cw_selection *selection, struct cw_fact **ret_facts,
                            struct cw_error *err) {
    *ret_facts = cw_lowered_facts(asking->engine->lowered, values, selection, asking->arena);
    return cw_ask_check(asking, *ret_facts, err);
}

bool cw_ask_within(const struct cw_asking *asking, uint32_t option, const uint64_t *mask,
                   const uint32_t *values) {
    const struct cw_lowered *lowered = asking->engine->lowered;
    uint32_t first, count = cw_ask_vars(lowered, option, &first);
    for (uint32_t v = first; v < first + count; v++)
        if (!cw_set_has(mask + lowered->model->word_bases[v], values[v]))
            return false;
    return true;
}

/* The way up of the click that these questions are about; NULL: the diagram answers. */
static const struct cw_quick_pass *quick_pass(const struct cw_asking *asking) {
    const struct cw_engine *engine = asking->engine;
    const struct cw_found *known = cw_asked_known(engine, asking->selection, asking->context);
    if (known && known->pass)
        return known->pass;
    return engine->quick ? cw_quick_up(engine->quick, asking->allowed, asking->arena) : NULL;
}

/* ---- how many -------------------------------------------------------------------------------- */

/* number / by, which leaves no remainder. */
static struct cw_natural divide(struct cw_natural number, uint64_t by, struct cw_arena *arena) {
    uint32_t *limbs = cw_arena_array(arena, number.count + 1, sizeof *limbs);
    __extension__ unsigned __int128 rest = 0;
    for (uint32_t i = number.count; i-- > 0;) {
        rest = rest << 32 | number.limbs[i];
        limbs[i] = (uint32_t)(rest / by);
        rest %= by;
    }
    uint32_t count = number.count;
    while (count > 0 && limbs[count - 1] == 0)
        count--;
    return (struct cw_natural){count, limbs};
}

/* A picked number is one step of its class, which counted with all its steps. */
static uint64_t steps_of_pick(const struct cw_asking *asking, uint32_t option) {
    const struct cw_lowered *lowered = asking->engine->lowered;
    const struct cw_model *model = lowered->model;
    uint32_t var = lowered->options[option].var;
    if (lowered->product->options[option].kind != CW_OPTION_NUMBER || !asking->picks[option])
        return 1;
    for (uint32_t x = 0; x < model->value_counts[var]; x++)
        if (cw_set_has(asking->allowed + model->word_bases[var], x))
            return model->multiplicities[model->value_bases[var] + x];
    return 1;
}

enum cw_status cw_count(const struct cw_engine *engine, const struct cw_selection *selection,
                        const struct cw_configure_context *context, struct cw_arena *arena,
                        const char **ret_decimal, struct cw_error *err) {
    struct cw_asking asking = {
        .engine = engine, .selection = selection, .context = context, .arena = arena};
    enum cw_status status = cw_ask_begin(&asking, err);
    if (status != CW_OK)
        return status;
    const struct cw_quick_pass *pass = quick_pass(&asking);
    struct cw_natural count = pass ? cw_quick_count(pass, arena)
                                   : cw_diagram_count(engine->diagram, asking.allowed, arena);
    for (uint32_t o = 0; o < engine->product->option_count; o++) {
        uint64_t steps = steps_of_pick(&asking, o);
        if (steps > 1)
            count = divide(count, steps, arena);
    }
    *ret_decimal = cw_natural_decimal(count, arena);
    return CW_OK;
}

/* ---- between what ---------------------------------------------------------------------------- */

static enum cw_status inconsistent(struct cw_error *err) {
    return cw_fail(err, CW_E_CONFLICT, "configure.inconsistent",
                   "no configuration contains these picks");
}

enum cw_status cw_price_range(const struct cw_engine *engine, const struct cw_selection *selection,
                              const struct cw_configure_context *context, struct cw_arena *arena,
                              struct cw_price_range *ret, struct cw_error *err) {
    struct cw_asking asking = {
        .engine = engine, .selection = selection, .context = context, .arena = arena};
    const struct cw_model *model = engine->lowered->model;
    enum cw_status status = cw_ask_begin(&asking, err);
    if (status != CW_OK)
        return status;
    const struct cw_quick_pass *pass = quick_pass(&asking);
    if (pass && !cw_quick_feasible(pass))
        return inconsistent(err);
    if (pass) {
        cw_quick_range(pass, &ret->min_minor, &ret->max_minor);
        ret->min_minor = total_of(&asking, ret->min_minor);
        ret->max_minor = total_of(&asking, ret->max_minor);
        return CW_OK;
    }
    uint32_t *least = cw_arena_array(arena, model->var_count + 1, sizeof *least);
    uint32_t *most = cw_arena_array(arena, model->var_count + 1, sizeof *most);
    int64_t *negative = cw_arena_array(arena, model->value_count, sizeof *negative);
    for (uint32_t i = 0; i < model->value_count; i++)
        negative[i] = -engine->prices[i];
    if (!cw_diagram_cheapest(engine->diagram, asking.allowed, engine->prices, arena, least) ||
        !cw_diagram_cheapest(engine->diagram, asking.allowed, negative, arena, most))
        return inconsistent(err);
    *ret = (struct cw_price_range){.min_minor = cw_ask_total(&asking, least),
                                   .max_minor = cw_ask_total(&asking, most)};
    return CW_OK;
}

/* ---- the best by a wish ---------------------------------------------------------------------- */

/* major × span + minor. */
static int64_t *combined(const struct cw_asking *asking, const int64_t *major, int64_t span,
                         const int64_t *minor) {
    int64_t *costs = cw_ask_shifted(asking, major);
    for (uint32_t i = 0; i < asking->engine->lowered->model->value_count; i++)
        costs[i] = costs[i] * span + minor[i];
    return costs;
}

/* 1 for every departure from a default. */
static int64_t *departures(const struct cw_asking *asking) {
    const struct cw_lowered *lowered = asking->engine->lowered;
    int64_t *costs = cw_lowered_preference(lowered, asking->selection, asking->arena);
    for (uint32_t i = 0; i < lowered->model->value_count; i++)
        costs[i] = (costs[i] - asking->engine->prices[i]) / lowered->price_span;
    return costs;
}

enum cw_status cw_complete_by(const struct cw_engine *engine, const struct cw_selection *selection,
                              const struct cw_configure_context *context, enum cw_wish wish,
                              struct cw_arena *arena, struct cw_selection *ret,
                              struct cw_error *err) {
    if (wish == CW_WISH_DEFAULT)
        return cw_complete(engine, selection, context, arena, ret, err);
    struct cw_asking asking = {
        .engine = engine, .selection = selection, .context = context, .arena = arena};
    const struct cw_lowered *lowered = engine->lowered;
    enum cw_status status = cw_ask_begin(&asking, err);
    if (status != CW_OK)
        return status;
    int64_t changes = (int64_t)engine->product->option_count + 1;
    const int64_t *costs = combined(&asking, engine->prices, changes, departures(&asking));
    if (wish == CW_WISH_QUICKEST)
        costs = combined(&asking, engine->leads, lowered->price_span * changes, costs);
    uint32_t *values = cw_arena_array(arena, lowered->model->var_count + 1, sizeof *values);
    struct cw_fact *facts;
    if (!cw_diagram_cheapest(engine->diagram, asking.allowed, costs, arena, values))
        return inconsistent(err);
    status = cw_ask_facts(&asking, values, selection, &facts, err);
    if (status == CW_OK)
        cw_facts_selection(engine->product, facts, arena, ret);
    return status;
}
