/*
 * The schema of the SQLite store, as steps that are only ever added: a released step is never
 * edited. Does not touch rows' meaning; run once at opening, in one transaction. Runs in: cordwain
 * serve (start-up) and the command line.
 */
#include "store/sqlite.h"

#include <stdio.h>

/* "CdWn": tells our files from other programs' (sqlite.org/fileformat.html §1.3). */
#define APPLICATION_ID 0x4364576e

/* Step n brings user_version from n to n + 1. */
static const char *const migrations[] = {
    /* 1: everything of the first release. AUTOINCREMENT: a seq is never given twice, so that
     * cursors stay true. */
    "CREATE TABLE products (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL,"
    " version TEXT NOT NULL, digest TEXT NOT NULL, art_digest TEXT NOT NULL,"
    " document TEXT NOT NULL, published_ms INTEGER NOT NULL, UNIQUE (id, version)) STRICT;"

    "CREATE TABLE designs (id TEXT NOT NULL PRIMARY KEY, product TEXT NOT NULL,"
    " version TEXT NOT NULL, selections TEXT NOT NULL, digest TEXT NOT NULL, locale TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL) STRICT;"

    "CREATE TABLE idempotency (scope TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL,"
    " http_status INTEGER NOT NULL, response TEXT NOT NULL, location TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL, PRIMARY KEY (scope, key)) STRICT;"

    "CREATE TABLE order_numbers (day TEXT NOT NULL PRIMARY KEY, last INTEGER NOT NULL) STRICT;"

    "CREATE TABLE orders (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
    " number TEXT NOT NULL UNIQUE, state TEXT NOT NULL, document TEXT NOT NULL,"
    " currency TEXT NOT NULL, total_minor INTEGER NOT NULL, created_ms INTEGER NOT NULL) STRICT;"

    "CREATE TABLE specs (id TEXT NOT NULL, revision INTEGER NOT NULL, newest INTEGER NOT NULL,"
    " order_id TEXT NOT NULL REFERENCES orders (id), line INTEGER NOT NULL,"
    " facility_id TEXT NOT NULL, serial TEXT NOT NULL, state TEXT NOT NULL, digest TEXT NOT NULL,"
    " work_centres TEXT NOT NULL, priority INTEGER NOT NULL, ship_by_ms INTEGER NOT NULL,"
    " created_ms INTEGER NOT NULL, fence INTEGER NOT NULL, lease_id TEXT NOT NULL,"
    " lease_until_ms INTEGER NOT NULL, reads INTEGER NOT NULL, hold_from TEXT NOT NULL, "
    "cancel_from TEXT NOT NULL,"
    " updated_ms INTEGER NOT NULL, PRIMARY KEY (id, revision)) STRICT;"
    /* Documents stand apart: a change of state must not rewrite kilobytes of signed text. */
    "CREATE TABLE spec_documents (id TEXT NOT NULL, revision INTEGER NOT NULL,"
    " document TEXT NOT NULL, PRIMARY KEY (id, revision),"
    " FOREIGN KEY (id, revision) REFERENCES specs (id, revision)) STRICT;"
    "CREATE UNIQUE INDEX specs_newest ON specs (id) WHERE newest = 1;"
    "CREATE UNIQUE INDEX specs_serial ON specs (serial) WHERE newest = 1;"
    "CREATE UNIQUE INDEX specs_lease ON specs (lease_id) WHERE lease_id <> '';"
    "CREATE INDEX specs_order ON specs (order_id);"
    "CREATE INDEX specs_facility ON specs (facility_id, created_ms DESC, id DESC) WHERE newest = 1;"
    "CREATE INDEX specs_queue ON specs (facility_id, priority DESC, ship_by_ms, created_ms, id)"
    " WHERE newest = 1 AND state = 'queued';"
    "CREATE INDEX specs_until ON specs (lease_until_ms) WHERE newest = 1 AND state = 'leased';"

    "CREATE TABLE events (spec_id TEXT NOT NULL, seq INTEGER NOT NULL, event_id TEXT NOT NULL,"
    " fingerprint TEXT NOT NULL, from_state TEXT NOT NULL, to_state TEXT NOT NULL,"
    " body TEXT NOT NULL, response TEXT NOT NULL, at_ms INTEGER NOT NULL,"
    " PRIMARY KEY (spec_id, seq), UNIQUE (spec_id, event_id)) STRICT;"

    "CREATE TABLE artifacts (digest TEXT NOT NULL PRIMARY KEY, mime TEXT NOT NULL,"
    " data BLOB NOT NULL) STRICT;"

    "CREATE TABLE keys (id TEXT NOT NULL PRIMARY KEY, hash TEXT NOT NULL UNIQUE,"
    " name TEXT NOT NULL, scopes TEXT NOT NULL, created_ms INTEGER NOT NULL,"
    " expires_ms INTEGER NOT NULL, revoked_ms INTEGER NOT NULL) STRICT;"

    "CREATE TABLE outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,"
    " subject TEXT NOT NULL, body TEXT NOT NULL, created_ms INTEGER NOT NULL) STRICT;",

    /* 2: stock items that were ever set. */
    "CREATE TABLE stock (item TEXT NOT NULL PRIMARY KEY, available INTEGER NOT NULL,"
    " changed_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX stock_out ON stock (item) WHERE available = 0;",

    /* 3: shoppers' pictures. The index on bytes is all their sum reads. */
    "CREATE TABLE artworks (id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL,"
    " digest TEXT NOT NULL, file_digest TEXT NOT NULL, width_px INTEGER NOT NULL,"
    " height_px INTEGER NOT NULL, file_bytes INTEGER NOT NULL, disk_bytes INTEGER NOT NULL,"
    " created_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX artworks_file ON artworks (file_digest);"
    "CREATE INDEX artworks_bytes ON artworks (disk_bytes);",

    /* 4: pictures that nothing names go after a time; those from before it was known stay. */
    "ALTER TABLE artworks ADD COLUMN held INTEGER NOT NULL DEFAULT 1;"
    "CREATE INDEX artworks_digest ON artworks (digest);",
};
#define MIGRATIONS ((int64_t)(sizeof migrations / sizeof migrations[0]))

static enum cw_status number(sqlite3 *db, const char *sql, int64_t *ret_number,
                             struct cw_error *err) {
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    if (result == SQLITE_ROW)
        *ret_number = sqlite3_column_int64(statement, 0);
    enum cw_status status = result == SQLITE_ROW ? CW_OK : cw_sqlite_fail(db, result, err);
    sqlite3_finalize(statement);
    return status;
}

static enum cw_status apply(sqlite3 *db, struct cw_error *err) {
    int64_t application = 0, version = 0, tables = 0;
    enum cw_status status = number(db, "PRAGMA application_id", &application, err);
    if (status == CW_OK)
        status = number(db, "PRAGMA user_version", &version, err);
    if (status == CW_OK)
        status = number(db, "SELECT count(*) FROM sqlite_schema", &tables, err);
    if (status != CW_OK)
        return status;
    bool fresh = application == 0 && version == 0 && tables == 0;
    if (application != APPLICATION_ID && !fresh)
        return cw_fail(err, CW_E_INPUT, "store.not_ours", "the file is not a Cordwain store");
    if (version < 0 || version > MIGRATIONS)
        return cw_fail(err, CW_E_INPUT, "store.too_new",
                       "the store has schema %lld, this program knows %lld", (long long)version,
                       (long long)MIGRATIONS);
    for (int64_t i = version; i < MIGRATIONS && status == CW_OK; i++)
        status = cw_sqlite_exec(db, migrations[i], err);
    if (status != CW_OK || version == MIGRATIONS)
        return status;
    char pragma[96];
    snprintf(pragma, sizeof pragma, "PRAGMA application_id=%d; PRAGMA user_version=%lld;",
             APPLICATION_ID, (long long)MIGRATIONS);
    return cw_sqlite_exec(db, pragma, err);
}

/* IMMEDIATE: two programs that start at the same time migrate one after the other, and the second
 * finds nothing to do. */
enum cw_status cw_sqlite_migrate(sqlite3 *db, struct cw_error *err) {
    enum cw_status status = cw_sqlite_exec(db, "BEGIN IMMEDIATE", err);
    if (status != CW_OK)
        return status;
    status = apply(db, err);
    if (status == CW_OK)
        status = cw_sqlite_exec(db, "COMMIT", err);
    if (status != CW_OK)
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}
