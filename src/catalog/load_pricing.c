/*
 * Responsible for: price rules, quantity breaks, lead time.
 * Does not: compute a price (configure).
 * Runs in: server and command line.
 */
#include "catalog/load_internal.h"

static void load_price_rules(struct loader *loader) {
    const struct id_list *list = &loader->tables[TABLE_PRICE_RULES];
    struct cw_price_rule *rules = cw_arena_array(loader->arena, list->count + 1, sizeof *rules);
    for (size_t i = 0; i < list->count; i++) {
        const json_t *json = json_array_get(list->json, i);
        const char *pointer = cw_load_at_index(loader, list->pointer, i);
        rules[i].id = list->ids[i];
        rules[i].title = cw_load_text(loader, json, "title", pointer);
        rules[i].when = cw_load_condition(loader, json, "when", pointer);
        rules[i].amount_minor = cw_load_integer(json, "amount", 0);
    }
    loader->product->price_rules = rules;
    loader->product->price_rule_count = list->count;
}

static void load_quantity_breaks(struct loader *loader) {
    const json_t *list = json_object_get(loader->document, "quantityBreaks");
    size_t count = json_array_size(list);
    struct cw_quantity_break *breaks = cw_arena_array(loader->arena, count + 1, sizeof *breaks);
    for (size_t i = 0; i < count; i++) {
        const json_t *json = json_array_get(list, i);
        breaks[i].from = (uint32_t)cw_load_integer(json, "from", 0);
        breaks[i].percent_milli = (int32_t)cw_load_milli(json, "percent", 0);
        if (i > 0 && breaks[i].from <= breaks[i - 1].from)
            cw_load_fault(
                loader, "quantity.order",
                cw_load_at(loader, cw_load_at_index(loader, "/quantityBreaks", i), "from"),
                "order them by 'from'", "%u comes after %u", breaks[i].from, breaks[i - 1].from);
    }
    loader->product->quantity_breaks = breaks;
    loader->product->quantity_break_count = count;
}

static void load_lead_time(struct loader *loader) {
    const json_t *json = json_object_get(loader->document, "leadTime");
    struct cw_lead_time *lead = &loader->product->lead_time;
    lead->base_days = (int32_t)cw_load_integer(json, "baseDays", 0);
    const json_t *workdays = json_object_get(json, "workdays");
    for (size_t i = 0; i < json_array_size(workdays); i++) {
        unsigned day = (unsigned)json_number_value(json_array_get(workdays, i));
        lead->workdays |= (uint8_t)(1u << (day - 1));
    }
    lead->holidays =
        cw_load_strings(loader, json_object_get(json, "holidays"), &lead->holiday_count);
    for (size_t i = 0; i < lead->holiday_count; i++)
        cw_load_check_date(loader, lead->holidays[i],
                           cw_load_at_index(loader, "/leadTime/holidays", i));
}

void cw_load_pricing(struct loader *loader) {
    load_price_rules(loader);
    load_quantity_breaks(loader);
    load_lead_time(loader);
}
