/*
 * Responsible for: what uploads stand on. Does not: answer requests. Server process, start and end.
 */
#include "app/uploads.h"

#include <string.h>

#include "api/rate.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/srgb.h"
#include "cordwain/limits.h"

#define MIB          (1024 * 1024)
#define FILE_THREADS 2

enum cw_status cw_key_file(const struct cw_paths *paths, const char *name, uint8_t ret_key[32],
                           struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const char *path = cw_arena_printf(arena, "%s/%s", paths->keys, name);
    char *data;
    size_t length;
    if (cw_file_exists(path)) { /* maybe brought by the operator: never replaced */
        enum cw_status status = cw_file_read(arena, path, 32, &data, &length, err);
        if (status == CW_OK && length != 32) {
            status = cw_fail(err, CW_E_INPUT, "key.file", "'%.80s' does not hold 32 bytes", path);
        }
        if (status == CW_OK) {
            memcpy(ret_key, data, 32);
        }
        return status;
    }
    cw_random(ret_key, 32);
    return cw_file_write_atomic(path, ret_key, 32, 0600, err);
}

enum cw_status cw_uploads_open(const struct cw_config *config, const struct cw_paths *paths,
                               struct cw_api_uploads *ret, struct cw_error *err) {
    const struct cw_crew_config importing = {.threads = 1, .waiting = CW_ARTWORK_QUEUE},
                                files = {.threads = FILE_THREADS,
                                         .waiting = CW_ARTWORK_SPOOL_QUEUE};
    cw_srgb_init();
    ret->renderer = paths->renderer;
    ret->folder = paths->artworks;
    ret->disk_bytes = (uint64_t)config->artworks_mb * MIB;
    ret->rate = cw_rate_new(CW_ARTWORK_PER_MINUTE, CW_ARTWORK_BURST);
    enum cw_status status = ret->rate ? cw_key_file(paths, "artwork.key", ret->id_key, err)
                                      : cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    if (status == CW_OK) {
        status = cw_crew_new(&importing, &ret->importing, err);
    }
    return status == CW_OK ? cw_crew_new(&files, &ret->files, err) : status;
}

void cw_uploads_close(struct cw_api_uploads *uploads) {
    cw_crew_free(uploads->importing);
    cw_crew_free(uploads->files);
    cw_rate_free(uploads->rate);
    *uploads = (struct cw_api_uploads){0};
}
