/*
 * Responsible for: rules that say nothing new, choices that several rules together keep apart, and
 * `derive` that is not total or not deterministic. Does not: judge whole selections
 * (diagnose_cases.c). Command line and publishing threads.
 */
#include "configure/diagnose_inside.h"

#include <string.h>

#include "base/bytes.h"
#include "cordwain/limits.h"

#define STEPS UINT64_C(2000000)

/* ---- redundant ------------------------------------------------------------------------------- */

/* "required" is a property; these are rules somebody wrote. */
static bool is_rule(const struct cw_diagnosing *d, uint32_t origin) {
    const struct cw_origin *o = &d->lowered->origins[origin];
    return o->kind == CW_ORIGIN_RULE || o->kind == CW_ORIGIN_ONLY_IF ||
           (o->kind == CW_ORIGIN_REQUIRED_IF && d->product->options[o->option].required_if);
}

static enum cw_verdict is_redundant(struct cw_diagnosing *d, uint32_t origin, const bool *without) {
    CW_AUTO_ARENA struct cw_arena *own = cw_arena_new();
    struct cw_solve_question question = {d->full, without, STEPS};
    return cw_solve_redundant(d->engine->index, &question, origin, own);
}

/* From the last to the first, each without those found before: of rules that say the same the first
 * stays, and what is told can be left out all together. */
static bool *find_redundant(struct cw_diagnosing *d, size_t *ret_total, size_t *ret_unknown) {
    bool *redundant =
        cw_arena_array(d->scratch, (size_t)d->lowered->origin_count + 1, sizeof *redundant);
    for (uint32_t origin = d->lowered->origin_count; origin-- > 0;) {
        if (!is_rule(d, origin)) {
            continue;
        }
        enum cw_verdict verdict =
            cw_diagnose_out_of_time(d) ? CW_VERDICT_UNKNOWN : is_redundant(d, origin, redundant);
        redundant[origin] = verdict == CW_VERDICT_YES;
        *ret_unknown += verdict == CW_VERDICT_UNKNOWN;
        ++*ret_total;
    }
    return redundant;
}

void cw_diagnose_redundant(struct cw_diagnosing *d) {
    size_t unknown = 0, total = 0;
    const bool *redundant = find_redundant(d, &total, &unknown);
    for (uint32_t origin = 0; origin < d->lowered->origin_count; origin++) {
        if (redundant[origin]) {
            cw_diagnose_add(
                d, &(struct cw_finding){CW_FINDING_NOTE, "rules.redundant",
                                        cw_diagnose_origin_pointer(d, origin),
                                        cw_arena_printf(d->arena, "%s follows from the other rules",
                                                        cw_diagnose_origin_name(d, origin)),
                                        "leaving it out changes nothing"});
        }
    }
    if (unknown > 0) {
        cw_diagnose_add(
            d, &(struct cw_finding){CW_FINDING_NOTE, "rules.not_searched", "/rules",
                                    cw_arena_printf(d->arena,
                                                    "%zu of %zu rules were not checked for being "
                                                    "redundant",
                                                    unknown, total),
                                    "the time for searching was used up"});
    }
}

/* ---- pairs ----------------------------------------------------------------------------------- */

/* Of two options so many pairs of choices are looked at for one that takes several rules: a shop's
 * options exclude each other in hundreds of like pairs. */
#define PAIRS_OF_OPTIONS 4

/* A choice and where it stands. */
struct choice {
    uint32_t option, index;
    struct cw_lowered_value value;
};

struct pairs {
    struct cw_diagnosing *d;
    size_t count;
    struct choice *choices; /* possible ones */
    uint8_t *judged;        /* of the first one's option: pairs per other option */
};

static void gather(struct pairs *p) {
    struct cw_diagnosing *d = p->d;
    size_t total = 1;
    for (uint32_t o = 0; o < d->product->option_count; o++) {
        total += cw_diagnose_choice_count(&d->product->options[o]);
    }
    p->choices = cw_arena_array(d->scratch, total, sizeof *p->choices);
    for (uint32_t o = 0; o < d->product->option_count; o++) {
        uint32_t count = cw_diagnose_choice_count(&d->product->options[o]);
        for (uint32_t c = 0; c < count; c++) {
            struct cw_lowered_value value = cw_diagnose_value(d, o, c);
            if (cw_set_has(d->possible + d->model->word_bases[value.var], value.value)) {
                p->choices[p->count++] = (struct choice){o, c, value};
            }
        }
    }
}

/* Two choices that no configuration has together although no single rule says so; true when told.
 */
static bool judge_pair(struct cw_diagnosing *d, const struct choice *a, const struct choice *b) {
    struct cw_solve_core core;
    uint64_t *mask = cw_diagnose_mask(d);
    cw_diagnose_pin(d, mask, a->value);
    cw_diagnose_pin(d, mask, b->value);
    if (!cw_diagnose_core(d, mask, &core) || core.count < 2) {
        return false;
    }
    const char *x = cw_diagnose_choice_name(d, a->option, a->index);
    const char *y = cw_diagnose_choice_name(d, b->option, b->index);
    cw_diagnose_add(
        d, &(struct cw_finding){CW_FINDING_NOTE, "rules.conflicting_choices",
                                cw_diagnose_choice_pointer(d, b->option, b->index),
                                cw_arena_printf(d->arena, "%s and %s never go together", x, y),
                                cw_diagnose_core_text(d, &core)});
    return true;
}

static void judge_choice(struct pairs *p, size_t at, uint64_t *left) {
    struct cw_diagnosing *d = p->d;
    CW_AUTO_ARENA struct cw_arena *own = cw_arena_new();
    const struct choice *a = &p->choices[at];
    uint64_t *mask = cw_diagnose_mask(d);
    cw_diagnose_pin(d, mask, a->value);
    struct cw_diagram_scope scope = {mask, mask};
    (void)cw_diagram_domains(d->engine->diagram, &scope, own, left);
    for (size_t i = at + 1; i < p->count && !cw_diagnose_out_of_time(d); i++) {
        const struct choice *b = &p->choices[i];
        uint8_t *judged = &p->judged[b->option];
        if (b->option != a->option && *judged < PAIRS_OF_OPTIONS &&
            !cw_set_has(left + d->model->word_bases[b->value.var], b->value.value)) {
            *judged = judge_pair(d, a, b) ? PAIRS_OF_OPTIONS : (uint8_t)(*judged + 1);
        }
    }
}

void cw_diagnose_pairs(struct cw_diagnosing *d) {
    if (!d->engine->diagram || !d->possible) {
        return;
    }
    struct pairs pairs = {.d = d};
    gather(&pairs);
    uint64_t *left = cw_arena_array(d->scratch, (size_t)d->model->word_count + 1, sizeof *left);
    pairs.judged = cw_arena_array(d->scratch, d->product->option_count + 1, sizeof(uint8_t));
    size_t done = 0;
    while (done < pairs.count && !cw_diagnose_out_of_time(d)) {
        if (done > 0 && pairs.choices[done].option != pairs.choices[done - 1].option) {
            memset(pairs.judged, 0, d->product->option_count);
        }
        judge_choice(&pairs, done++, left);
    }
    if (done < pairs.count) {
        cw_diagnose_add(d, &(struct cw_finding){CW_FINDING_NOTE, "rules.not_searched", "/options",
                                                "not every pair of choices was looked at",
                                                "the time for searching was used up"});
    }
}

/* ---- derive ---------------------------------------------------------------------------------- */

/* One derived option being checked: on a copy of the model, its own constraints left out. */
struct deriving {
    struct cw_diagnosing *d;
    uint32_t option;
    const struct cw_derive *derive;
    struct cw_arena *own;
    struct cw_model *model;
    struct cw_solve_index *index;
    uint64_t *base, *mask; /* the derived option is there; the same, narrowed by rows */
    bool *without;         /* per origin of the copy */
    uint32_t *vars;        /* per `from` */
};

/* Does a value of `from` i fit the row's cell? An inactive option fits only "*". */
static bool fits(const struct deriving *v, const struct cw_derive_row *row, size_t i,
                 uint32_t value) {
    uint32_t from = v->derive->from[i];
    return value == v->d->lowered->options[from].inactive
               ? cw_mask_is_any(&v->d->product->options[from], &row->masks[i])
               : cw_mask_has(&row->masks[i], value);
}

/* All that fit the row and every row before it in `mask`; false when nothing is left of one. */
static bool narrow(const struct deriving *v, const struct cw_derive_row *row, uint64_t *mask) {
    bool some = true;
    for (size_t i = 0; i < v->derive->from_count; i++) {
        uint32_t var = v->vars[i], count = v->model->value_counts[var], left = 0;
        uint64_t *set = mask + v->model->word_bases[var];
        for (uint32_t value = 0; value < count; value++) {
            if (!fits(v, row, i, value)) {
                cw_set_drop(set, value);
            }
            left += cw_set_has(set, value);
        }
        some = some && left > 0;
    }
    return some;
}

/* The model as it is now becomes askable, with the derived option there. */
static void prepare(struct deriving *v) {
    const struct cw_lowered_option *lowered = &v->d->lowered->options[v->option];
    v->index = cw_solve_index_new(v->model, v->own);
    v->base = cw_model_full_mask(v->model, v->own);
    v->mask = cw_model_full_mask(v->model, v->own);
    if (lowered->inactive != CW_NONE) {
        cw_set_drop(v->base + v->model->word_bases[lowered->var], lowered->inactive);
    }
}

static uint64_t *active_mask(struct deriving *v) {
    memcpy(v->mask, v->base, v->model->word_count * sizeof *v->mask);
    return v->mask;
}

static enum cw_verdict ask(const struct deriving *v, const uint64_t *mask, uint32_t *ret_values) {
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    struct cw_solve_question question = {mask, v->without, STEPS};
    return cw_solve(v->index, &question, scratch, ret_values);
}

/* "body 'tin' and lid 'wood'": what the derived option would follow from. */
static const char *input_text(const struct deriving *v, const uint32_t *values) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    for (size_t i = 0; i < v->derive->from_count; i++) {
        uint32_t from = v->derive->from[i], value = values[v->vars[i]];
        const struct cw_option *option = &v->d->product->options[from];
        const char *id = value == v->d->lowered->options[from].inactive ? "nothing"
                         : option->kind == CW_OPTION_FLAG               ? (value ? "true" : "false")
                                                                        : option->choices[value].id;
        cw_buf_printf(&buf, "%s'%s' is %s", i ? " and " : "", option->id, id);
    }
    return cw_arena_strdup(v->d->arena, buf.data ? buf.data : "");
}

static void tell_derive(const struct deriving *v, const char *code, const char *member,
                        const char *message, const char *hint) {
    cw_diagnose_add(v->d, &(struct cw_finding){CW_FINDING_ERROR, code,
                                               cw_arena_printf(v->d->arena, "/options/%u/derive%s",
                                                               v->option, member),
                                               message, hint});
}

static void tell_unknown(const struct deriving *v) {
    cw_diagnose_add(
        v->d, &(struct cw_finding){CW_FINDING_NOTE, "rules.not_searched",
                                   cw_arena_printf(v->d->arena, "/options/%u/derive", v->option),
                                   "not every input of this table was looked at",
                                   "the time for searching was used up"});
}

/* No row fits: every row becomes a clause "something about it does not fit". */
static void check_total(struct deriving *v) {
    const struct cw_derive *derive = v->derive;
    uint32_t origin = v->model->origin_count, words = 0;
    for (size_t i = 0; i < derive->from_count; i++) {
        words += cw_set_words(v->model->value_counts[v->vars[i]]);
    }
    uint64_t *sets = cw_arena_array(v->own, (size_t)words + 1, sizeof *sets);
    for (size_t r = 0; r < derive->row_count; r++) {
        uint64_t *set = sets;
        memset(sets, 0, words * sizeof *sets);
        for (size_t i = 0; i < derive->from_count; i++) {
            uint32_t count = v->model->value_counts[v->vars[i]];
            for (uint32_t value = 0; value < count; value++) {
                if (!fits(v, &derive->rows[r], i, value)) {
                    cw_set_add(set, value);
                }
            }
            set += cw_set_words(count);
        }
        cw_model_add_clause(v->model, origin, v->vars, (uint32_t)derive->from_count, sets);
    }
    prepare(v);
    uint32_t *values = cw_arena_array(v->own, (size_t)v->model->var_count + 1, sizeof *values);
    enum cw_verdict verdict = ask(v, active_mask(v), values);
    if (verdict == CW_VERDICT_YES) {
        tell_derive(v, "rules.derive_not_total", "",
                    cw_arena_printf(v->d->arena, "no row of '%s' fits when %s",
                                    v->d->product->options[v->option].id, input_text(v, values)),
                    "add a row, or a rule that keeps these apart");
    } else if (verdict == CW_VERDICT_UNKNOWN) {
        tell_unknown(v);
    }
}

static enum cw_verdict check_rows(struct deriving *v, size_t a, size_t b) {
    uint64_t *mask = active_mask(v);
    if (!narrow(v, &v->derive->rows[a], mask) || !narrow(v, &v->derive->rows[b], mask)) {
        return CW_VERDICT_NO;
    }
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    uint32_t *values = cw_arena_array(scratch, (size_t)v->model->var_count + 1, sizeof *values);
    enum cw_verdict verdict = ask(v, mask, values);
    if (verdict == CW_VERDICT_YES) {
        tell_derive(v, "rules.derive_not_deterministic",
                    cw_arena_printf(v->d->arena, "/rows/%zu", b),
                    cw_arena_printf(v->d->arena, "rows %zu and %zu give different choices when %s",
                                    a, b, input_text(v, values)),
                    "let only one row fit");
    }
    return verdict;
}

static void check_deterministic(struct deriving *v) {
    bool unknown = false;
    prepare(v);
    for (size_t b = 1; b < v->derive->row_count && !unknown; b++) {
        for (size_t a = 0; a < b && !unknown; a++) {
            enum cw_verdict verdict = v->derive->rows[a].choice == v->derive->rows[b].choice
                                          ? CW_VERDICT_NO
                                          : check_rows(v, a, b);
            unknown = verdict == CW_VERDICT_UNKNOWN || cw_diagnose_out_of_time(v->d);
            if (verdict == CW_VERDICT_YES) {
                break; /* one clash of a row is enough */
            }
        }
    }
    if (unknown) {
        tell_unknown(v);
    }
}

/* A copy that constraints can be added to; the origins that derive this option are left out. */
static bool copy_model(struct deriving *v) {
    struct cw_diagnosing *d = v->d;
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_model_encode(d->model, &buf);
    if (cw_model_decode(buf.data, buf.length, v->own, &v->model, NULL) != CW_OK) {
        return false;
    }
    size_t origins = (size_t)d->lowered->origin_count + d->model->origin_count;
    v->without = cw_arena_array(v->own, origins + 2, sizeof *v->without);
    for (uint32_t i = 0; i < d->lowered->origin_count; i++) {
        const struct cw_origin *o = &d->lowered->origins[i];
        v->without[i] = o->kind == CW_ORIGIN_DERIVE && o->option == v->option;
    }
    v->vars = cw_arena_array(v->own, v->derive->from_count + 1, sizeof *v->vars);
    for (size_t i = 0; i < v->derive->from_count; i++) {
        v->vars[i] = d->lowered->options[v->derive->from[i]].var;
    }
    return true;
}

void cw_diagnose_derive(struct cw_diagnosing *d) {
    for (uint32_t o = 0; o < d->product->option_count; o++) {
        if (!d->product->options[o].derive) {
            continue;
        }
        CW_AUTO_ARENA struct cw_arena *own = cw_arena_new();
        struct deriving v = {
            .d = d, .option = o, .derive = d->product->options[o].derive, .own = own};
        if (copy_model(&v)) {
            check_deterministic(&v);
            check_total(&v);
        }
    }
}
