/* Request head and trailers: an incremental, pure state machine on bytes. No sockets. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "http/limits.h"

struct cw_http_field {
    const char *name;  /* token, as sent */
    const char *value; /* without the white space around it; may be "" */
};

/* Offsets into `text` until the head is done; texts after. */
struct cw_http_mark {
    uint32_t name, name_end, value, value_end;
};

struct cw_http_head {
    const struct cw_http_limits *limits; /* borrowed, filled */
    struct cw_arena *arena;              /* borrowed */
    struct cw_buf text;                  /* bytes so far; deferred to the arena */
    int state;
    bool trailer;                    /* fields only */
    size_t blank;                    /* bytes of empty lines before the request line */
    size_t line_start, fields_start; /* offsets */
    size_t method_end, target, target_end, version;
    struct cw_http_mark *marks;
    size_t mark_capacity;
    /* results, valid once done */
    const char *method, *target_text;
    int major, minor; /* of HTTP/major.minor */
    struct cw_http_field *fields;
    size_t field_count;
};

/* `limits` must be filled and, like `arena`, outlive the head. A trailer starts at the first field
 * line. */
void cw_http_head_init(struct cw_http_head *head, struct cw_arena *arena,
                       const struct cw_http_limits *limits, bool trailer);

/**
 * Feed bytes; stops after the empty line. The same bytes give the same result however they are
 * split.
 * @param ret_used [bytes] how many belong to the head
 * @param ret_done the head is complete
 * @owner   results are in the arena
 * @errors  CW_E_INPUT "http.request_line" "http.target" "http.version" "http.line_end"
 * "http.field_name" "http.field_value" "http.obsolete_fold"; CW_E_LIMIT
 * "http.request_line_too_long" "http.head_too_large" "http.too_many_fields". After an error the
 * head must not be fed again.
 * @cost    O(bytes); pure
 * @source  RFC 9112 §2.2, §3, §5; RFC 9110 §5.5, §5.6.2. Stricter: CRLF only, no obs-text, no white
 * space but one SP.
 */
enum cw_status cw_http_head_feed(struct cw_http_head *head, struct cw_bytes input, size_t *ret_used,
                                 bool *ret_done, struct cw_error *err) CW_MUST_USE;

/* First value of a field (case-insensitive), NULL when absent; ret_count (may be NULL) how often.
 */
const char *cw_http_head_field(const struct cw_http_head *head, const char *name,
                               size_t *ret_count);

/* RFC 9110 §5.6.2. */
bool cw_http_is_tchar(unsigned char c);
