/*
 * Responsible for: options and their choices: values, defaults, ranges, and (second pass) their
 * conditions. Does not: the text kind's own members (load_option_text.c). Runs in: server and
 * command line.
 */
#include "catalog/load_internal.h"

#include <string.h>

#include "base/json.h"
#include "base/unicode.h"

/* ---- choices --------------------------------------------------------------------------------- */

void cw_load_attributes(struct loader *loader, const json_t *json, size_t *ret_count,
                        const struct cw_attribute **ret_attributes) {
    json_t *attributes = json_object_get(json, "attributes");
    struct cw_attribute *items =
        cw_arena_array(loader->arena, json_object_size(attributes) + 1, sizeof *items);
    const char *name;
    json_t *value;
    size_t count = 0;
    json_object_foreach(attributes, name, value) {
        items[count++] = (struct cw_attribute){cw_arena_strdup(loader->arena, name),
                                               cw_load_integer(attributes, name, 0)};
    }
    *ret_count = count;
    *ret_attributes = items;
}

static void load_availability(struct loader *loader, const json_t *json, const char *pointer,
                              struct cw_choice *choice) {
    const json_t *markets = json_object_get(json, "markets");
    choice->markets = cw_load_strings(loader, markets, &choice->market_count);
    for (size_t i = 0; i < choice->market_count; i++)
        cw_load_reference(loader, TABLE_MARKETS, choice->markets[i],
                          cw_load_at_index(loader, cw_load_at(loader, pointer, "markets"), i));
    choice->from_date = cw_load_string(loader, json, "from");
    choice->until_date = cw_load_string(loader, json, "until");
    cw_load_check_date(loader, choice->from_date, cw_load_at(loader, pointer, "from"));
    cw_load_check_date(loader, choice->until_date, cw_load_at(loader, pointer, "until"));
    if (*choice->from_date && *choice->until_date &&
        strcmp(choice->from_date, choice->until_date) > 0)
        cw_load_fault(loader, "range.reversed", cw_load_at(loader, pointer, "from"), "",
                      "'from' is after 'until'");
}

/* Named and not found is told already: what is fed by the choice has nothing to add. */
#define DANGLING (CW_NONE - 1)

static uint32_t load_given(struct loader *loader, enum table table, const json_t *json,
                           const char *name, const char *pointer) {
    uint32_t found = cw_load_member_reference(loader, table, json, name, pointer);
    return found == CW_NONE && json_object_get(json, name) ? DANGLING : found;
}

static void load_one_choice(struct loader *loader, const json_t *json, const char *pointer,
                            struct cw_choice *choice) {
    choice->id = cw_load_string(loader, json, "id");
    choice->title = cw_load_text(loader, json, "title", pointer);
    choice->help = cw_load_text(loader, json, "help", pointer);
    choice->group = cw_load_string(loader, json, "group");
    choice->price_minor = cw_load_integer(json, "price", 0);
    choice->lead_days = (int32_t)cw_load_integer(json, "leadDays", 0);
    choice->colour = load_given(loader, TABLE_COLOURS, json, "colour", pointer);
    choice->material = load_given(loader, TABLE_MATERIALS, json, "material", pointer);
    choice->font = load_given(loader, TABLE_FONTS, json, "font", pointer);
    choice->pattern = load_given(loader, TABLE_PATTERNS, json, "pattern", pointer);
    choice->value = cw_load_string(loader, json, "value");
    choice->stock_item = cw_load_string(loader, json, "stockItem");
    load_availability(loader, json, pointer, choice);
    cw_load_attributes(loader, json, &choice->attribute_count, &choice->attributes);
    choice->only_if_message = cw_load_text(loader, json, "onlyIfMessage", pointer);
}

static void load_choices(struct loader *loader, const json_t *json, const char *pointer,
                         struct cw_option *option) {
    const json_t *list = json_object_get(json, "choices");
    size_t count = json_array_size(list);
    struct cw_choice *choices = cw_arena_array(loader->arena, count + 1, sizeof *choices);
    const char *below = cw_load_at(loader, pointer, "choices");
    option->choices = choices;
    option->choice_count = count;
    struct id_list *ids = &loader->choices[option - loader->options];
    ids->count = count;
    ids->ids = cw_arena_array(loader->faults->arena, count + 1, sizeof *ids->ids);
    for (size_t i = 0; i < count; i++) {
        load_one_choice(loader, json_array_get(list, i), cw_load_at_index(loader, below, i),
                        &choices[i]);
        ids->ids[i] = choices[i].id;
    }
    cw_load_order(loader->faults->arena, ids);
    for (size_t i = 0; i < count; i++) {
        if (!cw_load_is_repeat(ids, i))
            continue;
        cw_load_fault(loader, "id.duplicate",
                      cw_load_at(loader, cw_load_at_index(loader, below, i), "id"),
                      "give one of them another id", "option '%s' already has a choice '%s'",
                      option->id, choices[i].id);
    }
}

/* ---- values ---------------------------------------------------------------------------------- */

static bool wrong_value(struct loader *loader, const struct cw_option *option, const char *code,
                        const char *pointer, const char *wanted) {
    cw_load_fault(loader, code, pointer, wanted, "this is no value of option '%s'", option->id);
    return false;
}

static bool number_fits(struct loader *loader, const struct cw_option *option, const json_t *value,
                        const char *code, const char *pointer) {
    if (!json_is_number(value))
        return wrong_value(loader, option, code, pointer, "write a whole number");
    int64_t number = cw_load_whole(value);
    if (number >= option->number_min && number <= option->number_max &&
        (number - option->number_min) % option->number_step == 0)
        return true;
    const char *hint = cw_arena_printf(loader->faults->arena, "from %lld to %lld in steps of %lld",
                                       (long long)option->number_min, (long long)option->number_max,
                                       (long long)option->number_step);
    return wrong_value(loader, option, code, pointer, hint);
}

static bool multi_fits(struct loader *loader, const struct cw_option *option, const json_t *value,
                       const char *code, const char *pointer) {
    if (!json_is_array(value))
        return wrong_value(loader, option, code, pointer, "write a list of choices");
    size_t count = json_array_size(value);
    uint64_t chosen = 0;
    bool fits = true;
    for (size_t i = 0; i < count; i++) {
        const char *at = cw_load_at_index(loader, pointer, i);
        const char *id = json_string_value(json_array_get(value, i));
        uint32_t choice = id ? cw_load_choice(loader, option, id, at) : CW_NONE;
        fits = fits && choice != CW_NONE;
        if (choice < 64 && (chosen >> choice & 1))
            fits = wrong_value(loader, option, code, at, "name every choice once");
        chosen |= choice < 64 ? UINT64_C(1) << choice : 0;
    }
    /* nothing chosen is "unset", which only `required` refuses */
    if ((count && count < option->multi_min) || count > option->multi_max) {
        const char *hint = cw_arena_printf(loader->faults->arena, "choose %u to %u of them",
                                           option->multi_min, option->multi_max);
        return wrong_value(loader, option, code, pointer, hint);
    }
    return fits;
}

static bool text_fits(struct loader *loader, const struct cw_option *option, const json_t *value,
                      const char *code, const char *pointer) {
    const char *text = json_string_value(value);
    char *nfc;
    struct cw_error err = {0};
    if (!text)
        return wrong_value(loader, option, code, pointer, "write a text");
    if (*text && cw_text_normalise(loader->faults->arena, text, json_string_length(value), &nfc,
                                   &err) != CW_OK)
        return wrong_value(loader, option, code, pointer, err.message);
    size_t bad;
    if (!cw_text_in_scripts(text, option->text.scripts, option->text.script_count, &bad))
        return wrong_value(loader, option, code, pointer, "it has letters of another script");
    size_t graphemes = cw_text_graphemes(text);
    if (graphemes <= option->text.max_graphemes)
        return true;
    const char *hint = cw_arena_printf(loader->faults->arena, "at most %u characters; it has %zu",
                                       option->text.max_graphemes, graphemes);
    return wrong_value(loader, option, code, pointer, hint);
}

bool cw_load_value_fits(struct loader *loader, const struct cw_option *option, const json_t *value,
                        const char *code, const char *pointer) {
    if (option->artwork)
        return wrong_value(loader, option, code, pointer, "a picture is the shopper's own");
    switch (option->kind) {
    case CW_OPTION_CHOICE:
        if (!json_is_string(value))
            return wrong_value(loader, option, code, pointer, "write the id of a choice");
        return cw_load_choice(loader, option, json_string_value(value), pointer) != CW_NONE;
    case CW_OPTION_MULTI:
        return multi_fits(loader, option, value, code, pointer);
    case CW_OPTION_FLAG:
        return json_is_boolean(value) ||
               wrong_value(loader, option, code, pointer, "write true or false");
    case CW_OPTION_NUMBER:
        return number_fits(loader, option, value, code, pointer);
    case CW_OPTION_TEXT:
    default:
        return text_fits(loader, option, value, code, pointer);
    }
}

/* ---- options --------------------------------------------------------------------------------- */

static enum cw_option_kind kind_of(const char *name) {
    static const char *const names[] = {
        [CW_OPTION_CHOICE] = "choice", [CW_OPTION_MULTI] = "multi", [CW_OPTION_FLAG] = "flag",
        [CW_OPTION_NUMBER] = "number", [CW_OPTION_TEXT] = "text",
    };
    unsigned i = 0;
    while (i < CW_OPTION_TEXT && strcmp(names[i], name) != 0)
        i++;
    return (enum cw_option_kind)i;
}

static void load_multi(struct loader *loader, const json_t *json, const char *pointer,
                       struct cw_option *option) {
    option->multi_min = (uint32_t)cw_load_integer(json, "min", 0);
    option->multi_max = (uint32_t)cw_load_integer(json, "max", (int64_t)option->choice_count);
    if (option->multi_min > option->multi_max)
        cw_load_fault(loader, "range.reversed", cw_load_at(loader, pointer, "min"), "",
                      "'min' is more than 'max'");
    if (option->multi_max > option->choice_count)
        cw_load_fault(loader, "range.choices", cw_load_at(loader, pointer, "max"), "",
                      "'max' is more than the %zu choices there are", option->choice_count);
}

static void load_number(struct loader *loader, const json_t *json, const char *pointer,
                        struct cw_option *option) {
    option->number_min = cw_load_integer(json, "min", 0);
    option->number_max = cw_load_integer(json, "max", 0);
    option->number_step = cw_load_integer(json, "step", 1);
    option->unit = cw_load_string(loader, json, "unit");
    if (option->number_min > option->number_max)
        cw_load_fault(loader, "range.reversed", cw_load_at(loader, pointer, "min"), "",
                      "'min' is more than 'max'");
}

static void load_default(struct loader *loader, const json_t *json, const char *pointer,
                         struct cw_option *option) {
    const json_t *value = json_object_get(json, "default");
    option->default_number = option->number_min;
    option->default_text = "";
    if (!value || !cw_load_value_fits(loader, option, value, "option.default",
                                      cw_load_at(loader, pointer, "default")))
        return;
    if (option->kind == CW_OPTION_CHOICE)
        option->default_choice = cw_load_choice(loader, option, json_string_value(value), pointer);
    if (option->kind == CW_OPTION_FLAG)
        option->default_choice = json_is_true(value);
    if (option->kind == CW_OPTION_NUMBER)
        option->default_number = cw_load_whole(value);
    if (option->kind == CW_OPTION_TEXT)
        option->default_text = cw_load_string(loader, json, "default");
    for (size_t i = 0; option->kind == CW_OPTION_MULTI && i < json_array_size(value); i++)
        option->default_multi |=
            UINT64_C(1) << cw_load_choice(loader, option,
                                          json_string_value(json_array_get(value, i)), pointer);
}

static void load_option(struct loader *loader, const json_t *json, const char *pointer,
                        struct cw_option *option) {
    option->kind = kind_of(cw_load_string(loader, json, "kind")); /* "artwork" is a text, too */
    option->artwork = strcmp(cw_load_string(loader, json, "kind"), "artwork") == 0;
    option->title = cw_load_text(loader, json, "title", pointer);
    option->help = cw_load_text(loader, json, "help", pointer);
    option->group = cw_load_string(loader, json, "group");
    cw_load_member_reference(loader, TABLE_GROUPS, json, "group", pointer);
    option->required = json_is_true(json_object_get(json, "required"));
    option->unit = "";
    option->number_step = 1;
    load_choices(loader, json, pointer, option);
    cw_load_attributes(loader, json, &option->attribute_count, &option->attributes);
    option->flag_price_minor =
        option->kind == CW_OPTION_FLAG ? cw_load_integer(json, "price", 0) : 0;
    option->flag_lead_days =
        option->kind == CW_OPTION_FLAG ? (int32_t)cw_load_integer(json, "leadDays", 0) : 0;
    if (option->kind == CW_OPTION_MULTI)
        load_multi(loader, json, pointer, option);
    if (option->kind == CW_OPTION_NUMBER)
        load_number(loader, json, pointer, option);
    cw_load_text_rule(loader, json, option, pointer);
    load_default(loader, json, pointer, option);
}

void cw_load_options(struct loader *loader) {
    const struct id_list *list = &loader->tables[TABLE_OPTIONS];
    loader->options = cw_arena_array(loader->arena, list->count + 1, sizeof *loader->options);
    loader->choices =
        cw_arena_array(loader->faults->arena, list->count + 1, sizeof *loader->choices);
    for (size_t i = 0; i < list->count; i++) {
        loader->options[i].id = list->ids[i];
        load_option(loader, json_array_get(list->json, i),
                    cw_load_at_index(loader, list->pointer, i), &loader->options[i]);
        cw_load_forget_paths(loader, i);
    }
    loader->product->options = loader->options;
    loader->product->options_by_id = list->by_id;
    loader->product->option_count = list->count;
}

/* ---- second pass: what needs all options to be known ----------------------------------------- */

static void load_only_if(struct loader *loader, const json_t *json, const char *pointer,
                         struct cw_choice *choice) {
    choice->only_if = cw_load_condition(loader, json, "onlyIf", pointer);
    if (json_object_get(json, "onlyIf") && !json_object_get(json, "onlyIfMessage"))
        cw_load_fault(loader, "choice.message_missing", pointer,
                      "add \"onlyIfMessage\": what a shopper reads when it is not available",
                      "choice '%s' has a condition and no message", choice->id);
}

static void and_not(struct loader *loader, const struct cw_cond *wanted, struct cw_choice *choice) {
    struct cw_cond *parts = cw_arena_array(loader->arena, 2, sizeof *parts);
    struct cw_cond *whole = cw_arena_alloc(loader->arena, sizeof *whole);
    parts[0] =
        (struct cw_cond){.kind = CW_COND_NOT, .option = CW_NONE, .count = 1, .items = wanted};
    if (choice->only_if)
        parts[1] = *choice->only_if;
    *whole = (struct cw_cond){
        .kind = CW_COND_ALL, .option = CW_NONE, .count = choice->only_if ? 2 : 1, .items = parts};
    choice->only_if = whole;
}

/* A choice option always has a value; the one that says "nothing" is called none. Requiring the
 * option takes that choice away, which is what its onlyIf does, and is written down as one. */
static void load_required_choice(struct loader *loader, const json_t *json, const char *pointer,
                                 struct cw_option *option) {
    const struct cw_cond *wanted = option->required_if;
    const char *at = cw_load_at(loader, pointer, "requiredIf");
    option->required_if = NULL;
    uint32_t none = cw_load_find(&loader->choices[option - loader->options], "none");
    if (none == CW_NONE) {
        cw_load_fault(loader, "choice.none_missing", at,
                      "add a choice 'none', or leave out \"requiredIf\"",
                      "option '%s' has no choice 'none' to take away", option->id);
        return;
    }
    const json_t *choice = json_array_get(json_object_get(json, "choices"), none);
    if (!json_object_get(choice, "onlyIfMessage"))
        cw_load_fault(loader, "choice.message_missing",
                      cw_load_at_index(loader, cw_load_at(loader, pointer, "choices"), none),
                      "add \"onlyIfMessage\": what a shopper reads when it is not available",
                      "choice 'none' has a condition and no message");
    if (wanted)
        and_not(loader, wanted, (struct cw_choice *)&option->choices[none]);
}

void cw_load_option_conditions(struct loader *loader) {
    const struct id_list *list = &loader->tables[TABLE_OPTIONS];
    for (size_t i = 0; i < list->count; i++) {
        const json_t *json = json_array_get(list->json, i);
        const char *pointer = cw_load_at_index(loader, list->pointer, i);
        struct cw_option *option = &loader->options[i];
        option->active_if = cw_load_condition(loader, json, "activeIf", pointer);
        option->required_if = cw_load_condition(loader, json, "requiredIf", pointer);
        cw_load_text_feeds(loader, json, option, pointer);
        const json_t *choices = json_object_get(json, "choices");
        for (size_t c = 0; c < option->choice_count; c++)
            load_only_if(loader, json_array_get(choices, c),
                         cw_load_at_index(loader, cw_load_at(loader, pointer, "choices"), c),
                         (struct cw_choice *)&option->choices[c]);
        if (option->kind == CW_OPTION_CHOICE && json_object_get(json, "requiredIf"))
            load_required_choice(loader, json, pointer, option);
        cw_load_derive(loader, json, option, pointer);
        cw_load_forget_paths(loader, i);
    }
    cw_load_check_cycles(loader);
}
