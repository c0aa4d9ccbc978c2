/*
 * Values: is this a value of this option? Types, ranges, choices, and all checks of a shopper's
 * text. It asks no rule. Server process, any thread.
 */
#include "configure/value.h"

#include <string.h>

#include "base/unicode.h"
#include "configure/form.h"
#include "cordwain/limits.h"

static uint32_t find_ordered(const struct cw_product *product, const char *id) {
    size_t low = 0, high = product->option_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint32_t option = product->options_by_id[middle];
        int order = strcmp(product->options[option].id, id);
        if (order == 0)
            return option;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return CW_NONE;
}

uint32_t cw_option_find(const struct cw_product *product, const char *id) {
    if (product->options_by_id)
        return find_ordered(product, id);
    for (uint32_t o = 0; o < product->option_count; o++)
        if (strcmp(product->options[o].id, id) == 0)
            return o;
    return CW_NONE;
}

/* Texts from outside go into messages only when they are short and valid. */
static const char *shown(const char *id) {
    return strlen(id) <= 64 && cw_utf8_valid(id, strlen(id)) ? id : "…";
}

void cw_fault_unknown_option(struct cw_faults *faults, const struct cw_product *product,
                             const char *pointer, const char *id) {
    const char **ids = cw_arena_array(faults->arena, product->option_count + 1, sizeof *ids);
    for (size_t o = 0; o < product->option_count; o++)
        ids[o] = product->options[o].id;
    const char *hint = cw_nearest_hint(faults->arena, id, ids, product->option_count);
    cw_fault_add_hint(
        faults, "selection.unknown_option", pointer, hint,
        cw_arena_printf(faults->arena, "'%s' is no option of '%s'", shown(id), product->id));
}

static void unknown_choice(const struct cw_value_reader *reader, const char *id) {
    const struct cw_option *option = reader->option;
    const char **ids = cw_arena_array(reader->arena, option->choice_count + 1, sizeof *ids);
    for (size_t c = 0; c < option->choice_count; c++)
        ids[c] = option->choices[c].id;
    const char *hint = cw_nearest_hint(reader->arena, id, ids, option->choice_count);
    cw_fault_add_hint(
        reader->faults, "selection.unknown_choice", reader->pointer, hint,
        cw_arena_printf(reader->arena, "'%s' is no choice of option '%s'", shown(id), option->id));
}

bool cw_value_is_derived(const struct cw_value_reader *reader) {
    if (!reader->option->derive)
        return false;
    cw_fault_add_hint(reader->faults, "selection.derived", reader->pointer, "leave it out",
                      cw_arena_printf(reader->arena,
                                      "option '%s' follows from other options and is never picked",
                                      reader->option->id));
    return true;
}

bool cw_value_choice(const struct cw_value_reader *reader, const char *id, uint32_t *ret_choice) {
    for (uint32_t c = 0; c < reader->option->choice_count; c++)
        if (strcmp(reader->option->choices[c].id, id) == 0) {
            *ret_choice = c;
            return true;
        }
    unknown_choice(reader, id);
    return false;
}

bool cw_value_member(const struct cw_value_reader *reader, const char *id, uint64_t *set) {
    uint32_t choice = 0;
    if (!cw_value_choice(reader, id, &choice))
        return false;
    if (*set >> choice & 1) {
        cw_fault_add(reader->faults, "selection.duplicate_choice", reader->pointer,
                     "'%s' is there twice", id);
        return false;
    }
    *set |= UINT64_C(1) << choice;
    return true;
}

bool cw_value_count(const struct cw_value_reader *reader, uint64_t set) {
    uint32_t count = (uint32_t)__builtin_popcountll(set);
    if (count >= reader->option->multi_min && count <= reader->option->multi_max)
        return true;
    cw_fault_add(reader->faults, "selection.multi_count", reader->pointer,
                 "%u choices, option '%s' takes %u to %u", count, reader->option->id,
                 reader->option->multi_min, reader->option->multi_max);
    return false;
}

bool cw_value_number(const struct cw_value_reader *reader, int64_t number) {
    const struct cw_option *option = reader->option;
    if (number < option->number_min || number > option->number_max) {
        cw_fault_add(reader->faults, "selection.number_range", reader->pointer,
                     "%lld is outside %lld to %lld", (long long)number,
                     (long long)option->number_min, (long long)option->number_max);
        return false;
    }
    if ((number - option->number_min) % option->number_step != 0) {
        cw_fault_add(reader->faults, "selection.number_step", reader->pointer,
                     "%lld is not %lld plus a multiple of %lld", (long long)number,
                     (long long)option->number_min, (long long)option->number_step);
        return false;
    }
    return true;
}

void cw_value_wrong_type(const struct cw_value_reader *reader) {
    static const char *const wanted[] = {"a choice id", "a list of choice ids", "true or false",
                                         "an integer", "a text"};
    cw_fault_add(reader->faults, "selection.type", reader->pointer, "option '%s' takes %s",
                 reader->option->id, wanted[reader->option->kind]);
}

/* ---- text ------------------------------------------------------------------------------------ */

static bool matches(const char *pattern, const char *text) {
    struct cw_form *compiled = cw_form_new(pattern);
    bool yes = compiled && cw_form_match(compiled, text) == CW_MATCH_WHOLE;
    cw_form_free(compiled);
    return yes;
}

static bool text_fits_rule(const struct cw_value_reader *reader, const char *text) {
    const struct cw_text_rule *rule = &reader->option->text;
    size_t graphemes = cw_text_graphemes(text), bad = 0, before = reader->faults->count;
    if (graphemes > rule->max_graphemes)
        cw_fault_add(reader->faults, "text.too_long", reader->pointer,
                     "the text has %zu characters, '%s' takes %u", graphemes, reader->option->id,
                     rule->max_graphemes);
    if (rule->script_count > 0 &&
        !cw_text_in_scripts(text, rule->scripts, rule->script_count, &bad)) {
        size_t length = cw_text_first_grapheme(text + bad);
        cw_fault_add(reader->faults, "text.script", reader->pointer,
                     "'%.*s' is in a script that cannot be made here", (int)length, text + bad);
    }
    if (rule->pattern && rule->pattern[0] && !matches(rule->pattern, text)) {
        const char *message = cw_l10n_get(&rule->pattern_message, "en");
        cw_fault_add(reader->faults, "text.pattern", reader->pointer, "%s",
                     message[0] ? message : "the text does not have the form asked for");
    }
    return reader->faults->count == before && reader->faults->dropped == 0;
}

bool cw_value_text(const struct cw_value_reader *reader, const char *text, size_t length,
                   const char **ret_text) {
    struct cw_error err = {0};
    char *normal = NULL;
    if (cw_text_normalise(reader->arena, text, length, &normal, &err) != CW_OK) {
        cw_fault_add(reader->faults, err.code, reader->pointer, "%s", err.message);
        return false;
    }
    if (reader->option->text.letter_case == CW_CASE_UPPER)
        normal = cw_text_upper(reader->arena, normal);
    *ret_text = normal;
    return normal[0] == '\0' || text_fits_rule(reader, normal);
}

void cw_selection_collect(const struct cw_product *product, const struct cw_value *values,
                          const bool *given, struct cw_arena *arena, struct cw_selection *ret) {
    struct cw_pick *picks = cw_arena_array(arena, product->option_count + 1, sizeof *picks);
    size_t count = 0;
    for (uint32_t o = 0; o < product->option_count; o++)
        if (given[o])
            picks[count++] = (struct cw_pick){.option = o, .value = values[o]};
    *ret = (struct cw_selection){.count = count, .picks = picks};
}

struct cw_value cw_option_default(const struct cw_option *option) {
    return (struct cw_value){.choice = option->default_choice,
                             .multi = option->default_multi,
                             .number = option->default_number,
                             .text = option->default_text};
}
