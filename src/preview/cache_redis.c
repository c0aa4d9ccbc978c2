/*
 * Responsible for: one Redis connection that is never waited for: deadlines, back-off, circuit
 * breaker, bounded pipeline. Whatever goes wrong is a miss.
 * Does not: parse RESP (redis_reply), trust values (redis_value), or resolve names after start-up.
 * Runs in: the server (preview loop).
 */
#include "preview/cache.h"

#define CW_LOG_MODULE "preview"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/digest.h"
#include "base/log.h"
#include "cordwain/limits.h"
#include "preview/redis_reply.h"
#include "preview/redis_url.h"
#include "preview/redis_value.h"
#include "preview/timer.h"

#define KEY_PREFIX   "cw:p1:"
#define KEY_TEXT     (sizeof KEY_PREFIX - 1 + CW_IDENTITY_TEXT)
#define READER_BYTES (CW_RENDER_IMAGE_BYTES + 64 * 1024)

enum command_kind { COMMAND_LOGIN, COMMAND_NAME, COMMAND_GET, COMMAND_SET };

/* Sent, in the order of sending: Redis answers in that order. One past its deadline stays in line
 * without its caller, to recognise its late answer. */
struct command {
    TAILQ_ENTRY(command) link;
    struct redis *redis;
    enum command_kind kind;
    bool late;
    uint8_t key[CW_IDENTITY_BYTES];
    cw_cache_fn fn; /* GET */
    void *arg;
    struct event *timer;
};
TAILQ_HEAD(command_list, command);

/* OFF --timer--> CONNECTING --connected--> UP (login pipelined before anything else); failure → OFF
 */
enum redis_state { REDIS_OFF, REDIS_CONNECTING, REDIS_UP };

struct redis {
    struct cw_cache cache; /* first */
    struct event_base *base;
    enum redis_state state;
    struct cw_redis_target target;
    uint8_t mac_key[CW_REDIS_MAC_KEY_BYTES];
    uint32_t get_ms, set_ms, connect_ms, backoff_min_ms, backoff_max_ms, failures_max, ttl_s;
    size_t next_address;
    uint32_t backoff_ms;
    uint32_t failures; /* in a row; at failures_max the connection is given up */
    struct bufferevent *bev;
    struct cw_redis_reader *reader;
    struct event *timer; /* OFF: connect again; CONNECTING: give up */
    size_t command_count;
    struct command_list commands;
    struct cw_cache_stats stats;
};

/* ---- end of a connection --------------------------------------------------------------------- */

static void command_free(struct command *command) {
    if (command->timer != NULL)
        event_free(command->timer);
    free(command);
}

static void answer_miss(struct redis *redis, struct command *command) {
    if (command->kind != COMMAND_GET || command->late)
        return;
    redis->stats.misses++;
    command->fn(command->arg, NULL);
}

/* Doubled each time, the wait itself drawn from its upper half so that nodes do not come back as
 * one. */
static uint32_t next_backoff(struct redis *redis) {
    uint32_t wait = redis->backoff_ms * 2;
    if (wait < redis->backoff_min_ms)
        wait = redis->backoff_min_ms;
    if (wait > redis->backoff_max_ms)
        wait = redis->backoff_max_ms;
    redis->backoff_ms = wait;
    return wait - randombytes_uniform(wait / 2 + 1);
}

static void close_connection(struct redis *redis) {
    if (redis->bev != NULL)
        bufferevent_free(redis->bev);
    redis->bev = NULL;
    cw_redis_reader_free(redis->reader);
    redis->reader = NULL;
}

static void go_off(struct redis *redis, const char *why) {
    struct command_list commands = TAILQ_HEAD_INITIALIZER(commands);
    close_connection(redis);
    if (redis->state == REDIS_CONNECTING)
        redis->next_address = (redis->next_address + 1) % redis->target.address_count;
    redis->state = REDIS_OFF;
    redis->stats.errors++;
    redis->failures = 0;
    uint32_t wait = next_backoff(redis);
    cw_log_warn("redis.off", "why=%s retry_ms=%u instead=render", why, wait);
    cw_timer_arm(redis->timer, wait);
    TAILQ_CONCAT(&commands, &redis->commands, link);
    redis->command_count = 0;
    struct command *command;
    while ((command = TAILQ_FIRST(&commands)) != NULL) {
        TAILQ_REMOVE(&commands, command, link);
        answer_miss(redis, command); /* may call get again: OFF answers at once */
        command_free(command);
    }
}

/* True when that was one failure too many and the connection is gone. */
static bool count_failure(struct redis *redis) {
    redis->stats.errors++;
    if (++redis->failures < redis->failures_max)
        return false;
    go_off(redis, "failures");
    return true;
}

static void on_late(evutil_socket_t fd, short what, void *arg) {
    (void)fd, (void)what;
    struct command *command = arg;
    struct redis *redis = command->redis;
    if (command->kind == COMMAND_LOGIN) {
        go_off(redis, "login");
        return;
    }
    answer_miss(redis, command);
    command->late = true;
    count_failure(redis);
}

/* ---- sending --------------------------------------------------------------------------------- */

static struct cw_bytes text_bytes(const char *text) {
    return (struct cw_bytes){.data = (const uint8_t *)text, .length = strlen(text)};
}

/* NULL when the limits say no; the caller then treats it as a miss. */
static struct command *send_command(struct redis *redis, enum command_kind kind, uint32_t ms,
                                    const struct cw_bytes *arguments, size_t count) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct evbuffer *out = bufferevent_get_output(redis->bev);
    struct command *command = NULL;
    if (redis->command_count >= CW_REDIS_COMMANDS || !cw_redis_command(&buf, arguments, count) ||
        evbuffer_get_length(out) + buf.length > CW_REDIS_OUTGOING_BYTES)
        return NULL;
    command = calloc(1, sizeof *command);
    if (command == NULL)
        return NULL;
    command->redis = redis;
    command->kind = kind;
    command->timer = event_new(redis->base, -1, 0, on_late, command);
    if (command->timer == NULL || evbuffer_add(out, buf.data, buf.length) != 0) {
        command_free(command);
        return NULL;
    }
    cw_timer_arm(command->timer, ms);
    TAILQ_INSERT_TAIL(&redis->commands, command, link);
    redis->command_count++;
    return command;
}

static bool send_login(struct redis *redis) {
    const struct cw_redis_target *t = &redis->target;
    char db[16];
    snprintf(db, sizeof db, "%u", t->db);
    struct cw_bytes name[] = {text_bytes("CLIENT"), text_bytes("SETNAME"), text_bytes("cordwain")};
    struct cw_bytes select[] = {text_bytes("SELECT"), text_bytes(db)};
    struct cw_bytes auth[] = {text_bytes("AUTH"), text_bytes(t->user), text_bytes(t->password)};
    if (t->user[0] == '\0')
        auth[1] = auth[2];
    size_t auth_count = t->user[0] == '\0' ? 2 : 3;
    if (t->password[0] != '\0' &&
        send_command(redis, COMMAND_LOGIN, redis->connect_ms, auth, auth_count) == NULL)
        return false;
    if (t->db != 0 && send_command(redis, COMMAND_LOGIN, redis->connect_ms, select, 2) == NULL)
        return false;
    return send_command(redis, COMMAND_NAME, redis->connect_ms, name, 3) != NULL;
}

static void key_text(const uint8_t *key, char ret_text[KEY_TEXT]) {
    memcpy(ret_text, KEY_PREFIX, sizeof KEY_PREFIX - 1);
    cw_identity_text(key, ret_text + sizeof KEY_PREFIX - 1);
}

static void redis_get(struct cw_cache *cache, const uint8_t key[CW_IDENTITY_BYTES], cw_cache_fn fn,
                      void *arg) {
    struct redis *redis = (struct redis *)cache;
    struct command *command = NULL;
    if (redis->state == REDIS_UP) {
        char name[KEY_TEXT];
        key_text(key, name);
        struct cw_bytes arguments[] = {text_bytes("GET"), text_bytes(name)};
        command = send_command(redis, COMMAND_GET, redis->get_ms, arguments, 2);
    }
    if (command == NULL) {
        redis->stats.dropped++;
        redis->stats.misses++;
        fn(arg, NULL);
        return;
    }
    memcpy(command->key, key, CW_IDENTITY_BYTES);
    command->fn = fn;
    command->arg = arg;
}

static void redis_set(struct cw_cache *cache, const uint8_t key[CW_IDENTITY_BYTES],
                      struct cw_blob *blob) {
    struct redis *redis = (struct redis *)cache;
    CW_AUTO_BUF struct cw_buf value = {0};
    size_t length = cw_blob_length(blob);
    if (redis->state != REDIS_UP || length == 0 || length > CW_REDIS_OUTGOING_BYTES / 2) {
        redis->stats.dropped++;
        return;
    }
    char name[KEY_TEXT], ttl[16];
    key_text(key, name);
    snprintf(ttl, sizeof ttl, "%u", redis->ttl_s);
    cw_redis_value_encode(redis->mac_key, key,
                          (struct cw_bytes){.data = cw_blob_data(blob), .length = length}, &value);
    struct cw_bytes arguments[] = {text_bytes("SET"),
                                   text_bytes(name),
                                   {.data = (const uint8_t *)value.data, .length = value.length},
                                   text_bytes("EX"),
                                   text_bytes(ttl)};
    if (send_command(redis, COMMAND_SET, redis->set_ms, arguments, 5) == NULL)
        redis->stats.dropped++;
    else
        redis->stats.sets++;
}

/* ---- receiving ------------------------------------------------------------------------------- */

static void count_success(struct redis *redis) {
    redis->failures = 0;
    redis->backoff_ms = 0;
}

/* The verified picture in a GET's answer, or NULL. */
static struct cw_blob *read_value(struct redis *redis, const struct command *command,
                                  const struct cw_redis_reply *reply) {
    if (reply->type != CW_REDIS_STRING)
        return NULL;
    struct cw_bytes value = {.data = (const uint8_t *)reply->data, .length = reply->length};
    struct cw_blob *blob = cw_redis_value_decode(redis->mac_key, command->key, value);
    if (blob == NULL)
        redis->stats.rejected++;
    return blob;
}

static void answer_get(struct redis *redis, struct command *command,
                       const struct cw_redis_reply *reply) {
    if (command->late)
        return;
    struct cw_blob *blob = read_value(redis, command, reply);
    if (blob == NULL) {
        answer_miss(redis, command);
        return;
    }
    redis->stats.hits++;
    command->fn(command->arg, blob);
    cw_blob_unref(blob);
}

static bool type_fits(const struct command *command, const struct cw_redis_reply *reply) {
    if (reply->type == CW_REDIS_ERROR)
        return true;
    if (command->kind == COMMAND_GET)
        return reply->type == CW_REDIS_STRING || reply->type == CW_REDIS_NIL;
    return reply->type == CW_REDIS_STATUS;
}

/* One reply for the first command in line. False when the connection was given up. */
static bool take_reply(struct redis *redis, const struct cw_redis_reply *reply) {
    struct command *command = TAILQ_FIRST(&redis->commands);
    if (command == NULL || !type_fits(command, reply)) {
        go_off(redis, "unexpected reply");
        return false;
    }
    if (command->kind == COMMAND_LOGIN && reply->type == CW_REDIS_ERROR) {
        go_off(redis, "login refused");
        return false;
    }
    TAILQ_REMOVE(&redis->commands, command, link);
    redis->command_count--;
    event_del(command->timer);
    bool failed = reply->type == CW_REDIS_ERROR && command->kind != COMMAND_NAME;
    if (!failed && !command->late && (command->kind == COMMAND_GET || command->kind == COMMAND_SET))
        count_success(redis);
    if (command->kind == COMMAND_GET)
        answer_get(redis, command, reply);
    command_free(command);
    return !failed || !count_failure(redis);
}

static void on_read(struct bufferevent *bev, void *arg) {
    struct redis *redis = arg;
    struct evbuffer *in = bufferevent_get_input(bev);
    struct evbuffer_iovec part;
    while (evbuffer_peek(in, -1, NULL, &part, 1) > 0 && part.iov_len > 0) {
        if (!cw_redis_reader_feed(redis->reader, part.iov_base, part.iov_len)) {
            go_off(redis, "protocol");
            return;
        }
        evbuffer_drain(in, part.iov_len);
        struct cw_redis_reply *reply = NULL;
        do {
            if (!cw_redis_reader_next(redis->reader, &reply)) {
                go_off(redis, "protocol");
                return;
            }
            bool up = reply == NULL || take_reply(redis, reply);
            bool more = reply != NULL;
            cw_redis_reply_free(reply);
            if (!up)
                return;
            if (!more)
                break;
        } while (true);
    }
}

/* ---- connecting ------------------------------------------------------------------------------ */

static void on_event(struct bufferevent *bev, short what, void *arg) {
    struct redis *redis = arg;
    if ((what & BEV_EVENT_CONNECTED) == 0) {
        go_off(redis, (what & BEV_EVENT_EOF) != 0 ? "closed" : "connection");
        return;
    }
    event_del(redis->timer);
    redis->state = REDIS_UP;
    redis->stats.connects++;
    bufferevent_enable(bev, EV_READ | EV_WRITE);
    if (!send_login(redis))
        go_off(redis, "login");
}

static void connect_now(struct redis *redis) {
    const struct cw_redis_address *address = &redis->target.addresses[redis->next_address];
    redis->state = REDIS_CONNECTING;
    redis->reader = cw_redis_reader_new(READER_BYTES);
    redis->bev = bufferevent_socket_new(redis->base, -1, BEV_OPT_CLOSE_ON_FREE);
    if (redis->reader == NULL || redis->bev == NULL) {
        go_off(redis, "memory");
        return;
    }
    bufferevent_setcb(redis->bev, on_read, NULL, on_event, redis);
    cw_timer_arm(redis->timer, redis->connect_ms);
    /* On an immediate failure libevent has already called on_event, which left CONNECTING. */
    if (bufferevent_socket_connect(redis->bev, (const struct sockaddr *)&address->storage,
                                   (int)address->length) != 0 &&
        redis->state == REDIS_CONNECTING)
        go_off(redis, "connect");
}

static void on_timer(evutil_socket_t fd, short what, void *arg) {
    (void)fd, (void)what;
    struct redis *redis = arg;
    if (redis->state == REDIS_OFF)
        connect_now(redis);
    else if (redis->state == REDIS_CONNECTING)
        go_off(redis, "connect deadline");
}

/* ---- the tier -------------------------------------------------------------------------------- */

static void redis_stats(const struct cw_cache *cache, struct cw_cache_stats *ret_stats) {
    const struct redis *redis = (const struct redis *)cache;
    *ret_stats = redis->stats;
    ret_stats->up = redis->state == REDIS_UP;
}

static void redis_free(struct cw_cache *cache) {
    struct redis *redis = (struct redis *)cache;
    struct command *command;
    close_connection(redis);
    while ((command = TAILQ_FIRST(&redis->commands)) != NULL) {
        TAILQ_REMOVE(&redis->commands, command, link);
        command_free(command);
    }
    if (redis->timer != NULL)
        event_free(redis->timer);
    sodium_memzero(redis, sizeof *redis); /* password and key */
    free(redis);
}

static const struct cw_cache_ops redis_ops = {
    .name = "redis",
    .get = redis_get,
    .set = redis_set,
    .stats = redis_stats,
    .free = redis_free,
};

static uint32_t or_default(uint32_t value, uint32_t fallback) {
    return value == 0 ? fallback : value;
}

static void configure(struct redis *redis, const struct cw_redis_config *config) {
    memcpy(redis->mac_key, config->mac_key, sizeof redis->mac_key);
    redis->get_ms = or_default(config->get_ms, CW_REDIS_GET_MS);
    redis->set_ms = or_default(config->set_ms, CW_REDIS_SET_MS);
    redis->connect_ms = or_default(config->connect_ms, CW_REDIS_CONNECT_MS);
    redis->backoff_min_ms = or_default(config->backoff_min_ms, CW_REDIS_BACKOFF_MIN_MS);
    redis->backoff_max_ms = or_default(config->backoff_max_ms, CW_REDIS_BACKOFF_MAX_MS);
    redis->failures_max = or_default(config->failures_max, CW_REDIS_FAILURES);
    redis->ttl_s = or_default(config->ttl_s, CW_REDIS_TTL_S);
}

enum cw_status cw_cache_redis_new(struct event_base *base, const struct cw_redis_config *config,
                                  struct cw_cache **ret_cache, struct cw_error *err) {
    struct redis *redis = calloc(1, sizeof *redis);
    if (redis == NULL || sodium_init() < 0) {
        free(redis);
        return cw_fail(err, CW_E_NOMEM, "memory.out", "no memory for the Redis tier");
    }
    redis->cache.ops = &redis_ops;
    redis->base = base;
    TAILQ_INIT(&redis->commands);
    configure(redis, config);
    enum cw_status status = cw_redis_target_parse(config->url, &redis->target, err);
    if (status == CW_OK && (redis->timer = event_new(base, -1, 0, on_timer, redis)) == NULL)
        status = cw_fail(err, CW_E_NOMEM, "memory.out", "no memory for the Redis tier");
    if (status != CW_OK) {
        redis_free(&redis->cache);
        return status;
    }
    cw_timer_arm(redis->timer, 0);
    *ret_cache = &redis->cache;
    return CW_OK;
}
