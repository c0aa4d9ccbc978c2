/*
 * Resolve: from a selection to the one closed value that price, picture and build spec are made
 * from. Strict refuses everything that is not complete, consistent and fitting, after a second
 * reading of the rules; lenient always answers, for previews. Server process, any thread.
 */
#include "configure/resolve.h"

#include <string.h>

#include "configure/engine.h"
#include "configure/issue.h"

/* What api.md calls a rule conflict in a refused request. */
static void refuse(const struct cw_issues *issues, struct cw_faults *faults) {
    for (size_t i = 0; i < issues->count; i++) {
        const struct cw_issue *issue = &issues->items[i];
        if (issue->severity == CW_SEVERITY_WARNING)
            continue;
        const char *code = strcmp(issue->code, "rule") == 0 ? "selection.rule" : issue->code;
        cw_fault_add(faults, code, issue->pointer, "%s", issue->message);
    }
}

static enum cw_status explain(const struct cw_engine *engine, const struct cw_selection *selection,
                              const struct cw_configure_context *context, struct cw_issues *issues,
                              struct cw_error *err) {
    struct cw_asked *asked = cw_asked_new(engine, selection, context, issues->arena);
    enum cw_status status = cw_issues_of_conflict(issues, asked, err);
    return status == CW_OK ? CW_E_CONFLICT : status;
}

/* Nothing to do with the shopper's choices. */
static void add_failure(struct cw_issues *issues, const struct cw_error *err) {
    cw_issue_add(issues,
                 (struct cw_issue){.severity = CW_SEVERITY_ERROR,
                                   .code = err->code,
                                   .option = CW_NONE,
                                   .rule = CW_NONE,
                                   .message = cw_arena_strdup(issues->arena, err->message)});
}

/* Texts with a place on the product must have been measured before anything is sold. */
static void judge(struct cw_issues *issues, const struct cw_fact *facts,
                  const struct cw_selection *selection,
                  const struct cw_configure_context *context) {
    static const struct cw_text_fit none;
    struct cw_configure_context strict = *context;
    if (!strict.fits) {
        strict.fits = &none;
        strict.fit_count = 0;
    }
    cw_check_facts(issues, facts, context);
    cw_issues_of_facts(issues, facts, selection, &strict);
}

/* A text the completion has and nobody has typed: it is asked for, and what hangs on it is no
 * fault.
 */
static bool lacks_text(const struct cw_product *product, const struct cw_fact *facts) {
    for (uint32_t o = 0; o < product->option_count; o++)
        if (product->options[o].kind == CW_OPTION_TEXT && facts[o].present &&
            !facts[o].value.text[0])
            return true;
    return false;
}

/* The configuration is read again from what will be sold, not from where it was found. */
static void judge_completion(const struct cw_engine *engine, const struct cw_selection *selection,
                             const struct cw_configure_context *context, struct cw_issues *issues,
                             const struct cw_selection *completed) {
    struct cw_asked *asked = cw_asked_new(engine, selection, context, issues->arena);
    struct cw_found found;
    if (cw_asked_complete(asked, &found, NULL) == CW_OK && found.verdict == CW_VERDICT_YES &&
        lacks_text(engine->product, found.facts))
        judge(issues, found.facts, selection, context);
    else
        judge(issues, cw_facts_new(engine->product, completed, issues->arena), selection, context);
}

static enum cw_status complete_strictly(const struct cw_engine *engine,
                                        const struct cw_selection *selection,
                                        const struct cw_configure_context *context,
                                        struct cw_issues *issues, struct cw_selection *ret) {
    struct cw_error err = {0};
    enum cw_status status = cw_complete(engine, selection, context, issues->arena, ret, &err);
    if (status == CW_E_CONFLICT)
        status = explain(engine, selection, context, issues, &err);
    if (status == CW_OK)
        judge_completion(engine, selection, context, issues, ret);
    else if (status != CW_E_CONFLICT)
        add_failure(issues, &err);
    if (status == CW_OK)
        for (size_t i = 0; i < issues->count; i++)
            if (issues->items[i].severity == CW_SEVERITY_ERROR)
                status = CW_E_CONFLICT;
    return status;
}

/* Plain defaults where there is no completion; but rules that contradict each other draw nothing.
 */
static enum cw_status complete_leniently(const struct cw_engine *engine,
                                         const struct cw_selection *selection,
                                         const struct cw_configure_context *context,
                                         struct cw_issues *issues, struct cw_selection *ret) {
    struct cw_error err = {0};
    enum cw_status status = cw_complete(engine, selection, context, issues->arena, ret, &err);
    if (status == CW_E_CONFLICT || status == CW_E_LIMIT) {
        cw_defaults_fill(engine->product, selection, issues->arena, ret);
        return CW_OK;
    }
    if (status != CW_OK)
        add_failure(issues, &err);
    return status;
}

enum cw_status cw_resolve(const struct cw_engine *engine, const struct cw_selection *selection,
                          const struct cw_configure_context *context, enum cw_resolve_mode mode,
                          struct cw_arena *arena, struct cw_resolved *ret,
                          struct cw_faults *faults) {
    const struct cw_product *product = engine->product;
    struct cw_resolved resolved = {.product = product};
    struct cw_issues issues = {.product = product, .locale = context->locale, .arena = arena};
    enum cw_status status =
        mode == CW_RESOLVE_STRICT
            ? complete_strictly(engine, selection, context, &issues, &resolved.selection)
            : complete_leniently(engine, selection, context, &issues, &resolved.selection);
    if (status != CW_OK) {
        refuse(&issues, faults);
        return status;
    }
    const struct cw_fact *facts = cw_facts_new(product, &resolved.selection, arena);
    cw_resolve_look(product, facts, context, arena, &resolved);
    if (mode != CW_RESOLVE_SHOWN) {
        cw_resolve_make(product, facts, arena, &resolved);
        cw_price_facts(product, facts, context, arena, &resolved.price);
        cw_lead(product, &resolved.selection, context->now_ms, &resolved.lead);
        cw_resolve_seal(arena, &resolved);
    }
    *ret = resolved;
    return CW_OK;
}
