/* The HTTP API: the only place that knows both HTTP and the steps. One file per resource. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/crew.h"
#include "base/mailbox.h"
#include "catalog/catalog.h"
#include "catalog/stock.h"
#include "cordwain/store.h"
#include "http/http.h"
#include "manufacturing/sign.h"
#include "preview/preview.h"

struct cw_api_shared; /* what all loops have in common */
struct cw_api;        /* of one loop */

struct cw_api_examined {
    struct cw_arena *arena; /* set by the caller, for the rest */
    struct cw_snapshot *snapshot;
    const char *rules; /* JSON object: what was found out about the rules */
};

struct cw_rate;

/* Where shoppers' pictures go. Any thread. */
struct cw_api_uploads {
    const char *renderer, *folder;
    struct cw_crew *importing; /* judges uploads, one process each */
    struct cw_crew *files;     /* writes what arrives, reads what is asked for */
    struct cw_rate *rate;      /* uploads of an address, in minutes */
    uint64_t disk_bytes;       /* nothing is taken any more when all pictures come to this */
    uint8_t id_key[32];        /* makes ids that cannot be guessed */
};

struct cw_api_config { /* everything borrowed; outlives the api */
    struct cw_store *store;
    struct cw_catalog *catalog;
    struct cw_stock *stock;
    struct cw_preview *preview;
    struct cw_pool *pool;
    struct cw_mailbox *previews; /* of the loop that `preview` and `pool` belong to */
    const struct cw_signing_key *signing_key;
    struct cw_crew *solvers;    /* asks about rules that are not compiled */
    struct cw_crew *publishing; /* examines documents */
    struct cw_clock clock;
    const char *web_dir;     /* assets/web */
    const char *schemas_dir; /* for openapi.json */
    const char *docs_dir;    /* docs/reference, for the API page */
    struct cw_api_uploads *uploads;
    unsigned rate_limit;  /* requests per second of an address or key; 0: no limit */
    const char *cors;     /* origins that may call from a browser, separated by commas; "" none */
    bool tls;             /* addresses without base_url begin with https */
    const char *base_url; /* "https://shop.example", or "": pages use the request's Host, specs our
                             address */
    /* Check a document against schema, rules and installed art, and compile it. Any thread; blocks,
     * reads files. CW_E_INPUT with faults; the snapshot is the caller's. */
    enum cw_status (*examine)(void *ctx, struct cw_bytes document, struct cw_faults *faults,
                              struct cw_api_examined *examined, struct cw_error *err);
    /* Add an examined, stored product to the catalog, its art known to the previews. Any loop's
     * thread. */
    enum cw_status (*admit)(void *ctx, struct cw_snapshot *snapshot, struct cw_error *err);
    void *publish_ctx;
};

/* Reads the pages into memory. CW_E_IO, CW_E_NOT_FOUND when a page is missing. */
enum cw_status cw_api_shared_new(const struct cw_api_config *config,
                                 struct cw_api_shared **ret_shared,
                                 struct cw_error *err) CW_MUST_USE;
void cw_api_shared_free(struct cw_api_shared *shared); /* after every api of it; NULL is fine */

struct cw_api_loop {
    struct event_base *base; /* borrowed, as is the mailbox */
    struct cw_mailbox *mailbox;
};

/* One per loop; all of them before the first loop runs, as each knows the others. At most
 * CW_HTTP_LOOPS. Free with cw_api_free. */
enum cw_status cw_api_new(struct cw_api_shared *shared, const struct cw_api_loop *loop,
                          struct cw_api **ret_api, struct cw_error *err) CW_MUST_USE;
void cw_api_free(struct cw_api *api); /* NULL is fine; when no loop runs any more */

/* Where we listen, "http://host:port": what specs name when no base_url is configured. Before the
 * first loop runs. */
void cw_api_set_address(struct cw_api_shared *shared, const char *address);

/* Leases that ran out go back to the queue and waiting facilities, of whatever loop, are told; for
 * one loop to call every second or so. */
void cw_api_sweep(struct cw_api *api);

/* From now on /readyz says 503: the server is about to stop, but still takes requests. Any thread.
 */
void cw_api_leave(struct cw_api_shared *shared);

/* Answer what only waits for something to happen (long polls): the server is about to stop. In the
 * api's loop. */
void cw_api_drain(struct cw_api *api);

/*
 * No loop runs any more, the HTTP servers are gone, the renderer and the store go next. Gives up
 * what waits for a picture. Requests end as the mail is delivered: first that of the previews'
 * loop, while there are previews; then, when the store is gone, all that is left, before
 * cw_api_free.
 */
void cw_api_stop(struct cw_api *api);

/* For cw_http_config.before: a request without any key to a route that wants one is refused before
 * its body is read. */
bool cw_api_before(struct cw_request *req);

/* The route table; static. Give the api as the server's ctx. */
const struct cw_route *cw_api_routes(size_t *ret_count);
