/* PNG files of pictures in the normalised form, written row by row. */
#pragma once

#include "base/error.h"
#include "cordwain/artwork.h"

/**
 * Write a picture as PNG into a file: RGB when every pixel is opaque, else RGB with alpha, colours
 * divided by it (rounded; multiplying again gives the same bytes).
 * @param picture borrowed
 * @param file    open for writing, at its start; borrowed
 * @units   pixels
 * @owner   nothing allocated that stays
 * @errors  CW_E_IO "artwork.keep" when the file cannot be written; CW_E_NOMEM
 * @cost    about 100 MB of pixels a second; blocking: never on an event loop
 * @source  PNG 1.2 (ISO/IEC 15948); RFC 1950
 */
enum cw_status cw_picture_write_png(const struct cw_artwork *picture, int file,
                                    struct cw_error *err) CW_MUST_USE;
