/*
 * Responsible for: telling browsers which other origins may use the API and the configurator's
 * files. Does not: authorise anybody: keys do, and shoppers' ids are unguessable. Server process,
 * loop thread.
 */
#include <string.h>

#include "api/context.h"

#define PREFLIGHT_SECONDS "7200" /* what browsers cap it at */

/* Exact origins, separated by commas: no wildcard, no suffixes. */
static bool listed(const char *origins, const char *origin) {
    size_t n = strlen(origin);
    while (*origins) {
        size_t length = strcspn(origins, ",");
        if (length == n && memcmp(origins, origin, n) == 0) {
            return true;
        }
        origins += length;
        origins += *origins == ',';
    }
    return false;
}

void api_cors(struct cw_request *req) {
    const char *origins = api_of(req)->config.cors, *origin = cw_request_header(req, "Origin");
    if (!*origins) {
        return;
    }
    (void)!cw_reply_header(req, "Vary", "Origin",
                           NULL); /* answers differ by it: caches must know */
    if (!origin || !listed(origins, origin)) {
        return;
    }
    (void)!cw_reply_header(req, "Access-Control-Allow-Origin", origin, NULL);
    (void)!cw_reply_header(req, "Access-Control-Expose-Headers",
                           "ETag, Location, Retry-After, RateLimit, RateLimit-Policy, "
                           "Idempotent-Replayed, X-Request-Id, traceparent",
                           NULL);
    if (strcmp(req->method, "OPTIONS") == 0 &&
        cw_request_header(req, "Access-Control-Request-Method")) {
        (void)!cw_reply_header(req, "Access-Control-Allow-Methods", "GET, HEAD, POST, PUT", NULL);
        (void)!cw_reply_header(req, "Access-Control-Allow-Headers",
                               "Authorization, Content-Type, Idempotency-Key, If-Match, "
                               "If-None-Match",
                               NULL);
        (void)!cw_reply_header(req, "Access-Control-Max-Age", PREFLIGHT_SECONDS, NULL);
    }
}
