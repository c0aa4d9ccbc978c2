/*
 * Making an order in one transaction: idempotency, number, order, specs, artifacts, outbox, stored
 * answer. Does not check the configuration, price it, or write the spec document: the API prepares
 * a draft, and its builder runs in here because the document names the order's number and is
 * signed. Runs in: cordwain serve, on the store's writer thread.
 */
#include "orders/create.h"

#include <string.h>

#include "base/digest.h"
#include "cordwain/states.h"
#include "orders/state.h"

/* The scratch of one run. */
struct making {
    struct cw_txn *txn;
    const struct cw_order_draft *draft;
    struct cw_arena *arena;
    struct cw_order_ids ids;
    struct cw_order_built built;
};

#define HTTP_CREATED 201

/* Answered before? *ret_found tells; the same key with another body is the client's mistake. */
static enum cw_status replay(struct cw_txn *txn, struct cw_order_creation *creation,
                             bool *ret_found, struct cw_error *err) {
    const struct cw_order_draft *draft = creation->draft;
    struct cw_idempotency_row row;
    struct cw_error absent = {0};
    enum cw_status status =
        txn->ops->idempotency_get(txn, creation->arena, draft->scope, draft->key, &row, &absent);
    *ret_found = status == CW_OK;
    if (status == CW_E_NOT_FOUND)
        return CW_OK;
    if (status != CW_OK) {
        if (err != NULL)
            *err = absent;
        return status;
    }
    if (strcmp(row.fingerprint, draft->fingerprint) != 0)
        return cw_fail(err, CW_E_INPUT, "idempotency.mismatch",
                       "this Idempotency-Key was used with another request");
    creation->created = (struct cw_order_created){
        .replayed = true,
        .http_status = row.http_status,
        .response = row.response,
        .location = row.location,
    };
    return CW_OK;
}

static enum cw_status give_ids(struct making *making, int64_t now_ms, struct cw_error *err) {
    char day[CW_TIME_TEXT], id[CW_ULID_TEXT];
    int64_t number = 0;
    cw_time_date(now_ms, day);
    enum cw_status status = making->txn->ops->order_next_number(making->txn, day, &number, err);
    if (status != CW_OK)
        return status;
    cw_ulid(now_ms, id);
    making->ids = (struct cw_order_ids){
        .order_id = cw_arena_strdup(making->arena, id),
        .order_number = cw_arena_printf(making->arena, "CW-%.4s%.2s%.2s-%06lld", day, day + 5,
                                        day + 8, (long long)number),
        .created_ms = now_ms,
    };
    return CW_OK;
}

static enum cw_status put_order(struct making *making, struct cw_error *err) {
    struct cw_order_row order = making->built.order;
    order.id = making->ids.order_id;
    order.number = making->ids.order_number;
    order.created_ms = making->ids.created_ms;
    order.state = CW_ORDER_RECEIVED;
    return making->txn->ops->order_put(making->txn, &order, err);
}

static enum cw_status put_artifacts(struct making *making, struct cw_error *err) {
    enum cw_status status = CW_OK;
    for (size_t i = 0; i < making->draft->artifact_count && status == CW_OK; i++)
        status = making->txn->ops->artifact_put(making->txn, &making->draft->artifacts[i], err);
    return status;
}

/* Serials are short and random: once in a million orders one is taken. Trying again makes another.
 */
static enum cw_status put_spec(struct making *making, const struct cw_spec_row *spec,
                               struct cw_error *err) {
    struct cw_error taken = {0};
    enum cw_status status = making->txn->ops->spec_put(making->txn, spec, &taken);
    if (status == CW_E_CONFLICT)
        return cw_fail(err, CW_E_BUSY, "order.again", "the order could not be numbered, try again");
    if (status != CW_OK && err != NULL)
        *err = taken;
    return status;
}

static enum cw_status put_specs(struct making *making, struct cw_error *err) {
    if (making->built.spec_count == 0)
        return cw_fail(err, CW_E_BUG, "order.no_specs", "an order without specs");
    enum cw_status status = CW_OK;
    for (size_t i = 0; i < making->built.spec_count && status == CW_OK; i++) {
        struct cw_spec_row spec = making->built.specs[i];
        spec.order_id = making->ids.order_id;
        spec.state = CW_SPEC_QUEUED;
        spec.newest = true;
        spec.created_ms = spec.updated_ms = making->ids.created_ms;
        spec.fence = 0;
        spec.lease_id = spec.hold_from = spec.cancel_from = "";
        spec.lease_until_ms = 0;
        spec.reads = 0;
        status = put_spec(making, &spec, err);
    }
    return status;
}

static enum cw_status put_outbox(struct making *making, struct cw_error *err) {
    const struct cw_order_row order = {
        .id = making->ids.order_id, .number = making->ids.order_number, .state = CW_ORDER_RECEIVED};
    return cw_order_announce(making->txn, making->arena, &order, making->ids.created_ms, err);
}

static enum cw_status put_answer(struct making *making, struct cw_error *err) {
    struct cw_idempotency_row row = {
        .scope = making->draft->scope,
        .key = making->draft->key,
        .fingerprint = making->draft->fingerprint,
        .http_status = HTTP_CREATED,
        .response = making->built.response,
        .location = making->built.location,
        .created_ms = making->ids.created_ms,
    };
    return making->txn->ops->idempotency_put(making->txn, &row, err);
}

static enum cw_status build(struct making *making, struct cw_error *err) {
    return making->draft->build(making->draft->build_ctx, &making->ids, making->arena,
                                &making->built, err);
}

/* The steps of an order, in order; the first that fails rolls all of them back. */
static const struct {
    const char *name;
    enum cw_status (*run)(struct making *, struct cw_error *);
} steps[] = {
    {"build", build},     {"order", put_order},   {"artifacts", put_artifacts},
    {"specs", put_specs}, {"outbox", put_outbox}, {"answer", put_answer},
};

enum cw_status cw_order_create(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct cw_order_creation *creation = arg;
    bool found = false;
    enum cw_status status = replay(txn, creation, &found, err);
    if (status != CW_OK || found)
        return status;
    struct making making = {.txn = txn, .draft = creation->draft, .arena = creation->arena};
    status = give_ids(&making, cw_clock_now_ms(creation->clock), err);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && status == CW_OK; i++) {
        status = steps[i].run(&making, err);
        if (status != CW_OK)
            cw_error_detail(err, "order step '%s'", steps[i].name);
    }
    if (status != CW_OK)
        return status;
    creation->created = (struct cw_order_created){
        .replayed = false,
        .http_status = HTTP_CREATED,
        .response = making.built.response,
        .location = making.built.location,
    };
    return CW_OK;
}
