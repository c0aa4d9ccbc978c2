/* Inside the SQLite store only: a connection with its cached statements, and short ways to run
 * them. */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>

#include "cordwain/store.h"

#define CW_SQLITE_STATEMENTS 64

/* Used by one thread at a time (opened with SQLITE_OPEN_NOMUTEX). */
struct cw_sqlite_conn {
    sqlite3 *db;
    struct {
        const char *sql; /* compared by address: each SQL text is one static array */
        sqlite3_stmt *statement;
    } cache[CW_SQLITE_STATEMENTS];
    size_t cached;
};

struct cw_sqlite_txn {
    struct cw_txn base; /* first: ops are handed a pointer to it */
    struct cw_sqlite_conn *conn;
};

/* Open with the safety settings of this store. CW_E_IO "store.open", and as cw_sqlite_fail. */
enum cw_status cw_sqlite_conn_open(struct cw_sqlite_conn *conn, const char *path, bool read_only,
                                   struct cw_error *err) CW_MUST_USE;
/* Switch the file to a write-ahead log, once it is known to be ours. CW_E_BUSY "store.busy". */
enum cw_status cw_sqlite_wal(sqlite3 *db, struct cw_error *err) CW_MUST_USE;
void cw_sqlite_conn_close(struct cw_sqlite_conn *conn); /* may be called twice */

/* Bring the schema up to date, in one transaction. CW_E_INPUT "store.not_ours", "store.too_new". */
enum cw_status cw_sqlite_migrate(sqlite3 *db, struct cw_error *err) CW_MUST_USE;

/* One or more statements without values. */
enum cw_status cw_sqlite_exec(sqlite3 *db, const char *sql, struct cw_error *err) CW_MUST_USE;

/* Our status for an SQLite result: CONFLICT "store.exists" on a taken key, BUSY "store.busy",
 * NOMEM, IO "store.full" | "store.sqlite", BUG "store.constraint" | "store.read_only". The
 * library's text goes into `detail`. */
enum cw_status cw_sqlite_fail(sqlite3 *db, int result, struct cw_error *err);

/*
 * Values are given by a format: s text (NULL is ""), i int64_t, n (const char *, size_t) text with
 * its length, b (const void *, size_t) blob. They must live until the call returns.
 */
enum cw_status cw_sqlite_run(struct cw_txn *txn, struct cw_error *err, const char *sql,
                             const char *format, ...) CW_MUST_USE;
/* Rows the last cw_sqlite_run changed. */
int cw_sqlite_changes(struct cw_txn *txn);

struct cw_sqlite_select {
    const char *sql;
    size_t row_size;
    void (*read)(struct cw_arena *arena, sqlite3_stmt *statement, void *row);
};
struct cw_sqlite_rows {
    void *rows;
    size_t count;
};
/* The first row; CW_E_NOT_FOUND "store.not_found" when there is none. */
enum cw_status cw_sqlite_one(struct cw_txn *txn, struct cw_arena *arena,
                             const struct cw_sqlite_select *select, void *ret_row,
                             struct cw_error *err, const char *format, ...) CW_MUST_USE;
enum cw_status cw_sqlite_all(struct cw_txn *txn, struct cw_arena *arena,
                             const struct cw_sqlite_select *select, struct cw_sqlite_rows *ret_rows,
                             struct cw_error *err, const char *format, ...) CW_MUST_USE;

/* A text column copied into the arena. */
char *cw_sqlite_text(struct cw_arena *arena, sqlite3_stmt *statement, int column);
size_t cw_sqlite_length(sqlite3_stmt *statement, int column);
/* For a select of one number into an int64_t. */
void cw_sqlite_number(struct cw_arena *arena, sqlite3_stmt *statement, void *row);

/* Operations, by row family; each fills its part of the table. */
void cw_sqlite_products_ops(struct cw_txn_ops *ops);
void cw_sqlite_orders_ops(struct cw_txn_ops *ops);
void cw_sqlite_specs_ops(struct cw_txn_ops *ops);
void cw_sqlite_events_ops(struct cw_txn_ops *ops);
void cw_sqlite_keys_ops(struct cw_txn_ops *ops);
void cw_sqlite_stock_ops(struct cw_txn_ops *ops);
void cw_sqlite_artworks_ops(struct cw_txn_ops *ops);
