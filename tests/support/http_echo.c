/*
 * A small server that mounts a few routes with the library, for the black-box tests in tests/http:
 * echoes requests, counts those a handler saw, answers late, sends much. Test program only; not
 * installed.
 *
 * http_echo [name=value]…  sets members of struct cw_http_limits, or hosts; prints "port <n>" and
 * serves until SIGTERM drains it.
 */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crew.h"
#include "base/json.h"
#include "http/http.h"
#include "http/reply.h"
#include "http/spool.h"

struct echo {
    struct event_base *base;
    struct cw_http_server *server;
    size_t handled, cancelled, late; /* late: that wait */
    struct cw_request *held;         /* until /release; NULL: none */
    struct cw_blob *big;
    struct cw_mailbox *mailbox;
    struct cw_crew *crew;
};

static void add_params(json_t *object, const char *name, const struct cw_param *params,
                       size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("[ss]", params[i].name, params[i].value));
    json_object_set_new(object, name, list);
}

static void echo(struct cw_request *req) {
    struct echo *echo_server = req->ctx;
    echo_server->handled++;
    const char *probe = cw_request_header(req, "X-Probe");
    json_t *object = json_pack("{ss,ss,ss,ss,ss,sI,ss?}", "method", req->method, "path", req->path,
                               "query", req->query, "host", req->host, "route", req->route->pattern,
                               "length", (json_int_t)req->body.length, "probe", probe);
    json_object_set_new(object, "body",
                        json_stringn((const char *)req->body.data, req->body.length));
    add_params(object, "params", req->params, req->param_count);
    add_params(object, "captures", req->captures, req->capture_count);
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (cw_reply_precondition(req, "\"echo\"")) {
        free(text);
        return;
    }
    const struct cw_header headers[] = {{"ETag", "\"echo\""}, {NULL, NULL}};
    cw_reply_json(req, 200, cw_bytes_of(text), headers);
    free(text);
}

/* How many requests handlers saw and lost since the last question. */
static void count(struct cw_request *req) {
    struct echo *echo_server = req->ctx;
    char *text = cw_arena_printf(
        req->arena,
        "{\"handled\":%zu,\"cancelled\":%zu,\"held\":%d,\"late\":%zu,\"connections\":%zu}",
        echo_server->handled, echo_server->cancelled, echo_server->held != NULL, echo_server->late,
        cw_http_server_connections(echo_server->server));
    echo_server->handled = echo_server->cancelled = 0;
    cw_reply_json(req, 200, cw_bytes_of(text), NULL);
}

struct late {
    struct cw_request *req;
    struct echo *echo;
};

static void answer_late(evutil_socket_t fd, short what, void *arg) {
    (void)fd;
    (void)what;
    ((struct late *)arg)->echo->late--;
    echo(((struct late *)arg)->req);
}

static void note_cancel(void *arg) {
    ((struct echo *)arg)->cancelled++;
}

/* Not answered before somebody asks for /release. */
static void keep(struct cw_request *req) {
    struct echo *echo_server = req->ctx;
    echo_server->held = req;
    cw_request_on_cancel(req, note_cancel, echo_server);
}

static void release(struct cw_request *req) {
    struct echo *echo_server = req->ctx;
    if (echo_server->held)
        echo(echo_server->held);
    echo_server->held = NULL;
    count(req);
}

static void late(struct cw_request *req) {
    struct late *late = cw_arena_alloc(req->arena, sizeof *late);
    const char *ms = cw_request_query(req, "ms");
    long wait = ms != NULL ? strtol(ms, NULL, 10) : 100;
    const struct timeval tv = {.tv_sec = wait / 1000, .tv_usec = wait % 1000 * 1000};
    *late = (struct late){req, req->ctx};
    cw_request_on_cancel(req, note_cancel, late->echo);
    late->echo->late++;
    (void)event_base_once(late->echo->base, -1, EV_TIMEOUT, answer_late, late, &tv);
}

static void big(struct cw_request *req) {
    struct echo *echo_server = req->ctx;
    const struct cw_header headers[] = {{"Cache-Control", "public, max-age=31536000, immutable"},
                                        {NULL, NULL}};
    cw_reply_blob(req, 200, "application/octet-stream", echo_server->big, headers);
}

static void faults(struct cw_request *req) {
    struct cw_faults list = {.arena = req->arena};
    cw_fault_add(&list, "selection.unknown_choice", "/selections/a~1b", "'%s' is no choice",
                 "x\"y");
    cw_fault_add_hint(&list, "selection.type", "/selections/c", "send a number", "not a number");
    cw_reply_faults(req, 422, "selection.unknown_choice", NULL, &list);
}

static void broken(struct cw_request *req) {
    struct cw_error error = {0};
    (void)cw_fail(&error, CW_E_IO, "store.write", "secret sentence");
    cw_reply_problem(req, &error);
}

static void injected(struct cw_request *req) {
    const struct cw_header headers[] = {{"Location", cw_request_query(req, "to")}, {NULL, NULL}};
    cw_reply_empty(req, 204, headers);
}

/* Where a body ended up, and the sum of its bytes. */
static void spooled(struct cw_request *req) {
    const struct cw_spool *spool = req->user;
    struct cw_bytes bytes = {0};
    unsigned long sum = 0;
    bool memory = cw_spool_bytes(spool, &bytes);
    size_t length = bytes.length;
    for (size_t i = 0; i < bytes.length; i++)
        sum += bytes.data[i];
    uint8_t part[4096];
    ssize_t n = 0;
    while (!memory && (n = read(cw_spool_file(spool), part, sizeof part)) > 0) {
        length += (size_t)n;
        for (ssize_t i = 0; i < n; i++)
            sum += part[i];
    }
    char *text = cw_arena_printf(
        req->arena, "{\"memory\":%s,\"length\":%zu,\"received\":%zu,\"sum\":%lu,\"body\":%zu}",
        memory ? "true" : "false", length, cw_request_received(req), sum, req->body.length);
    cw_reply_json(req, 200, cw_bytes_of(text), NULL);
}

static void decide_late(evutil_socket_t fd, short what, void *arg) {
    (void)fd;
    (void)what;
    struct cw_request *req = arg;
    if (cw_request_header(req, "X-Refuse") == NULL) {
        cw_request_proceed(req);
        return;
    }
    struct cw_error error = {0};
    (void)cw_fail(&error, CW_E_INPUT, "auth.missing", "a key is needed");
    cw_reply_problem(req, &error);
}

/* As an authorisation that has to look up a key. */
static bool hold(struct cw_request *req) {
    struct echo *echo_server = req->ctx;
    const struct timeval tv = {.tv_usec = 20000};
    return event_base_once(echo_server->base, -1, EV_TIMEOUT, decide_late, req, &tv) == 0;
}

static bool spool(struct cw_request *req) {
    struct echo *echo_server = req->ctx;
    const char *folder = cw_request_header(req, "X-Folder");
    const struct cw_spool_config config = {.memory_bytes = 1000,
                                           .folder = folder != NULL ? folder : "/tmp",
                                           .crew = echo_server->crew,
                                           .mailbox = echo_server->mailbox};
    struct cw_error error = {0};
    struct cw_spool *made = NULL;
    if (cw_spool_attach(req, &config, &made, &error) == CW_OK) {
        req->user = made;
        return false;
    }
    cw_reply_problem(req, &error);
    return true;
}

static bool before(struct cw_request *req) {
    struct cw_error error = {0};
    if (req->route != NULL && req->route->handler == spooled && spool(req))
        return true;
    if (cw_request_header(req, "X-Hold") != NULL)
        return hold(req);
    if (cw_request_header(req, "X-Refuse") == NULL)
        return cw_reply_header(req, "X-Before", "yes", &error) != CW_OK;
    (void)cw_fail(&error, CW_E_INPUT, "auth.missing", "a key is needed");
    cw_reply_problem(req, &error);
    return true;
}

static const struct cw_route routes[] = {
    {"GET", "/", echo, 0, NULL, 0},
    {"POST", "/", echo, 0, NULL, 0},
    {"GET", "/count", count, CW_ROUTE_QUIET, NULL, 0},
    {"GET", "/late", late, 0, NULL, 0},
    {"GET", "/held", keep, 0, NULL, 0},
    {"GET", "/release", release, CW_ROUTE_QUIET, NULL, 0},
    {"GET", "/big", big, 0, NULL, 0},
    {"GET", "/faults", faults, 0, NULL, 0},
    {"GET", "/broken", broken, 0, NULL, 0},
    {"GET", "/injected", injected, 0, NULL, 0},
    {"POST", "/small", echo, CW_ROUTE_BODY, NULL, 10},
    {"POST", "/spool", spooled, 0, NULL, 64 << 20},
    {"GET", "/{name}", echo, 0, NULL, 0},
    {"POST", "/{name}", echo, 0, NULL, 0},
    {"PUT", "/{name}", echo, 0, NULL, 0},
    {"PATCH", "/{name}", echo, 0, NULL, 0},
    {"DELETE", "/{name}", echo, 0, NULL, 0},
    {"GET", "/v1/products/{id}", echo, 0, NULL, 0},
    {"GET", "/v1/products/{id}@{version}", echo, 0, NULL, 0},
    {"POST", "/v1/products/{id}/configure", echo, 0, NULL, 0},
    {"GET", "/v1/previews/{product}@{version}/{view}.{format}", echo, 0, NULL, 0},
    {"GET", "/assets/{path*}", echo, 0, NULL, 0},
};

#define SIZE_LIMIT(member)                                                                         \
    { #member, offsetof(struct cw_http_limits, member) }
static const struct {
    const char *name;
    size_t offset; /* every member is a 64-bit integer on the machines the tests run on */
} settable[] = {
    SIZE_LIMIT(request_line_bytes),
    SIZE_LIMIT(head_bytes),
    SIZE_LIMIT(fields),
    SIZE_LIMIT(body_bytes),
    SIZE_LIMIT(bodies_bytes),
    SIZE_LIMIT(chunk_size_digits),
    SIZE_LIMIT(chunk_extension_bytes),
    SIZE_LIMIT(requests_per_connection),
    SIZE_LIMIT(connections),
    SIZE_LIMIT(connections_per_address),
    SIZE_LIMIT(pipeline_depth),
    SIZE_LIMIT(output_bytes),
    SIZE_LIMIT(linger_bytes),
    SIZE_LIMIT(head_deadline_ms),
    SIZE_LIMIT(idle_deadline_ms),
    SIZE_LIMIT(body_grace_ms),
    SIZE_LIMIT(body_rate_bytes_per_s),
    SIZE_LIMIT(write_grace_ms),
    SIZE_LIMIT(write_rate_bytes_per_s),
    SIZE_LIMIT(linger_ms),
};

static bool set_limit(struct cw_http_limits *limits, const char *text) {
    size_t length = strcspn(text, "=");
    for (size_t i = 0; i < sizeof settable / sizeof settable[0]; i++) {
        if (strlen(settable[i].name) != length || strncmp(settable[i].name, text, length) != 0)
            continue;
        int64_t value = strtoll(text + length + 1, NULL, 10);
        memcpy((char *)limits + settable[i].offset, &value, sizeof value);
        return true;
    }
    return false;
}

static void stop(void *base) {
    (void)event_base_loopbreak(base);
}

static void on_term(evutil_socket_t fd, short what, void *arg) {
    (void)fd;
    (void)what;
    struct echo *echo_server = arg;
    cw_http_server_drain(echo_server->server, stop, echo_server->base);
}

static void deliver(evutil_socket_t fd, short what, void *arg) {
    (void)fd;
    (void)what;
    cw_mailbox_deliver(arg);
}

int main(int argc, char **argv) {
    struct echo state = {.base = event_base_new(), .mailbox = cw_mailbox_new()};
    const struct cw_crew_config crew = {.threads = 1, .waiting = 64};
    struct cw_http_config config = {.routes = routes,
                                    .route_count = sizeof routes / sizeof routes[0],
                                    .ctx = &state,
                                    .before = before,
                                    .access_log = true,
                                    .clock = cw_clock_system};
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], "hosts=", 6) == 0)
            config.hosts = argv[i] + 6;
        else if (!set_limit(&config.limits, argv[i])) {
            fprintf(stderr, "http_echo: unknown limit '%s'\n", argv[i]);
            return 2;
        }
    struct cw_error error = {0};
    if (cw_crew_new(&crew, &state.crew, &error) != CW_OK ||
        cw_http_server_new(state.base, &config, &state.server, &error) != CW_OK) {
        fprintf(stderr, "http_echo: %s\n", error.message);
        return 1;
    }
    static char bytes[8 << 20];
    memset(bytes, 'x', sizeof bytes);
    state.big = cw_blob_new(bytes, sizeof bytes);
    struct event *mail = event_new(state.base, cw_mailbox_fd(state.mailbox), EV_READ | EV_PERSIST,
                                   deliver, state.mailbox);
    (void)event_add(mail, NULL);
    struct event *term = evsignal_new(state.base, SIGTERM, on_term, &state);
    (void)event_add(term, NULL);
    printf("port %u\n", (unsigned)cw_http_server_port(state.server));
    (void)fflush(stdout);
    (void)event_base_dispatch(state.base);
    event_free(term);
    cw_http_server_free(state.server);
    cw_crew_free(state.crew);
    cw_mailbox_deliver(state.mailbox);
    event_free(mail);
    cw_mailbox_free(state.mailbox);
    cw_blob_unref(state.big);
    event_base_free(state.base);
    return 0;
}
