/* A model as clauses, and questions about it. Worker process. */
#pragma once

#include "configure/rules/sat.h"
#include "configure/rules/worker.h"

struct cw_sat_model;

/* Encode. The model is borrowed. Sums that would need more clauses than `sum_edges` are kept aside
 * and enforced by explaining every witness that breaks them. */
#define CW_SAT_SUM_EDGES 60000
struct cw_sat_model *cw_sat_model_new(const struct cw_model *model, uint64_t sum_edges);
void cw_sat_model_free(struct cw_sat_model *sat);

/* Answer within question->deadline_ms. Everything said to be possible has a witness, and everything
 * said to be impossible a refutation; what was not settled in time counts as possible. */
void cw_sat_model_ask(struct cw_sat_model *sat, const struct cw_rules_question *question,
                      struct cw_arena *arena, struct cw_rules_answer *ret);
