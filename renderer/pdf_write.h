/* A drawing as a PDF page. */
#pragma once

#include "drawing.h"

/**
 * Write a PDF 1.4 of one page in true size: paths in one /Separation per ink, no fonts, no output
 * intent; media, bleed and trim box; XMP with the design's digest; a fixed date and an id made
 * from the content.
 * @param drawing borrowed; boxes must be nested
 * @param ret     PDF appended; unchanged on failure
 * @units   µm in, points out; the lower left corner of the media box is the page's origin
 * @owner   *ret is the caller's
 * @errors  CW_E_NOMEM when zlib has no memory
 * @cost    O(points); the same bytes for the same drawing and zlib, no clock and no locale is read
 * @source  ISO 32000-1 §7.5 (file), §8.6.6.4 (Separation), §8.6.7 (overprint), §14.11.2 (boxes);
 * tests/unit/renderer/test_pdf_write.c; checked with qpdf and poppler in tests/support/vector.py
 */
enum cw_status cw_pdf_write(const struct cw_drawing *drawing, struct cw_buf *ret,
                            struct cw_error *err) CW_MUST_USE;
