/*
 * Fuzz target: a request's body on its way to what a handler works with: JSON, the schema of the
 * document, the selection. Input: a byte that chooses the document (modulo their number), then the
 * body. Properties: quick form and nodes of the schema agree; a refusal tells a fault; a body that
 * passes has only the members and ranges handlers take for granted; its selection decodes or tells
 * a fault, and encoded and decoded again is the same.
 */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "../support/shoe_product.h"
#include "base/json.h"
#include "configure/configure.h"
#include "cordwain/limits.h"
#include "jsonschema/builtin.h"

static const enum cw_builtin_schema documents[] = {
    CW_SCHEMA_CONFIGURE_REQUEST, CW_SCHEMA_ORDER_REQUEST,         CW_SCHEMA_DESIGN_REQUEST,
    CW_SCHEMA_CANCEL_REQUEST,    CW_SCHEMA_LEASE_REQUEST,         CW_SCHEMA_LEASE_RENEW_REQUEST,
    CW_SCHEMA_STATUS_EVENT,      CW_SCHEMA_LEASE_RELEASE_REQUEST, CW_SCHEMA_STOCK_REQUEST,
};

static void check_selection(const json_t *selections, struct cw_arena *arena) {
    struct cw_faults faults = {.arena = arena};
    struct cw_selection selection, again;
    CW_AUTO_BUF struct cw_buf first = {0}, second = {0};
    json_t *json;
    if (cw_selection_decode(&cw_shoe_product, selections, "/selections", arena, &selection,
                            &faults) != CW_OK) {
        assert(faults.count > 0 && strncmp(faults.items[0].pointer, "/selections", 11) == 0);
        return;
    }
    cw_selection_encode(&cw_shoe_product, &selection, &first);
    enum cw_status status =
        cw_json_read(arena, first.data, first.length, CW_JSON_BYTES, &json, NULL);
    assert(status == CW_OK);
    status = cw_selection_decode(&cw_shoe_product, json, "", arena, &again, &faults);
    assert(status == CW_OK);
    cw_selection_encode(&cw_shoe_product, &again, &second);
    assert(strcmp(first.data, second.data) == 0);
}

static void check_passed(enum cw_builtin_schema document, const json_t *body,
                         struct cw_arena *arena) {
    const json_t *quantity = json_object_get(body, "quantity");
    const json_t *selections = json_object_get(body, "selections");
    assert(json_is_object(body));
    assert(!quantity ||
           (json_number_value(quantity) >= 1 && json_number_value(quantity) <= CW_ORDER_QUANTITY));
    if (document == CW_SCHEMA_CONFIGURE_REQUEST)
        assert(json_is_object(selections));
    if (document == CW_SCHEMA_ORDER_REQUEST)
        assert(selections ? json_is_string(json_object_get(body, "product"))
                          : json_is_string(json_object_get(body, "design")));
    if (selections)
        check_selection(selections, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_faults faults = {.arena = arena};
    struct cw_error err = {0};
    json_t *body;
    if (size == 0)
        return 0;
    enum cw_builtin_schema document = documents[data[0] % (sizeof documents / sizeof *documents)];
    const struct cw_schema *schema = cw_schema_builtin(document);
    if (cw_json_read(arena, (const char *)data + 1, size - 1, CW_JSON_BYTES, &body, &err) !=
        CW_OK) {
        assert(err.code && *err.message);
        return 0;
    }
    struct cw_schema_options slowly = {.by_nodes = true};
    enum cw_status quick = cw_schema_validate(schema, body, NULL, NULL);
    enum cw_status slow = cw_schema_validate(schema, body, &slowly, NULL);
    enum cw_status loud = cw_schema_validate(schema, body, NULL, &faults);
    assert(quick == slow || slow == CW_E_LIMIT);
    assert((loud == CW_OK) == (quick == CW_OK) && (loud == CW_OK) == (faults.count == 0));
    if (loud == CW_OK)
        check_passed(document, body, arena);
    return 0;
}
