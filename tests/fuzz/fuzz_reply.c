/*
 * Responsible for: arbitrary bytes as a worker's message and as Redis' answer.
 * Asserts: nothing outside the bounds comes out; a forged cache value never verifies.
 * First byte: 0 worker message, else Redis stream fed in pieces of that many bytes.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "cordwain/limits.h"
#include "preview/redis_reply.h"
#include "preview/redis_value.h"
#include "preview/reply.h"

static void check(int holds) {
    if (!holds)
        abort();
}

static void worker_message(const uint8_t *data, size_t size) {
    struct cw_reply reply;
    if (cw_reply_decode(data, size, &reply, NULL) != CW_OK)
        return;
    fuzz_accepted++;
    check(reply.kind == CW_RENDER_HELLO || reply.kind >= CW_RENDER_IMAGE);
    check(reply.length <= CW_RENDER_IMAGE_BYTES);
    check((reply.kind == CW_RENDER_FAILED) == (reply.failure.status != CW_OK));
    check(reply.fit.em_um >= 0 && reply.fit.ink_um[0] >= 0 && reply.fit.ink_um[1] >= 0);
}

static void redis_stream(const uint8_t *data, size_t size, size_t piece) {
    static const uint8_t key[CW_REDIS_MAC_KEY_BYTES] = {1}, identity[CW_IDENTITY_BYTES] = {2};
    struct cw_redis_reader *reader = cw_redis_reader_new(64 * 1024);
    bool good = reader != NULL;
    for (size_t at = 0; good && at < size; at += piece) {
        size_t n = size - at < piece ? size - at : piece;
        good = cw_redis_reader_feed(reader, data + at, n);
        struct cw_redis_reply *reply = NULL;
        while (good && (good = cw_redis_reader_next(reader, &reply)) && reply != NULL) {
            check(reply->length <= size);
            struct cw_bytes value = {(const uint8_t *)reply->data, reply->length};
            check(cw_redis_value_decode(key, identity, value) == NULL);
            cw_redis_reply_free(reply);
            reply = NULL;
        }
    }
    cw_redis_reader_free(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    if (data[0] == 0)
        worker_message(data + 1, size - 1);
    else
        redis_stream(data + 1, size - 1, data[0]);
    return 0;
}
