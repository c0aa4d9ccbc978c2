/*
 * Responsible for: saying that this build has no Redis tier; built instead of cache_redis.c.
 * Does not: anything else.
 * Runs in: the server, at start-up.
 */
#include "preview/cache.h"

enum cw_status cw_cache_redis_new(struct event_base *base, const struct cw_redis_config *config,
                                  struct cw_cache **ret_cache, struct cw_error *err) {
    (void)base, (void)config, (void)ret_cache;
    return cw_fail(err, CW_E_INPUT, "cache.redis_not_built", "this build has no Redis cache tier");
}
