/* What a new version of a product changes for those who have chosen already. */
#pragma once

#include "app/rules.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "configure/diagnose.h"
#include "cordwain/store.h"

#define CW_COMPARE_IDS 5

/* Selections that were possible and are no longer. */
struct cw_unorderable {
    size_t looked_at, count;
    bool cut; /* the time was over: there are more than were looked at */
    size_t id_count;
    const char *ids[CW_COMPARE_IDS]; /* the first few */
};

struct cw_comparison {
    const char *version; /* of the one before */
    struct cw_diagnosis_change change;
    struct cw_unorderable designs; /* saved designs of the product, all versions */
    struct cw_unorderable orders;  /* open ones: neither shipped nor cancelled */
};

struct cw_compare { /* all borrowed */
    const struct cw_paths *paths;
    struct cw_store *store; /* NULL: no designs, no orders */
    const struct cw_snapshot *before, *after;
    const struct cw_clock *clock; /* for the budget */
    uint32_t budget_ms; /* for looking at designs and orders; 0: all of them, however long */
};

/**
 * Compare two versions.
 * @param ret in the arena
 * @units   none
 * @owner   arena
 * @errors  those of cw_diagnose_change but CW_E_IO, which leaves the numbers unknown; the store's
 * @cost    compiling both rules at once within CW_RULES_COMPILE_MS; one configure per design and
 *          open order, as long as the budget lasts, between reads of the store; blocking
 * @source  docs/explanation/rule-engine.md "Publishing"
 */
enum cw_status cw_compare_versions(const struct cw_compare *compare, struct cw_arena *arena,
                                   struct cw_comparison *ret, struct cw_error *err) CW_MUST_USE;

/**
 * Compare a document that is about to be published with the newest version in the store.
 * @param compare as above; `before` is not read: it is found, and CW_COMPARE_PUBLISH_MS is the
 *                budget where there is none; the store is needed
 * @param ret     NULL when no other version is published; else in the arena
 * @units   none
 * @owner   arena
 * @errors  those of cw_compare_versions and cw_admit_row
 * @cost    as above, and loading that version; blocking
 * @source  docs/explanation/rule-engine.md "Publishing"
 */
enum cw_status cw_compare_published(const struct cw_compare *compare, struct cw_arena *arena,
                                    const struct cw_comparison **ret,
                                    struct cw_error *err) CW_MUST_USE;

/* The member "change" of an object that is open. */
void cw_comparison_write(const struct cw_comparison *comparison, struct cw_json_writer *w);
