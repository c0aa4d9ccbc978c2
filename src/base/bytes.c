/*
 * Responsible for: growable buffers, escaping for HTML and JSON, reference-counted blobs.
 * Does not: parse anything. Any process; blobs may cross threads, buffers may not.
 */
#include "base/bytes.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cw_buf_deinit(struct cw_buf *buf) {
    free(buf->data);
    *buf = (struct cw_buf){0};
}

void cw_buf_reset(struct cw_buf *buf) {
    buf->length = 0;
    if (buf->data) {
        buf->data[0] = '\0';
    }
}

void cw_buf_grow(struct cw_buf *buf, size_t more) {
    size_t need;
    if (!cw_add_size(buf->length, more, &need) || !cw_add_size(need, 1, &need)) {
        abort();
    }
    size_t capacity = buf->capacity ? buf->capacity : 128;
    while (capacity < need) {
        if (!cw_mul_size(capacity, 2, &capacity)) {
            abort();
        }
    }
    char *data = realloc(buf->data, capacity);
    if (!data) {
        abort();
    }
    buf->data = data;
    buf->capacity = capacity;
}

void cw_buf_uint(struct cw_buf *buf, uint64_t number) {
    char digits[20], *at = digits + sizeof digits;
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    cw_buf_add(buf, at, (size_t)(digits + sizeof digits - at));
}

void cw_buf_printf(struct cw_buf *buf, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0) {
        abort();
    }
    cw_buf_reserve(buf, (size_t)length);
    vsnprintf(buf->data + buf->length, (size_t)length + 1, format, again);
    va_end(again);
    buf->length += (size_t)length;
}

/* Text with some bytes replaced: whole runs of the others are copied at once. */
static void add_escaped(struct cw_buf *buf, const char *text, const char *const escapes[256]) {
    const char *from = text;
    for (;; text++) {
        const char *escape = escapes[(unsigned char)*text];
        if (*text && !escape) {
            continue;
        }
        cw_buf_add(buf, from, (size_t)(text - from));
        if (!*text) {
            return;
        }
        cw_buf_puts(buf, escape);
        from = text + 1;
    }
}

void cw_buf_html(struct cw_buf *buf, const char *text) {
    static const char *const escapes[256] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;"};
    add_escaped(buf, text, escapes);
}

/* Has one of these bytes to be escaped? (Mycroft 1987: a byte is below n, or equal to c.) */
static bool is_plain(uint64_t word) {
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    uint64_t quotes = word ^ '"' * ones, slashes = word ^ '\\' * ones;
    return (((word - 0x20 * ones) | (quotes - ones) | (slashes - ones)) & ~word & highs) == 0;
}

static bool is_plain_at(const char *text) {
    uint64_t word;
    memcpy(&word, text, sizeof word);
    return is_plain(word);
}

/* How many bytes are known to need no escape: eight at a time, the last eight maybe once more. */
static size_t plain_bytes(const char *text, size_t length) {
    uint32_t first, last;
    size_t at = 0;
    for (; at + 8 <= length; at += 8)
        if (!is_plain_at(text + at))
            return at;
    if (length >= 8)
        return is_plain_at(text + length - 8) ? length : at;
    if (length < 4) {
        while (at < length && is_plain((unsigned char)text[at] | (uint64_t)0x2020202020202000u))
            at++;
        return at;
    }
    memcpy(&first, text, sizeof first);
    memcpy(&last, text + length - sizeof last, sizeof last);
    return is_plain(first | (uint64_t)last << 32) ? length : 0;
}

void cw_buf_json(struct cw_buf *buf, const char *text) {
#define U(low) "\\u00" low
    static const char *const escapes[256] = {
        NULL,    U("01"), U("02"), U("03"), U("04"),        U("05"),        U("06"),
        U("07"), "\\b",   "\\t",   "\\n",   U("0b"),        "\\f",          "\\r",
        U("0e"), U("0f"), U("10"), U("11"), U("12"),        U("13"),        U("14"),
        U("15"), U("16"), U("17"), U("18"), U("19"),        U("1a"),        U("1b"),
        U("1c"), U("1d"), U("1e"), U("1f"), ['"'] = "\\\"", ['\\'] = "\\\\"};
#undef U
    size_t length = strlen(text), plain = plain_bytes(text, length);
    cw_buf_reserve(buf, length + 2);
    char *at = buf->data + buf->length;
    *at = '"';
    memcpy(at + 1, text, plain);
    buf->length += plain + 1;
    if (plain < length) {
        add_escaped(buf, text + plain, escapes);
    }
    cw_buf_putc(buf, '"');
}

struct cw_blob {
    atomic_size_t references;
    size_t length;
    void *data;
    void (*release)(void *, size_t);
};

static void release_copy(void *data, size_t length) {
    (void)length;
    free(data);
}

struct cw_blob *cw_blob_take(void *take_data, size_t length, void (*release)(void *, size_t)) {
    struct cw_blob *blob = malloc(sizeof *blob);
    if (!blob) {
        abort();
    }
    atomic_init(&blob->references, 1);
    blob->length = length;
    blob->data = take_data;
    blob->release = release;
    return blob;
}

struct cw_blob *cw_blob_new(const void *data, size_t length) {
    void *copy = malloc(length ? length : 1);
    if (!copy) {
        abort();
    }
    if (length > 0) {
        memcpy(copy, data, length);
    }
    return cw_blob_take(copy, length, release_copy);
}

struct cw_blob *cw_blob_take_buf(struct cw_buf *take) {
    size_t length = take->length;
    char *data = take->data;
    if (data && take->capacity - length > length / 8) {
        char *shorter = realloc(data, length + 1);
        data = shorter ? shorter : data;
    }
    *take = (struct cw_buf){0};
    return cw_blob_take(data, length, release_copy);
}

struct cw_blob *cw_blob_ref(struct cw_blob *blob) {
    atomic_fetch_add_explicit(&blob->references, 1, memory_order_relaxed);
    return blob;
}

void cw_blob_unref(struct cw_blob *blob) {
    if (blob && atomic_fetch_sub_explicit(&blob->references, 1, memory_order_acq_rel) == 1) {
        blob->release(blob->data, blob->length);
        free(blob);
    }
}

const uint8_t *cw_blob_data(const struct cw_blob *blob) {
    return blob->data;
}

size_t cw_blob_length(const struct cw_blob *blob) {
    return blob->length;
}
