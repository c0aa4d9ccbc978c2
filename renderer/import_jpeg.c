/*
 * Responsible for decoding an uploaded JPEG to sRGB, upright. Does not know colours (profile.c) nor
 * markers (jpeg_marks.c). CMYK is refused: its colours are tables of a press, which we do not
 * read. The importer process runs it, inside the sandbox.
 */
#include <turbojpeg.h>

#include "base/bytes.h"
#include "profile.h"
#include "cordwain/limits.h"
#include "exif.h"
#include "import.h"
#include "jpeg_marks.h"

/* Any warning counts as damage: a picture with a grey half is not what was sent. */
static enum cw_status damaged(tjhandle decoder, struct cw_error *err) {
    return cw_fail(err, CW_E_INPUT, "artwork.damaged", "JPEG: %s", tjGetErrorStr2(decoder));
}

static enum cw_status check_head(const struct cw_jpeg_marks *marks, int space, int width,
                                 int height, struct cw_error *err) {
    if (space == TJCS_CMYK || space == TJCS_YCCK)
        return cw_fail(err, CW_E_INPUT, "artwork.cmyk", "CMYK is not taken; convert it to sRGB");
    if (marks->many_scans && (int64_t)width * height > CW_IMPORT_SCANS_PIXELS)
        return cw_fail(err, CW_E_LIMIT, "artwork.too_many_pixels",
                       "%d x %d pixels; a progressive JPEG has at most %d", width, height,
                       CW_IMPORT_SCANS_PIXELS);
    return CW_OK;
}

static enum cw_status decode(tjhandle decoder, const struct cw_bytes *file,
                             const struct cw_jpeg_marks *marks, struct cw_imported *picture,
                             struct cw_error *err) {
    int width, height, sampling, space;
    if (tjDecompressHeader3(decoder, file->data, file->length, &width, &height, &sampling,
                            &space) != 0)
        return damaged(decoder, err);
    enum cw_status status = check_head(marks, space, width, height, err);
    if (!status)
        status = cw_imported_init(picture, CW_ARTWORK_JPEG, (uint32_t)width, (uint32_t)height, err);
    if (!status && tjDecompress2(decoder, file->data, file->length, picture->rgba, width, width * 4,
                                 height, TJPF_RGBA, TJFLAG_LIMITSCANS | TJFLAG_ACCURATEDCT) != 0)
        status = damaged(decoder, err);
    return status;
}

static enum cw_status apply_marks(const struct cw_jpeg_marks *marks, struct cw_imported *picture,
                                  struct cw_error *err) {
    struct cw_profile profile;
    if (marks->icc)
        picture->colour =
            cw_profile_from_icc(marks->icc, marks->icc_length, marks->components == 1, &profile);
    else if (marks->icc_pieces)
        picture->colour = CW_COLOUR_ASSUMED;
    if (picture->colour == CW_COLOUR_CONVERTED)
        cw_profile_apply(&profile, picture->rgba, (size_t)picture->width_px * picture->height_px);
    int orientation = marks->exif ? cw_exif_orientation(marks->exif, marks->exif_length) : 1;
    return cw_imported_turn(picture, orientation, err);
}

enum cw_status cw_import_jpeg(const uint8_t *data, size_t length, struct cw_imported *ret,
                              struct cw_error *err) {
    tjhandle decoder = tjInitDecompress();
    if (!decoder)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    struct cw_imported picture = CW_IMPORTED_NONE;
    struct cw_jpeg_marks marks;
    cw_jpeg_marks_find(data, length, &marks);
    enum cw_status status =
        decode(decoder, &(struct cw_bytes){data, length}, &marks, &picture, err);
    tjDestroy(decoder);
    if (!status)
        status = apply_marks(&marks, &picture, err);
    cw_jpeg_marks_deinit(&marks);
    if (status)
        cw_imported_deinit(&picture);
    else
        *ret = picture;
    return status;
}
