/* Everything there is to say about a product's rules before they are published. */
#pragma once

#include "app/rules.h"
#include "base/json_write.h"
#include "catalog/report.h"
#include "configure/diagnose.h"

struct cw_checked {
    struct cw_rules_made made;
    struct cw_diagnosis diagnosis;
    size_t error_count, warning_count, note_count;
};

/**
 * Compile a snapshot's rules and diagnose them.
 * @param snapshot as cw_rules_attach; has its engine afterwards
 * @param ret      in the arena
 * @units   ms, bytes
 * @owner   arena, snapshot
 * @errors  those of cw_rules_attach and cw_diagnose; findings are no errors
 * @cost    the effort and CW_DIAGNOSE_MS; blocking
 * @source  docs/explanation/rule-engine.md "Publishing"
 */
enum cw_status cw_check_rules(const struct cw_paths *paths, const struct cw_rules_effort *effort,
                              struct cw_snapshot *snapshot, struct cw_arena *arena,
                              struct cw_checked *ret, struct cw_error *err) CW_MUST_USE;

/* Findings for a report; in the arena. */
const struct cw_report_item *cw_checked_items(const struct cw_checked *checked,
                                              struct cw_arena *arena);

/* CW_E_INPUT "product.invalid" with every error among the findings as a fault; CW_OK when there is
 * none. */
enum cw_status cw_checked_judge(const struct cw_checked *checked, struct cw_faults *faults,
                                struct cw_error *err) CW_MUST_USE;

/* The members "outcome", "configurations", "deadChoices" … of an object that is open. */
void cw_checked_write(const struct cw_checked *checked, const struct cw_product *product,
                      struct cw_json_writer *w);
/* Also "findings", without places in a file. */
void cw_checked_write_findings(const struct cw_checked *checked, struct cw_json_writer *w);
