/*
 * Responsible for: what every resource needs: bodies checked by schema, products by path,
 * languages, store jobs. Does not: know any resource. Server process, loop thread.
 */
#include "api/context.h"

#include <string.h>
#include <strings.h>

#include "base/digest.h"
#include "cordwain/limits.h"

/*
 * JSON knows no integers: 2.0 is 2 to the schema, but not to json_integer_value. Whole numbers that
 * a double holds exactly become integers, so that a value means the same however it was written.
 */
static json_t *whole(const json_t *value) {
    double number = json_real_value(value);
    bool exact = json_is_real(value) && number >= -9007199254740991.0 &&
                 number <= 9007199254740991.0 && number == (double)(json_int_t)number;
    return exact ? json_integer((json_int_t)number) : NULL;
}

static void make_whole(json_t *value) {
    const char *name;
    json_t *member, *number;
    size_t i;
    json_object_foreach(value, name, member) {
        number = whole(member);
        if (number) {
            json_object_set_new(value, name, number);
        } else {
            make_whole(member);
        }
    }
    json_array_foreach(value, i, member) {
        number = whole(member);
        if (number) {
            json_array_set_new(value, i, number);
        } else {
            make_whole(member);
        }
    }
}

bool api_is_type(struct cw_request *req, const char *type) {
    const char *field = cw_request_header(req, "Content-Type");
    size_t length = strlen(type);
    if (!field || strncasecmp(field, type, length) != 0) {
        return false;
    }
    field += length;
    field += strspn(field, " \t");
    return *field == '\0' || *field == ';';
}

json_t *api_body(struct cw_request *req, enum cw_builtin_schema schema) {
    struct cw_error err = {0};
    if (!api_is_type(req, "application/json")) {
        (void)cw_fail(&err, CW_E_INPUT, "http.media_type", "send Content-Type: application/json");
        cw_reply_problem(req, &err);
        return NULL;
    }
    json_t *body;
    if (cw_json_read(req->arena, (const char *)req->body.data, req->body.length, CW_JSON_BYTES,
                     &body, &err) != CW_OK) {
        cw_reply_problem(req, &err);
        return NULL;
    }
    struct cw_faults faults = {.arena = req->arena};
    if (cw_schema_validate(cw_schema_builtin(schema), body, NULL, &faults) != CW_OK) {
        cw_reply_faults(req, 422, "request.invalid", "Unprocessable request", &faults);
        return NULL;
    }
    make_whole(body);
    return body;
}

static void unref_blob(void *blob) {
    cw_blob_unref(blob);
}

void api_hold_blob(struct cw_request *req, struct cw_blob *take_blob) {
    cw_arena_defer(req->arena, unref_blob, take_blob);
}

void api_hold(struct cw_request *req, struct cw_snapshot *take_snapshot) {
    cw_snapshot_hold(req->arena, take_snapshot);
}

struct cw_snapshot *api_product(struct cw_request *req, const char *id, const char *version) {
    struct cw_error err = {0};
    struct cw_snapshot *snapshot;
    if (cw_catalog_get(api_of(req)->config.catalog, id, version, &snapshot, &err) != CW_OK) {
        cw_reply_problem(req, &err);
        return NULL;
    }
    api_hold(req, snapshot);
    return snapshot;
}

const struct cw_engine *api_engine(const struct cw_snapshot *snapshot) {
    return cw_snapshot_engine(snapshot);
}

int64_t api_now(const struct cw_request *req) {
    return cw_clock_now_ms(&api_of(req)->config.clock);
}

const char *api_member(const json_t *object, const char *name, const char *fallback) {
    const char *value = json_string_value(json_object_get(object, name));
    return value ? value : fallback;
}

const char *api_base_url(struct cw_request *req) {
    const char *configured = api_of(req)->config.base_url;
    if (*configured || !*req->host) { /* HTTP/1.0 names no host: addresses are then relative */
        return configured;
    }
    return cw_arena_printf(req->arena, "http%s://%s", api_of(req)->config.tls ? "s" : "",
                           req->host);
}

const char *api_spec_base_url(const struct cw_request *req) {
    const struct cw_api *api = api_of(req);
    return *api->config.base_url ? api->config.base_url : api->shared->address;
}

/* The product's language that a tag names, by its primary subtag: "fa-IR" finds "fa". */
static const char *match_locale(const struct cw_product *product, const char *tag, size_t length) {
    for (size_t i = 0; i < product->locale_count; i++) {
        const char *have = product->locales[i];
        size_t n = strlen(have);
        if (length >= n && strncasecmp(have, tag, n) == 0 && (length == n || tag[n] == '-')) {
            return have;
        }
    }
    return NULL;
}

/* The weight of a language range in thousandths (RFC 9110 §12.4.2): 1000 without one, 0 for a bad
 * one. */
static unsigned weight(const char *range, size_t length) {
    const char *q = memmem(range, length, ";q=", 3);
    if (!q) {
        q = memmem(range, length, "; q=", 4);
    }
    if (!q) {
        return 1000;
    }
    q += strcspn(q, "=") + 1;
    unsigned value = *q == '1' ? 1000 : 0, digit = 100;
    if (*q == '0' && q[1] == '.') {
        for (q += 2; *q >= '0' && *q <= '9' && digit > 0; q++, digit /= 10) {
            value += (unsigned)(*q - '0') * digit;
        }
    }
    return value;
}

/* The product's language that Accept-Language wants most; the earlier one of equals. */
static const char *accepted_locale(const struct cw_product *product, const char *header) {
    const char *best = NULL;
    unsigned best_weight = 0;
    while (header && *header) {
        header += strspn(header, " ,\t");
        size_t length = strcspn(header, ","), tag = strcspn(header, ",; \t");
        const char *found = match_locale(product, header, tag);
        unsigned w = weight(header, length);
        if (found && w > best_weight) {
            best = found;
            best_weight = w;
        }
        header += length;
    }
    return best;
}

const char *api_locale(struct cw_request *req, const struct cw_product *product, const char *wish) {
    const char *query = cw_request_query(req, "locale"), *found = NULL;
    if (wish && *wish) {
        found = match_locale(product, wish, strlen(wish));
    }
    if (!found && query) {
        found = match_locale(product, query, strlen(query));
    }
    if (!found && !query && !(wish && *wish)) {
        found = accepted_locale(product, cw_request_header(req, "Accept-Language"));
    }
    return found ? found : "en";
}

void api_reply(struct cw_request *req, int status, struct cw_buf *buf,
               const struct cw_header *headers) {
    struct cw_bytes body = {(const uint8_t *)buf->data, buf->length};
    cw_reply_json(req, status, body, headers);
}

void api_etag(struct cw_bytes content, char ret_etag[API_ETAG]) {
    uint8_t hash[32];
    cw_sha256(content.data, content.length, hash);
    ret_etag[0] = '"';
    cw_hex(hash, 16, ret_etag + 1);
    memcpy(ret_etag + API_ETAG - 2, "\"", 2);
}

void api_reply_tagged(struct cw_request *req, struct cw_bytes body) {
    char etag[API_ETAG];
    api_etag(body, etag);
    if (!cw_reply_precondition(req, etag)) {
        cw_reply_json(req, 200, body, (const struct cw_header[]){{"ETag", etag}, {NULL, NULL}});
    }
}

/* ---- store jobs ------------------------------------------------------------------------------ */

struct api_job *api_job_new(struct cw_request *req, api_txn_fn run, api_done_fn done, void *data) {
    struct api_job *job = cw_arena_alloc(req->arena, sizeof *job);
    *job =
        (struct api_job){.req = req, .arena = req->arena, .run = run, .done = done, .data = data};
    return job;
}

static enum cw_status job_run(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct api_job *job = arg;
    return job->run(txn, job, err);
}

static void job_failed(struct api_job *job, const struct cw_error *err) {
    job->error = *err;
    if (!job->failed || !job->failed(job)) {
        cw_reply_problem(job->req, &job->error);
    }
}

static void job_done(void *arg, enum cw_status status, const struct cw_error *err) {
    struct api_job *job = arg;
    if (api_of(job->req)->stopped) {
        struct cw_error stopped = {0};
        (void)cw_fail(&stopped, CW_E_BUSY, "store.stopping", "the server is shutting down");
        job_failed(job, &stopped);
        return;
    }
    if (status == CW_OK) {
        job->done(job);
        return;
    }
    struct cw_error error = *err;
    if (error.status == CW_OK) {
        (void)cw_fail(&error, status, "store.failed", "the store failed");
    }
    job_failed(job, &error);
}

void api_read(struct api_job *job) {
    struct cw_api *api = api_of(job->req);
    struct cw_error err = {0};
    if (api->config.store->ops->read(api->config.store, job_run, job_done, job, api->mailbox,
                                     &err) != CW_OK) {
        job_failed(job, &err);
    }
}

void api_write(struct api_job *job) {
    struct cw_api *api = api_of(job->req);
    struct cw_error err = {0};
    if (api->config.store->ops->write(api->config.store, job_run, job_done, job, api->mailbox,
                                      &err) != CW_OK) {
        job_failed(job, &err);
    }
}

/* ---- crews ----------------------------------------------------------------------------------- */

static void work_run(void *arg) {
    const struct api_work *work = arg;
    work->run(work->arg);
}

static void work_failed(const struct api_work *work, const struct cw_error *err) {
    if (work->failed) {
        work->failed(work->arg);
    } else {
        cw_reply_problem(work->req, err);
    }
}

static void work_done(void *arg) {
    const struct api_work *work = arg;
    struct cw_error err = {0};
    if (api_of(work->req)->stopped) { /* the crew may not have begun it */
        (void)cw_fail(&err, CW_E_BUSY, "crew.stopping", "the server is shutting down");
        work_failed(work, &err);
        return;
    }
    work->done(work->arg);
}

void api_work(const struct api_work *work) {
    struct api_work *kept = cw_arena_alloc(work->req->arena, sizeof *kept);
    struct cw_error err = {0};
    *kept = *work;
    const struct cw_crew_job job = {work_run, work_done, kept, api_of(work->req)->mailbox};
    if (cw_crew_push(work->crew, &job, &err) != CW_OK) {
        work_failed(kept, &err);
    }
}
