/*
 * Token buckets: how many requests one caller may make. A caller is whatever bytes name it (an
 * address, a key). May be asked from any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct cw_rate;

struct cw_rate_answer {
    bool granted;
    uint32_t remaining; /* whole tokens left */
    uint32_t next_s;    /* [s] until a token is there, at least 1; for Retry-After */
    uint32_t full_s;    /* [s] until the bucket is full again */
};

/* Buckets of `burst` tokens, refilled with `per_second`; both > 0. NULL: out of memory. */
struct cw_rate *cw_rate_new(uint32_t per_second, uint32_t burst);
void cw_rate_free(struct cw_rate *rate); /* NULL is fine */

/**
 * Take one token of a caller's bucket.
 * @param caller  what names it; its seeded hash is kept, not the bytes
 * @param now_ms  [ms] monotonic
 * @param ret     always written
 * @units   tokens, ms, s
 * @owner   nothing allocated
 * @errors  none
 * @cost    O(1), one short lock. The table holds CW_RATE_CALLERS; among four that share a place the
 *          one idle longest is forgotten, which can only grant more, never refuse more
 * @source  token bucket as in RFC 2697 §3 with one rate
 */
void cw_rate_take(struct cw_rate *rate, struct cw_bytes caller, int64_t now_ms,
                  struct cw_rate_answer *ret);
