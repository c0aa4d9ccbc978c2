/* A finished picture: 8-bit sRGB, no alpha, rows without padding. */
#pragma once

#include <stdint.h>
#include <stdlib.h>

struct cw_picture {
    uint32_t width, height;
    uint8_t *rgb;
};

static inline void cw_picture_deinit(struct cw_picture *picture) {
    free(picture->rgb);
    picture->rgb = NULL;
}
#define CW_AUTO_PICTURE __attribute__((cleanup(cw_picture_deinit)))
