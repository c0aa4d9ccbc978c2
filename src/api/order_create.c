/*
 * Responsible for: POST /v1/orders: configuration checked again, pictures and artwork made, then
 * order, spec, artefacts and outbox in one flushed transaction, and only then 201. Does not: keep
 * states (orders, manufacturing). Loop thread; build_order runs on the store's writer thread.
 */
#include <string.h>

#include "api/context.h"
#include "api/order_json.h"
#include "base/clock.h"
#include "cordwain/limits.h"
#include "cordwain/states.h"
#include "manufacturing/spec.h"
#include "orders/create.h"
#include "preview/frame.h"

#define SCOPE            "POST /v1/orders"
#define PREVIEW_WIDTH_PX 1024

/* One order on its way; the steps run from the top of the table below to its end. */
struct flow {
    struct cw_request *req;
    const char *key;
    char fingerprint[CW_DIGEST_TEXT];
    json_t *body;
    const char *design;
    struct cw_design_row design_row;
    struct cw_idempotency_row earlier;
    bool repeated;
    struct api_shape *shape;
    size_t step, drawn, made;
    struct cw_spec_preview *previews;
    struct cw_spec_artwork *artworks;
    size_t artwork_count;
    struct cw_artifact_row *artifacts;
    size_t artifact_count;
    struct cw_order_draft draft;
    struct cw_order_creation creation;
    const char *base_url;
};

static void next_step(struct flow *flow);

/* ---- idempotency ----------------------------------------------------------------------------- */

static void leave_guard(void *arg) {
    struct flow *flow = arg;
    cw_idempotency_guard_leave(api_of(flow->req)->shared->guard, SCOPE, flow->key);
}

/* The draft RFC's key is a structured-field string; a bare token is taken as well. */
static const char *read_key(struct cw_request *req, struct cw_error *err) {
    const char *header = cw_request_header(req, "Idempotency-Key");
    if (!header || !*header) {
        (void)cw_fail(err, CW_E_INPUT, "idempotency.missing",
                      "send an Idempotency-Key of your own making, so that a repeat orders once");
        return NULL;
    }
    size_t length = strlen(header);
    if (length >= 2 && header[0] == '"' && header[length - 1] == '"') {
        header++;
        length -= 2;
    }
    if (length == 0 || length > CW_IDEMPOTENCY_KEY_BYTES) {
        (void)cw_fail(err, CW_E_INPUT, "idempotency.key",
                      "the Idempotency-Key has 1 to %d characters", CW_IDEMPOTENCY_KEY_BYTES);
        return NULL;
    }
    return cw_arena_strndup(req->arena, header, length);
}

static void reply_created(struct cw_request *req, const struct cw_order_created *created) {
    if (created->replayed) {
        (void)!cw_reply_header(req, "Idempotent-Replayed", "true", NULL);
    }
    if (*created->location) {
        (void)!cw_reply_header(req, "Location", created->location, NULL);
    }
    cw_reply_json(req, created->http_status, cw_bytes_of(created->response), NULL);
}

/* ---- step: what is known already ------------------------------------------------------------- */

static enum cw_status look_up(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct flow *flow = job->data;
    struct cw_error none = {0};
    enum cw_status status =
        txn->ops->idempotency_get(txn, job->arena, SCOPE, flow->key, &flow->earlier, &none);
    if (status == CW_OK) {
        flow->repeated = true;
        return CW_OK;
    }
    if (status != CW_E_NOT_FOUND) {
        *err = none;
        return status;
    }
    if (!flow->design) {
        return CW_OK;
    }
    none = (struct cw_error){0};
    status = txn->ops->design_get(txn, job->arena, flow->design, &flow->design_row, &none);
    if (status == CW_E_NOT_FOUND) {
        return cw_fail_at(err, CW_E_INPUT, "design.not_found", "/design", "no design has this id");
    }
    if (status != CW_OK) {
        *err = none;
    }
    return status;
}

static void looked_up(struct api_job *job) {
    struct flow *flow = job->data;
    if (!flow->repeated) {
        next_step(flow);
        return;
    }
    if (strcmp(flow->earlier.fingerprint, flow->fingerprint) != 0) {
        struct cw_error err = {0};
        (void)cw_fail(&err, CW_E_INPUT, "idempotency.mismatch",
                      "this Idempotency-Key was used with another body");
        cw_reply_problem(flow->req, &err);
        return;
    }
    struct cw_order_created created = {true, flow->earlier.http_status, flow->earlier.response,
                                       flow->earlier.location};
    reply_created(flow->req, &created);
}

static void step_look_up(struct flow *flow) {
    api_read(api_job_new(flow->req, look_up, looked_up, flow));
}

/* ---- step: decode, measure, resolve ---------------------------------------------------------- */

static void measured(struct api_shape *shape) {
    next_step(shape->data);
}

static void step_shape(struct flow *flow) {
    struct cw_request *req = flow->req;
    const char *product = api_member(flow->body, "product", "");
    const char *version = api_member(flow->body, "version", NULL);
    if (flow->design) { /* the design names the version that was seen */
        json_error_t error;
        product = flow->design_row.product;
        version = flow->design_row.version;
        json_object_set_new(flow->body, "selections",
                            json_loads(flow->design_row.selections, 0, &error));
    }
    struct cw_snapshot *snapshot = api_product(req, product, version);
    struct api_shape *shape = snapshot ? api_shape_new(req, snapshot, flow->body) : NULL;
    if (shape) { /* else answered, and the flow is gone */
        flow->shape = shape;
        shape->data = flow;
        api_shape_measure(shape, measured);
    }
}

static void step_resolve(struct flow *flow) {
    if (!api_shape_resolve(flow->shape)) {
        return;
    }
    const json_t *expected = json_object_get(flow->body, "expectedTotal");
    int64_t total = flow->shape->resolved.price.total_minor;
    if (expected && json_integer_value(expected) != total) {
        struct cw_error err = {0};
        (void)cw_fail_at(&err, CW_E_CONFLICT, "order.price_changed", "/expectedTotal",
                         "the total is %lld now", (long long)total);
        cw_reply_problem(flow->req, &err);
        return;
    }
    const struct cw_product *product = cw_snapshot_product(flow->shape->snapshot);
    flow->previews = cw_arena_array(flow->req->arena, product->view_count, sizeof *flow->previews);
    flow->artworks =
        cw_arena_array(flow->req->arena, product->surface_count, sizeof *flow->artworks);
    flow->artifacts =
        cw_arena_array(flow->req->arena, product->view_count + 2 * product->surface_count,
                       sizeof *flow->artifacts);
    next_step(flow);
}

/* ---- step: pictures and artwork -------------------------------------------------------------- */

/* Keep the bytes until the request ends; returns their digest text. */
static const char *keep(struct flow *flow, const struct cw_preview_result *result) {
    struct cw_arena *arena = flow->req->arena;
    struct cw_blob *blob = cw_blob_ref(result->blob);
    api_hold_blob(flow->req, blob);
    char *digest = cw_arena_alloc(arena, CW_DIGEST_TEXT);
    cw_digest_text(cw_blob_data(blob), cw_blob_length(blob), digest);
    flow->artifacts[flow->artifact_count++] = (struct cw_artifact_row){
        digest, result->content_type, cw_blob_data(blob), cw_blob_length(blob)};
    return digest;
}

static void step_draw(struct flow *flow);
static void step_artwork(struct flow *flow);

/* The height that a JPEG of our own says it has, in its frame header (ITU-T T.81 §B.2.2). */
static int32_t jpeg_height(const struct cw_blob *blob) {
    const uint8_t *data = cw_blob_data(blob);
    size_t length = cw_blob_length(blob), at = 2;
    while (at + 9 <= length && data[at] == 0xFF) {
        bool frame = data[at + 1] >= 0xC0 && data[at + 1] <= 0xC2;
        if (frame) {
            return data[at + 5] << 8 | data[at + 6];
        }
        at += 2 + (size_t)(data[at + 2] << 8 | data[at + 3]);
    }
    return 0;
}

static void preview_drawn(void *arg, const struct cw_preview_result *result) {
    struct flow *flow = arg;
    const struct cw_product *product = cw_snapshot_product(flow->shape->snapshot);
    if (result->error.status != CW_OK) {
        cw_reply_problem(flow->req, &result->error);
        return;
    }
    const char *digest = keep(flow, result);
    flow->previews[flow->drawn] = (struct cw_spec_preview){
        .view = product->views[flow->drawn].id,
        .url = cw_arena_printf(flow->req->arena, "%s/v1/artworks/%s", flow->base_url, digest),
        .mime = result->content_type,
        .digest = digest,
        .width_px = PREVIEW_WIDTH_PX,
        .height_px = jpeg_height(result->blob)};
    flow->drawn++;
    step_draw(flow);
}

static void step_draw(struct flow *flow) {
    const struct cw_product *product = cw_snapshot_product(flow->shape->snapshot);
    if (flow->drawn == product->view_count) {
        next_step(flow);
        return;
    }
    struct cw_scene_request scene = {.resolved = &flow->shape->resolved,
                                     .view = (uint32_t)flow->drawn,
                                     .width_px = PREVIEW_WIDTH_PX,
                                     .format = CW_FORMAT_JPEG}; /* every factory screen shows it */
    memcpy(scene.background, cw_frame_background, sizeof scene.background);
    api_preview(flow->req, &scene, preview_drawn, flow);
}

static void artwork_made(void *arg, const struct cw_preview_result *result) {
    struct flow *flow = arg;
    if (result->error.status != CW_OK) {
        cw_reply_problem(flow->req, &result->error);
        return;
    }
    const struct cw_spec_file file = {keep(flow, result), cw_blob_length(result->blob)};
    struct cw_spec_artwork *artwork = &flow->artworks[flow->artwork_count];
    if (!artwork->pdf.digest) {
        artwork->surface = (uint32_t)flow->made;
        artwork->pdf = file;
    } else {
        artwork->svg = file;
        flow->artwork_count++;
        flow->made++;
    }
    step_artwork(flow);
}

static void step_artwork(struct flow *flow) {
    const struct cw_resolved *resolved = &flow->shape->resolved;
    const struct cw_product *product = cw_snapshot_product(flow->shape->snapshot);
    while (flow->made < product->surface_count &&
           !cw_resolved_carries(resolved, (uint32_t)flow->made)) {
        flow->made++;
    }
    if (flow->made == product->surface_count) {
        next_step(flow);
        return;
    }
    const bool have_pdf = flow->artworks[flow->artwork_count].pdf.digest;
    const struct cw_artwork_request request = {.resolved = resolved,
                                               .surface = (uint32_t)flow->made,
                                               .format = have_pdf ? CW_FORMAT_SVG : CW_FORMAT_PDF};
    api_artwork(flow->req, &request, artwork_made, flow);
}

/* ---- step: store ----------------------------------------------------------------------------- */

static void serial_number(char ret_text[9]) {
    char ulid[CW_ULID_TEXT];
    cw_ulid(0, ulid);
    memcpy(ret_text, ulid + 18, 8);
    ret_text[8] = '\0';
}

static void spec_input(const struct flow *flow, const struct cw_order_ids *ids,
                       struct cw_spec_input *input) {
    int64_t days = cw_date_days(flow->shape->resolved.lead.ship_by);
    *input = (struct cw_spec_input){.resolved = &flow->shape->resolved,
                                    .revision = 1,
                                    .order_id = ids->order_id,
                                    .order_number = ids->order_number,
                                    .line = 1,
                                    .quantity = (int32_t)flow->shape->quantity,
                                    .priority = 50,
                                    .issued_ms = ids->created_ms,
                                    .ship_by_ms = days == INT64_MIN ? ids->created_ms
                                                                    : days * CW_DAY_MS + 43200000,
                                    .base_url = flow->base_url,
                                    .artwork_count = flow->artwork_count,
                                    .artworks = flow->artworks,
                                    .preview_count = flow->drawn,
                                    .previews = flow->previews};
}

/* Writer thread, inside the transaction. */
static enum cw_status build_order(void *ctx, const struct cw_order_ids *ids, struct cw_arena *arena,
                                  struct cw_order_built *ret_built, struct cw_error *err) {
    struct flow *flow = ctx;
    struct cw_spec_row *spec = cw_arena_alloc(arena, sizeof *spec);
    char *spec_id = cw_arena_alloc(arena, CW_ULID_TEXT), *serial = cw_arena_alloc(arena, 9);
    struct cw_spec_built *built = cw_arena_alloc(arena, sizeof *built);
    struct cw_spec_input input;
    cw_ulid(ids->created_ms, spec_id);
    serial_number(serial);
    spec_input(flow, ids, &input);
    input.spec_id = spec_id;
    input.serial = serial;
    enum cw_status status =
        cw_spec_build(&input, api_of(flow->req)->config.signing_key, arena, built, err);
    if (status != CW_OK) {
        return status;
    }
    const struct cw_product *product = cw_snapshot_product(flow->shape->snapshot);
    *spec = (struct cw_spec_row){.id = spec_id,
                                 .revision = 1,
                                 .line = 1,
                                 .facility_id = product->manufacturing.facility_id,
                                 .serial = serial,
                                 .digest = built->digest,
                                 .document = (const char *)built->document.data,
                                 .document_length = built->document.length,
                                 .work_centres = built->work_centres,
                                 .priority = input.priority,
                                 .ship_by_ms = input.ship_by_ms,
                                 .created_ms = ids->created_ms};
    struct api_order_json json = {.shape = flow->shape, .ids = ids, .design = flow->design};
    char *order = api_order_document(&json, arena);
    struct api_order_state state = {CW_ORDER_RECEIVED, spec, 1, NULL, 0, ids->created_ms};
    spec->state = CW_SPEC_QUEUED;
    ret_built->order =
        (struct cw_order_row){.document = order,
                              .currency = product->currency,
                              .total_minor = flow->shape->resolved.price.total_minor};
    ret_built->specs = spec;
    ret_built->spec_count = 1;
    ret_built->response = api_order_response(order, &state, NULL, arena);
    ret_built->location = cw_arena_printf(arena, "/v1/orders/%s", ids->order_id);
    return CW_OK;
}

static bool is_chosen(const struct cw_option *option, const struct cw_value *value, size_t choice) {
    switch (option->kind) {
    case CW_OPTION_CHOICE:
        return value->choice == choice;
    case CW_OPTION_MULTI:
        return (value->multi >> choice & 1) != 0;
    default:
        return false;
    }
}

/* The store's word on an item, whichever process it was told; what was never set is in. */
static enum cw_status check_item(struct cw_txn *txn, struct cw_arena *arena,
                                 const struct cw_option *option, const struct cw_choice *choice,
                                 struct cw_error *err) {
    struct cw_stock_row row;
    struct cw_error none = {0};
    if (!*choice->stock_item) {
        return CW_OK;
    }
    enum cw_status status = txn->ops->stock_get(txn, arena, choice->stock_item, &row, &none);
    if (status == CW_E_NOT_FOUND || (status == CW_OK && row.available)) {
        return CW_OK;
    }
    if (status != CW_OK) {
        *err = none;
        return status;
    }
    return cw_fail_at(err, CW_E_CONFLICT, "order.sold_out",
                      cw_arena_printf(arena, "/selections/%s", option->id),
                      "'%s' of option '%s' has just sold out", choice->id, option->id);
}

/* Between resolving and storing lie pictures, and other processes: stock is asked once more where
 * nothing can come between. */
static enum cw_status check_stock(struct cw_txn *txn, const struct flow *flow,
                                  struct cw_arena *arena, struct cw_error *err) {
    const struct cw_product *product = cw_snapshot_product(flow->shape->snapshot);
    const struct cw_selection *selection = &flow->shape->resolved.selection;
    enum cw_status status = CW_OK;
    for (size_t i = 0; i < selection->count; i++) {
        const struct cw_pick *pick = &selection->picks[i];
        const struct cw_option *option = &product->options[pick->option];
        for (size_t c = 0; c < option->choice_count && status == CW_OK; c++) {
            if (is_chosen(option, &pick->value, c)) {
                status = check_item(txn, arena, option, &option->choices[c], err);
            }
        }
    }
    return status;
}

static enum cw_status create(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct flow *flow = job->data;
    enum cw_status status = cw_order_create(txn, &flow->creation, err);
    if (status == CW_OK && !flow->creation.created.replayed) {
        status = check_stock(txn, flow, job->arena, err); /* else rolled back */
    }
    if (status == CW_OK && !flow->creation.created.replayed) {
        status = api_artworks_hold(txn, cw_snapshot_product(flow->shape->snapshot),
                                   &flow->shape->resolved.selection, job->arena, err);
    }
    return status;
}

static void created(struct api_job *job) {
    struct flow *flow = job->data;
    const struct cw_product *product = cw_snapshot_product(flow->shape->snapshot);
    api_facility_wake(api_of(job->req), product->manufacturing.facility_id);
    reply_created(job->req, &flow->creation.created);
}

static void step_store(struct flow *flow) {
    flow->draft = (struct cw_order_draft){.scope = SCOPE,
                                          .key = flow->key,
                                          .fingerprint = flow->fingerprint,
                                          .artifacts = flow->artifacts,
                                          .artifact_count = flow->artifact_count,
                                          .build = build_order,
                                          .build_ctx = flow};
    flow->creation = (struct cw_order_creation){.draft = &flow->draft,
                                                .clock = &api_of(flow->req)->config.clock,
                                                .arena = flow->req->arena};
    api_write(api_job_new(flow->req, create, created, flow));
}

/* ---- the steps of an order ------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*run)(struct flow *flow);
} steps[] = {
    {"look up", step_look_up}, {"shape", step_shape},     {"resolve", step_resolve},
    {"draw", step_draw},       {"artwork", step_artwork}, {"store", step_store},
};

static void next_step(struct flow *flow) {
    steps[flow->step++].run(flow);
}

void api_orders_post(struct cw_request *req) {
    struct cw_error err = {0};
    struct flow *flow = cw_arena_alloc(req->arena, sizeof *flow);
    flow->req = req;
    flow->key = read_key(req, &err);
    if (!flow->key ||
        cw_idempotency_guard_enter(api_of(req)->shared->guard, SCOPE, flow->key, &err) != CW_OK) {
        cw_reply_problem(req, &err);
        return;
    }
    cw_arena_defer(req->arena, leave_guard, flow); /* however the request ends */
    json_t *body = api_body(req, CW_SCHEMA_ORDER_REQUEST);
    if (!body) { /* answered: the flow is gone with the request's arena */
        return;
    }
    flow->body = body;
    const char *canonical = cw_json_canonical_dup(req->arena, flow->body);
    cw_digest_text(canonical, strlen(canonical), flow->fingerprint);
    flow->design = api_member(flow->body, "design", NULL);
    flow->base_url = api_spec_base_url(req);
    next_step(flow);
}
