/*
 * Responsible for: what the circumstances leave of the rules: overlays, markets, today's date.
 * Does not: look at stock, which changes by the hour. Command line and publishing threads.
 */
#include "configure/diagnose_inside.h"

#include "base/bytes.h"
#include "base/clock.h"

/* ---- overlays and markets -------------------------------------------------------------------- */

static void tell_nothing_left(struct cw_diagnosing *d, const uint64_t *mask, const char *pointer,
                              const char *message) {
    struct cw_solve_core core;
    bool known = cw_diagnose_core(d, mask, &core);
    cw_diagnose_add(d, &(struct cw_finding){CW_FINDING_WARNING, "rules.nothing_left", pointer,
                                            message, known ? cw_diagnose_core_text(d, &core) : ""});
}

/* Choices an overlay does not name and nevertheless takes away. */
static void tell_swept(struct cw_diagnosing *d, uint32_t overlay, const uint64_t *mask,
                       const uint64_t *left) {
    CW_AUTO_BUF struct cw_buf names = {0};
    size_t count = 0;
    for (uint32_t o = 0; o < d->product->option_count; o++) {
        uint32_t choices = cw_diagnose_choice_count(&d->product->options[o]);
        for (uint32_t c = 0; c < choices; c++) {
            struct cw_lowered_value value = cw_diagnose_value(d, o, c);
            uint32_t base = d->model->word_bases[value.var];
            if (cw_set_has(d->possible + base, value.value) &&
                cw_set_has(mask + base, value.value) && !cw_set_has(left + base, value.value) &&
                count++ < 5) {
                cw_buf_printf(&names, "%s%s", names.length ? ", " : "",
                              cw_diagnose_choice_name(d, o, c));
            }
        }
    }
    if (count > 0) {
        const char *rest = count > 5 ? cw_arena_printf(d->arena, " and %zu more", count - 5) : "";
        cw_diagnose_add(d, &(struct cw_finding){
                               CW_FINDING_NOTE, "rules.dead_under_overlay",
                               cw_arena_printf(d->arena, "/overlays/%u", overlay),
                               cw_arena_printf(d->arena, "overlay '%s' also takes away %s%s",
                                               d->product->overlays[overlay].id, names.data, rest),
                               "the rules leave no configuration with them"});
    }
}

static void diagnose_overlay(struct cw_diagnosing *d, uint32_t overlay) {
    CW_AUTO_ARENA struct cw_arena *own = cw_arena_new();
    const char *id = d->product->overlays[overlay].id;
    struct cw_configure_context context = {.overlays = &id, .overlay_count = 1};
    uint64_t *mask = cw_lowered_available(d->lowered, &context, own);
    enum cw_verdict verdict = cw_diagnose_feasible(d, mask);
    if (verdict == CW_VERDICT_NO) {
        tell_nothing_left(d, mask, cw_arena_printf(d->arena, "/overlays/%u", overlay),
                          cw_arena_printf(d->arena, "overlay '%s' leaves no configuration", id));
    } else if (d->engine->diagram) {
        uint64_t *left = cw_arena_array(own, (size_t)d->model->word_count + 1, sizeof *left);
        struct cw_diagram_scope scope = {mask, mask};
        (void)cw_diagram_domains(d->engine->diagram, &scope, own, left);
        tell_swept(d, overlay, mask, left);
    }
}

void cw_diagnose_overlays(struct cw_diagnosing *d) {
    for (uint32_t i = 0; i < d->product->overlay_count; i++) {
        diagnose_overlay(d, i);
    }
    for (uint32_t i = 0; i < d->product->market_count; i++) {
        CW_AUTO_ARENA struct cw_arena *own = cw_arena_new();
        struct cw_configure_context context = {.market = d->product->markets[i].id};
        uint64_t *mask = cw_lowered_available(d->lowered, &context, own);
        if (cw_diagnose_feasible(d, mask) == CW_VERDICT_NO) {
            tell_nothing_left(d, mask, cw_arena_printf(d->arena, "/markets/%u", i),
                              cw_arena_printf(d->arena, "no configuration is left in market '%s'",
                                              context.market));
        }
    }
}

/* ---- dates ----------------------------------------------------------------------------------- */

static bool is_default(const struct cw_option *option, uint32_t choice) {
    return option->kind == CW_OPTION_MULTI ? option->default_multi >> choice & 1
                                           : option->default_choice == choice;
}

/* A choice whose last day is over is carried along for nothing; as a default it is a mistake. */
static void tell_expired(struct cw_diagnosing *d, uint32_t option, uint32_t choice) {
    const struct cw_option *o = &d->product->options[option];
    bool warn = is_default(o, choice);
    cw_diagnose_add(
        d, &(struct cw_finding){
               warn ? CW_FINDING_WARNING : CW_FINDING_NOTE, "rules.expired_choice",
               cw_arena_printf(d->arena, "/options/%u/choices/%u/until", option, choice),
               cw_arena_printf(d->arena, "%s could be had until %s%s",
                               cw_diagnose_choice_name(d, option, choice),
                               o->choices[choice].until_date, warn ? " and is the default" : ""),
               warn ? "choose another default, or a later date" : "take it out, or move the date"});
}

void cw_diagnose_dates(struct cw_diagnosing *d) {
    if (d->request->today_days == 0) {
        return;
    }
    for (uint32_t o = 0; o < d->product->option_count; o++) {
        const struct cw_option *option = &d->product->options[o];
        for (uint32_t c = 0; c < option->choice_count; c++) {
            const char *until = option->choices[c].until_date;
            if (until && *until && cw_date_days(until) < d->request->today_days) {
                tell_expired(d, o, c);
            }
        }
    }
    CW_AUTO_ARENA struct cw_arena *own = cw_arena_new();
    struct cw_configure_context context = {.now_ms = d->request->today_days * CW_DAY_MS};
    uint64_t *mask = cw_lowered_available(d->lowered, &context, own);
    if (cw_diagnose_feasible(d, mask) == CW_VERDICT_NO) {
        tell_nothing_left(d, mask, "/options", "no configuration can be had on today's date");
    }
}
