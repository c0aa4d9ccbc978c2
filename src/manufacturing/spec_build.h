/* What the files that build a spec share; private to this folder. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "manufacturing/spec.h"

/* One spec being built. JSON in `document` is owned by the arena (deferred decref). */
struct spec_build {
    const struct cw_spec_input *input;
    const struct cw_resolved *resolved;
    const struct cw_product *product;
    const struct cw_manufacturing *mfg;
    struct cw_arena *arena;
    json_t *document;
    json_t **bom, **operations, **checks,
        **labels; /* parsed items of the product, by index; borrowed */
};

/* Sections, each set as a member of the document. */
void cw_spec_put_configuration(struct spec_build *b);
void cw_spec_put_parts(struct spec_build *b);
void cw_spec_put_materials(struct spec_build *b);
void cw_spec_put_colours(struct spec_build *b);
void cw_spec_put_artworks(struct spec_build *b);
void cw_spec_put_placements(struct spec_build *b);
void cw_spec_put_operations(struct spec_build *b);
void cw_spec_put_checks(struct spec_build *b);
void cw_spec_put_labels(struct spec_build *b);

/* Is the product's item `index` in force in this configuration. */
bool cw_spec_applies(const struct cw_index_list *list, uint32_t index);
/* The index of an item of that id, or CW_NONE. */
uint32_t cw_spec_item(const struct cw_mfg_list *list, const char *id);
/* The id of the materials[] entry that part `part` (index into resolved parts) is made of; in the
 * arena. */
const char *cw_spec_part_material(struct spec_build *b, size_t part);
/* "quarter.left" per side, or "quarter". Appends strings to `array`. */
void cw_spec_append_sides(json_t *array, const char *id, const char *const *sides, size_t count);
/* Member as text, or "". Borrowed. */
const char *cw_spec_text(const json_t *object, const char *name);
/* Copy the named members of `from` that are there. */
void cw_spec_copy(json_t *to, const json_t *from, const char *const *names);
/* The pick of an option in the resolved selection, or NULL. */
const struct cw_pick *cw_spec_pick(const struct spec_build *b, uint32_t option);
/* What the factory reads of a pick: choice value, number or text. */
json_t *cw_spec_pick_value(const struct spec_build *b, const struct cw_pick *pick);
uint32_t cw_spec_option(const struct spec_build *b, const char *id);
