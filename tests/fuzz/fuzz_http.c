/*
 * Fuzz target: a client's byte stream through head, framing, target, router, query and body,
 * request after request. Properties: the outcome does not depend on how the stream is cut; what
 * passed the head is clean; a body is never larger than allowed; nothing reads beyond its input.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"
#include "fuzz.h"
#include "http/body.h"
#include "http/framing.h"
#include "http/router.h"
#include "http/target.h"

#define REQUESTS 8
#define BODY_MAX 4096

#define HOLDS(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);         \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static void handler(struct cw_request *req) {
    (void)req;
}

static const struct cw_route routes[] = {
    {"GET", "/", handler, 0, NULL, 0},
    {"GET", "/v1/products/{id}", handler, 0, NULL, 0},
    {"GET", "/v1/products/{id}@{version}", handler, 0, NULL, 0},
    {"POST", "/v1/products/{id}/configure", handler, 0, NULL, 0},
    {"GET", "/v1/previews/{product}@{version}/{view}.{format}", handler, 0, NULL, 0},
    {"GET", "/assets/{path*}", handler, 0, NULL, 0},
    {"POST", "/{name}", handler, 0, NULL, 0},
};

static struct cw_http_limits limits;
static struct cw_router *router;

/* The stream, handed out in pieces of `step` bytes. */
struct stream {
    const uint8_t *data;
    size_t size, at, step;
};

static struct cw_bytes next_piece(const struct stream *stream) {
    size_t left = stream->size - stream->at;
    return (struct cw_bytes){stream->data + stream->at, left < stream->step ? left : stream->step};
}

static void note(struct cw_buf *log, const char *text) {
    cw_buf_puts(log, text);
    cw_buf_putc(log, '\n');
}

static void check_clean(const struct cw_http_head *head) {
    for (const char *at = head->target_text; *at != '\0'; at++)
        HOLDS(*at > 0x20 && *at < 0x7f);
    for (size_t i = 0; i < head->field_count; i++) {
        HOLDS(head->fields[i].name[0] != '\0' && strpbrk(head->fields[i].name, " \t:\r\n") == NULL);
        HOLDS(strpbrk(head->fields[i].value, "\r\n") == NULL);
    }
    HOLDS(head->field_count <= limits.fields);
}

/* false: the stream ended or the head is wrong */
static bool read_head(struct stream *stream, struct cw_http_head *head, struct cw_buf *log) {
    bool done = false;
    while (!done && stream->at < stream->size) {
        struct cw_bytes piece = next_piece(stream);
        struct cw_error error = {0};
        size_t used = 0;
        if (cw_http_head_feed(head, piece, &used, &done, &error) != CW_OK) {
            note(log, error.code);
            return false;
        }
        HOLDS(used == piece.length || done);
        stream->at += used;
    }
    return done;
}

static void read_target(struct cw_arena *arena, const struct cw_http_head *head,
                        struct cw_buf *log) {
    struct cw_http_target target = {0};
    struct cw_error error = {0};
    struct cw_router_match match = {0};
    const struct cw_param *params = NULL;
    size_t count = 0;
    enum cw_status status =
        cw_http_target_read(arena, head->method, head->target_text, &target, &error);
    if (status == CW_OK)
        status = cw_http_query_read(arena, target.query, &params, &count, &error);
    for (size_t i = 0; status == CW_OK && i < count; i++)
        HOLDS(cw_utf8_valid(params[i].value, strlen(params[i].value)));
    if (status == CW_OK) {
        const struct cw_router_ask ask = {head->method, target.path};
        status = cw_router_find(router, arena, &ask, &match, &error);
    }
    note(log, status == CW_OK ? match.allow : error.code);
    for (size_t i = 0; status == CW_OK && i < match.capture_count; i++) {
        const char *value = match.captures[i].value;
        HOLDS(value[0] != '\0' && strcmp(value, "..") != 0 && strstr(value, "/../") == NULL);
        note(log, value);
    }
}

static bool read_body(struct stream *stream, struct cw_arena *arena,
                      const struct cw_http_framing *framing, struct cw_buf *log) {
    struct cw_http_body *body = cw_arena_alloc(arena, sizeof *body);
    struct cw_error error = {0};
    bool done = framing->kind == CW_HTTP_NO_BODY;
    enum cw_status status = cw_http_body_init(body, arena, &limits, BODY_MAX, framing, &error);
    while (status == CW_OK && !done && stream->at < stream->size) {
        size_t used = 0;
        status = cw_http_body_feed(body, next_piece(stream), &used, &done, &error);
        stream->at += status == CW_OK ? used : 0;
        HOLDS(body->data.length <= BODY_MAX);
    }
    if (status != CW_OK)
        note(log, error.code);
    else
        cw_buf_printf(log, "body %zu %d\n", body->data.length, done);
    return status == CW_OK && done;
}

/* What a server would have understood, as text. */
static void understand(struct stream stream, struct cw_buf *log) {
    bool more = true;
    for (int i = 0; i < REQUESTS && more; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_http_head *head = cw_arena_alloc(arena, sizeof *head);
        struct cw_http_framing framing = {0};
        struct cw_error error = {0};
        cw_http_head_init(head, arena, &limits, /* trailer: */ false);
        if (!read_head(&stream, head, log))
            return;
        check_clean(head);
        note(log, head->method);
        if (cw_http_framing_read(head, &framing, &error) != CW_OK) {
            note(log, error.code);
            return;
        }
        read_target(arena, head, log);
        more = read_body(&stream, arena, &framing, log) && framing.keep_alive;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (router == NULL) {
        cw_http_limits_fill(&limits);
        HOLDS(cw_router_new(routes, sizeof routes / sizeof routes[0], &router, NULL) == CW_OK);
    }
    CW_AUTO_BUF struct cw_buf whole = {0};
    note(&whole, "");
    understand((struct stream){data, size, 0, size}, &whole);
    for (size_t step = 1; step <= 7; step += 3) {
        CW_AUTO_BUF struct cw_buf pieces = {0};
        note(&pieces, "");
        understand((struct stream){data, size, 0, step}, &pieces);
        HOLDS(strcmp(whole.data, pieces.data) == 0);
    }
    return 0;
}
