/*
 * Examples: uniform random configurations, and ones that differ from each other. A draw is a value
 * per variable and, for every number, a step of its class. Server process, any thread.
 */
#include "configure/ask_inside.h"

#include <string.h>

#include "base/draw.h"
#include "configure/sample_text.h"
#include "cordwain/limits.h"

/* Of all draws together: what a pool may take of memory, in 32-bit words. */
#define POOL_WORDS (UINT64_C(1) << 24)

struct sampling {
    struct cw_asking *asking;
    uint64_t seed;
    uint64_t random; /* for steps */
    uint32_t count;  /* of draws */
    uint32_t *values;
    uint32_t number_count;
    uint32_t *numbers; /* options */
    uint64_t *steps;   /* per draw and number: which step of its class */
};

/* ---- drawing --------------------------------------------------------------------------------- */

static uint32_t *values_of(const struct sampling *sampling, uint32_t draw) {
    uint32_t vars = sampling->asking->engine->lowered->model->var_count;
    return sampling->values + (size_t)draw * vars;
}

static uint64_t *steps_of(const struct sampling *sampling, uint32_t draw) {
    return sampling->steps + (size_t)draw * sampling->number_count;
}

static void list_numbers(struct sampling *sampling) {
    const struct cw_product *product = sampling->asking->engine->product;
    sampling->numbers = cw_arena_array(sampling->asking->arena, product->option_count + 1,
                                       sizeof *sampling->numbers);
    for (uint32_t o = 0; o < product->option_count; o++)
        if (product->options[o].kind == CW_OPTION_NUMBER && !sampling->asking->picks[o])
            sampling->numbers[sampling->number_count++] = o;
}

static void draw_steps(struct sampling *sampling, uint32_t draw) {
    const struct cw_lowered *lowered = sampling->asking->engine->lowered;
    for (uint32_t i = 0; i < sampling->number_count; i++) {
        uint32_t var = lowered->options[sampling->numbers[i]].var;
        uint32_t value = values_of(sampling, draw)[var];
        uint64_t steps = lowered->model->multiplicities[lowered->model->value_bases[var] + value];
        steps_of(sampling, draw)[i] = steps > 1 ? cw_draw_below(&sampling->random, steps) : 0;
    }
}

/* Nobody can make up a shopper's picture: there is one only where it was picked. False: then there
 * is nothing to draw from, though there was before. */
static bool leave_pictures_out(const struct cw_asking *asking) {
    const struct cw_lowered *lowered = asking->engine->lowered;
    bool feasible = false, any = false; /* before the first is left out */
    for (uint32_t o = 0; o < lowered->product->option_count; o++) {
        if (!lowered->product->options[o].artwork || asking->picks[o])
            continue;
        feasible = any ? feasible : cw_ask_feasible(asking);
        any = true;
        cw_set_drop(asking->allowed + lowered->model->word_bases[lowered->options[o].var], 1);
    }
    return !feasible || cw_ask_feasible(asking);
}

/* False: there is nothing to draw from. */
static bool draw_all(struct sampling *sampling, uint64_t seed) {
    const struct cw_asking *asking = sampling->asking;
    uint32_t vars = asking->engine->lowered->model->var_count;
    struct cw_diagram_draw draw = {
        .allowed = asking->allowed, .seed = seed, .count = sampling->count};
    sampling->values =
        cw_arena_array(asking->arena, (size_t)sampling->count * vars + 1, sizeof(uint32_t));
    sampling->seed = seed;
    sampling->random = seed ^ UINT64_C(0x5851f42d4c957f2d); /* not the draws' own sequence */
    sampling->steps =
        cw_arena_array(asking->arena, (size_t)sampling->count * sampling->number_count + 1,
                       sizeof *sampling->steps);
    if (!cw_diagram_sample(asking->engine->diagram, &draw, asking->arena, sampling->values))
        return false;
    for (uint32_t i = 0; i < sampling->count; i++)
        draw_steps(sampling, i);
    return true;
}

/* ---- differing ------------------------------------------------------------------------------- */

/* In how many options two draws differ. */
static uint32_t distance(const struct sampling *sampling, uint32_t a, uint32_t b) {
    const struct cw_lowered *lowered = sampling->asking->engine->lowered;
    const uint32_t *x = values_of(sampling, a), *y = values_of(sampling, b);
    uint32_t count = 0, number = 0;
    for (uint32_t o = 0; o < lowered->product->option_count; o++) {
        uint32_t first, vars = cw_ask_vars(lowered, o, &first);
        bool same = memcmp(x + first, y + first, vars * sizeof *x) == 0;
        if (number < sampling->number_count && sampling->numbers[number] == o) {
            same &= steps_of(sampling, a)[number] == steps_of(sampling, b)[number];
            number++;
        }
        count += !same;
    }
    return count;
}

/* Farthest first (Gonzalez 1985): always the draw whose nearest chosen one is the farthest; of
 * equals the one drawn first. */
static void choose_diverse(const struct sampling *sampling, uint32_t count, uint32_t *ret_draws) {
    uint32_t *nearest =
        cw_arena_array(sampling->asking->arena, sampling->count + 1, sizeof *nearest);
    uint32_t next = 0;
    memset(nearest, 0xff, sampling->count * sizeof *nearest);
    for (uint32_t chosen = 0; chosen < count; chosen++) {
        uint32_t last = next;
        ret_draws[chosen] = last;
        nearest[last] = 0;
        next = 0;
        for (uint32_t i = 0; i < sampling->count; i++) {
            uint32_t to_last = nearest[i] ? distance(sampling, i, last) : 0;
            nearest[i] = to_last < nearest[i] ? to_last : nearest[i];
            next = nearest[i] > nearest[next] ? i : next;
        }
    }
}

/* ---- telling --------------------------------------------------------------------------------- */

/* A text that is there and that neither the shopper nor the designer has given. */
static enum cw_status write_texts(const struct sampling *sampling, uint32_t draw,
                                  struct cw_fact *facts, struct cw_error *err) {
    const struct cw_asking *asking = sampling->asking;
    const struct cw_product *product = asking->engine->product;
    uint64_t random = sampling->seed ^ (UINT64_C(0x2545f4914f6cdd1d) * (draw + 1));
    for (uint32_t o = 0; o < product->option_count; o++) {
        if (product->options[o].kind != CW_OPTION_TEXT || !facts[o].active || !facts[o].present ||
            *facts[o].value.text)
            continue;
        if (!cw_sample_text(product, o, &random, asking->arena, &facts[o].value.text))
            return cw_fail(err, CW_E_LIMIT, "configure.no_example_text",
                           "no text was found that option '%.40s' takes", product->options[o].id);
    }
    return CW_OK;
}

static enum cw_status tell_draw(const struct sampling *sampling, uint32_t draw,
                                struct cw_selection *ret, struct cw_error *err) {
    const struct cw_asking *asking = sampling->asking;
    const struct cw_lowered *lowered = asking->engine->lowered;
    const uint32_t *values = values_of(sampling, draw);
    struct cw_fact *facts = cw_lowered_facts(lowered, values, asking->selection, asking->arena);
    for (uint32_t i = 0; i < sampling->number_count; i++) {
        const struct cw_lowered_option *own = &lowered->options[sampling->numbers[i]];
        int64_t step = lowered->product->options[sampling->numbers[i]].number_step;
        if (facts[sampling->numbers[i]].active)
            facts[sampling->numbers[i]].value.number =
                own->class_first[values[own->var]] + (int64_t)steps_of(sampling, draw)[i] * step;
    }
    enum cw_status status = write_texts(sampling, draw, facts, err);
    if (status != CW_OK)
        return status;
    cw_facts_selection(lowered->product, facts, asking->arena, ret);
    return cw_ask_check(asking, facts, err);
}

/* How many to draw: a pool to choose from, smaller for very large products. */
static uint32_t draw_count(const struct sampling *sampling,
                           const struct cw_sample_request *request) {
    uint64_t words = sampling->asking->engine->lowered->model->var_count +
                     2 * (uint64_t)sampling->number_count + 1;
    uint64_t pool = POOL_WORDS / words;
    if (!request->diverse)
        return request->count;
    pool = pool < CW_DIVERSE_POOL ? pool : CW_DIVERSE_POOL;
    return pool > request->count ? (uint32_t)pool : request->count;
}

enum cw_status cw_sample(const struct cw_engine *engine, const struct cw_selection *selection,
                         const struct cw_configure_context *context,
                         const struct cw_sample_request *request, struct cw_arena *arena,
                         struct cw_selection **ret_selections, struct cw_error *err) {
    struct cw_asking asking = {
        .engine = engine, .selection = selection, .context = context, .arena = arena};
    struct sampling sampling = {.asking = &asking};
    uint32_t draws[CW_SAMPLES];
    if (request->count > CW_SAMPLES)
        return cw_fail(err, CW_E_INPUT, "configure.sample_count", "at most %d examples at once",
                       CW_SAMPLES);
    enum cw_status status = cw_ask_begin(&asking, err);
    if (status != CW_OK)
        return status;
    if (!leave_pictures_out(&asking))
        return cw_fail(err, CW_E_LIMIT, "configure.no_example_text",
                       "this product needs a picture, and none is picked");
    list_numbers(&sampling);
    sampling.count = draw_count(&sampling, request);
    struct cw_selection *selections =
        cw_arena_array(arena, (size_t)request->count + 1, sizeof *selections);
    if (!draw_all(&sampling, request->seed))
        return cw_fail(err, CW_E_CONFLICT, "configure.inconsistent",
                       "no configuration contains these picks");
    for (uint32_t i = 0; i < request->count; i++)
        draws[i] = i;
    if (request->diverse)
        choose_diverse(&sampling, request->count, draws);
    for (uint32_t i = 0; i < request->count; i++) {
        status = tell_draw(&sampling, draws[i], &selections[i], err);
        if (status != CW_OK)
            return status;
    }
    *ret_selections = selections;
    return CW_OK;
}
