/*
 * Responsible for: refusing drawings in a build without librsvg (-Dsvg=disabled).
 * Does not: draw. Runs in the importer process.
 */
#include "import.h"

enum cw_status cw_import_svg(const uint8_t *data, size_t length, uint32_t draw_px,
                             struct cw_imported *ret, struct cw_error *err) {
    (void)data;
    (void)length;
    (void)draw_px;
    (void)ret;
    return cw_fail(err, CW_E_INPUT, "artwork.svg.not_built", "this build takes no SVG");
}

void cw_import_svg_warm(void) {
}
