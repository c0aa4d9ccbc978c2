/*
 * Responsible for: what of the SAT tier's processes and of the rules folder nobody needs any more.
 * Does not: make or open artefacts (rules.c). Server process: the loop thread, start-up.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/rules.h"
#include "base/clock.h"
#include "base/digest.h"

#define CW_LOG_MODULE "rules"
#include "base/log.h"

#define DIGEST_CHARS 64

void cw_rules_rest(struct cw_catalog *catalog) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_snapshot *const *snapshots;
    size_t count = cw_catalog_list(catalog, arena, /* all_versions: */ true, &snapshots);
    int64_t now_ms = cw_clock_monotonic_ms(&cw_clock_system);
    for (size_t i = 0; i < count; i++) {
        if (cw_snapshot_solver(snapshots[i])) {
            cw_rules_solver_rest(cw_snapshot_solver(snapshots[i]), now_ms);
        }
    }
}

/* ---- files ----------------------------------------------------------------------------------- */

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The digests of every version's model, sorted; *ret_count of them. */
static const char **list_needed(struct cw_catalog *catalog, struct cw_arena *arena,
                                size_t *ret_count) {
    struct cw_snapshot *const *snapshots;
    size_t count = cw_catalog_list(catalog, arena, /* all_versions: */ true, &snapshots);
    const char **needed = cw_arena_array(arena, count + 1, sizeof *needed);
    for (size_t i = 0; i < count; i++) {
        char *text = cw_arena_alloc(arena, DIGEST_CHARS + 1);
        uint8_t digest[DIGEST_CHARS / 2];
        cw_model_digest(cw_engine_model(cw_snapshot_engine(snapshots[i])), digest);
        cw_hex(digest, sizeof digest, text);
        needed[i] = text;
    }
    qsort(needed, count, sizeof *needed, compare_texts);
    *ret_count = count;
    return needed;
}

struct sweeping {
    struct cw_arena *arena;
    const char **needed;
    size_t needed_count;
    int folder_fd;
    int64_t before_s; /* files changed before this */
};

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* A file of ours that no version in the catalog needs. Whatever else lies there is not ours. */
static bool is_unneeded(const struct sweeping *s, const char *name) {
    if (strspn(name, "0123456789abcdef") != DIGEST_CHARS) {
        return false;
    }
    const char *rest = name + DIGEST_CHARS;
    if (ends_with(rest, ".tmp")) {
        return true;
    }
    const char *digest = cw_arena_strndup(s->arena, name, DIGEST_CHARS);
    return (strcmp(rest, ".cwr") == 0 || strcmp(rest, ".sat") == 0) &&
           !bsearch(&digest, s->needed, s->needed_count, sizeof digest, compare_texts);
}

static bool remove_old(const struct sweeping *s, const char *name) {
    struct stat about;
    if (fstatat(s->folder_fd, name, &about, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(about.st_mode) ||
        about.st_mtim.tv_sec >= s->before_s) {
        return false;
    }
    bool gone = unlinkat(s->folder_fd, name, 0) == 0;
    if (!gone) {
        char quoted[CW_LOG_QUOTED];
        cw_log_warn("artefact_not_removed", "file=%s", cw_log_quote(name, quoted));
    }
    return gone;
}

size_t cw_rules_sweep(const struct cw_paths *paths, struct cw_catalog *catalog, int64_t now_ms) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct sweeping s = {.arena = arena, .before_s = now_ms / 1000 - CW_RULES_UNUSED_S};
    DIR *folder = *paths->artefacts ? opendir(paths->artefacts) : NULL;
    size_t removed = 0;
    if (!folder) {
        return 0;
    }
    s.folder_fd = dirfd(folder);
    s.needed = list_needed(catalog, arena, &s.needed_count);
    for (const struct dirent *entry; (entry = readdir(folder));) {
        removed += is_unneeded(&s, entry->d_name) && remove_old(&s, entry->d_name);
    }
    closedir(folder);
    if (removed > 0) {
        cw_log_info("artefacts_removed", "files=%zu", removed);
    }
    return removed;
}
