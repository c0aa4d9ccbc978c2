/*
 * Responsible for decoding an uploaded JPEG to sRGB. Profiles and orientation are not applied, and
 * CMYK is refused: without its profile it has no colours. The importer process runs it, inside the
 * sandbox.
 */
#include <turbojpeg.h>

#include "cordwain/limits.h"
#include "import.h"

/* Any warning counts as damage: a picture with a grey half is not what was sent. */
static enum cw_status damaged(tjhandle decoder, struct cw_error *err) {
    return cw_fail(err, CW_E_INPUT, "artwork.damaged", "JPEG: %s", tjGetErrorStr2(decoder));
}

static enum cw_status decode(tjhandle decoder, const uint8_t *data, unsigned long length,
                             struct cw_imported *picture, struct cw_error *err) {
    int width, height, sampling, space;
    if (tjDecompressHeader3(decoder, data, length, &width, &height, &sampling, &space) != 0)
        return damaged(decoder, err);
    if (space == TJCS_CMYK || space == TJCS_YCCK)
        return cw_fail(err, CW_E_INPUT, "artwork.cmyk", "CMYK is not taken; convert it to sRGB");
    enum cw_status status =
        cw_imported_init(picture, CW_ARTWORK_JPEG, (uint32_t)width, (uint32_t)height, err);
    if (!status && tjDecompress2(decoder, data, length, picture->rgba, width, width * 4, height,
                                 TJPF_RGBA, TJFLAG_LIMITSCANS | TJFLAG_ACCURATEDCT) != 0)
        status = damaged(decoder, err);
    return status;
}

enum cw_status cw_import_jpeg(const uint8_t *data, size_t length, struct cw_imported *ret,
                              struct cw_error *err) {
    tjhandle decoder = tjInitDecompress();
    if (!decoder)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    struct cw_imported picture = CW_IMPORTED_NONE;
    enum cw_status status = decode(decoder, data, length, &picture, err);
    tjDestroy(decoder);
    if (status)
        cw_imported_deinit(&picture);
    else
        *ret = picture;
    return status;
}
