/* Which source of a setting wins, and which values are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "app/config.h"

static struct cw_arena *arena;

static int setup(void **state) {
    (void)state;
    size_t count;
    const struct cw_setting *settings = cw_settings(&count);
    for (size_t i = 0; i < count; i++) {
        unsetenv(settings[i].environment);
    }
    arena = cw_arena_new();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    cw_arena_free(arena);
    return 0;
}

/* The fault's code with one flag set, or "" when it is taken. */
static const char *try_flag(const char *name, const char *value, struct cw_config *config) {
    struct cw_config_value flag = {name, value};
    struct cw_faults faults = {.arena = arena};
    enum cw_status status = cw_config_read(&flag, 1, arena, config, &faults);
    assert_int_equal(status, faults.count ? CW_E_INPUT : CW_OK);
    return faults.count ? faults.items[0].code : "";
}

static void defaults(void **state) {
    (void)state;
    struct cw_config config;
    struct cw_faults faults = {.arena = arena};
    assert_int_equal(cw_config_read(NULL, 0, arena, &config, &faults), CW_OK);
    assert_string_equal(config.host, "127.0.0.1");
    assert_int_equal(config.port, 8080);
    assert_string_equal(config.data, "data");
    assert_string_equal(config.redis, "");
    assert_string_equal(config.base_url, "");
    assert_string_equal(config.tls_cert, "");
    assert_int_equal(config.drain_delay_ms, 0);
    assert_int_equal(config.workers, 0);
    assert_int_equal(config.loops, 0);
    assert_true(config.access_log);
}

static void flags_win_over_environment(void **state) {
    (void)state;
    struct cw_config config;
    const char *value;
    size_t count;
    const struct cw_setting *settings = cw_settings(&count);
    struct cw_config_value flags[] = {{"listen", "a:1"}, {"listen", "b:2"}};
    setenv("CORDWAIN_LISTEN", "c:3", 1);
    assert_string_equal(try_flag("data", "d", &config), "");
    assert_string_equal(config.host, "c");
    assert_string_equal(try_flag("listen", "b:2", &config), "");
    assert_string_equal(config.host, "b");
    assert_string_equal(cw_config_source(&settings[0], flags, 2, &value), "flag");
    assert_string_equal(value, "b:2"); /* the last one */
    assert_string_equal(cw_config_source(&settings[0], NULL, 0, &value), "environment");
    assert_string_equal(cw_config_source(&settings[1], NULL, 0, &value), "default");
}

static void addresses(void **state) {
    (void)state;
    static const struct {
        const char *text, *host;
        unsigned port;
    } good[] = {{"0.0.0.0:80", "0.0.0.0", 80},
                {"[::1]:8080", "::1", 8080},
                {"localhost:0", "localhost", 0},
                {"127.0.0.1:65535", "127.0.0.1", 65535}};
    struct cw_config config;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_string_equal(try_flag("listen", good[i].text, &config), "");
        assert_string_equal(config.host, good[i].host);
        assert_int_equal(config.port, good[i].port);
    }
    static const char *const bad[] = {
        "", "8080", ":8080", "a:", "a:65536", "a:-1", "a: 80", "a:80x", "a:99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_string_equal(try_flag("listen", bad[i], &config), "config.listen");
    }
}

static void base_urls(void **state) {
    (void)state;
    static const char *const good[] = {"",
                                       "http://a",
                                       "https://shop.example",
                                       "https://a.b:8443",
                                       "https://a/shop",
                                       "http://[::1]:80"};
    static const char *const bad[] = {"shop.example",     "https://",        "https://a/",
                                      "ftp://a",          "https:///x",      "https://a b",
                                      "https://a\"onx=1", "https://a?x",     "https://a#x",
                                      "https://u@a",      "http://a\r\nX: y"};
    struct cw_config config;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_string_equal(try_flag("base-url", good[i], &config), "");
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_string_equal(try_flag("base-url", bad[i], &config), "config.base_url");
    }
}

static void others(void **state) {
    (void)state;
    struct cw_config config;
    assert_string_equal(try_flag("loops", "64", &config), "");
    assert_int_equal(config.loops, 64);
    assert_string_equal(try_flag("loops", "65", &config), "config.loops");
    assert_string_equal(try_flag("loops", "two", &config), "config.loops");
    assert_string_equal(try_flag("workers", "64", &config), "");
    assert_int_equal(config.workers, 64);
    assert_string_equal(try_flag("workers", "65", &config), "config.workers");
    assert_string_equal(try_flag("workers", "-1", &config), "config.workers");
    assert_string_equal(try_flag("workers", "", &config), "config.workers");
    assert_string_equal(try_flag("hosts", "shop.example,10.0.0.7:8080,[::1]", &config), "");
    assert_string_equal(config.hosts, "shop.example,10.0.0.7:8080,[::1]");
    static const char *const no_hosts[] = {
        "https://shop.example", "a,,b", "a,", ",a", "a/b", "a b"};
    for (size_t i = 0; i < sizeof no_hosts / sizeof *no_hosts; i++)
        assert_string_equal(try_flag("hosts", no_hosts[i], &config), "config.hosts");
    assert_string_equal(try_flag("rate-limit", "1000000", &config), "");
    assert_int_equal(config.rate_limit, 1000000);
    assert_string_equal(try_flag("rate-limit", "1000001", &config), "config.rate_limit");
    assert_string_equal(try_flag("rate-limit", "-1", &config), "config.rate_limit");
    assert_string_equal(try_flag("drain-delay-ms", "60000", &config), "");
    assert_int_equal(config.drain_delay_ms, 60000);
    assert_string_equal(try_flag("drain-delay-ms", "60001", &config), "config.drain_delay_ms");
    assert_string_equal(try_flag("artworks-mb", "16777216", &config), "");
    assert_int_equal(config.artworks_mb, 16777216);
    assert_string_equal(try_flag("artworks-mb", "16777217", &config), "config.artworks_mb");
    assert_string_equal(try_flag("artworks-days", "3650", &config), "");
    assert_int_equal(config.artworks_days, 3650);
    assert_string_equal(try_flag("artworks-days", "3651", &config), "config.artworks_days");
    assert_string_equal(try_flag("tls-cert", "a.pem", &config), "config.tls");
    assert_string_equal(try_flag("tls-key", "a.key", &config), "config.tls");
    assert_string_equal(try_flag("access-log", "off", &config), "");
    assert_false(config.access_log);
    assert_string_equal(try_flag("access-log", "yes", &config), "config.access_log");
    assert_string_equal(try_flag("redis", "unix:/run/redis", &config), "");
    assert_string_equal(try_flag("redis", "127.0.0.1:6379", &config), "config.redis");
    assert_string_equal(try_flag("data", "", &config), "config.data");
}

static void every_fault_is_told(void **state) {
    (void)state;
    struct cw_config_value flags[] = {{"listen", "x"}, {"workers", "x"}, {"access-log", "x"}};
    struct cw_config config = {.port = 7};
    struct cw_faults faults = {.arena = arena};
    assert_int_equal(cw_config_read(flags, 3, arena, &config, &faults), CW_E_INPUT);
    assert_int_equal(faults.count, 3);
    assert_string_equal(faults.items[1].pointer, "/workers");
    assert_int_equal(config.port, 7); /* written on success only */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(defaults, setup, teardown),
        cmocka_unit_test_setup_teardown(flags_win_over_environment, setup, teardown),
        cmocka_unit_test_setup_teardown(addresses, setup, teardown),
        cmocka_unit_test_setup_teardown(base_urls, setup, teardown),
        cmocka_unit_test_setup_teardown(others, setup, teardown),
        cmocka_unit_test_setup_teardown(every_fault_is_told, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
