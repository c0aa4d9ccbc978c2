/* The order's own state, derived from the states of its specs. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "cordwain/states.h"
#include "cordwain/store.h"

/**
 * The order state that these spec states make.
 * First match wins over the specs that are not cancelled: none left → cancelled; any
 * cancel_requested → cancel_requested; any hold or rejected → on_hold; all shipped → shipped; any
 * begun (in_production … shipped) → in_production; all accepted → accepted; otherwise received.
 * @param states [count] spec states as stored
 * @units   none
 * @owner   returns a static string
 * @errors  none; no specs at all is received
 * @cost    O(count), pure
 * @source  docs/reference/orders-and-facilities.md "Order state"
 */
const char *cw_order_state_from_specs(const char *const *states, size_t count);

/**
 * Tell of the order's state: an outbox row "order.<state>".
 * @param order  its id, number and state are used; borrowed
 * @param now_ms [ms] wall clock
 * @units   ms since 1970 UTC
 * @owner   scratch in the arena
 * @errors  the store's
 * @cost    one write
 * @source  none
 */
enum cw_status cw_order_announce(struct cw_txn *txn, struct cw_arena *arena,
                                 const struct cw_order_row *order, int64_t now_ms,
                                 struct cw_error *err) CW_MUST_USE;

/**
 * Bring the order's stored state in line with its specs, in the transaction that changed them; a
 * change also writes an outbox row "order.<state>". Fits cw_facility_call.on_state.
 * @param now_ms [ms] wall clock
 * @units   ms since 1970 UTC
 * @owner   scratch in the arena
 * @errors  CW_E_NOT_FOUND "store.not_found" (no such order); the store's
 * @cost    one order, its specs; at most two writes
 * @source  none
 */
enum cw_status cw_order_refresh_state(struct cw_txn *txn, struct cw_arena *arena,
                                      const char *order_id, int64_t now_ms,
                                      struct cw_error *err) CW_MUST_USE;
