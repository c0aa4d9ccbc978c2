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
#include "compose.h"
#include "layer.h"
#include "pack_write.h"
#include "srgb.h"

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
    if (cw_pack_build(dir, &bytes, &err))
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
    scene.width_px = 2049;
    expect(&scene, CW_E_LIMIT, "render.size");
    scene.width_px = 64;
    expect(&scene, CW_OK, NULL);
    scene.width_px = 2048;
    expect(&scene, CW_OK, NULL);
}

/* Away from the product the background must stay the exact byte triple at every size. */
static void test_background_is_exact(void **state) {
    (void)state;
    static const uint32_t sizes[] = {64, 301, 1024, 1601, 2048};
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
        cmocka_unit_test(test_size_limits),      cmocka_unit_test(test_background_is_exact),
        cmocka_unit_test(test_uv_lookup),        cmocka_unit_test(test_texel_size_follows_view),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
