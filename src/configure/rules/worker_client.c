/*
 * Responsible for: compiling in a process of its own: start it, hand it the model, take the result,
 * and leave nothing running whatever it does. Does not: compile. Server (publishing threads) and
 * command line; blocking.
 */
#include "configure/rules/worker_process.h"

#include <errno.h>
#include <poll.h>

#include "base/clock.h"
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

/* The answer comes all at once, when the worker is done: until then the caller may give up. */
static enum cw_status wait_for_answer(const struct cw_rules_process *process, int cancel_fd,
                                      int64_t deadline_ms, struct cw_error *err) {
    while (cancel_fd > 0) {
        int64_t left = -1;
        if (deadline_ms != CW_RULES_FOREVER) {
            left = deadline_ms - cw_clock_monotonic_ms(&cw_clock_system);
            if (left <= 0)
                break; /* cw_rules_receive tells it */
            left = left > INT32_MAX ? INT32_MAX : left;
        }
        struct pollfd fds[] = {{.fd = process->fd, .events = POLLIN},
                               {.fd = cancel_fd, .events = POLLIN}};
        int ready = poll(fds, 2, (int)left);
        if (ready > 0 && fds[1].revents)
            return cw_fail(err, CW_E_BUSY, "rules.cancelled", "compiling was given up");
        if (ready > 0 || (ready < 0 && errno != EINTR))
            break;
    }
    return CW_OK;
}

static enum cw_status exchange(const struct cw_rules_process *process, const struct cw_model *model,
                               const struct cw_compile_budget *budget, int cancel_fd,
                               struct cw_buf *ret_body, struct cw_error *err) {
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
        status = wait_for_answer(process, cancel_fd, deadline_ms, err);
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
    status = exchange(&process, model, budget, config->cancel_fd, &body, &own);
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
