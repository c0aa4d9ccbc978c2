/* Encoders: pixels come back, bytes are the same every time, nothing but the picture is inside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>
#include <webp/decode.h>

#include "encode.h"

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
    assert_int_equal(cw_encode(&picture, format, ret, &err), CW_OK);
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

static void test_png(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf bytes = {0};
    encode(CW_FORMAT_PNG, &bytes);
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_memory(&image, bytes.data, bytes.length));
    assert_int_equal(image.width, W);
    assert_int_equal(image.height, H);
    image.format = PNG_FORMAT_RGB;
    uint8_t *pixels = malloc(PNG_IMAGE_SIZE(image));
    assert_true(png_image_finish_read(&image, NULL, pixels, 0, NULL));
    expect_near(pixels, 0);
    free(pixels);
    assert_non_null(memmem(bytes.data, bytes.length, "sRGB", 4));
    assert_null(memmem(bytes.data, bytes.length, "tIME", 4));
    assert_null(memmem(bytes.data, bytes.length, "tEXt", 4));
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
    assert_int_equal(cw_encode(&picture, CW_FORMAT_PDF, &bytes, &err), CW_E_INPUT);
    assert_string_equal(err.code, "render.format");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_png),
        cmocka_unit_test(test_webp),
        cmocka_unit_test(test_jpeg),
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_pdf_is_no_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
