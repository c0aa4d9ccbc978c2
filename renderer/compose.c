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
    uint32_t x, y; /* of the picture in the whole one */
    size_t pixel;  /* bytes */
    struct cw_light_row row, colours;
    uint8_t *background; /* a row of it */
    uint8_t *bytes;      /* a row, padded to blocks */
    uint8_t *line;       /* a row of the whole picture, where only a part of it is wanted */
    /* for resampling */
    struct cw_filter across, down;
    struct cw_span bounds; /* what the ground touches in any row */
    uint32_t ring_size, next_row;
    struct cw_light_row *ring;
    struct cw_weighted_row *weighted; /* what one output row is the sum of */
    cw_f4 *column;
};

static void put_bytes(const struct canvas *c, const struct cw_span *span, uint8_t *bytes) {
    if (c->picture->alpha)
        cw_blend_bytes_alpha(&c->row, span, bytes);
    else
        cw_blend_bytes(&c->row, span, bytes);
}

/* ---- at a stored width ----------------------------------------------------------------------- */

/* A row of the whole picture. */
static void draw_line(const struct canvas *c, uint32_t y, uint8_t *line) {
    const struct cw_run run = cw_plan_ground(c->plan, y);
    uint32_t width = c->plan->full_px[0], at = 0;
    size_t pixel = c->pixel;
    if (run.count)
        cw_plan_row(c->plan, y, &c->row, &c->colours);
    for (size_t i = 0; i < run.count; i++) {
        uint32_t from = run.spans[i].block * (uint32_t)CW_PACK_BLOCK;
        uint32_t to = from + run.spans[i].count * (uint32_t)CW_PACK_BLOCK;
        memcpy(line + at * pixel, c->background, (from - at) * pixel);
        if (to <= width) {
            put_bytes(c, &run.spans[i], line + from * pixel);
        } else { /* the last block may stick out */
            to = width;
            put_bytes(c, &run.spans[i], c->bytes);
            memcpy(line + from * pixel, c->bytes, (to - from) * pixel);
        }
        at = to;
    }
    memcpy(line + at * pixel, c->background, (width - at) * pixel);
}

static void draw_row(const struct canvas *c, uint32_t y, uint8_t *rgb) {
    if (!c->line) {
        draw_line(c, y, rgb);
        return;
    }
    draw_line(c, y, c->line);
    memcpy(rgb, c->line + c->x * c->pixel, c->picture->width * c->pixel);
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
        if (c->picture->alpha)
            memset(row->light + 3 * row->stride, 0, row->stride * sizeof *row->light);
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

static uint32_t clamp(uint32_t value, uint32_t low, uint32_t high) {
    return value < low ? low : value > high ? high : value;
}

/* Some columns of the whole picture, from the rows under them. */
static void resample(struct canvas *c, const struct cw_tap *tap, const uint32_t columns[2],
                     uint8_t *bytes) {
    need_rows(c, tap);
    for (uint32_t k = 0; k < tap->count; k++)
        c->weighted[k] =
            (struct cw_weighted_row){ring_row(c, tap->first + k)->light, tap->weights[k]};
    const struct cw_span read = read_by(c, columns);
    const struct cw_stacked_rows rows = {c->weighted, tap->count, c->row.stride, c->pixel};
    cw_blend_down(&rows, &read, c->column);
    const struct cw_tap *taps = c->across.taps + columns[0];
    if (c->picture->alpha)
        cw_blend_across_alpha(c->column, taps, columns[1] - columns[0], bytes);
    else
        cw_blend_across(c->column, taps, columns[1] - columns[0], bytes);
}

static void resample_row(struct canvas *c, uint32_t y, uint8_t *rgb) {
    const struct cw_tap *tap = &c->down.taps[y];
    const struct cw_span span = touched(c, tap);
    uint32_t end = c->x + c->picture->width, columns[2] = {0, 0};
    if (span.count) {
        uint32_t from = span.block * (uint32_t)CW_PACK_BLOCK;
        cw_filter_meeting(&c->across, from, from + span.count * (uint32_t)CW_PACK_BLOCK, columns);
    }
    columns[0] = clamp(columns[0], c->x, end);
    columns[1] = clamp(columns[1], columns[0], end);
    if (columns[0] < columns[1])
        resample(c, tap, columns, rgb + (columns[0] - c->x) * c->pixel);
    memcpy(rgb, c->background, (columns[0] - c->x) * c->pixel);
    memcpy(rgb + (columns[1] - c->x) * c->pixel, c->background, (end - columns[1]) * c->pixel);
}

/* Columns read outside the ground's bounds must hold the background too. */
static void prepare_resampling(struct canvas *c, struct cw_arena *arena) {
    const struct cw_pack_level *level = c->plan->level;
    cw_filter_make(arena, level->width_px, c->plan->full_px[0], &c->across);
    cw_filter_make(arena, level->height_px, c->plan->full_px[1], &c->down);
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

static void prepare(struct canvas *c, struct cw_arena *arena, bool stored) {
    const struct cw_plan *plan = c->plan;
    const uint32_t *crop = plan->frame.crop_px;
    c->pixel = cw_picture_pixel_bytes(c->picture);
    c->x = crop[0];
    c->y = crop[1];
    c->row = cw_light_row_new(arena, plan->level->width_px);
    c->colours = cw_light_row_new(arena, plan->level->width_px);
    c->background = cw_arena_array(arena, plan->full_px[0], c->pixel);
    c->bytes = cw_arena_array(arena, c->row.stride, c->pixel);
    if (stored && crop[2] != plan->full_px[0])
        c->line = cw_arena_array(arena, plan->full_px[0], c->pixel);
    for (size_t i = 0; !c->picture->alpha && i < plan->full_px[0]; i++)
        memcpy(c->background + i * 3, plan->background_rgb, 3);
    if (!stored)
        prepare_resampling(c, arena);
}

void cw_compose_rows(const struct cw_plan *plan, const bool *rows, struct cw_picture *picture,
                     const struct cw_compose_watch *watch) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_pack_level *level = plan->level;
    struct canvas c = {.plan = plan, .picture = picture};
    bool stored = level->width_px == plan->full_px[0] && level->height_px == plan->full_px[1];
    prepare(&c, arena, stored);
    for (uint32_t i = 0; i < picture->height; i++) {
        uint8_t *rgb = picture->rgb + i * c.pixel * picture->width;
        uint32_t y = c.y + i;
        bool wanted = !rows || (stored ? rows[y] : any(rows, &c.down.taps[y]));
        if (wanted && stored)
            draw_row(&c, y, rgb);
        else if (wanted)
            resample_row(&c, y, rgb);
        if (watch)
            watch->row(watch->data, i, wanted);
    }
}

enum cw_status cw_compose_size(const struct cw_plan *plan, struct cw_picture *ret,
                               struct cw_error *err) {
    const struct cw_frame *frame = &plan->frame;
    *ret = (struct cw_picture){
        .width = frame->crop_px[2], .height = frame->crop_px[3], .alpha = frame->transparent};
    ret->rgb = malloc((size_t)ret->width * ret->height * cw_picture_pixel_bytes(ret));
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
        status = cw_compose_size(&plan, ret, err);
    if (!status)
        cw_compose_rows(&plan, NULL, ret, NULL);
    return status;
}
