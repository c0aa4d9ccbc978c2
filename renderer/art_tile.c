/*
 * Responsible for the tiles of an art bundle: their decoded pixels, and smaller levels of them.
 * Does not decode (the importer does, in a process of its own) and does not repeat them
 * (decal_tile.c). The pack writer runs it.
 */
#include "art_tile.h"

#include "art_flat.h"
#include "base/srgb.h"
#include "cordwain/limits.h"

#define SMALLEST_PX 4 /* no level is smaller, unless the tile is */

/* Back to a byte of the sRGB curve times alpha. */
static void put_pixel(const float light[4], uint8_t *bgra) {
    uint32_t alpha = (uint32_t)(light[3] * 255 + 0.5f);
    for (int c = 0; c < 3; c++) {
        float straight = light[3] > 0 ? light[c] / light[3] : 0;
        uint32_t byte = cw_srgb_byte[cw_srgb_step(straight)];
        bgra[2 - c] = (uint8_t)((byte * alpha + 127) / 255);
    }
    bgra[3] = (uint8_t)alpha;
}

/* Mean of what a pixel of the smaller size covers; its edges may cut pixels. */
static void average(const float *light, const uint32_t from[2], const double box[4], float ret[4]) {
    double sum[4] = {0}, area = (box[2] - box[0]) * (box[3] - box[1]);
    for (uint32_t y = (uint32_t)box[1]; y < from[1] && y < box[3]; y++)
        for (uint32_t x = (uint32_t)box[0]; x < from[0] && x < box[2]; x++) {
            double w = (x + 1 < box[2] ? x + 1 : box[2]) - (x > box[0] ? x : box[0]);
            double h = (y + 1 < box[3] ? y + 1 : box[3]) - (y > box[1] ? y : box[1]);
            for (int c = 0; c < 4; c++)
                sum[c] += w * h * (double)light[4 * ((size_t)y * from[0] + x) + (size_t)c];
        }
    for (int c = 0; c < 4; c++)
        ret[c] = (float)(sum[c] / area);
}

static void add_level(struct cw_arena *arena, const float *light, const uint32_t size[2],
                      struct cw_pack_tile *tile) {
    uint8_t *bytes = cw_arena_alloc(arena, 4 * (size_t)size[0] * size[1]);
    for (size_t i = 0; i < (size_t)size[0] * size[1]; i++)
        put_pixel(light + 4 * i, bytes + 4 * i);
    tile->levels[tile->level_count++] =
        (struct cw_artwork){.width_px = size[0], .height_px = size[1], .rgba = bytes};
}

/* Each level is half of the one before: a tile's edges are edges of all, so levels repeat as it
 * does. */
static void make_levels(struct cw_arena *arena, float *light, const uint32_t full[2],
                        struct cw_pack_tile *tile) {
    uint32_t size[2] = {full[0], full[1]};
    add_level(arena, light, size, tile);
    while (tile->level_count < CW_PACK_LEVELS && size[0] >= 2 * SMALLEST_PX &&
           size[1] >= 2 * SMALLEST_PX) {
        const uint32_t next[2] = {size[0] / 2, size[1] / 2};
        float *smaller = cw_arena_array(arena, (size_t)next[0] * next[1], 4 * sizeof *smaller);
        double step[2] = {(double)size[0] / next[0], (double)size[1] / next[1]};
        for (uint32_t y = 0; y < next[1]; y++)
            for (uint32_t x = 0; x < next[0]; x++) {
                const double box[4] = {x * step[0], y * step[1], (x + 1) * step[0],
                                       (y + 1) * step[1]};
                average(light, size, box, smaller + 4 * ((size_t)y * next[0] + x));
            }
        light = smaller;
        size[0] = next[0];
        size[1] = next[1];
        add_level(arena, light, size, tile);
    }
}

enum cw_status cw_art_tile(struct cw_arena *arena, const struct cw_art_flat_args *args,
                           struct cw_pack_tile *ret, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    uint32_t size[2] = {0, 0};
    uint8_t *rgba = NULL;
    enum cw_status status = cw_art_decoded(scratch, args, CW_TILE_FOLDER, size, &rgba, err);
    if (status)
        return status;
    for (int i = 0; i < 2; i++)
        if (size[i] < CW_TILE_MIN_PX || size[i] > CW_TILE_PX)
            return cw_fail(err, CW_E_INPUT, "art.tile_size",
                           "%s: tile '%s' is %ux%u pixels, a side must be %d to %d",
                           args->view_file, args->name, size[0], size[1], CW_TILE_MIN_PX,
                           CW_TILE_PX);
    size_t count = (size_t)size[0] * size[1];
    float *light = cw_arena_array(scratch, count, 4 * sizeof *light);
    for (size_t i = 0; i < 4 * count; i++) { /* of light times alpha, and of alpha itself */
        uint8_t alpha = rgba[i | 3];
        float part = i % 4 == 3 ? 1 : cw_srgb_light(rgba[i], alpha);
        light[i] = part * (float)alpha / 255;
    }
    struct cw_pack_tile tile = {.name = cw_arena_strdup(arena, args->name)};
    tile.levels = cw_arena_array(arena, CW_PACK_LEVELS, sizeof *tile.levels);
    make_levels(arena, light, size, &tile);
    *ret = tile;
    return CW_OK;
}
