/* The store in one SQLite file: one writer thread with group commit, two reader threads. */
#pragma once

#include "base/clock.h"
#include "cordwain/store.h"

/**
 * Open or create the store file, bring its schema up to date and start its threads.
 * @param path      file name; its folder must exist; `path-wal` and `path-shm` appear beside it
 * @param clock     borrowed for the life of the store
 * @param ret_store ops->free ends it: accepted jobs are finished first
 * @units   none
 * @owner   the caller owns *ret_store; free it before the mailboxes its jobs name
 * @errors  CW_E_INPUT "store.not_ours" (another program's file), "store.too_new" (a newer Cordwain
 * wrote it); CW_E_BUSY "store.busy" (locked by another process for longer than the busy timeout);
 *          CW_E_IO "store.open" | "store.sqlite"; CW_E_NOMEM
 * @cost    blocking file access: start-up and the command line only
 * @source  sqlite.org: wal.html, pragma.html, security.html
 */
enum cw_status cw_store_sqlite_open(const char *path, const struct cw_clock *clock,
                                    struct cw_store **ret_store, struct cw_error *err) CW_MUST_USE;
