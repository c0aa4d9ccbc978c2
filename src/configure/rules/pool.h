/*
 * Arrays that grow, and one account of what they all hold: the compiler's memory budget. Growing
 * beyond the budget succeeds but is noted, so that the search ends at its next check instead of in
 * the middle of a step; the system refusing memory aborts, as with arenas.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cw_account {
    uint64_t used_bytes, limit_bytes; /* limit 0: none */
    bool exceeded;
};

/* data with room for at least `need` entries; *capacity is updated. */
void *cw_compile_pool_grow(struct cw_account *account, void *data, size_t *capacity, size_t need,
                           size_t entry_bytes);
/* `count` zeroed entries, counted. */
void *cw_compile_pool_zeroed(struct cw_account *account, size_t count, size_t entry_bytes);
void cw_compile_pool_free(struct cw_account *account, void *data, size_t capacity,
                          size_t entry_bytes);

struct cw_u32_pool {
    uint32_t *at;
    size_t count, capacity;
};

static inline void cw_u32_push(struct cw_account *account, struct cw_u32_pool *pool,
                               uint32_t value) {
    if (pool->count == pool->capacity)
        pool->at = cw_compile_pool_grow(account, pool->at, &pool->capacity, pool->count + 1,
                                        sizeof *pool->at);
    pool->at[pool->count++] = value;
}
/* Room for `count` more; where they go. */
static inline uint32_t *cw_u32_room(struct cw_account *account, struct cw_u32_pool *pool,
                                    size_t count) {
    if (pool->capacity - pool->count < count)
        pool->at = cw_compile_pool_grow(account, pool->at, &pool->capacity, pool->count + count,
                                        sizeof *pool->at);
    return pool->at + pool->count;
}
static inline void cw_u32_free(struct cw_account *account, struct cw_u32_pool *pool) {
    cw_compile_pool_free(account, pool->at, pool->capacity, sizeof *pool->at);
    *pool = (struct cw_u32_pool){0};
}

/* Ascending. */
void cw_u32_sort(uint32_t *numbers, size_t count);
