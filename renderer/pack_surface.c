/*
 * Responsible for UV maps at smaller sizes. Does not sample drawings through them (layer.c). The
 * pack writer runs it.
 *
 * A small pixel sees several of the view's. What counts of them is what the surface's own parts
 * cover and what its mask allows, so a pixel half beside the product still tells what the product
 * wears there; that it is half beside is in the parts' light already. Coordinates across a seam
 * are not averaged: the heaviest pixel says on which side the small one lies.
 */
#include "pack_level.h"

#include <stdlib.h>
#include <string.h>

#define SEAM 13107 /* [1/65536] of the surface; layer.c calls the same jump a seam */

struct shrinker {
    const struct cw_pack_surface *from;
    const uint8_t *cover; /* of the surface's parts, over its rectangle */
    const struct cw_tap *across, *down;
};

struct seen {
    double cover, shown, u, v;
    uint16_t heaviest[2];
    double heaviest_weight;
};

typedef void (*visit_fn)(struct seen *seen, double weight, const struct shrinker *s, size_t at);

static void weigh(struct seen *seen, double weight, const struct shrinker *s, size_t at) {
    const uint16_t *uv = (const uint16_t *)(const void *)s->from->uv.data + at * 2;
    double cover = weight * s->cover[at], shown = cover * s->from->mask.data[at];
    seen->cover += cover;
    seen->shown += shown;
    if (shown > seen->heaviest_weight) {
        seen->heaviest_weight = shown;
        seen->heaviest[0] = uv[0];
        seen->heaviest[1] = uv[1];
    }
}

static void average(struct seen *seen, double weight, const struct shrinker *s, size_t at) {
    const uint16_t *uv = (const uint16_t *)(const void *)s->from->uv.data + at * 2;
    if (abs(uv[0] - seen->heaviest[0]) > SEAM || abs(uv[1] - seen->heaviest[1]) > SEAM)
        return;
    double shown = weight * s->cover[at] * s->from->mask.data[at];
    seen->shown += shown;
    seen->u += shown * uv[0];
    seen->v += shown * uv[1];
}

static void each_pixel(const struct shrinker *s, struct seen *seen, visit_fn visit) {
    const struct cw_plane *rect = &s->from->mask;
    for (uint32_t j = 0; j < s->down->count; j++) {
        uint32_t y = s->down->first + j;
        if (y < rect->y || y - rect->y >= rect->h)
            continue;
        for (uint32_t i = 0; i < s->across->count; i++) {
            uint32_t x = s->across->first + i;
            if (x < rect->x || x - rect->x >= rect->w)
                continue;
            visit(seen, (double)s->down->weights[j] * (double)s->across->weights[i], s,
                  (size_t)(y - rect->y) * rect->w + (x - rect->x));
        }
    }
}

/* Sum of the masks of the surface's parts over its rectangle; a flat view has none and all counts.
 */
static uint8_t *cover_of(struct cw_arena *arena, const struct cw_art_view *view,
                         const struct cw_pack_surface *surface) {
    const struct cw_plane *rect = &surface->mask;
    uint8_t *cover = cw_arena_alloc(arena, (size_t)rect->w * rect->h + 1);
    if (view->picture_count)
        memset(cover, 255, (size_t)rect->w * rect->h);
    for (size_t i = 0; i < view->part_count; i++) {
        const struct cw_plane *mask = &view->parts[i].mask;
        if (!(surface->parts >> view->parts[i].part & 1) || mask->w == 0)
            continue;
        for (uint32_t y = 0; y < rect->h; y++)
            for (uint32_t x = 0; x < rect->w; x++) {
                uint32_t mx = rect->x + x - mask->x, my = rect->y + y - mask->y; /* may wrap */
                if (mx >= mask->w || my >= mask->h)
                    continue;
                uint8_t *to = &cover[(size_t)y * rect->w + x];
                int sum = *to + mask->data[(size_t)my * mask->w + mx];
                *to = (uint8_t)(sum < 255 ? sum : 255);
            }
    }
    return cover;
}

static void put_pixel(const struct shrinker *s, uint16_t *uv, uint8_t *mask) {
    struct seen seen = {0};
    each_pixel(s, &seen, weigh);
    if (seen.cover > 0)
        *mask = (uint8_t)(seen.shown / seen.cover + 0.5);
    if (*mask == 0)
        return;
    struct seen mean = {.heaviest = {seen.heaviest[0], seen.heaviest[1]}};
    each_pixel(s, &mean, average);
    uv[0] = (uint16_t)(mean.u / mean.shown + 0.5);
    uv[1] = (uint16_t)(mean.v / mean.shown + 0.5);
}

struct cw_pack_surface cw_pack_surface_shrink(struct cw_arena *arena,
                                              const struct cw_art_view *view,
                                              const struct cw_pack_surface *from,
                                              const struct cw_field_step *step) {
    struct cw_pack_surface to = *from;
    if (from->mask.w == 0)
        return to;
    struct shrinker s = {.from = from, .cover = cover_of(arena, view, from)};
    const struct cw_plane *rect = &from->mask;
    uint32_t columns[2], rows[2];
    cw_filter_meeting(&step->across, rect->x, rect->x + rect->w, columns);
    cw_filter_meeting(&step->down, rect->y, rect->y + rect->h, rows);
    to.mask = (struct cw_plane){
        .x = columns[0], .y = rows[0], .w = columns[1] - columns[0], .h = rows[1] - rows[0]};
    size_t count = (size_t)to.mask.w * to.mask.h;
    uint8_t *mask = cw_arena_alloc(arena, count + 1);
    uint16_t *uv = cw_arena_array(arena, count + 1, 2 * sizeof *uv);
    for (size_t i = 0; i < count; i++) {
        s.across = &step->across.taps[to.mask.x + i % to.mask.w];
        s.down = &step->down.taps[to.mask.y + i / to.mask.w];
        put_pixel(&s, uv + i * 2, mask + i);
    }
    to.uv = to.mask;
    to.mask.data = mask;
    to.uv.data = (const uint8_t *)uv;
    return to;
}
