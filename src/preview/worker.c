/*
 * Responsible for: the life of one renderer process, and whole messages to and from it.
 * Does not: know jobs, queues or job deadlines (pool), nor what a message means beyond its form
 * (reply). Runs in: the server (preview loop), the command line.
 */
#include "preview/worker.h"

#define CW_LOG_MODULE "preview"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/start.h"
#include "cordwain/limits.h"
#include "preview/timer.h"

#define REPLY_BYTES  4096 /* the longest answer is a FAILED with its two texts */
#define REPLY_FDS    4    /* one is right; more are received only to be closed */
#define REAP_POLL_MS 20   /* without pidfd */

/* ---- start ----------------------------------------------------------------------------------- */

static int spawn(const struct cw_worker_settings *settings, int child_fd, pid_t *ret_pid) {
    char worker_fd[8], worker_flag[] = "--worker", fonts_flag[] = "--fonts";
    snprintf(worker_fd, sizeof worker_fd, "%d", CW_SPAWN_FD);
    char *argv[] = {settings->renderer, worker_flag, worker_fd, fonts_flag, settings->fonts, NULL};
    return cw_spawn_worker(settings->renderer, argv, child_fd, ret_pid);
}

static void on_readable(evutil_socket_t fd, short what, void *arg);
static void on_ended(evutil_socket_t fd, short what, void *arg);

static bool watch(struct cw_worker *worker) {
    worker->readable =
        event_new(worker->base, worker->fd, EV_READ | EV_PERSIST, on_readable, worker);
    if (worker->readable == NULL || event_add(worker->readable, NULL) != 0)
        return false;
    worker->pidfd = (int)syscall(SYS_pidfd_open, worker->pid, 0);
    if (worker->pidfd >= 0)
        worker->ended = event_new(worker->base, worker->pidfd, EV_READ, on_ended, worker);
    return true;
}

static uint32_t grow_delay(struct cw_worker *worker) {
    const struct cw_worker_settings *s = worker->settings;
    uint32_t delay = worker->delay_ms * 2;
    if (delay < s->restart_min_ms)
        delay = s->restart_min_ms;
    worker->delay_ms = delay > s->restart_max_ms ? s->restart_max_ms : delay;
    return worker->delay_ms;
}

static void start(struct cw_worker *worker) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        cw_log_error("worker.socket", "error=%s", strerror(errno));
        cw_timer_arm(worker->timer, grow_delay(worker));
        return;
    }
    int rc = spawn(worker->settings, pair[1], &worker->pid);
    close(pair[1]);
    if (rc != 0) {
        close(pair[0]);
        worker->pid = 0;
        uint32_t delay = grow_delay(worker);
        cw_log_error("worker.start", "error=%s retry_ms=%u", strerror(rc), delay);
        cw_timer_arm(worker->timer, delay);
        return;
    }
    worker->fd = pair[0];
    fcntl(worker->fd, F_SETFL, O_NONBLOCK);
    worker->state = CW_WORKER_STARTING;
    worker->jobs = 0;
    worker->starts++;
    cw_timer_arm(worker->timer, worker->settings->start_deadline_ms);
    if (!watch(worker))
        cw_worker_stop(worker, CW_WORKER_DIED);
}

/* ---- end ------------------------------------------------------------------------------------- */

static void close_all(struct cw_worker *worker) {
    if (worker->readable != NULL)
        event_free(worker->readable);
    worker->readable = NULL;
    if (worker->fd >= 0)
        close(worker->fd);
    worker->fd = -1;
}

static void close_pidfd(struct cw_worker *worker) {
    if (worker->ended != NULL)
        event_free(worker->ended);
    worker->ended = NULL;
    if (worker->pidfd >= 0)
        close(worker->pidfd);
    worker->pidfd = -1;
}

/* True when the process is gone. It was ours until this call, so its pid cannot have been reused.
 */
static bool reap(struct cw_worker *worker, int options) {
    int status = 0;
    pid_t rc;
    do
        rc = waitpid(worker->pid, &status, options);
    while (rc < 0 && errno == EINTR);
    if (rc == 0)
        return false;
    worker->pid = 0;
    close_pidfd(worker);
    return true;
}

static void try_reap(struct cw_worker *worker) {
    if (!reap(worker, WNOHANG)) {
        if (worker->ended != NULL)
            event_add(worker->ended, NULL);
        else
            cw_timer_arm(worker->timer, REAP_POLL_MS);
        return;
    }
    worker->state = CW_WORKER_DOWN;
    cw_timer_arm(worker->timer, worker->delay_ms);
}

void cw_worker_stop(struct cw_worker *worker, enum cw_worker_end end) {
    static const char *const why[] = {"recycled", "died", "nonsense", "too_slow"};
    if (worker->state == CW_WORKER_DOWN || worker->state == CW_WORKER_REAPING)
        return;
    enum cw_worker_state was = worker->state;
    worker->state = CW_WORKER_REAPING;
    event_del(worker->timer);
    close_all(worker);
    kill(worker->pid, SIGKILL);
    if (end == CW_WORKER_RECYCLED) {
        worker->delay_ms = 0;
    } else {
        uint32_t delay = grow_delay(worker);
        cw_log_warn("worker.ended", "pid=%d why=%s jobs=%u during=%s restart_ms=%u",
                    (int)worker->pid, why[end], worker->jobs,
                    was == CW_WORKER_BUSY   ? "job"
                    : was == CW_WORKER_IDLE ? "idle"
                                            : "start",
                    delay);
    }
    worker->ops->gone(worker->owner, worker, end);
    try_reap(worker);
}

static void on_ended(evutil_socket_t fd, short what, void *arg) {
    (void)fd, (void)what;
    try_reap(arg);
}

static void on_timer(evutil_socket_t fd, short what, void *arg) {
    (void)fd, (void)what;
    struct cw_worker *worker = arg;
    if (worker->state == CW_WORKER_DOWN)
        start(worker);
    else if (worker->state == CW_WORKER_STARTING)
        cw_worker_stop(worker, CW_WORKER_TOO_SLOW);
    else if (worker->state == CW_WORKER_REAPING)
        try_reap(worker);
}

enum cw_status cw_worker_init(struct cw_worker *worker, struct cw_error *err) {
    worker->fd = worker->pidfd = -1;
    worker->state = CW_WORKER_DOWN;
    worker->timer = event_new(worker->base, -1, 0, on_timer, worker);
    if (worker->timer == NULL)
        return cw_fail(err, CW_E_IO, "render.event", "no event for a renderer");
    cw_timer_arm(worker->timer, 0);
    return CW_OK;
}

void cw_worker_deinit(struct cw_worker *worker) {
    if (worker->timer == NULL)
        return;
    close_all(worker);
    if (worker->pid > 0) {
        kill(worker->pid, SIGKILL);
        reap(worker, 0);
    }
    event_free(worker->timer);
    worker->timer = NULL;
    worker->state = CW_WORKER_DOWN;
}

/* ---- messages -------------------------------------------------------------------------------- */

enum cw_status cw_worker_send(struct cw_worker *worker, const struct cw_buf *message,
                              const struct cw_worker_fds *fds, struct cw_error *err) {
    struct iovec part = {.iov_base = message->data, .iov_len = message->length};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE((1 + CW_RENDER_PICTURES) * sizeof(int))];
    } control = {0};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    if (fds->count > 0) {
        header.msg_control = control.bytes;
        header.msg_controllen = CMSG_SPACE(fds->count * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&header);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(fds->count * sizeof(int));
        memcpy(CMSG_DATA(c), fds->items, fds->count * sizeof(int));
    }
    ssize_t sent;
    do
        sent = sendmsg(worker->fd, &header, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno != EPIPE && errno != ECONNRESET && errno != EAGAIN && errno != ENOTCONN)
        return cw_fail(err, CW_E_BUG, "render.send", "the job cannot be sent: %s", strerror(errno));
    if (sent < 0)
        return cw_fail(err, CW_E_IO, "render.worker_died", "the renderer is gone");
    worker->state = CW_WORKER_BUSY;
    worker->jobs++;
    return CW_OK;
}

/* All descriptors of a message; returns how many, keeps the first in *ret_fd and closes the rest.
 */
static size_t take_fds(struct msghdr *header, int *ret_fd) {
    size_t count = 0;
    *ret_fd = -1;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t here = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < here; i++, count++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (count == 0)
                *ret_fd = fd;
            else
                close(fd);
        }
    }
    return count;
}

static void deliver(struct cw_worker *worker, const struct cw_reply *reply, int take_fd) {
    bool expected = worker->state == CW_WORKER_STARTING
                        ? reply->kind == CW_RENDER_HELLO
                        : worker->state == CW_WORKER_BUSY && reply->kind != CW_RENDER_HELLO;
    if (expected && worker->state == CW_WORKER_BUSY) {
        worker->ops->reply(worker->owner, worker, reply, take_fd);
        return;
    }
    if (take_fd >= 0)
        close(take_fd);
    if (!expected) {
        cw_worker_stop(worker, CW_WORKER_NONSENSE);
        return;
    }
    event_del(worker->timer);
    worker->state = CW_WORKER_IDLE;
    worker->ops->hello(worker->owner, worker, reply);
}

static void on_readable(evutil_socket_t fd, short what, void *arg) {
    (void)what;
    struct cw_worker *worker = arg;
    uint8_t data[REPLY_BYTES];
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(REPLY_FDS * sizeof(int))];
    } control;
    struct iovec part = {.iov_base = data, .iov_len = sizeof data};
    struct msghdr header = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes};
    ssize_t got = recvmsg(fd, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        cw_worker_stop(worker, CW_WORKER_DIED);
        return;
    }
    int reply_fd;
    size_t fds = take_fds(&header, &reply_fd);
    struct cw_reply reply;
    bool valid = (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 &&
                 cw_reply_decode(data, (size_t)got, &reply, NULL) == CW_OK &&
                 fds == (reply.kind == CW_RENDER_IMAGE ? 1u : 0u);
    if (valid) {
        deliver(worker, &reply, reply_fd);
        return;
    }
    if (reply_fd >= 0)
        close(reply_fd);
    cw_worker_stop(worker, CW_WORKER_NONSENSE);
}
