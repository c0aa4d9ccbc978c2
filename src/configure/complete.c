/*
 * Completion: the preferred way to fill in what is not picked, and plain defaults for selections no
 * rule can be asked about. Server process, any thread.
 */
#include "configure/configure.h"

#include "configure/engine.h"
#include "configure/facts.h"

enum cw_status cw_complete(const struct cw_engine *engine, const struct cw_selection *selection,
                           const struct cw_configure_context *context, struct cw_arena *arena,
                           struct cw_selection *ret, struct cw_error *err) {
    struct cw_search *search = cw_search_new(engine, selection, context, arena);
    enum cw_found found = CW_FOUND_NONE;
    if (cw_search_root(search) && cw_search_pick(search, selection, CW_NONE))
        found = cw_search_all(search, search->steps_left);
    if (found == CW_FOUND_UNKNOWN)
        return cw_fail(err, CW_E_LIMIT, "configure.budget",
                       "this selection takes too long to complete");
    if (found == CW_FOUND_NONE)
        return cw_fail(err, CW_E_CONFLICT, "configure.inconsistent",
                       "these choices cannot be combined");
    struct cw_fact *facts = cw_arena_array(arena, engine->option_count + 1, sizeof *facts);
    cw_search_facts(search, search->domains, facts);
    cw_facts_selection(engine->product, facts, arena, ret);
    return CW_OK;
}

static struct cw_value default_value(const struct cw_option *option) {
    return (struct cw_value){.choice = option->default_choice,
                             .multi = option->default_multi,
                             .number = option->default_number,
                             .text = option->default_text ? option->default_text : ""};
}

/* Activity follows the values, round by round; at most one round per option. */
static void activate(const struct cw_product *product, struct cw_fact *facts) {
    bool changed = true;
    for (size_t round = 0; changed && round < product->option_count; round++) {
        changed = false;
        for (size_t o = 0; o < product->option_count; o++) {
            if (facts[o].active || !cw_facts_hold(product, facts, product->options[o].active_if))
                continue;
            facts[o].active = changed = true;
        }
    }
}

void cw_defaults_fill(const struct cw_product *product, const struct cw_selection *selection,
                      struct cw_arena *arena, struct cw_selection *ret) {
    struct cw_fact *facts = cw_arena_array(arena, product->option_count + 1, sizeof *facts);
    for (size_t o = 0; o < product->option_count; o++)
        facts[o].value = default_value(&product->options[o]);
    for (size_t i = 0; i < selection->count; i++) {
        struct cw_fact *fact = &facts[selection->picks[i].option];
        fact->value = selection->picks[i].value;
        fact->value.text = fact->value.text ? fact->value.text : "";
        fact->active = product->options[selection->picks[i].option].kind != CW_OPTION_TEXT ||
                       fact->value.text[0] != '\0';
    }
    for (size_t o = 0; o < product->option_count; o++)
        facts[o].present = facts[o].value.text[0] != '\0';
    activate(product, facts);
    cw_facts_selection(product, facts, arena, ret);
}
