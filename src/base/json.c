/*
 * Responsible for: strict JSON reading (jansson behind a depth and size gate) and JSON Pointers.
 * Does not: validate documents (src/jsonschema); write (json_canonical.c). Any process.
 */
#include "base/json.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/unicode.h"
#include "cordwain/limits.h"

json_t *cw_json_time(int64_t ms) {
    char text[CW_TIME_TEXT];
    cw_time_rfc3339(ms, text);
    return json_string(text);
}

void cw_json_release(void *value) {
    json_decref(value);
}

/* The first bracket too deep, or NULL. jansson stops at 2048 levels; ours is far lower and is
 * checked before a parser recurses. */
static const char *too_deep(const char *text, size_t length) {
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (in_string) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > CW_JSON_DEPTH) {
                return text + i;
            }
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return NULL;
}

/* Where a byte stands: both from 1, columns in bytes. */
struct place {
    size_t line, column;
};

static struct place place_of(const char *text, const char *at) {
    struct place place = {1, 1};
    const char *start = text;
    for (const char *p = text; p < at; p++) {
        if (*p == '\n') {
            place.line++;
            start = p + 1;
        }
    }
    place.column = (size_t)(at - start) + 1;
    return place;
}

static enum cw_status syntax_error(const char *text, const json_error_t *error,
                                   struct cw_error *err) {
    struct place place = place_of(text, text + (error->position > 0 ? error->position - 1 : 0));
    if (json_error_code(error) == json_error_duplicate_key) {
        return cw_fail(err, CW_E_INPUT, "json.duplicate", "line %zu, column %zu: %.100s",
                       place.line, place.column, error->text);
    }
    return cw_fail(err, CW_E_INPUT, "json.syntax", "line %zu, column %zu: %.100s", place.line,
                   place.column, error->text);
}

/* What jansson would refuse without saying where, or would overlook. */
static enum cw_status check_bytes(const char *text, size_t length, struct cw_error *err) {
    size_t good = cw_utf8_good(text, length);
    struct place place;
    if (good < length) {
        place = place_of(text, text + good);
        return cw_fail(err, CW_E_INPUT, "json.encoding",
                       "line %zu, column %zu: this byte is not UTF-8", place.line, place.column);
    }
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        return cw_fail(err, CW_E_INPUT, "json.syntax",
                       "line 1, column 1: a byte order mark; save the text without it");
    }
    const char *at = memchr(text, '\0', length); /* jansson overlooks one at the very end */
    if (at) {
        place = place_of(text, at);
        return cw_fail(err, CW_E_INPUT, "json.syntax", "line %zu, column %zu: a NUL byte",
                       place.line, place.column);
    }
    at = too_deep(text, length);
    if (at) {
        place = place_of(text, at);
        return cw_fail(err, CW_E_INPUT, "json.depth",
                       "line %zu, column %zu: nested deeper than %d levels", place.line,
                       place.column, CW_JSON_DEPTH);
    }
    return CW_OK;
}

enum cw_status cw_json_read(struct cw_arena *arena, const char *text, size_t length,
                            size_t max_bytes, json_t **ret_value, struct cw_error *err) {
    if (length > max_bytes) {
        return cw_fail(err, CW_E_LIMIT, "json.too_large", "JSON of %zu bytes, limit is %zu", length,
                       max_bytes);
    }
    if (length == 0) {
        return cw_fail(err, CW_E_INPUT, "json.syntax", "there is no JSON, only an empty text");
    }
    enum cw_status status = check_bytes(text, length, err);
    if (status != CW_OK) {
        return status;
    }
    json_error_t error;
    json_t *value =
        json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (!value) {
        return syntax_error(text, &error, err);
    }
    cw_arena_defer(arena, cw_json_release, value);
    *ret_value = value;
    return CW_OK;
}

char *cw_json_pointer(struct cw_arena *arena, const char *base, const char *name) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_buf_puts(&buf, base);
    cw_buf_putc(&buf, '/');
    for (; *name; name++) {
        if (*name == '~') {
            cw_buf_puts(&buf, "~0");
        } else if (*name == '/') {
            cw_buf_puts(&buf, "~1");
        } else {
            cw_buf_putc(&buf, *name);
        }
    }
    return cw_arena_strndup(arena, buf.data, buf.length);
}

char *cw_json_pointer_index(struct cw_arena *arena, const char *base, size_t index) {
    return cw_arena_printf(arena, "%s/%zu", base, index);
}

bool cw_json_pointer_next(const char **pointer, char *token, size_t capacity) {
    const char *p = *pointer;
    if (*p != '/') {
        return false;
    }
    size_t n = 0;
    for (p++; *p && *p != '/'; p++) {
        char c = *p;
        if (c == '~' && (p[1] == '0' || p[1] == '1')) {
            c = *++p == '0' ? '~' : '/';
        }
        if (n + 1 < capacity) {
            token[n++] = c;
        }
    }
    token[n] = '\0';
    *pointer = p;
    return true;
}

const json_t *cw_json_at(const json_t *root, const char *pointer) {
    char token[256];
    while (root && cw_json_pointer_next(&pointer, token, sizeof token)) {
        if (json_is_object(root)) {
            root = json_object_get(root, token);
        } else if (json_is_array(root)) {
            char *end;
            unsigned long index = strtoul(token, &end, 10);
            root = *token && *end == '\0' ? json_array_get(root, index) : NULL;
        } else {
            root = NULL;
        }
    }
    return root;
}
