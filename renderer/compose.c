/*
 * Responsible for streaming a plan's rows through the resampler into a picture. Does not look at
 * names (plan.c) and does not encode. Workers run it.
 *
 * Rows of the view live in a ring just long enough for the tallest output pixel, so the whole-size
 * picture never exists and everything stays in the second-level cache. Rows are averaged downwards
 * first, then across, because the first pass is then a plain sum of long vectors. Only the
 * rectangle that the product and its shadow touch is worked on; the rest is one byte triple.
 */
#include "compose.h"

#include <string.h>

#include "base/arena.h"
#include "cordwain/limits.h"
#include "filter.h"
#include "plan.h"
#include "srgb.h"

struct canvas {
    const struct cw_plan *plan;
    struct cw_filter across, down;
    uint32_t out_x0, out_x1; /* output columns that see the plan's rectangle */
    uint32_t in_x0, in_x1;   /* input columns they read */
    uint32_t ring_size, next_row;
    cw_v4 *ring;        /* ring_size rows of the whole view width */
    cw_v4 *column;      /* one row averaged downwards */
    cw_v4 *across_sums; /* and across */
    int32_t *steps;     /* its place in the sRGB table */
    uint8_t background[3];
    struct cw_picture *picture;
};

/* The output pixels whose taps meet [from, to). */
static void touched(const struct cw_filter *filter, uint32_t from, uint32_t to, uint32_t ret[2]) {
    uint32_t first = 0, last = filter->size;
    while (first < last && filter->taps[first].first + filter->taps[first].count <= from)
        first++;
    while (last > first && filter->taps[last - 1].first >= to)
        last--;
    ret[0] = first;
    ret[1] = last;
}

static void fill(uint8_t *rgb, size_t count, const uint8_t colour[3]) {
    for (size_t i = 0; i < count; i++)
        memcpy(rgb + i * 3, colour, 3);
}

static cw_v4 *ring_row(const struct canvas *c, uint32_t y) {
    return c->ring + (size_t)(y % c->ring_size) * c->plan->view->width_px;
}

static void average_down(const struct canvas *c, const struct cw_tap *tap) {
    size_t from = c->in_x0, count = c->in_x1 - c->in_x0;
    cw_v4 *restrict to = c->column + from;
    for (uint32_t k = 0; k < tap->count; k += 2) { /* in pairs: half the traffic of `to` */
        const bool pair = k + 1 < tap->count;
        const cw_v4 *a = ring_row(c, tap->first + k) + from;
        const cw_v4 *b = pair ? ring_row(c, tap->first + k + 1) + from : a;
        const float v = tap->weights[k], w = pair ? tap->weights[k + 1] : 0;
        const cw_v4 weight_a = {v, v, v, v}, weight_b = {w, w, w, w};
        if (k == 0)
            for (size_t x = 0; x < count; x++)
                to[x] = a[x] * weight_a + b[x] * weight_b;
        else
            for (size_t x = 0; x < count; x++)
                to[x] += a[x] * weight_a + b[x] * weight_b;
    }
}

/* In three loops, because only the middle one is plain enough for the compiler to make vectors of.
 */
static void average_across(const struct canvas *c, uint8_t *rgb) {
    for (uint32_t x = c->out_x0; x < c->out_x1; x++) {
        const struct cw_tap *tap = &c->across.taps[x];
        const cw_v4 *from = c->column + tap->first;
        cw_v4 sum = {0, 0, 0, 0};
        for (uint32_t k = 0; k < tap->count; k++) {
            float w = tap->weights[k];
            sum += from[k] * (cw_v4){w, w, w, w};
        }
        c->across_sums[x] = sum;
    }
    const float *restrict linear = (const float *)(c->across_sums + c->out_x0);
    int32_t *restrict steps = c->steps;
    size_t count = (size_t)(c->out_x1 - c->out_x0) * 4;
    for (size_t i = 0; i < count; i++)
        steps[i] = cw_srgb_step(linear[i]);
    rgb += (size_t)c->out_x0 * 3;
    for (size_t i = 0; i < count; i += 4, rgb += 3) {
        rgb[0] = cw_srgb_byte[steps[i]];
        rgb[1] = cw_srgb_byte[steps[i + 1]];
        rgb[2] = cw_srgb_byte[steps[i + 2]];
    }
}

static void need_rows(struct canvas *c, uint32_t first, uint32_t end) {
    const struct cw_plan *plan = c->plan;
    if (c->next_row < first)
        c->next_row = first;
    for (; c->next_row < end; c->next_row++) {
        cw_v4 *row = ring_row(c, c->next_row) + plan->x0;
        if (c->next_row >= plan->y0 && c->next_row < plan->y1)
            cw_plan_row(plan, c->next_row, row);
        else
            for (uint32_t x = 0; x < plan->x1 - plan->x0; x++)
                row[x] = plan->background;
    }
}

static void prepare(struct canvas *c, struct cw_arena *arena, uint32_t rows[2]) {
    const struct cw_plan *plan = c->plan;
    uint32_t columns[2];
    touched(&c->down, plan->y0, plan->y1, rows);
    touched(&c->across, plan->x0, plan->x1, columns);
    c->out_x0 = columns[0];
    c->out_x1 = columns[1];
    if (c->out_x0 < c->out_x1) {
        const struct cw_tap *last = &c->across.taps[c->out_x1 - 1];
        c->in_x0 = c->across.taps[c->out_x0].first;
        c->in_x1 = last->first + last->count;
    }
    size_t width = plan->view->width_px;
    c->ring_size = c->down.count_max + 1;
    c->ring = cw_arena_array(arena, c->ring_size * width, sizeof *c->ring);
    c->column = cw_arena_array(arena, width, sizeof *c->column);
    c->across_sums = cw_arena_array(arena, c->across.size, sizeof *c->across_sums);
    c->steps = cw_arena_array(arena, (size_t)c->across.size * 4, sizeof *c->steps);
    for (size_t i = 0; i < c->ring_size * width; i++)
        c->ring[i] = plan->background;
}

static void draw(struct canvas *c, struct cw_arena *arena) {
    uint32_t rows[2];
    size_t width = c->picture->width;
    prepare(c, arena, rows);
    for (uint32_t y = 0; y < c->picture->height; y++) {
        uint8_t *rgb = c->picture->rgb + y * width * 3;
        if (y < rows[0] || y >= rows[1] || c->plan->x1 == 0) {
            fill(rgb, width, c->background);
            continue;
        }
        const struct cw_tap *tap = &c->down.taps[y];
        need_rows(c, tap->first, tap->first + tap->count);
        average_down(c, tap);
        fill(rgb, c->out_x0, c->background);
        average_across(c, rgb);
        fill(rgb + (size_t)c->out_x1 * 3, width - c->out_x1, c->background);
    }
}

enum cw_status cw_compose(struct cw_fonts *fonts, const struct cw_pack *pack,
                          const struct cw_scene *scene, struct cw_picture *ret,
                          struct cw_error *err) {
    uint32_t width = scene->width_px;
    if (width < CW_PREVIEW_MIN_PX || width > CW_PREVIEW_MAX_PX)
        return cw_fail(err, CW_E_LIMIT, "render.size", "width must be %d to %d pixels",
                       CW_PREVIEW_MIN_PX, CW_PREVIEW_MAX_PX);
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    if (!arena)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    struct cw_plan plan = {0};
    const struct cw_plan_input input = {.fonts = fonts, .pack = pack, .scene = scene};
    enum cw_status status = cw_plan_make(arena, &input, &plan, err);
    if (status)
        return status;
    uint32_t from_w = plan.view->width_px, from_h = plan.view->height_px;
    uint64_t height = ((uint64_t)width * from_h + from_w / 2) / from_w;
    if (height < 1 || height > CW_PREVIEW_MAX_PX)
        return cw_fail(err, CW_E_LIMIT, "render.size",
                       "the picture would be %llu pixels high, limit is %d",
                       (unsigned long long)height, CW_PREVIEW_MAX_PX);
    struct cw_picture picture = {.width = width, .height = (uint32_t)height};
    picture.rgb = malloc((size_t)width * height * 3);
    if (!picture.rgb)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    struct canvas canvas = {.plan = &plan, .picture = &picture};
    memcpy(canvas.background, scene->background, 3);
    cw_filter_make(arena, from_w, width, &canvas.across);
    cw_filter_make(arena, from_h, picture.height, &canvas.down);
    draw(&canvas, arena);
    *ret = picture;
    return CW_OK;
}
