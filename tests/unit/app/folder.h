/* A folder that is gone again after the test. For tests only. */
#pragma once

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline int folder_remove_one(const char *path, const struct stat *st, int kind,
                                    struct FTW *ftw) {
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static inline void folder_make(char path[64]) {
    strcpy(path, "/tmp/cordwain-app-XXXXXX");
    if (!mkdtemp(path)) {
        abort();
    }
}

static inline void folder_remove(const char *path) {
    nftw(path, folder_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
