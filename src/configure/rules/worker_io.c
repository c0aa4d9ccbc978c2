/*
 * Responsible for: moving whole frames over a stream socket until a deadline. Does not: understand
 * bodies (worker_wire.c). Both sides; blocking, with no other call than read, send and poll.
 */
#include "configure/rules/worker_io.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define CHUNK_BYTES 65536

int64_t cw_rules_deadline(uint64_t ms) {
    int64_t now = cw_clock_monotonic_ms(&cw_clock_system);
    return ms == 0 || ms > (uint64_t)(INT64_MAX - now) ? CW_RULES_FOREVER : now + (int64_t)ms;
}

static enum cw_status gone(struct cw_error *err) {
    return cw_fail(err, CW_E_IO, "rules.worker", "the rules worker is gone");
}

/* Wait until the socket is ready; an error on it counts as ready, the next call will tell. */
static enum cw_status wait_for(int fd, short events, int64_t deadline_ms, struct cw_error *err) {
    for (;;) {
        int64_t left = -1;
        if (deadline_ms != CW_RULES_FOREVER) {
            left = deadline_ms - cw_clock_monotonic_ms(&cw_clock_system);
            if (left <= 0)
                return cw_fail(err, CW_E_TIMEOUT, "rules.worker",
                               "the rules worker did not answer in time");
            left = left > INT32_MAX ? INT32_MAX : left;
        }
        struct pollfd one = {.fd = fd, .events = events};
        int ready = poll(&one, 1, (int)left);
        if (ready > 0)
            return CW_OK;
        if (ready < 0 && errno != EINTR)
            return gone(err);
    }
}

enum cw_status cw_rules_send(int fd, const struct cw_buf *frame, int64_t deadline_ms,
                             struct cw_error *err) {
    for (size_t sent = 0; sent < frame->length;) {
        enum cw_status status = wait_for(fd, POLLOUT, deadline_ms, err);
        if (status)
            return status;
        ssize_t n = send(fd, frame->data + sent, frame->length - sent, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return gone(err);
        sent += n > 0 ? (size_t)n : 0;
    }
    return CW_OK;
}

struct source {
    int fd;
    int64_t deadline_ms;
};

/* Read at most *size bytes; *size becomes how many; 0: the other side has ended. */
static enum cw_status read_some(const struct source *source, void *ret, size_t *size,
                                struct cw_error *err) {
    ssize_t n;
    do {
        enum cw_status status = wait_for(source->fd, POLLIN, source->deadline_ms, err);
        if (status)
            return status;
        n = read(source->fd, ret, *size);
    } while (n < 0 && (errno == EINTR || errno == EAGAIN));
    if (n < 0)
        return gone(err);
    *size = (size_t)n;
    return CW_OK;
}

static enum cw_status read_head(const struct source *source, uint8_t ret[CW_RULES_HEAD_BYTES],
                                struct cw_error *err) {
    for (size_t have = 0, count; have < CW_RULES_HEAD_BYTES; have += count) {
        count = CW_RULES_HEAD_BYTES - have;
        enum cw_status status = read_some(source, ret + have, &count, err);
        if (status)
            return status;
        if (count == 0 && have == 0)
            return cw_fail(err, CW_E_NOT_FOUND, "rules.worker", "the other side has ended");
        if (count == 0)
            return gone(err);
    }
    return CW_OK;
}

enum cw_status cw_rules_receive(int fd, uint64_t most, int64_t deadline_ms,
                                enum cw_rules_kind *ret_kind, struct cw_buf *ret_body,
                                struct cw_error *err) {
    uint8_t head[CW_RULES_HEAD_BYTES], chunk[CHUNK_BYTES];
    uint64_t length;
    const struct source source = {fd, deadline_ms};
    enum cw_status status = read_head(&source, head, err);
    if (!status)
        status = cw_rules_head_decode(head, most, ret_kind, &length, err);
    if (status)
        return status;
    cw_buf_reset(ret_body);
    while (ret_body->length < length) {
        uint64_t left = length - ret_body->length;
        size_t count = left < sizeof chunk ? (size_t)left : sizeof chunk;
        status = read_some(&source, chunk, &count, err);
        if (status)
            return status;
        if (count == 0)
            return gone(err);
        cw_buf_add(ret_body, chunk, count);
    }
    return CW_OK;
}
