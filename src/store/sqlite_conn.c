/*
 * SQLite connections: opening them safely, cached statements, binding, stepping, and turning
 * results into our errors. Does not know any table, any thread or any transaction. Runs in:
 * cordwain serve (store threads) and the command line.
 */
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cordwain/limits.h"

#define WAL_RETRY_MS 50

enum cw_status cw_sqlite_fail(sqlite3 *db, int result, struct cw_error *err) {
    enum cw_status status = CW_E_IO;
    int extended = db != NULL ? sqlite3_extended_errcode(db) : result;
    if (extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY ||
        extended == SQLITE_CONSTRAINT_ROWID)
        status = cw_fail(err, CW_E_CONFLICT, "store.exists", "a record with this key exists");
    else if ((result & 0xff) == SQLITE_CONSTRAINT || (result & 0xff) == SQLITE_MISUSE)
        status =
            cw_fail(err, CW_E_BUG, "store.constraint", "the store refused an impossible record");
    else if ((result & 0xff) == SQLITE_BUSY || (result & 0xff) == SQLITE_LOCKED)
        status = cw_fail(err, CW_E_BUSY, "store.busy", "the store is locked by another process");
    else if ((result & 0xff) == SQLITE_NOMEM)
        status = cw_fail(err, CW_E_NOMEM, "store.memory", "memory is out");
    else if ((result & 0xff) == SQLITE_READONLY)
        status = cw_fail(err, CW_E_BUG, "store.read_only",
                         "a write was tried where only reads are possible");
    else if ((result & 0xff) == SQLITE_NOTADB)
        status = cw_fail(err, CW_E_INPUT, "store.not_ours", "the file is not a Cordwain store");
    else if ((result & 0xff) == SQLITE_FULL)
        status = cw_fail(err, CW_E_IO, "store.full", "the store's disk is full");
    else
        status = cw_fail(err, CW_E_IO, "store.sqlite", "the store failed");
    cw_error_detail(err, "sqlite %d: %s", extended,
                    db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(result));
    return status;
}

enum cw_status cw_sqlite_exec(sqlite3 *db, const char *sql, struct cw_error *err) {
    int result = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return result == SQLITE_OK ? CW_OK : cw_sqlite_fail(db, result, err);
}

/* A new file is created by us first: readable by its owner only (it holds orders and key hashes),
 * and its name flushed to the folder, so that the first acknowledged commit cannot vanish with the
 * name. */
static enum cw_status create_file(const char *path, struct cw_error *err) {
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return CW_OK;
    if (fd < 0) {
        enum cw_status status = cw_fail(err, CW_E_IO, "store.open", "the store cannot be created");
        cw_error_detail(err, "%s: %s", path, strerror(errno));
        return status;
    }
    close(fd);
    return cw_folder_sync(path)
               ? CW_OK
               : cw_fail(err, CW_E_IO, "store.open", "the store's folder cannot be flushed");
}

/* sqlite.org/security.html: what a hostile or damaged file could otherwise do to us. */
static void harden(sqlite3 *db) {
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
}

enum cw_status cw_sqlite_conn_open(struct cw_sqlite_conn *conn, const char *path, bool read_only,
                                   struct cw_error *err) {
    memset(conn, 0, sizeof *conn);
    enum cw_status status = read_only ? CW_OK : create_file(path, err);
    if (status != CW_OK)
        return status;
    int flags = SQLITE_OPEN_NOMUTEX | (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    int result = sqlite3_open_v2(path, &conn->db, flags, NULL);
    if (result != SQLITE_OK) {
        status = cw_fail(err, CW_E_IO, "store.open", "the store cannot be opened");
        cw_error_detail(err, "%s: %s", path,
                        conn->db != NULL ? sqlite3_errmsg(conn->db) : sqlite3_errstr(result));
        cw_sqlite_conn_close(conn);
        return status;
    }
    sqlite3_extended_result_codes(conn->db, 1);
    sqlite3_busy_timeout(conn->db, CW_STORE_BUSY_MS);
    harden(conn->db);
    /* synchronous=FULL in WAL mode flushes the log at every commit: what we acknowledge survives
     * power loss. */
    status = cw_sqlite_exec(conn->db,
                            "PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;"
                            "PRAGMA temp_store=MEMORY;",
                            err);
    if (status == CW_OK && !read_only)
        status = cw_sqlite_exec(
            conn->db, "PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864;", err);
    if (status != CW_OK)
        cw_sqlite_conn_close(conn);
    return status;
}

/* Changing the mode takes the file for itself, and SQLite does not always wait for that as it does
 * for other locks. */
enum cw_status cw_sqlite_wal(sqlite3 *db, struct cw_error *err) {
    int result = SQLITE_BUSY;
    bool wal = false;
    for (int waited_ms = 0; !wal && waited_ms <= CW_STORE_BUSY_MS; waited_ms += WAL_RETRY_MS) {
        if (waited_ms > 0)
            sqlite3_sleep(WAL_RETRY_MS);
        sqlite3_stmt *statement = NULL;
        result = sqlite3_prepare_v2(db, "PRAGMA journal_mode=WAL", -1, &statement, NULL);
        if (result == SQLITE_OK)
            result = sqlite3_step(statement);
        wal = result == SQLITE_ROW &&
              sqlite3_stricmp((const char *)sqlite3_column_text(statement, 0), "wal") == 0;
        sqlite3_finalize(statement);
        if (!wal && result != SQLITE_ROW && (result & 0xff) != SQLITE_BUSY)
            return cw_sqlite_fail(db, result, err);
    }
    return wal ? CW_OK
               : cw_fail(err, CW_E_BUSY, "store.busy", "the store is locked by another process");
}

void cw_sqlite_conn_close(struct cw_sqlite_conn *conn) {
    for (size_t i = 0; i < conn->cached; i++)
        sqlite3_finalize(conn->cache[i].statement);
    sqlite3_close(conn->db);
    memset(conn, 0, sizeof *conn);
}

static struct cw_sqlite_conn *conn_of(struct cw_txn *txn) {
    return ((struct cw_sqlite_txn *)txn)->conn;
}

static enum cw_status prepare(struct cw_sqlite_conn *conn, const char *sql, sqlite3_stmt **ret,
                              struct cw_error *err) {
    for (size_t i = 0; i < conn->cached; i++) {
        if (conn->cache[i].sql == sql) {
            *ret = conn->cache[i].statement;
            return CW_OK;
        }
    }
    if (conn->cached == CW_SQLITE_STATEMENTS)
        return cw_fail(err, CW_E_BUG, "store.statements", "more statements than the cache holds");
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v3(conn->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    if (result != SQLITE_OK)
        return cw_sqlite_fail(conn->db, result, err);
    conn->cache[conn->cached].sql = sql;
    conn->cache[conn->cached].statement = statement;
    conn->cached++;
    *ret = statement;
    return CW_OK;
}

/* SQLITE_STATIC: values outlive the step, and bindings are cleared by done(). */
static int bind(sqlite3_stmt *statement, const char *format, va_list args) {
    int result = SQLITE_OK;
    for (int i = 1; *format != '\0' && result == SQLITE_OK; format++, i++) {
        if (*format == 'i') {
            result = sqlite3_bind_int64(statement, i, va_arg(args, int64_t));
            continue;
        }
        const void *data = va_arg(args, const void *);
        size_t length = *format == 's' ? (data != NULL ? strlen(data) : 0) : va_arg(args, size_t);
        if (data == NULL)
            data = "";
        if (*format == 'b')
            result = sqlite3_bind_blob64(statement, i, data, length, SQLITE_STATIC);
        else
            result = sqlite3_bind_text64(statement, i, data, length, SQLITE_STATIC, SQLITE_UTF8);
    }
    return result;
}

static void done(sqlite3_stmt *statement) {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

static enum cw_status start(struct cw_txn *txn, const char *sql, sqlite3_stmt **ret,
                            struct cw_error *err, const char *format, va_list args) {
    enum cw_status status = prepare(conn_of(txn), sql, ret, err);
    if (status != CW_OK)
        return status;
    int result = bind(*ret, format, args);
    if (result == SQLITE_OK)
        return CW_OK;
    status = cw_sqlite_fail(conn_of(txn)->db, result, err);
    done(*ret);
    return status;
}

enum cw_status cw_sqlite_run(struct cw_txn *txn, struct cw_error *err, const char *sql,
                             const char *format, ...) {
    va_list args;
    va_start(args, format);
    sqlite3_stmt *statement;
    enum cw_status status = start(txn, sql, &statement, err, format, args);
    va_end(args);
    if (status != CW_OK)
        return status;
    int result = sqlite3_step(statement);
    if (result != SQLITE_DONE && result != SQLITE_ROW)
        status = cw_sqlite_fail(conn_of(txn)->db, result, err);
    done(statement);
    return status;
}

int cw_sqlite_changes(struct cw_txn *txn) {
    return sqlite3_changes(conn_of(txn)->db);
}

enum cw_status cw_sqlite_one(struct cw_txn *txn, struct cw_arena *arena,
                             const struct cw_sqlite_select *select, void *ret_row,
                             struct cw_error *err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    sqlite3_stmt *statement;
    enum cw_status status = start(txn, select->sql, &statement, err, format, args);
    va_end(args);
    if (status != CW_OK)
        return status;
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW)
        select->read(arena, statement, ret_row);
    else if (result == SQLITE_DONE)
        status = cw_fail(err, CW_E_NOT_FOUND, "store.not_found", "no such record");
    else
        status = cw_sqlite_fail(conn_of(txn)->db, result, err);
    done(statement);
    return status;
}

enum cw_status cw_sqlite_all(struct cw_txn *txn, struct cw_arena *arena,
                             const struct cw_sqlite_select *select, struct cw_sqlite_rows *ret_rows,
                             struct cw_error *err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    sqlite3_stmt *statement;
    enum cw_status status = start(txn, select->sql, &statement, err, format, args);
    va_end(args);
    if (status != CW_OK)
        return status;
    size_t count = 0, capacity = 8;
    char *rows = cw_arena_array(arena, capacity, select->row_size);
    int result;
    while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
        if (count == capacity) {
            char *grown = cw_arena_array(arena, capacity * 2, select->row_size);
            memcpy(grown, rows, capacity * select->row_size);
            rows = grown;
            capacity *= 2;
        }
        select->read(arena, statement, rows + count++ * select->row_size);
    }
    if (result != SQLITE_DONE)
        status = cw_sqlite_fail(conn_of(txn)->db, result, err);
    done(statement);
    if (status == CW_OK)
        *ret_rows = (struct cw_sqlite_rows){.rows = rows, .count = count};
    return status;
}

char *cw_sqlite_text(struct cw_arena *arena, sqlite3_stmt *statement, int column) {
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return cw_arena_strndup(arena, text != NULL ? text : "", cw_sqlite_length(statement, column));
}

size_t cw_sqlite_length(sqlite3_stmt *statement, int column) {
    return (size_t)sqlite3_column_bytes(statement, column);
}

void cw_sqlite_number(struct cw_arena *arena, sqlite3_stmt *statement, void *row) {
    (void)arena;
    *(int64_t *)row = sqlite3_column_int64(statement, 0);
}
