/*
 * Responsible for: writing an order for the shopper.
 * Does not: read or change it. Any thread.
 */
#include "api/order_json.h"

#include <stdlib.h>
#include <string.h>

#include "cordwain/states.h"

char *api_order_document(const struct api_order_json *order, struct cw_arena *arena) {
    const struct api_shape *shape = order->shape;
    const struct cw_product *product = cw_snapshot_product(shape->snapshot);
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    char created[CW_TIME_TEXT];
    cw_time_rfc3339(order->ids->created_ms, created);
    cw_jw_begin(&w, NULL, '{');
    cw_jw_str(&w, "id", order->ids->order_id);
    cw_jw_str(&w, "number", order->ids->order_number);
    cw_jw_str(&w, "createdAt", created);
    cw_jw_str(&w, "product", product->id);
    cw_jw_str(&w, "version", product->version);
    if (order->design) {
        cw_jw_str(&w, "design", order->design);
    }
    cw_jw_str(&w, "locale", shape->locale);
    cw_jw_str(&w, "title", cw_l10n_get(&product->title, shape->locale));
    cw_jw_str(&w, "alt", cw_alt_text(product, &shape->resolved, shape->locale, arena));
    cw_jw_str(&w, "digest", shape->resolved.digest);
    api_write_selection(&w, "selections", product, &shape->resolved.selection);
    cw_jw_int(&w, "quantity", shape->quantity);
    api_write_price(&w, &shape->resolved.price);
    cw_jw_str(&w, "shipBy", shape->resolved.lead.ship_by);
    api_write_previews(&w, product, &shape->resolved.selection);
    cw_jw_str(&w, "url", cw_arena_printf(arena, "/v1/orders/%s", order->ids->order_id));
    cw_jw_str(&w, "page", cw_arena_printf(arena, "/orders/%s", order->ids->order_id));
    cw_jw_end(&w, '}');
    return cw_arena_strndup(arena, buf.data, buf.length);
}

static json_t *specs_json(const struct api_order_state *state) {
    json_t *specs = json_array();
    for (size_t i = 0; i < state->spec_count; i++) {
        const struct cw_spec_row *row = &state->specs[i];
        int64_t updated = row->created_ms;
        for (size_t k = 0; k < state->event_count; k++) {
            if (strcmp(state->events[k].spec_id, row->id) == 0) {
                updated = state->events[k].at_ms;
            }
        }
        json_array_append_new(specs,
                              json_pack("{s:s,s:s,s:s,s:o}", "id", row->id, "state", row->state,
                                        "serial", row->serial, "updatedAt", cw_json_time(updated)));
    }
    return specs;
}

static json_t *history_json(const struct api_order_state *state) {
    json_t *history = json_array();
    json_array_append_new(history, json_pack("{s:o,s:s}", "at", cw_json_time(state->created_ms),
                                             "state", CW_ORDER_RECEIVED));
    for (size_t i = 0; i < state->event_count; i++) {
        json_array_append_new(history,
                              json_pack("{s:o,s:s}", "at", cw_json_time(state->events[i].at_ms),
                                        "state", state->events[i].to));
    }
    return history;
}

char *api_order_response(const char *document, const struct api_order_state *state,
                         json_t *overrides, struct cw_arena *arena) {
    CW_AUTO_JSON json_t *order = json_loads(document, JSON_ALLOW_NUL, NULL);
    if (overrides) {
        json_object_update(order, overrides);
    }
    json_object_set_new(order, "state", json_string(state->state));
    json_object_set_new(order, "specs", specs_json(state));
    json_object_set_new(order, "history", history_json(state));
    char *text = json_dumps(order, JSON_COMPACT);
    char *copy = cw_arena_strdup(arena, text ? text : "{}");
    free(text);
    return copy;
}
