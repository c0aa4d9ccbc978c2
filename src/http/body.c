/*
 * Reads a request's body: a known number of bytes, or chunks with their extensions and trailers.
 * Keeps the payload in one buffer, bounded before it grows, or passes it on piece by piece. Does
 * not look into it. Runs in the server.
 */
#include "http/body.h"

#include <string.h>

enum state {
    B_DATA, /* of the whole body or of a chunk */
    B_SIZE,
    B_EXTENSION,
    B_SIZE_LF,
    B_DATA_CR,
    B_DATA_LF,
    B_TRAILER,
    B_DONE,
};

/* Where in ;name[=token|"quoted"] we are. */
enum part { P_NAME_FIRST, P_NAME, P_VALUE_FIRST, P_TOKEN, P_QUOTED, P_ESCAPED, P_AFTER_QUOTED };

static void release_data(void *object) {
    cw_buf_deinit(object);
}

static enum cw_status too_large(const struct cw_http_body *body, struct cw_error *err) {
    return cw_fail(err, CW_E_LIMIT, "http.body_too_large", "the body is larger than %zu bytes",
                   body->max);
}

enum cw_status cw_http_body_init(struct cw_http_body *body, struct cw_arena *arena,
                                 const struct cw_http_limits *limits, size_t max,
                                 const struct cw_http_framing *framing, struct cw_error *err) {
    *body = (struct cw_http_body){.limits = limits, .arena = arena, .max = max};
    cw_arena_defer(arena, release_data, &body->data);
    body->chunked = framing->kind == CW_HTTP_CHUNKED_BODY;
    body->left = body->chunked ? 0 : framing->content_length;
    body->state = body->chunked ? B_SIZE : body->left > 0 ? B_DATA : B_DONE;
    return body->left > max ? too_large(body, err) : CW_OK;
}

static int hex_value(unsigned char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static enum cw_status bad_size(struct cw_error *err) {
    return cw_fail(err, CW_E_INPUT, "http.chunk_size",
                   "a chunk size is not hexadecimal digits and CR LF");
}

static enum cw_status size_byte(struct cw_http_body *body, unsigned char c, struct cw_error *err) {
    int digit = hex_value(c);
    if (digit >= 0) {
        if (++body->digits > body->limits->chunk_size_digits)
            return cw_fail(err, CW_E_INPUT, "http.chunk_size",
                           "a chunk size has more than %zu digits",
                           body->limits->chunk_size_digits);
        body->left = body->left << 4 | (uint64_t)digit;
        return CW_OK;
    }
    if (body->digits == 0 || (c != ';' && c != '\r'))
        return bad_size(err);
    body->extension = 0;
    body->part = P_NAME_FIRST;
    body->state = c == ';' ? B_EXTENSION : B_SIZE_LF;
    return CW_OK;
}

/* The part after c, or -1: c cannot stand here. No white space around ';' and '=' (RFC 9112 calls
 * it bad). */
static int next_part(int part, unsigned char c) {
    bool token = cw_http_is_tchar(c);
    switch (part) {
    case P_NAME_FIRST:
        return token ? P_NAME : -1;
    case P_NAME:
        return token ? P_NAME : c == '=' ? P_VALUE_FIRST : c == ';' ? P_NAME_FIRST : -1;
    case P_VALUE_FIRST:
        return token ? P_TOKEN : c == '"' ? P_QUOTED : -1;
    case P_TOKEN:
        return token ? P_TOKEN : c == ';' ? P_NAME_FIRST : -1;
    case P_AFTER_QUOTED:
        return c == ';' ? P_NAME_FIRST : -1;
    default: /* P_QUOTED, P_ESCAPED */
        if ((c < 0x20 && c != '\t') || c > 0x7e)
            return -1;
        if (part == P_ESCAPED || (c != '"' && c != '\\'))
            return P_QUOTED;
        return c == '"' ? P_AFTER_QUOTED : P_ESCAPED;
    }
}

/* Unknown extensions are ignored, as RFC 9112 §7.1.1 asks; they only have to be short and
 * well-formed. */
static enum cw_status extension_byte(struct cw_http_body *body, unsigned char c,
                                     struct cw_error *err) {
    bool whole = body->part == P_NAME || body->part == P_TOKEN || body->part == P_AFTER_QUOTED;
    if (c == '\r' && whole) {
        body->state = B_SIZE_LF;
        return CW_OK;
    }
    body->part = next_part(body->part, c);
    if (body->part < 0)
        return cw_fail(err, CW_E_INPUT, "http.chunk_extension", "a chunk extension is malformed");
    if (++body->extension > body->limits->chunk_extension_bytes)
        return cw_fail(err, CW_E_LIMIT, "http.chunk_extension_too_long",
                       "a chunk extension is longer than %zu bytes",
                       body->limits->chunk_extension_bytes);
    return CW_OK;
}

static enum cw_status size_end(struct cw_http_body *body, unsigned char c, struct cw_error *err) {
    if (c != '\n')
        return bad_size(err);
    body->digits = 0;
    if (body->left > body->max - body->received)
        return too_large(body, err);
    body->state = body->left > 0 ? B_DATA : B_TRAILER;
    return CW_OK;
}

static enum cw_status frame_byte(struct cw_http_body *body, unsigned char c, struct cw_error *err) {
    switch (body->state) {
    case B_SIZE:
        return size_byte(body, c, err);
    case B_EXTENSION:
        return extension_byte(body, c, err);
    case B_SIZE_LF:
        return size_end(body, c, err);
    default: /* B_DATA_CR, B_DATA_LF */
        if (c != (body->state == B_DATA_CR ? '\r' : '\n'))
            return cw_fail(err, CW_E_INPUT, "http.chunk_end", "a chunk does not end with CR LF");
        body->state = body->state == B_DATA_CR ? B_DATA_LF : B_SIZE;
        return CW_OK;
    }
}

static enum cw_status take_data(struct cw_http_body *body, struct cw_bytes rest, size_t *ret_take,
                                struct cw_error *err) {
    size_t take = rest.length < body->left ? rest.length : (size_t)body->left;
    if (body->consume == NULL)
        cw_buf_add(&body->data, rest.data, take);
    else if (body->consume(body->consumer, (struct cw_bytes){rest.data, take}, err) != CW_OK)
        return err->status;
    body->received += take;
    body->left -= take;
    if (body->left == 0)
        body->state = body->chunked ? B_DATA_CR : B_DONE;
    *ret_take = take;
    return CW_OK;
}

static enum cw_status feed_trailer(struct cw_http_body *body, struct cw_bytes rest,
                                   size_t *ret_used, struct cw_error *err) {
    if (!body->in_trailer) {
        cw_http_head_init(&body->trailer, body->arena, body->limits, /* trailer: */ true);
        body->in_trailer = true;
    }
    bool done = false;
    enum cw_status status = cw_http_head_feed(&body->trailer, rest, ret_used, &done, err);
    if (status == CW_OK && done)
        body->state = B_DONE;
    return status;
}

enum cw_status cw_http_body_feed(struct cw_http_body *body, struct cw_bytes input, size_t *ret_used,
                                 bool *ret_done, struct cw_error *err) {
    size_t used = 0;
    while (used < input.length && body->state != B_DONE) {
        struct cw_bytes rest = {input.data + used, input.length - used};
        enum cw_status status = CW_OK;
        size_t step = 1;
        if (body->state == B_DATA)
            status = take_data(body, rest, &step, err);
        else if (body->state == B_TRAILER)
            status = feed_trailer(body, rest, &step, err);
        else
            status = frame_byte(body, rest.data[0], err);
        if (status != CW_OK)
            return status;
        used += step;
    }
    *ret_used = used;
    *ret_done = body->state == B_DONE;
    return CW_OK;
}
