/*
 * A published product version as every step sees it: closed, checked, immutable.
 *
 * The catalog builds it from a product document (schemas/product.schema.json; the member names in
 * the comments are the document's) and nobody changes it afterwards. References are array indexes,
 * already checked; CW_NONE stands for "no such thing". Everything lives in the product's own arena.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "cordwain/text.h"

#define CW_NONE UINT32_MAX

enum cw_option_kind {
    CW_OPTION_CHOICE, /* exactly one of choices[] */
    CW_OPTION_MULTI,  /* min..max of choices[]; at most 64 choices */
    CW_OPTION_FLAG,   /* true or false; choices[] is empty */
    CW_OPTION_NUMBER, /* integer min..max by step */
    CW_OPTION_TEXT /* see struct cw_text_rule; the empty string means "none". Also a picture of the
                      shopper's own, which rules see as a text that is there or not: `artwork` */
};

/* ---- conditions ------------------------------------------------------------------------------ */

enum cw_cond_kind {
    CW_COND_ALL,     /* every item; an empty list is true */
    CW_COND_ANY,     /* some item; an empty list is false */
    CW_COND_NOT,     /* exactly one item */
    CW_COND_IN,      /* choice/flag: the value is in `mask`; false while the option is inactive */
    CW_COND_HAS,     /* multi: some chosen choice is in `mask` */
    CW_COND_RANGE,   /* number: min..max inclusive */
    CW_COND_PRESENT, /* text: not empty; choice/number/multi: active and set */
    CW_COND_ACTIVE   /* the option's activeIf holds */
};

/* A bit per choice (flag: bit 0 false, bit 1 true). CW_MAX_CHOICES bits. */
#define CW_MAX_CHOICES 256
struct cw_choice_mask {
    uint64_t bits[CW_MAX_CHOICES / 64];
};

static inline bool cw_mask_has(const struct cw_choice_mask *mask, uint32_t choice) {
    return choice < CW_MAX_CHOICES && (mask->bits[choice / 64] >> (choice % 64) & 1) != 0;
}

static inline void cw_mask_add(struct cw_choice_mask *mask, uint32_t choice) {
    mask->bits[choice / 64] |= UINT64_C(1) << (choice % 64);
}

struct cw_cond {
    enum cw_cond_kind kind;
    uint32_t option;            /* atoms */
    struct cw_choice_mask mask; /* IN, HAS */
    int64_t min, max;           /* RANGE */
    size_t count;               /* ALL, ANY, NOT */
    const struct cw_cond *items;
};

/* ---- vocabulary tables ----------------------------------------------------------------------- */

struct cw_colour { /* "colours" */
    const char *id;
    struct cw_l10n title;
    uint8_t srgb[3];          /* preview only */
    int32_t lab_milli[3];     /* CIELAB L*, a*, b* times 1000, D65, 10 degrees, d/8 SCI */
    int32_t tolerance_milli;  /* CIEDE2000 times 1000 */
    const char *book, *entry; /* colour book reference */
};

struct cw_fibre {
    const char *fibre;
    int32_t percent;
};

struct cw_material { /* "materials" */
    const char *id;
    struct cw_l10n title;
    const char *definition_id; /* ISA-95 MaterialDefinitionID */
    const char *finish;        /* light pass of the art bundle */
    bool lot_record;
    size_t composition_count;
    const struct cw_fibre *composition;
};

struct cw_font { /* "fonts": what a shopper may pick; `stack` names an entry of
                    assets/fonts/fonts.json */
    const char *id;
    struct cw_l10n title;
    const char *stack;
};

/* How rows and columns of tiles lie: every second row, or column, moved by half a tile. */
enum cw_repeat { CW_REPEAT_GRID, CW_REPEAT_BRICK, CW_REPEAT_HALF_DROP };

struct cw_pattern { /* "patterns": a repeating tile */
    const char *id;
    struct cw_l10n title;
    int32_t tile_um[2];
    const char *path;     /* SVG path data, absolute M L C Z only, integers in um, y up; "" … */
    const char *tile;     /* … where the tile is a picture of the art in its own colours */
    int32_t offset_um[2]; /* of such a tile from the zone's middle, before it is turned */
    int32_t rotation_mdeg;
    enum cw_repeat repeat;
};

enum cw_process {
    CW_PROCESS_PRINT,
    CW_PROCESS_ENGRAVE,
    CW_PROCESS_EMBROIDER,
    CW_PROCESS_DEBOSS,
    CW_PROCESS_EMBOSS,
    CW_PROCESS_COUNT
};

struct cw_production {  /* "surfaces[].production": what a press or cutter needs beside the artwork
                         */
    int32_t trim_um[4]; /* as zone_um: what is left after trimming; width 0: what is drawn */
    int32_t bleed_um;   /* around it */
    const char *cut_path; /* path data as in patterns, in surface µm; "" for none */
    const char *cut_spot, *underbase, *varnish; /* spot names; "" for none */
    bool marks;                                 /* trim and placement marks outside of the bleed */
    bool ink_per_colour; /* an ink is named by its colour's book entry, else all is `spot` */
};

struct cw_surface { /* "surfaces": an area in millimetres that takes text or a pattern */
    const char *id; /* same name as in the art's view.json */
    struct cw_l10n title;
    uint32_t part;         /* the part the work is done on */
    int32_t size_um[2];    /* the UV rectangle */
    int32_t zone_um[4];    /* x, y, w, h from its centre, x right, y up: where text may stand */
    int32_t artwork_um[4]; /* the same for patterns; equals zone_um where the document has none */
    enum cw_process process;
    const char *spot; /* spot colour name, e.g. "LASER-DEEP" */
    const char *spot_use;
    int32_t min_letter_um, max_letter_um; /* height of a capital letter */
    int32_t min_stroke_um;
    int32_t min_dpi;   /* pictures of shoppers' own have at least so many pixels an inch; 0: any */
    const char *datum; /* where x and y are measured from, in words */
    int32_t position_tolerance_um, rotation_tolerance_mdeg, scale_tolerance_milli;
    size_t side_count; /* "sides": ["left","right"]; 0 for a single piece */
    const char *const *sides;
    struct cw_production production;
};

/* What takes the place of an ink's name where a picture with colours of its own is printed. */
#define CW_PICTURE_INK "Picture"

/* The name of the ink, thread or tool that makes a colour on a surface: what artwork and build
 * spec both call it. */
static inline const char *cw_surface_ink(const struct cw_surface *surface,
                                         const struct cw_colour *colour) {
    return surface->production.ink_per_colour ? colour->entry : surface->spot;
}

/* ---- options --------------------------------------------------------------------------------- */

struct cw_attribute {
    const char *name;
    int64_t value;
};

/* The attribute of that name, or NULL. */
static inline const struct cw_attribute *cw_attribute_find(const struct cw_attribute *attributes,
                                                           size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(attributes[i].name, name) == 0)
            return &attributes[i];
    }
    return NULL;
}

/* Its value; 0 when there is none. */
static inline int64_t cw_attribute_value(const struct cw_attribute *attributes, size_t count,
                                         const char *name) {
    const struct cw_attribute *found = cw_attribute_find(attributes, count, name);
    return found ? found->value : 0;
}

struct cw_choice {
    const char *id;
    struct cw_l10n title;
    struct cw_l10n help;
    const char *group;                        /* heading in the page, may be "" */
    int64_t price_minor;                      /* added when chosen */
    int32_t lead_days;                        /* added when chosen */
    uint32_t colour, material, font, pattern; /* what choosing it gives, or CW_NONE */
    const char *value;      /* what the factory reads (size "42", a code), "" for the id */
    const char *stock_item; /* or "" */
    size_t market_count;    /* 0: everywhere */
    const char *const *markets;
    const char *from_date, *until_date; /* ISO 8601 dates, "" for open */
    const struct cw_cond *only_if;      /* or NULL */
    struct cw_l10n only_if_message;
    size_t attribute_count;
    const struct cw_attribute *attributes;
};

enum cw_text_case { CW_CASE_AS_IS, CW_CASE_UPPER };

/*
 * "lettering": how the letters stand. Zeros are one plain line.
 * ARC: on a circle about the zone's middle, over its top or along its bottom, upright in its
 * middle. PATH: along the designer's path. VERTICAL: from top to bottom. The three MONOGRAM layouts
 * take first, middle and last initial: in a row; last one large in the middle; first over middle,
 * and the last one large beside them. Fewer initials stand in a row.
 */
enum cw_layout {
    CW_LAYOUT_LINE,
    CW_LAYOUT_ARC_TOP,
    CW_LAYOUT_ARC_BOTTOM,
    CW_LAYOUT_PATH,
    CW_LAYOUT_VERTICAL,
    CW_LAYOUT_MONOGRAM_ROW,
    CW_LAYOUT_MONOGRAM_CENTRE,
    CW_LAYOUT_MONOGRAM_STACKED
};

/* Which digits are drawn: as typed, those of the text's script, or those of one CLDR system. */
enum cw_numerals {
    CW_NUMERALS_AS_TYPED,
    CW_NUMERALS_SCRIPT,
    CW_NUMERALS_LATN,
    CW_NUMERALS_ARAB,
    CW_NUMERALS_ARABEXT,
    CW_NUMERALS_DEVA,
    CW_NUMERALS_THAI
};

struct cw_lettering {
    enum cw_layout layout;
    enum cw_numerals numerals;
    bool small_caps;
    int32_t spacing_milli; /* added between letters, in 1/1000 em */
    int32_t radius_um;     /* ARC: of the baseline */
    const char *path;      /* PATH: the baseline, from the zone's middle, y up; else NULL or "" */
};

struct cw_text_rule {
    uint32_t surface; /* CW_NONE: not drawn (e.g. a gift note) */
    uint32_t max_graphemes;
    const char *pattern; /* PCRE2, anchored both ends, or "" */
    struct cw_l10n pattern_message;
    enum cw_text_case letter_case;
    size_t script_count; /* ISO 15924: "Latn", "Cyrl", "Arab", "Hani"; Zyyy and Zinh always pass */
    const char *const *scripts;
    uint32_t font_option, font; /* exactly one is not CW_NONE when surface is set */
    uint32_t colour_option, colour;
    uint32_t rotation_option; /* or CW_NONE; choice attribute "rotationMdeg" */
    struct cw_lettering lettering;
    int64_t price_minor; /* added when not empty */
    int32_t lead_days;
};

/*
 * "derive": the choice follows from other options. While the option is active its choice is that of
 * a row that fits, and no other; an inactive `from` fits only "*". Nobody picks it, the page does
 * not show it, it has no default (completion counts no departure for it). Rows are total and
 * deterministic over what the rules leave (checked when published): where no row fits there is no
 * configuration, where rows of several choices fit each is one.
 */
struct cw_derive {
    size_t from_count;
    const uint32_t *from; /* choice and flag options */
    size_t row_count;
    const struct cw_derive_row {
        const struct cw_choice_mask *masks; /* one per `from`; "*" is all bits */
        uint32_t choice;
    } * rows;
};

struct cw_option {
    const char *id;
    enum cw_option_kind kind;
    struct cw_l10n title, help;
    const char *group; /* index into groups by id: step of the page */
    bool artwork;      /* TEXT, "artwork" in the document: the text is a placement; of the text rule
                          only surface, price and lead days count */
    bool required; /* text/multi only: choice, flag and number always have a value while active */
    const struct cw_cond *active_if;   /* or NULL: always active */
    const struct cw_cond *required_if; /* TEXT, MULTI, or NULL (of a choice it is the onlyIf of
                                          "none") */
    const struct cw_derive *derive;    /* CHOICE, or NULL */
    size_t choice_count;
    const struct cw_choice *choices;
    /* default: a preference, never a rule */
    uint32_t default_choice; /* CHOICE: index; FLAG: 0 or 1 */
    uint64_t default_multi;  /* MULTI: bit per choice */
    int64_t default_number;
    const char *default_text;
    uint32_t multi_min, multi_max;
    int64_t number_min, number_max, number_step;
    const char *unit;       /* NUMBER, UN/ECE Rec 20 code or "" */
    size_t attribute_count; /* FLAG: what true counts; NUMBER: what one unit counts */
    const struct cw_attribute *attributes;
    int64_t flag_price_minor; /* FLAG true */
    int32_t flag_lead_days;
    struct cw_text_rule text; /* TEXT */
};

/* Choices to be answered for: a flag's are false and true; a number and a text have none. */
static inline uint32_t cw_choices_of(const struct cw_option *option) {
    return option->kind == CW_OPTION_FLAG ? 2 : (uint32_t)option->choice_count;
}

/* "*" is a mask of all choices. */
static inline bool cw_mask_is_any(const struct cw_option *option,
                                  const struct cw_choice_mask *mask) {
    uint32_t c = 0;
    while (c < cw_choices_of(option) && cw_mask_has(mask, c))
        c++;
    return c == cw_choices_of(option);
}

struct cw_group { /* "groups": the order of the page */
    const char *id;
    struct cw_l10n title;
};

struct cw_market { /* "markets" */
    const char *id;
    struct cw_l10n title;
};

/* ---- rules ----------------------------------------------------------------------------------- */

enum cw_rule_kind {
    CW_RULE_REQUIRES,    /* not conds[0] or conds[1]            {"if": c, "then": c} */
    CW_RULE_EXCLUDES,    /* not all of conds                     {"all": [c…]} */
    CW_RULE_IFF,         /* conds[0] equals conds[1]             {"left": c, "right": c} */
    CW_RULE_AT_MOST_ONE, /* at most one of conds                 {"of": [c…]} */
    CW_RULE_CARDINALITY, /* min..max of conds                    {"of": [c…], "min": n, "max": n} */
    CW_RULE_ALLOWED, /* options take one of rows             {"options": […], "rows": [[…]…]} */
    CW_RULE_FORBIDDEN, /* options take none of rows */
    CW_RULE_COMPARE,   /* left op right                        {"left": term, "op": ">=", "right":
                          term} */
    CW_RULE_SUM,       /* sum of attribute over options op value */
    CW_RULE_FORMULA    /* conds[0]                             {"expr": c} */
};

enum cw_compare_op { CW_OP_LT, CW_OP_LE, CW_OP_EQ, CW_OP_NE, CW_OP_GE, CW_OP_GT };

/* {"const": n} | {"attribute": "weight", "of": "frame"} | {"number": "width"} (a number option's
 * value). The attribute of an option: CHOICE that of the choice, MULTI the sum of what is chosen,
 * FLAG its own when true, NUMBER its own times the value. Without the attribute, and while
 * inactive, 0; a text has none. */
struct cw_term {
    uint32_t option;       /* CW_NONE: constant */
    const char *attribute; /* NULL: the number itself */
    int64_t constant;
};

/* One row of a table: a mask per option of the rule; "*" is all bits. Only choice and flag options.
 */
struct cw_row {
    const struct cw_choice_mask *masks;
};

struct cw_rule {
    const char *id;
    enum cw_rule_kind kind;
    bool warning; /* "severity": "warning": told, not enforced */
    struct cw_l10n message;
    size_t cond_count;
    const struct cw_cond *conds;
    uint32_t min, max;   /* CARDINALITY */
    size_t option_count; /* ALLOWED, FORBIDDEN, SUM */
    const uint32_t *options;
    size_t row_count;
    const struct cw_row *rows;
    struct cw_term left, right; /* COMPARE */
    const char *attribute;      /* SUM */
    int64_t value;              /* SUM */
    enum cw_compare_op op;
};

/* ---- overlays, tests ------------------------------------------------------------------------- */

/* "overlays": choices that are away in some circumstance (a channel, a region, a season). */
struct cw_overlay {
    const char *id;
    struct cw_l10n title;
    size_t item_count;
    const struct cw_overlay_item {
        uint32_t option;
        struct cw_choice_mask mask; /* what it takes away; a flag's bit 1 is true */
    } * items;
};

/* ---- price, time ----------------------------------------------------------------------------- */

struct cw_price_rule { /* pricing.rules: a line when the condition holds */
    const char *id;
    struct cw_l10n title;
    const struct cw_cond *when;
    int64_t amount_minor;
};

struct cw_quantity_break {
    uint32_t from;
    int32_t percent_milli; /* -5000 is 5 % off the unit price, rounded half away from zero */
};

struct cw_lead_time {
    int32_t base_days; /* working days */
    uint8_t workdays;  /* bit 0 Monday … bit 6 Sunday */
    size_t holiday_count;
    const char *const *holidays; /* ISO dates */
};

/* ---- parts, views ---------------------------------------------------------------------------- */

struct cw_part {
    const char *id; /* same name as the art's mask */
    struct cw_l10n title;
    uint32_t material_option, material; /* exactly one is set */
    uint32_t colour_option, colour;
    int32_t area_mm2;
    size_t side_count;
    const char *const *sides;
};

/* The blend modes of W3C Compositing and Blending Level 1, by its names. */
enum cw_blend { CW_BLEND_NORMAL, CW_BLEND_MULTIPLY, CW_BLEND_SCREEN, CW_BLEND_OVERLAY };

/* One layer of a flat view, lowest first: a picture of the art's view, or where the texts and
 * patterns of a surface lie. */
struct cw_view_layer {
    const char *picture;        /* same name as in the art's view; "": it is a surface */
    uint32_t surface;           /* or CW_NONE */
    uint32_t tint_option, tint; /* a colour the picture is multiplied by; both CW_NONE: as it is */
    enum cw_blend blend;
    int32_t opacity_percent;
    const struct cw_cond *when; /* NULL: always */
};

struct cw_view {
    const char *id; /* same name as the art's folder */
    struct cw_l10n title;
    size_t layer_count; /* 0: the view is lit parts */
    const struct cw_view_layer *layers;
};

/* A pattern on a surface, below its text. */
struct cw_pattern_use {
    uint32_t surface, pattern_option, colour_option;
};

struct cw_preset_pick {
    uint32_t option;
    const char *value_json; /* as in a selection */
};

struct cw_preset {
    const char *id;
    struct cw_l10n title;
    size_t pick_count;
    const struct cw_preset_pick *picks;
};

/* "tests": the designer's own cases, run before a version is published. */
struct cw_product_test {
    const char *id;
    size_t pick_count;
    const struct cw_preset_pick *picks; /* "select" */
    const char *market;                 /* or "" */
    size_t overlay_count;
    const char *const *overlays;
    bool valid; /* "expect": consistent or not */
    size_t because_count;
    const uint32_t *because; /* invalid: rules that must all be among the named causes */
    size_t complete_count;
    const struct cw_preset_pick *completes; /* valid: values of the preferred completion */
    size_t possible_count, impossible_count;
    const struct cw_overlay_item *possible, *impossible; /* valid: states of choices */
};

/* ---- manufacturing --------------------------------------------------------------------------- */

/* A BOM line, operation, check or label: in the spec when `when` holds. `json` is the document's
 * own object without "when", as canonical JSON; the manufacturing step reads it by the schema. */
struct cw_mfg_item {
    const char *id;
    const struct cw_cond *when; /* NULL: always */
    const char *json;
};

struct cw_mfg_list {
    size_t count;
    const struct cw_mfg_item *items;
};

struct cw_manufacturing {
    const char *facility_id, *facility_gln;
    const char *gtin;        /* of the made-to-order style, 14 digits starting with 9 */
    const char *unit;        /* "PR" or "C62" */
    uint32_t size_option;    /* or CW_NONE */
    const char *size_system; /* "EU" */
    struct cw_mfg_list bom, operations, checks, labels;
    const char *packaging_json;
};

/* ---- the product ----------------------------------------------------------------------------- */

struct cw_product {
    const char *id, *version; /* "court-sneaker", "1" */
    bool rules_only;          /* nothing to draw or make: no art, views, parts, manufacturing */
    const char *digest;       /* "sha-256:<hex>" over the RFC 8785 form of the document */
    const char *document;     /* that form */
    size_t document_length;
    const char *art;        /* bundle name */
    const char *art_digest; /* "sha-256:<hex>" over the packed bundle; "" before packing */
    struct cw_l10n title, summary;
    const char *issuer_name, *issuer_gln;
    const char *currency; /* ISO 4217 */
    const char *tax_class;
    int64_t base_price_minor;
    size_t locale_count;
    const char *const *locales;
    size_t market_count;
    const struct cw_market *markets;
    size_t group_count;
    const struct cw_group *groups;
    size_t option_count;
    const struct cw_option *options;
    const uint32_t *options_by_id; /* options ordered by id; NULL: look through all */
    size_t rule_count;
    const struct cw_rule *rules;
    size_t overlay_count;
    const struct cw_overlay *overlays;
    size_t test_count;
    const struct cw_product_test *tests;
    size_t price_rule_count;
    const struct cw_price_rule *price_rules;
    size_t quantity_break_count;
    const struct cw_quantity_break *quantity_breaks;
    struct cw_lead_time lead_time;
    size_t colour_count;
    const struct cw_colour *colours;
    size_t material_count;
    const struct cw_material *materials;
    size_t font_count;
    const struct cw_font *fonts;
    size_t pattern_count;
    const struct cw_pattern *patterns;
    size_t surface_count;
    const struct cw_surface *surfaces;
    size_t pattern_use_count;
    const struct cw_pattern_use *pattern_uses;
    size_t part_count;
    const struct cw_part *parts;
    size_t view_count;
    const struct cw_view *views;
    size_t preset_count;
    const struct cw_preset *presets;
    struct cw_manufacturing manufacturing;
};
