/* Deflate of rows: zlib reads them back, blocks follow each other, the checksum is zlib's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>

#include "deflate.h"
#include "wide.h"

enum kind { ZEROS, NOISE, SMOOTH, RUNS, WORST, KINDS };

static uint32_t noise(void) {
    static uint32_t last = 1;
    last = last * 1664525u + 1013904223u;
    return last >> 8;
}

/* WORST: the rows that are counted hold nothing, the others only what was not counted. */
static void fill(uint8_t *bytes, const struct cw_deflate_rows *rows, enum kind kind) {
    for (size_t i = 0; i < rows->count; i++)
        for (size_t k = 0, run = 0; k < rows->length; k++) {
            if (run == 0)
                run = kind == RUNS ? noise() % 600 : 0;
            else
                run--;
            bytes[i * rows->stride + k] =
                (uint8_t)(kind == NOISE    ? noise()
                          : kind == SMOOTH ? (noise() & noise()) % 8
                          : kind == RUNS   ? (run ? 0 : 1 + noise() % 9)
                          : kind == WORST  ? (i % 4 ? 1 + noise() % 255 : 0)
                                           : 0);
        }
}

static void expect_back(const struct cw_deflate_rows *rows, const struct cw_buf *buf,
                        size_t times) {
    size_t length = rows->count * rows->length;
    uint8_t *back = malloc(length * times + 1);
    z_stream z = {.next_in = (Bytef *)buf->data,
                  .avail_in = (uInt)buf->length,
                  .next_out = back,
                  .avail_out = (uInt)(length * times + 1)};
    assert_non_null(back);
    assert_int_equal(inflateInit2(&z, -15), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.avail_in, 0);
    assert_int_equal(z.total_out, length * times);
    inflateEnd(&z);
    for (size_t i = 0; i < rows->count * times; i++)
        assert_memory_equal(back + i * rows->length, rows->bytes + i % rows->count * rows->stride,
                            rows->length);
    free(back);
}

static uint32_t checksum(const struct cw_deflate_rows *rows) {
    uLong ret = adler32(0, NULL, 0);
    for (size_t i = 0; i < rows->count; i++)
        ret = adler32(ret, rows->bytes + i * rows->stride, (uInt)rows->length);
    return (uint32_t)ret;
}

/* The loops of wide.h, where there are any, make the bytes that those of all processors make. */
static void expect_same_narrow(const struct cw_deflate_rows *rows, const struct cw_buf *wide) {
    CW_AUTO_BUF struct cw_buf narrow = {0};
    cw_wide_init(/* wanted: */ false);
    cw_deflate(rows, /* last: */ true, &narrow);
    cw_wide_init(/* wanted: */ true);
    assert_int_equal(narrow.length, wide->length);
    assert_memory_equal(narrow.data, wide->data, wide->length);
}

static void test_back(void **state) {
    (void)state;
    static const size_t sizes[][2] = {{2, 1},
                                      {4, 3},
                                      {33, 5},
                                      {34, 1},
                                      {64, 2},
                                      {65, 9},
                                      {66, 64},
                                      {129, 64},
                                      {321, 7},
                                      {3073, 64},
                                      {CW_DEFLATE_ROW_MAX, 3}};
    for (size_t i = 0; i < KINDS * (sizeof sizes / sizeof *sizes); i++) {
        const size_t *size = sizes[i / KINDS], stride = size[0] + i % 3;
        uint8_t *bytes = calloc(size[1], stride);
        assert_non_null(bytes);
        const struct cw_deflate_rows rows = {bytes, stride, size[0], size[1]};
        CW_AUTO_BUF struct cw_buf once = {0}, twice = {0};
        fill(bytes, &rows, (enum kind)(i % KINDS));
        cw_wide_init(/* wanted: */ true);
        assert_int_equal(cw_deflate(&rows, /* last: */ true, &once), checksum(&rows));
        expect_back(&rows, &once, 1);
        assert_int_equal(cw_deflate(&rows, /* last: */ false, &twice), checksum(&rows));
        cw_deflate(&rows, /* last: */ true, &twice);
        expect_back(&rows, &twice, 2);
        expect_same_narrow(&rows, &once);
        free(bytes);
    }
}

/* Runs of every length and at every place of a step, up to beyond two longest matches. */
static void test_runs(void **state) {
    (void)state;
    enum { LENGTH = 700 };
    for (size_t from = 1; from < 70; from += from < 3 ? 1 : 13)
        for (size_t zeros = 1; zeros < 600; zeros++) {
            uint8_t bytes[2 * LENGTH];
            memset(bytes, 7, sizeof bytes);
            memset(bytes + from, 0, zeros);
            memset(bytes + sizeof bytes - zeros, 0, zeros);
            const struct cw_deflate_rows rows = {bytes, LENGTH, LENGTH, 2};
            CW_AUTO_BUF struct cw_buf buf = {0};
            assert_int_equal(cw_deflate(&rows, /* last: */ true, &buf), checksum(&rows));
            expect_back(&rows, &buf, 1);
            expect_same_narrow(&rows, &buf);
        }
}

/* A plain strip of a picture costs next to nothing; smooth rows a few bits each byte. */
static void test_small(void **state) {
    (void)state;
    uint8_t *bytes = calloc(64, 3073);
    const struct cw_deflate_rows rows = {bytes, 3073, 3073, 64};
    CW_AUTO_BUF struct cw_buf plain = {0}, smooth = {0};
    assert_non_null(bytes);
    cw_deflate(&rows, /* last: */ false, &plain);
    assert_in_range(plain.length, 1, 400);
    fill(bytes, &rows, SMOOTH);
    cw_deflate(&rows, /* last: */ false, &smooth);
    assert_in_range(smooth.length, 1, 64 * 3073 * 3 / 8);
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_back),
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
