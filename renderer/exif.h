/* The one thing of EXIF that changes what a picture shows: which way is up. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/**
 * Find the orientation in a TIFF block.
 * @param data   from its byte-order mark on, not trusted
 * @param length its bytes
 * @units   none
 * @owner   nothing allocated
 * @errors  none; 1 (upright) when there is none or it is damaged
 * @cost    O(entries of the first directory)
 * @source  TIFF 6.0 §2; EXIF 2.32 §4.6.4 A, tag 0x0112: 1 to 8
 */
int cw_exif_orientation(const uint8_t *data, size_t length);
