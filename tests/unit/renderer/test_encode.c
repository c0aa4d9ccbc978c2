/* Encoders: pixels come back, bytes are the same every time, nothing but the picture is inside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>
#include <webp/decode.h>

#include "cordwain/limits.h"
#include "encode.h"
#include "wide.h"

#define W 301
#define H 203

static struct cw_picture gradient(void) {
    struct cw_picture picture = {.width = W, .height = H, .rgb = malloc(W * H * 3)};
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            uint8_t *p = picture.rgb + (y * W + x) * 3;
            p[0] = (uint8_t)(x * 255 / W);
            p[1] = (uint8_t)(y * 255 / H);
            p[2] = (uint8_t)((x + y) / 3);
        }
    return picture;
}

static void encode(enum cw_format format, struct cw_buf *ret) {
    CW_AUTO_PICTURE struct cw_picture picture = gradient();
    struct cw_error err = {0};
    assert_int_equal(cw_encode(&picture, format, "", ret, &err), CW_OK);
}

static void expect_near(const uint8_t *got, int tolerance) {
    CW_AUTO_PICTURE struct cw_picture picture = gradient();
    int worst = 0;
    for (size_t i = 0; i < W * H * 3; i++) {
        int off = abs(got[i] - picture.rgb[i]);
        if (off > worst)
            worst = off;
    }
    assert_in_range(worst, 0, tolerance);
}

static uint8_t *decode_png(const struct cw_buf *bytes, const struct cw_picture *like) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_memory(&image, bytes->data, bytes->length));
    assert_int_equal(image.width, like->width);
    assert_int_equal(image.height, like->height);
    image.format = like->alpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
    uint8_t *pixels = malloc(PNG_IMAGE_SIZE(image));
    assert_true(png_image_finish_read(&image, NULL, pixels, 0, NULL));
    assert_int_equal(image.warning_or_error, 0);
    return pixels;
}

static void test_png(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf bytes = {0};
    encode(CW_FORMAT_PNG, &bytes);
    uint8_t *pixels = decode_png(&bytes, &(struct cw_picture){.width = W, .height = H});
    expect_near(pixels, 0);
    free(pixels);
    assert_non_null(memmem(bytes.data, bytes.length, "sRGB", 4));
    assert_null(memmem(bytes.data, bytes.length, "tIME", 4));
    assert_null(memmem(bytes.data, bytes.length, "tEXt", 4));
}

/* Around the strips' edges, at the limit, smooth, incompressible and of one colour: libpng reads
 * the same pixels from our bytes as from its own, and the loops of wide.h make the same bytes. */
static void test_png_equals_reference(void **state) {
    (void)state;
    static const uint32_t sizes[][2] = {{1, 1},   {2, 63},  {3, 64},   {64, 65},
                                        {22, 70}, {5, 128}, {77, 129}, {CW_PREVIEW_MAX_PX, 66},
                                        {9, 300}};
    for (size_t i = 0; i < 6 * (sizeof sizes / sizeof *sizes); i++) {
        const uint32_t *size = sizes[i / 6];
        size_t length = (size_t)size[0] * size[1] * (i % 6 < 3 ? 3 : 4);
        CW_AUTO_PICTURE struct cw_picture picture = {size[0], size[1], malloc(length), i % 6 >= 3};
        uint32_t noise = 1;
        for (size_t b = 0; b < length; b++) {
            noise = noise * 1664525u + 1013904223u;
            picture.rgb[b] = (uint8_t)(i % 3 == 0 ? b / 50 : i % 3 == 1 ? noise >> 24 : 77);
        }
        CW_AUTO_BUF struct cw_buf fast = {0}, narrow = {0}, reference = {0};
        assert_int_equal(cw_encode_png(&picture, "", &narrow, NULL), CW_OK);
        cw_wide_init(/* wanted: */ true);
        assert_int_equal(cw_encode_png(&picture, "", &fast, NULL), CW_OK);
        cw_wide_init(/* wanted: */ false);
        assert_int_equal(fast.length, narrow.length);
        assert_memory_equal(fast.data, narrow.data, fast.length);
        assert_int_equal(cw_encode_png_reference(&picture, &reference, NULL), CW_OK);
        uint8_t *a = decode_png(&fast, &picture), *b = decode_png(&reference, &picture);
        assert_memory_equal(a, picture.rgb, length);
        assert_memory_equal(b, picture.rgb, length);
        free(a);
        free(b);
    }
}

static void test_print_names_the_code(void **state) {
    (void)state;
    assert_int_not_equal(cw_encode_png_print(), 0);
    assert_int_equal(cw_encode_png_print(), cw_encode_png_print());
    CW_AUTO_BUF struct cw_buf versions = {0};
    char print[16];
    cw_encode_versions(&versions);
    snprintf(print, sizeof print, ":%08x", cw_encode_png_print());
    assert_non_null(strstr(versions.data, print));
}

static void test_webp(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf bytes = {0};
    encode(CW_FORMAT_WEBP, &bytes);
    int w, h;
    uint8_t *pixels = WebPDecodeRGB((const uint8_t *)bytes.data, bytes.length, &w, &h);
    assert_non_null(pixels);
    assert_int_equal(w, W);
    assert_int_equal(h, H);
    expect_near(pixels, 24);
    WebPFree(pixels);
}

static void test_jpeg(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf bytes = {0};
    encode(CW_FORMAT_JPEG, &bytes);
    tjhandle handle = tjInitDecompress();
    int w, h, subsampling, space;
    assert_int_equal(tjDecompressHeader3(handle, (const uint8_t *)bytes.data, bytes.length, &w, &h,
                                         &subsampling, &space),
                     0);
    assert_int_equal(w, W);
    assert_int_equal(h, H);
    assert_int_equal(subsampling, TJSAMP_444);
    uint8_t *pixels = malloc(W * H * 3);
    assert_int_equal(tjDecompress2(handle, (const uint8_t *)bytes.data, bytes.length, pixels, W, 0,
                                   H, TJPF_RGB, 0),
                     0);
    expect_near(pixels, 12);
    free(pixels);
    tjDestroy(handle);
}

/* The mark is found where the formats say, and the pixels are the same. */
static void test_marks(void **state) {
    (void)state;
    static const char mark[] = "SMYOvLewqAswMge4mPqFihx3qPyHEzUo9LkdxrstEZk";
    static const char *const before[] = {"tEXtPreview", "dc:identifier=\"", "\xFF\xFE\0\x2D"};
    static const size_t lengths[] = {12, 15, 4}; /* PNG's with its NUL */
    for (int format = CW_FORMAT_PNG; format <= CW_FORMAT_JPEG; format++) {
        CW_AUTO_PICTURE struct cw_picture picture = gradient();
        CW_AUTO_BUF struct cw_buf plain = {0}, marked = {0};
        int w = 0, h = 0;
        encode((enum cw_format)format, &plain);
        assert_int_equal(cw_encode(&picture, (enum cw_format)format, mark, &marked, NULL), CW_OK);
        const size_t length = lengths[format == CW_FORMAT_PNG    ? 0
                                      : format == CW_FORMAT_WEBP ? 1
                                                                 : 2];
        const char *key = before[format == CW_FORMAT_PNG ? 0 : format == CW_FORMAT_WEBP ? 1 : 2];
        const char *at = memmem(marked.data, marked.length, key, length);
        assert_non_null(at);
        assert_memory_equal(at + length, mark, strlen(mark));
        assert_null(memmem(plain.data, plain.length, key, length));
        if (format != CW_FORMAT_WEBP)
            continue;
        uint8_t *a = WebPDecodeRGB((const uint8_t *)plain.data, plain.length, &w, &h);
        uint8_t *b = WebPDecodeRGB((const uint8_t *)marked.data, marked.length, &w, &h);
        assert_int_equal(w, W);
        assert_int_equal(h, H);
        assert_memory_equal(a, b, W * H * 3);
        WebPFree(a);
        WebPFree(b);
    }
}

/* Alpha comes back from WebP without loss; JPEG has none. */
static void test_alpha(void **state) {
    (void)state;
    CW_AUTO_PICTURE struct cw_picture picture = {W, H, calloc(W * H, 4), true};
    CW_AUTO_BUF struct cw_buf bytes = {0}, no = {0};
    struct cw_error err = {0};
    int w, h;
    for (size_t i = 0; i < W * H; i++)
        picture.rgb[i * 4 + 3] = (uint8_t)(i % W);
    assert_int_equal(cw_encode(&picture, CW_FORMAT_WEBP, "mark", &bytes, NULL), CW_OK);
    uint8_t *pixels = WebPDecodeRGBA((const uint8_t *)bytes.data, bytes.length, &w, &h);
    assert_non_null(pixels);
    for (size_t i = 0; i < W * H; i++)
        assert_int_equal(pixels[i * 4 + 3], (uint8_t)(i % W));
    WebPFree(pixels);
    assert_int_equal(cw_encode(&picture, CW_FORMAT_JPEG, "", &no, &err), CW_E_INPUT);
    assert_string_equal(err.code, "render.format");
}

static void test_same_bytes(void **state) {
    (void)state;
    for (int format = CW_FORMAT_PNG; format <= CW_FORMAT_JPEG; format++) {
        CW_AUTO_BUF struct cw_buf a = {0}, b = {0};
        encode((enum cw_format)format, &a);
        encode((enum cw_format)format, &b);
        assert_int_equal(a.length, b.length);
        assert_memory_equal(a.data, b.data, a.length);
    }
}

static void test_pdf_is_no_picture(void **state) {
    (void)state;
    CW_AUTO_PICTURE struct cw_picture picture = gradient();
    CW_AUTO_BUF struct cw_buf bytes = {0};
    struct cw_error err = {0};
    assert_int_equal(cw_encode(&picture, CW_FORMAT_PDF, "", &bytes, &err), CW_E_INPUT);
    assert_string_equal(err.code, "render.format");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_png),
        cmocka_unit_test(test_png_equals_reference),
        cmocka_unit_test(test_print_names_the_code),
        cmocka_unit_test(test_webp),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_alpha),
        cmocka_unit_test(test_jpeg),
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_pdf_is_no_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
