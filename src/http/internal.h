/* What the files of src/http share and nobody else includes: server, connection, the private half
 * of a request. */
#pragma once

#include <netinet/in.h>
#include <stdatomic.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "http/body.h"
#include "http/coding.h"
#include "http/framing.h"
#include "http/head.h"
#include "http/peers.h"
#include "http/reply.h"
#include "http/router.h"
#include "http/trace.h"
#include "http/tls.h"

/*
 * idle ─first byte─► head ─► body ─► pending ─reply─► idle
 *                      └──error──► (reply) ─► flush ─sent─► linger ─► closed
 * Any state goes to closed when the socket fails or a write deadline passes.
 */
enum cw_http_state {
    CW_HTTP_IDLE,
    CW_HTTP_HEAD,
    CW_HTTP_BODY,
    CW_HTTP_PENDING, /* the handler owes a reply; nothing more is parsed */
    CW_HTTP_FLUSH,   /* last answer queued */
    CW_HTTP_LINGER, /* our side shut; reading what still comes so that no RST destroys the answer */
    CW_HTTP_CLOSED, /* freed as soon as nobody runs in it */
};

struct cw_http_conn {
    struct cw_http_server *server;
    struct cw_http_conn *prev, *next;
    struct bufferevent *bev;
    struct event *timer;
    struct cw_request *req; /* being read or pending */
    struct cw_peer *peer;   /* NULL: refused, counted in shared->refused */
    enum cw_http_state state;
    bool running;     /* cw_http_conn_run is on the stack: do not free */
    bool eof;         /* the client will send nothing more */
    bool close_after; /* the next answer is the last */
    size_t requests, discarded;
    size_t held;            /* bytes of the body, counted in shared->held */
    int64_t since_ms;       /* when the state began */
    int64_t armed_ms;       /* when the timer will fire; 0: not armed */
    int64_t write_since_ms; /* when unsent output began */
    size_t write_queued;    /* bytes queued since then */
    char address[INET6_ADDRSTRLEN];
};

struct cw_http_shared {
    struct cw_peers *peers;
    _Atomic(size_t) connections, refused; /* of all servers; the first without the second */
    _Atomic(size_t) held;                 /* bytes of bodies */
};

struct cw_http_server {
    struct event_base *base;
    struct cw_http_shared *shared, *own_shared; /* the second is NULL when it is somebody else's */
    struct cw_http_config config;
    struct cw_router *router;
    struct event *listening; /* NULL: not any more */
    unsigned accepts;        /* at most, in one turn */
    struct event *retry;     /* listens again after accept failed */
    struct event *drained;   /* runs `done` outside everybody's stack */
    struct cw_http_conn *conns;
    bool draining;
    void (*done)(void *);
    void *done_arg;
    struct evbuffer *out;   /* scratch for one answer */
    struct cw_buf text;     /* scratch for one head */
    struct cw_coder *coder; /* NULL until an answer is compressed */
    int64_t date_second;
    char date[40];
    uint16_t port;
};

struct cw_reply_field {
    const char *name, *value;
    struct cw_reply_field *next;
};

struct cw_http_io {
    struct cw_http_conn *conn; /* NULL once it is gone */
    struct cw_http_head head;
    struct cw_http_framing framing;
    struct cw_http_body body;
    struct cw_router_match match;
    char trace[CW_HTTP_TRACE]; /* traceparent of this request; "" until its head is read */
    struct cw_reply_field *fields, **fields_end;
    struct cw_error verdict; /* of the head: what `before` may still overrule by answering */
    bool handed;             /* a handler or `before` has it and will reply */
    bool paused, complete;   /* of the body */
    int64_t paused_ms;       /* since when */
    bool cancelled;
    void (*cancel)(void *);
    void *cancel_arg;
};

/* request.c */
struct cw_request *cw_http_request_new(struct cw_http_conn *conn); /* NULL: out of memory */
void cw_http_request_free(struct cw_request *req);
/* The connection is gone: cancels if a handler has it, frees otherwise. */
void cw_http_request_detach(struct cw_request *req);
void cw_http_request_cancel(struct cw_request *req);
/* Head is complete: framing, target, route, body limit. Errors as in their headers. */
enum cw_status cw_http_request_admit(struct cw_request *req, struct cw_error *err) CW_MUST_USE;

/* conn.c; takes the socket */
struct cw_http_conn *cw_http_conn_new(struct cw_http_server *server, evutil_socket_t take_fd,
                                      struct cw_peer *peer, const char *address);
void cw_http_conn_free(struct cw_http_conn *conn);
/* Go on as far as possible; may free the connection unless it is running. */
void cw_http_conn_run(struct cw_http_conn *conn);
/* Answer with this error and close afterwards; for refused connections. */
void cw_http_conn_refuse(struct cw_http_conn *conn, const struct cw_error *why);
/* The answer is in server->out: send, then go on. `keep`: the connection lives on. */
void cw_http_conn_answered(struct cw_http_conn *conn, bool keep);
void cw_http_conn_enter(struct cw_http_conn *conn, enum cw_http_state state);
/* Send server->out; the state may be closed after. */
void cw_http_conn_send(struct cw_http_conn *conn);
/* Answer the request being read with this problem; the connection ends after it. */
void cw_http_conn_fail(struct cw_http_conn *conn, const struct cw_error *error);
bool cw_http_conn_keeps(const struct cw_http_conn *conn);
int64_t cw_http_conn_now(const struct cw_http_conn *conn);

/* Bytes of answers the socket has not taken. */
size_t cw_http_conn_unsent(const struct cw_http_conn *conn);

/* admit.c: the head is complete; the body is. */
void cw_http_conn_head_done(struct cw_http_conn *conn);
void cw_http_conn_hand_over(struct cw_http_conn *conn);

/* deadline.c: INT64_MAX is never. */
int64_t
cw_http_deadline_write(const struct cw_http_conn *conn); /* the client must have read more */
int64_t cw_http_deadline_state(const struct cw_http_conn *conn); /* the state must have ended */
void cw_http_deadline_arm(struct cw_http_conn *conn);

/* shared.c; one more, unless `max` are there already */
bool cw_http_count_in(_Atomic(size_t) *count, size_t max);
void cw_http_count_out(_Atomic(size_t) *count);

/* server.c */
void cw_http_server_lost(struct cw_http_server *server, struct cw_http_conn *conn);
const char *cw_http_server_date(struct cw_http_server *server);

/* respond.c */
struct cw_http_answer {
    int status;
    const char *content_type; /* NULL: no body, no Content-Length for 204 and 304 */
    struct cw_bytes bytes;    /* copied */
    struct cw_blob *blob;     /* by reference, instead of bytes */
};
/* Send and end the request. */
void cw_http_respond(struct cw_request *req, const struct cw_http_answer *answer);
const char *cw_http_reason(int status);
/* Has the handler set this field of the answer. */
bool cw_http_has_field(const struct cw_http_io *io, const char *name);
