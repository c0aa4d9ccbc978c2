/*
 * Responsible for: GET /v1/facilities/{id}/specs, the list a factory desk shows.
 * Does not: change anything. Server process, loop thread.
 */
#include "api/facility.h"
#include "manufacturing/transitions.h"

#define DESK_ROWS 200

struct desk {
    const char *facility;
    const char *states[2];
    struct cw_spec_row *specs;
    struct cw_order_row *orders; /* one per spec */
    const char **sizes;          /* one per spec: "EU 42"; "" when the product has none */
    size_t count;
};

/* Runs on the store's thread: a spec is too long to read on the loop for every row. */
static const char *size_of(struct cw_arena *arena, const struct cw_spec_row *spec) {
    CW_AUTO_JSON json_t *doc = json_loadb(spec->document, spec->document_length, 0, NULL);
    const json_t *size = json_object_get(json_object_get(doc, "product"), "size");
    const char *value = api_member(size, "value", "");
    const char *system = api_member(size, "system", "");
    bool unit = *system >= 'a' && *system <= 'z'; /* "750 ml", but "EU 42" */
    return *value ? cw_arena_printf(arena, "%s %s", unit ? value : system, unit ? system : value)
                  : "";
}

static enum cw_status read_desk(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct desk *desk = job->data;
    enum cw_status status =
        txn->ops->spec_list(txn, job->arena, desk->facility, desk->states[0] ? desk->states : NULL,
                            DESK_ROWS, &desk->specs, &desk->count, err);
    desk->orders = cw_arena_array(job->arena, desk->count, sizeof *desk->orders);
    desk->sizes = cw_arena_array(job->arena, desk->count, sizeof *desk->sizes);
    for (size_t i = 0; status == CW_OK && i < desk->count; i++) {
        desk->sizes[i] = size_of(job->arena, &desk->specs[i]);
        status =
            txn->ops->order_get(txn, job->arena, desk->specs[i].order_id, &desk->orders[i], err);
    }
    return status;
}

static void write_next(struct cw_json_writer *w, const struct cw_spec_row *spec) {
    const char *next[CW_NEXT_STATES];
    size_t count = cw_transition_next(spec->state, spec->hold_from, next);
    cw_jw_begin(w, "next", '[');
    for (size_t i = 0; i < count; i++) {
        cw_jw_str(w, NULL, next[i]);
    }
    cw_jw_end(w, ']');
}

static void write_row(struct cw_json_writer *w, const struct desk *desk, size_t i) {
    const struct cw_spec_row *spec = &desk->specs[i];
    CW_AUTO_JSON json_t *order = json_loads(desk->orders[i].document, JSON_ALLOW_NUL, NULL);
    char text[CW_TIME_TEXT];
    const char *view;
    json_t *url;
    cw_jw_begin(w, NULL, '{');
    cw_jw_str(w, "specId", spec->id);
    cw_jw_int(w, "revision", spec->revision);
    cw_jw_str(w, "state", spec->state);
    cw_jw_str(w, "orderNumber", desk->orders[i].number);
    cw_jw_str(w, "serial", spec->serial);
    cw_jw_str(w, "title", api_member(order, "title", ""));
    cw_jw_str(w, "alt", api_member(order, "alt", ""));
    cw_jw_str(w, "size", desk->sizes[i]);
    cw_time_rfc3339(spec->ship_by_ms, text);
    cw_jw_str(w, "shipBy", text);
    cw_jw_int(w, "quantity", json_integer_value(json_object_get(order, "quantity")));
    cw_jw_int(w, "priority", spec->priority);
    cw_jw_int(w, "fence", spec->fence);
    if (*spec->lease_id) {
        cw_time_rfc3339(spec->lease_until_ms, text);
        cw_jw_str(w, "leaseId", spec->lease_id);
        cw_jw_str(w, "leaseUntil", text);
    }
    json_object_foreach(json_object_get(order, "previews"), view, url) {
        cw_jw_str(w, "preview", json_string_value(url));
        break;
    }
    cw_jw_begin(w, "previews", '{');
    json_object_foreach(json_object_get(order, "previews"), view, url) {
        cw_jw_str(w, view, json_string_value(url));
    }
    cw_jw_end(w, '}');
    write_next(w, spec);
    CW_AUTO_BUF struct cw_buf link = {0};
    cw_buf_printf(&link, "/v1/specs/%s", spec->id);
    cw_jw_str(w, "url", link.data);
    cw_jw_end(w, '}');
}

static void desk_read(struct api_job *job) {
    struct desk *desk = job->data;
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    cw_jw_begin(&w, NULL, '{');
    cw_jw_begin(&w, "specs", '[');
    for (size_t i = 0; i < desk->count; i++) {
        write_row(&w, desk, i);
    }
    cw_jw_end(&w, ']');
    cw_jw_end(&w, '}');
    api_reply(job->req, 200, &buf, NULL);
}

static void list_specs(struct cw_request *req) {
    struct desk *desk = cw_arena_alloc(req->arena, sizeof *desk);
    desk->facility = cw_request_param(req, "facility");
    desk->states[0] = cw_request_query(req, "state");
    if (desk->states[0] && !cw_spec_state_known(desk->states[0])) {
        struct cw_error err = {0};
        (void)cw_fail_at(&err, CW_E_INPUT, "state.unknown", "/state", "specs have no state '%.40s'",
                         desk->states[0]);
        cw_reply_problem(req, &err);
        return;
    }
    if (api_may_pull(req, desk->facility)) {
        api_read(api_job_new(req, read_desk, desk_read, desk));
    }
}

void api_facility_specs(struct cw_request *req) {
    api_authorise(req, "specs:pull", list_specs);
}
