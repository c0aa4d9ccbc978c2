/*
 * Responsible for: scenes and decals as bytes, field by field, in the order of cordwain/scene.h.
 * Does not: write the message header (pool) or read anything back (the renderer does).
 * Runs in: the server (any thread), the command line.
 */
#include "preview/scene_encode.h"

#include "base/wire.h"
#include "cordwain/limits.h"

static enum cw_status check_size(const struct cw_buf *buf, struct cw_error *err) {
    if (buf->length > CW_RENDER_MESSAGE_BYTES - CW_RENDER_HEADER_BYTES)
        return cw_fail(err, CW_E_LIMIT, "render.scene_too_large",
                       "the scene has %zu bytes, limit is %d", buf->length,
                       CW_RENDER_MESSAGE_BYTES - CW_RENDER_HEADER_BYTES);
    return CW_OK;
}

static enum cw_status check_count(size_t count, const char *what, struct cw_error *err) {
    if (count > UINT16_MAX)
        return cw_fail(err, CW_E_LIMIT, "render.scene_too_large", "too many %s: %zu", what, count);
    return CW_OK;
}

static void put_rgb(struct cw_buf *buf, const uint8_t rgb[3]) {
    for (int i = 0; i < 3; i++)
        cw_wire_put_u8(buf, rgb[i]);
}

static void put_lengths(struct cw_buf *buf, const int32_t *lengths, size_t count) {
    for (size_t i = 0; i < count; i++)
        cw_wire_put_i32(buf, lengths[i]);
}

static void put_decal(struct cw_buf *buf, const struct cw_scene_decal *decal) {
    cw_wire_put_u8(buf, (uint8_t)decal->kind);
    cw_wire_put_str(buf, decal->surface);
    put_rgb(buf, decal->rgb);
    cw_wire_put_u8(buf, (uint8_t)decal->process);
    put_lengths(buf, decal->size_um, 2);
    put_lengths(buf, decal->zone_um, 4);
    cw_wire_put_i32(buf, decal->rotation_mdeg);
    cw_wire_put_str(buf, decal->text);
    cw_wire_put_str(buf, decal->font_stack);
    cw_wire_put_i32(buf, decal->min_letter_um);
    cw_wire_put_i32(buf, decal->max_letter_um);
    put_lengths(buf, decal->tile_um, 2);
    cw_wire_put_str(buf, decal->path);
    cw_wire_put_u8(buf, (uint8_t)decal->lettering.layout);
    cw_wire_put_u8(buf, (uint8_t)decal->lettering.numerals);
    cw_wire_put_u8(buf, decal->lettering.small_caps ? 1 : 0);
    cw_wire_put_i32(buf, decal->lettering.spacing_milli);
    cw_wire_put_i32(buf, decal->lettering.radius_um);
    cw_wire_put_str(buf, decal->lettering.path ? decal->lettering.path : "");
    cw_wire_put_i32(buf, decal->min_stroke_um);
    cw_wire_put_str(buf, decal->digest);
    put_lengths(buf, decal->box_um, 4);
}

enum cw_status cw_scene_encode_decal(const struct cw_scene_decal *decal, struct cw_buf *buf,
                                     struct cw_error *err) {
    put_decal(buf, decal);
    return check_size(buf, err);
}

static enum cw_status encode_decals(const struct cw_scene *scene, struct cw_buf *buf,
                                    struct cw_error *err) {
    enum cw_status status = check_count(scene->decal_count, "decals", err);
    if (status != CW_OK)
        return status;
    cw_wire_put_u16(buf, (uint16_t)scene->decal_count);
    for (size_t i = 0; i < scene->decal_count; i++)
        put_decal(buf, &scene->decals[i]);
    return check_size(buf, err);
}

static enum cw_status encode_layers(const struct cw_scene *scene, struct cw_buf *buf,
                                    struct cw_error *err) {
    enum cw_status status = check_count(scene->layer_count, "layers", err);
    if (status != CW_OK)
        return status;
    cw_wire_put_u16(buf, (uint16_t)scene->layer_count);
    for (size_t i = 0; i < scene->layer_count; i++) {
        const struct cw_scene_layer *layer = &scene->layers[i];
        cw_wire_put_str(buf, layer->picture);
        cw_wire_put_str(buf, layer->surface);
        cw_wire_put_u8(buf, (uint8_t)layer->blend);
        cw_wire_put_u8(buf, layer->opacity_percent);
        put_rgb(buf, layer->rgb);
    }
    return check_size(buf, err);
}

enum cw_status cw_scene_encode_artwork(const struct cw_scene_artwork *artwork, struct cw_buf *buf,
                                       struct cw_error *err) {
    const struct cw_scene scene = {.decal_count = artwork->decal_count, .decals = artwork->decals};
    const struct cw_production *p = &artwork->production;
    enum cw_status status = encode_decals(&scene, buf, err);
    if (status != CW_OK)
        return status;
    for (size_t i = 0; i < artwork->decal_count; i++)
        cw_wire_put_str(buf, artwork->inks[i]);
    cw_wire_put_u8(buf, (uint8_t)artwork->format);
    cw_wire_put_str(buf, artwork->digest);
    put_lengths(buf, p->trim_um, 4);
    cw_wire_put_i32(buf, p->bleed_um);
    cw_wire_put_str(buf, p->cut_path);
    cw_wire_put_str(buf, p->cut_spot);
    cw_wire_put_str(buf, p->underbase);
    cw_wire_put_str(buf, p->varnish);
    cw_wire_put_u8(buf, p->marks);
    return check_size(buf, err);
}

enum cw_status cw_scene_encode(const struct cw_scene *scene, struct cw_buf *buf,
                               struct cw_error *err) {
    enum cw_status status = check_count(scene->part_count, "parts", err);
    if (status != CW_OK)
        return status;
    cw_wire_put_str(buf, scene->view);
    cw_wire_put_u32(buf, scene->width_px);
    cw_wire_put_u8(buf, (uint8_t)scene->format);
    put_rgb(buf, scene->background);
    for (int i = 0; i < 4; i++)
        cw_wire_put_u32(buf, scene->frame.crop_px[i]);
    cw_wire_put_u8(
        buf, (uint8_t)((scene->frame.transparent ? 1 : 0) | (scene->frame.no_shadow ? 2 : 0)));
    cw_wire_put_str(buf, scene->mark);
    cw_wire_put_u16(buf, (uint16_t)scene->part_count);
    for (size_t i = 0; i < scene->part_count; i++) {
        cw_wire_put_str(buf, scene->parts[i].part);
        cw_wire_put_str(buf, scene->parts[i].finish);
        put_rgb(buf, scene->parts[i].rgb);
    }
    status = encode_decals(scene, buf, err);
    return status == CW_OK ? encode_layers(scene, buf, err) : status;
}
