/*
 * The store on SQLite: a writer thread that commits waiting jobs in groups, reader threads on
 * snapshots. Does not know rows (sqlite_*.c) nor what callers do with them. Runs in: cordwain
 * serve, and the command line (which may use the same file at the same time).
 *
 * Group commit: the writer takes all jobs that waited while the previous commit was flushed, up to
 * CW_STORE_GROUP, runs each in its own savepoint and commits once. One flush serves many requests,
 * and a request alone is not delayed (Gray & Reuter 1992, §10.4.7). Results go out only after the
 * commit: also a refusal, because what a job was refused for may be another job's row in the same
 * group.
 */
#include "store/store_sqlite.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cordwain/limits.h"
#include "store/queue.h"
#include "store/sqlite.h"

struct reader {
    struct sqlite_store *store;
    struct cw_sqlite_conn conn;
    pthread_t thread;
    bool started;
};

struct sqlite_store {
    struct cw_store base;
    struct cw_txn_ops txn_ops;
    struct cw_store_queue writes, reads;
    struct cw_sqlite_conn writer; /* of the writer thread once it runs */
    pthread_t writer_thread;
    bool writer_started;
    struct reader readers[CW_STORE_READERS];
};

static struct sqlite_store *store_of(struct cw_store *store) {
    return (struct sqlite_store *)store;
}

/* ---- the writer ------------------------------------------------------------------------------ */

static void finish_all(struct cw_store_queue *queue, struct cw_store_job *jobs) {
    while (jobs != NULL) {
        struct cw_store_job *next = jobs->next;
        cw_store_job_finish(queue, jobs);
        jobs = next;
    }
}

static void fail_all(struct cw_store_job *jobs, const struct cw_error *error) {
    for (struct cw_store_job *job = jobs; job != NULL; job = job->next) {
        job->status = error->status;
        job->error = *error;
    }
}

/* One job in its savepoint. An error return means that the whole transaction is lost. */
static enum cw_status run_job(struct sqlite_store *store, struct cw_store_job *job,
                              struct cw_error *err) {
    sqlite3 *db = store->writer.db;
    enum cw_status status = cw_sqlite_exec(db, "SAVEPOINT job", err);
    if (status != CW_OK)
        return status;
    struct cw_sqlite_txn txn = {{&store->txn_ops}, &store->writer};
    job->status = job->fn(&txn.base, job->arg, &job->error);
    /* A full disk or a failed read may roll everything back behind our back
     * (sqlite.org/lang_transaction.html). */
    if (sqlite3_get_autocommit(db) != 0)
        return cw_fail(err, CW_E_IO, "store.lost", "the store could not keep the change");
    if (job->status != CW_OK)
        status = cw_sqlite_exec(db, "ROLLBACK TO job", err);
    if (status == CW_OK)
        status = cw_sqlite_exec(db, "RELEASE job", err);
    return status;
}

static void write_group(struct sqlite_store *store, struct cw_store_job *jobs) {
    sqlite3 *db = store->writer.db;
    struct cw_error error = {0};
    enum cw_status status = cw_sqlite_exec(db, "BEGIN IMMEDIATE", &error);
    if (status != CW_OK) {
        fail_all(jobs, &error);
        return;
    }
    for (struct cw_store_job *job = jobs; job != NULL && status == CW_OK; job = job->next)
        status = run_job(store, job, &error);
    if (status == CW_OK && sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
        status = cw_fail(&error, CW_E_IO, "store.commit", "the store could not keep the change");
        cw_error_detail(&error, "sqlite %d: %s", sqlite3_extended_errcode(db), sqlite3_errmsg(db));
    }
    if (status == CW_OK)
        return;
    if (sqlite3_get_autocommit(db) == 0)
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    fail_all(jobs, &error);
}

static void *writer_main(void *arg) {
    struct sqlite_store *store = arg;
    struct cw_store_job *jobs;
    while ((jobs = cw_store_queue_take(&store->writes, CW_STORE_GROUP)) != NULL) {
        write_group(store, jobs);
        finish_all(&store->writes, jobs);
    }
    return NULL;
}

/* ---- the readers ----------------------------------------------------------------------------- */

static void read_one(struct reader *reader, struct cw_store_job *job) {
    job->status = cw_sqlite_exec(reader->conn.db, "BEGIN", &job->error);
    if (job->status != CW_OK)
        return;
    struct cw_sqlite_txn txn = {{&reader->store->txn_ops}, &reader->conn};
    job->status = job->fn(&txn.base, job->arg, &job->error);
    (void)sqlite3_exec(reader->conn.db, "ROLLBACK", NULL, NULL, NULL);
}

static void *reader_main(void *arg) {
    struct reader *reader = arg;
    struct cw_store_job *job;
    while ((job = cw_store_queue_take(&reader->store->reads, 1)) != NULL) {
        read_one(reader, job);
        cw_store_job_finish(&reader->store->reads, job);
    }
    return NULL;
}

/* ---- the table ------------------------------------------------------------------------------- */

static enum cw_status post(struct cw_store_queue *queue, const struct cw_store_job *model,
                           struct cw_error *err) {
    struct cw_store_job *job = malloc(sizeof *job);
    if (job == NULL)
        return cw_fail(err, CW_E_NOMEM, "store.memory", "memory is out");
    *job = *model;
    enum cw_status status = cw_store_queue_push(queue, job, err);
    if (status != CW_OK)
        free(job);
    return status;
}

static enum cw_status store_write(struct cw_store *store, cw_txn_fn fn, cw_txn_done done, void *arg,
                                  struct cw_mailbox *mailbox, struct cw_error *err) {
    struct cw_store_job job = {.fn = fn, .arg = arg, .done = done, .mailbox = mailbox};
    return post(&store_of(store)->writes, &job, err);
}

static enum cw_status store_read(struct cw_store *store, cw_txn_fn fn, cw_txn_done done, void *arg,
                                 struct cw_mailbox *mailbox, struct cw_error *err) {
    struct cw_store_job job = {.fn = fn, .arg = arg, .done = done, .mailbox = mailbox};
    return post(&store_of(store)->reads, &job, err);
}

static enum cw_status store_write_wait(struct cw_store *store, cw_txn_fn fn, void *arg,
                                       struct cw_error *err) {
    struct cw_store_job job = {.fn = fn, .arg = arg};
    return cw_store_queue_wait(&store_of(store)->writes, &job, err);
}

static enum cw_status store_read_wait(struct cw_store *store, cw_txn_fn fn, void *arg,
                                      struct cw_error *err) {
    struct cw_store_job job = {.fn = fn, .arg = arg};
    return cw_store_queue_wait(&store_of(store)->reads, &job, err);
}

/* The writer's connection closes last: the last one checkpoints the log and needs to write. */
static void store_free(struct cw_store *base) {
    if (base == NULL)
        return;
    struct sqlite_store *store = store_of(base);
    cw_store_queue_stop(&store->writes);
    cw_store_queue_stop(&store->reads);
    for (size_t i = 0; i < CW_STORE_READERS; i++) {
        if (store->readers[i].started)
            pthread_join(store->readers[i].thread, NULL);
        cw_sqlite_conn_close(&store->readers[i].conn);
    }
    if (store->writer_started)
        pthread_join(store->writer_thread, NULL);
    cw_sqlite_conn_close(&store->writer);
    cw_store_queue_deinit(&store->writes);
    cw_store_queue_deinit(&store->reads);
    free(store);
}

static const struct cw_store_ops store_ops = {
    .write = store_write,
    .read = store_read,
    .write_wait = store_write_wait,
    .read_wait = store_read_wait,
    .free = store_free,
};

/* ---- opening --------------------------------------------------------------------------------- */

/* Signals belong to the main thread's loop: store threads block them all. */
static bool start_thread(pthread_t *ret_thread, void *(*run)(void *), void *arg) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(ret_thread, NULL, run, arg) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static enum cw_status start(struct sqlite_store *store, const char *path, struct cw_error *err) {
    enum cw_status status = cw_sqlite_conn_open(&store->writer, path, /* read_only: */ false, err);
    if (status == CW_OK)
        status = cw_sqlite_migrate(store->writer.db, err);
    if (status == CW_OK)
        status = cw_sqlite_wal(store->writer.db, err);
    for (size_t i = 0; i < CW_STORE_READERS && status == CW_OK; i++) {
        struct reader *reader = &store->readers[i];
        reader->store = store;
        status = cw_sqlite_conn_open(&reader->conn, path, /* read_only: */ true, err);
        if (status != CW_OK)
            break;
        reader->started = start_thread(&reader->thread, reader_main, reader);
        if (!reader->started)
            status = cw_fail(err, CW_E_IO, "store.open", "the store's threads cannot start");
    }
    if (status != CW_OK)
        return status;
    store->writer_started = start_thread(&store->writer_thread, writer_main, store);
    if (!store->writer_started)
        status = cw_fail(err, CW_E_IO, "store.open", "the store's threads cannot start");
    return status;
}

enum cw_status cw_store_sqlite_open(const char *path, const struct cw_clock *clock,
                                    struct cw_store **ret_store, struct cw_error *err) {
    (void)clock; /* part of the contract of every store; this one keeps no time of its own */
    struct sqlite_store *store = calloc(1, sizeof *store);
    if (store == NULL)
        return cw_fail(err, CW_E_NOMEM, "store.memory", "memory is out");
    store->base.ops = &store_ops;
    cw_sqlite_products_ops(&store->txn_ops);
    cw_sqlite_orders_ops(&store->txn_ops);
    cw_sqlite_specs_ops(&store->txn_ops);
    cw_sqlite_events_ops(&store->txn_ops);
    cw_sqlite_keys_ops(&store->txn_ops);
    cw_sqlite_stock_ops(&store->txn_ops);
    cw_sqlite_artworks_ops(&store->txn_ops);
    cw_store_queue_init(&store->writes);
    cw_store_queue_init(&store->reads);
    enum cw_status status = start(store, path, err);
    if (status != CW_OK) {
        store_free(&store->base);
        return status;
    }
    *ret_store = &store->base;
    return CW_OK;
}
