/*
 * Responsible for drawing an uploaded SVG with librsvg: in memory, without a base URI, after the
 * scan. Does not decide what a drawing may hold (svg_scan.c). The importer process runs it, inside
 * the sandbox.
 */
#include <librsvg/rsvg.h>
#include <math.h>
#include <string.h>

#include "cordwain/limits.h"
#include "import.h"
#include "svg_scan.h"

#define INTRINSIC_PX 100000.0 /* a drawing that calls itself larger is a mistake or an attack */
#define DEFAULT_PX   512.0    /* of one that tells no size at all */

static RsvgHandle *open_drawing(const void *data, size_t length, GError **error) {
    GInputStream *stream = g_memory_input_stream_new_from_data(data, (gssize)length, NULL);
    RsvgHandle *handle = rsvg_handle_new_from_stream_sync(stream, /* base_file: */ NULL,
                                                          RSVG_HANDLE_FLAGS_NONE, NULL, error);
    g_object_unref(stream);
    if (handle)
        rsvg_handle_set_dpi(handle, 96);
    return handle;
}

/* Width and height in CSS pixels; the view box when width or height is missing or a percentage. */
static void intrinsic_size(RsvgHandle *handle, double *width, double *height) {
    if (rsvg_handle_get_intrinsic_size_in_pixels(handle, width, height))
        return;
    gboolean has_width, has_height, has_box;
    RsvgLength w, h;
    RsvgRectangle box;
    rsvg_handle_get_intrinsic_dimensions(handle, &has_width, &w, &has_height, &h, &has_box, &box);
    *width = has_box ? box.width : DEFAULT_PX;
    *height = has_box ? box.height : DEFAULT_PX;
}

static enum cw_status pixel_size(const double side[2], uint32_t draw_px, uint32_t ret_px[2],
                                 struct cw_error *err) {
    double longest = side[0] > side[1] ? side[0] : side[1];
    for (int i = 0; i < 2; i++) {
        if (!(side[i] > 0) || !(side[i] <= INTRINSIC_PX))
            return cw_fail(err, CW_E_INPUT, "artwork.svg.size",
                           "width and height must be above 0 and at most %.0f px", INTRINSIC_PX);
        double px = round(side[i] / longest * draw_px);
        ret_px[i] = px < 1 ? 1 : (uint32_t)px;
    }
    return CW_OK;
}

/* Cairo's pixels are native-endian words of alpha, red, green, blue. */
static void words_to_bytes(uint8_t *rgba, size_t count) {
    for (size_t i = 0; i < count; i++, rgba += 4) {
        uint32_t word;
        memcpy(&word, rgba, sizeof word);
        rgba[0] = (uint8_t)(word >> 16);
        rgba[1] = (uint8_t)(word >> 8);
        rgba[2] = (uint8_t)word;
        rgba[3] = (uint8_t)(word >> 24);
    }
}

/* Scaled by Cairo, not by a larger viewport: the root's own clip path and mask then scale too. */
static enum cw_status draw(RsvgHandle *handle, const double side[2], struct cw_imported *picture,
                           struct cw_error *err) {
    int width = (int)picture->width_px, height = (int)picture->height_px;
    cairo_surface_t *surface = cairo_image_surface_create_for_data(
        picture->rgba, CAIRO_FORMAT_ARGB32, width, height, width * 4);
    cairo_t *cr = cairo_create(surface);
    const RsvgRectangle all = {0, 0, side[0], side[1]};
    cairo_scale(cr, width / side[0], height / side[1]);
    GError *error = NULL;
    enum cw_status status = CW_OK;
    if (!rsvg_handle_render_document(handle, cr, &all, &error) || cairo_status(cr) != 0)
        status = cw_fail(err, CW_E_INPUT, "artwork.damaged", "SVG: %s",
                         error ? error->message : cairo_status_to_string(cairo_status(cr)));
    g_clear_error(&error);
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    cairo_surface_destroy(surface);
    if (!status)
        words_to_bytes(picture->rgba, (size_t)width * (size_t)height);
    return status;
}

enum cw_status cw_import_svg(const uint8_t *data, size_t length, uint32_t draw_px,
                             struct cw_imported *ret, struct cw_error *err) {
    enum cw_status status = cw_svg_scan((const char *)data, length, err);
    if (status)
        return status;
    GError *error = NULL;
    RsvgHandle *handle = open_drawing(data, length, &error);
    if (!handle) {
        status = cw_fail(err, CW_E_INPUT, "artwork.damaged", "SVG: %s",
                         error ? error->message : "cannot be read");
        g_clear_error(&error);
        return status;
    }
    struct cw_imported picture = CW_IMPORTED_NONE;
    double side[2];
    uint32_t px[2] = {0, 0};
    intrinsic_size(handle, &side[0], &side[1]);
    status = pixel_size(side, draw_px, px, err);
    if (!status)
        status = cw_imported_init(&picture, CW_ARTWORK_SVG, px[0], px[1], err);
    if (!status)
        status = draw(handle, side, &picture, err);
    g_object_unref(handle);
    if (status)
        cw_imported_deinit(&picture);
    else
        *ret = picture;
    return status;
}

void cw_import_svg_warm(void) {
    static const char drawing[] =
        "<svg xmlns='http://www.w3.org/2000/svg' width='2' height='2'><linearGradient id='g'>"
        "<stop stop-color='red'/></linearGradient><path fill='url(#g)' opacity='.5' "
        "d='M0 0h2v2z'/></svg>";
    struct cw_imported picture = CW_IMPORTED_NONE;
    if (cw_import_svg((const uint8_t *)drawing, sizeof drawing - 1, 2, &picture, NULL) == CW_OK)
        cw_imported_deinit(&picture);
}
