/*
 * Lead time: working days a configuration needs, and the day it ships, by the product's own
 * calendar. Days are UTC days; the time of day does not matter. Server process, any thread.
 */
#include "configure/configure.h"

#include <string.h>

#include "base/clock.h"
#include "configure/facts.h"

static int32_t option_days(const struct cw_option *option, const struct cw_pick *pick) {
    struct cw_fact fact = {.active = true, .value = pick->value};
    int32_t days = 0;
    switch (option->kind) {
    case CW_OPTION_CHOICE:
        days = pick->value.choice < option->choice_count
                   ? option->choices[pick->value.choice].lead_days
                   : 0;
        break;
    case CW_OPTION_MULTI:
        for (uint32_t c = 0; c < option->choice_count; c++)
            if (cw_fact_has(option, &fact, c))
                days += option->choices[c].lead_days;
        break;
    case CW_OPTION_FLAG:
        days = pick->value.choice == 1 ? option->flag_lead_days : 0;
        break;
    case CW_OPTION_TEXT:
        days = pick->value.text && pick->value.text[0] ? option->text.lead_days : 0;
        break;
    case CW_OPTION_NUMBER:
        break;
    }
    return days;
}

static bool is_working(const struct cw_lead_time *calendar, int64_t day) {
    char date[CW_TIME_TEXT];
    if (!(calendar->workdays >> ((day + 3) % 7) & 1)) /* 1970-01-01 was a Thursday */
        return false;
    cw_time_date(day * CW_DAY_MS, date);
    for (size_t i = 0; i < calendar->holiday_count; i++)
        if (strcmp(calendar->holidays[i], date) == 0)
            return false;
    return true;
}

void cw_lead(const struct cw_product *product, const struct cw_selection *selection, int64_t now_ms,
             struct cw_lead *ret) {
    const struct cw_lead_time *calendar = &product->lead_time;
    int32_t days = calendar->base_days;
    for (size_t i = 0; i < selection->count; i++)
        days += option_days(&product->options[selection->picks[i].option], &selection->picks[i]);
    *ret = (struct cw_lead){.working_days = days};
    if (now_ms <= 0 || !(calendar->workdays & 0x7f))
        return;
    int64_t day = now_ms / CW_DAY_MS;
    for (int32_t left = days; left > 0;) {
        day++;
        left -= is_working(calendar, day);
    }
    while (!is_working(calendar, day))
        day++;
    char date[CW_TIME_TEXT];
    cw_time_date(day * CW_DAY_MS, date);
    memcpy(ret->ship_by, date, 10);
}
