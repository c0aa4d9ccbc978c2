/*
 * The moves of a build spec, as a table.
 * Does not apply them: facility.c and leases.c do, and src/orders for cancellations.
 * Runs in: cordwain serve, on the store's writer thread; pure.
 */
#include "manufacturing/transitions.h"

#include <string.h>

const struct cw_transition cw_transitions[] = {
    {CW_SPEC_QUEUED, CW_SPEC_LEASED, CW_BY_SERVER}, /* grant */
    {CW_SPEC_LEASED, CW_SPEC_QUEUED, CW_BY_SERVER}, /* released, or ran out */
    {CW_SPEC_LEASED, CW_SPEC_HOLD, CW_BY_SERVER},   /* ran out too often: poison, held as queued */
    {CW_SPEC_SCRAPPED, CW_SPEC_QUEUED, CW_BY_SERVER}, /* a new unit with a new serial */

    {CW_SPEC_LEASED, CW_SPEC_ACCEPTED, CW_BY_FACILITY},
    {CW_SPEC_LEASED, CW_SPEC_REJECTED, CW_BY_FACILITY},
    {CW_SPEC_LEASED, CW_SPEC_HOLD, CW_BY_FACILITY},
    {CW_SPEC_ACCEPTED, CW_SPEC_IN_PRODUCTION, CW_BY_FACILITY},
    {CW_SPEC_ACCEPTED, CW_SPEC_HOLD, CW_BY_FACILITY},
    {CW_SPEC_ACCEPTED, CW_SPEC_REJECTED, CW_BY_FACILITY},
    {CW_SPEC_IN_PRODUCTION, CW_SPEC_INSPECTED, CW_BY_FACILITY},
    {CW_SPEC_IN_PRODUCTION, CW_SPEC_REWORK, CW_BY_FACILITY},
    {CW_SPEC_IN_PRODUCTION, CW_SPEC_SCRAPPED, CW_BY_FACILITY},
    {CW_SPEC_IN_PRODUCTION, CW_SPEC_HOLD, CW_BY_FACILITY},
    {CW_SPEC_REWORK, CW_SPEC_INSPECTED, CW_BY_FACILITY},
    {CW_SPEC_REWORK, CW_SPEC_SCRAPPED, CW_BY_FACILITY},
    {CW_SPEC_REWORK, CW_SPEC_HOLD, CW_BY_FACILITY},
    {CW_SPEC_INSPECTED, CW_SPEC_PACKED, CW_BY_FACILITY},
    {CW_SPEC_INSPECTED, CW_SPEC_REWORK, CW_BY_FACILITY},
    {CW_SPEC_INSPECTED, CW_SPEC_SCRAPPED, CW_BY_FACILITY},
    {CW_SPEC_INSPECTED, CW_SPEC_HOLD, CW_BY_FACILITY},
    {CW_SPEC_PACKED, CW_SPEC_SHIPPED, CW_BY_FACILITY},
    {CW_SPEC_PACKED, CW_SPEC_HOLD, CW_BY_FACILITY},
    {CW_SPEC_HOLD, CW_SPEC_REJECTED, CW_BY_FACILITY},
    {CW_SPEC_CANCEL_REQUESTED, CW_SPEC_CANCELLED, CW_BY_FACILITY},
    {CW_SPEC_CANCEL_REQUESTED, CW_SPEC_CANCEL_REFUSED, CW_BY_FACILITY},

    {CW_SPEC_QUEUED, CW_SPEC_CANCELLED, CW_BY_CANCEL},
    {CW_SPEC_LEASED, CW_SPEC_CANCELLED, CW_BY_CANCEL},
    {CW_SPEC_REJECTED, CW_SPEC_CANCELLED, CW_BY_CANCEL},
    {CW_SPEC_HOLD, CW_SPEC_CANCELLED, CW_BY_CANCEL}, /* held before accepted */
    {CW_SPEC_ACCEPTED, CW_SPEC_CANCEL_REQUESTED, CW_BY_CANCEL},
    {CW_SPEC_HOLD, CW_SPEC_CANCEL_REQUESTED, CW_BY_CANCEL}, /* held after accepted */
};
const size_t cw_transition_count = sizeof cw_transitions / sizeof cw_transitions[0];

bool cw_transition_allowed(const char *from, const char *to, const char *hold_from) {
    if (strcmp(from, CW_SPEC_HOLD) == 0 && hold_from[0] != '\0' && strcmp(to, hold_from) == 0)
        return true;
    for (size_t i = 0; i < cw_transition_count; i++) {
        const struct cw_transition *move = &cw_transitions[i];
        if (move->by == CW_BY_FACILITY && strcmp(move->from, from) == 0 &&
            strcmp(move->to, to) == 0)
            return true;
    }
    return false;
}

size_t cw_transition_next(const char *from, const char *hold_from,
                          const char *ret_next[CW_NEXT_STATES]) {
    size_t count = 0;
    if (strcmp(from, CW_SPEC_HOLD) == 0 && hold_from[0] != '\0')
        ret_next[count++] = hold_from;
    for (size_t i = 0; i < cw_transition_count && count < CW_NEXT_STATES; i++) {
        if (cw_transitions[i].by == CW_BY_FACILITY && strcmp(cw_transitions[i].from, from) == 0)
            ret_next[count++] = cw_transitions[i].to;
    }
    return count;
}

bool cw_spec_state_known(const char *state) {
    static const char *const resting[] = {
        CW_SPEC_QUEUED,    CW_SPEC_LEASED, CW_SPEC_ACCEPTED,         CW_SPEC_IN_PRODUCTION,
        CW_SPEC_INSPECTED, CW_SPEC_PACKED, CW_SPEC_SHIPPED,          CW_SPEC_HOLD,
        CW_SPEC_REJECTED,  CW_SPEC_REWORK, CW_SPEC_CANCEL_REQUESTED, CW_SPEC_CANCELLED};
    for (size_t i = 0; i < sizeof resting / sizeof *resting; i++) {
        if (strcmp(resting[i], state) == 0) {
            return true;
        }
    }
    return false;
}
