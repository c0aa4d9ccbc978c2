/*
 * Responsible for: finding the shipped files from where the program itself lies, and laying out the
 * data folder. Does not: read any of them. Any command, at start.
 */
#include "app/paths.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#ifndef CORDWAIN_DATADIR
#define CORDWAIN_DATADIR "/usr/share/cordwain"
#endif

static bool is_home(struct cw_arena *arena, const char *folder) {
    return cw_file_exists(cw_arena_printf(arena, "%s/assets/web", folder)) &&
           cw_file_exists(cw_arena_printf(arena, "%s/schemas/product.schema.json", folder));
}

/* The folder the program lies in. */
static const char *program_folder(struct cw_arena *arena) {
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0) {
        return ".";
    }
    path[n] = '\0';
    char *slash = strrchr(path, '/');
    if (slash) {
        *slash = '\0';
    }
    return cw_arena_strdup(arena, path);
}

static const char *find_home(struct cw_arena *arena, const char *program) {
    const char *set = getenv("CORDWAIN_HOME");
    if (set && *set) {
        return is_home(arena, set) ? set : NULL;
    }
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", program);
    for (int up = 0; up < 4; up++) { /* build folders lie inside the source tree */
        if (is_home(arena, folder)) {
            return cw_arena_strdup(arena, folder);
        }
        char *slash = strrchr(folder, '/');
        if (!slash || slash == folder) {
            break;
        }
        *slash = '\0';
    }
    return is_home(arena, CORDWAIN_DATADIR) ? CORDWAIN_DATADIR : NULL;
}

/* Beside the program, or, in a build folder, where that leaves it. */
static const char *find_worker(struct cw_arena *arena, const char *folder, const char *name) {
    static const char *const places[] = {"",       "/renderer",      "/..", "/../renderer",
                                         "/../..", "/../../renderer"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const char *path = cw_arena_printf(arena, "%s%s/%s", folder, places[i], name);
        if (access(path, X_OK) == 0) {
            return path;
        }
    }
    return NULL;
}

static enum cw_status lay_out_data(struct cw_arena *arena, const char *data, struct cw_paths *paths,
                                   struct cw_error *err) {
    paths->data = data;
    paths->artefacts = paths->artworks = "";
    if (!*data) {
        return CW_OK;
    }
    paths->database = cw_arena_printf(arena, "%s/cordwain.db", data);
    paths->packs = cw_arena_printf(arena, "%s/packs", data);
    paths->keys = cw_arena_printf(arena, "%s/keys", data);
    paths->artefacts = cw_arena_printf(arena, "%s/rules", data);
    paths->artworks = cw_arena_printf(arena, "%s/artworks", data);
    enum cw_status status = cw_dir_make(paths->packs, 0755, err);
    if (status == CW_OK) {
        status = cw_dir_make(paths->artworks, 0700, err);
    }
    if (status == CW_OK) {
        status = cw_dir_make(paths->artefacts, 0755, err);
    }
    return status == CW_OK ? cw_dir_make(paths->keys, 0700, err) : status;
}

enum cw_status cw_paths_find(struct cw_arena *arena, const char *data, struct cw_paths *ret_paths,
                             struct cw_error *err) {
    struct cw_paths paths = {0};
    const char *program = program_folder(arena);
    paths.home = find_home(arena, program);
    if (!paths.home) {
        return cw_fail(err, CW_E_NOT_FOUND, "app.home",
                       "cannot find the folder with assets/ and schemas/: set CORDWAIN_HOME");
    }
    paths.renderer = find_worker(arena, program, "cordwain-renderer");
    if (!paths.renderer) {
        return cw_fail(err, CW_E_NOT_FOUND, "app.renderer", "cordwain-renderer is not beside '%s'",
                       program);
    }
    paths.rules = find_worker(arena, program, "cordwain-rules");
    if (!paths.rules) {
        return cw_fail(err, CW_E_NOT_FOUND, "app.rules", "cordwain-rules is not beside '%s'",
                       program);
    }
    paths.fonts = cw_arena_printf(arena, "%s/assets/fonts/fonts.json", paths.home);
    paths.web = cw_arena_printf(arena, "%s/assets/web", paths.home);
    paths.art = cw_arena_printf(arena, "%s/assets/art", paths.home);
    paths.schemas = cw_arena_printf(arena, "%s/schemas", paths.home);
    paths.docs = cw_arena_printf(arena, "%s/docs/reference", paths.home);
    enum cw_status status = lay_out_data(arena, data, &paths, err);
    if (status == CW_OK) {
        *ret_paths = paths;
    }
    return status;
}
