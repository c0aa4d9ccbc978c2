/*
 * Cordwain's HTTP/1.1 server: one per event loop, on libevent bufferevents with its own strict
 * parser. A handler gets a complete request (head and body) and answers it, now or later, with
 * exactly one cw_reply_… (http/reply.h), always on the loop's thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/error.h"
#include "http/limits.h"

struct event_base;
struct cw_request;
struct cw_http_server;
struct cw_http_tls;

/* ---- routes ---------------------------------------------------------------------------------- */

/* Returns nothing: now or later exactly one cw_reply_… ends the request; after it `req` is gone. */
typedef void cw_http_handler(struct cw_request *req);

/* The low 16 bits of `flags` belong to http, the others to whoever mounts the routes. */
#define CW_ROUTE_QUIET 0x1u /* access log at level debug only (health checks) */

/*
 * Pattern: '/' and segments. "{name}" takes one whole segment; literals may stand around it and
 * "{a}@{b}", "{a}.{b}" split at the LAST such literal; "{name*}" (last segment only) takes the rest
 * with its slashes. Values are percent-decoded, valid UTF-8, never empty, never "." or "..".
 * The most specific pattern decides (literal before mixed before plain before tail), whatever the
 * order of the table; the methods of one pattern are one entry each. HEAD is served by GET entries,
 * OPTIONS always.
 */
struct cw_route {
    const char *method;
    const char *pattern;
    cw_http_handler *handler;
    unsigned flags;
    const char *scope; /* opaque to http; NULL is fine */
    size_t body_max;   /* [bytes]; 0 is the server's limit */
};

/* ---- server ---------------------------------------------------------------------------------- */

struct cw_http_config {
    const char *host; /* numeric address or "localhost"; NULL is 127.0.0.1 */
    uint16_t port;    /* 0: any free port, see cw_http_server_port */
    bool reuse_port;  /* several servers (one per loop) on one port */
    int take_socket;  /* listen on this instead, bound by somebody else; 0: none. Always taken */
    struct cw_http_tls *tls; /* borrowed; NULL: plain HTTP */
    bool access_log;
    const struct cw_route *routes; /* borrowed; must outlive the server and its requests */
    size_t route_count;
    void *ctx; /* req->ctx of every request */
    /* Called when a head is read and routed (req->route is NULL for 404, 405 and OPTIONS) and
     * before its body is: may set answer fields (CORS) and may answer at once (authorisation before
     * an upload), then returns true. NULL is fine. */
    bool (*before)(struct cw_request *req);
    struct cw_clock clock;
    struct cw_http_limits limits; /* zero members take the defaults */
};

/**
 * Listen and serve on `base`. Makes the process ignore SIGPIPE.
 * @param config  copied, except routes, ctx and the clock's ctx
 * @owner   the caller frees *ret_server with cw_http_server_free, before the base
 * @errors  CW_E_IO "http.listen" (address wrong or in use); CW_E_BUG "http.route" (bad pattern)
 * @cost    O(routes log routes); loop thread
 */
enum cw_status cw_http_server_new(struct event_base *base, const struct cw_http_config *config,
                                  struct cw_http_server **ret_server,
                                  struct cw_error *err) CW_MUST_USE;

/* Closes everything at once. Pending requests are cancelled; their later reply is a no-op. NULL is
 * fine. */
void cw_http_server_free(struct cw_http_server *server);

/* The bound port in host order. */
uint16_t cw_http_server_port(const struct cw_http_server *server);

/* Open connections (refused ones that linger included). */
size_t cw_http_server_connections(const struct cw_http_server *server);

/*
 * Stop accepting, close idle connections, finish what is in flight. `done(arg)` runs once from the
 * loop when no connection is left; it may free the server. Calling it twice keeps the last `done`.
 */
void cw_http_server_drain(struct cw_http_server *server, void (*done)(void *), void *arg);

/* ---- requests -------------------------------------------------------------------------------- */

struct cw_param {
    const char *name, *value;
};

struct cw_http_io; /* private to src/http */

/* Everything is in the arena and borrowed until the reply; handlers do not write into it. */
struct cw_request {
    const char *method; /* "HEAD" stays "HEAD" */
    const char *path;   /* raw, as sent, without the query */
    const char *query;  /* raw, without '?'; "" when none */
    const char *host;   /* of the target's authority or the Host field; "" for HTTP/1.0 */
    const struct cw_param *params; /* query parameters in order, decoded, duplicates kept */
    size_t param_count;
    const struct cw_param *captures; /* path parameters */
    size_t capture_count;
    struct cw_bytes body;
    struct cw_arena *arena;       /* what handlers derive lives here; freed by the reply */
    const struct cw_route *route; /* NULL only inside http */
    void *ctx;                    /* cw_http_config.ctx */
    void *user;                   /* free for the handler */
    const char *peer;             /* address text without port */
    char id[CW_ULID_TEXT];
    int64_t started_ms; /* monotonic, at the request's first byte */
    struct cw_http_io *io;
};

/* Field value by name (case-insensitive), several joined with ", "; NULL when absent. */
const char *cw_request_header(struct cw_request *req, const char *name);

/* First query parameter of that name, or NULL. */
const char *cw_request_query(const struct cw_request *req, const char *name);

/* Path parameter by its name in the pattern; NULL when the pattern has none. */
const char *cw_request_param(const struct cw_request *req, const char *name);

/* Is the method this one; a HEAD request counts as GET. */
bool cw_request_is(const struct cw_request *req, const char *method);

/*
 * Call fn(arg) once when the client has gone (its side of the connection ended) before the reply.
 * The handler still owes the one cw_reply_… (it may come from inside fn): that frees the request
 * and sends only if somebody can still read. fn NULL unregisters. The server being freed counts as
 * gone.
 */
void cw_request_on_cancel(struct cw_request *req, void (*fn)(void *arg), void *arg);

/* True once the client has gone. */
bool cw_request_cancelled(const struct cw_request *req);
