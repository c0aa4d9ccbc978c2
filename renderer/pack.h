/*
 * A packed art bundle, mapped read-only: what the compositor reads instead of PNG files.
 *
 * File, little endian, position independent:
 *
 *   0  u32 magic "CWPK"   4 u32 version   8 u64 file length   16 sha-256 of all bytes from 48 on
 *  48  u64 table length  56 u64 zero     64 table, then planes, each at a multiple of 64
 *
 * The table is a wire message (base/wire.h):
 *   str product, three name lists (parts, finishes, surfaces: u16 count, str…), u64 fixed parts,
 * u16 view count, views: str name, u32 width, u32 height, u32 diffuse scale, u32 specular scale
 * (millionths), plane shadow, u16 count of parts    (u16 name, plane mask), u16 count of finishes
 * (u16 name, u64 metal parts, plane diffuse, plane specular), u16 count of surfaces (u16 name, i32
 * size_um[2], u64 parts, plane uv, plane mask) plane: u32 x, y, w, h (in the view), u64 offset in
 * the file; rows without padding; w = 0 means none. Masks, light and shadow have one byte a pixel;
 * uv has u16 u, u16 v. A part set is a bit per part name.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "cordwain/product.h" /* CW_NONE */

#define CW_PACK_MAGIC        0x4b505743u /* "CWPK" */
#define CW_PACK_VERSION      1
#define CW_PACK_HEADER_BYTES 64
#define CW_PACK_HASHED_FROM  48
#define CW_PACK_ALIGN        64
#define CW_PACK_SCALE_ONE    1000000

struct cw_plane {
    uint32_t x, y, w, h; /* [px] within the view; w = 0: no such plane */
    const uint8_t *data; /* in the mapping */
};

struct cw_pack_part {
    uint32_t part; /* index into the pack's part names */
    struct cw_plane mask;
};

struct cw_pack_finish {
    uint32_t finish;
    uint64_t metal_parts;
    struct cw_plane diffuse, specular;
};

struct cw_pack_surface {
    uint32_t surface;
    int32_t size_um[2];
    uint64_t parts;
    struct cw_plane uv, mask; /* the same rectangle */
};

struct cw_pack_view {
    const char *name;
    uint32_t width_px, height_px;
    float diffuse_scale, specular_scale;
    struct cw_plane shadow;
    size_t part_count, finish_count, surface_count;
    struct cw_pack_part *parts;
    struct cw_pack_finish *finishes;
    struct cw_pack_surface *surfaces;
};

struct cw_names {
    size_t count;
    const char **items;
};

struct cw_pack {
    const char *product;
    struct cw_names parts, finishes, surfaces; /* of all views */
    uint64_t fixed_parts; /* one look whatever the colour: only S counts, so no fringe of D at the
                             edges */
    size_t view_count;
    struct cw_pack_view *views;
    uint8_t hash[32]; /* as the header says; see cw_pack_verify */
    const uint8_t *map;
    size_t map_length;
    struct cw_arena *arena;
};

/**
 * Map a pack and check everything that later code relies on: lengths, offsets, counts, indexes,
 * rectangles.
 * @param fd  a regular file; not closed, not needed afterwards
 * @param ret written on success only
 * @units   pixels of the view
 * @owner   *ret is the caller's, released with cw_pack_free
 * @errors  CW_E_INPUT "render.pack" on anything the format above does not allow; CW_E_LIMIT
 * "render.pack" above CW_PACK_BYTES; CW_E_IO "render.pack_map"
 * @cost    O(table); planes are not read
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

/* Borrowed; NULL when there is none. */
const struct cw_pack_view *cw_pack_view_find(const struct cw_pack *pack, const char *name);
const struct cw_pack_part *cw_pack_part_at(const struct cw_pack_view *view, uint32_t part);
const struct cw_pack_finish *cw_pack_finish_at(const struct cw_pack_view *view, uint32_t finish);
const struct cw_pack_surface *cw_pack_surface_at(const struct cw_pack_view *view, uint32_t surface);
