/* Body parser: every case whole, split at every byte, and byte by byte; limits at and above. */
#include "split.h"

#include "cordwain/limits.h"
#include "http/body.h"

#define MAX 20

static struct cw_http_limits limits;

static enum cw_status feed(void *object, struct cw_bytes input, size_t *ret_used, bool *ret_done,
                           struct cw_error *err) {
    return cw_http_body_feed(object, input, ret_used, ret_done, err);
}

static const struct {
    const char *text, *code, *payload; /* code "more": not finished */
} cases[] = {
    {"0\r\n\r\n", "", ""},
    {"5\r\nhello\r\n0\r\n\r\n", "", "hello"},
    {"5\r\nhello\r\n0\r\n\r\nGET /", "", "hello"},
    {"1\r\na\r\n2\r\nbc\r\n000\r\n\r\n", "", "abc"},
    {"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", "", "01234567890123456789"},
    {"1;a=b;c=\"d\"\r\nx\r\n0;e\r\n\r\n", "", "x"},
    {"1;a;b=c;d=\"\";e=\" \\\" ;\\\\\"\r\nx\r\n0\r\n\r\n", "", "x"},
    {"0\r\nA: b\r\nC:\r\n\r\n", "", ""},
    {"1;\r\n", "http.chunk_extension", ""},
    {"1;a=\r\n", "http.chunk_extension", ""},
    {"1;a;;b\r\n", "http.chunk_extension", ""},
    {"1;a=\"b\r\n", "http.chunk_extension", ""},
    {"1;a=\"b\\\"\r\n", "http.chunk_extension", ""},
    {"1;a=\"b\"c\r\n", "http.chunk_extension", ""},
    {"1; a\r\n", "http.chunk_extension", ""},
    {"5\r\nhel", "more", ""},
    {"0\r\n", "more", ""},
    {"5\r\nhello\n0\r\n\r\n", "http.chunk_end", ""},
    {"5\r\nhelloX\r\n", "http.chunk_end", ""},
    {"5\r\nhello\rX", "http.chunk_end", ""},
    {"5\nhello", "http.chunk_size", ""},
    {"5\rX", "http.chunk_size", ""},
    {"\r\n", "http.chunk_size", ""},
    {";a\r\n", "http.chunk_size", ""},
    {" 5\r\n", "http.chunk_size", ""},
    {"5 \r\n", "http.chunk_size", ""},
    {"0x5\r\n", "http.chunk_size", ""},
    {"+5\r\n", "http.chunk_size", ""},
    {"-5\r\n", "http.chunk_size", ""},
    {"g\r\n", "http.chunk_size", ""},
    {"0000000000000001\r\n", "http.chunk_size", ""},
    {"fffffffffffffff\r\n", "http.body_too_large", ""},
    {"15\r\n", "http.body_too_large", ""},
    {"14\r\n01234567890123456789\r\n1\r\n", "http.body_too_large", ""},
    {"1;\x01\r\n", "http.chunk_extension", ""},
    {"1;a\n", "http.chunk_extension", ""},
    {"0\r\nA : b\r\n", "http.field_name", ""},
    {"0\r\n A: b\r\n", "http.obsolete_fold", ""},
    {"0\r\n\n", "http.line_end", ""},
};

static struct split_outcome parse(struct cw_arena *arena, struct cw_http_body *body,
                                  struct cw_bytes bytes, size_t first) {
    const struct cw_http_framing framing = {.kind = CW_HTTP_CHUNKED_BODY};
    cw_http_limits_fill(&limits);
    assert_int_equal(cw_http_body_init(body, arena, &limits, MAX, &framing, NULL), CW_OK);
    return split_run(feed, body, bytes, first, first == 0 ? 1 : bytes.length);
}

static void same_outcome_however_split(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cw_bytes bytes = split_text(cases[i].text);
        bool more = strcmp(cases[i].code, "more") == 0;
        for (size_t first = 0; first <= bytes.length; first++) {
            CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
            struct cw_http_body body;
            struct split_outcome outcome = parse(arena, &body, bytes, first);
            if (strcmp(outcome.code, more ? "" : cases[i].code) != 0)
                fail_msg("case %zu: '%s', wanted '%s'", i, outcome.code, cases[i].code);
            assert_int_equal(outcome.done, cases[i].code[0] == '\0');
            if (outcome.done && body.data.length > 0)
                assert_string_equal(body.data.data, cases[i].payload);
            if (outcome.done)
                assert_int_equal(body.data.length, strlen(cases[i].payload));
        }
    }
}

static void chunk_extension_at_and_above(void **state) {
    (void)state;
    for (size_t n = CW_HTTP_CHUNK_EXTENSION_BYTES; n <= CW_HTTP_CHUNK_EXTENSION_BYTES + 1; n++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        CW_AUTO_BUF struct cw_buf text = {0};
        struct cw_http_body body;
        cw_buf_puts(&text, "1;");
        for (size_t i = 0; i < n; i++)
            cw_buf_putc(&text, 'e');
        cw_buf_puts(&text, "\r\nx\r\n0\r\n\r\n");
        const struct cw_bytes bytes = {(const uint8_t *)text.data, text.length};
        assert_string_equal(parse(arena, &body, bytes, 0).code,
                            n > CW_HTTP_CHUNK_EXTENSION_BYTES ? "http.chunk_extension_too_long"
                                                              : "");
    }
}

static void length_at_and_above(void **state) {
    (void)state;
    cw_http_limits_fill(&limits);
    for (uint64_t length = MAX; length <= MAX + 1; length++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_http_body body;
        struct cw_error error = {0};
        const struct cw_http_framing framing = {.kind = CW_HTTP_LENGTH_BODY,
                                                .content_length = length};
        enum cw_status status = cw_http_body_init(&body, arena, &limits, MAX, &framing, &error);
        assert_int_equal(status, length > MAX ? CW_E_LIMIT : CW_OK);
        if (status != CW_OK) {
            assert_string_equal(error.code, "http.body_too_large");
            continue;
        }
        struct split_outcome outcome =
            split_run(feed, &body, split_text("01234567890123456789GET /"), 3, 4);
        assert_true(outcome.done);
        assert_int_equal(outcome.used, MAX);
        assert_int_equal(body.data.length, MAX);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_outcome_however_split),
        cmocka_unit_test(chunk_extension_at_and_above),
        cmocka_unit_test(length_at_and_above),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
