/* How much there is to draw once every reference is followed. Importer process only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "cordwain/limits.h"

struct svg_text {
    const char *at;
    size_t length;
};

struct svg_node {
    struct svg_text id; /* length 0: none */
    uint32_t end;       /* index behind its last descendant */
    uint32_t own;       /* 1 and its points */
    uint32_t ref_start, ref_end;
    uint32_t cost; /* memo: 0 not yet */
    bool open;     /* being added up: met again, it holds itself */
};

struct svg_ref {
    struct svg_text id;
    bool per_point; /* paint and markers are drawn for each thing below; use, clip and mask once */
};

#define SVG_REFS (CW_SVG_ELEMENTS * 2)

struct svg_tree {
    uint32_t node_count, ref_count;
    struct svg_node nodes[CW_SVG_ELEMENTS];
    struct svg_ref refs[SVG_REFS];
    uint32_t by_id[CW_SVG_ELEMENTS], id_count;
};

/* Refuse a tree that holds itself (CW_E_INPUT "artwork.svg.cycle") or is more than CW_SVG_WORK
 * (CW_E_LIMIT "artwork.svg.too_much_work"). References to nothing are fine: nothing is drawn. */
enum cw_status cw_svg_cost(struct svg_tree *tree, struct cw_error *err) CW_MUST_USE;
