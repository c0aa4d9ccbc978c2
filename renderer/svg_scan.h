/* What a drawing may hold, decided before the SVG library sees it. Importer process only. */
#pragma once

#include <stddef.h>

#include "base/error.h"

/**
 * Read an SVG once and refuse what is costly, reaches outside, or would be drawn wrongly.
 * @param text   the file; need not end with NUL
 * @param length its bytes
 * @units   none
 * @owner   nothing is kept
 * @errors  CW_E_INPUT "artwork.svg.…": encoding, syntax, doctype, entity, instruction, script,
 * external, style, element (text, image, filter, foreignObject), cycle; CW_E_LIMIT
 * "artwork.svg.too_large", "artwork.svg.too_many_elements", "artwork.svg.too_deep",
 * "artwork.svg.too_much_work"; CW_E_NOMEM "memory"
 * @cost    O(length + elements × log elements)
 * @source  SVG 1.1 §5.6 (use), §11 (paint servers); OWASP ASVS 5.0 1.3.4, 1.5.1
 */
enum cw_status cw_svg_scan(const char *text, size_t length, struct cw_error *err) CW_MUST_USE;
