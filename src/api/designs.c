/*
 * Responsible for: /v1/designs and the share page /d/{id}.
 * Does not: check configurations (configure). Server process, loop thread.
 */
#include <string.h>

#include "api/context.h"
#include "cordwain/limits.h"

static void write_design(struct cw_json_writer *w, const struct cw_design_row *row,
                         const struct api_shape *shape, struct cw_arena *arena) {
    const struct cw_product *product = cw_snapshot_product(shape->snapshot);
    char created[CW_TIME_TEXT];
    cw_time_rfc3339(row->created_ms, created);
    cw_jw_begin(w, NULL, '{');
    cw_jw_str(w, "id", row->id);
    cw_jw_str(w, "product", row->product);
    cw_jw_str(w, "version", row->version);
    cw_jw_str(w, "locale", shape->locale);
    cw_jw_str(w, "title", cw_l10n_get(&product->title, shape->locale));
    api_write_selection(w, "selections", product, &shape->resolved.selection);
    cw_jw_str(w, "digest", row->digest);
    cw_jw_str(w, "createdAt", created);
    cw_jw_str(w, "alt", cw_alt_text(product, &shape->resolved, shape->locale, arena));
    api_write_price(w, &shape->resolved.price);
    api_write_lead(w, &shape->resolved.lead);
    api_write_previews(w, product, &shape->resolved.selection);
    cw_jw_str(w, "url", cw_arena_printf(arena, "/v1/designs/%s", row->id));
    cw_jw_str(w, "share", cw_arena_printf(arena, "/d/%s", row->id));
    cw_jw_end(w, '}');
}

/* ---- saving ---------------------------------------------------------------------------------- */

struct saving {
    struct api_shape *shape;
    struct cw_design_row row;
    char id[CW_PROQUINT_TEXT];
};

static enum cw_status put_design(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct saving *saving = job->data;
    const struct api_shape *shape = saving->shape;
    enum cw_status status = api_artworks_hold(txn, cw_snapshot_product(shape->snapshot),
                                              &shape->resolved.selection, job->arena, err);
    return status == CW_OK ? txn->ops->design_put(txn, &saving->row, err) : status;
}

static void design_stored(struct api_job *job) {
    struct saving *saving = job->data;
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    write_design(&w, &saving->row, saving->shape, job->arena);
    const struct cw_header headers[] = {
        {"Location", cw_arena_printf(job->arena, "/v1/designs/%s", saving->id)}, {NULL, NULL}};
    api_reply(job->req, 201, &buf, headers);
}

static void save(struct api_shape *shape) {
    struct cw_request *req = shape->req;
    if (!api_shape_resolve(shape)) {
        return;
    }
    const struct cw_product *product = cw_snapshot_product(shape->snapshot);
    struct saving *saving = cw_arena_alloc(req->arena, sizeof *saving);
    CW_AUTO_BUF struct cw_buf selections = {0};
    cw_selection_encode(product, &shape->resolved.selection, &selections);
    cw_proquint(saving->id);
    saving->shape = shape;
    saving->row = (struct cw_design_row){
        .id = saving->id,
        .product = product->id,
        .version = product->version,
        .selections = cw_arena_strndup(req->arena, selections.data, selections.length),
        .digest = shape->resolved.digest,
        .locale = shape->locale,
        .created_ms = api_now(req)};
    api_write(api_job_new(req, put_design, design_stored, saving));
}

void api_designs_post(struct cw_request *req) {
    json_t *body = api_body(req, CW_SCHEMA_DESIGN_REQUEST);
    if (!body) {
        return;
    }
    const char *version = api_member(body, "version", NULL);
    struct cw_snapshot *snapshot = api_product(req, api_member(body, "product", ""), version);
    struct api_shape *shape = snapshot ? api_shape_new(req, snapshot, body) : NULL;
    if (shape) {
        api_shape_measure(shape, save);
    }
}

/* ---- reading --------------------------------------------------------------------------------- */

struct api_design {
    const char *id;
    struct cw_design_row row;
    struct api_shape *shape;
    void (*next)(struct cw_request *req, struct api_design *design);
};

static enum cw_status get_design(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct api_design *design = job->data;
    enum cw_status status = txn->ops->design_get(txn, job->arena, design->id, &design->row, err);
    if (status == CW_E_NOT_FOUND && err) {
        *err = (struct cw_error){0};
        (void)cw_fail(err, CW_E_NOT_FOUND, "design.not_found", "no design has this id");
    }
    return status;
}

static void design_solved(void *arg) {
    struct api_design *design = arg;
    struct api_shape *shape = design->shape;
    struct cw_faults ignored = {.arena = shape->req->arena};
    if (cw_resolve(api_engine(shape->snapshot), &shape->selection, &shape->context,
                   CW_RESOLVE_LENIENT, shape->req->arena, &shape->resolved, &ignored) != CW_OK) {
        api_reply_disagreement(shape->req);
        return;
    }
    design->next(shape->req, design);
}

static void design_read(struct api_job *job) {
    struct api_design *design = job->data;
    struct cw_request *req = job->req;
    struct cw_snapshot *snapshot = api_product(req, design->row.product, design->row.version);
    json_t *body;
    struct cw_error err = {0};
    if (!snapshot) {
        return;
    }
    char *text = cw_arena_printf(req->arena, "{\"selections\":%s}", design->row.selections);
    if (cw_json_read(req->arena, text, strlen(text), CW_JSON_BYTES, &body, &err) != CW_OK) {
        cw_reply_problem(req, &err);
        return;
    }
    struct api_shape *shape = api_shape_new(req, snapshot, body);
    if (!shape) { /* answered: the design is gone with the request's arena */
        return;
    }
    design->shape = shape;
    struct api_question question = {req, snapshot, &shape->selection, &shape->context, NULL};
    api_solve(&question, design_solved, design);
}

static void with_design(struct cw_request *req,
                        void (*next)(struct cw_request *req, struct api_design *design)) {
    struct api_design *design = cw_arena_alloc(req->arena, sizeof *design);
    design->id = cw_request_param(req, "id");
    design->next = next;
    api_read(api_job_new(req, get_design, design_read, design));
}

static void reply_design(struct cw_request *req, struct api_design *design) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    write_design(&w, &design->row, design->shape, req->arena);
    (void)!cw_reply_header(req, "Cache-Control", "private, no-cache", NULL);
    api_reply_tagged(req, (struct cw_bytes){(const uint8_t *)buf.data, buf.length});
}

void api_designs_get(struct cw_request *req) {
    with_design(req, reply_design);
}

/* ---- share page ------------------------------------------------------------------------------ */

static void put_meta(struct cw_buf *buf, const char *property, const char *content) {
    cw_buf_printf(buf, "<meta property=\"%s\" content=\"", property);
    cw_buf_html(buf, content);
    cw_buf_puts(buf, "\">\n");
}

static const char *open_label(const char *locale) {
    return strcmp(locale, "fa") == 0 ? "این طرح را باز کنید و مال خودتان کنید"
           : strcmp(locale, "uz") == 0 ? "Dizaynni oching va oʻzingizniki qiling"
           : strcmp(locale, "zh") == 0 ? "打开这个设计，改成你的"
                                       : "Open this design and make it yours";
}

static void put_head(struct cw_buf *buf, struct cw_request *req, const struct api_design *design,
                     const char *alt) {
    const struct cw_product *product = cw_snapshot_product(design->shape->snapshot);
    const char *locale = design->shape->locale, *base = api_base_url(req);
    const char *title = cw_l10n_get(&product->title, locale);
    const char *picture = api_preview_url(req->arena, product, &design->shape->resolved.selection,
                                          product->views[0].id, "png", 1200);
    cw_buf_printf(
        buf, "<!doctype html>\n<html lang=\"%s\" dir=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
        locale, strcmp(locale, "fa") == 0 ? "rtl" : "ltr");
    cw_buf_puts(
        buf, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    cw_buf_html(buf, title);
    cw_buf_puts(
        buf, "</title>\n<link rel=\"icon\" href=\"/assets/favicon.svg\" type=\"image/svg+xml\">\n"
             "<link rel=\"stylesheet\" href=\"/assets/style.css\">\n");
    put_meta(buf, "og:type", "product");
    put_meta(buf, "og:title", title);
    put_meta(buf, "og:description", alt);
    put_meta(buf, "og:locale", locale);
    put_meta(buf, "og:url", cw_arena_printf(req->arena, "%s/d/%s", base, design->row.id));
    put_meta(buf, "og:image", cw_arena_printf(req->arena, "%s%s", base, picture));
    put_meta(buf, "og:image:type", "image/png");
    put_meta(buf, "og:image:alt", alt);
    cw_buf_puts(buf, "<meta name=\"twitter:card\" content=\"summary_large_image\">\n"
                     "<meta name=\"description\" content=\"");
    cw_buf_html(buf, alt);
    cw_buf_puts(buf, "\">\n</head>\n");
}

static void reply_share(struct cw_request *req, struct api_design *design) {
    const struct cw_product *product = cw_snapshot_product(design->shape->snapshot);
    const struct cw_selection *selection = &design->shape->resolved.selection;
    const char *locale = design->shape->locale;
    const char *alt = cw_alt_text(product, &design->shape->resolved, locale, req->arena);
    CW_AUTO_BUF struct cw_buf buf = {0};
    put_head(&buf, req, design, alt);
    cw_buf_puts(&buf, "<body class=\"share\">\n<main>\n<h1>");
    cw_buf_html(&buf, cw_l10n_get(&product->title, locale));
    cw_buf_puts(&buf, "</h1>\n<p class=\"alt\">");
    cw_buf_html(&buf, alt);
    cw_buf_puts(&buf, "</p>\n<div class=\"views\">\n");
    for (size_t i = 0; i < product->view_count; i++) {
        const char *url =
            api_preview_url(req->arena, product, selection, product->views[i].id, "webp", 800);
        cw_buf_puts(&buf, "<figure><img width=\"800\" height=\"800\" src=\"");
        cw_buf_html(&buf, url);
        cw_buf_puts(&buf, "\" alt=\"");
        cw_buf_html(&buf, i == 0 ? alt : cw_l10n_get(&product->views[i].title, locale));
        cw_buf_puts(&buf, "\"><figcaption>");
        cw_buf_html(&buf, cw_l10n_get(&product->views[i].title, locale));
        cw_buf_puts(&buf, "</figcaption></figure>\n");
    }
    cw_buf_printf(&buf,
                  "</div>\n<p><a class=\"button\" href=\"/products/%s?design=%s&amp;locale=%s\">",
                  product->id, design->row.id, locale);
    cw_buf_html(&buf, open_label(locale));
    cw_buf_puts(&buf, "</a></p>\n</main>\n</body>\n</html>\n");
    (void)!cw_reply_header(req, "Vary", "Accept-Language", NULL);
    (void)!cw_reply_header(req, "Cache-Control", "no-cache", NULL);
    api_page_fields(req);
    struct cw_bytes body = {(const uint8_t *)buf.data, buf.length};
    cw_reply_html(req, 200, body, NULL);
}

void api_designs_share(struct cw_request *req) {
    with_design(req, reply_share);
}
