/*
 * Responsible for drawing a shopper's picture where its placement says. Does not judge size or
 * resolution (configure step) nor read files (shown.c). Runs in the renderer worker.
 */
#include "decal_picture.h"

#include <math.h>

#include "text.h"

static enum cw_status check(const struct cw_scene_decal *decal, struct cw_error *err) {
    if (!decal->picture || decal->box_um[2] <= 0 || decal->box_um[3] <= 0 ||
        decal->zone_um[2] <= 0 || decal->zone_um[3] <= 0)
        return cw_fail(err, CW_E_INPUT, "render.decal", "a picture has no pixels, box or area");
    return CW_OK;
}

static void zone_path(cairo_t *cr, const int32_t zone_um[4]) {
    cairo_new_path(cr);
    cairo_rectangle(cr, zone_um[0], zone_um[1], zone_um[2], zone_um[3]);
}

/* User space afterwards: the box in µm from its middle, turned with the picture. */
static void to_box(cairo_t *cr, const struct cw_scene_decal *decal) {
    cairo_translate(cr, decal->box_um[0], decal->box_um[1]);
    cw_rotate_mdeg(cr, decal->rotation_mdeg);
}

static void box_path(cairo_t *cr, const struct cw_scene_decal *decal) {
    double w = decal->box_um[2], h = decal->box_um[3];
    cairo_rectangle(cr, -w / 2, -h / 2, w, h);
}

/* The box is filled with the picture; its edge pixels go on outside, so that the edge of the box is
 * as sharp as any. */
static void paint(cairo_t *cr, const struct cw_scene_decal *decal) {
    const struct cw_artwork *picture = decal->picture;
    double w = decal->box_um[2], h = decal->box_um[3];
    cairo_surface_t *pixels = cairo_image_surface_create_for_data(
        (unsigned char *)(uintptr_t)picture->rgba, CAIRO_FORMAT_ARGB32, (int)picture->width_px,
        (int)picture->height_px, (int)picture->width_px * 4);
    cairo_save(cr);
    zone_path(cr, decal->zone_um);
    cairo_clip(cr);
    to_box(cr, decal);
    box_path(cr, decal);
    cairo_translate(cr, -w / 2, h / 2);
    cairo_scale(cr, w / picture->width_px, -h / picture->height_px);
    cairo_set_source_surface(cr, pixels, 0, 0);
    cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_GOOD);
    cairo_fill(cr);
    cairo_restore(cr);
    cairo_surface_destroy(pixels);
}

/* One of four bytes of every pixel. */
static void take_channel(const uint8_t *pixels, int stride, int channel, struct cw_coverage *to) {
    for (int y = 0; y < to->height; y++)
        for (int x = 0; x < to->width; x++)
            to->data[(size_t)y * (size_t)to->stride + (size_t)x] =
                pixels[(size_t)y * (size_t)stride + 4 * (size_t)x + (size_t)channel];
}

static enum cw_status draw(const struct cw_scene_decal *decal, struct cw_coverage planes[4],
                           struct cw_error *err) {
    static const int channels[4] = {2, 1, 0, 3}; /* of blue, green, red, alpha */
    cairo_surface_t *flat =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, planes[0].width, planes[0].height);
    cairo_t *cr = cw_decal_context(flat, decal);
    paint(cr, decal);
    cairo_status_t status = cairo_status(cr);
    cairo_destroy(cr);
    cairo_surface_flush(flat);
    for (int i = 0; i < 4 && status == CAIRO_STATUS_SUCCESS; i++)
        take_channel(cairo_image_surface_get_data(flat), cairo_image_surface_get_stride(flat),
                     channels[i], &planes[i]);
    cairo_surface_destroy(flat);
    return status == CAIRO_STATUS_SUCCESS
               ? CW_OK
               : cw_fail(err, CW_E_NOMEM, "render.memory", "out of memory");
}

enum cw_status cw_decal_picture(const struct cw_scene_decal *decal, int32_t um_per_px,
                                struct cw_coverage ret[4], struct cw_error *err) {
    struct cw_coverage planes[4] = {0};
    enum cw_status status = check(decal, err);
    for (int i = 0; i < 4 && status == CW_OK; i++)
        status = cw_coverage_allocate(decal, um_per_px, &planes[i], err);
    if (status == CW_OK)
        status = draw(decal, planes, err);
    return cw_coverage_hand_over(status, planes, ret);
}

/* Corners and sides in thousandths of µm. */
static void place(const struct cw_scene_decal *decal, struct cw_placed_picture *ret) {
    double angle = decal->rotation_mdeg * (M_PI / 180000), c = cos(angle), s = sin(angle);
    double w = decal->box_um[2] * 1000.0, h = decal->box_um[3] * 1000.0;
    double x = decal->box_um[0] * 1000.0, y = decal->box_um[1] * 1000.0;
    const double matrix[6] = {
        w * c, w * s, -h * s, h * c, x - (w * c - h * s) / 2, y - (w * s + h * c) / 2};
    ret->picture = decal->picture;
    for (int i = 0; i < 6; i++)
        ret->matrix[i] = llround(matrix[i]);
}

static enum cw_status draw_box(const struct cw_scene_decal *decal, struct cw_pen *pen,
                               struct cw_error *err) {
    cairo_save(pen->cr);
    to_box(pen->cr, decal);
    box_path(pen->cr, decal);
    cairo_restore(pen->cr);
    return cw_pen_fill(pen, err);
}

/* White or varnish lies where the picture does: an edge of its own for one that is a rectangle. */
enum cw_status cw_decal_picture_draw(const struct cw_scene_decal *decal, struct cw_pen *pen,
                                     struct cw_error *err) {
    enum cw_status status = check(decal, err);
    if (status != CW_OK)
        return status;
    size_t clips = pen->clip_count;
    zone_path(pen->cr, decal->zone_um);
    status = cw_pen_clip(pen, err);
    if (status == CW_OK && pen->technical && cw_artwork_is_opaque(decal->picture)) {
        status = draw_box(decal, pen, err);
    } else if (status == CW_OK) {
        struct cw_placed_picture placed = {0}; /* one, not tiles */
        place(decal, &placed);
        placed.shape = pen->technical;
        status = cw_pen_picture(pen, &placed, err);
    }
    pen->clip_count = clips;
    return status;
}
