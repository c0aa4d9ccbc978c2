/*
 * The program cordwain-rules and its callers' side: same results as in this process, budgets, a
 * worker that is killed, lies, or never answers; and that nothing is left running.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../support/children.h"
#include "../../support/random_model.h"
#include "base/clock.h"
#include "base/sandbox.h"
#include "configure/rules/sat_model.h"
#include "configure/rules/worker_wire.h"
#include "cordwain/limits.h"

#define MODELS 25

static const struct cw_rules_worker_config real = {.program = CW_RULES};
static const struct cw_compile_budget plenty = {20000, 1000000, 1 << 26, UINT64_C(1) << 30};

/* A child of ours, or 0; *ret_busy (may be NULL): it computes. */
static pid_t find_busy_child(bool *ret_busy) {
    DIR *folder = opendir("/proc");
    assert_non_null(folder);
    pid_t found = 0;
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        char state;
        if (!is_child(entry->d_name, &state))
            continue;
        found = atoi(entry->d_name);
        if (ret_busy)
            *ret_busy = state == 'R';
    }
    closedir(folder);
    return found;
}

static pid_t find_child(void) {
    return find_busy_child(NULL);
}

static int nothing_is_left(void **state) {
    (void)state;
    return find_child() == 0 ? 0 : -1;
}

/* More things than places, one place each: true, and no solver proves it quickly. */
static struct cw_model *hard_model(struct cw_arena *arena) {
    struct cw_model *model = cw_model_new(arena);
    for (uint32_t i = 0; i < 14; i++)
        cw_model_add_var(model, 13);
    for (uint32_t i = 0; i < 14; i++)
        for (uint32_t j = 0; j < i; j++)
            for (uint32_t x = 0; x < 13; x++) {
                uint64_t others = 0x1fff & ~(UINT64_C(1) << x);
                cw_model_add_clause(model, 0, (uint32_t[]){i, j}, 2, (uint64_t[]){others, others});
            }
    return model;
}

static struct cw_rules_question everything(const struct cw_model *model, struct cw_arena *arena,
                                           uint32_t deadline_ms) {
    const uint64_t *full = cw_model_full_mask(model, arena);
    return (struct cw_rules_question){{full, full}, true, deadline_ms};
}

/* Two flags, not both 0. */
static struct cw_model *small_model(struct cw_arena *arena) {
    struct cw_model *model = cw_model_new(arena);
    cw_model_add_var(model, 2);
    cw_model_add_var(model, 2);
    cw_model_add_clause(model, 0, (uint32_t[]){0, 1}, 2, (uint64_t[]){2, 2});
    return model;
}

/* ---- compiling ------------------------------------------------------------------------------- */

static struct cw_natural count_of(const struct cw_compile_result *result, struct cw_arena *arena,
                                  const struct cw_model *model) {
    struct cw_diagram *diagram;
    assert_int_equal((uintptr_t)result->artefact.data % 8, 0);
    assert_int_equal(
        cw_diagram_open(result->artefact.data, result->artefact.length, &diagram, NULL), CW_OK);
    uint8_t digest[32];
    cw_model_digest(model, digest);
    assert_memory_equal(cw_diagram_head(diagram)->model, digest, sizeof digest);
    assert_int_equal(cw_diagram_head(diagram)->nodes.count, result->node_count);
    struct cw_natural count = cw_diagram_count(diagram, cw_model_full_mask(model, arena), arena);
    cw_diagram_free(diagram);
    return count;
}

/* Not byte for byte: how many orders are tried after the first is a matter of time. */
static void compiles_as_in_this_process(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= MODELS; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        const struct cw_model *model = cw_random_model(arena, seed);
        struct cw_compile_result here, there;
        assert_int_equal(cw_model_compile(model, &plenty, arena, &here, NULL), CW_OK);
        assert_int_equal(cw_rules_compile(&real, model, &plenty, arena, &there, NULL), CW_OK);
        assert_int_equal(here.outcome, CW_COMPILED);
        assert_int_equal(there.outcome, CW_COMPILED);
        assert_int_equal(there.entangled_count, here.entangled_count);
        assert_memory_equal(there.entangled, here.entangled,
                            here.entangled_count * sizeof *here.entangled);
        assert_true(there.log2_width == here.log2_width);
        assert_int_equal(
            cw_natural_compare(count_of(&there, arena, model), count_of(&here, arena, model)), 0);
    }
}

/* The wire itself loses nothing. */
static void results_survive_the_wire(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_model *model = cw_random_model(arena, 7);
    struct cw_compile_result before, after;
    assert_int_equal(cw_model_compile(model, &plenty, arena, &before, NULL), CW_OK);
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_rules_result_encode(&before, &buf);
    struct cw_bytes bytes = {(const uint8_t *)buf.data, buf.length};
    assert_int_equal(cw_rules_result_decode(bytes, model, arena, &after, NULL), CW_OK);
    assert_int_equal(after.compile_ms, before.compile_ms);
    assert_int_equal(after.node_count, before.node_count);
    assert_int_equal(after.branch_count, before.branch_count);
    assert_int_equal(after.orders_tried, before.orders_tried);
    assert_int_equal(after.artefact.length, before.artefact.length);
    assert_memory_equal(after.artefact.data, before.artefact.data, before.artefact.length);
    for (size_t i = 0; i < bytes.length; i++) /* cut anywhere, it is refused */
        assert_int_equal(
            cw_rules_result_decode((struct cw_bytes){bytes.data, i}, model, arena, &after, NULL),
            CW_E_IO);
}

/* The model alone is larger than what the worker may map. */
static void memory_is_enforced(void **state) {
    (void)state;
    if (!cw_sandbox_available())
        skip();
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_model *model = cw_model_new(arena);
    uint32_t scope[1] = {cw_model_add_var(model, 64)};
    uint32_t rows = CW_RULES_TABLE_ROWS;
    uint64_t *sets = cw_arena_array(arena, rows, sizeof *sets);
    for (uint32_t i = 0; i < rows; i++)
        sets[i] = i + 1;
    for (uint32_t i = 0; i < 16; i++)
        cw_model_add_table(model, i, &(struct cw_model_table){scope, 1, sets, rows, true});
    struct cw_compile_budget budget = plenty;
    budget.memory_bytes = 1 << 20;
    struct cw_compile_result result;
    assert_int_equal(cw_rules_compile(&real, model, &budget, arena, &result, NULL), CW_OK);
    assert_int_equal(result.outcome, CW_COMPILE_OUT_OF_MEMORY);
}

static void a_model_beyond_the_limit_is_refused(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_model *model = cw_model_new(arena);
    uint32_t scope[1] = {cw_model_add_var(model, 64)};
    uint32_t rows = CW_RULES_REQUEST_BYTES / 8 + 1;
    uint64_t *sets = cw_arena_array(arena, rows, sizeof *sets);
    cw_model_add_table(model, 0, &(struct cw_model_table){scope, 1, sets, rows, true});
    struct cw_compile_result result;
    struct cw_error err = {0};
    assert_int_equal(cw_rules_compile(&real, model, &plenty, arena, &result, &err), CW_E_LIMIT);
    assert_string_equal(err.code, "rules.too_large");
}

/* ---- misbehaving workers --------------------------------------------------------------------- */

static const char *fake(struct cw_arena *arena, const char *folder, const char *behaviour) {
    const char *path = cw_arena_printf(arena, "%s/%s", folder, behaviour);
    assert_int_equal(symlink(CW_FAKE_RULES, path), 0);
    return path;
}

static void compiling_survives_any_worker(void **state) {
    (void)state;
    static const struct {
        const char *behaviour;
        enum cw_status status;
    } cases[] = {{"silent", CW_OK}, {"dies", CW_E_IO}, {"rubbish", CW_E_IO},  {"endless", CW_E_IO},
                 {"long", CW_E_IO}, {"half", CW_E_IO}, {"not-there", CW_E_IO}};
    char folder[] = "/tmp/cordwain-rules-XXXXXX";
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        const struct cw_model *model = small_model(arena);
        struct cw_rules_worker_config config = {.program = "/nowhere/cordwain-rules"};
        if (strcmp(cases[i].behaviour, "not-there") != 0)
            config.program = fake(arena, folder, cases[i].behaviour);
        struct cw_compile_budget budget = plenty;
        budget.wall_ms = 1;
        struct cw_compile_result result;
        struct cw_error err = {0};
        assert_int_equal(cw_rules_compile(&config, model, &budget, arena, &result, &err),
                         cases[i].status);
        if (cases[i].status == CW_OK)
            assert_int_equal(result.outcome, CW_COMPILE_OUT_OF_TIME);
        else
            assert_string_equal(err.code, "rules.worker");
        assert_int_equal(find_child(), 0);
        unlink(config.program);
    }
    rmdir(folder);
}

static void asking_survives_any_worker(void **state) {
    (void)state;
    static const struct {
        const char *behaviour, *code; /* NULL: answers "not known" */
    } cases[] = {{"silent", NULL},
                 {"dies", "rules.worker"},
                 {"rubbish", "rules.worker"},
                 {"endless", "rules.worker"},
                 {"long", "rules.worker"},
                 {"half", "rules.worker"},
                 {"liar", "rules.disagreement"}};
    char folder[] = "/tmp/cordwain-rules-XXXXXX";
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        const struct cw_model *model = small_model(arena);
        const struct cw_rules_worker_config config = {.program =
                                                          fake(arena, folder, cases[i].behaviour)};
        struct cw_rules_solver *solver = cw_rules_solver_new(&config, model);
        struct cw_rules_question question = everything(model, arena, cases[i].code ? 10000 : 30);
        question.domains = strcmp(cases[i].behaviour, "liar") != 0;
        struct cw_rules_answer answer;
        struct cw_error err = {0};
        enum cw_status status = cw_rules_ask(solver, &question, arena, &answer, &err);
        if (cases[i].code) {
            assert_int_not_equal(status, CW_OK);
            assert_string_equal(err.code, cases[i].code);
        } else {
            assert_int_equal(status, CW_OK);
            assert_int_equal(answer.feasible, CW_VERDICT_UNKNOWN);
            assert_false(answer.possible_exact);
            assert_memory_equal(answer.possible, question.scope.relaxed, 16);
        }
        cw_rules_solver_free(solver);
        assert_int_equal(find_child(), 0);
        unlink(config.program);
    }
    rmdir(folder);
}

/* The first replacement comes at once, the second has to wait. */
static void failing_workers_are_not_started_in_a_row(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    char folder[] = "/tmp/cordwain-rules-XXXXXX";
    assert_non_null(mkdtemp(folder));
    const struct cw_model *model = small_model(arena);
    const struct cw_rules_worker_config config = {.program = fake(arena, folder, "dies")};
    struct cw_rules_solver *solver = cw_rules_solver_new(&config, model);
    struct cw_rules_question question = everything(model, arena, 10000);
    struct cw_rules_answer answer;
    struct cw_error err = {0};
    bool refused = false;
    for (int i = 0; i < 20 && !refused; i++) {
        err = (struct cw_error){0};
        assert_int_equal(cw_rules_ask(solver, &question, arena, &answer, &err), CW_E_IO);
        refused = strstr(err.message, "try again later") != NULL;
        assert_true(i > 1 || !refused);
    }
    assert_true(refused);
    cw_rules_solver_free(solver);
    unlink(config.program);
    rmdir(folder);
}

/* ---- asking the real one --------------------------------------------------------------------- */

static void answers_as_in_this_process(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= MODELS; seed++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_random random = {seed};
        const struct cw_model *model = cw_random_model(arena, seed);
        struct cw_rules_solver *solver = cw_rules_solver_new(&real, model);
        struct cw_sat_model *sat = cw_sat_model_new(model, CW_SAT_SUM_EDGES);
        for (int i = 0; i < 4; i++) {
            struct cw_rules_question question = everything(model, arena, 30000);
            question.scope.allowed = cw_random_mask(model, arena, &random);
            struct cw_rules_answer here, there;
            cw_sat_model_ask(sat, &question, arena, &here);
            assert_int_equal(cw_rules_ask(solver, &question, arena, &there, NULL), CW_OK);
            assert_int_equal(there.feasible, here.feasible);
            assert_true(there.possible_exact);
            assert_memory_equal(there.possible, here.possible,
                                model->word_count * sizeof *here.possible);
        }
        cw_sat_model_free(sat);
        cw_rules_solver_free(solver);
    }
}

static void a_late_answer_says_so(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_model *model = hard_model(arena);
    struct cw_rules_solver *solver = cw_rules_solver_new(&real, model);
    struct cw_rules_question question = everything(model, arena, 500);
    struct cw_rules_answer answer;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(cw_rules_ask(solver, &question, arena, &answer, NULL), CW_OK);
        assert_int_equal(answer.feasible, CW_VERDICT_UNKNOWN);
        assert_false(answer.possible_exact);
        assert_memory_equal(answer.possible, question.scope.relaxed,
                            model->word_count * sizeof *answer.possible);
    }
    uint64_t *one = cw_model_full_mask(model, arena); /* easy: two in the same place */
    one[0] = one[1] = 1;
    question.scope.allowed = one;
    question.domains = false;
    question.deadline_ms = 30000;
    assert_int_equal(cw_rules_ask(solver, &question, arena, &answer, NULL), CW_OK);
    assert_int_equal(answer.feasible, CW_VERDICT_NO);
    cw_rules_solver_free(solver);
}

struct waiting {
    struct cw_rules_solver *solver;
    struct cw_rules_question question;
    struct cw_arena *arena;
    struct cw_rules_answer answer;
    struct cw_error err;
    enum cw_status status;
};

static void *wait_for_answer(void *arg) {
    struct waiting *waiting = arg;
    waiting->status = cw_rules_ask(waiting->solver, &waiting->question, waiting->arena,
                                   &waiting->answer, &waiting->err);
    return NULL;
}

/* Our child once it computes, or once it waits. */
static pid_t wait_for_child(bool busy) {
    bool is_busy = !busy;
    pid_t child = find_busy_child(&is_busy);
    for (int i = 0; i < 20000 && is_busy != busy; i++) {
        poll(NULL, 0, 1);
        child = find_busy_child(&is_busy);
    }
    assert_int_equal(is_busy, busy);
    return child;
}

static void a_killed_worker_is_replaced(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_model *model = hard_model(arena);
    struct cw_rules_solver *solver = cw_rules_solver_new(&real, model);
    struct waiting waiting = {
        .solver = solver, .question = everything(model, arena, 60000), .arena = arena};
    uint64_t *one = cw_model_full_mask(model, arena);
    one[0] = one[1] = 1;
    struct cw_rules_question easy = {{one, one}, false, 30000};
    struct cw_rules_answer answer;
    assert_int_equal(cw_rules_ask(solver, &easy, arena, &answer, NULL), CW_OK);
    pthread_t thread;
    (void)wait_for_child(false); /* done with the easy one */
    assert_int_equal(pthread_create(&thread, NULL, wait_for_answer, &waiting), 0);
    pid_t child = wait_for_child(true); /* it has the question */
    assert_int_not_equal(child, 0);
    kill(child, SIGKILL);
    pthread_join(thread, NULL);
    assert_int_equal(waiting.status, CW_E_IO);
    assert_string_equal(waiting.err.code, "rules.worker");
    assert_int_equal(cw_rules_ask(solver, &easy, arena, &answer, NULL), CW_OK);
    assert_int_equal(answer.feasible, CW_VERDICT_NO);
    child = find_child();
    kill(child, SIGKILL); /* idle: nobody notices but the next process number */
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(cw_rules_ask(solver, &easy, arena, &answer, NULL), CW_OK);
    assert_int_not_equal(find_child(), child);
    cw_rules_solver_free(solver);
}

static void threads_take_turns(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_model *model = small_model(arena);
    struct cw_rules_solver *solver = cw_rules_solver_new(&real, model);
    struct waiting waiting[4];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        waiting[i] = (struct waiting){.solver = solver, .arena = cw_arena_new()};
        waiting[i].question = everything(model, waiting[i].arena, 30000);
        assert_int_equal(pthread_create(&threads[i], NULL, wait_for_answer, &waiting[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(waiting[i].status, CW_OK);
        assert_int_equal(waiting[i].answer.feasible, CW_VERDICT_YES);
        assert_int_equal(waiting[i].answer.possible[0], 3);
        cw_arena_free(waiting[i].arena);
    }
    cw_rules_solver_free(solver);
}

static void an_idle_worker_is_ended(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_model *model = small_model(arena);
    struct cw_rules_solver *solver = cw_rules_solver_new(&real, model);
    struct cw_rules_question question = everything(model, arena, 30000);
    struct cw_rules_answer answer;
    int64_t before_ms = cw_clock_monotonic_ms(&cw_clock_system);
    cw_rules_solver_rest(solver, before_ms + CW_RULES_SOLVER_IDLE_MS); /* none was started yet */
    assert_int_equal(find_child(), 0);
    for (int i = 0; i < 2; i++) { /* the second time it is started again */
        assert_int_equal(cw_rules_ask(solver, &question, arena, &answer, NULL), CW_OK);
        assert_int_equal(answer.feasible, CW_VERDICT_YES);
        pid_t child = find_child();
        assert_int_not_equal(child, 0);
        cw_rules_solver_rest(solver, before_ms + CW_RULES_SOLVER_IDLE_MS - 1);
        assert_int_equal(cw_rules_ask(solver, &question, arena, &answer, NULL), CW_OK);
        assert_int_equal(find_child(), child); /* the same one */
        int64_t after_ms = cw_clock_monotonic_ms(&cw_clock_system);
        cw_rules_solver_rest(solver, after_ms + CW_RULES_SOLVER_IDLE_MS);
        siginfo_t info;
        assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
        assert_int_equal(info.si_code, CLD_EXITED); /* by itself */
        assert_int_equal(info.si_status, 0);
        cw_rules_solver_rest(solver, after_ms);
        assert_int_equal(find_child(), 0);
        before_ms = after_ms;
    }
    cw_rules_solver_free(solver);
}

/* ---- the lock -------------------------------------------------------------------------------- */

static int run_self_test(const char *what) {
    pid_t pid = fork();
    if (pid == 0) {
        execl(CW_RULES, "cordwain-rules", "--self-test-sandbox", what, (char *)NULL);
        _exit(99);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void the_lock_holds(void **state) {
    (void)state;
    if (!cw_sandbox_available())
        skip();
    static const char *const forbidden[] = {"open", "socket", "fork", "code", "kill", "exec"};
    assert_int_equal(run_self_test("nothing"), 0);
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
        int status = run_self_test(forbidden[i]);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(compiles_as_in_this_process, nothing_is_left),
        cmocka_unit_test(results_survive_the_wire),
        cmocka_unit_test_teardown(memory_is_enforced, nothing_is_left),
        cmocka_unit_test_teardown(a_model_beyond_the_limit_is_refused, nothing_is_left),
        cmocka_unit_test_teardown(compiling_survives_any_worker, nothing_is_left),
        cmocka_unit_test_teardown(asking_survives_any_worker, nothing_is_left),
        cmocka_unit_test_teardown(failing_workers_are_not_started_in_a_row, nothing_is_left),
        cmocka_unit_test_teardown(answers_as_in_this_process, nothing_is_left),
        cmocka_unit_test_teardown(a_late_answer_says_so, nothing_is_left),
        cmocka_unit_test_teardown(a_killed_worker_is_replaced, nothing_is_left),
        cmocka_unit_test_teardown(threads_take_turns, nothing_is_left),
        cmocka_unit_test_teardown(an_idle_worker_is_ended, nothing_is_left),
        cmocka_unit_test(the_lock_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
