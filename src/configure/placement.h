/* Where a shopper's own picture lies: the value of an artwork option, which the rules see as a
 * text.
 */
#pragma once

#include "configure/value.h"

#define CW_PLACEMENT_TEXT 96 /* "<id>,<x>,<y>,<width>,<rotation>" and NUL */

struct cw_placement {
    char id[CW_ARTWORK_ID + 1];
    int32_t at_um[2];      /* middle of the picture from the middle of the surface's area, y up */
    int32_t width_um;      /* of the unturned picture; 0: as large as fits the area */
    int32_t rotation_mdeg; /* counter-clockwise, -180000 < r <= 180000 */
};

/**
 * Read a placement as a text, "<id>" or "<id>,<x>,<y>,<width>,<rotation>", or as the JSON object
 * {"artwork", "xUm"?, "yUm"?, "widthUm"?, "rotationMdeg"?}. An empty text and null are no picture.
 * @param reader faults go to it, each at its member
 * @param ret    canonical text in the arena; "" for none
 * @units   µm, mdeg
 * @owner   arena
 * @errors  false with "artwork.placement" (a member is unknown, missing or out of range)
 * @cost    O(length); pure
 * @source  docs/reference/api.md "Pictures of one's own"
 */
bool cw_placement_read_text(const struct cw_value_reader *reader, const char *text,
                            const char **ret);
bool cw_placement_read_json(const struct cw_value_reader *reader, const json_t *json,
                            const char **ret);

/* Of a value that was read before; false for none. */
bool cw_placement_parse(const char *text, struct cw_placement *ret);

/* The object above, canonical; null for none. */
void cw_placement_encode(const char *text, struct cw_buf *buf);

/* The picture's rectangle before it is turned: x, y of its middle from the surface's middle, width
 * and height, from the facts of the picture and the surface's area. Never empty. */
void cw_placement_box(const struct cw_placement *placement, const struct cw_surface *surface,
                      const struct cw_artwork_fact *fact, int32_t ret_box_um[4]);

/* The fact of this id in a context, or NULL. */
const struct cw_artwork_fact *cw_artwork_fact_find(const struct cw_configure_context *context,
                                                   const char *id);
