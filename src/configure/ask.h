/*
 * What can be asked of a product besides cw_configure: conflicts, repairs, completions by wish,
 * counts, samples, ranges, goals. All pure; any thread; results in the arena. On the SAT tier what
 * cannot be answered exactly says so: CW_E_LIMIT "configure.not_exact", never a guess.
 */
#pragma once

#include "configure/configure.h"

/* ---- why not --------------------------------------------------------------------------------- */

struct cw_conflict {
    size_t pick_count;
    const uint32_t *picks; /* options whose picks conflict, product order; none: the product itself
                              has nothing here and now */
    size_t cause_count;
    const struct cw_cause {
        uint32_t rule;           /* CW_NONE: one of the following */
        uint32_t option, choice; /* choice given: its onlyIf; else the option's activeIf,
                                    requiredIf or derive */
        const char *message;     /* in the context's language */
    } * causes;
    bool minimal; /* leaving out any pick, or any cause, ends the conflict */
};

/* A minimal set of picks that cannot stand together, and a minimal set of rules that makes it so.
 * CW_E_CONFLICT "configure.consistent" when there is no conflict. */
enum cw_status cw_conflict_find(const struct cw_engine *engine,
                                const struct cw_selection *selection,
                                const struct cw_configure_context *context, struct cw_arena *arena,
                                struct cw_conflict *ret, struct cw_error *err) CW_MUST_USE;

/* ---- repairs --------------------------------------------------------------------------------- */

struct cw_change {
    uint32_t option;
    struct cw_value from;
    bool dropped; /* the option is no longer there (inactive), or the text is left empty */
    struct cw_value to;
};

struct cw_repair {
    size_t change_count;
    const struct cw_change *changes;
    struct cw_selection selection; /* the picks after it; consistent */
    int64_t total_minor;           /* of its preferred completion, in the context's quantity */
    int32_t working_days;
};

struct cw_repair_request {
    size_t limit; /* at most CW_REPAIRS */
    size_t keep_count;
    const uint32_t
        *keep; /* options whose picks must stay as they are: what the shopper just chose */
};

/**
 * The `limit` cheapest repairs: fewest changed picks, then the least unit price, then the fewest
 * lead days, then document order. Repairs differ in the set of options they change; each is the
 * best for its set. A set that contains another repair's set is no repair of its own.
 * Fewer than `limit` when there are no more, or when finding more takes more than
 * CW_REPAIR_WORK_BYTES: those found are the cheapest all the same.
 * @errors  CW_E_CONFLICT "configure.void" when no configuration is left with the kept picks alone;
 *          CW_E_LIMIT "configure.not_exact" when not even the first is found within that work
 * @cost    limit × picks diagram passes
 * @source  Amilhastre, Fargier, Marquis 2002 (restorations); Lawler 1972
 */
enum cw_status cw_repairs_find(const struct cw_engine *engine, const struct cw_selection *selection,
                               const struct cw_configure_context *context,
                               const struct cw_repair_request *request, struct cw_arena *arena,
                               struct cw_repair **ret_repairs, size_t *ret_count,
                               struct cw_error *err) CW_MUST_USE;

/* ---- completions ----------------------------------------------------------------------------- */

enum cw_wish {
    CW_WISH_DEFAULT,  /* as cw_complete */
    CW_WISH_CHEAPEST, /* least unit price, then fewest departures */
    CW_WISH_QUICKEST  /* fewest lead days, then least price, then fewest departures */
};

/* Errors of cw_complete. */
enum cw_status cw_complete_by(const struct cw_engine *engine, const struct cw_selection *selection,
                              const struct cw_configure_context *context, enum cw_wish wish,
                              struct cw_arena *arena, struct cw_selection *ret,
                              struct cw_error *err) CW_MUST_USE;

/* ---- how many, between what ------------------------------------------------------------------ */

/* Exactly how many configurations contain the picks: values of all active options, sets of multis,
 * steps of numbers; a text counts as present or absent. Decimal. */
enum cw_status cw_count(const struct cw_engine *engine, const struct cw_selection *selection,
                        const struct cw_configure_context *context, struct cw_arena *arena,
                        const char **ret_decimal, struct cw_error *err) CW_MUST_USE;

/* The least and the greatest total of a configuration with these picks. CW_E_CONFLICT
 * "configure.inconsistent". */
struct cw_price_range {
    int64_t min_minor, max_minor;
};
enum cw_status cw_price_range(const struct cw_engine *engine, const struct cw_selection *selection,
                              const struct cw_configure_context *context, struct cw_arena *arena,
                              struct cw_price_range *ret, struct cw_error *err) CW_MUST_USE;

/* ---- examples -------------------------------------------------------------------------------- */

/* Uniform random configurations with the picks: equal seeds give equal ones. Numbers within a class
 * are drawn too; a text is absent, or what was picked, the default text, or an example.
 * CW_E_CONFLICT "configure.inconsistent"; CW_E_LIMIT "configure.no_example_text": a text must be
 * there and none of its form was found. */
struct cw_sample_request {
    uint64_t seed;
    uint32_t count; /* at most CW_SAMPLES */
    bool diverse;   /* pick `count` that differ from each other: farthest-first by the number of
                       options that differ (Gonzalez 1985), among CW_DIVERSE_POOL draws */
};
enum cw_status cw_sample(const struct cw_engine *engine, const struct cw_selection *selection,
                         const struct cw_configure_context *context,
                         const struct cw_sample_request *request, struct cw_arena *arena,
                         struct cw_selection **ret_selections, struct cw_error *err) CW_MUST_USE;

/* ---- goals ----------------------------------------------------------------------------------- */

/*
 * "With at most `picks` more picks, within this price and by this day, as much as possible of what
 * I would like." Of all configurations that keep the selection, cost at most max_minor and take at
 * most max_days, and differ from the default completion in at most `picks` options: the one with
 * the fewest unmet preferences, then the fewest such differences, then the least price.
 */
struct cw_goal {
    int64_t max_minor; /* total in the context's quantity; INT64_MAX: any */
    int32_t max_days;  /* working days; INT32_MAX: any */
    uint32_t picks;
    struct cw_selection prefer; /* options outside `selection` */
};
struct cw_goal_answer {
    struct cw_selection picks;      /* what to pick besides the selection; at most goal->picks */
    struct cw_selection completion; /* the whole configuration */
    size_t unmet_count;
    const uint32_t *unmet; /* options of `prefer` it does not have */
    int64_t total_minor;
    int32_t working_days;
    bool exact; /* false: the best found; labels had to be dropped */
};
/* CW_E_CONFLICT "configure.goal_unreachable": no configuration meets the bounds. */
enum cw_status cw_goal_find(const struct cw_engine *engine, const struct cw_selection *selection,
                            const struct cw_configure_context *context, const struct cw_goal *goal,
                            struct cw_arena *arena, struct cw_goal_answer *ret,
                            struct cw_error *err) CW_MUST_USE;

/* Working days between now and a ship-by date: the max_days of a goal; -1 when it is in the past.
 */
int32_t cw_goal_days(const struct cw_product *product, const char *ship_by, int64_t now_ms);
