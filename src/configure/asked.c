/*
 * One question: what is available, what is picked, and whether anything is left; from the diagram,
 * or by search within the steps on the SAT tier. It gives no answers and no reasons. Any thread.
 */
#include "configure/engine.h"

#include <string.h>

#include "cordwain/limits.h"

/* Nothing is taken away. */
static bool is_plain(const struct cw_configure_context *context) {
    return !(context->market && context->market[0]) && context->now_ms == 0 &&
           context->overlay_count == 0 && context->sold_out_count == 0;
}

/* Contexts that share a memo differ in nothing that makes things unavailable. */
static const uint64_t *available(const struct cw_engine *engine,
                                 const struct cw_configure_context *context,
                                 struct cw_arena *arena) {
    if (is_plain(context))
        return engine->full;
    if (context->memo && context->memo->found && context->memo->engine == engine)
        return context->memo->available;
    return cw_lowered_available(engine->lowered, context, arena);
}

struct cw_asked *cw_asked_new(const struct cw_engine *engine, const struct cw_selection *selection,
                              const struct cw_configure_context *context, struct cw_arena *arena) {
    const struct cw_product *product = engine->product;
    struct cw_asked *asked = cw_arena_alloc(arena, sizeof *asked);
    asked->engine = engine;
    asked->selection = selection;
    asked->context = context;
    asked->arena = arena;
    asked->steps_left = context->step_budget ? context->step_budget : CW_CONFIGURE_STEPS;
    asked->available = available(engine, context, arena);
    asked->allowed = cw_mask_copy(engine->lowered, asked->available, arena);
    asked->picks = cw_arena_array(arena, product->option_count + 1, sizeof *asked->picks);
    for (size_t i = 0; i < selection->count; i++) {
        const struct cw_pick *pick = &selection->picks[i];
        if (!cw_lowered_counts(engine->lowered, pick))
            continue;
        asked->picks[pick->option] = pick;
        cw_lowered_pick(engine->lowered, pick, asked->allowed);
    }
    return asked;
}

struct cw_ground *cw_asked_ground(struct cw_asked *asked) {
    if (!asked->ground)
        asked->ground = cw_ground_get(asked->engine, asked->available, asked->arena);
    return asked->ground;
}

uint64_t *cw_asked_mask(const struct cw_asked *asked, const uint32_t *options, size_t count) {
    uint64_t *mask = cw_mask_copy(asked->engine->lowered, asked->available, asked->arena);
    for (size_t i = 0; i < count; i++)
        cw_lowered_pick(asked->engine->lowered, asked->picks[options[i]], mask);
    return mask;
}

bool cw_asked_spend(struct cw_asked *asked, uint64_t steps) {
    if (asked->steps_left == 0)
        return false;
    asked->steps_left -= steps < asked->steps_left ? steps : asked->steps_left;
    return true;
}

/* A part of the steps for one of several searches; the whole is never exceeded. */
static uint64_t take_steps(struct cw_asked *asked) {
    uint64_t steps = asked->steps_left / 8 + (asked->steps_left > 0);
    asked->steps_left -= steps;
    return steps;
}

enum cw_verdict cw_asked_feasible(struct cw_asked *asked, const uint64_t *mask) {
    if (asked->engine->diagram) {
        (void)cw_asked_spend(asked, asked->engine->about.node_count / 8 + 1);
        return cw_diagram_feasible(asked->engine->diagram, mask, asked->arena) ? CW_VERDICT_YES
                                                                               : CW_VERDICT_NO;
    }
    struct cw_solve_question question = {.allowed = mask, .steps = take_steps(asked)};
    enum cw_verdict verdict = question.steps == 0
                                  ? CW_VERDICT_UNKNOWN
                                  : cw_solve(asked->engine->index, &question, asked->arena, NULL);
    asked->inexact |= verdict == CW_VERDICT_UNKNOWN;
    return verdict;
}

enum cw_verdict cw_asked_core(struct cw_asked *asked, const uint64_t *mask,
                              struct cw_solve_core *ret) {
    struct cw_solve_question question = {.allowed = mask, .steps = take_steps(asked)};
    *ret = (struct cw_solve_core){0};
    if (question.steps == 0)
        return CW_VERDICT_UNKNOWN;
    return cw_solve_minimal_core(asked->engine->index, &question, asked->engine->structure,
                                 asked->arena, ret);
}
