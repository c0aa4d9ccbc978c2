/*
 * Fuzz target: request targets and query strings. Properties: what is read of a query is valid
 * UTF-8 without NUL, at most as long as what was sent; encoded again and read again it is the
 * same, in the same order; a refusal says something. Input: the target, as between two blanks of a
 * request line.
 */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "base/unicode.h"
#include "http/target.h"

static void put_encoded(struct cw_buf *buf, const char *text) {
    for (; *text; text++)
        cw_buf_printf(buf, "%%%02X", (unsigned)(unsigned char)*text);
}

static void check_again(struct cw_arena *arena, const struct cw_param *params, size_t count) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    const struct cw_param *again;
    size_t again_count;
    for (size_t i = 0; i < count; i++) {
        cw_buf_puts(&buf, i ? "&" : "");
        put_encoded(&buf, params[i].name);
        cw_buf_putc(&buf, '=');
        put_encoded(&buf, params[i].value);
    }
    enum cw_status status =
        cw_http_query_read(arena, buf.data ? buf.data : "", &again, &again_count, NULL);
    assert(status == CW_OK && again_count == count);
    for (size_t i = 0; i < count; i++)
        assert(strcmp(again[i].name, params[i].name) == 0 &&
               strcmp(again[i].value, params[i].value) == 0);
}

static void check_query(struct cw_arena *arena, const char *query) {
    const struct cw_param *params = NULL;
    size_t count = 0, bytes = 0;
    struct cw_error err = {0};
    if (cw_http_query_read(arena, query, &params, &count, &err) != CW_OK) {
        assert(err.code && *err.message);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        size_t name = strlen(params[i].name), value = strlen(params[i].value);
        assert(cw_utf8_valid(params[i].name, name) && cw_utf8_valid(params[i].value, value));
        bytes += name + value;
    }
    assert(bytes <= strlen(query));
    check_again(arena, params, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const char *text = cw_arena_strndup(arena, size ? (const char *)data : "", size);
    struct cw_http_target target = {0};
    struct cw_error err = {0};
    check_query(arena, text);
    if (cw_http_target_read(arena, "GET", text, &target, &err) != CW_OK) {
        assert(err.code && *err.message);
        return 0;
    }
    assert(target.path[0] == '/' || strcmp(target.path, "*") == 0);
    check_query(arena, target.query);
    return 0;
}
