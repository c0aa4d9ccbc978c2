/*
 * Responsible for: saved designs and open orders held against a new version, and the numbers of
 * configurations both versions have. Does not: change any of them. Command line and threads that
 * may wait.
 */
#include "app/compare.h"

#include <string.h>

#include "app/publish.h"
#include "base/json.h"
#include "cordwain/limits.h"
#include "cordwain/states.h"

#define CW_LOG_MODULE "rules"
#include "base/log.h"

#define BATCH 500 /* rows of one read */

struct reading {
    const struct cw_compare *compare;
    const char *product;
    struct cw_arena *arena; /* of the ids */
    struct cw_comparison *comparison;
    int64_t deadline_ms; /* monotonic; 0: none */
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

/* ---- reading, a batch at a time: nothing is configured inside a transaction -------------------
 */

struct batch {
    struct cw_arena *arena;
    const char *product, *after; /* designs: ids above */
    int64_t before;              /* orders: seq below; 0: newest */
    size_t count;
    struct cw_design_row *designs;
    struct cw_order_row *orders;
};

static enum cw_status read_designs(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct batch *batch = arg;
    struct cw_design_range range = {batch->product, batch->after, BATCH};
    return txn->ops->design_list(txn, batch->arena, &range, &batch->designs, &batch->count, err);
}

static enum cw_status read_orders(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct batch *batch = arg;
    return txn->ops->order_list(txn, batch->arena, batch->before, BATCH, &batch->orders,
                                &batch->count, err);
}

/* True: stop, and say so. */
static bool is_over(const struct reading *r, struct cw_unorderable *list) {
    list->cut = r->deadline_ms != 0 && cw_clock_monotonic_ms(r->compare->clock) >= r->deadline_ms;
    return list->cut;
}

static enum cw_status look_at_designs(struct reading *r, struct cw_error *err) {
    struct cw_store *store = r->compare->store;
    struct cw_unorderable *list = &r->comparison->designs;
    CW_AUTO_ARENA struct cw_arena *last = cw_arena_new();
    struct batch batch = {.product = r->product, .after = "", .count = BATCH};
    enum cw_status status = CW_OK;
    while (status == CW_OK && batch.count == BATCH && !list->cut) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        batch.arena = arena;
        status = store->ops->read_wait(store, read_designs, &batch, err);
        for (size_t i = 0; status == CW_OK && i < batch.count && !is_over(r, list); i++) {
            CW_AUTO_JSON json_t *selections = json_loads(batch.designs[i].selections, 0, NULL);
            hold_against(r, batch.designs[i].id, selections, list);
        }
        if (status == CW_OK && batch.count > 0) {
            batch.after = cw_arena_strdup(last, batch.designs[batch.count - 1].id);
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

static enum cw_status look_at_orders(struct reading *r, struct cw_error *err) {
    struct cw_store *store = r->compare->store;
    struct cw_unorderable *list = &r->comparison->orders;
    struct batch batch = {.count = BATCH};
    enum cw_status status = CW_OK;
    while (status == CW_OK && batch.count == BATCH && !list->cut) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        batch.arena = arena;
        status = store->ops->read_wait(store, read_orders, &batch, err);
        for (size_t i = 0; status == CW_OK && i < batch.count && !is_over(r, list); i++) {
            look_at_order(r, &batch.orders[i]);
            batch.before = batch.orders[i].seq;
        }
    }
    return status;
}

/* The worker's death says nothing about either version: the numbers stay unknown. */
static enum cw_status count_changes(const struct cw_compare *compare, struct cw_arena *arena,
                                    struct cw_diagnosis_change *ret, struct cw_error *err) {
    struct cw_rules_worker_config worker = {.program = compare->paths->rules};
    struct cw_diagnose_change change = {cw_snapshot_engine(compare->before),
                                        cw_snapshot_engine(compare->after), &worker,
                                        CW_RULES_COMPILE_MS};
    struct cw_error failed = {0};
    enum cw_status status = cw_diagnose_change(&change, arena, ret, &failed);
    if (status == CW_E_IO) {
        cw_log_warn("rules_worker", "product=%s code=%s result=not_counted",
                    cw_snapshot_product(compare->after)->id, failed.code);
        *ret = (struct cw_diagnosis_change){0};
        return CW_OK;
    }
    if (status != CW_OK && err) {
        *err = failed;
    }
    return status;
}

enum cw_status cw_compare_versions(const struct cw_compare *compare, struct cw_arena *arena,
                                   struct cw_comparison *ret, struct cw_error *err) {
    const struct cw_product *before = cw_snapshot_product(compare->before);
    struct cw_comparison comparison = {.version = cw_arena_strdup(arena, before->version)};
    struct reading reading = {compare, cw_snapshot_product(compare->after)->id, arena, &comparison,
                              0};
    enum cw_status status = count_changes(compare, arena, &comparison.change, err);
    if (compare->budget_ms > 0) {
        reading.deadline_ms = cw_clock_monotonic_ms(compare->clock) + compare->budget_ms;
    }
    if (status == CW_OK && compare->store) {
        status = look_at_orders(&reading, err);
    }
    if (status == CW_OK && compare->store) {
        status = look_at_designs(&reading, err);
    }
    if (status == CW_OK) {
        *ret = comparison;
    }
    return status;
}

/* ---- publishing ------------------------------------------------------------------------------ */

struct finding_newest {
    struct cw_arena *arena;
    const char *id;
    struct cw_product_row row;
    bool found;
};

static enum cw_status find_newest(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct finding_newest *f = arg;
    struct cw_error none = {0};
    enum cw_status status =
        txn->ops->product_get(txn, f->arena, f->id, /* version: */ NULL, &f->row, &none);
    f->found = status == CW_OK;
    if (status != CW_OK && status != CW_E_NOT_FOUND && err) {
        *err = none;
    }
    return status == CW_E_NOT_FOUND ? CW_OK : status;
}

enum cw_status cw_compare_published(const struct cw_compare *compare, struct cw_arena *arena,
                                    const struct cw_comparison **ret, struct cw_error *err) {
    static const struct cw_rules_effort effort = {.compile_ms = CW_RULES_COMPILE_MS};
    const struct cw_product *product = cw_snapshot_product(compare->after);
    struct cw_store *store = compare->store;
    CW_AUTO_SNAPSHOT struct cw_snapshot *before = NULL;
    struct finding_newest newest = {.arena = arena, .id = product->id};
    enum cw_status status = store->ops->read_wait(store, find_newest, &newest, err);
    if (status == CW_OK && (!newest.found || strcmp(newest.row.version, product->version) == 0)) {
        *ret = NULL;
        return CW_OK;
    }
    if (status == CW_OK) {
        status = cw_admit_row(compare->paths, &effort, &newest.row, &before, err);
    }
    struct cw_comparison *comparison = cw_arena_alloc(arena, sizeof *comparison);
    struct cw_compare both = *compare;
    both.before = before;
    both.budget_ms = compare->budget_ms ? compare->budget_ms : CW_COMPARE_PUBLISH_MS;
    if (status == CW_OK) {
        status = cw_compare_versions(&both, arena, comparison, err);
    }
    if (status == CW_OK) {
        *ret = comparison;
    }
    return status;
}

/* ---- telling --------------------------------------------------------------------------------- */

static void write_unorderable(struct cw_json_writer *w, const char *name,
                              const struct cw_unorderable *list) {
    cw_jw_begin(w, name, '{');
    cw_jw_int(w, "looked", (int64_t)list->looked_at);
    cw_jw_int(w, "unorderable", (int64_t)list->count);
    cw_jw_bool(w, "cut", list->cut);
    cw_jw_begin(w, "ids", '[');
    for (size_t i = 0; i < list->id_count; i++) {
        cw_jw_str(w, NULL, list->ids[i]);
    }
    cw_jw_end(w, ']');
    cw_jw_end(w, '}');
}

void cw_comparison_write(const struct cw_comparison *c, struct cw_json_writer *w) {
    cw_jw_begin(w, "change", '{');
    cw_jw_str(w, "version", c->version);
    cw_jw_str(w, "before", c->change.before);
    cw_jw_str(w, "after", c->change.after);
    cw_jw_str(w, "common", c->change.common);
    cw_jw_str(w, "appear", c->change.appear);
    cw_jw_str(w, "vanish", c->change.vanish);
    write_unorderable(w, "designs", &c->designs);
    write_unorderable(w, "orders", &c->orders);
    cw_jw_end(w, '}');
}
