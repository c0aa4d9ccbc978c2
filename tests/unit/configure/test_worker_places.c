/*
 * The number of solver processes is bounded: at the limit, one above it, with all of them at work,
 * and with a hundred products asked at once.
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
#include <unistd.h>

#include "../../support/children.h"
#include "base/arena.h"
#include "configure/rules/worker.h"
#include "cordwain/limits.h"

#define LIMIT    CW_RULES_SOLVERS
#define PRODUCTS 100
#define ASKERS   16
#define LONG_MS  60000

static const struct cw_rules_worker_config real = {.program = CW_RULES};

/* The processes this one has started and not reaped; *ret_pids (may be NULL) has room for LIMIT
 * + 1. */
static unsigned count_children(pid_t *ret_pids) {
    DIR *folder = opendir("/proc");
    assert_non_null(folder);
    unsigned found = 0;
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        if (!is_child(entry->d_name, NULL))
            continue;
        if (ret_pids && found <= LIMIT)
            ret_pids[found] = atoi(entry->d_name);
        found++;
    }
    closedir(folder);
    return found;
}

/* The one that is among the `count` of after and not of before. */
static bool is_among(pid_t pid, const pid_t *pids, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        if (pids[i] == pid)
            return true;
    }
    return false;
}

static pid_t new_one(const pid_t *before, const pid_t *after, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        if (!is_among(after[i], before, count))
            return after[i];
    }
    return 0;
}

/* Two flags, not both 0. */
static struct cw_model *small_model(struct cw_arena *arena) {
    struct cw_model *model = cw_model_new(arena);
    cw_model_add_var(model, 2);
    cw_model_add_var(model, 2);
    cw_model_add_clause(model, 0, (uint32_t[]){0, 1}, 2, (uint64_t[]){2, 2});
    return model;
}

struct asking {
    struct cw_rules_solver *solver;
    struct cw_rules_question question;
    struct cw_arena *arena;
    struct cw_rules_answer answer;
    struct cw_error err;
    enum cw_status status;
};

static void prepare(struct asking *asking, const struct cw_rules_worker_config *config,
                    uint32_t deadline_ms) {
    *asking = (struct asking){.arena = cw_arena_new()};
    const struct cw_model *model = small_model(asking->arena);
    const uint64_t *full = cw_model_full_mask(model, asking->arena);
    asking->solver = cw_rules_solver_new(config, model);
    asking->question = (struct cw_rules_question){{full, full}, true, deadline_ms};
}

static void finish(struct asking *asking) {
    cw_rules_solver_free(asking->solver);
    cw_arena_free(asking->arena);
}

static void *ask(void *arg) {
    struct asking *asking = arg;
    asking->err = (struct cw_error){0};
    asking->status = cw_rules_ask(asking->solver, &asking->question, asking->arena, &asking->answer,
                                  &asking->err);
    return NULL;
}

static void is_answered(struct asking *asking) {
    (void)ask(asking);
    assert_int_equal(asking->status, CW_OK);
    assert_int_equal(asking->answer.feasible, CW_VERDICT_YES);
}

static void the_longest_idle_gives_way(void **state) {
    (void)state;
    struct asking all[LIMIT + 1];
    pid_t pids[LIMIT + 1] = {0}, before[LIMIT + 1], after[LIMIT + 1], second = 0;
    for (unsigned i = 0; i < LIMIT; i++) {
        memcpy(before, pids, sizeof before);
        prepare(&all[i], &real, LONG_MS);
        is_answered(&all[i]);
        assert_int_equal(count_children(pids), i + 1); /* up to the limit each has its own */
        second = i == 1 ? new_one(before, pids, 2) : second;
    }
    assert_int_not_equal(second, 0);
    is_answered(&all[0]); /* now the second is the one unused for longest */
    assert_int_equal(count_children(before), LIMIT);
    prepare(&all[LIMIT], &real, LONG_MS);
    is_answered(&all[LIMIT]);
    assert_int_equal(count_children(after), LIMIT); /* one above: no more of them */
    assert_true(is_among(second, before, LIMIT));
    assert_false(is_among(second, after, LIMIT));
    for (unsigned i = 0; i < LIMIT; i++) /* and all the others are the same */
        assert_true(before[i] == second || is_among(before[i], after, LIMIT));
    is_answered(&all[1]); /* who had to go starts again */
    assert_int_equal(count_children(NULL), LIMIT);
    for (unsigned i = 0; i <= LIMIT; i++)
        finish(&all[i]);
    assert_int_equal(count_children(NULL), 0);
}

static void a_silent_program(struct cw_arena *arena, char *folder,
                             struct cw_rules_worker_config *ret) {
    assert_non_null(mkdtemp(folder));
    const char *path = cw_arena_printf(arena, "%s/silent", folder);
    assert_int_equal(symlink(CW_FAKE_RULES, path), 0);
    *ret = (struct cw_rules_worker_config){.program = path};
}

/* While all are at work another question waits: in vain until its deadline, or until one ends. */
static void at_work_nobody_gives_way(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    char folder[] = "/tmp/cordwain-places-XXXXXX";
    struct cw_rules_worker_config silent;
    struct asking all[LIMIT], late, patient;
    pthread_t threads[LIMIT], waiting;
    pid_t pids[LIMIT + 1];
    a_silent_program(arena, folder, &silent);
    for (unsigned i = 0; i < LIMIT; i++) {
        prepare(&all[i], &silent, LONG_MS);
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &all[i]), 0);
    }
    for (int i = 0; i < LONG_MS && count_children(NULL) < LIMIT; i++)
        poll(NULL, 0, 1);
    assert_int_equal(count_children(pids), LIMIT);
    prepare(&late, &real, 20);
    (void)ask(&late);
    assert_int_equal(late.status, CW_E_BUSY);
    assert_string_equal(late.err.code, "rules.busy");
    assert_int_equal(count_children(NULL), LIMIT);
    prepare(&patient, &real, LONG_MS);
    assert_int_equal(pthread_create(&waiting, NULL, ask, &patient), 0);
    kill(pids[0], SIGKILL);
    pthread_join(waiting, NULL);
    assert_int_equal(patient.status, CW_OK);
    assert_int_equal(patient.answer.feasible, CW_VERDICT_YES);
    for (unsigned i = 1; i < LIMIT; i++)
        kill(pids[i], SIGKILL);
    for (unsigned i = 0; i < LIMIT; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(all[i].status, CW_E_IO);
        assert_string_equal(all[i].err.code, "rules.worker");
        finish(&all[i]);
    }
    late.question.deadline_ms = LONG_MS;
    is_answered(&late); /* asked again */
    finish(&late);
    finish(&patient);
    unlink(silent.program);
    rmdir(folder);
}

struct share {
    struct asking *all;
    unsigned from;
    unsigned most; /* processes seen at once */
};

static void *ask_share(void *arg) {
    struct share *share = arg;
    for (unsigned i = share->from; i < PRODUCTS; i += ASKERS) {
        (void)ask(&share->all[i]);
        unsigned count = count_children(NULL);
        share->most = count > share->most ? count : share->most;
    }
    return NULL;
}

/* More threads than places, each product twice: all are answered, and never more processes. */
static void a_hundred_products_are_answered(void **state) {
    (void)state;
    static struct asking all[PRODUCTS];
    struct share shares[ASKERS];
    pthread_t threads[ASKERS];
    for (unsigned i = 0; i < PRODUCTS; i++)
        prepare(&all[i], &real, LONG_MS);
    for (int round = 0; round < 2; round++) {
        for (unsigned i = 0; i < ASKERS; i++) {
            shares[i] = (struct share){.all = all, .from = i};
            assert_int_equal(pthread_create(&threads[i], NULL, ask_share, &shares[i]), 0);
        }
        for (unsigned i = 0; i < ASKERS; i++) {
            pthread_join(threads[i], NULL);
            assert_in_range(shares[i].most, 1, LIMIT);
        }
        for (unsigned i = 0; i < PRODUCTS; i++) {
            assert_int_equal(all[i].status, CW_OK);
            assert_int_equal(all[i].answer.feasible, CW_VERDICT_YES);
            assert_true(all[i].answer.possible_exact);
        }
        assert_in_range(count_children(NULL), 1, LIMIT);
    }
    for (unsigned i = 0; i < PRODUCTS; i++)
        finish(&all[i]);
    assert_int_equal(count_children(NULL), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_idle_gives_way),
        cmocka_unit_test(at_work_nobody_gives_way),
        cmocka_unit_test(a_hundred_products_are_answered),
    };
    return cmocka_run_group_tests_name("configure/worker_places", tests, NULL, NULL);
}
