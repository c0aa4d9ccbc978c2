/*
 * Rows of orders, their daily numbers, answered idempotency keys and the outbox.
 * Does not know which states there are: src/orders does.
 * Runs in: the store's threads.
 */
#include "store/sqlite.h"

static void read_idempotency(struct cw_arena *arena, sqlite3_stmt *statement, void *row) {
    struct cw_idempotency_row *answer = row;
    answer->scope = cw_sqlite_text(arena, statement, 0);
    answer->key = cw_sqlite_text(arena, statement, 1);
    answer->fingerprint = cw_sqlite_text(arena, statement, 2);
    answer->http_status = sqlite3_column_int(statement, 3);
    answer->response = cw_sqlite_text(arena, statement, 4);
    answer->location = cw_sqlite_text(arena, statement, 5);
    answer->created_ms = sqlite3_column_int64(statement, 6);
}

static enum cw_status idempotency_put(struct cw_txn *txn, const struct cw_idempotency_row *row,
                                      struct cw_error *err) {
    static const char sql[] = "INSERT INTO idempotency (scope, key, fingerprint, http_status,"
                              " response, location, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?)";
    return cw_sqlite_run(txn, err, sql, "sssissi", row->scope, row->key, row->fingerprint,
                         (int64_t)row->http_status, row->response, row->location, row->created_ms);
}

static enum cw_status idempotency_get(struct cw_txn *txn, struct cw_arena *arena, const char *scope,
                                      const char *key, struct cw_idempotency_row *ret,
                                      struct cw_error *err) {
    static const struct cw_sqlite_select by_key = {
        "SELECT scope, key, fingerprint, http_status, response, location, created_ms"
        " FROM idempotency WHERE scope = ? AND key = ?",
        sizeof *ret, read_idempotency};
    return cw_sqlite_one(txn, arena, &by_key, ret, err, "ss", scope, key);
}

static enum cw_status order_next_number(struct cw_txn *txn, const char *day, int64_t *ret_number,
                                        struct cw_error *err) {
    static const struct cw_sqlite_select next = {
        "INSERT INTO order_numbers (day, last) VALUES (?, 1)"
        " ON CONFLICT (day) DO UPDATE SET last = last + 1 RETURNING last",
        sizeof *ret_number, cw_sqlite_number};
    return cw_sqlite_one(txn, /* arena: */ NULL, &next, ret_number, err, "s", day);
}

#define ORDER                                                                                      \
    "SELECT id, number, state, document, currency, total_minor, created_ms, seq FROM orders"

static void read_order(struct cw_arena *arena, sqlite3_stmt *statement, void *row) {
    struct cw_order_row *order = row;
    order->id = cw_sqlite_text(arena, statement, 0);
    order->number = cw_sqlite_text(arena, statement, 1);
    order->state = cw_sqlite_text(arena, statement, 2);
    order->document = cw_sqlite_text(arena, statement, 3);
    order->currency = cw_sqlite_text(arena, statement, 4);
    order->total_minor = sqlite3_column_int64(statement, 5);
    order->created_ms = sqlite3_column_int64(statement, 6);
    order->seq = sqlite3_column_int64(statement, 7);
}

static enum cw_status order_put(struct cw_txn *txn, const struct cw_order_row *row,
                                struct cw_error *err) {
    static const char sql[] = "INSERT INTO orders (id, number, state, document, currency,"
                              " total_minor, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?)";
    return cw_sqlite_run(txn, err, sql, "sssssii", row->id, row->number, row->state, row->document,
                         row->currency, row->total_minor, row->created_ms);
}

static enum cw_status order_get(struct cw_txn *txn, struct cw_arena *arena, const char *id,
                                struct cw_order_row *ret, struct cw_error *err) {
    static const struct cw_sqlite_select by_id = {ORDER " WHERE id = ?", sizeof *ret, read_order};
    return cw_sqlite_one(txn, arena, &by_id, ret, err, "s", id);
}

static enum cw_status order_list(struct cw_txn *txn, struct cw_arena *arena, int64_t before_seq,
                                 size_t max, struct cw_order_row **ret, size_t *ret_count,
                                 struct cw_error *err) {
    static const struct cw_sqlite_select before = {ORDER " WHERE seq < ? ORDER BY seq DESC LIMIT ?",
                                                   sizeof **ret, read_order};
    struct cw_sqlite_rows rows;
    enum cw_status status = cw_sqlite_all(txn, arena, &before, &rows, err, "ii",
                                          before_seq > 0 ? before_seq : INT64_MAX, (int64_t)max);
    if (status == CW_OK) {
        *ret = rows.rows;
        *ret_count = rows.count;
    }
    return status;
}

static enum cw_status order_set_state(struct cw_txn *txn, const char *id, const char *state,
                                      struct cw_error *err) {
    static const char sql[] = "UPDATE orders SET state = ? WHERE id = ?";
    enum cw_status status = cw_sqlite_run(txn, err, sql, "ss", state, id);
    if (status == CW_OK && cw_sqlite_changes(txn) == 0)
        status = cw_fail(err, CW_E_NOT_FOUND, "store.not_found", "no such order");
    return status;
}

static enum cw_status outbox_put(struct cw_txn *txn, const struct cw_outbox_row *row,
                                 struct cw_error *err) {
    static const char sql[] =
        "INSERT INTO outbox (kind, subject, body, created_ms) VALUES (?, ?, ?, ?)";
    return cw_sqlite_run(txn, err, sql, "sssi", row->kind, row->subject, row->body,
                         row->created_ms);
}

void cw_sqlite_orders_ops(struct cw_txn_ops *ops) {
    ops->idempotency_put = idempotency_put;
    ops->idempotency_get = idempotency_get;
    ops->order_next_number = order_next_number;
    ops->order_put = order_put;
    ops->order_get = order_get;
    ops->order_list = order_list;
    ops->order_set_state = order_set_state;
    ops->outbox_put = outbox_put;
}
