/* Routes compiled once, matched against decoded path segments. Pure after cw_router_new. */
#pragma once

#include "http/http.h"

struct cw_router;

struct cw_router_ask {
    const char *method;
    const char *path; /* raw; "*" for OPTIONS * */
};

struct cw_router_match {
    const struct cw_route *route; /* NULL: the path is known, the method is not offered */
    const char
        *allow; /* without a route: methods of the path, "GET, HEAD, OPTIONS"; in the arena */
    const struct cw_param *captures; /* in the arena */
    size_t capture_count;
};

/* @errors CW_E_BUG "http.route": a pattern is malformed or a method and pattern stand twice.
 * `routes` is borrowed. */
enum cw_status cw_router_new(const struct cw_route *routes, size_t count,
                             struct cw_router **ret_router, struct cw_error *err) CW_MUST_USE;
void cw_router_free(struct cw_router *router);

/*
 * Find the most specific pattern of a raw path, then the method.
 * @errors CW_E_NOT_FOUND "http.not_found"; CW_E_INPUT "http.percent_encoding", "http.path" (an
 * encoded slash or a dot segment in a parameter)
 * @cost   O(routes × segments)
 */
enum cw_status cw_router_find(const struct cw_router *router, struct cw_arena *arena,
                              const struct cw_router_ask *ask, struct cw_router_match *ret_match,
                              struct cw_error *err) CW_MUST_USE;
