/* Threads, groups, flushes, limits and several processes: what the store promises beyond its rows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cordwain/limits.h"
#include "fault_vfs.h"
#include "store/sqlite.h"
#include "store/store_sqlite.h"
#include "store_fixture.h"

static struct cw_fixture fixture;

static int setup(void **state) {
    (void)state;
    cw_fixture_init(&fixture);
    return 0;
}

static int setup_closed(void **state) {
    (void)state;
    cw_fixture_init_closed(&fixture);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    cw_fault_vfs_fail_at(0);
    cw_fixture_deinit(&fixture);
    return 0;
}

/* ---- small transactions ---------------------------------------------------------------------- */

/* arg: the key's id */
static enum cw_status put_key(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct cw_key_row row = {.id = arg, .hash = arg, .name = "n", .scopes = "admin"};
    return txn->ops->key_put(txn, &row, err);
}

static enum cw_status put_key_then_fail(struct cw_txn *txn, void *arg, struct cw_error *err) {
    enum cw_status status = put_key(txn, arg, err);
    return status == CW_OK ? cw_fail(err, CW_E_LIMIT, "test.refused", "refused") : status;
}

static enum cw_status has_key(struct cw_txn *txn, void *arg, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_key_row row;
    return txn->ops->key_by_hash(txn, arena, arg, &row, err);
}

static enum cw_status count_keys(struct cw_txn *txn, void *arg, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_key_row *rows;
    return txn->ops->key_list(txn, arena, &rows, arg, err);
}

static size_t keys(void) {
    size_t count = 0;
    assert_int_equal(cw_fixture_read(&fixture, count_keys, &count, NULL), CW_OK);
    return count;
}

/* ---- posted results -------------------------------------------------------------------------- */

struct outcome {
    char id[24];
    int calls;
    enum cw_status status;
    char code[32];
};

static size_t outcomes;

static void note(void *arg, enum cw_status status, const struct cw_error *err) {
    struct outcome *outcome = arg;
    outcome->calls++;
    outcome->status = status;
    snprintf(outcome->code, sizeof outcome->code, "%s", status == CW_OK ? "" : err->code);
    outcomes++;
}

static void deliver_until(struct cw_mailbox *mailbox, size_t wanted) {
    while (outcomes < wanted) {
        struct pollfd ready = {.fd = cw_mailbox_fd(mailbox), .events = POLLIN};
        assert_int_equal(poll(&ready, 1, 20000), 1);
        cw_mailbox_deliver(mailbox);
    }
}

static enum cw_status put_outcome(struct cw_txn *txn, void *arg, struct cw_error *err) {
    return put_key(txn, ((struct outcome *)arg)->id, err);
}

static enum cw_status put_outcome_then_fail(struct cw_txn *txn, void *arg, struct cw_error *err) {
    return put_key_then_fail(txn, ((struct outcome *)arg)->id, err);
}

/* Holds a store thread until the gate opens. */
struct gate {
    struct outcome outcome; /* first: note() gets the gate */
    sem_t entered, open;
};

static enum cw_status wait_at_gate(struct cw_txn *txn, void *arg, struct cw_error *err) {
    (void)txn, (void)err;
    struct gate *gate = arg;
    sem_post(&gate->entered);
    sem_wait(&gate->open);
    return CW_OK;
}

static void close_gate(struct gate *gate, struct cw_mailbox *mailbox) {
    memset(gate, 0, sizeof *gate);
    sem_init(&gate->entered, 0, 0);
    sem_init(&gate->open, 0, 0);
    outcomes = 0;
    assert_int_equal(
        fixture.store->ops->write(fixture.store, wait_at_gate, note, gate, mailbox, NULL), CW_OK);
    sem_wait(&gate->entered);
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* One failing job of a group is rolled back alone. */
static void test_group(void **state) {
    (void)state;
    struct cw_mailbox *mailbox = cw_mailbox_new();
    struct gate gate;
    struct outcome jobs[5] = {{.id = "a"}, {.id = "b"}, {.id = "a"}, {.id = "c"}, {.id = "b"}};
    close_gate(&gate, mailbox);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(fixture.store->ops->write(fixture.store,
                                                   i == 1 ? put_outcome_then_fail : put_outcome,
                                                   note, &jobs[i], mailbox, NULL),
                         CW_OK);
    long before = cw_fault_vfs_syncs();
    sem_post(&gate.open);
    deliver_until(mailbox, 6);
    assert_int_equal(jobs[0].status, CW_OK);
    assert_string_equal(jobs[1].code, "test.refused");
    assert_string_equal(jobs[2].code, "store.exists");
    assert_int_equal(jobs[3].status, CW_OK);
    assert_int_equal(jobs[4].status, CW_OK); /* "b" was rolled back before */
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(jobs[i].calls, 1);
    assert_int_equal(keys(), 3);
    assert_true(cw_fault_vfs_syncs() - before <= 2); /* the gate's commit and one for all five */
    cw_mailbox_free(mailbox);
}

static void test_reopen(void **state) {
    (void)state;
    assert_int_equal(cw_fixture_write(&fixture, put_key, "a", NULL), CW_OK);
    assert_int_equal(cw_fixture_write(&fixture, put_key_then_fail, "b", NULL), CW_E_LIMIT);
    cw_fixture_close(&fixture);
    cw_fixture_open(&fixture);
    assert_int_equal(cw_fixture_read(&fixture, has_key, "a", NULL), CW_OK);
    assert_int_equal(cw_fixture_read(&fixture, has_key, "b", NULL), CW_E_NOT_FOUND);
    struct stat info;
    assert_int_equal(stat(fixture.path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static int64_t pragma(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    if (sqlite3_column_type(statement, 0) == SQLITE_TEXT)
        value = strcmp((const char *)sqlite3_column_text(statement, 0), "wal") == 0;
    sqlite3_finalize(statement);
    return value;
}

static void test_settings(void **state) {
    (void)state;
    struct cw_sqlite_conn conn;
    assert_int_equal(cw_sqlite_conn_open(&conn, fixture.path, /* read_only: */ false, NULL), CW_OK);
    assert_int_equal(pragma(conn.db, "PRAGMA synchronous"), 2); /* FULL */
    assert_int_equal(pragma(conn.db, "PRAGMA journal_mode"), 1);
    assert_int_equal(pragma(conn.db, "PRAGMA foreign_keys"), 1);
    assert_int_equal(pragma(conn.db, "PRAGMA trusted_schema"), 0);
    assert_int_equal(pragma(conn.db, "PRAGMA user_version"), 4);
    assert_int_equal(pragma(conn.db, "PRAGMA application_id"), 0x4364576e);
    assert_int_equal(pragma(conn.db, "PRAGMA busy_timeout"), CW_STORE_BUSY_MS);
    assert_int_equal(pragma(conn.db,
                            "SELECT count(*) FROM pragma_table_list WHERE strict = 0"
                            " AND schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"),
                     0);
    cw_sqlite_conn_close(&conn);
}

/* Every acknowledged write was flushed before its acknowledgement. */
static void test_flush(void **state) {
    (void)state;
    for (int i = 0; i < 10; i++) {
        char id[16];
        snprintf(id, sizeof id, "k%d", i);
        long before = cw_fault_vfs_syncs();
        assert_int_equal(cw_fixture_write(&fixture, put_key, id, NULL), CW_OK);
        assert_true(cw_fault_vfs_syncs() > before);
    }
}

/* A disk that fails: nothing is acknowledged, and what is there afterwards is what was
 * acknowledged. */
static void test_disk_fails(void **state) {
    (void)state;
    assert_int_equal(cw_fixture_write(&fixture, put_key, "before", NULL), CW_OK);
    struct cw_error error = {0};
    cw_fault_vfs_fail_at(1);
    assert_int_equal(cw_fixture_write(&fixture, put_key, "lost", &error), CW_E_IO);
    cw_fault_vfs_fail_at(0);
    assert_int_equal(cw_fixture_read(&fixture, has_key, "lost", NULL), CW_E_NOT_FOUND);
    assert_int_equal(cw_fixture_write(&fixture, put_key, "after", NULL), CW_OK);
    assert_int_equal(keys(), 2);
}

static void test_queue_full(void **state) {
    (void)state;
    struct cw_mailbox *mailbox = cw_mailbox_new();
    struct gate gate;
    static struct outcome jobs[CW_STORE_QUEUE + 1];
    memset(jobs, 0, sizeof jobs);
    close_gate(&gate, mailbox);
    for (size_t i = 0; i <= CW_STORE_QUEUE; i++) {
        struct cw_error error = {0};
        snprintf(jobs[i].id, sizeof jobs[i].id, "k%zu", i);
        enum cw_status status =
            fixture.store->ops->write(fixture.store, put_outcome, note, &jobs[i], mailbox, &error);
        assert_int_equal(status, i < CW_STORE_QUEUE ? CW_OK : CW_E_BUSY);
        if (status != CW_OK)
            assert_string_equal(error.code, "store.busy");
    }
    sem_post(&gate.open);
    deliver_until(mailbox, CW_STORE_QUEUE + 1);
    assert_int_equal(jobs[CW_STORE_QUEUE].calls, 0);
    assert_int_equal(keys(), CW_STORE_QUEUE);
    cw_mailbox_free(mailbox);
}

/* free finishes what was accepted. */
static void test_drain(void **state) {
    (void)state;
    struct cw_mailbox *mailbox = cw_mailbox_new();
    static struct outcome jobs[200];
    memset(jobs, 0, sizeof jobs);
    outcomes = 0;
    for (size_t i = 0; i < 200; i++) {
        snprintf(jobs[i].id, sizeof jobs[i].id, "k%zu", i);
        assert_int_equal(
            fixture.store->ops->write(fixture.store, put_outcome, note, &jobs[i], mailbox, NULL),
            CW_OK);
    }
    cw_fixture_close(&fixture);
    cw_mailbox_deliver(mailbox);
    assert_int_equal(outcomes, 200);
    cw_mailbox_free(mailbox);
    cw_fixture_open(&fixture);
    assert_int_equal(keys(), 200);
}

#define WRITERS 4
#define EACH    60

static void *write_many(void *arg) {
    int failed = 0;
    for (int i = 0; i < EACH; i++) {
        char id[24];
        snprintf(id, sizeof id, "%s-%d", (const char *)arg, i);
        failed += cw_fixture_write(&fixture, put_key, id, NULL) != CW_OK;
        failed += cw_fixture_read(&fixture, has_key, id, NULL) != CW_OK; /* reads its own write */
    }
    return failed == 0 ? NULL : arg;
}

static void test_concurrent(void **state) {
    (void)state;
    static const char *const names[WRITERS] = {"a", "b", "c", "d"};
    pthread_t threads[WRITERS];
    for (int i = 0; i < WRITERS; i++)
        pthread_create(&threads[i], NULL, write_many, (void *)(uintptr_t)names[i]);
    for (int i = 0; i < WRITERS; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_int_equal(keys(), WRITERS * EACH);
}

/* The command line writes while the server does; both also create the file at the same time. */
static void test_two_processes(void **state) {
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    cw_fixture_open(&fixture);
    void *failed = write_many(child == 0 ? "child" : "parent");
    if (child == 0) {
        cw_fixture_close(&fixture);
        _exit(failed == NULL ? 0 : 1);
    }
    assert_null(failed);
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(keys(), 2 * EACH);
}

static void test_foreign_files(void **state) {
    (void)state;
    struct cw_error error = {0};
    sqlite3 *db;
    assert_int_equal(sqlite3_open(fixture.path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE t (a); PRAGMA user_version=3", 0, 0, 0), 0);
    assert_int_equal(cw_store_sqlite_open(fixture.path, &fixture.clock, &fixture.store, &error),
                     CW_E_INPUT);
    assert_string_equal(error.code, "store.not_ours");
    assert_int_equal(pragma(db, "PRAGMA journal_mode"), 0); /* left as it was */
    assert_int_equal(sqlite3_exec(db,
                                  "PRAGMA application_id=0x4364576e;"
                                  "PRAGMA user_version=1000",
                                  0, 0, 0),
                     0);
    error = (struct cw_error){0};
    assert_int_equal(cw_store_sqlite_open(fixture.path, &fixture.clock, &fixture.store, &error),
                     CW_E_INPUT);
    assert_string_equal(error.code, "store.too_new");
    sqlite3_close(db);
    FILE *file = fopen(fixture.path, "w");
    for (int i = 0; i < 1000; i++)
        fputs("not a database\n", file);
    fclose(file);
    error = (struct cw_error){0};
    assert_int_equal(cw_store_sqlite_open(fixture.path, &fixture.clock, &fixture.store, &error),
                     CW_E_INPUT);
    assert_string_equal(error.code, "store.not_ours");
    error = (struct cw_error){0};
    assert_int_equal(
        cw_store_sqlite_open("/nonexistent/store.db", &fixture.clock, &fixture.store, &error),
        CW_E_IO);
    assert_null(fixture.store);
}

int main(void) {
    cw_fault_vfs_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_group, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reopen, setup, teardown),
        cmocka_unit_test_setup_teardown(test_settings, setup, teardown),
        cmocka_unit_test_setup_teardown(test_flush, setup, teardown),
        cmocka_unit_test_setup_teardown(test_disk_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(test_queue_full, setup, teardown),
        cmocka_unit_test_setup_teardown(test_drain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_concurrent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_processes, setup_closed, teardown),
        cmocka_unit_test_setup_teardown(test_foreign_files, setup_closed, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
