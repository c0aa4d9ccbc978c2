/*
 * Responsible for: whole-file reads, atomic durable writes, making folders.
 * Does not: run on an event loop after start-up (it blocks). Any process.
 */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"

static void close_fd(int *fd) {
    if (*fd >= 0) {
        close(*fd);
    }
}
#define CW_AUTO_FD __attribute__((cleanup(close_fd)))

static enum cw_status io_error(struct cw_error *err, const char *code, const char *what,
                               const char *path) {
    int saved = errno;
    enum cw_status status = cw_error_raise(err, CW_E_IO, code, "", __FILE__, __LINE__,
                                           "cannot %s '%s': %s", what, path, strerror(saved));
    return status;
}

enum cw_status cw_file_read(struct cw_arena *arena, const char *path, size_t max_bytes,
                            char **ret_data, size_t *ret_length, struct cw_error *err) {
    CW_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return cw_fail(err, CW_E_NOT_FOUND, "file.not_found", "no such file '%s'", path);
        }
        return io_error(err, "file.read", "open", path);
    }
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return io_error(err, "file.read", "stat", path);
    }
    if (!S_ISREG(st.st_mode)) {
        return cw_fail(err, CW_E_IO, "file.read", "'%s' is not a regular file", path);
    }
    if (st.st_size < 0 || (size_t)st.st_size > max_bytes) {
        return cw_fail(err, CW_E_LIMIT, "file.too_large", "'%s' is larger than %zu bytes", path,
                       max_bytes);
    }
    size_t size = (size_t)st.st_size, done = 0;
    char *data = cw_arena_alloc(arena, size + 1);
    while (done < size) {
        ssize_t n = read(fd, data + done, size - done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return io_error(err, "file.read", "read", path);
        }
        if (n == 0) {
            break; /* it shrank meanwhile: give what is there */
        }
        done += (size_t)n;
    }
    *ret_data = data;
    *ret_length = done;
    return CW_OK;
}

bool cw_write_all(int fd, const void *bytes, size_t length) {
    const char *data = bytes;
    while (length > 0) {
        ssize_t n = write(fd, data, length);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return false;
        }
        data += n;
        length -= (size_t)n;
    }
    return true;
}

bool cw_folder_sync(const char *path) {
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    CW_AUTO_FD int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0;
}

/* A new file beside `path`, nobody else's, not even of another thread or container. -1: failed. */
static int create_beside(const char *path, unsigned mode, char ret_path[PATH_MAX],
                         struct cw_error *err) {
    char own[17];
    uint8_t random[8];
    cw_random(random, sizeof random);
    cw_hex(random, sizeof random, own);
    if (snprintf(ret_path, PATH_MAX, "%s.%s.tmp", path, own) >= PATH_MAX) {
        (void)cw_fail(err, CW_E_IO, "file.write", "path is too long");
        return -1;
    }
    int fd = open(ret_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
    if (fd < 0) {
        (void)io_error(err, "file.write", "create", ret_path);
    }
    return fd;
}

enum cw_status cw_file_beside(struct cw_arena *arena, const char *path, unsigned mode,
                              const char **ret_path, struct cw_error *err) {
    char temporary[PATH_MAX];
    CW_AUTO_FD int fd = create_beside(path, mode, temporary, err);
    if (fd < 0) {
        return CW_E_IO;
    }
    *ret_path = cw_arena_strdup(arena, temporary);
    return CW_OK;
}

enum cw_status cw_file_write_atomic(const char *path, const void *data, size_t length,
                                    unsigned mode, struct cw_error *err) {
    char temporary[PATH_MAX];
    CW_AUTO_FD int fd = create_beside(path, mode, temporary, err);
    if (fd < 0) {
        return CW_E_IO;
    }
    if (!cw_write_all(fd, data, length) || fsync(fd) != 0 || rename(temporary, path) != 0 ||
        !cw_folder_sync(path)) {
        enum cw_status status = io_error(err, "file.write", "write", path);
        unlink(temporary);
        return status;
    }
    return CW_OK;
}

enum cw_status cw_dir_make(const char *path, unsigned mode, struct cw_error *err) {
    char copy[PATH_MAX];
    if (snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy) {
        return cw_fail(err, CW_E_IO, "file.write", "path is too long");
    }
    for (char *p = copy + 1;; p++) {
        if (*p != '/' && *p != '\0') {
            continue;
        }
        char c = *p;
        *p = '\0';
        if (mkdir(copy, (mode_t)mode) != 0 && errno != EEXIST) {
            return io_error(err, "file.write", "make folder", copy);
        }
        *p = c;
        if (c == '\0') {
            return CW_OK;
        }
    }
}

bool cw_file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

void cw_folder_remove(const char *path, int depth) {
    DIR *folder = opendir(path);
    char inside[PATH_MAX];
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        int length = snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] == '.' || length >= (int)sizeof inside) {
            continue;
        }
        if (unlink(inside) != 0 && depth > 0) {
            cw_folder_remove(inside, depth - 1);
        }
    }
    if (folder) {
        closedir(folder);
    }
    (void)rmdir(path);
}
