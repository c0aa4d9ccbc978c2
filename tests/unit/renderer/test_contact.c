/* Contact sheets: limits at their value and one above, requests that make no sense. What a sheet
 * looks like is tested in tests/http/sheet_cli.py. */
#include "text_fixture.h"

#include <png.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/wire.h"
#include "contact.h"
#include "cordwain/contact.h"
#include "cordwain/limits.h"

static void put_head(struct cw_buf *request, uint32_t rows) {
    cw_wire_put_u32(request, CW_CONTACT_MAGIC);
    cw_wire_put_u16(request, CW_CONTACT_VERSION);
    cw_wire_put_u32(request, rows);
}

static void put_picture(struct cw_buf *request, uint32_t width, uint32_t height) {
    uint8_t *pixels = calloc((size_t)width * height, 3), file[70000];
    png_image image = {.version = PNG_IMAGE_VERSION, .width = width, .height = height};
    png_alloc_size_t length = sizeof file;
    image.format = PNG_FORMAT_RGB;
    assert_true(pixels && png_image_write_to_memory(&image, file, &length, 0, pixels, 0, NULL));
    cw_wire_put_str(request, "");
    cw_wire_put_u32(request, (uint32_t)length);
    cw_buf_add(request, file, length);
    free(pixels);
}

/* Width and height of the sheet on success. */
static void make(const struct cw_buf *request, const char *code, uint32_t ret_px[2]) {
    int fd = memfd_create("sheet", MFD_CLOEXEC);
    struct cw_error err = {0};
    assert_int_equal(write(fd, request->data, request->length), request->length);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    enum cw_status status = cw_contact_make(fd, fonts, &err);
    if (code ? status == CW_OK || strcmp(err.code, code) != 0 : status != CW_OK)
        fail_msg("'%s', not %s", status ? err.code : "made", code);
    uint8_t head[24];
    if (ret_px) {
        assert_int_equal(pread(fd, head, sizeof head, 0), sizeof head);
        for (int i = 0; i < 2; i++)
            ret_px[i] = (uint32_t)(head[18 + 4 * i] << 8 | head[19 + 4 * i]);
    }
    close(fd);
}

static void cells(uint32_t count, const char *code) {
    CW_AUTO_BUF struct cw_buf request = {0};
    put_head(&request, 1);
    cw_wire_put_str(&request, "");
    cw_wire_put_u32(&request, count);
    for (uint32_t i = 0; i < count; i++)
        put_picture(&request, 1, 1);
    make(&request, code, NULL);
}

static void test_pictures(void **state) {
    (void)state;
    cells(CW_CONTACT_CELLS, NULL);
    cells(CW_CONTACT_CELLS + 1, "render.contact_too_large");
}

static void side(uint32_t width, uint32_t height, const char *code) {
    CW_AUTO_BUF struct cw_buf request = {0};
    uint32_t px[2];
    put_head(&request, 1);
    cw_wire_put_str(&request, "");
    cw_wire_put_u32(&request, 1);
    put_picture(&request, width, height);
    make(&request, code, code ? NULL : px);
    if (!code)
        assert_int_equal(px[0] > px[1] ? px[0] : px[1], CW_CONTACT_SIDE_PX);
}

static void test_sides(void **state) {
    (void)state;
    side(CW_CONTACT_SIDE_PX - 24, 1, NULL); /* a gap on either side */
    side(CW_CONTACT_SIDE_PX - 23, 1, "render.contact_too_large");
    side(1, CW_CONTACT_SIDE_PX - 42, NULL); /* gaps and the label */
    side(1, CW_CONTACT_SIDE_PX - 41, "render.contact_too_large");
}

static void test_nonsense(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf request = {0};
    make(&(struct cw_buf){.data = (char[]){"x"}, .length = 1}, "render.contact", NULL);
    put_head(&request, 0);
    make(&request, "render.contact", NULL); /* nothing to show */
    request.length = 0;
    put_head(&request, 1);
    cw_wire_put_str(&request, "title");
    cw_wire_put_u32(&request, 1);
    make(&request, "render.contact", NULL); /* ends early */
    cw_wire_put_str(&request, "label");
    cw_wire_put_u32(&request, 3);
    cw_buf_puts(&request, "png");
    make(&request, "render.contact", NULL); /* no PNG */
    request.length = 0;
    put_head(&request, CW_CONTACT_CELLS + 1);
    make(&request, "render.contact_too_large", NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_sides),
        cmocka_unit_test(test_nonsense),
    };
    return cmocka_run_group_tests(tests, open_fonts, close_fonts);
}
