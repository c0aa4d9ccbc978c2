/*
 * Responsible for: turning a resolved configuration into a scene that needs no product.
 * Does not: measure, place or draw anything, nor check the configuration.
 * Runs in: the server (any thread), the command line.
 */
#include "preview/scene_build.h"

#include <string.h>

#include "cordwain/limits.h"

static enum cw_status broken(struct cw_error *err, const char *what, uint32_t index) {
    return cw_fail(err, CW_E_BUG, "preview.resolved",
                   "the resolved configuration has no such %s: %u", what, index);
}

static enum cw_status build_part(const struct cw_product *product,
                                 const struct cw_resolved_part *part,
                                 struct cw_scene_part *ret_part, struct cw_error *err) {
    if (part->part >= product->part_count)
        return broken(err, "part", part->part);
    if (part->material >= product->material_count)
        return broken(err, "material", part->material);
    if (part->colour >= product->colour_count)
        return broken(err, "colour", part->colour);
    ret_part->part = product->parts[part->part].id;
    ret_part->finish = product->materials[part->material].finish;
    memcpy(ret_part->rgb, product->colours[part->colour].srgb, sizeof ret_part->rgb);
    return CW_OK;
}

static enum cw_status build_text(const struct cw_product *product,
                                 const struct cw_resolved_decal *decal,
                                 const struct cw_surface *surface, struct cw_scene_decal *out,
                                 struct cw_error *err) {
    if (decal->font >= product->font_count)
        return broken(err, "font", decal->font);
    out->text = decal->text;
    out->font_stack = product->fonts[decal->font].stack;
    out->min_letter_um = surface->min_letter_um;
    out->max_letter_um = surface->max_letter_um;
    memcpy(out->zone_um, surface->zone_um, sizeof out->zone_um);
    out->min_stroke_um = surface->min_stroke_um;
    if (decal->option >= product->option_count)
        return broken(err, "option", decal->option);
    out->lettering = product->options[decal->option].text.lettering;
    return CW_OK;
}

static enum cw_status build_pattern(const struct cw_product *product,
                                    const struct cw_resolved_decal *decal,
                                    const struct cw_surface *surface, struct cw_scene_decal *out,
                                    struct cw_error *err) {
    if (decal->pattern >= product->pattern_count)
        return broken(err, "pattern", decal->pattern);
    const struct cw_pattern *pattern = &product->patterns[decal->pattern];
    memcpy(out->tile_um, pattern->tile_um, sizeof out->tile_um);
    out->path = pattern->path;
    out->digest = pattern->tile;
    memcpy(out->box_um, pattern->offset_um, sizeof pattern->offset_um);
    out->box_um[2] = (int32_t)pattern->repeat;
    out->rotation_mdeg = (out->rotation_mdeg + pattern->rotation_mdeg) % 360000;
    memcpy(out->zone_um, surface->artwork_um, sizeof out->zone_um);
    return CW_OK;
}

enum cw_status cw_scene_decal_build(const struct cw_product *product,
                                    const struct cw_resolved_decal *decal,
                                    struct cw_scene_decal *ret_decal, struct cw_error *err) {
    if (decal->surface >= product->surface_count)
        return broken(err, "surface", decal->surface);
    bool picture = decal->kind == CW_DECAL_ARTWORK;
    bool own_colours = cw_decal_is_picture(product, decal);
    if (!own_colours && decal->colour >= product->colour_count)
        return broken(err, "colour", decal->colour);
    const struct cw_surface *surface = &product->surfaces[decal->surface];
    struct cw_scene_decal out = {
        .kind = decal->kind,
        .surface = surface->id,
        .process = surface->process,
        .size_um = {surface->size_um[0], surface->size_um[1]},
        .rotation_mdeg = decal->rotation_mdeg,
        .text = "",
        .font_stack = "",
        .path = "",
        .digest = "",
    };
    if (picture) {
        memcpy(out.zone_um, surface->artwork_um, sizeof out.zone_um);
        memcpy(out.box_um, decal->box_um, sizeof out.box_um);
        out.digest = decal->artwork->digest;
        *ret_decal = out;
        return CW_OK;
    }
    if (!own_colours)
        memcpy(out.rgb, product->colours[decal->colour].srgb, sizeof out.rgb);
    enum cw_status status = decal->kind == CW_DECAL_TEXT
                                ? build_text(product, decal, surface, &out, err)
                                : build_pattern(product, decal, surface, &out, err);
    if (status == CW_OK)
        *ret_decal = out;
    return status;
}

static enum cw_status check_request(const struct cw_scene_request *request, struct cw_error *err) {
    if (request->view >= request->resolved->product->view_count)
        return cw_fail(err, CW_E_INPUT, "preview.view", "the product has no such view");
    if (request->width_px < CW_PREVIEW_MIN_PX || request->width_px > CW_PREVIEW_MAX_PX)
        return cw_fail(err, CW_E_INPUT, "preview.width", "width must be %d to %d pixels",
                       CW_PREVIEW_MIN_PX, CW_PREVIEW_MAX_PX);
    if (request->format != CW_FORMAT_PNG && request->format != CW_FORMAT_WEBP &&
        request->format != CW_FORMAT_JPEG)
        return cw_fail(err, CW_E_INPUT, "preview.format", "format must be png, webp or jpg");
    if (request->frame.transparent && request->format == CW_FORMAT_JPEG)
        return cw_fail(err, CW_E_INPUT, "preview.background", "JPEG has no transparency");
    return CW_OK;
}

static enum cw_status build_parts(const struct cw_resolved *resolved, struct cw_arena *arena,
                                  const struct cw_scene_part **ret_parts, struct cw_error *err) {
    struct cw_scene_part *parts = cw_arena_array(arena, resolved->part_count, sizeof *parts);
    for (size_t i = 0; i < resolved->part_count; i++) {
        enum cw_status status = build_part(resolved->product, &resolved->parts[i], &parts[i], err);
        if (status != CW_OK)
            return status;
    }
    *ret_parts = parts;
    return CW_OK;
}

/* The decals of one surface, or of all with CW_NONE. */
static enum cw_status build_decals(const struct cw_resolved *resolved, uint32_t surface,
                                   struct cw_arena *arena, struct cw_scene *scene,
                                   struct cw_error *err) {
    struct cw_scene_decal *decals = cw_arena_array(arena, resolved->decal_count, sizeof *decals);
    scene->decal_count = 0;
    for (size_t i = 0; i < resolved->decal_count; i++) {
        const struct cw_resolved_decal *decal = &resolved->decals[i];
        if (surface != CW_NONE && decal->surface != surface)
            continue;
        enum cw_status status =
            cw_scene_decal_build(resolved->product, decal, &decals[scene->decal_count], err);
        if (status != CW_OK)
            return status;
        scene->decal_count++;
    }
    scene->decals = decals;
    return CW_OK;
}

/* Every layer of the view has its place, so that two pictures are compared layer by layer; one that
 * is not to be seen has no opacity. */
static enum cw_status build_layers(const struct cw_resolved *resolved, uint32_t view,
                                   struct cw_arena *arena, struct cw_scene *scene,
                                   struct cw_error *err) {
    const struct cw_product *product = resolved->product;
    const struct cw_view *from = &product->views[view];
    struct cw_scene_layer *layers = cw_arena_array(arena, from->layer_count + 1, sizeof *layers);
    for (size_t i = 0; i < from->layer_count; i++) {
        uint32_t surface = from->layers[i].surface;
        layers[i] = (struct cw_scene_layer){
            .picture = from->layers[i].picture,
            .surface = surface == CW_NONE ? "" : product->surfaces[surface].id,
            .blend = from->layers[i].blend,
            .rgb = {255, 255, 255}};
    }
    for (size_t i = 0; i < resolved->layer_count; i++) {
        const struct cw_resolved_layer *seen = &resolved->layers[i];
        if (seen->view != view)
            continue;
        if (seen->layer >= from->layer_count)
            return broken(err, "layer", seen->layer);
        struct cw_scene_layer *layer = &layers[seen->layer];
        layer->opacity_percent = (uint8_t)from->layers[seen->layer].opacity_percent;
        if (seen->colour != CW_NONE)
            memcpy(layer->rgb, product->colours[seen->colour].srgb, sizeof layer->rgb);
    }
    scene->layers = layers;
    scene->layer_count = from->layer_count;
    return CW_OK;
}

enum cw_status cw_scene_from_resolved(const struct cw_scene_request *request,
                                      struct cw_arena *arena, struct cw_scene *ret_scene,
                                      struct cw_error *err) {
    enum cw_status status = check_request(request, err);
    if (status != CW_OK)
        return status;
    const struct cw_resolved *resolved = request->resolved;
    struct cw_scene scene = {
        .view = resolved->product->views[request->view].id,
        .width_px = request->width_px,
        .format = request->format,
        .frame = request->frame,
        .mark = "",
        .part_count = resolved->part_count,
    };
    memcpy(scene.background, request->background, sizeof scene.background);
    status = build_parts(resolved, arena, &scene.parts, err);
    if (status == CW_OK)
        status = build_decals(resolved, CW_NONE, arena, &scene, err);
    if (status == CW_OK)
        status = build_layers(resolved, request->view, arena, &scene, err);
    if (status == CW_OK)
        *ret_scene = scene;
    return status;
}

static const char *ink_of(const struct cw_product *product, const struct cw_resolved_decal *decal) {
    return cw_decal_is_picture(product, decal) ? CW_PICTURE_INK
                                               : cw_surface_ink(&product->surfaces[decal->surface],
                                                                &product->colours[decal->colour]);
}

static const char *const *ink_names(const struct cw_artwork_request *request,
                                    struct cw_arena *arena) {
    const struct cw_resolved *resolved = request->resolved;
    const struct cw_product *product = resolved->product;
    const char **inks = cw_arena_array(arena, resolved->decal_count + 1, sizeof *inks);
    size_t count = 0;
    for (size_t i = 0; i < resolved->decal_count; i++)
        if (resolved->decals[i].surface == request->surface)
            inks[count++] = ink_of(product, &resolved->decals[i]);
    return inks;
}

enum cw_status cw_scene_artwork_build(const struct cw_artwork_request *request,
                                      struct cw_arena *arena, struct cw_scene_artwork *ret_artwork,
                                      struct cw_error *err) {
    const struct cw_resolved *resolved = request->resolved;
    if (request->surface >= resolved->product->surface_count)
        return cw_fail(err, CW_E_NOT_FOUND, "preview.surface", "the product has no such surface");
    struct cw_scene scene = {0};
    enum cw_status status = build_decals(resolved, request->surface, arena, &scene, err);
    if (status != CW_OK)
        return status;
    if (scene.decal_count == 0)
        return cw_fail(err, CW_E_NOT_FOUND, "preview.surface", "nothing is drawn on this surface");
    *ret_artwork = (struct cw_scene_artwork){
        .format = request->format,
        .digest = resolved->digest,
        .production = resolved->product->surfaces[request->surface].production,
        .decal_count = scene.decal_count,
        .decals = scene.decals,
        .inks = ink_names(request, arena),
    };
    return CW_OK;
}
