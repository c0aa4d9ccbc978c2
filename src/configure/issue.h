/* Issues: what is wrong with a selection, with a stable code and a sentence in the asked language.
 */
#pragma once

#include "configure/configure.h"
#include "configure/facts.h"

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

/* ---- conflict.c, truth.c --------------------------------------------------------------------- */
struct cw_asked;
/* Why the picks are inconsistent; at least one issue. */
enum cw_status cw_issues_of_conflict(struct cw_issues *issues, struct cw_asked *asked,
                                     struct cw_error *err) CW_MUST_USE;
/* The rules that are broken by the picks as they stand, whatever the rest becomes. */
void cw_issues_of_broken(struct cw_issues *issues, const struct cw_asked *asked);
