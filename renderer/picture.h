/* A finished picture: 8-bit sRGB, rows without padding. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

struct cw_picture {
    uint32_t width, height;
    uint8_t *rgb; /* or r, g, b, alpha, colours not multiplied by it */
    bool alpha;
};

static inline size_t cw_picture_pixel_bytes(const struct cw_picture *picture) {
    return picture->alpha ? 4 : 3;
}

static inline void cw_picture_deinit(struct cw_picture *picture) {
    free(picture->rgb);
    picture->rgb = NULL;
}
#define CW_AUTO_PICTURE __attribute__((cleanup(cw_picture_deinit)))
