/*
 * Responsible for a flat view's pictures at every level, as steps of linear light. Does not decode
 * (the importer) and does not stack them (sheet.c). The pack writer runs it.
 *
 * Light is multiplied by alpha before it is averaged, so an edge keeps its colour at every size. A
 * white picture, such as a tinted shape, keeps only its alpha, and a grey one two channels: a
 * quarter and half of the bytes that drawing has to read.
 */
#include "pack_level.h"
#include "base/srgb.h"
#include "plane.h"

struct channels {
    uint8_t count;
    struct cw_field fields[4];
};

/* Of a picture multiplied by alpha. */
static uint8_t count_channels(const uint8_t *rgba, size_t pixels) {
    bool white = true;
    for (size_t i = 0; i < pixels; i++, rgba += 4) {
        if (rgba[0] != rgba[1] || rgba[0] != rgba[2])
            return 4;
        white = white && rgba[0] == rgba[3];
    }
    return white ? 1 : 2;
}

/* Linear light times alpha of one channel; alpha itself of the last. */
static float light_of(const uint8_t *rgba, size_t channel) {
    float alpha = (float)rgba[3] / 255;
    return channel == 3 ? alpha : cw_srgb_light(rgba[channel], rgba[3]) * alpha;
}

/* Only where there is something. */
static struct cw_plane shown_box(struct cw_arena *arena, const struct cw_art_view *view,
                                 const uint8_t *rgba) {
    size_t pixels = (size_t)view->width_px * view->height_px;
    uint8_t *alpha = cw_arena_alloc(arena, pixels);
    for (size_t i = 0; i < pixels; i++)
        alpha[i] = rgba[4 * i + 3];
    const struct cw_grey grey = {alpha, view->width_px, view->height_px, view->width_px};
    return cw_grey_bbox(&grey);
}

static struct channels read_channels(struct cw_arena *arena, const struct cw_art_view *view,
                                     const uint8_t *rgba) {
    static const uint8_t sources[5][4] = {[1] = {3}, [2] = {0, 3}, [4] = {0, 1, 2, 3}};
    const struct cw_plane box = shown_box(arena, view, rgba);
    struct channels ret = {.count = count_channels(rgba, (size_t)view->width_px * view->height_px)};
    for (size_t c = 0; c < ret.count; c++) {
        struct cw_field *field = &ret.fields[c];
        *field = (struct cw_field){.x = box.x, .y = box.y, .w = box.w, .h = box.h};
        field->values = cw_arena_array(arena, (size_t)box.w * box.h + 1, sizeof *field->values);
        for (size_t i = 0; i < (size_t)box.w * box.h; i++) {
            size_t at = (box.y + i / box.w) * view->width_px + box.x + i % box.w;
            field->values[i] = light_of(rgba + 4 * at, sources[ret.count][c]);
        }
    }
    return ret;
}

/* Eight numbers of each channel in turn for every block. */
static const uint16_t *interleave(struct cw_arena *arena, const struct channels *from,
                                  const struct cw_spans *spans) {
    size_t run = CW_PACK_BLOCK, count = from->count;
    uint16_t *ret = cw_arena_array(arena, spans->blocks * run * count + 1, sizeof *ret);
    for (size_t c = 0; c < count; c++) {
        const uint16_t *steps =
            cw_field_steps(arena, &from->fields[c], spans, 1.0f / CW_PACK_STEPS);
        for (size_t i = 0; i < spans->blocks * run; i++)
            ret[(i / run * count + c) * run + i % run] = steps[i];
    }
    return ret;
}

void cw_pack_pictures(struct cw_arena *arena, const struct cw_art_view *view,
                      const struct cw_field_step *steps, struct cw_pack_view *ret) {
    ret->picture_count = view->picture_count;
    ret->picture_names = cw_arena_array(arena, view->picture_count + 1, sizeof(char *));
    ret->picture_channels = cw_arena_alloc(arena, view->picture_count + 1);
    for (size_t i = 0; i < ret->level_count; i++)
        ret->levels[i].pictures =
            cw_arena_array(arena, view->picture_count + 1, sizeof *ret->levels[i].pictures);
    for (size_t p = 0; p < view->picture_count; p++) {
        CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
        struct channels channels = read_channels(scratch, view, view->pictures[p].rgba);
        ret->picture_names[p] = view->pictures[p].name;
        ret->picture_channels[p] = channels.count;
        for (size_t i = 0; i < ret->level_count; i++) {
            for (size_t c = 0; i && c < channels.count; c++)
                channels.fields[c] = cw_field_shrink(scratch, &channels.fields[c], &steps[i]);
            struct cw_pack_picture *picture = &ret->levels[i].pictures[p];
            picture->spans =
                cw_field_spans(arena, &channels.fields[channels.count - 1], 0.5f / CW_PACK_STEPS);
            picture->steps = interleave(arena, &channels, &picture->spans);
        }
    }
}
