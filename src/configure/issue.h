/* Issues: what is wrong with a selection, with a stable code and a sentence in the asked language.
 */
#pragma once

#include "configure/engine.h"

struct cw_issues {
    const struct cw_product *product;
    const char *locale;
    struct cw_arena *arena;
    struct cw_issue *items;
    size_t count, capacity;
};

/* ---- issue.c --------------------------------------------------------------------------------- */
/* The step's own sentence for a code; the code itself when there is none. Static. */
const char *cw_sentence(const char *code, const char *locale);
void cw_issue_add(struct cw_issues *issues, struct cw_issue issue);
/* A message of our own for `code`, after the option's title; `extra` may be "". */
void cw_issue_add_code(struct cw_issues *issues, const char *code, uint32_t option,
                       const char *extra);
void cw_issue_add_rule(struct cw_issues *issues, uint32_t rule, uint32_t option);
void cw_issue_add_only_if(struct cw_issues *issues, uint32_t option, uint32_t choice);
/* Broken warnings; required but empty options; texts that do not fit. On complete facts. */
void cw_issues_of_facts(struct cw_issues *issues, const struct cw_fact *facts,
                        const struct cw_selection *selection,
                        const struct cw_configure_context *context);

/* ---- conflict.c ------------------------------------------------------------------------------ */
/* Why the picks are inconsistent; at least one issue. Leaves the search at `root_mark`. */
void cw_issues_of_conflict(struct cw_issues *issues, struct cw_search *search,
                           const struct cw_selection *selection, size_t root_mark);
/* Why a choice is impossible; at most one pick is named. Leaves the search at `root_mark`. */
void cw_choice_reason(struct cw_search *search, const struct cw_selection *selection,
                      size_t root_mark, uint32_t option, uint32_t choice,
                      struct cw_choice_answer *answer);
