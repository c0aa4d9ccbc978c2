/* Timers of the preview step: one shot, in milliseconds. */
#pragma once

#include <event2/event.h>
#include <stdint.h>

/* (Re)start a timer event. Loop thread. */
static inline void cw_timer_arm(struct event *event, uint32_t ms) {
    struct timeval wait = {.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    event_add(event, &wait);
}
