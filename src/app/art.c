/*
 * Responsible for: turning art folders into packs by running the renderer, and finding packs again.
 * Does not: read pictures: no picture is decoded in this process. Command line and start-up;
 * blocking.
 */
#include "app/art.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/art_pictures.h"
#include "base/file.h"
#include "cordwain/scene.h"

const char *cw_art_pack_path(struct cw_arena *arena, const struct cw_paths *paths,
                             const char *digest) {
    const char *colon = strchr(digest, ':');
    return cw_arena_printf(arena, "%s/%s.pack", paths->packs, colon ? colon + 1 : digest);
}

static const char *current_path(struct cw_arena *arena, const struct cw_paths *paths,
                                const char *art) {
    return cw_arena_printf(arena, "%s/%s.current", paths->packs, art);
}

static bool name_ok(const char *art) {
    return *art && strspn(art, "abcdefghijklmnopqrstuvwxyz0123456789-_") == strlen(art);
}

enum cw_status cw_art_current(const struct cw_paths *paths, const char *art,
                              char ret_digest[CW_DIGEST_TEXT], struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    char *text;
    size_t length;
    if (!name_ok(art) ||
        cw_file_read(arena, current_path(arena, paths, art), 256, &text, &length, NULL) != CW_OK) {
        return cw_fail(err, CW_E_NOT_FOUND, "product.art_unknown",
                       "no art bundle '%s' is installed", art);
    }
    /* Line 1: the pack's digest; line 2: what the bundle's files looked like when it was packed. */
    text[strcspn(text, "\n")] = '\0';
    snprintf(ret_digest, CW_DIGEST_TEXT, "%s", text);
    return CW_OK;
}

/* Changes when any file of the bundle does: sizes and times of the folder's files, two levels. */
static void fingerprint_folder(const char *folder, struct cw_buf *buf, int depth) {
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char path[4096];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && stat(path, &st) == 0) {
            if (S_ISDIR(st.st_mode) && depth > 0) {
                fingerprint_folder(path, buf, depth - 1);
            } else if (S_ISREG(st.st_mode)) {
                cw_buf_printf(buf, "%s %lld %lld.%ld\n", entries[i]->d_name, (long long)st.st_size,
                              (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
            }
        }
        free(entries[i]);
    }
    if (count >= 0) {
        free(entries);
    }
}

/* Run `cordwain-renderer --pack art out pictures`, errors to our standard error. */
static enum cw_status run_renderer(const struct cw_paths *paths, const char *folder,
                                   const char *out, const char *pictures, struct cw_error *err) {
    char *argv[] = {(char *)(uintptr_t)paths->renderer, "--pack",
                    (char *)(uintptr_t)folder,          (char *)(uintptr_t)out,
                    (char *)(uintptr_t)pictures,        NULL};
    char *envp[] = {"LANG=C", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t pid;
    int failed = posix_spawn(&pid, paths->renderer, &actions, NULL, argv, envp);
    posix_spawn_file_actions_destroy(&actions);
    if (failed) {
        return cw_fail(err, CW_E_IO, "art.renderer", "cannot start '%s': %s", paths->renderer,
                       strerror(failed));
    }
    int status;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return cw_fail(err, CW_E_INPUT, "art.invalid", "the art bundle '%s' cannot be packed",
                       folder);
    }
    return CW_OK;
}

/* A pack is named by the SHA-256 of its bytes. */
static enum cw_status name_pack(const struct cw_paths *paths, const char *temporary,
                                char ret_digest[CW_DIGEST_TEXT], struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    char *data;
    size_t length;
    enum cw_status status = cw_file_read(arena, temporary, (size_t)1 << 30, &data, &length, err);
    if (status != CW_OK) {
        return status;
    }
    cw_digest_text(data, length, ret_digest);
    /* Orders name this digest for ever: the bytes are on disk before anything says that they are
     * here. */
    int fd = open(temporary, O_RDONLY | O_CLOEXEC);
    bool kept = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    if (!kept) {
        return cw_fail(err, CW_E_IO, "file.write", "cannot keep '%s': %s", temporary,
                       strerror(errno));
    }
    if (rename(temporary, cw_art_pack_path(arena, paths, ret_digest)) != 0) {
        return cw_fail(err, CW_E_IO, "file.write", "cannot rename '%s': %s", temporary,
                       strerror(errno));
    }
    return CW_OK;
}

/* The renderer's work into a file of this call's own, then under its name. */
static enum cw_status make_pack(const struct cw_paths *paths, const char *art, const char *folder,
                                char ret_digest[CW_DIGEST_TEXT], struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const char *temporary;
    enum cw_status status = cw_file_beside(
        arena, cw_arena_printf(arena, "%s/%s", paths->packs, art), 0644, &temporary, err);
    if (status != CW_OK) {
        return status;
    }
    const char *pictures = cw_arena_printf(arena, "%s.pictures", temporary);
    status = cw_art_pictures_decode(paths, folder, pictures, err);
    if (status == CW_OK) {
        status = run_renderer(paths, folder, temporary, pictures, err);
    }
    cw_folder_remove(pictures, /* depth: */ 0);
    if (status == CW_OK) {
        status = name_pack(paths, temporary, ret_digest, err);
    }
    if (status != CW_OK) {
        (void)unlink(temporary);
    }
    return status;
}

enum cw_status cw_art_install(const struct cw_paths *paths, const char *art,
                              char ret_digest[CW_DIGEST_TEXT], struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf listing = {0};
    const char *folder = cw_arena_printf(arena, "%s/%s", paths->art, art);
    if (!name_ok(art) || !cw_file_exists(cw_arena_printf(arena, "%s/product.json", folder))) {
        return cw_fail(err, CW_E_NOT_FOUND, "product.art_unknown",
                       "there is no art bundle '%s' in '%s'", art, paths->art);
    }
    char fingerprint[CW_DIGEST_TEXT];
    cw_buf_printf(&listing, "pack version %d\n", CW_PACK_VERSION);
    fingerprint_folder(folder, &listing, 1);
    cw_digest_text(listing.data ? listing.data : "", listing.length, fingerprint);
    char *text;
    size_t length;
    const char *current = current_path(arena, paths, art);
    if (cw_file_read(arena, current, 256, &text, &length, NULL) == CW_OK &&
        strstr(text, fingerprint) && cw_art_current(paths, art, ret_digest, NULL) == CW_OK &&
        cw_file_exists(cw_art_pack_path(arena, paths, ret_digest))) {
        return CW_OK;
    }
    enum cw_status status = make_pack(paths, art, folder, ret_digest, err);
    if (status == CW_OK) {
        const char *note = cw_arena_printf(arena, "%s\n%s\n", ret_digest, fingerprint);
        status = cw_file_write_atomic(current, note, strlen(note), 0644, err);
    }
    return status;
}
