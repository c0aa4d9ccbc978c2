/* Strict PNG reading for art bundles: only the two pixel formats a bundle may hold. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct cw_image {
    uint32_t width, height;
    uint32_t channels; /* grey 1 (one byte each); uv 2 (u16 host order: u, v) */
    uint8_t *data;     /* rows without padding, in the arena */
};

enum cw_image_kind { CW_IMAGE_GREY8, CW_IMAGE_UV16 };

/**
 * Decode a PNG file.
 * @param arena where the pixels go
 * @param path  the file
 * @param kind  GREY8: 8-bit grey; UV16: 16-bit RGB whose B is dropped
 * @param ret   written on success only
 * @units   pixels
 * @owner   pixels belong to the arena
 * @errors  CW_E_INPUT "art.png" (damaged, other pixel format, interlaced); CW_E_LIMIT
 * "art.too_large" above CW_ART_SIDE_PX; what cw_file_read raises
 * @cost    one decode
 * @source  libpng manual, "user limits"
 */
enum cw_status cw_png_read(struct cw_arena *arena, const char *path, enum cw_image_kind kind,
                           struct cw_image *ret, struct cw_error *err) CW_MUST_USE;
