/*
 * Answers. Each cw_reply_… that sends ends the request: `req`, its arena and everything in it are
 * gone after the call. Bodies given as bytes are copied; blobs are sent by reference. Loop thread
 * only. Every answer gets Date, X-Request-Id, traceparent,
 * X-Content-Type-Options: nosniff and, unless set,
 * Cache-Control: no-store.
 */
#pragma once

#include "http/http.h"

struct cw_header {
    const char *name, *value;
};

/* Text as bytes; NULL is empty. */
static inline struct cw_bytes cw_bytes_of(const char *text) {
    return (struct cw_bytes){.data = (const uint8_t *)text,
                             .length = text != NULL ? __builtin_strlen(text) : 0};
}

/*
 * Set a field of the coming answer, whatever it will be (problems too); the same name again
 * replaces it, except Set-Cookie, Link and Vary, which add up.
 * @errors CW_E_BUG "http.response_header" when the name is no token, the value has CR, LF or
 * another control character, or the name is one the server writes itself (Content-Length,
 * Connection …)
 */
enum cw_status cw_reply_header(struct cw_request *req, const char *name, const char *value,
                               struct cw_error *err) CW_MUST_USE;

/*
 * `headers` is a list ended by {NULL, NULL}; NULL is none. A refused header turns the answer into a
 * 500, logged. HEAD drops the body and keeps Content-Length.
 */
void cw_reply_json(struct cw_request *req, int status, struct cw_bytes body,
                   const struct cw_header *headers);
void cw_reply_html(struct cw_request *req, int status, struct cw_bytes body,
                   const struct cw_header *headers);
void cw_reply_bytes(struct cw_request *req, int status, const char *content_type,
                    struct cw_bytes body, const struct cw_header *headers);
/* No body; 204 and 304 without Content-Length. */
void cw_reply_empty(struct cw_request *req, int status, const struct cw_header *headers);
/* `blob` is borrowed: the answer takes its own reference. */
void cw_reply_blob(struct cw_request *req, int status, const char *content_type,
                   struct cw_blob *blob, const struct cw_header *headers);

/*
 * problem+json of one error; a pointer makes it errors[0]. NOMEM, IO and BUG are logged with their
 * detail and answered 500 "internal" without it. BUSY and TIMEOUT carry Retry-After: 1 unless set.
 */
void cw_reply_problem(struct cw_request *req, const struct cw_error *problem);

/* problem+json with errors[]; `code` names the type, `detail` is the first fault's message. */
void cw_reply_faults(struct cw_request *req, int status, const char *code, const char *title,
                     const struct cw_faults *faults);

/* The HTTP status of an error; the only such mapping. Pure. */
int cw_reply_status(enum cw_status status, const char *code);

/*
 * The preconditions of a request for what has this tag (quoted), in the order of RFC 9110 §13.2.2:
 * an If-Match that does not name it (strong compare) nor is "*" is answered 412; an If-None-Match
 * that names it (weak compare) or is "*" is answered 304 to GET and HEAD, with that ETag and the
 * headers set so far by cw_reply_header (set Cache-Control first). True: answered, `req` is gone.
 * If-Modified-Since and If-Unmodified-Since are left aside, as §13.1.3 and §13.1.4 ask of who tells
 * no Last-Modified.
 */
bool cw_reply_precondition(struct cw_request *req, const char *etag);

/* Does an If-Match or If-None-Match list hold this quoted tag? "*" does. A malformed list holds
 * nothing. Pure. */
bool cw_etag_list_has(const char *list, const char *etag, bool weak);
