/*
 * Shade and shine of grooves, raised letters and stitches, from a decal's coverage.
 *
 * Does not draw decals (decal.c) nor look them up (layer.c). Runs in the renderer worker.
 */
#include "relief.h"

#include <stdlib.h>
#include <string.h>

#include "plane.h"

#define BEVEL_MAX_PX 12
#define CAST_MAX_PX  24
#define CAST_STEPS   4

/* Strengths in 1/255 of full shade or shine on the steepest edge facing from or to the light. */
static const struct look {
    int32_t bevel_um; /* half the width of an edge */
    int up;           /* 1: stands on the surface, -1: goes down */
    int shade, shine, floor;
    int32_t thread_um; /* 0: no stitches */
    int32_t cast_um;   /* how far its shadow reaches beside it; 0: none */
    int cast, crown;   /* how dark that is; how much of the light the top gains */
} looks[] = {
    [CW_PROCESS_PRINT] = {1, 1, 0, 0, 0, 0, 0, 0, 0},
    [CW_PROCESS_ENGRAVE] = {90, -1, 190, 130, 30, 0, 0, 0, 0},
    [CW_PROCESS_EMBROIDER] = {260, 1, 130, 48, 0, 420, 0, 0, 0}, /* thread 60 lies about 0.4 mm
                                                               apart */
    [CW_PROCESS_DEBOSS] = {220, -1, 160, 110, 16, 0, 0, 0, 0},
    [CW_PROCESS_EMBOSS] = {280, 1, 160, 130, 0, 0, 800, 150, 14},
};

struct relief {
    const struct cw_coverage *flat;
    const struct look *look;
    int32_t um_per_px;
    bool shine;
    int reach; /* [px] of the blur */
    int cast;  /* [px] of the shadow */
    const int32_t *light;
    int x, y, w, h;   /* the box worked on: the ink and its edges */
    uint8_t *height;  /* w × h */
    uint8_t *scratch; /* w × h */
};

static int at_most(int v, int max) {
    return v < max ? v : max;
}

/* One direction of a box blur: count lines of `length` bytes, `step` apart. */
static void blur(const uint8_t *from, uint8_t *to, const int lines[2], const int steps[2],
                 int reach) {
    for (int line = 0; line < lines[0]; line++) {
        const uint8_t *in = from + (size_t)line * (size_t)steps[0];
        uint8_t *out = to + (size_t)line * (size_t)steps[0];
        int sum = 0;
        for (int i = 0; i < at_most(reach, lines[1]); i++)
            sum += in[i * steps[1]];
        for (int i = 0; i < lines[1]; i++) {
            sum += i + reach < lines[1] ? in[(i + reach) * steps[1]] : 0;
            sum -= i - reach - 1 >= 0 ? in[(i - reach - 1) * steps[1]] : 0;
            out[i * steps[1]] = (uint8_t)(sum / (2 * reach + 1));
        }
    }
}

static void make_height(struct relief *r) {
    for (int y = 0; y < r->h; y++)
        memcpy(r->height + (size_t)y * (size_t)r->w,
               r->flat->data + (size_t)(r->y + y) * (size_t)r->flat->stride + r->x, (size_t)r->w);
    blur(r->height, r->scratch, (const int[2]){r->h, r->w}, (const int[2]){r->w, 1}, r->reach);
    blur(r->scratch, r->height, (const int[2]){r->w, r->h}, (const int[2]){1, r->w}, r->reach);
}

/* [1/255] of the steepest edge, positive towards the light. */
static int slope(const struct relief *r, int x, int y) {
    const uint8_t *at = r->height + (size_t)y * (size_t)r->w + x;
    int dx = (x + 1 < r->w ? at[1] : 0) - (x > 0 ? at[-1] : 0);
    int dy = (y + 1 < r->h ? at[r->w] : 0) - (y > 0 ? at[-r->w] : 0);
    int along =
        -(dx * r->light[0] + dy * r->light[1]) / 1000 * r->look->up * (2 * r->reach + 1) / 2;
    return along > 255 ? 255 : along < -255 ? -255 : along;
}

/* A slanted row of round threads: how far from a thread's middle, 0 to 255. Threads finer than the
 * pixels (three of them, two texels each) are an even grey, so that they make no moiré. */
static int from_thread(const struct relief *r, int x, int y) {
    const int32_t period = r->look->thread_um;
    if (period < 6 * r->um_per_px)
        return 147; /* its square is a third, the mean */
    int64_t across = ((int64_t)(r->x + x) * 94 + (int64_t)(r->y + y) * 34) * r->um_per_px / 100;
    int64_t half = across % period * 2 - period;
    return (int)((half < 0 ? -half : half) * 255 / period);
}

/* [1/255] How much of the light towards this place is held up by what stands between: nearer walls
 * count at more of the steps, so the shadow fades with the distance. */
static int shadow(const struct relief *r, int x, int y) {
    int own = r->height[(size_t)y * (size_t)r->w + (size_t)x], sum = 0;
    for (int step = 1; step <= CAST_STEPS; step++) {
        int far = r->cast * step / CAST_STEPS;
        int at[2] = {x + far * r->light[0] / 1000, y + far * r->light[1] / 1000};
        if (at[0] < 0 || at[0] >= r->w || at[1] < 0 || at[1] >= r->h)
            continue;
        int higher = r->height[(size_t)at[1] * (size_t)r->w + (size_t)at[0]] - own;
        sum += higher > 0 ? higher : 0;
    }
    return sum / CAST_STEPS;
}

static uint8_t value(const struct relief *r, int x, int y) {
    const struct look *look = r->look;
    int along = slope(r, x, y), k = r->height[(size_t)y * (size_t)r->w + (size_t)x];
    int sum = r->shine ? (along > 0 ? along * look->shine / 255 : 0)
                       : (along < 0 ? -along * look->shade / 255 : 0) + k * look->floor / 255;
    if (r->cast > 0)
        sum += r->shine ? k * look->crown / 255 : shadow(r, x, y) * look->cast / 255;
    if (look->thread_um > 0) {
        int edge = from_thread(r, x, y), from = r->shine ? 255 - edge : edge;
        sum += from * from / 255 * (r->shine ? look->shine : look->shade) / 255 * k / 255;
    }
    return (uint8_t)at_most(sum, 255);
}

static void place(struct relief *r) {
    const struct cw_grey grey = {r->flat->data, (uint32_t)r->flat->width, (uint32_t)r->flat->height,
                                 (size_t)r->flat->stride};
    const struct cw_plane box = cw_grey_bbox(&grey);
    const int margin = 2 * r->reach + 2 + r->cast;
    r->x = (int)box.x > margin ? (int)box.x - margin : 0;
    r->y = (int)box.y > margin ? (int)box.y - margin : 0;
    r->w = at_most((int)(box.x + box.w) + margin, r->flat->width) - r->x;
    r->h = at_most((int)(box.y + box.h) + margin, r->flat->height) - r->y;
    if (box.w == 0)
        r->w = r->h = 0;
}

enum cw_status cw_relief_make(const struct cw_relief_args *args, struct cw_coverage *ret,
                              struct cw_error *err) {
    struct relief r = {.flat = args->flat,
                       .look = &looks[args->process],
                       .um_per_px = args->um_per_px,
                       .shine = args->which == CW_RELIEF_SHINE,
                       .light = args->light_milli};
    const int reach = r.look->bevel_um / args->um_per_px;
    r.reach = reach < 1 ? 1 : at_most(reach, BEVEL_MAX_PX);
    r.cast = r.look->cast_um ? at_most(r.look->cast_um / args->um_per_px + 2, CAST_MAX_PX) : 0;
    place(&r);
    struct cw_coverage out = *args->flat;
    out.data = calloc((size_t)out.height, (size_t)out.stride);
    r.height = malloc((size_t)r.w * (size_t)r.h + 1);
    r.scratch = malloc((size_t)r.w * (size_t)r.h + 1);
    const bool ok = out.data && r.height && r.scratch;
    if (ok) {
        make_height(&r);
        for (int y = 0; y < r.h; y++)
            for (int x = 0; x < r.w; x++)
                out.data[(size_t)(r.y + y) * (size_t)out.stride + (size_t)(r.x + x)] =
                    value(&r, x, y);
        *ret = out;
    } else {
        cw_coverage_deinit(&out);
    }
    free(r.height);
    free(r.scratch);
    return ok ? CW_OK : cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
}
