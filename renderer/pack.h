/*
 * A packed art bundle, mapped read-only: what the compositor reads instead of PNG files.
 *
 * All that does not depend on a design is worked out when a bundle is packed. A view is stored at
 * several widths (levels); at each one a part is a list of spans (where it is not empty) and, for
 * every finish, its light already multiplied by its mask, in linear light. A picture is then a sum
 * over spans: Σ colour · tinted + plain, on a ground that is background · free.
 *
 * File, little endian, position independent:
 *
 *   0  u32 magic "CWPK"   4 u32 version   8 u64 file length   16 sha-256 of all bytes from 48 on
 *  48  u64 table length  56 u64 zero     64 table, then data, each piece at a multiple of 64
 *
 * The table is a wire message (base/wire.h):
 *   str product, three name lists (parts, finishes, surfaces: u16 count, str…), u16 view count,
 *   views: str name, u32 width, u32 height, u16 count of parts (u16 name), u16 count of finishes
 *     (u16 name), for each part and each finish u32 tinted unit, u32 plain unit (bits of a float),
 *     u16 count of surfaces (u16 name, i32 size_um[2], u64 parts), u16 count of pictures (str name,
 *     u8 channels), u16 count of levels
 *   levels: u32 width, u32 height, spans ground, u64 free, u64 bare, for each part spans, for each
 *     part and each finish u64 tinted, u64 plain, for each surface plane uv, plane mask, for each
 *     picture spans, u64 steps
 *   spans: u32 y, u32 h, u32 count, u32 blocks, u64 rows, u64 spans
 *   after the views: u16 count of tiles (str name, u16 count of levels (u32 width, u32 height, u64
 *     pixels: 4 bytes each, blue first, multiplied by alpha))
 *   plane: u32 x, y, w, h (in the level), u64 data; rows without padding; w = 0 means none
 *
 * u64 tinted, plain, free, bare, rows, spans, data and steps are offsets in the file; 0 in tinted
 * and plain: none; in bare: the same as free. The first level is the view itself. Masks have one
 * byte a pixel, uv has u16 u, u16 v; tinted, plain, free and bare are u16, eight pixels for every
 * block of their spans, in the spans' order.
 *
 * A flat view has pictures instead of parts: what its layers are made of. A block of one is eight
 * u16 for each channel in 65535ths, linear light multiplied by alpha: 1 channel: white, so only
 * alpha; 2: grey and alpha; 4: red, green, blue and alpha.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "cordwain/artwork.h"
#include "cordwain/product.h" /* CW_NONE */
#include "cordwain/scene.h"   /* CW_PACK_VERSION */

#define CW_PACK_MAGIC        0x4b505743u /* "CWPK" */
#define CW_PACK_HEADER_BYTES 64
#define CW_PACK_HASHED_FROM  48
#define CW_PACK_ALIGN        64
#define CW_PACK_UNIT_MAX     0.01f /* of light: 655 at the top of the range */
#define CW_PACK_LEVELS       8
#define CW_PACK_STEPS        65535
#define CW_PACK_BLOCK        8 /* pixels; spans begin and end at multiples of it */

struct cw_plane {
    uint32_t x, y, w, h; /* [px] within the level; w = 0: no such plane */
    const uint8_t *data; /* in the mapping */
};

struct cw_span {
    uint16_t block, count; /* [blocks] from the left edge */
};

struct cw_span_row {
    uint32_t span, block; /* what rows above have; so a row's data begins at `block` */
};

struct cw_spans {
    uint32_t y, h;                  /* rows that have any */
    uint32_t count, blocks;         /* in all */
    const struct cw_span_row *rows; /* h + 1 */
    const struct cw_span *spans;    /* ascending within a row, never touching */
};

/* A picture that patterns repeat, the largest level first, each half of the one before. */
struct cw_pack_tile {
    const char *name;
    size_t level_count;
    struct cw_artwork *levels; /* blue first */
};

/* Light of one part in one finish, for each block of the part's spans; NULL: none. */
struct cw_light {
    const uint16_t *tinted, *plain;
};

/* What a step of the light's numbers is, in linear light; the same at every level. */
struct cw_light_unit {
    float tinted, plain;
};

struct cw_pack_surface {
    uint32_t surface; /* index into the pack's surface names */
    int32_t size_um[2];
    uint64_t parts;
    struct cw_plane uv, mask; /* the same rectangle */
};

struct cw_pack_picture {
    struct cw_spans spans;
    const uint16_t *steps;
};

struct cw_pack_level {
    uint32_t width_px, height_px;
    struct cw_spans ground;  /* wherever the product or its shadow is */
    const uint16_t *free;    /* how much of the background shows there, of 65535 … */
    const uint16_t *bare;    /* … and how much without the shadow */
    struct cw_spans *parts;  /* one for each part of the view */
    struct cw_light *lights; /* part · finish_count + finish */
    struct cw_pack_surface *surfaces;
    struct cw_pack_picture *pictures;
};

struct cw_pack_view {
    const char *name;
    uint32_t width_px, height_px;
    size_t part_count, finish_count, surface_count, level_count;
    uint32_t *parts;             /* indexes into the pack's part names */
    uint32_t *finishes;          /* and finish names */
    struct cw_light_unit *units; /* part · finish_count + finish */
    size_t picture_count;
    const char **picture_names;
    uint8_t *picture_channels; /* 1, 2 or 4 */
    struct cw_pack_level
        *levels; /* the first is the view itself, each smaller than the one before */
};

struct cw_names {
    size_t count;
    const char **items;
};

struct cw_pack {
    const char *product;
    struct cw_names parts, finishes, surfaces; /* of all views */
    size_t view_count;
    struct cw_pack_view *views;
    size_t tile_count;
    struct cw_pack_tile *tiles;
    uint8_t hash[32]; /* as the header says; see cw_pack_verify */
    const uint8_t *map;
    size_t map_length;
    struct cw_arena *arena;
};

/**
 * Map a pack and check everything that later code relies on: lengths, offsets, counts, indexes,
 * rectangles, every span.
 * @param fd  a regular file; not closed, not needed afterwards
 * @param ret written on success only
 * @units   pixels of the level
 * @owner   *ret is the caller's, released with cw_pack_free
 * @errors  CW_E_INPUT "render.pack" on anything the format above does not allow; CW_E_LIMIT
 * "render.pack" above CW_PACK_BYTES; CW_E_IO "render.pack_map"
 * @cost    O(table + spans); light is not read
 * @source  none
 */
enum cw_status cw_pack_open(int fd, struct cw_pack **ret, struct cw_error *err) CW_MUST_USE;

/* Does the content have the hash the header names? Reads the whole file. CW_E_INPUT "render.pack".
 */
enum cw_status cw_pack_verify(const struct cw_pack *pack, struct cw_error *err) CW_MUST_USE;

/* NULL is fine. */
void cw_pack_free(struct cw_pack *pack);
static inline void cw_pack_freep(struct cw_pack **pack) {
    cw_pack_free(*pack);
}
#define CW_AUTO_PACK __attribute__((cleanup(cw_pack_freep)))

/* Index of a name, or CW_NONE. */
uint32_t cw_names_find(const struct cw_names *names, const char *name);

/* Blocks that cover a width. */
static inline uint32_t cw_pack_blocks(uint32_t width_px) {
    return (width_px + CW_PACK_BLOCK - 1) / CW_PACK_BLOCK;
}

/* Rows of a view drawn at a width, by its aspect; 0 when that is less than half a row. */
uint32_t cw_pack_height(uint32_t view_width_px, uint32_t view_height_px, uint32_t width_px);

/* Is it made of layers of pictures instead of lit parts? */
static inline bool cw_pack_view_is_flat(const struct cw_pack_view *view) {
    return view->picture_count > 0;
}

/* Borrowed; NULL when there is none. */
const struct cw_pack_tile *cw_pack_tile_find(const struct cw_pack *pack, const char *name);
const struct cw_pack_view *cw_pack_view_find(const struct cw_pack *pack, const char *name);
const struct cw_pack_surface *cw_pack_surface_at(const struct cw_pack_view *view,
                                                 const struct cw_pack_level *level,
                                                 uint32_t surface);
/* The level of just this width, or the smallest that is at least half as wide again: averaging an
 * average of nearly the same size would blur. The first one when there is none. */
const struct cw_pack_level *cw_pack_level_for(const struct cw_pack_view *view, uint32_t width_px);
