/*
 * Responsible for: where options stand in the tree of an exported UVL model, and which rules the
 * tree says already. Does not: write (uvl_export.c). Command line.
 */
#include <string.h>

#include "exchange/uvl_export.h"

static uint32_t only_bit(const struct cw_choice_mask *mask) {
    uint32_t found = CW_NONE;
    for (uint32_t i = 0; i < CW_MAX_CHOICES; i++) {
        if (!cw_mask_has(mask, i))
            continue;
        if (found != CW_NONE)
            return CW_NONE;
        found = i;
    }
    return found;
}

/* "This flag is true" or "that option is this choice": its bit, else CW_NONE. */
static uint32_t feature_of(const struct cw_uvl_writer *w, const struct cw_cond *cond) {
    uint32_t bit = cond->kind == CW_COND_IN ? only_bit(&cond->mask) : CW_NONE;
    bool no = bit == 0 && w->product->options[cond->option].kind == CW_OPTION_FLAG;
    return no ? CW_NONE : bit;
}

static bool is_flag(const struct cw_uvl_writer *w, uint32_t o) {
    return w->product->options[o].kind == CW_OPTION_FLAG;
}

/* Below a flag that is true, below one choice, or somewhere by constraint. */
static void place_option(struct cw_uvl_writer *w, uint32_t o) {
    const struct cw_cond *cond = w->product->options[o].active_if;
    struct cw_uvl_place *place = &w->places[o];
    place->parent = place->parent_choice = CW_NONE;
    place->always = cond == NULL;
    if (!cond)
        return;
    uint32_t bit = feature_of(w, cond);
    place->written_out = bit == CW_NONE;
    if (bit == CW_NONE)
        return;
    place->parent = cond->option;
    place->parent_choice = is_flag(w, cond->option) ? CW_NONE : bit;
}

/* ---- what is mandatory ----------------------------------------------------------------------- */

/* Does the condition say that the option's parent is there, as the tree does? */
static bool is_parent(const struct cw_uvl_writer *w, uint32_t o, const struct cw_cond *cond) {
    const struct cw_uvl_place *place = &w->places[o];
    uint32_t bit = feature_of(w, cond);
    return bit != CW_NONE && place->parent == cond->option &&
           place->parent_choice == (is_flag(w, cond->option) ? CW_NONE : bit);
}

/* "The flag is true", or "its parent requires it": the flag is mandatory and the rule is said. */
static void read_mandatory(struct cw_uvl_writer *w, uint32_t r) {
    const struct cw_rule *rule = &w->product->rules[r];
    bool formula = rule->kind == CW_RULE_FORMULA, requires = rule->kind == CW_RULE_REQUIRES;
    if (rule->warning || (!formula && !requires))
        return;
    const struct cw_cond *what = &rule->conds[requires ? 1 : 0];
    if (feature_of(w, what) == CW_NONE || !is_flag(w, what->option))
        return;
    struct cw_uvl_place *place = &w->places[what->option];
    w->said[r] = formula ? place->always : is_parent(w, what->option, &rule->conds[0]);
    place->mandatory = place->mandatory || w->said[r];
}

static bool is_always(const struct cw_uvl_writer *w, uint32_t o) {
    return w->places[o].always && w->places[o].mandatory;
}

/* A first option that is always there, such as an imported model's root, is the root. */
static void find_root(struct cw_uvl_writer *w) {
    w->root_option = w->product->option_count > 0 && is_always(w, 0) ? 0 : CW_NONE;
    for (uint32_t o = 0; o < w->product->option_count && w->root_option != CW_NONE; o++) {
        struct cw_uvl_place *place = &w->places[o];
        if (place->parent == w->root_option) {
            place->parent = CW_NONE;
            place->always = true;
        }
    }
}

/* A choice that is always there stands below a flag of its name that is, too: as its alternatives.
 */
static void adopt_choice(struct cw_uvl_writer *w, uint32_t o) {
    const struct cw_option *options = w->product->options;
    const char *title = cw_l10n_get(&options[o].title, "en");
    if (options[o].kind != CW_OPTION_CHOICE || options[o].active_if)
        return;
    for (uint32_t f = 0; f < w->product->option_count; f++) {
        if (f != w->root_option && is_always(w, f) &&
            strcmp(cw_l10n_get(&options[f].title, "en"), title) == 0) {
            w->places[o].parent = f;
            return;
        }
    }
}

void cw_uvl_place_options(struct cw_uvl_writer *w) {
    w->places = cw_arena_array(w->arena, w->product->option_count + 1, sizeof *w->places);
    w->said = cw_arena_array(w->arena, w->product->rule_count + 1, sizeof *w->said);
    for (uint32_t o = 0; o < w->product->option_count; o++)
        place_option(w, o);
    for (uint32_t r = 0; r < w->product->rule_count; r++)
        read_mandatory(w, r);
    find_root(w);
    for (uint32_t o = 0; o < w->product->option_count; o++)
        adopt_choice(w, o);
}
