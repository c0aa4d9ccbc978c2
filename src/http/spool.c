/*
 * Keeps a request body in memory or, when it is long, in an unlinked temporary file. The loop only
 * collects pieces; writing is a crew's. Does not know what the body is. Runs in the server: loop
 * thread, except `write_piece`.
 */
#include "http/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct cw_spool {
    struct cw_spool_config config;
    struct cw_request *req; /* NULL: its arena is gone */
    struct cw_buf data;     /* not written yet; grows while `busy` by what was read already */
    int file;               /* -1: all in memory */
    size_t written;         /* bytes of the file; its offset stays 0 */
    bool busy;              /* a thread has `writing`, `file` and `error` */
    struct cw_buf writing;
    struct cw_error error;
};

static void spool_free(struct cw_spool *spool) {
    cw_buf_deinit(&spool->data);
    cw_buf_deinit(&spool->writing);
    if (spool->file >= 0)
        (void)close(spool->file);
    free(spool);
}

/* The arena goes; a thread may still be writing. */
static void let_go(void *arg) {
    struct cw_spool *spool = arg;
    spool->req = NULL;
    if (!spool->busy)
        spool_free(spool);
}

/* O_TMPFILE where the file system has it, else a name that is removed at once. */
static int open_nameless(const char *folder) {
    int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
        return file;
    char path[4096];
    if (snprintf(path, sizeof path, "%s/upload-XXXXXX", folder) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    file = mkostemp(path, O_CLOEXEC);
    if (file >= 0)
        (void)unlink(path);
    return file;
}

static void io_failed(struct cw_spool *spool, const char *what) {
    (void)cw_fail(&spool->error, CW_E_IO, "http.spool", "the upload cannot be kept");
    (void)snprintf(spool->error.detail, sizeof spool->error.detail, "%s in '%s': %s", what,
                   spool->config.folder, strerror(errno));
}

/* On a thread. */
static void write_piece(void *arg) {
    struct cw_spool *spool = arg;
    if (spool->file < 0)
        spool->file = open_nameless(spool->config.folder);
    if (spool->file < 0) {
        io_failed(spool, "open");
        return;
    }
    size_t at = 0;
    while (at < spool->writing.length) {
        ssize_t done = pwrite(spool->file, spool->writing.data + at, spool->writing.length - at,
                              (off_t)(spool->written + at));
        if (done < 0 && errno != EINTR) {
            io_failed(spool, "write");
            return;
        }
        at += done > 0 ? (size_t)done : 0;
    }
    spool->written += at;
    cw_buf_reset(&spool->writing);
}

static void written(void *arg);

/* Let a thread write what there is; the client waits meanwhile. */
static enum cw_status start_writing(struct cw_spool *spool, struct cw_error *err) {
    struct cw_buf swap = spool->writing;
    spool->writing = spool->data;
    spool->data = swap;
    const struct cw_crew_job job = {write_piece, written, spool, spool->config.mailbox};
    enum cw_status status = cw_crew_push(spool->config.crew, &job, err);
    spool->busy = status == CW_OK;
    if (spool->busy)
        cw_request_pause(spool->req);
    return status;
}

/* In the loop again. A stopping crew calls this without write_piece: `writing` is then not empty.
 */
static void written(void *arg) {
    struct cw_spool *spool = arg;
    spool->busy = false;
    if (spool->req == NULL) {
        spool_free(spool);
        return;
    }
    if (spool->error.status == CW_OK && spool->writing.length > 0)
        (void)cw_fail(&spool->error, CW_E_BUSY, "crew.stopping", "the server is shutting down");
    struct cw_error error = spool->error;
    if (error.status == CW_OK && spool->data.length > 0 && start_writing(spool, &error) == CW_OK)
        return;
    if (error.status != CW_OK) {
        cw_request_abort(spool->req, &error); /* frees the spool */
        return;
    }
    cw_request_resume(spool->req);
}

static enum cw_status consume(void *arg, struct cw_bytes piece, struct cw_error *err) {
    struct cw_spool *spool = arg;
    cw_buf_add(&spool->data, piece.data, piece.length);
    if (spool->busy || (spool->file < 0 && spool->data.length <= spool->config.memory_bytes))
        return CW_OK;
    return start_writing(spool, err);
}

enum cw_status cw_spool_attach(struct cw_request *req, const struct cw_spool_config *config,
                               struct cw_spool **ret_spool, struct cw_error *err) {
    struct cw_spool *spool = calloc(1, sizeof *spool);
    if (spool == NULL)
        return cw_fail(err, CW_E_NOMEM, "http.memory", "no memory for an upload");
    *spool = (struct cw_spool){.config = *config, .req = req, .file = -1};
    cw_arena_defer(req->arena, let_go, spool);
    cw_request_stream(req, consume, spool);
    *ret_spool = spool;
    return CW_OK;
}

bool cw_spool_bytes(const struct cw_spool *spool, struct cw_bytes *ret_bytes) {
    if (spool->file >= 0)
        return false;
    *ret_bytes = (struct cw_bytes){(const uint8_t *)spool->data.data, spool->data.length};
    return true;
}

int cw_spool_file(const struct cw_spool *spool) {
    return spool->file;
}
