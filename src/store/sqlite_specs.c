/*
 * Rows of build specs: the record of each revision, its signed document beside it, and the queue's
 * order. Does not know which moves are allowed: src/manufacturing does. Runs in: the store's
 * threads.
 */
#include "store/sqlite.h"

#include <string.h>

#include "cordwain/states.h"

#define SPEC                                                                                       \
    "SELECT s.id, s.revision, s.newest, s.order_id, s.line, s.facility_id, s.serial, s.state,"     \
    " s.digest, d.document, s.work_centres, s.priority, s.ship_by_ms, s.created_ms, s.fence,"      \
    " s.lease_id, s.lease_until_ms, s.reads, s.hold_from, s.cancel_from, s.updated_ms"             \
    " FROM specs s JOIN spec_documents d ON d.id = s.id AND d.revision = s.revision"

static void read_spec(struct cw_arena *arena, sqlite3_stmt *statement, void *row) {
    struct cw_spec_row *spec = row;
    spec->id = cw_sqlite_text(arena, statement, 0);
    spec->revision = sqlite3_column_int(statement, 1);
    spec->newest = sqlite3_column_int(statement, 2) != 0;
    spec->order_id = cw_sqlite_text(arena, statement, 3);
    spec->line = sqlite3_column_int(statement, 4);
    spec->facility_id = cw_sqlite_text(arena, statement, 5);
    spec->serial = cw_sqlite_text(arena, statement, 6);
    spec->state = cw_sqlite_text(arena, statement, 7);
    spec->digest = cw_sqlite_text(arena, statement, 8);
    spec->document = cw_sqlite_text(arena, statement, 9);
    spec->document_length = cw_sqlite_length(statement, 9);
    spec->work_centres = cw_sqlite_text(arena, statement, 10);
    spec->priority = sqlite3_column_int(statement, 11);
    spec->ship_by_ms = sqlite3_column_int64(statement, 12);
    spec->created_ms = sqlite3_column_int64(statement, 13);
    spec->fence = sqlite3_column_int64(statement, 14);
    spec->lease_id = cw_sqlite_text(arena, statement, 15);
    spec->lease_until_ms = sqlite3_column_int64(statement, 16);
    spec->reads = sqlite3_column_int(statement, 17);
    spec->hold_from = cw_sqlite_text(arena, statement, 18);
    spec->cancel_from = cw_sqlite_text(arena, statement, 19);
    spec->updated_ms = sqlite3_column_int64(statement, 20);
}

static enum cw_status put_record(struct cw_txn *txn, const struct cw_spec_row *row,
                                 struct cw_error *err) {
    static const char sql[] =
        "INSERT INTO specs (id, revision, newest, order_id, line, facility_id, serial, state, "
        "digest,"
        " work_centres, priority, ship_by_ms, created_ms, fence, lease_id, lease_until_ms, reads,"
        " hold_from, cancel_from, updated_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    return cw_sqlite_run(txn, err, sql, "siisisssssiiiisiissi", row->id, (int64_t)row->revision,
                         (int64_t)row->newest, row->order_id, (int64_t)row->line, row->facility_id,
                         row->serial, row->state, row->digest, row->work_centres,
                         (int64_t)row->priority, row->ship_by_ms, row->created_ms, row->fence,
                         row->lease_id, row->lease_until_ms, (int64_t)row->reads, row->hold_from,
                         row->cancel_from, row->updated_ms);
}

static enum cw_status spec_put(struct cw_txn *txn, const struct cw_spec_row *row,
                               struct cw_error *err) {
    static const char sql[] =
        "INSERT INTO spec_documents (id, revision, document) VALUES (?, ?, ?)";
    enum cw_status status = put_record(txn, row, err);
    if (status != CW_OK)
        return status;
    return cw_sqlite_run(txn, err, sql, "sin", row->id, (int64_t)row->revision, row->document,
                         row->document_length);
}

static enum cw_status spec_get(struct cw_txn *txn, struct cw_arena *arena, const char *id,
                               int32_t revision, struct cw_spec_row *ret, struct cw_error *err) {
    static const struct cw_sqlite_select newest = {SPEC " WHERE s.id = ? AND s.newest = 1",
                                                   sizeof *ret, read_spec},
                                         exact = {SPEC " WHERE s.id = ? AND s.revision = ?",
                                                  sizeof *ret, read_spec};
    if (revision == 0)
        return cw_sqlite_one(txn, arena, &newest, ret, err, "s", id);
    return cw_sqlite_one(txn, arena, &exact, ret, err, "si", id, (int64_t)revision);
}

static enum cw_status spec_by_lease(struct cw_txn *txn, struct cw_arena *arena,
                                    const char *lease_id, struct cw_spec_row *ret,
                                    struct cw_error *err) {
    /* "" is what every unleased spec has: the condition is also what lets SQLite use the partial
     * index. */
    static const struct cw_sqlite_select by_lease = {
        SPEC " WHERE s.lease_id = ? AND s.lease_id <> ''", sizeof *ret, read_spec};
    return cw_sqlite_one(txn, arena, &by_lease, ret, err, "s", lease_id);
}

static enum cw_status give(enum cw_status status, const struct cw_sqlite_rows *rows,
                           struct cw_spec_row **ret, size_t *ret_count) {
    if (status == CW_OK) {
        *ret = rows->rows;
        *ret_count = rows->count;
    }
    return status;
}

static enum cw_status spec_by_order(struct cw_txn *txn, struct cw_arena *arena,
                                    const char *order_id, struct cw_spec_row **ret,
                                    size_t *ret_count, struct cw_error *err) {
    static const struct cw_sqlite_select by_order = {
        SPEC " WHERE s.order_id = ? AND s.newest = 1 ORDER BY s.line, s.id", sizeof **ret,
        read_spec};
    struct cw_sqlite_rows rows = {0};
    enum cw_status status = cw_sqlite_all(txn, arena, &by_order, &rows, err, "s", order_id);
    return give(status, &rows, ret, ret_count);
}

static enum cw_status spec_queue(struct cw_txn *txn, struct cw_arena *arena,
                                 const struct cw_spec_queue *queue, struct cw_spec_row **ret,
                                 size_t *ret_count, struct cw_error *err) {
    static const struct cw_sqlite_select queued = {
        SPEC " WHERE s.newest = 1 AND s.state = 'queued' AND s.facility_id = ?1"
             " AND (?2 = '' OR instr(s.work_centres, ',' || ?2 || ',') > 0)"
             " AND (?3 = 0 OR s.ship_by_ms < ?3)"
             " ORDER BY s.priority DESC, s.ship_by_ms, s.created_ms, s.id LIMIT ?4",
        sizeof **ret, read_spec};
    struct cw_sqlite_rows rows = {0};
    enum cw_status status =
        cw_sqlite_all(txn, arena, &queued, &rows, err, "ssii", queue->facility_id,
                      queue->work_centre, queue->ship_before_ms, (int64_t)queue->max);
    return give(status, &rows, ret, ret_count);
}

static enum cw_status spec_list(struct cw_txn *txn, struct cw_arena *arena, const char *facility_id,
                                const char *const *states, size_t max, struct cw_spec_row **ret,
                                size_t *ret_count, struct cw_error *err) {
    /* States are our own words without commas, so one bound text ",a,b," is the list. */
    static const struct cw_sqlite_select of_facility = {
        SPEC " WHERE s.newest = 1 AND s.facility_id = ?1"
             " AND (?2 = '' OR instr(?2, ',' || s.state || ',') > 0)"
             " ORDER BY s.created_ms DESC, s.id DESC LIMIT ?3",
        sizeof **ret, read_spec};
    const char *wanted = states == NULL ? "" : ",";
    for (size_t i = 0; states != NULL && states[i] != NULL; i++)
        wanted = cw_arena_printf(arena, "%s%s,", wanted, states[i]);
    struct cw_sqlite_rows rows = {0};
    enum cw_status status = cw_sqlite_all(txn, arena, &of_facility, &rows, err, "ssi", facility_id,
                                          wanted, (int64_t)max);
    return give(status, &rows, ret, ret_count);
}

static enum cw_status spec_expired(struct cw_txn *txn, struct cw_arena *arena, int64_t now_ms,
                                   struct cw_spec_row **ret, size_t *ret_count,
                                   struct cw_error *err) {
    static const struct cw_sqlite_select expired = {
        SPEC " WHERE s.newest = 1 AND s.state = 'leased' AND s.lease_until_ms <= ?"
             " ORDER BY s.lease_until_ms, s.id",
        sizeof **ret, read_spec};
    struct cw_sqlite_rows rows = {0};
    enum cw_status status = cw_sqlite_all(txn, arena, &expired, &rows, err, "i", now_ms);
    return give(status, &rows, ret, ret_count);
}

static enum cw_status spec_update(struct cw_txn *txn, const struct cw_spec_row *row,
                                  struct cw_error *err) {
    static const char sql[] =
        "UPDATE specs SET state = ?, fence = ?, lease_id = ?, lease_until_ms = ?, reads = ?,"
        " serial = ?, newest = ?, hold_from = ?, cancel_from = ?, updated_ms = ?"
        " WHERE id = ? AND revision = ?";
    enum cw_status status = cw_sqlite_run(
        txn, err, sql, "sisiisissisi", row->state, row->fence, row->lease_id, row->lease_until_ms,
        (int64_t)row->reads, row->serial, (int64_t)row->newest, row->hold_from, row->cancel_from,
        row->updated_ms, row->id, (int64_t)row->revision);
    if (status == CW_OK && cw_sqlite_changes(txn) == 0)
        status = cw_fail(err, CW_E_NOT_FOUND, "store.not_found", "no such spec");
    return status;
}

void cw_sqlite_specs_ops(struct cw_txn_ops *ops) {
    ops->spec_put = spec_put;
    ops->spec_get = spec_get;
    ops->spec_by_lease = spec_by_lease;
    ops->spec_by_order = spec_by_order;
    ops->spec_queue = spec_queue;
    ops->spec_list = spec_list;
    ops->spec_expired = spec_expired;
    ops->spec_update = spec_update;
}
