/*
 * Responsible for: finding line and column of a JSON Pointer's value in a JSON text.
 * Does not: check the text; it was parsed before. Any process.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

struct scan {
    const char *at, *end;
    const char *best; /* deepest place found on the way */
};

static void skip_space(struct scan *s) {
    while (s->at < s->end &&
           (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t')) {
        s->at++;
    }
}

static void skip_string(struct scan *s) {
    for (s->at++; s->at < s->end && *s->at != '"'; s->at++) {
        if (*s->at == '\\') {
            s->at++;
        }
    }
    s->at++;
}

static void skip_value(struct scan *s) {
    size_t depth = 0;
    do {
        skip_space(s);
        if (s->at >= s->end) {
            return;
        }
        char c = *s->at;
        if (c == '"') {
            skip_string(s);
        } else if (c == '{' || c == '[') {
            depth++;
            s->at++;
        } else if (c == '}' || c == ']') {
            depth--;
            s->at++;
        } else if (c == ',' || c == ':') {
            s->at++;
        } else {
            while (s->at < s->end && !strchr(",]} \t\r\n", *s->at)) {
                s->at++;
            }
        }
    } while (depth > 0);
}

/* Compare a raw JSON string at `raw` with an unescaped token; names with escapes are rare and are
 * compared through jansson. */
static bool name_is(const char *raw, const char *raw_end, const char *token) {
    size_t length = (size_t)(raw_end - raw);
    if (!memchr(raw, '\\', length)) {
        return length == strlen(token) + 2 && memcmp(raw + 1, token, length - 2) == 0;
    }
    CW_AUTO_JSON json_t *name = json_loadb(raw, length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    return name && strcmp(json_string_value(name), token) == 0;
}

/* Go to the member or element named by token; false when it is not there. */
static bool enter(struct scan *s, const char *token) {
    skip_space(s);
    if (s->at >= s->end || (*s->at != '{' && *s->at != '[')) {
        return false;
    }
    bool object = *s->at == '{';
    size_t wanted = object ? 0 : strtoul(token, NULL, 10), index = 0;
    for (s->at++;; index++) {
        skip_space(s);
        if (s->at >= s->end || *s->at == '}' || *s->at == ']') {
            return false;
        }
        const char *start = s->at;
        if (object) {
            skip_string(s);
            bool found = name_is(start, s->at, token);
            skip_space(s);
            s->at++; /* colon */
            if (found) {
                s->best = start;
                return true;
            }
        } else if (index == wanted) {
            s->best = start;
            return true;
        }
        skip_value(s);
        skip_space(s);
        if (s->at < s->end && *s->at == ',') {
            s->at++;
        }
    }
}

void cw_json_locate(const char *text, size_t length, const char *pointer, size_t *ret_line,
                    size_t *ret_column) {
    struct scan s = {text, text + length, text};
    skip_space(&s);
    s.best = s.at;
    char token[256];
    while (cw_json_pointer_next(&pointer, token, sizeof token) && enter(&s, token)) {
    }
    size_t line = 1;
    const char *start = text;
    for (const char *p = text; p < s.best; p++) {
        if (*p == '\n') {
            line++;
            start = p + 1;
        }
    }
    *ret_line = line;
    *ret_column = (size_t)(s.best - start) + 1;
}
