/*
 * Responsible for: leases with long polling, and the desk's list of specs.
 * Does not: the protocol itself (manufacturing/facility). Server process, loop thread; transactions
 * on the store's.
 */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "api/context.h"
#include "api/facility.h"
#include "base/clock.h"
#include "cordwain/limits.h"
#include "cordwain/states.h"
#include "orders/state.h"

/* "specs:pull:<facility>" or admin; answers 403 otherwise. */
bool api_may_pull(struct cw_request *req, const char *facility) {
    const char *scope = cw_arena_printf(req->arena, "specs:pull:%s", facility);
    if (api_has_scope(api_scopes(req), scope)) {
        return true;
    }
    struct cw_error err = {0};
    (void)cw_fail(&err, CW_E_INPUT, "auth.scope", "this key lacks the scope '%s'", scope);
    cw_reply_problem(req, &err);
    return false;
}

const char *api_own_facility(struct cw_request *req) {
    const char *scopes = api_scopes(req), *found = strstr(scopes, "specs:pull:");
    if (api_has_scope(scopes, "admin") || !found) {
        return "";
    }
    found += strlen("specs:pull:");
    return cw_arena_strndup(req->arena, found, strcspn(found, " "));
}

void api_facility_call(struct cw_txn *txn, struct api_job *job, struct cw_facility_call *ret_call) {
    *ret_call =
        (struct cw_facility_call){txn, job->arena, api_now(job->req), cw_order_refresh_state};
}

/* ---- leases ---------------------------------------------------------------------------------- */

/* A request that found the queue empty and waits for the next spec or for its time to end. */
struct waiter {
    struct waiter *next;
    struct cw_request *req;
    struct cw_lease_request request;
    struct cw_lease *leases;
    size_t count;
    int64_t until_ms; /* monotonic */
    struct event *timer;
    struct api_job job; /* the attempt under way; its arena is its own */
};

static void write_lease(struct cw_json_writer *w, const struct cw_lease *lease,
                        struct cw_arena *arena) {
    char until[CW_TIME_TEXT];
    cw_time_rfc3339(lease->lease_until_ms, until);
    cw_jw_begin(w, NULL, '{');
    cw_jw_str(w, "specId", lease->spec_id);
    cw_jw_int(w, "revision", lease->revision);
    cw_jw_str(w, "leaseId", lease->lease_id);
    cw_jw_int(w, "fence", lease->fence);
    cw_jw_str(w, "leaseUntil", until);
    cw_jw_str(w, "digest", lease->digest);
    cw_jw_str(w, "url", cw_arena_printf(arena, "/v1/specs/%s", lease->spec_id));
    cw_jw_end(w, '}');
}

static void reply_leases(struct waiter *waiter) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    cw_jw_begin(&w, NULL, '{');
    cw_jw_begin(&w, "leases", '[');
    for (size_t i = 0; i < waiter->count; i++) {
        write_lease(&w, &waiter->leases[i], waiter->req->arena);
    }
    cw_jw_end(&w, ']');
    cw_jw_end(&w, '}');
    api_reply(waiter->req, 200, &buf, NULL);
}

static enum cw_status grant(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct waiter *waiter = job->data;
    struct cw_facility_call call;
    api_facility_call(txn, job, &call);
    return cw_facility_lease(&call, &waiter->request, &waiter->leases, &waiter->count, err);
}

static void granted(struct api_job *job);

static void free_arena(void *arena) {
    cw_arena_free(arena);
}

static bool attempt_failed(struct api_job *job) {
    cw_arena_free(job->arena);
    return false;
}

/* A waiter may be woken thousands of times: what an attempt leaves behind goes with it. */
static void try_lease(struct waiter *waiter) {
    waiter->job = (struct api_job){.req = waiter->req,
                                   .arena = cw_arena_new(),
                                   .run = grant,
                                   .done = granted,
                                   .failed = attempt_failed,
                                   .data = waiter};
    api_write(&waiter->job);
}

static void unlink_waiter(struct waiter *waiter) {
    for (struct waiter **p = &api_of(waiter->req)->waiters; *p; p = &(*p)->next) {
        if (*p == waiter) {
            *p = waiter->next;
            break;
        }
    }
    if (waiter->timer) {
        event_free(waiter->timer);
        waiter->timer = NULL;
    }
    cw_request_on_cancel(waiter->req, NULL, NULL);
}

static void wait_over(evutil_socket_t fd, short what, void *arg) {
    (void)fd;
    (void)what;
    struct waiter *waiter = arg;
    unlink_waiter(waiter);
    reply_leases(waiter);
}

static void wait_cancelled(void *arg) {
    wait_over(-1, 0, arg);
}

static void granted(struct api_job *job) {
    struct waiter *waiter = job->data;
    struct cw_api *api = api_of(job->req);
    if (waiter->count > 0) { /* the leases lie in it */
        cw_arena_defer(job->req->arena, free_arena, job->arena);
    } else {
        cw_arena_free(job->arena);
    }
    int64_t left = waiter->until_ms - cw_clock_monotonic_ms(&api->config.clock);
    if (waiter->count > 0 || left <= 0 || api->draining || cw_request_cancelled(job->req)) {
        reply_leases(waiter);
        return;
    }
    struct timeval wait = {(time_t)(left / 1000), (suseconds_t)(left % 1000 * 1000)};
    waiter->timer = event_new(api->base, -1, 0, wait_over, waiter);
    if (!waiter->timer || event_add(waiter->timer, &wait) != 0) {
        reply_leases(waiter);
        return;
    }
    waiter->next = api->waiters;
    api->waiters = waiter;
    cw_request_on_cancel(job->req, wait_cancelled, waiter);
}

static void wake_here(struct cw_api *api, const char *facility) {
    struct waiter *list = api->waiters;
    while (list) {
        struct waiter *waiter = list;
        list = list->next;
        if (facility && strcmp(facility, waiter->request.facility_id) != 0) {
            continue;
        }
        unlink_waiter(waiter);
        try_lease(waiter);
    }
}

struct wake {
    struct cw_api *api;
    char *facility; /* NULL: all */
};

static void woken(void *arg) {
    struct wake *wake = arg;
    if (!wake->api->stopped) {
        wake_here(wake->api, wake->facility);
    }
    free(wake->facility);
    free(wake);
}

static void wake_there(struct cw_api *api, const char *facility) {
    struct wake *wake = malloc(sizeof *wake);
    char *copy = facility ? strdup(facility) : NULL;
    if (!wake || (facility && !copy)) {
        abort(); /* as mailboxes do: a waiter would not hear of its work */
    }
    *wake = (struct wake){api, copy};
    cw_mailbox_post(api->mailbox, woken, wake);
}

/*
 * The other loops are told even when nobody waits there yet: an attempt that found nothing before
 * this spec was stored may still be on its way back, but lies before this mail in the mailbox.
 */
void api_facility_wake(struct cw_api *api, const char *facility) {
    const struct cw_api_shared *shared = api->shared;
    wake_here(api, facility);
    for (unsigned i = 0; i < shared->loop_count; i++) {
        if (shared->loops[i] != api) {
            wake_there(shared->loops[i], facility);
        }
    }
}

void api_facility_free(struct cw_api *api) {
    while (api->waiters) {
        wait_over(-1, 0, api->waiters);
    }
}

/* ---- leases that ran out --------------------------------------------------------------------- */

struct sweep {
    struct cw_api *api;
    struct cw_arena *arena;
    int64_t now_ms;
    size_t expired;
};

/* Looks before it writes through the protocol, so that an idle server only reads. */
static enum cw_status count_expired(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct sweep *sweep = arg;
    struct cw_spec_row *rows;
    return txn->ops->spec_expired(txn, sweep->arena, sweep->now_ms, &rows, &sweep->expired, err);
}

static enum cw_status expire(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct sweep *sweep = arg;
    struct cw_facility_call call = {txn, sweep->arena, sweep->now_ms, cw_order_refresh_state};
    return cw_facility_expire(&call, err);
}

static void end_sweep(struct sweep *sweep) {
    sweep->api->sweeping = false;
    cw_arena_free(sweep->arena); /* holds `sweep` too */
}

static void expired(void *arg, enum cw_status status, const struct cw_error *err) {
    struct sweep *sweep = arg;
    struct cw_api *api = sweep->api;
    (void)err; /* the next sweep tries again */
    end_sweep(sweep);
    if (status == CW_OK && !api->stopped) {
        api_facility_wake(api, NULL);
    }
}

static void counted(void *arg, enum cw_status status, const struct cw_error *err) {
    struct sweep *sweep = arg;
    const struct cw_api_config *config = &sweep->api->config;
    (void)err;
    if (status != CW_OK || sweep->expired == 0 || sweep->api->stopped ||
        config->store->ops->write(config->store, expire, expired, sweep, sweep->api->mailbox,
                                  NULL) != CW_OK) {
        end_sweep(sweep);
    }
}

void cw_api_sweep(struct cw_api *api) {
    if (api->sweeping) {
        return;
    }
    struct cw_arena *arena = cw_arena_new();
    struct sweep *sweep = cw_arena_alloc(arena, sizeof *sweep);
    *sweep = (struct sweep){api, arena, cw_clock_now_ms(&api->config.clock), 0};
    api->sweeping = true;
    if (api->config.store->ops->read(api->config.store, count_expired, counted, sweep, api->mailbox,
                                     NULL) != CW_OK) {
        end_sweep(sweep);
    }
}

static int64_t date_ms(const char *text) {
    char day[11];
    if (strlen(text) < 10) {
        return 0;
    }
    memcpy(day, text, 10);
    day[10] = '\0';
    int64_t days = cw_date_days(day);
    return days == INT64_MIN ? 0 : (days + 1) * CW_DAY_MS;
}

static void lease(struct cw_request *req) {
    const char *facility = cw_request_param(req, "facility");
    json_t *body = api_may_pull(req, facility) ? api_body(req, CW_SCHEMA_LEASE_REQUEST) : NULL;
    if (!body) {
        return;
    }
    struct waiter *waiter = cw_arena_alloc(req->arena, sizeof *waiter);
    waiter->req = req;
    waiter->request = (struct cw_lease_request){
        .facility_id = facility,
        .work_centre = api_member(body, "workCentre", ""),
        .ship_before_ms = date_ms(api_member(body, "shipBefore", "")),
        .max = (int32_t)json_integer_value(json_object_get(body, "max")),
        .lease_s = (int32_t)json_integer_value(json_object_get(body, "leaseSeconds"))};
    waiter->until_ms = cw_clock_monotonic_ms(&api_of(req)->config.clock) +
                       json_integer_value(json_object_get(body, "waitSeconds")) * 1000;
    try_lease(waiter);
}

void api_leases_post(struct cw_request *req) {
    api_authorise(req, "specs:pull", lease);
}

/* ---- renew, release -------------------------------------------------------------------------- */

struct change {
    struct cw_lease_change change;
    struct cw_lease lease;
};

static struct api_job *change_job(struct cw_request *req, const json_t *body, api_txn_fn run,
                                  api_done_fn done) {
    struct change *c = cw_arena_alloc(req->arena, sizeof *c);
    c->change = (struct cw_lease_change){
        .facility_id = api_own_facility(req),
        .lease_id = cw_request_param(req, "lease"),
        .fence = json_integer_value(json_object_get(body, "fence")),
        .lease_s = (int32_t)json_integer_value(json_object_get(body, "leaseSeconds")),
        .reason = api_member(body, "reason", "")};
    return api_job_new(req, run, done, c);
}

static enum cw_status renew_txn(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct change *c = job->data;
    struct cw_facility_call call;
    api_facility_call(txn, job, &call);
    return cw_facility_renew(&call, &c->change, &c->lease, err);
}

static void renewed(struct api_job *job) {
    struct change *c = job->data;
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    write_lease(&w, &c->lease, job->arena);
    api_reply(job->req, 200, &buf, NULL);
}

static void renew(struct cw_request *req) {
    json_t *body = api_body(req, CW_SCHEMA_LEASE_RENEW_REQUEST);
    if (body) {
        api_write(change_job(req, body, renew_txn, renewed));
    }
}

void api_leases_renew(struct cw_request *req) {
    api_authorise(req, "specs:pull", renew);
}

static enum cw_status release_txn(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct change *c = job->data;
    struct cw_facility_call call;
    api_facility_call(txn, job, &call);
    return cw_facility_release(&call, &c->change, err);
}

static void released(struct api_job *job) {
    api_facility_wake(api_of(job->req), NULL);
    cw_reply_json(job->req, 200, cw_bytes_of("{\"state\":\"queued\"}"), NULL);
}

static void release(struct cw_request *req) {
    json_t *body = api_body(req, CW_SCHEMA_LEASE_RELEASE_REQUEST);
    if (body) {
        api_write(change_job(req, body, release_txn, released));
    }
}

void api_leases_release(struct cw_request *req) {
    api_authorise(req, "specs:pull", release);
}
