/*
 * Responsible for: reading the clocks and writing times as text, without the locale or tzdata.
 * Does not: time zones; everything is UTC. Any process.
 */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"

static int64_t read_clock(clockid_t id) {
    struct timespec ts;
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t system_now(void *ctx) {
    (void)ctx;
    return read_clock(CLOCK_REALTIME);
}

static int64_t system_monotonic(void *ctx) {
    (void)ctx;
    return read_clock(CLOCK_MONOTONIC);
}

const struct cw_clock cw_clock_system = {system_now, system_monotonic, NULL};

/* Civil from days: Hinnant 2013, "chrono-Compatible Low-Level Date Algorithms". */
static void civil(int64_t days, int64_t *year, unsigned *month, unsigned *day) {
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    unsigned doe = (unsigned)(days - era * 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned mp = (5 * doy + 2) / 153;
    *day = doy - (153 * mp + 2) / 5 + 1;
    *month = mp < 10 ? mp + 3 : mp - 9;
    *year = (int64_t)yoe + era * 400 + (*month <= 2);
}

static int64_t days_from_civil(int64_t year, unsigned month, unsigned day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    unsigned yoe = (unsigned)(year - era * 400);
    unsigned doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + (int64_t)doe - 719468;
}

/* With leading zeros. A click looks at dates, and snprintf is slow for that. */
static char *put_digits(char *at, unsigned value, unsigned digits) {
    for (unsigned i = digits; i-- > 0; value /= 10) {
        at[i] = (char)('0' + value % 10);
    }
    return at + digits;
}

void cw_time_date(int64_t ms, char ret_text[CW_TIME_TEXT]) {
    int64_t year;
    unsigned month, day;
    civil(cw_floor_div(ms, CW_DAY_MS), &year, &month, &day);
    if (year < 0 || year > 9999) {
        snprintf(ret_text, CW_TIME_TEXT, "%04lld-%02u-%02u", (long long)year, month, day);
        return;
    }
    char *at = put_digits(ret_text, (unsigned)year, 4);
    *at++ = '-';
    at = put_digits(at, month, 2);
    *at++ = '-';
    at = put_digits(at, day, 2);
    *at = '\0';
}

void cw_time_rfc3339(int64_t ms, char ret_text[CW_TIME_TEXT]) {
    int64_t seconds = cw_floor_div(ms, 1000), days = cw_floor_div(seconds, 86400);
    int64_t rest = seconds - days * 86400, year;
    unsigned month, day;
    civil(days, &year, &month, &day);
    snprintf(ret_text, CW_TIME_TEXT, "%04d-%02u-%02uT%02d:%02d:%02dZ", (int)year, month, day,
             (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
}

int64_t cw_date_days(const char *date) {
    int value[3] = {0}, part = 0;
    if (strlen(date) != 10) {
        return INT64_MIN;
    }
    for (int i = 0; i < 10; i++) {
        if (i == 4 || i == 7) {
            if (date[i] != '-') {
                return INT64_MIN;
            }
            part++;
        } else if (date[i] >= '0' && date[i] <= '9') {
            value[part] = value[part] * 10 + (date[i] - '0');
        } else {
            return INT64_MIN;
        }
    }
    if (value[1] < 1 || value[1] > 12 || value[2] < 1) {
        return INT64_MIN;
    }
    int64_t days = days_from_civil(value[0], (unsigned)value[1], (unsigned)value[2]), year;
    unsigned month, day;
    civil(days, &year, &month, &day); /* 30 February comes back as another day */
    return year == value[0] && month == (unsigned)value[1] && day == (unsigned)value[2] ? days
                                                                                        : INT64_MIN;
}
