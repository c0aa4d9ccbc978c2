/* What the resource files of the API share. Nobody outside this folder includes it. */
#pragma once

#include <jansson.h>
#include <stdatomic.h>

#include "api/api.h"
#include "api/click_body.h"
#include "base/json.h"
#include "base/json_write.h"
#include "configure/configure.h"
#include "cordwain/limits.h"
#include "http/reply.h"
#include "jsonschema/builtin.h"
#include "orders/idempotency.h"
#include "preview/picture_keep.h"

struct pages;
struct waiter; /* a facility's long poll */
struct api_wait;

/* What the loops have in common; each part is for any thread. */
struct cw_api_shared {
    struct cw_api_config config;
    struct pages *pages; /* never changes */
    struct cw_idempotency_guard *guard;
    struct api_answer_memo *answers;
    struct cw_rate *rate;  /* NULL: no rate is configured */
    char address[80];      /* "http://127.0.0.1:8080", as listened on; "" before */
    _Atomic(bool) leaving; /* not ready any more */
    unsigned loop_count;
    struct cw_api *loops[CW_HTTP_LOOPS]; /* never changes once they run */
};

struct cw_api { /* of one loop, whose thread alone touches it */
    struct cw_api_shared *shared;
    struct cw_api_config config; /* the shared one's */
    unsigned number;             /* of the loop, from 0 */
    struct event_base *base;
    struct cw_mailbox *mailbox;
    struct waiter *waiters;
    struct api_preview_memo *memo;
    struct api_wait *waits; /* requests that wait for the renderer */
    bool sweeping;          /* an expiry transaction is under way */
    bool draining;          /* nothing begins to wait any more */
    bool
        stopped; /* what else there was may be gone: results of the store only end their requests */
};

static inline struct cw_api *api_of(const struct cw_request *req) {
    return req->ctx;
}

/* ---- request --------------------------------------------------------------------------------- */

/* Is its Content-Type this one, whatever the parameters? */
bool api_is_type(struct cw_request *req, const char *type);
/* The body as JSON that fits the schema, or NULL: then the problem was answered. In the request's
 * arena. */
json_t *api_body(struct cw_request *req, enum cw_builtin_schema schema);

/* The request owns the reference until it is answered. */
void api_hold(struct cw_request *req, struct cw_snapshot *take_snapshot);
void api_hold_blob(struct cw_request *req, struct cw_blob *take_blob);
/* The product named by the path parameter "product" ("id" or "id@version"), or NULL: answered. The
 * request's arena holds the reference. */
struct cw_snapshot *api_product(struct cw_request *req, const char *id, const char *version);

/* The best of the product's languages for ?locale=, the body's wish, or Accept-Language; static in
 * the product. */
const char *api_locale(struct cw_request *req, const struct cw_product *product, const char *wish);

const struct cw_engine *api_engine(const struct cw_snapshot *snapshot);

int64_t api_now(const struct cw_request *req);

/* "https://host" as configured, else of this request: only for what is sent back to the one who
 * asks. */
const char *api_base_url(struct cw_request *req);

/* The same for documents that others read and trust: as configured, else the address we listen on,
 * never what a client sent. */
const char *api_spec_base_url(const struct cw_request *req);

/* The peer-independent private copy of a string member, or fallback. Borrowed. */
const char *api_member(const json_t *object, const char *name, const char *fallback);

/* Fields for browsers on other origins, by the list of the configuration. */
void api_cors(struct cw_request *req);

/* ---- keys ------------------------------------------------------------------------------------ */

/* Calls next(req) when the bearer key has the scope (or admin); answers 401 or 403 otherwise.
 * `scope` may be printed into the request's arena. */
void api_authorise(struct cw_request *req, const char *scope, cw_http_handler *next);

/* The scopes of the key that api_authorise accepted. */
const char *api_scopes(const struct cw_request *req);
bool api_has_scope(const char *scopes, const char *scope);

/* ---- rates ----------------------------------------------------------------------------------- */

/* Count this request for its client address, or for a good key (by its hash), and say so in
 * RateLimit fields. False: it was one too many and 429 was answered. Always true when no rate is
 * configured, and for quiet routes. */
bool api_throttle_address(struct cw_request *req);
bool api_throttle_key(struct cw_request *req, const char *hash);
/* Uploads have a rate of their own, always; after api_throttle_address. Only Retry-After is told.
 */
bool api_throttle_upload(struct cw_request *req);

/* ---- store ----------------------------------------------------------------------------------- */

struct api_job;
typedef enum cw_status (*api_txn_fn)(struct cw_txn *txn, struct api_job *job, struct cw_error *err);
typedef void (*api_done_fn)(struct api_job *job);

/* One store transaction on behalf of a request. On failure the problem is answered, or what
 * `failed` says instead, and `done` not called. */
struct api_job {
    struct cw_request *req;
    struct cw_arena *arena; /* the request's; the store thread has it meanwhile */
    api_txn_fn run;
    api_done_fn done;
    bool (*failed)(struct api_job *job); /* optional, before that: true when it answered itself */
    void *data;
    struct cw_error error; /* for `failed` */
};
void api_read(struct api_job *job);
void api_write(struct api_job *job);
struct api_job *api_job_new(struct cw_request *req, api_txn_fn run, api_done_fn done, void *data);

/* ---- crews ----------------------------------------------------------------------------------- */

/* run(arg) on a thread of the crew, which has the request's arena meanwhile, then done(arg) in this
 * loop. When the crew takes no more (503), or ends before, done is not called: the problem is
 * answered, or what `failed` says instead. */
struct api_work {
    struct cw_request *req;
    struct cw_crew *crew; /* borrowed */
    cw_crew_fn run, done;
    cw_crew_fn failed; /* optional: answers */
    void *arg;         /* of the three */
};
void api_work(const struct api_work *work);

/* ---- previews' loop -------------------------------------------------------------------------- */

/* there(arg) in the loop that owns the previews, at once when that is this one. */
void api_to_previews(struct cw_api *api, cw_mail_fn there, void *arg);
/* The way back: here(arg) in the api's loop, at once when it is the previews'. Nothing of `arg` may
 * be touched after. */
void api_from_previews(struct cw_api *api, cw_mail_fn here, void *arg);

/* ---- renderer -------------------------------------------------------------------------------- */

/* As the functions of preview/preview.h, for a request: `fn` runs once, maybe inside the call,
 * unless the server ends first. Errors told to `fn` are those a client may see. */
void api_preview(struct cw_request *req, const struct cw_scene_request *scene, cw_preview_fn fn,
                 void *arg);
/* The same, given up when the client goes away. */
void api_preview_while_wanted(struct cw_request *req, const struct cw_scene_request *scene,
                              cw_preview_fn fn, void *arg);
void api_artwork(struct cw_request *req, const struct cw_artwork_request *request, cw_preview_fn fn,
                 void *arg);
void api_measure(struct cw_request *req, const struct cw_measure_request *request, cw_measure_fn fn,
                 void *arg);

/* Answer all that wait. */
void api_waits_end(struct cw_api *api);

/* ---- rules that are not compiled --------------------------------------------------------------
 */

typedef void (*api_solved_fn)(void *arg);

struct api_question { /* all borrowed; the request's arena holds the snapshot */
    struct cw_request *req;
    const struct cw_snapshot *snapshot;
    const struct cw_selection *selection;
    struct cw_configure_context *context; /* `solved` is set when the solver answered */
    api_solved_fn otherwise;              /* optional: see api_solve */
};

/* Then next(arg): at once when the rules are compiled, else when the solver has said what it can
 * within CW_RULES_ASK_MS. On failure (too many wait: 503) the problem is answered; where there is
 * `otherwise`, otherwise(arg) is called instead. */
void api_solve(const struct api_question *question, api_solved_fn next, void *arg);

/* The step before it: true when the selection names pictures, which are then looked up in the store
 * and set in the context before api_solve goes on with next(arg); false when there is nothing to
 * look up. */
bool api_artworks_look_up(const struct api_question *question, api_solved_fn next, void *arg);
/* The first option whose picture nobody uploaded, or CW_NONE; after the look-up. */
uint32_t api_artworks_unknown(const struct cw_product *product,
                              const struct cw_selection *selection,
                              const struct cw_configure_context *context);
/* In the transaction that stores what names them: pictures are kept for good from then on.
 * CW_E_INPUT "artwork.unknown" when one was removed meanwhile. */
enum cw_status api_artworks_hold(struct cw_txn *txn, const struct cw_product *product,
                                 const struct cw_selection *selection, struct cw_arena *arena,
                                 struct cw_error *err) CW_MUST_USE;

/* ---- shaping: a selection on its way to being resolved --------------------------------------- */

struct api_shape {
    struct cw_request *req;
    struct cw_snapshot *snapshot;
    const char *locale, *market;
    uint32_t quantity;
    struct cw_selection selection;
    const char *since;                   /* as in the body, or NULL */
    struct cw_configure_context context; /* with fits, once measured */
    struct cw_completion_memo memo;      /* of the selection, for all questions about it */
    struct cw_resolved resolved;         /* lenient once measured, then of api_shape_resolve */
    void *data;
    void (*next)(struct api_shape *shape);
};

/* Decode the selections of a body and prepare the context. NULL: answered. */
struct api_shape *api_shape_new(struct cw_request *req, struct cw_snapshot *snapshot,
                                const json_t *body);
/* The same of a body that was read already, without overlays. */
struct api_shape *api_shape_of(struct cw_request *req, struct cw_snapshot *snapshot,
                               const struct api_click_body *body);

/* Have the solver asked where there is one, measure the texts, then next(shape). On failure the
 * problem is answered. */
void api_shape_measure(struct api_shape *shape, void (*next)(struct api_shape *));

/* Strict resolve; false: answered. */
bool api_shape_resolve(struct api_shape *shape);

/* Compiled and raw rules contradict each other: 500, logged, nothing is told. */
void api_reply_disagreement(struct cw_request *req);

/* ---- writing --------------------------------------------------------------------------------- */

void api_reply(struct cw_request *req, int status, struct cw_buf *buf,
               const struct cw_header *headers);

/* A strong tag of the content: half of its digest, which nobody can make two of. */
#define API_ETAG (2 * 16 + 3)
void api_etag(struct cw_bytes content, char ret_etag[API_ETAG]);
/* 200 with this JSON, its tag, and the preconditions that go with it. */
void api_reply_tagged(struct cw_request *req, struct cw_bytes body);

/* "/v1/previews/…" of a selection in the request's arena. */
char *api_preview_url(struct cw_arena *arena, const struct cw_product *product,
                      const struct cw_selection *selection, const char *view, const char *extension,
                      uint32_t width_px);
/* "previews": {view: url …} */
void api_write_previews(struct cw_json_writer *w, const struct cw_product *product,
                        const struct cw_selection *selection);
void api_write_price(struct cw_json_writer *w, const struct cw_price *price);
void api_write_lead(struct cw_json_writer *w, const struct cw_lead *lead);
void api_write_value(struct cw_json_writer *w, const char *name, const struct cw_product *product,
                     uint32_t option, const struct cw_value *value);
void api_write_selection(struct cw_json_writer *w, const char *name,
                         const struct cw_product *product, const struct cw_selection *selection);
/* Percent-encode for a path segment or a query value. */
void api_put_encoded(struct cw_buf *buf, const char *text);

/* ---- uploads --------------------------------------------------------------------------------- */

/* A route whose body is a picture: streamed to a file once it is known to be welcome. */
#define API_ROUTE_UPLOAD 0x10000u

/* For cw_api_before: refuses the upload, or lets it proceed, now or later. */
void api_uploads_before(struct cw_request *req);

/* Answer with a file of a kept picture, or 404 "artwork.not_found". `digest` names the picture and
 * lives in the request's arena. */
void api_reply_picture(struct cw_request *req, const char *digest, enum cw_picture_form form);

/* ---- the resources --------------------------------------------------------------------------- */

cw_http_handler api_products_list, api_products_get, api_products_get_version,
    api_products_document, api_products_selection, api_products_selection_version,
    api_products_post, api_configure, api_configure_version, api_previews_get, api_designs_post,
    api_designs_get, api_designs_share, api_orders_post, api_orders_get, api_orders_list,
    api_orders_cancel, api_leases_post, api_leases_renew, api_leases_release, api_facility_specs,
    api_specs_get, api_specs_status, api_specs_history, api_artworks_get, api_artworks_picture,
    api_uploads_post, api_uploads_get, api_uploads_picture, api_stock_list, api_stock_put,
    api_keys_get, api_health, api_ready, api_openapi, api_problem, api_docs, api_page_index,
    api_page_product, api_page_order, api_page_desk, api_page_asset;

/* What every HTML page is sent with: nothing from elsewhere, no inline script. */
void api_page_fields(struct cw_request *req);
enum cw_status api_pages_load(struct cw_api_shared *shared, struct cw_error *err) CW_MUST_USE;
void api_pages_free(struct pages *pages);

/* A spec was queued: wake those who wait for work of this facility, in every loop; NULL: of any. */
void api_facility_wake(struct cw_api *api, const char *facility);
void api_facility_free(struct cw_api *api);
