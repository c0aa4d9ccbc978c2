/* What the files of the diagnosis share. */
#pragma once

#include "configure/diagnose.h"
#include "configure/engine.h"

#define CW_DIAGNOSE_CODES 32 /* there are fewer */

struct cw_diagnosing {
    const struct cw_engine *engine;
    const struct cw_product *product;
    const struct cw_lowered *lowered;
    const struct cw_model *model;
    const struct cw_diagnose_request *request;
    struct cw_arena *arena, *scratch; /* of the result; of the work */
    int64_t deadline_ms;              /* monotonic */
    const uint64_t *full;             /* every value of every variable */
    uint64_t *mask;                   /* see cw_diagnose_mask */
    const bool *fixed;                /* per origin: structure */
    enum cw_verdict feasible;         /* is there a configuration at all? */
    const uint64_t *possible;         /* values of some configuration; NULL: not known exactly */
    struct cw_finding *findings;
    size_t finding_count, finding_capacity;
    size_t code_count;
    struct cw_diagnosed_code { /* how many of each code there were, told or not */
        const char *code;
        size_t count;
    } codes[CW_DIAGNOSE_CODES];
    size_t test_count, tests_failed;
};

/* ---- diagnose_find.c ------------------------------------------------------------------------- */

/* Texts as they are: in the arena or static. */
void cw_diagnose_add(struct cw_diagnosing *d, const struct cw_finding *finding);
/* Errors first; of every code there are the first CW_FINDINGS, and one note about the others. */
void cw_diagnose_sort(struct cw_diagnosing *d);
bool cw_diagnose_out_of_time(const struct cw_diagnosing *d);

/* "/options/3/choices/2"; a flag's only choice is the option. */
const char *cw_diagnose_choice_pointer(struct cw_diagnosing *d, uint32_t option, uint32_t choice);
/* "'red' of 'colour'"; a flag is "'engraved'". */
const char *cw_diagnose_choice_name(struct cw_diagnosing *d, uint32_t option, uint32_t choice);
/* Choices that count: of a flag one, its true; of a derived option none. */
uint32_t cw_diagnose_choice_count(const struct cw_option *option);
struct cw_lowered_value cw_diagnose_value(const struct cw_diagnosing *d, uint32_t option,
                                          uint32_t choice);

/* Where an origin stands in the document, and what it is called there. */
const char *cw_diagnose_origin_pointer(struct cw_diagnosing *d, uint32_t origin);
const char *cw_diagnose_origin_name(struct cw_diagnosing *d, uint32_t origin);
/* "'colour', 'size' and 3 more"; "" for none. */
const char *cw_diagnose_option_names(struct cw_diagnosing *d, const uint32_t *options,
                                     size_t count);
/* "because of rule 'a' and rule 'b'", or "" when no reason was found in time. */
const char *cw_diagnose_core_text(struct cw_diagnosing *d, const struct cw_solve_core *core);

/* Is there a configuration within the mask? */
enum cw_verdict cw_diagnose_feasible(struct cw_diagnosing *d, const uint64_t *mask);
/* Why there is none: false when time or steps ran out. */
bool cw_diagnose_core(struct cw_diagnosing *d, const uint64_t *mask, struct cw_solve_core *ret);
/* The full mask again, to be narrowed; there is one, and the next call takes it. */
uint64_t *cw_diagnose_mask(struct cw_diagnosing *d);
/* Leave one value of a variable. */
void cw_diagnose_pin(const struct cw_diagnosing *d, uint64_t *mask, struct cw_lowered_value value);

/* Ask the solver of the SAT tier for context->solved. */
enum cw_status cw_diagnose_solve(struct cw_diagnosing *d, const struct cw_selection *selection,
                                 struct cw_configure_context *context,
                                 struct cw_error *err) CW_MUST_USE;
/* Why a selection is in conflict, in words; "" when that is not known. */
const char *cw_diagnose_conflict_text(struct cw_diagnosing *d, const struct cw_selection *selection,
                                      const struct cw_configure_context *context);
/* Picks of a preset or a test; false: they cannot be read (the loader has said so). */
bool cw_diagnose_picks(struct cw_diagnosing *d, const struct cw_preset_pick *picks, size_t count,
                       struct cw_selection *ret);

/* ---- the parts ------------------------------------------------------------------------------- */

void cw_diagnose_void(struct cw_diagnosing *d); /* there is no configuration */
void cw_diagnose_choices(struct cw_diagnosing *d, struct cw_diagnosis *ret); /* dead, forced */
/* Has no configuration another value of the variable? `possible` is known. */
bool cw_diagnose_is_only(const struct cw_diagnosing *d, struct cw_lowered_value value);
/* Is the option active in some configuration? `possible` is known. */
bool cw_diagnose_is_ever_active(const struct cw_diagnosing *d, uint32_t option);
void cw_diagnose_ranges(struct cw_diagnosing *d); /* of numbers */
void cw_diagnose_optional(struct cw_diagnosing *d);
void cw_diagnose_overlays(struct cw_diagnosing *d);
void cw_diagnose_dates(struct cw_diagnosing *d);
void cw_diagnose_derive(struct cw_diagnosing *d);
void cw_diagnose_redundant(struct cw_diagnosing *d);
void cw_diagnose_pairs(struct cw_diagnosing *d);
enum cw_status cw_diagnose_defaults(struct cw_diagnosing *d, struct cw_error *err) CW_MUST_USE;
enum cw_status cw_diagnose_presets(struct cw_diagnosing *d, struct cw_error *err) CW_MUST_USE;
enum cw_status cw_diagnose_tests(struct cw_diagnosing *d, struct cw_error *err) CW_MUST_USE;
