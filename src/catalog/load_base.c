/*
 * Responsible for: what every section of the loader needs: faults with hints, texts in their
 * languages, ids and references, check digits and dates. Does not: know any section. Runs in:
 * server and command line.
 */
#include "catalog/load_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/nearest.h"

#define LISTED 12 /* ids shown in a hint */

void cw_load_fault(struct loader *loader, const char *code, const char *pointer, const char *hint,
                   const char *format, ...) {
    char message[240];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    cw_fault_add_hint(loader->faults, code, pointer, hint, message);
}

const char *cw_load_at(struct loader *loader, const char *pointer, const char *name) {
    return cw_json_pointer(loader->paths, pointer, name);
}

const char *cw_load_at_index(struct loader *loader, const char *pointer, size_t index) {
    return cw_json_pointer_index(loader->paths, pointer, index);
}

/* A quarter of a million rules have some ten pointers each, and faults are few. */
void cw_load_forget_paths(struct loader *loader, size_t item) {
    if (item % 64 != 63)
        return;
    struct cw_arena *paths = cw_arena_new();
    if (!paths)
        return; /* the old one does, it only grows */
    cw_arena_free(loader->paths);
    loader->paths = paths;
}

/* ---- values ---------------------------------------------------------------------------------- */

const char *cw_load_string(struct loader *loader, const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? cw_arena_strdup(loader->arena, text) : "";
}

int64_t cw_load_whole(const json_t *value) {
    double real = json_number_value(value);
    if (json_is_real(
            value)) /* 5.0 is an integer to JSON Schema; too large ones are faults of their own */
        return fabs(real) < 9e15 ? (int64_t)real : 0;
    return json_integer_value(value);
}

int64_t cw_load_integer(const json_t *object, const char *name, int64_t otherwise) {
    const json_t *value = json_object_get(object, name);
    return value ? cw_load_whole(value) : otherwise;
}

int64_t cw_load_milli(const json_t *object, const char *name, int64_t otherwise_milli) {
    const json_t *value = json_object_get(object, name);
    return value ? llround(json_number_value(value) * 1000.0) : otherwise_milli;
}

const char *const *cw_load_strings(struct loader *loader, const json_t *array, size_t *ret_count) {
    size_t count = json_array_size(array);
    const char **items = cw_arena_array(loader->arena, count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = cw_arena_strdup(loader->arena, json_string_value(json_array_get(array, i)));
    *ret_count = count;
    return items;
}

static const char *normalised(struct loader *loader, const char *text) {
    utf8proc_uint8_t *nfc = utf8proc_NFC((const utf8proc_uint8_t *)text);
    const char *copy = cw_arena_strdup(loader->arena, nfc ? (const char *)nfc : text);
    free(nfc);
    return copy;
}

struct cw_l10n cw_load_text(struct loader *loader, const json_t *object, const char *name,
                            const char *pointer) {
    json_t *text = json_object_get(object, name);
    struct cw_l10n l10n = {0, NULL};
    if (!text)
        return l10n;
    struct cw_l10n_item *items =
        cw_arena_array(loader->arena, json_object_size(text) + 1, sizeof *items);
    const char *locale;
    json_t *value;
    json_object_foreach(text, locale, value) {
        items[l10n.count++] = (struct cw_l10n_item){cw_arena_strdup(loader->arena, locale),
                                                    normalised(loader, json_string_value(value))};
    }
    l10n.items = items;
    for (size_t i = 0; i < loader->product->locale_count; i++) {
        const char *wanted = loader->product->locales[i];
        if (!json_object_get(text, wanted))
            cw_load_fault(loader, "locale.missing", cw_load_at(loader, pointer, name),
                          "give the text in every language that \"locales\" names",
                          "the text is not there in '%s'", wanted);
    }
    return l10n;
}

/* ---- ids ------------------------------------------------------------------------------------- */

struct table_entry {
    const char *pointer;
    const char *what;
    const char *code;
};

static const struct table_entry entries[TABLE_COUNT] = {
    [TABLE_MARKETS] = {"/markets", "market", "reference.market"},
    [TABLE_GROUPS] = {"/groups", "group", "reference.group"},
    [TABLE_OPTIONS] = {"/options", "option", "reference.option"},
    [TABLE_RULES] = {"/rules", "rule", "reference.rule"},
    [TABLE_OVERLAYS] = {"/overlays", "overlay", "reference.overlay"},
    [TABLE_TESTS] = {"/tests", "test", "reference.test"},
    [TABLE_PRICE_RULES] = {"/priceRules", "price rule", "reference.price_rule"},
    [TABLE_COLOURS] = {"/colours", "colour", "reference.colour"},
    [TABLE_MATERIALS] = {"/materials", "material", "reference.material"},
    [TABLE_FONTS] = {"/fonts", "font", "reference.font"},
    [TABLE_PATTERNS] = {"/patterns", "pattern", "reference.pattern"},
    [TABLE_SURFACES] = {"/surfaces", "surface", "reference.surface"},
    [TABLE_PARTS] = {"/parts", "part", "reference.part"},
    [TABLE_VIEWS] = {"/views", "view", "reference.view"},
    [TABLE_PRESETS] = {"/presets", "preset", "reference.preset"},
    [TABLE_BOM] = {"/manufacturing/bom", "bill of materials line", "reference.bom"},
    [TABLE_OPERATIONS] = {"/manufacturing/operations", "operation", "reference.operation"},
    [TABLE_CHECKS] = {"/manufacturing/checks", "check", "reference.check"},
    [TABLE_LABELS] = {"/manufacturing/labels", "label", "reference.label"},
};

static int compare_ids(const void *a, const void *b, void *list) {
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    const char **ids = ((struct id_list *)list)->ids;
    int order = strcmp(ids[left], ids[right]);
    return order ? order : (left > right) - (left < right);
}

void cw_load_order(struct cw_arena *arena, struct id_list *list) {
    uint32_t *by_id = cw_arena_array(arena, list->count + 1, sizeof *by_id);
    for (size_t i = 0; i < list->count; i++)
        by_id[i] = (uint32_t)i;
    qsort_r(by_id, list->count, sizeof *by_id, compare_ids, list);
    list->by_id = by_id;
}

uint32_t cw_load_find(const struct id_list *list, const char *id) {
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(list->ids[list->by_id[middle]], id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < list->count && strcmp(list->ids[list->by_id[low]], id) == 0;
    return found ? list->by_id[low] : CW_NONE;
}

bool cw_load_is_repeat(const struct id_list *list, size_t item) {
    return cw_load_find(list, list->ids[item]) != item;
}

static void collect(struct loader *loader, enum table table) {
    struct id_list *list = &loader->tables[table];
    list->pointer = entries[table].pointer;
    list->json = cw_json_at(loader->document, list->pointer);
    size_t count = json_array_size(list->json);
    list->ids = cw_arena_array(loader->arena, count + 1, sizeof *list->ids);
    for (size_t i = 0; i < count; i++)
        list->ids[i] = cw_load_string(loader, json_array_get(list->json, i), "id");
    list->count = count;
    cw_load_order(loader->arena, list);
    for (size_t i = 0; i < count; i++) {
        if (!cw_load_is_repeat(list, i))
            continue;
        cw_load_fault(loader, "id.duplicate",
                      cw_load_at(loader, cw_load_at_index(loader, list->pointer, i), "id"),
                      "give one of them another id", "there is already a %s '%s'",
                      entries[table].what, list->ids[i]);
    }
}

void cw_load_ids(struct loader *loader) {
    for (unsigned table = 0; table < TABLE_COUNT; table++)
        collect(loader, (enum table)table);
    const struct id_list *options = &loader->tables[TABLE_OPTIONS];
    for (size_t i = 0; i < options->count; i++) {
        const char *id = options->ids[i];
        if (strcmp(id, "all") == 0 || strcmp(id, "any") == 0 || strcmp(id, "not") == 0)
            cw_load_fault(loader, "id.reserved",
                          cw_load_at(loader, cw_load_at_index(loader, options->pointer, i), "id"),
                          "choose another id", "'%s' is a word of conditions", id);
    }
}

static const char *hint_near(struct loader *loader, const char *id, const char *const *ids,
                             size_t count) {
    const char *near = cw_nearest(id, ids, count);
    if (near)
        return cw_arena_printf(loader->faults->arena, "did you mean '%s'?", near);
    if (count == 0 || count > LISTED)
        return "";
    const char *hint = "there are: ";
    for (size_t i = 0; i < count; i++)
        hint = cw_arena_printf(loader->faults->arena, "%s%s%s", hint, i ? ", " : "", ids[i]);
    return hint;
}

uint32_t cw_load_reference(struct loader *loader, enum table table, const char *id,
                           const char *pointer) {
    const struct id_list *list = &loader->tables[table];
    uint32_t found = cw_load_find(list, id);
    if (found == CW_NONE)
        cw_load_fault(loader, entries[table].code, pointer,
                      hint_near(loader, id, list->ids, list->count), "there is no %s '%s'",
                      entries[table].what, id);
    return found;
}

uint32_t cw_load_member_reference(struct loader *loader, enum table table, const json_t *object,
                                  const char *name, const char *pointer) {
    const char *id = json_string_value(json_object_get(object, name));
    return id ? cw_load_reference(loader, table, id, cw_load_at(loader, pointer, name)) : CW_NONE;
}

uint32_t cw_load_choice(struct loader *loader, const struct cw_option *option, const char *id,
                        const char *pointer) {
    const struct id_list *list = &loader->choices[option - loader->options];
    uint32_t found = cw_load_find(list, id);
    if (found == CW_NONE)
        cw_load_fault(loader, "reference.choice", pointer,
                      hint_near(loader, id, list->ids, list->count),
                      "'%s' is no choice of option '%s'", id, option->id);
    return found;
}

struct source cw_load_source(struct loader *loader, const json_t *source, enum table table,
                             const char *pointer) {
    return (struct source){
        cw_load_member_reference(loader, TABLE_OPTIONS, source, "option", pointer),
        cw_load_member_reference(loader, table, source, "id", pointer)};
}

bool cw_load_wants_kind(struct loader *loader, uint32_t option, enum cw_option_kind kind,
                        const char *pointer) {
    static const char *const names[] = {
        [CW_OPTION_CHOICE] = "choice", [CW_OPTION_MULTI] = "multi", [CW_OPTION_FLAG] = "flag",
        [CW_OPTION_NUMBER] = "number", [CW_OPTION_TEXT] = "text",
    };
    if (option == CW_NONE || loader->options[option].kind == kind)
        return option != CW_NONE;
    cw_load_fault(loader, "option.kind", pointer, "",
                  "option '%s' is of kind '%s'; '%s' is needed here", loader->options[option].id,
                  names[loader->options[option].kind], names[kind]);
    return false;
}

/* ---- formats --------------------------------------------------------------------------------- */

void cw_load_check_date(struct loader *loader, const char *date, const char *pointer) {
    if (*date && cw_date_days(date) == INT64_MIN)
        cw_load_fault(loader, "date.invalid", pointer, "write year-month-day, as 2026-12-25",
                      "'%s' is no date", date);
}

void cw_load_check_gs1(struct loader *loader, const char *number, const char *code,
                       const char *pointer) {
    size_t length = strlen(number);
    int sum = 0;
    for (size_t i = 0; i + 1 < length; i++) /* the digit left of the check digit weighs 3 */
        sum += (number[i] - '0') * ((length - i) % 2 == 0 ? 3 : 1);
    int wanted = (10 - sum % 10) % 10;
    if (length == 0 || number[length - 1] - '0' == wanted)
        return;
    const char *hint =
        cw_arena_printf(loader->faults->arena, "with these digits the last one is %d", wanted);
    cw_load_fault(loader, code, pointer, hint, "the check digit of '%s' is wrong", number);
}
