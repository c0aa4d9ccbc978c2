/*
 * Leases of queued specs: grant, renew, release, and their end by time.
 * Does not wait for work (the API does) and does not end a lease by acceptance (facility.c does).
 * Runs in: cordwain serve, on the store's writer thread.
 */
#include "manufacturing/facility.h"

#include <string.h>

#include "base/digest.h"
#include "cordwain/limits.h"
#include "cordwain/states.h"
#include "manufacturing/moves.h"

#define S_MS 1000

/* A spec that leases keep running out on stops whoever takes it: after CW_LEASE_READS it waits for
 * a person, as a queue puts a poison message aside. */
static enum cw_status expire_one(const struct cw_facility_call *call, struct cw_spec_row *spec,
                                 struct cw_error *err) {
    cw_moves_end_lease(spec);
    spec->reads++;
    bool poison = spec->reads >= CW_LEASE_READS;
    spec->state = poison ? CW_SPEC_HOLD : CW_SPEC_QUEUED;
    spec->hold_from = poison ? CW_SPEC_QUEUED : "";
    enum cw_status status = cw_moves_save(call, spec, err);
    if (status == CW_OK)
        status =
            cw_moves_remember_own(call, spec, CW_SPEC_LEASED, poison ? "poison" : "expired", err);
    return status == CW_OK && poison ? cw_moves_tell(call, spec, err) : status;
}

enum cw_status cw_facility_expire(const struct cw_facility_call *call, struct cw_error *err) {
    struct cw_spec_row *specs;
    size_t count;
    enum cw_status status =
        call->txn->ops->spec_expired(call->txn, call->arena, call->now_ms, &specs, &count, err);
    for (size_t i = 0; status == CW_OK && i < count; i++)
        status = expire_one(call, &specs[i], err);
    return status;
}

static enum cw_status check_seconds(int32_t lease_s, struct cw_error *err) {
    if (lease_s >= CW_LEASE_SECONDS_MIN && lease_s <= CW_LEASE_SECONDS_MAX)
        return CW_OK;
    return cw_fail_at(err, CW_E_INPUT, "lease.seconds", "/leaseSeconds",
                      "a lease lasts %d to %d seconds", CW_LEASE_SECONDS_MIN, CW_LEASE_SECONDS_MAX);
}

static struct cw_lease lease_of(const struct cw_spec_row *spec) {
    return (struct cw_lease){
        .spec_id = spec->id,
        .revision = spec->revision,
        .lease_id = spec->lease_id,
        .fence = spec->fence,
        .lease_until_ms = spec->lease_until_ms,
        .digest = spec->digest,
    };
}

static enum cw_status grant(const struct cw_facility_call *call, struct cw_spec_row *spec,
                            int32_t lease_s, struct cw_error *err) {
    char id[CW_ULID_TEXT];
    cw_ulid(call->now_ms, id);
    spec->lease_id = cw_arena_strdup(call->arena, id);
    spec->lease_until_ms = call->now_ms + (int64_t)lease_s * S_MS;
    spec->fence++;
    spec->state = CW_SPEC_LEASED;
    enum cw_status status = cw_moves_save(call, spec, err);
    return status == CW_OK ? cw_moves_remember_own(call, spec, CW_SPEC_QUEUED, "leased", err)
                           : status;
}

enum cw_status cw_facility_lease(const struct cw_facility_call *call,
                                 const struct cw_lease_request *request,
                                 struct cw_lease **ret_leases, size_t *ret_count,
                                 struct cw_error *err) {
    if (request->max < 1 || request->max > CW_LEASE_MAX)
        return cw_fail_at(err, CW_E_INPUT, "lease.max", "/max", "at most %d leases at once",
                          CW_LEASE_MAX);
    enum cw_status status = check_seconds(request->lease_s, err);
    if (status == CW_OK)
        status = cw_facility_expire(call, err);
    if (status != CW_OK)
        return status;
    struct cw_spec_queue queue = {
        .facility_id = request->facility_id,
        .work_centre = request->work_centre,
        .ship_before_ms = request->ship_before_ms,
        .max = (size_t)request->max,
    };
    struct cw_spec_row *specs;
    size_t count;
    status = call->txn->ops->spec_queue(call->txn, call->arena, &queue, &specs, &count, err);
    if (status != CW_OK)
        return status;
    struct cw_lease *leases = cw_arena_array(call->arena, count + 1, sizeof *leases);
    for (size_t i = 0; i < count && status == CW_OK; i++) {
        status = grant(call, &specs[i], request->lease_s, err);
        leases[i] = lease_of(&specs[i]);
    }
    if (status == CW_OK) {
        *ret_leases = leases;
        *ret_count = count;
    }
    return status;
}

/* The leased spec, if the caller still holds it. Whether a lease ended, never was, or is another
 * facility's is not told apart: in each case the caller must let go. */
static enum cw_status held(const struct cw_facility_call *call,
                           const struct cw_lease_change *change, struct cw_spec_row *ret_spec,
                           struct cw_error *err) {
    struct cw_error absent = {0};
    enum cw_status status =
        call->txn->ops->spec_by_lease(call->txn, call->arena, change->lease_id, ret_spec, &absent);
    if (status != CW_OK && status != CW_E_NOT_FOUND) {
        if (err != NULL)
            *err = absent;
        return status;
    }
    bool stale =
        status != CW_OK || ret_spec->fence != change->fence ||
        (change->facility_id[0] != '\0' && strcmp(change->facility_id, ret_spec->facility_id) != 0);
    if (!stale && strcmp(ret_spec->state, CW_SPEC_HOLD) == 0)
        return cw_fail(err, CW_E_CONFLICT, "invalid-transition",
                       "the spec is on hold: its lease waits until it leaves hold");
    if (stale || strcmp(ret_spec->state, CW_SPEC_LEASED) != 0 ||
        ret_spec->lease_until_ms <= call->now_ms)
        return cw_fail(err, CW_E_CONFLICT, "stale-lease", "this lease has ended");
    return CW_OK;
}

enum cw_status cw_facility_renew(const struct cw_facility_call *call,
                                 const struct cw_lease_change *change, struct cw_lease *ret_lease,
                                 struct cw_error *err) {
    struct cw_spec_row spec;
    enum cw_status status = check_seconds(change->lease_s, err);
    if (status == CW_OK)
        status = held(call, change, &spec, err);
    if (status != CW_OK)
        return status;
    spec.lease_until_ms = call->now_ms + (int64_t)change->lease_s * S_MS;
    status = call->txn->ops->spec_update(call->txn, &spec, err); /* no change of state */
    if (status == CW_OK)
        *ret_lease = lease_of(&spec);
    return status;
}

enum cw_status cw_facility_release(const struct cw_facility_call *call,
                                   const struct cw_lease_change *change, struct cw_error *err) {
    struct cw_spec_row spec;
    enum cw_status status = held(call, change, &spec, err);
    if (status != CW_OK)
        return status;
    cw_moves_end_lease(&spec);
    spec.state = CW_SPEC_QUEUED;
    status = cw_moves_save(call, &spec, err);
    if (status != CW_OK)
        return status;
    char id[CW_ULID_TEXT];
    cw_ulid(call->now_ms, id);
    CW_AUTO_BUF struct cw_buf body = {0};
    cw_buf_puts(&body, "{\"note\":");
    cw_buf_json(&body, change->reason);
    cw_buf_puts(&body, ",\"reason\":\"released\"}");
    struct cw_event_row event = {
        .event_id = cw_arena_printf(call->arena, CW_EVENT_SERVER "released:%s", id),
        .fingerprint = "",
        .from = CW_SPEC_LEASED,
        .to = CW_SPEC_QUEUED,
        .body = body.data,
        .response = "",
    };
    return cw_moves_remember(call, &spec, event, err);
}
