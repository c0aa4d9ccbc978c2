/*
 * Responsible for making a kept picture smaller, in linear light: fine lines keep their brightness.
 * Does not turn, crop or magnify. Server process, a thread of the importing crew.
 */
#include "preview/picture_reduce.h"

#include <stdlib.h>
#include <string.h>

#include "base/srgb.h"

/* Lengths along one side: a source pixel is `to` long, a result pixel `from`, so that both sides
 * have the same length and every border is a whole number. */
struct side {
    uint32_t from, to;
};

/* Where source pixel `at` falls: in result pixel `first` by weight[0], in the next by weight[1]. */
struct share {
    uint32_t first;
    float weight[2];
};

static struct share share_of(const struct side *side, uint32_t at) {
    uint64_t start = (uint64_t)at * side->to;
    uint32_t first = (uint32_t)(start / side->from);
    uint64_t room = (uint64_t)(first + 1) * side->from - start;
    uint64_t inside = room < side->to ? room : side->to;
    return (struct share){
        first, {(float)inside / (float)side->from, (float)(side->to - inside) / (float)side->from}};
}

/* Light multiplied by alpha, and alpha, from 0 to 1. */
static void light_of(const uint8_t *pixel, float ret[4]) {
    ret[3] = (float)pixel[3] / 255;
    for (size_t c = 0; c < 3; c++)
        ret[c] = cw_srgb_light(pixel[c], pixel[3]) * ret[3];
}

static void add_row(const struct side *across, const uint8_t *row, float *sums) {
    for (uint32_t x = 0; x < across->from; x++) {
        struct share share = share_of(across, x);
        float light[4];
        light_of(row + 4 * (size_t)x, light);
        for (size_t c = 0; c < 4; c++)
            sums[4 * (size_t)share.first + c] += light[c] * share.weight[0];
        if (share.weight[1] <= 0)
            continue;
        for (size_t c = 0; c < 4; c++)
            sums[4 * (size_t)share.first + 4 + c] += light[c] * share.weight[1];
    }
}

static void put_row(const float *sums, uint32_t width_px, uint8_t *row) {
    for (uint32_t x = 0; x < width_px; x++, sums += 4, row += 4) {
        float alpha = sums[3] < 1 ? sums[3] : 1;
        uint32_t steps = (uint32_t)(alpha * 255 + 0.5f);
        for (size_t c = 0; c < 3; c++) {
            uint32_t byte = steps ? cw_srgb_byte[cw_srgb_step(sums[c] / alpha)] : 0;
            row[c] = (uint8_t)((byte * steps + 127) / 255);
        }
        row[3] = (uint8_t)steps;
    }
}

/* Row after row of the source, each shared out to at most two rows of the result. */
static void reduce(const struct cw_artwork *from, const struct cw_artwork *to, uint8_t *rgba,
                   float *room) {
    const struct side across = {from->width_px, to->width_px},
                      down = {from->height_px, to->height_px};
    size_t count = 4 * (size_t)to->width_px;
    float *row = room, *now = row + count, *next = now + count;
    for (uint32_t y = 0; y < from->height_px; y++) {
        struct share share = share_of(&down, y);
        memset(row, 0, count * sizeof *row);
        add_row(&across, from->rgba + 4 * (size_t)from->width_px * y, row);
        for (size_t i = 0; i < count; i++) {
            now[i] += row[i] * share.weight[0];
            next[i] += row[i] * share.weight[1];
        }
        if (y + 1 < from->height_px && share_of(&down, y + 1).first == share.first)
            continue;
        put_row(now, to->width_px, rgba + count * share.first);
        memcpy(now, next, count * sizeof *now);
        memset(next, 0, count * sizeof *next);
    }
}

static uint32_t shorter(uint32_t side, uint32_t longest, uint32_t wanted) {
    uint64_t length = ((uint64_t)side * wanted + longest / 2) / longest;
    return length > 0 ? (uint32_t)length : 1;
}

enum cw_status cw_picture_reduce(const struct cw_artwork *from, uint32_t side_px,
                                 struct cw_artwork *ret, struct cw_error *err) {
    uint32_t longest = from->width_px > from->height_px ? from->width_px : from->height_px;
    struct cw_artwork to = *from;
    if (longest > side_px) {
        to.width_px = shorter(from->width_px, longest, side_px);
        to.height_px = shorter(from->height_px, longest, side_px);
    }
    size_t bytes = 4 * (size_t)to.width_px * to.height_px;
    uint8_t *rgba = malloc(bytes);
    float *room = calloc(3 * 4 * (size_t)to.width_px, sizeof *room);
    if (!rgba || !room) {
        free(rgba);
        free(room);
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    if (longest > side_px)
        reduce(from, &to, rgba, room);
    else
        memcpy(rgba, from->rgba, bytes);
    free(room);
    to.rgba = rgba;
    *ret = to;
    return CW_OK;
}
