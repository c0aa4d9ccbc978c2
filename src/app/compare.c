/*
 * Responsible for: saved designs and open orders held against a new version, and the numbers of
 * configurations both versions have. Does not: change any of them. Command line and threads that
 * may wait.
 */
#include "app/compare.h"

#include <string.h>

#include "base/json.h"
#include "cordwain/limits.h"
#include "cordwain/states.h"

#define BATCH 500 /* rows of one read */

struct reading {
    const struct cw_compare *compare;
    const char *product;
    struct cw_arena *arena; /* of the ids */
    struct cw_comparison *comparison;
};

/* Nothing that was chosen is unknown to the new version, and all of it goes together. Market and
 * date are not part of a design, so neither takes anything away. */
static bool is_orderable(const struct cw_compare *compare, const json_t *selections) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_engine *engine = cw_snapshot_engine(compare->after);
    struct cw_faults faults = {.arena = arena};
    struct cw_selection selection;
    struct cw_configure_context context = {0};
    struct cw_answer answer;
    if (cw_selection_decode(cw_engine_product(engine), selections, "", arena, &selection,
                            &faults) != CW_OK) {
        return false;
    }
    cw_rules_solve(compare->after, &selection, arena, &context);
    return cw_configure(engine, &selection, &context, arena, &answer, NULL) == CW_OK &&
           answer.complete;
}

static void hold_against(struct reading *r, const char *id, const json_t *selections,
                         struct cw_unorderable *list) {
    list->looked_at++;
    if (is_orderable(r->compare, selections)) {
        return;
    }
    list->count++;
    if (list->id_count < CW_COMPARE_IDS) {
        list->ids[list->id_count++] = cw_arena_strdup(r->arena, id);
    }
}

static enum cw_status read_designs(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct reading *r = arg;
    enum cw_status status = CW_OK;
    size_t count = BATCH;
    const char *after = "";
    CW_AUTO_ARENA struct cw_arena *last = cw_arena_new();
    while (status == CW_OK && count == BATCH) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_design_row *rows;
        struct cw_design_range range = {r->product, after, BATCH};
        status = txn->ops->design_list(txn, arena, &range, &rows, &count, err);
        for (size_t i = 0; status == CW_OK && i < count; i++) {
            CW_AUTO_JSON json_t *selections = json_loads(rows[i].selections, 0, NULL);
            hold_against(r, rows[i].id, selections, &r->comparison->designs);
        }
        if (status == CW_OK && count > 0) {
            after = cw_arena_strdup(last, rows[count - 1].id);
        }
    }
    return status;
}

static bool is_open(const char *state) {
    return strcmp(state, CW_ORDER_SHIPPED) != 0 && strcmp(state, CW_ORDER_CANCELLED) != 0;
}

static void look_at_order(struct reading *r, const struct cw_order_row *row) {
    if (!is_open(row->state)) {
        return;
    }
    CW_AUTO_JSON json_t *order = json_loads(row->document, JSON_ALLOW_NUL, NULL);
    const char *product = json_string_value(json_object_get(order, "product"));
    if (product && strcmp(product, r->product) == 0) {
        hold_against(r, row->id, json_object_get(order, "selections"), &r->comparison->orders);
    }
}

static enum cw_status read_orders(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct reading *r = arg;
    enum cw_status status = CW_OK;
    size_t count = BATCH;
    int64_t before = 0;
    while (status == CW_OK && count == BATCH) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_order_row *rows;
        status = txn->ops->order_list(txn, arena, before, BATCH, &rows, &count, err);
        for (size_t i = 0; status == CW_OK && i < count; i++) {
            look_at_order(r, &rows[i]);
            before = rows[i].seq;
        }
    }
    return status;
}

enum cw_status cw_compare_versions(const struct cw_compare *compare, struct cw_arena *arena,
                                   struct cw_comparison *ret, struct cw_error *err) {
    struct cw_rules_worker_config worker = {.program = compare->paths->rules};
    struct cw_diagnose_change change = {cw_snapshot_engine(compare->before),
                                        cw_snapshot_engine(compare->after), &worker,
                                        CW_RULES_COMPILE_MS};
    const struct cw_product *before = cw_snapshot_product(compare->before);
    struct cw_comparison comparison = {.version = cw_arena_strdup(arena, before->version)};
    struct reading reading = {compare, cw_snapshot_product(compare->after)->id, arena, &comparison};
    enum cw_status status = cw_diagnose_change(&change, arena, &comparison.change, err);
    struct cw_store *store = compare->store;
    if (status == CW_OK && store) {
        status = store->ops->read_wait(store, read_designs, &reading, err);
    }
    if (status == CW_OK && store) {
        status = store->ops->read_wait(store, read_orders, &reading, err);
    }
    if (status == CW_OK) {
        *ret = comparison;
    }
    return status;
}
