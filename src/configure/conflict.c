/*
 * Conflicts: a minimal set of picks that cannot stand together and a minimal set of rules that
 * makes it so, and the issues that are made of them. Explanations are short and deterministic: a
 * single pick that refutes is named before two, two before several. Server process, any thread.
 */
#include "configure/ask.h"

#include <string.h>

#include "configure/engine.h"
#include "configure/issue.h"
#include "configure/resolve.h"

/* ---- picks ----------------------------------------------------------------------------------- */

struct xplain {
    struct cw_asked *asked;
    bool unsure;
};

static uint64_t *with_picks(const struct cw_asked *asked, const uint64_t *mask,
                            const uint32_t *options, size_t count) {
    uint64_t *narrowed = cw_mask_copy(asked->engine->lowered, mask, asked->arena);
    for (size_t i = 0; i < count; i++)
        cw_lowered_pick(asked->engine->lowered, asked->picks[options[i]], narrowed);
    return narrowed;
}

/*
 * QuickXplain (Junker 2004): what of `options` is needed beside `mask` for a conflict. `grown`: the
 * mask changed since it was last known to leave something. Works in place, returns how many stay.
 */
static size_t needed(struct xplain *x, const uint64_t *mask, bool grown, uint32_t *options,
                     size_t count) {
    if (grown) {
        enum cw_verdict verdict = cw_asked_feasible(x->asked, mask);
        if (verdict == CW_VERDICT_NO)
            return 0;
        x->unsure |= verdict == CW_VERDICT_UNKNOWN;
    }
    if (count <= 1)
        return count;
    size_t half = count / 2;
    uint64_t *more = with_picks(x->asked, mask, options, half);
    size_t second = needed(x, more, /* grown: */ true, options + half, count - half);
    more = with_picks(x->asked, mask, options + half, second);
    size_t first = needed(x, more, second > 0, options, half);
    memmove(options + first, options + half, second * sizeof *options);
    return first + second;
}

bool cw_asked_refuters(struct cw_asked *asked, const uint64_t *mask, uint32_t *options,
                       size_t *count) {
    struct xplain x = {.asked = asked};
    *count = needed(&x, mask, /* grown: */ true, options, *count);
    return !x.unsure;
}

/* The pick cannot be had by itself: not available here and now, or dead by the rules. */
static bool is_dead(struct cw_asked *asked, uint32_t option) {
    const struct cw_lowered *lowered = asked->engine->lowered;
    const struct cw_model *model = lowered->model;
    const struct cw_ground *ground = cw_asked_ground(asked);
    for (uint32_t i = 0; i < cw_option_vars(lowered, option); i++) {
        uint32_t var = cw_option_var(lowered, option, i), base = model->word_bases[var];
        bool left = false;
        for (uint32_t w = 0; w < cw_set_words(model->value_counts[var]); w++)
            left |= (asked->allowed[base + w] & ground->domains[base + w]) != 0;
        if (!left)
            return true;
    }
    return lowered->product->options[option].kind == CW_OPTION_MULTI &&
           cw_asked_feasible(asked, cw_asked_mask(asked, &option, 1)) == CW_VERDICT_NO;
}

bool cw_asked_value(const struct cw_asked *asked, uint32_t var, struct cw_lowered_value *ret) {
    const struct cw_model *model = asked->engine->lowered->model;
    const uint64_t *set = asked->allowed + model->word_bases[var];
    for (uint32_t w = 0; w < cw_set_words(model->value_counts[var]); w++)
        if (set[w]) {
            *ret = (struct cw_lowered_value){var, 64 * w + (uint32_t)__builtin_ctzll(set[w])};
            return true;
        }
    return false;
}

/* Per value: the picked option that has it, plus one. */
static uint32_t *picked_values(const struct cw_asked *asked, const uint32_t *options,
                               size_t count) {
    const struct cw_lowered *lowered = asked->engine->lowered;
    uint32_t *owners =
        cw_arena_array(asked->arena, lowered->model->value_count + 1, sizeof *owners);
    struct cw_lowered_value value;
    for (size_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < cw_option_vars(lowered, options[i]); k++)
            if (cw_asked_value(asked, cw_option_var(lowered, options[i], k), &value))
                owners[cw_value_index(lowered, value)] = options[i] + 1;
    return owners;
}

/* The first other pick that this one refutes, or CW_NONE. */
static uint32_t refuted_by(struct cw_asked *asked, uint32_t option, const uint32_t *owners) {
    const struct cw_lowered *lowered = asked->engine->lowered;
    struct cw_lowered_value value;
    for (uint32_t k = 0; k < cw_option_vars(lowered, option); k++) {
        if (!cw_asked_value(asked, cw_option_var(lowered, option, k), &value))
            continue;
        const struct cw_lone *lone =
            cw_ground_lone(asked->engine, cw_asked_ground(asked), value, asked->arena);
        for (uint32_t i = 0; i < lone->count; i++)
            if (owners[lone->items[i].value] != 0)
                return owners[lone->items[i].value] - 1;
    }
    return CW_NONE;
}

static bool find_pair(struct cw_asked *asked, uint32_t *options, size_t count) {
    const uint32_t *owners = picked_values(asked, options, count);
    for (size_t i = 0; i < count; i++) {
        uint32_t other = refuted_by(asked, options[i], owners);
        if (other == CW_NONE)
            continue;
        uint32_t one = options[i];
        options[0] = one < other ? one : other;
        options[1] = one < other ? other : one;
        return true;
    }
    return false;
}

void cw_asked_clash(struct cw_asked *asked, uint32_t without, struct cw_clash *ret) {
    const struct cw_selection *selection = asked->selection;
    uint32_t *options = cw_arena_array(asked->arena, selection->count + 2, sizeof *options);
    size_t count = 0;
    *ret = (struct cw_clash){.picks = options, .minimal = true};
    for (size_t i = 0; i < selection->count; i++) {
        uint32_t option = selection->picks[i].option;
        if (asked->picks[option] && option != without)
            options[count++] = option;
    }
    if (!cw_asked_ground(asked)->possible)
        return;
    for (size_t i = 0; i < count; i++)
        if (is_dead(asked, options[i])) {
            options[0] = options[i];
            ret->pick_count = 1;
            return;
        }
    if (cw_engine_is_small(asked->engine) && find_pair(asked, options, count)) {
        ret->pick_count = 2;
        return;
    }
    ret->minimal = cw_asked_refuters(asked, asked->available, options, &count);
    ret->pick_count = count;
}

/* ---- rules ----------------------------------------------------------------------------------- */

static const char *cause_message(const struct cw_asked *asked, const struct cw_origin *origin) {
    const struct cw_product *product = asked->engine->product;
    const char *locale = asked->context->locale;
    if (origin->kind == CW_ORIGIN_RULE)
        return cw_l10n_get(&product->rules[origin->rule].message, locale);
    const struct cw_option *option = &product->options[origin->option];
    if (origin->kind == CW_ORIGIN_ONLY_IF) {
        const char *own = cw_l10n_get(&option->choices[origin->choice].only_if_message, locale);
        if (own[0])
            return own;
    }
    const char *code = origin->kind == CW_ORIGIN_ACTIVE_IF     ? "selection.inactive"
                       : origin->kind == CW_ORIGIN_REQUIRED_IF ? "option.required"
                                                               : "selection.conflict";
    return cw_arena_printf(asked->arena, "%s: %s", cw_l10n_get(&option->title, locale),
                           cw_sentence(code, locale));
}

/* The rules that refute these picks. A refutation nobody can repeat is not told. */
static enum cw_status find_core(struct cw_asked *asked, const struct cw_clash *clash,
                                struct cw_solve_core *ret, bool *ret_minimal,
                                struct cw_error *err) {
    const uint64_t *mask = cw_asked_mask(asked, clash->picks, clash->pick_count);
    enum cw_verdict verdict = cw_asked_core(asked, mask, ret);
    *ret_minimal = verdict == CW_VERDICT_YES;
    if (verdict == CW_VERDICT_NO)
        return cw_disagree(err, "inconsistent");
    return CW_OK;
}

static bool is_unavailable(const struct cw_asked *asked, uint32_t option) {
    struct cw_lowered_value value;
    const struct cw_lowered *lowered = asked->engine->lowered;
    for (uint32_t i = 0; i < cw_option_vars(lowered, option); i++)
        if (!cw_asked_value(asked, cw_option_var(lowered, option, i), &value))
            return true;
    return false;
}

enum cw_status cw_conflict_find(const struct cw_engine *engine,
                                const struct cw_selection *selection,
                                const struct cw_configure_context *context, struct cw_arena *arena,
                                struct cw_conflict *ret, struct cw_error *err) {
    struct cw_asked *asked = cw_asked_new(engine, selection, context, arena);
    struct cw_found found;
    struct cw_clash clash;
    struct cw_solve_core core = {0};
    bool minimal = true;
    enum cw_status status = cw_asked_complete(asked, &found, err);
    if (status != CW_OK)
        return status;
    if (found.verdict == CW_VERDICT_UNKNOWN)
        return cw_fail(err, CW_E_LIMIT, "configure.budget",
                       "it takes too long to say whether these choices can be combined");
    if (found.verdict == CW_VERDICT_YES)
        return cw_fail(err, CW_E_CONFLICT, "configure.consistent", "these choices can be combined");
    cw_asked_clash(asked, CW_NONE, &clash);
    if (clash.pick_count != 1 || !is_unavailable(asked, clash.picks[0]))
        status = find_core(asked, &clash, &core, &minimal, err);
    if (status != CW_OK)
        return status;
    struct cw_cause *causes = cw_arena_array(arena, core.count + 1, sizeof *causes);
    for (size_t i = 0; i < core.count; i++) {
        const struct cw_origin *origin = &engine->lowered->origins[core.origins[i]];
        causes[i] = (struct cw_cause){.rule = origin->rule,
                                      .option = origin->option,
                                      .choice = origin->choice,
                                      .message = cause_message(asked, origin)};
    }
    *ret = (struct cw_conflict){.pick_count = clash.pick_count,
                                .picks = clash.picks,
                                .cause_count = core.count,
                                .causes = causes,
                                .minimal = minimal && clash.minimal};
    return CW_OK;
}

/* ---- issues ---------------------------------------------------------------------------------- */

/* The pick an issue about a rule points at: the first of the conflict that the rule speaks of. */
static uint32_t pointed_at(const struct cw_asked *asked, const struct cw_clash *clash,
                           uint32_t rule) {
    for (size_t i = 0; i < clash->pick_count; i++)
        if (cw_rule_involves(&asked->engine->product->rules[rule], clash->picks[i]))
            return clash->picks[i];
    return clash->pick_count > 0 ? clash->picks[0] : CW_NONE;
}

static void add_cause(struct cw_issues *issues, const struct cw_asked *asked,
                      const struct cw_clash *clash, const struct cw_origin *origin) {
    switch (origin->kind) {
    case CW_ORIGIN_RULE:
        cw_issue_add_rule(issues, origin->rule, pointed_at(asked, clash, origin->rule));
        break;
    case CW_ORIGIN_ONLY_IF:
        cw_issue_add_only_if(issues, origin->option, origin->choice);
        break;
    case CW_ORIGIN_ACTIVE_IF:
        cw_issue_add_code(issues, "selection.inactive", origin->option, "");
        break;
    case CW_ORIGIN_REQUIRED_IF:
        cw_issue_add_code(issues, "option.required", origin->option, "");
        break;
    case CW_ORIGIN_DERIVE:
    case CW_ORIGIN_STRUCTURE:
        break;
    }
}

enum cw_status cw_issues_of_conflict(struct cw_issues *issues, struct cw_asked *asked,
                                     struct cw_error *err) {
    size_t before = issues->count;
    struct cw_clash clash;
    struct cw_solve_core core;
    bool minimal;
    if (!cw_asked_ground(asked)->possible) { /* no pick is to blame: nothing is left here and now */
        cw_issue_add_code(issues, "selection.nothing_left", CW_NONE, "");
        return CW_OK;
    }
    for (size_t i = 0; i < asked->selection->count; i++) {
        uint32_t option = asked->selection->picks[i].option;
        if (asked->picks[option] && is_unavailable(asked, option))
            cw_issue_add_code(issues, "choice.unavailable", option, "");
    }
    cw_issues_of_broken(issues, asked);
    if (issues->count > before)
        return CW_OK;
    cw_asked_clash(asked, CW_NONE, &clash);
    enum cw_status status = find_core(asked, &clash, &core, &minimal, err);
    if (status != CW_OK)
        return status;
    for (size_t i = 0; i < core.count; i++)
        add_cause(issues, asked, &clash, &asked->engine->lowered->origins[core.origins[i]]);
    for (size_t i = 0; issues->count == before && i < clash.pick_count; i++)
        cw_issue_add_code(issues, "selection.conflict", clash.picks[i], "");
    if (issues->count == before)
        cw_issue_add_code(issues, "selection.conflict", CW_NONE, "");
    return CW_OK;
}
