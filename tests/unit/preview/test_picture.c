/* Kept pictures: averaging down, and the files they become. */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/srgb.h"
#include "base/wire.h"
#include "preview/picture_keep.h"
#include "preview/picture_reduce.h"

static struct cw_artwork reduced(const uint8_t *rgba, uint32_t w, uint32_t h, uint32_t side) {
    struct cw_artwork from = {CW_ARTWORK_PNG, w, h, rgba}, to = {0};
    assert_int_equal(cw_picture_reduce(&from, side, &to, NULL), CW_OK);
    return to;
}

static void test_light_is_averaged(void **state) {
    (void)state;
    uint8_t stripes[4 * 8 * 2]; /* black and white: half the light is sRGB 188 */
    for (size_t i = 0; i < 16; i++)
        memcpy(stripes + 4 * i, i % 2 ? "\xff\xff\xff\xff" : "\0\0\0\xff", 4);
    struct cw_artwork to = reduced(stripes, 8, 2, 4);
    assert_int_equal(to.width_px, 4);
    assert_int_equal(to.height_px, 1);
    for (size_t i = 0; i < 4; i++)
        assert_memory_equal(to.rgba + 4 * i, "\xbc\xbc\xbc\xff", 4);
    free((void *)to.rgba);
}

static void test_clear_pixels_have_no_colour(void **state) {
    (void)state;
    /* red beside nothing: half there, and as red as before */
    const uint8_t pair[] = {255, 0, 0, 255, 0, 0, 0, 0};
    struct cw_artwork to = reduced(pair, 2, 1, 1);
    assert_memory_equal(to.rgba, "\x80\0\0\x80", 4);
    free((void *)to.rgba);
}

static void test_sizes_that_do_not_divide(void **state) {
    (void)state;
    for (uint32_t side = 1; side <= 13; side++) {
        uint8_t grey[13 * 7 * 4];
        for (size_t i = 0; i < sizeof grey; i++)
            grey[i] = i % 4 == 3 ? 255 : 77;
        struct cw_artwork to = reduced(grey, 13, 7, side);
        assert_int_equal(to.width_px, side);
        assert_int_equal(to.height_px, side == 1 ? 1 : (7 * side + 6) / 13);
        for (size_t i = 0; i < 4 * (size_t)to.width_px * to.height_px; i++)
            assert_int_equal(to.rgba[i], i % 4 == 3 ? 255 : 77);
        free((void *)to.rgba);
    }
}

static void test_what_fits_is_copied(void **state) {
    (void)state;
    const uint8_t two[] = {1, 2, 3, 9, 0, 0, 0, 1};
    struct cw_artwork to = reduced(two, 1, 2, 2);
    assert_int_equal(to.height_px, 2);
    assert_memory_equal(to.rgba, two, sizeof two);
    free((void *)to.rgba);
}

static int memory_file(const uint8_t *data, size_t length) {
    int fd = memfd_create("picture", MFD_CLOEXEC);
    assert_true(fd >= 0 && cw_write_all(fd, data, length));
    return fd;
}

static void check_level(const char *folder, const struct cw_kept_picture *kept,
                        const uint8_t *rgba) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    char path[PATH_MAX];
    char *data;
    size_t length;
    assert_true(cw_picture_path(folder, kept->digest, CW_PICTURE_LEVEL, path, sizeof path));
    assert_int_equal(cw_file_read(arena, path, 1 << 20, &data, &length, NULL), CW_OK);
    assert_int_equal(length, CW_ARTWORK_LEVEL_HEAD_BYTES + 4 * 3 * 2);
    struct cw_wire_reader reader;
    cw_wire_reader_init(&reader, data, length);
    assert_int_equal(cw_wire_get_u32(&reader), CW_ARTWORK_LEVEL_MAGIC);
    assert_int_equal(cw_wire_get_u32(&reader), 3);
    assert_int_equal(cw_wire_get_u32(&reader), 2);
    for (size_t i = 0; i < 4 * 3 * 2; i++) { /* blue first */
        size_t from = i % 4 == 0 ? i + 2 : i % 4 == 2 ? i - 2 : i;
        assert_int_equal((uint8_t)data[CW_ARTWORK_LEVEL_HEAD_BYTES + i], rgba[from]);
    }
}

static void test_kept_twice_is_kept_once(void **state) {
    (void)state;
    char folder[] = "/tmp/cordwain-picture-XXXXXX", path[PATH_MAX];
    assert_non_null(mkdtemp(folder));
    const uint8_t rgba[4 * 3 * 2] = {10, 20, 30, 255, 0, 0, 0, 0, 5, 6, 7, 128};
    struct cw_import_verdict verdict = {.kind = CW_ARTWORK_JPEG,
                                        .width_px = 3,
                                        .height_px = 2,
                                        .picture_fd = memory_file(rgba, sizeof rgba)};
    struct cw_kept_picture kept, again;
    struct cw_error err = {0};
    assert_int_equal(cw_picture_keep(folder, &verdict, &kept, &err), CW_OK);
    assert_true(kept.kind == CW_ARTWORK_JPEG && kept.width_px == 3 && kept.height_px == 2);
    assert_true(kept.disk_bytes > kept.file_bytes && kept.file_bytes > 60);
    check_level(folder, &kept, rgba);
    struct stat before, after;
    assert_true(cw_picture_path(folder, kept.digest, CW_PICTURE_WHOLE, path, sizeof path));
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(before.st_mode & 0777, 0600);
    assert_int_equal(cw_picture_keep(folder, &verdict, &again, &err), CW_OK);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_memory_equal(kept.file_digest, again.file_digest, sizeof kept.file_digest);
    assert_memory_equal(kept.digest, again.digest, sizeof kept.digest);
    const char *hex = strchr(kept.digest, ':') + 1;
    close(kept.lock); /* the other one is still there */
    assert_int_equal(cw_picture_lock(folder, hex, /* exclusive: */ true), -1);
    close(again.lock);
    int lock = cw_picture_lock(folder, hex, /* exclusive: */ true);
    assert_true(lock >= 0);
    close(lock);
    close(verdict.picture_fd);
    for (int form = CW_PICTURE_WHOLE; form <= CW_PICTURE_LEVEL; form++) {
        cw_picture_path(folder, kept.digest, (enum cw_picture_form)form, path, sizeof path);
        assert_int_equal(unlink(path), 0);
    }
    *strrchr(path, '/') = '\0';
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void test_a_folder_that_is_missing_is_an_error(void **state) {
    (void)state;
    const uint8_t rgba[4] = {0};
    struct cw_import_verdict verdict = {
        .width_px = 1, .height_px = 1, .picture_fd = memory_file(rgba, sizeof rgba)};
    struct cw_kept_picture kept;
    struct cw_error err = {0};
    assert_int_equal(cw_picture_keep("/proc/none", &verdict, &kept, &err), CW_E_IO);
    close(verdict.picture_fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_light_is_averaged),
        cmocka_unit_test(test_clear_pixels_have_no_colour),
        cmocka_unit_test(test_sizes_that_do_not_divide),
        cmocka_unit_test(test_what_fits_is_copied),
        cmocka_unit_test(test_kept_twice_is_kept_once),
        cmocka_unit_test(test_a_folder_that_is_missing_is_an_error),
    };
    cw_srgb_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
