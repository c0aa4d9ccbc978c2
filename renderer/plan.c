/*
 * Responsible for resolving a scene's names against a pack and for composing single rows. Does not
 * resample (compose.c). Workers run it.
 */
#include "plan.h"

#include <string.h>

#include "cordwain/limits.h"
#include "srgb.h"

static cw_v4 linear(const uint8_t rgb[3]) {
    return (cw_v4){cw_srgb_linear[rgb[0]], cw_srgb_linear[rgb[1]], cw_srgb_linear[rgb[2]], 0};
}

static void release_layer(void *layer) {
    cw_layer_deinit(layer);
}

static void grow(struct cw_plan *plan, const struct cw_plane *plane) {
    if (plane->w == 0)
        return;
    if (plan->x1 == 0) {
        plan->x0 = plane->x;
        plan->y0 = plane->y;
    }
    if (plane->x < plan->x0)
        plan->x0 = plane->x;
    if (plane->y < plan->y0)
        plan->y0 = plane->y;
    if (plane->x + plane->w > plan->x1)
        plan->x1 = plane->x + plane->w;
    if (plane->y + plane->h > plan->y1)
        plan->y1 = plane->y + plane->h;
}

/* A metal tints its reflection and has no diffuse light: C * S, which is the usual form with S in
 * place of D. */
static void set_light(struct cw_plan *plan, struct cw_plan_part *part,
                      const struct cw_pack_finish *finish) {
    bool fixed = (plan->fixed_parts & part->bit) != 0;
    bool metal = (finish->metal_parts & part->bit) != 0;
    part->light = finish->diffuse;
    part->diffuse = metal ? finish->specular.data : finish->diffuse.data;
    part->specular = finish->specular.data;
    part->diffuse_lut = fixed ? plan->no_lut : metal ? plan->specular_lut : plan->diffuse_lut;
    part->specular_lut = metal && !fixed ? plan->no_lut : plan->specular_lut;
}

static enum cw_status add_parts(struct cw_plan *plan, const struct cw_pack *pack,
                                const struct cw_scene *scene, struct cw_error *err) {
    const struct cw_pack_view *view = plan->view;
    /* a part the scene does not name (steel rings, which have one look) is white in the view's
     * first finish */
    static const uint8_t white[3] = {255, 255, 255};
    for (size_t i = 0; i < view->part_count && view->finish_count; i++) {
        struct cw_plan_part *part = &plan->parts[plan->part_count++];
        part->mask = view->parts[i].mask;
        part->bit = UINT64_C(1) << view->parts[i].part;
        part->colour = linear(white);
        set_light(plan, part, &view->finishes[0]);
        grow(plan, &part->mask);
    }
    for (size_t i = 0; i < scene->part_count; i++) {
        const struct cw_scene_part *from = &scene->parts[i];
        uint32_t number = cw_names_find(&pack->parts, from->part);
        uint32_t finish_number = cw_names_find(&pack->finishes, from->finish);
        if (number == CW_NONE)
            return cw_fail(err, CW_E_INPUT, "render.part_unknown", "the art has no part '%s'",
                           from->part);
        const struct cw_pack_finish *finish =
            finish_number == CW_NONE ? NULL : cw_pack_finish_at(view, finish_number);
        if (!finish)
            return cw_fail(err, CW_E_INPUT, "render.finish_unknown", "the art has no finish '%s'",
                           from->finish);
        for (size_t k = 0; k < plan->part_count; k++)
            if (plan->parts[k].bit == UINT64_C(1) << number) {
                plan->parts[k].colour = linear(from->rgb);
                set_light(plan, &plan->parts[k], finish);
            }
    }
    return CW_OK;
}

static enum cw_status add_decal(struct cw_arena *arena, const struct cw_plan_input *input,
                                size_t index, struct cw_plan *plan, struct cw_error *err) {
    const struct cw_scene_decal *decal = &input->scene->decals[index];
    const struct cw_decal_ref ref = {input->scene->decals, input->scene->decal_count, index};
    uint32_t number = cw_names_find(&input->pack->surfaces, decal->surface);
    if (number == CW_NONE)
        return cw_fail(err, CW_E_INPUT, "render.surface_unknown", "the art has no surface '%s'",
                       decal->surface);
    const struct cw_pack_surface *surface = cw_pack_surface_at(plan->view, number);
    if (!surface || surface->uv.w == 0)
        return CW_OK;
    struct cw_coverage flat = {0};
    enum cw_status status =
        cw_decal_coverage(input->fonts, &ref, cw_layer_um_per_px(surface), &flat, err);
    if (status)
        return status;
    struct cw_layer *layer = &plan->layers[plan->layer_count];
    status = cw_layer_map(surface, &flat, layer, err);
    cw_coverage_deinit(&flat);
    if (status)
        return status;
    cw_arena_defer(arena, release_layer, layer);
    for (int i = 0; i < 3; i++)
        layer->rgb[i] = cw_srgb_linear[decal->rgb[i]];
    plan->layer_count++;
    return CW_OK;
}

enum cw_status cw_plan_make(struct cw_arena *arena, const struct cw_plan_input *input,
                            struct cw_plan *ret, struct cw_error *err) {
    const struct cw_scene *scene = input->scene;
    ret->view = cw_pack_view_find(input->pack, scene->view);
    if (!ret->view)
        return cw_fail(err, CW_E_INPUT, "render.view_unknown", "the art has no view '%s'",
                       scene->view);
    for (int i = 0; i < 256; i++) {
        ret->diffuse_lut[i] = cw_srgb_linear[i] * ret->view->diffuse_scale;
        ret->specular_lut[i] = cw_srgb_linear[i] * ret->view->specular_scale;
    }
    ret->fixed_parts = input->pack->fixed_parts;
    ret->background = linear(scene->background);
    ret->parts = cw_arena_array(arena, ret->view->part_count + 1, sizeof *ret->parts);
    ret->layers = cw_arena_array(arena, scene->decal_count + 1, sizeof *ret->layers);
    enum cw_status status = add_parts(ret, input->pack, scene, err);
    for (size_t i = 0; i < scene->decal_count && !status; i++)
        status = add_decal(arena, input, i, ret, err);
    grow(ret, &ret->view->shadow);
    return status;
}

static bool has_row(const struct cw_plane *plane, uint32_t y) {
    return plane->w && y >= plane->y && y - plane->y < plane->h;
}

/* The part's colour under every pixel of its row, decals mixed in; false when no decal touches the
 * row. */
static bool tint(const struct cw_plan *plan, const struct cw_plan_part *part, uint32_t y,
                 cw_v4 *colours) {
    bool touched = false;
    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct cw_layer *layer = &plan->layers[i];
        if (!(layer->parts & part->bit) || y < layer->y || y - layer->y >= layer->h)
            continue;
        uint32_t from = layer->x > part->mask.x ? layer->x : part->mask.x;
        uint32_t layer_end = layer->x + layer->w, part_end = part->mask.x + part->mask.w;
        uint32_t end = layer_end < part_end ? layer_end : part_end;
        if (from >= end)
            continue;
        if (!touched)
            for (uint32_t x = 0; x < part->mask.w; x++)
                colours[x] = part->colour;
        touched = true;
        const uint8_t *coverage = layer->coverage + (size_t)(y - layer->y) * layer->w;
        const cw_v4 ink = {layer->rgb[0], layer->rgb[1], layer->rgb[2], 0};
        for (uint32_t x = from; x < end; x++) {
            float k = (float)coverage[x - layer->x] * (1.0f / 255);
            cw_v4 *colour = &colours[x - part->mask.x];
            *colour += (ink - *colour) * (cw_v4){k, k, k, k};
        }
    }
    return touched;
}

/* acc += mask * (colour * D + S), and the mask itself in the fourth lane. `step` 0: one colour for
 * the row. */
static void add_part_row(const struct cw_plan_part *part, uint32_t y, const cw_v4 *colours,
                         size_t step, cw_v4 *acc) {
    const cw_v4 all = {1, 1, 1, 0}, alpha = {0, 0, 0, 1};
    const uint8_t *mask = part->mask.data + (size_t)(y - part->mask.y) * part->mask.w;
    size_t light = (size_t)(y - part->light.y) * part->light.w + (part->mask.x - part->light.x);
    const uint8_t *diffuse = part->diffuse + light, *specular = part->specular + light;
    for (uint32_t x = 0; x < part->mask.w;) {
        uint64_t eight;
        if (part->mask.w - x >= 8) {
            memcpy(&eight, mask + x, 8);
            if (eight == 0) {
                x += 8;
                continue;
            }
        }
        uint32_t end = part->mask.w - x >= 8 ? x + 8 : part->mask.w;
        for (; x < end; x++) {
            float m = (float)mask[x] * (1.0f / 255);
            float d = part->diffuse_lut[diffuse[x]], s = part->specular_lut[specular[x]];
            cw_v4 light_here =
                colours[x * step] * (cw_v4){d, d, d, d} + all * (cw_v4){s, s, s, s} + alpha;
            acc[x] += light_here * (cw_v4){m, m, m, m};
        }
    }
}

/* What the product leaves free shows the background, darkened by the shadow. */
static void add_background(const struct cw_plan *plan, uint32_t y, cw_v4 *row) {
    const struct cw_plane *shadow = &plan->view->shadow;
    const uint8_t *alpha =
        has_row(shadow, y) ? shadow->data + (size_t)(y - shadow->y) * shadow->w : NULL;
    uint32_t start = shadow->x - plan->x0; /* the plan's rectangle holds the shadow */
    for (uint32_t x = 0; x < plan->x1 - plan->x0; x++) {
        float free = 1.0f - row[x][3];
        if (free < 0)
            free = 0;
        if (alpha && x >= start && x - start < shadow->w)
            free *= 1.0f - (float)alpha[x - start] * (1.0f / 255);
        row[x] += plan->background * (cw_v4){free, free, free, free};
    }
}

void cw_plan_row(const struct cw_plan *plan, uint32_t y, cw_v4 *row) {
    cw_v4 colours[CW_ART_SIDE_PX];
    memset(row, 0, (size_t)(plan->x1 - plan->x0) * sizeof *row);
    for (size_t i = 0; i < plan->part_count; i++) {
        const struct cw_plan_part *part = &plan->parts[i];
        if (!has_row(&part->mask, y))
            continue;
        size_t step = plan->layer_count && tint(plan, part, y, colours) ? 1 : 0;
        if (!step)
            colours[0] = part->colour;
        add_part_row(part, y, colours, step, row + (part->mask.x - plan->x0));
    }
    add_background(plan, y, row);
}
