/*
 * Rows of stock items: in or out, since when.
 * Does not know which product names an item. Runs in: the store's threads.
 */
#include "cordwain/limits.h"
#include "store/sqlite.h"

#define STOCK "SELECT item, available, changed_ms FROM stock"

static void read_stock(struct cw_arena *arena, sqlite3_stmt *statement, void *row) {
    struct cw_stock_row *stock = row;
    stock->item = cw_sqlite_text(arena, statement, 0);
    stock->available = sqlite3_column_int64(statement, 1) != 0;
    stock->changed_ms = sqlite3_column_int64(statement, 2);
}

/* A new item only while there is room; one that is known may always change. */
static enum cw_status stock_put(struct cw_txn *txn, const struct cw_stock_row *row,
                                struct cw_error *err) {
    static const char update[] = "UPDATE stock SET available = ?1, changed_ms = ?2 WHERE item = ?3";
    static const char insert[] = "INSERT INTO stock (available, changed_ms, item)"
                                 " SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM stock) < ?4";
    int64_t available = row->available;
    enum cw_status status =
        cw_sqlite_run(txn, err, update, "iis", available, row->changed_ms, row->item);
    if (status != CW_OK || cw_sqlite_changes(txn) > 0)
        return status;
    status = cw_sqlite_run(txn, err, insert, "iisi", available, row->changed_ms, row->item,
                           (int64_t)CW_STOCK_ITEMS);
    if (status == CW_OK && cw_sqlite_changes(txn) == 0)
        status = cw_fail(err, CW_E_LIMIT, "stock.too_many",
                         "there are %d stock items already, the most there may be", CW_STOCK_ITEMS);
    return status;
}

static enum cw_status stock_get(struct cw_txn *txn, struct cw_arena *arena, const char *item,
                                struct cw_stock_row *ret, struct cw_error *err) {
    static const struct cw_sqlite_select by_item = {STOCK " WHERE item = ?", sizeof *ret,
                                                    read_stock};
    return cw_sqlite_one(txn, arena, &by_item, ret, err, "s", item);
}

static enum cw_status stock_list(struct cw_txn *txn, struct cw_arena *arena, bool out_only,
                                 struct cw_stock_row **ret, size_t *ret_count,
                                 struct cw_error *err) {
    static const struct cw_sqlite_select all = {STOCK " ORDER BY item", sizeof **ret, read_stock};
    static const struct cw_sqlite_select out = {STOCK " WHERE available = 0 ORDER BY item",
                                                sizeof **ret, read_stock};
    struct cw_sqlite_rows rows = {0};
    enum cw_status status = cw_sqlite_all(txn, arena, out_only ? &out : &all, &rows, err, "");
    if (status == CW_OK) {
        *ret = rows.rows;
        *ret_count = rows.count;
    }
    return status;
}

void cw_sqlite_stock_ops(struct cw_txn_ops *ops) {
    ops->stock_put = stock_put;
    ops->stock_get = stock_get;
    ops->stock_list = stock_list;
}
