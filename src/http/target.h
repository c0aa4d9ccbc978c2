/* Request target: its forms, percent-decoding, query parameters. Pure. */
#pragma once

#include "http/http.h"

struct cw_http_target {
    const char *path;  /* raw; "*" for OPTIONS * */
    const char *query; /* raw, without '?' */
    const char *host;  /* authority of the absolute form; NULL otherwise */
};

/*
 * Split a target that consists of permitted characters (head.c).
 * @owner  texts are in the arena
 * @errors CW_E_INPUT "http.target" (no form of RFC 9112 §3.2 we serve), "http.path" (characters a
 * path cannot have)
 */
enum cw_status cw_http_target_read(struct cw_arena *arena, const char *method, const char *text,
                                   struct cw_http_target *ret_target,
                                   struct cw_error *err) CW_MUST_USE;

/*
 * Strict RFC 3986 decoding into valid UTF-8 without NUL.
 * @param plus_is_space forms write a space as '+'; paths do not
 * @errors CW_E_INPUT "http.percent_encoding"
 */
enum cw_status cw_http_percent_decode(struct cw_arena *arena, struct cw_bytes text,
                                      bool plus_is_space, char **ret_text,
                                      struct cw_error *err) CW_MUST_USE;

/* name=value&… in order; empty items are skipped, a missing '=' gives "". @errors as above */
enum cw_status cw_http_query_read(struct cw_arena *arena, const char *query,
                                  const struct cw_param **ret_params, size_t *ret_count,
                                  struct cw_error *err) CW_MUST_USE;
