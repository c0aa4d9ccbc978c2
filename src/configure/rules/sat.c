/*
 * Responsible for: calling CaDiCaL (Biere, Fazekas, Fleury, Heisinger 2020). Does not: know models
 * or encodings (sat_model.c). Worker process only: the library ends its process when memory is out.
 */
#include "configure/rules/sat.h"

#include <ccadical.h>
#include <stdlib.h>

#include "base/clock.h"

struct cw_sat {
    CCaDiCaL *solver;
    int vars;
    int64_t deadline_ms;
};

static int is_late(void *arg) {
    const struct cw_sat *sat = arg;
    return cw_clock_monotonic_ms(&cw_clock_system) >= sat->deadline_ms;
}

struct cw_sat *cw_sat_new(void) {
    struct cw_sat *sat = calloc(1, sizeof *sat);
    if (!sat)
        abort(); /* a worker may: its caller sees it die */
    sat->solver = ccadical_init();
    ccadical_set_option(sat->solver, "quiet", 1);
    ccadical_set_terminate(sat->solver, sat, is_late);
    return sat;
}

void cw_sat_free(struct cw_sat *sat) {
    if (!sat)
        return;
    ccadical_release(sat->solver);
    free(sat);
}

int cw_sat_var(struct cw_sat *sat) {
    return ++sat->vars;
}

void cw_sat_clause(struct cw_sat *sat, const int *literals, size_t count) {
    for (size_t i = 0; i < count; i++)
        ccadical_add(sat->solver, literals[i]);
    ccadical_add(sat->solver, 0);
}

void cw_sat_assume(struct cw_sat *sat, int literal) {
    ccadical_assume(sat->solver, literal);
}

void cw_sat_constrain(struct cw_sat *sat, const int *literals, size_t count) {
    for (size_t i = 0; i < count; i++)
        ccadical_constrain(sat->solver, literals[i]);
    ccadical_constrain(sat->solver, 0);
}

enum cw_verdict cw_sat_solve(struct cw_sat *sat, int64_t deadline_ms) {
    sat->deadline_ms = deadline_ms;
    switch (ccadical_solve(sat->solver)) {
    case 10:
        return CW_VERDICT_YES;
    case 20:
        return CW_VERDICT_NO;
    default:
        return CW_VERDICT_UNKNOWN;
    }
}

bool cw_sat_true(struct cw_sat *sat, int literal) {
    return ccadical_val(sat->solver, literal) == literal;
}
