/*
 * Rows of API keys (hashes only) and of content-addressed artifacts.
 * Does not check a key's expiry or scopes: src/http does; does not check an artifact's digest.
 * Runs in: the store's threads.
 */
#include "store/sqlite.h"

#include <string.h>

#define KEY "SELECT id, hash, name, scopes, created_ms, expires_ms, revoked_ms FROM keys"

static void read_key(struct cw_arena *arena, sqlite3_stmt *statement, void *row) {
    struct cw_key_row *key = row;
    key->id = cw_sqlite_text(arena, statement, 0);
    key->hash = cw_sqlite_text(arena, statement, 1);
    key->name = cw_sqlite_text(arena, statement, 2);
    key->scopes = cw_sqlite_text(arena, statement, 3);
    key->created_ms = sqlite3_column_int64(statement, 4);
    key->expires_ms = sqlite3_column_int64(statement, 5);
    key->revoked_ms = sqlite3_column_int64(statement, 6);
}

static enum cw_status key_put(struct cw_txn *txn, const struct cw_key_row *row,
                              struct cw_error *err) {
    static const char sql[] = "INSERT INTO keys (id, hash, name, scopes, created_ms, expires_ms,"
                              " revoked_ms) VALUES (?, ?, ?, ?, ?, ?, ?)";
    return cw_sqlite_run(txn, err, sql, "ssssiii", row->id, row->hash, row->name, row->scopes,
                         row->created_ms, row->expires_ms, row->revoked_ms);
}

static enum cw_status key_by_hash(struct cw_txn *txn, struct cw_arena *arena, const char *hash,
                                  struct cw_key_row *ret, struct cw_error *err) {
    static const struct cw_sqlite_select by_hash = {KEY " WHERE hash = ?", sizeof *ret, read_key};
    return cw_sqlite_one(txn, arena, &by_hash, ret, err, "s", hash);
}

static enum cw_status key_list(struct cw_txn *txn, struct cw_arena *arena, struct cw_key_row **ret,
                               size_t *ret_count, struct cw_error *err) {
    static const struct cw_sqlite_select all = {KEY " ORDER BY created_ms, id", sizeof **ret,
                                                read_key};
    struct cw_sqlite_rows rows = {0};
    enum cw_status status = cw_sqlite_all(txn, arena, &all, &rows, err, "");
    if (status == CW_OK) {
        *ret = rows.rows;
        *ret_count = rows.count;
    }
    return status;
}

/* The first revocation's time stays. */
static enum cw_status key_revoke(struct cw_txn *txn, const char *id, int64_t now_ms,
                                 struct cw_error *err) {
    static const char sql[] = "UPDATE keys SET revoked_ms ="
                              " CASE revoked_ms WHEN 0 THEN ? ELSE revoked_ms END WHERE id = ?";
    enum cw_status status = cw_sqlite_run(txn, err, sql, "is", now_ms, id);
    if (status == CW_OK && cw_sqlite_changes(txn) == 0)
        status = cw_fail(err, CW_E_NOT_FOUND, "store.not_found", "no such key");
    return status;
}

static void read_artifact(struct cw_arena *arena, sqlite3_stmt *statement, void *row) {
    struct cw_artifact_row *artifact = row;
    artifact->digest = cw_sqlite_text(arena, statement, 0);
    artifact->mime = cw_sqlite_text(arena, statement, 1);
    const void *data = sqlite3_column_blob(statement, 2);
    artifact->length = cw_sqlite_length(statement, 2);
    void *copy = cw_arena_alloc(arena, artifact->length + 1);
    if (artifact->length > 0)
        memcpy(copy, data, artifact->length);
    artifact->data = copy;
}

static enum cw_status artifact_put(struct cw_txn *txn, const struct cw_artifact_row *row,
                                   struct cw_error *err) {
    static const char sql[] = "INSERT INTO artifacts (digest, mime, data) VALUES (?, ?, ?)"
                              " ON CONFLICT (digest) DO NOTHING";
    return cw_sqlite_run(txn, err, sql, "ssb", row->digest, row->mime, row->data, row->length);
}

static enum cw_status artifact_get(struct cw_txn *txn, struct cw_arena *arena, const char *digest,
                                   struct cw_artifact_row *ret, struct cw_error *err) {
    static const struct cw_sqlite_select by_digest = {
        "SELECT digest, mime, data FROM artifacts WHERE digest = ?", sizeof *ret, read_artifact};
    return cw_sqlite_one(txn, arena, &by_digest, ret, err, "s", digest);
}

void cw_sqlite_keys_ops(struct cw_txn_ops *ops) {
    ops->key_put = key_put;
    ops->key_by_hash = key_by_hash;
    ops->key_list = key_list;
    ops->key_revoke = key_revoke;
    ops->artifact_put = artifact_put;
    ops->artifact_get = artifact_get;
}
