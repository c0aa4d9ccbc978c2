/*
 * Responsible for: the shared tier of a server that has none: every look-up misses.
 * Does not: hold anything.
 * Runs in: the server (preview loop), the command line.
 */
#include "preview/cache.h"

#include <stdlib.h>

static void none_get(struct cw_cache *cache, const uint8_t key[CW_IDENTITY_BYTES], cw_cache_fn fn,
                     void *arg) {
    (void)cache, (void)key;
    fn(arg, NULL);
}

static void none_set(struct cw_cache *cache, const uint8_t key[CW_IDENTITY_BYTES],
                     struct cw_blob *blob) {
    (void)cache, (void)key, (void)blob;
}

static void none_stats(const struct cw_cache *cache, struct cw_cache_stats *ret_stats) {
    (void)cache;
    *ret_stats = (struct cw_cache_stats){0};
}

static void none_free(struct cw_cache *cache) {
    free(cache);
}

static const struct cw_cache_ops none_ops = {
    .name = "none",
    .get = none_get,
    .set = none_set,
    .stats = none_stats,
    .free = none_free,
};

struct cw_cache *cw_cache_none_new(void) {
    struct cw_cache *cache = calloc(1, sizeof *cache);
    if (cache != NULL)
        cache->ops = &none_ops;
    return cache;
}
