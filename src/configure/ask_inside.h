/* Inside the questions of ask.h: what all of them start from. Compiled tier only. */
#pragma once

#include "configure/ask.h"
#include "configure/engine.h"

struct cw_asking {
    const struct cw_engine *engine;
    const struct cw_selection *selection;
    const struct cw_configure_context *context;
    struct cw_arena *arena;
    /* by cw_ask_begin */
    const uint64_t *available;    /* by market, date, overlays, stock */
    uint64_t *allowed;            /* available and picked */
    const struct cw_pick **picks; /* per option: the pick that fixes something, or NULL */
};

/* CW_E_LIMIT "configure.not_exact" on the SAT tier. */
enum cw_status cw_ask_begin(struct cw_asking *asking, struct cw_error *err) CW_MUST_USE;

/* Is there a configuration with the picks? */
bool cw_ask_feasible(const struct cw_asking *asking);

/* The sum of costs over a complete assignment. */
int64_t cw_ask_sum(const struct cw_asking *asking, const int64_t *costs, const uint32_t *values);
/* Total in the context's quantity, working days. */
int64_t cw_ask_total(const struct cw_asking *asking, const uint32_t *values);
int32_t cw_ask_days(const struct cw_asking *asking, const uint32_t *values);

/* The same costs with 0 for the cheapest value of each variable: sums stay within the span, however
 * large amounts are. A new array in the arena. */
int64_t *cw_ask_shifted(const struct cw_asking *asking, const int64_t *costs);

/* CW_E_BUG "configure.disagreement" when the raw rules refuse the facts. */
enum cw_status cw_ask_check(const struct cw_asking *asking, const struct cw_fact *facts,
                            struct cw_error *err) CW_MUST_USE;
/* Facts of a complete assignment, texts and steps as in `selection`; checked. */
enum cw_status cw_ask_facts(const struct cw_asking *asking, const uint32_t *values,
                            const struct cw_selection *selection, struct cw_fact **ret_facts,
                            struct cw_error *err) CW_MUST_USE;

static inline uint64_t *cw_ask_copy(const struct cw_asking *asking, const uint64_t *mask) {
    uint32_t words = asking->engine->lowered->model->word_count;
    uint64_t *copy = cw_arena_array(asking->arena, words, sizeof *copy);
    for (uint32_t w = 0; w < words; w++)
        copy[w] = mask[w];
    return copy;
}

/* The first variable of an option and how many lie together from there (a MULTI's members, then its
 * activity). */
static inline uint32_t cw_ask_vars(const struct cw_lowered *lowered, uint32_t option,
                                   uint32_t *ret_first) {
    const struct cw_option *o = &lowered->product->options[option];
    *ret_first = lowered->options[option].var;
    return o->kind == CW_OPTION_MULTI
               ? (uint32_t)o->choice_count + (lowered->options[option].active_var != CW_NONE)
               : 1;
}

/* Has the assignment, in all variables of the option, a value the mask allows? */
bool cw_ask_within(const struct cw_asking *asking, uint32_t option, const uint64_t *mask,
                   const uint32_t *values);
