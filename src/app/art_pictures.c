/*
 * Responsible for: having tiles and the pictures of flat views decoded, one importer process each,
 * and kept where the packer finds them. Does not: read a picture itself, nor pack. Command line and
 * start-up; blocking.
 */
#include "app/art_pictures.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/wire.h"
#include "cordwain/limits.h"
#include "preview/import.h"

struct decoder {
    struct cw_arena *arena;
    const struct cw_paths *paths;
    const char *folder, *out, *view; /* CW_TILE_FOLDER for tiles */
    uint32_t draw_px;                /* the view's longer side */
    struct cw_error *err;
};

static const json_t *read_json(const struct decoder *d, const char *name) {
    const char *path = cw_arena_printf(d->arena, "%s/%s", d->folder, name);
    char *text;
    size_t length;
    json_t *json;
    if (cw_file_read(d->arena, path, CW_ART_JSON_BYTES, &text, &length, NULL) != CW_OK ||
        cw_json_read(d->arena, text, length, CW_ART_JSON_BYTES, &json, NULL) != CW_OK) {
        return NULL; /* the packer says what is wrong with it */
    }
    return json;
}

static bool is_plain(const char *name) {
    return name && *name && *name != '.' && !strchr(name, '/');
}

static const char *kept_path(const struct decoder *d, const char *file) {
    return cw_arena_printf(d->arena, "%s/%s.%s", d->out, d->view, file);
}

static enum cw_status keep(const struct decoder *d, const char *file,
                           const struct cw_import_verdict *verdict) {
    CW_AUTO_BUF struct cw_buf bytes = {0};
    const char *path = kept_path(d, file);
    size_t length = (size_t)verdict->width_px * verdict->height_px * 4;
    void *pixels = mmap(NULL, length, PROT_READ, MAP_PRIVATE, verdict->picture_fd, 0);
    if (pixels == MAP_FAILED) {
        return cw_fail(d->err, CW_E_IO, "art.picture", "cannot read the pixels of '%s'", file);
    }
    cw_wire_put_u32(&bytes, verdict->width_px);
    cw_wire_put_u32(&bytes, verdict->height_px);
    cw_buf_add(&bytes, pixels, length);
    munmap(pixels, length);
    return cw_file_write_atomic(path, bytes.data, bytes.length, 0600, d->err);
}

static enum cw_status decode(const struct decoder *d, const char *file) {
    const char *path = cw_arena_printf(d->arena, "%s/%s/%s", d->folder, d->view, file);
    if (cw_file_exists(kept_path(d, file))) { /* a mask of several pictures */
        return CW_OK;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return cw_fail(d->err, CW_E_INPUT, "art.picture", "%s/%s: cannot be opened: %s", d->view,
                       file, strerror(errno));
    }
    const struct cw_import_request request = {
        .program = d->paths->renderer, .file_fd = fd, .draw_px = d->draw_px, .wants_picture = true};
    struct cw_import_verdict verdict;
    enum cw_status status = cw_import_run(&request, &verdict, d->err);
    close(fd);
    if (status != CW_OK) {
        return status;
    }
    if (verdict.refused) {
        return cw_fail(d->err, CW_E_INPUT, "art.picture", "%s/%s: %s [%s]", d->view, file,
                       verdict.reason, verdict.code);
    }
    status = keep(d, file, &verdict);
    close(verdict.picture_fd);
    return status;
}

static enum cw_status decode_members(const struct decoder *d, const json_t *list) {
    static const char *const members[] = {"file", "mask"};
    const char *name;
    json_t *item;
    json_object_foreach((json_t *)(uintptr_t)list, name, item) {
        for (size_t i = 0; i < 2; i++) {
            const char *file = json_string_value(json_object_get(item, members[i]));
            enum cw_status status = is_plain(file) ? decode(d, file) : CW_OK;
            if (status != CW_OK) {
                return status;
            }
        }
    }
    return CW_OK;
}

/* Lit views have no pictures, and the masks of their surfaces are read by the packer. */
static enum cw_status decode_view(struct decoder *d, const json_t *view) {
    json_int_t width = json_integer_value(json_object_get(view, "width"));
    json_int_t height = json_integer_value(json_object_get(view, "height"));
    json_int_t longer = width > height ? width : height;
    const json_t *pictures = json_object_get(view, "pictures");
    d->draw_px = longer >= 1 && longer <= CW_ART_SIDE_PX ? (uint32_t)longer : 1;
    enum cw_status status = decode_members(d, pictures);
    return status == CW_OK && pictures ? decode_members(d, json_object_get(view, "surfaces"))
                                       : status;
}

enum cw_status cw_art_pictures_decode(const struct cw_paths *paths, const char *folder,
                                      const char *out, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct decoder d = {.arena = arena, .paths = paths, .folder = folder, .out = out, .err = err};
    if (mkdir(out, 0700) != 0) {
        return cw_fail(err, CW_E_IO, "file.write", "cannot make '%s': %s", out, strerror(errno));
    }
    size_t i;
    json_t *item;
    const json_t *bundle = read_json(&d, "product.json");
    d.view = CW_TILE_FOLDER;
    d.draw_px = CW_TILE_DRAW_PX;
    enum cw_status tiles = decode_members(&d, json_object_get(bundle, "tiles"));
    if (tiles != CW_OK) {
        return tiles;
    }
    json_array_foreach(json_object_get(bundle, "views"), i, item) {
        d.view = json_string_value(json_object_get(item, "name"));
        const json_t *view =
            is_plain(d.view) ? read_json(&d, cw_arena_printf(arena, "%s/view.json", d.view)) : NULL;
        enum cw_status status = decode_view(&d, view);
        if (status != CW_OK) {
            return status;
        }
    }
    return CW_OK;
}
