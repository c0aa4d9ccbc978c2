/*
 * Responsible for repeating a picture over a surface. Does not decode it (the importer, before the
 * bundle is packed) nor decide where it may lie (decal.c). Runs in the renderer worker.
 */
#include "decal_tile.h"

#include <math.h>

#include "pack.h"

#define PART 256  /* of a texel */
#define FINE 1024 /* of a µm */

struct sampler {
    const struct cw_scene_decal *decal;
    const struct cw_artwork *level;
    enum cw_repeat repeat;
    double cosine, sine;
    int64_t period[2]; /* [1/FINE µm] */
    int64_t size[2];   /* [texels] */
    int samples;       /* along each axis */
    double px_um[2];
};

static enum cw_status check(const struct cw_scene_decal *decal, struct cw_error *err) {
    if (!decal->tile || decal->tile_um[0] <= 0 || decal->tile_um[1] <= 0 ||
        decal->zone_um[2] <= 0 || decal->zone_um[3] <= 0 || decal->box_um[2] < 0 ||
        decal->box_um[2] > CW_REPEAT_HALF_DROP)
        return cw_fail(err, CW_E_INPUT, "render.decal", "a pattern has no tile, size or zone");
    return CW_OK;
}

static int64_t floor_div(int64_t a, int64_t b) {
    int64_t q = a / b;
    return q * b > a ? q - 1 : q;
}

/* The texel of an endless plane. Every second row or column of tiles is moved by half a tile. */
static const uint8_t *texel(const struct sampler *s, int64_t x, int64_t y) {
    int64_t row = floor_div(y, s->size[1]), column = floor_div(x, s->size[0]);
    if (s->repeat == CW_REPEAT_BRICK && row & 1) {
        x += s->size[0] / 2;
        column = floor_div(x, s->size[0]);
    } else if (s->repeat == CW_REPEAT_HALF_DROP && column & 1) {
        y += s->size[1] / 2;
        row = floor_div(y, s->size[1]);
    }
    return s->level->rgba + 4 * ((y - row * s->size[1]) * s->size[0] + x - column * s->size[0]);
}

/* Adds the light of one place, in 1/PART² of a byte, red first. */
static void add_sample(const struct sampler *s, int64_t x, int64_t y, uint64_t sum[4]) {
    x -= PART / 2; /* texel centres lie at half numbers */
    y -= PART / 2;
    int64_t left = floor_div(x, PART), top = floor_div(y, PART);
    uint64_t fx = (uint64_t)(x - left * PART), fy = (uint64_t)(y - top * PART);
    static const int from[4] = {2, 1, 0, 3}; /* of blue, green, red, alpha */
    for (int k = 0; k < 4; k++) {
        uint64_t weight = (k & 1 ? fx : PART - fx) * (k & 2 ? fy : PART - fy);
        if (weight == 0)
            continue;
        const uint8_t *bytes = texel(s, left + (k & 1), top + (k >> 1));
        for (int c = 0; c < 4; c++)
            sum[c] += weight * bytes[from[c]];
    }
}

/* Where a place of the surface lies on the endless plane of texels, y down [1/PART]. */
static void to_texels(const struct sampler *s, double x_um, double y_um, int64_t ret[2]) {
    const struct cw_scene_decal *d = s->decal;
    double x = x_um - (d->zone_um[0] + d->zone_um[2] / 2.0);
    double y = y_um - (d->zone_um[1] + d->zone_um[3] / 2.0);
    int64_t along = llround((s->cosine * x + s->sine * y) * FINE);
    int64_t up = llround((s->cosine * y - s->sine * x) * FINE);
    along = along - (int64_t)d->box_um[0] * FINE + s->period[0] / 2;
    up = s->period[1] / 2 - (up - (int64_t)d->box_um[1] * FINE);
    ret[0] = floor_div(along * s->size[0] * PART, s->period[0]);
    ret[1] = floor_div(up * s->size[1] * PART, s->period[1]);
}

static void pixel(const struct sampler *s, double x_um, double y_um, uint8_t ret[4]) {
    uint64_t sum[4] = {0}, most = (uint64_t)(s->samples * s->samples) * PART * PART;
    for (int j = 0; j < s->samples; j++)
        for (int i = 0; i < s->samples; i++) {
            int64_t at[2];
            to_texels(s, x_um + ((i + 0.5) / s->samples - 0.5) * s->px_um[0],
                      y_um + ((j + 0.5) / s->samples - 0.5) * s->px_um[1], at);
            add_sample(s, at[0], at[1], sum);
        }
    for (int c = 0; c < 4; c++)
        ret[c] = (uint8_t)((sum[c] + most / 2) / most);
}

/* The level of which a pixel sees one to two texels. */
static struct sampler sampler_for(const struct cw_scene_decal *decal,
                                  const struct cw_coverage *plane) {
    struct sampler s = {.decal = decal, .repeat = (enum cw_repeat)decal->box_um[2]};
    double angle = decal->rotation_mdeg * (M_PI / 180000), seen = 0;
    s.cosine = cos(angle);
    s.sine = sin(angle);
    s.px_um[0] = (double)decal->size_um[0] / plane->width;
    s.px_um[1] = (double)decal->size_um[1] / plane->height;
    size_t level = 0;
    for (;; level++) {
        s.level = &decal->tile->levels[level];
        s.size[0] = s.level->width_px;
        s.size[1] = s.level->height_px;
        seen = 0;
        for (int i = 0; i < 2; i++) {
            s.period[i] = (int64_t)decal->tile_um[i] * FINE;
            double texels = s.px_um[i] * (double)s.size[i] / decal->tile_um[i];
            seen = texels > seen ? texels : seen;
        }
        if (seen < 2 || level + 1 == decal->tile->level_count)
            break;
    }
    s.samples = seen <= 1 ? 1 : 2;
    return s;
}

/* Alpha of where the pattern may lie: its zone but for the texts. */
static enum cw_status draw_mask(struct cw_fonts *fonts, const struct cw_decal_ref *ref,
                                const struct cw_coverage *plane, struct cw_error *err) {
    cairo_surface_t *surface = cairo_image_surface_create_for_data(
        plane->data, CAIRO_FORMAT_A8, plane->width, plane->height, plane->stride);
    cairo_t *cr = cw_decal_context(surface, &ref->decals[ref->index]);
    struct cw_pen pen = {.cr = cr};
    struct cw_clears clears = {0};
    enum cw_status status = cw_decal_pattern_clip(fonts, ref, &pen, &clears, err);
    if (status == CW_OK)
        cairo_paint(cr);
    if (status == CW_OK && cairo_status(cr) != CAIRO_STATUS_SUCCESS)
        status = cw_fail(err, CW_E_NOMEM, "render.memory", "out of memory");
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return status;
}

/* planes[3] holds the mask. */
static void fill(const struct sampler *s, struct cw_coverage planes[4]) {
    const int width = planes[3].width, height = planes[3].height;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            size_t at = (size_t)y * (size_t)planes[3].stride + (size_t)x;
            uint32_t mask = planes[3].data[at];
            uint8_t rgba[4];
            if (mask == 0)
                continue;
            pixel(s, (x + 0.5 - width / 2.0) * s->px_um[0], (height / 2.0 - y - 0.5) * s->px_um[1],
                  rgba);
            for (int c = 0; c < 4; c++)
                planes[c].data[at] = (uint8_t)((rgba[c] * mask + 127) / 255);
        }
}

enum cw_status cw_decal_tile(struct cw_fonts *fonts, const struct cw_decal_ref *ref,
                             int32_t um_per_px, struct cw_coverage ret[4], struct cw_error *err) {
    const struct cw_scene_decal *decal = &ref->decals[ref->index];
    struct cw_coverage planes[4] = {0};
    enum cw_status status = check(decal, err);
    for (int i = 0; i < 4 && status == CW_OK; i++)
        status = cw_coverage_allocate(decal, um_per_px, &planes[i], err);
    if (status == CW_OK)
        status = draw_mask(fonts, ref, &planes[3], err);
    if (status == CW_OK) {
        const struct sampler s = sampler_for(decal, &planes[3]);
        fill(&s, planes);
    }
    return cw_coverage_hand_over(status, planes, ret);
}

/* One tile's corner and sides in thousandths of µm. */
static struct cw_placed_picture place(const struct cw_scene_decal *decal) {
    double angle = decal->rotation_mdeg * (M_PI / 180000), c = cos(angle), s = sin(angle);
    double w = decal->tile_um[0] * 1000.0, h = decal->tile_um[1] * 1000.0;
    double x = decal->box_um[0] * 1000.0 - w / 2, y = decal->box_um[1] * 1000.0 - h / 2;
    const double matrix[6] = {w * c,
                              w * s,
                              -h * s,
                              h * c,
                              (decal->zone_um[0] + decal->zone_um[2] / 2.0) * 1000 + x * c - y * s,
                              (decal->zone_um[1] + decal->zone_um[3] / 2.0) * 1000 + x * s + y * c};
    struct cw_placed_picture ret = {.picture = &decal->tile->levels[0],
                                    .tiled = true,
                                    .repeat = (enum cw_repeat)decal->box_um[2]};
    for (int i = 0; i < 6; i++)
        ret.matrix[i] = llround(matrix[i]);
    return ret;
}

enum cw_status cw_decal_tile_draw(struct cw_fonts *fonts, const struct cw_decal_ref *ref,
                                  struct cw_pen *pen, struct cw_error *err) {
    const struct cw_scene_decal *decal = &ref->decals[ref->index];
    enum cw_status status = check(decal, err);
    if (status != CW_OK)
        return status;
    size_t clips = pen->clip_count;
    struct cw_clears clears = {0};
    cairo_save(pen->cr);
    status = cw_decal_pattern_clip(fonts, ref, pen, &clears, err);
    if (status == CW_OK) {
        const int32_t *zone = decal->zone_um;
        cairo_new_path(pen->cr);
        cairo_rectangle(pen->cr, zone[0], zone[1], zone[2], zone[3]);
        struct cw_placed_picture placed = place(decal);
        placed.shape = pen->technical;
        status = pen->technical && cw_artwork_is_opaque(placed.picture)
                     ? cw_pen_fill(pen, err)
                     : cw_pen_picture(pen, &placed, err);
    }
    cairo_restore(pen->cr);
    pen->clip_count = clips;
    return status;
}
