/* Arena, buffers, blobs, digests, clock, wire, mailbox, files, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/pooled.h"
#include "base/wire.h"

static char order[4];

static void note(void *object) {
    strncat(order, object, 1);
}

static void arena_releases_in_reverse(void **state) {
    (void)state;
    struct cw_arena *arena = cw_arena_new();
    cw_arena_defer(arena, note, "a");
    cw_arena_defer(arena, note, "b");
    char *large = cw_arena_alloc(arena, 100000);
    large[99999] = 1;
    assert_int_equal((uintptr_t)cw_arena_alloc(arena, 3) % 16, 0);
    assert_string_equal(cw_arena_printf(arena, "%d-%s", 7, "x"), "7-x");
    cw_arena_free(arena);
    assert_string_equal(order, "ba");
}

static void growing_keeps_what_is_there(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    uint32_t *items = NULL, *before = NULL;
    size_t capacity = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        before = items;
        bool full = i == capacity;
        items = cw_arena_grow(arena, items, i, &capacity, sizeof *items);
        assert_true(capacity > i && capacity <= 2 * (size_t)i + 16);
        assert_true(full || items == before);
        items[i] = i;
    }
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
}

static void the_first_error_stays(void **state) {
    (void)state;
    struct cw_error err = {0};
    assert_int_equal(cw_fail_at(&err, CW_E_INPUT, "a.b", "/x", "first %d", 1), CW_E_INPUT);
    assert_int_equal(cw_fail(&err, CW_E_IO, "c.d", "second"), CW_E_IO);
    assert_string_equal(err.code, "a.b");
    assert_string_equal(err.pointer, "/x");
    assert_string_equal(err.message, "first 1");
    assert_int_equal(cw_fail(NULL, CW_E_IO, "c.d", "no one listens"), CW_E_IO);
}

static void faults_stop_at_their_limit(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_faults faults = {.arena = arena};
    for (int i = 0; i < 23; i++) {
        cw_fault_add(&faults, "x.y", "/p", "fault %d", i);
    }
    assert_int_equal(faults.count, 20);
    assert_int_equal(faults.dropped, 3);
    assert_string_equal(faults.items[19].message, "fault 19");
}

static void buffers_escape(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_buf_html(&buf, "<a href='x'>&\"");
    assert_string_equal(buf.data, "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
    cw_buf_reset(&buf);
    cw_buf_uint(&buf, 0);
    cw_buf_uint(&buf, UINT64_MAX);
    assert_string_equal(buf.data, "018446744073709551615");
    cw_buf_reset(&buf);
    cw_buf_json(&buf, "a\"\\\n\x01");
    assert_string_equal(buf.data, "\"a\\\"\\\\\\n\\u0001\"");
    for (int c = 1; c < 256; c++) { /* what is read again is what was written */
        const char text[] = {'x', (char)c, 'y', (char)c, '\0'};
        cw_buf_reset(&buf);
        cw_buf_json(&buf, text);
        json_t *back = json_loads(buf.data, JSON_DECODE_ANY, NULL);
        assert_int_equal(back != NULL, c < 0x80); /* lone bytes above are no UTF-8 */
        if (back)
            assert_string_equal(json_string_value(back), text);
        json_decref(back);
    }
}

/* Every byte at every place, against the escapes of RFC 8259 one at a time. */
static void json_strings_escape_at_every_place(void **state) {
    (void)state;
    for (size_t place = 0; place < 19; place++)
        for (int byte = 1; byte < 256; byte++) {
            char text[20] = "abcdefghij\xc3\xa4lmnopqr", want[40] = "", *at = want;
            text[place] = (char)byte;
            *at++ = '"';
            for (size_t i = 0; text[i]; i++) {
                const char *shorts = "\b\f\n\r\t\"\\", *found = strchr(shorts, text[i]);
                if (found)
                    at += sprintf(at, "\\%c", "bfnrt\"\\"[found - shorts]);
                else if ((unsigned char)text[i] < 0x20)
                    at += sprintf(at, "\\u%04x", (unsigned)text[i]);
                else
                    *at++ = text[i];
            }
            *at = '"';
            CW_AUTO_BUF struct cw_buf buf = {0};
            cw_buf_json(&buf, text);
            assert_string_equal(buf.data, want);
            assert_int_equal(buf.length, strlen(want));
        }
}

static void a_blob_takes_a_buffer(void **state) {
    (void)state;
    static const size_t rooms[] = {0, 5, 4000};
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        struct cw_buf buf = {0};
        cw_buf_reserve(&buf, rooms[i]);
        cw_buf_puts(&buf, "hello");
        struct cw_blob *blob = cw_blob_take_buf(&buf);
        assert_null(buf.data);
        assert_int_equal(cw_blob_length(blob), 5);
        assert_memory_equal(cw_blob_data(blob), "hello", 6);
        cw_blob_unref(blob);
    }
    cw_blob_unref(cw_blob_take_buf(&(struct cw_buf){0}));
}

static void numbers_are_written_whole(void **state) {
    (void)state;
    static const int64_t numbers[] = {0, 7, -1, 10, -1000, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        CW_AUTO_BUF struct cw_buf buf = {0};
        struct cw_json_writer w = {.buf = &buf};
        char expected[32];
        cw_jw_begin(&w, NULL, '[');
        cw_jw_int(&w, NULL, numbers[i]);
        cw_jw_end(&w, ']');
        snprintf(expected, sizeof expected, "[%lld]", (long long)numbers[i]);
        assert_string_equal(buf.data, expected);
    }
}

static void digests_and_ids(void **state) {
    (void)state;
    char text[CW_DIGEST_TEXT], b64[16], id[CW_ULID_TEXT], id2[CW_ULID_TEXT],
        words[CW_PROQUINT_TEXT];
    cw_digest_text("abc", 3, text);
    assert_string_equal(text,
                        "sha-256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    cw_base64url("\xfb\xff", 2, b64);
    CW_AUTO_BUF struct cw_buf padded = {0};
    cw_buf_puts(&padded, "data:");
    cw_base64("\xfb\xff", 2, &padded);
    cw_base64("any", 3, &padded);
    cw_base64("", 0, &padded);
    assert_string_equal(padded.data, "data:+/8=YW55");
    assert_string_equal(b64, "-_8");
    uint8_t back[4];
    size_t length;
    assert_int_equal(cw_base64url_decode("-_8", 3, back, 4, &length, NULL), CW_OK);
    assert_int_equal(length, 2);
    const struct cw_bytes abc[] = {
        {(const uint8_t *)"a", 1}, {NULL, 0}, {(const uint8_t *)"bc", 2}};
    uint8_t blake[32];
    char blake_text[65];
    cw_blake2_pieces(abc, 3, blake); /* BLAKE2b-256 of "abc" */
    cw_hex(blake, 32, blake_text);
    assert_string_equal(blake_text,
                        "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    assert_int_equal(cw_base64url_decode("-_9", 3, back, 4, &length, NULL), CW_E_INPUT);
    cw_ulid(1469918176385, id);
    cw_ulid(1469918176385, id2);
    assert_memory_equal(id, "01ARYZ6S41", 10);
    assert_string_not_equal(id, id2);
    cw_proquint(words);
    assert_int_equal(strlen(words), 29);
}

static void times_are_utc(void **state) {
    (void)state;
    char text[CW_TIME_TEXT];
    cw_time_rfc3339(1795305600999, text);
    assert_string_equal(text, "2026-11-22T00:00:00Z");
    cw_time_date(-1, text);
    assert_string_equal(text, "1969-12-31");
    cw_time_date(253402300799999, text);
    assert_string_equal(text, "9999-12-31");
    cw_time_date(253402300800000, text);
    assert_string_equal(text, "10000-01-01");
    cw_time_date(-62167219200000, text);
    assert_string_equal(text, "0000-01-01");
    for (int64_t day = -800000; day < 2900000; day += 17) {
        cw_time_date(day * CW_DAY_MS, text);
        assert_true(day < -719528 || day > 2932896 || cw_date_days(text) == day);
    }
    assert_int_equal(cw_date_days("1970-01-02"), 1);
    assert_int_equal(cw_date_days("2024-02-29"), 19782);
    assert_true(cw_date_days("2023-02-29") == INT64_MIN);
    assert_true(cw_date_days("2023-2-29x") == INT64_MIN);
}

static void wire_round_trip_and_bounds(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_wire_put_u8(&buf, 7);
    cw_wire_put_i32(&buf, -5);
    cw_wire_put_u64(&buf, 1ull << 60);
    cw_wire_put_str(&buf, "hé");
    struct cw_wire_reader reader;
    cw_wire_reader_init(&reader, buf.data, buf.length);
    assert_int_equal(cw_wire_get_u8(&reader), 7);
    assert_int_equal(cw_wire_get_i32(&reader), -5);
    assert_true(cw_wire_get_u64(&reader) == 1ull << 60);
    assert_string_equal(cw_wire_get_str(&reader, arena, 3), "hé");
    assert_true(cw_wire_done(&reader));
    assert_int_equal(cw_wire_get_u16(&reader), 0);
    assert_false(cw_wire_done(&reader));
    cw_wire_reader_init(&reader, buf.data + 13, buf.length - 13);
    assert_string_equal(cw_wire_get_str(&reader, arena, 2), "");
    assert_true(reader.failed);
}

static int delivered;

static void count_mail(void *arg) {
    delivered += *(int *)arg;
}

static void *post_many(void *arg) {
    static int one = 1;
    for (int i = 0; i < 1000; i++) {
        cw_mailbox_post(arg, count_mail, &one);
    }
    return NULL;
}

static void mail_arrives_from_threads(void **state) {
    (void)state;
    struct cw_mailbox *mailbox = cw_mailbox_new();
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        pthread_create(&threads[i], NULL, post_many, mailbox);
    }
    while (delivered < 3000) {
        struct pollfd fd = {cw_mailbox_fd(mailbox), POLLIN, 0};
        assert_int_equal(poll(&fd, 1, 10000), 1);
        cw_mailbox_deliver(mailbox);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
    cw_mailbox_free(mailbox);
    assert_int_equal(delivered, 3000);
}

static void files_are_written_whole(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    char folder[] = "/tmp/cordwain-test-XXXXXX", path[80], *data;
    size_t length;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a/b", folder);
    assert_int_equal(cw_dir_make(path, 0755, NULL), CW_OK);
    snprintf(path, sizeof path, "%s/a/b/file", folder);
    assert_int_equal(cw_file_write_atomic(path, "hello", 5, 0600, NULL), CW_OK);
    assert_int_equal(cw_file_read(arena, path, 5, &data, &length, NULL), CW_OK);
    assert_string_equal(data, "hello");
    assert_int_equal(cw_file_read(arena, path, 4, &data, &length, NULL), CW_E_LIMIT);
    unlink(path);
    assert_int_equal(cw_file_read(arena, path, 4, &data, &length, NULL), CW_E_NOT_FOUND);
    snprintf(path, sizeof path, "%s/a/b", folder);
    rmdir(path);
    snprintf(path, sizeof path, "%s/a", folder);
    rmdir(path);
    rmdir(folder);
}

static void outside_text_is_quoted_in_logs(void **state) {
    (void)state;
    char quoted[CW_LOG_QUOTED];
    assert_string_equal(cw_log_quote("a\"b\nc", quoted), "\"a\\\"b\\x0ac\"");
}

/* Through several refills none comes twice, and a child has others than its parent. */
static void test_pooled(void **state) {
    (void)state;
    enum { COUNT = 300, EACH = 32 };
    static uint8_t seen[COUNT][EACH];
    uint8_t mine[EACH], theirs[EACH];
    int pipe_ends[2];
    for (int i = 0; i < COUNT; i++) {
        cw_random_pooled(seen[i], EACH);
        for (int k = 0; k < i; k++)
            assert_memory_not_equal(seen[i], seen[k], EACH);
    }
    assert_int_equal(pipe(pipe_ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    cw_random_pooled(mine, EACH);
    if (child == 0)
        _exit(write(pipe_ends[1], mine, EACH) == EACH ? 0 : 1);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(read(pipe_ends[0], theirs, EACH), EACH);
    assert_memory_not_equal(mine, theirs, EACH);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pooled),
        cmocka_unit_test(arena_releases_in_reverse),
        cmocka_unit_test(growing_keeps_what_is_there),
        cmocka_unit_test(the_first_error_stays),
        cmocka_unit_test(faults_stop_at_their_limit),
        cmocka_unit_test(buffers_escape),
        cmocka_unit_test(json_strings_escape_at_every_place),
        cmocka_unit_test(a_blob_takes_a_buffer),
        cmocka_unit_test(numbers_are_written_whole),
        cmocka_unit_test(digests_and_ids),
        cmocka_unit_test(times_are_utc),
        cmocka_unit_test(wire_round_trip_and_bounds),
        cmocka_unit_test(mail_arrives_from_threads),
        cmocka_unit_test(files_are_written_whole),
        cmocka_unit_test(outside_text_is_quoted_in_logs),
    };
    return cmocka_run_group_tests_name("base/core", tests, NULL, NULL);
}
