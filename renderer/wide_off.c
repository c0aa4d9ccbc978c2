/*
 * Responsible for processors that are not x86-64: they have no loops of wide.h, and nobody calls
 * what stands here.
 */
#include "blend_wide.h"
#include "deflate_wide.h"
#include "png_filter.h"

bool cw_wide;

void cw_wide_init(bool wanted) {
    (void)wanted;
}

void cw_wide_ground(const struct cw_light_row *row, struct cw_run run, const uint16_t *free,
                    const float light[3]) {
    (void)row, (void)run, (void)free, (void)light;
}

void cw_wide_part(const struct cw_light_row *row, struct cw_run run,
                  const struct cw_part_light *part) {
    (void)row, (void)run, (void)part;
}

void cw_wide_bytes(const struct cw_light_row *row, const struct cw_span *span, uint8_t *rgb) {
    (void)row, (void)span, (void)rgb;
}

void cw_wide_bytes_alpha(const struct cw_light_row *row, const struct cw_span *span,
                         uint8_t *rgba) {
    (void)row, (void)span, (void)rgba;
}

void cw_wide_codes(const struct cw_huffman *code, struct cw_wide_codes *ret) {
    (void)code, (void)ret;
}

void cw_wide_literals(struct cw_bits *bits, const struct cw_wide_codes *codes, const uint8_t *bytes,
                      size_t length) {
    (void)bits, (void)codes, (void)bytes, (void)length;
}

void cw_wide_zeros(const uint8_t *bytes, size_t steps, uint64_t *ret) {
    (void)bytes, (void)steps, (void)ret;
}

void cw_wide_paeth(const struct cw_png_row *row, const uint8_t *above, uint8_t *ret) {
    (void)row, (void)above, (void)ret;
}
