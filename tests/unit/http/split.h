/* Feeds the same bytes whole, split at every place, and one by one, and expects one outcome. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"

typedef enum cw_status split_feed(void *object, struct cw_bytes input, size_t *ret_used,
                                  bool *ret_done, struct cw_error *err);

struct split_outcome {
    enum cw_status status;
    const char *code; /* of the error */
    bool done;
    size_t used;
};

/* Feed [0, first) and then the rest in pieces of `step`; stops at the end, the end of the message,
 * or an error. */
static inline struct split_outcome split_run(split_feed *feed, void *object, struct cw_bytes bytes,
                                             size_t first, size_t step) {
    struct split_outcome outcome = {.status = CW_OK, .code = ""};
    struct cw_error error = {0};
    while (!outcome.done && outcome.used < bytes.length) {
        size_t limit = outcome.used < first ? first : outcome.used + step;
        size_t end = limit < bytes.length ? limit : bytes.length, used = 0;
        const struct cw_bytes piece = {bytes.data + outcome.used, end - outcome.used};
        outcome.status = feed(object, piece, &used, &outcome.done, &error);
        if (outcome.status != CW_OK) {
            outcome.code = error.code;
            return outcome;
        }
        assert_true(used == piece.length || outcome.done);
        outcome.used += used;
    }
    return outcome;
}

static inline struct cw_bytes split_text(const char *text) {
    return (struct cw_bytes){(const uint8_t *)text, strlen(text)};
}
