/*
 * Cancelling an order: what each spec's state allows, and the moves that follow.
 * Does not answer for a facility: once it accepted, it is asked (cancel_requested) and answers by a
 * status event. Runs in: cordwain serve, on the store's writer thread.
 */
#include "orders/cancel.h"

#include <string.h>

#include "base/digest.h"
#include "cordwain/states.h"
#include "orders/state.h"

enum effect { NOTHING, FREE, ASK, TOO_LATE };

/* What a cancellation does to a spec in each state. */
static const struct {
    const char *state;
    enum effect effect;
} effects[] = {
    {CW_SPEC_QUEUED, FREE},       {CW_SPEC_LEASED, FREE},
    {CW_SPEC_REJECTED, FREE}, /* nobody will make it */
    {CW_SPEC_ACCEPTED, ASK},      {CW_SPEC_CANCEL_REQUESTED, NOTHING},
    {CW_SPEC_CANCELLED, NOTHING}, {CW_SPEC_IN_PRODUCTION, TOO_LATE},
    {CW_SPEC_REWORK, TOO_LATE},   {CW_SPEC_INSPECTED, TOO_LATE},
    {CW_SPEC_PACKED, TOO_LATE},   {CW_SPEC_SHIPPED, TOO_LATE},
};

/* A spec on hold counts as what it was before. An unknown state is never cancelled. */
static enum effect effect_of(const struct cw_spec_row *spec) {
    const char *state = strcmp(spec->state, CW_SPEC_HOLD) == 0 ? spec->hold_from : spec->state;
    for (size_t i = 0; i < sizeof effects / sizeof effects[0]; i++) {
        if (strcmp(effects[i].state, state) == 0)
            return effects[i].effect;
    }
    return TOO_LATE;
}

static enum cw_status remember(struct cw_txn *txn, struct cw_arena *arena,
                               const struct cw_spec_row *spec, const char *from,
                               struct cw_error *err) {
    char id[CW_ULID_TEXT]; /* a cancellation may follow one that was refused: each has its own
                              identifier */
    cw_ulid(spec->updated_ms, id);
    struct cw_event_row event = {
        .spec_id = spec->id,
        .event_id = cw_arena_printf(arena, CW_EVENT_SERVER "cancel:%s", id),
        .fingerprint = "",
        .from = from,
        .to = spec->state,
        .body = "{\"reason\":\"customer\"}",
        .response = "",
        .at_ms = spec->updated_ms,
    };
    return txn->ops->event_put(txn, &event, err);
}

static enum cw_status cancel_spec(struct cw_txn *txn, const struct cw_order_cancellation *order,
                                  struct cw_spec_row *spec, struct cw_error *err) {
    enum effect effect = effect_of(spec);
    if (effect == NOTHING)
        return CW_OK;
    const char *from = spec->state;
    if (effect == ASK) {
        spec->cancel_from = from;
        spec->state = CW_SPEC_CANCEL_REQUESTED;
    } else {
        if (spec->lease_id[0] != '\0')
            spec->fence++; /* whoever holds the lease must not be able to accept */
        spec->lease_id = spec->hold_from = "";
        spec->lease_until_ms = 0;
        spec->state = CW_SPEC_CANCELLED;
    }
    spec->updated_ms = order->now_ms;
    enum cw_status status = txn->ops->spec_update(txn, spec, err);
    return status == CW_OK ? remember(txn, order->arena, spec, from, err) : status;
}

enum cw_status cw_order_cancel(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct cw_order_cancellation *order = arg;
    struct cw_spec_row *specs;
    size_t count;
    enum cw_status status =
        txn->ops->spec_by_order(txn, order->arena, order->order_id, &specs, &count, err);
    if (status != CW_OK)
        return status;
    if (count == 0)
        return cw_fail(err, CW_E_NOT_FOUND, "order.not_found", "no such order");
    for (size_t i = 0; i < count; i++) {
        if (effect_of(&specs[i]) == TOO_LATE)
            return cw_fail(err, CW_E_CONFLICT, "order.too_late_to_cancel",
                           "work on this order has begun");
    }
    for (size_t i = 0; i < count && status == CW_OK; i++)
        status = cancel_spec(txn, order, &specs[i], err);
    if (status == CW_OK)
        status = cw_order_refresh_state(txn, order->arena, order->order_id, order->now_ms, err);
    if (status != CW_OK)
        return status;
    const char **states = cw_arena_array(order->arena, count, sizeof *states);
    for (size_t i = 0; i < count; i++)
        states[i] = specs[i].state;
    order->ret_state = cw_order_state_from_specs(states, count);
    return CW_OK;
}
