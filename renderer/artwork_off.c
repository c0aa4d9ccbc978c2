/*
 * Responsible for: refusing production artwork in a build without PDF (-Dpdf=disabled).
 * Does not: draw. Runs in the renderer worker.
 */
#include "artwork.h"

enum cw_status cw_artwork_pdf(struct cw_fonts *fonts, const struct cw_scene_decal *decals,
                              size_t count, struct cw_buf *ret, struct cw_error *err) {
    (void)fonts;
    (void)decals;
    (void)count;
    (void)ret;
    return cw_fail(err, CW_E_IO, "render.pdf_not_built", "this build cannot write PDF artwork");
}
