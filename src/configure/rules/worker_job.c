/*
 * Responsible for: doing what a frame asks: compile a model; load one; answer about the one that is
 * loaded. Does not: read or write sockets (worker_main.c), compile (compile.c) or solve
 * (sat_model.c). Worker process.
 */
#include "configure/rules/worker_job.h"

#include <stdlib.h>

#include "base/wire.h"
#include "configure/rules/sat_model.h"

struct cw_rules_job {
    struct cw_arena *arena; /* of the loaded model */
    struct cw_model *model;
    struct cw_sat_model *sat;
};

struct cw_rules_job *cw_rules_job_new(void) {
    struct cw_rules_job *job = calloc(1, sizeof *job);
    if (!job)
        abort(); /* a worker may: its caller sees it die */
    return job;
}

static void unload(struct cw_rules_job *job) {
    cw_sat_model_free(job->sat);
    cw_arena_free(job->arena);
    *job = (struct cw_rules_job){0};
}

void cw_rules_job_free(struct cw_rules_job *job) {
    if (!job)
        return;
    unload(job);
    free(job);
}

static enum cw_status compile(struct cw_bytes body, struct cw_arena *arena, struct cw_buf *reply,
                              struct cw_error *err) {
    struct cw_wire_reader reader;
    cw_wire_reader_init(&reader, body.data, body.length);
    struct cw_compile_budget budget;
    budget.wall_ms = cw_wire_get_u64(&reader);
    budget.branches = cw_wire_get_u64(&reader);
    budget.bytes = cw_wire_get_u64(&reader);
    budget.memory_bytes = cw_wire_get_u64(&reader);
    if (reader.failed)
        return cw_fail(err, CW_E_IO, "rules.worker", "a frame without a budget");
    struct cw_model *model;
    struct cw_compile_result result;
    enum cw_status status =
        cw_model_decode(reader.at, (size_t)(reader.end - reader.at), arena, &model, err);
    if (!status)
        status = cw_model_compile(model, &budget, arena, &result, err);
    if (status)
        return status;
    cw_rules_frame_begin(reply, CW_RULES_COMPILED);
    cw_rules_result_encode(&result, reply);
    return CW_OK;
}

static enum cw_status load(struct cw_rules_job *job, struct cw_bytes body, struct cw_buf *reply,
                           struct cw_error *err) {
    unload(job);
    job->arena = cw_arena_new();
    if (!job->arena)
        abort(); /* a worker may */
    enum cw_status status = cw_model_decode(body.data, body.length, job->arena, &job->model, err);
    if (status) {
        unload(job);
        return status;
    }
    job->sat = cw_sat_model_new(job->model, CW_SAT_SUM_EDGES);
    cw_rules_frame_begin(reply, CW_RULES_READY);
    return CW_OK;
}

static enum cw_status ask(struct cw_rules_job *job, struct cw_bytes body, struct cw_arena *arena,
                          struct cw_buf *reply, struct cw_error *err) {
    if (!job->sat)
        return cw_fail(err, CW_E_IO, "rules.worker", "a question before a model");
    struct cw_rules_question question;
    enum cw_status status = cw_rules_question_decode(body, job->model, arena, &question, err);
    if (status)
        return status;
    struct cw_rules_answer answer;
    cw_sat_model_ask(job->sat, &question, arena, &answer);
    cw_rules_frame_begin(reply, CW_RULES_ANSWER);
    cw_rules_answer_encode(job->model, &answer, reply);
    return CW_OK;
}

void cw_rules_job_do(struct cw_rules_job *job, enum cw_rules_kind kind, struct cw_bytes body,
                     struct cw_buf *reply) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    if (!arena)
        abort(); /* a worker may */
    struct cw_error err = {0};
    enum cw_status status;
    if (kind == CW_RULES_COMPILE)
        status = compile(body, arena, reply, &err);
    else if (kind == CW_RULES_LOAD)
        status = load(job, body, reply, &err);
    else if (kind == CW_RULES_ASK)
        status = ask(job, body, arena, reply, &err);
    else
        status = cw_fail(&err, CW_E_IO, "rules.worker", "a frame of an unknown kind");
    if (status) {
        cw_rules_frame_begin(reply, CW_RULES_FAILED);
        cw_wire_put_str(reply, err.code);
        cw_wire_put_str(reply, err.message);
    }
    cw_rules_frame_end(reply);
}
