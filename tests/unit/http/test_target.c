/* Target forms, percent-decoding, query parameters. */
#include "split.h"

#include "http/target.h"

static const struct {
    const char *method, *text, *code, *path, *query, *host;
} targets[] = {
    {"GET", "/", "", "/", "", NULL},
    {"GET", "/a?b?c", "", "/a", "b?c", NULL},
    {"GET", "/a?", "", "/a", "", NULL},
    {"GET", "//a", "", "//a", "", NULL},
    {"GET", "/a?{|}", "", "/a", "{|}", NULL},
    {"GET", "http://h", "", "/", "", "h"},
    {"GET", "HTTPS://h:1/a?b", "", "/a", "b", "h:1"},
    {"GET", "http://h?b", "", "/", "b", "h"},
    {"OPTIONS", "*", "", "*", "", NULL},
    {"GET", "*", "http.target", NULL, NULL, NULL},
    {"GET", "a", "http.target", NULL, NULL, NULL},
    {"GET", "h:80", "http.target", NULL, NULL, NULL},
    {"GET", "ftp://h/", "http.target", NULL, NULL, NULL},
    {"GET", "http:///a", "http.target", NULL, NULL, NULL},
    {"GET", "http://u@h/", "http.target", NULL, NULL, NULL},
    {"GET", "/a\\b", "http.path", NULL, NULL, NULL},
    {"GET", "/{a}", "http.path", NULL, NULL, NULL},
};

static void targets_split(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_http_target target = {0};
        struct cw_error error = {0};
        enum cw_status status =
            cw_http_target_read(arena, targets[i].method, targets[i].text, &target, &error);
        assert_string_equal(status == CW_OK ? "" : error.code, targets[i].code);
        if (status != CW_OK)
            continue;
        assert_string_equal(target.path, targets[i].path);
        assert_string_equal(target.query, targets[i].query);
        assert_string_equal(target.host != NULL ? target.host : "",
                            targets[i].host != NULL ? targets[i].host : "");
    }
}

static void queries_decode_in_order(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_param *params = NULL;
    size_t count = 0;
    assert_int_equal(
        cw_http_query_read(arena, "&a=1&b&&=c&a=x%3D+%2B%e2%82%ac&d==&", &params, &count, NULL),
        CW_OK);
    static const char *const wanted[][2] = {
        {"a", "1"}, {"b", ""}, {"", "c"}, {"a", "x= +€"}, {"d", "="}};
    assert_int_equal(count, 5);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(params[i].name, wanted[i][0]);
        assert_string_equal(params[i].value, wanted[i][1]);
    }
    assert_int_equal(cw_http_query_read(arena, "", &params, &count, NULL), CW_OK);
    assert_int_equal(count, 0);
}

static void bad_encodings_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "%",    "a=%",      "a=%4",        "a=%4g",          "a=%00",    "a=%0",
        "%ff=", "a=%c0%80", "a=%ed%a0%80", "a=%f4%90%80%80", "a=b&c=%zz"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        const struct cw_param *params = NULL;
        size_t count = 0;
        struct cw_error error = {0};
        assert_int_equal(cw_http_query_read(arena, bad[i], &params, &count, &error), CW_E_INPUT);
        assert_string_equal(error.code, "http.percent_encoding");
    }
}

static void every_byte_round_trips(void **state) {
    (void)state;
    for (unsigned c = 1; c < 0x80; c++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        char *text = cw_arena_printf(arena, "%%%02x%%%02X", c, c), *decoded = NULL;
        assert_int_equal(cw_http_percent_decode(arena, split_text(text), false, &decoded, NULL),
                         CW_OK);
        assert_int_equal((unsigned char)decoded[0], c);
        assert_int_equal((unsigned char)decoded[1], c);
        assert_int_equal(decoded[2], 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_split),
        cmocka_unit_test(queries_decode_in_order),
        cmocka_unit_test(bad_encodings_are_refused),
        cmocka_unit_test(every_byte_round_trips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
