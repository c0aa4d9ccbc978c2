/*
 * Responsible for: the SAT tier's callers' side: one solver process per model, questions in turns,
 * a new process when the last one is gone. Does not: solve; believe (every witness is checked);
 * say how many processes there may be (worker_places.c).
 * Server (answering threads) and command line; blocking.
 */
#include "configure/rules/worker_process.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "configure/rules/worker_places.h"
#include "cordwain/limits.h"

struct cw_rules_solver {
    struct cw_rules_place place; /* first: give_way is told this; taken while there is a process */
    struct cw_arena *arena;
    const char *program;
    const struct cw_model *model; /* our copy */
    struct cw_buf load;           /* the frame that loads it */
    pthread_mutex_t lock;         /* guards `taken` */
    pthread_cond_t free;          /* a turn has ended */
    bool taken;                   /* somebody has the turn, and with it everything below */
    struct cw_rules_process process;
    struct cw_rules_process leaving; /* was idle: told to end, not reaped yet; fd is closed */
    int64_t used_ms;                 /* when the last turn ended */
    int64_t deadline_ms;             /* of the question whose turn it is */
    bool ready;                      /* the process has said so */
    int64_t load_until_ms;           /* a process not ready by then is given up */
    int64_t restart_ms;              /* not before, of the monotonic clock */
    uint32_t restart_delay;          /* [ms] 0: the last process did its work */
};

static int64_t now_ms(void) {
    return cw_clock_monotonic_ms(&cw_clock_system);
}

static bool turns_init(struct cw_rules_solver *solver) {
    pthread_condattr_t attributes;
    if (pthread_mutex_init(&solver->lock, NULL) != 0)
        return false;
    bool fine = pthread_condattr_init(&attributes) == 0 &&
                pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
                pthread_cond_init(&solver->free, &attributes) == 0;
    if (!fine)
        pthread_mutex_destroy(&solver->lock);
    return fine;
}

static bool give_way(struct cw_rules_place *place);

struct cw_rules_solver *cw_rules_solver_new(const struct cw_rules_worker_config *config,
                                            const struct cw_model *model) {
    struct cw_arena *arena = cw_arena_new();
    if (!arena)
        return NULL;
    struct cw_rules_solver *solver = cw_arena_alloc(arena, sizeof *solver);
    solver->place.give_way = give_way;
    solver->arena = arena;
    solver->program = cw_arena_strdup(arena, config->program);
    solver->process.fd = solver->leaving.fd = -1;
    cw_rules_frame_begin(&solver->load, CW_RULES_LOAD);
    cw_model_encode(model, &solver->load);
    cw_rules_frame_end(&solver->load);
    struct cw_model *copy;
    if (cw_model_decode(solver->load.data + CW_RULES_HEAD_BYTES,
                        solver->load.length - CW_RULES_HEAD_BYTES, arena, &copy, NULL) ||
        !turns_init(solver)) {
        cw_buf_deinit(&solver->load);
        cw_arena_free(arena);
        return NULL;
    }
    solver->model = copy;
    return solver;
}

void cw_rules_solver_free(struct cw_rules_solver *solver) {
    if (!solver)
        return;
    cw_rules_place_leave(
        &solver->place); /* first, so that nobody else ends the process meanwhile */
    cw_rules_process_stop(&solver->process);
    cw_rules_process_stop(&solver->leaving);
    pthread_cond_destroy(&solver->free);
    pthread_mutex_destroy(&solver->lock);
    cw_buf_deinit(&solver->load);
    cw_arena_free(solver->arena);
}

/* The process did what it should not, or nothing: the next one has to wait longer each time. */
static void give_up(struct cw_rules_solver *solver) {
    cw_rules_process_stop(&solver->process);
    cw_rules_place_leave(&solver->place);
    solver->ready = false;
    solver->restart_ms = now_ms() + solver->restart_delay;
    solver->restart_delay = 2 * solver->restart_delay + CW_RULES_RESTART_MIN_MS;
    if (solver->restart_delay > CW_RULES_RESTART_MAX_MS)
        solver->restart_delay = CW_RULES_RESTART_MAX_MS;
}

/* An idle process that has ended shows as readable. */
static bool has_ended(const struct cw_rules_solver *solver) {
    struct pollfd one = {.fd = solver->process.fd, .events = POLLIN};
    return solver->ready && poll(&one, 1, 0) != 0;
}

static enum cw_status start(struct cw_rules_solver *solver, struct cw_error *err) {
    if (now_ms() < solver->restart_ms)
        return cw_fail(err, CW_E_IO, "rules.worker", "the rules worker failed, try again later");
    const struct cw_rules_start start = {solver->program, "--solve", CW_RULES_MEMORY_BYTES, 0};
    if (solver->load.length - CW_RULES_HEAD_BYTES > CW_RULES_REQUEST_BYTES)
        return cw_fail(err, CW_E_LIMIT, "rules.too_large", "the rules are larger than %u bytes",
                       (unsigned)CW_RULES_REQUEST_BYTES);
    enum cw_status status = cw_rules_place_take(&solver->place, solver->deadline_ms, err);
    if (status)
        return status;
    solver->ready = false;
    solver->load_until_ms = cw_rules_deadline(CW_RULES_LOAD_MS);
    status = cw_rules_process_start(&solver->process, &start, err);
    if (!status)
        status = cw_rules_send(solver->process.fd, &solver->load, solver->load_until_ms, err);
    if (status)
        give_up(solver);
    return status == CW_E_TIMEOUT ? CW_E_IO : status;
}

/* Wait for the process to have loaded the model. CW_E_TIMEOUT: not by the deadline; it goes on. */
static enum cw_status wait_ready(struct cw_rules_solver *solver, int64_t deadline_ms,
                                 struct cw_error *err) {
    if (solver->ready)
        return CW_OK;
    CW_AUTO_BUF struct cw_buf body = {0};
    enum cw_rules_kind kind;
    int64_t until = deadline_ms < solver->load_until_ms ? deadline_ms : solver->load_until_ms;
    enum cw_status status =
        cw_rules_receive(solver->process.fd, CW_RULES_SLACK_BYTES, until, &kind, &body, err);
    if (status == CW_E_TIMEOUT && now_ms() < solver->load_until_ms)
        return status;
    if (status == CW_OK && kind == CW_RULES_READY) {
        solver->ready = true;
        return CW_OK;
    }
    give_up(solver);
    return cw_fail(err, CW_E_IO, "rules.worker", "the rules worker did not load the rules");
}

static enum cw_status converse(struct cw_rules_solver *solver,
                               const struct cw_rules_question *question, struct cw_arena *arena,
                               struct cw_rules_answer *ret, struct cw_error *err) {
    CW_AUTO_BUF struct cw_buf frame = {0}, body = {0};
    cw_rules_frame_begin(&frame, CW_RULES_ASK);
    cw_rules_question_encode(solver->model, question, &frame);
    cw_rules_frame_end(&frame);
    int64_t deadline_ms = cw_rules_deadline((uint64_t)question->deadline_ms + CW_RULES_GRACE_MS);
    uint64_t most = CW_RULES_SLACK_BYTES + 4 * (uint64_t)solver->model->var_count +
                    8 * (uint64_t)solver->model->word_count;
    enum cw_rules_kind kind;
    enum cw_status status = cw_rules_send(solver->process.fd, &frame, deadline_ms, err);
    if (!status)
        status = cw_rules_receive(solver->process.fd, most, deadline_ms, &kind, &body, err);
    if (status)
        return status;
    struct cw_bytes bytes = {(const uint8_t *)body.data, body.length};
    if (kind == CW_RULES_FAILED)
        return cw_rules_process_failed(bytes, err);
    if (kind != CW_RULES_ANSWER)
        return cw_fail(err, CW_E_IO, "rules.worker", "the rules worker answered out of turn");
    return cw_rules_answer_decode(bytes, solver->model, question, arena, ret, err);
}

static enum cw_status check_witness(const struct cw_rules_solver *solver,
                                    const struct cw_rules_answer *answer, struct cw_error *err) {
    const struct cw_model *model = solver->model;
    for (uint32_t c = 0; c < model->constraint_count && answer->values; c++)
        if (!cw_model_keeps(model, &model->constraints[c], answer->values))
            return cw_fail(err, CW_E_BUG, "rules.disagreement",
                           "the solver's configuration breaks a rule");
    return CW_OK;
}

/* Nothing is known: everything that was asked about may be possible. */
static void answer_nothing(const struct cw_rules_solver *solver,
                           const struct cw_rules_question *question, struct cw_arena *arena,
                           struct cw_rules_answer *ret) {
    *ret = (struct cw_rules_answer){.feasible = CW_VERDICT_UNKNOWN};
    if (!question->domains)
        return;
    uint32_t words = solver->model->word_count;
    ret->possible = cw_arena_array(arena, (size_t)words + 1, sizeof *ret->possible);
    for (uint32_t w = 0; w < words; w++)
        ret->possible[w] = question->scope.relaxed[w];
}

/* With the turn taken. CW_E_TIMEOUT: the model was not loaded in time; nothing is wrong. */
static enum cw_status ask(struct cw_rules_solver *solver, const struct cw_rules_question *question,
                          struct cw_arena *arena, struct cw_rules_answer *ret,
                          struct cw_error *err) {
    int64_t deadline_ms = solver->deadline_ms;
    if (solver->process.pid > 0 && has_ended(solver)) {
        cw_rules_process_stop(&solver->process);
        solver->ready = false;
    }
    enum cw_status status = CW_OK;
    if (solver->process.pid <= 0)
        status = start(solver, err);
    if (!status)
        status = wait_ready(solver, deadline_ms, err);
    if (status)
        return status;
    int64_t left = deadline_ms - now_ms();
    if (left <= 0)
        return CW_E_TIMEOUT;
    struct cw_rules_question rest = *question;
    rest.deadline_ms = left < (int64_t)rest.deadline_ms ? (uint32_t)left : rest.deadline_ms;
    status = converse(solver, &rest, arena, ret, err);
    if (!status)
        status = check_witness(solver, ret, err);
    if (status)
        give_up(solver);
    else
        solver->restart_delay = 0;
    return status == CW_E_TIMEOUT ? CW_E_IO : status; /* late in spite of the grace */
}

/* A condition rather than pthread_mutex_clocklock, which ThreadSanitizer of gcc 12 does not know.
 */
static bool take_turn(struct cw_rules_solver *solver, int64_t deadline_ms) {
    const struct timespec until = {.tv_sec = deadline_ms / 1000,
                                   .tv_nsec = deadline_ms % 1000 * 1000000};
    int late = 0;
    pthread_mutex_lock(&solver->lock);
    while (solver->taken && late == 0)
        late = pthread_cond_timedwait(&solver->free, &solver->lock, &until);
    bool mine = !solver->taken;
    solver->taken = true;
    pthread_mutex_unlock(&solver->lock);
    return mine;
}

static void end_turn(struct cw_rules_solver *solver) {
    pthread_mutex_lock(&solver->lock);
    solver->taken = false;
    pthread_cond_signal(&solver->free);
    pthread_mutex_unlock(&solver->lock);
}

/* Another product needs the place. Killed rather than told to end: its memory is needed now. */
static bool give_way(struct cw_rules_place *place) {
    struct cw_rules_solver *solver = (struct cw_rules_solver *)place;
    if (!take_turn(solver, /* deadline_ms: */ 0))
        return false; /* somebody asks */
    cw_rules_process_stop(&solver->process);
    solver->ready = false;
    end_turn(solver);
    return true;
}

enum cw_status cw_rules_ask(struct cw_rules_solver *solver,
                            const struct cw_rules_question *question, struct cw_arena *arena,
                            struct cw_rules_answer *ret, struct cw_error *err) {
    int64_t deadline_ms = now_ms() + question->deadline_ms;
    struct cw_error own = {0};
    struct cw_rules_answer answer = {0};
    enum cw_status status = CW_E_TIMEOUT;
    if (take_turn(solver, deadline_ms)) {
        solver->deadline_ms = deadline_ms;
        status = ask(solver, question, arena, &answer, &own);
        solver->used_ms = now_ms();
        end_turn(solver);
        cw_rules_place_rest(&solver->place);
    }
    if (status == CW_E_TIMEOUT)
        answer_nothing(solver, question, arena, &answer);
    if (status == CW_OK || status == CW_E_TIMEOUT) {
        *ret = answer;
        return CW_OK;
    }
    if (status == CW_E_BUG || status == CW_E_LIMIT || status == CW_E_BUSY) {
        if (err && err->status == CW_OK)
            *err = own;
        return status;
    }
    return cw_fail(err, CW_E_IO, "rules.worker", "%s", own.message);
}

void cw_rules_solver_rest(struct cw_rules_solver *solver, int64_t now) {
    if (!take_turn(solver, /* deadline_ms: */ 0))
        return; /* somebody asks */
    bool left = cw_rules_process_reap(&solver->leaving);
    if (solver->process.pid > 0 && left && now - solver->used_ms >= CW_RULES_SOLVER_IDLE_MS) {
        solver->leaving = cw_rules_process_leave(&solver->process);
        cw_rules_place_leave(&solver->place);
        solver->ready = false;
    }
    bool running = solver->process.pid > 0;
    end_turn(solver);
    if (running)
        cw_rules_place_wake(); /* who looked for one to end meanwhile found this one at work */
}
