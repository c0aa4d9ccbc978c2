/*
 * A request's life: made at its first byte, admitted when its head is complete, freed by its reply
 * – also when the client has gone in between. And what handlers ask it. Does not touch sockets.
 * Runs in the server.
 */
#include <string.h>
#include <strings.h>

#include "http/internal.h"
#include "http/target.h"

/* Request and private half in one block. */
struct whole {
    struct cw_request req;
    struct cw_http_io io;
};

struct cw_request *cw_http_request_new(struct cw_http_conn *conn) {
    struct cw_arena *arena = cw_arena_new();
    if (arena == NULL)
        return NULL;
    struct whole *whole = cw_arena_alloc(arena, sizeof *whole);
    struct cw_request *req = &whole->req;
    struct cw_http_io *io = &whole->io;
    const struct cw_http_config *config = &conn->server->config;
    *io = (struct cw_http_io){.conn = conn, .fields_end = &io->fields};
    *req = (struct cw_request){.method = "", .path = "", .query = "", .host = "", .arena = arena};
    req->io = io;
    req->ctx = config->ctx;
    req->peer = cw_arena_strdup(arena, conn->address);
    req->started_ms = cw_clock_monotonic_ms(&config->clock);
    cw_ulid(cw_clock_now_ms(&config->clock), req->id);
    cw_http_head_init(&io->head, arena, &config->limits, /* trailer: */ false);
    return req;
}

void cw_http_request_free(struct cw_request *req) {
    if (req != NULL)
        cw_arena_free(req->arena);
}

void cw_http_request_cancel(struct cw_request *req) {
    struct cw_http_io *io = req->io;
    void (*cancel)(void *) = io->cancel;
    io->cancelled = true;
    io->cancel = NULL;
    if (cancel != NULL)
        cancel(io->cancel_arg); /* may reply: req is then gone */
}

void cw_http_request_detach(struct cw_request *req) {
    req->io->conn = NULL;
    if (req->io->handed)
        cw_http_request_cancel(req);
    else
        cw_http_request_free(req);
}

static enum cw_status find_route(struct cw_request *req, struct cw_error *err) {
    struct cw_http_io *io = req->io;
    bool everything = strcmp(req->path, "*") == 0; /* OPTIONS * asks about the server */
    if (everything) {
        io->match.allow = "GET, HEAD, POST, PUT, DELETE, OPTIONS";
        return CW_OK;
    }
    const struct cw_router_ask ask = {req->method, req->path};
    enum cw_status status =
        cw_router_find(io->conn->server->router, req->arena, &ask, &io->match, err);
    if (status != CW_OK)
        return status;
    req->route = io->match.route;
    req->captures = io->match.captures;
    req->capture_count = io->match.capture_count;
    return CW_OK;
}

/* RFC 9110 §7.4: not to answer for a host that is somebody else's. */
static enum cw_status check_host(const struct cw_request *req, struct cw_error *err) {
    const char *hosts = req->io->conn->server->config.hosts;
    size_t name = strlen(req->host), port = 0;
    if (hosts == NULL || *hosts == '\0' || name == 0)
        return CW_OK;
    while (port < name && (req->host[name - port - 1] >= '0' && req->host[name - port - 1] <= '9'))
        port++;
    size_t bare = port < name && req->host[name - port - 1] == ':' ? name - port - 1 : name;
    for (size_t length; *hosts != '\0'; hosts += length + (hosts[length] == ',')) {
        length = strcspn(hosts, ",");
        if ((length == name || length == bare) && strncasecmp(hosts, req->host, length) == 0)
            return CW_OK;
    }
    return cw_fail(err, CW_E_INPUT, "http.misdirected", "'%s' is no host of this server",
                   req->host);
}

static enum cw_status check_length(const struct cw_request *req, struct cw_error *err) {
    if (req->route == NULL || (req->route->flags & CW_ROUTE_BODY) == 0 ||
        req->io->framing.kind != CW_HTTP_NO_BODY ||
        cw_http_head_field(&req->io->head, "Content-Length", NULL) != NULL)
        return CW_OK;
    return cw_fail(err, CW_E_INPUT, "http.length_required",
                   "this takes a body: send Content-Length, or Transfer-Encoding: chunked");
}

static enum cw_status start_body(struct cw_request *req, struct cw_error *err) {
    const struct cw_http_limits *limits = &req->io->conn->server->config.limits;
    size_t max =
        req->route != NULL && req->route->body_max > 0 ? req->route->body_max : limits->body_bytes;
    return cw_http_body_init(&req->io->body, req->arena, limits, max, &req->io->framing, err);
}

enum cw_status cw_http_request_admit(struct cw_request *req, struct cw_error *err) {
    struct cw_http_io *io = req->io;
    req->method = io->head.method;
    cw_http_trace_continue(cw_request_header(req, "traceparent"), io->trace);
    enum cw_status status = cw_http_framing_read(&io->head, &io->framing, err);
    struct cw_http_target target = {0};
    if (status == CW_OK)
        status = cw_http_target_read(req->arena, req->method, io->head.target_text, &target, err);
    if (status != CW_OK)
        return status;
    req->path = target.path;
    req->query = target.query;
    /* RFC 9112 §3.2.2: the target's authority replaces the Host field. */
    req->host = target.host != NULL ? target.host : io->framing.host;
    status = check_host(req, err);
    if (status == CW_OK)
        status = find_route(req, err);
    if (status == CW_OK)
        status = check_length(req, err);
    if (status == CW_OK)
        status = cw_http_query_read(req->arena, req->query, &req->params, &req->param_count, err);
    return status == CW_OK ? start_body(req, err) : status;
}

const char *cw_request_header(struct cw_request *req, const char *name) {
    const struct cw_http_head *head = &req->io->head;
    size_t count = 0;
    const char *value = cw_http_head_field(head, name, &count);
    if (count < 2)
        return value;
    const char *joined = NULL;
    for (size_t i = 0; i < head->field_count; i++)
        if (strcasecmp(head->fields[i].name, name) == 0)
            joined = joined == NULL
                         ? head->fields[i].value
                         : cw_arena_printf(req->arena, "%s, %s", joined, head->fields[i].value);
    return joined;
}

static const char *find_param(const struct cw_param *params, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(params[i].name, name) == 0)
            return params[i].value;
    return NULL;
}

const char *cw_request_query(const struct cw_request *req, const char *name) {
    return find_param(req->params, req->param_count, name);
}

const char *cw_request_param(const struct cw_request *req, const char *name) {
    return find_param(req->captures, req->capture_count, name);
}

bool cw_request_is(const struct cw_request *req, const char *method) {
    return strcmp(req->method, method) == 0 ||
           (strcmp(method, "GET") == 0 && strcmp(req->method, "HEAD") == 0);
}

void cw_request_on_cancel(struct cw_request *req, void (*fn)(void *arg), void *arg) {
    req->io->cancel = fn;
    req->io->cancel_arg = arg;
}

bool cw_request_cancelled(const struct cw_request *req) {
    return req->io->cancelled;
}
