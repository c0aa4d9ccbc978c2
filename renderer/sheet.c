/*
 * Responsible for the stacks of flat views: which sheets there are and in what order a row of them
 * is made. Does no arithmetic (blend_sheet.c) and does not draw decals (plan.c). Workers run it.
 */
#include "sheet.h"

#include <string.h>

#include "plan.h"
#include "base/srgb.h"

static size_t find_picture(const struct cw_pack_view *view, const char *name) {
    size_t i = 0;
    while (i < view->picture_count && strcmp(view->picture_names[i], name) != 0)
        i++;
    return i;
}

static enum cw_status set_picture(const struct cw_plan *plan, const char *name,
                                  struct cw_sheet *sheet, struct cw_error *err) {
    size_t at = find_picture(plan->view, name);
    if (at == plan->view->picture_count)
        return cw_fail(err, CW_E_INPUT, "render.picture_unknown", "view '%s' has no picture '%s'",
                       plan->view->name, name);
    sheet->picture = &plan->level->pictures[at];
    sheet->channels = plan->view->picture_channels[at];
    return CW_OK;
}

static enum cw_status set_layer(const struct cw_plan_input *input, const struct cw_plan *plan,
                                const struct cw_scene_layer *layer, struct cw_sheet *sheet,
                                struct cw_error *err) {
    *sheet = (struct cw_sheet){
        .surface = CW_NONE, .blend = layer->blend, .opacity = (float)layer->opacity_percent / 100};
    for (size_t i = 0; i < 3; i++)
        sheet->tint[i] = cw_srgb_linear[layer->rgb[i]];
    if (*layer->picture)
        return set_picture(plan, layer->picture, sheet, err);
    sheet->surface = cw_names_find(&input->pack->surfaces, layer->surface);
    if (sheet->surface == CW_NONE)
        return cw_fail(err, CW_E_INPUT, "render.surface_unknown", "the art has no surface '%s'",
                       layer->surface);
    return CW_OK;
}

static bool has_sheet(const struct cw_plan *plan, uint32_t surface) {
    for (size_t i = 0; i < plan->sheet_count; i++)
        if (plan->sheets[i].surface == surface)
            return true;
    return false;
}

enum cw_status cw_sheets_make(struct cw_arena *arena, const struct cw_plan_input *input,
                              struct cw_plan *plan, struct cw_error *err) {
    const struct cw_scene *scene = input->scene;
    size_t most = scene->layer_count + plan->layer_count;
    plan->sheets = cw_arena_array(arena, most + 1, sizeof *plan->sheets);
    for (size_t i = 0; i < scene->layer_count; i++) {
        enum cw_status status =
            set_layer(input, plan, &scene->layers[i], &plan->sheets[plan->sheet_count++], err);
        if (status)
            return status;
    }
    for (size_t i = 0; i < plan->layer_count; i++) {
        uint32_t surface = plan->layers[i].surface->surface;
        if (!has_sheet(plan, surface))
            plan->sheets[plan->sheet_count++] = (struct cw_sheet){.surface = surface, .opacity = 1};
    }
    return CW_OK;
}

bool cw_sheet_same(const struct cw_sheet *a, const struct cw_sheet *b) {
    return a->picture == b->picture && a->surface == b->surface && a->blend == b->blend &&
           memcmp(&a->opacity, &b->opacity, sizeof a->opacity) == 0 &&
           memcmp(a->tint, b->tint, sizeof a->tint) == 0;
}

/* Every pixel is an ink of its own. */
static void print_picture(const struct cw_layer *layer, uint32_t y, const uint32_t both[2],
                          const uint8_t *coverage, const struct cw_sheet *sheet,
                          const struct cw_light_row *group) {
    const uint8_t *inks = cw_layer_inks(layer, both[0], y);
    struct cw_sheet ink = *sheet;
    for (uint32_t x = both[0]; x < both[1]; x++, inks += 3, coverage++) {
        const uint32_t one[2] = {x, x + 1};
        for (size_t c = 0; c < 3; c++)
            ink.tint[c] = cw_srgb_light(inks[c], *coverage);
        cw_blend_atop(group, one, coverage, &ink);
    }
}

/* One decal, where the ground's blocks are: nothing else of the group is cleared. */
static void print(const struct cw_layer *layer, uint32_t y, struct cw_run ground,
                  const struct cw_sheet *ink, const struct cw_light_row *group) {
    for (size_t i = 0; i < ground.count; i++) {
        uint32_t from = ground.spans[i].block * (uint32_t)CW_PACK_BLOCK;
        uint32_t to = from + ground.spans[i].count * (uint32_t)CW_PACK_BLOCK;
        const uint32_t both[2] = {layer->x > from ? layer->x : from,
                                  layer->x + layer->w < to ? layer->x + layer->w : to};
        const uint8_t *coverage =
            layer->coverage + (size_t)(y - layer->y) * layer->w + (both[0] - layer->x);
        if (both[0] < both[1] && layer->inks)
            print_picture(layer, y, both, coverage, ink, group);
        else if (both[0] < both[1])
            cw_blend_atop(group, both, coverage, ink);
    }
}

static void print_surface(const struct cw_plan *plan, uint32_t y, struct cw_run ground,
                          const struct cw_sheet *sheet, const struct cw_light_row *group) {
    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct cw_layer *layer = &plan->layers[i];
        if (layer->surface->surface != sheet->surface || y < layer->y || y - layer->y >= layer->h)
            continue;
        struct cw_sheet ink = *sheet;
        memcpy(ink.tint, layer->rgb, sizeof ink.tint);
        print(layer, y, ground, &ink, group);
    }
}

void cw_sheets_row(const struct cw_plan *plan, uint32_t y, struct cw_run ground,
                   const struct cw_sheet_rows *rows) {
    if (ground.count == 0)
        return;
    cw_blend_clear(rows->group, ground);
    for (size_t i = 0; i < plan->sheet_count; i++) {
        const struct cw_sheet *sheet = &plan->sheets[i];
        if (sheet->opacity <= 0)
            continue;
        if (!sheet->picture) {
            print_surface(plan, y, ground, sheet, rows->group);
            continue;
        }
        size_t data = 0;
        struct cw_run run = cw_plan_run(&sheet->picture->spans, y, &data);
        cw_blend_sheet(rows->group, run, sheet, sheet->picture->steps + data * sheet->channels);
    }
    cw_blend_over(rows, ground, plan->frame.transparent);
}
