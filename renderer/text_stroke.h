/* How thin the strokes of a text are. Used by text.c only. */
#pragma once

#include "text_arrange.h"

/**
 * The thinnest stroke of a text, measured from its outlines.
 * @param shaped     shaped, nothing missing
 * @param clusters   of the same text
 * @param ret_em     [1/em] thickness
 * @param ret_byte   of the text's cluster that has it
 * @units   shares of the em: outlines are not hinted, so a thickness grows with the size
 * @owner   remembered per glyph in the stack
 * @errors  CW_E_NOMEM
 * @cost    about 5 ms for a glyph seen first, else O(glyphs)
 * @source  Felzenszwalb and Huttenlocher 2012 (distance transform); medial pixels as in Hesselink
 * and Roerdink 2008, §2. A stroke is a run of medial pixels whose two nearest edges lie opposite
 * (by more than 150°) and that is at least three times as long as thick; a dot is as thick as the
 * largest disc in it. So the tip of a letter does not count, nor does a neck shorter than three
 * times its thickness. Tolerance: one pixel of the raster, 1/400 em; more for glyphs above 3 em.
 */
enum cw_status cw_text_stroke(const struct cw_shaped *shaped, const struct cw_clusters *clusters,
                              double *ret_em, size_t *ret_byte, struct cw_error *err) CW_MUST_USE;

/* The same for one filled raster of w × h bytes, 0 outside: thickness in pixels. */
enum cw_status cw_stroke_thinnest(const uint8_t *ink, const int size[2], double *ret_px,
                                  struct cw_error *err) CW_MUST_USE;
