/* One text shaped by Pango at design size. Used by text*.c and their tests only. */
#pragma once

#include "base/bytes.h"
#include "cordwain/resolved.h"
#include "cordwain/scene.h"
#include "stack.h"

struct cw_shaped {
    struct cw_stack *stack;
    struct cw_buf text;  /* the characters drawn */
    struct cw_buf small; /* for each byte of the text: 1 where a capital stands for a small one */
    PangoLayout *layout;
};

/* May be called twice. */
void cw_shaped_deinit(struct cw_shaped *shaped);
#define CW_AUTO_SHAPED __attribute__((cleanup(cw_shaped_deinit)))

/**
 * Shape a text with its lettering.
 * @param fonts       the stacks
 * @param decal       a checked TEXT decal; borrowed
 * @param ret         zeroed by the caller; without a layout when a character has no glyph
 * @param ret_missing byte of ret->text that has no glyph, its length when all have
 * @units   design pixels
 * @owner   *ret is the caller's, released with cw_shaped_deinit also on failure
 * @errors  CW_E_NOT_FOUND "render.font_stack"
 * @cost    O(characters × faces)
 * @source  tests/golden/text-shape, tests/golden/text-fit
 */
enum cw_status cw_text_shape(struct cw_fonts *fonts, const struct cw_scene_decal *decal,
                             struct cw_shaped *ret, size_t *ret_missing,
                             struct cw_error *err) CW_MUST_USE;

/* EMOJI or GLYPH_MISSING, for a byte that cw_text_shape found. */
enum cw_fit_verdict cw_text_missing_verdict(const struct cw_shaped *shaped, size_t missing);

/* Copy the grapheme that holds `byte`, whole characters only where it is longer than ret_glyph. */
void cw_text_copy_grapheme(const char *text, size_t byte, char ret_glyph[16]);

/* Letters of one word touch: they are not spaced, and bend with a curve. */
bool cw_script_is_joined(GUnicodeScript script);
