/* The rules for one attribute and one element of a drawing. Importer process only. */
#pragma once

#include "svg_cost.h"

struct svg_attr {
    struct svg_text name, value; /* the value as written, between its quotes */
};

bool cw_svg_is(struct svg_text text, const char *word);
/* Behind the colon, or all of it. */
struct svg_text cw_svg_local(struct svg_text name);
/* Without regard to the case of ASCII letters; NULL when it is not in there. */
const char *cw_svg_find(struct svg_text text, const char *word);

/* CW_E_INPUT "artwork.svg.element", "artwork.svg.script". */
enum cw_status cw_svg_element_rule(struct svg_text name, struct cw_error *err) CW_MUST_USE;
/* Note id, points and references in the last node of the tree. CW_E_INPUT "artwork.svg.entity",
 * "artwork.svg.script", "artwork.svg.external", "artwork.svg.style"; CW_E_LIMIT
 * "artwork.svg.too_much_work" above SVG_REFS references. */
enum cw_status cw_svg_attr_rule(struct svg_tree *tree, struct svg_text element,
                                const struct svg_attr *attr, struct cw_error *err) CW_MUST_USE;
/* The text of a <style>: CW_E_INPUT "artwork.svg.style" for what the scan cannot follow. */
enum cw_status cw_svg_style_rule(struct svg_text text, struct cw_error *err) CW_MUST_USE;
