/* What stands before a JPEG's pixels and says how they are meant. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cw_jpeg_marks {
    const uint8_t *exif; /* borrowed from the file, from the TIFF mark on; NULL: none */
    size_t exif_length;
    uint8_t *icc; /* the profile, put together; NULL: none, or not usable */
    size_t icc_length;
    int icc_pieces;  /* seen; so 0 means that the file has no profile at all */
    int components;  /* of the frame; 1: grey */
    bool many_scans; /* progressive, or each component apart: the decoder keeps all coefficients */
};

/**
 * Collect them from a file's segments up to its first scan.
 * @param data   the whole file, not trusted; borrowed as long as exif is used
 * @param length its bytes
 * @param ret    always filled
 * @units   none
 * @owner   ret->icc is freed with cw_jpeg_marks_deinit
 * @errors  none: what is damaged counts as not there, the decoder will tell
 * @cost    O(segments) and one copy of the profile, at most CW_IMPORT_PROFILE_BYTES
 * @source  ITU-T T.81 annex B; EXIF 2.32 §4.7.2 (APP1); ICC.1:2022 annex B.4 (APP2)
 */
void cw_jpeg_marks_find(const uint8_t *data, size_t length, struct cw_jpeg_marks *ret);
void cw_jpeg_marks_deinit(struct cw_jpeg_marks *marks);
