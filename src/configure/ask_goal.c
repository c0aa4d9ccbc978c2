/*
 * Goals: as many wishes as possible within a price, a day and a number of picks. Everything that
 * counts is a sum over values, so the answer lies on a front of the diagram: wishes not met, picks,
 * price. Where a sum cannot say it (the set of a multi as a whole; two steps of one class of a
 * number; wishes when days count as well), the question is put once for each way it can turn out
 * (ask_ways.c). Server process, any thread.
 */
#include "configure/ask_goal.h"

#include <stdlib.h>
#include <string.h>

#include "cordwain/limits.h"

#define LABEL_WORDS  (UINT32_C(1) << 24) /* of all labels of a front together */
#define LEAST_LABELS 256

/* ---- runs ------------------------------------------------------------------------------------ */

static void add_run(struct cw_goal_search *search, struct cw_goal_run *from, size_t split,
                    uint32_t way) {
    const struct cw_goal_way *chosen = &search->splits[split].ways[way];
    struct cw_goal_run run = *from;
    uint8_t *ways = cw_arena_array(search->asking->arena, search->split_count + 1, sizeof *ways);
    run.unmet += chosen->unmet;
    run.picked += chosen->picked;
    if (run.picked > search->goal->picks)
        return;
    memcpy(ways, from->ways, search->split_count);
    ways[split] = (uint8_t)way;
    run.ways = ways;
    if (way == 0)
        *from = run;
    else if (search->run_count < CW_GOAL_RUNS)
        search->runs[search->run_count++] = run;
    else
        search->exact = false;
}

static int by_promise(const void *a, const void *b) {
    const struct cw_goal_run *x = a, *y = b;
    if (x->unmet != y->unmet)
        return x->unmet < y->unmet ? -1 : 1;
    return (x->picked > y->picked) - (x->picked < y->picked);
}

/* All choices of ways with no more picks than allowed, the most promising first. The first way of a
 * split takes no pick, and is put last so that the others start from what was there before. */
static void list_runs(struct cw_goal_search *search) {
    struct cw_arena *arena = search->asking->arena;
    search->runs = cw_arena_array(arena, CW_GOAL_RUNS, sizeof *search->runs);
    search->runs[search->run_count++] = (struct cw_goal_run){
        .ways = cw_arena_array(arena, search->split_count + 1, sizeof(uint8_t))};
    for (size_t s = 0; s < search->split_count; s++) {
        size_t before = search->run_count;
        for (size_t r = 0; r < before; r++)
            for (uint32_t w = search->splits[s].way_count; w-- > 0;)
                add_run(search, &search->runs[r], s, w);
    }
    qsort(search->runs, search->run_count, sizeof *search->runs, by_promise);
}

/* ---- fronts ---------------------------------------------------------------------------------- */

static bool is_better(const struct cw_goal_search *search, const int64_t key[3]) {
    for (size_t i = 0; i < 3 && search->found; i++)
        if (key[i] != search->best[i])
            return key[i] < search->best[i];
    return !search->found;
}

static void consider(struct cw_goal_search *search, const int64_t key[3], const uint32_t *values,
                     const uint8_t *ways) {
    const struct cw_asking *asking = search->asking;
    if (key[1] > search->goal->picks || !is_better(search, key) ||
        cw_ask_total(asking, values) > search->goal->max_minor ||
        cw_ask_days(asking, values) > search->goal->max_days)
        return;
    search->found = true;
    memcpy(search->best, key, sizeof search->best);
    memcpy(search->values, values, asking->engine->lowered->model->var_count * sizeof *values);
    search->ways = ways;
}

/* Labels come with whole configurations: fewer of them for very large products. */
static uint32_t label_limit(const struct cw_goal_search *search) {
    uint32_t limit = LABEL_WORDS / (search->asking->engine->lowered->model->var_count + 1);
    if (limit < LEAST_LABELS)
        return LEAST_LABELS;
    return limit < CW_GOAL_LABELS ? limit : CW_GOAL_LABELS;
}

/* What a front is asked for. */
struct question {
    const int64_t *costs[3];
    bool days; /* the first cost */
};

static void consider_values(struct cw_goal_search *search, const struct cw_goal_run *run,
                            const uint32_t *values) {
    const struct cw_asking *asking = search->asking;
    int64_t unmet = search->days_count ? 0 : cw_ask_sum(asking, search->unmet, values);
    int64_t key[3] = {unmet + run->unmet, cw_ask_sum(asking, search->changed, values) + run->picked,
                      cw_ask_sum(asking, asking->engine->prices, values)};
    consider(search, key, values, run->ways);
}

static uint64_t *run_mask(const struct cw_goal_search *search, const struct cw_goal_run *run,
                          struct cw_arena *arena) {
    uint32_t words = search->asking->engine->lowered->model->word_count;
    uint64_t *mask = cw_arena_array(arena, words, sizeof *mask);
    memcpy(mask, search->asking->allowed, words * sizeof *mask);
    for (size_t s = 0; s < search->split_count; s++) {
        const struct cw_goal_split *split = &search->splits[s];
        const uint64_t *set = split->ways[run->ways[s]].set;
        for (uint32_t w = 0; set && w < split->own.words; w++)
            mask[split->own.first_word + w] &= set[w];
    }
    return mask;
}

/* All labels are considered. Returns whether the price had no say: the best label within the days
 * (fewest picks, then the least price) keeps the bound on the price as well, or none does at all.
 */
static bool ask_front(struct cw_goal_search *search, const struct cw_goal_run *run,
                      const struct question *question) {
    CW_AUTO_ARENA struct cw_arena *own = cw_arena_new();
    const struct cw_asking *asking = search->asking;
    struct cw_arena *arena = own ? own : asking->arena;
    struct cw_diagram_label *labels;
    bool exact = true;
    struct cw_diagram_front front = {
        .allowed = run_mask(search, run, arena),
        .costs = {question->costs[0], question->costs[1], question->costs[2]},
        .limit = label_limit(search)};
    size_t count = cw_diagram_pareto(asking->engine->diagram, &front, arena, &labels, &exact);
    const struct cw_diagram_label *best = NULL;
    for (size_t i = 0; i < count; i++) {
        consider_values(search, run, labels[i].values);
        if (cw_ask_days(asking, labels[i].values) <= search->goal->max_days &&
            (!best || labels[i].costs[1] < best->costs[1]))
            best = &labels[i];
    }
    if (!question->days || !best)
        search->exact &= exact;
    return exact &&
           (!best ||
            cw_ask_sum(asking, search->changed, best->values) + run->picked > search->goal->picks ||
            cw_ask_total(asking, best->values) <= search->goal->max_minor);
}

/* Two costs do where only one bound can matter; all three else. */
static void ask_run(struct cw_goal_search *search, const struct cw_goal_run *run) {
    const int64_t *prices = search->asking->engine->prices, *leads = search->asking->engine->leads;
    struct question few = {{leads, search->picks_then_price, search->nothing}, true};
    struct question all = {{leads, search->changed, prices}, false};
    if (!search->days_count) {
        few =
            (struct question){{search->changed, search->unmet_then_price, search->nothing}, false};
        all.costs[0] = search->unmet;
    }
    if (search->days_count ? ask_front(search, run, &few) : !search->price_counts) {
        if (!search->days_count)
            ask_front(search, run, &few);
        return;
    }
    ask_front(search, run, &all);
}

/* Labels may have been dropped: the default completion is a configuration at least. */
static void consider_base(struct cw_goal_search *search) {
    int64_t unmet = 0;
    for (uint32_t o = 0; o < search->asking->engine->product->option_count; o++)
        unmet += search->wishes[o] && !search->asking->picks[o] &&
                 !cw_goal_has_wish(search, o, &search->base_facts[o]);
    int64_t key[3] = {unmet, 0,
                      cw_ask_sum(search->asking, search->asking->engine->prices, search->base)};
    consider(search, key, search->base, search->no_ways);
}

static void search_runs(struct cw_goal_search *search) {
    list_runs(search);
    for (size_t r = 0; r < search->run_count; r++) {
        const struct cw_goal_run *run = &search->runs[r];
        if (search->found && (run->unmet > search->best[0] ||
                              (run->unmet == search->best[0] && run->picked > search->best[1])))
            continue;
        ask_run(search, run);
    }
    if (!search->exact)
        consider_base(search);
}

/* ---- telling --------------------------------------------------------------------------------- */

/* The pick, what the default completion has there too, or the wish. */
static bool steer(const struct cw_goal_search *search, uint32_t option, struct cw_value *ret) {
    const struct cw_asking *asking = search->asking;
    bool as_before = cw_goal_is_base(search, option);
    for (size_t s = 0; s < search->split_count; s++)
        if (search->splits[s].option == option && search->splits[s].by_class)
            as_before &= search->ways[s] == 0;
    if (asking->picks[option])
        *ret = asking->picks[option]->value;
    else if (as_before && search->base_facts[option].active)
        *ret = search->base_facts[option].value;
    else if (!as_before && search->wishes[option])
        *ret = search->wishes[option]->value;
    else
        return false;
    return true;
}

/* Steps of numbers and letters of texts are what one of these selections says. */
static struct cw_selection steering(const struct cw_goal_search *search) {
    size_t count = search->asking->engine->product->option_count;
    struct cw_pick *picks = cw_arena_array(search->asking->arena, count + 1, sizeof *picks);
    struct cw_selection selection = {.picks = picks};
    for (uint32_t o = 0; o < count; o++) {
        struct cw_pick pick = {.option = o};
        if (steer(search, o, &pick.value))
            picks[selection.count++] = pick;
    }
    return selection;
}

static bool same_text(const char *a, const char *b) {
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool differs(const struct cw_fact *a, const struct cw_fact *b) {
    return a->active != b->active || a->present != b->present ||
           a->value.choice != b->value.choice || a->value.multi != b->value.multi ||
           a->value.number != b->value.number || !same_text(a->value.text, b->value.text);
}

static void list_answer(const struct cw_goal_search *search, const struct cw_fact *facts,
                        struct cw_goal_answer *ret) {
    const struct cw_asking *asking = search->asking;
    const struct cw_product *product = asking->engine->product;
    struct cw_pick *picks = cw_arena_array(asking->arena, product->option_count + 1, sizeof *picks);
    uint32_t *unmet = cw_arena_array(asking->arena, product->option_count + 1, sizeof *unmet);
    ret->picks = (struct cw_selection){.picks = picks};
    ret->unmet = unmet;
    for (uint32_t o = 0; o < product->option_count; o++) {
        if (search->wishes[o] && !cw_goal_has_wish(search, o, &facts[o]))
            unmet[ret->unmet_count++] = o;
        if (!asking->picks[o] && !product->options[o].derive && facts[o].active &&
            differs(&facts[o], &search->base_facts[o]))
            picks[ret->picks.count++] = (struct cw_pick){.option = o, .value = facts[o].value};
    }
    cw_facts_selection(product, facts, asking->arena, &ret->completion);
}

static enum cw_status tell(const struct cw_goal_search *search, struct cw_goal_answer *ret,
                           struct cw_error *err) {
    struct cw_selection selection = steering(search);
    struct cw_fact *facts;
    enum cw_status status = cw_ask_facts(search->asking, search->values, &selection, &facts, err);
    if (status != CW_OK)
        return status;
    *ret = (struct cw_goal_answer){.total_minor = cw_ask_total(search->asking, search->values),
                                   .working_days = cw_ask_days(search->asking, search->values),
                                   .exact = search->exact};
    list_answer(search, facts, ret);
    return CW_OK;
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* The default completion; false when there is none. */
static bool find_base(struct cw_goal_search *search) {
    const struct cw_asking *asking = search->asking;
    const struct cw_lowered *lowered = asking->engine->lowered;
    const int64_t *costs = cw_lowered_preference(lowered, asking->selection, asking->arena);
    uint32_t *values = cw_arena_array(asking->arena, lowered->model->var_count + 1, sizeof *values);
    if (!cw_diagram_cheapest(asking->engine->diagram, asking->allowed, costs, asking->arena,
                             values))
        return false;
    search->base = values;
    search->base_facts = cw_lowered_facts(lowered, values, asking->selection, asking->arena);
    return true;
}

/* The configuration with the most of a cost; false: there is none. */
static bool find_most(const struct cw_goal_search *search, const int64_t *costs,
                      uint32_t *ret_values) {
    const struct cw_asking *asking = search->asking;
    const struct cw_model *model = asking->engine->lowered->model;
    int64_t *negative = cw_arena_array(asking->arena, model->value_count, sizeof *negative);
    for (uint32_t i = 0; i < model->value_count; i++)
        negative[i] = -costs[i];
    return cw_diagram_cheapest(asking->engine->diagram, asking->allowed, negative, asking->arena,
                               ret_values);
}

/* Which bounds can matter at all: the slowest and the dearest configuration say. */
static void find_bounds(struct cw_goal_search *search) {
    const struct cw_asking *asking = search->asking;
    uint32_t *values = search->values;
    search->days_count = find_most(search, asking->engine->leads, values) &&
                         cw_ask_days(asking, values) > search->goal->max_days;
    search->price_counts = find_most(search, asking->engine->prices, values) &&
                           cw_ask_total(asking, values) > search->goal->max_minor;
}

/* first × spread of prices + price. */
static int64_t *then_price(const struct cw_goal_search *search, const int64_t *first) {
    const struct cw_lowered *lowered = search->asking->engine->lowered;
    int64_t *costs = cw_ask_shifted(search->asking, search->asking->engine->prices);
    for (uint32_t i = 0; i < lowered->model->value_count; i++)
        costs[i] += first[i] * lowered->price_span;
    return costs;
}

static void prepare(struct cw_goal_search *search) {
    const struct cw_asking *asking = search->asking;
    const struct cw_model *model = asking->engine->lowered->model;
    size_t options = asking->engine->product->option_count;
    search->wishes = cw_arena_array(asking->arena, options + 1, sizeof *search->wishes);
    for (size_t i = 0; i < search->goal->prefer.count; i++)
        search->wishes[search->goal->prefer.picks[i].option] = &search->goal->prefer.picks[i];
    search->values = cw_arena_array(asking->arena, model->var_count + 1, sizeof *search->values);
    search->full = cw_model_full_mask(model, asking->arena);
    search->scratch = cw_model_full_mask(model, asking->arena);
    search->unmet = cw_arena_array(asking->arena, model->value_count, sizeof *search->unmet);
    search->changed = cw_arena_array(asking->arena, model->value_count, sizeof *search->changed);
    search->splits = cw_arena_array(asking->arena, options + 1, sizeof *search->splits);
    find_bounds(search);
    for (uint32_t o = 0; o < options; o++)
        cw_goal_look_at(search, o);
    search->nothing = cw_arena_array(asking->arena, model->value_count, sizeof *search->nothing);
    search->picks_then_price = then_price(search, search->changed);
    search->unmet_then_price = then_price(search, search->unmet);
    search->no_ways = cw_arena_array(asking->arena, search->split_count + 1, sizeof(uint8_t));
}

enum cw_status cw_goal_find(const struct cw_engine *engine, const struct cw_selection *selection,
                            const struct cw_configure_context *context, const struct cw_goal *goal,
                            struct cw_arena *arena, struct cw_goal_answer *ret,
                            struct cw_error *err) {
    struct cw_asking asking = {
        .engine = engine, .selection = selection, .context = context, .arena = arena};
    struct cw_goal_search search = {.asking = &asking, .goal = goal, .exact = true};
    enum cw_status status = cw_ask_begin(&asking, err);
    if (status != CW_OK)
        return status;
    if (find_base(&search)) {
        prepare(&search);
        search_runs(&search);
    }
    if (search.found)
        return tell(&search, ret, err);
    if (!search.exact)
        return cw_fail(err, CW_E_LIMIT, "configure.not_exact",
                       "there are too many trade-offs to say whether this can be met");
    return cw_fail(err, CW_E_CONFLICT, "configure.goal_unreachable",
                   "no configuration keeps these picks within the price and the day");
}
