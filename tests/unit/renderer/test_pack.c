/*
 * Packs: written deterministically from a small bundle made here, refused with a place and a reason
 * when the bundle is wrong, and never believed when they come back damaged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compose.h"
#include "base/file.h"
#include "base/wire.h"
#include "cordwain/limits.h"
#include "pack_write.h"
#include "png_read.h"
#include "base/srgb.h"

#define SIDE 32
static char dir[] = "/tmp/cw-pack-XXXXXX";

static void write_text(const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* Grey picture: `value` inside x0..x1, else 0. */
static void write_grey(const char *name, uint32_t width, uint32_t height, const uint32_t span[2],
                       uint8_t value) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    uint8_t *pixels = calloc(width, height);
    for (uint32_t y = 4; y + 4 < height; y++)
        for (uint32_t x = span[0]; x < span[1]; x++)
            pixels[(size_t)y * width + x] = value;
    png_image image = {
        .version = PNG_IMAGE_VERSION, .width = width, .height = height, .format = PNG_FORMAT_GRAY};
    assert_true(png_image_write_to_file(&image, path, 0, pixels, 0, NULL));
    free(pixels);
}

static void write_uv(const char *name) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    static uint16_t pixels[SIDE * SIDE * 3];
    for (int i = 0; i < SIDE * SIDE; i++) {
        pixels[i * 3] = (uint16_t)(i % SIDE * 2000);
        pixels[i * 3 + 1] = (uint16_t)(i / SIDE * 2000);
    }
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = SIDE,
                       .height = SIDE,
                       .format = PNG_FORMAT_LINEAR_RGB};
    assert_true(png_image_write_to_file(&image, path, 0, pixels, 0, NULL));
}

static const char product_json[] = "{\"product\": \"box\", \"parts\": [{\"name\": \"left\"}, "
                                   "{\"name\": \"right\"}, {\"name\": \"hidden\"}],"
                                   " \"views\": [{\"name\": \"front\"}]}";
static const char view_json[] =
    "{\"width\": 32, \"height\": 32, \"diffuse_scale\": 1.6, \"specular_scale\": 2.0,"
    " \"finishes\": {\"plain\": {\"diffuse\": \"d.png\", \"specular\": \"s.png\", \"metal\": "
    "[\"right\"]}},"
    " \"parts\": {\"left\": {\"file\": \"left.png\"}, \"right\": {\"file\": \"right.png\"}},"
    " \"surfaces\": {\"area\": {\"file\": \"uv.png\", \"mask\": \"uvmask.png\", \"size_mm\": [40, "
    "30.5], \"parts\": [\"left\"]}},"
    " \"shadow\": \"shadow.png\"}";

static int setup(void **state) {
    (void)state;
    cw_srgb_init();
    return mkdtemp(dir) ? 0 : -1;
}

/* A right bundle; each test breaks one thing. */
static int make_bundle(void **state) {
    (void)state;
    char path[256];
    snprintf(path, sizeof path, "%s/front", dir);
    mkdir(path, 0755);
    static const uint32_t left[] = {4, 16}, right[] = {16, 28}, all[] = {0, 32};
    write_text("product.json", product_json);
    write_text("front/view.json", view_json);
    write_grey("front/left.png", SIDE, SIDE, left, 255);
    write_grey("front/right.png", SIDE, SIDE, right, 255);
    write_grey("front/d.png", SIDE, SIDE, all, 180);
    write_grey("front/s.png", SIDE, SIDE, all, 60);
    write_grey("front/uvmask.png", SIDE, SIDE, left, 255);
    write_grey("front/shadow.png", SIDE, SIDE, all, 40);
    write_uv("front/uv.png");
    return 0;
}

static void build(struct cw_buf *bytes) {
    struct cw_error err = {0};
    if (cw_pack_build(dir, NULL, bytes, &err))
        fail_msg("%s", err.message);
}

static void expect_refused(enum cw_status status, const char *code, const char *in_message) {
    struct cw_error err = {0};
    CW_AUTO_BUF struct cw_buf bytes = {0};
    assert_int_equal(cw_pack_build(dir, NULL, &bytes, &err), status);
    assert_string_equal(err.code, code);
    if (!strstr(err.message, in_message))
        fail_msg("'%s' does not name '%s'", err.message, in_message);
}

static enum cw_status open_bytes(const char *data, size_t length, struct cw_pack **ret) {
    int fd = memfd_create("pack", MFD_CLOEXEC);
    assert_int_equal(write(fd, data, length), length);
    struct cw_error err = {0};
    enum cw_status status = cw_pack_open(fd, ret, &err);
    close(fd);
    return status;
}

/* Columns 4 to 15 of rows 4 to 27, so the right half of the first block and the second. */
static void check_left(const struct cw_pack_view *view, const struct cw_pack_level *level) {
    const struct cw_spans *spans = &level->parts[0];
    assert_int_equal(spans->y, 4);
    assert_int_equal(spans->h, SIDE - 8);
    assert_int_equal(spans->count, SIDE - 8);
    assert_int_equal(spans->blocks, 2 * (SIDE - 8));
    assert_int_equal(spans->spans[0].block, 0);
    assert_int_equal(spans->spans[0].count, 2);
    const uint16_t *tinted = level->lights[0].tinted;
    for (size_t i = 0; i < 16; i++) /* the brightest light is the top of the range */
        assert_int_equal(tinted[i], i < 4 ? 0 : UINT16_MAX);
    double light = (double)view->units[0].tinted * UINT16_MAX;
    assert_true(light / (1.6 * (double)cw_srgb_linear[180]) - 1 < 1e-6);
    assert_true(light / (1.6 * (double)cw_srgb_linear[180]) - 1 > -1e-6);
}

static void test_round_trip(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf bytes = {0}, again = {0};
    build(&bytes);
    build(&again);
    assert_int_equal(bytes.length, again.length);
    assert_memory_equal(bytes.data, again.data, bytes.length);
    CW_AUTO_PACK struct cw_pack *pack = NULL;
    assert_int_equal(open_bytes(bytes.data, bytes.length, &pack), CW_OK);
    assert_string_equal(pack->product, "box");
    assert_int_equal(pack->parts.count, 3);
    assert_int_equal(cw_names_find(&pack->parts, "hidden"), 2);
    assert_int_equal(cw_names_find(&pack->parts, "nothing"), CW_NONE);
    const struct cw_pack_view *view = cw_pack_view_find(pack, "front");
    assert_non_null(view);
    assert_int_equal(view->part_count, 2);
    assert_int_equal(view->level_count, 1); /* smaller than the smallest stored width */
    const struct cw_pack_level *level = &view->levels[0];
    assert_int_equal(level->surfaces[0].size_um[1], 30500);
    assert_int_equal(level->surfaces[0].parts, 1);
    check_left(view, level);
    assert_non_null(level->lights[1].tinted); /* a metal: its reflection is tinted */
    assert_null(level->lights[1].plain);
    struct cw_error err = {0};
    assert_int_equal(cw_pack_verify(pack, &err), CW_OK);
}

static void test_level_for(void **state) {
    (void)state;
    struct cw_pack_level levels[] = {
        {.width_px = 1600}, {.width_px = 1024}, {.width_px = 512}, {.width_px = 256}};
    const struct cw_pack_view view = {.level_count = 4, .levels = levels};
    static const uint32_t wanted[][2] = {{2048, 1600}, {1600, 1600}, {1025, 1600}, {1024, 1024},
                                         {1023, 1600}, {684, 1600},  {683, 1024},  {513, 1024},
                                         {512, 512},   {342, 1024},  {341, 512},   {257, 512},
                                         {256, 256},   {170, 256},   {64, 256}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        assert_int_equal(cw_pack_level_for(&view, wanted[i][0])->width_px, wanted[i][1]);
}

static void test_written_file(void **state) {
    (void)state;
    char path[256], digest[CW_DIGEST_TEXT], want[CW_DIGEST_TEXT];
    struct cw_error err = {0};
    CW_AUTO_BUF struct cw_buf bytes = {0};
    snprintf(path, sizeof path, "%s/box.pack", dir);
    assert_int_equal(cw_pack_write(dir, NULL, path, digest, &err), CW_OK);
    build(&bytes);
    cw_digest_text(bytes.data, bytes.length, want);
    assert_string_equal(digest, want);
    unlink(path);
}

static void test_wrong_bundles(void **state) {
    static const uint32_t all[] = {0, 32}, left[] = {4, 17};
    write_grey("front/left.png", SIDE, SIDE, left, 255);
    expect_refused(CW_E_INPUT, "art.masks_overlap", "front/view.json");
    make_bundle(state);
    write_grey("front/left.png", SIDE, SIDE + 1, left, 255);
    expect_refused(CW_E_INPUT, "art.size", "left.png");
    make_bundle(state);
    write_uv("front/left.png");
    expect_refused(CW_E_INPUT, "art.png", "8-bit grey");
    make_bundle(state);
    write_grey("front/uv.png", SIDE, SIDE, all, 9);
    expect_refused(CW_E_INPUT, "art.png", "16-bit RGB");
    make_bundle(state);
    write_text("front/d.png", "\x89PNG\r\n\x1a\nnonsense");
    expect_refused(CW_E_INPUT, "art.png", "d.png");
    make_bundle(state);
    write_text("product.json", "{\"product\": \"box\", \"views\": [{\"name\": \"../etc\"}]}");
    expect_refused(CW_E_INPUT, "art.name", "product.json");
    write_text("product.json", "{\"product\": ");
    expect_refused(CW_E_INPUT, "art.json", "product.json");
    make_bundle(state);
    write_text("front/view.json",
               "{\"width\": 4097, \"height\": 32, \"diffuse_scale\": 1, \"specular_scale\": 1}");
    expect_refused(CW_E_INPUT, "art.json", "view.json");
}

static void test_missing_file(void **state) {
    (void)state;
    char path[256];
    snprintf(path, sizeof path, "%s/front/s.png", dir);
    unlink(path);
    struct cw_error err = {0};
    CW_AUTO_BUF struct cw_buf bytes = {0};
    assert_int_equal(cw_pack_build(dir, NULL, &bytes, &err), CW_E_NOT_FOUND);
}

static void test_picture_side_limit(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    static const uint32_t nothing[] = {0, 0};
    char path[256];
    snprintf(path, sizeof path, "%s/wide.png", dir);
    struct cw_image image;
    struct cw_error err = {0};
    write_grey("wide.png", CW_ART_SIDE_PX, 2, nothing, 0);
    assert_int_equal(cw_png_read(arena, path, CW_IMAGE_GREY8, &image, &err), CW_OK);
    write_grey("wide.png", CW_ART_SIDE_PX + 1, 2, nothing, 0);
    assert_int_equal(cw_png_read(arena, path, CW_IMAGE_GREY8, &image, &err), CW_E_INPUT);
    unlink(path);
}

/* As the importer leaves it: a board of black and white, each field a pixel. */
static void write_tile(uint32_t w, uint32_t h) {
    CW_AUTO_BUF struct cw_buf bytes = {0};
    cw_wire_put_u32(&bytes, w);
    cw_wire_put_u32(&bytes, h);
    for (uint32_t i = 0; i < w * h; i++)
        cw_wire_put_u32(&bytes, (i % w + i / w) % 2 ? 0xffffffffu : 0xff000000u);
    char path[256];
    snprintf(path, sizeof path, "%s/tiles.board.png", dir);
    assert_int_equal(cw_file_write_atomic(path, bytes.data, bytes.length, 0600, NULL), CW_OK);
}

static enum cw_status build_tile(uint32_t w, uint32_t h, struct cw_buf *bytes,
                                 struct cw_error *err) {
    write_text("product.json", "{\"product\": \"box\", \"parts\": [{\"name\": \"left\"}],"
                               " \"tiles\": {\"board\": {\"file\": \"board.png\"}},"
                               " \"views\": [{\"name\": \"front\"}]}");
    write_tile(w, h);
    return cw_pack_build(dir, dir, bytes, err);
}

/* Half of the light is 188 of 255 on the sRGB curve, at every level. */
static void test_tile_levels(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf bytes = {0};
    assert_int_equal(build_tile(36, 20, &bytes, NULL), CW_OK);
    CW_AUTO_PACK struct cw_pack *pack = NULL;
    assert_int_equal(open_bytes(bytes.data, bytes.length, &pack), CW_OK);
    assert_null(cw_pack_tile_find(pack, "other"));
    const struct cw_pack_tile *tile = cw_pack_tile_find(pack, "board");
    assert_non_null(tile);
    static const uint32_t sizes[][2] = {{36, 20}, {18, 10}, {9, 5}};
    assert_int_equal(tile->level_count, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct cw_artwork *level = &tile->levels[i];
        assert_int_equal(level->width_px, sizes[i][0]);
        assert_int_equal(level->height_px, sizes[i][1]);
        for (size_t k = 0; i > 0 && k < (size_t)level->width_px * level->height_px; k++)
            assert_memory_equal(level->rgba + 4 * k, ((uint8_t[]){188, 188, 188, 255}), 4);
    }
    assert_memory_equal(tile->levels[0].rgba, ((uint8_t[]){0, 0, 0, 255, 255, 255, 255, 255}), 8);
}

static void test_tile_side_limit(void **state) {
    (void)state;
    static const struct {
        uint32_t w, h;
        enum cw_status status;
    } cases[] = {{CW_TILE_MIN_PX, 9, CW_OK},
                 {CW_TILE_MIN_PX - 1, 9, CW_E_INPUT},
                 {9, CW_TILE_PX, CW_OK},
                 {9, CW_TILE_PX + 1, CW_E_INPUT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CW_AUTO_BUF struct cw_buf bytes = {0};
        struct cw_error err = {0};
        assert_int_equal(build_tile(cases[i].w, cases[i].h, &bytes, &err), cases[i].status);
        if (cases[i].status)
            assert_string_equal(err.code, "art.tile_size");
    }
}

/* Whatever one byte of the file says, opening refuses or drawing stays inside the file. */
static void test_damaged_packs(void **state) {
    (void)state;
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    CW_AUTO_BUF struct cw_buf bytes = {0};
    build(&bytes);
    const struct cw_scene scene = {.view = "front", .width_px = 64};
    size_t opened = 0;
    for (size_t at = 0; at < bytes.length; at++)
        for (size_t k = 0; k < sizeof values; k++) {
            char old = bytes.data[at];
            bytes.data[at] = (char)values[k];
            struct cw_pack *pack = NULL;
            struct cw_picture picture = {0};
            if (open_bytes(bytes.data, bytes.length, &pack) == CW_OK) {
                struct cw_error err = {0};
                if (cw_compose(NULL, pack, &scene, &picture, &err) == CW_OK)
                    opened++;
                if (old != bytes.data[at] && (at < 16 || at >= CW_PACK_HASHED_FROM))
                    assert_int_equal(cw_pack_verify(pack, &err), CW_E_INPUT);
            }
            cw_picture_deinit(&picture);
            cw_pack_free(pack);
            bytes.data[at] = old;
        }
    assert_true(opened > 0);
}

static void test_cut_packs(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf bytes = {0};
    build(&bytes);
    struct cw_pack *pack = NULL;
    for (size_t length = 0; length < bytes.length; length += length < 600 ? 1 : 97)
        assert_int_equal(open_bytes(bytes.data, length, &pack), CW_E_INPUT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_round_trip, make_bundle),
        cmocka_unit_test(test_level_for),
        cmocka_unit_test_setup(test_written_file, make_bundle),
        cmocka_unit_test_setup(test_wrong_bundles, make_bundle),
        cmocka_unit_test_setup(test_missing_file, make_bundle),
        cmocka_unit_test_setup(test_picture_side_limit, make_bundle),
        cmocka_unit_test_setup(test_tile_levels, make_bundle),
        cmocka_unit_test_setup(test_tile_side_limit, make_bundle),
        cmocka_unit_test_setup(test_damaged_packs, make_bundle),
        cmocka_unit_test_setup(test_cut_packs, make_bundle),
    };
    int failed = cmocka_run_group_tests(tests, setup, NULL);
    char command[300];
    snprintf(command, sizeof command, "rm -r '%s'", dir);
    return system(command) == 0 ? failed : failed + 1;
}
