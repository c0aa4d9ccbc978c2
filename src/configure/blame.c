/*
 * Blame: which rule and which pick make a choice impossible. A choice that nothing could save names
 * its rule alone; a single pick that refutes it is named before several together, and one that a
 * rule joins with it before others; else the conflict of the picks themselves. What a single value
 * refutes is worked out once (ground.c), where the product is small enough for that; else the
 * reason is read off a propagation. Nothing is named that does not take part. Server process, any
 * thread.
 */
#include "configure/engine.h"

#include <stdatomic.h>
#include <string.h>

#include "configure/resolve.h"
#include "cordwain/limits.h"

struct wanted {
    uint32_t option, choice;
    struct cw_lowered_value value;
    bool done;
    bool near;
    uint32_t by; /* option of the pick, or CW_NONE */
    struct cw_lowered_value by_value;
    struct cw_refuted *refuted;
};

/* Picks that conflict by themselves refute every choice of other options. */
struct reason {
    struct cw_clash clash;
    uint32_t origin, by;
    const uint64_t *spared; /* what the others of them leave; NULL: not known */
};

struct blamer {
    struct cw_asked *asked;
    const struct cw_lowered *lowered;
    struct cw_arena *arena;
    struct cw_option_answer *answers;
    bool consistent;
    struct wanted *items;
    size_t count, open;
    uint32_t *slots; /* per value: index of its item, plus one */
    bool clashed;    /* `whole` was found */
    struct reason whole, other;
    uint32_t other_of;    /* option without whose pick `other` is, or CW_NONE */
    bool *origins, *vars; /* scratch of a propagation's blame */
};

static struct cw_choice_answer *answer_of(const struct blamer *blamer, const struct wanted *item) {
    return (struct cw_choice_answer *)&blamer->answers[item->option].choices[item->choice];
}

static void settle(struct blamer *blamer, struct wanted *item, uint32_t origin, uint32_t by) {
    struct cw_choice_answer *answer = answer_of(blamer, item);
    blamer->open -= !item->done;
    item->done = true;
    answer->reason_option = by;
    if (origin >= CW_ORIGIN_OPEN)
        return;
    const struct cw_origin *named = &blamer->lowered->origins[origin];
    if (named->kind == CW_ORIGIN_RULE)
        answer->reason_rule = named->rule;
    answer->only_if = named->kind == CW_ORIGIN_ONLY_IF && named->option == item->option &&
                      named->choice == item->choice;
}

/* ---- which rule of several ------------------------------------------------------------------- */

static bool speaks_of(const struct blamer *blamer, const struct cw_origin *origin,
                      uint32_t option) {
    if (origin->kind == CW_ORIGIN_RULE)
        return cw_rule_involves(&blamer->lowered->product->rules[origin->rule], option);
    return origin->option == option;
}

/* A rule that speaks of the option, its own onlyIf, any rule, anything. */
static int rank(const struct blamer *blamer, uint32_t index, uint32_t option) {
    const struct cw_origin *origin = &blamer->lowered->origins[index];
    bool near = option != CW_NONE && speaks_of(blamer, origin, option);
    if (origin->kind == CW_ORIGIN_RULE)
        return near ? 4 : 2;
    if (origin->kind == CW_ORIGIN_ONLY_IF)
        return near ? 3 : 1;
    return 0;
}

static uint32_t best_origin(const struct blamer *blamer, const struct cw_solve_core *core,
                            uint32_t option) {
    uint32_t best = CW_ORIGIN_NONE;
    for (size_t i = 0; i < core->count; i++)
        if (best == CW_ORIGIN_NONE ||
            rank(blamer, core->origins[i], option) > rank(blamer, best, option))
            best = core->origins[i];
    return best;
}

/* The rule that refutes a mask. Only of a minimal set is each member to blame: OPEN when the steps
 * did not suffice to find one. */
static uint32_t find_origin(struct blamer *blamer, const uint64_t *mask, uint32_t option) {
    struct cw_solve_core core;
    if (cw_asked_core(blamer->asked, mask, &core) != CW_VERDICT_YES)
        return CW_ORIGIN_OPEN;
    return best_origin(blamer, &core, option);
}

/* ---- dead whatever is picked ----------------------------------------------------------------- */

static uint32_t cause_origin(const struct blamer *blamer, uint32_t cause) {
    if (cause == CW_MODEL_NO_CAUSE)
        return CW_ORIGIN_OPEN;
    uint32_t origin = blamer->lowered->model->constraints[cause].origin;
    return blamer->asked->engine->structure[origin] ? CW_ORIGIN_OPEN : origin;
}

/* Propagation first; a small product keeps what it took a search to find. */
static uint32_t dead_origin(struct blamer *blamer, const struct wanted *item) {
    const struct cw_engine *engine = blamer->asked->engine;
    struct cw_ground *ground = blamer->asked->ground;
    uint32_t origin =
        cause_origin(blamer, ground->causes[cw_value_index(blamer->lowered, item->value)]);
    if (origin != CW_ORIGIN_OPEN || !cw_engine_is_small(engine))
        return origin;
    struct cw_lone *lone = cw_ground_lone(engine, ground, item->value, blamer->arena);
    origin = atomic_load(&lone->origin);
    if (origin != CW_ORIGIN_OPEN)
        return origin;
    uint64_t *mask = cw_mask_copy(blamer->lowered, ground->available, blamer->arena);
    cw_mask_pin(blamer->lowered, mask, item->value);
    origin = find_origin(blamer, mask, item->option);
    atomic_store(&lone->origin, origin);
    return origin;
}

/* Nothing is left here and now: one reason for all. */
static void blame_void(struct blamer *blamer) {
    const struct cw_ground *ground = blamer->asked->ground;
    uint32_t origin = cause_origin(blamer, ground->failed);
    if (origin == CW_ORIGIN_OPEN)
        origin = find_origin(blamer, ground->available, CW_NONE);
    for (size_t i = 0; i < blamer->count; i++)
        settle(blamer, &blamer->items[i], origin, CW_NONE);
}

static void blame_dead(struct blamer *blamer) {
    const struct cw_ground *ground = blamer->asked->ground;
    for (size_t i = 0; i < blamer->count; i++) {
        struct wanted *item = &blamer->items[i];
        if (cw_mask_allows(blamer->lowered, ground->domains, item->value))
            continue;
        uint32_t origin = dead_origin(blamer, item);
        if (origin != CW_ORIGIN_OPEN || cw_engine_is_small(blamer->asked->engine))
            settle(blamer, item, origin, CW_NONE);
    }
}

/* ---- a single pick --------------------------------------------------------------------------- */

static void note_refuted(struct blamer *blamer, uint32_t by, struct cw_lowered_value value) {
    struct cw_lone *lone =
        cw_ground_lone(blamer->asked->engine, blamer->asked->ground, value, blamer->arena);
    for (uint32_t i = 0; i < lone->count; i++) {
        struct cw_refuted *refuted = &lone->items[i];
        uint32_t slot = blamer->slots[refuted->value];
        struct wanted *item = slot ? &blamer->items[slot - 1] : NULL;
        if (!item || item->done || (item->refuted && (item->near || !refuted->near)))
            continue;
        item->by = by;
        item->by_value = value;
        item->near = refuted->near;
        item->refuted = refuted;
    }
}

/* A set refutes as a whole what none of its members does. */
static void blame_set(struct blamer *blamer, uint32_t option) {
    const struct cw_engine *engine = blamer->asked->engine;
    const uint64_t *mask = cw_asked_mask(blamer->asked, &option, 1);
    uint64_t *left =
        cw_arena_array(blamer->arena, blamer->lowered->model->word_count + 1, sizeof *left);
    struct cw_diagram_scope scope = {mask, mask};
    if (!cw_diagram_domains(engine->diagram, &scope, blamer->arena, left))
        return; /* the set is dead itself */
    for (size_t i = 0; i < blamer->count; i++) {
        struct wanted *item = &blamer->items[i];
        if (item->done || item->option == option ||
            cw_mask_allows(blamer->lowered, left, item->value))
            continue;
        uint64_t *with = cw_mask_copy(blamer->lowered, mask, blamer->arena);
        cw_mask_pin(blamer->lowered, with, item->value);
        settle(blamer, item, find_origin(blamer, with, item->option), option);
    }
}

static void blame_single(struct blamer *blamer) {
    const struct cw_asked *asked = blamer->asked;
    struct cw_lowered_value value;
    for (size_t i = 0; i < asked->selection->count; i++) {
        uint32_t option = asked->selection->picks[i].option;
        if (!asked->picks[option])
            continue;
        for (uint32_t k = 0; k < cw_option_vars(blamer->lowered, option); k++)
            if (cw_asked_value(asked, cw_option_var(blamer->lowered, option, k), &value))
                note_refuted(blamer, option, value);
    }
    for (size_t i = 0; i < blamer->count; i++) {
        struct wanted *item = &blamer->items[i];
        if (item->done || !item->refuted)
            continue;
        uint32_t origin = atomic_load(&item->refuted->origin);
        if (origin == CW_ORIGIN_OPEN) {
            uint64_t *mask = cw_mask_copy(blamer->lowered, asked->available, blamer->arena);
            cw_mask_pin(blamer->lowered, mask, item->by_value);
            cw_mask_pin(blamer->lowered, mask, item->value);
            origin = find_origin(blamer, mask, item->option);
            atomic_store(&item->refuted->origin, origin);
        }
        settle(blamer, item, origin, item->by);
    }
    for (size_t i = 0; i < asked->selection->count && blamer->open > 0; i++) {
        uint32_t option = asked->selection->picks[i].option;
        if (asked->picks[option] &&
            blamer->lowered->product->options[option].kind == CW_OPTION_MULTI)
            blame_set(blamer, option);
    }
}

/* ---- picks that conflict by themselves ------------------------------------------------------- */

/* The pick whose own onlyIf is broken tells more than the one it is broken by. */
static uint32_t clash_pick(const struct blamer *blamer, const struct cw_clash *clash,
                           uint32_t origin) {
    uint32_t first = clash->pick_count > 0 ? clash->picks[0] : CW_NONE;
    if (origin >= CW_ORIGIN_OPEN)
        return first;
    const struct cw_origin *named = &blamer->lowered->origins[origin];
    for (size_t i = 0; i < clash->pick_count; i++)
        if (speaks_of(blamer, named, clash->picks[i]))
            return clash->picks[i];
    return first;
}

/* Where propagation of the mask fails, else the rule of a minimal set that refutes it. */
static uint32_t refuting_origin(struct blamer *blamer, const uint64_t *mask) {
    struct cw_solve_question question = {.allowed = mask, .steps = CW_CONFIGURE_STEPS};
    struct cw_solve_left left = {0};
    uint32_t origin = CW_ORIGIN_OPEN;
    if (!cw_solve_propagate(blamer->asked->engine->index, &question, blamer->arena, &left))
        origin = cause_origin(blamer, left.failed);
    return origin == CW_ORIGIN_OPEN ? find_origin(blamer, mask, CW_NONE) : origin;
}

/* What the picks leave without one of them: a choice that is there is refuted with its help. */
static const uint64_t *find_spared(struct blamer *blamer, const struct cw_clash *clash,
                                   uint32_t by) {
    const struct cw_engine *engine = blamer->asked->engine;
    if (!engine->diagram || clash->pick_count < 2)
        return NULL;
    uint32_t *others = cw_arena_array(blamer->arena, clash->pick_count, sizeof *others);
    size_t count = 0;
    for (size_t i = 0; i < clash->pick_count; i++)
        if (clash->picks[i] != by)
            others[count++] = clash->picks[i];
    const uint64_t *mask = cw_asked_mask(blamer->asked, others, count);
    struct cw_diagram_scope scope = {mask, mask};
    uint64_t *spared =
        cw_arena_array(blamer->arena, blamer->lowered->model->word_count + 1, sizeof *spared);
    (void)cw_diagram_domains(engine->diagram, &scope, blamer->arena, spared);
    return spared;
}

/* One conflict among the picks, and what it says about choices. */
static void find_reason(struct blamer *blamer, uint32_t without, struct reason *ret) {
    struct cw_asked *asked = blamer->asked;
    struct cw_clash clash;
    cw_asked_clash(asked, without, &clash);
    ret->origin = refuting_origin(blamer, cw_asked_mask(asked, clash.picks, clash.pick_count));
    ret->by = clash_pick(blamer, &clash, ret->origin);
    ret->clash = clash;
    ret->spared = find_spared(blamer, &clash, ret->by);
}

static bool is_in(const struct cw_clash *clash, uint32_t option) {
    for (size_t i = 0; i < clash->pick_count; i++)
        if (clash->picks[i] == option)
            return true;
    return false;
}

/* The picks conflict without the item's own. False: a part of the conflict refutes the choice by
 * itself, and the pick to be named might not be in it. */
static bool blame_clash(struct blamer *blamer, struct wanted *item) {
    struct reason *reason = &blamer->whole;
    if (!blamer->clashed)
        find_reason(blamer, CW_NONE, reason);
    blamer->clashed = true;
    if (is_in(&reason->clash, item->option)) {
        reason = &blamer->other;
        if (blamer->other_of != item->option)
            find_reason(blamer, item->option, reason);
        blamer->other_of = item->option;
    }
    if (reason->spared && !cw_mask_allows(blamer->lowered, reason->spared, item->value))
        return false;
    settle(blamer, item, reason->origin, reason->by);
    return true;
}

/* ---- several picks --------------------------------------------------------------------------- */

static uint64_t *without_own(const struct blamer *blamer, uint32_t option) {
    const struct cw_asked *asked = blamer->asked;
    uint64_t *mask = cw_mask_copy(blamer->lowered, asked->allowed, blamer->arena);
    if (asked->picks[option])
        cw_lowered_free(blamer->lowered, option, asked->available, mask);
    return mask;
}

/*
 * What these picks remove in a propagation they remove together, and the rule that did it is known.
 * The same pick is named for all that it is needed for: nothing else is sure to take part.
 */
static bool share(struct blamer *blamer, const struct cw_clash *clash, struct wanted *item) {
    struct cw_asked *asked = blamer->asked;
    struct cw_solve_question question = {.allowed =
                                             cw_asked_mask(asked, clash->picks, clash->pick_count),
                                         .steps = CW_CONFIGURE_STEPS};
    struct cw_solve_left left = {0};
    if (!cw_solve_propagate(asked->engine->index, &question, blamer->arena, &left))
        return false;
    uint32_t origin =
        cause_origin(blamer, left.causes[cw_value_index(blamer->lowered, item->value)]);
    if (origin == CW_ORIGIN_OPEN)
        return false;
    uint32_t by = clash_pick(blamer, clash, origin);
    settle(blamer, item, origin, by);
    const uint64_t *spared = find_spared(blamer, clash, by);
    for (size_t i = 0; spared && i < blamer->count; i++) {
        struct wanted *each = &blamer->items[i];
        origin = cause_origin(blamer, left.causes[cw_value_index(blamer->lowered, each->value)]);
        if (!each->done && origin != CW_ORIGIN_OPEN && !is_in(clash, each->option) &&
            cw_mask_allows(blamer->lowered, spared, each->value))
            settle(blamer, each, origin, by);
    }
    return true;
}

static void blame_several(struct blamer *blamer, struct wanted *item) {
    struct cw_asked *asked = blamer->asked;
    const struct cw_selection *selection = asked->selection;
    uint64_t *mask = cw_mask_copy(blamer->lowered, asked->available, blamer->arena);
    struct cw_clash clash = {0};
    uint32_t *options = cw_arena_array(blamer->arena, selection->count + 1, sizeof *options);
    cw_mask_pin(blamer->lowered, mask, item->value);
    for (size_t i = 0; i < selection->count; i++)
        if (asked->picks[selection->picks[i].option] && selection->picks[i].option != item->option)
            options[clash.pick_count++] = selection->picks[i].option;
    clash.picks = options;
    if (!cw_asked_refuters(asked, mask, options, &clash.pick_count)) {
        settle(blamer, item, CW_ORIGIN_NONE, CW_NONE);
        return;
    }
    if (share(blamer, &clash, item))
        return;
    uint64_t *refuting = cw_asked_mask(asked, options, clash.pick_count);
    cw_mask_pin(blamer->lowered, refuting, item->value);
    uint32_t origin = find_origin(blamer, refuting, item->option);
    settle(blamer, item, origin, clash_pick(blamer, &clash, origin));
}

/* ---- read off a propagation ------------------------------------------------------------------ */

/* What the contradiction rests on: a rule near the choice, and a pick near that rule. */
static void settle_flagged(struct blamer *blamer, struct wanted *item) {
    const struct cw_asked *asked = blamer->asked;
    uint32_t origin = CW_ORIGIN_NONE, by = CW_NONE;
    bool by_near = false;
    for (uint32_t i = 0; i < blamer->lowered->origin_count; i++)
        if (blamer->origins[i] && !asked->engine->structure[i] &&
            (origin == CW_ORIGIN_NONE ||
             rank(blamer, i, item->option) > rank(blamer, origin, item->option)))
            origin = i;
    for (size_t i = 0; i < asked->selection->count && !by_near; i++) {
        uint32_t option = asked->selection->picks[i].option;
        bool taken = false;
        for (uint32_t k = 0; asked->picks[option] && option != item->option &&
                             k < cw_option_vars(blamer->lowered, option);
             k++)
            taken |= blamer->vars[cw_option_var(blamer->lowered, option, k)];
        by_near = taken && origin != CW_ORIGIN_NONE &&
                  speaks_of(blamer, &blamer->lowered->origins[origin], option);
        if (taken && (by == CW_NONE || by_near))
            by = option;
    }
    settle(blamer, item, origin, by);
}

static void keep_picks(const struct blamer *blamer, struct cw_solve_state *state,
                       uint32_t without) {
    const struct cw_asked *asked = blamer->asked;
    for (size_t i = 0; i < asked->selection->count; i++) {
        uint32_t option = asked->selection->picks[i].option;
        if (!asked->picks[option] || option == without)
            continue;
        for (uint32_t k = 0; k < cw_option_vars(blamer->lowered, option); k++) {
            uint32_t var = cw_option_var(blamer->lowered, option, k);
            if (!cw_solve_state_keep(state, var,
                                     asked->allowed + blamer->lowered->model->word_bases[var]))
                return;
        }
    }
}

/* The state holds the picks, without the option's own. */
static void blame_read(struct blamer *blamer, struct cw_solve_state *state, struct wanted *item) {
    const struct cw_model *model = blamer->lowered->model;
    uint32_t words = cw_set_words(model->value_counts[item->value.var]);
    uint64_t *set = cw_arena_array(blamer->arena, words, sizeof *set);
    size_t mark = cw_solve_state_mark(state);
    if (!cw_asked_spend(blamer->asked, (model->var_count + blamer->lowered->origin_count) / 64))
        return;
    cw_set_add(set, item->value.value);
    if (cw_solve_state_holds(state) && cw_solve_state_keep(state, item->value.var, set)) {
        cw_solve_state_undo(state, mark);
        return;
    }
    memset(blamer->origins, 0, blamer->lowered->origin_count);
    memset(blamer->vars, 0, model->var_count);
    cw_solve_state_blame(state, blamer->origins, blamer->vars);
    cw_solve_state_undo(state, mark);
    settle_flagged(blamer, item);
}

/* Unpicked options share one propagation; each picked one has its own pick taken back. Items are
 * in product order. */
static void blame_by_reading(struct blamer *blamer) {
    const struct cw_asked *asked = blamer->asked;
    struct cw_solve_question question = {.allowed = asked->available, .steps = asked->steps_left};
    struct cw_solve_state *state =
        cw_solve_state_new(asked->engine->index, &question, blamer->arena);
    size_t root = cw_solve_state_mark(state);
    blamer->origins =
        cw_arena_array(blamer->arena, blamer->lowered->origin_count + 1, sizeof(bool));
    blamer->vars =
        cw_arena_array(blamer->arena, blamer->lowered->model->var_count + 1, sizeof(bool));
    if (!cw_solve_state_holds(state))
        return;
    keep_picks(blamer, state, CW_NONE);
    for (size_t i = 0; i < blamer->count; i++)
        if (!blamer->items[i].done && !asked->picks[blamer->items[i].option])
            blame_read(blamer, state, &blamer->items[i]);
    uint32_t without = CW_NONE;
    for (size_t i = 0; i < blamer->count; i++) {
        struct wanted *item = &blamer->items[i];
        if (item->done || !asked->picks[item->option])
            continue;
        if (item->option != without) {
            without = item->option;
            cw_solve_state_undo(state, root);
            keep_picks(blamer, state, without);
        }
        blame_read(blamer, state, item);
    }
}

/* ---- all ------------------------------------------------------------------------------------- */

static void want(struct blamer *blamer, uint32_t option, uint32_t choice) {
    blamer->items[blamer->count++] =
        (struct wanted){.option = option,
                        .choice = choice,
                        .by = CW_NONE,
                        .value = cw_lowered_choice(blamer->lowered, option, choice)};
}

static size_t impossible_choices(const struct blamer *blamer) {
    size_t count = 0;
    for (size_t o = 0; o < blamer->lowered->product->option_count; o++)
        for (size_t c = 0; c < blamer->answers[o].choice_count; c++)
            count += blamer->answers[o].choices[c].state == CW_CHOICE_IMPOSSIBLE;
    return count;
}

static void collect(struct blamer *blamer) {
    const struct cw_product *product = blamer->lowered->product;
    blamer->items =
        cw_arena_array(blamer->arena, impossible_choices(blamer) + 1, sizeof *blamer->items);
    for (uint32_t o = 0; o < product->option_count; o++) {
        const struct cw_choice_answer *choices = blamer->answers[o].choices;
        for (uint32_t c = 0, end = (uint32_t)blamer->answers[o].choice_count; c < end; c++)
            if (choices[c].state == CW_CHOICE_IMPOSSIBLE)
                want(blamer, o, c);
    }
    blamer->open = blamer->count;
    if (blamer->count == 0)
        return;
    blamer->slots = cw_arena_array(blamer->arena, blamer->lowered->model->value_count + 1,
                                   sizeof *blamer->slots);
    for (uint32_t i = 0; i < blamer->count; i++)
        blamer->slots[cw_value_index(blamer->lowered, blamer->items[i].value)] = i + 1;
}

static void blame_rest(struct blamer *blamer) {
    struct cw_asked *asked = blamer->asked;
    uint32_t judged = CW_NONE;
    bool clashes = false;
    for (size_t i = 0; i < blamer->count && blamer->open > 0; i++) {
        struct wanted *item = &blamer->items[i];
        if (item->done)
            continue;
        if (!asked->picks[item->option]) {
            clashes = !blamer->consistent;
        } else if (judged != item->option) {
            clashes = !blamer->consistent &&
                      cw_asked_feasible(asked, without_own(blamer, item->option)) == CW_VERDICT_NO;
            judged = item->option;
        }
        if ((!clashes || !blame_clash(blamer, item)) && asked->steps_left > 0)
            blame_several(blamer, item);
    }
}

void cw_asked_blame(struct cw_asked *asked, bool consistent, struct cw_option_answer *answers) {
    struct blamer blamer = {.asked = asked,
                            .lowered = asked->engine->lowered,
                            .arena = asked->arena,
                            .answers = answers,
                            .other_of = CW_NONE,
                            .consistent = consistent};
    collect(&blamer);
    if (blamer.count == 0)
        return;
    if (!cw_asked_ground(asked)->possible) {
        blame_void(&blamer);
        return;
    }
    blame_dead(&blamer);
    if (blamer.open > 0 && cw_engine_is_small(asked->engine))
        blame_single(&blamer);
    else if (blamer.open > 0)
        blame_by_reading(&blamer);
    blame_rest(&blamer);
}
