/*
 * Responsible for: compiling in a process of its own: start it, hand it the model, take the result,
 * and leave nothing running whatever it does. Does not: compile. Server (publishing threads) and
 * command line; blocking.
 */
#include "configure/rules/worker_process.h"

#include "cordwain/limits.h"

/* What the largest result may take: the diagram, the entangled variables, and the rest. */
static uint64_t most_bytes(const struct cw_model *model, const struct cw_compile_budget *budget) {
    uint64_t artefact = budget->bytes > 0 ? budget->bytes : CW_RULES_MEMORY_BYTES;
    return artefact + CW_RULES_SLACK_BYTES + 4 * (uint64_t)model->var_count;
}

/* What it may map: its budget and what every process needs; 0: no limit. */
static uint64_t address_space(const struct cw_compile_budget *budget) {
    return budget->memory_bytes > 0 ? budget->memory_bytes + CW_RULES_PROCESS_BYTES : 0;
}

static uint64_t cpu_seconds(const struct cw_compile_budget *budget) {
    return budget->wall_ms > 0 ? (budget->wall_ms + CW_RULES_GRACE_MS) / 1000 + 2 : 0;
}

static enum cw_status exchange(const struct cw_rules_process *process, const struct cw_model *model,
                               const struct cw_compile_budget *budget, struct cw_buf *ret_body,
                               struct cw_error *err) {
    CW_AUTO_BUF struct cw_buf frame = {0};
    cw_rules_frame_begin(&frame, CW_RULES_COMPILE);
    cw_rules_budget_encode(budget, &frame);
    cw_model_encode(model, &frame);
    cw_rules_frame_end(&frame);
    if (frame.length - CW_RULES_HEAD_BYTES > CW_RULES_REQUEST_BYTES)
        return cw_fail(err, CW_E_LIMIT, "rules.too_large", "the rules are larger than %u bytes",
                       (unsigned)CW_RULES_REQUEST_BYTES);
    uint64_t wall_ms = budget->wall_ms;
    int64_t deadline_ms = cw_rules_deadline(wall_ms > 0 ? wall_ms + CW_RULES_GRACE_MS : 0);
    enum cw_rules_kind kind;
    enum cw_status status = cw_rules_send(process->fd, &frame, deadline_ms, err);
    if (!status)
        status = cw_rules_receive(process->fd, most_bytes(model, budget), deadline_ms, &kind,
                                  ret_body, err);
    if (status)
        return status;
    if (kind == CW_RULES_FAILED)
        return cw_rules_process_failed(
            (struct cw_bytes){(const uint8_t *)ret_body->data, ret_body->length}, err);
    if (kind != CW_RULES_COMPILED)
        return cw_fail(err, CW_E_IO, "rules.worker", "the rules worker answered out of turn");
    return CW_OK;
}

enum cw_status cw_rules_compile(const struct cw_rules_worker_config *config,
                                const struct cw_model *model,
                                const struct cw_compile_budget *budget, struct cw_arena *arena,
                                struct cw_compile_result *ret, struct cw_error *err) {
    const struct cw_rules_start start = {config->program, "--compile", address_space(budget),
                                         cpu_seconds(budget)};
    struct cw_rules_process process = {0, -1};
    enum cw_status status = cw_rules_process_start(&process, &start, err);
    if (status)
        return status;
    CW_AUTO_BUF struct cw_buf body = {0};
    struct cw_error own = {0}; /* being late is a result, not an error */
    status = exchange(&process, model, budget, &body, &own);
    cw_rules_process_stop(&process);
    if (status == CW_E_TIMEOUT) {
        *ret = (struct cw_compile_result){.outcome = CW_COMPILE_OUT_OF_TIME,
                                          .compile_ms = budget->wall_ms};
        return CW_OK;
    }
    if (status == CW_OK)
        return cw_rules_result_decode((struct cw_bytes){(const uint8_t *)body.data, body.length},
                                      model, arena, ret, err);
    if (status == CW_E_NOT_FOUND)
        return cw_fail(err, CW_E_IO, "rules.worker", "the rules worker died");
    if (err && err->status == CW_OK)
        *err = own;
    return status;
}
