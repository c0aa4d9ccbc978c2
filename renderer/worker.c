/*
 * Responsible for the worker's loop: receive a job, do it, answer. Does not decode messages (job.c)
 * and does not draw. The worker process runs it; it is the renderer's edge, so it is where failures
 * are logged.
 */
#include "worker.h"

#include <cairo.h>
#include <errno.h>
#include <hb.h>
#include <pango/pango.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#define CW_LOG_MODULE "worker"
#include "artwork.h"
#include "base/log.h"
#include "cordwain/limits.h"
#include "encode.h"
#include "job.h"
#include "link.h"
#include "recent.h"
#include "shown.h"
#include "base/srgb.h"
#include "text.h"
#include "wide.h"

/* Raised whenever the same scene would give other pixels; part of every preview's identity. */
#define LOOK 7

/* The same of artwork. */
#define ARTWORK 3

struct cached_pack {
    dev_t dev;
    ino_t ino;
    off_t size;
    struct timespec changed;
    uint64_t used;
    struct cw_pack *pack;
};

struct worker {
    struct cw_link link;
    struct cw_fonts *fonts;
    struct cached_pack packs[CW_RENDER_PACKS];
    uint64_t tick;
    struct cw_recent *recent;
    struct cw_buf answer;
};

/* What a job made, before it is sealed. */
struct product {
    struct cw_buf bytes;
    uint32_t size_px[2];
};

const char *cw_worker_build(void) {
    static char text[240];
    if (text[0])
        return text;
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_buf_printf(&buf, "cw-renderer/%s look/%d artwork/%d cairo/%s pango/%s harfbuzz/%s",
                  CORDWAIN_VERSION, LOOK, ARTWORK, cairo_version_string(), pango_version_string(),
                  hb_version_string());
    cw_encode_versions(&buf);
    cw_buf_printf(&buf, " zlib/%s", zlibVersion());
    strncpy(text, buf.data, sizeof text - 1);
    return text;
}

static int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- packs ----------------------------------------------------------------------------------- */

static void free_pack(struct worker *w, struct cached_pack *slot) {
    if (slot->pack)
        cw_recent_forget(w->recent, slot->pack);
    cw_pack_free(slot->pack);
    *slot = (struct cached_pack){0};
}

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
    free_pack(w, oldest);
    return oldest;
}

static void drop_packs(struct worker *w) {
    for (size_t i = 0; i < CW_RENDER_PACKS; i++)
        free_pack(w, &w->packs[i]);
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

/* ---- jobs ------------------------------------------------------------------------------------ */

static enum cw_status draw(struct worker *w, struct cw_job *job, const struct cw_received *in,
                           struct product *ret, struct cw_error *err) {
    const struct cw_pack *pack = NULL;
    enum cw_status status = CW_OK;
    if (cw_shown_needs_pack(job)) {
        status = get_pack(w, in->fd_count > 0 ? in->fds[0] : -1, &pack, err);
        if (!status)
            status = cw_shown_tiles(job, pack, err);
    }
    if (status)
        return status;
    if (job->kind == CW_RENDER_ARTWORK)
        return cw_artwork_make(w->fonts, &job->artwork, &ret->bytes, err);
    const struct cw_plan_input input = {.fonts = w->fonts, .pack = pack, .scene = &job->scene};
    return cw_recent_draw(w->recent, &input, &ret->bytes, ret->size_px, err);
}

static enum cw_status measure(struct worker *w, const struct cw_job *job, struct cw_error *err) {
    struct cw_text_fit fit = {0};
    enum cw_status status = cw_text_measure(w->fonts, &job->scene.decals[0], &fit, err);
    if (!status)
        cw_job_put_measured(&w->answer, job->id, &fit);
    return status;
}

/* Fills w->answer and, for pictures, *ret_fd. */
static enum cw_status work(struct worker *w, struct cw_job *job, const struct cw_received *in,
                           int *ret_fd, struct cw_error *err) {
    int64_t start = now_us();
    if (job->kind == CW_RENDER_MEASURE)
        return measure(w, job, err);
    struct product product = {0};
    enum cw_status status = draw(w, job, in, &product, err);
    if (!status)
        status = cw_link_seal(&product.bytes, ret_fd, err);
    if (!status)
        cw_job_put_image(&w->answer, job->id, product.bytes.length, product.size_px,
                         (uint32_t)(now_us() - start));
    cw_buf_deinit(&product.bytes);
    return status;
}

static bool answer(struct worker *w, const struct cw_received *in) {
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
    struct cw_shown shown = {0};
    if (!status)
        status = cw_shown_open(&shown, &job, in, &err);
    if (!status)
        status = work(w, &job, in, &fd, &err);
    cw_shown_close(&shown);
    if (status) {
        cw_job_put_failed(&w->answer, job.id, &err);
        cw_log_warn("job-failed", "job=%u code=%s", job.id, err.code ? err.code : "");
    }
    bool sent = cw_link_send(&w->link, &w->answer, fd);
    if (fd >= 0)
        close(fd);
    return sent;
}

enum cw_status cw_worker_run(int fd, struct cw_fonts *fonts, struct cw_error *err) {
    static struct worker w; /* 64 kB; one worker per process */
    w = (struct worker){.link = {.fd = fd}, .fonts = fonts, .recent = cw_recent_new()};
    if (!w.recent)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    cw_srgb_init();
    cw_wide_init(/* wanted: */ true);
    cw_job_put_hello(&w.answer, cw_worker_build(), cw_fonts_digest(fonts));
    bool going = cw_link_send(&w.link, &w.answer, -1), failed = !going;
    struct cw_received in;
    while (going && cw_link_receive(&w.link, &in, &failed)) {
        going = answer(&w, &in);
        failed = !going;
        for (size_t i = 0; i < in.fd_count; i++)
            close(in.fds[i]);
    }
    drop_packs(&w);
    cw_recent_free(w.recent);
    cw_buf_deinit(&w.answer);
    if (failed && errno != EPIPE)
        return cw_fail(err, CW_E_IO, "worker.socket", "the socket to the server failed");
    return CW_OK;
}
