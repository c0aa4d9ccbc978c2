/*
 * Responsible for turning a plan's rows into a picture. Does not look at names (plan.c) and does
 * not encode. Workers run it.
 *
 * At a stored width rows become bytes as they are. At any other, rows of the next larger level live
 * in a ring just long enough for the tallest output pixel, so its whole picture never exists and
 * everything stays in the first caches. Rows are averaged downwards first, then across, because the
 * first pass is then a plain sum of long vectors. Where neither the product nor its shadow is, the
 * background is copied.
 */
#include "compose.h"

#include <string.h>

#include "base/arena.h"
#include "cordwain/limits.h"
#include "plan.h"

struct canvas {
    const struct cw_plan *plan;
    struct cw_picture *picture;
    struct cw_light_row row, colours;
    uint8_t *background; /* a row of it */
    uint8_t *bytes;      /* a row, padded to blocks */
    /* for resampling */
    struct cw_filter across, down;
    struct cw_span bounds; /* what the ground touches in any row */
    uint32_t ring_size, next_row;
    struct cw_light_row *ring;
    struct cw_weighted_row *weighted; /* what one output row is the sum of */
    cw_f4 *column;
};

/* ---- at a stored width ----------------------------------------------------------------------- */

static void draw_row(const struct canvas *c, uint32_t y, uint8_t *rgb) {
    const struct cw_run run = cw_plan_ground(c->plan, y);
    uint32_t width = c->picture->width, at = 0;
    if (run.count)
        cw_plan_row(c->plan, y, &c->row, &c->colours);
    for (size_t i = 0; i < run.count; i++) {
        uint32_t from = run.spans[i].block * (uint32_t)CW_PACK_BLOCK;
        uint32_t to = from + run.spans[i].count * (uint32_t)CW_PACK_BLOCK;
        memcpy(rgb + (size_t)at * 3, c->background, (size_t)(from - at) * 3);
        if (to <= width) {
            cw_blend_bytes(&c->row, &run.spans[i], rgb + (size_t)from * 3);
        } else { /* the last block may stick out */
            to = width;
            cw_blend_bytes(&c->row, &run.spans[i], c->bytes);
            memcpy(rgb + (size_t)from * 3, c->bytes, (size_t)(to - from) * 3);
        }
        at = to;
    }
    memcpy(rgb + (size_t)at * 3, c->background, (size_t)(width - at) * 3);
}

/* ---- resampled ------------------------------------------------------------------------------- */

static const struct cw_light_row *ring_row(const struct canvas *c, uint32_t y) {
    return &c->ring[y % c->ring_size];
}

static void need_rows(struct canvas *c, const struct cw_tap *tap) {
    if (c->next_row < tap->first)
        c->next_row = tap->first;
    for (; c->next_row < tap->first + tap->count; c->next_row++) {
        const struct cw_light_row *row = ring_row(c, c->next_row);
        cw_blend_fill(row, &c->bounds, c->plan->background);
        cw_plan_row(c->plan, c->next_row, row, &c->colours);
    }
}

/* Blocks that any row under an output row touches; count = 0 when none does. */
static struct cw_span touched(const struct canvas *c, const struct cw_tap *tap) {
    uint32_t first = UINT16_MAX, end = 0;
    for (uint32_t k = 0; k < tap->count; k++) {
        const struct cw_run run = cw_plan_ground(c->plan, tap->first + k);
        if (run.count == 0)
            continue;
        const struct cw_span *last = &run.spans[run.count - 1];
        first = run.spans->block < first ? run.spans->block : first;
        end = last->block + (uint32_t)last->count > end ? last->block + (uint32_t)last->count : end;
    }
    return (struct cw_span){(uint16_t)first, (uint16_t)(end > first ? end - first : 0)};
}

/* The blocks that the taps of some output columns read. */
static struct cw_span read_by(const struct canvas *c, const uint32_t columns[2]) {
    const struct cw_tap *first = &c->across.taps[columns[0]];
    const struct cw_tap *last = &c->across.taps[columns[1] - 1];
    uint32_t from = first->first / CW_PACK_BLOCK;
    uint32_t to = cw_pack_blocks(last->first + last->count);
    return (struct cw_span){(uint16_t)from, (uint16_t)(to - from)};
}

static void resample_row(struct canvas *c, uint32_t y, uint8_t *rgb) {
    const struct cw_tap *tap = &c->down.taps[y];
    const struct cw_span span = touched(c, tap);
    uint32_t width = c->picture->width, columns[2] = {0, 0};
    if (span.count) {
        uint32_t from = span.block * (uint32_t)CW_PACK_BLOCK;
        cw_filter_meeting(&c->across, from, from + span.count * (uint32_t)CW_PACK_BLOCK, columns);
        need_rows(c, tap);
        for (uint32_t k = 0; k < tap->count; k++)
            c->weighted[k] =
                (struct cw_weighted_row){ring_row(c, tap->first + k)->light, tap->weights[k]};
        const struct cw_span read = read_by(c, columns);
        cw_blend_down(c->weighted, tap->count, c->row.stride, &read, c->column);
        cw_blend_across(c->column, c->across.taps + columns[0], columns[1] - columns[0],
                        rgb + (size_t)columns[0] * 3);
    }
    memcpy(rgb, c->background, (size_t)columns[0] * 3);
    memcpy(rgb + (size_t)columns[1] * 3, c->background, (size_t)(width - columns[1]) * 3);
}

/* Columns read outside the ground's bounds must hold the background too. */
static void prepare_resampling(struct canvas *c, struct cw_arena *arena) {
    const struct cw_pack_level *level = c->plan->level;
    cw_filter_make(arena, level->width_px, c->picture->width, &c->across);
    cw_filter_make(arena, level->height_px, c->picture->height, &c->down);
    c->bounds = (struct cw_span){0, (uint16_t)cw_pack_blocks(level->width_px)};
    c->ring_size = c->down.count_max;
    c->ring = cw_arena_array(arena, c->ring_size, sizeof *c->ring);
    c->weighted = cw_arena_array(arena, c->ring_size, sizeof *c->weighted);
    c->column = cw_arena_array(arena, c->row.stride, sizeof *c->column);
    for (uint32_t i = 0; i < c->ring_size; i++)
        c->ring[i] = cw_light_row_new(arena, level->width_px);
}

static bool any(const bool *rows, const struct cw_tap *tap) {
    for (uint32_t k = 0; k < tap->count; k++)
        if (rows[tap->first + k])
            return true;
    return false;
}

void cw_compose_rows(const struct cw_plan *plan, const bool *rows, struct cw_picture *picture,
                     bool *ret_drawn) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_pack_level *level = plan->level;
    uint32_t width = picture->width;
    struct canvas c = {.plan = plan, .picture = picture};
    c.row = cw_light_row_new(arena, level->width_px);
    c.colours = cw_light_row_new(arena, level->width_px);
    c.background = cw_arena_array(arena, width, 3);
    c.bytes = cw_arena_array(arena, c.row.stride, 3);
    for (size_t i = 0; i < width; i++)
        memcpy(c.background + i * 3, plan->background_rgb, 3);
    bool stored = level->width_px == width && level->height_px == picture->height;
    if (!stored)
        prepare_resampling(&c, arena);
    for (uint32_t y = 0; y < picture->height; y++) {
        uint8_t *rgb = picture->rgb + (size_t)y * width * 3;
        bool wanted = !rows || (stored ? rows[y] : any(rows, &c.down.taps[y]));
        if (wanted && stored)
            draw_row(&c, y, rgb);
        else if (wanted)
            resample_row(&c, y, rgb);
        if (ret_drawn)
            ret_drawn[y] = wanted;
    }
}

enum cw_status cw_compose_size(const struct cw_pack_view *view, uint32_t width,
                               struct cw_picture *ret, struct cw_error *err) {
    uint32_t height = cw_pack_height(view->width_px, view->height_px, width);
    if (height < 1 || height > CW_PREVIEW_MAX_PX)
        return cw_fail(err, CW_E_LIMIT, "render.size",
                       "the picture would be %u pixels high, limit is %d", height,
                       CW_PREVIEW_MAX_PX);
    *ret = (struct cw_picture){.width = width, .height = height};
    ret->rgb = malloc((size_t)width * height * 3);
    if (!ret->rgb)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    return CW_OK;
}

enum cw_status cw_compose(struct cw_fonts *fonts, const struct cw_pack *pack,
                          const struct cw_scene *scene, struct cw_picture *ret,
                          struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    if (!arena)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    struct cw_plan plan = {0};
    const struct cw_plan_input input = {.fonts = fonts, .pack = pack, .scene = scene};
    enum cw_status status = cw_plan_make(arena, &input, &plan, err);
    if (!status)
        status = cw_compose_size(plan.view, scene->width_px, ret, err);
    if (!status)
        cw_compose_rows(&plan, NULL, ret, NULL);
    return status;
}
