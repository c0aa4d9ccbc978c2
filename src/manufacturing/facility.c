/*
 * Status events of facilities: who may report, repeats, fences, the table of moves, and what each
 * move does. Does not check inspection records against the spec and grants no leases (leases.c).
 * Runs in: cordwain serve, on the store's writer thread.
 */
#include "manufacturing/facility.h"

#include <string.h>

#include "base/digest.h"
#include "cordwain/limits.h"
#include "cordwain/states.h"
#include "manufacturing/moves.h"
#include "manufacturing/transitions.h"

static bool is(const char *state, const char *word) {
    return strcmp(state, word) == 0;
}

/* ---- checks, in the order of the header ------------------------------------------------------ */

static enum cw_status check_event_id(const char *id, struct cw_error *err) {
    size_t length = strlen(id);
    bool printable = length >= 1 && length <= CW_EVENT_ID_BYTES;
    for (const char *c = id; printable && *c != '\0'; c++)
        printable = *c > ' ' && *c <= '~';
    if (!printable)
        return cw_fail_at(err, CW_E_INPUT, "event.id", "/eventId",
                          "an eventId has 1 to %d printable ASCII characters and no space",
                          CW_EVENT_ID_BYTES);
    if (strncmp(id, CW_EVENT_SERVER, strlen(CW_EVENT_SERVER)) == 0)
        return cw_fail_at(err, CW_E_INPUT, "event.id", "/eventId",
                          "an eventId that begins with '" CW_EVENT_SERVER "' is the server's own");
    return CW_OK;
}

static enum cw_status find_spec(const struct cw_facility_call *call,
                                const struct cw_status_event *event, struct cw_spec_row *ret_spec,
                                struct cw_error *err) {
    struct cw_error found = {0};
    enum cw_status status = call->txn->ops->spec_get(call->txn, call->arena, event->spec_id,
                                                     /* revision: newest */ 0, ret_spec, &found);
    bool foreign = status == CW_OK && event->facility_id[0] != '\0' &&
                   strcmp(event->facility_id, ret_spec->facility_id) != 0;
    if (status == CW_E_NOT_FOUND || foreign)
        return cw_fail(err, CW_E_NOT_FOUND, "spec.not_found", "no such spec at this facility");
    if (status != CW_OK && err != NULL)
        *err = found;
    return status;
}

static void describe(struct cw_event_answer *answer, const struct cw_spec_row *spec) {
    answer->spec_id = spec->id;
    answer->revision = spec->revision;
    answer->state = spec->state;
    answer->serial = spec->serial;
    answer->fence = spec->fence;
    answer->next_count = cw_transition_next(spec->state, spec->hold_from, answer->next);
}

static enum cw_status replay(const struct cw_facility_call *call,
                             const struct cw_status_event *event, const char *fingerprint,
                             struct cw_event_answer *ret_answer, struct cw_error *err) {
    struct cw_event_row row;
    struct cw_error absent = {0};
    enum cw_status status = call->txn->ops->event_get(call->txn, call->arena, event->spec_id,
                                                      event->event_id, &row, &absent);
    if (status == CW_E_NOT_FOUND)
        return CW_OK;
    if (status != CW_OK) {
        if (err != NULL)
            *err = absent;
        return status;
    }
    if (strcmp(row.fingerprint, fingerprint) != 0)
        return cw_fail_at(err, CW_E_INPUT, "event.mismatch", "/eventId",
                          "this eventId was reported before with another content");
    ret_answer->replayed = true;
    ret_answer->response = row.response;
    return CW_OK;
}

static enum cw_status refuse_move(const struct cw_facility_call *call,
                                  const struct cw_status_event *event,
                                  const struct cw_spec_row *spec, struct cw_error *err) {
    const char *next[CW_NEXT_STATES];
    size_t count = cw_transition_next(spec->state, spec->hold_from, next);
    const char *list = count == 0 ? "nothing" : "";
    for (size_t i = 0; i < count; i++)
        list = cw_arena_printf(call->arena, "%s%s%s", list, i > 0 ? ", " : "", next[i]);
    if (!is(event->from, spec->state))
        return cw_fail_at(err, CW_E_CONFLICT, "invalid-transition", "/from",
                          "the spec is '%s', not '%.20s'; it can become: %s", spec->state,
                          event->from, list);
    return cw_fail_at(err, CW_E_CONFLICT, "invalid-transition", "/to",
                      "'%s' cannot become '%.20s'; it can become: %s", spec->state, event->to,
                      list);
}

static enum cw_status check_event(const struct cw_facility_call *call,
                                  const struct cw_status_event *event,
                                  const struct cw_spec_row *spec, struct cw_error *err) {
    if (event->revision != spec->revision)
        return cw_fail(err, CW_E_CONFLICT, "superseded", "the spec's newest revision is %d",
                       (int)spec->revision);
    bool leased = is(spec->state, CW_SPEC_LEASED);
    /* A lease that ran out or was given back keeps its fence until the next grant: the state tells.
     */
    bool lost = is(event->from, CW_SPEC_LEASED) && is(spec->state, CW_SPEC_QUEUED);
    if (event->fence != spec->fence || lost || (leased && spec->lease_until_ms <= call->now_ms))
        return cw_fail(err, CW_E_CONFLICT, "stale-lease",
                       "this lease has ended; the spec may be someone else's now");
    if (!is(event->from, spec->state) ||
        !cw_transition_allowed(spec->state, event->to, spec->hold_from))
        return refuse_move(call, event, spec, err);
    return CW_OK;
}

/* ---- what the moves do ----------------------------------------------------------------------- */

/* "S-42" → "S-42-R2" → "S-42-R3": the first unit's serial is unique, so these are. */
static const char *next_serial(struct cw_arena *arena, const char *serial) {
    size_t length = strlen(serial), digits = length;
    long long unit = 1;
    while (digits > 0 && serial[digits - 1] >= '0' && serial[digits - 1] <= '9')
        digits--;
    if (digits >= 2 && digits < length && length - digits < 10 && serial[digits - 1] == 'R' &&
        serial[digits - 2] == '-') {
        unit = 0;
        for (size_t i = digits; i < length; i++)
            unit = unit * 10 + (serial[i] - '0');
        length = digits - 2;
    }
    return cw_arena_printf(arena, "%.*s-R%lld", (int)length, serial, unit + 1);
}

/* hold → the state before. A lease that was paused gets at least the shortest lease to go on; a
 * poisoned spec starts counting anew. */
static void leave_hold(const struct cw_facility_call *call, struct cw_spec_row *spec) {
    int64_t least_ms = call->now_ms + (int64_t)CW_LEASE_SECONDS_MIN * 1000;
    spec->state = spec->hold_from;
    spec->hold_from = "";
    if (is(spec->state, CW_SPEC_LEASED) && spec->lease_until_ms < least_ms)
        spec->lease_until_ms = least_ms;
    if (is(spec->state, CW_SPEC_QUEUED))
        spec->reads = 0;
}

/* A checked move. Scrapped and cancel_refused are passed through: the server goes on at once. */
static void apply(const struct cw_facility_call *call, struct cw_spec_row *spec, const char *to) {
    if (is(spec->state, CW_SPEC_HOLD) && is(to, spec->hold_from)) {
        leave_hold(call, spec);
    } else if (is(to, CW_SPEC_HOLD)) {
        spec->hold_from = spec->state;
        spec->state = CW_SPEC_HOLD;
    } else if (is(to, CW_SPEC_SCRAPPED)) {
        spec->state = CW_SPEC_QUEUED;
        spec->serial = next_serial(call->arena, spec->serial);
        spec->reads = 0;
    } else if (is(to, CW_SPEC_CANCEL_REFUSED)) {
        spec->state = spec->cancel_from;
        spec->cancel_from = "";
    } else {
        spec->state = cw_arena_strdup(call->arena, to);
        spec->hold_from = spec->cancel_from = "";
        cw_moves_end_lease(spec); /* accepted or rejected; nothing to end later */
        spec->reads = 0;
    }
}

static const char *answer_json(struct cw_arena *arena, const struct cw_event_answer *answer) {
    CW_AUTO_BUF struct cw_buf json = {0};
    cw_buf_printf(&json, "{\"fence\":%lld,\"next\":[", (long long)answer->fence);
    for (size_t i = 0; i < answer->next_count; i++) {
        if (i > 0)
            cw_buf_putc(&json, ',');
        cw_buf_json(&json, answer->next[i]);
    }
    cw_buf_printf(&json, "],\"revision\":%d,\"serial\":", (int)answer->revision);
    cw_buf_json(&json, answer->serial);
    cw_buf_puts(&json, ",\"specId\":");
    cw_buf_json(&json, answer->spec_id);
    cw_buf_puts(&json, ",\"state\":");
    cw_buf_json(&json, answer->state);
    cw_buf_putc(&json, '}');
    return cw_arena_strndup(arena, json.data, json.length);
}

static enum cw_status record(const struct cw_facility_call *call,
                             const struct cw_status_event *event, const char *fingerprint,
                             struct cw_spec_row *spec, struct cw_event_answer *ret_answer,
                             struct cw_error *err) {
    apply(call, spec, event->to);
    describe(ret_answer, spec);
    ret_answer->response = answer_json(call->arena, ret_answer);
    struct cw_event_row row = {
        .event_id = event->event_id,
        .fingerprint = fingerprint,
        .from = event->from,
        .to = event->to,
        .body = event->body,
        .response = ret_answer->response,
    };
    enum cw_status status = cw_moves_save(call, spec, err);
    if (status == CW_OK)
        status = cw_moves_remember(call, spec, row, err);
    if (status == CW_OK && !is(spec->state, event->to))
        status =
            cw_moves_remember_own(call, spec, event->to,
                                  is(event->to, CW_SPEC_SCRAPPED) ? "new-serial" : "returned", err);
    return status == CW_OK ? cw_moves_tell(call, spec, err) : status;
}

enum cw_status cw_facility_event(const struct cw_facility_call *call,
                                 const struct cw_status_event *event,
                                 struct cw_event_answer *ret_answer, struct cw_error *err) {
    struct cw_spec_row spec;
    struct cw_event_answer answer = {0};
    char fingerprint[CW_DIGEST_TEXT];
    cw_digest_text(event->body, strlen(event->body), fingerprint);
    enum cw_status status = check_event_id(event->event_id, err);
    if (status == CW_OK)
        status = find_spec(call, event, &spec, err);
    if (status == CW_OK)
        status = replay(call, event, fingerprint, &answer, err);
    if (status == CW_OK && answer.replayed)
        describe(&answer, &spec);
    else if (status == CW_OK)
        status = check_event(call, event, &spec, err);
    if (status == CW_OK && !answer.replayed)
        status = record(call, event, fingerprint, &spec, &answer, err);
    if (status == CW_OK)
        *ret_answer = answer;
    return status;
}
