/*
 * Responsible for: the route table, what the loops share and what each has, and the way between
 * a loop and the previews'. Does not: answer anything itself. Server process.
 */
#include "api/api.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/context.h"
#include "api/answer_memo.h"
#include "api/preview_memo.h"
#include "api/rate.h"
#include "cordwain/limits.h"

static const struct cw_route routes[] = {
    {"POST", "/v1/artworks", api_uploads_post, API_ROUTE_UPLOAD | CW_ROUTE_BODY, NULL,
     CW_IMPORT_FILE_BYTES},
    {"GET", "/v1/artworks/{id}", api_uploads_get, 0, NULL, 0},
    {"GET", "/v1/artworks/{id}/picture.png", api_uploads_picture, 0, NULL, 0},
    {"GET", "/", api_page_index, 0, NULL, 0},
    {"GET", "/products/{product}", api_page_product, 0, NULL, 0},
    {"GET", "/orders/{id}", api_page_order, 0, NULL, 0},
    {"GET", "/desk", api_page_desk, 0, NULL, 0},
    {"GET", "/d/{id}", api_designs_share, 0, NULL, 0},
    {"GET", "/assets/{path*}", api_page_asset, CW_ROUTE_QUIET, NULL, 0},
    {"GET", "/docs", api_docs, 0, NULL, 0},
    {"GET", "/problems/{code}", api_problem, 0, NULL, 0},
    {"GET", "/openapi.json", api_openapi, 0, NULL, 0},
    {"GET", "/healthz", api_health, CW_ROUTE_QUIET, NULL, 0},
    {"GET", "/readyz", api_ready, CW_ROUTE_QUIET, NULL, 0},
    {"GET", "/.well-known/cordwain/keys.json", api_keys_get, 0, NULL, 0},
    {"GET", "/v1/products", api_products_list, 0, NULL, 0},
    {"POST", "/v1/products", api_products_post, CW_ROUTE_BODY, "products:write",
     CW_PRODUCT_UPLOAD_BYTES},
    {"GET", "/v1/products/{product}", api_products_get, 0, NULL, 0},
    {"GET", "/v1/products/{product}@{version}", api_products_get_version, 0, NULL, 0},
    {"GET", "/v1/products/{product}@{version}/document", api_products_document, 0, NULL, 0},
    {"GET", "/v1/products/{product}/selection.schema.json", api_products_selection, 0, NULL, 0},
    {"GET", "/v1/products/{product}@{version}/selection.schema.json",
     api_products_selection_version, 0, NULL, 0},
    {"POST", "/v1/products/{product}/configure", api_configure, CW_ROUTE_BODY, NULL, 0},
    {"POST", "/v1/products/{product}@{version}/configure", api_configure_version, CW_ROUTE_BODY,
     NULL, 0},
    {"GET", "/v1/previews/{product}@{version}/{view}.{format}", api_previews_get, 0, NULL, 0},
    {"POST", "/v1/designs", api_designs_post, CW_ROUTE_BODY, NULL, 0},
    {"GET", "/v1/designs/{id}", api_designs_get, 0, NULL, 0},
    {"POST", "/v1/orders", api_orders_post, CW_ROUTE_BODY, NULL, 0},
    {"GET", "/v1/orders", api_orders_list, 0, "orders:read", 0},
    {"GET", "/v1/orders/{id}", api_orders_get, 0, NULL, 0},
    {"POST", "/v1/orders/{id}/cancel", api_orders_cancel, 0, NULL, 0},
    {"POST", "/v1/facilities/{facility}/leases", api_leases_post, CW_ROUTE_BODY, "specs:pull", 0},
    {"GET", "/v1/facilities/{facility}/specs", api_facility_specs, 0, "specs:pull", 0},
    {"POST", "/v1/leases/{lease}/renew", api_leases_renew, CW_ROUTE_BODY, "specs:pull", 0},
    {"POST", "/v1/leases/{lease}/release", api_leases_release, CW_ROUTE_BODY, "specs:pull", 0},
    {"GET", "/v1/specs/{id}", api_specs_get, 0, "specs:pull", 0},
    {"PUT", "/v1/specs/{id}/status", api_specs_status, CW_ROUTE_BODY, "specs:pull", 0},
    {"GET", "/v1/specs/{id}/history", api_specs_history, 0, "specs:pull", 0},
    {"GET", "/v1/stock", api_stock_list, 0, "stock:write", 0},
    {"PUT", "/v1/stock/{item}", api_stock_put, CW_ROUTE_BODY, "stock:write", 0},
    {"GET", "/v1/artworks/sha-256:{hex}", api_artworks_get, 0, "specs:pull", 0},
    {"GET", "/v1/artworks/sha-256:{hex}/picture.png", api_artworks_picture, 0, "specs:pull", 0},
};

const struct cw_route *cw_api_routes(size_t *ret_count) {
    *ret_count = sizeof routes / sizeof *routes;
    return routes;
}

/* ---- what the loops share -------------------------------------------------------------------- */

enum cw_status cw_api_shared_new(const struct cw_api_config *config,
                                 struct cw_api_shared **ret_shared, struct cw_error *err) {
    struct cw_api_shared *shared = calloc(1, sizeof *shared);
    if (!shared) {
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    shared->config = *config;
    shared->guard = cw_idempotency_guard_new();
    shared->answers = api_answer_memo_new(CW_CACHE_ANSWER_BYTES);
    if (config->rate_limit > 0) {
        shared->rate = cw_rate_new(config->rate_limit, config->rate_limit * CW_RATE_BURST_S);
    }
    bool rated = config->rate_limit == 0 || shared->rate;
    enum cw_status status = rated && shared->guard && shared->answers
                                ? api_pages_load(shared, err)
                                : cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    if (status != CW_OK) {
        cw_api_shared_free(shared);
        return status;
    }
    *ret_shared = shared;
    return CW_OK;
}

void cw_api_shared_free(struct cw_api_shared *shared) {
    if (!shared) {
        return;
    }
    api_pages_free(shared->pages);
    api_answer_memo_free(shared->answers);
    cw_idempotency_guard_free(shared->guard);
    cw_rate_free(shared->rate);
    free(shared);
}

void cw_api_set_address(struct cw_api_shared *shared, const char *address) {
    snprintf(shared->address, sizeof shared->address, "%s", address);
}

void cw_api_leave(struct cw_api_shared *shared) {
    atomic_store(&shared->leaving, true);
}

/* ---- one loop's ------------------------------------------------------------------------------ */

enum cw_status cw_api_new(struct cw_api_shared *shared, const struct cw_api_loop *loop,
                          struct cw_api **ret_api, struct cw_error *err) {
    struct cw_api *api = calloc(1, sizeof *api);
    struct api_preview_memo *memo = api_preview_memo_new();
    if (!api || !memo || shared->loop_count == CW_HTTP_LOOPS) {
        free(api);
        api_preview_memo_free(memo);
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    *api = (struct cw_api){.shared = shared,
                           .config = shared->config,
                           .number = shared->loop_count,
                           .base = loop->base,
                           .mailbox = loop->mailbox,
                           .memo = memo};
    shared->loops[shared->loop_count++] = api;
    *ret_api = api;
    return CW_OK;
}

void cw_api_free(struct cw_api *api) {
    if (!api) {
        return;
    }
    api_facility_free(api);
    api_preview_memo_free(api->memo);
    free(api);
}

void cw_api_drain(struct cw_api *api) {
    api->draining = true;
    api_facility_free(api);
}

void cw_api_stop(struct cw_api *api) {
    if (api) {
        api->stopped = true;
        api_waits_end(api);
    }
}

static void send(const struct cw_api *api, struct cw_mailbox *to, cw_mail_fn fn, void *arg) {
    if (api->config.previews == api->mailbox) {
        fn(arg);
    } else {
        cw_mailbox_post(to, fn, arg);
    }
}

void api_to_previews(struct cw_api *api, cw_mail_fn there, void *arg) {
    send(api, api->config.previews, there, arg);
}

void api_from_previews(struct cw_api *api, cw_mail_fn here, void *arg) {
    send(api, api->mailbox, here, arg);
}
