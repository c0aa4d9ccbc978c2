/* A decal's coverage carried from its flat surface to the pixels of a level. */
#pragma once

#include "decal.h"
#include "pack.h"

struct cw_layer {
    uint32_t x, y, w, h; /* [px] in the level */
    uint64_t parts;      /* which parts it lies on */
    float rgb[3];        /* linear */
    uint8_t *coverage;   /* w × h, heap */
    uint8_t *inks;       /* pictures: red, green, blue times alpha, w × h × 3, heap; else NULL */
    /* what it was made from, see cw_decal_key */
    const struct cw_pack_surface *surface;
    uint8_t key[32];
};

/* Texel size to draw coverage at: half of what a pixel of the view sees of the surface, so that 2 ×
 * 2 bilinear samples make a clean box filter. [µm/px], in 20..2000, and never more than 16 Mpx for
 * the whole surface. */
int32_t cw_layer_um_per_px(const struct cw_pack_surface *surface);

/* Towards the light on the surface: art is lit from the upper left of the view (6 to the left, 8
 * up), whichever way the surface lies in it. ret: [1/1000] a unit vector in columns and rows of a
 * flat drawing; of a surface that nothing shows, or that the view sees edge on, (-600, -800). */
void cw_layer_light(const struct cw_pack_surface *surface, int32_t ret_milli[2]);

/* Look every pixel of the surface up in the flat drawing. CW_E_NOMEM only. ret->coverage is the
 * caller's. */
enum cw_status cw_layer_map(const struct cw_pack_surface *surface, const struct cw_coverage *flat,
                            struct cw_layer *ret, struct cw_error *err) CW_MUST_USE;

/* The same for a picture, from the four planes of cw_decal_picture. */
enum cw_status cw_layer_map_picture(const struct cw_pack_surface *surface,
                                    const struct cw_coverage planes[4], struct cw_layer *ret,
                                    struct cw_error *err) CW_MUST_USE;

/* CW_E_NOMEM only. ret->coverage is the caller's. */
enum cw_status cw_layer_copy(const struct cw_layer *layer, struct cw_layer *ret,
                             struct cw_error *err) CW_MUST_USE;

/* Forget the empty margins: w = 0 when nothing is drawn. */
void cw_layer_crop(struct cw_layer *layer);

/* The part of row y from pixel x on: where its inks lie. */
static inline const uint8_t *cw_layer_inks(const struct cw_layer *layer, uint32_t x, uint32_t y) {
    return layer->inks + 3 * ((size_t)(y - layer->y) * layer->w + (x - layer->x));
}

void cw_layer_deinit(struct cw_layer *layer);
