/* What a complete head means for the connection: host, body length, persistence, expectations.
 * Pure. */
#pragma once

#include "http/head.h"

enum cw_http_body_kind { CW_HTTP_NO_BODY, CW_HTTP_LENGTH_BODY, CW_HTTP_CHUNKED_BODY };

struct cw_http_framing {
    enum cw_http_body_kind kind;
    uint64_t content_length;
    bool keep_alive;
    bool expects_continue;
    const char *host; /* "" when none (HTTP/1.0) */
};

/**
 * Decide how the request is framed, refusing everything ambiguous.
 * @param head done
 * @owner   host is borrowed from the head
 * @errors  CW_E_INPUT "http.host" "http.content_length" "http.framing_conflict"
 * "http.transfer_encoding" "http.expectation" "http.content_encoding" "http.duplicate_field";
 * CW_E_LIMIT "http.body_too_large" (a length beyond any body)
 * @cost    O(fields); pure
 * @source  RFC 9112 §3.2, §6, §9.3; RFC 9110 §8.6, §10.1.1
 */
enum cw_status cw_http_framing_read(const struct cw_http_head *head,
                                    struct cw_http_framing *ret_framing,
                                    struct cw_error *err) CW_MUST_USE;

/* Is `token` in a comma separated list (case-insensitive)? NULL list holds nothing. */
bool cw_http_list_has(const char *list, const char *token);
