/*
 * A UVL model as it is written: features, groups, attributes, constraints, each with its place.
 * Inside src/exchange only; everything lives in one arena.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "exchange/draft.h"
#include "exchange/names.h"

#define CW_UVL_DEPTH 200 /* nesting of features, parentheses and operators */

/* ---- tokens ---------------------------------------------------------------------------------- */

enum cw_uvl_kind {
    CW_UVL_END,
    CW_UVL_NEWLINE,
    CW_UVL_INDENT,
    CW_UVL_DEDENT,
    CW_UVL_NAME,   /* text is the name without quotes */
    CW_UVL_NUMBER, /* digits, with or without a fraction; a sign is an operator */
    CW_UVL_STRING, /* text is what stands between the quotes */
    CW_UVL_OPERATOR
};

struct cw_uvl_token {
    enum cw_uvl_kind kind;
    bool quoted; /* NAME */
    const char *text;
    struct cw_spot spot;
    size_t start, end; /* bytes of the source */
};

struct cw_uvl_tokens {
    struct cw_uvl_token *items; /* the last is END */
    size_t count, capacity;
};

/* Cut a text into tokens; false with a fault "uvl.token" or "uvl.indent". */
bool cw_uvl_lex(const char *text, size_t length, struct cw_arena *arena, struct cw_faults *faults,
                struct cw_uvl_tokens *ret);

/* ---- constraints ----------------------------------------------------------------------------- */

enum cw_uvl_op {
    CW_UVL_REFERENCE, /* name, member */
    CW_UVL_NOT,
    CW_UVL_AND, /* any number of parts, as have OR, ADD */
    CW_UVL_OR,
    CW_UVL_IMPLIES, /* two parts, as have all below but NEGATE and SUM … TEXT */
    CW_UVL_IFF,
    CW_UVL_LESS,
    CW_UVL_LESS_EQUAL,
    CW_UVL_EQUAL,
    CW_UVL_NOT_EQUAL,
    CW_UVL_GREATER_EQUAL,
    CW_UVL_GREATER,
    CW_UVL_ADD,
    CW_UVL_NEGATE, /* one part */
    CW_UVL_MULTIPLY,
    CW_UVL_DIVIDE,
    CW_UVL_LITERAL, /* name: the digits */
    CW_UVL_SUM,     /* name: the attribute; member: the feature it is summed below, or NULL */
    CW_UVL_AVERAGE,
    CW_UVL_TEXT /* a string, len, floor, ceil: what has no place in a product */
};

struct cw_uvl_expr {
    enum cw_uvl_op op;
    unsigned depth;
    struct cw_spot spot;
    const char *name, *member;
    struct cw_uvl_expr *parts, *next; /* first part; next part of the same whole */
};

struct cw_uvl_constraint {
    struct cw_uvl_expr *expr;
    const char *text; /* as written */
    struct cw_uvl_constraint *next;
};

/* ---- features -------------------------------------------------------------------------------- */

struct cw_uvl_attribute {
    const char *name;
    struct cw_spot spot;
    enum { CW_UVL_FLAG, CW_UVL_DIGITS, CW_UVL_OTHER } kind;
    const char *digits; /* DIGITS: with its sign */
    struct cw_uvl_attribute *next;
};

enum cw_uvl_type { CW_UVL_BOOLEAN, CW_UVL_INTEGER, CW_UVL_REAL, CW_UVL_STRING_TYPE };

/* What a feature, or each unit of its number, counts in the sum of a rule. */
struct cw_uvl_count {
    const char *name;
    int64_t factor;
    struct cw_uvl_count *next;
};

#define CW_UVL_MANY INT64_MAX

struct cw_uvl_range { /* [min..max]; max may be CW_UVL_MANY */
    int64_t min, max;
};

struct cw_uvl_feature {
    uint32_t number; /* in the order of the file */
    const char *name;
    struct cw_spot spot;
    enum cw_uvl_type type;
    bool counted;               /* has a cardinality of its own */
    struct cw_uvl_range copies; /* it */
    struct cw_uvl_attribute *attributes;
    struct cw_uvl_feature *parent; /* NULL: the root */
    struct cw_uvl_group *group;    /* it stands in; NULL: the root */
    struct cw_uvl_group *groups;   /* below it */
    struct cw_uvl_feature *next;   /* in its group */
    struct cw_uvl_feature *after;  /* in the file */
    /* what it became (uvl_import.c) */
    bool always;                /* every configuration has it: the root, and what it must have */
    const char *id, *condition; /* condition: JSON, true when it is there */
    const char *option_id;      /* of the flag, or of the choice option it is a choice of */
    const char *number_id;      /* INTEGER or counted: the number option, else NULL */
    struct cw_uvl_count *flag_counts, *number_counts; /* in sums, by name */
    bool min_given, max_given; /* by attributes: no constraint moves the steps */
    int64_t number_min, number_max, number_step;
};

enum cw_uvl_group_kind {
    CW_UVL_OPTIONAL,
    CW_UVL_MANDATORY,
    CW_UVL_SOME, /* or */
    CW_UVL_ONE,  /* alternative, [1..1] */
    CW_UVL_CARDINALITY
};

struct cw_uvl_group {
    enum cw_uvl_group_kind kind;
    struct cw_uvl_range range; /* CARDINALITY */
    struct cw_spot spot;
    size_t count;
    struct cw_uvl_feature *features;
    struct cw_uvl_group *next;
};

struct cw_uvl_model {
    struct cw_arena *arena;
    const char *name; /* namespace, or NULL */
    struct cw_uvl_feature *root;
    size_t feature_count;
    struct cw_names names; /* features by name, to `features` */
    struct cw_uvl_feature **features;
    struct cw_uvl_constraint *constraints; /* of features first, then of the section */
};

/* Parse; false with faults "uvl.*". */
bool cw_uvl_parse(const char *text, size_t length, struct cw_arena *arena, struct cw_faults *faults,
                  struct cw_uvl_model *ret);

/* ---- between the files of the parser --------------------------------------------------------- */

struct cw_uvl_parser {
    const char *text;
    struct cw_arena *arena;
    struct cw_faults *faults;
    const struct cw_uvl_token *at;
    unsigned depth;
    bool stopped; /* a fault of form was told: everything after it is guessing */
    struct cw_uvl_model *model;
    struct cw_uvl_feature **next_feature; /* where the next one of the file is linked */
    struct cw_uvl_constraint **next_constraint;
};

/* "expected WHAT, found …" at the token; always returns false. */
bool cw_uvl_expected(struct cw_uvl_parser *parser, const char *what);
bool cw_uvl_is(const struct cw_uvl_parser *parser, const char *op);        /* the operator */
bool cw_uvl_is_word(const struct cw_uvl_parser *parser, const char *word); /* the bare name */
bool cw_uvl_take(struct cw_uvl_parser *parser, const char *op); /* step over it if it is */
/* A name that is no reserved word, or quoted; NULL with a fault. */
const char *cw_uvl_take_name(struct cw_uvl_parser *parser, const char *what);

/* One constraint, as long as it goes; NULL with a fault. */
struct cw_uvl_expr *cw_uvl_parse_constraint(struct cw_uvl_parser *parser);
