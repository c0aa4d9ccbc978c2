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

/* The byte of a colour that was multiplied by its alpha, rounded; 0 where there is no alpha. */
static inline uint8_t cw_srgb_straight(uint8_t byte, uint8_t alpha) {
    uint32_t straight = alpha ? (byte * 255u + alpha / 2u) / alpha : 0;
    return (uint8_t)(straight < 255 ? straight : 255);
}

/* Linear light of such a byte. */
static inline float cw_srgb_light(uint8_t byte, uint8_t alpha) {
    return cw_srgb_linear[cw_srgb_straight(byte, alpha)];
}

/* Index into cw_srgb_byte; anything outside 0..1 is clamped, NaN is 0. */
static inline int32_t cw_srgb_step(float linear) {
    float low = linear > 0.0f ? linear : 0.0f;
    float clamped = low < 1.0f ? low : 1.0f;
    return (int32_t)(clamped * (float)(CW_SRGB_STEPS - 1) + 0.5f);
}
