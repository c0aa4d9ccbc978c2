/*
 * Availability: market, dates, sold-out stock items and overlays, read straight from the product.
 * It does not ask rules, and knows no clock but the context's. Server process, any thread.
 */
#include "configure/available.h"

#include <string.h>

#include "base/clock.h"
#include "configure/facts.h"

static bool is_listed(const char *id, const char *const *ids, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(id, ids[i]) == 0)
            return true;
    return false;
}

static bool in_market(const struct cw_choice *choice, const char *market) {
    return choice->market_count == 0 || !market || !market[0] ||
           is_listed(market, choice->markets, choice->market_count);
}

/* ISO dates order as text; both ends are included. */
static bool on_date(const struct cw_choice *choice, int64_t now_ms) {
    bool from = choice->from_date && choice->from_date[0];
    bool until = choice->until_date && choice->until_date[0];
    if (now_ms == 0 || (!from && !until))
        return true;
    char today[CW_TIME_TEXT];
    cw_time_date(now_ms, today);
    return (!from || strcmp(choice->from_date, today) <= 0) &&
           (!until || strcmp(today, choice->until_date) <= 0);
}

bool cw_has_market(const struct cw_product *product, const char *id) {
    for (size_t i = 0; i < product->market_count; i++)
        if (strcmp(product->markets[i].id, id) == 0)
            return true;
    return false;
}

bool cw_has_overlay(const struct cw_product *product, const char *id) {
    for (size_t i = 0; i < product->overlay_count; i++)
        if (strcmp(product->overlays[i].id, id) == 0)
            return true;
    return false;
}

bool cw_choice_available(const struct cw_choice *choice,
                         const struct cw_configure_context *context) {
    bool sold_out = choice->stock_item && choice->stock_item[0] &&
                    is_listed(choice->stock_item, context->sold_out, context->sold_out_count);
    return !sold_out && in_market(choice, context->market) && on_date(choice, context->now_ms);
}

bool cw_overlays_leave(const struct cw_product *product, uint32_t option, uint32_t choice,
                       const struct cw_configure_context *context) {
    for (size_t o = 0; o < product->overlay_count; o++) {
        const struct cw_overlay *overlay = &product->overlays[o];
        if (!is_listed(overlay->id, context->overlays, context->overlay_count))
            continue;
        for (size_t i = 0; i < overlay->item_count; i++)
            if (overlay->items[i].option == option && cw_mask_has(&overlay->items[i].mask, choice))
                return false;
    }
    return true;
}
