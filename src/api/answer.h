/* The configure answer as JSON: the API and `cordwain configure` write the same. */
#pragma once

#include <jansson.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/json_write.h"
#include "configure/ask.h"

/* What is asked besides the click itself: the "ask" member, or the command line's options. */
struct api_ask {
    struct cw_repair_request repairs;
    bool wishes[CW_WISH_QUICKEST + 1]; /* completions to show */
    struct cw_sample_request sample;   /* count 0: none */
    bool has_goal;
    struct cw_goal goal;
};

/* Three repairs, nothing else. */
#define API_ASK_DEFAULT                                                                            \
    {                                                                                              \
        .repairs = {.limit = 3 }                                                                   \
    }

/* One completion, with what it costs and when it ships. */
struct api_shown_completion {
    struct cw_selection selection;
    struct cw_price price;
    struct cw_lead lead;
};

/* The answers; what is not there is marked by its flag or NULL. All in the arena. */
struct api_asked {
    bool has_conflict;
    struct cw_conflict conflict;
    size_t repair_count;
    struct cw_repair *repairs;
    bool has_wish[CW_WISH_QUICKEST + 1];
    struct api_shown_completion wishes[CW_WISH_QUICKEST + 1];
    const char *configurations; /* decimal */
    bool has_range;
    struct cw_price_range range;
    uint32_t sample_count;
    struct cw_selection *samples;
    bool has_goal, goal_reached;
    struct cw_goal_answer goal;
    size_t inexact_count; /* members left out because the SAT tier cannot say them exactly */
    const char *inexact[12];
    size_t unanswered_count; /* members asked for in vain: the picks conflict */
    const char *unanswered[5];
};

struct api_click { /* all borrowed */
    const struct cw_engine *engine;
    const struct cw_selection *selection;
    const struct cw_configure_context *context; /* with locale; texts that do not fit are left out
                                                   of the pictures */
    const struct api_ask *ask;
    const struct cw_resolved *resolved; /* lenient: for the alt text */
    const char *name;                   /* of the answer; NULL: not told */
    const uint64_t *since; /* marks of the answer that the client has: what is the same is left out;
                              NULL: all is told */
    const uint64_t **ret_marks; /* where this answer's go, in the arena; NULL: not wanted */
};

/* Answers a click and all that is asked with it: appends the object of docs/reference/api.md
 * "Products". Errors are those of cw_configure; scratch in the arena. */
enum cw_status api_answer_click(const struct api_click *click, struct cw_arena *arena,
                                struct cw_buf *buf, struct cw_error *err) CW_MUST_USE;

/* ---- ask.c ----------------------------------------------------------------------------------- */

/**
 * Read the "ask" member, which fits the request's schema; `ask` keeps its defaults where nothing is
 * said.
 * @param json    the member, or NULL; borrowed
 * @param now_ms  [ms since 1970 UTC] for shipBy
 * @errors  CW_E_INPUT with faults below /ask: those of cw_selection_decode, "ask.unknown_option",
 *          "ask.ship_by"
 */
enum cw_status api_ask_read(const json_t *json, const struct cw_product *product, int64_t now_ms,
                            struct cw_arena *arena, struct api_ask *ask,
                            struct cw_faults *faults) CW_MUST_USE;

/* Put the questions; `consistent` is what cw_configure said. CW_E_BUG of the engine only: what is
 * unreachable or not exact is an answer. */
enum cw_status api_ask_run(const struct api_click *click, bool consistent, struct cw_arena *arena,
                           struct api_asked *ret, struct cw_error *err) CW_MUST_USE;

/* The members of the answer. */
void api_write_asked(struct cw_json_writer *w, const struct cw_product *product,
                     const struct api_asked *asked);

/* ---- answer_options.c ------------------------------------------------------------------------ */

/* An answer's marks: a number for each option and each choice that is shown, in document order.
 * Equal numbers say the same, in one language. */
size_t api_marks_count(const struct cw_product *product);

/* "options" and "reasons". */
void api_write_options(struct cw_json_writer *w, const struct api_click *click,
                       const struct cw_answer *answer, struct cw_arena *arena);
