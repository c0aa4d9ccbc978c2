/*
 * Responsible for: the way of a selection from a request's body to a resolved configuration:
 * decode, have its texts measured by a renderer worker, resolve strictly. Does not: rules
 * (configure) or measuring (renderer). Server process, loop thread.
 */
#include "api/context.h"
#include "configure/available.h"

/* "overlays" of the body: each one an overlay of the product. */
static bool read_overlays(struct cw_request *req, const struct cw_product *product,
                          const json_t *list, struct cw_configure_context *context) {
    struct cw_faults faults = {.arena = req->arena};
    const char **ids = cw_arena_array(req->arena, json_array_size(list) + 1, sizeof *ids);
    for (size_t i = 0; i < json_array_size(list); i++) {
        ids[i] = json_string_value(json_array_get(list, i));
        if (!cw_has_overlay(product, ids[i])) {
            cw_fault_add(&faults, "overlay.unknown",
                         cw_arena_printf(req->arena, "/overlays/%zu", i),
                         "'%s' is no overlay of this product", ids[i]);
        }
    }
    context->overlays = ids;
    context->overlay_count = json_array_size(list);
    if (faults.count > 0) {
        cw_reply_faults(req, 422, "overlay.unknown", "Unknown overlay", &faults);
    }
    return faults.count == 0;
}

struct api_shape *api_shape_of(struct cw_request *req, struct cw_snapshot *snapshot,
                               const struct api_click_body *body) {
    const struct cw_product *product = cw_snapshot_product(snapshot);
    struct api_shape *shape = cw_arena_alloc(req->arena, sizeof *shape);
    struct cw_faults faults = {.arena = req->arena};
    shape->req = req;
    shape->snapshot = snapshot;
    shape->selection = body->selection;
    shape->since = body->since;
    shape->locale = api_locale(req, product, body->locale);
    shape->market = body->market;
    shape->quantity = body->quantity;
    if (*shape->market && !cw_has_market(product, shape->market)) {
        cw_fault_add(&faults, "market.unknown", "/market", "'%s' is no market of this product",
                     shape->market);
        cw_reply_faults(req, 422, "market.unknown", "Unknown market", &faults);
        return NULL;
    }
    shape->context = (struct cw_configure_context){.market = shape->market,
                                                   .locale = shape->locale,
                                                   .now_ms = api_now(req),
                                                   .quantity = shape->quantity,
                                                   .memo = &shape->memo};
    shape->context.sold_out = cw_stock_sold_out(api_of(req)->config.stock, product, req->arena,
                                                &shape->context.sold_out_count);
    return shape;
}

struct api_shape *api_shape_new(struct cw_request *req, struct cw_snapshot *snapshot,
                                const json_t *body) {
    const struct cw_product *product = cw_snapshot_product(snapshot);
    const json_t *quantity = json_object_get(body, "quantity");
    struct api_click_body said = {.locale = api_member(body, "locale", ""),
                                  .market = api_member(body, "market", ""),
                                  .quantity = quantity ? (uint32_t)json_integer_value(quantity) : 1,
                                  .since = json_string_value(json_object_get(body, "since"))};
    struct cw_faults faults = {.arena = req->arena};
    if (cw_selection_decode(product, json_object_get(body, "selections"), "/selections", req->arena,
                            &said.selection, &faults) != CW_OK) {
        cw_reply_faults(req, 422, "selection.invalid", "Unprocessable selection", &faults);
        return NULL;
    }
    struct api_shape *shape = api_shape_of(req, snapshot, &said);
    return shape && read_overlays(req, product, json_object_get(body, "overlays"), &shape->context)
               ? shape
               : NULL;
}

static void measured(void *arg, const struct cw_measure_result *result) {
    struct api_shape *shape = arg;
    if (result->error.status != CW_OK) {
        cw_reply_problem(shape->req, &result->error);
        return;
    }
    struct cw_text_fit *fits =
        cw_arena_array(shape->req->arena, result->count, sizeof *result->fits);
    for (size_t i = 0; i < result->count; i++) {
        fits[i] = result->fits[i];
    }
    shape->context.fits = fits;
    shape->context.fit_count = result->count;
    shape->next(shape);
}

static void measure(void *arg) {
    struct api_shape *shape = arg;
    struct cw_request *req = shape->req;
    struct cw_faults ignored = {.arena = req->arena};
    /* Lenient: an inconsistent selection still has texts worth judging. */
    if (cw_resolve(api_engine(shape->snapshot), &shape->selection, &shape->context,
                   CW_RESOLVE_SHOWN, req->arena, &shape->resolved, &ignored) != CW_OK) {
        api_reply_disagreement(req);
        return;
    }
    struct cw_measure_request request = {cw_snapshot_product(shape->snapshot),
                                         shape->resolved.decal_count, shape->resolved.decals};
    api_measure(req, &request, measured, shape);
}

void api_shape_measure(struct api_shape *shape, void (*next)(struct api_shape *)) {
    struct api_question question = {shape->req, shape->snapshot, &shape->selection, &shape->context,
                                    NULL};
    shape->next = next;
    api_solve(&question, measure, shape);
}

void api_reply_disagreement(struct cw_request *req) {
    struct cw_error err = {0};
    (void)cw_fail(&err, CW_E_BUG, "configure.disagreement",
                  "this product cannot be configured at the moment");
    cw_error_detail(&err, "the rules as compiled and as written contradict each other");
    cw_reply_problem(req, &err);
}

bool api_shape_resolve(struct api_shape *shape) {
    struct cw_request *req = shape->req;
    struct cw_faults faults = {.arena = req->arena};
    enum cw_status status =
        cw_resolve(api_engine(shape->snapshot), &shape->selection, &shape->context,
                   CW_RESOLVE_STRICT, req->arena, &shape->resolved, &faults);
    if (status == CW_OK) {
        return true;
    }
    if (status == CW_E_BUG) {
        api_reply_disagreement(req);
        return false;
    }
    for (size_t i = 0; i < faults.count;
         i++) { /* the step knows options, not where they were sent */
        if (faults.items[i].pointer[0] == '/' &&
            __builtin_strncmp(faults.items[i].pointer, "/selections", 11) != 0) {
            faults.items[i].pointer =
                cw_arena_printf(req->arena, "/selections%s", faults.items[i].pointer);
        }
    }
    cw_reply_faults(req, 422, "selection.invalid", "This selection cannot be made", &faults);
    return false;
}
