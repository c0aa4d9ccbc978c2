/*
 * Responsible for: the bounded number of solver processes, and whose is ended for another one.
 * Does not: start or end them (worker_solver.c). Server (answering threads) and command line.
 */
#include "configure/rules/worker_places.h"

#include <pthread.h>
#include <time.h>

#include "cordwain/limits.h"

/* Processes are the whole program's, so this is too. Taken before the lock of any solver. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed; /* one is at rest, or a place is free */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct cw_rules_place *first, *last;
static uint32_t taken;

static void set_up(void) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes); /* cannot fail on Linux, nor can the next two */
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void take_out(struct cw_rules_place *place) {
    *(place->before ? &place->before->after : &first) = place->after;
    *(place->after ? &place->after->before : &last) = place->before;
    place->before = place->after = NULL;
}

static void append(struct cw_rules_place *place) {
    place->before = last;
    *(last ? &last->after : &first) = place;
    last = place;
}

static void leave(struct cw_rules_place *place) {
    take_out(place);
    place->taken = false;
    taken--;
}

/* There is a place, now or because another one gives way. */
static bool make_room(void) {
    for (struct cw_rules_place *place = first; place && taken >= CW_RULES_SOLVERS;
         place = place->after) {
        if (place->give_way(place)) {
            leave(place);
            break;
        }
    }
    return taken < CW_RULES_SOLVERS;
}

enum cw_status cw_rules_place_take(struct cw_rules_place *place, int64_t deadline_ms,
                                   struct cw_error *err) {
    const struct timespec until = {.tv_sec = deadline_ms / 1000,
                                   .tv_nsec = deadline_ms % 1000 * 1000000};
    int late = 0;
    pthread_once(&once, set_up);
    pthread_mutex_lock(&lock);
    while (!place->taken && !make_room() && late == 0)
        late = pthread_cond_timedwait(&changed, &lock, &until);
    bool mine = place->taken || taken < CW_RULES_SOLVERS;
    if (mine && !place->taken) {
        place->taken = true;
        taken++;
        append(place);
    }
    pthread_mutex_unlock(&lock);
    return mine ? CW_OK
                : cw_fail(err, CW_E_BUSY, "rules.busy", "all %d solvers are at work, ask again",
                          CW_RULES_SOLVERS);
}

void cw_rules_place_rest(struct cw_rules_place *place) {
    pthread_once(&once, set_up);
    pthread_mutex_lock(&lock);
    if (place->taken) {
        take_out(place);
        append(place);
        pthread_cond_signal(&changed);
    }
    pthread_mutex_unlock(&lock);
}

void cw_rules_place_wake(void) {
    pthread_once(&once, set_up);
    pthread_mutex_lock(&lock);
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

void cw_rules_place_leave(struct cw_rules_place *place) {
    pthread_once(&once, set_up);
    pthread_mutex_lock(&lock);
    if (place->taken) {
        leave(place);
        pthread_cond_signal(&changed);
    }
    pthread_mutex_unlock(&lock);
}
