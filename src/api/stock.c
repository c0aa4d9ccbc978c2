/*
 * Responsible for: /v1/stock: which stock items are in or out, changed without publishing again.
 * Does not: count pieces, or decide what a missing item takes away (configure). Server process,
 * loop thread.
 */
#include <string.h>

#include "api/context.h"
#include "catalog/stock.h"

static void write_row(struct cw_json_writer *w, const struct cw_stock_row *row) {
    char changed[CW_TIME_TEXT];
    cw_time_rfc3339(row->changed_ms, changed);
    cw_jw_str(w, "item", row->item);
    cw_jw_bool(w, "available", row->available);
    cw_jw_str(w, "changedAt", changed);
}

static bool names_item(const struct cw_product *product, const char *item) {
    for (size_t o = 0; o < product->option_count; o++) {
        for (size_t c = 0; c < product->options[o].choice_count; c++) {
            if (strcmp(product->options[o].choices[c].stock_item, item) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* Which products' newest versions name the item: none is what a mistyped item looks like. */
static void write_products(struct cw_json_writer *w, struct cw_request *req, const char *item) {
    struct cw_snapshot *const *items;
    size_t count =
        cw_catalog_list(api_of(req)->config.catalog, req->arena, /* all: */ false, &items);
    cw_jw_begin(w, "products", '[');
    for (size_t i = 0; i < count; i++) {
        const struct cw_product *product = cw_snapshot_product(items[i]);
        if (names_item(product, item)) {
            cw_jw_str(w, NULL, product->id);
        }
    }
    cw_jw_end(w, ']');
}

/* ---- list ------------------------------------------------------------------------------------ */

struct stock_rows {
    struct cw_stock_row *rows;
    size_t count;
};

static enum cw_status read_all(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct stock_rows *listed = job->data;
    return txn->ops->stock_list(txn, job->arena, /* out_only: */ false, &listed->rows,
                                &listed->count, err);
}

static void reply_all(struct api_job *job) {
    const struct stock_rows *listed = job->data;
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    cw_jw_begin(&w, NULL, '{');
    cw_jw_begin(&w, "items", '[');
    for (size_t i = 0; i < listed->count; i++) {
        cw_jw_begin(&w, NULL, '{');
        write_row(&w, &listed->rows[i]);
        cw_jw_end(&w, '}');
    }
    cw_jw_end(&w, ']');
    cw_jw_end(&w, '}');
    (void)!cw_reply_header(job->req, "Cache-Control", "private, no-store", NULL);
    api_reply(job->req, 200, &buf, NULL);
}

static void list_stock(struct cw_request *req) {
    struct stock_rows *listed = cw_arena_alloc(req->arena, sizeof *listed);
    api_read(api_job_new(req, read_all, reply_all, listed));
}

void api_stock_list(struct cw_request *req) {
    api_authorise(req, "stock:write", list_stock);
}

/* ---- one item -------------------------------------------------------------------------------- */

static enum cw_status put_row(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    return txn->ops->stock_put(txn, job->data, err);
}

/* Stored: whoever asks from now on is answered by it. */
static void row_put(struct api_job *job) {
    const struct cw_stock_row *row = job->data;
    cw_stock_set(api_of(job->req)->config.stock, row->item, row->available);
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    cw_jw_begin(&w, NULL, '{');
    write_row(&w, row);
    write_products(&w, job->req, row->item);
    cw_jw_end(&w, '}');
    (void)!cw_reply_header(job->req, "Cache-Control", "private, no-store", NULL);
    api_reply(job->req, 200, &buf, NULL);
}

static void put_stock(struct cw_request *req) {
    const char *item = cw_request_param(req, "item");
    struct cw_error err = {0};
    json_t *body = api_body(req, CW_SCHEMA_STOCK_REQUEST);
    if (!body) {
        return;
    }
    if (cw_stock_item_check(item, &err) != CW_OK) {
        cw_reply_problem(req, &err);
        return;
    }
    struct cw_stock_row *row = cw_arena_alloc(req->arena, sizeof *row);
    *row = (struct cw_stock_row){.item = item,
                                 .available = json_is_true(json_object_get(body, "available")),
                                 .changed_ms = api_now(req)};
    api_write(api_job_new(req, put_row, row_put, row));
}

void api_stock_put(struct cw_request *req) {
    api_authorise(req, "stock:write", put_stock);
}
