/*
 * Responsible for: what a designer should know about the rules: the order of the questions, dead
 * and forced choices, options that are optional in name only. Does not: compile or solve. Command
 * line and publishing threads.
 */
#include "configure/diagnose_inside.h"

#include <string.h>

#include "base/clock.h"
#include "configure/ask.h"
#include "configure/rules/worker.h"
#include "cordwain/limits.h"

/* ---- dead and forced ------------------------------------------------------------------------- */

static bool is_possible(const struct cw_diagnosing *d, struct cw_lowered_value value) {
    return cw_set_has(d->possible + d->model->word_bases[value.var], value.value);
}

bool cw_diagnose_is_only(const struct cw_diagnosing *d, struct cw_lowered_value value) {
    for (uint32_t v = 0; v < d->model->value_counts[value.var]; v++) {
        if (is_possible(d, (struct cw_lowered_value){value.var, v}) != (v == value.value)) {
            return false;
        }
    }
    return true;
}

static void tell_dead(struct cw_diagnosing *d, uint32_t option, uint32_t choice,
                      const char *pointer) {
    struct cw_solve_core core;
    uint64_t *mask = cw_diagnose_mask(d);
    cw_diagnose_pin(d, mask, cw_diagnose_value(d, option, choice));
    bool known = cw_diagnose_core(d, mask, &core);
    const char *name = cw_diagnose_choice_name(d, option, choice);
    cw_diagnose_add(d,
                    &(struct cw_finding){CW_FINDING_WARNING, "rules.dead_choice", pointer,
                                         cw_arena_printf(d->arena, "no configuration has %s", name),
                                         known ? cw_diagnose_core_text(d, &core) : ""});
    if (known && core.count == 2) {
        const char *a = cw_diagnose_origin_name(d, core.origins[0]);
        const char *b = cw_diagnose_origin_name(d, core.origins[1]);
        cw_diagnose_add(d, &(struct cw_finding){
                               CW_FINDING_WARNING, "rules.conflicting_pair",
                               cw_diagnose_origin_pointer(d, core.origins[1]),
                               cw_arena_printf(d->arena, "%s and %s conflict over %s", a, b, name),
                               "each of them alone would allow it"});
    }
}

static bool is_set_flag(const struct cw_option *option) {
    return option->kind == CW_OPTION_FLAG && option->default_choice == 1;
}

/* A choice of one out of several that is always taken says no more than that the others are dead;
 * a flag that is set by default is as its designer wants it, like a mandatory feature. Another
 * flag, or one of several that may be taken together, surprises. */
static void tell_forced(struct cw_diagnosing *d, uint32_t option, uint32_t choice,
                        const char *pointer) {
    const struct cw_option *o = &d->product->options[option];
    bool one_of = o->kind == CW_OPTION_CHOICE;
    if (one_of && o->choice_count == 1) {
        return;
    }
    struct cw_solve_core core;
    uint64_t *mask = cw_diagnose_mask(d);
    struct cw_lowered_value value = cw_diagnose_value(d, option, choice);
    cw_set_drop(mask + d->model->word_bases[value.var], value.value);
    bool known = !one_of && cw_diagnose_core(d, mask, &core);
    cw_diagnose_add(
        d, &(struct cw_finding){one_of || is_set_flag(o) ? CW_FINDING_NOTE : CW_FINDING_WARNING,
                                "rules.forced_choice", pointer,
                                cw_arena_printf(d->arena, "every configuration has %s",
                                                cw_diagnose_choice_name(d, option, choice)),
                                known ? cw_diagnose_core_text(d, &core) : ""});
}

void cw_diagnose_choices(struct cw_diagnosing *d, struct cw_diagnosis *ret) {
    size_t total = 1, dead = 0, forced = 0;
    for (uint32_t o = 0; o < d->product->option_count; o++) {
        total += cw_diagnose_choice_count(&d->product->options[o]);
    }
    const char **dead_choices = cw_arena_array(d->arena, total, sizeof *dead_choices),
               **forced_choices = cw_arena_array(d->arena, total, sizeof *forced_choices);
    for (uint32_t o = 0; o < d->product->option_count; o++) {
        uint32_t count = cw_diagnose_choice_count(&d->product->options[o]);
        for (uint32_t c = 0; c < count; c++) {
            struct cw_lowered_value value = cw_diagnose_value(d, o, c);
            const char *pointer = cw_diagnose_choice_pointer(d, o, c);
            if (!is_possible(d, value)) {
                dead_choices[dead++] = pointer;
                tell_dead(d, o, c, pointer);
            } else if (cw_diagnose_is_only(d, value)) {
                forced_choices[forced++] = pointer;
                tell_forced(d, o, c, pointer);
            }
        }
    }
    ret->dead_choices = dead_choices;
    ret->dead_count = dead;
    ret->forced_choices = forced_choices;
    ret->forced_count = forced;
}

/* ---- optional in name only ------------------------------------------------------------------- */

/* The value of an option that stands for "not there"; CW_NONE where it is always there. */
static struct cw_lowered_value inactive_value(const struct cw_diagnosing *d, uint32_t option) {
    const struct cw_lowered_option *lowered = &d->lowered->options[option];
    if (d->product->options[option].kind == CW_OPTION_MULTI) {
        return (struct cw_lowered_value){lowered->active_var, 0};
    }
    return (struct cw_lowered_value){lowered->inactive == CW_NONE ? CW_NONE : lowered->var,
                                     lowered->inactive};
}

/* Leave only configurations where the option is active and nothing is given for it. */
static void leave_empty(const struct cw_diagnosing *d, uint32_t option, uint64_t *mask) {
    const struct cw_lowered_option *lowered = &d->lowered->options[option];
    const struct cw_option *o = &d->product->options[option];
    if (o->kind != CW_OPTION_MULTI) { /* text and flag: value 0 is absent, false */
        cw_diagnose_pin(d, mask, (struct cw_lowered_value){lowered->var, 0});
        return;
    }
    for (uint32_t c = 0; c < o->choice_count; c++) {
        cw_diagnose_pin(d, mask, (struct cw_lowered_value){lowered->var + c, 0});
    }
    if (lowered->active_var != CW_NONE) {
        cw_diagnose_pin(d, mask, (struct cw_lowered_value){lowered->active_var, 1});
    }
}

static bool may_be_empty(const struct cw_option *option) {
    return (option->kind == CW_OPTION_TEXT && !option->required) ||
           (option->kind == CW_OPTION_MULTI && !option->required && option->multi_min == 0) ||
           (option->kind == CW_OPTION_FLAG && option->active_if);
}

bool cw_diagnose_is_ever_active(const struct cw_diagnosing *d, uint32_t option) {
    struct cw_lowered_value away = inactive_value(d, option);
    return away.var == CW_NONE || !cw_diagnose_is_only(d, away);
}

static void tell_optional(struct cw_diagnosing *d, uint32_t option, const uint64_t *mask,
                          const char *member, const char *message) {
    struct cw_solve_core core;
    const char *pointer = cw_arena_printf(d->arena, "/options/%u%s", option, member);
    bool known = cw_diagnose_core(d, mask, &core);
    cw_diagnose_add(
        d, &(struct cw_finding){CW_FINDING_WARNING, "rules.false_optional", pointer,
                                cw_arena_printf(d->arena, message, d->product->options[option].id),
                                known ? cw_diagnose_core_text(d, &core) : ""});
}

/* The rules let the shopper see the field and never write in it. */
static void tell_killed_text(struct cw_diagnosing *d, uint32_t option) {
    struct cw_lowered_value given = {d->lowered->options[option].var, 1};
    struct cw_solve_core core;
    if (is_possible(d, given)) {
        return;
    }
    uint64_t *mask = cw_diagnose_mask(d);
    cw_diagnose_pin(d, mask, given);
    const char *pointer = cw_arena_printf(d->arena, "/options/%u", option);
    bool known = cw_diagnose_core(d, mask, &core);
    cw_diagnose_add(
        d, &(struct cw_finding){CW_FINDING_WARNING, "rules.dead_choice", pointer,
                                cw_arena_printf(d->arena, "no configuration has a text in '%s'",
                                                d->product->options[option].id),
                                known ? cw_diagnose_core_text(d, &core) : ""});
}

static void diagnose_option(struct cw_diagnosing *d, uint32_t option) {
    const struct cw_option *o = &d->product->options[option];
    struct cw_lowered_value away = inactive_value(d, option);
    if (!cw_diagnose_is_ever_active(d, option)) {
        if (cw_diagnose_choice_count(o) == 0 && !o->derive) {
            cw_diagnose_add(d, &(struct cw_finding){
                                   CW_FINDING_WARNING, "rules.dead_choice",
                                   cw_arena_printf(d->arena, "/options/%u", option),
                                   cw_arena_printf(d->arena, "no configuration has '%s'", o->id),
                                   "its activeIf never holds"});
        }
        return;
    }
    if (o->kind == CW_OPTION_TEXT) {
        tell_killed_text(d, option);
    }
    if (away.var != CW_NONE && !is_possible(d, away)) {
        uint64_t *mask = cw_diagnose_mask(d);
        cw_diagnose_pin(d, mask, away);
        tell_optional(d, option, mask, "/activeIf",
                      "'%s' is part of every configuration: its activeIf always holds");
        return;
    }
    if (may_be_empty(o) && !is_set_flag(o)) {
        uint64_t *mask = cw_diagnose_mask(d);
        leave_empty(d, option, mask);
        if (cw_diagnose_feasible(d, mask) == CW_VERDICT_NO) {
            tell_optional(d, option, mask, o->required_if ? "/requiredIf" : "",
                          "'%s' looks optional and is needed wherever it is active");
        }
    }
}

/* Only a forced flag is told by cw_diagnose_choices already. */
void cw_diagnose_optional(struct cw_diagnosing *d) {
    for (uint32_t o = 0; o < d->product->option_count; o++) {
        diagnose_option(d, o);
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* What can be had at all, exactly, or not known. */
static enum cw_status find_possible(struct cw_diagnosing *d, struct cw_error *err) {
    uint64_t *possible =
        cw_arena_array(d->arena, (size_t)d->model->word_count + 1, sizeof *possible);
    struct cw_diagram_scope scope = {d->full, d->full};
    if (d->engine->diagram) {
        bool some = cw_diagram_domains(d->engine->diagram, &scope, d->scratch, possible);
        d->feasible = some ? CW_VERDICT_YES : CW_VERDICT_NO;
        d->possible = possible;
        return CW_OK;
    }
    d->feasible = CW_VERDICT_UNKNOWN;
    if (d->request->solver) {
        struct cw_rules_question question = {scope, /* domains: */ true, CW_RULES_DIAGNOSE_ASK_MS};
        struct cw_rules_answer answer;
        struct cw_error failed = {0};
        enum cw_status status =
            cw_rules_ask(d->request->solver, &question, d->arena, &answer, &failed);
        if (status == CW_E_BUG) {
            *err = failed;
            return status;
        }
        if (status == CW_OK) {
            d->feasible = answer.feasible;
            d->possible =
                answer.feasible == CW_VERDICT_YES && answer.possible_exact ? answer.possible : NULL;
        }
    }
    if (d->feasible == CW_VERDICT_UNKNOWN) {
        d->feasible = cw_diagnose_feasible(d, d->full);
    }
    return CW_OK;
}

static const char *fallback_message(const struct cw_diagnosing *d) {
    return d->request->worker_failed
               ? "the process that compiles rules failed: until they are compiled, answers take "
                 "milliseconds, counts and cheapest prices are not known"
               : "the rules did not compile in time: answers take milliseconds, counts and "
                 "cheapest prices are not known";
}

static void tell_outcome(struct cw_diagnosing *d, struct cw_diagnosis *ret) {
    const char *names =
        cw_diagnose_option_names(d, d->request->entangled, d->request->entangled_count);
    const char *hint =
        *names ? cw_arena_printf(d->arena, "these options are entangled: %s", names) : "";
    ret->outcome = d->engine->diagram                  ? "compiled"
                   : d->feasible != CW_VERDICT_UNKNOWN ? "sat_fallback"
                                                       : "rejected";
    if (d->engine->diagram) {
        return;
    }
    bool rejected = d->feasible == CW_VERDICT_UNKNOWN;
    cw_diagnose_add(d, &(struct cw_finding){
                           rejected ? CW_FINDING_ERROR : CW_FINDING_WARNING,
                           rejected ? "rules.rejected" : "rules.sat_fallback", "",
                           rejected ? "not even one configuration of these rules was found in time"
                                    : fallback_message(d),
                           hint});
}

static void count_and_price(struct cw_diagnosing *d, struct cw_diagnosis *ret) {
    const struct cw_selection none = {0};
    const struct cw_configure_context context = {0};
    struct cw_price_range range;
    struct cw_error ignored = {0};
    if (cw_count(d->engine, &none, &context, d->arena, &ret->configurations, &ignored) != CW_OK) {
        ret->configurations = d->feasible == CW_VERDICT_NO ? "0" : NULL;
    }
    ignored = (struct cw_error){0};
    if (d->feasible == CW_VERDICT_YES &&
        cw_price_range(d->engine, &none, &context, d->arena, &range, &ignored) == CW_OK) {
        ret->price_known = true;
        ret->price_min_minor = range.min_minor;
        ret->price_max_minor = range.max_minor;
    }
}

/* Cheap and certain things first, searches while the budget lasts. */
static enum cw_status diagnose_parts(struct cw_diagnosing *d, struct cw_diagnosis *ret,
                                     struct cw_error *err) {
    if (d->feasible == CW_VERDICT_NO) {
        cw_diagnose_void(d);
        return CW_OK;
    }
    if (d->feasible == CW_VERDICT_UNKNOWN) {
        return CW_OK;
    }
    enum cw_status status = cw_diagnose_tests(d, err);
    if (status == CW_OK) {
        cw_diagnose_derive(d);
        if (d->possible) {
            cw_diagnose_choices(d, ret);
            cw_diagnose_ranges(d);
            cw_diagnose_optional(d);
        }
        status = cw_diagnose_defaults(d, err);
    }
    if (status == CW_OK) {
        status = cw_diagnose_presets(d, err);
    }
    if (status == CW_OK) {
        cw_diagnose_overlays(d);
        cw_diagnose_dates(d);
        cw_diagnose_redundant(d);
        cw_diagnose_pairs(d);
    }
    return status;
}

static const bool *structure_of(const struct cw_lowered *lowered, struct cw_arena *arena) {
    bool *fixed = cw_arena_array(arena, (size_t)lowered->origin_count + 1, sizeof *fixed);
    for (uint32_t i = 0; i < lowered->origin_count; i++) {
        fixed[i] = lowered->origins[i].kind == CW_ORIGIN_STRUCTURE;
    }
    return fixed;
}

enum cw_status cw_diagnose(const struct cw_engine *engine,
                           const struct cw_diagnose_request *request, struct cw_arena *arena,
                           struct cw_diagnosis *ret, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    uint32_t budget = request->budget_ms ? request->budget_ms : CW_DIAGNOSE_MS;
    struct cw_diagnosing d = {.engine = engine,
                              .product = engine->product,
                              .lowered = engine->lowered,
                              .model = engine->lowered->model,
                              .request = request,
                              .arena = arena,
                              .scratch = scratch,
                              .deadline_ms = cw_clock_monotonic_ms(&cw_clock_system) + budget};
    d.full = cw_model_full_mask(d.model, scratch);
    d.mask = cw_model_full_mask(d.model, scratch);
    d.fixed = structure_of(d.lowered, scratch);
    struct cw_diagnosis diagnosis = {0};
    enum cw_status status = find_possible(&d, err);
    if (status == CW_OK && request->worker_failed && d.feasible == CW_VERDICT_UNKNOWN) {
        status = cw_fail(err, CW_E_IO, "rules.worker",
                         "the process that compiles rules failed: nothing is known about them");
    }
    if (status == CW_OK) {
        tell_outcome(&d, &diagnosis);
        count_and_price(&d, &diagnosis);
        status = diagnose_parts(&d, &diagnosis, err);
    }
    if (status != CW_OK) {
        return status;
    }
    cw_diagnose_sort(&d);
    diagnosis.findings = d.findings;
    diagnosis.finding_count = d.finding_count;
    diagnosis.test_count = d.test_count;
    diagnosis.tests_failed = d.tests_failed;
    diagnosis.entangled = request->entangled;
    diagnosis.entangled_count = request->entangled_count;
    *ret = diagnosis;
    return CW_OK;
}
