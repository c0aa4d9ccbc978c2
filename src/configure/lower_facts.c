/*
 * From a complete assignment of a lowered product's variables back to facts. Server process, any
 * thread.
 */
#include "configure/lower.h"

static int64_t number_in(const struct cw_lowered *lowered, uint32_t option, uint32_t value,
                         const struct cw_pick *pick) {
    const struct cw_option *o = &lowered->product->options[option];
    int64_t first = lowered->options[option].class_first[value];
    int64_t end = lowered->options[option].class_first[value + 1];
    if (pick && pick->value.number >= first && pick->value.number < end)
        return pick->value.number;
    bool fits = o->default_number >= first && o->default_number < end &&
                (o->default_number - o->number_min) % o->number_step == 0;
    return fits ? o->default_number : first;
}

static const char *text_of(const struct cw_option *option, const struct cw_pick *pick) {
    if (pick && pick->value.text && pick->value.text[0])
        return pick->value.text;
    return option->default_text ? option->default_text : "";
}

static struct cw_fact multi_fact(const struct cw_lowered *lowered, uint32_t option,
                                 const uint32_t *values) {
    const struct cw_lowered_option *own = &lowered->options[option];
    struct cw_fact fact = {.value.text = ""};
    fact.active = own->active_var == CW_NONE || values[own->active_var] == 1;
    for (uint32_t c = 0; c < lowered->product->options[option].choice_count; c++)
        fact.value.multi |= (uint64_t)(values[own->var + c] == 1) << c;
    return fact;
}

static struct cw_fact fact_of(const struct cw_lowered *lowered, uint32_t option,
                              const uint32_t *values, const struct cw_pick *pick) {
    const struct cw_option *o = &lowered->product->options[option];
    const struct cw_lowered_option *own = &lowered->options[option];
    struct cw_fact fact = {.active = true, .value.text = ""};
    if (o->kind == CW_OPTION_MULTI)
        return multi_fact(lowered, option, values);
    uint32_t value = values[own->var];
    if (value == own->inactive)
        return (struct cw_fact){.value.text = ""};
    if (o->kind == CW_OPTION_NUMBER) {
        fact.value.number = number_in(lowered, option, value, pick);
    } else if (o->kind == CW_OPTION_TEXT) {
        fact.present = value == 1;
        fact.value.text = fact.present ? text_of(o, pick) : "";
    } else {
        fact.value.choice = value;
    }
    return fact;
}

struct cw_fact *cw_lowered_facts(const struct cw_lowered *lowered, const uint32_t *values,
                                 const struct cw_selection *selection, struct cw_arena *arena) {
    size_t count = lowered->product->option_count, at = 0;
    struct cw_fact *facts = cw_arena_array(arena, count + 1, sizeof *facts);
    for (uint32_t o = 0; o < count; o++) {
        while (at < selection->count && selection->picks[at].option < o)
            at++;
        bool picked = at < selection->count && selection->picks[at].option == o;
        facts[o] = fact_of(lowered, o, values, picked ? &selection->picks[at] : NULL);
    }
    return facts;
}
