/*
 * Responsible for: /healthz, /readyz and the public keys.
 * Does not: metrics. Server process, loop thread.
 */
#include "api/context.h"

void api_health(struct cw_request *req) {
    const char *text =
        cw_arena_printf(req->arena, "{\"status\":\"ok\",\"loop\":%u}", api_of(req)->number);
    cw_reply_json(req, 200, cw_bytes_of(text), NULL);
}

/* An empty write transaction shows that the writer thread runs and the disk takes it. */
static enum cw_status touch(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    (void)txn;
    (void)job;
    (void)err;
    return CW_OK;
}

struct counted {
    struct cw_request *req;
    struct cw_preview_stats stats;
};

static void reply_ready(void *arg) {
    const struct counted *counted = arg;
    const struct cw_preview_stats stats = counted->stats;
    struct cw_request *req = counted->req;
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    bool up = stats.pool.workers_up > 0;
    cw_jw_begin(&w, NULL, '{');
    cw_jw_str(&w, "status", up ? "ok" : "unavailable");
    cw_jw_str(&w, "store", "ok");
    cw_jw_int(&w, "loops", api_of(req)->shared->loop_count);
    cw_jw_int(&w, "workers", stats.pool.workers_up);
    cw_jw_str(&w, "sharedCache", stats.shared.up ? "ok" : "none or degraded");
    cw_jw_begin(&w, "previews", '{');
    cw_jw_int(&w, "requests", (int64_t)stats.requests);
    cw_jw_int(&w, "memoryHits", (int64_t)stats.memory_hits);
    cw_jw_int(&w, "sharedHits", (int64_t)stats.shared_hits);
    cw_jw_int(&w, "renders", (int64_t)stats.renders);
    cw_jw_int(&w, "joins", (int64_t)stats.joins);
    cw_jw_int(&w, "failures", (int64_t)stats.failures);
    cw_jw_end(&w, '}');
    cw_jw_end(&w, '}');
    api_reply(req, up ? 200 : 503, &buf, NULL);
}

/* In the previews' loop. */
static void count(void *arg) {
    struct counted *counted = arg;
    struct cw_api *api = api_of(counted->req);
    cw_preview_stats(api->config.preview, &counted->stats);
    api_from_previews(api, reply_ready, counted);
}

static void stored(struct api_job *job) {
    struct counted *counted = cw_arena_alloc(job->req->arena, sizeof *counted);
    counted->req = job->req;
    api_to_previews(api_of(job->req), count, counted);
}

void api_ready(struct cw_request *req) {
    if (atomic_load(&api_of(req)->shared->leaving)) {
        struct cw_error err = {0};
        (void)cw_fail(&err, CW_E_BUSY, "server.stopping", "the server is about to stop");
        cw_reply_problem(req, &err);
        return;
    }
    api_write(api_job_new(req, touch, stored, NULL));
}

void api_keys_get(struct cw_request *req) {
    char *jwks = cw_signing_jwks(req->arena, api_of(req)->config.signing_key);
    (void)!cw_reply_header(req, "Cache-Control", "public, max-age=300", NULL);
    cw_reply_json(req, 200, cw_bytes_of(jwks), NULL);
}
