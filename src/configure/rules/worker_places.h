/*
 * How many solver processes there are at once, of all products of this program: whoever wants to
 * start one takes a place, and whoever was not asked for longest loses its own. Server and command
 * line, any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* What may have a place; part of its owner, all zero at first. The lock of all places is held while
 * give_way runs: it may not call the functions below. */
struct cw_rules_place {
    struct cw_rules_place *before, *after;          /* those with a place, longest unused first */
    bool (*give_way)(struct cw_rules_place *place); /* end the process; false: it is at work */
    bool taken;
};

/**
 * Take a place, or keep the one it has. When all CW_RULES_SOLVERS are taken, the one that has been
 * idle for longest gives way; while all are at work this waits.
 * @units   deadline_ms of the monotonic clock
 * @owner   the place is left with cw_rules_place_leave before `place` goes
 * @errors  CW_E_BUSY "rules.busy": all were at work until the deadline
 * @cost    blocks; ending a process takes some milliseconds
 * @source  none
 */
enum cw_status cw_rules_place_take(struct cw_rules_place *place, int64_t deadline_ms,
                                   struct cw_error *err) CW_MUST_USE;

/* Its process is at rest now: the others are to give way before it does, and then it can. Nothing
 * when it has none. */
void cw_rules_place_rest(struct cw_rules_place *place);

/* One with a place was held for a moment and is at rest as before: whoever waits looks again. */
void cw_rules_place_wake(void);

/* Its process is gone. May be called twice. */
void cw_rules_place_leave(struct cw_rules_place *place);
