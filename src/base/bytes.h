/* Byte views, a growable buffer, and shared immutable blobs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"

struct cw_bytes { /* borrowed */
    const uint8_t *data;
    size_t length;
};

/* Growable buffer, always NUL-terminated once something was added. Zero-initialise to start.
 * Out of memory aborts, as with arenas. */
struct cw_buf {
    char *data;
    size_t length, capacity;
};
void cw_buf_deinit(struct cw_buf *buf);
void cw_buf_reset(struct cw_buf *buf);
void cw_buf_grow(struct cw_buf *buf, size_t more); /* cw_buf_reserve's rare case */
/* Room for `more` bytes after `length`, to be written by the caller; the NUL too. Inline, as are
 * the next three: an answer is thousands of short pieces. */
static inline void cw_buf_reserve(struct cw_buf *buf, size_t more) {
    if (more >= buf->capacity - buf->length) { /* the NUL too */
        cw_buf_grow(buf, more);
    }
}
static inline void cw_buf_add(struct cw_buf *buf, const void *data, size_t length) {
    cw_buf_reserve(buf, length);
    if (length > 0) {
        memcpy(buf->data + buf->length, data, length);
    }
    buf->length += length;
    buf->data[buf->length] = '\0';
}
static inline void cw_buf_puts(struct cw_buf *buf, const char *text) {
    cw_buf_add(buf, text, strlen(text));
}
static inline void cw_buf_putc(struct cw_buf *buf, char c) {
    cw_buf_reserve(buf, 1);
    buf->data[buf->length++] = c;
    buf->data[buf->length] = '\0';
}
void cw_buf_uint(struct cw_buf *buf, uint64_t number); /* decimal */
void cw_buf_printf(struct cw_buf *buf, const char *format, ...) CW_PRINTF(2, 3);
/* Text for HTML/XML: & < > " ' escaped. */
void cw_buf_html(struct cw_buf *buf, const char *text);
/* A JSON string with its quotes. */
void cw_buf_json(struct cw_buf *buf, const char *text);
#define CW_AUTO_BUF __attribute__((cleanup(cw_buf_deinit)))

/* Immutable bytes shared between threads; reference counted atomically. */
struct cw_blob;
struct cw_blob *cw_blob_new(const void *data, size_t length); /* copies */
struct cw_blob *cw_blob_take_buf(struct cw_buf *take); /* leaves it empty; what is not used is given
                                                          back */
struct cw_blob *cw_blob_take(void *take_data, size_t length, void (*release)(void *, size_t));
struct cw_blob *cw_blob_ref(struct cw_blob *blob);
void cw_blob_unref(struct cw_blob *blob); /* NULL is fine */
const uint8_t *cw_blob_data(const struct cw_blob *blob);
size_t cw_blob_length(const struct cw_blob *blob);

/* Overflow-checked sizes: false when the result does not fit. */
static inline bool cw_mul_size(size_t a, size_t b, size_t *ret) {
    return !__builtin_mul_overflow(a, b, ret);
}
static inline bool cw_add_size(size_t a, size_t b, size_t *ret) {
    return !__builtin_add_overflow(a, b, ret);
}

/* Quotient towards minus infinity; b is not 0. */
static inline int64_t cw_floor_div(int64_t a, int64_t b) {
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}
