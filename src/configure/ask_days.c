/*
 * Ship-by dates: how many working days there are until one, by the product's calendar. The opposite
 * of cw_lead. It does not read any clock. Server process, any thread.
 */
#include "configure/ask.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

/* Days since 1970-01-01 of "2026-11-22"; false when it is no date (Hinnant's days_from_civil). */
static bool read_date(const char *date, int64_t *ret_day) {
    int year, month, day, length = 0;
    if (sscanf(date, "%4d-%2d-%2d%n", &year, &month, &day, &length) != 3 || length != 10 ||
        date[10] != '\0' || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    *ret_day = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    return true;
}

static bool is_workday(const struct cw_lead_time *calendar, int64_t day) {
    return (calendar->workdays >> ((day % 7 + 10) % 7) & 1) != 0; /* 1970-01-01: a Thursday */
}

/* Was the holiday listed before? */
static bool is_repeated(const struct cw_lead_time *calendar, size_t holiday) {
    for (size_t i = 0; i < holiday; i++)
        if (strcmp(calendar->holidays[i], calendar->holidays[holiday]) == 0)
            return true;
    return false;
}

/* Working days after `from`, up to and with `until`. */
static int64_t count_working(const struct cw_lead_time *calendar, int64_t from, int64_t until) {
    int64_t weeks = (until - from) / 7,
            count = weeks * __builtin_popcount(calendar->workdays & 0x7f);
    for (int64_t day = from + weeks * 7 + 1; day <= until; day++)
        count += is_workday(calendar, day);
    for (size_t i = 0; i < calendar->holiday_count; i++) {
        int64_t day;
        if (read_date(calendar->holidays[i], &day) && day > from && day <= until &&
            is_workday(calendar, day) && !is_repeated(calendar, i))
            count--;
    }
    return count;
}

int32_t cw_goal_days(const struct cw_product *product, const char *ship_by, int64_t now_ms) {
    const struct cw_lead_time *calendar = &product->lead_time;
    int64_t today = now_ms / DAY_MS, until;
    if (!read_date(ship_by, &until) || until < today)
        return -1;
    int64_t days = count_working(calendar, today, until);
    if (days > 0)
        return days < INT32_MAX ? (int32_t)days : INT32_MAX;
    /* nothing can leave today unless today is a working day */
    return count_working(calendar, today - 1, today) > 0 ? 0 : -1;
}
