/*
 * Of a goal: what each option's values cost in wishes and picks, and the ways in which an option
 * can turn out that such costs cannot tell apart. Server process, any thread.
 */
#include "configure/ask_goal.h"

#include <string.h>

/* ---- sets of an option's own values ---------------------------------------------------------- */

static const struct cw_lowered *lowered_of(const struct cw_goal_search *search) {
    return search->asking->engine->lowered;
}

static const struct cw_option *option_of(const struct cw_goal_search *search, uint32_t option) {
    return &search->asking->engine->product->options[option];
}

static struct cw_goal_own own_of(const struct cw_goal_search *search, uint32_t option) {
    const struct cw_model *model = lowered_of(search)->model;
    struct cw_goal_own own;
    own.vars = cw_ask_vars(lowered_of(search), option, &own.first_var);
    uint32_t last = own.first_var + own.vars - 1;
    own.first_word = model->word_bases[own.first_var];
    own.words = model->word_bases[last] + cw_set_words(model->value_counts[last]) - own.first_word;
    return own;
}

static uint64_t *new_set(const struct cw_goal_search *search, struct cw_goal_own own, bool full) {
    uint64_t *set = cw_arena_array(search->asking->arena, own.words, sizeof *set);
    if (full)
        memcpy(set, search->full + own.first_word, own.words * sizeof *set);
    return set;
}

/* Exactly what is wished for; nothing where an empty set is wished for and one is required. */
static uint64_t *wish_set(const struct cw_goal_search *search, uint32_t option,
                          struct cw_goal_own own) {
    const struct cw_pick *wish = search->wishes[option];
    uint64_t *set = new_set(search, own, /* full: */ true);
    if (cw_lowered_counts(lowered_of(search), wish)) {
        cw_lowered_pick(lowered_of(search), wish, search->scratch);
        memcpy(set, search->scratch + own.first_word, own.words * sizeof *set);
        cw_lowered_free(lowered_of(search), option, search->full, search->scratch);
    } else if (option_of(search, option)->kind == CW_OPTION_TEXT) {
        cw_set_drop(set, 1);
    } else {
        memset(set, 0, own.words * sizeof *set);
    }
    return set;
}

static uint64_t *base_set(const struct cw_goal_search *search, struct cw_goal_own own) {
    const struct cw_model *model = lowered_of(search)->model;
    uint64_t *set = new_set(search, own, /* full: */ false);
    for (uint32_t v = own.first_var; v < own.first_var + own.vars; v++)
        cw_set_add(set + (model->word_bases[v] - own.first_word), search->base[v]);
    return set;
}

static bool base_is_in(const struct cw_goal_search *search, struct cw_goal_own own,
                       const uint64_t *set) {
    const uint64_t *base = base_set(search, own);
    for (uint32_t w = 0; w < own.words; w++)
        if (base[w] & ~set[w])
            return false;
    return true;
}

static uint64_t *all_but(const struct cw_goal_search *search, struct cw_goal_own own,
                         const uint64_t *less) {
    uint64_t *set = new_set(search, own, /* full: */ true);
    for (uint32_t w = 0; w < own.words; w++)
        set[w] &= ~less[w];
    return set;
}

bool cw_goal_is_base(const struct cw_goal_search *search, uint32_t option) {
    struct cw_goal_own own = own_of(search, option);
    return memcmp(search->values + own.first_var, search->base + own.first_var,
                  own.vars * sizeof *search->values) == 0;
}

bool cw_goal_has_wish(const struct cw_goal_search *search, uint32_t option,
                      const struct cw_fact *fact) {
    const struct cw_value *wish = &search->wishes[option]->value;
    switch (option_of(search, option)->kind) {
    case CW_OPTION_TEXT:
        if (!wish->text || !wish->text[0])
            return !fact->present;
        return fact->present && strcmp(fact->value.text, wish->text) == 0;
    case CW_OPTION_MULTI:
        return fact->active && fact->value.multi == wish->multi;
    case CW_OPTION_NUMBER:
        return fact->active && fact->value.number == wish->number;
    default:
        return fact->active && fact->value.choice == wish->choice;
    }
}

/* ---- ways ------------------------------------------------------------------------------------ */

static void add_way(struct cw_goal_split *split, const uint64_t *set, bool unmet, bool picked) {
    split->ways[split->way_count++] = (struct cw_goal_way){set, unmet, picked};
}

/* A multi: its default set, the wished one, or any (which is not cheaper if it is one of these). */
static void split_multi(const struct cw_goal_search *search, const uint64_t *wished,
                        struct cw_goal_split *split) {
    bool same = wished && base_is_in(search, split->own, wished);
    add_way(split, base_set(search, split->own), wished && !same, false);
    if (wished && !same)
        add_way(split, wished, false, true);
    add_way(split, NULL, wished != NULL, true);
}

/* A number or text: as by default, as wished for though no rule can tell, or otherwise. */
static void split_class(const struct cw_goal_search *search, struct cw_goal_split *split) {
    const uint64_t *base = base_set(search, split->own);
    split->by_class = true;
    add_way(split, base, true, false);
    add_way(split, base, false, true);
    add_way(split, all_but(search, split->own, base), true, true);
}

/* A wish when days count as well: met or not; picks are costs of values. */
static void split_wish(const struct cw_goal_search *search, const uint64_t *wished,
                       struct cw_goal_split *split) {
    add_way(split, wished, false, false);
    add_way(split, all_but(search, split->own, wished), true, false);
}

/* 1 for every value outside of the set. */
static void charge(const struct cw_goal_search *search, struct cw_goal_own own, const uint64_t *set,
                   int64_t *costs) {
    const struct cw_model *model = lowered_of(search)->model;
    for (uint32_t x = 0; x < model->value_counts[own.first_var]; x++)
        if (!cw_set_has(set, x))
            costs[model->value_bases[own.first_var] + x] = 1;
}

void cw_goal_look_at(struct cw_goal_search *search, uint32_t option) {
    if (search->asking->picks[option])
        return;
    struct cw_goal_split split = {.option = option, .own = own_of(search, option)};
    const uint64_t *wished = search->wishes[option] ? wish_set(search, option, split.own) : NULL;
    if (option_of(search, option)->kind == CW_OPTION_MULTI) {
        split_multi(search, wished, &split);
    } else if (wished && base_is_in(search, split.own, wished) &&
               !cw_goal_has_wish(search, option, &search->base_facts[option])) {
        split_class(search, &split);
    } else {
        if (wished && search->days_count)
            split_wish(search, wished, &split);
        else if (wished)
            charge(search, split.own, wished, search->unmet);
        if (!option_of(search, option)->derive) /* nobody picks what follows from others */
            charge(search, split.own, base_set(search, split.own), search->changed);
    }
    if (split.way_count > 0)
        search->splits[search->split_count++] = split;
}
