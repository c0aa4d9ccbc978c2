/* Cancelling an order: free until a facility accepted, a request after that, too late once work
 * began. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "cordwain/store.h"

/* Argument of cw_order_cancel: fill the first three; `ret_state` is written on CW_OK only. */
struct cw_order_cancellation {
    const char *order_id;
    int64_t now_ms;
    struct cw_arena *arena;
    const char *ret_state; /* cancelled or cancel_requested */
};

/**
 * Cancel every spec of the order, or ask its facilities to. All or nothing; repeating it changes
 * nothing. A cw_txn_fn. A leased spec's fence grows by one, so that its facility can no longer
 * accept it.
 * @param arg struct cw_order_cancellation
 * @units   ms since 1970 UTC
 * @owner   the state is a static string
 * @errors  CW_E_NOT_FOUND "order.not_found"; CW_E_CONFLICT "order.too_late_to_cancel" (work has
 * begun on a spec); the store's
 * @cost    two writes per spec
 * @source  docs/reference/orders-and-facilities.md: amend and cancel are free until accepted
 */
enum cw_status cw_order_cancel(struct cw_txn *txn, void *arg, struct cw_error *err) CW_MUST_USE;
