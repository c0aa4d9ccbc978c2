/*
 * Responsible for: start-up and shut-down of the server process, and what joins its parts. Does
 * not: answer requests (api), follow the store (discover) or decide anything. Server process.
 */
#include "app/serve.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "app/art.h"
#include "app/demo.h"
#include "app/descriptors.h"
#include "app/discover.h"
#include "app/loops.h"
#include "app/picture_sweep.h"
#include "app/publish.h"
#include "app/rules_late.h"
#include "app/systemd.h"
#include "app/uploads.h"
#include "base/clock.h"
#include "base/crew.h"
#include "base/file.h"
#include "cordwain/limits.h"
#include "http/tls.h"
#include "preview/sync.h"
#include "store/store_sqlite.h"

#define CW_LOG_MODULE "app"
#include "base/log.h"

#define CATALOG_POLL_S                                                                             \
    1 /* how soon a product published by the command line, or the end of a lease, is seen */
#define DRAIN_MS          15000 /* what is in flight at SIGTERM gets this long */
#define RENDERER_START_MS 30000

struct server {
    const struct cw_config *config;
    const struct cw_paths *paths;
    struct cw_loops *loops;
    struct cw_store *store;
    struct cw_catalog *catalog;
    struct cw_stock *stock;
    struct cw_pool *pool;
    struct cw_preview *preview;
    struct cw_signing_key *signing_key;
    struct cw_rules_effort effort;
    struct cw_crew *solvers, *publishing;
    struct cw_api_uploads uploads;
    struct cw_late *late;
    struct cw_discover *discover;
    struct cw_sweeper *sweeper; /* NULL: pictures are kept for ever */
    struct cw_api_shared *shared;
    struct cw_http_tls *tls;
    struct cw_inherited inherited;
    struct event *terminate, *interrupt, *poll, *leave;
    bool leaving;
};

/* ---- products -------------------------------------------------------------------------------- */

static enum cw_status admit(void *ctx, struct cw_snapshot *snapshot, struct cw_error *err) {
    struct server *server = ctx;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const char *digest = cw_snapshot_product(snapshot)->art_digest;
    enum cw_status status = cw_preview_add_pack(
        server->preview, digest, cw_art_pack_path(arena, server->paths, digest), err);
    if (status == CW_OK) {
        status = cw_catalog_add(server->catalog, snapshot, err);
    }
    if (status == CW_OK) {
        cw_late_try(server->late, snapshot);
    }
    return status;
}

static void compiled_late(void *ctx, struct cw_snapshot *snapshot) {
    (void)cw_catalog_replace(((struct server *)ctx)->catalog, snapshot);
}

static enum cw_status examine(void *ctx, struct cw_bytes document, struct cw_faults *faults,
                              struct cw_api_examined *ret, struct cw_error *err) {
    struct server *server = ctx;
    struct cw_examining examining = {server->paths, &server->effort, server->store, document};
    struct cw_examined examined;
    enum cw_status status = cw_examine(&examining, faults, &examined, err);
    if (status == CW_OK) {
        ret->snapshot = examined.snapshot;
        ret->rules = examined.rules;
    }
    return status;
}

static enum cw_status load(void *ctx, const struct cw_product_row *row,
                           struct cw_snapshot **ret_snapshot, struct cw_error *err) {
    struct server *server = ctx;
    return cw_admit_row(server->paths, &server->effort, row, ret_snapshot, err);
}

static void every_second(evutil_socket_t fd, short what, void *arg) {
    (void)fd;
    (void)what;
    struct server *server = arg;
    cw_api_sweep(cw_loops_api(server->loops));
    cw_discover_turn(server->discover);
    cw_rules_rest(server->catalog);
    cw_sweeper_turn(server->sweeper);
}

/* ---- loop ------------------------------------------------------------------------------------ */

static void delay_over(evutil_socket_t fd, short what, void *arg) {
    (void)fd;
    (void)what;
    cw_loops_drain(((struct server *)arg)->loops, DRAIN_MS);
}

/*
 * First nobody is sent here any more (readiness), then nobody can come (listening ends), then those
 * who are here are served to the end. A second signal ends the wait between the first two.
 */
static void stop(evutil_socket_t signal_number, short what, void *arg) {
    (void)what;
    struct server *server = arg;
    unsigned delay_ms = server->leaving ? 0 : server->config->drain_delay_ms;
    struct timeval delay = {delay_ms / 1000, delay_ms % 1000 * 1000};
    cw_log_info("stop", "signal=%d", (int)signal_number);
    if (!server->leaving) {
        server->leaving = true;
        cw_api_leave(server->shared); /* first: whoever is told may ask another loop at once */
        cw_systemd_notify("STOPPING=1");
    }
    if (delay_ms == 0 || event_add(server->leave, &delay) != 0) {
        cw_loops_drain(server->loops, DRAIN_MS);
    }
}

static enum cw_status add_events(struct server *server, struct cw_error *err) {
    struct event_base *base = cw_loops_base(server->loops);
    struct timeval every = {CATALOG_POLL_S, 0};
    server->terminate = evsignal_new(base, SIGTERM, stop, server);
    server->interrupt = evsignal_new(base, SIGINT, stop, server);
    server->poll = event_new(base, -1, EV_PERSIST, every_second, server);
    server->leave = evtimer_new(base, delay_over, server);
    if (!server->terminate || !server->interrupt || !server->poll || !server->leave ||
        event_add(server->terminate, NULL) || event_add(server->interrupt, NULL) ||
        event_add(server->poll, &every)) {
        return cw_fail(err, CW_E_NOMEM, "app.events", "cannot set up the event loop");
    }
    return CW_OK;
}

/* ---- start ----------------------------------------------------------------------------------- */

static enum cw_status start_previews(struct server *server, struct cw_error *err) {
    struct cw_pool_config pool = {.renderer = server->paths->renderer,
                                  .fonts = server->paths->fonts,
                                  .workers = server->config->workers};
    enum cw_status status = cw_pool_new(cw_loops_base(server->loops), &pool, &server->pool, err);
    struct cw_cache *shared = NULL;
    if (status == CW_OK && *server->config->redis) {
        struct cw_redis_config redis = {.url = server->config->redis};
        status = cw_key_file(server->paths, "cache.key", redis.mac_key, err);
        if (status == CW_OK) {
            status = cw_cache_redis_new(cw_loops_base(server->loops), &redis, &shared, err);
        }
    }
    if (status == CW_OK) {
        struct cw_preview_config preview = {
            .pool = server->pool, .take_cache = shared, .pictures = server->paths->artworks};
        server->preview = cw_preview_new(&preview);
        status = server->preview ? CW_OK : cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    return status;
}

static enum cw_status start_crews(struct server *server, struct cw_error *err) {
    struct cw_crew_config solvers = {.threads = CW_RULES_ASK_THREADS,
                                     .waiting = CW_RULES_ASK_QUEUE},
                          publishing = {.threads = 1, .waiting = CW_PUBLISH_QUEUE};
    struct cw_late_config late = {.paths = server->paths,
                                  .retry_ms = server->config->rules_retry_ms,
                                  .mailbox = cw_loops_mailbox(server->loops),
                                  .compiled = compiled_late,
                                  .ctx = server};
    struct cw_discover_config discover = {.store = server->store,
                                          .catalog = server->catalog,
                                          .stock = server->stock,
                                          .mailbox = cw_loops_mailbox(server->loops),
                                          .load = load,
                                          .admit = admit,
                                          .ctx = server};
    enum cw_status status = cw_crew_new(&solvers, &server->solvers, err);
    if (status == CW_OK) {
        status = cw_crew_new(&publishing, &server->publishing, err);
    }
    if (status == CW_OK) {
        status = cw_uploads_open(server->config, server->paths, &server->uploads, err);
    }
    if (status == CW_OK) {
        status = cw_late_new(&late, &server->late, err);
    }
    const struct cw_picture_sweep sweep = {.store = server->store,
                                           .folder = server->paths->artworks,
                                           .keep_ms = server->config->artworks_days * CW_DAY_MS};
    if (status == CW_OK && server->config->artworks_days > 0) {
        status = cw_sweeper_new(&sweep, cw_loops_mailbox(server->loops), &server->sweeper, err);
    }
    return status == CW_OK ? cw_discover_new(&discover, &server->discover, err) : status;
}

static enum cw_status start_http(struct server *server, struct cw_error *err) {
    struct cw_api_config api = {.store = server->store,
                                .catalog = server->catalog,
                                .stock = server->stock,
                                .preview = server->preview,
                                .pool = server->pool,
                                .signing_key = server->signing_key,
                                .previews = cw_loops_mailbox(server->loops),
                                .solvers = server->solvers,
                                .publishing = server->publishing,
                                .clock = cw_clock_system,
                                .web_dir = server->paths->web,
                                .schemas_dir = server->paths->schemas,
                                .docs_dir = server->paths->docs,
                                .tls = server->tls != NULL,
                                .base_url = server->config->base_url,
                                .cors = server->config->cors,
                                .uploads = &server->uploads,
                                .rate_limit = server->config->rate_limit,
                                .examine = examine,
                                .admit = admit,
                                .publish_ctx = server};
    struct cw_http_config http = {.host = server->config->host,
                                  .take_socket = server->inherited.fd,
                                  .tls = server->tls,
                                  .port = (uint16_t)server->config->port,
                                  .access_log = server->config->access_log,
                                  .hosts = server->config->hosts,
                                  .before = cw_api_before,
                                  .limits.connections = cw_connections_allowed(),
                                  .clock = cw_clock_system};
    http.routes = cw_api_routes(&http.route_count);
    enum cw_status status = cw_api_shared_new(&api, &server->shared, err);
    return status == CW_OK ? cw_loops_listen(server->loops, server->shared, &http, err) : status;
}

static enum cw_status start(struct server *server, bool demo, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    unsigned loops = server->config->loops ? server->config->loops : cw_loops_per_core();
    server->catalog = cw_catalog_new();
    server->stock = cw_stock_new();
    if (!server->catalog || !server->stock) {
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    enum cw_status status = cw_loops_new(loops, &server->loops, err);
    if (status == CW_OK) {
        status =
            cw_store_sqlite_open(server->paths->database, &cw_clock_system, &server->store, err);
    }
    if (status == CW_OK) {
        const char *path = cw_arena_printf(arena, "%s/signing.json", server->paths->keys);
        status = cw_signing_key_open(path, &server->signing_key, err);
    }
    if (status == CW_OK && demo) {
        status = cw_demo_seed(server->paths, &server->effort, server->store, err);
    }
    if (status == CW_OK) {
        status = start_crews(server, err);
    }
    if (status == CW_OK) {
        status = start_previews(server, err);
    }
    if (status == CW_OK) {
        status = cw_discover_now(server->discover, err);
    }
    if (status == CW_OK && cw_discover_refused(server->discover) == 0) {
        (void)cw_rules_sweep(server->paths, server->catalog, cw_clock_now_ms(&cw_clock_system));
    } /* else what a refused version needs is not known */
    if (status == CW_OK) {
        status =
            cw_sync_wait_ready(cw_loops_base(server->loops), server->pool, RENDERER_START_MS, err);
    }
    if (status == CW_OK) {
        status = start_http(server, err);
    }
    return status == CW_OK ? add_events(server, err) : status;
}

static void free_event(struct event *event) {
    if (event) {
        event_free(event);
    }
}

/*
 * No loop runs any more. The order matters: requests first, then what they wait for, then what that
 * stands on. The mail is delivered while there are previews to give up what waits for them, and
 * once more when crews and store have ended, whose answers release the other requests.
 */
static void finish(struct server *server) {
    cw_loops_close(server->loops);
    cw_http_tls_free(server->tls);
    cw_loops_deliver(server->loops);
    cw_preview_free(server->preview);
    cw_late_stop(server->late);
    if (server->effort.cancel_fd > 0) {
        (void)!eventfd_write(server->effort.cancel_fd, 1); /* what is being compiled is given up */
    }
    cw_crew_free(server->solvers);
    cw_crew_free(server->publishing);
    cw_discover_stop(server->discover);
    cw_uploads_close(&server->uploads);
    cw_sweeper_stop(server->sweeper);
    if (server->effort.cancel_fd > 0) {
        close(server->effort.cancel_fd);
    }
    if (server->store) {
        server->store->ops->free(server->store);
    }
    cw_loops_deliver(server->loops);
    cw_late_free(server->late);
    cw_discover_free(server->discover);
    cw_sweeper_free(server->sweeper);
    cw_pool_free(server->pool);
    cw_signing_key_free(server->signing_key);
    cw_catalog_free(server->catalog);
    cw_stock_free(server->stock);
    free_event(server->terminate);
    free_event(server->interrupt);
    free_event(server->poll);
    free_event(server->leave);
    cw_loops_free(server->loops);
    cw_api_shared_free(server->shared);
}

/* Before any product is loaded: what an operator wrote wrongly is told at once. */
static enum cw_status open_edge(struct server *server, struct cw_error *err) {
    enum cw_status status = cw_systemd_listening(&server->inherited, err);
    if (status == CW_OK && *server->config->tls_cert) {
        status =
            cw_http_tls_new(server->config->tls_cert, server->config->tls_key, &server->tls, err);
    }
    return status;
}

static void write_address(const struct server *server, char address[80]) {
    const char *host = server->inherited.fd > 0 ? server->inherited.host : server->config->host;
    bool v6 = strchr(host, ':') != NULL;
    snprintf(address, 80, "http%s://%s%s%s:%u", server->tls ? "s" : "", v6 ? "[" : "", host,
             v6 ? "]" : "", cw_loops_port(server->loops));
}

static void announce(const struct server *server, const char *address) {
    printf("ready %s\n", address);
    fflush(stdout);
    if (!*server->config->base_url) {
        cw_log_warn("base_url",
                    "specs_name=%s hint=\"set --base-url when factories are elsewhere\"", address);
    }
    cw_log_info("ready", "port=%u", cw_loops_port(server->loops));
    cw_systemd_notify("READY=1");
}

static enum cw_status run(struct server *server, struct cw_error *err) {
    char address[80];
    write_address(server, address);
    cw_api_set_address(server->shared, address);
    enum cw_status status = cw_loops_start(server->loops, err);
    if (status == CW_OK) {
        announce(server, address);
        cw_loops_run(server->loops);
    }
    return status;
}

enum cw_status cw_serve(const struct cw_config *config, const struct cw_paths *paths, bool demo,
                        struct cw_error *err) {
    struct server server = {.config = config,
                            .paths = paths,
                            .effort = {.compile_ms = config->rules_compile_ms,
                                       .diagnose_ms = CW_DIAGNOSE_PUBLISH_MS,
                                       .cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)}};
    signal(SIGPIPE, SIG_IGN); /* a client that went away is an error code, not a death */
    enum cw_status status = open_edge(&server, err);
    if (status == CW_OK) {
        status = start(&server, demo, err);
    }
    if (status == CW_OK) {
        status = run(&server, err);
    }
    finish(&server);
    return status;
}
