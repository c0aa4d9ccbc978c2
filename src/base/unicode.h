/* Texts shoppers type: UTF-8 checks, NFC, graphemes, scripts (utf8proc, PCRE2). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/*
 * Check and normalise a shopper's text.
 * @param ret_text NFC, in the arena; leading/trailing white space is a fault, not trimmed
 * @errors CW_E_INPUT "text.encoding" (not UTF-8), "text.control" (C0, C1, line breaks),
 * "text.bidi_control" (U+202A–202E, U+2066–2069, U+200E, U+200F, U+061C), "text.unassigned"
 * (unassigned, private use, noncharacters, surrogates), "text.space" (leading, trailing or double
 * white space); CW_E_LIMIT "text.too_many_bytes" above CW_TEXT_BYTES U+200C and U+200D (joiners,
 * needed by Persian) are allowed between letters only.
 */
enum cw_status cw_text_normalise(struct cw_arena *arena, const char *text, size_t length,
                                 char **ret_text, struct cw_error *err) CW_MUST_USE;

/* Extended grapheme clusters (UAX #29) of valid UTF-8. */
size_t cw_text_graphemes(const char *text);

/* Byte length of the first grapheme. */
size_t cw_text_first_grapheme(const char *text);

/*
 * Is every character's Script or Script_Extensions among `scripts` (ISO 15924), or
 * Common/Inherited?
 * @param ret_bad when false: byte offset of the first offender
 */
bool cw_text_in_scripts(const char *text, const char *const *scripts, size_t script_count,
                        size_t *ret_bad);

/* Full Unicode upper case, NFC, in the arena. */
char *cw_text_upper(struct cw_arena *arena, const char *text);

/* True when the text's first strong character is right-to-left. */
bool cw_text_is_rtl(const char *text);

bool cw_utf8_valid(const char *text, size_t length);
/* How many bytes of it are, up to the first character that is not. */
size_t cw_utf8_good(const char *text, size_t length);
