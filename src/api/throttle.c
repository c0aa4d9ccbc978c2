/*
 * Responsible for: who a caller is (a good key, else an address), and what it is told about its
 * rate. Does not: count (rate.c). Server process, loop thread.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "api/context.h"
#include "api/rate.h"
#include "cordwain/limits.h"

#define SLOWED 60u

/* An IPv4 address, or the /64 a caller with IPv6 owns at least. */
static struct cw_bytes caller_of_peer(const struct cw_request *req, struct in6_addr *room) {
    if (strchr(req->peer, ':') && inet_pton(AF_INET6, req->peer, room) == 1) {
        if (IN6_IS_ADDR_V4MAPPED(room)) {
            return (struct cw_bytes){room->s6_addr + 12, 4};
        }
        return (struct cw_bytes){room->s6_addr, 8};
    }
    return cw_bytes_of(req->peer);
}

/* The fields of draft-ietf-httpapi-ratelimit-headers-10. */
static void tell(struct cw_request *req, const struct cw_rate_answer *answer, const char *who) {
    uint32_t rate = api_of(req)->config.rate_limit;
    const char *policy = cw_arena_printf(req->arena, "\"%s\";q=%u;w=%u", who,
                                         rate * CW_RATE_BURST_S, (unsigned)CW_RATE_BURST_S);
    const char *now = cw_arena_printf(req->arena, "\"%s\";r=%u;t=%u", who, answer->remaining,
                                      answer->granted ? answer->full_s : answer->next_s);
    (void)!cw_reply_header(req, "RateLimit-Policy", policy, NULL);
    (void)!cw_reply_header(req, "RateLimit", now, NULL);
}

static bool take(struct cw_request *req, struct cw_bytes caller, const char *who) {
    struct cw_rate *rate = api_of(req)->shared->rate;
    struct cw_rate_answer answer;
    if (!rate || (req->route && req->route->flags & CW_ROUTE_QUIET)) {
        return true;
    }
    cw_rate_take(rate, caller, cw_clock_monotonic_ms(&api_of(req)->config.clock), &answer);
    tell(req, &answer, who);
    if (answer.granted) {
        return true;
    }
    (void)!cw_reply_header(req, "Retry-After", cw_arena_printf(req->arena, "%u", answer.next_s),
                           NULL);
    struct cw_error err = {0};
    (void)cw_fail(&err, CW_E_LIMIT, "rate.exceeded", "you ask more than %u times a second",
                  api_of(req)->config.rate_limit);
    cw_reply_problem(req, &err);
    return false;
}

bool api_throttle_address(struct cw_request *req) {
    struct in6_addr room;
    return take(req, caller_of_peer(req, &room), "address");
}

/* A token bucket counts by the second; uploads are counted by the minute: its clock is slowed. */
bool api_throttle_upload(struct cw_request *req) {
    const struct cw_api_config *config = &api_of(req)->config;
    struct cw_rate_answer answer;
    struct in6_addr room;
    cw_rate_take(config->uploads->rate, caller_of_peer(req, &room),
                 cw_clock_monotonic_ms(&config->clock) / SLOWED, &answer);
    if (answer.granted) {
        return true;
    }
    uint32_t wait_s = (SLOWED + CW_ARTWORK_PER_MINUTE - 1) / CW_ARTWORK_PER_MINUTE;
    (void)!cw_reply_header(req, "Retry-After", cw_arena_printf(req->arena, "%u", wait_s), NULL);
    struct cw_error err = {0};
    (void)cw_fail(&err, CW_E_LIMIT, "rate.uploads",
                  "you upload more than %d pictures at once or %d a minute", CW_ARTWORK_BURST,
                  CW_ARTWORK_PER_MINUTE);
    cw_reply_problem(req, &err);
    return false;
}

bool api_throttle_key(struct cw_request *req, const char *hash) {
    return take(req, cw_bytes_of(hash), "key");
}
