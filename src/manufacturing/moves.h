/* Inside manufacturing only: keeping a spec's row, its history and its order in step. */
#pragma once

#include "manufacturing/facility.h"

/* Write the spec's changeable members; updated_ms becomes now. */
enum cw_status cw_moves_save(const struct cw_facility_call *call, struct cw_spec_row *spec,
                             struct cw_error *err) CW_MUST_USE;

/* Append to the history; spec_id and at_ms are filled in. */
enum cw_status cw_moves_remember(const struct cw_facility_call *call,
                                 const struct cw_spec_row *spec, struct cw_event_row event,
                                 struct cw_error *err) CW_MUST_USE;

/* The server's own move: event identifier "cordwain:<kind>:<ULID>", body {"reason":kind}. */
enum cw_status cw_moves_remember_own(const struct cw_facility_call *call,
                                     const struct cw_spec_row *spec, const char *from,
                                     const char *kind, struct cw_error *err) CW_MUST_USE;

/* Tell the order. */
enum cw_status cw_moves_tell(const struct cw_facility_call *call, const struct cw_spec_row *spec,
                             struct cw_error *err) CW_MUST_USE;

/* No lease any more. */
void cw_moves_end_lease(struct cw_spec_row *spec);
