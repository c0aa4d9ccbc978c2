/*
 * The body of a usual click, read without building a tree of it: picks of choices and flags, maybe
 * with since, quantity, language and market. What it takes, api_body and api_shape_new take
 * too, and read the same; everything else, faulty or only rare, is theirs.
 */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "cordwain/product.h"
#include "cordwain/selection.h"

/* What a body says, however it was read. */
struct api_click_body {
    struct cw_selection selection;
    const char *since;           /* which answer the client has, "" for none; NULL: not said */
    const char *locale, *market; /* or "" */
    uint32_t quantity;
};

/**
 * Read a body that holds nothing but plain picks, since, quantity, locale and market.
 * @param product the product that is asked; borrowed, as are locale and market of the result
 * @param body    what was sent
 * @param ret     written on success only
 * @return whether it was such a body; false tells nothing about its faults
 * @units   none
 * @owner   the picks are the arena's
 * @errors  none
 * @cost    O(bytes + picks × choices); pure, any thread
 * @source  RFC 8259; schemas/configure-request.schema.json
 */
bool api_click_body_read(const struct cw_product *product, struct cw_bytes body,
                         struct cw_arena *arena, struct api_click_body *ret) CW_MUST_USE;
