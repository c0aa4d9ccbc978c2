/*
 * Responsible for: the RFC 8785 (JCS) form of a JSON value.
 * Does not: refuse what JCS cannot hold; the strict reader did. Any process.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

/* Digits and exponent of the shortest decimal that reads back as the same double. The locale is C
 * in every process. */
static void shortest(double value, char digits[32], int *exponent) {
    char text[40];
    for (int precision = 0; precision < 17; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    char *e = strchr(text, 'e');
    *exponent = atoi(e + 1);
    size_t n = 0;
    for (char *p = text; p < e; p++) {
        if (*p != '.') {
            digits[n++] = *p;
        }
    }
    while (n > 1 && digits[n - 1] == '0') {
        n--;
    }
    digits[n] = '\0';
}

/* ECMAScript Number::toString (ECMA-262 §6.1.6.1.20), which RFC 8785 §3.2.2.3 asks for. */
static void put_number(struct cw_buf *buf, double value) {
    if (value == 0) {
        cw_buf_putc(buf, '0');
        return;
    }
    if (value < 0) {
        cw_buf_putc(buf, '-');
        value = -value;
    }
    char digits[32];
    int exponent;
    shortest(value, digits, &exponent);
    int k = (int)strlen(digits), n = exponent + 1;
    if (k <= n && n <= 21) {
        cw_buf_printf(buf, "%s%.*s", digits, n - k, "000000000000000000000");
    } else if (0 < n && n <= 21) {
        cw_buf_printf(buf, "%.*s.%s", n, digits, digits + n);
    } else if (-6 < n && n <= 0) {
        cw_buf_printf(buf, "0.%.*s%s", -n, "000000", digits);
    } else {
        cw_buf_putc(buf, digits[0]);
        if (k > 1) {
            cw_buf_printf(buf, ".%s", digits + 1);
        }
        cw_buf_printf(buf, "e%c%d", n > 0 ? '+' : '-', abs(n - 1));
    }
}

/* Strings may hold NUL, so not cw_buf_json. */
static void put_string(struct cw_buf *buf, const char *text, size_t length) {
    static const char hex[] = "0123456789abcdef";
    cw_buf_putc(buf, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        const char *named = c == 0 ? NULL : strchr("\"\"\\\\\bb\ff\nn\rr\tt", c);
        if (c == '"' || c == '\\') {
            cw_buf_putc(buf, '\\');
            cw_buf_putc(buf, (char)c);
        } else if (c < 0x20 && named) {
            cw_buf_putc(buf, '\\');
            cw_buf_putc(buf, named[1]);
        } else if (c < 0x20) {
            char escape[] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
            cw_buf_add(buf, escape, sizeof escape);
        } else {
            cw_buf_putc(buf, (char)c);
        }
    }
    cw_buf_putc(buf, '"');
}

static uint32_t code_point(const unsigned char **p) {
    const unsigned char *s = *p;
    uint32_t c = *s++;
    int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
    c &= more == 3 ? 0x07u : more == 2 ? 0x0fu : more == 1 ? 0x1fu : 0x7fu;
    while (more-- > 0 && *s) {
        c = c << 6 | (*s++ & 0x3fu);
    }
    *p = s;
    return c;
}

/* Order by UTF-16 code units (RFC 8785 §3.2.3): surrogates sort below U+E000…U+FFFF. */
static int compare_names(const void *a, const void *b) {
    const unsigned char *x = *(const unsigned char *const *)a,
                        *y = *(const unsigned char *const *)b;
    while (*x && *y) {
        uint32_t c = code_point(&x), d = code_point(&y);
        if (c != d) {
            bool wide_c = c > 0xffff, wide_d = d > 0xffff;
            uint32_t unit_c = wide_c ? 0xd800 + ((c - 0x10000) >> 10) : c;
            uint32_t unit_d = wide_d ? 0xd800 + ((d - 0x10000) >> 10) : d;
            if (unit_c != unit_d) {
                return unit_c < unit_d ? -1 : 1;
            }
            return c < d ? -1 : 1;
        }
    }
    return *x ? 1 : *y ? -1 : 0;
}

static void put_object(struct cw_buf *buf, const json_t *object) {
    size_t count = json_object_size(object), i = 0;
    const char **names = calloc(count ? count : 1, sizeof *names);
    if (!names) {
        abort();
    }
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, name, value) {
        names[i++] = name;
    }
    qsort(names, count, sizeof *names, compare_names);
    cw_buf_putc(buf, '{');
    for (i = 0; i < count; i++) {
        if (i > 0) {
            cw_buf_putc(buf, ',');
        }
        put_string(buf, names[i], strlen(names[i]));
        cw_buf_putc(buf, ':');
        cw_json_canonical(json_object_get(object, names[i]), buf);
    }
    cw_buf_putc(buf, '}');
    free(names);
}

void cw_json_canonical(const json_t *value, struct cw_buf *buf) {
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        put_object(buf, value);
        break;
    case JSON_ARRAY:
        cw_buf_putc(buf, '[');
        for (size_t i = 0; i < json_array_size(value); i++) {
            if (i > 0) {
                cw_buf_putc(buf, ',');
            }
            cw_json_canonical(json_array_get(value, i), buf);
        }
        cw_buf_putc(buf, ']');
        break;
    case JSON_STRING:
        put_string(buf, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        put_number(buf, (double)json_integer_value(value));
        break;
    case JSON_REAL:
        put_number(buf, json_real_value(value));
        break;
    case JSON_TRUE:
        cw_buf_puts(buf, "true");
        break;
    case JSON_FALSE:
        cw_buf_puts(buf, "false");
        break;
    case JSON_NULL:
        cw_buf_puts(buf, "null");
        break;
    }
}

char *cw_json_canonical_dup(struct cw_arena *arena, const json_t *value) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_json_canonical(value, &buf);
    return cw_arena_strndup(arena, buf.data, buf.length);
}
