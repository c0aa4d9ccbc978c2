/* The table of moves of a build spec, one row per move. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cordwain/facility.h"
#include "cordwain/states.h"

enum cw_mover {
    CW_BY_SERVER,   /* leases, their end, new serials */
    CW_BY_FACILITY, /* status events */
    CW_BY_CANCEL    /* the shopper's cancellation (src/orders) */
};

struct cw_transition {
    const char *from, *to;
    enum cw_mover by;
};

/* Every move but the two that go back: hold → the state before, cancel_refused → the state before.
 */
extern const struct cw_transition cw_transitions[];
extern const size_t cw_transition_count;

/**
 * May a facility report this move?
 * @param from      where the spec is
 * @param to        what the facility reports
 * @param hold_from state before the hold, when from is hold; "" otherwise
 * @units none
 * @owner none
 * @errors none: false
 * @cost  O(rows), pure
 * @source docs/reference/api.md "Transitions"
 */
bool cw_transition_allowed(const char *from, const char *to, const char *hold_from);

/* The states a facility may report next from `from`; returns how many. Static strings, and
 * hold_from itself. */
size_t cw_transition_next(const char *from, const char *hold_from,
                          const char *ret_next[CW_NEXT_STATES]);

/* Is this a state a spec can rest in? */
bool cw_spec_state_known(const char *state);
