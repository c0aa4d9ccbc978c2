/*
 * Responsible for a view's levels: light multiplied by masks, at every stored width. Does not read
 * pictures (art.c) and does not lay out files (pack_write.c). The pack writer runs it.
 *
 * The picture is linear in each part's colour, C · (m · D) + m · S, and in the background, so
 * averages of m, m · D and m · S give exactly the average of the picture, whatever the colours; and
 * an average of averages over whole pixels is the average.
 *
 * How exact: a number of 16 bits in steps of its plane's 65535th is off by at most half a step. The
 * sRGB curve is steepest at black, 12.92 · 255 levels for a unit of light, so half a step of a
 * plane whose brightest light is L moves a byte by at most 0.026 · L levels, less where it is
 * bright; L is about 2 in the demo art. Masks are disjoint, so at most a few parts add theirs.
 */
#include "pack_level.h"

#include <string.h>

#include "base/srgb.h"

#define STEPS CW_PACK_STEPS

struct builder {
    struct cw_arena *arena;
    const struct cw_art *art;
    const struct cw_art_view *view;
    struct cw_pack_view *ret;
    struct cw_field_step steps[CW_PACK_LEVELS]; /* to each level from the one before it */
};

/* The view's own width, then powers of two: no picture is enlarged or shrunk by more than half. */
static void set_sizes(struct builder *b) {
    const struct cw_art_view *view = b->view;
    struct cw_pack_view *ret = b->ret;
    uint32_t width = view->width_px, height = view->height_px;
    ret->levels = cw_arena_array(b->arena, CW_PACK_LEVELS, sizeof *ret->levels);
    ret->levels[ret->level_count++] =
        (struct cw_pack_level){.width_px = width, .height_px = height};
    for (uint32_t w = 2048; w >= 64; w /= 2) {
        uint32_t h = cw_pack_height(view->width_px, view->height_px, w);
        if (w >= view->width_px || h == 0)
            continue;
        struct cw_field_step *step = &b->steps[ret->level_count];
        cw_filter_make(b->arena, width, w, &step->across);
        cw_filter_make(b->arena, height, h, &step->down);
        ret->levels[ret->level_count++] = (struct cw_pack_level){.width_px = w, .height_px = h};
        width = w;
        height = h;
    }
}

static struct cw_field mask_field(struct cw_arena *arena, const struct cw_plane *mask) {
    struct cw_field field = {.x = mask->x, .y = mask->y, .w = mask->w, .h = mask->h};
    size_t count = (size_t)mask->w * mask->h;
    field.values = cw_arena_array(arena, count + 1, sizeof *field.values);
    for (size_t i = 0; i < count; i++)
        field.values[i] = (float)mask->data[i] / 255;
    return field;
}

/* mask · light, where the light's bytes are on the sRGB curve. */
static struct cw_field light_field(struct cw_arena *arena, const struct cw_field *mask,
                                   const struct cw_plane *light, float scale) {
    struct cw_field field = *mask;
    field.values = cw_arena_array(arena, (size_t)mask->w * mask->h + 1, sizeof *field.values);
    for (uint32_t y = 0; y < mask->h; y++) {
        const uint8_t *bytes =
            light->data + (size_t)(mask->y + y - light->y) * light->w + (mask->x - light->x);
        const size_t row = (size_t)y * mask->w;
        for (uint32_t x = 0; x < mask->w; x++)
            field.values[row + x] = mask->values[row + x] * cw_srgb_linear[bytes[x]] * scale;
    }
    return field;
}

/* A field's steps at every level. Returns the unit. */
static float put_light(struct builder *b, struct cw_arena *scratch, struct cw_field field,
                       size_t part, const uint16_t *ret[CW_PACK_LEVELS]) {
    float unit = cw_field_max(&field) / STEPS;
    for (size_t i = 0; i < b->ret->level_count && unit > 0; i++) {
        if (i)
            field = cw_field_shrink(scratch, &field, &b->steps[i]);
        ret[i] = cw_field_steps(b->arena, &field, &b->ret->levels[i].parts[part], unit);
    }
    return unit;
}

/* A metal tints its reflection and has no diffuse light: C · S. A fixed part has one look: S. */
static void put_finish(struct builder *b, size_t part, size_t number, const struct cw_field *mask) {
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    const struct cw_art_view *view = b->view;
    const struct cw_art_finish *finish = &view->finishes[number];
    uint64_t bit = UINT64_C(1) << view->parts[part].part;
    bool fixed = (b->art->fixed_parts & bit) != 0, metal = (finish->metal_parts & bit) != 0;
    const uint16_t *specular[CW_PACK_LEVELS] = {0}, *diffuse[CW_PACK_LEVELS] = {0};
    const struct cw_field s = light_field(scratch, mask, &finish->specular, view->specular_scale);
    float s_unit = put_light(b, scratch, s, part, specular), d_unit = 0;
    if (!fixed && !metal) {
        const struct cw_field d = light_field(scratch, mask, &finish->diffuse, view->diffuse_scale);
        d_unit = put_light(b, scratch, d, part, diffuse);
    }
    bool tint = metal && !fixed;
    size_t at = part * view->finish_count + number;
    b->ret->units[at] = tint ? (struct cw_light_unit){.tinted = s_unit}
                             : (struct cw_light_unit){.tinted = d_unit, .plain = s_unit};
    for (size_t i = 0; i < b->ret->level_count; i++)
        b->ret->levels[i].lights[at] = tint ? (struct cw_light){.tinted = specular[i]}
                                            : (struct cw_light){diffuse[i], specular[i]};
}

static void put_part(struct builder *b, size_t part) {
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    const struct cw_field mask = mask_field(scratch, &b->view->parts[part].mask);
    struct cw_field field = mask;
    for (size_t i = 0; i < b->ret->level_count; i++) {
        if (i)
            field = cw_field_shrink(scratch, &field, &b->steps[i]);
        b->ret->levels[i].parts[part] = cw_field_spans(b->arena, &field, 0.5f / STEPS);
    }
    for (size_t k = 0; k < b->view->finish_count; k++)
        put_finish(b, part, k, &mask);
}

/* How much of the background the product hides. */
static struct cw_field covered_field(struct cw_arena *arena, const struct cw_art_view *view) {
    struct cw_field field = {.w = view->width_px, .h = view->height_px};
    size_t count = (size_t)field.w * field.h;
    field.values = cw_arena_array(arena, count, sizeof *field.values);
    for (size_t i = 0; i < view->part_count; i++) {
        const struct cw_plane *mask = &view->parts[i].mask;
        for (size_t k = 0; k < (size_t)mask->w * mask->h; k++)
            field.values[(mask->y + k / mask->w) * field.w + mask->x + k % mask->w] +=
                (float)mask->data[k] / 255;
    }
    for (size_t i = 0; i < count; i++) /* rounded masks may sum to a little more than 1 */
        field.values[i] = field.values[i] < 1 ? field.values[i] : 1;
    return field;
}

/* The same, and in its shadow. */
static struct cw_field hidden_field(struct cw_arena *arena, const struct cw_art_view *view) {
    struct cw_field field = covered_field(arena, view);
    const struct cw_plane *shadow = &view->shadow;
    for (size_t k = 0; k < (size_t)shadow->w * shadow->h; k++) {
        float *value =
            &field.values[(shadow->y + k / shadow->w) * field.w + shadow->x + k % shadow->w];
        *value = 1 - (1 - *value) * (1 - (float)shadow->data[k] / 255);
    }
    return field;
}

static const uint16_t *left_free(struct cw_arena *arena, const struct cw_field *hidden,
                                 const struct cw_spans *ground) {
    uint16_t *steps = (uint16_t *)(uintptr_t)cw_field_steps(arena, hidden, ground, 1.0f / STEPS);
    for (size_t k = 0; k < (size_t)ground->blocks * CW_PACK_BLOCK; k++)
        steps[k] = (uint16_t)(STEPS - steps[k]);
    return steps;
}

/* Wherever anything may be: a flat view's pictures hide nothing until they are chosen. */
static struct cw_field seen_field(struct cw_arena *arena, const struct cw_art_view *view,
                                  const struct cw_field *hidden) {
    struct cw_field field = *hidden;
    size_t count = (size_t)field.w * field.h;
    field.values = cw_arena_array(arena, count, sizeof *field.values);
    memcpy(field.values, hidden->values, count * sizeof *field.values);
    for (size_t i = 0; i < view->picture_count; i++)
        for (size_t k = 0; k < count; k++) {
            float alpha = (float)view->pictures[i].rgba[4 * k + 3] / 255;
            field.values[k] = alpha > field.values[k] ? alpha : field.values[k];
        }
    return field;
}

static void put_ground(struct builder *b) {
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    struct cw_field field = hidden_field(scratch, b->view), bare = {0};
    struct cw_field seen = seen_field(scratch, b->view, &field);
    bool shadow = b->view->shadow.w > 0;
    if (shadow)
        bare = covered_field(scratch, b->view);
    for (size_t i = 0; i < b->ret->level_count; i++) {
        struct cw_pack_level *level = &b->ret->levels[i];
        if (i) {
            field = cw_field_shrink(scratch, &field, &b->steps[i]);
            seen = cw_field_shrink(scratch, &seen, &b->steps[i]);
        }
        level->ground = cw_field_spans(b->arena, &seen, 0.5f / STEPS);
        level->free = left_free(b->arena, &field, &level->ground);
        if (!shadow)
            continue;
        if (i)
            bare = cw_field_shrink(scratch, &bare, &b->steps[i]);
        level->bare = left_free(b->arena, &bare, &level->ground);
    }
}

static void put_surfaces(struct builder *b) {
    const struct cw_art_view *view = b->view;
    for (size_t i = 0; i < b->ret->level_count; i++) {
        struct cw_pack_level *level = &b->ret->levels[i];
        struct cw_field_step step;
        cw_filter_make(b->arena, view->width_px, level->width_px, &step.across);
        cw_filter_make(b->arena, view->height_px, level->height_px, &step.down);
        level->surfaces =
            cw_arena_array(b->arena, view->surface_count + 1, sizeof *level->surfaces);
        for (size_t k = 0; k < view->surface_count; k++)
            level->surfaces[k] =
                i == 0 ? view->surfaces[k]
                       : cw_pack_surface_shrink(b->arena, view, &view->surfaces[k], &step);
    }
}

void cw_pack_levels(struct cw_arena *arena, const struct cw_art *art,
                    const struct cw_art_view *view, struct cw_pack_view *ret) {
    struct builder b = {.arena = arena, .art = art, .view = view, .ret = ret};
    *ret = (struct cw_pack_view){.name = view->name,
                                 .width_px = view->width_px,
                                 .height_px = view->height_px,
                                 .part_count = view->part_count,
                                 .finish_count = view->finish_count,
                                 .surface_count = view->surface_count};
    ret->parts = cw_arena_array(arena, view->part_count + 1, sizeof *ret->parts);
    ret->finishes = cw_arena_array(arena, view->finish_count + 1, sizeof *ret->finishes);
    for (size_t i = 0; i < view->part_count; i++)
        ret->parts[i] = view->parts[i].part;
    for (size_t i = 0; i < view->finish_count; i++)
        ret->finishes[i] = view->finishes[i].finish;
    size_t lights = view->part_count * view->finish_count;
    ret->units = cw_arena_array(arena, lights + 1, sizeof *ret->units);
    set_sizes(&b);
    for (size_t i = 0; i < ret->level_count; i++) {
        ret->levels[i].parts =
            cw_arena_array(arena, view->part_count + 1, sizeof *ret->levels[i].parts);
        ret->levels[i].lights = cw_arena_array(arena, lights + 1, sizeof *ret->levels[i].lights);
    }
    for (size_t i = 0; i < view->part_count; i++)
        put_part(&b, i);
    put_ground(&b);
    put_surfaces(&b);
    cw_pack_pictures(arena, view, b.steps, ret);
}
