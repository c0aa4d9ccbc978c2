/*
 * Responsible for what flat views have beside lit ones: pictures that the importer has decoded, and
 * surfaces without a UV map. Does not decode (the importer does, in a process of its own) and does
 * not pack. The pack writer runs it.
 */
#include "art_flat.h"

#include <string.h>

#include "base/file.h"
#include "base/wire.h"
#include "cordwain/limits.h"

#define HEAD_BYTES 8

struct flat {
    struct cw_arena *arena;
    const struct cw_art_flat_args *args;
    const struct cw_art_view *view;
    struct cw_error *err;
};

/* The decoded pixels of a member's file in a folder of the bundle. */
static enum cw_status read_decoded(const struct flat *f, const char *folder, const char *member,
                                   uint32_t ret_size[2], uint8_t **ret) {
    const struct cw_art_flat_args *args = f->args;
    const char *file = json_string_value(json_object_get(args->object, member));
    if (!file || !*file || strchr(file, '/') || *file == '.')
        return cw_fail(f->err, CW_E_INPUT, "art.json", "%s: '%s' of '%s' must be a plain file name",
                       args->view_file, member, args->name);
    if (!args->dir)
        return cw_fail(f->err, CW_E_INPUT, "art.picture",
                       "%s: '%s' must be decoded first; cordwain does it", args->view_file,
                       args->name);
    const char *path = cw_arena_printf(f->arena, "%s/%s.%s", args->dir, folder, file);
    size_t length, most = HEAD_BYTES + (size_t)CW_ART_SIDE_PX * CW_ART_SIDE_PX * 4;
    char *bytes;
    enum cw_status status = cw_file_read(f->arena, path, most, &bytes, &length, f->err);
    if (status)
        return status;
    struct cw_wire_reader head;
    cw_wire_reader_init(&head, bytes, length < HEAD_BYTES ? length : HEAD_BYTES);
    uint32_t width = cw_wire_get_u32(&head), height = cw_wire_get_u32(&head);
    if (head.failed || length - HEAD_BYTES != (uint64_t)width * height * 4)
        return cw_fail(f->err, CW_E_INPUT, "art.picture", "%s: is no decoded picture", path);
    ret_size[0] = width;
    ret_size[1] = height;
    *ret = (uint8_t *)bytes + HEAD_BYTES;
    return CW_OK;
}

enum cw_status cw_art_decoded(struct cw_arena *arena, const struct cw_art_flat_args *args,
                              const char *folder, uint32_t ret_size[2], uint8_t **ret_rgba,
                              struct cw_error *err) {
    const struct flat f = {.arena = arena, .args = args, .err = err};
    return read_decoded(&f, folder, "file", ret_size, ret_rgba);
}

/* Of the view's size. */
static enum cw_status read_pixels(const struct flat *f, const char *member, uint8_t **ret) {
    uint32_t size[2] = {0, 0};
    uint8_t *rgba = NULL;
    enum cw_status status = read_decoded(f, f->view->name, member, size, &rgba);
    if (status)
        return status;
    if (size[0] != f->view->width_px || size[1] != f->view->height_px)
        return cw_fail(f->err, CW_E_INPUT, "art.size", "%s: '%s' is %ux%u, the view is %ux%u",
                       f->args->view_file,
                       json_string_value(json_object_get(f->args->object, member)), size[0],
                       size[1], f->view->width_px, f->view->height_px);
    *ret = rgba;
    return CW_OK;
}

/* Colours are multiplied by alpha already, so this is luminance times alpha (Rec. 709 weights). */
static uint32_t luminance(const uint8_t *rgba) {
    return (2126u * rgba[0] + 7152u * rgba[1] + 722u * rgba[2] + 5000u) / 10000u;
}

static void multiply(uint8_t *rgba, const uint8_t *mask, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t shown = luminance(mask + 4 * i);
        for (size_t c = 0; c < 4; c++)
            rgba[4 * i + c] = (uint8_t)((rgba[4 * i + c] * shown + 127) / 255);
    }
}

enum cw_status cw_art_flat_picture(struct cw_arena *arena, const struct cw_art_flat_args *args,
                                   struct cw_art_view *view, struct cw_error *err) {
    const struct flat f = {.arena = arena, .args = args, .view = view, .err = err};
    uint8_t *rgba, *mask = NULL;
    enum cw_status status = read_pixels(&f, "file", &rgba);
    if (!status && json_object_get(args->object, "mask"))
        status = read_pixels(&f, "mask", &mask);
    if (status)
        return status;
    if (mask)
        multiply(rgba, mask, (size_t)view->width_px * view->height_px);
    view->pictures[view->picture_count++] =
        (struct cw_art_picture){.name = cw_arena_strdup(arena, args->name), .rgba = rgba};
    return CW_OK;
}

static bool read_rect(const json_t *rect, const struct cw_art_view *view, struct cw_plane *ret) {
    json_int_t at[4];
    if (json_array_size(rect) != 4)
        return false;
    for (size_t i = 0; i < 4; i++) {
        at[i] = json_integer_value(json_array_get(rect, i));
        if (at[i] < 0 || at[i] > CW_ART_SIDE_PX)
            return false;
    }
    *ret = (struct cw_plane){
        .x = (uint32_t)at[0], .y = (uint32_t)at[1], .w = (uint32_t)at[2], .h = (uint32_t)at[3]};
    return ret->w && ret->h && ret->x + ret->w <= view->width_px &&
           ret->y + ret->h <= view->height_px;
}

/* Coordinates of pixel centres. */
static uint16_t coordinate(uint32_t pixel, uint32_t count) {
    return (uint16_t)((65535u * (2 * (uint64_t)pixel + 1) + count) / (2 * (uint64_t)count));
}

static void put_mask(const uint8_t *rgba, const struct cw_art_view *view,
                     const struct cw_plane *plane, uint8_t *ret) {
    for (size_t i = 0; i < (size_t)plane->w * plane->h; i++) {
        size_t x = plane->x + i % plane->w, y = plane->y + i / plane->w;
        ret[i] = rgba ? (uint8_t)luminance(rgba + 4 * (y * view->width_px + x)) : 255;
    }
}

enum cw_status cw_art_flat_surface(struct cw_arena *arena, const struct cw_art_flat_args *args,
                                   const struct cw_art_view *view, struct cw_pack_surface *ret,
                                   struct cw_error *err) {
    const struct flat f = {.arena = arena, .args = args, .view = view, .err = err};
    struct cw_plane plane;
    uint8_t *rgba = NULL;
    if (!read_rect(json_object_get(args->object, "rect_px"), view, &plane))
        return cw_fail(err, CW_E_INPUT, "art.surface",
                       "%s: 'rect_px' of surface '%s' must be x, y, width and height in pixels "
                       "inside the view",
                       args->view_file, args->name);
    if (json_object_get(args->object, "mask")) {
        enum cw_status status = read_pixels(&f, "mask", &rgba);
        if (status)
            return status;
    }
    size_t count = (size_t)plane.w * plane.h;
    uint8_t *mask = cw_arena_alloc(arena, count);
    uint16_t *uv = cw_arena_array(arena, count, 2 * sizeof *uv);
    put_mask(rgba, view, &plane, mask);
    for (size_t i = 0; i < count; i++) {
        uv[2 * i] = coordinate((uint32_t)(i % plane.w), plane.w);
        uv[2 * i + 1] = (uint16_t)(65535 - coordinate((uint32_t)(i / plane.w), plane.h));
    }
    ret->uv = ret->mask = plane;
    ret->mask.data = mask;
    ret->uv.data = (const uint8_t *)uv;
    return CW_OK;
}
