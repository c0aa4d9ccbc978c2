/*
 * One client connection: feeds bytes to the parsers, hands whole requests to handlers one at a
 * time, and ends the connection in an orderly way. All deadlines are absolute and share one timer.
 * Does not write answers' heads (respond.c) nor count connections (server.c). Runs in the server,
 * loop thread.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "http/internal.h"

#define READ_HIGH_WATER                                                                            \
    (64 * 1024) /* pipelined input kept while a handler works; then TCP pushes back */

int64_t cw_http_conn_now(const struct cw_http_conn *conn) {
    return cw_clock_monotonic_ms(&conn->server->config.clock);
}

static const struct cw_http_limits *limits_of(const struct cw_http_conn *conn) {
    return &conn->server->config.limits;
}

void cw_http_conn_enter(struct cw_http_conn *conn, enum cw_http_state state) {
    conn->state = state;
    conn->since_ms = cw_http_conn_now(conn);
}

size_t cw_http_conn_unsent(const struct cw_http_conn *conn) {
    return evbuffer_get_length(bufferevent_get_output(conn->bev));
}

void cw_http_conn_fail(struct cw_http_conn *conn, const struct cw_error *error) {
    conn->close_after = true;
    cw_http_conn_enter(conn, CW_HTTP_PENDING);
    conn->req->io->handed = true;
    cw_reply_problem(conn->req, error);
}

static void on_timer(evutil_socket_t fd, short what, void *arg) {
    (void)fd;
    (void)what;
    struct cw_http_conn *conn = arg;
    int64_t now = cw_http_conn_now(conn);
    conn->armed_ms = 0;
    conn->running = true;
    if (now >= cw_http_deadline_write(conn)) {
        cw_http_conn_enter(conn, CW_HTTP_CLOSED); /* reads too slowly for an answer to make sense */
    } else if (now >= cw_http_deadline_state(conn)) {
        struct cw_error error = {0};
        if (conn->state == CW_HTTP_HEAD || conn->state == CW_HTTP_BODY) {
            (void)cw_fail(&error, CW_E_TIMEOUT, "http.request_timeout",
                          "the request came too slowly");
            cw_http_conn_fail(conn, &error);
        } else {
            cw_http_conn_enter(conn, CW_HTTP_CLOSED);
        }
    }
    cw_http_conn_run(conn);
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Small answers go out at once; what the socket does not take waits in the bufferevent. */
void cw_http_conn_send(struct cw_http_conn *conn) {
    struct evbuffer *out = conn->server->out;
    size_t before = cw_http_conn_unsent(conn);
    if (before == 0) {
        conn->write_queued = 0;
        conn->write_since_ms = cw_http_conn_now(conn);
        if (conn->server->config.tls == NULL &&
            evbuffer_write(out, bufferevent_getfd(conn->bev)) < 0 && errno != EAGAIN &&
            errno != EINTR) {
            evbuffer_drain(out, evbuffer_get_length(out));
            cw_http_conn_enter(conn, CW_HTTP_CLOSED);
            return;
        }
    }
    conn->write_queued += evbuffer_get_length(out);
    bufferevent_write_buffer(conn->bev, out);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The first contiguous piece of the input, without copying. */
static struct cw_bytes piece_of(struct evbuffer *input) {
    size_t length = evbuffer_get_contiguous_space(input);
    return (struct cw_bytes){evbuffer_pullup(input, (ev_ssize_t)length), length};
}

static bool step_idle(struct cw_http_conn *conn, size_t *turns) {
    struct evbuffer *input = bufferevent_get_input(conn->bev);
    bool empty = evbuffer_get_length(input) == 0;
    if (empty && (conn->eof || conn->server->draining)) {
        conn->discarded = limits_of(conn)->linger_bytes; /* nothing to wait for */
        cw_http_conn_enter(conn, CW_HTTP_FLUSH);
        return true;
    }
    if (empty || cw_http_conn_unsent(conn) > limits_of(conn)->output_bytes)
        return false;
    if (*turns >= limits_of(conn)->pipeline_depth) { /* others first */
        bufferevent_trigger(conn->bev, EV_READ,
                            BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
        return false;
    }
    (*turns)++;
    conn->requests++;
    conn->close_after = true; /* until the request has been read to its end */
    conn->req = cw_http_request_new(conn);
    cw_http_conn_enter(conn, conn->req != NULL ? CW_HTTP_HEAD : CW_HTTP_CLOSED);
    return true;
}

/* All bodies together are bounded too, or a few thousand uploads could fill the memory. */
static enum cw_status hold_body(struct cw_http_conn *conn, struct cw_error *err) {
    struct cw_http_server *server = conn->server;
    size_t held = conn->req->io->body.data.length, more = held - conn->held;
    size_t all =
        atomic_fetch_add_explicit(&server->shared->held, more, memory_order_relaxed) + more;
    conn->held = held;
    if (all > server->config.limits.bodies_bytes)
        return cw_fail(err, CW_E_BUSY, "http.too_much_at_once",
                       "too much is being uploaded at this moment");
    return CW_OK;
}

static void release_body(struct cw_http_conn *conn) {
    if (conn->held > 0)
        atomic_fetch_sub_explicit(&conn->server->shared->held, conn->held, memory_order_relaxed);
    conn->held = 0;
}

static bool step_parse(struct cw_http_conn *conn) {
    struct evbuffer *input = bufferevent_get_input(conn->bev);
    if (conn->state == CW_HTTP_BODY && conn->req->io->paused)
        return false;
    if (conn->state == CW_HTTP_BODY && conn->req->io->complete) { /* while it was paused */
        cw_http_conn_hand_over(conn);
        return true;
    }
    struct cw_bytes piece = piece_of(input);
    if (piece.length == 0) {
        if (conn->eof) { /* cut off in the middle: nobody to answer, but earlier answers may still
                            go out */
            conn->discarded = limits_of(conn)->linger_bytes;
            cw_http_conn_enter(conn, CW_HTTP_FLUSH);
        }
        return conn->eof;
    }
    struct cw_error error = {0};
    struct cw_http_io *io = conn->req->io;
    bool head = conn->state == CW_HTTP_HEAD, done = false;
    size_t used = 0;
    enum cw_status status = head ? cw_http_head_feed(&io->head, piece, &used, &done, &error)
                                 : cw_http_body_feed(&io->body, piece, &used, &done, &error);
    if (status == CW_OK && !head)
        status = hold_body(conn, &error);
    if (status != CW_OK) {
        cw_http_conn_fail(conn, &error);
        return true;
    }
    evbuffer_drain(input, used);
    if (done && head)
        cw_http_conn_head_done(conn);
    else
        io->complete = done; /* handed over in the next step, unless its consumer paused it */
    return true;
}

/* ---- ending ---------------------------------------------------------------------------------- */

static void discard_input(struct cw_http_conn *conn) {
    struct evbuffer *input = bufferevent_get_input(conn->bev);
    size_t length = evbuffer_get_length(input);
    conn->discarded += length;
    evbuffer_drain(input, length);
    if (conn->discarded > limits_of(conn)->linger_bytes)
        bufferevent_disable(conn->bev, EV_READ);
}

/*
 * Closing with unread input makes the kernel send RST, which can destroy the answer before the
 * client has read it. So: shut our side, read on for a while, then close (RFC 9112 §9.6).
 */
static bool step_end(struct cw_http_conn *conn) {
    discard_input(conn);
    bool enough = conn->eof || conn->discarded >= limits_of(conn)->linger_bytes;
    if (conn->state == CW_HTTP_FLUSH) {
        if (cw_http_conn_unsent(conn) > 0)
            return false;
        if (!enough && conn->server->config.tls != NULL)
            cw_http_tls_say_end(conn->bev);
        if (!enough)
            (void)shutdown(bufferevent_getfd(conn->bev), SHUT_WR);
        cw_http_conn_enter(conn, enough ? CW_HTTP_CLOSED : CW_HTTP_LINGER);
        return true;
    }
    if (enough)
        cw_http_conn_enter(conn, CW_HTTP_CLOSED);
    return false;
}

void cw_http_conn_run(struct cw_http_conn *conn) {
    size_t turns = 0;
    bool more = true;
    conn->running = true;
    while (more) {
        switch (conn->state) {
        case CW_HTTP_IDLE:
            more = step_idle(conn, &turns);
            break;
        case CW_HTTP_HEAD:
        case CW_HTTP_BODY:
            more = step_parse(conn);
            break;
        case CW_HTTP_FLUSH:
        case CW_HTTP_LINGER:
            more = step_end(conn);
            break;
        case CW_HTTP_PENDING:
        case CW_HTTP_CLOSED:
            more = false;
            break;
        }
    }
    conn->running = false;
    if (conn->state == CW_HTTP_CLOSED)
        cw_http_conn_free(conn);
    else
        cw_http_deadline_arm(conn);
}

/* ---- answers --------------------------------------------------------------------------------- */

bool cw_http_conn_keeps(const struct cw_http_conn *conn) {
    return !conn->close_after && !conn->server->draining && conn->peer != NULL &&
           conn->req->io->framing.keep_alive &&
           conn->requests < limits_of(conn)->requests_per_connection;
}

void cw_http_conn_answered(struct cw_http_conn *conn, bool keep) {
    struct cw_request *req = conn->req;
    conn->req = NULL;
    release_body(conn);
    req->io->conn = NULL;
    cw_http_request_free(req);
    cw_http_conn_enter(conn, keep ? CW_HTTP_IDLE : CW_HTTP_FLUSH);
    cw_http_conn_send(conn);
    if (!conn->running)
        cw_http_conn_run(conn);
}

void cw_http_conn_refuse(struct cw_http_conn *conn, const struct cw_error *why) {
    conn->req = cw_http_request_new(conn);
    conn->running = true;
    if (conn->req != NULL)
        cw_http_conn_fail(conn, why);
    else
        cw_http_conn_enter(conn, CW_HTTP_CLOSED);
    cw_http_conn_run(conn);
}

/* ---- events ---------------------------------------------------------------------------------- */

static void on_read(struct bufferevent *bev, void *arg) {
    (void)bev;
    cw_http_conn_run(arg);
}

static void on_drained(struct bufferevent *bev, void *arg) {
    (void)bev;
    struct cw_http_conn *conn = arg;
    if (conn->state == CW_HTTP_IDLE)
        conn->since_ms = cw_http_conn_now(conn);
    cw_http_conn_run(conn);
}

static void on_event(struct bufferevent *bev, short what, void *arg) {
    struct cw_http_conn *conn = arg;
    if (what & BEV_EVENT_CONNECTED) /* the handshake is over */
        return;
    conn->running = true;
    if (what & BEV_EVENT_EOF) {
        conn->eof = true;
        bufferevent_enable(bev, EV_WRITE); /* under TLS, libevent stops both directions */
        if (conn->state == CW_HTTP_PENDING && conn->req != NULL)
            cw_http_request_cancel(conn->req);
    } else {
        cw_http_conn_enter(conn, CW_HTTP_CLOSED);
    }
    cw_http_conn_run(conn);
}

struct cw_http_conn *cw_http_conn_new(struct cw_http_server *server, evutil_socket_t take_fd,
                                      struct cw_peer *peer, const char *address) {
    struct cw_http_conn *conn = calloc(1, sizeof *conn);
    struct bufferevent *bev =
        server->config.tls != NULL
            ? cw_http_tls_accept(server->config.tls, server->base, take_fd)
            : bufferevent_socket_new(server->base, take_fd, BEV_OPT_CLOSE_ON_FREE);
    struct event *timer = conn != NULL ? evtimer_new(server->base, on_timer, conn) : NULL;
    if (conn == NULL || bev == NULL || timer == NULL) {
        if (bev != NULL)
            bufferevent_free(bev);
        else
            evutil_closesocket(take_fd);
        if (timer != NULL)
            event_free(timer);
        free(conn);
        return NULL;
    }
    conn->server = server;
    conn->bev = bev;
    conn->timer = timer;
    conn->peer = peer;
    (void)snprintf(conn->address, sizeof conn->address, "%s", address);
    conn->next = server->conns;
    if (conn->next != NULL)
        conn->next->prev = conn;
    server->conns = conn;
    cw_http_conn_enter(conn, CW_HTTP_IDLE);
    bufferevent_setwatermark(bev, EV_READ, 0, READ_HIGH_WATER);
    bufferevent_set_max_single_read(bev, READ_HIGH_WATER);
    bufferevent_setcb(bev, on_read, on_drained, on_event, conn);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
    cw_http_deadline_arm(conn);
    return conn;
}

void cw_http_conn_free(struct cw_http_conn *conn) {
    struct cw_http_server *server = conn->server;
    struct cw_request *req = conn->req;
    conn->req = NULL;
    release_body(conn);
    if (conn->prev != NULL)
        conn->prev->next = conn->next;
    else
        server->conns = conn->next;
    if (conn->next != NULL)
        conn->next->prev = conn->prev;
    event_free(conn->timer);
    bufferevent_free(conn->bev);
    cw_http_server_lost(server, conn);
    free(conn);
    if (req != NULL)
        cw_http_request_detach(req);
}
