/*
 * When a connection has been too slow: absolute deadlines by state, and the one timer that carries
 * them. Does not act on them (conn.c). Runs in the server, loop thread.
 */
#include "http/internal.h"

int64_t cw_http_deadline_write(const struct cw_http_conn *conn) {
    size_t left = cw_http_conn_unsent(conn);
    if (left == 0)
        return INT64_MAX;
    size_t sent = conn->write_queued > left ? conn->write_queued - left : 0;
    const struct cw_http_limits *limits = &conn->server->config.limits;
    return conn->write_since_ms + limits->write_grace_ms +
           (int64_t)sent * 1000 / limits->write_rate_bytes_per_s;
}

int64_t cw_http_deadline_state(const struct cw_http_conn *conn) {
    const struct cw_http_limits *limits = &conn->server->config.limits;
    switch (conn->state) {
    case CW_HTTP_IDLE: /* a client that never asked anything gets the shorter time */
        if (cw_http_conn_unsent(conn) > 0)
            return INT64_MAX;
        return conn->since_ms +
               (conn->requests == 0 ? limits->head_deadline_ms : limits->idle_deadline_ms);
    case CW_HTTP_HEAD:
        return conn->since_ms + limits->head_deadline_ms;
    case CW_HTTP_BODY:             /* payload counts, not chunk framing: padding cannot buy time */
        if (conn->req->io->paused) /* our time, not the client's */
            return INT64_MAX;
        return conn->since_ms + limits->body_grace_ms +
               (int64_t)conn->req->io->body.received * 1000 / limits->body_rate_bytes_per_s;
    case CW_HTTP_LINGER:
        return conn->since_ms + limits->linger_ms;
    default:
        return INT64_MAX;
    }
}

/* Lazy: a timer that fires too early only looks again, so most requests never touch the timer heap.
 */
void cw_http_deadline_arm(struct cw_http_conn *conn) {
    int64_t at = cw_http_deadline_state(conn), write_at = cw_http_deadline_write(conn);
    at = write_at < at ? write_at : at;
    if (at == INT64_MAX || (conn->armed_ms != 0 && conn->armed_ms <= at))
        return;
    int64_t wait = at - cw_http_conn_now(conn);
    wait = wait < 1 ? 1 : wait;
    struct timeval tv = {.tv_sec = wait / 1000, .tv_usec = wait % 1000 * 1000};
    conn->armed_ms = at;
    (void)evtimer_add(conn->timer, &tv);
}
