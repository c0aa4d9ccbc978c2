/*
 * Responsible for: crews run the jobs they took, in order on one thread, refuse what is too much,
 * and hand each end to the mailbox of the loop that asked.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>

#include "base/crew.h"

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t opened;
    bool running, open;
};

struct job {
    struct gate *gate; /* NULL: does not wait */
    unsigned *clock;
    unsigned ran, done; /* ticks, from 1 */
};

static void run(void *arg) {
    struct job *job = arg;
    if (job->gate) {
        pthread_mutex_lock(&job->gate->lock);
        job->gate->running = true;
        pthread_cond_broadcast(&job->gate->opened);
        while (!job->gate->open) {
            pthread_cond_wait(&job->gate->opened, &job->gate->lock);
        }
        pthread_mutex_unlock(&job->gate->lock);
    }
    job->ran = ++*job->clock;
}

static void done(void *arg) {
    struct job *job = arg;
    job->done = ++*job->clock;
}

static enum cw_status push(struct cw_crew *crew, struct job *job, struct cw_mailbox *mailbox,
                           struct cw_error *err) {
    const struct cw_crew_job asked = {run, done, job, mailbox};
    return cw_crew_push(crew, &asked, err);
}

static void wait_running(struct gate *gate) {
    pthread_mutex_lock(&gate->lock);
    while (!gate->running) {
        pthread_cond_wait(&gate->opened, &gate->lock);
    }
    pthread_mutex_unlock(&gate->lock);
}

static void open_gate(struct gate *gate) {
    pthread_mutex_lock(&gate->lock);
    gate->open = true;
    pthread_cond_broadcast(&gate->opened);
    pthread_mutex_unlock(&gate->lock);
}

#define WAITING 3

static void test_bounds_and_order(void **state) {
    (void)state;
    struct gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false};
    struct gate last = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false};
    unsigned clock = 0;
    struct job jobs[WAITING + 2] = {[0] = {.gate = &gate}, [WAITING] = {.gate = &last}};
    struct cw_mailbox *mailbox = cw_mailbox_new();
    struct cw_crew_config config = {.threads = 1, .waiting = WAITING};
    struct cw_crew *crew;
    assert_int_equal(cw_crew_new(&config, &crew, NULL), CW_OK);
    for (size_t i = 0; i < WAITING + 2; i++) {
        struct cw_error err = {0};
        jobs[i].clock = &clock;
        enum cw_status status = push(crew, &jobs[i], mailbox, &err);
        if (i == 0) {
            wait_running(&gate); /* it no longer counts among those that wait */
        }
        assert_int_equal(status, i <= WAITING ? CW_OK : CW_E_BUSY);
        assert_string_equal(i <= WAITING ? "" : err.code, i <= WAITING ? "" : "crew.busy");
    }
    open_gate(&gate);
    wait_running(&last); /* what is under way is waited for */
    open_gate(&last);
    cw_crew_free(crew);
    assert_int_equal(clock, WAITING + 1);
    cw_mailbox_deliver(mailbox);
    for (unsigned i = 0; i <= WAITING; i++) {
        assert_int_equal(jobs[i].ran, i + 1);
        assert_int_equal(jobs[i].done, WAITING + 2 + i);
    }
    assert_int_equal(jobs[WAITING + 1].ran, 0);
    cw_mailbox_free(mailbox);
}

static void test_stopped(void **state) {
    (void)state;
    struct cw_mailbox *mailbox = cw_mailbox_new();
    struct cw_crew_config config = {.threads = 2, .waiting = 1, .nice = 5};
    struct cw_crew *crew;
    struct cw_error err = {0};
    unsigned clock = 0;
    struct job job = {.clock = &clock};
    assert_int_equal(cw_crew_new(&config, &crew, NULL), CW_OK);
    cw_crew_stop(crew);
    assert_int_equal(push(crew, &job, mailbox, &err), CW_E_BUSY);
    assert_string_equal(err.code, "crew.stopping");
    cw_crew_free(crew);
    cw_mailbox_deliver(mailbox);
    assert_int_equal(clock, 0);
    cw_mailbox_free(mailbox);
    cw_crew_free(NULL);
}

/* What waits when the crew stops is not begun; its end is told all the same. */
static void test_waiting_at_stop(void **state) {
    (void)state;
    struct gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false};
    unsigned clock = 0;
    struct job jobs[WAITING] = {[0] = {.gate = &gate}};
    struct cw_mailbox *mailbox = cw_mailbox_new();
    struct cw_crew_config config = {.threads = 1, .waiting = WAITING};
    struct cw_crew *crew;
    assert_int_equal(cw_crew_new(&config, &crew, NULL), CW_OK);
    for (size_t i = 0; i < WAITING; i++) {
        jobs[i].clock = &clock;
        assert_int_equal(push(crew, &jobs[i], mailbox, NULL), CW_OK);
    }
    wait_running(&gate);
    cw_crew_stop(crew);
    open_gate(&gate);
    cw_crew_free(crew);
    cw_mailbox_deliver(mailbox);
    for (size_t i = 0; i < WAITING; i++) {
        assert_int_equal(jobs[i].ran, i == 0);
        assert_int_equal(jobs[i].done, i + 2);
    }
    cw_mailbox_free(mailbox);
}

/* Two loops share a crew: each hears of its own jobs only. */
static void test_two_loops(void **state) {
    (void)state;
    unsigned clock = 0;
    struct job jobs[2] = {{.clock = &clock}, {.clock = &clock}};
    struct cw_mailbox *mailboxes[2] = {cw_mailbox_new(), cw_mailbox_new()};
    struct cw_crew_config config = {.threads = 1, .waiting = WAITING};
    struct cw_crew *crew;
    assert_int_equal(cw_crew_new(&config, &crew, NULL), CW_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(push(crew, &jobs[i], mailboxes[i], NULL), CW_OK);
    }
    for (size_t i = 0; i < 2; i++) {
        struct pollfd mail = {.fd = cw_mailbox_fd(mailboxes[i]), .events = POLLIN};
        assert_int_equal(poll(&mail, 1, -1), 1);
    }
    cw_crew_free(crew);
    cw_mailbox_deliver(mailboxes[1]);
    assert_int_equal(jobs[0].done, 0);
    assert_int_equal(jobs[1].done, 3);
    cw_mailbox_deliver(mailboxes[0]);
    assert_int_equal(jobs[0].done, 4);
    cw_mailbox_free(mailboxes[0]);
    cw_mailbox_free(mailboxes[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds_and_order),
        cmocka_unit_test(test_stopped),
        cmocka_unit_test(test_two_loops),
        cmocka_unit_test(test_waiting_at_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
