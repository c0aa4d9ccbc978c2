/*
 * Responsible for: answers in a content coding: which requests get one, tags, compressing on the
 * way out. Does not: read Accept-Encoding or compress (coding.c). Server process, loop thread.
 */
#include "http/coded.h"

#include <string.h>
#include <strings.h>

#include "cordwain/limits.h"
#include "http/internal.h"

static bool says_no_transform(const char *cache_control) {
    return cache_control != NULL && strcasestr(cache_control, "no-transform") != NULL;
}

static bool must_stay(struct cw_request *req) {
    for (const struct cw_reply_field *field = req->io->fields; field != NULL; field = field->next)
        if (strcasecmp(field->name, "Cache-Control") == 0 && says_no_transform(field->value))
            return true;
    return cw_request_header(req, "Authorization") != NULL ||
           says_no_transform(cw_request_header(req, "Cache-Control"));
}

enum cw_coding cw_reply_coding(struct cw_request *req, unsigned offered) {
    (void)!cw_reply_header(req, "Vary", "Accept-Encoding", NULL);
    return must_stay(req) ? CW_CODING_IDENTITY
                          : cw_coding_accepted(cw_request_header(req, "Accept-Encoding"), offered);
}

const char *cw_reply_etag(struct cw_request *req, const char *etag, enum cw_coding coding) {
    return coding == CW_CODING_IDENTITY
               ? etag
               : cw_arena_printf(req->arena, "%.*s-%s\"", (int)strlen(etag) - 1, etag,
                                 cw_coding_name(coding));
}

struct cw_blob *cw_reply_gzip(struct cw_request *req, struct cw_bytes text) {
    struct cw_http_conn *conn = req->io->conn;
    if (text.length < CW_CODED_BYTES_MIN || text.length > CW_CODED_BYTES_MAX || conn == NULL)
        return NULL;
    struct cw_http_server *server = conn->server;
    if (server->coder == NULL)
        server->coder = cw_coder_new();
    return server->coder != NULL ? cw_coder_gzip(server->coder, text) : NULL;
}

void cw_reply_coded(struct cw_request *req, enum cw_coding coding, const char *content_type,
                    struct cw_blob *blob, const struct cw_header *headers) {
    if (coding != CW_CODING_IDENTITY)
        (void)!cw_reply_header(req, "Content-Encoding", cw_coding_name(coding), NULL);
    cw_reply_blob(req, 200, content_type, blob, headers);
}

void cw_reply_text(struct cw_request *req, enum cw_coding coding, const char *content_type,
                   struct cw_bytes text, const struct cw_header *headers) {
    struct cw_blob *packed = coding == CW_CODING_GZIP ? cw_reply_gzip(req, text) : NULL;
    if (packed == NULL) {
        cw_reply_bytes(req, 200, content_type, text, headers);
        return;
    }
    cw_reply_coded(req, CW_CODING_GZIP, content_type, packed, headers);
    cw_blob_unref(packed);
}
