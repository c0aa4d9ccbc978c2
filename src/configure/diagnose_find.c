/*
 * Responsible for: what every diagnosis needs: the list of findings, names and places of rules and
 * choices, whether something is possible and why not. Does not: know what is worth finding.
 * Command line and publishing threads.
 */
#include "configure/diagnose_inside.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "configure/ask.h"
#include "configure/rules/worker.h"
#include "cordwain/limits.h"

#define STEPS        UINT64_C(2000000) /* of one search; some milliseconds to a second */
#define TOLD_OPTIONS 12                /* in one sentence */

/* ---- findings -------------------------------------------------------------------------------- */

/* Counts it; true while it is one of the first CW_FINDINGS of its code. */
static bool is_told(struct cw_diagnosing *d, const char *code) {
    size_t i = 0;
    while (i < d->code_count && strcmp(d->codes[i].code, code) != 0) {
        i++;
    }
    assert(i < CW_DIAGNOSE_CODES);
    if (i == d->code_count) {
        d->codes[d->code_count++] = (struct cw_diagnosed_code){code, 0};
    }
    return ++d->codes[i].count <= CW_FINDINGS;
}

static void append(struct cw_diagnosing *d, const struct cw_finding *finding) {
    d->findings = cw_arena_grow(d->arena, d->findings, d->finding_count, &d->finding_capacity,
                                sizeof *d->findings);
    struct cw_finding *item = &d->findings[d->finding_count++];
    *item = *finding;
    item->hint = item->hint ? item->hint : "";
}

void cw_diagnose_add(struct cw_diagnosing *d, const struct cw_finding *finding) {
    if (is_told(d, finding->code)) {
        append(d, finding);
    }
}

void cw_diagnose_sort(struct cw_diagnosing *d) {
    const struct cw_finding *all = d->findings;
    size_t count = d->finding_count;
    d->findings = NULL;
    d->finding_count = d->finding_capacity = 0;
    for (int kind = CW_FINDING_ERROR; kind <= CW_FINDING_NOTE; kind++) {
        for (size_t i = 0; i < count; i++) {
            if (all[i].kind == (enum cw_finding_kind)kind) {
                append(d, &all[i]);
            }
        }
    }
    for (size_t i = 0; i < d->code_count; i++) {
        if (d->codes[i].count > CW_FINDINGS) {
            const char *more = cw_arena_printf(d->arena, "%zu more of this kind are not shown",
                                               d->codes[i].count - CW_FINDINGS);
            append(d, &(struct cw_finding){CW_FINDING_NOTE, d->codes[i].code, "", more, ""});
        }
    }
}

bool cw_diagnose_out_of_time(const struct cw_diagnosing *d) {
    return cw_clock_monotonic_ms(&cw_clock_system) >= d->deadline_ms;
}

/* ---- names and places ------------------------------------------------------------------------ */

const char *cw_diagnose_choice_pointer(struct cw_diagnosing *d, uint32_t option, uint32_t choice) {
    return d->product->options[option].kind == CW_OPTION_FLAG
               ? cw_arena_printf(d->arena, "/options/%u", option)
               : cw_arena_printf(d->arena, "/options/%u/choices/%u", option, choice);
}

const char *cw_diagnose_choice_name(struct cw_diagnosing *d, uint32_t option, uint32_t choice) {
    const struct cw_option *o = &d->product->options[option];
    return o->kind == CW_OPTION_FLAG
               ? cw_arena_printf(d->arena, "'%s'", o->id)
               : cw_arena_printf(d->arena, "'%s' of '%s'", o->choices[choice].id, o->id);
}

uint32_t cw_diagnose_choice_count(const struct cw_option *option) {
    if (option->kind == CW_OPTION_FLAG) {
        return 1;
    }
    return option->derive ? 0 : (uint32_t)option->choice_count;
}

struct cw_lowered_value cw_diagnose_value(const struct cw_diagnosing *d, uint32_t option,
                                          uint32_t choice) {
    bool flag = d->product->options[option].kind == CW_OPTION_FLAG;
    return cw_lowered_choice(d->lowered, option, flag ? 1 : choice);
}

const char *cw_diagnose_origin_pointer(struct cw_diagnosing *d, uint32_t origin) {
    const struct cw_origin *o = &d->lowered->origins[origin];
    const struct cw_option *option = o->option == CW_NONE ? NULL : &d->product->options[o->option];
    switch (o->kind) {
    case CW_ORIGIN_RULE:
        return cw_arena_printf(d->arena, "/rules/%u", o->rule);
    case CW_ORIGIN_ONLY_IF:
        return cw_arena_printf(d->arena, "/options/%u/choices/%u/onlyIf", o->option, o->choice);
    case CW_ORIGIN_ACTIVE_IF:
        return cw_arena_printf(d->arena, "/options/%u/activeIf", o->option);
    case CW_ORIGIN_REQUIRED_IF:
        return cw_arena_printf(d->arena, "/options/%u/%s", o->option,
                               option->required_if ? "requiredIf" : "required");
    case CW_ORIGIN_DERIVE:
        return cw_arena_printf(d->arena, "/options/%u/derive", o->option);
    case CW_ORIGIN_STRUCTURE:
        break;
    }
    return option ? cw_arena_printf(d->arena, "/options/%u", o->option) : "";
}

const char *cw_diagnose_origin_name(struct cw_diagnosing *d, uint32_t origin) {
    const struct cw_origin *o = &d->lowered->origins[origin];
    const char *id = o->option == CW_NONE ? "" : d->product->options[o->option].id;
    switch (o->kind) {
    case CW_ORIGIN_RULE:
        return cw_arena_printf(d->arena, "rule '%s'", d->product->rules[o->rule].id);
    case CW_ORIGIN_ONLY_IF:
        return cw_arena_printf(d->arena, "onlyIf of '%s' of '%s'",
                               d->product->options[o->option].choices[o->choice].id, id);
    case CW_ORIGIN_ACTIVE_IF:
        return cw_arena_printf(d->arena, "activeIf of '%s'", id);
    case CW_ORIGIN_REQUIRED_IF:
        return cw_arena_printf(
            d->arena, "%s of '%s'",
            d->product->options[o->option].required_if ? "requiredIf" : "required", id);
    case CW_ORIGIN_DERIVE:
        return cw_arena_printf(d->arena, "derive of '%s'", id);
    case CW_ORIGIN_STRUCTURE:
        break;
    }
    return "the form of the options";
}

const char *cw_diagnose_option_names(struct cw_diagnosing *d, const uint32_t *options,
                                     size_t count) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    for (size_t i = 0; i < count && i < TOLD_OPTIONS; i++) {
        cw_buf_printf(&buf, "%s'%s'", i ? ", " : "", d->product->options[options[i]].id);
    }
    if (count > TOLD_OPTIONS) {
        cw_buf_printf(&buf, " and %zu more", count - TOLD_OPTIONS);
    }
    return buf.data ? cw_arena_strdup(d->arena, buf.data) : "";
}

const char *cw_diagnose_core_text(struct cw_diagnosing *d, const struct cw_solve_core *core) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    for (size_t i = 0; i < core->count; i++) {
        const char *before = i == 0 ? "because of " : i + 1 == core->count ? " and " : ", ";
        cw_buf_puts(&buf, before);
        cw_buf_puts(&buf, cw_diagnose_origin_name(d, core->origins[i]));
    }
    return buf.data ? cw_arena_strdup(d->arena, buf.data) : "";
}

/* ---- questions ------------------------------------------------------------------------------- */

uint64_t *cw_diagnose_mask(struct cw_diagnosing *d) {
    memcpy(d->mask, d->full, d->model->word_count * sizeof *d->mask);
    return d->mask;
}

void cw_diagnose_pin(const struct cw_diagnosing *d, uint64_t *mask, struct cw_lowered_value value) {
    uint64_t *set = mask + d->model->word_bases[value.var];
    bool had = cw_set_has(set, value.value);
    memset(set, 0, cw_set_words(d->model->value_counts[value.var]) * sizeof *set);
    if (had) {
        cw_set_add(set, value.value);
    }
}

enum cw_verdict cw_diagnose_feasible(struct cw_diagnosing *d, const uint64_t *mask) {
    CW_AUTO_ARENA struct cw_arena *own = cw_arena_new();
    if (d->engine->diagram) {
        return cw_diagram_feasible(d->engine->diagram, mask, own) ? CW_VERDICT_YES : CW_VERDICT_NO;
    }
    if (cw_diagnose_out_of_time(d)) {
        return CW_VERDICT_UNKNOWN;
    }
    struct cw_rules_question asked = {.scope = {mask, mask}, .deadline_ms = CW_RULES_ASK_MS};
    struct cw_rules_answer answer;
    if (d->request->solver &&
        cw_rules_ask(d->request->solver, &asked, own, &answer, NULL) == CW_OK) {
        return answer.feasible;
    }
    struct cw_solve_question question = {.allowed = mask, .steps = STEPS};
    return cw_solve(d->engine->index, &question, own, NULL);
}

bool cw_diagnose_core(struct cw_diagnosing *d, const uint64_t *mask, struct cw_solve_core *ret) {
    if (cw_diagnose_out_of_time(d)) {
        return false;
    }
    struct cw_solve_question question = {.allowed = mask, .steps = STEPS};
    return cw_solve_minimal_core(d->engine->index, &question, d->fixed, d->arena, ret) ==
           CW_VERDICT_YES;
}

enum cw_status cw_diagnose_solve(struct cw_diagnosing *d, const struct cw_selection *selection,
                                 struct cw_configure_context *context, struct cw_error *err) {
    if (d->engine->diagram || !d->request->solver) {
        return CW_OK;
    }
    struct cw_rules_question question = {.domains = true, .deadline_ms = CW_RULES_ASK_MS};
    struct cw_rules_answer *answer = cw_arena_alloc(d->arena, sizeof *answer);
    struct cw_error failed = {0};
    cw_engine_question(d->engine, selection, context, d->arena, &question.scope);
    enum cw_status status = cw_rules_ask(d->request->solver, &question, d->arena, answer, &failed);
    if (status == CW_OK) {
        context->solved = answer;
    } else if (status == CW_E_BUG && err) {
        *err = failed;
    }
    return status == CW_E_BUG ? status : CW_OK; /* without an answer less is said */
}

const char *cw_diagnose_conflict_text(struct cw_diagnosing *d, const struct cw_selection *selection,
                                      const struct cw_configure_context *context) {
    struct cw_conflict conflict;
    struct cw_error ignored = {0};
    if (cw_conflict_find(d->engine, selection, context, d->arena, &conflict, &ignored) != CW_OK) {
        return "";
    }
    CW_AUTO_BUF struct cw_buf buf = {0};
    for (size_t i = 0; i < conflict.pick_count; i++) {
        cw_buf_printf(&buf, "%s'%s'", i ? ", " : "the picks of ",
                      d->product->options[conflict.picks[i]].id);
    }
    for (size_t i = 0; i < conflict.cause_count; i++) {
        const struct cw_cause *cause = &conflict.causes[i];
        cw_buf_puts(&buf, i == 0 && buf.length            ? " break "
                          : i == 0                        ? "broken: "
                          : i + 1 == conflict.cause_count ? " and "
                                                          : ", ");
        if (cause->rule != CW_NONE) {
            cw_buf_printf(&buf, "rule '%s'", d->product->rules[cause->rule].id);
        } else {
            cw_buf_printf(&buf, "%s of '%s'",
                          cause->choice != CW_NONE ? "an onlyIf" : "a condition",
                          d->product->options[cause->option].id);
        }
    }
    return buf.data ? cw_arena_strdup(d->arena, buf.data) : "";
}

bool cw_diagnose_picks(struct cw_diagnosing *d, const struct cw_preset_pick *picks, size_t count,
                       struct cw_selection *ret) {
    struct cw_faults faults = {.arena = d->scratch};
    return cw_selection_decode_picks(d->product, picks, count, d->arena, ret, &faults) == CW_OK;
}
