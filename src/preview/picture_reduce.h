/* Smaller versions of a picture in the normalised form. */
#pragma once

#include "base/error.h"
#include "cordwain/artwork.h"

/**
 * Average a picture's light down so that its longest side is at most `side_px`; a picture that is
 * no longer than that is copied.
 * @param from     borrowed
 * @param side_px  [px] > 0
 * @param ret      written on success only; ret->rgba is the caller's
 * @units   pixels; averages are taken in linear light, weighted by alpha
 * @owner   free((void *)ret->rgba)
 * @errors  CW_E_NOMEM
 * @cost    O(pixels), about 10 ns each; needs cw_srgb_init before
 * @source  exact area weights: every source pixel counts by what it covers
 */
enum cw_status cw_picture_reduce(const struct cw_artwork *from, uint32_t side_px,
                                 struct cw_artwork *ret, struct cw_error *err) CW_MUST_USE;
