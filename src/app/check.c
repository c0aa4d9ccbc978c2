/*
 * Responsible for: compiling and diagnosing the rules of one product version, and what came of it
 * as JSON, report and faults. Does not: find anything itself (configure step). Command line and
 * threads that may wait.
 */
#include "app/check.h"

#include "base/clock.h"
#include "configure/configure.h"

enum cw_status cw_check_rules(const struct cw_paths *paths, const struct cw_rules_effort *effort,
                              struct cw_snapshot *snapshot, struct cw_arena *arena,
                              struct cw_checked *ret, struct cw_error *err) {
    struct cw_checked checked = {0};
    enum cw_status status = cw_rules_attach(paths, effort, snapshot, arena, &checked.made, err);
    if (status != CW_OK) {
        return status;
    }
    struct cw_rules_worker_config worker = {.program = paths->rules,
                                            .cancel_fd = effort->cancel_fd};
    struct cw_diagnose_request request = {.budget_ms = effort->diagnose_ms,
                                          .today_days =
                                              cw_clock_now_ms(&cw_clock_system) / CW_DAY_MS,
                                          .worker_failed = checked.made.worker_failed,
                                          .solver = cw_snapshot_solver(snapshot),
                                          .worker = &worker,
                                          .entangled = checked.made.entangled,
                                          .entangled_count = checked.made.entangled_count};
    status = cw_diagnose(cw_snapshot_engine(snapshot), &request, arena, &checked.diagnosis, err);
    if (status != CW_OK) {
        return status;
    }
    for (size_t i = 0; i < checked.diagnosis.finding_count; i++) {
        enum cw_finding_kind kind = checked.diagnosis.findings[i].kind;
        checked.error_count += kind == CW_FINDING_ERROR;
        checked.warning_count += kind == CW_FINDING_WARNING;
        checked.note_count += kind == CW_FINDING_NOTE;
    }
    *ret = checked;
    return CW_OK;
}

static enum cw_report_severity severity_of(enum cw_finding_kind kind) {
    return kind == CW_FINDING_ERROR     ? CW_REPORT_ERROR
           : kind == CW_FINDING_WARNING ? CW_REPORT_WARNING
                                        : CW_REPORT_NOTE;
}

const struct cw_report_item *cw_checked_items(const struct cw_checked *checked,
                                              struct cw_arena *arena) {
    const struct cw_diagnosis *d = &checked->diagnosis;
    struct cw_report_item *items = cw_arena_array(arena, d->finding_count + 1, sizeof *items);
    for (size_t i = 0; i < d->finding_count; i++) {
        const struct cw_finding *f = &d->findings[i];
        items[i] =
            (struct cw_report_item){severity_of(f->kind), f->code, f->pointer, f->message, f->hint};
    }
    return items;
}

enum cw_status cw_checked_judge(const struct cw_checked *checked, struct cw_faults *faults,
                                struct cw_error *err) {
    const struct cw_diagnosis *d = &checked->diagnosis;
    for (size_t i = 0; i < d->finding_count; i++) {
        if (d->findings[i].kind == CW_FINDING_ERROR) {
            cw_fault_add_hint(faults, d->findings[i].code, d->findings[i].pointer,
                              d->findings[i].hint, d->findings[i].message);
        }
    }
    return checked->error_count == 0
               ? CW_OK
               : cw_fail(err, CW_E_INPUT, "product.invalid", "the rules cannot be published");
}

static void write_pointers(struct cw_json_writer *w, const char *name, const char *const *pointers,
                           size_t count) {
    cw_jw_begin(w, name, '[');
    for (size_t i = 0; i < count; i++) {
        cw_jw_str(w, NULL, pointers[i]);
    }
    cw_jw_end(w, ']');
}

void cw_checked_write(const struct cw_checked *checked, const struct cw_product *product,
                      struct cw_json_writer *w) {
    const struct cw_diagnosis *d = &checked->diagnosis;
    cw_jw_str(w, "outcome", d->outcome);
    cw_jw_str(w, "configurations", d->configurations);
    write_pointers(w, "deadChoices", d->dead_choices, d->dead_count);
    write_pointers(w, "forcedChoices", d->forced_choices, d->forced_count);
    cw_jw_int(w, "compileMilliseconds", (int64_t)checked->made.compile_ms);
    cw_jw_int(w, "artefactBytes", (int64_t)checked->made.artefact_bytes);
    if (d->price_known) {
        cw_jw_begin(w, "priceRange", '{');
        cw_jw_str(w, "currency", product->currency);
        cw_jw_int(w, "min", d->price_min_minor);
        cw_jw_int(w, "max", d->price_max_minor);
        cw_jw_end(w, '}');
    }
    cw_jw_begin(w, "tests", '{');
    cw_jw_int(w, "run", (int64_t)d->test_count);
    cw_jw_int(w, "failed", (int64_t)d->tests_failed);
    cw_jw_end(w, '}');
    cw_jw_begin(w, "entangled", '[');
    for (size_t i = 0; i < d->entangled_count; i++) {
        cw_jw_str(w, NULL, product->options[d->entangled[i]].id);
    }
    cw_jw_end(w, ']');
}

void cw_checked_write_findings(const struct cw_checked *checked, struct cw_json_writer *w) {
    static const char *const severities[] = {"error", "warning", "note"};
    const struct cw_diagnosis *d = &checked->diagnosis;
    cw_jw_begin(w, "findings", '[');
    for (size_t i = 0; i < d->finding_count; i++) {
        cw_jw_begin(w, NULL, '{');
        cw_jw_str(w, "severity", severities[d->findings[i].kind]);
        cw_jw_str(w, "code", d->findings[i].code);
        cw_jw_str(w, "pointer", d->findings[i].pointer);
        cw_jw_str(w, "message", d->findings[i].message);
        if (*d->findings[i].hint) {
            cw_jw_str(w, "hint", d->findings[i].hint);
        }
        cw_jw_end(w, '}');
    }
    cw_jw_end(w, ']');
}
