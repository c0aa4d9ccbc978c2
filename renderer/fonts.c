/*
 * The font stacks of fonts.json: which files they are made of, their digests, and finding one by
 * name.
 *
 * Does not open fonts for drawing (stack.c) and never looks at the system's fonts or fontconfig
 * files. Runs in the renderer worker, before it is locked down.
 */
#include "fonts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "cordwain/limits.h"
#include "stack.h"

#define CW_LOG_MODULE "fonts"
#include "base/log.h"

#define FONTS_JSON_BYTES 65536
#define STACKS           16

/* One face of one file, read once however many stacks use it. */
struct source {
    const char *path; /* in the arena */
    int index;
    FcPattern *pattern; /* NULL: missing */
    char digest[CW_DIGEST_TEXT];
};

struct cw_fonts {
    struct cw_arena *arena;
    size_t stack_count, source_count;
    struct cw_stack *stacks[STACKS];
    struct source sources[STACKS * CW_STACK_FACES];
    char digest[CW_DIGEST_TEXT];
};

/* What one load works on. */
struct loading {
    struct cw_fonts *fonts;
    const char *root;
    struct cw_buf identity; /* what the digest is taken of */
};

void cw_fonts_free(struct cw_fonts *fonts) {
    if (!fonts)
        return;
    for (size_t i = 0; i < fonts->stack_count; i++)
        cw_stack_free(fonts->stacks[i]);
    for (size_t i = 0; i < fonts->source_count; i++)
        if (fonts->sources[i].pattern)
            FcPatternDestroy(fonts->sources[i].pattern);
    cw_arena_free(fonts->arena);
    free(fonts);
}

const char *cw_fonts_digest(const struct cw_fonts *fonts) {
    return fonts->digest;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* False when the file cannot be read. Mapped, not read: collections have 20 MB and more. */
static bool file_digest(const char *path, char ret_text[CW_DIGEST_TEXT]) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    struct stat info;
    void *data = MAP_FAILED;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0)
        data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (data == MAP_FAILED)
        return false;
    cw_digest_text(data, (size_t)info.st_size, ret_text);
    munmap(data, (size_t)info.st_size);
    return true;
}

/* The face, queried on first use; its pattern is NULL when the file or face is missing. */
static const struct source *find_source(struct cw_fonts *fonts, const char *path, int index) {
    for (size_t i = 0; i < fonts->source_count; i++)
        if (fonts->sources[i].index == index && strcmp(fonts->sources[i].path, path) == 0)
            return &fonts->sources[i];
    struct source *source = &fonts->sources[fonts->source_count++];
    source->path = path;
    source->index = index;
    int faces = 0;
    if (file_digest(path, source->digest))
        source->pattern = FcFreeTypeQuery((const FcChar8 *)path, (unsigned)index, NULL, &faces);
    return source;
}

/* ---- fonts.json ------------------------------------------------------------------------------ */

static enum cw_status syntax(struct cw_error *err, const char *what) {
    return cw_fail(err, CW_E_INPUT, "fonts.syntax", "fonts.json: %s", what);
}

/* Add one face to args, or drop it with a warning when it is not the first and is missing. */
static enum cw_status read_face(struct loading *load, json_t *face, struct cw_stack_args *args,
                                struct cw_error *err) {
    const char *file, *package, *licence;
    int index;
    if (json_unpack(face, "{s:s, s:i, s:s, s:s !}", "file", &file, "index", &index, "package",
                    &package, "licence", &licence) != 0 ||
        index < 0 || index > 255 || file[0] == '/' || strstr(file, ".."))
        return syntax(err, "a face needs file (a path below root), index, package, licence");
    struct cw_fonts *fonts = load->fonts;
    const struct source *source =
        find_source(fonts, cw_arena_printf(fonts->arena, "%s/%s", load->root, file), index);
    cw_buf_printf(&load->identity, "%s %s %d %s\n", args->id, file, index,
                  source->pattern ? source->digest : "missing");
    if (!source->pattern && args->face_count == 0) {
        enum cw_status status =
            cw_fail(err, CW_E_NOT_FOUND, "fonts.file_missing",
                    "first font of stack '%s' is missing: install package '%s'", args->id, package);
        cw_error_detail(err, "%s index %d", source->path, index);
        return status;
    }
    if (!source->pattern) {
        char quoted[CW_LOG_QUOTED];
        cw_log_warn("font_missing", "stack=%s file=%s package=%s action=dropped", args->id,
                    cw_log_quote(source->path, quoted), package);
        return CW_OK;
    }
    if (args->face_count == 0)
        args->first_file = source->path;
    args->patterns[args->face_count++] = source->pattern;
    return CW_OK;
}

static enum cw_status read_stack(struct loading *load, json_t *stack, struct cw_error *err) {
    struct cw_fonts *fonts = load->fonts;
    struct cw_stack_args args = {0};
    json_t *faces;
    if (json_unpack(stack, "{s:s, s:o !}", "id", &args.id, "faces", &faces) != 0 ||
        args.id[0] == '\0' || strlen(args.id) >= CW_STACK_ID_BYTES || !json_is_array(faces) ||
        json_array_size(faces) == 0 || json_array_size(faces) > CW_STACK_FACES)
        return syntax(err, "a stack needs an id and 1 to 10 faces");
    for (size_t i = 0; i < fonts->stack_count; i++)
        if (strcmp(cw_stack_id(fonts->stacks[i]), args.id) == 0)
            return syntax(err, "two stacks have the same id");
    for (size_t i = 0; i < json_array_size(faces); i++) {
        enum cw_status status = read_face(load, json_array_get(faces, i), &args, err);
        if (status != CW_OK)
            return status;
    }
    enum cw_status status = cw_stack_new(&args, &fonts->stacks[fonts->stack_count], err);
    if (status == CW_OK)
        fonts->stack_count++;
    return status;
}

static enum cw_status read_stacks(struct loading *load, json_t *json, struct cw_error *err) {
    json_t *stacks;
    if (json_unpack(json, "{s:s, s:o !}", "root", &load->root, "stacks", &stacks) != 0 ||
        load->root[0] != '/' || !json_is_array(stacks) || json_array_size(stacks) == 0 ||
        json_array_size(stacks) > STACKS)
        return syntax(err, "needs root (an absolute path) and 1 to 16 stacks");
    for (size_t i = 0; i < json_array_size(stacks); i++) {
        enum cw_status status = read_stack(load, json_array_get(stacks, i), err);
        if (status != CW_OK)
            return status;
    }
    return CW_OK;
}

static enum cw_status load(struct cw_fonts *fonts, const char *path, struct cw_error *err) {
    char *text;
    size_t length;
    json_t *json;
    enum cw_status status = cw_file_read(fonts->arena, path, FONTS_JSON_BYTES, &text, &length, err);
    if (status == CW_OK)
        status = cw_json_read(fonts->arena, text, length, FONTS_JSON_BYTES, &json, err);
    if (status != CW_OK)
        return status;
    struct loading loading = {.fonts = fonts};
    cw_digest_text(text, length, fonts->digest);
    cw_buf_printf(&loading.identity, "fonts.json %s\n", fonts->digest);
    status = read_stacks(&loading, json, err);
    if (status == CW_OK)
        cw_digest_text(loading.identity.data, loading.identity.length, fonts->digest);
    cw_buf_deinit(&loading.identity);
    return status;
}

/*
 * Pango calls FcInit from a thread of its own, which would read the system's configuration for
 * nothing. With an empty current configuration it finds itself done, and a call that ever slipped
 * past the private ones would find no font at all.
 */
static enum cw_status hide_system_fonts(struct cw_error *err) {
    FcConfig *empty = FcConfigCreate();
    bool set = empty && FcConfigSetCurrent(empty);
    if (empty)
        FcConfigDestroy(empty);
    return set ? CW_OK : cw_fail(err, CW_E_IO, "fonts.config", "fontconfig cannot be set up");
}

enum cw_status cw_fonts_load(const char *fonts_json_path, struct cw_fonts **ret,
                             struct cw_error *err) {
    enum cw_status status = hide_system_fonts(err);
    if (status != CW_OK)
        return status;
    struct cw_fonts *fonts = calloc(1, sizeof *fonts);
    if (!fonts || !(fonts->arena = cw_arena_new())) {
        free(fonts);
        return cw_fail(err, CW_E_NOMEM, "fonts.memory", "out of memory");
    }
    status = load(fonts, fonts_json_path, err);
    if (status != CW_OK) {
        cw_fonts_free(fonts);
        return status;
    }
    *ret = fonts;
    return CW_OK;
}

enum cw_status cw_fonts_warm(struct cw_fonts *fonts, struct cw_error *err) {
    for (size_t i = 0; i < fonts->stack_count; i++) {
        enum cw_status status = cw_stack_warm(fonts->stacks[i], err);
        if (status != CW_OK)
            return status;
    }
    return CW_OK;
}

enum cw_status cw_fonts_stack(struct cw_fonts *fonts, const char *id, struct cw_stack **ret,
                              struct cw_error *err) {
    for (size_t i = 0; i < fonts->stack_count; i++)
        if (strcmp(cw_stack_id(fonts->stacks[i]), id) == 0) {
            *ret = fonts->stacks[i];
            return CW_OK;
        }
    return cw_fail(err, CW_E_NOT_FOUND, "render.font_stack", "there is no such font stack");
}
