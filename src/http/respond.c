/*
 * Writes one answer: status line, fields, body, and the access log line. Then ends the request.
 * Does not choose statuses (reply.c) nor send (conn.c). Runs in the server, loop thread.
 */
#define CW_LOG_MODULE "http"

#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "http/internal.h"

static const struct {
    int status;
    const char *text;
} reasons[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

const char *cw_http_reason(int status) {
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].status == status)
            return reasons[i].text;
    return "Status";
}

bool cw_http_has_field(const struct cw_http_io *io, const char *name) {
    for (const struct cw_reply_field *field = io->fields; field != NULL; field = field->next)
        if (strcasecmp(field->name, name) == 0)
            return true;
    return false;
}

static bool has_no_body(int status) {
    return status == 204 || status == 304 || status < 200;
}

/* "Name: value" in pieces: printf would format every field twice. */
static void put_field(struct cw_buf *text, const char *name, const char *value) {
    cw_buf_puts(text, name);
    cw_buf_add(text, ": ", 2);
    cw_buf_puts(text, value);
    cw_buf_add(text, "\r\n", 2);
}

static void write_head(struct cw_http_server *server, const struct cw_request *req,
                       const struct cw_http_answer *answer, size_t length, bool keep) {
    const struct cw_http_io *io = req->io;
    struct cw_buf *text = &server->text;
    cw_buf_reset(text);
    cw_buf_puts(text, "HTTP/1.1 ");
    cw_buf_uint(text, (unsigned)answer->status);
    cw_buf_putc(text, ' ');
    cw_buf_puts(text, cw_http_reason(answer->status));
    cw_buf_puts(text, "\r\n");
    put_field(text, "Date", cw_http_server_date(server));
    put_field(text, "X-Request-Id", req->id);
    cw_buf_puts(text, "X-Content-Type-Options: nosniff\r\n");
    if (io->trace[0] != '\0')
        put_field(text, "traceparent", io->trace);
    if (!cw_http_has_field(io, "Cache-Control"))
        cw_buf_puts(text, "Cache-Control: no-store\r\n");
    if (answer->content_type != NULL && !cw_http_has_field(io, "Content-Type"))
        put_field(text, "Content-Type", answer->content_type);
    if (!has_no_body(answer->status)) {
        cw_buf_puts(text, "Content-Length: ");
        cw_buf_uint(text, length);
        cw_buf_puts(text, "\r\n");
    }
    for (const struct cw_reply_field *field = io->fields; field != NULL; field = field->next)
        put_field(text, field->name, field->value);
    cw_buf_puts(text, keep ? "\r\n" : "Connection: close\r\n\r\n");
}

static void release_blob(const void *data, size_t length, void *blob) {
    (void)data;
    (void)length;
    cw_blob_unref(blob);
}

/* Small texts are copied beside the head so that they leave in one write; blobs are never copied.
 */
static void write_body(struct evbuffer *out, const struct cw_http_answer *answer) {
    if (answer->blob == NULL) {
        evbuffer_add(out, answer->bytes.data, answer->bytes.length);
        return;
    }
    struct cw_blob *blob = cw_blob_ref(answer->blob);
    if (evbuffer_add_reference(out, cw_blob_data(blob), cw_blob_length(blob), release_blob, blob) !=
        0)
        cw_blob_unref(blob);
}

static void log_request(const struct cw_request *req, int status, size_t bytes, int64_t ms) {
    char method[CW_LOG_QUOTED];
    bool quiet = req->route != NULL && (req->route->flags & CW_ROUTE_QUIET) != 0;
    cw_log_write(quiet ? CW_LOG_DEBUG : CW_LOG_INFO, CW_LOG_MODULE, "request",
                 "id=%s trace=%.32s method=%s route=\"%s\" status=%d bytes=%zu ms=%lld", req->id,
                 req->io->trace[0] != '\0' ? req->io->trace + 3 : "-",
                 cw_log_quote(req->method, method), req->route != NULL ? req->route->pattern : "-",
                 status, bytes, (long long)ms);
}

void cw_http_respond(struct cw_request *req, const struct cw_http_answer *answer) {
    struct cw_http_conn *conn = req->io->conn;
    if (conn == NULL) { /* the client has gone; nobody to tell */
        cw_http_request_free(req);
        return;
    }
    struct cw_http_server *server = conn->server;
    size_t length = answer->blob != NULL ? cw_blob_length(answer->blob) : answer->bytes.length;
    bool body = length > 0 && !has_no_body(answer->status) && strcmp(req->method, "HEAD") != 0;
    bool keep = cw_http_conn_keeps(conn);
    write_head(server, req, answer, length, keep);
    evbuffer_add(server->out, server->text.data, server->text.length);
    if (body)
        write_body(server->out, answer);
    if (server->config.access_log)
        log_request(req, answer->status, body ? length : 0,
                    cw_http_conn_now(conn) - req->started_ms);
    cw_http_conn_answered(conn, keep);
}
