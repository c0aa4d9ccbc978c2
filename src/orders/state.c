/*
 * The order's own state, derived from its specs.
 * Does not move specs: src/manufacturing and cancel.c do, and call here in the same transaction.
 * Runs in: cordwain serve, on the store's writer thread.
 */
#include "orders/state.h"

#include <stdbool.h>
#include <string.h>

struct tally {
    size_t alive, requested, held, shipped, begun, accepted;
};

static bool is(const char *state, const char *word) {
    return strcmp(state, word) == 0;
}

static void count_state(struct tally *tally, const char *state) {
    if (is(state, CW_SPEC_CANCELLED))
        return;
    tally->alive++;
    if (is(state, CW_SPEC_CANCEL_REQUESTED))
        tally->requested++;
    else if (is(state, CW_SPEC_HOLD) || is(state, CW_SPEC_REJECTED))
        tally->held++;
    else if (is(state, CW_SPEC_SHIPPED))
        tally->shipped++;
    else if (is(state, CW_SPEC_ACCEPTED))
        tally->accepted++;
    else if (!is(state, CW_SPEC_QUEUED) && !is(state, CW_SPEC_LEASED))
        tally->begun++;
}

const char *cw_order_state_from_specs(const char *const *states, size_t count) {
    struct tally tally = {0};
    for (size_t i = 0; i < count; i++)
        count_state(&tally, states[i]);
    if (tally.alive == 0)
        return count > 0 ? CW_ORDER_CANCELLED : CW_ORDER_RECEIVED;
    if (tally.requested > 0)
        return CW_ORDER_CANCEL_REQUESTED;
    if (tally.held > 0)
        return CW_ORDER_ON_HOLD;
    if (tally.shipped == tally.alive)
        return CW_ORDER_SHIPPED;
    if (tally.begun + tally.shipped > 0)
        return CW_ORDER_IN_PRODUCTION;
    return tally.accepted == tally.alive ? CW_ORDER_ACCEPTED : CW_ORDER_RECEIVED;
}

enum cw_status cw_order_announce(struct cw_txn *txn, struct cw_arena *arena,
                                 const struct cw_order_row *order, int64_t now_ms,
                                 struct cw_error *err) {
    CW_AUTO_BUF struct cw_buf body = {0};
    cw_buf_puts(&body, "{\"number\":");
    cw_buf_json(&body, order->number);
    cw_buf_puts(&body, ",\"orderId\":");
    cw_buf_json(&body, order->id);
    cw_buf_puts(&body, ",\"state\":");
    cw_buf_json(&body, order->state);
    cw_buf_puts(&body, "}");
    struct cw_outbox_row row = {
        .kind = cw_arena_printf(arena, "order.%s", order->state),
        .subject = order->id,
        .body = body.data,
        .created_ms = now_ms,
    };
    return txn->ops->outbox_put(txn, &row, err);
}

enum cw_status cw_order_refresh_state(struct cw_txn *txn, struct cw_arena *arena,
                                      const char *order_id, int64_t now_ms, struct cw_error *err) {
    struct cw_order_row order;
    struct cw_spec_row *specs;
    size_t count;
    enum cw_status status = txn->ops->order_get(txn, arena, order_id, &order, err);
    if (status == CW_OK)
        status = txn->ops->spec_by_order(txn, arena, order_id, &specs, &count, err);
    if (status != CW_OK)
        return status;
    const char **states = cw_arena_array(arena, count + 1, sizeof *states);
    for (size_t i = 0; i < count; i++)
        states[i] = specs[i].state;
    const char *state = cw_order_state_from_specs(states, count);
    if (is(state, order.state))
        return CW_OK;
    status = txn->ops->order_set_state(txn, order_id, state, err);
    order.state = state;
    return status == CW_OK ? cw_order_announce(txn, arena, &order, now_ms, err) : status;
}
