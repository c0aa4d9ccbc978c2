/*
 * Responsible for: reading, listing and cancelling orders.
 * Does not: create them (order_create.c). Server process, loop thread.
 */
#include <stdlib.h>
#include <string.h>

#include "api/context.h"
#include "api/order_json.h"
#include "cordwain/limits.h"
#include "orders/cancel.h"

struct reading {
    const char *id;
    struct cw_order_row row;
    struct cw_spec_row *specs;
    size_t spec_count;
    struct cw_event_row *events;
    size_t event_count;
    /* for the words in the reader's language */
    struct cw_request *req;
    struct cw_snapshot *snapshot; /* of the request's arena */
    json_t *document;
    const char *locale;
    struct cw_selection selection;
    struct cw_configure_context context;
};

static enum cw_status read_events(struct cw_txn *txn, struct api_job *job, struct reading *r,
                                  struct cw_error *err) {
    for (size_t i = 0; i < r->spec_count; i++) {
        struct cw_event_row *events;
        size_t count;
        enum cw_status status =
            txn->ops->event_list(txn, job->arena, r->specs[i].id, &events, &count, err);
        if (status != CW_OK) {
            return status;
        }
        struct cw_event_row *all = cw_arena_array(job->arena, r->event_count + count, sizeof *all);
        if (r->event_count > 0) {
            memcpy(all, r->events, r->event_count * sizeof *all);
        }
        if (count > 0) {
            memcpy(all + r->event_count, events, count * sizeof *all);
        }
        r->events = all;
        r->event_count += count;
    }
    return CW_OK;
}

static enum cw_status read_order(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct reading *r = job->data;
    enum cw_status status = txn->ops->order_get(txn, job->arena, r->id, &r->row, err);
    if (status == CW_E_NOT_FOUND) {
        if (err) {
            *err = (struct cw_error){0};
        }
        return cw_fail(err, CW_E_NOT_FOUND, "order.not_found", "no order has this id");
    }
    if (status == CW_OK) {
        status = txn->ops->spec_by_order(txn, job->arena, r->id, &r->specs, &r->spec_count, err);
    }
    return status == CW_OK ? read_events(txn, job, r, err) : status;
}

/* The amounts stay as they were ordered; only the words of a line change. */
static void retitle_lines(json_t *price, const struct cw_price *now) {
    size_t index;
    json_t *line;
    json_array_foreach(json_object_get(price, "lines"), index, line) {
        for (size_t i = 0; i < now->line_count; i++) {
            if (strcmp(api_member(line, "kind", ""), now->lines[i].kind) == 0 &&
                strcmp(api_member(line, "id", ""), now->lines[i].id) == 0) {
                json_object_set_new(line, "title", json_string(now->lines[i].title));
            }
        }
    }
}

/* False when the words are those it was ordered in, or there are no others: the product is gone
 * from this node, or reads its selections otherwise. */
static bool find_words(struct reading *r) {
    struct cw_request *req = r->req;
    struct cw_faults ignored = {.arena = req->arena};
    if (!cw_request_query(req, "locale") ||
        cw_json_read(req->arena, r->row.document, strlen(r->row.document), CW_PRODUCT_BYTES,
                     &r->document, NULL) != CW_OK ||
        cw_catalog_get(api_of(req)->config.catalog, api_member(r->document, "product", ""),
                       api_member(r->document, "version", ""), &r->snapshot, NULL) != CW_OK) {
        return false;
    }
    api_hold(req, r->snapshot);
    const struct cw_product *product = cw_snapshot_product(r->snapshot);
    r->locale = api_locale(req, product, "");
    if (strcmp(r->locale, api_member(r->document, "locale", "en")) == 0) {
        return false;
    }
    r->context = (struct cw_configure_context){
        .locale = r->locale,
        .quantity = (uint32_t)json_integer_value(json_object_get(r->document, "quantity"))};
    return cw_selection_decode(product, json_object_get(r->document, "selections"), "", req->arena,
                               &r->selection, &ignored) == CW_OK;
}

/* Title, alt text and price lines again in the reader's language; NULL when that cannot be. */
static json_t *in_language(struct reading *r) {
    struct cw_request *req = r->req;
    struct cw_faults ignored = {.arena = req->arena};
    struct cw_resolved resolved;
    if (cw_resolve(api_engine(r->snapshot), &r->selection, &r->context, CW_RESOLVE_LENIENT,
                   req->arena, &resolved, &ignored) != CW_OK) {
        return NULL;
    }
    const struct cw_product *product = cw_snapshot_product(r->snapshot);
    json_t *price = json_object_get(r->document, "price");
    retitle_lines(price, &resolved.price);
    return json_pack("{s:s,s:s,s:s,s:O*}", "locale", r->locale, "title",
                     cw_l10n_get(&product->title, r->locale), "alt",
                     cw_alt_text(product, &resolved, r->locale, req->arena), "price", price);
}

static void answer_order(struct reading *r, json_t *overrides) {
    struct api_order_state state = {r->row.state, r->specs,       r->spec_count,
                                    r->events,    r->event_count, r->row.created_ms};
    char *body = api_order_response(r->row.document, &state, overrides, r->req->arena);
    (void)!cw_reply_header(r->req, "Cache-Control", "private, no-store", NULL);
    if (cw_request_is(r->req, "GET")) {
        api_reply_tagged(r->req, cw_bytes_of(body));
    } else { /* what was asked is done: no precondition may deny it now */
        cw_reply_json(r->req, 200, cw_bytes_of(body), NULL);
    }
}

static void words_known(void *arg) {
    struct reading *r = arg;
    CW_AUTO_JSON json_t *overrides = in_language(r);
    answer_order(r, overrides);
}

/* What there is is told, whether or not there is a solver to ask. */
static void words_unknown(void *arg) {
    answer_order(arg, NULL);
}

static void order_read(struct api_job *job) {
    struct reading *r = job->data;
    r->req = job->req;
    if (!find_words(r)) {
        answer_order(r, NULL);
        return;
    }
    const struct api_question question = {r->req, r->snapshot, &r->selection, &r->context,
                                          words_unknown};
    api_solve(&question, words_known, r);
}

void api_orders_get(struct cw_request *req) {
    struct reading *r = cw_arena_alloc(req->arena, sizeof *r);
    r->id = cw_request_param(req, "id");
    api_read(api_job_new(req, read_order, order_read, r));
}

/* ---- cancel ---------------------------------------------------------------------------------- */

static enum cw_status cancel(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct reading *r = job->data;
    struct cw_order_cancellation cancellation = {
        .order_id = r->id, .now_ms = api_now(job->req), .arena = job->arena};
    enum cw_status status = cw_order_cancel(txn, &cancellation, err);
    return status == CW_OK ? read_order(txn, job, err) : status;
}

void api_orders_cancel(struct cw_request *req) {
    if (req->body.length > 0 && !api_body(req, CW_SCHEMA_CANCEL_REQUEST)) {
        return;
    }
    struct reading *r = cw_arena_alloc(req->arena, sizeof *r);
    r->id = cw_request_param(req, "id");
    api_write(api_job_new(req, cancel, order_read, r));
}

/* ---- list ------------------------------------------------------------------------------------ */

struct listing {
    int64_t before_seq;
    struct cw_order_row *rows;
    size_t count;
};

static enum cw_status list(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct listing *l = job->data;
    return txn->ops->order_list(txn, job->arena, l->before_seq, 50, &l->rows, &l->count, err);
}

static void listed(struct api_job *job) {
    struct listing *l = job->data;
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    cw_jw_begin(&w, NULL, '{');
    cw_jw_begin(&w, "orders", '[');
    for (size_t i = 0; i < l->count; i++) {
        char created[CW_TIME_TEXT];
        cw_time_rfc3339(l->rows[i].created_ms, created);
        cw_jw_begin(&w, NULL, '{');
        cw_jw_str(&w, "id", l->rows[i].id);
        cw_jw_str(&w, "number", l->rows[i].number);
        cw_jw_str(&w, "state", l->rows[i].state);
        cw_jw_str(&w, "currency", l->rows[i].currency);
        cw_jw_int(&w, "total", l->rows[i].total_minor);
        cw_jw_str(&w, "createdAt", created);
        cw_jw_end(&w, '}');
    }
    cw_jw_end(&w, ']');
    cw_jw_end(&w, '}');
    if (l->count == 50) {
        char *link = cw_arena_printf(job->arena, "</v1/orders?cursor=%lld>; rel=\"next\"",
                                     (long long)l->rows[l->count - 1].seq);
        (void)!cw_reply_header(job->req, "Link", link, NULL);
    }
    api_reply(job->req, 200, &buf, NULL);
}

static void list_orders(struct cw_request *req) {
    struct listing *l = cw_arena_alloc(req->arena, sizeof *l);
    const char *cursor = cw_request_query(req, "cursor");
    char *end = NULL;
    l->before_seq = cursor ? strtoll(cursor, &end, 10) : 0;
    if (cursor && (*end || l->before_seq <= 0)) {
        struct cw_error err = {0};
        (void)cw_fail(&err, CW_E_INPUT, "list.cursor", "this cursor was not given out here");
        cw_reply_problem(req, &err);
        return;
    }
    api_read(api_job_new(req, list, listed, l));
}

void api_orders_list(struct cw_request *req) {
    api_authorise(req, "orders:read", list_orders);
}
