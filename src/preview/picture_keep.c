/*
 * Responsible for the files of kept pictures: written beside their place, flushed, renamed. Does
 * not decode anything: what comes from the importer is pixels in a sealed memory file. Server
 * process, a thread of the importing crew.
 */
#include "preview/picture_keep.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/wire.h"
#include "preview/picture_png.h"
#include "preview/picture_reduce.h"

static const char *const endings[] = {".png", ".small", ".level"};

bool cw_picture_path(const char *folder, const char *digest, enum cw_picture_form form,
                     char *ret_path, size_t capacity) {
    const char *hex = digest + strlen("sha-256:");
    int length = snprintf(ret_path, capacity, "%s/%.2s/%s%s", folder, hex, hex + 2, endings[form]);
    return length > 0 && (size_t)length < capacity;
}

int cw_picture_lock(const char *folder, const char *hex, bool exclusive) {
    char path[PATH_MAX];
    int how = exclusive ? LOCK_EX | LOCK_NB : LOCK_SH;
    int length = snprintf(path, sizeof path, "%s/%.2s", folder, hex);
    int lock = length > 0 && (size_t)length < sizeof path
                   ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                   : -1;
    while (lock >= 0 && flock(lock, how) != 0) {
        if (errno != EINTR) {
            (void)close(lock);
            return -1;
        }
    }
    return lock;
}

static enum cw_status keep_failed(struct cw_error *err, const char *what, const char *path) {
    int why = errno;
    (void)cw_fail(err, CW_E_IO, "artwork.keep", "the picture cannot be kept");
    cw_error_detail(err, "%s '%s': %s", what, path, strerror(why));
    return CW_E_IO;
}

/* ---- writing one file ------------------------------------------------------------------------ */

static bool write_blue_first(const uint8_t *row, uint32_t width_px, int file) {
    uint8_t turned[4 * CW_ARTWORK_LEVEL_PX];
    for (size_t i = 0; i < 4 * (size_t)width_px; i += 4) {
        turned[i] = row[i + 2];
        turned[i + 1] = row[i + 1];
        turned[i + 2] = row[i];
        turned[i + 3] = row[i + 3];
    }
    return cw_write_all(file, turned, 4 * (size_t)width_px);
}

static enum cw_status write_level(const struct cw_artwork *level, int file, struct cw_error *err) {
    CW_AUTO_BUF struct cw_buf head = {0};
    cw_wire_put_u32(&head, CW_ARTWORK_LEVEL_MAGIC);
    cw_wire_put_u32(&head, level->width_px);
    cw_wire_put_u32(&head, level->height_px);
    cw_buf_reserve(&head, CW_ARTWORK_LEVEL_HEAD_BYTES);
    memset(head.data + head.length, 0, CW_ARTWORK_LEVEL_HEAD_BYTES - head.length);
    bool written = cw_write_all(file, head.data, CW_ARTWORK_LEVEL_HEAD_BYTES);
    for (uint32_t y = 0; y < level->height_px && written; y++)
        written =
            write_blue_first(level->rgba + 4 * (size_t)level->width_px * y, level->width_px, file);
    return written ? CW_OK : keep_failed(err, "write", "level");
}

static enum cw_status write_form(enum cw_picture_form form, const struct cw_artwork *picture,
                                 int file, struct cw_error *err) {
    return form == CW_PICTURE_LEVEL ? write_level(picture, file, err)
                                    : cw_picture_write_png(picture, file, err);
}

/* Into a file of its own name, then to its place: nobody sees half a picture. */
static enum cw_status put_file(const char *path, enum cw_picture_form form,
                               const struct cw_artwork *picture, struct cw_error *err) {
    char temporary[PATH_MAX];
    if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= (int)sizeof temporary)
        return cw_fail(err, CW_E_IO, "artwork.keep", "the picture cannot be kept");
    int file = mkostemp(temporary, O_CLOEXEC);
    if (file < 0)
        return keep_failed(err, "create", temporary);
    enum cw_status status = write_form(form, picture, file, err);
    if (status == CW_OK && (fsync(file) != 0 || rename(temporary, path) != 0))
        status = keep_failed(err, "write", path);
    if (status != CW_OK)
        (void)unlink(temporary);
    (void)close(file);
    return status;
}

/* ---- all three ------------------------------------------------------------------------------- */

struct keeping {
    const char *folder;
    struct cw_artwork picture;
    struct cw_kept_picture kept;
};

/* `picture` is NULL where its file is there already. */
static enum cw_status keep_form(struct keeping *keeping, enum cw_picture_form form,
                                const struct cw_artwork *picture, struct cw_error *err) {
    char path[PATH_MAX];
    struct stat about;
    if (!cw_picture_path(keeping->folder, keeping->kept.digest, form, path, sizeof path))
        return cw_fail(err, CW_E_IO, "artwork.keep", "the picture cannot be kept");
    enum cw_status status = CW_OK;
    if (picture && stat(path, &about) != 0)
        status = put_file(path, form, picture, err);
    if (status == CW_OK && stat(path, &about) != 0)
        status = keep_failed(err, "look at", path);
    if (status == CW_OK) {
        keeping->kept.disk_bytes += (uint64_t)about.st_size;
        if (form == CW_PICTURE_WHOLE)
            keeping->kept.file_bytes = (uint64_t)about.st_size;
    }
    return status;
}

static enum cw_status keep_reduced(struct keeping *keeping, enum cw_picture_form form,
                                   const struct cw_artwork *from, uint32_t side_px,
                                   struct cw_artwork *ret, struct cw_error *err) {
    enum cw_status status = cw_picture_reduce(from, side_px, ret, err);
    return status == CW_OK ? keep_form(keeping, form, ret, err) : status;
}

static bool has_form(const struct keeping *keeping, enum cw_picture_form form) {
    char path[PATH_MAX];
    return cw_picture_path(keeping->folder, keeping->kept.digest, form, path, sizeof path) &&
           cw_file_exists(path);
}

static enum cw_status make_reduced(struct keeping *keeping, struct cw_error *err) {
    struct cw_artwork level = {0}, small = {0};
    enum cw_status status = keep_reduced(keeping, CW_PICTURE_LEVEL, &keeping->picture,
                                         CW_ARTWORK_LEVEL_PX, &level, err);
    if (status == CW_OK)
        status = keep_reduced(keeping, CW_PICTURE_SMALL, &level, CW_ARTWORK_SMALL_PX, &small, err);
    free((void *)level.rgba);
    free((void *)small.rgba);
    return status;
}

/* A picture that was sent before is not averaged again: others wait for this thread. */
static enum cw_status keep_forms(struct keeping *keeping, struct cw_error *err) {
    enum cw_status status = keep_form(keeping, CW_PICTURE_WHOLE, &keeping->picture, err);
    if (status != CW_OK)
        return status;
    if (!has_form(keeping, CW_PICTURE_LEVEL) || !has_form(keeping, CW_PICTURE_SMALL))
        return make_reduced(keeping, err);
    status = keep_form(keeping, CW_PICTURE_LEVEL, NULL, err);
    return status == CW_OK ? keep_form(keeping, CW_PICTURE_SMALL, NULL, err) : status;
}

static enum cw_status hash_file(const char *path, size_t length, char ret[CW_DIGEST_TEXT],
                                struct cw_error *err) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    void *data = file < 0 ? MAP_FAILED : mmap(NULL, length, PROT_READ, MAP_PRIVATE, file, 0);
    if (file >= 0)
        (void)close(file);
    if (data == MAP_FAILED)
        return keep_failed(err, "read", path);
    cw_digest_text(data, length, ret);
    (void)munmap(data, length);
    return CW_OK;
}

static void name_picture(struct keeping *keeping, size_t length) {
    const struct cw_artwork *picture = &keeping->picture;
    CW_AUTO_BUF struct cw_buf size = {0};
    cw_wire_put_u32(&size, picture->width_px);
    cw_wire_put_u32(&size, picture->height_px);
    const struct cw_bytes pieces[] = {{(const uint8_t *)size.data, size.length},
                                      {picture->rgba, length}};
    uint8_t hash[32];
    cw_sha256_pieces(pieces, 2, hash);
    cw_digest_format(hash, keeping->kept.digest);
}

static enum cw_status keep(struct keeping *keeping, size_t length, struct cw_error *err) {
    char path[PATH_MAX];
    name_picture(keeping, length);
    if (!cw_picture_path(keeping->folder, keeping->kept.digest, CW_PICTURE_WHOLE, path,
                         sizeof path))
        return cw_fail(err, CW_E_IO, "artwork.keep", "the picture cannot be kept");
    char *slash = strrchr(path, '/');
    *slash = '\0';
    enum cw_status status = cw_dir_make(path, 0700, err);
    *slash = '/';
    if (status == CW_OK) {
        keeping->kept.lock = cw_picture_lock(keeping->folder, strchr(keeping->kept.digest, ':') + 1,
                                             /* exclusive: */ false);
        if (keeping->kept.lock < 0)
            status = keep_failed(err, "lock", path);
    }
    if (status == CW_OK)
        status = keep_forms(keeping, err);
    if (status == CW_OK) { /* the names too must survive a power cut, and that of their folder */
        bool flushed = cw_folder_sync(path);
        *slash = '\0';
        flushed = flushed && cw_folder_sync(path);
        *slash = '/';
        status = flushed ? CW_OK : keep_failed(err, "flush", path);
    }
    if (status == CW_OK)
        status = hash_file(path, (size_t)keeping->kept.file_bytes, keeping->kept.file_digest, err);
    return status;
}

enum cw_status cw_picture_keep(const char *folder, const struct cw_import_verdict *verdict,
                               struct cw_kept_picture *ret, struct cw_error *err) {
    size_t length = 4 * (size_t)verdict->width_px * verdict->height_px;
    void *pixels = mmap(NULL, length, PROT_READ, MAP_PRIVATE, verdict->picture_fd, 0);
    if (pixels == MAP_FAILED)
        return keep_failed(err, "map", "the importer's picture");
    struct keeping keeping = {
        .folder = folder,
        .picture = {verdict->kind, verdict->width_px, verdict->height_px, pixels},
        .kept = {.kind = verdict->kind,
                 .width_px = verdict->width_px,
                 .height_px = verdict->height_px,
                 .lock = -1}};
    enum cw_status status = keep(&keeping, length, err);
    (void)munmap(pixels, length);
    if (status == CW_OK)
        *ret = keeping.kept;
    else if (keeping.kept.lock >= 0)
        (void)close(keeping.kept.lock);
    return status;
}
