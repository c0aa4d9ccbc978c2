/* One font stack opened for drawing. Used by fonts.c, which makes them, and text.c only. */
#pragma once

#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#include <stdbool.h>
#include <stdint.h>

#include "fonts.h"

#define CW_STACK_FACES 10

/*
 * Texts are laid out once at this size and scaled from there, so that a measured length does not
 * depend on the picture's size. Cairo keeps paths in 1/256 px: an em is 256,000 design units, all
 * integers.
 */
#define CW_DESIGN_EM_PX        1000
#define CW_DESIGN_UNITS_PER_PX 256
#define CW_DESIGN_EM           (CW_DESIGN_EM_PX * CW_DESIGN_UNITS_PER_PX)

#define CW_STACK_ID_BYTES 64

struct cw_stack;

struct cw_stack_args {
    const char *id;
    const char *first_file;              /* the file of patterns[0] */
    size_t face_count;                   /* 1 to CW_STACK_FACES */
    FcPattern *patterns[CW_STACK_FACES]; /* of FcFreeTypeQuery, in fallback order; borrowed */
};

/* CW_E_IO "fonts.config", "fonts.face" (the first face has no H). */
enum cw_status cw_stack_new(const struct cw_stack_args *args, struct cw_stack **ret,
                            struct cw_error *err) CW_MUST_USE;
void cw_stack_free(struct cw_stack *stack); /* NULL is fine */

/* As cw_fonts_warm, for one stack. */
enum cw_status cw_stack_warm(struct cw_stack *stack, struct cw_error *err) CW_MUST_USE;

const char *cw_stack_id(const struct cw_stack *stack);

/* CW_E_NOT_FOUND "render.font_stack". Borrowed from fonts. */
enum cw_status cw_fonts_stack(struct cw_fonts *fonts, const char *id, struct cw_stack **ret,
                              struct cw_error *err) CW_MUST_USE;

size_t cw_stack_face_count(const struct cw_stack *stack);
bool cw_stack_face_has(const struct cw_stack *stack, size_t face, uint32_t character);

/* Pango family list with `face` first and the others in file order behind it; borrowed. */
const char *cw_stack_families(const struct cw_stack *stack, size_t face);

/*
 * The language a script is set in. Languages are fixed, because Pango would otherwise take them
 * from the environment; and there are few, because each is warmed.
 */
PangoLanguage *cw_stack_language(GUnicodeScript script);

/* Design size, first face first, hinting off; borrowed. */
PangoContext *cw_stack_context(const struct cw_stack *stack);

/* A context without bounds, with the identity matrix, to build paths in; borrowed, its path is left
 * empty. */
cairo_t *cw_stack_scratch(const struct cw_stack *stack);

/* Thinnest strokes of glyphs measured before (text_stroke.c); a slot is overwritten by the next
 * glyph that falls into it. */
struct cw_stroke_slot {
    uint64_t glyph; /* face << 32 | glyph, plus 1; 0 for empty */
    double em;      /* [1/em] */
};
#define CW_STROKE_SLOTS 1024
struct cw_stroke_slot *cw_stack_strokes(struct cw_stack *stack);

/* Which face of its stack a font is of. */
size_t cw_stack_face_of(PangoFont *font);

/* Height of the first face's "H" [design units], > 0. */
int64_t cw_stack_cap_height(const struct cw_stack *stack);
