/* Which traceparent is continued, and that what we make is one ourselves. */
#include "split.h"

#include "http/trace.h"

#define TRACE  "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00f067aa0ba902b7"

static void goes_on(void **state) {
    (void)state;
    static const char *const good[] = {
        "00-" TRACE "-" PARENT "-01",
        "00-" TRACE "-" PARENT "-ff",
        "01-" TRACE "-" PARENT "-01",
        "cc-" TRACE "-" PARENT "-01-what-the-future-brings",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char own[CW_HTTP_TRACE];
        cw_http_trace_continue(good[i], own);
        assert_int_equal(strlen(own), 55);
        assert_memory_equal(own, "00-" TRACE "-", 36);
        assert_memory_not_equal(own + 36, PARENT, 16);
        assert_string_equal(own + 52, "-01");
    }
    char own[CW_HTTP_TRACE];
    cw_http_trace_continue("00-" TRACE "-" PARENT "-02", own);
    assert_string_equal(own + 52, "-00");
}

static void begins_anew(void **state) {
    (void)state;
    static const char *const bad[] = {
        NULL,
        "",
        "00",
        "00-" TRACE "-" PARENT "-0",
        "00-" TRACE "-" PARENT "-011",
        "00-" TRACE "-" PARENT "-01-more",
        "01-" TRACE "-" PARENT "-01.more",
        "ff-" TRACE "-" PARENT "-01",
        "0x-" TRACE "-" PARENT "-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-" PARENT "-01",
        "00-00000000000000000000000000000000-" PARENT "-01",
        "00-" TRACE "-0000000000000000-01",
        "00-" TRACE "-00f067aa0ba902bg-01",
        "00-" TRACE "_" PARENT "-01",
        "00-" TRACE "-" PARENT "-0g",
        "00-" TRACE "-" PARENT "-01, 00-" TRACE "-" PARENT "-01",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char own[CW_HTTP_TRACE], again[CW_HTTP_TRACE];
        cw_http_trace_continue(bad[i], own);
        assert_int_equal(strlen(own), 55);
        assert_memory_not_equal(own + 3, TRACE, 32);
        assert_string_equal(own + 52, "-00");
        cw_http_trace_continue(own, again); /* ours is one that goes on */
        assert_memory_equal(own, again, 36);
        assert_memory_not_equal(own + 36, again + 36, 16);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(goes_on), cmocka_unit_test(begins_anew)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
