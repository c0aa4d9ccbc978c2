/* A cache tier beyond memory, as a function table: Redis, or none. One loop thread owns it. */
#pragma once

#include <stdint.h>

#include "base/bytes.h"
#include "preview/identity.h"

struct event_base;
struct cw_cache;

/* blob is NULL on a miss; borrowed. */
typedef void (*cw_cache_fn)(void *arg, struct cw_blob *blob);

struct cw_cache_stats {
    uint64_t hits, misses, sets;
    uint64_t errors;   /* connection, protocol, deadline */
    uint64_t rejected; /* a value that did not verify: foreign, cut or changed */
    uint64_t dropped;  /* not sent because of the limits or an open circuit */
    uint64_t connects;
    int up;
};

struct cw_cache_ops {
    const char *name;
    /* fn runs once: perhaps before get returns, never after the cache is freed. Never an error. */
    void (*get)(struct cw_cache *cache, const uint8_t key[CW_IDENTITY_BYTES], cw_cache_fn fn,
                void *arg);
    void (*set)(struct cw_cache *cache, const uint8_t key[CW_IDENTITY_BYTES], struct cw_blob *blob);
    void (*stats)(const struct cw_cache *cache, struct cw_cache_stats *ret_stats);
    void (*free)(struct cw_cache *cache); /* waiting callbacks are dropped */
};

struct cw_cache { /* first member of every implementation */
    const struct cw_cache_ops *ops;
};

/* Always a miss. NULL when memory is out. */
struct cw_cache *cw_cache_none_new(void);

struct cw_redis_config { /* borrowed for the call; a 0 takes the limit of cordwain/limits.h */
    const char *url;     /* redis://[user:password@]host[:port][/db] or unix:/path */
    uint8_t mac_key[32]; /* the same on every node that shares the cache */
    uint32_t get_ms, set_ms, connect_ms;
    uint32_t backoff_min_ms, backoff_max_ms;
    uint32_t failures_max;
    uint32_t ttl_s;
};

/**
 * The Redis tier. Connects in the background; a Redis that is down, slow or wrong is a miss.
 * The process must ignore SIGPIPE: libevent writes to the socket without MSG_NOSIGNAL.
 * @param base      loop; outlives the cache
 * @param config    borrowed for the call
 * @param ret_cache freed with ops->free
 * @units   ms, s in config
 * @owner   caller
 * @errors  CW_E_INPUT "cache.redis_url"; CW_E_NOT_FOUND "cache.redis_host" (name does not resolve);
 *          CW_E_INPUT "cache.redis_not_built" in a build without it
 * @cost    may ask the resolver and block: before serving only
 * @source  RESP2 protocol; limits.h
 */
enum cw_status cw_cache_redis_new(struct event_base *base, const struct cw_redis_config *config,
                                  struct cw_cache **ret_cache, struct cw_error *err) CW_MUST_USE;
