/*
 * Responsible for: reading specs, their history and artwork, status events, the desk's list.
 * Does not: decide moves (manufacturing/facility). Server process, loop thread.
 */
#include <stdlib.h>
#include <string.h>

#include "api/facility.h"
#include "cordwain/limits.h"
#include "cordwain/states.h"
#include "manufacturing/transitions.h"

struct spec_reading {
    const char *id;
    const char *facility;
    int32_t revision;
    struct cw_spec_row row;
    struct cw_event_row *events;
    size_t event_count;
};

static enum cw_status not_found(struct cw_error *err) {
    if (err) {
        *err = (struct cw_error){0};
    }
    return cw_fail(err, CW_E_NOT_FOUND, "spec.not_found", "no spec of this facility has this id");
}

static enum cw_status read_spec(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct spec_reading *r = job->data;
    enum cw_status status = txn->ops->spec_get(txn, job->arena, r->id, r->revision, &r->row, err);
    if (status == CW_E_NOT_FOUND ||
        (status == CW_OK && *r->facility && strcmp(r->facility, r->row.facility_id) != 0)) {
        return not_found(err);
    }
    return status == CW_OK
               ? txn->ops->event_list(txn, job->arena, r->id, &r->events, &r->event_count, err)
               : status;
}

/* 0: the newest; -1, which no spec has: what is no revision. */
static int32_t parse_revision(const char *text) {
    if (!text) {
        return 0;
    }
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 9 || text[digits] || text[0] == '0') {
        return -1;
    }
    return (int32_t)strtol(text, NULL, 10);
}

static struct spec_reading *reading(struct cw_request *req) {
    struct spec_reading *r = cw_arena_alloc(req->arena, sizeof *r);
    r->id = cw_request_param(req, "id");
    r->facility = api_own_facility(req);
    r->revision = parse_revision(cw_request_query(req, "revision"));
    return r;
}

/* ---- the document ---------------------------------------------------------------------------- */

/* RFC 9530 wants the hash of the bytes sent, in base64 with padding. */
static char *content_digest(struct cw_arena *arena, const struct cw_spec_row *row) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t hash[33] = {0};
    cw_sha256(row->document, row->document_length, hash);
    char text[45];
    for (size_t i = 0, o = 0; i < 33; i += 3, o += 4) {
        uint32_t bits = (uint32_t)hash[i] << 16 | (uint32_t)hash[i + 1] << 8 | hash[i + 2];
        for (size_t k = 0; k < 4; k++) {
            text[o + k] = digits[bits >> (18 - 6 * k) & 63];
        }
    }
    text[43] = '=';
    text[44] = '\0';
    return cw_arena_printf(arena, "sha-256=:%s:", text);
}

static void spec_read(struct api_job *job) {
    struct spec_reading *r = job->data;
    struct cw_request *req = job->req;
    char *etag = cw_arena_printf(req->arena, "\"%s\"", r->row.digest);
    (void)!cw_reply_header(req, "Cache-Control", "private, no-cache", NULL);
    if (cw_reply_precondition(req, etag)) {
        return;
    }
    const struct cw_header headers[] = {
        {"ETag", etag}, {"Content-Digest", content_digest(req->arena, &r->row)}, {NULL, NULL}};
    struct cw_bytes body = {(const uint8_t *)r->row.document, r->row.document_length};
    cw_reply_bytes(req, 200, "application/vnd.cordwain.build-spec+json", body, headers);
}

static void get_spec(struct cw_request *req) {
    api_read(api_job_new(req, read_spec, spec_read, reading(req)));
}

void api_specs_get(struct cw_request *req) {
    api_authorise(req, "specs:pull", get_spec);
}

/* ---- history --------------------------------------------------------------------------------- */

static void history_read(struct api_job *job) {
    struct spec_reading *r = job->data;
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    cw_jw_begin(&w, NULL, '{');
    cw_jw_begin(&w, "events", '[');
    for (size_t i = 0; i < r->event_count; i++) {
        const struct cw_event_row *event = &r->events[i];
        char at[CW_TIME_TEXT];
        cw_time_rfc3339(event->at_ms, at);
        CW_AUTO_JSON json_t *body = json_loads(event->body, JSON_ALLOW_NUL, NULL);
        const char *station = api_member(body, "station", NULL),
                   *reason = api_member(body, "reason", NULL);
        cw_jw_begin(&w, NULL, '{');
        cw_jw_str(&w, "eventId", event->event_id);
        cw_jw_str(&w, "from", event->from);
        cw_jw_str(&w, "to", event->to);
        cw_jw_str(&w, "at", at);
        if (station) {
            cw_jw_str(&w, "station", station);
        }
        if (reason) {
            cw_jw_str(&w, "reason", reason);
        }
        cw_jw_end(&w, '}');
    }
    cw_jw_end(&w, ']');
    cw_jw_end(&w, '}');
    api_reply(job->req, 200, &buf, NULL);
}

static void get_history(struct cw_request *req) {
    api_read(api_job_new(req, read_spec, history_read, reading(req)));
}

void api_specs_history(struct cw_request *req) {
    api_authorise(req, "specs:pull", get_history);
}

/* ---- status events --------------------------------------------------------------------------- */

struct reporting {
    struct cw_status_event event;
    struct cw_event_answer answer;
};

static enum cw_status report(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct reporting *r = job->data;
    struct cw_facility_call call;
    api_facility_call(txn, job, &call);
    return cw_facility_event(&call, &r->event, &r->answer, err);
}

static void reported(struct api_job *job) {
    struct reporting *r = job->data;
    if (r->answer.replayed) {
        (void)!cw_reply_header(job->req, "Idempotent-Replayed", "true", NULL);
    }
    if (strcmp(r->answer.state, CW_SPEC_QUEUED) == 0) {
        api_facility_wake(api_of(job->req), NULL);
    }
    cw_reply_json(job->req, 200, cw_bytes_of(r->answer.response), NULL);
}

/* If-Match: "<revision>" */
static bool read_revision(struct cw_request *req, int32_t *ret) {
    const char *match = cw_request_header(req, "If-Match");
    struct cw_error err = {0};
    char *end = NULL;
    long revision = match && match[0] == '"' ? strtol(match + 1, &end, 10) : 0;
    if (match && end && strcmp(end, "\"") == 0 && revision > 0 && revision < INT32_MAX) {
        *ret = (int32_t)revision;
        return true;
    }
    if (!match) {
        (void)cw_fail(&err, CW_E_INPUT, "precondition.required",
                      "send If-Match: \"<revision>\" of the spec you work on");
    } else {
        (void)cw_fail(&err, CW_E_INPUT, "precondition.failed",
                      "If-Match is a revision in quotes, such as \"1\"");
    }
    cw_reply_problem(req, &err);
    return false;
}

static void status_event(struct cw_request *req) {
    int32_t revision;
    json_t *body = read_revision(req, &revision) ? api_body(req, CW_SCHEMA_STATUS_EVENT) : NULL;
    if (!body) {
        return;
    }
    struct reporting *r = cw_arena_alloc(req->arena, sizeof *r);
    r->event = (struct cw_status_event){.facility_id = api_own_facility(req),
                                        .spec_id = cw_request_param(req, "id"),
                                        .revision = revision,
                                        .fence = json_integer_value(json_object_get(body, "fence")),
                                        .from = api_member(body, "from", ""),
                                        .to = api_member(body, "to", ""),
                                        .event_id = api_member(body, "eventId", ""),
                                        .body = cw_json_canonical_dup(req->arena, body)};
    api_write(api_job_new(req, report, reported, r));
}

void api_specs_status(struct cw_request *req) {
    api_authorise(req, "specs:pull", status_event);
}

/* ---- artwork --------------------------------------------------------------------------------- */

struct artwork {
    const char *digest;
    enum cw_picture_form form; /* SMALL: of a shopper's picture only */
    struct cw_artifact_row row;
    struct cw_artwork_row upload; /* a shopper's picture, when id is not NULL */
};

static enum cw_status read_artwork(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct artwork *a = job->data;
    enum cw_status status = a->form == CW_PICTURE_SMALL
                                ? CW_E_NOT_FOUND
                                : txn->ops->artifact_get(txn, job->arena, a->digest, &a->row, err);
    if (status == CW_E_NOT_FOUND) {
        if (err) {
            *err = (struct cw_error){0};
        }
        status = txn->ops->artwork_by_file(txn, job->arena, a->digest, &a->upload, err);
    }
    if (status == CW_E_NOT_FOUND) {
        if (err) {
            *err = (struct cw_error){0};
        }
        return cw_fail(err, CW_E_NOT_FOUND, "artwork.not_found", "no artwork has this digest");
    }
    return status;
}

static void artwork_read(struct api_job *job) {
    struct artwork *a = job->data;
    char *etag = cw_arena_printf(job->arena, "\"%s\"", a->digest);
    (void)!cw_reply_header(job->req, "Cache-Control", "private, max-age=31536000, immutable", NULL);
    if (cw_reply_precondition(job->req, etag)) {
        return;
    }
    if (a->upload.id) {
        (void)!cw_reply_header(job->req, "ETag", etag, NULL);
        api_reply_picture(job->req, a->upload.digest, a->form);
        return;
    }
    const struct cw_header headers[] = {{"ETag", etag}, {NULL, NULL}};
    struct cw_bytes body = {a->row.data, a->row.length};
    cw_reply_bytes(job->req, 200, a->row.mime, body, headers);
}

static void read_form(struct cw_request *req, enum cw_picture_form form) {
    struct artwork *a = cw_arena_alloc(req->arena, sizeof *a);
    a->form = form;
    a->digest = cw_arena_printf(req->arena, "sha-256:%s", cw_request_param(req, "hex"));
    api_read(api_job_new(req, read_artwork, artwork_read, a));
}

static void get_artwork(struct cw_request *req) {
    read_form(req, CW_PICTURE_WHOLE);
}

static void get_small(struct cw_request *req) {
    read_form(req, CW_PICTURE_SMALL);
}

void api_artworks_get(struct cw_request *req) {
    api_authorise(req, "specs:pull", get_artwork);
}

void api_artworks_picture(struct cw_request *req) {
    api_authorise(req, "specs:pull", get_small);
}
