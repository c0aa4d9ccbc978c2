/* An order as the shopper reads it: the part that never changes, and today's states. */
#pragma once

#include "api/context.h"
#include "orders/create.h"

struct api_order_json {
    const struct api_shape *shape;
    const struct cw_order_ids *ids;
    const char *design; /* or NULL */
};

struct api_order_state {
    const char *state;
    const struct cw_spec_row *specs;
    size_t spec_count;
    const struct cw_event_row *events; /* of all specs, oldest first */
    size_t event_count;
    int64_t created_ms;
};

/* The stored document; in the arena. Any thread. */
char *api_order_document(const struct api_order_json *order, struct cw_arena *arena);

/* The answer: document plus states. `overrides` (title, alt, locale in another language) may be
 * NULL; borrowed. */
char *api_order_response(const char *document, const struct api_order_state *state,
                         json_t *overrides, struct cw_arena *arena);
