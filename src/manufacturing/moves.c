/*
 * What every move of a spec has in common: its row, its history, its order.
 * Does not decide whether a move is allowed.
 * Runs in: cordwain serve, on the store's writer thread.
 */
#include "manufacturing/moves.h"

#include "base/digest.h"
#include "cordwain/states.h"

enum cw_status cw_moves_save(const struct cw_facility_call *call, struct cw_spec_row *spec,
                             struct cw_error *err) {
    spec->updated_ms = call->now_ms;
    return call->txn->ops->spec_update(call->txn, spec, err);
}

enum cw_status cw_moves_remember(const struct cw_facility_call *call,
                                 const struct cw_spec_row *spec, struct cw_event_row event,
                                 struct cw_error *err) {
    event.spec_id = spec->id;
    event.at_ms = call->now_ms;
    return call->txn->ops->event_put(call->txn, &event, err);
}

enum cw_status cw_moves_remember_own(const struct cw_facility_call *call,
                                     const struct cw_spec_row *spec, const char *from,
                                     const char *kind, struct cw_error *err) {
    char id[CW_ULID_TEXT];
    cw_ulid(call->now_ms, id);
    struct cw_event_row event = {
        .event_id = cw_arena_printf(call->arena, CW_EVENT_SERVER "%s:%s", kind, id),
        .fingerprint = "",
        .from = from,
        .to = spec->state,
        .body = cw_arena_printf(call->arena, "{\"reason\":\"%s\"}", kind),
        .response = "",
    };
    return cw_moves_remember(call, spec, event, err);
}

enum cw_status cw_moves_tell(const struct cw_facility_call *call, const struct cw_spec_row *spec,
                             struct cw_error *err) {
    return call->on_state(call->txn, call->arena, spec->order_id, call->now_ms, err);
}

void cw_moves_end_lease(struct cw_spec_row *spec) {
    spec->lease_id = "";
    spec->lease_until_ms = 0;
}
