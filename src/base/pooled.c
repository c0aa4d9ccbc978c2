/*
 * Responsible for: random bytes without a system call for each (pooled.h). What was handed out is
 * wiped, so it is handed out once. Does not: serve keys. Any process, any thread.
 */
#include "base/pooled.h"

#include <assert.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

#define POOL_BYTES 4096

static _Thread_local struct {
    uint8_t bytes[POOL_BYTES];
    size_t left; /* at the end of bytes */
} pool;

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* In the only thread a child has: it must not name things as its parent does. */
static void drop(void) {
    pool.left = 0;
}

static void watch_forks(void) {
    if (pthread_atfork(NULL, NULL, drop) != 0)
        abort(); /* out of memory at start-up */
}

void cw_random_pooled(void *ret_data, size_t length) {
    assert(length <= CW_POOLED_BYTES);
    if (pool.left < length) {
        pthread_once(&once, watch_forks);
        cw_random(pool.bytes, sizeof pool.bytes);
        pool.left = sizeof pool.bytes;
    }
    uint8_t *from = pool.bytes + sizeof pool.bytes - pool.left;
    memcpy(ret_data, from, length);
    memset(from, 0, length);
    pool.left -= length;
}
