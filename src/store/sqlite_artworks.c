/*
 * Rows of shoppers' pictures. Does not touch their files. Runs in: the store's threads.
 */
#include "store/sqlite.h"

#define ARTWORK                                                                                    \
    "SELECT id, kind, digest, file_digest, width_px, height_px, file_bytes, disk_bytes,"           \
    " created_ms FROM artworks"

static void read_artwork(struct cw_arena *arena, sqlite3_stmt *statement, void *row) {
    struct cw_artwork_row *artwork = row;
    artwork->id = cw_sqlite_text(arena, statement, 0);
    artwork->kind = cw_sqlite_text(arena, statement, 1);
    artwork->digest = cw_sqlite_text(arena, statement, 2);
    artwork->file_digest = cw_sqlite_text(arena, statement, 3);
    artwork->width_px = sqlite3_column_int64(statement, 4);
    artwork->height_px = sqlite3_column_int64(statement, 5);
    artwork->file_bytes = sqlite3_column_int64(statement, 6);
    artwork->disk_bytes = sqlite3_column_int64(statement, 7);
    artwork->created_ms = sqlite3_column_int64(statement, 8);
}

static enum cw_status artwork_put(struct cw_txn *txn, const struct cw_artwork_row *row,
                                  struct cw_error *err) {
    static const char sql[] = "INSERT INTO artworks (id, kind, digest, file_digest, width_px,"
                              " height_px, file_bytes, disk_bytes, created_ms, held)"
                              " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (id)"
                              " DO UPDATE SET created_ms = excluded.created_ms";
    return cw_sqlite_run(txn, err, sql, "ssssiiiii", row->id, row->kind, row->digest,
                         row->file_digest, row->width_px, row->height_px, row->file_bytes,
                         row->disk_bytes, row->created_ms);
}

static enum cw_status artwork_get(struct cw_txn *txn, struct cw_arena *arena, const char *id,
                                  struct cw_artwork_row *ret, struct cw_error *err) {
    static const struct cw_sqlite_select by_id = {ARTWORK " WHERE id = ?", sizeof *ret,
                                                  read_artwork};
    return cw_sqlite_one(txn, arena, &by_id, ret, err, "s", id);
}

static enum cw_status artwork_by_file(struct cw_txn *txn, struct cw_arena *arena,
                                      const char *file_digest, struct cw_artwork_row *ret,
                                      struct cw_error *err) {
    static const struct cw_sqlite_select by_file = {ARTWORK " WHERE file_digest = ?", sizeof *ret,
                                                    read_artwork};
    return cw_sqlite_one(txn, arena, &by_file, ret, err, "s", file_digest);
}

static enum cw_status artwork_bytes(struct cw_txn *txn, int64_t *ret_bytes, struct cw_error *err) {
    static const struct cw_sqlite_select all = {"SELECT coalesce(sum(disk_bytes), 0) FROM artworks",
                                                sizeof *ret_bytes, cw_sqlite_number};
    return cw_sqlite_one(txn, /* arena: */ NULL, &all, ret_bytes, err, "");
}

static enum cw_status artwork_hold(struct cw_txn *txn, const char *id, struct cw_error *err) {
    enum cw_status status =
        cw_sqlite_run(txn, err, "UPDATE artworks SET held = 1 WHERE id = ?", "s", id);
    if (status == CW_OK && cw_sqlite_changes(txn) == 0)
        return cw_fail(err, CW_E_NOT_FOUND, "store.not_found", "no picture has this id");
    return status;
}

static void read_digest(struct cw_arena *arena, sqlite3_stmt *statement, void *row) {
    *(const char **)row = cw_sqlite_text(arena, statement, 0);
}

static enum cw_status artwork_digests(struct cw_txn *txn, struct cw_arena *arena,
                                      const struct cw_artwork_range *range, const char ***ret,
                                      size_t *ret_count, struct cw_error *err) {
    static const struct cw_sqlite_select digests = {
        "SELECT DISTINCT digest FROM artworks WHERE digest >= ? AND digest < ? ORDER BY digest",
        sizeof **ret, read_digest};
    struct cw_sqlite_rows rows;
    enum cw_status status =
        cw_sqlite_all(txn, arena, &digests, &rows, err, "ss", range->from, range->below);
    if (status == CW_OK) {
        *ret = rows.rows;
        *ret_count = rows.count;
    }
    return status;
}

#define EXPIRED " FROM artworks WHERE digest >= ? AND digest < ? AND held = 0 AND created_ms < ?"

static enum cw_status artwork_expired(struct cw_txn *txn, const struct cw_artwork_range *range,
                                      int64_t *ret_count, struct cw_error *err) {
    static const struct cw_sqlite_select count = {"SELECT count(*)" EXPIRED, sizeof *ret_count,
                                                  cw_sqlite_number};
    return cw_sqlite_one(txn, /* arena: */ NULL, &count, ret_count, err, "ssi", range->from,
                         range->below, range->before_ms);
}

static enum cw_status artwork_expire(struct cw_txn *txn, const struct cw_artwork_range *range,
                                     struct cw_error *err) {
    return cw_sqlite_run(txn, err, "DELETE" EXPIRED, "ssi", range->from, range->below,
                         range->before_ms);
}

void cw_sqlite_artworks_ops(struct cw_txn_ops *ops) {
    ops->artwork_put = artwork_put;
    ops->artwork_get = artwork_get;
    ops->artwork_by_file = artwork_by_file;
    ops->artwork_bytes = artwork_bytes;
    ops->artwork_hold = artwork_hold;
    ops->artwork_digests = artwork_digests;
    ops->artwork_expired = artwork_expired;
    ops->artwork_expire = artwork_expire;
}
