/*
 * Deflate for filtered rows of a picture (RFC 1951): literals and runs of zeros, nothing else.
 *
 * What a filter leaves of a photograph hardly ever repeats but for zeros, so looking for
 * repetitions costs most of the time of a general compressor and finds nearly nothing.
 */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "cordwain/limits.h"

#define CW_DEFLATE_ROW_MAX (4 * CW_PREVIEW_MAX_PX + 1) /* bytes */

struct cw_deflate_rows {
    const uint8_t *bytes; /* row i begins at i · stride */
    size_t stride;
    size_t length, count; /* of a row, 2 … CW_DEFLATE_ROW_MAX; rows */
};

/**
 * Append rows, one after the other, as one block of dynamic codes.
 * @param rows up to 2^24 bytes; runs of zeros count from a row's second byte on, its filter's type
 * being the first
 * @param last end the stream; else end at a whole byte, where another block may follow
 * @param ret  what was there stays
 * @return     Adler-32 of the rows (RFC 1950 §8)
 * @units   bytes
 * @owner   the caller's; grows
 * @errors  none; out of memory aborts
 * @cost    about 0.5 ns for each byte that is not in a run of zeros, 0.05 ns for one that is
 * @source  RFC 1951 §3.2; integers only: the same rows give the same bytes on every processor
 */
uint32_t cw_deflate(const struct cw_deflate_rows *rows, bool last, struct cw_buf *ret);
