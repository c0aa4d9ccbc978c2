/* A Redis that misbehaves on demand, on a loopback port of the test's own loop. Tests only. */
#pragma once

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum fake_redis_mode {
    FAKE_NORMAL,
    FAKE_SILENT, /* never answers GET and SET */
    FAKE_GARBAGE,
    FAKE_WRONG_TYPE,  /* an integer for everything */
    FAKE_ARRAY,       /* announces a huge array */
    FAKE_HUGE_STRING, /* announces a huge string and sends some of it */
    FAKE_TRUNCATED,   /* half a string, then closes */
    FAKE_DROP,        /* closes at GET or SET */
    FAKE_ERROR,
    FAKE_TAMPERED, /* flips the last byte of the value */
    FAKE_CUT,      /* a value without its last byte */
    FAKE_SWAPPED,  /* somebody else's value */
    FAKE_UNASKED,  /* answers twice */
    FAKE_NOAUTH    /* refuses the login */
};

struct fake_redis {
    struct event_base *base;
    struct evconnlistener *listener;
    uint16_t port;
    enum fake_redis_mode mode;
    char *key, *value; /* one entry is enough */
    size_t value_length;
    unsigned connections, gets, sets, logins;
    char first_command[64];
    struct bufferevent *clients[64];
    size_t client_count;
};

/* The buffer ends with its bytes, not with '\0', so strtol may not see it. */
static inline size_t fake_redis_number(const char *at, const char *end, const char **ret_next) {
    size_t n = 0;
    for (; at < end && *at >= '0' && *at <= '9'; at++)
        n = n * 10 + (size_t)(*at - '0');
    *ret_next = at;
    return n;
}

/* One command of bulk strings from the buffer; false when it is not whole yet. */
static inline bool fake_redis_parse(struct evbuffer *in, char **args, size_t *lengths,
                                    int *ret_count) {
    size_t length = evbuffer_get_length(in);
    const char *data = (const char *)evbuffer_pullup(in, -1);
    const char *at = data, *end = data + length;
    if (length < 4 || *at != '*')
        return false;
    const char *next;
    int count = (int)fake_redis_number(at + 1, end, &next);
    at = next + 2;
    for (int i = 0; i < count; i++) {
        if (at >= end || memchr(at, '\n', (size_t)(end - at)) == NULL)
            return false;
        size_t n = fake_redis_number(at + 1, end, &next);
        at = next + 2;
        if ((size_t)(end - at) < n + 2)
            return false;
        args[i] = malloc(n + 1);
        memcpy(args[i], at, n);
        args[i][n] = '\0';
        lengths[i] = n;
        at += n + 2;
        *ret_count = i + 1;
    }
    evbuffer_drain(in, (size_t)(at - data));
    return true;
}

static inline void fake_redis_value(struct evbuffer *out, const char *value, size_t length) {
    evbuffer_add_printf(out, "$%zu\r\n", length);
    evbuffer_add(out, value, length);
    evbuffer_add(out, "\r\n", 2);
}

static inline void fake_redis_get(struct fake_redis *fake, struct evbuffer *out, const char *key) {
    bool known = fake->key != NULL && strcmp(fake->key, key) == 0;
    if (fake->mode == FAKE_SWAPPED && fake->value != NULL)
        known = true;
    if (!known) {
        evbuffer_add_printf(out, "$-1\r\n");
        return;
    }
    size_t length = fake->value_length - (fake->mode == FAKE_CUT ? 1 : 0);
    char *copy = malloc(fake->value_length);
    memcpy(copy, fake->value, fake->value_length);
    if (fake->mode == FAKE_TAMPERED)
        copy[length - 1] ^= 1;
    fake_redis_value(out, copy, length);
    if (fake->mode == FAKE_UNASKED)
        fake_redis_value(out, copy, length);
    free(copy);
}

/* False: close the connection. */
static inline bool fake_redis_misbehave(struct fake_redis *fake, struct evbuffer *out,
                                        bool *ret_answered) {
    *ret_answered = true;
    switch (fake->mode) {
    case FAKE_SILENT:
        return true;
    case FAKE_GARBAGE:
        evbuffer_add_printf(out, "!?nonsense\r\n");
        return true;
    case FAKE_WRONG_TYPE:
        evbuffer_add_printf(out, ":1\r\n");
        return true;
    case FAKE_ARRAY:
        evbuffer_add_printf(out, "*2147483647\r\n");
        return true;
    case FAKE_HUGE_STRING:
        evbuffer_add_printf(out, "$2147483000\r\n");
        for (int i = 0; i < 40 * 1024; i++) {
            static const char block[1024];
            evbuffer_add(out, block, sizeof block);
        }
        return true;
    case FAKE_TRUNCATED:
        evbuffer_add_printf(out, "$1000\r\nabc");
        return true;
    case FAKE_ERROR:
        evbuffer_add_printf(out, "-OOM command not allowed\r\n");
        return true;
    case FAKE_DROP:
        return false;
    default:
        *ret_answered = false;
        return true;
    }
}

static inline bool fake_redis_answer(struct fake_redis *fake, struct evbuffer *out, char **args,
                                     size_t *lengths) {
    bool answered = false, get = strcmp(args[0], "GET") == 0, set = strcmp(args[0], "SET") == 0;
    if (fake->first_command[0] == '\0')
        snprintf(fake->first_command, sizeof fake->first_command, "%.60s", args[0]);
    fake->gets += get;
    fake->sets += set;
    if (!get && !set) {
        fake->logins++;
        evbuffer_add_printf(out, fake->mode == FAKE_NOAUTH ? "-WRONGPASS no\r\n" : "+OK\r\n");
        return true;
    }
    if (!fake_redis_misbehave(fake, out, &answered))
        return false;
    if (answered)
        return true;
    if (get) {
        fake_redis_get(fake, out, args[1]);
        return true;
    }
    free(fake->key);
    free(fake->value);
    fake->key = strdup(args[1]);
    fake->value = malloc(lengths[2]);
    memcpy(fake->value, args[2], lengths[2]);
    fake->value_length = lengths[2];
    evbuffer_add_printf(out, "+OK\r\n");
    return true;
}

static inline void fake_redis_forget(struct fake_redis *fake, struct bufferevent *bev) {
    for (size_t i = 0; i < fake->client_count; i++)
        if (fake->clients[i] == bev)
            fake->clients[i] = fake->clients[--fake->client_count];
    bufferevent_free(bev);
}

static inline void fake_redis_flushed(struct bufferevent *bev, void *arg) {
    fake_redis_forget(arg, bev);
}

static inline void fake_redis_gone(struct bufferevent *bev, short what, void *arg) {
    (void)what;
    fake_redis_forget(arg, bev);
}

static inline void fake_redis_read(struct bufferevent *bev, void *arg) {
    struct fake_redis *fake = arg;
    struct evbuffer *out = bufferevent_get_output(bev);
    for (;;) {
        char *args[8] = {0};
        size_t lengths[8] = {0};
        int count = 0;
        bool whole = fake_redis_parse(bufferevent_get_input(bev), args, lengths, &count);
        bool stay = !whole || fake_redis_answer(fake, out, args, lengths);
        for (int i = 0; i < count; i++)
            free(args[i]);
        if (!stay) {
            fake_redis_forget(fake, bev);
            return;
        }
        if (!whole)
            break;
    }
    if (fake->mode == FAKE_TRUNCATED && fake->gets + fake->sets > 0)
        bufferevent_setcb(bev, NULL, fake_redis_flushed, fake_redis_gone, fake);
}

static inline void fake_redis_accept(struct evconnlistener *listener, evutil_socket_t fd,
                                     struct sockaddr *address, int length, void *arg) {
    (void)listener, (void)address, (void)length;
    struct fake_redis *fake = arg;
    struct bufferevent *bev = bufferevent_socket_new(fake->base, fd, BEV_OPT_CLOSE_ON_FREE);
    fake->connections++;
    if (fake->client_count == 64)
        abort();
    fake->clients[fake->client_count++] = bev;
    bufferevent_setcb(bev, fake_redis_read, NULL, fake_redis_gone, fake);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
}

static inline void fake_redis_listen(struct fake_redis *fake) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(fake->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    fake->listener = evconnlistener_new_bind(fake->base, fake_redis_accept, fake,
                                             LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 16,
                                             (struct sockaddr *)&address, sizeof address);
    if (fake->listener == NULL)
        abort();
    socklen_t length = sizeof address;
    getsockname(evconnlistener_get_fd(fake->listener), (struct sockaddr *)&address, &length);
    fake->port = ntohs(address.sin_port);
}

/* Stops listening and closes every connection; fake_redis_listen brings it back on the same port.
 */
static inline void fake_redis_stop(struct fake_redis *fake) {
    if (fake->listener != NULL)
        evconnlistener_free(fake->listener);
    fake->listener = NULL;
    while (fake->client_count > 0)
        fake_redis_forget(fake, fake->clients[0]);
}
