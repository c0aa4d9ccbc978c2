/* Where Redis is and how to log in, from one URL. Private to the Redis tier. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/error.h"

#define CW_REDIS_ADDRESSES 8

struct cw_redis_address {
    struct sockaddr_storage storage;
    socklen_t length;
};

struct cw_redis_target {
    char user[128], password[256]; /* "" for none */
    uint32_t db;
    size_t address_count; /* what the name meant at start-up; tried in turn */
    struct cw_redis_address addresses[CW_REDIS_ADDRESSES];
};

/*
 * redis://[user:password@]host[:port][/db] or unix:/path; user and password may be percent-encoded;
 * an IPv6 address stands in brackets. Asks the resolver for a name and may block.
 * CW_E_INPUT "cache.redis_url" (the message never repeats the URL: it may hold a password);
 * CW_E_NOT_FOUND "cache.redis_host".
 */
enum cw_status cw_redis_target_parse(const char *url, struct cw_redis_target *ret_target,
                                     struct cw_error *err) CW_MUST_USE;
