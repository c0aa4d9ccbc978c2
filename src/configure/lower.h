/*
 * From a product to the model its rules are compiled from, and back from assignments to facts.
 *
 *   option    variables
 *   CHOICE    one; value c is choice c
 *   FLAG      one; 0 false, 1 true
 *   NUMBER    one; a value is a class: a run of steps that no rule tells apart
 *   TEXT      one; 0 absent, 1 present
 *   MULTI     one flag per choice (1: in the set), and the flag "is active" when it has activeIf
 *
 * An option with activeIf (not MULTI) has one more value, the last: inactive. Every price rule has
 * a flag that is 1 exactly when its condition holds, so that a price is a sum over values; every
 * MULTI one that is 1 exactly when it is active with another set than its default, so that
 * departures are. Warnings are not lowered.
 *
 * Options' variables come first, in product order, a MULTI's members in theirs: the first of two
 * assignments by values is the first in document order. All later variables (departures, price
 * flags, helpers) follow from these.
 */
#pragma once

#include "configure/configure.h"
#include "configure/facts.h"
#include "configure/rules/model.h"

enum cw_origin_kind {
    CW_ORIGIN_RULE,
    CW_ORIGIN_ONLY_IF,     /* of option's choice */
    CW_ORIGIN_ACTIVE_IF,   /* of option */
    CW_ORIGIN_REQUIRED_IF, /* of option; also plain "required" */
    CW_ORIGIN_DERIVE,      /* of option */
    CW_ORIGIN_STRUCTURE    /* multi's min and max, price flags, helpers: never an explanation by
                              itself; option may be CW_NONE */
};

struct cw_origin {
    enum cw_origin_kind kind;
    uint32_t rule, option, choice; /* CW_NONE where it does not apply */
};

struct cw_lowered_option {
    uint32_t var;         /* MULTI: of choice 0; choice c is var + c */
    uint32_t inactive;    /* value of var, or CW_NONE: always active (or MULTI) */
    uint32_t active_var;  /* MULTI with activeIf, else CW_NONE */
    uint32_t departs_var; /* MULTI, else CW_NONE */
    uint32_t class_count;
    const int64_t *class_first; /* NUMBER: number of the first step of each class, ascending;
                                   class_count + 1 entries, the last is past the end */
};

struct cw_lowered {
    const struct cw_product *product;
    struct cw_model *model;
    const struct cw_lowered_option *options; /* per option */
    const uint32_t *price_vars;              /* per price rule: its flag */
    uint32_t origin_count;
    const struct cw_origin *origins; /* a constraint's origin is an index here */
    const uint32_t *var_options; /* per variable: its option, or CW_NONE (departures, price flags,
                                    helpers) */
    /* Choices that circumstances may take away, document order: by market or date (and stock
     * item); by nothing but their stock item. */
    struct cw_limited {
        size_t count;
        const struct cw_choice_ref *items;
    } limited, stocked;
    int64_t price_span; /* one more than the largest difference of two unit prices */
    int64_t lead_span;  /* the same of lead days */
};

/**
 * Lower a product's options, rules and price rules.
 * @param product borrowed; must outlive the result
 * @units   none
 * @owner   arena
 * @errors  CW_E_LIMIT "configure.too_large" (options, rules, values, table rows),
 *          "configure.amounts_too_large" (changes × prices × days above 2^60)
 * @cost    O(document), plus table rows; deterministic: equal documents give equal model digests
 * @source  docs/explanation/rule-engine.md "Lowering"
 */
enum cw_status cw_lower(const struct cw_product *product, struct cw_arena *arena,
                        struct cw_lowered **ret_lowered, struct cw_error *err) CW_MUST_USE;

/* ---- masks ----------------------------------------------------------------------------------- */

/* Everything market, date, overlays and sold-out items leave; in the arena. */
uint64_t *cw_lowered_available(const struct cw_lowered *lowered,
                               const struct cw_configure_context *context, struct cw_arena *arena);

/* Does the pick fix anything? An empty text does not, nor an empty set where one is required. */
bool cw_lowered_counts(const struct cw_lowered *lowered, const struct cw_pick *pick);

/* Narrow `mask` to one pick: active with exactly this value. An empty text narrows nothing; an
 * empty optional multi means the empty set. May leave a variable without a value. */
void cw_lowered_pick(const struct cw_lowered *lowered, const struct cw_pick *pick, uint64_t *mask);

/* Copy the option's variables of `from` into `mask`: the pick taken back. */
void cw_lowered_free(const struct cw_lowered *lowered, uint32_t option, const uint64_t *from,
                     uint64_t *mask);

/* The value of var that stands for a choice of an option (MULTI: value 1 of the member's flag). */
struct cw_lowered_value {
    uint32_t var, value;
};
struct cw_lowered_value cw_lowered_choice(const struct cw_lowered *lowered, uint32_t option,
                                          uint32_t choice);

/* ---- costs: per value, to be added up -------------------------------------------------------- */

/* Departures from defaults, times price_span, plus the unit price: the order of "preferred" (ties:
 * document order). A picked option's departure is the same in every completion; a text's default is
 * what was picked. `quantity` does not matter: breaks are monotone. */
int64_t *cw_lowered_preference(const struct cw_lowered *lowered,
                               const struct cw_selection *selection, struct cw_arena *arena);
/* Unit price in minor units, lead days: plain sums, without the product's base price and days. */
int64_t *cw_lowered_prices(const struct cw_lowered *lowered, struct cw_arena *arena);
int64_t *cw_lowered_leads(const struct cw_lowered *lowered, struct cw_arena *arena);

/* ---- back ------------------------------------------------------------------------------------ */

/* Facts of a complete assignment. A number takes the pick's step, else the default's when it lies
 * in the class, else the first; a text the picked or default text, else "" while present. */
struct cw_fact *cw_lowered_facts(const struct cw_lowered *lowered, const uint32_t *values,
                                 const struct cw_selection *selection, struct cw_arena *arena);
