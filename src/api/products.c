/*
 * Responsible for: /v1/products: the list, a product as a page needs it, the document, publishing.
 * Does not: check documents (catalog). Server process, loop thread.
 */
#include <string.h>

#include "api/context.h"
#include "configure/value.h"
#include "cordwain/limits.h"
#include "exchange/exchange.h"
#include "http/coded.h"

static void write_preset(struct cw_json_writer *w, const struct cw_snapshot *snapshot,
                         const struct cw_preset *preset, const char *locale,
                         struct cw_arena *arena) {
    const struct cw_product *product = cw_snapshot_product(snapshot);
    struct cw_selection selection;
    struct cw_faults faults = {.arena = arena};
    cw_jw_begin(w, NULL, '{');
    cw_jw_str(w, "id", preset->id);
    cw_jw_str(w, "title", cw_l10n_get(&preset->title, locale));
    if (cw_selection_decode_picks(product, preset->picks, preset->pick_count, arena, &selection,
                                  &faults) == CW_OK) {
        cw_jw_str(w, "preview",
                  api_preview_url(arena, product, &selection, product->views[0].id, "png", 640));
        api_write_selection(w, "selections", product, &selection);
    }
    cw_jw_end(w, '}');
}

static void write_presets(struct cw_json_writer *w, const struct cw_snapshot *snapshot,
                          const char *locale, struct cw_arena *arena) {
    const struct cw_product *product = cw_snapshot_product(snapshot);
    cw_jw_begin(w, "presets", '[');
    for (size_t i = 0; i < product->preset_count; i++) {
        write_preset(w, snapshot, &product->presets[i], locale, arena);
    }
    cw_jw_end(w, ']');
}

static void write_summary(struct cw_json_writer *w, const struct cw_product *product,
                          const char *locale, struct cw_arena *arena) {
    const struct cw_selection none = {0};
    cw_jw_str(w, "id", product->id);
    cw_jw_str(w, "version", product->version);
    cw_jw_str(w, "title", cw_l10n_get(&product->title, locale));
    cw_jw_str(w, "summary", cw_l10n_get(&product->summary, locale));
    cw_jw_str(w, "currency", product->currency);
    cw_jw_int(w, "basePrice", product->base_price_minor);
    cw_jw_int(w, "leadDays", product->lead_time.base_days);
    cw_jw_begin(w, "locales", '[');
    for (size_t i = 0; i < product->locale_count; i++) {
        cw_jw_str(w, NULL, product->locales[i]);
    }
    cw_jw_end(w, ']');
    cw_jw_str(w, "preview",
              api_preview_url(arena, product, &none, product->views[0].id, "png", 1024));
    cw_jw_str(w, "url", cw_arena_printf(arena, "/v1/products/%s", product->id));
}

/* What everybody may read, compressed where the client takes it. */
static void reply_public(struct cw_request *req, enum cw_coding coding, const struct cw_buf *buf) {
    struct cw_bytes body = {(const uint8_t *)buf->data, buf->length};
    cw_reply_text(req, coding, "application/json", body, NULL);
}

void api_products_list(struct cw_request *req) {
    struct cw_snapshot *const *items;
    size_t count =
        cw_catalog_list(api_of(req)->config.catalog, req->arena, /* all: */ false, &items);
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    cw_jw_begin(&w, NULL, '{');
    cw_jw_begin(&w, "products", '[');
    for (size_t i = 0; i < count; i++) {
        const struct cw_product *product = cw_snapshot_product(items[i]);
        const char *locale = api_locale(req, product, "");
        cw_jw_begin(&w, NULL, '{');
        write_summary(&w, product, locale, req->arena);
        write_presets(&w, items[i], locale, req->arena);
        cw_jw_end(&w, '}');
    }
    cw_jw_end(&w, ']');
    cw_jw_end(&w, '}');
    reply_public(req, cw_reply_coding(req, CW_CODED_GZIP), &buf);
}

static const char *swatch(const struct cw_product *product, const struct cw_choice *choice,
                          struct cw_arena *arena) {
    if (choice->colour == CW_NONE) {
        return NULL;
    }
    const uint8_t *rgb = product->colours[choice->colour].srgb;
    return cw_arena_printf(arena, "#%02X%02X%02X", rgb[0], rgb[1], rgb[2]);
}

static void write_choices(struct cw_json_writer *w, const struct cw_product *product,
                          const struct cw_option *option, const char *locale,
                          struct cw_arena *arena) {
    cw_jw_begin(w, "choices", '[');
    for (size_t i = 0; i < option->choice_count; i++) {
        const struct cw_choice *choice = &option->choices[i];
        cw_jw_begin(w, NULL, '{');
        cw_jw_str(w, "id", choice->id);
        cw_jw_str(w, "title", cw_l10n_get(&choice->title, locale));
        if (choice->help.count > 0) {
            cw_jw_str(w, "help", cw_l10n_get(&choice->help, locale));
        }
        cw_jw_str(w, "group", choice->group);
        cw_jw_str(w, "swatch", swatch(product, choice, arena));
        cw_jw_int(w, "price", choice->price_minor);
        cw_jw_int(w, "leadDays", choice->lead_days);
        cw_jw_end(w, '}');
    }
    cw_jw_end(w, ']');
}

static void write_text_rule(struct cw_json_writer *w, const struct cw_product *product,
                            const struct cw_text_rule *rule) {
    cw_jw_int(w, "maxGraphemes", rule->max_graphemes);
    cw_jw_begin(w, "scripts", '[');
    for (size_t i = 0; i < rule->script_count; i++) {
        cw_jw_str(w, NULL, rule->scripts[i]);
    }
    cw_jw_end(w, ']');
    if (*rule->pattern) {
        cw_jw_str(w, "pattern", rule->pattern);
    }
    if (rule->surface != CW_NONE) {
        cw_jw_str(w, "surface", product->surfaces[rule->surface].id);
    }
    cw_jw_int(w, "price", rule->price_minor);
}

/* The area a picture is cropped to, as everywhere from the surface's middle with y up. */
static void write_artwork_rule(struct cw_json_writer *w, const struct cw_product *product,
                               const struct cw_text_rule *rule) {
    const struct cw_surface *surface = &product->surfaces[rule->surface];
    cw_jw_str(w, "surface", surface->id);
    cw_jw_begin(w, "areaUm", '[');
    for (size_t i = 0; i < 4; i++) {
        cw_jw_int(w, NULL, surface->artwork_um[i]);
    }
    cw_jw_end(w, ']');
    cw_jw_int(w, "minDpi", surface->min_dpi);
    cw_jw_int(w, "price", rule->price_minor);
}

static void write_option(struct cw_json_writer *w, const struct cw_product *product, uint32_t index,
                         const char *locale, struct cw_arena *arena) {
    static const char *const kinds[] = {"choice", "multi", "flag", "number", "text"};
    const struct cw_option *option = &product->options[index];
    cw_jw_begin(w, NULL, '{');
    cw_jw_str(w, "id", option->id);
    cw_jw_str(w, "kind", option->artwork ? "artwork" : kinds[option->kind]);
    cw_jw_str(w, "title", cw_l10n_get(&option->title, locale));
    if (option->help.count > 0) {
        cw_jw_str(w, "help", cw_l10n_get(&option->help, locale));
    }
    cw_jw_str(w, "group", option->group);
    cw_jw_bool(w, "required", option->required);
    struct cw_value value = cw_option_default(option);
    if (option->derive) {
        cw_jw_bool(w, "derived", true);
    } else {
        api_write_value(w, "default", product, index, &value);
    }
    switch (option->kind) {
    case CW_OPTION_MULTI:
        cw_jw_int(w, "min", option->multi_min);
        cw_jw_int(w, "max", option->multi_max);
        write_choices(w, product, option, locale, arena);
        break;
    case CW_OPTION_CHOICE:
        write_choices(w, product, option, locale, arena);
        break;
    case CW_OPTION_FLAG:
        cw_jw_int(w, "price", option->flag_price_minor);
        break;
    case CW_OPTION_NUMBER:
        cw_jw_int(w, "min", option->number_min);
        cw_jw_int(w, "max", option->number_max);
        cw_jw_int(w, "step", option->number_step);
        cw_jw_str(w, "unit", option->unit);
        break;
    case CW_OPTION_TEXT:
        if (option->artwork) {
            write_artwork_rule(w, product, &option->text);
        } else {
            write_text_rule(w, product, &option->text);
        }
        break;
    }
    cw_jw_end(w, '}');
}

/* A list of {"id","title"} from any table whose rows start that way. */
#define WRITE_TITLED(w, name, rows, count, locale)                                                 \
    do {                                                                                           \
        cw_jw_begin((w), (name), '[');                                                             \
        for (size_t i_ = 0; i_ < (count); i_++) {                                                  \
            cw_jw_begin((w), NULL, '{');                                                           \
            cw_jw_str((w), "id", (rows)[i_].id);                                                   \
            cw_jw_str((w), "title", cw_l10n_get(&(rows)[i_].title, (locale)));                     \
            cw_jw_end((w), '}');                                                                   \
        }                                                                                          \
        cw_jw_end((w), ']');                                                                       \
    } while (0)

static void write_product(struct cw_buf *buf, const struct cw_snapshot *snapshot,
                          const char *locale, struct cw_arena *arena) {
    const struct cw_product *product = cw_snapshot_product(snapshot);
    struct cw_json_writer writer = {.buf = buf}, *w = &writer;
    cw_jw_begin(w, NULL, '{');
    write_summary(w, product, locale, arena);
    cw_jw_str(w, "digest", product->digest);
    cw_jw_str(w, "selectionSchema",
              cw_arena_printf(arena, "/v1/products/%s@%s/selection.schema.json", product->id,
                              product->version));
    cw_jw_str(w, "locale", locale);
    cw_jw_str(w, "direction",
              strcmp(locale, "fa") == 0 || strcmp(locale, "ar") == 0 || strcmp(locale, "he") == 0 ||
                      strcmp(locale, "ur") == 0
                  ? "rtl"
                  : "ltr");
    WRITE_TITLED(w, "markets", product->markets, product->market_count, locale);
    WRITE_TITLED(w, "groups", product->groups, product->group_count, locale);
    cw_jw_begin(w, "options", '[');
    for (uint32_t i = 0; i < product->option_count; i++) {
        write_option(w, product, i, locale, arena);
    }
    cw_jw_end(w, ']');
    WRITE_TITLED(w, "overlays", product->overlays, product->overlay_count, locale);
    WRITE_TITLED(w, "views", product->views, product->view_count, locale);
    WRITE_TITLED(w, "fonts", product->fonts, product->font_count, locale);
    write_presets(w, snapshot, locale, arena);
    cw_jw_end(w, '}');
}

typedef void (*write_function)(struct cw_buf *buf, const struct cw_snapshot *snapshot,
                               const char *locale, struct cw_arena *arena);

/* `tag` tells forms apart, and is changed when the form is: another server version may write it
 * otherwise. */
static void reply_of_product(struct cw_request *req, const char *version, const char *tag,
                             const char *content_type, write_function write) {
    struct cw_snapshot *snapshot = api_product(req, cw_request_param(req, "product"), version);
    if (!snapshot) {
        return;
    }
    const struct cw_product *product = cw_snapshot_product(snapshot);
    const char *locale = api_locale(req, product, "");
    const char *etag =
        cw_arena_printf(req->arena, "\"%.24s-%s%s\"", product->digest + 8, tag, locale);
    (void)!cw_reply_header(req, "Cache-Control", "no-cache", NULL);
    (void)!cw_reply_header(req, "Vary", "Accept-Language", NULL);
    enum cw_coding coding = cw_reply_coding(req, CW_CODED_GZIP);
    etag = cw_reply_etag(req, etag, coding);
    if (cw_reply_precondition(req, etag)) {
        return;
    }
    (void)!cw_reply_header(req, "ETag", etag, NULL);
    CW_AUTO_BUF struct cw_buf buf = {0};
    write(&buf, snapshot, locale, req->arena);
    struct cw_bytes body = {(const uint8_t *)buf.data, buf.length};
    cw_reply_text(req, coding, content_type, body, NULL);
}

static void reply_product(struct cw_request *req, const char *version) {
    reply_of_product(req, version, "2-", "application/json", write_product);
}

void api_products_get(struct cw_request *req) {
    reply_product(req, NULL);
}

void api_products_get_version(struct cw_request *req) {
    reply_product(req, cw_request_param(req, "version"));
}

void api_products_document(struct cw_request *req) {
    struct cw_snapshot *snapshot =
        api_product(req, cw_request_param(req, "product"), cw_request_param(req, "version"));
    if (!snapshot) {
        return;
    }
    const struct cw_product *product = cw_snapshot_product(snapshot);
    const char *etag = cw_arena_printf(req->arena, "\"%s\"", product->digest);
    (void)!cw_reply_header(req, "Cache-Control", "public, max-age=31536000, immutable", NULL);
    enum cw_coding coding = cw_reply_coding(req, CW_CODED_GZIP);
    etag = cw_reply_etag(req, etag, coding);
    if (cw_reply_precondition(req, etag)) {
        return;
    }
    (void)!cw_reply_header(req, "ETag", etag, NULL);
    struct cw_bytes body = {(const uint8_t *)product->document, product->document_length};
    cw_reply_text(req, coding, "application/json", body, NULL);
}

static void write_selection_schema(struct cw_buf *buf, const struct cw_snapshot *snapshot,
                                   const char *locale, struct cw_arena *arena) {
    (void)arena;
    cw_selection_schema(cw_snapshot_product(snapshot), locale, buf);
}

static void reply_selection_schema(struct cw_request *req, const char *version) {
    reply_of_product(req, version, "selection-", "application/schema+json", write_selection_schema);
}

void api_products_selection(struct cw_request *req) {
    reply_selection_schema(req, NULL);
}

void api_products_selection_version(struct cw_request *req) {
    reply_selection_schema(req, cw_request_param(req, "version"));
}

/* ---- publishing ------------------------------------------------------------------------------ */

struct publishing {
    struct cw_request *req;
    struct cw_api_examined examined;
    struct cw_bytes document;
    struct cw_snapshot *snapshot; /* the request's arena holds the reference */
    struct cw_faults faults;
    enum cw_status status;
    struct cw_error error;
    struct cw_product_row row;
};

/* On a thread of the crew, which has the request's arena meanwhile: rules may take seconds. */
static void examine(void *arg) {
    struct publishing *p = arg;
    const struct cw_api_config *config = &api_of(p->req)->config;
    p->examined.arena = p->req->arena;
    p->status =
        config->examine(config->publish_ctx, p->document, &p->faults, &p->examined, &p->error);
    p->snapshot = p->examined.snapshot;
    if (p->status == CW_OK) {
        api_hold(p->req, p->snapshot);
    }
}

static enum cw_status put_product(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct publishing *p = job->data;
    enum cw_status status = txn->ops->product_put(txn, &p->row, err);
    if (status == CW_E_CONFLICT && err) {
        *err = (struct cw_error){0};
        (void)cw_fail_at(err, CW_E_CONFLICT, "product.version_exists", "/version",
                         "version %s of '%s' is published already and cannot change",
                         p->row.version, p->row.id);
    }
    return status;
}

static void product_stored(struct api_job *job) {
    struct publishing *p = job->data;
    struct cw_request *req = job->req;
    const struct cw_api_config *config = &api_of(req)->config;
    struct cw_error err = {0};
    if (config->admit(config->publish_ctx, p->snapshot, &err) != CW_OK) {
        cw_reply_problem(req, &err);
        return;
    }
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    char *url = cw_arena_printf(req->arena, "/v1/products/%s@%s", p->row.id, p->row.version);
    cw_jw_begin(&w, NULL, '{');
    cw_jw_str(&w, "id", p->row.id);
    cw_jw_str(&w, "version", p->row.version);
    cw_jw_str(&w, "digest", p->row.digest);
    cw_jw_str(&w, "url", url);
    cw_jw_raw(&w, "rules", p->examined.rules);
    cw_jw_end(&w, '}');
    const struct cw_header headers[] = {{"Location", url}, {NULL, NULL}};
    api_reply(req, 201, &buf, headers);
}

static void examined(void *arg) {
    struct publishing *p = arg;
    struct cw_request *req = p->req;
    if (p->status != CW_OK && p->faults.count > 0) {
        bool art = strcmp(p->faults.items[0].code, "product.art_unknown") == 0;
        cw_reply_faults(req, 422, art ? "product.art_unknown" : "product.invalid",
                        "The product document has faults", &p->faults);
        return;
    }
    if (p->status != CW_OK) {
        cw_reply_problem(req, &p->error);
        return;
    }
    const struct cw_product *product = cw_snapshot_product(p->snapshot);
    p->row = (struct cw_product_row){.id = product->id,
                                     .version = product->version,
                                     .digest = product->digest,
                                     .document = product->document,
                                     .document_length = product->document_length,
                                     .art_digest = product->art_digest,
                                     .published_ms = api_now(req)};
    api_write(api_job_new(req, put_product, product_stored, p));
}

static void publish(struct cw_request *req) {
    struct publishing *p = cw_arena_alloc(req->arena, sizeof *p);
    p->req = req;
    p->document = req->body;
    p->faults.arena = req->arena;
    api_work(&(struct api_work){.req = req,
                                .crew = api_of(req)->config.publishing,
                                .run = examine,
                                .done = examined,
                                .arg = p});
}

void api_products_post(struct cw_request *req) {
    api_authorise(req, "products:write", publish);
}
