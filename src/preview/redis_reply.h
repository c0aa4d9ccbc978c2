/* RESP2 replies and commands; the one place that knows hiredis. Private to the Redis tier. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

enum cw_redis_type {
    CW_REDIS_STRING,
    CW_REDIS_NIL,
    CW_REDIS_STATUS,
    CW_REDIS_ERROR,
    CW_REDIS_INTEGER
};

struct cw_redis_reply {
    enum cw_redis_type type;
    size_t length;
    char data[]; /* STRING, STATUS, ERROR; NUL-terminated beyond length */
};

struct cw_redis_reader;

/* Refuses arrays (no command of ours has one) and buffers at most max_bytes. NULL: out of memory.
 */
struct cw_redis_reader *cw_redis_reader_new(size_t max_bytes);
void cw_redis_reader_free(struct cw_redis_reader *reader); /* NULL is fine */

/* False: the stream is not RESP2 or too long; the connection is of no further use. */
bool cw_redis_reader_feed(struct cw_redis_reader *reader, const void *data, size_t length);

/* The next whole reply, or NULL when more bytes are needed. False as above.
 * The reply is the caller's: cw_redis_reply_free. */
bool cw_redis_reader_next(struct cw_redis_reader *reader, struct cw_redis_reply **ret_reply);
void cw_redis_reply_free(struct cw_redis_reply *reply);

/* Append one command of count ≤ 8 arguments. False when memory is out. */
bool cw_redis_command(struct cw_buf *buf, const struct cw_bytes *arguments, size_t count);
