/*
 * Responsible for the parent's side of one uploaded file: starts the importer, hands it the
 * descriptor, reads one verdict and ends the process. Does not read the file itself, whatever it
 * holds. Blocking: the command line runs it, and the server on a thread of its crew.
 */
#include "preview/import.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/start.h"
#include "base/wire.h"

struct importer {
    pid_t pid;
    int fd; /* our end, or -1 */
    int64_t started_ms;
};

const char *cw_artwork_kind_name(enum cw_artwork_kind kind) {
    static const char *const names[] = {"unknown", "png", "jpeg", "svg"};
    return names[kind <= CW_ARTWORK_SVG ? kind : CW_ARTWORK_UNKNOWN];
}

const char *cw_artwork_colour_name(enum cw_artwork_colour colour) {
    static const char *const names[] = {"srgb", "converted", "assumed"};
    return names[colour <= CW_COLOUR_ASSUMED ? colour : CW_COLOUR_ASSUMED];
}

static int64_t now_ms(void) {
    return cw_clock_monotonic_ms(&cw_clock_system);
}

static void refuse(struct cw_import_verdict *verdict, const char *code, const char *reason) {
    verdict->refused = true;
    verdict->kind = CW_ARTWORK_UNKNOWN;
    verdict->width_px = verdict->height_px = 0;
    snprintf(verdict->code, sizeof verdict->code, "%s", code);
    snprintf(verdict->reason, sizeof verdict->reason, "%s", reason);
}

static enum cw_status start(const char *program, struct importer *ret, struct cw_error *err) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return cw_fail(err, CW_E_IO, "artwork.worker_start", "no socket for an importer");
    char name[] = "cordwain-renderer", mode[] = "--import", fd_text[12];
    snprintf(fd_text, sizeof fd_text, "%d", CW_SPAWN_FD);
    char *argv[] = {name, mode, fd_text, NULL};
    int rc = cw_spawn_worker(program, argv, pair[1], &ret->pid);
    close(pair[1]);
    if (rc != 0) {
        close(pair[0]);
        cw_fail(err, CW_E_IO, "artwork.worker_start", "cannot start an importer");
        cw_error_detail(err, "%s: %s", program, strerror(rc));
        return CW_E_IO;
    }
    ret->fd = pair[0];
    return CW_OK;
}

static bool ask(const struct importer *importer, const struct cw_import_request *request) {
    CW_AUTO_BUF struct cw_buf message = {0};
    cw_wire_put_u32(&message, CW_IMPORT_MAGIC);
    cw_wire_put_u16(&message, CW_IMPORT_VERSION);
    cw_wire_put_u32(&message, request->draw_px ? request->draw_px : CW_IMPORT_DRAW_PX);
    cw_wire_put_u8(&message, request->wants_picture);
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {message.data, message.length};
    struct msghdr head = {.msg_iov = &part,
                          .msg_iovlen = 1,
                          .msg_control = &control,
                          .msg_controllen = sizeof control};
    struct cmsghdr *c = CMSG_FIRSTHDR(&head);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &request->file_fd, sizeof(int));
    return sendmsg(importer->fd, &head, MSG_NOSIGNAL) == (ssize_t)message.length;
}

/* The process is not trusted: what it calls a picture is one, and cannot change any more. */
static bool is_picture(int fd, const struct cw_import_verdict *verdict) {
    const int wanted = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    struct stat about;
    int seals = fd >= 0 ? fcntl(fd, F_GET_SEALS) : -1;
    return seals >= 0 && (seals & wanted) == wanted && fstat(fd, &about) == 0 &&
           about.st_size == (off_t)verdict->width_px * verdict->height_px * 4;
}

static bool decode(const void *data, size_t length, struct cw_import_verdict *ret) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_wire_reader reader;
    cw_wire_reader_init(&reader, data, length);
    bool right = cw_wire_get_u32(&reader) == CW_IMPORT_MAGIC;
    right = cw_wire_get_u16(&reader) == CW_IMPORT_VERSION && right;
    ret->refused = cw_wire_get_u8(&reader) != 0;
    uint8_t kind = cw_wire_get_u8(&reader), colour = cw_wire_get_u8(&reader);
    ret->width_px = cw_wire_get_u32(&reader);
    ret->height_px = cw_wire_get_u32(&reader);
    const char *code = cw_wire_get_str(&reader, arena, sizeof ret->code - 1);
    const char *reason = cw_wire_get_str(&reader, arena, sizeof ret->reason - 1);
    right = right && cw_wire_done(&reader) && kind <= CW_ARTWORK_SVG && colour <= CW_COLOUR_ASSUMED;
    if (!right || code[strspn(code, "abcdefghijklmnopqrstuvwxyz._")] != '\0')
        return false;
    ret->kind = (enum cw_artwork_kind)kind;
    ret->colour = (enum cw_artwork_colour)colour;
    snprintf(ret->code, sizeof ret->code, "%s", code);
    snprintf(ret->reason, sizeof ret->reason, "%s", reason);
    if (ret->refused)
        return *code != '\0';
    return kind != CW_ARTWORK_UNKNOWN && ret->width_px >= 1 && ret->height_px >= 1 &&
           ret->width_px <= CW_IMPORT_SIDE_PX && ret->height_px <= CW_IMPORT_SIDE_PX;
}

static int take_fd(struct msghdr *head) {
    struct cmsghdr *c = CMSG_FIRSTHDR(head);
    int fd = -1;
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
    return fd;
}

/* Nothing left to read means it has died. */
static bool take_reply(const struct importer *importer, bool wants_picture,
                       struct cw_import_verdict *verdict) {
    uint8_t message[CW_IMPORT_REPLY_BYTES];
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {message, sizeof message};
    struct msghdr head = {.msg_iov = &part,
                          .msg_iovlen = 1,
                          .msg_control = &control,
                          .msg_controllen = CMSG_LEN(sizeof(int))}; /* padding holds another */
    ssize_t got = recvmsg(importer->fd, &head, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got <= 0)
        return false;
    int fd = take_fd(&head);
    bool right = !(head.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) &&
                 decode(message, (size_t)got, verdict) &&
                 (verdict->refused || !wants_picture || is_picture(fd, verdict));
    if (right && !verdict->refused && wants_picture)
        verdict->picture_fd = fd;
    else if (fd >= 0)
        close(fd);
    if (!right)
        refuse(verdict, "artwork.worker_reply", "the importer's answer makes no sense");
    return true;
}

/* What it has worked since it was started; 0 when nobody can tell, then only the deadline counts.
 */
static int64_t worked_ms(const struct importer *importer) {
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(importer->pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
        return 0;
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* NULL: there is something to read. It has one thread, so it cannot use up what is left of its
 * budget in less time than that. */
static const char *wait_readable(const struct importer *importer,
                                 const struct cw_import_request *request) {
    const uint32_t cpu_ms = request->cpu_ms ? request->cpu_ms : CW_IMPORT_CPU_MS;
    const uint32_t all_ms = request->deadline_ms ? request->deadline_ms : CW_IMPORT_DEADLINE_MS;
    for (;;) {
        int64_t work = cpu_ms - worked_ms(importer);
        int64_t left = importer->started_ms + all_ms - now_ms();
        int64_t next = work < left ? work : left;
        struct pollfd poller = {.fd = importer->fd, .events = POLLIN};
        int rc = poll(&poller, 1, next > 0 ? (int)next : 0);
        if (rc > 0)
            return NULL;
        if (rc < 0 && errno == EINTR)
            continue;
        if (work <= 0)
            return "the file takes too much work to read";
        if (left <= 0 || rc < 0)
            return "the file took too long to read";
    }
}

/* Ended whatever it does: a verdict is final, and a process lives for one file. */
static void end(const struct importer *importer, bool died, struct cw_import_verdict *verdict) {
    int how = 0;
    struct rusage usage = {0};
    if (!died)
        kill(importer->pid, SIGKILL);
    while (wait4(importer->pid, &how, 0, &usage) < 0 && errno == EINTR)
        continue;
    verdict->peak_bytes = (uint64_t)usage.ru_maxrss * 1024;
    if (!died)
        return;
    char reason[CW_IMPORT_REASON_BYTES];
    snprintf(reason, sizeof reason, "the importer ended over it (%s %d)",
             WIFSIGNALED(how) ? "signal" : "exit", WIFSIGNALED(how) ? WTERMSIG(how) : how >> 8);
    refuse(verdict, "artwork.worker_died", reason);
}

enum cw_status cw_import_run(const struct cw_import_request *request, struct cw_import_verdict *ret,
                             struct cw_error *err) {
    struct importer importer = {.started_ms = now_ms()};
    enum cw_status status = start(request->program, &importer, err);
    if (status)
        return status;
    struct cw_import_verdict verdict = {.picture_fd = -1};
    bool died = !ask(&importer, request);
    const char *slow = died ? NULL : wait_readable(&importer, request);
    if (slow)
        refuse(&verdict, "artwork.too_slow", slow);
    else if (!died)
        died = !take_reply(&importer, request->wants_picture, &verdict);
    close(importer.fd);
    end(&importer, died, &verdict);
    verdict.milliseconds = (uint32_t)(now_ms() - importer.started_ms);
    *ret = verdict;
    return CW_OK;
}
