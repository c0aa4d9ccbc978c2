/*
 * Production artwork: the decals of one surface as filled outlines on a PDF page in true size.
 *
 * Does not fit or shape (text.c), and adds nothing a press would have to remove: no marks, no
 * frame, no font. Runs in the renderer worker.
 */
#include "artwork.h"

#include <cairo-pdf.h>
#include <string.h>

#include "cordwain/limits.h"
#include "decal.h"

#define BLEED_UM      3000
#define POINTS_PER_UM (72.0 / 25400.0)

/* Left, bottom, right, top of the page on the surface [µm]. */
struct page {
    int64_t low[2], high[2];
};

static enum cw_status lay_page(const struct cw_scene_decal *decals, size_t count, struct page *ret,
                               struct cw_error *err) {
    if (count == 0)
        return cw_fail(err, CW_E_INPUT, "render.artwork", "there is nothing to draw");
    struct page page = {.low = {INT32_MAX, INT32_MAX}, .high = {INT32_MIN, INT32_MIN}};
    for (size_t i = 0; i < count; i++) {
        const int32_t *zone = decals[i].zone_um;
        if (!decals[i].surface || strcmp(decals[i].surface, decals[0].surface) != 0)
            return cw_fail(err, CW_E_INPUT, "render.artwork", "decals are of different surfaces");
        for (int axis = 0; axis < 2; axis++) {
            int64_t low = (int64_t)zone[axis] - BLEED_UM;
            int64_t high = (int64_t)zone[axis] + zone[axis + 2] + BLEED_UM;
            page.low[axis] = low < page.low[axis] ? low : page.low[axis];
            page.high[axis] = high > page.high[axis] ? high : page.high[axis];
        }
    }
    for (int axis = 0; axis < 2; axis++)
        if (page.high[axis] - page.low[axis] > CW_ARTWORK_SIDE_UM)
            return cw_fail(err, CW_E_LIMIT, "render.artwork_too_large", "artwork is above 2 m");
    *ret = page;
    return CW_OK;
}

static cairo_status_t write_pdf(void *closure, const unsigned char *data, unsigned int length) {
    cw_buf_add(closure, data, length);
    return CAIRO_STATUS_SUCCESS;
}

/*
 * The date is fixed: the same artwork has the same bytes and so the same digest, and Cairo does not
 * look up the time zone's file, which the sandbox would refuse.
 */
static cairo_surface_t *pdf_surface(const struct page *page, const char *title,
                                    struct cw_buf *buf) {
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
        write_pdf, buf, (double)(page->high[0] - page->low[0]) * POINTS_PER_UM,
        (double)(page->high[1] - page->low[1]) * POINTS_PER_UM);
    cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_4);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Cordwain");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z");
    return surface;
}

static enum cw_status draw_decals(struct cw_fonts *fonts, const struct cw_scene_decal *decals,
                                  size_t count, cairo_t *cr, struct cw_error *err) {
    for (size_t i = 0; i < count; i++) {
        const uint8_t *rgb = decals[i].rgb;
        cairo_set_source_rgb(cr, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
        const struct cw_decal_ref ref = {decals, count, i};
        enum cw_status status = cw_decal_draw(fonts, &ref, cr, err);
        if (status != CW_OK)
            return status;
    }
    cairo_show_page(cr);
    return CW_OK;
}

enum cw_status cw_artwork_pdf(struct cw_fonts *fonts, const struct cw_scene_decal *decals,
                              size_t count, struct cw_buf *ret, struct cw_error *err) {
    struct page page = {0};
    enum cw_status status = lay_page(decals, count, &page, err);
    if (status != CW_OK)
        return status;
    CW_AUTO_BUF struct cw_buf pdf = {0};
    cairo_surface_t *surface = pdf_surface(&page, decals[0].surface, &pdf);
    cairo_t *cr = cairo_create(surface);
    cairo_scale(cr, POINTS_PER_UM, -POINTS_PER_UM);
    cairo_translate(cr, -(double)page.low[0], -(double)page.high[1]);
    status = draw_decals(fonts, decals, count, cr, err);
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    if (status == CW_OK && cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
        status = cw_fail(err, CW_E_IO, "render.pdf", "artwork cannot be written");
        cw_error_detail(err, "%s", cairo_status_to_string(cairo_surface_status(surface)));
    }
    cairo_surface_destroy(surface);
    if (status == CW_OK)
        cw_buf_add(ret, pdf.data, pdf.length);
    return status;
}
