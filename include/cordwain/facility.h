/* The facility protocol's messages: what a facility asks, gets and reports. Plain values; texts are
 * borrowed on the way in and live in the caller's arena on the way out. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cw_lease_request {
    const char *facility_id;
    const char *work_centre; /* "" for any */
    int64_t ship_before_ms;  /* 0: any */
    int32_t max;             /* 1 … CW_LEASE_MAX */
    int32_t lease_s;         /* CW_LEASE_SECONDS_MIN … CW_LEASE_SECONDS_MAX */
};

struct cw_lease {
    const char *spec_id;
    int32_t revision;
    const char *lease_id; /* ULID */
    int64_t fence;        /* one higher at each grant of the spec */
    int64_t lease_until_ms;
    const char *digest; /* of the spec document */
};

struct cw_lease_change {     /* renew, release */
    const char *facility_id; /* of the caller's key; "" for an operator: any facility */
    const char *lease_id;
    int64_t fence;
    int32_t lease_s;    /* renew only */
    const char *reason; /* release only; "" for none */
};

struct cw_status_event {
    const char *facility_id; /* as above */
    const char *spec_id;
    int32_t revision; /* If-Match */
    int64_t fence;
    const char *from, *to;
    const char *event_id; /* the facility's own, 1 … 128 printable characters */
    const char *body;     /* canonical JSON as sent; a repeat is recognised by its digest */
};

#define CW_NEXT_STATES 6

struct cw_event_answer {
    const char *spec_id;
    int32_t revision;
    const char *state; /* where the spec rests after the event */
    const char *serial;
    int64_t fence;
    const char *next[CW_NEXT_STATES]; /* states the facility may report next */
    size_t next_count;
    bool replayed;        /* the eventId was answered before: `response` is that answer, the rest is
                             today's */
    const char *response; /* {"specId","revision","state","fence","serial","next"} */
};
