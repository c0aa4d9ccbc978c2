/* Time is passed in, so no test sleeps. */
#pragma once

#include <stdint.h>

struct cw_clock {
    int64_t (*now_ms)(void *ctx); /* wall clock, ms since 1970 UTC */
    int64_t (*monotonic_ms)(void *ctx);
    void *ctx;
};

/* The real clocks. */
extern const struct cw_clock cw_clock_system;

static inline int64_t cw_clock_now_ms(const struct cw_clock *clock) {
    return clock->now_ms(clock->ctx);
}
static inline int64_t cw_clock_monotonic_ms(const struct cw_clock *clock) {
    return clock->monotonic_ms(clock->ctx);
}

/* "2026-11-22T10:00:00Z" and "2026-11-22"; UTC, no locale. */
#define CW_TIME_TEXT 32
#define CW_DAY_MS    INT64_C(86400000)
void cw_time_rfc3339(int64_t ms, char ret_text[CW_TIME_TEXT]);
void cw_time_date(int64_t ms, char ret_text[CW_TIME_TEXT]);
/* Days since 1970-01-01 of "YYYY-MM-DD", or INT64_MIN when it is not a date. */
int64_t cw_date_days(const char *date);
