/*
 * Responsible for reading an art bundle and refusing what the compositor could not draw right. Does
 * not write packs (pack_write.c). The pack writer runs it.
 */
#include "art.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "art_flat.h"
#include "art_tile.h"
#include "base/file.h"
#include "base/json.h"
#include "cordwain/limits.h"
#include "plane.h"
#include "uv.h"

/* Masks are rendered with antialiasing and rounded one by one, so a pixel's sum may miss 255 by a
 * few steps. */
#define SUM_TOLERANCE 3

struct loader {
    struct cw_arena *arena;
    struct cw_art *art;
    const char *dir;          /* of the bundle */
    const char *pictures_dir; /* or NULL */
    struct cw_art_view *view; /* being read */
    const char *view_dir, *view_file;
    uint16_t *sum;          /* of the view's masks */
    struct cw_plane bounds; /* union of the masks, grown */
    struct cw_error *err;
};

static bool name_ok(const char *name) {
    size_t length = name ? strlen(name) : 0;
    if (length == 0 || length > 63)
        return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") ==
               length &&
           name[0] != '.';
}

static enum cw_status read_json(struct loader *l, const char *path, json_t **ret) {
    char *text;
    size_t length;
    enum cw_status status = cw_file_read(l->arena, path, CW_ART_JSON_BYTES, &text, &length, l->err);
    if (status)
        return status;
    struct cw_error inner = {0};
    status = cw_json_read(l->arena, text, length, CW_ART_JSON_BYTES, ret, &inner);
    if (status)
        return cw_fail(l->err, status, "art.json", "%s: %s", path, inner.message);
    if (!json_is_object(*ret))
        return cw_fail(l->err, CW_E_INPUT, "art.json", "%s: must be an object", path);
    return CW_OK;
}

/* Index of a name, added when new; CW_NONE when it is no name or the list is full. */
static uint32_t intern(struct loader *l, struct cw_names *names, const char *name) {
    uint32_t found = name_ok(name) ? cw_names_find(names, name) : CW_NONE;
    if (found != CW_NONE || !name_ok(name) || names->count == CW_ART_NAMES)
        return found;
    names->items[names->count] = cw_arena_strdup(l->arena, name);
    return (uint32_t)names->count++;
}

/* Picture named by a member, of the view's size. */
static enum cw_status read_image(struct loader *l, const json_t *object, const char *member,
                                 enum cw_image_kind kind, struct cw_image *ret) {
    const char *file = json_string_value(json_object_get(object, member));
    if (!name_ok(file))
        return cw_fail(l->err, CW_E_INPUT, "art.json", "%s: '%s' must be a plain file name",
                       l->view_file, member);
    const char *path = cw_arena_printf(l->arena, "%s/%s", l->view_dir, file);
    enum cw_status status = cw_png_read(l->arena, path, kind, ret, l->err);
    if (status)
        return status;
    if (ret->width != l->view->width_px || ret->height != l->view->height_px)
        return cw_fail(l->err, CW_E_INPUT, "art.size", "%s: is %ux%u, the view is %ux%u", path,
                       ret->width, ret->height, l->view->width_px, l->view->height_px);
    return CW_OK;
}

static enum cw_status read_part(struct loader *l, const char *name, const json_t *object) {
    uint32_t part = intern(l, &l->art->parts, name);
    if (part == CW_NONE)
        return cw_fail(l->err, CW_E_INPUT, "art.name", "%s: '%s' is no part name, or more than %d",
                       l->view_file, name, CW_ART_NAMES);
    struct cw_image image;
    enum cw_status status = read_image(l, object, "file", CW_IMAGE_GREY8, &image);
    if (status)
        return status;
    struct cw_art_part *to = &l->view->parts[l->view->part_count++];
    *to = (struct cw_art_part){.part = part, .mask = cw_plane_bbox(&image)};
    cw_plane_crop(l->arena, &image, &to->mask);
    cw_plane_include(&l->bounds, &to->mask);
    size_t count = (size_t)image.width * image.height;
    for (size_t i = 0; i < count; i++)
        l->sum[i] = (uint16_t)(l->sum[i] + image.data[i]);
    return CW_OK;
}

static enum cw_status check_disjoint(struct loader *l) {
    size_t count = (size_t)l->view->width_px * l->view->height_px;
    for (size_t i = 0; i < count; i++)
        if (l->sum[i] > 255 + SUM_TOLERANCE)
            return cw_fail(l->err, CW_E_INPUT, "art.masks_overlap",
                           "%s: masks overlap at pixel %zu,%zu (sum %u)", l->view_file,
                           i % l->view->width_px, i / l->view->width_px, l->sum[i]);
    return CW_OK;
}

static enum cw_status part_set(struct loader *l, const json_t *list, uint64_t *ret) {
    *ret = 0;
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item) {
        const char *name = json_string_value(item);
        uint32_t part = name ? intern(l, &l->art->parts, name) : CW_NONE;
        if (part == CW_NONE)
            return cw_fail(l->err, CW_E_INPUT, "art.name", "%s: unknown part '%s' in a list",
                           l->view_file, name ? name : "?");
        *ret |= UINT64_C(1) << part;
    }
    return CW_OK;
}

static enum cw_status read_finish(struct loader *l, const char *name, const json_t *object) {
    struct cw_art_finish finish = {.finish = intern(l, &l->art->finishes, name)};
    if (finish.finish == CW_NONE)
        return cw_fail(l->err, CW_E_INPUT, "art.name", "%s: '%s' is no finish name", l->view_file,
                       name);
    struct cw_image image;
    enum cw_status status = part_set(l, json_object_get(object, "metal"), &finish.metal_parts);
    if (!status)
        status = read_image(l, object, "diffuse", CW_IMAGE_GREY8, &image);
    if (status)
        return status;
    finish.diffuse = l->bounds;
    cw_plane_crop(l->arena, &image, &finish.diffuse);
    status = read_image(l, object, "specular", CW_IMAGE_GREY8, &image);
    if (status)
        return status;
    finish.specular = l->bounds;
    cw_plane_crop(l->arena, &image, &finish.specular);
    l->view->finishes[l->view->finish_count++] = finish;
    return CW_OK;
}

static bool read_size(const json_t *object, int32_t ret_um[2]) {
    const json_t *size = json_object_get(object, "size_mm");
    for (size_t i = 0; i < 2; i++) {
        double mm = json_number_value(json_array_get(size, i));
        if (!(mm > 0.1 && mm < 2000))
            return false;
        ret_um[i] = (int32_t)lround(mm * 1000);
    }
    return json_array_size(size) == 2;
}

static struct cw_art_flat_args flat_args(const struct loader *l, const char *name,
                                         const json_t *object) {
    return (struct cw_art_flat_args){
        .name = name, .object = object, .view_file = l->view_file, .dir = l->pictures_dir};
}

static enum cw_status read_surface(struct loader *l, const char *name, const json_t *object) {
    struct cw_pack_surface surface = {.surface = intern(l, &l->art->surfaces, name)};
    if (surface.surface == CW_NONE || !read_size(object, surface.size_um))
        return cw_fail(l->err, CW_E_INPUT, "art.surface",
                       "%s: surface '%s' has no right name or size_mm", l->view_file, name);
    struct cw_image image;
    enum cw_status status = part_set(l, json_object_get(object, "parts"), &surface.parts);
    if (!status && !json_object_get(object, "parts"))
        surface.parts = UINT64_MAX;
    if (!status && json_object_get(object, "rect_px")) {
        const struct cw_art_flat_args args = flat_args(l, name, object);
        status = cw_art_flat_surface(l->arena, &args, l->view, &surface, l->err);
        if (!status)
            l->view->surfaces[l->view->surface_count++] = surface;
        return status;
    }
    if (!status)
        status = read_image(l, object, "mask", CW_IMAGE_GREY8, &image);
    if (status)
        return status;
    surface.mask = cw_plane_bbox(&image);
    cw_plane_crop(l->arena, &image, &surface.mask);
    status = read_image(l, object, "file", CW_IMAGE_UV16, &image);
    if (status)
        return status;
    surface.uv = surface.mask;
    cw_plane_crop(l->arena, &image, &surface.uv);
    if (surface.uv.w)
        cw_uv_mend(l->arena, (uint16_t *)(uintptr_t)surface.uv.data, &surface);
    l->view->surfaces[l->view->surface_count++] = surface;
    return CW_OK;
}

typedef enum cw_status (*member_fn)(struct loader *, const char *, const json_t *);

static enum cw_status each(struct loader *l, const json_t *root, const char *member,
                           member_fn read) {
    const json_t *object = json_object_get(root, member);
    if (!json_is_object(object) || json_object_size(object) > CW_ART_NAMES)
        return cw_fail(l->err, CW_E_INPUT, "art.json",
                       "%s: '%s' must be an object of at most %d members", l->view_file, member,
                       CW_ART_NAMES);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, name, value) {
        enum cw_status status = read(l, name, value);
        if (status)
            return status;
    }
    return CW_OK;
}

/* A flat view has no light, so no scales. */
static bool read_head(struct cw_art_view *view, const json_t *root) {
    bool flat = json_object_get(root, "pictures") != NULL;
    json_int_t width = json_integer_value(json_object_get(root, "width"));
    json_int_t height = json_integer_value(json_object_get(root, "height"));
    double diffuse = json_number_value(json_object_get(root, "diffuse_scale"));
    double specular = json_number_value(json_object_get(root, "specular_scale"));
    if (width < 16 || width > CW_ART_SIDE_PX || height < 16 || height > CW_ART_SIDE_PX)
        return false;
    if (!flat && !(diffuse > 0 && diffuse <= 100 && specular > 0 && specular <= 100))
        return false;
    view->width_px = (uint32_t)width;
    view->height_px = (uint32_t)height;
    view->diffuse_scale = (float)diffuse;
    view->specular_scale = (float)specular;
    return true;
}

static enum cw_status read_shadow(struct loader *l, const json_t *root) {
    if (!json_object_get(root, "shadow"))
        return CW_OK;
    struct cw_image image;
    enum cw_status status = read_image(l, root, "shadow", CW_IMAGE_GREY8, &image);
    if (status)
        return status;
    l->view->shadow = cw_plane_bbox(&image);
    cw_plane_crop(l->arena, &image, &l->view->shadow);
    return CW_OK;
}

static enum cw_status read_lit(struct loader *l, const json_t *root) {
    enum cw_status status = each(l, root, "parts", read_part);
    if (!status)
        status = check_disjoint(l);
    if (!status)
        status = each(l, root, "finishes", read_finish);
    return status;
}

static enum cw_status read_picture(struct loader *l, const char *name, const json_t *object) {
    const struct cw_art_flat_args args = flat_args(l, name, object);
    if (!name_ok(name))
        return cw_fail(l->err, CW_E_INPUT, "art.name", "%s: '%s' is no picture name", l->view_file,
                       name);
    return cw_art_flat_picture(l->arena, &args, l->view, l->err);
}

static enum cw_status read_pictures(struct loader *l, const json_t *root) {
    if (json_object_get(root, "parts") || json_object_get(root, "finishes"))
        return cw_fail(l->err, CW_E_INPUT, "art.json",
                       "%s: a view has either 'pictures' or 'parts' and 'finishes'", l->view_file);
    l->view->pictures = cw_arena_array(l->arena, CW_ART_NAMES, sizeof *l->view->pictures);
    enum cw_status status = each(l, root, "pictures", read_picture);
    if (!status && l->view->picture_count == 0)
        return cw_fail(l->err, CW_E_INPUT, "art.json", "%s: 'pictures' is empty", l->view_file);
    return status;
}

static enum cw_status read_view(struct loader *l, const char *name) {
    struct cw_art_view *view = l->view;
    view->name = cw_arena_strdup(l->arena, name);
    l->view_dir = cw_arena_printf(l->arena, "%s/%s", l->dir, name);
    l->view_file = cw_arena_printf(l->arena, "%s/view.json", l->view_dir);
    l->bounds = (struct cw_plane){0};
    json_t *root;
    enum cw_status status = read_json(l, l->view_file, &root);
    if (status)
        return status;
    if (!read_head(view, root))
        return cw_fail(l->err, CW_E_INPUT, "art.json",
                       "%s: width, height or a scale is missing or out of range", l->view_file);
    l->sum = cw_arena_array(l->arena, (size_t)view->width_px * view->height_px, sizeof *l->sum);
    view->parts = cw_arena_array(l->arena, CW_ART_NAMES, sizeof *view->parts);
    view->finishes = cw_arena_array(l->arena, CW_ART_NAMES, sizeof *view->finishes);
    view->surfaces = cw_arena_array(l->arena, CW_ART_NAMES, sizeof *view->surfaces);
    if (json_object_get(root, "pictures"))
        status = read_pictures(l, root);
    else
        status = read_lit(l, root);
    if (!status)
        status = each(l, root, "surfaces", read_surface);
    if (!status)
        status = read_shadow(l, root);
    return status;
}

static enum cw_status read_tile(struct loader *l, const char *name, const json_t *object) {
    const struct cw_art_flat_args args = flat_args(l, name, object);
    if (!name_ok(name))
        return cw_fail(l->err, CW_E_INPUT, "art.name", "%s: '%s' is no tile name", l->view_file,
                       name);
    enum cw_status status =
        cw_art_tile(l->arena, &args, &l->art->tiles[l->art->tile_count], l->err);
    l->art->tile_count += status == CW_OK;
    return status;
}

/* The product's own part list first, so that a part's number does not depend on which view shows
 * it. */
static enum cw_status read_product(struct loader *l, const char *path, json_t **ret) {
    enum cw_status status = read_json(l, path, ret);
    if (status)
        return status;
    const char *product = json_string_value(json_object_get(*ret, "product"));
    if (!name_ok(product))
        return cw_fail(l->err, CW_E_INPUT, "art.json", "%s: no 'product' name", path);
    l->art->product = cw_arena_strdup(l->arena, product);
    l->view_file = path;
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(*ret, "parts"), i, item) {
        const char *name = json_string_value(json_object_get(item, "name"));
        uint32_t part = intern(l, &l->art->parts, name);
        if (part == CW_NONE)
            return cw_fail(l->err, CW_E_INPUT, "art.name", "%s: part %zu has no right name", path,
                           i);
        if (json_object_get(item, "fixed_color"))
            l->art->fixed_parts |= UINT64_C(1) << part;
    }
    return CW_OK;
}

enum cw_status cw_art_load(struct cw_arena *arena, const char *dir, const char *pictures_dir,
                           struct cw_art *ret, struct cw_error *err) {
    struct cw_art art = {0};
    struct cw_names *lists[] = {&art.parts, &art.finishes, &art.surfaces};
    for (size_t i = 0; i < 3; i++)
        lists[i]->items = cw_arena_array(arena, CW_ART_NAMES, sizeof(char *));
    struct loader l = {
        .arena = arena, .art = &art, .dir = dir, .pictures_dir = pictures_dir, .err = err};
    const char *path = cw_arena_printf(arena, "%s/product.json", dir);
    json_t *root;
    enum cw_status status = read_product(&l, path, &root);
    if (status)
        return status;
    art.tiles = cw_arena_array(arena, CW_ART_NAMES, sizeof *art.tiles);
    if (json_object_get(root, "tiles"))
        status = each(&l, root, "tiles", read_tile);
    if (status)
        return status;
    const json_t *views = json_object_get(root, "views");
    if (json_array_size(views) == 0 || json_array_size(views) > CW_ART_NAMES)
        return cw_fail(err, CW_E_INPUT, "art.json", "%s: 'views' must list 1 to %d views", path,
                       CW_ART_NAMES);
    art.views = cw_arena_array(arena, json_array_size(views), sizeof *art.views);
    for (size_t i = 0; i < json_array_size(views); i++) {
        const char *name = json_string_value(json_object_get(json_array_get(views, i), "name"));
        if (!name_ok(name))
            return cw_fail(err, CW_E_INPUT, "art.name", "%s: view %zu has no right name", path, i);
        l.view = &art.views[art.view_count++];
        status = read_view(&l, name);
        if (status)
            return status;
    }
    *ret = art;
    return CW_OK;
}
