/* The name of a picture: the same identity always means the same bytes, on any node. */
#pragma once

#include <stdint.h>

#include "base/bytes.h"
#include "cordwain/scene.h"

#define CW_IDENTITY_BYTES 32
#define CW_IDENTITY_TEXT  44 /* base64url of 32 bytes and NUL */

/* All that decides the bytes of a picture. Nothing here is optional; all borrowed. */
struct cw_identity_args {
    struct cw_bytes canonical; /* of the resolved configuration */
    const char *view;          /* view id; for artwork the surface id */
    uint32_t width_px;         /* 0 for artwork */
    enum cw_format format;
    uint8_t background[3];
    struct cw_frame frame;
    const char *renderer_build;
    const char *art_digest; /* "" for artwork: no art goes into it */
    const char *fonts_digest;
};

/**
 * SHA-256 over every field, each with its length before it (no two field lists share one input).
 * @param args          borrowed
 * @param ret_identity  32 bytes
 * @units   none
 * @owner   nothing kept
 * @errors  none; out of memory aborts (cw_buf)
 * @cost    O(canonical length); pure
 * @source  docs/explanation/rendering.md "The same input gives the same bytes"
 */
void cw_identity_compute(const struct cw_identity_args *args,
                         uint8_t ret_identity[CW_IDENTITY_BYTES]);

/* 43 characters of base64url: the strong ETag without its quotes. Never fails. */
void cw_identity_text(const uint8_t identity[CW_IDENTITY_BYTES], char ret_text[CW_IDENTITY_TEXT]);
