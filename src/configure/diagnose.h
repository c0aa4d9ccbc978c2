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
    const char *code;    /* see docs/explanation/rule-engine.md "Publishing" */
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
    bool price_known;
    size_t finding_count; /* errors, then warnings, then notes; of one code at most CW_FINDINGS */
    const struct cw_finding *findings;
    size_t test_count, tests_failed;
    size_t entangled_count;
    const uint32_t *entangled; /* not compiled: options of the hardest bag, product order */
};

struct cw_rules_solver;
struct cw_rules_worker_config;
struct cw_diagnose_request {
    /* for the searches behind reasons, redundant rules and pairs; what does not fit is left out and
     * said in a note; 0: CW_DIAGNOSE_MS */
    uint32_t budget_ms;
    int64_t today_days;             /* days since 1970, UTC; 0: dates are not looked at */
    struct cw_rules_solver *solver; /* SAT tier: what is asked of it is not part of the budget;
                                       NULL: bounded search in this process */
    const struct cw_rules_worker_config *worker; /* compiles fewer rules, to tell which of them
                                                    leave nothing; NULL: in this process */
    bool worker_failed; /* SAT tier: nobody tried to compile them to the end */
    /* SAT tier: as the compiler said */
    size_t entangled_count;
    const uint32_t *entangled;
};

/**
 * Diagnose. The outcome is "rejected" when not even the solver can say whether there is a
 * configuration.
 * @errors  CW_E_BUG "configure.disagreement"; CW_E_IO "rules.worker" instead of a rejection when
 * the worker has failed: that says nothing about the rules
 * @cost    a few diagram passes, presets × configure, rules × one search
 * @source  Sinz, Kaiser, Küchlin 2003; Felfernig, Hotz, Bagley, Tiihonen 2014
 */
enum cw_status cw_diagnose(const struct cw_engine *engine,
                           const struct cw_diagnose_request *request, struct cw_arena *arena,
                           struct cw_diagnosis *ret, struct cw_error *err) CW_MUST_USE;

/*
 * How a version differs from the one before it: options and choices are the same when their ids
 * are (and the options' kinds). An option that only one of them has counts as held at its default
 * in the other, so `common` are configurations of both where such options are at their defaults or
 * inactive; appear = after - common, vanish = before - common.
 */
struct cw_diagnosis_change {
    const char *before, *after, *common; /* configurations, decimal; NULL: not known */
    const char *appear, *vanish;
};
struct cw_diagnose_change {
    const struct cw_engine *before, *after;
    const struct cw_rules_worker_config *worker; /* compiles both rules at once; NULL: in here */
    uint32_t budget_ms;                          /* for that; what does not fit is not known */
};
/* Errors are those of cw_rules_compile. */
enum cw_status cw_diagnose_change(const struct cw_diagnose_change *change, struct cw_arena *arena,
                                  struct cw_diagnosis_change *ret,
                                  struct cw_error *err) CW_MUST_USE;
