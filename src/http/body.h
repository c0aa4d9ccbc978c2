/* Request body by length or in chunks: an incremental, pure state machine on bytes. No sockets. */
#pragma once

#include "http/framing.h"
#include "http/head.h"

/* As in http.h. */
typedef enum cw_status cw_http_body_fn(void *consumer, struct cw_bytes piece, struct cw_error *err);

struct cw_http_body {
    const struct cw_http_limits *limits; /* borrowed, filled */
    struct cw_arena *arena;              /* borrowed; trailers */
    size_t max;                          /* [bytes] */
    bool chunked;
    int state, part; /* of an extension */
    uint64_t left;   /* of the body or the chunk */
    size_t digits, extension;
    size_t received;          /* [bytes] payload so far, wherever it went */
    struct cw_buf data;       /* it, unless there is a consumer; deferred to the arena */
    cw_http_body_fn *consume; /* NULL: kept in data */
    void *consumer;
    struct cw_http_head trailer;
    bool in_trailer;
};

/*
 * Start a body of that framing, at most `max` bytes.
 * @errors CW_E_LIMIT "http.body_too_large" when the length says so already; the body may not be fed
 * then
 */
enum cw_status cw_http_body_init(struct cw_http_body *body, struct cw_arena *arena,
                                 const struct cw_http_limits *limits, size_t max,
                                 const struct cw_http_framing *framing,
                                 struct cw_error *err) CW_MUST_USE;

/**
 * Feed bytes; stops after the last byte of the body (trailers are checked and dropped).
 * @param ret_used [bytes] how many belong to the body
 * @param ret_done the body is complete: body->data holds it
 * @errors  CW_E_INPUT "http.chunk_size" "http.chunk_extension" "http.chunk_end" or a field code of
 * a bad trailer; CW_E_LIMIT "http.body_too_large" "http.chunk_extension_too_long", trailer limits;
 * what the consumer returns
 * @cost    O(bytes); pure
 * @source  RFC 9112 §6.2, §7.1; RFC 9110 §6.5 (trailers are never merged)
 */
enum cw_status cw_http_body_feed(struct cw_http_body *body, struct cw_bytes input, size_t *ret_used,
                                 bool *ret_done, struct cw_error *err) CW_MUST_USE;
