/* Patterns of pictures: no seam anywhere, every way of repeating, smaller than the tile, turned. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decal_tile.h"
#include "pack.h"

#define SIDE 24 /* texels of the tile */
#define CELL 2  /* tiles of the doubled one */

static uint8_t texels[4 * SIDE * SIDE], rolled[4 * SIDE * SIDE];
static uint8_t doubled[4 * CELL * SIDE * SIDE];
static struct cw_artwork level;
static struct cw_pack_tile tile = {.name = "t", .level_count = 1, .levels = &level};

/* All different, and translucent here and there. */
static void fill_tile(void) {
    uint32_t seed = 7;
    for (size_t i = 0; i < SIDE * SIDE; i++) {
        uint8_t alpha = i % 5 ? 255 : 120;
        for (size_t c = 0; c < 3; c++) {
            seed = seed * 1664525 + 1013904223;
            texels[4 * i + c] = (uint8_t)((seed >> 24) * alpha / 255);
        }
        texels[4 * i + 3] = alpha;
    }
}

/* A tile of 12 mm on a surface of 60 × 48 mm. */
static struct cw_scene_decal decal_of(const uint8_t *bytes, uint32_t w, uint32_t h) {
    level = (struct cw_artwork){.width_px = w, .height_px = h, .rgba = bytes};
    return (struct cw_scene_decal){.kind = CW_DECAL_PATTERN,
                                   .surface = "s",
                                   .size_um = {60000, 48000},
                                   .zone_um = {-30000, -24000, 60000, 48000},
                                   .tile_um = {(int32_t)w * 500, (int32_t)h * 500},
                                   .text = "",
                                   .font_stack = "",
                                   .path = "",
                                   .digest = "t",
                                   .tile = &tile};
}

static void draw(const struct cw_scene_decal *decal, int32_t um_per_px,
                 struct cw_coverage planes[4]) {
    const struct cw_decal_ref ref = {decal, 1, 0};
    assert_int_equal(cw_decal_tile(NULL, &ref, um_per_px, planes, NULL), CW_OK);
}

static void release(struct cw_coverage planes[4]) {
    for (int i = 0; i < 4; i++)
        cw_coverage_deinit(&planes[i]);
}

static void expect_same(const struct cw_scene_decal *a, const struct cw_artwork *level_a,
                        const struct cw_scene_decal *b, const struct cw_artwork *level_b,
                        int32_t um_per_px) {
    struct cw_coverage one[4], other[4];
    level = *level_a;
    draw(a, um_per_px, one);
    level = *level_b;
    draw(b, um_per_px, other);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(one[i].width, other[i].width);
        for (int y = 0; y < one[i].height; y++)
            assert_memory_equal(one[i].data + y * one[i].stride, other[i].data + y * one[i].stride,
                                (size_t)one[i].width);
    }
    release(one);
    release(other);
}

/* A tile whose content is moved round its edges, and moved back by the offset: where the seam was
 * is inside now, and the other way round. The same to the pixel, at any size and angle. */
static void no_seam_differs_from_the_inside(void **state) {
    (void)state;
    static const int32_t scales[] = {120, 250, 333, 1200};
    for (uint32_t by = 1; by < SIDE; by += 5) {
        for (uint32_t y = 0; y < SIDE; y++)
            for (uint32_t x = 0; x < SIDE; x++)
                memcpy(rolled + 4 * (y * SIDE + x),
                       texels + 4 * ((y + 2 * by) % SIDE * SIDE + (x + by) % SIDE), 4);
        struct cw_scene_decal plain = decal_of(texels, SIDE, SIDE);
        const struct cw_artwork plain_level = level;
        struct cw_scene_decal moved = decal_of(rolled, SIDE, SIDE);
        const struct cw_artwork moved_level = level;
        moved.box_um[0] = (int32_t)by * 500;
        moved.box_um[1] = -2 * (int32_t)by * 500; /* rows go down, y goes up */
        for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
            plain.rotation_mdeg = moved.rotation_mdeg = i % 2 ? 23456 : 0;
            expect_same(&plain, &plain_level, &moved, &moved_level, scales[i]);
        }
    }
}

/* Bricks are a grid of a tile that holds both rows; a half drop one of both columns. */
static void every_second_row_or_column_is_moved(void **state) {
    (void)state;
    for (int drop = 0; drop < 2; drop++) {
        uint32_t w = drop ? 2 * SIDE : SIDE, h = drop ? SIDE : 2 * SIDE;
        for (uint32_t y = 0; y < h; y++)
            for (uint32_t x = 0; x < w; x++) {
                uint32_t odd = drop ? x / SIDE : y / SIDE;
                uint32_t from_x = drop ? x % SIDE : (x + odd * SIDE / 2) % SIDE;
                uint32_t from_y = drop ? (y + odd * SIDE / 2) % SIDE : y % SIDE;
                memcpy(doubled + 4 * (y * w + x), texels + 4 * (from_y * SIDE + from_x), 4);
            }
        struct cw_scene_decal moved = decal_of(texels, SIDE, SIDE);
        const struct cw_artwork moved_level = level;
        moved.box_um[2] = drop ? CW_REPEAT_HALF_DROP : CW_REPEAT_BRICK;
        struct cw_scene_decal grid = decal_of(doubled, w, h);
        const struct cw_artwork grid_level = level;
        /* the doubled tile's middle is where two tiles meet: the even one's middle lies in the
         * zone's */
        grid.box_um[drop ? 0 : 1] = drop ? SIDE / 2 * 500 : -SIDE / 2 * 500;
        expect_same(&moved, &moved_level, &grid, &grid_level, 130);
        expect_same(&moved, &moved_level, &grid, &grid_level, 610);
    }
}

/* Where a pixel is a texel, it is that texel; red comes first. */
static void a_texel_for_a_pixel_is_exact(void **state) {
    (void)state;
    struct cw_scene_decal decal = decal_of(texels, SIDE, SIDE);
    struct cw_coverage planes[4];
    draw(&decal, 500, planes);
    assert_int_equal(planes[0].width, 120);
    static const int from[4] = {2, 1, 0, 3};
    for (int y = 0; y < planes[0].height; y++)
        for (int x = 0; x < planes[0].width; x++) {
            /* the zone's middle, pixel 60, 48, is the tile's, texel 12, 12 */
            int u = (x - 60 + 12 + 10 * SIDE) % SIDE, v = (y - 48 + 12 + 10 * SIDE) % SIDE;
            for (int c = 0; c < 4; c++)
                assert_int_equal(planes[c].data[y * planes[c].stride + x],
                                 texels[4 * (v * SIDE + u) + from[c]]);
        }
    release(planes);
}

/* Outside of the zone there is nothing. */
static void the_zone_is_kept(void **state) {
    (void)state;
    struct cw_scene_decal decal = decal_of(texels, SIDE, SIDE);
    memcpy(decal.zone_um, (const int32_t[]){-10000, -5000, 20000, 10000}, sizeof decal.zone_um);
    struct cw_coverage planes[4];
    draw(&decal, 500, planes);
    for (int y = 0; y < planes[3].height; y++)
        for (int x = 0; x < planes[3].width; x++) {
            bool inside = x >= 40 && x < 80 && y >= 38 && y < 58;
            assert_int_equal(planes[3].data[y * planes[3].stride + x] > 0, inside);
        }
    release(planes);
}

static void nonsense_is_refused(void **state) {
    (void)state;
    const struct cw_scene_decal good = decal_of(texels, SIDE, SIDE);
    for (int i = 0; i < 5; i++) {
        struct cw_scene_decal bad = good;
        struct cw_coverage planes[4];
        struct cw_error err = {0};
        const struct cw_decal_ref ref = {&bad, 1, 0};
        bad.tile = i == 0 ? NULL : bad.tile;
        bad.tile_um[1] = i == 1 ? 0 : bad.tile_um[1];
        bad.zone_um[2] = i == 2 ? 0 : bad.zone_um[2];
        bad.box_um[2] = i == 3 ? CW_REPEAT_HALF_DROP + 1 : i == 4 ? -1 : 0;
        assert_int_equal(cw_decal_tile(NULL, &ref, 500, planes, &err), CW_E_INPUT);
        assert_string_equal(err.code, "render.decal");
    }
}

static int set_up(void **state) {
    (void)state;
    fill_tile();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_seam_differs_from_the_inside),
        cmocka_unit_test(every_second_row_or_column_is_moved),
        cmocka_unit_test(a_texel_for_a_pixel_is_exact),
        cmocka_unit_test(the_zone_is_kept),
        cmocka_unit_test(nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
