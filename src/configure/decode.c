/*
 * Decoding selections: from a JSON object and from `option=value` texts, with the same checks and
 * codes; all faults are collected. And encoding them canonically. Server process, any thread.
 */
#include "configure/configure.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "configure/placement.h"

/* Every value starts with the empty text, so that no reader meets NULL. */
struct gathered {
    struct cw_value *values;
    bool *given;
};

static struct gathered gather(const struct cw_product *product, struct cw_arena *arena) {
    struct gathered gathered = {
        .values = cw_arena_array(arena, product->option_count + 1, sizeof *gathered.values),
        .given = cw_arena_array(arena, product->option_count + 1, sizeof *gathered.given)};
    for (size_t o = 0; o < product->option_count; o++)
        gathered.values[o].text = "";
    return gathered;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void read_multi(const struct cw_value_reader *reader, const json_t *json,
                       struct cw_value *value) {
    size_t index;
    json_t *item;
    bool good = true;
    json_array_foreach(json, index, item) {
        struct cw_value_reader at = *reader;
        at.pointer = cw_json_pointer_index(reader->arena, reader->pointer, index);
        if (!json_is_string(item)) {
            cw_value_wrong_type(&at);
            good = false;
        } else {
            good &= cw_value_member(&at, json_string_value(item), &value->multi);
        }
    }
    if (good)
        (void)cw_value_count(reader, value->multi);
}

static bool has_type(const struct cw_option *option, const json_t *json) {
    switch (option->kind) {
    case CW_OPTION_MULTI:
        return json_is_array(json);
    case CW_OPTION_FLAG:
        return json_is_boolean(json);
    case CW_OPTION_NUMBER:
        return json_is_integer(json);
    default:
        return option->artwork ? json_is_object(json) || json_is_null(json) : json_is_string(json);
    }
}

static void read_json(const struct cw_value_reader *reader, const json_t *json,
                      struct cw_value *value) {
    if (!has_type(reader->option, json)) {
        cw_value_wrong_type(reader);
        return;
    }
    switch (reader->option->kind) {
    case CW_OPTION_CHOICE:
        (void)cw_value_choice(reader, json_string_value(json), &value->choice);
        break;
    case CW_OPTION_MULTI:
        read_multi(reader, json, value);
        break;
    case CW_OPTION_FLAG:
        value->choice = json_is_true(json);
        break;
    case CW_OPTION_NUMBER:
        value->number = json_integer_value(json);
        (void)cw_value_number(reader, value->number);
        break;
    case CW_OPTION_TEXT:
        if (reader->option->artwork)
            (void)cw_placement_read_json(reader, json, &value->text);
        else
            (void)cw_value_text(reader, json_string_value(json), json_string_length(json),
                                &value->text);
        break;
    }
}

enum cw_status cw_selection_decode(const struct cw_product *product, const json_t *selections,
                                   const char *pointer_base, struct cw_arena *arena,
                                   struct cw_selection *ret, struct cw_faults *faults) {
    if (!json_is_object(selections)) {
        cw_fault_add(faults, "selection.type", pointer_base, "selections are an object");
        return CW_E_INPUT;
    }
    struct gathered gathered = gather(product, arena);
    size_t before = faults->count + faults->dropped;
    const char *id;
    json_t *json;
    json_object_foreach((json_t *)selections, id, json) {
        struct cw_value_reader reader = {.product = product, .arena = arena, .faults = faults};
        reader.pointer = cw_json_pointer(arena, pointer_base, id);
        uint32_t option = cw_option_find(product, id);
        if (option == CW_NONE) {
            cw_fault_unknown_option(faults, product, reader.pointer, id);
            continue;
        }
        reader.option = &product->options[option];
        if (cw_value_is_derived(&reader))
            continue;
        gathered.given[option] = true;
        read_json(&reader, json, &gathered.values[option]);
    }
    if (faults->count + faults->dropped > before)
        return CW_E_INPUT;
    cw_selection_collect(product, gathered.values, gathered.given, arena, ret);
    return CW_OK;
}

/* ---- texts ----------------------------------------------------------------------------------- */

static void read_list(const struct cw_value_reader *reader, const char *text, uint64_t *set) {
    bool good = true;
    for (const char *at = text; *at;) {
        size_t length = strcspn(at, ",");
        good &= cw_value_member(reader, cw_arena_strndup(reader->arena, at, length), set);
        at += length;
        if (*at == ',' && at[1] == '\0')
            good &= cw_value_member(reader, "", set); /* "a," names an empty id */
        at += *at == ',';
    }
    if (good)
        (void)cw_value_count(reader, *set);
}

/* Digits with an optional minus and nothing else: no white space, no plus, no locale. */
static bool parse_integer(const char *text, int64_t *ret) {
    const char *digits = text + (*text == '-');
    size_t length = strspn(digits, "0123456789");
    if (length == 0 || length > 18 || digits[length] != '\0')
        return false;
    *ret = strtoll(text, NULL, 10);
    return true;
}

static void read_text(const struct cw_value_reader *reader, const char *text,
                      struct cw_value *value) {
    switch (reader->option->kind) {
    case CW_OPTION_CHOICE:
        (void)cw_value_choice(reader, text, &value->choice);
        break;
    case CW_OPTION_MULTI:
        read_list(reader, text, &value->multi);
        break;
    case CW_OPTION_FLAG:
        value->choice = strcmp(text, "true") == 0;
        if (!value->choice && strcmp(text, "false") != 0)
            cw_value_wrong_type(reader);
        break;
    case CW_OPTION_NUMBER:
        if (!parse_integer(text, &value->number))
            cw_value_wrong_type(reader);
        else
            (void)cw_value_number(reader, value->number);
        break;
    case CW_OPTION_TEXT:
        if (reader->option->artwork)
            (void)cw_placement_read_text(reader, text, &value->text);
        else
            (void)cw_value_text(reader, text, strlen(text), &value->text);
        break;
    }
}

enum cw_status cw_selection_decode_pairs(const struct cw_product *product,
                                         const struct cw_selection_text *pairs, size_t pair_count,
                                         struct cw_arena *arena, struct cw_selection *ret,
                                         struct cw_faults *faults) {
    struct gathered gathered = gather(product, arena);
    size_t before = faults->count + faults->dropped;
    for (size_t i = 0; i < pair_count; i++) {
        struct cw_value_reader reader = {.product = product, .arena = arena, .faults = faults};
        reader.pointer = cw_json_pointer(arena, "", pairs[i].option);
        uint32_t option = cw_option_find(product, pairs[i].option);
        if (option == CW_NONE) {
            cw_fault_unknown_option(faults, product, reader.pointer, pairs[i].option);
        } else if (gathered.given[option]) {
            cw_fault_add(faults, "selection.duplicate_option", reader.pointer,
                         "'%s' is there twice", pairs[i].option);
        } else if (reader.option = &product->options[option], !cw_value_is_derived(&reader)) {
            gathered.given[option] = true;
            read_text(&reader, pairs[i].value, &gathered.values[option]);
        }
    }
    if (faults->count + faults->dropped > before)
        return CW_E_INPUT;
    cw_selection_collect(product, gathered.values, gathered.given, arena, ret);
    return CW_OK;
}

/* ---- encoding -------------------------------------------------------------------------------- */

static void encode_multi(const struct cw_option *option, uint64_t set, struct cw_buf *buf) {
    const char *comma = "";
    cw_buf_putc(buf, '[');
    for (size_t c = 0; c < option->choice_count; c++) {
        if (!(set >> c & 1))
            continue;
        cw_buf_puts(buf, comma);
        cw_buf_json(buf, option->choices[c].id);
        comma = ",";
    }
    cw_buf_putc(buf, ']');
}

void cw_value_encode(const struct cw_option *option, const struct cw_value *value,
                     struct cw_buf *buf) {
    switch (option->kind) {
    case CW_OPTION_CHOICE:
        cw_buf_json(buf, option->choices[value->choice].id);
        break;
    case CW_OPTION_MULTI:
        encode_multi(option, value->multi, buf);
        break;
    case CW_OPTION_FLAG:
        cw_buf_puts(buf, value->choice ? "true" : "false");
        break;
    case CW_OPTION_NUMBER:
        cw_buf_printf(buf, "%lld", (long long)value->number);
        break;
    case CW_OPTION_TEXT:
        if (option->artwork)
            cw_placement_encode(value->text ? value->text : "", buf);
        else
            cw_buf_json(buf, value->text ? value->text : "");
        break;
    }
}

/* Ids are ASCII, so bytes order as RFC 8785 wants. */
static int compare_picks(const void *a, const void *b, void *product) {
    const struct cw_option *options = ((const struct cw_product *)product)->options;
    const struct cw_pick *const *left = a, *const *right = b;
    return strcmp(options[(*left)->option].id, options[(*right)->option].id);
}

void cw_selection_encode(const struct cw_product *product, const struct cw_selection *selection,
                         struct cw_buf *buf) {
    const struct cw_pick **picks = malloc((selection->count + 1) * sizeof *picks);
    size_t count = 0;
    if (!picks)
        abort(); /* as buffers do */
    for (size_t i = 0; i < selection->count; i++)
        if (!product->options[selection->picks[i].option].derive)
            picks[count++] = &selection->picks[i];
    qsort_r(picks, count, sizeof *picks, compare_picks, (void *)product);
    cw_buf_putc(buf, '{');
    for (size_t i = 0; i < count; i++) {
        const struct cw_option *option = &product->options[picks[i]->option];
        if (i > 0)
            cw_buf_putc(buf, ',');
        cw_buf_json(buf, option->id);
        cw_buf_putc(buf, ':');
        cw_value_encode(option, &picks[i]->value, buf);
    }
    cw_buf_putc(buf, '}');
    free(picks);
}

enum cw_status cw_selection_decode_picks(const struct cw_product *product,
                                         const struct cw_preset_pick *picks, size_t pick_count,
                                         struct cw_arena *arena, struct cw_selection *ret,
                                         struct cw_faults *faults) {
    CW_AUTO_JSON json_t *object = json_object();
    for (size_t i = 0; i < pick_count; i++)
        json_object_set_new(object, product->options[picks[i].option].id,
                            json_loads(picks[i].value_json, JSON_DECODE_ANY, /* error: */ NULL));
    return cw_selection_decode(product, object, "", arena, ret, faults);
}
