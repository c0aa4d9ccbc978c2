/*
 * Responsible for: removing shoppers' pictures that nothing names, rows and files. Does not: decide
 * what is named (the store's `held`, set where designs and orders are stored). Server
 * process, a thread of its own; several servers on one data folder may do it at once.
 */
#include "app/picture_sweep.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "cordwain/limits.h"
#include "preview/picture_keep.h"

#define CW_LOG_MODULE "artworks"
#include "base/log.h"

#define FOLDERS     256
#define NAME_DIGITS 62 /* of a digest, below its folder */
#define NICE        10

/* One folder `ab`. */
struct room {
    const struct cw_picture_sweep *sweep;
    struct cw_arena *arena;
    char hex[3];
    struct cw_artwork_range range;
    int64_t due;
    size_t count;
    const char **digests; /* of the rows that stay */
    int lock;             /* the folder, locked; a descriptor */
};

/* ---- rows ------------------------------------------------------------------------------------ */

static enum cw_status list_rows(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct room *room = arg;
    enum cw_status status = txn->ops->artwork_expired(txn, &room->range, &room->due, err);
    return status == CW_OK ? txn->ops->artwork_digests(txn, room->arena, &room->range,
                                                       &room->digests, &room->count, err)
                           : status;
}

static enum cw_status remove_rows(struct cw_txn *txn, void *arg, struct cw_error *err) {
    struct room *room = arg;
    enum cw_status status = txn->ops->artwork_expired(txn, &room->range, &room->due, err);
    if (status == CW_OK) {
        status = txn->ops->artwork_expire(txn, &room->range, err);
    }
    return status == CW_OK ? txn->ops->artwork_digests(txn, room->arena, &room->range,
                                                       &room->digests, &room->count, err)
                           : status;
}

/* A write, which is flushed, only where there is something to remove. */
static enum cw_status sweep_rows(struct room *room, struct cw_error *err) {
    const struct cw_store_ops *ops = room->sweep->store->ops;
    enum cw_status status = ops->read_wait(room->sweep->store, list_rows, room, err);
    return status == CW_OK && room->due > 0
               ? ops->write_wait(room->sweep->store, remove_rows, room, err)
               : status;
}

/* ---- files ----------------------------------------------------------------------------------- */

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Ours, finished or half written, and of no row. Whatever else lies there is not ours. */
static bool is_left(const struct room *room, const char *name) {
    char digest[CW_DIGEST_TEXT];
    if (strspn(name, "0123456789abcdef") != NAME_DIGITS || name[NAME_DIGITS] != '.') {
        return false;
    }
    snprintf(digest, sizeof digest, "sha-256:%s%.*s", room->hex, NAME_DIGITS, name);
    const char *key = digest;
    return room->count == 0 ||
           !bsearch(&key, room->digests, room->count, sizeof key, compare_texts);
}

static bool is_old(const struct room *room, const char *name) {
    struct stat about;
    return fstatat(room->lock, name, &about, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(about.st_mode) &&
           about.st_mtim.tv_sec * 1000 + about.st_mtim.tv_nsec / 1000000 < room->range.before_ms;
}

static size_t sweep_files(struct room *room) {
    int copy = dup(room->lock);
    DIR *folder = copy < 0 ? NULL : fdopendir(copy);
    size_t removed = 0;
    if (!folder) {
        if (copy >= 0) {
            (void)close(copy);
        }
        return 0;
    }
    for (const struct dirent *entry; (entry = readdir(folder));) {
        removed += is_left(room, entry->d_name) && is_old(room, entry->d_name) &&
                   unlinkat(room->lock, entry->d_name, 0) == 0;
    }
    closedir(folder);
    return removed;
}

/* ---- all ------------------------------------------------------------------------------------- */

/* A folder that an upload is writing to, or for which the store has no time, has its turn the next
 * time. Under the lock no row can come for files that are there. */
static enum cw_status sweep_room(struct room *room, struct cw_picture_swept *swept,
                                 struct cw_error *err) {
    char path[PATH_MAX];
    struct stat about;
    snprintf(path, sizeof path, "%s/%s", room->sweep->folder, room->hex);
    if (stat(path, &about) != 0) {
        return CW_OK;
    }
    room->lock = cw_picture_lock(room->sweep->folder, room->hex, /* exclusive: */ true);
    if (room->lock < 0) {
        swept->busy++;
        return CW_OK;
    }
    enum cw_status status = sweep_rows(room, err);
    if (status == CW_OK) {
        swept->pictures += (size_t)room->due;
        swept->files += sweep_files(room);
    }
    (void)close(room->lock);
    return status;
}

static bool is_stopped(const struct cw_picture_sweep *sweep) {
    return sweep->stop && atomic_load(sweep->stop);
}

enum cw_status cw_pictures_sweep(const struct cw_picture_sweep *sweep, int64_t now_ms,
                                 struct cw_picture_swept *ret, struct cw_error *err) {
    enum cw_status worst = CW_OK;
    *ret = (struct cw_picture_swept){0};
    for (int i = 0; i < FOLDERS && !is_stopped(sweep); i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct room room = {.sweep = sweep, .arena = arena};
        struct cw_error why = {0};
        snprintf(room.hex, sizeof room.hex, "%02x", (unsigned)i & 0xffu);
        room.range = (struct cw_artwork_range){
            .from = cw_arena_printf(arena, "sha-256:%s", room.hex),
            .below = cw_arena_printf(arena, "sha-256:%sg", room.hex), /* beyond every digit */
            .before_ms = now_ms - sweep->keep_ms};
        enum cw_status status = sweep_room(&room, ret, &why);
        ret->busy += status == CW_E_BUSY;
        if (status != CW_OK && status != CW_E_BUSY && worst == CW_OK) {
            worst = status;
            *err = why;
        }
    }
    return worst;
}

/* ---- in the server --------------------------------------------------------------------------- */

struct cw_sweeper {
    struct cw_picture_sweep sweep;
    struct cw_mailbox *mailbox;
    struct cw_crew *crew;
    atomic_bool stop;
    bool running;
    int64_t next_ms; /* of the monotonic clock; 0: at once */
};

/* On the thread. */
static void run_sweep(void *arg) {
    struct cw_sweeper *sweeper = arg;
    struct cw_picture_swept swept;
    struct cw_error err = {0};
    if (cw_pictures_sweep(&sweeper->sweep, cw_clock_now_ms(&cw_clock_system), &swept, &err) !=
        CW_OK) {
        char quoted[CW_LOG_QUOTED];
        cw_log_warn("sweep_failed", "code=%s detail=%s", err.code,
                    cw_log_quote(err.detail, quoted));
    }
    if (swept.files > 0 || swept.pictures > 0) {
        cw_log_info("pictures_removed", "pictures=%zu files=%zu", swept.pictures, swept.files);
    }
}

static void sweep_done(void *arg) {
    ((struct cw_sweeper *)arg)->running = false;
}

enum cw_status cw_sweeper_new(const struct cw_picture_sweep *sweep, struct cw_mailbox *mailbox,
                              struct cw_sweeper **ret, struct cw_error *err) {
    const struct cw_crew_config config = {.threads = 1, .waiting = 1, .nice = NICE};
    struct cw_sweeper *sweeper = calloc(1, sizeof *sweeper);
    if (!sweeper) {
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    sweeper->sweep = *sweep;
    sweeper->sweep.stop = &sweeper->stop;
    sweeper->mailbox = mailbox;
    enum cw_status status = cw_crew_new(&config, &sweeper->crew, err);
    if (status != CW_OK) {
        free(sweeper);
        return status;
    }
    *ret = sweeper;
    return CW_OK;
}

void cw_sweeper_turn(struct cw_sweeper *sweeper) {
    int64_t now_ms = cw_clock_monotonic_ms(&cw_clock_system);
    if (!sweeper || sweeper->running || now_ms < sweeper->next_ms) {
        return;
    }
    const struct cw_crew_job job = {
        .run = run_sweep, .done = sweep_done, .arg = sweeper, .mailbox = sweeper->mailbox};
    sweeper->next_ms = now_ms + CW_ARTWORK_SWEEP_S * INT64_C(1000);
    sweeper->running = cw_crew_push(sweeper->crew, &job, NULL) == CW_OK;
}

void cw_sweeper_stop(struct cw_sweeper *sweeper) {
    if (sweeper) {
        atomic_store(&sweeper->stop, true);
        cw_crew_free(sweeper->crew);
        sweeper->crew = NULL;
    }
}

void cw_sweeper_free(struct cw_sweeper *sweeper) {
    cw_sweeper_stop(sweeper);
    free(sweeper);
}
