/* A SAT solver that is asked again and again (IPASIR): the one door to CaDiCaL. Worker process. */
#pragma once

#include "configure/rules/solve.h"

struct cw_sat;

struct cw_sat *cw_sat_new(void);
void cw_sat_free(struct cw_sat *sat);

/* A fresh variable; literals are it and its negative. */
int cw_sat_var(struct cw_sat *sat);
/* Add a clause, for ever. No literals: nothing holds any more. */
void cw_sat_clause(struct cw_sat *sat, const int *literals, size_t count);
/* For the next cw_sat_solve only: this literal; one of these (at most one such set a question). */
void cw_sat_assume(struct cw_sat *sat, int literal);
void cw_sat_constrain(struct cw_sat *sat, const int *literals, size_t count);
/* UNKNOWN: the monotonic deadline passed. */
enum cw_verdict cw_sat_solve(struct cw_sat *sat, int64_t deadline_ms);
/* After YES. */
bool cw_sat_true(struct cw_sat *sat, int literal);
