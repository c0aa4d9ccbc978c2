/*
 * Responsible for: the life of the event loops and their threads, from listening to draining.
 * Does not: answer requests (api), know why the server stops (serve). Server process; each function
 * says whose thread runs it.
 */
#include "app/loops.h"

#include <event2/event.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cordwain/limits.h"

#define CW_LOG_MODULE "app"
#include "base/log.h"

struct loop { /* `loops` apart, its thread's alone while it runs */
    struct cw_loops *loops;
    unsigned number;
    struct event_base *base;
    struct cw_mailbox *mailbox;
    struct event *mail;
    struct cw_api *api;
    struct cw_http_server *http;
    pthread_t thread;
};

struct cw_loops {
    unsigned count, started; /* started: threads, from loop 1 on */
    struct cw_http_shared *http_shared;
    struct event *deadline; /* of draining */
    unsigned deaf, drained; /* so many listen no more, have no connection; first loop's, as below */
    bool draining, over;
    struct loop loops[];
};

unsigned cw_loops_per_core(void) {
    cpu_set_t cores;
    int count = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 0;
    if (count <= 0) { /* more cores than the set holds */
        count = CW_HTTP_LOOPS;
    }
    return count < CW_HTTP_LOOPS ? (unsigned)count : CW_HTTP_LOOPS;
}

/* ---- life ------------------------------------------------------------------------------------ */

static void deliver(evutil_socket_t fd, short what, void *arg) {
    (void)fd;
    (void)what;
    (void)cw_mailbox_deliver(((struct loop *)arg)->mailbox);
}

static bool loop_init(struct loop *loop) {
    loop->base = event_base_new();
    loop->mailbox = cw_mailbox_new();
    if (!loop->base || !loop->mailbox) {
        return false;
    }
    loop->mail =
        event_new(loop->base, cw_mailbox_fd(loop->mailbox), EV_READ | EV_PERSIST, deliver, loop);
    return loop->mail && event_add(loop->mail, NULL) == 0;
}

static void drain_ended(evutil_socket_t fd, short what, void *arg);

enum cw_status cw_loops_new(unsigned count, struct cw_loops **ret_loops, struct cw_error *err) {
    struct cw_loops *loops = calloc(1, sizeof *loops + count * sizeof *loops->loops);
    if (!loops) {
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    loops->http_shared = cw_http_shared_new();
    bool made = loops->http_shared != NULL;
    while (made && loops->count < count) {
        struct loop *loop = &loops->loops[loops->count];
        loop->loops = loops;
        loop->number = loops->count++;
        made = loop_init(loop);
    }
    if (made) {
        loops->deadline = evtimer_new(loops->loops[0].base, drain_ended, loops);
    }
    if (!loops->deadline) {
        cw_loops_free(loops);
        return cw_fail(err, CW_E_NOMEM, "app.events", "cannot set up the event loops");
    }
    *ret_loops = loops;
    return CW_OK;
}

static void loop_deinit(struct loop *loop) {
    cw_api_free(loop->api);
    if (loop->mail) {
        event_free(loop->mail);
    }
    cw_mailbox_free(loop->mailbox);
    if (loop->base) {
        event_base_free(loop->base);
    }
}

void cw_loops_free(struct cw_loops *loops) {
    if (!loops) {
        return;
    }
    if (loops->deadline) {
        event_free(loops->deadline);
    }
    for (unsigned i = 0; i < loops->count; i++) {
        loop_deinit(&loops->loops[i]);
    }
    cw_http_shared_free(loops->http_shared);
    free(loops);
}

struct event_base *cw_loops_base(const struct cw_loops *loops) {
    return loops->loops[0].base;
}

struct cw_mailbox *cw_loops_mailbox(const struct cw_loops *loops) {
    return loops->loops[0].mailbox;
}

struct cw_api *cw_loops_api(const struct cw_loops *loops) {
    return loops->loops[0].api;
}

/* ---- listening ------------------------------------------------------------------------------- */

/* A descriptor of its own for each loop, as each closes its own: they share one queue of
 * connections, and whoever is free takes the next. 0: there is none; -1: no descriptor is left. */
static int socket_for(const struct loop *loop, int passed) {
    bool last = loop->number + 1 == loop->loops->count;
    return passed <= 0 || last ? passed : fcntl(passed, F_DUPFD_CLOEXEC, 0);
}

static enum cw_status listen_one(struct loop *loop, struct cw_api_shared *shared,
                                 struct cw_http_config *http, int passed, struct cw_error *err) {
    const struct cw_api_loop own = {loop->base, loop->mailbox};
    enum cw_status status = cw_api_new(shared, &own, &loop->api, err);
    if (status != CW_OK) {
        return status;
    }
    http->take_socket = socket_for(loop, passed);
    if (http->take_socket < 0) {
        return cw_fail(err, CW_E_IO, "http.listen", "no descriptor for another loop");
    }
    http->ctx = loop->api;
    http->with = loop->loops->count == 1 ? CW_HTTP_PORT_ALONE
                 : loop->number == 0     ? CW_HTTP_PORT_FIRST
                                         : CW_HTTP_PORT_JOINS;
    status = cw_http_server_new(loop->base, http, &loop->http, err);
    if (status == CW_OK) {
        http->port = cw_http_server_port(loop->http); /* where the others join */
    }
    return status;
}

enum cw_status cw_loops_listen(struct cw_loops *loops, struct cw_api_shared *shared,
                               const struct cw_http_config *http, struct cw_error *err) {
    struct cw_http_config own = *http;
    enum cw_status status = CW_OK;
    own.shared = loops->http_shared;
    for (unsigned i = 0; status == CW_OK && i < loops->count; i++) {
        status = listen_one(&loops->loops[i], shared, &own, http->take_socket, err);
    }
    return status;
}

uint16_t cw_loops_port(const struct cw_loops *loops) {
    return cw_http_server_port(loops->loops[0].http);
}

size_t cw_loops_connections(const struct cw_loops *loops) {
    return cw_http_server_connections(loops->loops[0].http); /* all count together */
}

/* ---- running --------------------------------------------------------------------------------- */

static void *run(void *arg) {
    struct loop *loop = arg;
    char name[16];
    (void)snprintf(name, sizeof name, "loop-%u", loop->number);
    (void)pthread_setname_np(pthread_self(), name);
    (void)event_base_dispatch(loop->base);
    return NULL;
}

static void leave(void *arg) {
    (void)event_base_loopbreak(((struct loop *)arg)->base);
}

/* First loop. */
static void end(struct cw_loops *loops) {
    if (loops->over) {
        return;
    }
    loops->over = true;
    for (unsigned i = 1; i <= loops->started; i++) {
        cw_mailbox_post(loops->loops[i].mailbox, leave, &loops->loops[i]);
    }
    leave(&loops->loops[0]);
}

static void join(struct cw_loops *loops) {
    end(loops);
    for (; loops->started > 0; loops->started--) {
        (void)pthread_join(loops->loops[loops->started].thread, NULL);
    }
}

enum cw_status cw_loops_start(struct cw_loops *loops, struct cw_error *err) {
    sigset_t all, before;
    bool good = true;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (good && loops->started + 1 < loops->count) {
        struct loop *loop = &loops->loops[loops->started + 1];
        good = pthread_create(&loop->thread, NULL, run, loop) == 0;
        loops->started += good;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!good) {
        join(loops);
        return cw_fail(err, CW_E_IO, "app.threads", "no thread for another event loop");
    }
    return CW_OK;
}

void cw_loops_run(struct cw_loops *loops) {
    (void)event_base_dispatch(loops->loops[0].base);
    join(loops);
}

/* ---- draining -------------------------------------------------------------------------------- */

/* First loop. */
static void one_is_drained(void *arg) {
    struct cw_loops *loops = arg;
    if (++loops->drained == loops->count) {
        end(loops);
    }
}

/* Each loop. */
static void no_connections(void *arg) {
    struct cw_loops *loops = ((struct loop *)arg)->loops;
    cw_mailbox_post(loops->loops[0].mailbox, one_is_drained, loops);
}

/* Each loop. */
static void drain(void *arg) {
    struct loop *loop = arg;
    cw_api_drain(loop->api);
    cw_http_server_drain(loop->http, no_connections, loop);
}

static void drain_ended(evutil_socket_t fd, short what, void *arg) {
    (void)fd;
    (void)what;
    struct cw_loops *loops = arg;
    cw_log_warn("drain", "result=cut connections=%zu", cw_loops_connections(loops));
    end(loops);
}

static void tell_all(struct cw_loops *loops, cw_mail_fn fn) {
    for (unsigned i = 0; i < loops->count; i++) {
        cw_mailbox_post(loops->loops[i].mailbox, fn, &loops->loops[i]);
    }
}

/* First loop. */
static void one_is_deaf(void *arg) {
    struct cw_loops *loops = arg;
    if (++loops->deaf == loops->count) {
        tell_all(loops, drain);
    }
}

/* Each loop. */
static void stop_listening(void *arg) {
    struct loop *loop = arg;
    cw_http_server_stop_listening(loop->http);
    cw_mailbox_post(loop->loops->loops[0].mailbox, one_is_deaf, loop->loops);
}

void cw_loops_drain(struct cw_loops *loops, unsigned limit_ms) {
    if (loops->draining) {
        return;
    }
    loops->draining = true;
    struct timeval limit = {limit_ms / 1000, limit_ms % 1000 * 1000};
    cw_log_info("drain", "connections=%zu", cw_loops_connections(loops));
    (void)event_add(loops->deadline, &limit);
    tell_all(loops, stop_listening);
}

/* ---- the end --------------------------------------------------------------------------------- */

void cw_loops_close(struct cw_loops *loops) {
    for (unsigned i = 0; loops && i < loops->count; i++) {
        cw_http_server_free(loops->loops[i].http);
        loops->loops[i].http = NULL;
    }
    for (unsigned i = 0; loops && i < loops->count; i++) {
        cw_api_stop(loops->loops[i].api);
    }
}

void cw_loops_deliver(struct cw_loops *loops) {
    size_t delivered = loops ? 1 : 0;
    while (delivered > 0) {
        delivered = 0;
        for (unsigned i = 0; i < loops->count; i++) {
            delivered += cw_mailbox_deliver(loops->loops[i].mailbox);
        }
    }
}
