/*
 * Responsible for: telling which rules leave no configuration at all. Searching refutes most; what
 * it cannot is refuted by compiling fewer and fewer of the rules, which also counts birds against
 * holes. Does not: find out that nothing is left (diagnose.c). Command line and publishing threads.
 */
#include "configure/diagnose_inside.h"

#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "configure/rules/worker.h"
#include "cordwain/limits.h"

#define STEPS      UINT64_C(10000000) /* of the search; a second or two */
#define TRY_MS     1000 /* one compilation: of fewer rules than were compiled before */
#define TOLD_RULES 12   /* of a set that is not minimal; more: their options */

struct shrinking {
    struct cw_diagnosing *d;
    struct cw_arena *arena;
    bool *kept; /* per origin that is no structure: among those that together leave nothing */
    int64_t deadline_ms;
    bool minimal; /* each of those kept was tried without */
};

static int64_t now_ms(void) {
    return cw_clock_monotonic_ms(&cw_clock_system);
}

/* ---- compiling some of the rules ------------------------------------------------------------- */

static struct cw_model *model_of_kept(const struct shrinking *s, struct cw_arena *arena) {
    const struct cw_model *model = s->d->model;
    struct cw_model_constraint *constraints =
        cw_arena_array(arena, (size_t)model->constraint_count + 1, sizeof *constraints);
    struct cw_model *some = cw_arena_alloc(arena, sizeof *some);
    *some = *model;
    some->constraints = constraints;
    some->constraint_count = 0;
    for (uint32_t c = 0; c < model->constraint_count; c++) {
        uint32_t origin = model->constraints[c].origin;
        if (s->d->fixed[origin] || s->kept[origin]) {
            constraints[some->constraint_count++] = model->constraints[c];
        }
    }
    return some;
}

/* Do those kept leave a configuration? UNKNOWN: not found in time. */
static enum cw_verdict leave_some(const struct shrinking *s) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    int64_t left_ms = s->deadline_ms - now_ms();
    struct cw_compile_budget budget = {left_ms < TRY_MS ? (uint64_t)left_ms : TRY_MS,
                                       CW_RULES_COMPILE_BRANCHES, CW_RULES_COMPILE_BYTES,
                                       CW_RULES_MEMORY_BYTES};
    const struct cw_rules_worker_config *worker = s->d->request->worker;
    struct cw_compile_result result;
    struct cw_diagram *diagram;
    if (left_ms <= 0) {
        return CW_VERDICT_UNKNOWN;
    }
    const struct cw_model *model = model_of_kept(s, arena);
    enum cw_status status = worker ? cw_rules_compile(worker, model, &budget, arena, &result, NULL)
                                   : cw_model_compile(model, &budget, arena, &result, NULL);
    if (status != CW_OK || result.outcome != CW_COMPILED ||
        cw_diagram_open(result.artefact.data, result.artefact.length, &diagram, NULL) != CW_OK) {
        return CW_VERDICT_UNKNOWN;
    }
    bool some = cw_diagram_feasible(diagram, s->d->full, arena);
    cw_diagram_free(diagram);
    return some ? CW_VERDICT_YES : CW_VERDICT_NO;
}

/* ---- components ------------------------------------------------------------------------------ */

static uint32_t root_of(uint32_t *parents, uint32_t i) {
    while (parents[i] != i) {
        i = parents[i] = parents[parents[i]];
    }
    return i;
}

/* Per variable and, after them, per origin: the same number for all that hang together. */
static uint32_t *hang_together(const struct shrinking *s) {
    const struct cw_model *model = s->d->model;
    uint32_t count = model->var_count + model->origin_count;
    uint32_t *parents = cw_arena_array(s->arena, (size_t)count + 1, sizeof *parents);
    for (uint32_t i = 0; i < count; i++) {
        parents[i] = i;
    }
    for (uint32_t c = 0; c < model->constraint_count; c++) {
        const struct cw_model_constraint *from = &model->constraints[c];
        if (from->scope_count == 0) {
            continue;
        }
        uint32_t own = root_of(
            parents, s->d->fixed[from->origin] ? from->scope[0] : model->var_count + from->origin);
        for (uint32_t i = 0; i < from->scope_count; i++) {
            parents[root_of(parents, from->scope[i])] = own;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        parents[i] = root_of(parents, i);
    }
    return parents;
}

/* Keep the origins of one component besides those that are; how many it has. */
static uint32_t keep_component(const struct shrinking *s, const uint32_t *roots, uint32_t root) {
    uint32_t count = 0;
    for (uint32_t o = 0; o < s->d->model->origin_count; o++) {
        if (!s->d->fixed[o] && roots[s->d->model->var_count + o] == root) {
            s->kept[o] = true;
            count++;
        }
    }
    return count;
}

static void keep_none(const struct shrinking *s) {
    memset(s->kept, 0, s->d->model->origin_count * sizeof *s->kept);
}

/* Those of a component that alone leaves nothing; else of all that are not known to leave some. */
static void find_component(struct shrinking *s) {
    const struct cw_model *model = s->d->model;
    uint32_t count = model->var_count + model->origin_count;
    const uint32_t *roots = hang_together(s);
    bool *fine = cw_arena_array(s->arena, (size_t)count + 1, sizeof *fine);
    for (uint32_t i = 0; i < count; i++) {
        keep_none(s);
        if (roots[i] != i || keep_component(s, roots, i) == 0) {
            continue;
        }
        enum cw_verdict verdict = leave_some(s);
        if (verdict == CW_VERDICT_NO) {
            return;
        }
        fine[i] = verdict == CW_VERDICT_YES;
    }
    keep_none(s);
    for (uint32_t i = 0; i < count; i++) {
        if (roots[i] == i && !fine[i]) {
            (void)keep_component(s, roots, i);
        }
    }
}

/* ---- leaving out ----------------------------------------------------------------------------- */

/* Those kept, ascending; how many. */
static uint32_t list_kept(const struct shrinking *s, uint32_t *ret_origins) {
    uint32_t count = 0;
    for (uint32_t o = 0; o < s->d->model->origin_count; o++) {
        if (s->kept[o]) {
            ret_origins[count++] = o;
        }
    }
    return count;
}

/* Whole pieces first, then halves of them, at last each alone (Hemery and others 2006). */
static void shrink(struct shrinking *s) {
    uint32_t *own = cw_arena_array(s->arena, (size_t)s->d->model->origin_count + 1, sizeof *own);
    uint32_t count = list_kept(s, own);
    s->minimal = count <= 1;
    for (uint32_t size = count / 2; size > 0 && now_ms() < s->deadline_ms; size /= 2) {
        s->minimal = size == 1;
        for (uint32_t from = 0, left = count; from < left; from += size) {
            uint32_t until = left - from < size ? left : from + size;
            for (uint32_t i = from; i < until; i++) {
                s->kept[own[i]] = false;
            }
            enum cw_verdict verdict = leave_some(s);
            for (uint32_t i = from; i < until && verdict != CW_VERDICT_NO; i++) {
                s->kept[own[i]] = true;
            }
            s->minimal = s->minimal && verdict != CW_VERDICT_UNKNOWN;
        }
        count = list_kept(s, own);
    }
}

static struct cw_solve_core write_kept(const struct shrinking *s) {
    uint32_t *origins =
        cw_arena_array(s->d->arena, (size_t)s->d->model->origin_count + 1, sizeof *origins);
    return (struct cw_solve_core){list_kept(s, origins), origins};
}

/* True: minimal. *core is a reason already, or has no origins. */
static bool find_by_compiling(struct cw_diagnosing *d, struct cw_solve_core *core) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    uint32_t budget_ms = d->request->budget_ms ? d->request->budget_ms : CW_DIAGNOSE_MS;
    struct shrinking s = {
        .d = d,
        .arena = arena,
        .kept = cw_arena_array(arena, (size_t)d->model->origin_count + 1, sizeof(bool)),
        .deadline_ms = now_ms() + budget_ms,
    };
    for (size_t i = 0; i < core->count; i++) {
        s.kept[core->origins[i]] = true;
    }
    if (core->count == 0) {
        find_component(&s);
    }
    shrink(&s);
    *core = write_kept(&s);
    return s.minimal;
}

/* ---- telling --------------------------------------------------------------------------------- */

/* Per option: is a rule of the core about it? */
static void mark_options(const struct cw_diagnosing *d, const struct cw_solve_core *core,
                         bool *among, bool *ret_marked) {
    for (size_t i = 0; i < core->count; i++) {
        among[core->origins[i]] = true;
    }
    for (uint32_t c = 0; c < d->model->constraint_count; c++) {
        const struct cw_model_constraint *from = &d->model->constraints[c];
        for (uint32_t i = 0; i < from->scope_count && among[from->origin]; i++) {
            uint32_t option = d->lowered->var_options[from->scope[i]];
            if (option != CW_NONE) {
                ret_marked[option] = true;
            }
        }
    }
}

/* The options such rules are about; the compiler's, when it says which are entangled. */
static const char *options_text(struct cw_diagnosing *d, const struct cw_solve_core *core) {
    if (d->request->entangled_count > 0) {
        return cw_diagnose_option_names(d, d->request->entangled, d->request->entangled_count);
    }
    size_t count = 0, all = d->product->option_count;
    bool *among = cw_arena_array(d->scratch, (size_t)d->model->origin_count + 1, sizeof *among);
    bool *marked = cw_arena_array(d->scratch, all + 1, sizeof *marked);
    uint32_t *options = cw_arena_array(d->scratch, all + 1, sizeof *options);
    mark_options(d, core, among, marked);
    for (uint32_t o = 0; o < all; o++) {
        if (marked[o]) {
            options[count++] = o;
        }
    }
    return cw_diagnose_option_names(d, options, count);
}

static const char *reason_text(struct cw_diagnosing *d, const struct cw_solve_core *core,
                               bool minimal) {
    if (minimal) {
        return cw_diagnose_core_text(d, core);
    }
    if (core->count <= TOLD_RULES) {
        return cw_arena_printf(d->arena,
                               "%s, or some of these: whether each is needed was not found in time",
                               cw_diagnose_core_text(d, core));
    }
    return cw_arena_printf(d->arena,
                           "because of some of the %zu rules between %s; a smaller set of them was "
                           "not found in time",
                           core->count, options_text(d, core));
}

/* Worth more time than the budget: nothing else can be told of such rules. */
void cw_diagnose_void(struct cw_diagnosing *d) {
    struct cw_solve_question question = {.allowed = d->full, .steps = STEPS};
    struct cw_solve_core core = {0};
    bool minimal = cw_solve_minimal_core(d->engine->index, &question, d->fixed, d->arena, &core) ==
                   CW_VERDICT_YES;
    minimal = minimal || find_by_compiling(d, &core);
    cw_diagnose_add(
        d, &(struct cw_finding){CW_FINDING_ERROR, "rules.void",
                                core.count ? cw_diagnose_origin_pointer(d, core.origins[0]) : "",
                                "the rules leave no configuration at all",
                                reason_text(d, &core, minimal)});
}
