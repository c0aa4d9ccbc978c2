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
#define CW_ROUTE_BODY  0x2u /* 411 without Content-Length and Transfer-Encoding */

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

/*
 * What the servers of several loops count together: connections, in all and by address, refused
 * ones, and the bytes of bodies. The limits are then the process's, not each loop's.
 */
struct cw_http_shared;
struct cw_http_shared *cw_http_shared_new(void);         /* NULL: out of memory */
void cw_http_shared_free(struct cw_http_shared *shared); /* after its servers; NULL is fine */

/*
 * Several servers, one per loop, on one address (SO_REUSEPORT): the kernel gives each its part of
 * the connections. The first is bound like one that is alone, so that it fails where another
 * process listens, and lets the others in before it listens itself.
 * Servers that were given one and the same socket take turns at its queue.
 */
enum cw_http_port { CW_HTTP_PORT_ALONE, CW_HTTP_PORT_FIRST, CW_HTTP_PORT_JOINS };

struct cw_http_config {
    struct cw_http_shared *shared; /* borrowed; NULL: this server counts alone */
    const char *host;              /* numeric address or "localhost"; NULL is 127.0.0.1 */
    uint16_t port;                 /* 0: any free port, see cw_http_server_port */
    enum cw_http_port with;        /* who else may be on it */
    int take_socket; /* listen on this instead, bound by somebody else; 0: none. Always taken */
    struct cw_http_tls *tls; /* borrowed; NULL: plain HTTP */
    bool access_log;
    /* Hosts that are ours, "shop.example,10.0.0.7:8080": others are answered 421, so that no page
     * of another name is served from here (DNS rebinding). One without a port takes any. HTTP/1.0
     * without Host passes. NULL or "": any host. Borrowed. */
    const char *hosts;
    const struct cw_route *routes; /* borrowed; must outlive the server and its requests */
    size_t route_count;
    void *ctx; /* req->ctx of every request */
    /* Called when a head is read and routed (req->route is NULL for 404, 405 and OPTIONS) and
     * before its body is, or 100 Continue is sent: may set answer fields (CORS). False: go on.
     * True: it answers, or calls cw_request_proceed, now or later (authorisation before an upload).
     * NULL is fine. */
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

/* Open connections (refused ones that linger included), of all servers that count together. */
size_t cw_http_server_connections(const struct cw_http_server *server);

/* Take no new connections; those that are here go on. Where several servers share an address, all
 * should stop listening before the first is drained, or some would still take whom others sent
 * away. */
void cw_http_server_stop_listening(struct cw_http_server *server);

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

/* ---- bodies ---------------------------------------------------------------------------------- */

/* The head announces a body: Content-Length above 0 or Transfer-Encoding. */
bool cw_request_has_body(const struct cw_request *req);

/*
 * For `before` after it returned, or is about to return, true: go on as if it had returned false.
 * `req` may be gone after the call (answered, or the client left).
 */
void cw_request_proceed(struct cw_request *req);

typedef enum cw_status cw_http_body_fn(void *consumer, struct cw_bytes piece, struct cw_error *err);

/**
 * Have the body passed to a consumer instead of kept in memory; only from `before`, or before its
 * cw_request_proceed. The route's handler runs after the last piece, with an empty req->body. The
 * route's body_max, the rate and the chunk rules hold as for any body; trailers are dropped.
 * @param consume  gets every piece in order, at most 64 kB, borrowed for the call. Its error is
 *                 answered and ends the connection; the handler is not called then
 * @param consumer handed to consume; must live as long as req->arena. When the client leaves, the
 *                 arena is freed: release what you hold with cw_arena_defer
 * @units   bytes
 * @owner   nothing allocated
 * @errors  none
 * @cost    O(1); loop thread
 * @source  RFC 9110 §10.1.1 (100 Continue only once the body is wanted)
 */
void cw_request_stream(struct cw_request *req, cw_http_body_fn *consume, void *consumer);

/*
 * Read no further until cw_request_resume: for a consumer that works elsewhere. What has been read
 * already (at most 64 kB) may still come; the handler does not. The client's deadlines stand still,
 * and TCP makes it wait. A client that leaves meanwhile frees the request's arena.
 */
void cw_request_pause(struct cw_request *req);
void cw_request_resume(struct cw_request *req);

/* Bytes of payload received so far. */
size_t cw_request_received(const struct cw_request *req);

/* End the request while its body is read (paused or in `consume`'s stead), with this problem; the
 * connection ends after it. */
void cw_request_abort(struct cw_request *req, const struct cw_error *why);
