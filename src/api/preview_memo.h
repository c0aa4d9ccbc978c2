/*
 * What a preview address was found to mean: address → identity, so that a picture in memory is
 * found again without reading rules and colours. Right for ever: addresses name immutable versions;
 * a new renderer build is another generation.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "preview/identity.h"

struct api_preview_memo;

struct api_preview_known {
    uint8_t identity[CW_IDENTITY_BYTES];
    const char *content_type; /* static */
};

/* NULL when memory is out. One loop thread owns it. */
struct api_preview_memo *api_preview_memo_new(void);
void api_preview_memo_free(struct api_preview_memo *memo); /* NULL is fine */

/* O(1); false when the address is not known in this generation. */
bool api_preview_memo_find(const struct api_preview_memo *memo, const char *path, const char *query,
                           uint32_t generation, struct api_preview_known *ret_known);

/* Remembers; an older address may be forgotten for it. */
void api_preview_memo_put(struct api_preview_memo *memo, const char *path, const char *query,
                          uint32_t generation, const struct api_preview_known *known);
