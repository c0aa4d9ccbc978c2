/*
 * Ship-by dates: how many working days there are until one, by the product's calendar. The opposite
 * of cw_lead. It does not read any clock. Server process, any thread.
 */
#include "configure/ask.h"

#include <string.h>

#include "base/clock.h"

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
        int64_t day = cw_date_days(calendar->holidays[i]); /* INT64_MIN: none */
        if (day > from && day <= until && is_workday(calendar, day) && !is_repeated(calendar, i))
            count--;
    }
    return count;
}

int32_t cw_goal_days(const struct cw_product *product, const char *ship_by, int64_t now_ms) {
    const struct cw_lead_time *calendar = &product->lead_time;
    int64_t today = now_ms / CW_DAY_MS, until = cw_date_days(ship_by);
    if (until < today)
        return -1;
    int64_t days = count_working(calendar, today, until);
    if (days > 0)
        return days < INT32_MAX ? (int32_t)days : INT32_MAX;
    /* nothing can leave today unless today is a working day */
    return count_working(calendar, today - 1, today) > 0 ? 0 : -1;
}
