/*
 * Problem documents (RFC 9457): one error or a list of faults as application/problem+json.
 * Texts of unexpected errors stay in the log. Does not map statuses (reply.c). Runs in the server.
 */
#define CW_LOG_MODULE "http"

#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "http/internal.h"

#define PROBLEM_TYPE  "application/problem+json"
#define RETRY_AFTER_S "1"

static const struct {
    int status;
    const char *title;
} titles[] = {
    {400, "Bad request"},
    {401, "Key missing or unknown"},
    {403, "Key without the needed scope"},
    {404, "Not found"},
    {405, "Method not offered"},
    {408, "Request too slow"},
    {409, "Conflict"},
    {411, "Length missing"},
    {412, "Precondition failed"},
    {413, "Too large"},
    {414, "Target too long"},
    {415, "Unsupported media type"},
    {417, "Expectation not met"},
    {421, "Not a host of ours"},
    {422, "Unprocessable request"},
    {428, "Precondition missing"},
    {429, "Too many requests"},
    {431, "Head too large"},
    {500, "Internal error"},
    {501, "Not implemented"},
    {503, "Busy"},
    {505, "HTTP version not supported"},
};

static const char *title_of(int status) {
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        if (titles[i].status == status)
            return titles[i].title;
    return cw_http_reason(status);
}

struct document {
    int status;
    const char *code, *title, *detail;
};

static void write_start(struct cw_buf *out, const struct cw_request *req,
                        const struct document *document) {
    cw_buf_puts(out, "{\"type\":");
    cw_buf_json(out, cw_arena_printf(req->arena, "/problems/%s", document->code));
    cw_buf_puts(out, ",\"title\":");
    cw_buf_json(out, document->title);
    cw_buf_printf(out, ",\"status\":%d,\"code\":", document->status);
    cw_buf_json(out, document->code);
    cw_buf_puts(out, ",\"detail\":");
    cw_buf_json(out, document->detail);
    if (req->path[0] != '\0') { /* unknown while the head is not read */
        cw_buf_puts(out, ",\"instance\":");
        cw_buf_json(out, req->path);
    }
    cw_buf_puts(out, ",\"requestId\":");
    cw_buf_json(out, req->id);
}

static void write_fault(struct cw_buf *out, const struct cw_fault *fault) {
    cw_buf_puts(out, "{\"pointer\":");
    cw_buf_json(out, fault->pointer != NULL ? fault->pointer : "");
    cw_buf_puts(out, ",\"code\":");
    cw_buf_json(out, fault->code);
    cw_buf_puts(out, ",\"message\":");
    cw_buf_json(out, fault->message);
    if (fault->hint != NULL && fault->hint[0] != '\0') {
        cw_buf_puts(out, ",\"hint\":");
        cw_buf_json(out, fault->hint);
    }
    cw_buf_putc(out, '}');
}

static void send_text(struct cw_request *req, int status, const struct cw_buf *text) {
    const struct cw_http_answer answer = {
        .status = status,
        .content_type = PROBLEM_TYPE,
        .bytes = {(const uint8_t *)text->data, text->length},
    };
    cw_http_respond(req, &answer);
}

/* An error must not carry what was meant for the good answer: its type, its tag, its caching. */
static void drop_fields(struct cw_http_io *io) {
    static const char *const dropped[] = {"Content-Type",        "ETag",
                                          "Cache-Control",       "Location",
                                          "Content-Disposition", "Content-Digest"};
    struct cw_reply_field **at = &io->fields;
    while (*at != NULL) {
        bool drop = false;
        for (size_t i = 0; i < sizeof dropped / sizeof dropped[0]; i++)
            drop = drop || strcasecmp((*at)->name, dropped[i]) == 0;
        if (drop)
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
    io->fields_end = at;
}

static void add_status_fields(struct cw_request *req, int status) {
    struct cw_error ignored = {0};
    enum cw_status done = CW_OK;
    if ((status == 429 || status == 503) && !cw_http_has_field(req->io, "Retry-After"))
        done = cw_reply_header(req, "Retry-After", RETRY_AFTER_S, &ignored);
    if (status == 401 && !cw_http_has_field(req->io, "WWW-Authenticate"))
        done = cw_reply_header(req, "WWW-Authenticate", "Bearer", &ignored);
    (void)done; /* constant names and values: cannot be refused */
}

static void log_unexpected(const struct cw_request *req, const struct cw_error *problem) {
    char message[CW_LOG_QUOTED], detail[CW_LOG_QUOTED];
    cw_log_error("request_failed", "id=%s status=%s code=%s message=%s detail=%s at=%s:%d", req->id,
                 cw_status_name(problem->status), problem->code != NULL ? problem->code : "-",
                 cw_log_quote(problem->message, message), cw_log_quote(problem->detail, detail),
                 problem->file != NULL ? problem->file : "-", problem->line);
}

void cw_reply_problem(struct cw_request *req, const struct cw_error *problem) {
    CW_AUTO_BUF struct cw_buf text = {0};
    struct document document = {.status = cw_reply_status(problem->status, problem->code),
                                .code = problem->code,
                                .detail = problem->message};
    bool unexpected = document.status == 500 || problem->code == NULL || problem->status == CW_OK;
    if (unexpected) {
        log_unexpected(req, problem);
        document = (struct document){
            .status = 500,
            .code = "internal",
            .detail = "something went wrong on our side; quote the request id when you report it"};
    }
    document.title = title_of(document.status);
    drop_fields(req->io);
    add_status_fields(req, document.status);
    write_start(&text, req, &document);
    if (!unexpected && problem->pointer[0] != '\0') {
        const struct cw_fault fault = {
            .code = problem->code, .pointer = problem->pointer, .message = problem->message};
        cw_buf_puts(&text, ",\"errors\":[");
        write_fault(&text, &fault);
        cw_buf_putc(&text, ']');
    }
    cw_buf_putc(&text, '}');
    send_text(req, document.status, &text);
}

void cw_reply_faults(struct cw_request *req, int status, const char *code, const char *title,
                     const struct cw_faults *faults) {
    CW_AUTO_BUF struct cw_buf text = {0};
    const struct document document = {.status = status,
                                      .code = code,
                                      .title = title != NULL ? title : title_of(status),
                                      .detail = faults->count > 0 ? faults->items[0].message
                                                                  : "the request is wrong"};
    drop_fields(req->io);
    add_status_fields(req, status);
    write_start(&text, req, &document);
    cw_buf_puts(&text, ",\"errors\":[");
    for (size_t i = 0; i < faults->count; i++) {
        if (i > 0)
            cw_buf_putc(&text, ',');
        write_fault(&text, &faults->items[i]);
    }
    cw_buf_putc(&text, ']');
    cw_buf_putc(&text, '}');
    send_text(req, status, &text);
}
