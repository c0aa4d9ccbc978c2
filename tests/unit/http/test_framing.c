/* What a head means: lengths, encodings, hosts, persistence. */
#include "split.h"

#include "http/framing.h"

static enum cw_status read_framing(struct cw_arena *arena, const char *fields, const char *version,
                                   struct cw_http_framing *framing, struct cw_error *error) {
    static struct cw_http_limits limits;
    cw_http_limits_fill(&limits);
    struct cw_http_head *head = cw_arena_alloc(arena, sizeof *head);
    cw_http_head_init(head, arena, &limits, false);
    char *text = cw_arena_printf(arena, "POST / HTTP/%s\r\n%s\r\n", version, fields);
    size_t used = 0;
    bool done = false;
    assert_int_equal(cw_http_head_feed(head, split_text(text), &used, &done, error), CW_OK);
    assert_true(done);
    return cw_http_framing_read(head, framing, error);
}

static const struct {
    const char *fields, *code;
    enum cw_http_body_kind kind;
    uint64_t length;
    bool keep_alive;
} cases[] = {
    {"Host: a\r\n", "", CW_HTTP_NO_BODY, 0, true},
    {"Host: [::1]:80\r\n", "", CW_HTTP_NO_BODY, 0, true},
    {"Host: a\r\nContent-Length: 0\r\n", "", CW_HTTP_NO_BODY, 0, true},
    {"Host: a\r\nContent-Length: 007\r\n", "", CW_HTTP_LENGTH_BODY, 7, true},
    {"Host: a\r\nContent-Length: 999999999999999999\r\n", "", CW_HTTP_LENGTH_BODY,
     UINT64_C(999999999999999999), true},
    {"Host: a\r\nTransfer-Encoding: Chunked\r\n", "", CW_HTTP_CHUNKED_BODY, 0, true},
    {"Host: a\r\nConnection: foo , CLOSE\r\n", "", CW_HTTP_NO_BODY, 0, false},
    {"Host: a\r\nConnection: x\r\nConnection: close\r\n", "", CW_HTTP_NO_BODY, 0, false},
    {"Host: a\r\nConnection: closed, enclose\r\n", "", CW_HTTP_NO_BODY, 0, true},
    {"Host: a\r\nContent-Encoding: identity\r\n", "", CW_HTTP_NO_BODY, 0, true},
    {"", "http.host", 0, 0, false},
    {"Host:\r\n", "http.host", 0, 0, false},
    {"Host: a\r\nHost: a\r\n", "http.host", 0, 0, false},
    {"Host: a b\r\n", "http.host", 0, 0, false},
    {"Host: u@a\r\n", "http.host", 0, 0, false},
    {"Host: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n", "http.content_length", 0, 0, false},
    {"Host: a\r\nContent-Length: 1, 1\r\n", "http.content_length", 0, 0, false},
    {"Host: a\r\nContent-Length: -1\r\n", "http.content_length", 0, 0, false},
    {"Host: a\r\nContent-Length:\r\n", "http.content_length", 0, 0, false},
    {"Host: a\r\nContent-Length: 1000000000000000000\r\n", "http.body_too_large", 0, 0, false},
    {"Host: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n", "http.framing_conflict", 0,
     0, false},
    {"Host: a\r\nTransfer-Encoding: chunked, chunked\r\n", "http.transfer_encoding", 0, 0, false},
    {"Host: a\r\nTransfer-Encoding: gzip\r\n", "http.transfer_encoding", 0, 0, false},
    {"Host: a\r\nTransfer-Encoding:\r\n", "http.transfer_encoding", 0, 0, false},
    {"Host: a\r\nExpect: x\r\n", "http.expectation", 0, 0, false},
    {"Host: a\r\nContent-Encoding: br\r\n", "http.content_encoding", 0, 0, false},
    {"Host: a\r\nIdempotency-Key: a\r\nIdempotency-Key: a\r\n", "http.duplicate_field", 0, 0,
     false},
};

static void cases_read_as_wanted(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_http_framing framing = {0};
        struct cw_error error = {.code = ""};
        enum cw_status status = read_framing(arena, cases[i].fields, "1.1", &framing, &error);
        if (strcmp(status == CW_OK ? "" : error.code, cases[i].code) != 0)
            fail_msg("case %zu: '%s', wanted '%s'", i, error.code, cases[i].code);
        if (status != CW_OK)
            continue;
        assert_int_equal(framing.kind, cases[i].kind);
        assert_int_equal(framing.content_length, cases[i].length);
        assert_int_equal(framing.keep_alive, cases[i].keep_alive);
    }
}

static void http_1_0_never_keeps_alive(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_http_framing framing = {0};
    struct cw_error error = {0};
    assert_int_equal(
        read_framing(arena, "Connection: keep-alive\r\nExpect: x\r\n", "1.0", &framing, &error),
        CW_OK);
    assert_false(framing.keep_alive);
    assert_string_equal(framing.host, "");
}

static void expects_continue_only_with_a_body(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_http_framing framing = {0};
    struct cw_error error = {0};
    const char *none = "Host: a\r\nExpect: 100-Continue\r\n";
    const char *some = "Host: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n";
    assert_int_equal(read_framing(arena, none, "1.1", &framing, &error), CW_OK);
    assert_false(framing.expects_continue);
    assert_int_equal(read_framing(arena, some, "1.1", &framing, &error), CW_OK);
    assert_true(framing.expects_continue);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_read_as_wanted),
        cmocka_unit_test(http_1_0_never_keeps_alive),
        cmocka_unit_test(expects_continue_only_with_a_body),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
