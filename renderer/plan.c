/*
 * Responsible for resolving a scene's names against a pack and for composing single rows. Does not
 * resample (compose.c) and does no arithmetic of its own (blend.c). Workers run it.
 */
#include "plan.h"

#include <string.h>

#include "base/srgb.h"
#include "cordwain/limits.h"
#include "decal_picture.h"
#include "decal_tile.h"
#include "relief.h"

#define ROW_ALIGN 32

static void linear(const uint8_t rgb[3], float ret[3]) {
    for (size_t i = 0; i < 3; i++)
        ret[i] = cw_srgb_linear[rgb[i]];
}

static void release_layer(void *layer) {
    cw_layer_deinit(layer);
}

static void set_look(const struct cw_plan *plan, size_t part, size_t finish, const uint8_t rgb[3]) {
    struct cw_plan_part *to = &plan->parts[part];
    size_t at = part * plan->view->finish_count + finish;
    const struct cw_light *light = &plan->level->lights[at];
    const struct cw_light_unit *unit = &plan->view->units[at];
    linear(rgb, to->colour);
    to->light = (struct cw_part_light){.tinted = light->tinted,
                                       .plain = light->plain,
                                       .tinted_unit = unit->tinted,
                                       .plain_unit = unit->plain};
    for (size_t i = 0; i < 3; i++)
        to->light.tint[i] = to->colour[i] * unit->tinted;
}

static size_t find(const uint32_t *list, size_t count, uint32_t number) {
    size_t i = 0;
    while (i < count && list[i] != number)
        i++;
    return i;
}

static enum cw_status add_parts(struct cw_plan *plan, const struct cw_pack *pack,
                                const struct cw_scene *scene, struct cw_error *err) {
    const struct cw_pack_view *view = plan->view;
    /* a part the scene does not name (steel rings, which have one look) is white in the view's
     * first finish */
    static const uint8_t white[3] = {255, 255, 255};
    for (size_t i = 0; i < view->part_count && view->finish_count; i++) {
        plan->parts[i].spans = &plan->level->parts[i];
        plan->parts[i].bit = UINT64_C(1) << view->parts[i];
        set_look(plan, i, 0, white);
        plan->part_count++;
    }
    for (size_t i = 0; i < scene->part_count; i++) {
        const struct cw_scene_part *from = &scene->parts[i];
        uint32_t number = cw_names_find(&pack->parts, from->part);
        uint32_t finish_number = cw_names_find(&pack->finishes, from->finish);
        if (number == CW_NONE)
            return cw_fail(err, CW_E_INPUT, "render.part_unknown", "the art has no part '%s'",
                           from->part);
        if (cw_pack_view_is_flat(view)) /* its pictures show the finish */
            continue;
        size_t finish = find(view->finishes, view->finish_count, finish_number);
        if (finish == view->finish_count)
            return cw_fail(err, CW_E_INPUT, "render.finish_unknown", "the art has no finish '%s'",
                           from->finish);
        size_t part = find(view->parts, view->part_count, number);
        if (part < plan->part_count)
            set_look(plan, part, finish, from->rgb);
    }
    return CW_OK;
}

/* Has it colours of its own? */
static bool is_picture(const struct cw_scene_decal *decal) {
    return decal->kind == CW_DECAL_ARTWORK || decal->tile;
}

/* One decal on its way to its layers. */
struct inking {
    const struct cw_plan_input *input;
    struct cw_decal_ref ref;
    const struct cw_pack_surface *surface;
    struct cw_coverage flat; /* empty until it is needed */
};

static enum cw_status draw_picture(const struct inking *inking, struct cw_layer *ret,
                                   struct cw_error *err) {
    struct cw_coverage planes[4] = {0};
    const struct cw_scene_decal *decal = &inking->ref.decals[inking->ref.index];
    const int32_t um_per_px = cw_layer_um_per_px(inking->surface);
    enum cw_status status =
        decal->tile ? cw_decal_tile(inking->input->fonts, &inking->ref, um_per_px, planes, err)
                    : cw_decal_picture(decal, um_per_px, planes, err);
    if (!status)
        status = cw_layer_map_picture(inking->surface, planes, ret, err);
    for (size_t i = 0; i < 4; i++)
        cw_coverage_deinit(&planes[i]);
    return status;
}

static enum cw_status draw_layer(struct inking *inking, enum cw_relief which, struct cw_layer *ret,
                                 struct cw_error *err) {
    const int32_t um_per_px = cw_layer_um_per_px(inking->surface);
    struct cw_coverage relief = {0};
    enum cw_status status = CW_OK;
    if (is_picture(&inking->ref.decals[inking->ref.index]))
        return draw_picture(inking, ret, err);
    if (!inking->flat.data)
        status =
            cw_decal_coverage(inking->input->fonts, &inking->ref, um_per_px, &inking->flat, err);
    if (!status && which != CW_RELIEF_INK) {
        struct cw_relief_args args = {
            .flat = &inking->flat,
            .process = inking->ref.decals[inking->ref.index].process,
            .um_per_px = um_per_px,
            .which = which,
        };
        cw_layer_light(inking->surface, args.light_milli);
        status = cw_relief_make(&args, &relief, err);
    }
    if (!status)
        status = cw_layer_map(inking->surface, relief.data ? &relief : &inking->flat, ret, err);
    cw_coverage_deinit(&relief);
    return status;
}

/* Copied from one drawn before, or drawn. */
static enum cw_status make_layer(struct inking *inking, enum cw_relief which, struct cw_layer *ret,
                                 struct cw_error *err) {
    const struct cw_plan_input *input = inking->input;
    uint8_t key[32];
    cw_decal_key(&inking->ref, key);
    key[31] ^= (uint8_t)which;
    const struct cw_layer *found =
        input->find ? input->find(input->find_data, inking->surface, key) : NULL;
    if (found)
        return cw_layer_copy(found, ret, err);
    enum cw_status status = draw_layer(inking, which, ret, err);
    if (status)
        return status;
    cw_layer_crop(ret);
    ret->surface = inking->surface;
    memcpy(ret->key, key, sizeof ret->key);
    return CW_OK;
}

/* Its ink, and for what is not printed black and white "inks" that shade it. */
static enum cw_status add_layers(struct cw_arena *arena, struct inking *inking,
                                 struct cw_plan *plan, struct cw_error *err) {
    static const uint8_t inks[CW_RELIEF_COUNT][3] = {
        [CW_RELIEF_SHADE] = {0, 0, 0}, [CW_RELIEF_SHINE] = {255, 255, 255}};
    const struct cw_scene_decal *decal = &inking->ref.decals[inking->ref.index];
    const bool shaded = !is_picture(decal) && cw_relief_has(decal->process);
    const int count = shaded ? CW_RELIEF_COUNT : 1;
    for (int which = 0; which < count; which++) {
        struct cw_layer *layer = &plan->layers[plan->layer_count];
        enum cw_status status = make_layer(inking, (enum cw_relief)which, layer, err);
        if (status)
            return status;
        cw_arena_defer(arena, release_layer, layer);
        linear(which == CW_RELIEF_INK ? decal->rgb : inks[which], layer->rgb);
        plan->layer_count++;
    }
    return CW_OK;
}

static enum cw_status add_decal(struct cw_arena *arena, const struct cw_plan_input *input,
                                size_t index, struct cw_plan *plan, struct cw_error *err) {
    const struct cw_scene_decal *decal = &input->scene->decals[index];
    uint32_t number = cw_names_find(&input->pack->surfaces, decal->surface);
    if (number == CW_NONE)
        return cw_fail(err, CW_E_INPUT, "render.surface_unknown", "the art has no surface '%s'",
                       decal->surface);
    struct inking inking = {
        .input = input,
        .ref = {input->scene->decals, input->scene->decal_count, index},
        .surface = cw_pack_surface_at(plan->view, plan->level, number),
    };
    if (!inking.surface || inking.surface->uv.w == 0)
        return CW_OK;
    enum cw_status status = add_layers(arena, &inking, plan, err);
    cw_coverage_deinit(&inking.flat);
    return status;
}

static enum cw_status set_frame(struct cw_plan *plan, const struct cw_scene *scene,
                                struct cw_error *err) {
    const struct cw_pack_view *view = plan->view;
    uint32_t width = scene->width_px;
    uint32_t height = cw_pack_height(view->width_px, view->height_px, width);
    if (height < 1 || height > CW_PREVIEW_MAX_PX)
        return cw_fail(err, CW_E_LIMIT, "render.size",
                       "the picture would be %u pixels high, limit is %d", height,
                       CW_PREVIEW_MAX_PX);
    plan->full_px[0] = width;
    plan->full_px[1] = height;
    plan->frame = scene->frame;
    uint32_t *crop = plan->frame.crop_px;
    if (crop[2] == 0 && crop[3] == 0) {
        memcpy(crop, (const uint32_t[]){0, 0, width, height}, sizeof plan->frame.crop_px);
        return CW_OK;
    }
    bool inside = crop[2] >= 1 && crop[2] <= width && crop[0] <= width - crop[2] && crop[3] >= 1 &&
                  crop[3] <= height && crop[1] <= height - crop[3];
    if (!inside)
        return cw_fail(err, CW_E_INPUT, "render.crop",
                       "the crop is not inside the picture of %u × %u pixels", width, height);
    return CW_OK;
}

bool cw_plan_same_frame(const struct cw_plan *a, const struct cw_plan *b) {
    return memcmp(a->full_px, b->full_px, sizeof a->full_px) == 0 &&
           memcmp(a->frame.crop_px, b->frame.crop_px, sizeof a->frame.crop_px) == 0 &&
           a->frame.transparent == b->frame.transparent &&
           a->frame.no_shadow == b->frame.no_shadow &&
           memcmp(a->background_rgb, b->background_rgb, sizeof a->background_rgb) == 0;
}

enum cw_status cw_plan_make(struct cw_arena *arena, const struct cw_plan_input *input,
                            struct cw_plan *ret, struct cw_error *err) {
    const struct cw_scene *scene = input->scene;
    if (scene->width_px < CW_PREVIEW_MIN_PX || scene->width_px > CW_PREVIEW_MAX_PX)
        return cw_fail(err, CW_E_LIMIT, "render.size", "width must be %d to %d pixels",
                       CW_PREVIEW_MIN_PX, CW_PREVIEW_MAX_PX);
    ret->view = cw_pack_view_find(input->pack, scene->view);
    if (!ret->view)
        return cw_fail(err, CW_E_INPUT, "render.view_unknown", "the art has no view '%s'",
                       scene->view);
    enum cw_status status = set_frame(ret, scene, err);
    if (status)
        return status;
    ret->level = cw_pack_level_for(ret->view, scene->width_px);
    if (!scene->frame.transparent) { /* else black: light is multiplied by alpha */
        linear(scene->background, ret->background);
        memcpy(ret->background_rgb, scene->background, sizeof ret->background_rgb);
    }
    ret->parts = cw_arena_array(arena, ret->view->part_count + 1, sizeof *ret->parts);
    ret->layers =
        cw_arena_array(arena, CW_RELIEF_COUNT * scene->decal_count + 1, sizeof *ret->layers);
    status = add_parts(ret, input->pack, scene, err);
    for (size_t i = 0; i < scene->decal_count && !status; i++)
        status = add_decal(arena, input, i, ret, err);
    if (!status && cw_pack_view_is_flat(ret->view))
        status = cw_sheets_make(arena, input, ret, err);
    return status;
}

struct cw_light_row cw_light_row_new(struct cw_arena *arena, uint32_t width_px) {
    struct cw_light_row row = {.stride = (size_t)cw_pack_blocks(width_px) * CW_PACK_BLOCK};
    uintptr_t at = (uintptr_t)cw_arena_alloc(arena, 4 * row.stride * sizeof(float) + ROW_ALIGN);
    row.light = (float *)((at + ROW_ALIGN - 1) & ~(uintptr_t)(ROW_ALIGN - 1));
    return row;
}

struct cw_run cw_plan_run(const struct cw_spans *spans, uint32_t y, size_t *ret_data) {
    if (y < spans->y || y - spans->y >= spans->h)
        return (struct cw_run){0};
    const struct cw_span_row *row = &spans->rows[y - spans->y];
    *ret_data = (size_t)row->block * CW_PACK_BLOCK;
    return (struct cw_run){spans->spans + row->span, row[1].span - row->span};
}

struct cw_run cw_plan_ground(const struct cw_plan *plan, uint32_t y) {
    size_t data;
    return cw_plan_run(&plan->level->ground, y, &data);
}

static bool lies_on(const struct cw_layer *layer, const struct cw_plan_part *part, uint32_t y) {
    return (layer->parts & part->bit) && y >= layer->y && y - layer->y < layer->h;
}

/* What both cover, [0] >= [1] when nothing. */
static void overlap(const struct cw_layer *layer, const struct cw_span *span, uint32_t ret[2]) {
    uint32_t from = span->block * (uint32_t)CW_PACK_BLOCK;
    uint32_t to = from + span->count * (uint32_t)CW_PACK_BLOCK;
    ret[0] = layer->x > from ? layer->x : from;
    ret[1] = layer->x + layer->w < to ? layer->x + layer->w : to;
}

/* The part's colour under every pixel of a span, decals mixed in; false when none is there. */
static bool tint(const struct cw_plan *plan, const struct cw_plan_part *part, uint32_t y,
                 const struct cw_span *span, const struct cw_light_row *colours) {
    bool touched = false;
    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct cw_layer *layer = &plan->layers[i];
        uint32_t both[2];
        if (!lies_on(layer, part, y))
            continue;
        overlap(layer, span, both);
        if (both[0] >= both[1])
            continue;
        if (!touched)
            cw_blend_fill(colours, span, part->colour);
        touched = true;
        const uint8_t *coverage =
            layer->coverage + (size_t)(y - layer->y) * layer->w + (both[0] - layer->x);
        if (layer->inks)
            cw_blend_picture(colours, both, coverage, cw_layer_inks(layer, both[0], y));
        else
            cw_blend_ink(colours, both, coverage, layer->rgb);
    }
    return touched;
}

static bool has_layer(const struct cw_plan *plan, const struct cw_plan_part *part, uint32_t y) {
    for (size_t i = 0; i < plan->layer_count; i++)
        if (lies_on(&plan->layers[i], part, y))
            return true;
    return false;
}

static void add_part(const struct cw_plan *plan, const struct cw_plan_part *part, uint32_t y,
                     const struct cw_light_row *row, const struct cw_light_row *colours) {
    size_t data;
    struct cw_run run = cw_plan_run(part->spans, y, &data);
    if (run.count == 0)
        return;
    struct cw_part_light light = part->light;
    light.tinted = light.tinted ? light.tinted + data : NULL;
    light.plain = light.plain ? light.plain + data : NULL;
    if (!has_layer(plan, part, y)) {
        cw_blend_part(row, run, &light);
        return;
    }
    for (size_t i = 0; i < run.count; i++) {
        const struct cw_run one = {run.spans + i, 1};
        if (tint(plan, part, y, one.spans, colours))
            cw_blend_inked(row, one, &light, colours);
        else
            cw_blend_part(row, one, &light);
        data = (size_t)one.spans->count * CW_PACK_BLOCK;
        light.tinted = light.tinted ? light.tinted + data : NULL;
        light.plain = light.plain ? light.plain + data : NULL;
    }
}

void cw_plan_row(const struct cw_plan *plan, uint32_t y, const struct cw_light_row *row,
                 const struct cw_light_row *colours) {
    size_t data = 0;
    struct cw_run ground = cw_plan_run(&plan->level->ground, y, &data);
    float step[3];
    for (size_t i = 0; i < 3; i++)
        step[i] = plan->background[i] / UINT16_MAX;
    const uint16_t *free = (plan->frame.no_shadow ? plan->level->bare : plan->level->free) + data;
    cw_blend_ground(row, ground, free, step);
    if (plan->frame.transparent)
        cw_blend_alpha(row, ground, free);
    if (plan->sheet_count)
        cw_sheets_row(plan, y, ground, &(const struct cw_sheet_rows){row, colours});
    for (size_t i = 0; i < plan->part_count; i++)
        add_part(plan, &plan->parts[i], y, row, colours);
}
