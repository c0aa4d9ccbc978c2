/*
 * Responsible for: the questions of a configure request besides the click (conflicts, repairs,
 * completions, counts, samples, goals): reading them, putting them, writing the answers.
 * Does not: answer them (configure step). Server process, loop thread; command line.
 */
#include <string.h>

#include "api/answer.h"
#include "api/context.h"
#include "configure/value.h"

static const char *const wish_names[] = {"default", "cheapest", "quickest"};

/* ---- reading --------------------------------------------------------------------------------- */

static void read_keep(const json_t *keep, const struct cw_product *product, struct cw_arena *arena,
                      struct api_ask *ask, struct cw_faults *faults) {
    uint32_t *options = cw_arena_array(arena, json_array_size(keep) + 1, sizeof *options);
    size_t i;
    const json_t *item;
    json_array_foreach(keep, i, item) {
        options[i] = cw_option_find(product, json_string_value(item));
        if (options[i] == CW_NONE) {
            cw_fault_add(faults, "ask.unknown_option", cw_arena_printf(arena, "/ask/keep/%zu", i),
                         "this product has no option '%s'", json_string_value(item));
        }
    }
    ask->repairs.keep = options;
    ask->repairs.keep_count = json_array_size(keep);
}

static void read_wishes(const json_t *names, struct api_ask *ask) {
    size_t i;
    const json_t *item;
    json_array_foreach(names, i, item) {
        for (int wish = CW_WISH_DEFAULT; wish <= CW_WISH_QUICKEST; wish++) {
            ask->wishes[wish] |= strcmp(json_string_value(item), wish_names[wish]) == 0;
        }
    }
}

static void read_sample(const json_t *sample, struct api_ask *ask) {
    const json_t *seed = json_object_get(sample, "seed");
    ask->sample.count = (uint32_t)json_integer_value(json_object_get(sample, "count"));
    ask->sample.seed = seed ? (uint64_t)json_integer_value(seed) : 1;
    ask->sample.diverse = json_is_true(json_object_get(sample, "diverse"));
}

struct reading {
    const struct cw_product *product;
    int64_t now_ms;
    struct cw_arena *arena;
    struct cw_faults *faults;
};

static void read_goal(const struct reading *r, const json_t *goal, struct api_ask *ask) {
    const json_t *max_price = json_object_get(goal, "maxPrice"),
                 *picks = json_object_get(goal, "picks"), *prefer = json_object_get(goal, "prefer");
    const char *ship_by = json_string_value(json_object_get(goal, "shipBy"));
    ask->has_goal = true;
    ask->goal = (struct cw_goal){.max_minor = max_price ? json_integer_value(max_price) : INT64_MAX,
                                 .max_days = INT32_MAX,
                                 .picks = picks ? (uint32_t)json_integer_value(picks) : 3};
    if (ship_by) {
        ask->goal.max_days = cw_goal_days(r->product, ship_by, r->now_ms);
        if (ask->goal.max_days < 0) {
            cw_fault_add(r->faults, "ask.ship_by", "/ask/goal/shipBy",
                         "'%s' is no date from today on (YYYY-MM-DD)", ship_by);
        }
    }
    if (prefer && cw_selection_decode(r->product, prefer, "/ask/goal/prefer", r->arena,
                                      &ask->goal.prefer, r->faults) != CW_OK) {
        ask->goal.prefer.count = 0; /* the faults are told */
    }
}

enum cw_status api_ask_read(const json_t *json, const struct cw_product *product, int64_t now_ms,
                            struct cw_arena *arena, struct api_ask *ask, struct cw_faults *faults) {
    const struct reading reading = {product, now_ms, arena, faults};
    const json_t *repairs = json_object_get(json, "repairs"), *goal = json_object_get(json, "goal");
    if (repairs) {
        ask->repairs.limit = (size_t)json_integer_value(repairs);
    }
    read_keep(json_object_get(json, "keep"), product, arena, ask, faults);
    read_wishes(json_object_get(json, "completions"), ask);
    read_sample(json_object_get(json, "sample"), ask);
    if (goal) {
        read_goal(&reading, goal, ask);
    }
    return faults->count > 0 ? CW_E_INPUT : CW_OK;
}

/* ---- putting --------------------------------------------------------------------------------- */

/* Is there an answer? What cannot be said exactly is noted. */
static bool answered(enum cw_status status, const char *member, struct api_asked *ret) {
    if (status == CW_E_LIMIT && ret->inexact_count < sizeof ret->inexact / sizeof *ret->inexact) {
        ret->inexact[ret->inexact_count++] = member;
    }
    return status == CW_OK;
}

static bool is_fatal(enum cw_status status) {
    return status != CW_OK && status != CW_E_LIMIT && status != CW_E_CONFLICT;
}

/* With picks that conflict there is nothing to complete, to draw or to reach. */
static void note_unanswered(const struct api_ask *ask, struct api_asked *ret) {
    static const char *const members[] = {"completions.default", "completions.cheapest",
                                          "completions.quickest"};
    for (int wish = CW_WISH_DEFAULT; wish <= CW_WISH_QUICKEST; wish++) {
        if (ask->wishes[wish]) {
            ret->unanswered[ret->unanswered_count++] = members[wish];
        }
    }
    if (ask->sample.count > 0) {
        ret->unanswered[ret->unanswered_count++] = "samples";
    }
    if (ask->has_goal) {
        ret->unanswered[ret->unanswered_count++] = "goal";
    }
}

static enum cw_status run_conflict(const struct api_click *q, struct cw_arena *arena,
                                   struct api_asked *ret, struct cw_error *err) {
    struct cw_error none = {0};
    enum cw_status status =
        cw_conflict_find(q->engine, q->selection, q->context, arena, &ret->conflict, &none);
    ret->has_conflict = answered(status, "conflict", ret);
    if (!is_fatal(status) && q->ask->repairs.limit > 0) {
        none = (struct cw_error){0};
        status = cw_repairs_find(q->engine, q->selection, q->context, &q->ask->repairs, arena,
                                 &ret->repairs, &ret->repair_count, &none);
        if (!answered(status, "repairs", ret)) {
            ret->repair_count = 0;
        }
    }
    return is_fatal(status) ? *err = none, status : CW_OK;
}

static enum cw_status run_wish(const struct api_click *q, enum cw_wish wish, struct cw_arena *arena,
                               struct api_asked *ret, struct cw_error *err) {
    static const char *const members[] = {"completions.default", "completions.cheapest",
                                          "completions.quickest"};
    struct api_shown_completion *shown = &ret->wishes[wish];
    struct cw_error none = {0};
    enum cw_status status =
        cw_complete_by(q->engine, q->selection, q->context, wish, arena, &shown->selection, &none);
    ret->has_wish[wish] = answered(status, members[wish], ret);
    if (ret->has_wish[wish]) {
        const struct cw_product *product = cw_engine_product(q->engine);
        cw_price(product, &shown->selection, q->context, arena, &shown->price);
        cw_lead(product, &shown->selection, q->context->now_ms, &shown->lead);
    }
    return is_fatal(status) ? *err = none, status : CW_OK;
}

static enum cw_status run_numbers(const struct api_click *q, struct cw_arena *arena,
                                  struct api_asked *ret, struct cw_error *err) {
    struct cw_error none = {0};
    enum cw_status status =
        cw_count(q->engine, q->selection, q->context, arena, &ret->configurations, &none);
    if (!answered(status, "configurations", ret)) {
        ret->configurations = NULL;
    }
    if (!is_fatal(status)) {
        none = (struct cw_error){0};
        status = cw_price_range(q->engine, q->selection, q->context, arena, &ret->range, &none);
        ret->has_range = answered(status, "priceRange", ret);
    }
    return is_fatal(status) ? *err = none, status : CW_OK;
}

static enum cw_status run_examples(const struct api_click *q, struct cw_arena *arena,
                                   struct api_asked *ret, struct cw_error *err) {
    struct cw_error none = {0};
    enum cw_status status = CW_OK;
    if (q->ask->sample.count > 0) {
        status = cw_sample(q->engine, q->selection, q->context, &q->ask->sample, arena,
                           &ret->samples, &none);
        ret->sample_count = answered(status, "samples", ret) ? q->ask->sample.count : 0;
    }
    if (!is_fatal(status) && q->ask->has_goal) {
        none = (struct cw_error){0};
        status = cw_goal_find(q->engine, q->selection, q->context, &q->ask->goal, arena, &ret->goal,
                              &none);
        ret->goal_reached = answered(status, "goal", ret);
        ret->has_goal = ret->goal_reached || status == CW_E_CONFLICT;
    }
    return is_fatal(status) ? *err = none, status : CW_OK;
}

enum cw_status api_ask_run(const struct api_click *click, bool consistent, struct cw_arena *arena,
                           struct api_asked *ret, struct cw_error *err) {
    *ret = (struct api_asked){0};
    if (!consistent) {
        note_unanswered(click->ask, ret);
        return run_conflict(click, arena, ret, err);
    }
    if (cw_engine_about(click->engine).tier != CW_TIER_COMPILED) {
        ret->inexact[ret->inexact_count++] = "completion"; /* a good one, maybe not the preferred */
    }
    enum cw_status status = run_numbers(click, arena, ret, err);
    for (int wish = CW_WISH_DEFAULT; status == CW_OK && wish <= CW_WISH_QUICKEST; wish++) {
        if (click->ask->wishes[wish]) {
            status = run_wish(click, (enum cw_wish)wish, arena, ret, err);
        }
    }
    return status == CW_OK ? run_examples(click, arena, ret, err) : status;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void write_conflict(struct cw_json_writer *w, const struct cw_product *product,
                           const struct cw_conflict *conflict) {
    cw_jw_begin(w, "conflict", '{');
    cw_jw_begin(w, "picks", '[');
    for (size_t i = 0; i < conflict->pick_count; i++) {
        cw_jw_str(w, NULL, product->options[conflict->picks[i]].id);
    }
    cw_jw_end(w, ']');
    cw_jw_begin(w, "causes", '[');
    for (size_t i = 0; i < conflict->cause_count; i++) {
        const struct cw_cause *cause = &conflict->causes[i];
        cw_jw_begin(w, NULL, '{');
        if (cause->rule != CW_NONE) {
            cw_jw_str(w, "rule", product->rules[cause->rule].id);
        } else {
            cw_jw_str(w, "option", product->options[cause->option].id);
            if (cause->choice != CW_NONE) {
                cw_jw_str(w, "choice", product->options[cause->option].choices[cause->choice].id);
            }
        }
        cw_jw_str(w, "message", cause->message);
        cw_jw_end(w, '}');
    }
    cw_jw_end(w, ']');
    cw_jw_bool(w, "minimal", conflict->minimal);
    cw_jw_end(w, '}');
}

static void write_repair(struct cw_json_writer *w, const struct cw_product *product,
                         const struct cw_repair *repair) {
    cw_jw_begin(w, NULL, '{');
    cw_jw_begin(w, "changes", '[');
    for (size_t i = 0; i < repair->change_count; i++) {
        const struct cw_change *change = &repair->changes[i];
        cw_jw_begin(w, NULL, '{');
        cw_jw_str(w, "option", product->options[change->option].id);
        api_write_value(w, "from", product, change->option, &change->from);
        if (!change->dropped) {
            api_write_value(w, "to", product, change->option, &change->to);
        }
        cw_jw_end(w, '}');
    }
    cw_jw_end(w, ']');
    api_write_selection(w, "selections", product, &repair->selection);
    cw_jw_int(w, "total", repair->total_minor);
    cw_jw_int(w, "workingDays", repair->working_days);
    cw_jw_end(w, '}');
}

static void write_wishes(struct cw_json_writer *w, const struct cw_product *product,
                         const struct api_asked *asked) {
    bool any = false;
    for (int wish = CW_WISH_DEFAULT; wish <= CW_WISH_QUICKEST; wish++) {
        if (!asked->has_wish[wish]) {
            continue;
        }
        if (!any) {
            cw_jw_begin(w, "completions", '{');
        }
        any = true;
        cw_jw_begin(w, wish_names[wish], '{');
        api_write_selection(w, "selections", product, &asked->wishes[wish].selection);
        api_write_price(w, &asked->wishes[wish].price);
        api_write_lead(w, &asked->wishes[wish].lead);
        cw_jw_end(w, '}');
    }
    if (any) {
        cw_jw_end(w, '}');
    }
}

static void write_goal(struct cw_json_writer *w, const struct cw_product *product,
                       const struct api_asked *asked) {
    const struct cw_goal_answer *goal = &asked->goal;
    cw_jw_begin(w, "goal", '{');
    cw_jw_bool(w, "reached", asked->goal_reached);
    if (asked->goal_reached) {
        cw_jw_bool(w, "exact", goal->exact);
        api_write_selection(w, "picks", product, &goal->picks);
        api_write_selection(w, "completion", product, &goal->completion);
        cw_jw_begin(w, "unmet", '[');
        for (size_t i = 0; i < goal->unmet_count; i++) {
            cw_jw_str(w, NULL, product->options[goal->unmet[i]].id);
        }
        cw_jw_end(w, ']');
        cw_jw_int(w, "total", goal->total_minor);
        cw_jw_int(w, "workingDays", goal->working_days);
    }
    cw_jw_end(w, '}');
}

static void write_samples(struct cw_json_writer *w, const struct cw_product *product,
                          const struct api_asked *asked) {
    cw_jw_begin(w, "samples", '[');
    for (uint32_t i = 0; i < asked->sample_count; i++) {
        api_write_selection(w, NULL, product, &asked->samples[i]);
    }
    cw_jw_end(w, ']');
}

static void write_members(struct cw_json_writer *w, const char *name, const char *const *members,
                          size_t count) {
    if (count > 0) {
        cw_jw_begin(w, name, '[');
        for (size_t i = 0; i < count; i++) {
            cw_jw_str(w, NULL, members[i]);
        }
        cw_jw_end(w, ']');
    }
}

void api_write_asked(struct cw_json_writer *w, const struct cw_product *product,
                     const struct api_asked *asked) {
    if (asked->has_conflict) {
        write_conflict(w, product, &asked->conflict);
    }
    if (asked->repair_count > 0) {
        cw_jw_begin(w, "repairs", '[');
        for (size_t i = 0; i < asked->repair_count; i++) {
            write_repair(w, product, &asked->repairs[i]);
        }
        cw_jw_end(w, ']');
    }
    if (asked->configurations) {
        cw_jw_str(w, "configurations", asked->configurations);
    }
    if (asked->has_range) {
        cw_jw_begin(w, "priceRange", '{');
        cw_jw_int(w, "min", asked->range.min_minor);
        cw_jw_int(w, "max", asked->range.max_minor);
        cw_jw_end(w, '}');
    }
    write_wishes(w, product, asked);
    if (asked->sample_count > 0) {
        write_samples(w, product, asked);
    }
    if (asked->has_goal) {
        write_goal(w, product, asked);
    }
    write_members(w, "notExact", asked->inexact, asked->inexact_count);
    write_members(w, "notAnswered", asked->unanswered, asked->unanswered_count);
}
