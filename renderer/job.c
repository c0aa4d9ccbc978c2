/*
 * Responsible for reading the server's messages and writing the answers. Does not draw. Workers run
 * it.
 *
 * The server is trusted with the drawing but not with our memory: every count and length is
 * checked, so a bug on its side costs one answer and no worker.
 */
#include "job.h"

#include <string.h>

#include "base/unicode.h"
#include "base/wire.h"
#include "cordwain/limits.h"

#define NAME_BYTES 63
#define ID_BYTES   255
#define WORLD_UM   2000000 /* no surface is larger than two metres */

static bool within(int32_t value, int32_t low, int32_t high) {
    return value >= low && value <= high;
}

static void get_rgb(struct cw_wire_reader *in, uint8_t rgb[3]) {
    for (int i = 0; i < 3; i++)
        rgb[i] = cw_wire_get_u8(in);
}

static bool lengths_ok(const struct cw_scene_decal *d) {
    bool ok = within(d->size_um[0], 1, WORLD_UM) && within(d->size_um[1], 1, WORLD_UM);
    for (int i = 0; i < 2; i++)
        ok = ok && within(d->zone_um[i], -WORLD_UM, WORLD_UM);
    for (int i = 2; i < 4; i++)
        ok = ok && within(d->zone_um[i], 0, WORLD_UM);
    for (int i = 0; i < 4; i++) /* a high picture may be longer than what it lies on */
        ok = ok && within(d->box_um[i], i < 2 ? -2 * WORLD_UM : 0, INT32_MAX);
    ok = ok && within(d->rotation_mdeg, -360000, 360000);
    ok = ok && within(d->min_letter_um, 0, WORLD_UM) && within(d->max_letter_um, 0, WORLD_UM);
    ok = ok && within(d->min_stroke_um, 0, WORLD_UM);
    return ok && within(d->tile_um[0], 0, WORLD_UM) && within(d->tile_um[1], 0, WORLD_UM);
}

/* A tile's offset; pictures may lie further away. */
static bool offset_ok(const struct cw_scene_decal *d) {
    return d->kind != CW_DECAL_PATTERN ||
           (within(d->box_um[0], -WORLD_UM, WORLD_UM) && within(d->box_um[1], -WORLD_UM, WORLD_UM));
}

static bool get_lettering(struct cw_wire_reader *in, struct cw_arena *arena,
                          struct cw_lettering *ret) {
    uint8_t layout = cw_wire_get_u8(in), numerals = cw_wire_get_u8(in);
    uint8_t small_caps = cw_wire_get_u8(in);
    ret->layout = (enum cw_layout)layout;
    ret->numerals = (enum cw_numerals)numerals;
    ret->small_caps = small_caps == 1;
    ret->spacing_milli = cw_wire_get_i32(in);
    ret->radius_um = cw_wire_get_i32(in);
    ret->path = cw_wire_get_str(in, arena, CW_BASELINE_BYTES);
    return layout <= CW_LAYOUT_MONOGRAM_STACKED && numerals <= CW_NUMERALS_THAI &&
           small_caps <= 1 && within(ret->spacing_milli, -CW_SPACING_MILLI, CW_SPACING_MILLI) &&
           within(ret->radius_um, 0, WORLD_UM);
}

static bool get_decal(struct cw_wire_reader *in, struct cw_arena *arena, struct cw_scene_decal *d) {
    uint8_t kind = cw_wire_get_u8(in);
    d->surface = cw_wire_get_str(in, arena, NAME_BYTES);
    get_rgb(in, d->rgb);
    uint8_t process = cw_wire_get_u8(in);
    for (int i = 0; i < 2; i++)
        d->size_um[i] = cw_wire_get_i32(in);
    for (int i = 0; i < 4; i++)
        d->zone_um[i] = cw_wire_get_i32(in);
    d->rotation_mdeg = cw_wire_get_i32(in);
    d->text = cw_wire_get_str(in, arena, CW_TEXT_BYTES);
    d->font_stack = cw_wire_get_str(in, arena, ID_BYTES);
    d->min_letter_um = cw_wire_get_i32(in);
    d->max_letter_um = cw_wire_get_i32(in);
    for (int i = 0; i < 2; i++)
        d->tile_um[i] = cw_wire_get_i32(in);
    d->path = cw_wire_get_str(in, arena, CW_RENDER_MESSAGE_BYTES);
    bool lettering = get_lettering(in, arena, &d->lettering);
    d->min_stroke_um = cw_wire_get_i32(in);
    d->digest = cw_wire_get_str(in, arena, ID_BYTES);
    for (int i = 0; i < 4; i++)
        d->box_um[i] = cw_wire_get_i32(in);
    d->kind = (enum cw_decal_kind)kind;
    d->process = (enum cw_process)process;
    return !in->failed && kind <= CW_DECAL_ARTWORK && process < CW_PROCESS_COUNT && lettering &&
           lengths_ok(d) && offset_ok(d) && cw_utf8_valid(d->text, strlen(d->text));
}

static bool get_decals(struct cw_wire_reader *in, struct cw_arena *arena, size_t count,
                       struct cw_scene *scene) {
    if (count > CW_RENDER_DECALS)
        return false;
    struct cw_scene_decal *decals = cw_arena_array(arena, count + 1, sizeof *decals);
    for (size_t i = 0; i < count; i++)
        if (!get_decal(in, arena, &decals[i]))
            return false;
    scene->decals = decals;
    scene->decal_count = count;
    return true;
}

static bool get_layers(struct cw_wire_reader *in, struct cw_arena *arena, struct cw_scene *scene) {
    uint16_t count = cw_wire_get_u16(in);
    if (in->failed || count > CW_VIEW_LAYERS)
        return false;
    struct cw_scene_layer *layers = cw_arena_array(arena, (size_t)count + 1, sizeof *layers);
    for (uint16_t i = 0; i < count; i++) {
        layers[i].picture = cw_wire_get_str(in, arena, NAME_BYTES);
        layers[i].surface = cw_wire_get_str(in, arena, NAME_BYTES);
        uint8_t blend = cw_wire_get_u8(in);
        layers[i].opacity_percent = cw_wire_get_u8(in);
        get_rgb(in, layers[i].rgb);
        layers[i].blend = (enum cw_blend)blend;
        if (in->failed || blend > CW_BLEND_OVERLAY || layers[i].opacity_percent > 100)
            return false;
    }
    scene->layers = layers;
    scene->layer_count = count;
    return true;
}

static bool get_parts(struct cw_wire_reader *in, struct cw_arena *arena, struct cw_scene *scene) {
    uint16_t count = cw_wire_get_u16(in);
    if (in->failed || count > CW_RENDER_PARTS)
        return false;
    struct cw_scene_part *parts = cw_arena_array(arena, (size_t)count + 1, sizeof *parts);
    for (uint16_t i = 0; i < count; i++) {
        parts[i].part = cw_wire_get_str(in, arena, NAME_BYTES);
        parts[i].finish = cw_wire_get_str(in, arena, NAME_BYTES);
        get_rgb(in, parts[i].rgb);
    }
    scene->parts = parts;
    scene->part_count = count;
    return !in->failed;
}

/* It goes into XML and into text of Latin letters as it is. */
static bool mark_ok(const char *mark) {
    for (; *mark; mark++)
        if (!(*mark >= 'a' && *mark <= 'z') && !(*mark >= 'A' && *mark <= 'Z') &&
            !(*mark >= '0' && *mark <= '9') && *mark != '-' && *mark != '_')
            return false;
    return true;
}

static bool get_scene(struct cw_wire_reader *in, struct cw_arena *arena, struct cw_scene *scene) {
    scene->view = cw_wire_get_str(in, arena, NAME_BYTES);
    scene->width_px = cw_wire_get_u32(in);
    uint8_t format = cw_wire_get_u8(in);
    scene->format = (enum cw_format)format;
    get_rgb(in, scene->background);
    for (int i = 0; i < 4; i++)
        scene->frame.crop_px[i] = cw_wire_get_u32(in);
    uint8_t bits = cw_wire_get_u8(in);
    scene->frame.transparent = bits & 1;
    scene->frame.no_shadow = bits & 2;
    scene->mark = cw_wire_get_str(in, arena, CW_PREVIEW_MARK_BYTES);
    return bits <= 3 && mark_ok(scene->mark) && format <= CW_FORMAT_JPEG &&
           get_parts(in, arena, scene) && get_decals(in, arena, cw_wire_get_u16(in), scene) &&
           get_layers(in, arena, scene);
}

static const char *get_name(struct cw_wire_reader *in, struct cw_arena *arena) {
    const char *name = cw_wire_get_str(in, arena, ID_BYTES);
    in->failed = in->failed || !cw_utf8_valid(name, strlen(name));
    return in->failed ? "" : name;
}

static bool get_artwork(struct cw_wire_reader *in, struct cw_arena *arena,
                        struct cw_scene_artwork *artwork) {
    struct cw_scene scene = {0};
    if (!get_decals(in, arena, cw_wire_get_u16(in), &scene))
        return false;
    const char **inks = cw_arena_array(arena, scene.decal_count + 1, sizeof *inks);
    for (size_t i = 0; i < scene.decal_count; i++)
        inks[i] = get_name(in, arena);
    struct cw_production *p = &artwork->production;
    artwork->decals = scene.decals;
    artwork->decal_count = scene.decal_count;
    artwork->inks = inks;
    artwork->format = (enum cw_format)cw_wire_get_u8(in);
    artwork->digest = get_name(in, arena);
    bool ok = true;
    for (int i = 0; i < 4; i++) {
        p->trim_um[i] = cw_wire_get_i32(in);
        ok = ok && within(p->trim_um[i], i < 2 ? -WORLD_UM : 0, WORLD_UM);
    }
    p->bleed_um = cw_wire_get_i32(in);
    p->cut_path = cw_wire_get_str(in, arena, CW_RENDER_MESSAGE_BYTES);
    p->cut_spot = get_name(in, arena);
    p->underbase = get_name(in, arena);
    p->varnish = get_name(in, arena);
    uint8_t marks = cw_wire_get_u8(in);
    p->marks = marks == 1;
    return ok && !in->failed && marks <= 1 && within(p->bleed_um, 0, CW_ARTWORK_BLEED_UM) &&
           (artwork->format == CW_FORMAT_PDF || artwork->format == CW_FORMAT_SVG);
}

static bool get_body(struct cw_wire_reader *in, struct cw_arena *arena, uint16_t kind,
                     struct cw_job *ret) {
    ret->kind = (enum cw_render_kind)kind;
    switch (kind) {
    case CW_RENDER_RENDER:
        return get_scene(in, arena, &ret->scene);
    case CW_RENDER_MEASURE:
        return get_decals(in, arena, 1, &ret->scene);
    case CW_RENDER_ARTWORK:
        return get_artwork(in, arena, &ret->artwork);
    default:
        return false;
    }
}

enum cw_status cw_job_decode(struct cw_arena *arena, struct cw_bytes data, struct cw_job *ret,
                             struct cw_error *err) {
    *ret = (struct cw_job){0};
    if (data.length > CW_RENDER_MESSAGE_BYTES)
        return cw_fail(err, CW_E_LIMIT, "render.message", "the message is longer than %d bytes",
                       CW_RENDER_MESSAGE_BYTES);
    struct cw_wire_reader in;
    cw_wire_reader_init(&in, data.data, data.length);
    uint32_t magic = cw_wire_get_u32(&in);
    uint16_t version = cw_wire_get_u16(&in), kind = cw_wire_get_u16(&in);
    uint32_t id = cw_wire_get_u32(&in), length = cw_wire_get_u32(&in);
    if (in.failed || magic != CW_RENDER_MAGIC || version != CW_RENDER_VERSION)
        return cw_fail(err, CW_E_INPUT, "render.message", "not a render message of version %d",
                       CW_RENDER_VERSION);
    ret->id = id;
    if (length != data.length - CW_RENDER_HEADER_BYTES || !get_body(&in, arena, kind, ret) ||
        !cw_wire_done(&in))
        return cw_fail(err, CW_E_INPUT, "render.message", "the render message is malformed");
    return CW_OK;
}

/* ---- answers --------------------------------------------------------------------------------- */

static void start(struct cw_buf *ret, enum cw_render_kind kind, uint32_t id) {
    cw_buf_reset(ret);
    cw_wire_put_u32(ret, CW_RENDER_MAGIC);
    cw_wire_put_u16(ret, CW_RENDER_VERSION);
    cw_wire_put_u16(ret, (uint16_t)kind);
    cw_wire_put_u32(ret, id);
    cw_wire_put_u32(ret, 0);
}

static void finish(struct cw_buf *ret) {
    uint32_t length = (uint32_t)(ret->length - CW_RENDER_HEADER_BYTES);
    for (int i = 0; i < 4; i++)
        ret->data[12 + i] = (char)(length >> (8 * i) & 255);
}

void cw_job_put_hello(struct cw_buf *ret, const char *build, const char *fonts_digest) {
    start(ret, CW_RENDER_HELLO, 0);
    cw_wire_put_str(ret, build);
    cw_wire_put_str(ret, fonts_digest);
    finish(ret);
}

void cw_job_put_image(struct cw_buf *ret, uint32_t id, size_t length, const uint32_t size_px[2],
                      uint32_t draw_us) {
    start(ret, CW_RENDER_IMAGE, id);
    cw_wire_put_u32(ret, (uint32_t)length);
    cw_wire_put_u32(ret, size_px[0]);
    cw_wire_put_u32(ret, size_px[1]);
    cw_wire_put_u32(ret, draw_us);
    finish(ret);
}

void cw_job_put_measured(struct cw_buf *ret, uint32_t id, const struct cw_text_fit *fit) {
    start(ret, CW_RENDER_MEASURED, id);
    cw_wire_put_u8(ret, (uint8_t)fit->verdict);
    cw_wire_put_str(ret, fit->glyph);
    cw_wire_put_i32(ret, fit->em_um);
    cw_wire_put_i32(ret, fit->ink_um[0]);
    cw_wire_put_i32(ret, fit->ink_um[1]);
    cw_wire_put_i32(ret, fit->detail_um);
    finish(ret);
}

void cw_job_put_failed(struct cw_buf *ret, uint32_t id, const struct cw_error *err) {
    start(ret, CW_RENDER_FAILED, id);
    cw_wire_put_u8(ret, (uint8_t)err->status);
    cw_wire_put_str(ret, err->code ? err->code : "");
    cw_wire_put_str(ret, err->message);
    finish(ret);
}
