/*
 * Responsible for sampling a flat drawing through a UV map. Does not draw (decal.c) and does not
 * mix colours (compose.c). Workers run it.
 *
 * Each pixel sees a small parallelogram of the surface, known from the UV differences to its
 * neighbours. It is averaged from a grid of bilinear samples about one texel apart: near the
 * silhouette of a round product, where the parallelogram is long and thin, that is what keeps small
 * letters from breaking up (Heckbert 1986, box form).
 */
#include "layer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plane.h"

#define SAMPLES_MAX 8
#define UV_ONE      65535.0f
#define BIAS        1024 /* more than a sample can lie outside the surface */

struct texel {
    float x, y;
};

struct sampler {
    const uint16_t *uv;
    const uint8_t *mask;
    uint32_t w, h; /* of the planes */
    const struct cw_coverage *flat;
    float scale_x, scale_y;
    int ink[4]; /* x0, y0, x1, y1 of what is drawn, in texels; empty when x1 ≤ x0 */
};

static struct texel texel_at(const struct sampler *s, uint32_t x, uint32_t y) {
    const uint16_t *uv = s->uv + ((size_t)y * s->w + x) * 2;
    return (struct texel){(float)uv[0] * s->scale_x, (UV_ONE - (float)uv[1]) * s->scale_y};
}

static bool valid(const struct sampler *s, uint32_t x, uint32_t y) {
    return s->mask[(size_t)y * s->w + x] != 0;
}

/* Change of the texel per pixel along one axis; 0 at an isolated pixel or across a seam. */
static struct texel difference(const struct sampler *s, uint32_t x, uint32_t y, bool along_x) {
    uint32_t limit = along_x ? s->w : s->h, at = along_x ? x : y;
    uint32_t step_x = along_x ? 1 : 0, step_y = 1 - step_x;
    bool up = at + 1 < limit && valid(s, x + step_x, y + step_y);
    bool down = at > 0 && valid(s, x - step_x, y - step_y);
    struct texel here = texel_at(s, x, y);
    struct texel a = down ? texel_at(s, x - step_x, y - step_y) : here;
    struct texel b = up ? texel_at(s, x + step_x, y + step_y) : here;
    float span = up && down ? 0.5f : 1.0f;
    struct texel d = {(b.x - a.x) * span, (b.y - a.y) * span};
    if (fabsf(d.x) > 0.2f * UV_ONE * s->scale_x || fabsf(d.y) > 0.2f * UV_ONE * s->scale_y)
        return (struct texel){0, 0};
    return d;
}

static float length(struct texel d) {
    return sqrtf(d.x * d.x + d.y * d.y);
}

static int compare(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* In µm of the surface. */
static struct sampler sampler_of(const struct cw_pack_surface *surface) {
    return (struct sampler){.uv = (const uint16_t *)(const void *)surface->uv.data,
                            .mask = surface->mask.data,
                            .w = surface->uv.w,
                            .h = surface->uv.h,
                            .scale_x = (float)surface->size_um[0] / UV_ONE,
                            .scale_y = (float)surface->size_um[1] / UV_ONE};
}

int32_t cw_layer_um_per_px(const struct cw_pack_surface *surface) {
    enum { GRID = 24 };
    const struct sampler s = sampler_of(surface);
    float seen[GRID * GRID];
    size_t count = 0;
    for (uint32_t j = 0; j < GRID && s.w; j++)
        for (uint32_t i = 0; i < GRID; i++) {
            uint32_t x = s.w * i / GRID, y = s.h * j / GRID;
            if (!valid(&s, x, y))
                continue;
            float dx = length(difference(&s, x, y, true)), dy = length(difference(&s, x, y, false));
            if (dx > 0 && dy > 0)
                seen[count++] = dx < dy ? dx : dy;
        }
    qsort(seen, count, sizeof *seen, compare);
    /* the sharp quarter decides: the rest is seen at a slant and sampled more often */
    double um = count ? (double)seen[count / 4] / 2 : 100;
    double least = sqrt((double)surface->size_um[0] * surface->size_um[1] / (16.0 * 1024 * 1024));
    if (um < least)
        um = least;
    return (int32_t)ceil(um < 20 ? 20 : um > 2000 ? 2000 : um);
}

void cw_layer_light(const struct cw_pack_surface *surface, int32_t ret_milli[2]) {
    enum { GRID = 24 };
    const struct sampler s = sampler_of(surface);
    struct texel sum = {0, 0};
    for (uint32_t j = 0; j < GRID && s.w; j++)
        for (uint32_t i = 0; i < GRID; i++) {
            uint32_t x = s.w * i / GRID, y = s.h * j / GRID;
            if (!valid(&s, x, y))
                continue;
            struct texel dx = difference(&s, x, y, true), dy = difference(&s, x, y, false);
            struct texel to = {-0.6f * dx.x - 0.8f * dy.x, -0.6f * dx.y - 0.8f * dy.y};
            float far = length(to);
            sum.x += far > 0 ? to.x / far : 0;
            sum.y += far > 0 ? to.y / far : 0;
        }
    float far = length(sum);
    ret_milli[0] = far > 0.01f ? (int32_t)lrintf(sum.x / far * 1000) : -600;
    ret_milli[1] = far > 0.01f ? (int32_t)lrintf(sum.y / far * 1000) : -800;
}

static void find_ink(struct sampler *s) {
    const struct cw_coverage *flat = s->flat;
    const struct cw_grey grey = {flat->data, (uint32_t)flat->width, (uint32_t)flat->height,
                                 (size_t)flat->stride};
    const struct cw_plane box = cw_grey_bbox(&grey);
    s->ink[0] = (int)box.x;
    s->ink[1] = (int)box.y;
    s->ink[2] = (int)(box.x + box.w);
    s->ink[3] = (int)(box.y + box.h);
}

static int clamp(int v, int max) {
    return v < 0 ? 0 : v > max ? max : v;
}

/* Texel centres lie at half numbers. */
static float bilinear(const struct cw_coverage *flat, float x, float y) {
    x -= 0.5f;
    y -= 0.5f;
    /* floor without a library call: texels lie within ±BIAS */
    int ix = (int)(x + BIAS) - BIAS, iy = (int)(y + BIAS) - BIAS;
    float fx = x - (float)ix, fy = y - (float)iy;
    int x0 = clamp(ix, flat->width - 1), x1 = clamp(ix + 1, flat->width - 1);
    const uint8_t *top = flat->data + (size_t)clamp(iy, flat->height - 1) * (size_t)flat->stride;
    const uint8_t *low =
        flat->data + (size_t)clamp(iy + 1, flat->height - 1) * (size_t)flat->stride;
    float a = (float)top[x0] + ((float)top[x1] - (float)top[x0]) * fx;
    float b = (float)low[x0] + ((float)low[x1] - (float)low[x0]) * fx;
    return a + (b - a) * fy;
}

static int sample_count(float texels) {
    return texels < 1.25f ? 1 : texels >= SAMPLES_MAX ? SAMPLES_MAX : (int)(texels + 0.25f);
}

static float sample(const struct sampler *s, uint32_t x, uint32_t y) {
    struct texel at = texel_at(s, x, y);
    float reach = 64.0f; /* no pixel that matters sees more than that */
    if (at.x < (float)s->ink[0] - reach || at.x > (float)s->ink[2] + reach ||
        at.y < (float)s->ink[1] - reach || at.y > (float)s->ink[3] + reach)
        return 0;
    struct texel dx = difference(s, x, y, true), dy = difference(s, x, y, false);
    int nx = sample_count(length(dx)), ny = sample_count(length(dy));
    float sum = 0;
    for (int j = 0; j < ny; j++) {
        float b = ((float)j + 0.5f) / (float)ny - 0.5f;
        for (int i = 0; i < nx; i++) {
            float a = ((float)i + 0.5f) / (float)nx - 0.5f;
            sum += bilinear(s->flat, at.x + a * dx.x + b * dy.x, at.y + a * dx.y + b * dy.y);
        }
    }
    return sum / (float)(nx * ny);
}

enum cw_status cw_layer_map(const struct cw_pack_surface *surface, const struct cw_coverage *flat,
                            struct cw_layer *ret, struct cw_error *err) {
    struct cw_layer layer = {.x = surface->uv.x,
                             .y = surface->uv.y,
                             .w = surface->uv.w,
                             .h = surface->uv.h,
                             .parts = surface->parts};
    struct sampler s = {.uv = (const uint16_t *)(const void *)surface->uv.data,
                        .mask = surface->mask.data,
                        .w = layer.w,
                        .h = layer.h,
                        .flat = flat,
                        .scale_x = (float)flat->width / UV_ONE,
                        .scale_y = (float)flat->height / UV_ONE};
    find_ink(&s);
    layer.coverage = calloc((size_t)layer.w * layer.h + 1, 1);
    if (!layer.coverage)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    for (uint32_t y = 0; y < layer.h && s.ink[2] > s.ink[0]; y++)
        for (uint32_t x = 0; x < layer.w; x++) {
            uint8_t mask = s.mask[(size_t)y * s.w + x];
            if (mask == 0)
                continue;
            float k = sample(&s, x, y) * (float)mask / 255.0f;
            layer.coverage[(size_t)y * layer.w + x] = (uint8_t)(k + 0.5f);
        }
    *ret = layer;
    return CW_OK;
}

enum cw_status cw_layer_map_picture(const struct cw_pack_surface *surface,
                                    const struct cw_coverage planes[4], struct cw_layer *ret,
                                    struct cw_error *err) {
    struct cw_layer layer = {0};
    enum cw_status status = cw_layer_map(surface, &planes[3], &layer, err);
    size_t count = (size_t)layer.w * layer.h;
    layer.inks = status == CW_OK ? malloc(3 * count + 1) : NULL;
    if (status == CW_OK && !layer.inks)
        status = cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    for (size_t c = 0; c < 3 && status == CW_OK; c++) {
        struct cw_layer one = {0};
        status = cw_layer_map(surface, &planes[c], &one, err);
        for (size_t i = 0; i < count && status == CW_OK; i++)
            layer.inks[3 * i + c] = one.coverage[i];
        cw_layer_deinit(&one);
    }
    if (status == CW_OK)
        *ret = layer;
    else
        cw_layer_deinit(&layer);
    return status;
}

enum cw_status cw_layer_copy(const struct cw_layer *layer, struct cw_layer *ret,
                             struct cw_error *err) {
    size_t count = (size_t)layer->w * layer->h;
    struct cw_layer copy = *layer;
    copy.coverage = malloc(count + 1);
    copy.inks = layer->inks ? malloc(3 * count + 1) : NULL;
    if (!copy.coverage || (layer->inks && !copy.inks)) {
        cw_layer_deinit(&copy);
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    memcpy(copy.coverage, layer->coverage, count);
    if (copy.inks)
        memcpy(copy.inks, layer->inks, 3 * count);
    *ret = copy;
    return CW_OK;
}

void cw_layer_crop(struct cw_layer *layer) {
    const struct cw_grey grey = {layer->coverage, layer->w, layer->h, layer->w};
    const struct cw_plane box = cw_grey_bbox(&grey);
    for (uint32_t y = 0; y < box.h; y++) {
        size_t to = (size_t)y * box.w, from = (size_t)(box.y + y) * layer->w + box.x;
        memmove(layer->coverage + to, layer->coverage + from, box.w);
        if (layer->inks)
            memmove(layer->inks + 3 * to, layer->inks + 3 * from, 3 * (size_t)box.w);
    }
    layer->x += box.x;
    layer->y += box.y;
    layer->w = box.w;
    layer->h = box.h;
}

void cw_layer_deinit(struct cw_layer *layer) {
    free(layer->coverage);
    free(layer->inks);
    layer->coverage = layer->inks = NULL;
}
