/* What the configure step answers to a selection; the API writes it as JSON. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cordwain/selection.h"

enum cw_choice_state {
    CW_CHOICE_SELECTED,   /* the shopper picked it */
    CW_CHOICE_FORCED,     /* the rules leave nothing else */
    CW_CHOICE_POSSIBLE,   /* can still be picked and completed */
    CW_CHOICE_IMPOSSIBLE, /* conflicts with picks: see reason */
    CW_CHOICE_UNAVAILABLE /* not in this market or on this date */
};

struct cw_choice_answer {
    enum cw_choice_state state;
    int64_t delta_minor;  /* price difference to the current total if picked instead of the current
                             value */
    uint32_t reason_rule; /* IMPOSSIBLE: index of the rule, or CW_NONE */
    uint32_t reason_option; /* IMPOSSIBLE: the pick it conflicts with, or CW_NONE */
    bool only_if;           /* IMPOSSIBLE because of the choice's own onlyIf */
};

/* A flag has two choice answers (false, true); number and text options have none. */
struct cw_option_answer {
    bool active;
    bool required;
    bool known;  /* `value` holds the picked or, else, the completed value */
    bool picked; /* the shopper set it */
    struct cw_value value;
    size_t choice_count;
    const struct cw_choice_answer *choices;
};

enum cw_severity { CW_SEVERITY_ERROR, CW_SEVERITY_WARNING };

struct cw_issue {
    enum cw_severity severity;
    const char
        *code; /* stable: "rule", "option.required", "text.too_long", "text.glyph_missing" … */
    const char *pointer; /* into the request: "/selections/heel_text" */
    uint32_t option;     /* or CW_NONE */
    uint32_t rule;       /* index or CW_NONE */
    const char *message; /* in the asked language */
};

struct cw_price_line {
    const char *kind;  /* "base", "choice", "text", "flag", "rule", "quantity" */
    const char *id;    /* option id, rule id, "" */
    const char *title; /* in the asked language */
    int64_t amount_minor;
};

struct cw_price {
    const char *currency;
    size_t line_count;
    const struct cw_price_line *lines;
    int64_t unit_minor;
    uint32_t quantity;
    int64_t total_minor;
};

struct cw_lead {
    int32_t working_days;
    char ship_by[12]; /* ISO date, "" when no clock was given */
};

struct cw_answer {
    bool consistent; /* the picks extend to a complete configuration */
    bool complete;   /* every active required option is picked or has a default, texts fit, and no
                        rule is broken */
    bool exact;      /* false: the search budget ran out and "possible" is an upper bound */
    size_t issue_count;
    const struct cw_issue *issues;
    size_t option_count; /* product order */
    const struct cw_option_answer *options;
    struct cw_price price; /* of the completion */
    struct cw_lead lead;
    struct cw_selection
        completion; /* picks plus preferred values for the rest; empty when inconsistent */
};
