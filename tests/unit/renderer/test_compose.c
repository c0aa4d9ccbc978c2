/*
 * The compositor against numbers of the reference compositor (tests/golden/compose), and its
 * refusals. The demo bundles are packed on the way, so pack_write and pack are in the loop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "blend_wide.h"
#include "compose.h"
#include "cordwain/limits.h"
#include "layer.h"
#include "pack_write.h"
#include "base/srgb.h"

#ifndef CW_SOURCE_ROOT
#define CW_SOURCE_ROOT "."
#endif
#define TOLERANCE 1

static struct cw_pack *sneaker, *bottle;

static struct cw_pack *make_pack(const char *name) {
    struct cw_error err = {0};
    CW_AUTO_BUF struct cw_buf bytes = {0};
    char dir[512];
    snprintf(dir, sizeof dir, "%s/assets/art/%s", CW_SOURCE_ROOT, name);
    if (cw_pack_build(dir, NULL, &bytes, &err))
        fail_msg("%s", err.message);
    int fd = memfd_create("pack", MFD_CLOEXEC);
    assert_int_equal(write(fd, bytes.data, bytes.length), bytes.length);
    struct cw_pack *pack = NULL;
    if (cw_pack_open(fd, &pack, &err))
        fail_msg("%s", err.message);
    assert_int_equal(cw_pack_verify(pack, &err), CW_OK);
    close(fd);
    return pack;
}

static int setup(void **state) {
    (void)state;
    cw_srgb_init();
    cw_wide_init(/* wanted: */ true);
    sneaker = make_pack("court-sneaker");
    bottle = make_pack("bottle");
    return 0;
}

static int teardown(void **state) {
    (void)state;
    cw_pack_free(sneaker);
    cw_pack_free(bottle);
    return 0;
}

static void colour(const char *hex, uint8_t rgb[3]) {
    unsigned long v = strtoul(hex + 1, NULL, 16);
    for (int i = 0; i < 3; i++)
        rgb[i] = (uint8_t)(v >> (16 - 8 * i));
}

struct golden {
    char product[64], view[64], finish[64], background[8];
    char names[16][64];
    struct cw_scene_part parts[16];
    size_t part_count;
    struct cw_picture picture;
    int worst;
    size_t checked;
};

static void draw(struct golden *g) {
    struct cw_scene scene = {
        .view = g->view, .width_px = 1600, .part_count = g->part_count, .parts = g->parts};
    struct cw_error err = {0};
    colour(g->background, scene.background);
    const struct cw_pack *pack = strcmp(g->product, "bottle") == 0 ? bottle : sneaker;
    if (cw_compose(NULL, pack, &scene, &g->picture, &err))
        fail_msg("%s", err.message);
    assert_int_equal(g->picture.width, 1600);
    assert_int_equal(g->picture.height, 1600);
}

static void check_pixel(struct golden *g, const int v[5]) {
    if (!g->picture.rgb)
        draw(g);
    const uint8_t *got = g->picture.rgb + ((size_t)v[1] * 1600 + (size_t)v[0]) * 3;
    for (int i = 0; i < 3; i++) {
        int off = abs(got[i] - v[2 + i]);
        if (off > g->worst)
            g->worst = off;
        if (off > TOLERANCE)
            fail_msg("%s/%s %s at %d,%d: %d,%d,%d instead of %d,%d,%d", g->product, g->view,
                     g->finish, v[0], v[1], got[0], got[1], got[2], v[2], v[3], v[4]);
    }
    g->checked++;
}

static void golden_line(struct golden *g, const char *line) {
    char name[64], hex[8];
    int v[5];
    if (strncmp(line, "case ", 5) == 0) {
        cw_picture_deinit(&g->picture);
        g->part_count = 0;
        assert_int_equal(
            sscanf(line, "case %63s %63s %63s %7s", g->product, g->view, g->finish, g->background),
            4);
    } else if (sscanf(line, "part %63s %7s", name, hex) == 2) {
        struct cw_scene_part *part = &g->parts[g->part_count];
        strcpy(g->names[g->part_count++], name);
        *part = (struct cw_scene_part){.part = g->names[g->part_count - 1], .finish = g->finish};
        colour(hex, part->rgb);
    } else if (sscanf(line, "px %d %d %d %d %d", &v[0], &v[1], &v[2], &v[3], &v[4]) == 5) {
        check_pixel(g, v);
    }
}

static void test_reference_pixels(void **state) {
    (void)state;
    FILE *file = fopen(CW_SOURCE_ROOT "/tests/golden/compose/pixels.txt", "r");
    assert_non_null(file);
    struct golden golden = {0};
    char line[256];
    while (fgets(line, sizeof line, file))
        golden_line(&golden, line);
    fclose(file);
    cw_picture_deinit(&golden.picture);
    assert_true(golden.checked >= 700);
    print_message("%zu pixels, worst difference %d of 255\n", golden.checked, golden.worst);
}

static struct cw_scene_part white_leather = {
    .part = "quarter", .finish = "leather", .rgb = {255, 255, 255}};

static void expect(const struct cw_scene *scene, enum cw_status status, const char *code) {
    struct cw_error err = {0};
    struct cw_picture picture = {0};
    assert_int_equal(cw_compose(NULL, sneaker, scene, &picture, &err), status);
    if (code)
        assert_string_equal(err.code, code);
    cw_picture_deinit(&picture);
}

static void test_unknown_names(void **state) {
    (void)state;
    struct cw_scene_part part = white_leather;
    struct cw_scene_decal decal = {.surface = "moon", .text = "", .path = "", .font_stack = ""};
    struct cw_scene scene = {.view = "side", .width_px = 64, .part_count = 1, .parts = &part};
    expect(&scene, CW_OK, NULL);
    scene.view = "back";
    expect(&scene, CW_E_INPUT, "render.view_unknown");
    scene.view = "side";
    part.part = "sail";
    expect(&scene, CW_E_INPUT, "render.part_unknown");
    part = white_leather;
    part.finish = "gold";
    expect(&scene, CW_E_INPUT, "render.finish_unknown");
    part = white_leather;
    scene.decals = &decal;
    scene.decal_count = 1;
    expect(&scene, CW_E_INPUT, "render.surface_unknown");
    decal.surface = "tongue"; /* the heel view does not show it: nothing to draw, no fonts needed */
    scene.view = "heel";
    expect(&scene, CW_OK, NULL);
}

static void test_size_limits(void **state) {
    (void)state;
    struct cw_scene scene = {.view = "heel", .width_px = 63};
    expect(&scene, CW_E_LIMIT, "render.size");
    scene.width_px = CW_PREVIEW_MAX_PX + 1;
    expect(&scene, CW_E_LIMIT, "render.size");
    scene.width_px = 64;
    expect(&scene, CW_OK, NULL);
    scene.width_px = CW_PREVIEW_MAX_PX;
    expect(&scene, CW_OK, NULL);
}

static void expect_crop(const struct cw_picture *whole, struct cw_scene scene) {
    struct cw_error err = {0};
    CW_AUTO_PICTURE struct cw_picture part = {0};
    const uint32_t *crop = scene.frame.crop_px;
    if (cw_compose(NULL, sneaker, &scene, &part, &err))
        fail_msg("%s", err.message);
    size_t pixel = cw_picture_pixel_bytes(whole);
    assert_int_equal(cw_picture_pixel_bytes(&part), pixel);
    assert_int_equal(part.width, crop[2]);
    assert_int_equal(part.height, crop[3]);
    for (uint32_t y = 0; y < crop[3]; y++)
        assert_memory_equal(part.rgb + y * crop[2] * pixel,
                            whole->rgb + ((size_t)(y + crop[1]) * whole->width + crop[0]) * pixel,
                            crop[2] * pixel);
}

/* At stored widths, between them, above the art's: every pixel of a part is the whole picture's. */
static void test_crops_equal_the_whole(void **state) {
    (void)state;
    static const uint32_t sizes[] = {64, 301, 512, 1600, 1999};
    for (size_t i = 0; i < 2 * (sizeof sizes / sizeof *sizes); i++) {
        uint32_t w = sizes[i / 2];
        struct cw_scene scene = {.view = "side",
                                 .width_px = w,
                                 .background = {17, 130, 244},
                                 .frame.transparent = i % 2,
                                 .frame.no_shadow = i % 3 == 0};
        struct cw_error err = {0};
        CW_AUTO_PICTURE struct cw_picture whole = {0};
        assert_int_equal(cw_compose(NULL, sneaker, &scene, &whole, &err), CW_OK);
        const uint32_t h = whole.height;
        const uint32_t crops[][4] = {{0, 0, w, h},         {0, 0, 1, 1},
                                     {w - 1, h - 1, 1, 1}, {w / 3, h / 3, w / 3, h / 4},
                                     {0, h / 2, w, 3},     {w / 2, 0, 5, h}};
        for (size_t k = 0; k < sizeof crops / sizeof *crops; k++) {
            memcpy(scene.frame.crop_px, crops[k], sizeof crops[k]);
            expect_crop(&whole, scene);
        }
    }
}

static void test_crop_limits(void **state) {
    (void)state;
    const struct {
        uint32_t crop[4];
        enum cw_status status;
    } cases[] = {
        {{0, 0, 100, 100}, CW_OK},           {{1, 0, 100, 100}, CW_E_INPUT},
        {{0, 1, 100, 100}, CW_E_INPUT},      {{0, 0, 101, 100}, CW_E_INPUT},
        {{0, 0, 100, 101}, CW_E_INPUT},      {{99, 99, 1, 1}, CW_OK},
        {{100, 99, 1, 1}, CW_E_INPUT},       {{0, 0, 0, 1}, CW_E_INPUT},
        {{0, 0, 1, 0}, CW_E_INPUT},          {{UINT32_MAX, 0, 2, 1}, CW_E_INPUT},
        {{0, UINT32_MAX, 1, 2}, CW_E_INPUT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cw_scene scene = {.view = "heel", .width_px = 100};
        memcpy(scene.frame.crop_px, cases[i].crop, sizeof cases[i].crop);
        expect(&scene, cases[i].status, cases[i].status ? "render.crop" : NULL);
    }
}

static int over(const uint8_t rgba[4], uint8_t background, size_t channel) {
    double a = rgba[3] / 255.0, light = (double)cw_srgb_linear[rgba[channel]] * a +
                                        (double)cw_srgb_linear[background] * (1 - a);
    return cw_srgb_byte[(int)(light * (CW_SRGB_STEPS - 1) + 0.5)];
}

/* Laid on a background in linear light, a transparent picture is the picture on that background,
 * but for the steps of its alpha: half of one is 0.002 of light, 5 levels where it is dark;
 * the cubic that enlarges may go below black and beyond white a little more. */
static void test_transparent_over_background(void **state) {
    (void)state;
    static const uint32_t sizes[] = {300, 512, 1600, 1700};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct cw_scene scene = {
            .view = "side", .width_px = sizes[i], .background = {200, 220, 240}};
        struct cw_error err = {0};
        CW_AUTO_PICTURE struct cw_picture solid = {0}, clear = {0};
        assert_int_equal(cw_compose(NULL, sneaker, &scene, &solid, &err), CW_OK);
        scene.frame.transparent = true;
        assert_int_equal(cw_compose(NULL, sneaker, &scene, &clear, &err), CW_OK);
        assert_memory_equal(clear.rgb, "\0\0\0\0", 4);
        int worst = 0;
        for (size_t p = 0; p < (size_t)clear.width * clear.height; p++)
            for (size_t c = 0; c < 3; c++) {
                if (clear.rgb[p * 4 + c] == 255)
                    continue; /* brighter than white, cut off before it is laid on */
                int off =
                    abs(over(clear.rgb + p * 4, scene.background[c], c) - solid.rgb[p * 3 + c]);
                worst = off > worst ? off : worst;
            }
        print_message("%u px: at most %d of 255\n", sizes[i], worst);
        assert_in_range(worst, 0, sizes[i] > 1600 ? 8 : 5);
    }
}

/* Without its shadow a picture is as light as with it or lighter, and only beside the product. */
static void test_shadow_off(void **state) {
    (void)state;
    struct cw_scene scene = {.view = "side", .width_px = 512, .background = {255, 255, 255}};
    struct cw_error err = {0};
    CW_AUTO_PICTURE struct cw_picture with = {0}, without = {0}, clear = {0};
    assert_int_equal(cw_compose(NULL, sneaker, &scene, &with, &err), CW_OK);
    scene.frame.no_shadow = true;
    assert_int_equal(cw_compose(NULL, sneaker, &scene, &without, &err), CW_OK);
    scene.frame.transparent = true;
    assert_int_equal(cw_compose(NULL, sneaker, &scene, &clear, &err), CW_OK);
    size_t lighter = 0;
    for (size_t p = 0; p < 512 * 512; p++) {
        assert_true(without.rgb[p * 3] >= with.rgb[p * 3]);
        lighter += without.rgb[p * 3] > with.rgb[p * 3];
        if (clear.rgb[p * 4 + 3] == 0)
            assert_int_equal(without.rgb[p * 3], 255);
        if (clear.rgb[p * 4 + 3] == 255)
            assert_in_range(without.rgb[p * 3] - with.rgb[p * 3], 0, 1);
    }
    assert_true(lighter > 1000);
}

/* Away from the product the background must stay the exact byte triple at every size. */
static void test_background_is_exact(void **state) {
    (void)state;
    static const uint32_t sizes[] = {64, 301, 1024, 1601, CW_PREVIEW_MAX_PX};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct cw_scene scene = {
            .view = "heel", .width_px = sizes[i], .background = {17, 130, 244}};
        struct cw_error err = {0};
        struct cw_picture picture = {0};
        assert_int_equal(cw_compose(NULL, sneaker, &scene, &picture, &err), CW_OK);
        for (size_t k = 0; k < sizes[i]; k++)
            assert_memory_equal(picture.rgb + k * 3, scene.background, 3);
        cw_picture_deinit(&picture);
    }
}

/* A drawing that rises evenly from left to right must come back as u itself. */
static void test_uv_lookup(void **state) {
    (void)state;
    const struct cw_pack_view *view = cw_pack_view_find(bottle, "front");
    const struct cw_pack_surface *surface = &view->levels[0].surfaces[0];
    struct cw_coverage flat = {
        .width = 510, .height = 300, .stride = 512, .data = malloc(512 * 300)};
    for (int y = 0; y < flat.height; y++)
        for (int x = 0; x < flat.width; x++)
            flat.data[y * 512 + x] = (uint8_t)(x / 2);
    struct cw_layer layer = {0};
    struct cw_error err = {0};
    assert_int_equal(cw_layer_map(surface, &flat, &layer, &err), CW_OK);
    const uint16_t *uv = (const uint16_t *)(const void *)surface->uv.data;
    for (size_t i = 0; i < (size_t)layer.w * layer.h; i++) {
        double want = uv[i * 2] / 65535.0 * 255 * surface->mask.data[i] / 255.0;
        assert_in_range((uint64_t)(1000 + (int)layer.coverage[i] - (int)want), 1000 - 3, 1000 + 3);
    }
    cw_layer_deinit(&layer);
    cw_coverage_deinit(&flat);
}

static void test_texel_size_follows_view(void **state) {
    (void)state;
    int32_t um = cw_layer_um_per_px(&cw_pack_view_find(bottle, "front")->levels[0].surfaces[0]);
    assert_in_range(um, 60, 160); /* a pixel sees about 0.2 mm of the bottle's front */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference_pixels), cmocka_unit_test(test_unknown_names),
        cmocka_unit_test(test_size_limits),      cmocka_unit_test(test_crops_equal_the_whole),
        cmocka_unit_test(test_crop_limits),      cmocka_unit_test(test_transparent_over_background),
        cmocka_unit_test(test_shadow_off),       cmocka_unit_test(test_background_is_exact),
        cmocka_unit_test(test_uv_lookup),        cmocka_unit_test(test_texel_size_follows_view),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
