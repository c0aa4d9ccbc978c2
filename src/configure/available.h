/* Whether a choice can be had in a shopper's circumstances, read straight from the product. */
#pragma once

#include <stdbool.h>

#include "configure/configure.h"

/* Is there a market, an overlay of this id? */
bool cw_has_market(const struct cw_product *product, const char *id);
bool cw_has_overlay(const struct cw_product *product, const char *id);

/* Market, date and stock. */
bool cw_choice_available(const struct cw_choice *choice,
                         const struct cw_configure_context *context);

/* No overlay of the context takes the choice (flag: 0 or 1) of the option away. */
bool cw_overlays_leave(const struct cw_product *product, uint32_t option, uint32_t choice,
                       const struct cw_configure_context *context);
