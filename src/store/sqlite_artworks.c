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
                              " height_px, file_bytes, disk_bytes, created_ms)"
                              " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";
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

void cw_sqlite_artworks_ops(struct cw_txn_ops *ops) {
    ops->artwork_put = artwork_put;
    ops->artwork_get = artwork_get;
    ops->artwork_by_file = artwork_by_file;
    ops->artwork_bytes = artwork_bytes;
}
