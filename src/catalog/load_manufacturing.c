/*
 * Responsible for: the manufacturing section: references between bill of materials, operations,
 * checks and the product; each entry's own JSON is handed on as it is. Does not: build a spec
 * (manufacturing). Runs in: server and command line.
 */
#include "catalog/load_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

/* The entry without its condition, canonical. */
static const char *body_of(struct loader *loader, const json_t *json) {
    CW_AUTO_JSON json_t *body = json_copy((json_t *)json);
    if (!body)
        abort(); /* as arenas do */
    json_object_del(body, "when");
    return cw_json_canonical_dup(loader->arena, body);
}

static struct cw_mfg_list load_list(struct loader *loader, enum table table,
                                    void (*check)(struct loader *, const json_t *, const char *)) {
    const struct id_list *list = &loader->tables[table];
    struct cw_mfg_item *items = cw_arena_array(loader->arena, list->count + 1, sizeof *items);
    for (size_t i = 0; i < list->count; i++) {
        const json_t *json = json_array_get(list->json, i);
        const char *pointer = cw_load_at_index(loader, list->pointer, i);
        items[i] = (struct cw_mfg_item){
            list->ids[i], cw_load_condition(loader, json, "when", pointer), body_of(loader, json)};
        check(loader, json, pointer);
    }
    return (struct cw_mfg_list){list->count, items};
}

static void check_references(struct loader *loader, enum table table, const json_t *json,
                             const char *name, const char *pointer) {
    const json_t *list = json_object_get(json, name);
    const char *below = cw_load_at(loader, pointer, name);
    for (size_t i = 0; i < json_array_size(list); i++)
        cw_load_reference(loader, table, json_string_value(json_array_get(list, i)),
                          cw_load_at_index(loader, below, i));
}

static void check_order(struct loader *loader, const json_t *json, const char *low,
                        const char *high, const char *pointer) {
    const json_t *from = json_object_get(json, low), *to = json_object_get(json, high);
    if (from && to && json_number_value(from) > json_number_value(to))
        cw_load_fault(loader, "range.reversed", cw_load_at(loader, pointer, low), "",
                      "'%s' is more than '%s'", low, high);
}

/* ---- entries --------------------------------------------------------------------------------- */

static void check_bom_line(struct loader *loader, const json_t *json, const char *pointer) {
    cw_load_member_reference(loader, TABLE_PARTS, json, "part", pointer);
    cw_load_text(loader, json, "title", pointer);
}

static void check_parameter(struct loader *loader, const json_t *json, const char *pointer) {
    cw_load_member_reference(loader, TABLE_OPTIONS, json, "option", pointer);
    check_order(loader, json, "min", "max", pointer);
    if (!json_object_get(json, "value") == !json_object_get(json, "option"))
        cw_load_fault(loader, "parameter.value", pointer, "give \"value\" or \"option\"",
                      "a parameter has either a value or an option it takes the value from");
}

static void check_operation(struct loader *loader, const json_t *json, const char *pointer) {
    check_references(loader, TABLE_PARTS, json, "parts", pointer);
    check_references(loader, TABLE_BOM, json, "materials", pointer);
    check_references(loader, TABLE_SURFACES, json, "surfaces", pointer);
    check_references(loader, TABLE_OPERATIONS, json, "dependsOn", pointer);
    check_references(loader, TABLE_CHECKS, json, "checks", pointer);
    cw_load_text(loader, json, "instructions", pointer);
    const json_t *parameters = json_object_get(json, "parameters");
    const char *below = cw_load_at(loader, pointer, "parameters");
    for (size_t i = 0; i < json_array_size(parameters); i++)
        check_parameter(loader, json_array_get(parameters, i), cw_load_at_index(loader, below, i));
}

static void check_check(struct loader *loader, const json_t *json, const char *pointer) {
    uint32_t nominal =
        cw_load_member_reference(loader, TABLE_OPTIONS, json, "nominalOption", pointer);
    cw_load_wants_kind(loader, nominal, CW_OPTION_TEXT,
                       cw_load_at(loader, pointer, "nominalOption"));
    check_order(loader, json, "lower", "upper", pointer);
}

static void check_label(struct loader *loader, const json_t *json, const char *pointer) {
    cw_load_text(loader, json, "text", pointer);
}

/* ---- operations wait for each other ---------------------------------------------------------- */

struct walk {
    const struct id_list *operations;
    unsigned char *state; /* 0 new, 1 on the way, 2 done */
};

static size_t index_of(const struct id_list *list, const char *id) {
    size_t i = 0;
    while (i < list->count && strcmp(list->ids[i], id) != 0)
        i++;
    return i;
}

/* Depth-first, at most CW_MAX_MFG_ITEMS deep. */
static bool waits_for_itself(struct walk *walk, size_t operation) {
    walk->state[operation] = 1;
    const json_t *json = json_array_get(walk->operations->json, operation);
    const json_t *before = json_object_get(json, "dependsOn");
    for (size_t i = 0; i < json_array_size(before); i++) {
        size_t next = index_of(walk->operations, json_string_value(json_array_get(before, i)));
        if (next == walk->operations->count)
            continue;
        if (walk->state[next] == 1 || (walk->state[next] == 0 && waits_for_itself(walk, next)))
            return true;
    }
    walk->state[operation] = 2;
    return false;
}

static void check_operation_cycles(struct loader *loader) {
    const struct id_list *list = &loader->tables[TABLE_OPERATIONS];
    struct walk walk = {list, cw_arena_array(loader->faults->arena, list->count + 1, 1)};
    for (size_t i = 0; i < list->count; i++) {
        if (walk.state[i] || !waits_for_itself(&walk, i))
            continue;
        const char *pointer =
            cw_load_at(loader, cw_load_at_index(loader, list->pointer, i), "dependsOn");
        cw_load_fault(loader, "cycle.operations", pointer, "break the circle",
                      "operation '%s' waits for itself", list->ids[i]);
        return; /* the marks of an open circle mean nothing to the next */
    }
}

/* ---- the section ----------------------------------------------------------------------------- */

static void load_size(struct loader *loader, const json_t *json, struct cw_manufacturing *made) {
    const json_t *size = json_object_get(json, "size");
    const char *pointer = "/manufacturing/size";
    made->size_option = cw_load_member_reference(loader, TABLE_OPTIONS, size, "option", pointer);
    cw_load_wants_kind(loader, made->size_option, CW_OPTION_CHOICE,
                       cw_load_at(loader, pointer, "option"));
    made->size_system = cw_load_string(loader, size, "system");
}

void cw_load_manufacturing(struct loader *loader) {
    const json_t *json = json_object_get(loader->document, "manufacturing");
    const json_t *facility = json_object_get(json, "facility");
    struct cw_manufacturing *made = &loader->product->manufacturing;
    made->facility_id = cw_load_string(loader, facility, "id");
    made->facility_gln = cw_load_string(loader, facility, "gln");
    made->gtin = cw_load_string(loader, json, "gtin");
    made->unit = cw_load_string(loader, json, "unit");
    cw_load_check_gs1(loader, made->facility_gln, "gln.check_digit", "/manufacturing/facility/gln");
    cw_load_check_gs1(loader, made->gtin, "gtin.check_digit", "/manufacturing/gtin");
    load_size(loader, json, made);
    made->bom = load_list(loader, TABLE_BOM, check_bom_line);
    made->operations = load_list(loader, TABLE_OPERATIONS, check_operation);
    made->checks = load_list(loader, TABLE_CHECKS, check_check);
    made->labels = load_list(loader, TABLE_LABELS, check_label);
    const json_t *packaging = json_object_get(json, "packaging");
    made->packaging_json =
        packaging ? cw_json_canonical_dup(loader->arena, packaging) : ""; /* rulesOnly */
    check_operation_cycles(loader);
}
