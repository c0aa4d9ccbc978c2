/* What the importer takes: each limit of cordwain/limits.h at its value and one above. */
#include "import.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <png.h>

#include "base/bytes.h"
#include "cordwain/limits.h"
#include "jpeg_marks.h"

static void expect(enum cw_status status, const struct cw_error *err, const char *code) {
    if (code == NULL && status != CW_OK)
        fail_msg("%s: %s", err->code, err->message);
    if (code != NULL && (status == CW_OK || strcmp(err->code, code) != 0))
        fail_msg("'%s', not %s", status ? err->code : "taken", code);
}

/* A picture of one pixel and what fills the file up. */
static void a_file_of(size_t length, const char *code) {
    uint8_t *file = calloc(1, length), pixel[4] = {9, 9, 9, 255};
    png_image image = {.version = PNG_IMAGE_VERSION, .width = 1, .height = 1};
    png_alloc_size_t used = length;
    image.format = PNG_FORMAT_RGBA;
    assert_non_null(file);
    assert_true(png_image_write_to_memory(&image, file, &used, 0, pixel, 0, NULL));
    struct cw_imported picture = CW_IMPORTED_NONE;
    struct cw_error err = {0};
    expect(cw_import_bytes(file, length, 64, &picture, &err), &err, code);
    cw_imported_deinit(&picture);
    free(file);
}

static void test_file_bytes(void **state) {
    (void)state;
    a_file_of(CW_IMPORT_FILE_BYTES, NULL);
    a_file_of(CW_IMPORT_FILE_BYTES + 1, "artwork.too_large");
}

static void a_picture_of(uint32_t width, uint32_t height, const char *code) {
    struct cw_imported picture = CW_IMPORTED_NONE;
    struct cw_error err = {0};
    expect(cw_imported_init(&picture, CW_ARTWORK_PNG, width, height, &err), &err, code);
    cw_imported_deinit(&picture);
}

static void test_pixels(void **state) {
    (void)state;
    a_picture_of(CW_IMPORT_SIDE_PX, 1, NULL);
    a_picture_of(CW_IMPORT_SIDE_PX + 1, 1, "artwork.too_many_pixels");
    a_picture_of(1, CW_IMPORT_SIDE_PX, NULL);
    a_picture_of(1, CW_IMPORT_SIDE_PX + 1, "artwork.too_many_pixels");
    a_picture_of(8000, CW_IMPORT_PIXELS / 8000, NULL);
    a_picture_of(8000, CW_IMPORT_PIXELS / 8000 + 1, "artwork.too_many_pixels");
    a_picture_of(0, 1, "artwork.too_many_pixels");
}

/* A whole file, read to its last row. */
static void a_png_of(uint32_t width, uint32_t height, const char *code) {
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = width,
                       .height = height,
                       .format = PNG_FORMAT_GRAY,
                       .flags = PNG_IMAGE_FLAG_FAST};
    png_alloc_size_t used = 4 << 20; /* it is all black */
    uint8_t *file = malloc(used), *pixels = calloc(height, width);
    struct cw_imported picture = CW_IMPORTED_NONE;
    struct cw_error err = {0};
    assert_true(file && pixels);
    assert_true(png_image_write_to_memory(&image, file, &used, 0, pixels, 0, NULL));
    free(pixels);
    expect(cw_import_bytes(file, used, 64, &picture, &err), &err, code);
    if (code == NULL) {
        const uint8_t black[4] = {0, 0, 0, 255};
        assert_true(picture.width_px == width && picture.height_px == height);
        assert_memory_equal(picture.rgba + 4 * ((size_t)width * height - 1), black, sizeof black);
    }
    cw_imported_deinit(&picture);
    free(file);
}

/* 40,000,005 is the next number with two factors that are sides. */
static void test_most_pixels(void **state) {
    (void)state;
    a_png_of(8000, CW_IMPORT_PIXELS / 8000, NULL);
    a_png_of(3015, 13267, "artwork.too_many_pixels");
}

/* A JPEG's head with a profile of `bytes` in pieces of at most 65,519. */
static size_t profile_found(size_t bytes) {
    CW_AUTO_BUF struct cw_buf file = {0};
    const size_t piece = 65519, count = (bytes + piece - 1) / piece;
    static const uint8_t zeros[65519];
    cw_buf_puts(&file, "\xff\xd8");
    for (size_t i = 0; i < count; i++) {
        size_t more = bytes > piece ? piece : bytes, size = more + 16;
        const uint8_t head[] = {0xff, 0xe2, (uint8_t)(size >> 8), (uint8_t)size};
        const uint8_t numbers[] = {0, (uint8_t)(i + 1), (uint8_t)count};
        cw_buf_add(&file, head, sizeof head);
        cw_buf_puts(&file, "ICC_PROFILE");
        cw_buf_add(&file, numbers, sizeof numbers);
        cw_buf_add(&file, zeros, more);
        bytes -= more;
    }
    cw_buf_puts(&file, "\xff\xda");
    struct cw_jpeg_marks marks;
    cw_jpeg_marks_find((const uint8_t *)file.data, file.length, &marks);
    assert_int_equal(marks.icc_pieces, count);
    size_t found = marks.icc_length;
    cw_jpeg_marks_deinit(&marks);
    return found;
}

/* What stands before a frame must not hide it: an empty comment, marks without a length, fill. */
static void test_marks_before_a_frame(void **state) {
    (void)state;
    static const uint8_t frame[] = {0xff, 0xc2, 0, 17, 8,    0, 1, 0,    1, 3,
                                    1,    0x11, 0, 2,  0x11, 0, 3, 0x11, 0};
    static const struct {
        size_t length;
        uint8_t bytes[4];
    } before[] = {{0, {0}},          {4, {0xff, 0xfe, 0, 2}}, {2, {0xff, 0x01}},
                  {2, {0xff, 0xd0}}, {2, {0xff, 0xd7}},       {1, {0xff}}};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        CW_AUTO_BUF struct cw_buf file = {0};
        cw_buf_puts(&file, "\xff\xd8");
        cw_buf_add(&file, before[i].bytes, before[i].length);
        cw_buf_add(&file, frame, sizeof frame);
        cw_buf_puts(&file, "\xff\xda");
        struct cw_jpeg_marks marks;
        cw_jpeg_marks_find((const uint8_t *)file.data, file.length, &marks);
        assert_int_equal(marks.components, 3);
        assert_true(marks.many_scans);
        cw_jpeg_marks_deinit(&marks);
    }
}

static void test_profile_bytes(void **state) {
    (void)state;
    assert_int_equal(profile_found(1), 1);
    assert_int_equal(profile_found(65520), 65520);
    assert_int_equal(profile_found(CW_IMPORT_PROFILE_BYTES), CW_IMPORT_PROFILE_BYTES);
    assert_int_equal(profile_found(CW_IMPORT_PROFILE_BYTES + 1), 0);
}

/* A JPEG's head: how it is coded, its size, three components, of which `in_scan` come first. */
static void a_jpeg_of(uint8_t frame, uint32_t width, uint32_t height, uint8_t in_scan,
                      const char *code) {
    const uint8_t file[] = {0xff,
                            0xd8,
                            0xff,
                            frame,
                            0,
                            17,
                            8,
                            (uint8_t)(height >> 8),
                            (uint8_t)height,
                            (uint8_t)(width >> 8),
                            (uint8_t)width,
                            3,
                            1,
                            0x11,
                            0,
                            2,
                            0x11,
                            0,
                            3,
                            0x11,
                            0,
                            0xff,
                            0xda,
                            0,
                            (uint8_t)(6 + 2 * in_scan),
                            in_scan,
                            1,
                            0,
                            2,
                            0,
                            3,
                            0,
                            0,
                            63,
                            0};
    struct cw_imported picture = CW_IMPORTED_NONE;
    struct cw_error err = {0};
    expect(cw_import_bytes(file, sizeof file - (in_scan == 1 ? 4 : 0), 64, &picture, &err), &err,
           code);
    cw_imported_deinit(&picture);
}

static void test_scans(void **state) {
    (void)state;
    const uint8_t baseline = 0xc0, progressive = 0xc2;
    const uint32_t rows = CW_IMPORT_SCANS_PIXELS / 8000;
    a_jpeg_of(progressive, 8000, rows, 3, "artwork.damaged"); /* it ends there */
    a_jpeg_of(progressive, 8000, rows + 1, 3, "artwork.too_many_pixels");
    a_jpeg_of(baseline, 8000, rows + 1, 3, "artwork.damaged");
    a_jpeg_of(baseline, 8000, rows + 1, 1, "artwork.too_many_pixels");
}

/* Pixel (x, y) as a number, turned by each orientation and then by the one that undoes it. */
static void test_turns_undo_each_other(void **state) {
    (void)state;
    static const int undoes[] = {0, 1, 2, 3, 4, 5, 8, 7, 6};
    const uint32_t w = 131, h = 67; /* neither a whole number of bands */
    for (int orientation = 1; orientation <= 8; orientation++) {
        struct cw_imported picture = CW_IMPORTED_NONE;
        struct cw_error err = {0};
        expect(cw_imported_init(&picture, CW_ARTWORK_PNG, w, h, &err), &err, NULL);
        uint32_t *pixels = (uint32_t *)(void *)picture.rgba;
        for (uint32_t i = 0; i < w * h; i++)
            pixels[i] = i;
        expect(cw_imported_turn(&picture, orientation, &err), &err, NULL);
        assert_int_equal(picture.width_px, orientation > 4 ? h : w);
        expect(cw_imported_turn(&picture, undoes[orientation], &err), &err, NULL);
        pixels = (uint32_t *)(void *)picture.rgba;
        for (uint32_t i = 0; i < w * h; i++)
            assert_int_equal(pixels[i], i);
        cw_imported_deinit(&picture);
    }
}

static void a_drawing_of(const char *size, const char *code) {
    char text[200];
    int length = snprintf(text, sizeof text,
                          "<svg xmlns='http://www.w3.org/2000/svg' width='%s' height='9'/>", size);
    struct cw_imported picture = CW_IMPORTED_NONE;
    struct cw_error err = {0};
    expect(cw_import_bytes((const uint8_t *)text, (size_t)length, 64, &picture, &err), &err,
           CW_SVG ? code : "artwork.svg.not_built");
    cw_imported_deinit(&picture);
}

static void test_drawings(void **state) {
    (void)state;
    a_drawing_of("100000", NULL);
    a_drawing_of("100001", "artwork.svg.size");
    a_drawing_of("0", "artwork.svg.size");
    a_drawing_of("100%", NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_bytes),    cmocka_unit_test(test_pixels),
        cmocka_unit_test(test_profile_bytes), cmocka_unit_test(test_marks_before_a_frame),
        cmocka_unit_test(test_scans),         cmocka_unit_test(test_turns_undo_each_other),
        cmocka_unit_test(test_drawings),      cmocka_unit_test(test_most_pixels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
