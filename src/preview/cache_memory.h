/* Pictures in memory, bounded in bytes: a segmented LRU. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "preview/identity.h"

struct cw_cache_memory;

struct cw_cache_memory_stats {
    uint64_t hits, misses, evictions;
    size_t entries, bytes;
};

/* max_bytes counts values and bookkeeping. NULL when memory is out. */
struct cw_cache_memory *cw_cache_memory_new(size_t max_bytes);
void cw_cache_memory_free(struct cw_cache_memory *cache); /* NULL is fine */

/* A reference for the caller, or NULL. O(1). */
struct cw_blob *cw_cache_memory_get(struct cw_cache_memory *cache,
                                    const uint8_t key[CW_IDENTITY_BYTES]);

/* Takes its own reference; an old value under the key is replaced. A value of more than an eighth
 * of the whole is not kept. O(1) amortised. */
void cw_cache_memory_set(struct cw_cache_memory *cache, const uint8_t key[CW_IDENTITY_BYTES],
                         struct cw_blob *blob);

void cw_cache_memory_stats(struct cw_cache_memory *cache, struct cw_cache_memory_stats *ret_stats);
