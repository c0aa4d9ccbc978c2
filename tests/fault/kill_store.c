/*
 * Kill test: a child makes orders and tells each acknowledged one through a pipe; it is killed
 * (SIGKILL) at a random moment, twenty times on the same file. Afterwards every acknowledged order
 * is there exactly once and whole, and repeating every request makes none a second time. Survives a
 * killed process; power loss is covered by the flush before every acknowledgement (unit/store:
 * test_flush).
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "order_maker.h"
#include "store_fixture.h"

#define ROUNDS           20
#define WORKERS          3
#define MAX_ACKNOWLEDGED 200000

static struct cw_fixture fixture;
static char (*acknowledged)[32]; /* idempotency keys */
static size_t acknowledged_count;

static void fail(const char *what) {
    fprintf(stderr, "kill_store: %s\n", what);
    exit(1);
}

/* ---- the child ------------------------------------------------------------------------------- */

struct request {
    char key[32];
    struct cw_arena *arena;
    struct cw_order_maker maker;
    struct cw_order_draft draft;
    struct cw_order_creation creation;
};

static enum cw_status make(struct request *request) {
    request->arena = cw_arena_new();
    request->maker = (struct cw_order_maker){.specs = 2};
    request->draft = cw_order_maker_draft(&request->maker, request->arena, request->key, "f");
    request->creation = (struct cw_order_creation){
        .draft = &request->draft, .clock = &cw_clock_system, .arena = request->arena};
    return cw_fixture_write(&fixture, cw_order_create, &request->creation, NULL);
}

struct worker {
    int round, number, pipe;
};

/* Each line is shorter than PIPE_BUF: written whole or not at all. */
static void *work(void *arg) {
    const struct worker *worker = arg;
    for (int i = 0;; i++) {
        struct request request;
        snprintf(request.key, sizeof request.key, "%02d-%d-%08d", worker->round, worker->number, i);
        if (make(&request) != CW_OK)
            _exit(2);
        cw_arena_free(request.arena);
        if (write(worker->pipe, request.key, 13) != 13)
            _exit(3);
    }
    return NULL;
}

static _Noreturn void child(int round, int pipe) {
    struct worker workers[WORKERS];
    pthread_t threads[WORKERS];
    cw_fixture_open(&fixture);
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker){round, i, pipe};
        pthread_create(&threads[i], NULL, work, &workers[i]);
    }
    for (;;)
        pause();
}

/* ---- the parent ------------------------------------------------------------------------------ */

static void collect(int pipe) {
    char key[32] = "";
    size_t length = 0;
    ssize_t got;
    while ((got = read(pipe, key + length, 13 - length)) > 0) {
        length += (size_t)got;
        if (length < 13)
            continue;
        if (acknowledged_count == MAX_ACKNOWLEDGED)
            fail("too many orders");
        memcpy(acknowledged[acknowledged_count++], key, 13);
        length = 0;
    }
    if (length != 0)
        fail("half a line");
}

static void run_round(int round) {
    int ends[2];
    if (pipe(ends) != 0)
        fail("pipe");
    pid_t pid = fork();
    if (pid < 0)
        fail("fork");
    if (pid == 0) {
        close(ends[0]);
        child(round, ends[1]);
    }
    close(ends[1]);
    long wait_us = 20000 + random() % 100000;
    nanosleep(&(struct timespec){.tv_nsec = wait_us * 1000}, NULL);
    kill(pid, SIGKILL);
    collect(ends[0]);
    close(ends[0]);
    int status;
    if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
        fail("the child ended by itself");
}

/* Repeating each acknowledged request must find its answer; the census proves no order twice and
 * none half. */
static void check(void) {
    struct cw_order_counting before = {.arena = cw_arena_new()}, after = {.arena = cw_arena_new()};
    cw_fixture_open(&fixture);
    if (cw_fixture_read(&fixture, cw_order_census_read, &before, NULL) != CW_OK)
        fail("census");
    if (before.census.specs != 2 * before.census.orders)
        fail("half an order");
    for (size_t i = 0; i < acknowledged_count; i++) {
        struct request request;
        memcpy(request.key, acknowledged[i], sizeof request.key);
        if (make(&request) != CW_OK || !request.creation.created.replayed)
            fail("an acknowledged order is lost");
        cw_arena_free(request.arena);
    }
    if (cw_fixture_read(&fixture, cw_order_census_read, &after, NULL) != CW_OK ||
        after.census.orders != before.census.orders)
        fail("a repeated request made an order");
    if (before.census.orders < acknowledged_count)
        fail("fewer orders than acknowledged");
    printf("kill_store: %d kills, %zu acknowledged, %zu in the store (%zu not yet told), 0 lost\n",
           ROUNDS, acknowledged_count, before.census.orders,
           before.census.orders - acknowledged_count);
    cw_arena_free(before.arena);
    cw_arena_free(after.arena);
}

int main(void) {
    srandom((unsigned)time(NULL));
    acknowledged = calloc(MAX_ACKNOWLEDGED, sizeof *acknowledged);
    cw_fixture_init_closed(&fixture);
    for (int round = 0; round < ROUNDS; round++)
        run_round(round);
    if (acknowledged_count == 0)
        fail("nothing was acknowledged");
    check();
    cw_fixture_deinit(&fixture);
    free(acknowledged);
    return 0;
}
