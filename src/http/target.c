/*
 * Splits a request target into path and query and decodes percent-encoding, strictly: nothing is
 * guessed, repaired or decoded twice. Does not know the routes (router.c). Runs in the server.
 */
#include "http/target.h"

#include <string.h>
#include <strings.h>

#include "base/unicode.h"

static enum cw_status bad_target(struct cw_error *err) {
    return cw_fail(err, CW_E_INPUT, "http.target", "the target is neither a path nor an http URL");
}

static const char *scheme_end(const char *text) {
    if (strncasecmp(text, "http://", 7) == 0)
        return text + 7;
    return strncasecmp(text, "https://", 8) == 0 ? text + 8 : NULL;
}

static enum cw_status read_path(struct cw_arena *arena, const char *text,
                                struct cw_http_target *target, struct cw_error *err) {
    size_t length = strcspn(text, "?");
    target->path = length > 0 ? cw_arena_strndup(arena, text, length) : "/";
    target->query = text[length] == '?' ? cw_arena_strdup(arena, text + length + 1) : "";
    if (strpbrk(target->path, "\\{}|^`") != NULL)
        return cw_fail(err, CW_E_INPUT, "http.path",
                       "the path has a character that must be percent-encoded");
    return CW_OK;
}

enum cw_status cw_http_target_read(struct cw_arena *arena, const char *method, const char *text,
                                   struct cw_http_target *ret_target, struct cw_error *err) {
    struct cw_http_target target = {.path = "*", .query = ""};
    if (strcmp(text, "*") == 0) {
        if (strcmp(method, "OPTIONS") != 0)
            return bad_target(err);
        *ret_target = target;
        return CW_OK;
    }
    const char *authority = scheme_end(text);
    if (authority != NULL) {
        size_t length = strcspn(authority, "/?");
        if (length == 0 || memchr(authority, '@', length) != NULL)
            return bad_target(err);
        target.host = cw_arena_strndup(arena, authority, length);
        text = authority + length;
    } else if (text[0] != '/') {
        return bad_target(err);
    }
    enum cw_status status = read_path(arena, text, &target, err);
    if (status == CW_OK)
        *ret_target = target;
    return status;
}

static int hex_value(unsigned char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte of "%xx", or -1: not hexadecimal, cut short, or NUL, which would end the text early. */
static int escaped_byte(const uint8_t *at, const uint8_t *end) {
    if (end - at < 3)
        return -1;
    int high = hex_value(at[1]), low = hex_value(at[2]);
    return high < 0 || low < 0 || (high == 0 && low == 0) ? -1 : high << 4 | low;
}

enum cw_status cw_http_percent_decode(struct cw_arena *arena, struct cw_bytes text,
                                      bool plus_is_space, char **ret_text, struct cw_error *err) {
    char *out = cw_arena_alloc(arena, text.length + 1);
    size_t length = 0;
    const uint8_t *end = text.data + text.length;
    for (const uint8_t *at = text.data; at < end; at++) {
        int c = *at;
        if (c == '%') {
            c = escaped_byte(at, end);
            if (c < 0)
                return cw_fail(err, CW_E_INPUT, "http.percent_encoding",
                               "'%%' is not followed by two hexadecimal digits other than 00");
            at += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        out[length++] = (char)c;
    }
    if (!cw_utf8_valid(out, length))
        return cw_fail(err, CW_E_INPUT, "http.percent_encoding", "the decoded text is not UTF-8");
    *ret_text = out;
    return CW_OK;
}

static enum cw_status read_param(struct cw_arena *arena, const char *item, size_t length,
                                 struct cw_param *ret_param, struct cw_error *err) {
    const char *equals = memchr(item, '=', length);
    size_t name_length = equals != NULL ? (size_t)(equals - item) : length;
    size_t skip = equals != NULL ? name_length + 1 : length;
    char *name = NULL, *value = NULL;
    enum cw_status status = cw_http_percent_decode(
        arena, (struct cw_bytes){(const uint8_t *)item, name_length}, true, &name, err);
    if (status == CW_OK)
        status = cw_http_percent_decode(
            arena, (struct cw_bytes){(const uint8_t *)item + skip, length - skip}, true, &value,
            err);
    if (status == CW_OK)
        *ret_param = (struct cw_param){name, value};
    return status;
}

enum cw_status cw_http_query_read(struct cw_arena *arena, const char *query,
                                  const struct cw_param **ret_params, size_t *ret_count,
                                  struct cw_error *err) {
    size_t capacity = 1;
    for (const char *at = query; *at != '\0'; at++)
        capacity += *at == '&';
    struct cw_param *params = cw_arena_array(arena, capacity, sizeof params[0]);
    size_t count = 0;
    while (*query != '\0') {
        size_t length = strcspn(query, "&");
        if (length > 0) {
            enum cw_status status = read_param(arena, query, length, &params[count], err);
            if (status != CW_OK)
                return status;
            count++;
        }
        query += length + (query[length] == '&');
    }
    *ret_params = params;
    *ret_count = count;
    return CW_OK;
}
