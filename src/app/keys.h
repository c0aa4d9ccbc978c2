/* API keys: made here, shown once, stored as SHA-256 only. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "cordwain/store.h"

#define CW_KEY_TEXT 64

/**
 * Make a key "cw_live_<id>_<secret>" and store its hash.
 * @param name     for people
 * @param scopes   space-separated, at most one facility; each one of products:write,
 * stock:write, specs:pull:<facility>, orders:read, admin
 * @param ret_key  the whole key, shown this once
 * @units   ms since 1970 UTC; expires_ms 0 is never
 * @owner   plain text
 * @errors  CW_E_INPUT "key.scope", "key.name"; the store's
 * @cost    one write, waits for the disk
 * @source  docs/reference/api.md "Keys"
 */
enum cw_status cw_key_create(struct cw_store *store, const char *name, const char *scopes,
                             int64_t expires_ms, char ret_key[CW_KEY_TEXT],
                             struct cw_error *err) CW_MUST_USE;

enum cw_status cw_key_revoke(struct cw_store *store, const char *id,
                             struct cw_error *err) CW_MUST_USE;

/* In the arena. */
enum cw_status cw_key_list(struct cw_store *store, struct cw_arena *arena, struct cw_key_row **ret,
                           size_t *ret_count, struct cw_error *err) CW_MUST_USE;
