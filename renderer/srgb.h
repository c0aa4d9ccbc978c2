/* The sRGB curve both ways, as tables (IEC 61966-2-1). Built once, before jobs. */
#pragma once

#include <stdint.h>

#define CW_SRGB_STEPS 65536

/* linear light 0..1 of a byte */
extern float cw_srgb_linear[256];
/* byte nearest to linear light i / (CW_SRGB_STEPS - 1) */
extern uint8_t cw_srgb_byte[CW_SRGB_STEPS];

/* Fill the tables; call at start, and again at will. */
void cw_srgb_init(void);

static inline uint8_t cw_srgb_encode(float linear) {
    /* written so that NaN becomes 0 */
    float clamped = linear > 0.0f ? (linear < 1.0f ? linear : 1.0f) : 0.0f;
    return cw_srgb_byte[(uint32_t)(clamped * (float)(CW_SRGB_STEPS - 1) + 0.5f)];
}
