/*
 * Responsible for: selections the document itself contains: its defaults, its presets and the
 * designers' own tests. Does not: look at rules one by one (diagnose_rules.c). Command line and
 * publishing threads.
 */
#include "configure/diagnose_inside.h"

#include <string.h>

#include "base/bytes.h"
#include "configure/ask.h"
#include "configure/value.h"

static enum cw_status configure(struct cw_diagnosing *d, const struct cw_selection *selection,
                                struct cw_configure_context *context, struct cw_answer *ret,
                                struct cw_error *err) {
    enum cw_status status = cw_diagnose_solve(d, selection, context, err);
    return status == CW_OK ? cw_configure(d->engine, selection, context, d->arena, ret, err)
                           : status;
}

static bool is_same(const struct cw_option *option, const struct cw_value *a,
                    const struct cw_value *b) {
    switch (option->kind) {
    case CW_OPTION_CHOICE:
    case CW_OPTION_FLAG:
        return a->choice == b->choice;
    case CW_OPTION_MULTI:
        return a->multi == b->multi;
    case CW_OPTION_NUMBER:
        return a->number == b->number;
    case CW_OPTION_TEXT:
        return strcmp(a->text, b->text) == 0;
    }
    return false;
}

/* As it would be written in a selection. */
static const char *value_text(struct cw_diagnosing *d, uint32_t option,
                              const struct cw_value *value) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    const struct cw_option *o = &d->product->options[option];
    if (o->derive) { /* no part of selections */
        cw_buf_json(&buf, o->choices[value->choice].id);
        return cw_arena_strndup(d->arena, buf.data, buf.length);
    }
    struct cw_pick pick = {option, *value};
    struct cw_selection one = {1, &pick};
    cw_selection_encode(d->product, &one, &buf);
    const char *colon = strchr(buf.data, ':');
    return cw_arena_strndup(d->arena, colon + 1, (size_t)(buf.data + buf.length - 1 - colon - 1));
}

/* ---- defaults -------------------------------------------------------------------------------- */

/* Configurations with the option at its default: CW_VERDICT_NO when there is none. */
static enum cw_verdict reach_default(struct cw_diagnosing *d, uint32_t option,
                                     const struct cw_value *value) {
    uint64_t *mask = cw_diagnose_mask(d);
    struct cw_pick pick = {option, *value};
    cw_lowered_pick(d->lowered, &pick, mask);
    return cw_diagnose_feasible(d, mask);
}

/* Why the option cannot have its default at all, or not beside those the others have when nothing
 * is picked. */
static const char *default_reason(struct cw_diagnosing *d, uint32_t option,
                                  const struct cw_answer *others) {
    uint64_t *mask = cw_diagnose_mask(d);
    struct cw_solve_core core;
    for (uint32_t i = 0; i < d->product->option_count; i++) {
        const struct cw_option *o = &d->product->options[i];
        struct cw_pick pick = {i, cw_option_default(o)};
        bool has_it = others && others->options[i].active && others->options[i].known &&
                      !o->derive && is_same(o, &others->options[i].value, &pick.value);
        if (i == option || has_it) {
            cw_lowered_pick(d->lowered, &pick, mask);
        }
    }
    bool known = cw_diagnose_core(d, mask, &core) && core.count > 0;
    const char *reason = known ? cw_diagnose_core_text(d, &core) : "";
    return others ? cw_arena_printf(d->arena, "the defaults cannot all stand together%s%s",
                                    known ? ", " : "", reason)
                  : reason;
}

static void tell_default(struct cw_diagnosing *d, uint32_t option, const struct cw_answer *answer) {
    const struct cw_option *o = &d->product->options[option];
    struct cw_value wanted = cw_option_default(o);
    bool never = reach_default(d, option, &wanted) == CW_VERDICT_NO;
    const char *text = value_text(d, option, &wanted);
    const char *message =
        never
            ? cw_arena_printf(d->arena, "no configuration has '%s' at its default %s", o->id, text)
            : cw_arena_printf(d->arena, "with nothing picked '%s' is %s, not its default %s", o->id,
                              value_text(d, option, &answer->options[option].value), text);
    cw_diagnose_add(
        d, &(struct cw_finding){CW_FINDING_WARNING, "rules.unreachable_default",
                                cw_arena_printf(d->arena, "/options/%u/default", option), message,
                                default_reason(d, option, never ? NULL : answer)});
}

static bool is_forced_flag(const struct cw_diagnosing *d, uint32_t option) {
    return d->possible && d->product->options[option].kind == CW_OPTION_FLAG &&
           cw_diagnose_is_only(d, cw_diagnose_value(d, option, 1));
}

enum cw_status cw_diagnose_defaults(struct cw_diagnosing *d, struct cw_error *err) {
    const struct cw_selection none = {0};
    struct cw_configure_context context = {0};
    struct cw_answer answer;
    enum cw_status status = configure(d, &none, &context, &answer, err);
    if (status != CW_OK || !answer.consistent || !answer.exact) {
        return status;
    }
    for (uint32_t i = 0; i < answer.option_count; i++) {
        const struct cw_option *option = &d->product->options[i];
        const struct cw_option_answer *have = &answer.options[i];
        struct cw_value wanted = cw_option_default(option);
        bool typed = option->kind != CW_OPTION_TEXT || *option->default_text; /* "": none wanted */
        if (is_forced_flag(d, i)) {
            continue; /* told as that already */
        }
        if (have->active && have->known && !option->derive && typed &&
            !is_same(option, &have->value, &wanted)) {
            tell_default(d, i, &answer);
        }
    }
    return CW_OK;
}

/* ---- presets --------------------------------------------------------------------------------- */

enum cw_status cw_diagnose_presets(struct cw_diagnosing *d, struct cw_error *err) {
    enum cw_status status = CW_OK;
    for (uint32_t i = 0; i < d->product->preset_count && status == CW_OK; i++) {
        const struct cw_preset *preset = &d->product->presets[i];
        struct cw_configure_context context = {0};
        struct cw_selection picks;
        struct cw_answer answer;
        if (!cw_diagnose_picks(d, preset->picks, preset->pick_count, &picks)) {
            continue;
        }
        status = configure(d, &picks, &context, &answer, err);
        if (status == CW_OK && !answer.consistent) {
            cw_diagnose_add(d,
                            &(struct cw_finding){
                                CW_FINDING_WARNING, "rules.unreachable_preset",
                                cw_arena_printf(d->arena, "/presets/%u", i),
                                cw_arena_printf(d->arena, "preset '%s' cannot be made", preset->id),
                                cw_diagnose_conflict_text(d, &picks, &context)});
        }
    }
    return status;
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* One test under way. */
struct testing {
    struct cw_diagnosing *d;
    uint32_t index;
    const struct cw_product_test *test;
    struct cw_configure_context context;
    struct cw_selection picks;
    struct cw_answer answer;
    bool failed, undecided;
};

static void tell(struct testing *t, const char *member, const char *message, const char *hint) {
    t->failed = true;
    cw_diagnose_add(t->d,
                    &(struct cw_finding){
                        CW_FINDING_ERROR, "rules.test_failed",
                        cw_arena_printf(t->d->arena, "/tests/%u%s", t->index, member),
                        cw_arena_printf(t->d->arena, "test '%s': %s", t->test->id, message), hint});
}

static bool is_cause(const struct cw_conflict *conflict, uint32_t rule) {
    for (size_t i = 0; i < conflict->cause_count; i++) {
        if (conflict->causes[i].rule == rule) {
            return true;
        }
    }
    return false;
}

/* A conflict has several minimal reasons: these rules are one when they refute the picks without
 * any other. */
static bool is_reason(struct testing *t) {
    struct cw_diagnosing *d = t->d;
    uint64_t *mask = cw_diagnose_mask(d);
    bool *without = cw_arena_array(d->scratch, (size_t)d->lowered->origin_count + 1, sizeof(bool));
    for (size_t i = 0; i < t->picks.count; i++) {
        cw_lowered_pick(d->lowered, &t->picks.picks[i], mask);
    }
    for (uint32_t o = 0; o < d->lowered->origin_count; o++) {
        without[o] = !d->fixed[o];
        for (size_t i = 0; i < t->test->because_count; i++) {
            without[o] = without[o] && d->lowered->origins[o].rule != t->test->because[i];
        }
    }
    struct cw_solve_question question = {mask, without, 200000};
    return cw_solve(d->engine->index, &question, d->scratch, NULL) == CW_VERDICT_NO;
}

static void check_because(struct testing *t) {
    struct cw_diagnosing *d = t->d;
    struct cw_conflict conflict;
    struct cw_error ignored = {0};
    if (t->test->because_count == 0 || is_reason(t)) {
        return;
    }
    if (cw_conflict_find(d->engine, &t->picks, &t->context, d->arena, &conflict, &ignored) !=
        CW_OK) {
        t->undecided = true;
        return;
    }
    for (size_t i = 0; i < t->test->because_count; i++) {
        if (!is_cause(&conflict, t->test->because[i])) {
            tell(t, "/because",
                 cw_arena_printf(d->arena, "rule '%s' is not among the reasons",
                                 d->product->rules[t->test->because[i]].id),
                 cw_diagnose_conflict_text(d, &t->picks, &t->context));
        }
    }
}

/* What the preset JSON says and what the completion has, compared in one writing. */
static bool is_completed(struct testing *t, const struct cw_preset_pick *expected,
                         const char **ret_have) {
    struct cw_diagnosing *d = t->d;
    const struct cw_option *option = &d->product->options[expected->option];
    const struct cw_option_answer *have = &t->answer.options[expected->option];
    *ret_have = "inactive";
    if (!have->active || !have->known) {
        return false;
    }
    *ret_have = value_text(d, expected->option, &have->value);
    if (option->derive) { /* one choice id, in JSON */
        return strcmp(*ret_have, expected->value_json) == 0;
    }
    struct cw_selection wanted;
    return cw_diagnose_picks(d, expected, 1, &wanted) && wanted.count == 1 &&
           is_same(option, &wanted.picks[0].value, &have->value);
}

static void check_completes(struct testing *t) {
    struct cw_diagnosing *d = t->d;
    for (size_t i = 0; i < t->test->complete_count; i++) {
        const struct cw_preset_pick *expected = &t->test->completes[i];
        const char *have, *id = d->product->options[expected->option].id;
        if (is_completed(t, expected, &have)) {
            continue;
        }
        if (!t->answer.exact) {
            t->undecided = true;
            continue;
        }
        tell(t, cw_arena_printf(d->arena, "/completes/%s", id),
             cw_arena_printf(d->arena, "'%s' is completed to %s", id, have), "");
    }
}

static bool can_be_had(enum cw_choice_state state) {
    return state == CW_CHOICE_SELECTED || state == CW_CHOICE_FORCED || state == CW_CHOICE_POSSIBLE;
}

struct states {
    const char *member;
    const struct cw_overlay_item *items;
    size_t count;
    bool possible;
};

static void check_item(struct testing *t, const struct states *states,
                       const struct cw_overlay_item *item) {
    struct cw_diagnosing *d = t->d;
    const struct cw_option *option = &d->product->options[item->option];
    const struct cw_option_answer *have = &t->answer.options[item->option];
    for (uint32_t c = 0; c < have->choice_count; c++) {
        if (!cw_mask_has(&item->mask, c) ||
            can_be_had(have->choices[c].state) == states->possible) {
            continue;
        }
        if (!states->possible && !t->answer.exact) { /* "possible" is an upper bound */
            t->undecided = true;
            continue;
        }
        const char *id =
            option->kind == CW_OPTION_FLAG ? (c ? "true" : "false") : option->choices[c].id;
        tell(t, cw_arena_printf(d->arena, "/%s/%s", states->member, option->id),
             cw_arena_printf(d->arena, "'%s' of '%s' is %s", id, option->id,
                             states->possible ? "not possible" : "possible"),
             "");
    }
}

static void check_states(struct testing *t) {
    const struct states lists[] = {
        {"possible", t->test->possible, t->test->possible_count, true},
        {"impossible", t->test->impossible, t->test->impossible_count, false}};
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < lists[k].count; i++) {
            check_item(t, &lists[k], &lists[k].items[i]);
        }
    }
}

static void check(struct testing *t) {
    const struct cw_answer *answer = &t->answer;
    bool proven = !answer->consistent || answer->exact ||
                  (t->context.solved && t->context.solved->feasible == CW_VERDICT_YES);
    if (answer->consistent != t->test->valid) {
        if (!proven) {
            t->undecided = true;
        } else if (t->test->valid) {
            tell(t, "/select", "expected valid, is invalid",
                 cw_diagnose_conflict_text(t->d, &t->picks, &t->context));
        } else {
            tell(t, "/select", "expected invalid, is valid", "");
        }
        return;
    }
    if (!t->test->valid) {
        check_because(t);
        return;
    }
    check_completes(t);
    check_states(t);
}

static enum cw_status run(struct testing *t, struct cw_error *err) {
    struct cw_diagnosing *d = t->d;
    if (!cw_diagnose_picks(d, t->test->picks, t->test->pick_count, &t->picks)) {
        tell(t, "/select", "cannot be read as a selection", "");
        return CW_OK;
    }
    enum cw_status status = configure(d, &t->picks, &t->context, &t->answer, err);
    if (status == CW_OK) {
        check(t);
    }
    return status;
}

enum cw_status cw_diagnose_tests(struct cw_diagnosing *d, struct cw_error *err) {
    enum cw_status status = CW_OK;
    for (uint32_t i = 0; i < d->product->test_count && status == CW_OK; i++) {
        const struct cw_product_test *test = &d->product->tests[i];
        struct testing t = {.d = d,
                            .index = i,
                            .test = test,
                            .context = {.market = test->market,
                                        .overlays = test->overlays,
                                        .overlay_count = test->overlay_count}};
        status = run(&t, err);
        d->test_count++;
        d->tests_failed += t.failed;
        if (t.undecided && !t.failed) {
            cw_diagnose_add(
                d, &(struct cw_finding){
                       CW_FINDING_WARNING, "rules.test_undecided",
                       cw_arena_printf(d->arena, "/tests/%u", i),
                       cw_arena_printf(d->arena, "test '%s' could not be decided", test->id),
                       "the rules are not compiled"});
        }
    }
    return status;
}
