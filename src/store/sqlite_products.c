/*
 * Rows of published products and saved designs.
 * Does not check documents: catalog and configure did.
 * Runs in: the store's threads.
 */
#include "store/sqlite.h"

#define PRODUCT "SELECT id, version, digest, document, art_digest, published_ms, seq FROM products"

static void read_product(struct cw_arena *arena, sqlite3_stmt *statement, void *row) {
    struct cw_product_row *product = row;
    product->id = cw_sqlite_text(arena, statement, 0);
    product->version = cw_sqlite_text(arena, statement, 1);
    product->digest = cw_sqlite_text(arena, statement, 2);
    product->document = cw_sqlite_text(arena, statement, 3);
    product->document_length = cw_sqlite_length(statement, 3);
    product->art_digest = cw_sqlite_text(arena, statement, 4);
    product->published_ms = sqlite3_column_int64(statement, 5);
    product->seq = sqlite3_column_int64(statement, 6);
}

static enum cw_status product_put(struct cw_txn *txn, const struct cw_product_row *row,
                                  struct cw_error *err) {
    static const char sql[] = "INSERT INTO products (id, version, digest, document, art_digest,"
                              " published_ms) VALUES (?, ?, ?, ?, ?, ?)";
    return cw_sqlite_run(txn, err, sql, "sssnsi", row->id, row->version, row->digest, row->document,
                         row->document_length, row->art_digest, row->published_ms);
}

static enum cw_status product_get(struct cw_txn *txn, struct cw_arena *arena, const char *id,
                                  const char *version, struct cw_product_row *ret,
                                  struct cw_error *err) {
    static const struct cw_sqlite_select newest = {PRODUCT
                                                   " WHERE id = ? ORDER BY seq DESC LIMIT 1",
                                                   sizeof *ret, read_product},
                                         exact = {PRODUCT " WHERE id = ? AND version = ?",
                                                  sizeof *ret, read_product};
    if (version == NULL)
        return cw_sqlite_one(txn, arena, &newest, ret, err, "s", id);
    return cw_sqlite_one(txn, arena, &exact, ret, err, "ss", id, version);
}

static enum cw_status product_list(struct cw_txn *txn, struct cw_arena *arena, int64_t after_seq,
                                   struct cw_product_row **ret, size_t *ret_count,
                                   struct cw_error *err) {
    static const struct cw_sqlite_select after = {PRODUCT " WHERE seq > ? ORDER BY seq",
                                                  sizeof **ret, read_product};
    struct cw_sqlite_rows rows;
    enum cw_status status = cw_sqlite_all(txn, arena, &after, &rows, err, "i", after_seq);
    if (status == CW_OK) {
        *ret = rows.rows;
        *ret_count = rows.count;
    }
    return status;
}

static void read_design(struct cw_arena *arena, sqlite3_stmt *statement, void *row) {
    struct cw_design_row *design = row;
    design->id = cw_sqlite_text(arena, statement, 0);
    design->product = cw_sqlite_text(arena, statement, 1);
    design->version = cw_sqlite_text(arena, statement, 2);
    design->selections = cw_sqlite_text(arena, statement, 3);
    design->digest = cw_sqlite_text(arena, statement, 4);
    design->locale = cw_sqlite_text(arena, statement, 5);
    design->created_ms = sqlite3_column_int64(statement, 6);
}

static enum cw_status design_put(struct cw_txn *txn, const struct cw_design_row *row,
                                 struct cw_error *err) {
    static const char sql[] = "INSERT INTO designs (id, product, version, selections, digest,"
                              " locale, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?)";
    return cw_sqlite_run(txn, err, sql, "ssssssi", row->id, row->product, row->version,
                         row->selections, row->digest, row->locale, row->created_ms);
}

static enum cw_status design_get(struct cw_txn *txn, struct cw_arena *arena, const char *id,
                                 struct cw_design_row *ret, struct cw_error *err) {
    static const struct cw_sqlite_select by_id = {
        "SELECT id, product, version, selections, digest, locale, created_ms FROM designs"
        " WHERE id = ?",
        sizeof *ret, read_design};
    return cw_sqlite_one(txn, arena, &by_id, ret, err, "s", id);
}

static enum cw_status design_list(struct cw_txn *txn, struct cw_arena *arena,
                                  const struct cw_design_range *range, struct cw_design_row **ret,
                                  size_t *ret_count, struct cw_error *err) {
    static const struct cw_sqlite_select after = {
        "SELECT id, product, version, selections, digest, locale, created_ms FROM designs"
        " WHERE product = ? AND id > ? ORDER BY id LIMIT ?",
        sizeof **ret, read_design};
    struct cw_sqlite_rows rows;
    enum cw_status status = cw_sqlite_all(txn, arena, &after, &rows, err, "ssi", range->product,
                                          range->after_id, (int64_t)range->max);
    if (status == CW_OK) {
        *ret = rows.rows;
        *ret_count = rows.count;
    }
    return status;
}

void cw_sqlite_products_ops(struct cw_txn_ops *ops) {
    ops->product_put = product_put;
    ops->product_get = product_get;
    ops->product_list = product_list;
    ops->design_put = design_put;
    ops->design_get = design_get;
    ops->design_list = design_list;
}
