/*
 * Masks over a lowered product's values: what circumstances leave, what a pick leaves. It asks no
 * rule. Server process, any thread.
 */
#include "configure/lower.h"

#include <string.h>

#include "configure/available.h"

static uint64_t *set_of(const struct cw_lowered *lowered, uint64_t *mask, uint32_t var) {
    return mask + lowered->model->word_bases[var];
}

struct cw_lowered_value cw_lowered_choice(const struct cw_lowered *lowered, uint32_t option,
                                          uint32_t choice) {
    uint32_t var = lowered->options[option].var;
    return lowered->product->options[option].kind == CW_OPTION_MULTI
               ? (struct cw_lowered_value){var + choice, 1}
               : (struct cw_lowered_value){var, choice};
}

/* ---- circumstances --------------------------------------------------------------------------- */

static void take_away(const struct cw_lowered *lowered, uint64_t *mask, uint32_t option,
                      uint32_t choice) {
    struct cw_lowered_value value = cw_lowered_choice(lowered, option, choice);
    cw_set_drop(set_of(lowered, mask, value.var), value.value);
}

static void take_limited(const struct cw_lowered *lowered, uint64_t *mask,
                         const struct cw_limited *limited,
                         const struct cw_configure_context *context) {
    for (size_t i = 0; i < limited->count; i++) {
        struct cw_choice_ref at = limited->items[i];
        if (!cw_choice_available(&lowered->product->options[at.option].choices[at.choice], context))
            take_away(lowered, mask, at.option, at.choice);
    }
}

static void apply_overlay(const struct cw_lowered *lowered, uint64_t *mask,
                          const struct cw_overlay_item *item) {
    const struct cw_option *option = &lowered->product->options[item->option];
    for (uint32_t c = 0; c < cw_choices_of(option); c++)
        if (cw_mask_has(&item->mask, c))
            take_away(lowered, mask, item->option, c);
}

static void apply_overlays(const struct cw_lowered *lowered, uint64_t *mask,
                           const struct cw_configure_context *context) {
    const struct cw_product *product = lowered->product;
    for (size_t n = 0; n < context->overlay_count; n++)
        for (size_t o = 0; o < product->overlay_count; o++) {
            const struct cw_overlay *overlay = &product->overlays[o];
            if (strcmp(overlay->id, context->overlays[n]) != 0)
                continue;
            for (size_t i = 0; i < overlay->item_count; i++)
                apply_overlay(lowered, mask, &overlay->items[i]);
        }
}

uint64_t *cw_lowered_available(const struct cw_lowered *lowered,
                               const struct cw_configure_context *context, struct cw_arena *arena) {
    uint64_t *mask = cw_model_full_mask(lowered->model, arena);
    take_limited(lowered, mask, &lowered->limited, context);
    if (context->sold_out_count > 0)
        take_limited(lowered, mask, &lowered->stocked, context);
    apply_overlays(lowered, mask, context);
    return mask;
}

/* ---- picks ----------------------------------------------------------------------------------- */

/* The value for a single variable; CW_NONE when no value is it. */
static uint32_t value_for(const struct cw_lowered *lowered, const struct cw_pick *pick) {
    const struct cw_option *option = &lowered->product->options[pick->option];
    const struct cw_lowered_option *own = &lowered->options[pick->option];
    if (option->kind == CW_OPTION_TEXT)
        return 1;
    if (option->kind != CW_OPTION_NUMBER)
        return pick->value.choice;
    uint32_t low = 0, high = own->class_count;
    if (pick->value.number < own->class_first[0] || pick->value.number >= own->class_first[high])
        return CW_NONE;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (own->class_first[middle] <= pick->value.number)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static void keep_only(const struct cw_lowered *lowered, uint64_t *mask, uint32_t var,
                      uint32_t value) {
    uint64_t *set = set_of(lowered, mask, var);
    bool has = value < lowered->model->value_counts[var] && cw_set_has(set, value);
    memset(set, 0, cw_set_words(lowered->model->value_counts[var]) * sizeof *set);
    if (has)
        cw_set_add(set, value);
}

bool cw_lowered_counts(const struct cw_lowered *lowered, const struct cw_pick *pick) {
    const struct cw_option *option = &lowered->product->options[pick->option];
    if (option->kind == CW_OPTION_TEXT)
        return pick->value.text && pick->value.text[0];
    return option->kind != CW_OPTION_MULTI || !option->required || pick->value.multi;
}

void cw_lowered_pick(const struct cw_lowered *lowered, const struct cw_pick *pick, uint64_t *mask) {
    const struct cw_option *option = &lowered->product->options[pick->option];
    const struct cw_lowered_option *own = &lowered->options[pick->option];
    if (!cw_lowered_counts(lowered, pick))
        return;
    if (option->kind != CW_OPTION_MULTI) {
        keep_only(lowered, mask, own->var, value_for(lowered, pick));
        return;
    }
    for (uint32_t c = 0; c < option->choice_count; c++)
        keep_only(lowered, mask, own->var + c, pick->value.multi >> c & 1);
    if (own->active_var != CW_NONE)
        keep_only(lowered, mask, own->active_var, 1);
}

void cw_lowered_free(const struct cw_lowered *lowered, uint32_t option, const uint64_t *from,
                     uint64_t *mask) {
    const struct cw_option *o = &lowered->product->options[option];
    const struct cw_lowered_option *own = &lowered->options[option];
    uint32_t count =
        o->kind == CW_OPTION_MULTI ? (uint32_t)o->choice_count + (own->active_var != CW_NONE) : 1;
    for (uint32_t var = own->var; var < own->var + count; var++) {
        uint32_t base = lowered->model->word_bases[var];
        memcpy(mask + base, from + base,
               cw_set_words(lowered->model->value_counts[var]) * sizeof *mask);
    }
}
