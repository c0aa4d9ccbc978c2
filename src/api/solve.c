/*
 * Responsible for: asking the solver about a selection whose product's rules are not compiled, on a
 * thread of the crew, before the configure step is asked. Does not: run for compiled rules: those
 * go on at once. Server process, loop thread; `ask` runs on the crew.
 */
#include "api/context.h"
#include "configure/rules/worker.h"
#include "cordwain/limits.h"

#define CW_LOG_MODULE "api"
#include "base/log.h"

/* In the request's arena, which the crew's thread has until `answered` is delivered. */
struct solving {
    struct cw_request *req;
    const struct cw_snapshot *snapshot;
    struct cw_configure_context *context;
    struct cw_rules_question question;
    struct cw_rules_answer answer;
    struct cw_error error;
    api_solved_fn next, otherwise;
    void *arg;
};

static void ask(void *arg) {
    struct solving *s = arg;
    (void)!cw_rules_ask(cw_snapshot_solver(s->snapshot), &s->question, s->req->arena, &s->answer,
                        &s->error);
}

static void log_unsolved(const struct solving *s) {
    cw_log_warn("solver", "product=%s code=%s result=unsolved",
                cw_snapshot_product(s->snapshot)->id, s->error.code);
}

/* A solver that died is a matter of exactness, not of answering: without it answers say
 * exact:false. A witness that breaks a rule is another matter, and when all solvers are at work the
 * question is better asked again than searched here. */
static void answered(void *arg) {
    struct solving *s = arg;
    struct cw_error err = {0};
    if (s->error.status == CW_E_BUG || s->error.status == CW_E_BUSY) {
        err = s->error;
    } else if (s->error.status != CW_OK) {
        log_unsolved(s);
    } else {
        s->context->solved = &s->answer;
    }
    if (err.status == CW_OK) {
        s->next(s->arg);
    } else if (s->otherwise) {
        log_unsolved(s);
        s->otherwise(s->arg);
    } else {
        cw_reply_problem(s->req, &err);
    }
}

static void not_asked(void *arg) {
    struct solving *s = arg;
    s->otherwise(s->arg);
}

void api_solve(const struct api_question *question, api_solved_fn next, void *arg) {
    if (api_artworks_look_up(question, next, arg)) {
        return; /* asks again once the pictures are known */
    }
    struct cw_request *req = question->req;
    const struct cw_engine *engine = api_engine(question->snapshot);
    if (!cw_snapshot_solver(question->snapshot) ||
        cw_engine_about(engine).tier == CW_TIER_COMPILED) {
        next(arg);
        return;
    }
    struct solving *s = cw_arena_alloc(req->arena, sizeof *s);
    *s = (struct solving){.req = req,
                          .snapshot = question->snapshot,
                          .context = question->context,
                          .question = {.domains = true, .deadline_ms = CW_RULES_ASK_MS},
                          .next = next,
                          .otherwise = question->otherwise,
                          .arg = arg};
    cw_engine_question(engine, question->selection, question->context, req->arena,
                       &s->question.scope);
    api_work(&(struct api_work){.req = req,
                                .crew = api_of(req)->config.solvers,
                                .run = ask,
                                .done = answered,
                                .failed = s->otherwise ? not_asked : NULL,
                                .arg = s});
}
