/* Files: whole reads, atomic durable writes, folders. Blocking: never on an event loop after
 * start-up. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/bytes.h"

/* Whole file, NUL-terminated in the arena. CW_E_NOT_FOUND "file.not_found", CW_E_LIMIT
 * "file.too_large", CW_E_IO "file.read". */
enum cw_status cw_file_read(struct cw_arena *arena, const char *path, size_t max_bytes,
                            char **ret_data, size_t *ret_length, struct cw_error *err) CW_MUST_USE;

/* A new empty file that is nobody else's: <path>.<16 hex>.tmp, *ret_path in the arena. Whoever
 * made it renames or removes it. CW_E_IO "file.write". */
enum cw_status cw_file_beside(struct cw_arena *arena, const char *path, unsigned mode,
                              const char **ret_path, struct cw_error *err) CW_MUST_USE;

/* Temporary file beside it (<path>.<16 hex>.tmp, its writer's own), fsync, rename, fsync of the
 * folder. Of several writers at once the last one stands, whole. CW_E_IO "file.write". */
enum cw_status cw_file_write_atomic(const char *path, const void *data, size_t length,
                                    unsigned mode, struct cw_error *err) CW_MUST_USE;

/* Flush the folder a file is in, so that its name survives a power cut; false with errno. */
bool cw_folder_sync(const char *path) CW_MUST_USE;

/* mkdir -p. */
enum cw_status cw_dir_make(const char *path, unsigned mode, struct cw_error *err) CW_MUST_USE;
bool cw_file_exists(const char *path);
/* Its files, and folders that many levels down; dot names stay, and the folders they are in. */
void cw_folder_remove(const char *path, int depth);

/* All of it to a descriptor, whatever it takes; false with errno when it cannot be written. */
bool cw_write_all(int fd, const void *bytes, size_t length);
