/*
 * Rows of a spec's history: append-only, numbered per spec.
 * Does not judge events: src/manufacturing does.
 * Runs in: the store's threads.
 */
#include "store/sqlite.h"

#define EVENT                                                                                      \
    "SELECT spec_id, seq, event_id, fingerprint, from_state, to_state, body, response, at_ms"      \
    " FROM events"

static void read_event(struct cw_arena *arena, sqlite3_stmt *statement, void *row) {
    struct cw_event_row *event = row;
    event->spec_id = cw_sqlite_text(arena, statement, 0);
    event->seq = sqlite3_column_int64(statement, 1);
    event->event_id = cw_sqlite_text(arena, statement, 2);
    event->fingerprint = cw_sqlite_text(arena, statement, 3);
    event->from = cw_sqlite_text(arena, statement, 4);
    event->to = cw_sqlite_text(arena, statement, 5);
    event->body = cw_sqlite_text(arena, statement, 6);
    event->response = cw_sqlite_text(arena, statement, 7);
    event->at_ms = sqlite3_column_int64(statement, 8);
}

static enum cw_status event_put(struct cw_txn *txn, const struct cw_event_row *row,
                                struct cw_error *err) {
    static const char sql[] =
        "INSERT INTO events (spec_id, seq, event_id, fingerprint, from_state, to_state, body,"
        " response, at_ms) VALUES (?1, (SELECT coalesce(max(seq), 0) + 1 FROM events"
        " WHERE spec_id = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    return cw_sqlite_run(txn, err, sql, "sssssssi", row->spec_id, row->event_id, row->fingerprint,
                         row->from, row->to, row->body, row->response, row->at_ms);
}

static enum cw_status event_get(struct cw_txn *txn, struct cw_arena *arena, const char *spec_id,
                                const char *event_id, struct cw_event_row *ret,
                                struct cw_error *err) {
    static const struct cw_sqlite_select by_id = {EVENT " WHERE spec_id = ? AND event_id = ?",
                                                  sizeof *ret, read_event};
    return cw_sqlite_one(txn, arena, &by_id, ret, err, "ss", spec_id, event_id);
}

static enum cw_status event_list(struct cw_txn *txn, struct cw_arena *arena, const char *spec_id,
                                 struct cw_event_row **ret, size_t *ret_count,
                                 struct cw_error *err) {
    static const struct cw_sqlite_select of_spec = {EVENT " WHERE spec_id = ? ORDER BY seq",
                                                    sizeof **ret, read_event};
    struct cw_sqlite_rows rows = {0};
    enum cw_status status = cw_sqlite_all(txn, arena, &of_spec, &rows, err, "s", spec_id);
    if (status == CW_OK) {
        *ret = rows.rows;
        *ret_count = rows.count;
    }
    return status;
}

void cw_sqlite_events_ops(struct cw_txn_ops *ops) {
    ops->event_put = event_put;
    ops->event_get = event_get;
    ops->event_list = event_list;
}
