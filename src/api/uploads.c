/*
 * Responsible for: shoppers' own pictures: POST /v1/artworks streams one to a file, has it judged
 * by a process of its own and keeps it; GET tells about it and shows it. Does not: decode pictures
 * (renderer --import) or keep files (preview/picture_keep.c). Server process, loop thread; crews do
 * what blocks.
 *
 * An id is SHA-256(key of this shop ‖ digest of the pixels), cut to 128 bits. Who has the id has
 * the picture, so it must not be guessed, also not by somebody who can guess the picture (a logo on
 * a template): without the key a digest leads to no id. The same picture has the same id, and the
 * answer is the same whether it was there or not: nobody learns what others uploaded.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/context.h"
#include "cordwain/limits.h"
#include "http/spool.h"
#include "preview/import.h"

#define ID_BYTES  16
#define IMMUTABLE "private, max-age=31536000, immutable"

struct upload {
    struct cw_request *req;
    struct cw_spool *spool;
    int64_t kept_bytes; /* of all pictures, before this one */
    struct cw_import_verdict verdict;
    struct cw_kept_picture kept;
    struct cw_error error;
    char id[2 * ID_BYTES + 1];
    struct cw_artwork_row row;
};

static struct cw_api_uploads *uploads_of(const struct cw_request *req) {
    return api_of(req)->config.uploads;
}

/* ---- before the body ------------------------------------------------------------------------- */

static enum cw_status sum_bytes(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct upload *upload = job->data;
    return txn->ops->artwork_bytes(txn, &upload->kept_bytes, err);
}

static void welcome(struct api_job *job) {
    struct upload *upload = job->data;
    struct cw_request *req = job->req;
    const struct cw_api_uploads *uploads = uploads_of(req);
    const struct cw_spool_config spool = {0, uploads->folder, uploads->files, api_of(req)->mailbox};
    struct cw_error err = {0};
    if ((uint64_t)upload->kept_bytes >= uploads->disk_bytes) {
        (void)cw_fail(&err, CW_E_BUSY, "artwork.store_full",
                      "there is no room for more pictures at the moment");
    } else if (cw_spool_attach(req, &spool, &upload->spool, &err) == CW_OK) {
        req->user = upload;
        cw_request_proceed(req);
        return;
    }
    cw_reply_problem(req, &err);
}

void api_uploads_before(struct cw_request *req) {
    struct cw_error err = {0};
    if (!api_is_type(req, "image/png") && !api_is_type(req, "image/jpeg")) {
        (void)cw_fail(&err, CW_E_INPUT, "http.media_type",
                      "send Content-Type: image/png or image/jpeg");
        cw_reply_problem(req, &err);
        return;
    }
    if (!api_throttle_upload(req)) {
        return;
    }
    struct upload *upload = cw_arena_alloc(req->arena, sizeof *upload);
    upload->req = req;
    api_read(api_job_new(req, sum_bytes, welcome, upload));
}

/* ---- judging and keeping --------------------------------------------------------------------- */

static void unlock(void *kept) {
    (void)close(((struct cw_kept_picture *)kept)->lock);
}

/* On a thread of the crew. */
static void judge(void *arg) {
    struct upload *upload = arg;
    const struct cw_api_uploads *uploads = uploads_of(upload->req);
    struct cw_import_request request = {.program = uploads->renderer,
                                        .file_fd = cw_spool_file(upload->spool),
                                        .wants_picture = true};
    if (cw_import_run(&request, &upload->verdict, &upload->error) != CW_OK) {
        return;
    }
    if (!upload->verdict.refused && upload->verdict.kind != CW_ARTWORK_SVG &&
        cw_picture_keep(uploads->folder, &upload->verdict, &upload->kept, &upload->error) ==
            CW_OK) {
        cw_arena_defer(upload->req->arena, unlock, &upload->kept); /* the row is stored then */
    }
    if (upload->verdict.picture_fd >= 0) {
        (void)close(upload->verdict.picture_fd);
    }
}

static void make_id(const struct cw_api_uploads *uploads, const char *digest,
                    char ret_id[2 * ID_BYTES + 1]) {
    const struct cw_bytes pieces[] = {{uploads->id_key, sizeof uploads->id_key},
                                      cw_bytes_of(digest)};
    uint8_t hash[32];
    cw_sha256_pieces(pieces, 2, hash);
    cw_hex(hash, ID_BYTES, ret_id);
}

static void write_artwork(struct cw_json_writer *w, const struct cw_artwork_row *row,
                          struct cw_arena *arena) {
    cw_jw_begin(w, NULL, '{');
    cw_jw_str(w, "id", row->id);
    cw_jw_str(w, "kind", row->kind);
    cw_jw_int(w, "widthPx", row->width_px);
    cw_jw_int(w, "heightPx", row->height_px);
    cw_jw_str(w, "digest", row->digest);
    cw_jw_str(w, "url", cw_arena_printf(arena, "/v1/artworks/%s", row->id));
    cw_jw_str(w, "picture", cw_arena_printf(arena, "/v1/artworks/%s/picture.png", row->id));
    cw_jw_end(w, '}');
}

static enum cw_status put_artwork(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct upload *upload = job->data;
    return txn->ops->artwork_put(txn, &upload->row, err);
}

static void artwork_stored(struct api_job *job) {
    struct upload *upload = job->data;
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    write_artwork(&w, &upload->row, job->arena);
    const struct cw_header headers[] = {
        {"Location", cw_arena_printf(job->arena, "/v1/artworks/%s", upload->id)}, {NULL, NULL}};
    api_reply(job->req, 201, &buf, headers);
}

static void reply_refused(struct cw_request *req, const char *code, const char *reason) {
    struct cw_faults faults = {.arena = req->arena};
    cw_fault_add(&faults, code, "", "%s", reason);
    cw_reply_faults(req, cw_reply_status(CW_E_INPUT, code), code, "This picture cannot be used",
                    &faults);
}

static void judged(void *arg) {
    struct upload *upload = arg;
    struct cw_request *req = upload->req;
    if (upload->error.status != CW_OK) {
        cw_reply_problem(req, &upload->error);
        return;
    }
    if (upload->verdict.refused) {
        reply_refused(req, upload->verdict.code, upload->verdict.reason);
        return;
    }
    if (upload->verdict.kind == CW_ARTWORK_SVG) {
        reply_refused(req, "artwork.kind", "pictures are PNG or JPEG");
        return;
    }
    const struct cw_kept_picture *kept = &upload->kept;
    make_id(uploads_of(req), kept->digest, upload->id);
    upload->row = (struct cw_artwork_row){.id = upload->id,
                                          .kind = cw_artwork_kind_name(kept->kind),
                                          .digest = kept->digest,
                                          .file_digest = kept->file_digest,
                                          .width_px = kept->width_px,
                                          .height_px = kept->height_px,
                                          .file_bytes = (int64_t)kept->file_bytes,
                                          .disk_bytes = (int64_t)kept->disk_bytes,
                                          .created_ms = api_now(req)};
    api_write(api_job_new(req, put_artwork, artwork_stored, upload));
}

void api_uploads_post(struct cw_request *req) {
    struct upload *upload = req->user;
    if (cw_spool_file(upload->spool) < 0) {
        reply_refused(req, "artwork.empty", "the file is empty");
        return;
    }
    api_work(&(struct api_work){.req = req,
                                .crew = uploads_of(req)->importing,
                                .run = judge,
                                .done = judged,
                                .arg = upload});
}

/* ---- showing --------------------------------------------------------------------------------- */

struct shown {
    const char *id;
    struct cw_artwork_row row;
};

static enum cw_status read_artwork(struct cw_txn *txn, struct api_job *job, struct cw_error *err) {
    struct shown *shown = job->data;
    enum cw_status status = txn->ops->artwork_get(txn, job->arena, shown->id, &shown->row, err);
    if (status == CW_E_NOT_FOUND && err) {
        *err = (struct cw_error){0};
        (void)cw_fail(err, CW_E_NOT_FOUND, "artwork.not_found", "no picture has this id");
    }
    return status;
}

static void with_artwork(struct cw_request *req, api_done_fn done) {
    struct shown *shown = cw_arena_alloc(req->arena, sizeof *shown);
    shown->id = cw_request_param(req, "id");
    api_read(api_job_new(req, read_artwork, done, shown));
}

static void reply_artwork(struct api_job *job) {
    struct shown *shown = job->data;
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_json_writer w = {.buf = &buf};
    write_artwork(&w, &shown->row, job->arena);
    (void)!cw_reply_header(job->req, "Cache-Control", IMMUTABLE, NULL);
    api_reply(job->req, 200, &buf, NULL);
}

void api_uploads_get(struct cw_request *req) {
    with_artwork(req, reply_artwork);
}

static void reply_small(struct api_job *job) {
    struct shown *shown = job->data;
    const char *etag = cw_arena_printf(job->arena, "\"%s\"", shown->id);
    (void)!cw_reply_header(job->req, "Cache-Control", IMMUTABLE, NULL);
    if (cw_reply_precondition(job->req, etag)) {
        return;
    }
    (void)!cw_reply_header(job->req, "ETag", etag, NULL);
    api_reply_picture(job->req, shown->row.digest, CW_PICTURE_SMALL);
}

void api_uploads_picture(struct cw_request *req) {
    with_artwork(req, reply_small);
}

/* ---- files ----------------------------------------------------------------------------------- */

struct reading {
    struct cw_request *req;
    const char *digest;
    enum cw_picture_form form;
    struct cw_blob *blob;
};

static void free_bytes(void *data, size_t length) {
    (void)length;
    free(data);
}

static struct cw_blob *read_whole(int file) {
    struct stat about;
    if (fstat(file, &about) != 0) {
        return NULL;
    }
    size_t length = (size_t)about.st_size, at = 0;
    uint8_t *data = malloc(length + 1);
    while (data && at < length) {
        ssize_t got = read(file, data + at, length - at);
        if (got == 0 || (got < 0 && errno != EINTR)) {
            free(data);
            return NULL;
        }
        at += got > 0 ? (size_t)got : 0;
    }
    return data ? cw_blob_take(data, length, free_bytes) : NULL;
}

/* On a thread of the crew. */
static void read_picture(void *arg) {
    struct reading *reading = arg;
    char path[PATH_MAX];
    int file = cw_picture_path(uploads_of(reading->req)->folder, reading->digest, reading->form,
                               path, sizeof path)
                   ? open(path, O_RDONLY | O_CLOEXEC)
                   : -1;
    if (file < 0) {
        return;
    }
    reading->blob = read_whole(file);
    (void)close(file);
    api_hold_blob(reading->req, reading->blob);
}

static void picture_read(void *arg) {
    struct reading *reading = arg;
    struct cw_error err = {0};
    if (reading->blob) {
        cw_reply_blob(reading->req, 200, "image/png", reading->blob, NULL);
        return;
    }
    (void)cw_fail(&err, CW_E_IO, "artwork.file", "the picture's file cannot be read");
    cw_error_detail(&err, "%s", reading->digest);
    cw_reply_problem(reading->req, &err);
}

void api_reply_picture(struct cw_request *req, const char *digest, enum cw_picture_form form) {
    struct reading *reading = cw_arena_alloc(req->arena, sizeof *reading);
    *reading = (struct reading){.req = req, .digest = digest, .form = form};
    api_work(&(struct api_work){.req = req,
                                .crew = uploads_of(req)->files,
                                .run = read_picture,
                                .done = picture_read,
                                .arg = reading});
}
