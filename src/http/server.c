/*
 * The listening side: accepts, caps connections in total and per address, drains, and owns what the
 * connections of one event loop share. Does not parse or answer. Runs in the server, loop thread.
 */
#define CW_LOG_MODULE "http"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "cordwain/limits.h"
#include "http/internal.h"

#define LISTEN_BACKLOG  511
#define ACCEPT_RETRY_MS 100
#define ACCEPTS         64 /* connections of one turn */

static void address_text(const struct sockaddr *address, char text[INET6_ADDRSTRLEN]) {
    text[0] = '\0';
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        (void)inet_ntop(AF_INET, &in.sin_addr, text, INET6_ADDRSTRLEN);
    } else if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof in);
        (void)inet_ntop(AF_INET6, &in.sin6_addr, text, INET6_ADDRSTRLEN);
    }
}

/* A few refused clients are told why; a flood of them is only closed. */
static void refuse(struct cw_http_server *server, evutil_socket_t fd, const char *address,
                   const struct cw_error *why) {
    struct cw_http_conn *conn;
    if (!cw_http_count_in(&server->shared->refused, CW_HTTP_REFUSED_CONNECTIONS))
        evutil_closesocket(fd);
    else if ((conn = cw_http_conn_new(server, fd, NULL, address)) == NULL) /* closed */
        cw_http_count_out(&server->shared->refused);
    else
        cw_http_conn_refuse(conn, why);
}

static void take(struct cw_http_server *server, int fd, const struct sockaddr *address) {
    const struct cw_http_limits *limits = &server->config.limits;
    char text[INET6_ADDRSTRLEN];
    address_text(address, text);
    int on = 1, unsent = CW_HTTP_UNSENT_BYTES; /* else 500 slow readers fill the kernel's memory */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    struct cw_error error = {0};
    if (!cw_http_count_in(&server->shared->connections, limits->connections)) {
        (void)cw_fail(&error, CW_E_BUSY, "http.too_many_connections",
                      "the server has all connections it takes");
        refuse(server, fd, text, &error);
        return;
    }
    struct cw_peer *peer =
        cw_peers_enter(server->shared->peers, address, limits->connections_per_address);
    if (peer == NULL) {
        cw_http_count_out(&server->shared->connections);
        (void)cw_fail(&error, CW_E_LIMIT, "http.too_many_connections_from_address",
                      "your address has more than %zu connections",
                      limits->connections_per_address);
        refuse(server, fd, text, &error);
        return;
    }
    if (cw_http_conn_new(server, fd, peer, text) == NULL) {
        cw_peers_leave(server->shared->peers, peer);
        cw_http_count_out(&server->shared->connections);
    }
}

/* Out of descriptors or memory: stop for a moment, or accept would spin on the same error. */
static void pause_accepting(struct cw_http_server *server) {
    const struct timeval wait = {.tv_usec = ACCEPT_RETRY_MS * 1000};
    cw_log_warn("accept_failed", "reason=\"%s\" action=\"pausing %d ms\"", strerror(errno),
                ACCEPT_RETRY_MS);
    (void)event_del(server->listening);
    (void)evtimer_add(server->retry, &wait);
}

/* A turn takes a bounded number, so that connections that are here are served meanwhile; the loop
 * comes back for the rest. Of a queue that several loops share it takes one: the next is another's
 * who is free. */
static void on_connections(evutil_socket_t listener, short what, void *arg) {
    (void)what;
    struct cw_http_server *server = arg;
    for (unsigned i = 0; i < server->accepts; i++) {
        struct sockaddr_storage address = {0};
        socklen_t length = sizeof address;
        int fd =
            accept4(listener, (struct sockaddr *)&address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            bool passes = errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
            if (!passes)
                pause_accepting(server);
            return;
        }
        take(server, fd, (const struct sockaddr *)&address);
    }
}

static void on_retry(evutil_socket_t fd, short what, void *arg) {
    (void)fd;
    (void)what;
    struct cw_http_server *server = arg;
    if (server->listening != NULL)
        (void)event_add(server->listening, NULL);
}

static void on_all_gone(evutil_socket_t fd, short what, void *arg) {
    (void)fd;
    (void)what;
    struct cw_http_server *server = arg;
    void (*done)(void *) = server->done;
    server->done = NULL;
    if (done != NULL)
        done(server->done_arg); /* may free the server */
}

void cw_http_server_lost(struct cw_http_server *server, struct cw_http_conn *conn) {
    if (conn->peer != NULL) {
        cw_peers_leave(server->shared->peers, conn->peer);
        cw_http_count_out(&server->shared->connections);
    } else {
        cw_http_count_out(&server->shared->refused);
    }
    if (server->draining && server->conns == NULL)
        event_active(server->drained, EV_TIMEOUT, 0);
}

static enum cw_status listen_failed(const struct cw_http_config *config, const char *why,
                                    struct cw_error *err) {
    return cw_fail(err, CW_E_IO, "http.listen", "cannot listen on '%s' port %u: %s", config->host,
                   (unsigned)config->port, why);
}

static bool turn_on(int fd, int option) {
    int on = 1;
    return setsockopt(fd, SOL_SOCKET, option, &on, sizeof on) == 0;
}

/* -1: errno tells why. */
static int bind_socket(const struct addrinfo *address, enum cw_http_port with) {
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    bool bound = turn_on(fd, SO_REUSEADDR) && turn_on(fd, SO_KEEPALIVE) &&
                 (with != CW_HTTP_PORT_JOINS || turn_on(fd, SO_REUSEPORT)) &&
                 bind(fd, address->ai_addr, address->ai_addrlen) == 0 &&
                 (with != CW_HTTP_PORT_FIRST || turn_on(fd, SO_REUSEPORT));
    if (!bound) {
        int why = errno;
        (void)close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

static enum cw_status listen_here(const struct cw_http_config *config, int *ret_fd,
                                  struct cw_error *err) {
    const char *host = strcmp(config->host, "localhost") == 0 ? "127.0.0.1" : config->host;
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char service[8];
    (void)snprintf(service, sizeof service, "%u", (unsigned)config->port);
    int rc = getaddrinfo(host, service, &hints, &found);
    if (rc != 0)
        return listen_failed(config, gai_strerror(rc), err);
    int fd = bind_socket(found, config->with);
    freeaddrinfo(found);
    if (fd < 0)
        return listen_failed(config, strerror(errno), err);
    if (listen(fd, LISTEN_BACKLOG) != 0) {
        enum cw_status status = listen_failed(config, strerror(errno), err);
        (void)close(fd);
        return status;
    }
    *ret_fd = fd;
    return CW_OK;
}

/* Of the socket we have, which is closed with the event. */
static enum cw_status accept_from(struct cw_http_server *server, int take_fd,
                                  struct cw_error *err) {
    struct sockaddr_storage bound = {0};
    socklen_t length = sizeof bound;
    struct sockaddr_in in; /* the port is at the same place in IPv4 and IPv6 addresses */
    server->listening =
        event_new(server->base, take_fd, EV_READ | EV_PERSIST, on_connections, server);
    if (server->listening == NULL) {
        (void)close(take_fd);
        return cw_fail(err, CW_E_NOMEM, "http.memory", "no memory for the server");
    }
    if (evutil_make_socket_nonblocking(take_fd) != 0 || event_add(server->listening, NULL) != 0 ||
        getsockname(take_fd, (struct sockaddr *)&bound, &length) != 0)
        return listen_failed(&server->config, strerror(errno), err);
    memcpy(&in, &bound, sizeof in);
    server->port = ntohs(in.sin_port);
    return CW_OK;
}

static enum cw_status start_listening(struct cw_http_server *server, struct cw_error *err) {
    int fd = server->config.take_socket;
    enum cw_status status = CW_OK;
    server->config.take_socket = 0;
    server->accepts = fd > 0 && server->config.with != CW_HTTP_PORT_ALONE ? 1 : ACCEPTS;
    if (fd <= 0)
        status = listen_here(&server->config, &fd, err);
    return status == CW_OK ? accept_from(server, fd, err) : status;
}

enum cw_status cw_http_server_new(struct event_base *base, const struct cw_http_config *config,
                                  struct cw_http_server **ret_server, struct cw_error *err) {
    struct cw_http_server *server = calloc(1, sizeof *server);
    if (server == NULL)
        return cw_fail(err, CW_E_NOMEM, "http.memory", "no memory for the server");
    server->base = base;
    server->config = *config;
    if (config->host == NULL)
        server->config.host = "127.0.0.1";
    cw_http_limits_fill(&server->config.limits);
    (void)signal(SIGPIPE,
                 SIG_IGN); /* a client that hangs up is an error of one write, not a signal */
    server->own_shared = config->shared == NULL ? cw_http_shared_new() : NULL;
    server->shared = config->shared != NULL ? config->shared : server->own_shared;
    server->out = evbuffer_new();
    server->retry = evtimer_new(base, on_retry, server);
    server->drained = evtimer_new(base, on_all_gone, server);
    enum cw_status status =
        cw_router_new(config->routes, config->route_count, &server->router, err);
    if (status == CW_OK && (server->shared == NULL || server->out == NULL ||
                            server->retry == NULL || server->drained == NULL))
        status = cw_fail(err, CW_E_NOMEM, "http.memory", "no memory for the server");
    if (status == CW_OK)
        status = start_listening(server, err);
    if (status != CW_OK) {
        if (server->config.take_socket > 0)
            evutil_closesocket(server->config.take_socket);
        cw_http_server_free(server);
        return status;
    }
    server->config.host = NULL; /* not needed any more, and not ours */
    *ret_server = server;
    return CW_OK;
}

void cw_http_server_free(struct cw_http_server *server) {
    if (server == NULL)
        return;
    cw_http_server_stop_listening(server);
    server->done = NULL;
    while (server->conns != NULL)
        cw_http_conn_free(server->conns);
    if (server->retry != NULL)
        event_free(server->retry);
    if (server->drained != NULL)
        event_free(server->drained);
    if (server->out != NULL)
        evbuffer_free(server->out);
    cw_router_free(server->router);
    cw_http_shared_free(server->own_shared);
    cw_buf_deinit(&server->text);
    cw_coder_free(server->coder);
    free(server);
}

uint16_t cw_http_server_port(const struct cw_http_server *server) {
    return server->port;
}

void cw_http_server_stop_listening(struct cw_http_server *server) {
    if (server->listening == NULL)
        return;
    evutil_socket_t fd = event_get_fd(server->listening);
    event_free(server->listening);
    (void)close(fd);
    server->listening = NULL;
}

void cw_http_server_drain(struct cw_http_server *server, void (*done)(void *), void *arg) {
    server->done = done;
    server->done_arg = arg;
    server->draining = true;
    cw_http_server_stop_listening(server);
    for (struct cw_http_conn *conn = server->conns, *next; conn != NULL; conn = next) {
        next = conn->next;
        if (!conn->running) /* a running one looks at `draining` before it waits again */
            cw_http_conn_run(conn);
    }
    if (server->conns == NULL)
        event_active(server->drained, EV_TIMEOUT, 0);
}

/* IMF-fixdate (RFC 9110 §5.6.7), made once a second, independent of the locale. */
const char *cw_http_server_date(struct cw_http_server *server) {
    static const char days[] = "SunMonTueWedThuFriSat",
                      months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t second = cw_clock_now_ms(&server->config.clock) / 1000;
    if (second == server->date_second && server->date[0] != '\0')
        return server->date;
    time_t when = (time_t)second;
    struct tm tm = {0};
    (void)gmtime_r(&when, &tm);
    (void)snprintf(server->date, sizeof server->date, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
                   days + 3 * tm.tm_wday, tm.tm_mday % 100, months + 3 * tm.tm_mon,
                   (tm.tm_year + 1900) % 10000, tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100);
    server->date_second = second;
    return server->date;
}
