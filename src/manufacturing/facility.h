/* The facility queue and protocol, as functions inside a store transaction. Pure logic: no thread,
 * no clock. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "cordwain/facility.h"
#include "cordwain/store.h"

/* What every function needs. on_state is told of each spec whose order may have changed
 * (cw_order_refresh_state). */
struct cw_facility_call {
    struct cw_txn *txn;
    struct cw_arena *arena;
    int64_t now_ms;
    enum cw_status (*on_state)(struct cw_txn *txn, struct cw_arena *arena, const char *order_id,
                               int64_t now_ms, struct cw_error *err);
};

/**
 * Return specs whose lease ran out to the queue; after CW_LEASE_READS such leases put the spec on
 * hold ("poison").
 * @units   ms since 1970 UTC
 * @owner   scratch in the arena
 * @errors  the store's
 * @cost    two writes per expired lease
 * @source  docs/reference/orders-and-facilities.md
 */
enum cw_status cw_facility_expire(const struct cw_facility_call *call,
                                  struct cw_error *err) CW_MUST_USE;

/**
 * Grant leases on queued specs of a facility, most urgent first (priority, then shipBy, then age),
 * after expiring old ones. Each grant raises the spec's fence by one, so that whoever held it
 * before is refused.
 * @param ret_leases [ret_count] in the arena; empty when nothing is queued
 * @units   seconds and ms as named
 * @owner   the arena
 * @errors  CW_E_INPUT "lease.max", "lease.seconds"; the store's
 * @cost    two writes per lease
 * @source  docs/reference/orders-and-facilities.md; Kleppmann 2016 (fencing tokens)
 */
enum cw_status cw_facility_lease(const struct cw_facility_call *call,
                                 const struct cw_lease_request *request,
                                 struct cw_lease **ret_leases, size_t *ret_count,
                                 struct cw_error *err) CW_MUST_USE;

/**
 * Make a lease last lease_s from now.
 * @units   seconds
 * @owner   the arena
 * @errors  CW_E_CONFLICT "stale-lease" (ended, run out, or another fence), "invalid-transition"
 *          (on hold: the lease pauses); CW_E_INPUT "lease.seconds"; the store's
 * @cost    one write
 * @source  docs/reference/orders-and-facilities.md
 */
enum cw_status cw_facility_renew(const struct cw_facility_call *call,
                                 const struct cw_lease_change *change, struct cw_lease *ret_lease,
                                 struct cw_error *err) CW_MUST_USE;

/**
 * Give a leased spec back to the queue; its fence stays until the next grant.
 * @units   none
 * @owner   none
 * @errors  CW_E_CONFLICT as in renew; the store's
 * @cost    two writes
 * @source  docs/reference/orders-and-facilities.md
 */
enum cw_status cw_facility_release(const struct cw_facility_call *call,
                                   const struct cw_lease_change *change,
                                   struct cw_error *err) CW_MUST_USE;

/**
 * Apply one status event, or repeat the stored answer to the same eventId.
 * Checked in this order: spec and facility, eventId, revision, fence, lease time, state, table.
 * @units   none
 * @owner   the answer lives in the arena
 * @errors  CW_E_NOT_FOUND "spec.not_found" (also another facility's); CW_E_INPUT "event.id",
 *          "event.mismatch"; CW_E_CONFLICT "superseded", "stale-lease", "invalid-transition"
 *          (the message lists the moves allowed); the store's
 * @cost    two to four writes and on_state
 * @source  docs/reference/api.md "Specs and facilities"
 */
enum cw_status cw_facility_event(const struct cw_facility_call *call,
                                 const struct cw_status_event *event,
                                 struct cw_event_answer *ret_answer,
                                 struct cw_error *err) CW_MUST_USE;
