/*
 * Responsible for the worker's loop: receive a job, do it, answer. Does not decode messages (job.c)
 * and does not draw. The worker process runs it; it is the renderer's edge, so it is where failures
 * are logged.
 */
#include "worker.h"

#include <cairo.h>
#include <errno.h>
#include <hb.h>
#include <fcntl.h>
#include <pango/pango.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CW_LOG_MODULE "worker"
#include "artwork.h"
#include "base/log.h"
#include "compose.h"
#include "cordwain/limits.h"
#include "encode.h"
#include "job.h"
#include "srgb.h"
#include "text.h"

/* Raised whenever the same scene would give other pixels: it is part of every preview's identity.
 */
#define LOOK 1

struct cached_pack {
    dev_t dev;
    ino_t ino;
    off_t size;
    struct timespec changed;
    uint64_t used;
    struct cw_pack *pack;
};

struct worker {
    int fd;
    struct cw_fonts *fonts;
    struct cached_pack packs[CW_RENDER_PACKS];
    uint64_t tick;
    struct cw_buf answer;
    uint8_t message[CW_RENDER_MESSAGE_BYTES];
};

/* One received message; pack_fd is -1 or ours to close. */
struct received {
    struct cw_bytes bytes;
    bool too_long;
    int pack_fd;
};

/* An answer's payload in memory that the receiver may map without fear of change; -1 for none. */
struct product {
    struct cw_buf bytes;
    uint32_t size_px[2];
};

const char *cw_worker_build(void) {
    static char text[240];
    if (text[0])
        return text;
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_buf_printf(&buf, "cw-renderer/%s look/%d cairo/%s pango/%s harfbuzz/%s", CORDWAIN_VERSION,
                  LOOK, cairo_version_string(), pango_version_string(), hb_version_string());
    cw_encode_versions(&buf);
    strncpy(text, buf.data, sizeof text - 1);
    return text;
}

static int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- packs ---------------------------------------------------------------------------------- */

static struct cached_pack *slot_for(struct worker *w, const struct stat *st) {
    struct cached_pack *oldest = &w->packs[0];
    for (size_t i = 0; i < CW_RENDER_PACKS; i++) {
        struct cached_pack *c = &w->packs[i];
        if (c->pack && c->dev == st->st_dev && c->ino == st->st_ino && c->size == st->st_size &&
            c->changed.tv_sec == st->st_ctim.tv_sec && c->changed.tv_nsec == st->st_ctim.tv_nsec)
            return c;
        if (c->used < oldest->used)
            oldest = c;
    }
    cw_pack_free(oldest->pack);
    *oldest = (struct cached_pack){0};
    return oldest;
}

static void drop_packs(struct worker *w) {
    for (size_t i = 0; i < CW_RENDER_PACKS; i++) {
        cw_pack_free(w->packs[i].pack);
        w->packs[i] = (struct cached_pack){0};
    }
}

/* A mapping keeps its inode alive, so the same inode and change time is the same content. */
static enum cw_status get_pack(struct worker *w, int fd, const struct cw_pack **ret,
                               struct cw_error *err) {
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        return cw_fail(err, CW_E_INPUT, "render.pack",
                       "a render message came without its art pack");
    struct cached_pack *slot = slot_for(w, &st);
    if (!slot->pack) {
        struct cw_error first = {0};
        enum cw_status status = cw_pack_open(fd, &slot->pack, &first);
        if (status == CW_E_IO) { /* the address space may be full of older packs */
            drop_packs(w);
            status = cw_pack_open(fd, &slot->pack, err);
        } else if (status && err) {
            *err = first;
        }
        if (status)
            return status;
        slot->dev = st.st_dev;
        slot->ino = st.st_ino;
        slot->size = st.st_size;
        slot->changed = st.st_ctim;
    }
    slot->used = ++w->tick;
    *ret = slot->pack;
    return CW_OK;
}

/* ---- socket --------------------------------------------------------------------------------- */

static void take_fds(const struct msghdr *head, struct received *ret) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(head); c;
         c = CMSG_NXTHDR((struct msghdr *)(uintptr_t)head, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (ret->pack_fd < 0)
                ret->pack_fd = fd;
            else
                close(fd);
        }
    }
}

/* False at the end of the connection; *failed tells whether it ended badly. */
static bool receive(struct worker *w, struct received *ret, bool *failed) {
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(4 * sizeof(int))];
    } control;
    struct iovec part = {w->message, sizeof w->message};
    struct msghdr head = {.msg_iov = &part,
                          .msg_iovlen = 1,
                          .msg_control = &control,
                          .msg_controllen = sizeof control};
    ssize_t got;
    do
        got = recvmsg(w->fd, &head, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    *failed = got < 0 && errno != ECONNRESET;
    if (got <= 0)
        return false;
    *ret = (struct received){.bytes = {w->message, (size_t)got}, .pack_fd = -1};
    ret->too_long = (head.msg_flags & MSG_TRUNC) != 0;
    take_fds(&head, ret);
    return true;
}

static bool send_answer(const struct worker *w, int fd) {
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {w->answer.data, w->answer.length};
    struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd >= 0) {
        head.msg_control = &control;
        head.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&head);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    ssize_t sent;
    do
        sent = sendmsg(w->fd, &head, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)w->answer.length;
}

/* Bytes in a sealed memory file, so that the server can map them without copying and without
 * trusting us. */
static enum cw_status seal(const struct cw_buf *bytes, int *ret_fd, struct cw_error *err) {
    if (bytes->length > CW_RENDER_IMAGE_BYTES)
        return cw_fail(err, CW_E_LIMIT, "render.image_too_large",
                       "the picture has more than %d bytes", CW_RENDER_IMAGE_BYTES);
    int fd = memfd_create("image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return cw_fail(err, CW_E_IO, "render.memfd", "no memory file for the picture");
    for (size_t at = 0; at < bytes->length;) {
        ssize_t done = write(fd, bytes->data + at, bytes->length - at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            close(fd);
            return cw_fail(err, CW_E_IO, "render.memfd", "cannot write the picture");
        }
        at += (size_t)done;
    }
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0) {
        close(fd);
        return cw_fail(err, CW_E_IO, "render.memfd", "cannot seal the picture");
    }
    *ret_fd = fd;
    return CW_OK;
}

/* ---- jobs ----------------------------------------------------------------------------------- */

static enum cw_status render(struct worker *w, const struct cw_job *job, int pack_fd,
                             struct product *ret, struct cw_error *err) {
    const struct cw_pack *pack = NULL;
    enum cw_status status = get_pack(w, pack_fd, &pack, err);
    if (status)
        return status;
    CW_AUTO_PICTURE struct cw_picture picture = {0};
    status = cw_compose(w->fonts, pack, &job->scene, &picture, err);
    if (!status)
        status = cw_encode(&picture, job->scene.format, &ret->bytes, err);
    ret->size_px[0] = picture.width;
    ret->size_px[1] = picture.height;
    return status;
}

static enum cw_status measure(struct worker *w, const struct cw_job *job, struct cw_error *err) {
    struct cw_text_fit fit = {0};
    enum cw_status status = cw_text_measure(w->fonts, &job->scene.decals[0], &fit, err);
    if (!status)
        cw_job_put_measured(&w->answer, job->id, &fit);
    return status;
}

/* Fills w->answer and, for pictures, *ret_fd. */
static enum cw_status work(struct worker *w, const struct cw_job *job, int pack_fd, int *ret_fd,
                           struct cw_error *err) {
    int64_t start = now_us();
    if (job->kind == CW_RENDER_MEASURE)
        return measure(w, job, err);
    struct product product = {0};
    enum cw_status status = job->kind == CW_RENDER_RENDER
                                ? render(w, job, pack_fd, &product, err)
                                : cw_artwork_pdf(w->fonts, job->scene.decals,
                                                 job->scene.decal_count, &product.bytes, err);
    if (!status)
        status = seal(&product.bytes, ret_fd, err);
    if (!status)
        cw_job_put_image(&w->answer, job->id, product.bytes.length, product.size_px,
                         (uint32_t)(now_us() - start));
    cw_buf_deinit(&product.bytes);
    return status;
}

static bool answer(struct worker *w, const struct received *in) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_error err = {0};
    struct cw_job job = {0};
    int fd = -1;
    enum cw_status status = CW_E_NOMEM;
    if (!arena)
        (void)cw_fail(&err, CW_E_NOMEM, "memory", "out of memory");
    else
        status = cw_job_decode(arena, in->bytes, &job, &err);
    if (in->too_long) {
        err = (struct cw_error){0};
        status = cw_fail(&err, CW_E_LIMIT, "render.message", "the message is longer than %d bytes",
                         CW_RENDER_MESSAGE_BYTES);
    }
    if (!status)
        status = work(w, &job, in->pack_fd, &fd, &err);
    if (status) {
        cw_job_put_failed(&w->answer, job.id, &err);
        cw_log_warn("job-failed", "job=%u code=%s", job.id, err.code ? err.code : "");
    }
    bool sent = send_answer(w, fd);
    if (fd >= 0)
        close(fd);
    return sent;
}

enum cw_status cw_worker_run(int fd, struct cw_fonts *fonts, struct cw_error *err) {
    static struct worker w; /* 64 kB; one worker per process */
    w = (struct worker){.fd = fd, .fonts = fonts};
    cw_srgb_init();
    cw_job_put_hello(&w.answer, cw_worker_build(), cw_fonts_digest(fonts));
    bool going = send_answer(&w, -1), failed = !going;
    struct received in;
    while (going && receive(&w, &in, &failed)) {
        going = answer(&w, &in);
        failed = !going;
        if (in.pack_fd >= 0)
            close(in.pack_fd);
    }
    drop_packs(&w);
    cw_buf_deinit(&w.answer);
    if (failed && errno != EPIPE)
        return cw_fail(err, CW_E_IO, "worker.socket", "the socket to the server failed");
    return CW_OK;
}
