/* Head parser: every case whole, split at every byte, and byte by byte; limits at and above. */
#include "split.h"

#include <stdio.h>
#include <stdlib.h>

#include "cordwain/limits.h"
#include "http/head.h"

static enum cw_status feed(void *object, struct cw_bytes input, size_t *ret_used, bool *ret_done,
                           struct cw_error *err) {
    return cw_http_head_feed(object, input, ret_used, ret_done, err);
}

static struct split_outcome parse(struct cw_arena *arena, struct cw_http_head *head,
                                  struct cw_bytes bytes, size_t first, size_t step) {
    static struct cw_http_limits limits;
    cw_http_limits_fill(&limits);
    cw_http_head_init(head, arena, &limits, false);
    return split_run(feed, head, bytes, first, step);
}

static const struct {
    const char *text;
    const char *code; /* "" good, "more" not finished */
} cases[] = {
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", ""},
    {"GET / HTTP/1.0\r\n\r\n", ""},
    {"\r\n\r\nGET / HTTP/1.1\r\n\r\n", ""},
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /next", ""},
    {"GET /?a{b}|c HTTP/1.1\r\nA:\r\nB: \t \r\nC:x\r\nD: a b\t c  \r\n\r\n", ""},
    {"M-SEARCH!#$%&'*+.^_`|~ / HTTP/1.1\r\n\r\n", ""},
    {"", "more"},
    {"GET / HTTP/1.1\r\nHost: a\r\n", "more"},
    {"GET / HTTP/1.1\r\nHost: a\r\n\r", "more"},
    {"\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n", "http.request_line"},
    {"\rGET / HTTP/1.1\r\n\r\n", "http.line_end"},
    {"\nGET / HTTP/1.1\r\n\r\n", "http.line_end"},
    {" GET / HTTP/1.1\r\n\r\n", "http.request_line"},
    {"GET  / HTTP/1.1\r\n\r\n", "http.target"},
    {"GET\t/ HTTP/1.1\r\n\r\n", "http.request_line"},
    {"GE(T / HTTP/1.1\r\n\r\n", "http.request_line"},
    {"GET /\r\n", "http.target"},
    {"GET /  HTTP/1.1\r\n\r\n", "http.request_line"},
    {"GET / HTTP/1.1 \r\n\r\n", "http.request_line"},
    {"GET / http/1.1\r\n\r\n", "http.request_line"},
    {"GET / HTTP/1\r\n\r\n", "http.request_line"},
    {"GET / HTTP/1.10\r\n\r\n", "http.request_line"},
    {"GET / HTTP/+1.1\r\n\r\n", "http.request_line"},
    {"GET / HTTP/1.2\r\n", "http.version"},
    {"GET / HTTP/0.9\r\n", "http.version"},
    {"GET / HTTP/2.0\r\n", "http.version"},
    {"GET / HTTP/1.1\n", "http.line_end"},
    {"GET / HTTP/1.1\rX", "http.line_end"},
    {"GET /\x7f HTTP/1.1\r\n", "http.target"},
    {"GET /\xc3\xa9 HTTP/1.1\r\n", "http.target"},
    {"GET /\"<> HTTP/1.1\r\n", "http.target"},
    {"GET /#f HTTP/1.1\r\n", "http.target"},
    {"GET / HTTP/1.1\r\n Host: a\r\n", "http.obsolete_fold"},
    {"GET / HTTP/1.1\r\nHost: a\r\n\tb\r\n", "http.obsolete_fold"},
    {"GET / HTTP/1.1\r\nHost : a\r\n", "http.field_name"},
    {"GET / HTTP/1.1\r\n: a\r\n", "http.field_name"},
    {"GET / HTTP/1.1\r\nHost\r\n", "http.field_name"},
    {"GET / HTTP/1.1\r\nH[]: a\r\n", "http.field_name"},
    {"GET / HTTP/1.1\r\nA: b\x07\r\n", "http.field_value"},
    {"GET / HTTP/1.1\r\nA: b\xff\r\n", "http.field_value"},
    {"GET / HTTP/1.1\r\nA: b\n", "http.line_end"},
    {"GET / HTTP/1.1\r\nA: b\rC: d\r\n", "http.line_end"},
    {"GET / HTTP/1.1\r\n\n", "http.line_end"},
    {"GET / HTTP/1.1\r\n\rX", "http.line_end"},
};

static void check(size_t i, struct split_outcome outcome) {
    const char *wanted = cases[i].code;
    bool more = strcmp(wanted, "more") == 0;
    if (strcmp(outcome.code, more ? "" : wanted) != 0)
        fail_msg("case %zu: '%s', wanted '%s'", i, outcome.code, wanted);
    assert_int_equal(outcome.done, wanted[0] == '\0');
}

static void same_outcome_however_split(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cw_bytes bytes = split_text(cases[i].text);
        for (size_t first = 0; first <= bytes.length; first++) {
            CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
            struct cw_http_head head;
            check(i, parse(arena, &head, bytes, first, first == 0 ? 1 : bytes.length));
        }
    }
}

static void results_are_texts(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_http_head head;
    struct cw_bytes bytes = split_text(cases[4].text);
    struct split_outcome outcome = parse(arena, &head, bytes, 0, 1);
    assert_true(outcome.done);
    assert_int_equal(outcome.used, bytes.length);
    assert_string_equal(head.method, "GET");
    assert_string_equal(head.target_text, "/?a{b}|c");
    assert_int_equal(head.minor, 1);
    assert_int_equal(head.field_count, 4);
    assert_string_equal(head.fields[0].value, "");
    assert_string_equal(head.fields[1].value, "");
    assert_string_equal(head.fields[2].value, "x");
    assert_string_equal(head.fields[3].value, "a b\t c");
    assert_string_equal(cw_http_head_field(&head, "d", NULL), "a b\t c");
    assert_null(cw_http_head_field(&head, "e", NULL));
}

static void stops_at_the_end_of_the_head(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_http_head head;
    struct cw_bytes bytes = split_text(cases[3].text);
    struct split_outcome outcome = parse(arena, &head, bytes, bytes.length, 1);
    assert_true(outcome.done);
    assert_string_equal((const char *)bytes.data + outcome.used, "GET /next");
}

static void nul_bytes_are_refused_everywhere(void **state) {
    (void)state;
    static const char text[] = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    for (size_t at = 0; at < sizeof text - 1; at++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_http_head head;
        char copy[sizeof text];
        memcpy(copy, text, sizeof text);
        copy[at] = '\0';
        const struct cw_bytes bytes = {(const uint8_t *)copy, sizeof text - 1};
        assert_int_equal(parse(arena, &head, bytes, 0, 1).status, CW_E_INPUT);
    }
}

/* "before" + n × fill + "after" */
static const char *outcome_of(const char *before, char fill, size_t n, const char *after) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf text = {0};
    struct cw_http_head head;
    cw_buf_puts(&text, before);
    for (size_t i = 0; i < n; i++)
        cw_buf_putc(&text, fill);
    cw_buf_puts(&text, after);
    const struct cw_bytes bytes = {(const uint8_t *)text.data, text.length};
    struct split_outcome outcome = parse(arena, &head, bytes, 0, 4096);
    return outcome.status != CW_OK ? outcome.code : outcome.done ? "done" : "more";
}

static void limits_at_and_above(void **state) {
    (void)state;
    size_t line = CW_HTTP_REQUEST_LINE_BYTES - strlen("GET / HTTP/1.1");
    assert_string_equal(outcome_of("GET /", 'x', line, " HTTP/1.1\r\n\r\n"), "done");
    assert_string_equal(outcome_of("GET /", 'x', line + 1, " HTTP/1.1\r\n\r\n"),
                        "http.request_line_too_long");
    size_t value = CW_HTTP_HEAD_BYTES - strlen("A:\r\n\r\n");
    assert_string_equal(outcome_of("GET / HTTP/1.1\r\nA:", 'x', value, "\r\n\r\n"), "done");
    assert_string_equal(outcome_of("GET / HTTP/1.1\r\nA:", 'x', value + 1, "\r\n\r\n"),
                        "http.head_too_large");
}

static void too_many_fields(void **state) {
    (void)state;
    for (size_t count = CW_HTTP_FIELDS; count <= CW_HTTP_FIELDS + 1; count++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        CW_AUTO_BUF struct cw_buf text = {0};
        struct cw_http_head head;
        cw_buf_puts(&text, "GET / HTTP/1.1\r\n");
        for (size_t i = 0; i < count; i++)
            cw_buf_puts(&text, "A: b\r\n");
        cw_buf_puts(&text, "\r\n");
        const struct cw_bytes bytes = {(const uint8_t *)text.data, text.length};
        struct split_outcome outcome = parse(arena, &head, bytes, 0, 7);
        assert_string_equal(outcome.code, count > CW_HTTP_FIELDS ? "http.too_many_fields" : "");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_outcome_however_split),
        cmocka_unit_test(results_are_texts),
        cmocka_unit_test(stops_at_the_end_of_the_head),
        cmocka_unit_test(nul_bytes_are_refused_everywhere),
        cmocka_unit_test(limits_at_and_above),
        cmocka_unit_test(too_many_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
