/*
 * Responsible for: the route table, and what an API holds.
 * Does not: answer anything itself. Server process, loop thread.
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
    {"POST", "/v1/products", api_products_post, 0, "products:write", CW_PRODUCT_UPLOAD_BYTES},
    {"GET", "/v1/products/{product}", api_products_get, 0, NULL, 0},
    {"GET", "/v1/products/{product}@{version}", api_products_get_version, 0, NULL, 0},
    {"GET", "/v1/products/{product}@{version}/document", api_products_document, 0, NULL, 0},
    {"POST", "/v1/products/{product}/configure", api_configure, 0, NULL, 0},
    {"POST", "/v1/products/{product}@{version}/configure", api_configure_version, 0, NULL, 0},
    {"GET", "/v1/previews/{product}@{version}/{view}.{format}", api_previews_get, 0, NULL, 0},
    {"POST", "/v1/designs", api_designs_post, 0, NULL, 0},
    {"GET", "/v1/designs/{id}", api_designs_get, 0, NULL, 0},
    {"POST", "/v1/orders", api_orders_post, 0, NULL, 0},
    {"GET", "/v1/orders", api_orders_list, 0, "orders:read", 0},
    {"GET", "/v1/orders/{id}", api_orders_get, 0, NULL, 0},
    {"POST", "/v1/orders/{id}/cancel", api_orders_cancel, 0, NULL, 0},
    {"POST", "/v1/facilities/{facility}/leases", api_leases_post, 0, "specs:pull", 0},
    {"GET", "/v1/facilities/{facility}/specs", api_facility_specs, 0, "specs:pull", 0},
    {"POST", "/v1/leases/{lease}/renew", api_leases_renew, 0, "specs:pull", 0},
    {"POST", "/v1/leases/{lease}/release", api_leases_release, 0, "specs:pull", 0},
    {"GET", "/v1/specs/{id}", api_specs_get, 0, "specs:pull", 0},
    {"PUT", "/v1/specs/{id}/status", api_specs_status, 0, "specs:pull", 0},
    {"GET", "/v1/specs/{id}/history", api_specs_history, 0, "specs:pull", 0},
    {"GET", "/v1/stock", api_stock_list, 0, "stock:write", 0},
    {"PUT", "/v1/stock/{item}", api_stock_put, 0, "stock:write", 0},
    {"GET", "/v1/artworks/{digest}", api_artworks_get, 0, "specs:pull", 0},
};

const struct cw_route *cw_api_routes(size_t *ret_count) {
    *ret_count = sizeof routes / sizeof *routes;
    return routes;
}

enum cw_status cw_api_new(const struct cw_api_config *config, struct cw_api **ret_api,
                          struct cw_error *err) {
    struct cw_api *api = calloc(1, sizeof *api);
    if (!api) {
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    api->config = *config;
    api->guard = cw_idempotency_guard_new();
    api->memo = api_preview_memo_new();
    api->answers = api_answer_memo_new(CW_CACHE_ANSWER_BYTES);
    if (config->rate_limit > 0) {
        api->rate = cw_rate_new(config->rate_limit, config->rate_limit * CW_RATE_BURST_S);
    }
    bool rated = config->rate_limit == 0 || api->rate;
    enum cw_status status = rated && api->guard && api->memo && api->answers
                                ? api_pages_load(api, err)
                                : cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    if (status != CW_OK) {
        cw_api_free(api);
        return status;
    }
    *ret_api = api;
    return CW_OK;
}

void cw_api_set_address(struct cw_api *api, const char *address) {
    snprintf(api->address, sizeof api->address, "%s", address);
}

void cw_api_free(struct cw_api *api) {
    if (!api) {
        return;
    }
    api_facility_free(api);
    api_pages_free(api->pages);
    api_preview_memo_free(api->memo);
    api_answer_memo_free(api->answers);
    cw_idempotency_guard_free(api->guard);
    cw_rate_free(api->rate);
    free(api);
}

void cw_api_leave(struct cw_api *api) {
    api->leaving = true;
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
