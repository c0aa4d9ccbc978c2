/* The table of every limit, and the subset the HTTP server takes as numbers so that tests can
 * shrink it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct cw_limit {
    const char *name; /* "http.head_bytes" */
    int64_t value;
    const char *unit; /* "bytes", "ms", "count", … */
    const char *code; /* problem code of the answer one above it; "" when nothing is answered */
    const char *description; /* one sentence */
};

/* Static table of all limits in include/cordwain/limits.h, for `config print --limits` and the
 * docs. */
const struct cw_limit *cw_limits_table(size_t *ret_count);

/* A member that is 0 takes the value of include/cordwain/limits.h. */
struct cw_http_limits {
    size_t request_line_bytes; /* method, target, version, without CRLF */
    size_t head_bytes;         /* all field lines with their CRLF and the empty line */
    size_t fields;
    size_t body_bytes;   /* a route's body_max replaces it */
    size_t bodies_bytes; /* of all requests being read or worked on */
    size_t chunk_size_digits;
    size_t chunk_extension_bytes; /* per chunk */
    size_t requests_per_connection;
    size_t connections;
    size_t connections_per_address; /* IPv4 address, IPv6 /64 */
    size_t pipeline_depth;    /* requests of one connection answered in one turn of the loop */
    size_t output_bytes;      /* no further request is read while more than this is unsent */
    size_t linger_bytes;      /* read and thrown away after the last answer */
    int64_t head_deadline_ms; /* absolute, from the first byte of a request */
    int64_t idle_deadline_ms;
    int64_t body_grace_ms; /* before body_rate counts */
    int64_t body_rate_bytes_per_s;
    int64_t write_grace_ms; /* before write_rate counts */
    int64_t write_rate_bytes_per_s;
    int64_t linger_ms;
};

/* Fill the zero members. Cannot fail. */
void cw_http_limits_fill(struct cw_http_limits *limits);
