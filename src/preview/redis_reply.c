/*
 * Responsible for: RESP2 over hiredis' reader and formatter.
 * Does not: use hiredis' connections: version 0.14 has no deadlines on its asynchronous ones.
 * Runs in: the server (preview loop).
 */
#include "preview/redis_reply.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#define ARGUMENTS 8

struct cw_redis_reader {
    redisReader *reader;
    size_t max_bytes;
};

/* ---- hiredis' object functions: NULL makes its reader stop with an error --------------------- */

static struct cw_redis_reply *new_reply(enum cw_redis_type type, const char *data, size_t length) {
    struct cw_redis_reply *reply = malloc(sizeof *reply + length + 1);
    if (reply == NULL)
        return NULL;
    reply->type = type;
    reply->length = length;
    if (length > 0)
        memcpy(reply->data, data, length);
    reply->data[length] = '\0';
    return reply;
}

static void *create_string(const redisReadTask *task, char *data, size_t length) {
    enum cw_redis_type type = task->type == REDIS_REPLY_ERROR    ? CW_REDIS_ERROR
                              : task->type == REDIS_REPLY_STATUS ? CW_REDIS_STATUS
                                                                 : CW_REDIS_STRING;
    return new_reply(type, data, length);
}

/* An announced array is where a hostile server makes a reader allocate; we ask for none. */
static void *create_array(const redisReadTask *task, int count) {
    (void)task, (void)count;
    return NULL;
}

static void *create_integer(const redisReadTask *task, long long value) {
    (void)task, (void)value;
    return new_reply(CW_REDIS_INTEGER, NULL, 0);
}

static void *create_nil(const redisReadTask *task) {
    (void)task;
    return new_reply(CW_REDIS_NIL, NULL, 0);
}

static redisReplyObjectFunctions object_functions = {
    .createString = create_string,
    .createArray = create_array,
    .createInteger = create_integer,
    .createNil = create_nil,
    .freeObject = free,
};

/* ---- reader ---------------------------------------------------------------------------------- */

struct cw_redis_reader *cw_redis_reader_new(size_t max_bytes) {
    struct cw_redis_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return NULL;
    reader->reader = redisReaderCreateWithFunctions(&object_functions);
    reader->max_bytes = max_bytes;
    if (reader->reader == NULL) {
        free(reader);
        return NULL;
    }
    return reader;
}

void cw_redis_reader_free(struct cw_redis_reader *reader) {
    if (reader == NULL)
        return;
    redisReaderFree(reader->reader);
    free(reader);
}

bool cw_redis_reader_feed(struct cw_redis_reader *reader, const void *data, size_t length) {
    size_t kept = reader->reader->len - reader->reader->pos;
    if (length > reader->max_bytes || kept > reader->max_bytes - length)
        return false;
    return redisReaderFeed(reader->reader, data, length) == REDIS_OK;
}

bool cw_redis_reader_next(struct cw_redis_reader *reader, struct cw_redis_reply **ret_reply) {
    void *reply = NULL;
    if (redisReaderGetReply(reader->reader, &reply) != REDIS_OK)
        return false;
    *ret_reply = reply;
    return true;
}

void cw_redis_reply_free(struct cw_redis_reply *reply) {
    free(reply);
}

bool cw_redis_command(struct cw_buf *buf, const struct cw_bytes *arguments, size_t count) {
    const char *texts[ARGUMENTS];
    size_t lengths[ARGUMENTS];
    char *command = NULL;
    if (count > ARGUMENTS)
        return false;
    for (size_t i = 0; i < count; i++) {
        texts[i] = (const char *)arguments[i].data;
        lengths[i] = arguments[i].length;
    }
    int length = redisFormatCommandArgv(&command, (int)count, texts, lengths);
    if (length < 0 || command == NULL)
        return false;
    cw_buf_add(buf, command, (size_t)length);
    redisFreeCommand(command);
    return true;
}
