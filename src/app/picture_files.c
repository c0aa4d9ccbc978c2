/*
 * Responsible for: pictures brought as files, without a server: judged, kept in a folder of their
 * own while the program runs, named in selections as "@FILE". Does not: read a picture (the
 * importer does), or say where it lies on a product (configure/placement.c). Command line, golden
 * designs; blocking.
 */
#include "app/picture_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/srgb.h"
#include "configure/value.h"
#include "preview/picture_keep.h"

#define PLACE_NUMBERS 4 /* x, y, width, rotation */

struct cw_picture_files {
    struct cw_arena *arena;
    const char *renderer;
    char folder[PATH_MAX]; /* "" until there is a picture */
    size_t count;
    struct cw_artwork_fact facts[CW_PICTURE_FILES];
};

struct cw_picture_files *cw_picture_files_new(const struct cw_paths *paths) {
    struct cw_picture_files *files = calloc(1, sizeof *files);
    if (!files) {
        abort(); /* as arenas do */
    }
    cw_srgb_init();
    files->arena = cw_arena_new();
    files->renderer = paths->renderer;
    return files;
}

static enum cw_status make_folder(struct cw_picture_files *files, struct cw_error *err) {
    const char *parent = getenv("TMPDIR");
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/cordwain-pictures-XXXXXX",
                          parent && *parent ? parent : "/tmp");
    if (length >= (int)sizeof path || !mkdtemp(path)) {
        return cw_fail(err, CW_E_IO, "file.write", "cannot make '%s': %s", path, strerror(errno));
    }
    memcpy(files->folder, path, (size_t)length + 1);
    return CW_OK;
}

void cw_picture_files_free(struct cw_picture_files *files) {
    if (files) {
        if (*files->folder) {
            cw_folder_remove(files->folder, 1); /* two levels, as picture_keep.h has them */
        }
        cw_arena_free(files->arena);
        free(files);
    }
}

const char *cw_picture_files_folder(const struct cw_picture_files *files) {
    return files->folder;
}

/* ---- one file -------------------------------------------------------------------------------- */

static enum cw_status take(struct cw_picture_files *files, const struct cw_kept_picture *kept,
                           const struct cw_artwork_fact **ret, struct cw_error *err) {
    const char *id = cw_arena_strndup(files->arena, strchr(kept->digest, ':') + 1, CW_ARTWORK_ID);
    for (size_t i = 0; i < files->count; i++) {
        if (strcmp(files->facts[i].id, id) == 0) {
            *ret = &files->facts[i];
            return CW_OK;
        }
    }
    if (files->count == CW_PICTURE_FILES) {
        return cw_fail(err, CW_E_LIMIT, "render.too_many_pictures",
                       "more than %d different pictures are named", CW_PICTURE_FILES);
    }
    struct cw_artwork_fact *fact = &files->facts[files->count++];
    *fact =
        (struct cw_artwork_fact){.id = id,
                                 .digest = cw_arena_strdup(files->arena, kept->digest),
                                 .file_digest = cw_arena_strdup(files->arena, kept->file_digest),
                                 .file_bytes = (int64_t)kept->file_bytes,
                                 .width_px = kept->width_px,
                                 .height_px = kept->height_px};
    *ret = fact;
    return CW_OK;
}

/* Without O_NONBLOCK a pipe nobody writes to would stop us here. */
static enum cw_status open_file(const char *path, int *ret_file, struct cw_error *err) {
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (file >= 0 && fstat(file, &about) == 0 && S_ISREG(about.st_mode)) {
        *ret_file = file;
        return CW_OK;
    }
    if (file >= 0) {
        (void)close(file);
    }
    return cw_fail(err, CW_E_NOT_FOUND, "file.not_found", "there is no readable file '%s'", path);
}

static enum cw_status judge(struct cw_picture_files *files, const char *path, int file,
                            struct cw_kept_picture *ret, struct cw_error *err) {
    struct cw_import_verdict verdict;
    const struct cw_import_request request = {
        .program = files->renderer, .file_fd = file, .wants_picture = true};
    enum cw_status status = cw_import_run(&request, &verdict, err);
    if (status != CW_OK) {
        return status;
    }
    if (verdict.refused) {
        return cw_fail(err, CW_E_INPUT, cw_arena_strdup(files->arena, verdict.code), "'%s': %s",
                       path, verdict.reason);
    }
    status = verdict.kind == CW_ARTWORK_SVG
                 ? cw_fail(err, CW_E_INPUT, "artwork.kind", "'%s': pictures are PNG or JPEG", path)
                 : cw_picture_keep(files->folder, &verdict, ret, err);
    (void)close(verdict.picture_fd);
    return status;
}

enum cw_status cw_picture_files_add(struct cw_picture_files *files, const char *path,
                                    const struct cw_artwork_fact **ret, struct cw_error *err) {
    int file = -1;
    struct cw_kept_picture kept;
    enum cw_status status = open_file(path, &file, err);
    if (status != CW_OK) {
        return status;
    }
    if (!*files->folder) {
        status = make_folder(files, err);
    }
    if (status == CW_OK) {
        status = judge(files, path, file, &kept, err);
    }
    (void)close(file);
    if (status == CW_OK) {
        (void)close(kept.lock); /* nobody sweeps here */
    }
    return status == CW_OK ? take(files, &kept, ret, err) : status;
}

/* ---- selections ------------------------------------------------------------------------------ */

static enum cw_status add_at(struct cw_picture_files *files, const char *path, const char *pointer,
                             const struct cw_artwork_fact **ret, struct cw_faults *faults) {
    struct cw_error err = {0};
    if (cw_picture_files_add(files, path, ret, &err) == CW_OK) {
        return CW_OK;
    }
    cw_fault_add(faults, err.code, pointer, "%s", err.message);
    return CW_E_INPUT;
}

static bool is_picture(const struct cw_product *product, const char *id) {
    uint32_t option = cw_option_find(product, id);
    return option != CW_NONE && product->options[option].artwork;
}

enum cw_status cw_picture_files_replace(struct cw_picture_files *files,
                                        const struct cw_product *product, json_t *selections,
                                        const char *folder, struct cw_faults *faults) {
    enum cw_status worst = CW_OK;
    const char *option;
    json_t *value;
    json_object_foreach(selections, option, value) {
        const struct cw_artwork_fact *fact;
        const char *name = json_string_value(json_object_get(value, "artwork"));
        if (!name || *name != '@' || !is_picture(product, option)) {
            continue;
        }
        const char *path = folder ? cw_arena_printf(files->arena, "%s/%s", folder, name + 1)
                                  : cw_arena_strdup(files->arena, name + 1);
        const char *pointer = cw_arena_printf(files->arena, "/%s/artwork", option);
        if (add_at(files, path, pointer, &fact, faults) == CW_OK) {
            json_object_set_new(value, "artwork", json_string(fact->id));
        } else {
            worst = CW_E_INPUT;
        }
    }
    return worst;
}

/* Where the last four numbers begin, with their comma; the text's end when there are none. A file's
 * name may hold commas. */
static const char *find_place(const char *text) {
    const char *at = text + strlen(text);
    for (int i = 0; i < PLACE_NUMBERS; i++) {
        const char *from = at;
        while (from > text && strchr("0123456789-", from[-1])) {
            from--;
        }
        if (from == at || from == text || from[-1] != ',') {
            return text + strlen(text);
        }
        at = from - 1;
    }
    return at;
}

enum cw_status cw_picture_files_replace_text(struct cw_picture_files *files,
                                             const struct cw_product *product,
                                             struct cw_selection_text *pair,
                                             struct cw_faults *faults) {
    const struct cw_artwork_fact *fact;
    if (*pair->value != '@' || !is_picture(product, pair->option)) {
        return CW_OK;
    }
    const char *name = pair->value + 1, *place = find_place(name);
    const char *path = cw_arena_strndup(files->arena, name, (size_t)(place - name));
    const char *pointer = cw_arena_printf(files->arena, "/%s", pair->option);
    enum cw_status status = add_at(files, path, pointer, &fact, faults);
    if (status == CW_OK) {
        pair->value = cw_arena_printf(files->arena, "%s%s", fact->id, place);
    }
    return status;
}

void cw_picture_files_tell(const struct cw_picture_files *files,
                           struct cw_configure_context *context) {
    context->artworks = files->facts;
    context->artwork_count = files->count;
}
