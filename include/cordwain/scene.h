/*
 * What a renderer worker is asked to draw: self-contained, no index into any product.
 *
 * src/preview encodes it field by field, renderer/ decodes it; src/base/wire.h gives the
 * primitives. The art pack travels beside the message as a file descriptor, so a worker needs no
 * file system.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cordwain/artwork.h"
#include "cordwain/product.h"
#include "cordwain/resolved.h"

enum cw_format { CW_FORMAT_PNG, CW_FORMAT_WEBP, CW_FORMAT_JPEG, CW_FORMAT_PDF, CW_FORMAT_SVG };

struct cw_pack_tile; /* the renderer's */

struct cw_scene_part {
    const char *part;
    const char *finish;
    uint8_t rgb[3];
};

struct cw_scene_decal {
    enum cw_decal_kind kind;
    const char *surface;
    uint8_t rgb[3];
    enum cw_process process;
    int32_t size_um[2]; /* the surface's UV rectangle */
    int32_t zone_um[4]; /* x, y, w, h from its centre, y up: text is centred in it; a pattern fills
                           it */
    int32_t rotation_mdeg; /* counter-clockwise about the zone's centre; ±90000 swaps the fit box */
    const char *text;      /* TEXT */
    const char *font_stack; /* TEXT */
    int32_t min_letter_um, max_letter_um;
    int32_t tile_um[2];            /* PATTERN */
    const char *path;              /* PATTERN */
    struct cw_lettering lettering; /* TEXT */
    int32_t min_stroke_um;         /* TEXT: 0 for no limit */
    /* ARTWORK: what the picture's level is named by; zone_um crops it. PATTERN of pictures: its
     * tile's name in the pack, else "" */
    const char *digest;
    /* ARTWORK: x, y of its middle, width, height before it is turned. PATTERN of pictures: its
     * tile's offset x, y before it is turned, enum cw_repeat, 0 */
    int32_t box_um[4];
    const struct cw_artwork *picture; /* ARTWORK: the worker's own, not in the message */
    const struct cw_pack_tile *tile;  /* PATTERN: likewise; NULL: none */
};

/* One layer of a flat view, lowest first. Decals of surfaces that no layer names lie on top. */
struct cw_scene_layer {
    const char *picture; /* "": decals of the surface lie here */
    const char *surface; /* or "" */
    enum cw_blend blend;
    uint8_t opacity_percent; /* 0: not there */
    uint8_t rgb[3];          /* the picture is multiplied by it; white: as it is */
};

/* What is wanted of the whole picture, and on what it stands. All zero: all of it, on the
 * background, with its shadow. */
struct cw_frame {
    uint32_t crop_px[4]; /* x, y, w, h in the whole picture; w = 0: all of it */
    bool transparent;    /* no background: the picture has alpha; not for JPEG */
    bool no_shadow;
};

struct cw_scene {
    const char *view;
    uint32_t width_px; /* of the whole picture, 64..4096; it is as high as the art's aspect says */
    enum cw_format format;
    uint8_t background[3]; /* sRGB; black when transparent */
    struct cw_frame frame;
    const char *mark; /* kept in the file, to tell which picture it is; "" for none */
    size_t part_count;
    const struct cw_scene_part *parts;
    size_t decal_count;
    const struct cw_scene_decal *decals;
    size_t layer_count; /* of a flat view */
    const struct cw_scene_layer *layers;
};

/* Production artwork of one surface. */
struct cw_scene_artwork {
    enum cw_format format; /* PDF or SVG */
    const char *digest;    /* of the resolved design: stands in the file */
    struct cw_production production;
    size_t decal_count; /* all of one surface */
    const struct cw_scene_decal *decals;
    const char *const *inks; /* of each decal */
};

/*
 * Beside a RENDER or ARTWORK message travel the levels (include/cordwain/artwork.h) of its ARTWORK
 * decals, one descriptor each in the decals' order, after the pack's. An ARTWORK message has a pack
 * when one of its decals has a tile.
 *
 * Messages, both ways, over SOCK_SEQPACKET: 16-byte header then body, little endian.
 *
 *   0  u32 magic "CWR1"   4  u16 version   6  u16 kind   8  u32 job   12 u32 body length
 *
 * HELLO  (worker → server, once)  str build, str fonts_digest
 * RENDER (server → worker, fd: pack)   scene                      → IMAGE u32 length, u32 w, u32 h,
 * u32 draw_us (fd: memfd) | FAILED MEASURE (server → worker)            one TEXT decal → MEASURED
 * u8 verdict, str glyph, i32 em_um, i32 ink_w_um, i32 ink_h_um, i32 stroke_um | FAILED ARTWORK
 * (server → worker) artwork      → IMAGE (a PDF or an SVG) | FAILED FAILED  u8 enum cw_status, str
 * code, str message
 *
 * str: u32 length, bytes. A scene is: str view, u32 width_px, u8 format, 3×u8 background, 4×u32
 * crop, u8 frame bits (1 transparent, 2 no shadow), str mark, u16 part_count, parts (str part, str
 * finish, 3×u8), u16 decal_count, decals in the field order of struct cw_scene_decal (kind as u8,
 * process as u8; of the lettering: u8 layout, u8 numerals, u8 small_caps, i32 spacing_milli, i32
 * radius_um, str path), u16 layer_count, layers (str picture, str surface, u8 blend, u8
 * opacity_percent, 3×u8). Artwork is: u16 decal_count, decals, str ink of each, u8 format, str
 * digest, 4×i32 trim_um, i32 bleed_um, str cut_path, str cut_spot, str underbase, str varnish, u8
 * marks.
 */
#define CW_RENDER_MAGIC        0x31525743u /* "CWR1" */
#define CW_RENDER_VERSION      8
#define CW_RENDER_HEADER_BYTES 16
enum cw_render_kind {
    CW_RENDER_HELLO = 1,
    CW_RENDER_RENDER,
    CW_RENDER_MEASURE,
    CW_RENDER_ARTWORK,
    CW_RENDER_IMAGE,
    CW_RENDER_MEASURED,
    CW_RENDER_FAILED
};

/* Of the files that --pack writes: packs of another version are made anew from their bundle. */
#define CW_PACK_VERSION 5

/* The worker's command line: cordwain-renderer --worker FD --fonts fonts.json   (serves jobs on FD)
 *                            cordwain-renderer --pack ART_DIR OUT_FILE [PICTURES_DIR]
 *                                                            (art bundle → pack, then exits) */
