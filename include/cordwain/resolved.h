/*
 * The resolved configuration: defaults applied, references followed, texts measured, every length
 * in integer micrometres. Price, preview identity and build spec are all made from this one value,
 * and its digest is carried by all three. Nothing later reads the customer's JSON.
 */
#pragma once

#include "cordwain/answer.h"
#include "cordwain/product.h"
#include "cordwain/selection.h"

struct cw_resolved_part {
    uint32_t part, material, colour;
};

enum cw_decal_kind { CW_DECAL_TEXT, CW_DECAL_PATTERN, CW_DECAL_ARTWORK };

/* A picture a shopper uploaded. */
#define CW_ARTWORK_ID 32 /* hexadecimal digits */
struct cw_artwork_fact {
    const char *id;
    const char *digest; /* "sha-256:<hex>" of its pixels, which names its files */
    const char *file_digest;
    int64_t file_bytes;
    uint32_t width_px, height_px;
};

struct cw_resolved_decal {
    enum cw_decal_kind kind;
    uint32_t surface, colour; /* ARTWORK: no colour, CW_NONE */
    uint32_t option;          /* the text or pattern option it came from */
    uint32_t font;            /* TEXT */
    uint32_t pattern;         /* PATTERN */
    const char *text;         /* TEXT: UTF-8, NFC */
    uint32_t graphemes;
    int32_t rotation_mdeg;
    int32_t ink_um[2]; /* TEXT: measured width and height; 0 before measuring */
    int32_t em_um;     /* TEXT: fitted font size; 0 before measuring */
    int32_t box_um[4]; /* ARTWORK: x, y of its middle from the surface's, width, height, unturned */
    const struct cw_artwork_fact *artwork; /* ARTWORK */
};

/* A layer of a flat view that is to be seen. */
struct cw_resolved_layer {
    uint32_t view, layer;
    uint32_t colour; /* of its tint, or CW_NONE */
};

struct cw_index_list {
    size_t count;
    const uint32_t *items;
};

struct cw_resolved {
    const struct cw_product *product; /* borrowed: the holder keeps a reference */
    struct cw_selection selection;    /* complete, active options only, product order */
    size_t part_count;
    const struct cw_resolved_part *parts;
    size_t decal_count;
    const struct cw_resolved_decal *decals; /* drawn in this order */
    size_t layer_count;
    const struct cw_resolved_layer *layers; /* of all views, in the product's order */
    struct cw_index_list bom, operations, checks,
        labels; /* indexes of the manufacturing items that apply */
    struct cw_price price;
    struct cw_lead lead;
    const char
        *canonical; /* RFC 8785: {"decals","digest","parts","product","selections","version"} */
    size_t canonical_length;
    char digest[80]; /* "sha-256:<64 hex>" of canonical */
};

/* Is anything drawn on a surface of the product? */
static inline bool cw_resolved_carries(const struct cw_resolved *resolved, uint32_t surface) {
    for (size_t i = 0; i < resolved->decal_count; i++)
        if (resolved->decals[i].surface == surface)
            return true;
    return false;
}

/* Is the decal a pattern whose tile is a picture of the art? */
static inline bool cw_decal_has_tile(const struct cw_product *product,
                                     const struct cw_resolved_decal *decal) {
    return decal->kind == CW_DECAL_PATTERN && decal->pattern < product->pattern_count &&
           *product->patterns[decal->pattern].tile;
}

/* Has it colours of its own instead of an ink? */
static inline bool cw_decal_is_picture(const struct cw_product *product,
                                       const struct cw_resolved_decal *decal) {
    return decal->kind == CW_DECAL_ARTWORK || cw_decal_has_tile(product, decal);
}

/* Is such a pattern on a surface? */
static inline bool cw_resolved_has_tile(const struct cw_resolved *resolved, uint32_t surface) {
    for (size_t i = 0; i < resolved->decal_count; i++)
        if (resolved->decals[i].surface == surface &&
            cw_decal_has_tile(resolved->product, &resolved->decals[i]))
            return true;
    return false;
}

/* What the renderer says about one text: input to configure and resolve. Ordered as the text
 * options of the product that are not empty. */
enum cw_fit_verdict {
    CW_FIT_OK,
    CW_FIT_GLYPH_MISSING,
    CW_FIT_TOO_WIDE,
    CW_FIT_STROKE,    /* some stroke is thinner than the surface's process can make */
    CW_FIT_EMOJI,     /* pictures are motifs, not letters */
    CW_FIT_MONOGRAM,  /* not the three letters a monogram is made of */
    CW_FIT_TOO_SMALL, /* only the smaller letters would be too low: small capitals, a monogram's */
    CW_FIT_CROWDED,   /* two letters run into each other on the designer's path */
    CW_FIT_UNMEASURED /* the last: never comes from the renderer */
};

struct cw_text_fit {
    uint32_t option;
    enum cw_fit_verdict verdict;
    /* GLYPH_MISSING, EMOJI: the first such grapheme, UTF-8; STROKE: the thinnest; TOO_WIDE,
     * TOO_SMALL: the first of the lowest letters; CROWDED: the first of both */
    char glyph[16];
    int32_t em_um;
    int32_t ink_um[2];
    /* OK, STROKE: the thinnest stroke at em_um, 0 where no limit was given; TOO_WIDE, TOO_SMALL:
     * how high `glyph` could be; CROWDED: where, from the beginning of the path */
    int32_t detail_um;
    int32_t ink_at_um[2]; /* middle of the ink from the zone's, before it is turned, y up: only in
                             the renderer */
};
