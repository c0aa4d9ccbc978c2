/* Which idempotent requests are running in this process right now. Shared by the loops;
 * thread-safe. */
#pragma once

#include "base/error.h"

struct cw_idempotency_guard;

struct cw_idempotency_guard *cw_idempotency_guard_new(void); /* NULL: memory is out */
void cw_idempotency_guard_free(struct cw_idempotency_guard *guard);

/**
 * Mark (scope, key) as running.
 * @units   none
 * @owner   copies both; pair each CW_OK with one _leave
 * @errors  CW_E_CONFLICT "idempotency.running"; CW_E_NOMEM
 * @cost    O(1) under a mutex
 * @source  draft-ietf-httpapi-idempotency-key-header-06 §2.6
 */
enum cw_status cw_idempotency_guard_enter(struct cw_idempotency_guard *guard, const char *scope,
                                          const char *key, struct cw_error *err) CW_MUST_USE;

/* The request was answered, well or badly. Unknown pairs are ignored. */
void cw_idempotency_guard_leave(struct cw_idempotency_guard *guard, const char *scope,
                                const char *key);
