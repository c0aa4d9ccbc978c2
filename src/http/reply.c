/*
 * What handlers answer with, and the only place that turns an error into an HTTP status.
 * Does not write problem documents (problem.c) nor bytes (respond.c). Runs in the server, loop
 * thread.
 */
#include <string.h>
#include <strings.h>

#include "http/internal.h"

/* Codes whose meaning HTTP has its own status for; a code ending in '.' covers all below it. First
 * fit wins. */
static const struct {
    const char *code;
    int status;
} by_code[] = {
    {"auth.scope", 403},
    {"auth.forbidden", 403},
    {"auth.", 401},
    {"http.not_found", 404},
    {"http.method_not_allowed", 405},
    {"http.request_timeout", 408},
    {"http.length_required", 411},
    {"http.body_too_large", 413},
    {"http.request_line_too_long", 414},
    {"http.content_encoding", 415},
    {"http.media_type", 415},
    {"http.expectation", 417},
    {"http.misdirected", 421},
    {"http.too_many_connections_from_address", 429},
    {"http.head_too_large", 431},
    {"http.too_many_fields", 431},
    {"http.transfer_encoding", 501},
    {"http.too_many_connections", 503},
    {"http.too_much_at_once", 503},
    {"http.version", 505},
    {"http.", 400},
    {"json.too_large", 413},
    {"json.", 400},
    {"idempotency.missing", 400},
    {"idempotency.key", 400},
    {"idempotency.running", 409},
    {"idempotency.", 422},
    {"precondition.required", 428},
    {"precondition.failed", 412},
    {"precondition.", 412},
    {"cursor.", 400},
    {"rate.", 429},
};

static int status_of_class(enum cw_status status) {
    switch (status) {
    case CW_OK:
        return 200;
    case CW_E_INPUT:
    case CW_E_LIMIT:
        return 422;
    case CW_E_NOT_FOUND:
        return 404;
    case CW_E_CONFLICT:
        return 409;
    case CW_E_BUSY:
    case CW_E_TIMEOUT:
        return 503;
    case CW_E_NOMEM:
    case CW_E_IO:
    case CW_E_BUG:
        break;
    }
    return 500;
}

int cw_reply_status(enum cw_status status, const char *code) {
    int plain = status_of_class(status);
    if (plain == 500 || code == NULL)
        return plain;
    for (size_t i = 0; i < sizeof by_code / sizeof by_code[0]; i++) {
        size_t length = strlen(by_code[i].code);
        bool family = by_code[i].code[length - 1] == '.';
        if (family ? strncmp(code, by_code[i].code, length) == 0
                   : strcmp(code, by_code[i].code) == 0)
            return by_code[i].status;
    }
    size_t length = strlen(code);
    bool too_large = length > 10 && strcmp(code + length - 10, ".too_large") == 0;
    return plain == 422 && too_large ? 413 : plain;
}

/* ---- fields ---------------------------------------------------------------------------------- */

static bool is_field_value(const char *value) {
    for (; *value != '\0'; value++) {
        unsigned char c = (unsigned char)*value;
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

/* Fields this server writes itself; a second one would reframe the answer. */
static bool is_own_field(const char *name) {
    static const char *const own[] = {
        "Content-Length",         "Transfer-Encoding", "Connection", "Date",
        "X-Request-Id",           "Trailer",           "Upgrade",    "Keep-Alive",
        "X-Content-Type-Options", "traceparent"};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strcasecmp(name, own[i]) == 0)
            return true;
    return false;
}

static bool is_field_name(const char *name) {
    for (const char *at = name; *at != '\0'; at++)
        if (!cw_http_is_tchar((unsigned char)*at))
            return false;
    return name[0] != '\0' && !is_own_field(name);
}

static bool adds_up(const char *name) {
    return strcasecmp(name, "Set-Cookie") == 0 || strcasecmp(name, "Link") == 0 ||
           strcasecmp(name, "Vary") == 0;
}

enum cw_status cw_reply_header(struct cw_request *req, const char *name, const char *value,
                               struct cw_error *err) {
    if (name == NULL || value == NULL || !is_field_name(name) || !is_field_value(value))
        return cw_fail(err, CW_E_BUG, "http.response_header", "an answer field is refused: '%s'",
                       name != NULL && is_field_value(name) ? name : "?");
    struct cw_http_io *io = req->io;
    const char *copy = cw_arena_strdup(req->arena, value);
    for (struct cw_reply_field *field = io->fields; field != NULL && !adds_up(name);
         field = field->next)
        if (strcasecmp(field->name, name) == 0) {
            field->value = copy;
            return CW_OK;
        }
    struct cw_reply_field *field = cw_arena_alloc(req->arena, sizeof *field);
    field->name = cw_arena_strdup(req->arena, name);
    field->value = copy;
    *io->fields_end = field;
    io->fields_end = &field->next;
    return CW_OK;
}

/* ---- answers --------------------------------------------------------------------------------- */

static void finish(struct cw_request *req, const struct cw_http_answer *answer,
                   const struct cw_header *headers) {
    struct cw_error error = {0};
    for (const struct cw_header *at = headers; at != NULL && at->name != NULL; at++)
        if (cw_reply_header(req, at->name, at->value, &error) != CW_OK) {
            cw_reply_problem(req, &error);
            return;
        }
    cw_http_respond(req, answer);
}

void cw_reply_bytes(struct cw_request *req, int status, const char *content_type,
                    struct cw_bytes body, const struct cw_header *headers) {
    const struct cw_http_answer answer = {
        .status = status, .content_type = content_type, .bytes = body};
    finish(req, &answer, headers);
}

void cw_reply_json(struct cw_request *req, int status, struct cw_bytes body,
                   const struct cw_header *headers) {
    cw_reply_bytes(req, status, "application/json", body, headers);
}

void cw_reply_html(struct cw_request *req, int status, struct cw_bytes body,
                   const struct cw_header *headers) {
    cw_reply_bytes(req, status, "text/html; charset=utf-8", body, headers);
}

void cw_reply_empty(struct cw_request *req, int status, const struct cw_header *headers) {
    const struct cw_http_answer answer = {.status = status};
    finish(req, &answer, headers);
}

void cw_reply_blob(struct cw_request *req, int status, const char *content_type,
                   struct cw_blob *blob, const struct cw_header *headers) {
    const struct cw_http_answer answer = {
        .status = status, .content_type = content_type, .blob = blob};
    finish(req, &answer, headers);
}

bool cw_reply_precondition(struct cw_request *req, const char *etag) {
    const char *wanted = cw_request_header(req, "If-Match");
    const char *list = cw_request_header(req, "If-None-Match");
    struct cw_error error = {0};
    if (wanted != NULL && !cw_etag_list_has(wanted, etag, /* weak: */ false)) {
        (void)cw_fail(&error, CW_E_INPUT, "precondition.failed",
                      "what is there has another ETag than If-Match names");
        cw_reply_problem(req, &error);
        return true;
    }
    if (list == NULL || !cw_request_is(req, "GET") ||
        !cw_etag_list_has(list, etag, /* weak: */ true))
        return false;
    if (cw_reply_header(req, "ETag", etag, &error) != CW_OK) {
        cw_reply_problem(req, &error);
        return true;
    }
    cw_reply_empty(req, 304, NULL);
    return true;
}
