/*
 * A file layer that is SQLite's own with two methods replaced: files keep the type the real layer
 * gave them, only their table of methods is a copy with our write and flush in it.
 */
#include "fault_vfs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

static sqlite3_vfs *real_vfs, our_vfs;
/* One per kind of file the real layer has (with and without locks). A file's pMethods points at
 * `ours`. */
static struct methods {
    sqlite3_io_methods ours; /* first */
    const sqlite3_io_methods *real;
} kinds[8];
static pthread_mutex_t kinds_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_long operations, syncs, fail_at;

static const sqlite3_io_methods *real_of(const sqlite3_file *file) {
    return ((const struct methods *)file->pMethods)->real;
}

static bool fails(void) {
    long at = atomic_load(&fail_at), n = atomic_fetch_add(&operations, 1) + 1;
    return at > 0 && n >= at;
}

static int write_or_fail(sqlite3_file *file, const void *data, int length, sqlite3_int64 offset) {
    return fails() ? SQLITE_IOERR_WRITE : real_of(file)->xWrite(file, data, length, offset);
}

static int sync_or_fail(sqlite3_file *file, int flags) {
    if (fails())
        return SQLITE_IOERR_FSYNC;
    atomic_fetch_add(&syncs, 1);
    return real_of(file)->xSync(file, flags);
}

static const sqlite3_io_methods *ours_for(const sqlite3_io_methods *real) {
    pthread_mutex_lock(&kinds_lock);
    size_t i = 0;
    while (i < sizeof kinds / sizeof kinds[0] && kinds[i].real != NULL && kinds[i].real != real)
        i++;
    if (i == sizeof kinds / sizeof kinds[0])
        abort();
    if (kinds[i].real == NULL) {
        kinds[i].ours = *real;
        kinds[i].ours.xWrite = write_or_fail;
        kinds[i].ours.xSync = sync_or_fail;
        kinds[i].real = real;
    }
    pthread_mutex_unlock(&kinds_lock);
    return &kinds[i].ours;
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *ret_flags) {
    (void)vfs;
    int result = real_vfs->xOpen(real_vfs, name, file, flags, ret_flags);
    if (result == SQLITE_OK && file->pMethods != NULL)
        file->pMethods = ours_for(file->pMethods);
    return result;
}

void cw_fault_vfs_install(void) {
    real_vfs = sqlite3_vfs_find(NULL);
    our_vfs = *real_vfs;
    our_vfs.zName = "cordwain-fault";
    our_vfs.pNext = NULL;
    our_vfs.xOpen = open_file;
    sqlite3_vfs_register(&our_vfs, /* default: */ 1);
}

void cw_fault_vfs_fail_at(long n) {
    atomic_store(&operations, 0);
    atomic_store(&fail_at, n);
}

long cw_fault_vfs_syncs(void) {
    return atomic_load(&syncs);
}

long cw_fault_vfs_operations(void) {
    return atomic_load(&operations);
}
