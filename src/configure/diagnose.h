/*
 * What a designer should know before publishing: read off the compiled rules, told like a compiler
 * does. Runs on the command line and on publishing threads.
 */
#pragma once

#include "configure/configure.h"

enum cw_finding_kind {
    CW_FINDING_ERROR,   /* must not be published */
    CW_FINDING_WARNING, /* surely not meant */
    CW_FINDING_NOTE
};

struct cw_finding {
    enum cw_finding_kind kind;
    const char *code;    /* "rules.void", "rules.dead_choice", "rules.forced_choice",
                            "rules.false_optional", "rules.redundant", "rules.conflicting_pair",
                            "rules.unreachable_default", "rules.unreachable_preset",
                            "rules.dead_under_overlay", "rules.test_failed", "rules.sat_fallback",
                            "rules.rejected" */
    const char *pointer; /* JSON Pointer into the document */
    const char *message, *hint;
};

struct cw_diagnosis {
    const char *outcome;        /* "compiled", "sat_fallback", "rejected" */
    const char *configurations; /* decimal; NULL when not known */
    size_t dead_count, forced_count;
    const char *const *dead_choices; /* pointers: choices, and flags that are never true */
    const char *const
        *forced_choices; /* choices in every configuration, flags that are always true */
    int64_t price_min_minor, price_max_minor; /* when configurations is not "0" and known */
    size_t finding_count;
    const struct cw_finding *findings;
    size_t test_count, tests_failed;
};

/**
 * Diagnose.
 * @param budget_ms for the searches behind redundant rules and conflicting pairs; what does not fit
 *                  is left out and said in a note
 * @errors  none expected
 * @cost    a few diagram passes, presets × configure, rules × one search
 * @source  Sinz, Kaiser, Küchlin 2003; Felfernig, Hotz, Bagley, Tiihonen 2014
 */
enum cw_status cw_diagnose(const struct cw_engine *engine, uint32_t budget_ms,
                           struct cw_arena *arena, struct cw_diagnosis *ret,
                           struct cw_error *err) CW_MUST_USE;

/* How a version differs from the one before it. An option that only one of them has counts as held
 * at its default in the other. */
struct cw_diagnosis_change {
    const char *before, *after, *common; /* configurations, decimal; NULL: not known */
    const char *appear, *vanish;
};
enum cw_status cw_diagnose_change(const struct cw_engine *before, const struct cw_engine *after,
                                  uint32_t budget_ms, struct cw_arena *arena,
                                  struct cw_diagnosis_change *ret,
                                  struct cw_error *err) CW_MUST_USE;
