/*
 * The rules worker: `cordwain-rules`, a locked-down process that compiles one model, or answers
 * questions about one by SAT (CaDiCaL) when it could not be compiled. The callers' side; blocking,
 * never on the loop thread.
 */
#pragma once

#include "configure/rules/compile.h"
#include "configure/rules/diagram.h"
#include "configure/rules/solve.h"

struct cw_rules_worker_config {
    const char *program; /* path of cordwain-rules */
    int cancel_fd;       /* compiling is given up when it becomes readable; 0: never */
};

/**
 * Compile in a process of its own.
 * @param budget wall_ms is enforced by the parent too: the child is killed when it does not answer
 * @units   as cw_compile_budget
 * @owner   the result lives in `arena`
 * @errors  CW_E_IO "rules.worker" (cannot start, died); CW_E_BUSY "rules.cancelled"; being out of
 * any budget is a result
 * @cost    budget->wall_ms and a grace of CW_RULES_GRACE_MS at most
 * @source  none
 */
enum cw_status cw_rules_compile(const struct cw_rules_worker_config *config,
                                const struct cw_model *model,
                                const struct cw_compile_budget *budget, struct cw_arena *arena,
                                struct cw_compile_result *ret, struct cw_error *err) CW_MUST_USE;

/* ---- SAT tier -------------------------------------------------------------------------------- */

struct cw_rules_solver;

/* A solver process with this model loaded; started at the first question, replaced when it dies.
 * Questions from several threads take turns. Of all solvers of the program only CW_RULES_SOLVERS
 * have a process at once: the one unused for longest loses its own. The model is copied. */
struct cw_rules_solver *cw_rules_solver_new(const struct cw_rules_worker_config *config,
                                            const struct cw_model *model);
void cw_rules_solver_free(struct cw_rules_solver *solver);

/* To be called now and then, from any thread, with the monotonic clock's time: a process nobody has
 * asked for CW_RULES_SOLVER_IDLE_MS is ended (the next question starts another one), and one that
 * has ended is reaped. Waits for nothing; while a question is under way nothing happens. */
void cw_rules_solver_rest(struct cw_rules_solver *solver, int64_t now_ms);

struct cw_rules_answer {
    enum cw_verdict feasible; /* is there a configuration within allowed? */
    uint32_t *values;         /* YES: one */
    uint64_t *possible;       /* as cw_diagram_domains; NULL when not asked for */
    bool possible_exact;      /* false: the deadline came first and `possible` is an upper bound */
};

/**
 * Ask. The witness is checked with cw_model_keeps before it is believed.
 * @param scope       as cw_diagram_domains
 * @param domains     also say which values are possible
 * @param deadline_ms for the whole answer
 * @errors  CW_E_IO "rules.worker"; CW_E_BUG "rules.disagreement": the witness breaks a constraint;
 * CW_E_BUSY "rules.busy": as many solvers as there may be were at work until the deadline
 */
struct cw_rules_question {
    struct cw_diagram_scope scope;
    bool domains;
    uint32_t deadline_ms;
};
enum cw_status cw_rules_ask(struct cw_rules_solver *solver,
                            const struct cw_rules_question *question, struct cw_arena *arena,
                            struct cw_rules_answer *ret, struct cw_error *err) CW_MUST_USE;
