/* A small shoe written by hand: every kind of option, two languages and more, for unit tests. */
#pragma once

#include "cordwain/product.h"

/* Options of cw_shoe_product, in its order. */
enum {
    CW_SHOE_SIZE,     /* choice 41 42 43 */
    CW_SHOE_MATERIAL, /* choice leather suede; suede +1500, 3 days, EU market only */
    CW_SHOE_COLOUR,   /* choice chalk ink moss; moss onlyIf suede */
    CW_SHOE_LACES,    /* multi of white black gold, 1 to 2, default white */
    CW_SHOE_GIFT,     /* flag, +500, 1 day */
    CW_SHOE_HEIGHT,   /* number 10 to 30 by 5 */
    CW_SHOE_TEXT,     /* text, upper case, Latn, 6 graphemes, +900, 2 days */
    CW_SHOE_THREAD,   /* choice chalk ink, active while the text is there */
    CW_SHOE_NOTE,     /* text, not drawn, active with the gift flag, pattern */
    CW_SHOE_OPTIONS
};

/* Rules, in its order. */
enum { CW_SHOE_GOLD_NEEDS_SUEDE, CW_SHOE_TALL_WARNING, CW_SHOE_RULES };

extern const struct cw_product cw_shoe_product;
