/* Whole frames over a stream socket, with a deadline. Both sides; blocking. */
#pragma once

#include "configure/rules/worker_wire.h"

#define CW_RULES_FOREVER INT64_MAX

/* Milliseconds of the monotonic clock after now; 0 asks for FOREVER. */
int64_t cw_rules_deadline(uint64_t ms);

/* "rules.worker" all: CW_E_TIMEOUT, the deadline passed; CW_E_IO: the other side is gone.
 */
enum cw_status cw_rules_send(int fd, const struct cw_buf *frame, int64_t deadline_ms,
                             struct cw_error *err) CW_MUST_USE;

/* The body goes into `ret_body` (replaced). Also CW_E_IO "rules.worker"; CW_E_NOT_FOUND
 * "rules.worker": the other side has ended before the frame began. */
enum cw_status cw_rules_receive(int fd, uint64_t most, int64_t deadline_ms,
                                enum cw_rules_kind *ret_kind, struct cw_buf *ret_body,
                                struct cw_error *err) CW_MUST_USE;
