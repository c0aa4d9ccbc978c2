/*
 * What happens between a request's head and its handler: the hook that may refuse or hold it, 100
 * Continue, and a body that is passed on or paused. Does not parse (head.c, body.c) nor move bytes
 * (conn.c). Runs in the server, loop thread.
 */
#include <string.h>

#include "http/internal.h"

void cw_http_conn_hand_over(struct cw_http_conn *conn) {
    struct cw_request *req = conn->req;
    req->body =
        (struct cw_bytes){(const uint8_t *)req->io->body.data.data, req->io->body.data.length};
    conn->close_after = false;
    cw_http_conn_enter(conn, CW_HTTP_PENDING);
    req->io->handed = true;
    req->route->handler(req);
}

/* 404, 405 and OPTIONS need no body; whoever sends one loses the connection. */
static void answer_without_route(struct cw_http_conn *conn) {
    struct cw_request *req = conn->req;
    struct cw_error error = req->io->verdict, ignored = {0};
    if (error.status != CW_OK) {
        cw_reply_problem(req, &error);
        return;
    }
    if (cw_reply_header(req, "Allow", req->io->match.allow, &ignored) == CW_OK &&
        strcmp(req->method, "OPTIONS") == 0) {
        cw_reply_empty(req, 204, NULL);
        return;
    }
    (void)cw_fail(&error, CW_E_INPUT, "http.method_not_allowed", "this path offers only: %s",
                  req->io->match.allow);
    cw_reply_problem(req, &error);
}

static void read_body(struct cw_http_conn *conn) {
    struct cw_http_io *io = conn->req->io;
    io->handed = false;
    if (io->framing.expects_continue &&
        evbuffer_get_length(bufferevent_get_input(conn->bev)) == 0) {
        evbuffer_add(conn->server->out, "HTTP/1.1 100 Continue\r\n\r\n", 25);
        cw_http_conn_send(conn);
        if (conn->state == CW_HTTP_CLOSED)
            return;
    }
    cw_http_conn_enter(conn, CW_HTTP_BODY);
}

static void go_on(struct cw_http_conn *conn) {
    struct cw_request *req = conn->req;
    if (req->io->verdict.status != CW_OK || req->route == NULL)
        answer_without_route(conn);
    else if (req->io->framing.kind == CW_HTTP_NO_BODY)
        cw_http_conn_hand_over(conn);
    else
        read_body(conn);
}

void cw_http_conn_head_done(struct cw_http_conn *conn) {
    struct cw_error error = {0};
    struct cw_request *req = conn->req;
    struct cw_http_io *io = req->io;
    if (cw_http_request_admit(req, &error) != CW_OK && req->path[0] == '\0') {
        cw_http_conn_fail(conn, &error); /* the framing is in doubt */
        return;
    }
    io->verdict = error;
    conn->close_after = io->framing.kind != CW_HTTP_NO_BODY;
    cw_http_conn_enter(conn, CW_HTTP_PENDING); /* `before` may reply, now or later */
    io->handed = true;
    if (conn->server->config.before != NULL && conn->server->config.before(req))
        return;
    go_on(conn);
}

void cw_request_proceed(struct cw_request *req) {
    struct cw_http_conn *conn = req->io->conn;
    if (conn == NULL) { /* the client has gone */
        cw_http_request_free(req);
        return;
    }
    bool running = conn->running;
    conn->running = true;
    go_on(conn);
    conn->running = running;
    if (!running)
        cw_http_conn_run(conn);
}

/* ---- bodies ---------------------------------------------------------------------------------- */

bool cw_request_has_body(const struct cw_request *req) {
    return req->io->framing.kind != CW_HTTP_NO_BODY;
}

void cw_request_stream(struct cw_request *req, cw_http_body_fn *consume, void *consumer) {
    req->io->body.consume = consume;
    req->io->body.consumer = consumer;
}

void cw_request_pause(struct cw_request *req) {
    struct cw_http_io *io = req->io;
    if (!io->paused)
        io->paused_ms = cw_http_conn_now(io->conn);
    io->paused = true;
}

void cw_request_resume(struct cw_request *req) {
    struct cw_http_io *io = req->io;
    if (!io->paused)
        return;
    io->paused = false;
    io->conn->since_ms += cw_http_conn_now(io->conn) - io->paused_ms;
    if (!io->conn->running)
        cw_http_conn_run(io->conn);
}

size_t cw_request_received(const struct cw_request *req) {
    return req->io->body.received;
}

void cw_request_abort(struct cw_request *req, const struct cw_error *why) {
    cw_http_conn_fail(req->io->conn, why);
}
