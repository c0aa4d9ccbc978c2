/* Which coding is chosen (RFC 9110 §12.5.3), and that what was compressed can be read. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <brotli/decode.h>
#include <zlib.h>

#include "http/coding.h"

#define GZIP (1u << CW_CODING_GZIP)
#define BR   (1u << CW_CODING_BR)

static const struct {
    const char *accept;
    unsigned offered;
    enum cw_coding wanted;
} choices[] = {
    {NULL, GZIP | BR, CW_CODING_IDENTITY},
    {"", GZIP | BR, CW_CODING_IDENTITY},
    {"gzip", GZIP | BR, CW_CODING_GZIP},
    {"GZip", GZIP, CW_CODING_GZIP},
    {"x-gzip", GZIP, CW_CODING_GZIP},
    {"gzip", BR, CW_CODING_IDENTITY},
    {"gzip, deflate, br, zstd", GZIP | BR, CW_CODING_BR},
    {"gzip, deflate, br, zstd", GZIP, CW_CODING_GZIP},
    {"br;q=0.9, gzip", GZIP | BR, CW_CODING_GZIP},
    {"br;q=0.001,gzip;q=0", GZIP | BR, CW_CODING_BR},
    {"gzip;q=0", GZIP, CW_CODING_IDENTITY},
    {"gzip;q=0.000", GZIP, CW_CODING_IDENTITY},
    {"gzip;q=1.000", GZIP, CW_CODING_GZIP},
    {"gzip ; q=0.5", GZIP, CW_CODING_GZIP},
    {"gzip;\tQ=0.5 ,br;q=0.4", GZIP | BR, CW_CODING_GZIP},
    {"*", GZIP | BR, CW_CODING_BR},
    {"*;q=0", GZIP | BR, CW_CODING_IDENTITY},
    {"*;q=0, gzip", GZIP | BR, CW_CODING_GZIP},
    {"br;q=0, *", GZIP | BR, CW_CODING_GZIP},
    {"identity", GZIP, CW_CODING_IDENTITY},
    {"identity;q=0.5, gzip;q=0.4", GZIP, CW_CODING_IDENTITY},
    {"identity;q=0.5, gzip;q=0.5", GZIP, CW_CODING_GZIP},
    {"identity;q=0", GZIP, CW_CODING_IDENTITY}, /* nothing we have: plain, as allowed */
    {"identity;q=0, *;q=0.1", GZIP, CW_CODING_GZIP},
    /* malformed items are not there */
    {"gzip;q=1.001", GZIP, CW_CODING_IDENTITY},
    {"gzip;q=0.1234", GZIP, CW_CODING_IDENTITY},
    {"gzip;q=2", GZIP, CW_CODING_IDENTITY},
    {"gzip;q=", GZIP, CW_CODING_IDENTITY},
    {"gzip;q", GZIP, CW_CODING_IDENTITY},
    {"gzip;q=-1", GZIP, CW_CODING_IDENTITY},
    {"gzip;q=0x1", GZIP, CW_CODING_IDENTITY},
    {"gzip q=1", GZIP, CW_CODING_IDENTITY},
    {"gzip;level=1", GZIP, CW_CODING_IDENTITY},
    {"gzipped", GZIP, CW_CODING_IDENTITY},
    {",, ,gzip,,", GZIP, CW_CODING_GZIP},
};

static void the_client_chooses(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        enum cw_coding chosen = cw_coding_accepted(choices[i].accept, choices[i].offered);
        if (chosen != choices[i].wanted)
            fail_msg("'%s' of %u: %d, wanted %d", choices[i].accept ? choices[i].accept : "(none)",
                     choices[i].offered, (int)chosen, (int)choices[i].wanted);
    }
}

/* A text that compresses well but for a part that does not. */
static uint8_t *make_text(size_t length, size_t noise) {
    uint8_t *text = malloc(length ? length : 1);
    uint32_t x = 1;
    for (size_t i = 0; i < length; i++) {
        x = x * 1664525 + 1013904223;
        text[i] = i < noise ? (uint8_t)(x >> 24) : (uint8_t)("{\"state\":\"possible\"},"[i % 21]);
    }
    return text;
}

static void check_gzip(const struct cw_blob *blob, const uint8_t *text, size_t length) {
    z_stream stream = {.next_in = (uint8_t *)(uintptr_t)cw_blob_data(blob),
                       .avail_in = (uInt)cw_blob_length(blob)};
    uint8_t *out = malloc(length + 1);
    stream.next_out = out;
    stream.avail_out = (uInt)length + 1;
    assert_int_equal(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK); /* gzip only: CRC is checked */
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.avail_in, 0);
    assert_int_equal(stream.total_out, length);
    assert_memory_equal(out, text, length);
    inflateEnd(&stream);
    free(out);
}

static void check_brotli(const struct cw_blob *blob, const uint8_t *text, size_t length) {
    size_t got = length + 1;
    uint8_t *out = malloc(got);
    assert_int_equal(BrotliDecoderDecompress(cw_blob_length(blob), cw_blob_data(blob), &got, out),
                     BROTLI_DECODER_RESULT_SUCCESS);
    assert_int_equal(got, length);
    assert_memory_equal(out, text, length);
    free(out);
}

static void what_is_compressed_can_be_read(void **state) {
    (void)state;
    static const size_t lengths[] = {64, 1024, 7000, 65535, 65536, 300000};
    struct cw_coder *coder = cw_coder_new(); /* one for all: nothing is left of the text before */
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        uint8_t *text = make_text(lengths[i], lengths[i] / 8);
        struct cw_bytes bytes = {text, lengths[i]};
        struct cw_blob *gzip = cw_coder_gzip(coder, bytes), *br = cw_coding_brotli(bytes);
        assert_non_null(gzip);
        assert_non_null(br);
        assert_true(cw_blob_length(gzip) < lengths[i] && cw_blob_length(br) < lengths[i]);
        check_gzip(gzip, text, lengths[i]);
        check_brotli(br, text, lengths[i]);
        cw_blob_unref(gzip);
        cw_blob_unref(br);
        free(text);
    }
    cw_coder_free(coder);
}

static void equal_texts_give_equal_bytes(void **state) {
    (void)state;
    struct cw_coder *coder = cw_coder_new();
    uint8_t *text = make_text(5000, 500), *other = make_text(9000, 9);
    struct cw_blob *a = cw_coder_gzip(coder, (struct cw_bytes){text, 5000});
    struct cw_blob *between = cw_coder_gzip(coder, (struct cw_bytes){other, 9000});
    struct cw_blob *b = cw_coder_gzip(coder, (struct cw_bytes){text, 5000});
    assert_int_equal(cw_blob_length(a), cw_blob_length(b)); /* a strong ETag promises so */
    assert_memory_equal(cw_blob_data(a), cw_blob_data(b), cw_blob_length(a));
    cw_blob_unref(a);
    cw_blob_unref(b);
    cw_blob_unref(between);
    free(text);
    free(other);
    cw_coder_free(coder);
}

static void what_would_grow_stays(void **state) {
    (void)state;
    struct cw_coder *coder = cw_coder_new();
    for (size_t length = 0; length < 3000; length = 3 * length + 1) {
        uint8_t *noise = make_text(length, length);
        struct cw_bytes bytes = {noise, length};
        assert_null(cw_coder_gzip(coder, bytes));
        assert_null(cw_coding_brotli(bytes));
        free(noise);
    }
    cw_coder_free(coder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_client_chooses),
        cmocka_unit_test(what_is_compressed_can_be_read),
        cmocka_unit_test(equal_texts_give_equal_bytes),
        cmocka_unit_test(what_would_grow_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
