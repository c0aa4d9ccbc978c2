/* The Redis tier against a Redis that fails in every way: only misses. Runs in: tests only. */
#include "preview/cache.h"

#include <signal.h>
#include <sodium.h>

#include "../../support/fake_redis.h"
#include "fixture.h"
#include "preview/redis_url.h"
#include "preview/redis_value.h"

struct setup {
    struct event_base *base;
    struct fake_redis fake;
    struct cw_cache *cache;
    bool up;
};

struct got {
    bool done;
    int calls;
    bool hit;
    char data[64];
};

static const uint8_t key_a[CW_IDENTITY_BYTES] = {1, 2, 3};
static const uint8_t key_b[CW_IDENTITY_BYTES] = {9, 9, 9};

static void on_value(void *arg, struct cw_blob *blob) {
    struct got *got = arg;
    got->done = true;
    got->calls++;
    got->hit = blob != NULL;
    if (blob != NULL)
        memcpy(got->data, cw_blob_data(blob),
               cw_blob_length(blob) < 64 ? cw_blob_length(blob) : 64);
}

static struct cw_cache_stats stats_of(struct setup *s) {
    struct cw_cache_stats stats;
    s->cache->ops->stats(s->cache, &stats);
    return stats;
}

static void wait_up(struct setup *s) {
    for (int i = 0; i < 500 && !stats_of(s).up; i++)
        fixture_run(s->base, 5);
    assert_true(stats_of(s).up);
}

static void open_cache(struct setup *s, enum fake_redis_mode mode, const char *login) {
    char url[128];
    *s = (struct setup){.base = event_base_new()};
    s->fake = (struct fake_redis){.base = s->base, .mode = mode};
    fake_redis_listen(&s->fake);
    snprintf(url, sizeof url, "redis://%s127.0.0.1:%u%s", login, s->fake.port,
             login[0] == '\0' ? "" : "/3");
    struct cw_redis_config config = {.url = url,
                                     .mac_key = {42},
                                     .get_ms = 80,
                                     .set_ms = 80,
                                     .backoff_min_ms = 10,
                                     .backoff_max_ms = 50};
    assert_int_equal(cw_cache_redis_new(s->base, &config, &s->cache, NULL), CW_OK);
}

static void close_cache(struct setup *s) {
    s->cache->ops->free(s->cache);
    fake_redis_stop(&s->fake);
    event_base_loop(s->base, EVLOOP_NONBLOCK);
    free(s->fake.key);
    free(s->fake.value);
    event_base_free(s->base);
}

static void put(struct setup *s, const uint8_t *key, const char *text) {
    struct cw_blob *blob = cw_blob_new(text, strlen(text));
    s->cache->ops->set(s->cache, key, blob);
    cw_blob_unref(blob);
}

static struct got look_up(struct setup *s, const uint8_t *key) {
    struct got got = {0};
    s->cache->ops->get(s->cache, key, on_value, &got);
    assert_true(fixture_wait(s->base, &got.done, 10000));
    assert_int_equal(got.calls, 1);
    return got;
}

static void keeps_and_finds(void **state) {
    (void)state;
    struct setup s;
    open_cache(&s, FAKE_NORMAL, "");
    assert_false(look_up(&s, key_a).hit); /* not connected yet: a miss at once */
    wait_up(&s);
    assert_false(look_up(&s, key_a).hit);
    put(&s, key_a, "a picture");
    struct got got = look_up(&s, key_a);
    assert_true(got.hit);
    assert_memory_equal(got.data, "a picture", 9);
    assert_false(look_up(&s, key_b).hit);
    struct cw_cache_stats stats = stats_of(&s);
    assert_int_equal(stats.hits, 1);
    assert_int_equal(stats.misses, 3);
    assert_int_equal(stats.errors, 0);
    assert_string_equal(s.fake.first_command, "CLIENT");
    close_cache(&s);
}

static void logs_in(void **state) {
    (void)state;
    struct setup s;
    open_cache(&s, FAKE_NORMAL, "app:se%40cret@");
    wait_up(&s);
    fixture_run(s.base, 20);
    assert_string_equal(s.fake.first_command, "AUTH");
    assert_int_equal(s.fake.logins, 3); /* AUTH, SELECT, CLIENT */
    close_cache(&s);
    open_cache(&s, FAKE_NOAUTH, "app:wrong@");
    fixture_run(s.base, 200);
    assert_true(s.fake.connections >= 2); /* tried again with back-off */
    assert_false(look_up(&s, key_a).hit);
    close_cache(&s);
}

static void every_failure_is_a_miss_then_recovers(void **state) {
    (void)state;
    static const enum fake_redis_mode modes[] = {
        FAKE_SILENT, FAKE_GARBAGE, FAKE_WRONG_TYPE, FAKE_ARRAY,    FAKE_HUGE_STRING,
        FAKE_DROP,   FAKE_ERROR,   FAKE_TRUNCATED,  FAKE_TAMPERED, FAKE_CUT,
    };
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct setup s;
        open_cache(&s, FAKE_NORMAL, "");
        wait_up(&s);
        put(&s, key_a, "a picture");
        assert_true(look_up(&s, key_a).hit);
        s.fake.mode = modes[i];
        for (int n = 0; n < 8; n++) { /* more than the circuit breaker takes */
            assert_false(look_up(&s, key_a).hit);
            put(&s, key_b, "lost");
        }
        struct cw_cache_stats stats = stats_of(&s);
        assert_true(stats.errors + stats.rejected > 0);
        assert_int_equal(stats.hits, 1);
        s.fake.mode = FAKE_NORMAL;
        fixture_run(s.base, 300);
        wait_up(&s);
        put(&s, key_a, "a picture");
        assert_true(look_up(&s, key_a).hit);
        close_cache(&s);
    }
}

static void changed_values_are_counted(void **state) {
    (void)state;
    static const enum fake_redis_mode modes[] = {FAKE_TAMPERED, FAKE_CUT, FAKE_SWAPPED};
    for (size_t i = 0; i < 3; i++) {
        struct setup s;
        open_cache(&s, modes[i], "");
        wait_up(&s);
        put(&s, key_a, "a picture");
        assert_false(look_up(&s, modes[i] == FAKE_SWAPPED ? key_b : key_a).hit);
        assert_int_equal(stats_of(&s).rejected, 1);
        assert_int_equal(stats_of(&s).errors, 0);
        close_cache(&s);
    }
}

static void unasked_reply_ends_the_connection(void **state) {
    (void)state;
    struct setup s;
    open_cache(&s, FAKE_UNASKED, "");
    wait_up(&s);
    put(&s, key_a, "a picture");
    assert_true(look_up(&s, key_a).hit);
    fixture_run(s.base, 100);
    assert_true(s.fake.connections >= 2);
    close_cache(&s);
}

static void circuit_opens_and_answers_at_once(void **state) {
    (void)state;
    struct setup s;
    struct got got[6] = {0};
    open_cache(&s, FAKE_SILENT, "");
    wait_up(&s);
    for (int i = 0; i < 6; i++)
        s.cache->ops->get(s.cache, key_a, on_value, &got[i]);
    for (int i = 0; i < 6; i++)
        assert_true(fixture_wait(s.base, &got[i].done, 10000));
    for (int i = 0; i < 6; i++)
        assert_int_equal(got[i].calls, 1);
    assert_false(stats_of(&s).up); /* the fifth lateness opened it */
    struct got now = {0};
    s.cache->ops->get(s.cache, key_a, on_value, &now);
    assert_true(now.done);
    close_cache(&s);
}

static void down_and_back(void **state) {
    (void)state;
    struct setup s;
    open_cache(&s, FAKE_NORMAL, "");
    wait_up(&s);
    put(&s, key_a, "a picture");
    assert_true(look_up(&s, key_a).hit);
    fake_redis_stop(&s.fake);
    fixture_run(s.base, 50);
    assert_false(look_up(&s, key_a).hit);
    fixture_run(s.base, 100); /* refused connections, growing wait */
    fake_redis_listen(&s.fake);
    wait_up(&s);
    assert_true(look_up(&s, key_a).hit);
    close_cache(&s);
}

static void pipeline_is_bounded(void **state) {
    (void)state;
    struct setup s;
    enum { MANY = 1200 };
    struct got *got = calloc(MANY, sizeof *got);
    int at_once = 0;
    open_cache(&s, FAKE_NORMAL, "");
    wait_up(&s);
    fixture_run(s.base, 20);
    for (int i = 0; i < MANY; i++) {
        s.cache->ops->get(s.cache, key_a, on_value, &got[i]);
        at_once += got[i].done;
    }
    assert_int_equal(at_once, MANY - 1024);
    assert_true(fixture_wait(s.base, &got[1023].done, 10000));
    close_cache(&s);
    free(got);
}

static void freed_with_questions_open(void **state) {
    (void)state;
    struct setup s;
    struct got got = {0};
    open_cache(&s, FAKE_SILENT, "");
    wait_up(&s);
    s.cache->ops->get(s.cache, key_a, on_value, &got);
    put(&s, key_a, "x");
    close_cache(&s);
    assert_int_equal(got.calls, 0);
}

static void values_verify(void **state) {
    (void)state;
    uint8_t mac_key[CW_REDIS_MAC_KEY_BYTES] = {7}, other_key[CW_REDIS_MAC_KEY_BYTES] = {8};
    struct cw_buf buf = {0};
    cw_redis_value_encode(mac_key, key_a, (struct cw_bytes){(const uint8_t *)"data", 4}, &buf);
    struct cw_bytes value = {(const uint8_t *)buf.data, buf.length};
    assert_int_equal(buf.length, CW_REDIS_VALUE_HEADER_BYTES + 4);
    struct cw_blob *blob = cw_redis_value_decode(mac_key, key_a, value);
    assert_int_equal(cw_blob_length(blob), 4);
    cw_blob_unref(blob);
    assert_null(cw_redis_value_decode(other_key, key_a, value));
    assert_null(cw_redis_value_decode(mac_key, key_b, value));
    for (size_t i = 0; i < buf.length; i++) { /* every single byte is covered */
        buf.data[i] ^= 1;
        assert_null(cw_redis_value_decode(mac_key, key_a, value));
        buf.data[i] ^= 1;
        assert_null(cw_redis_value_decode(mac_key, key_a, (struct cw_bytes){value.data, i}));
    }
    cw_buf_deinit(&buf);
}

static void urls(void **state) {
    (void)state;
    static const char *const good[] = {
        "redis://127.0.0.1",          "redis://127.0.0.1:6380/",
        "redis://:pw@127.0.0.1:1/15", "redis://u:p%3A%40@[::1]:6379/2",
        "unix:/run/redis/redis.sock",
    };
    static const char *const bad[] = {
        "",
        "http://127.0.0.1",
        "redis://",
        "redis://127.0.0.1:0",
        "redis://127.0.0.1:70000",
        "redis://127.0.0.1/x",
        "redis://u@127.0.0.1",
        "redis://u:@127.0.0.1",
        "redis://u:%zz@127.0.0.1",
        "redis://u:%4@127.0.0.1",
        "redis://[::1",
        "unix:relative",
        "redis://127.0.0.1:",
        "redis://127.0.0.1/99999",
    };
    struct cw_redis_target target;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(cw_redis_target_parse(good[i], &target, NULL), CW_OK);
        assert_true(target.address_count > 0);
    }
    assert_int_equal(cw_redis_target_parse(good[3], &target, NULL), CW_OK);
    assert_string_equal(target.password, "p:@");
    assert_int_equal(target.db, 2);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct cw_error err = {0};
        assert_int_equal(cw_redis_target_parse(bad[i], &target, &err), CW_E_INPUT);
        assert_string_equal(err.code, "cache.redis_url");
    }
    assert_int_equal(cw_redis_target_parse(NULL, &target, NULL), CW_E_INPUT);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN); /* as the server does */
    if (sodium_init() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_and_finds),
        cmocka_unit_test(logs_in),
        cmocka_unit_test(every_failure_is_a_miss_then_recovers),
        cmocka_unit_test(changed_values_are_counted),
        cmocka_unit_test(unasked_reply_ends_the_connection),
        cmocka_unit_test(circuit_opens_and_answers_at_once),
        cmocka_unit_test(down_and_back),
        cmocka_unit_test(pipeline_is_bounded),
        cmocka_unit_test(freed_with_questions_open),
        cmocka_unit_test(values_verify),
        cmocka_unit_test(urls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
