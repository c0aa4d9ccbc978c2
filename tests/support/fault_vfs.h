/* SQLite's file layer with counted flushes and writes that can be made to fail. For tests only. */
#pragma once

/* Becomes SQLite's default file layer; call before the store is opened, once. */
void cw_fault_vfs_install(void);

/* The n-th write or flush from now on fails, and all after it; 0: none. */
void cw_fault_vfs_fail_at(long n);

/* Flushes (fsync) since the start; writes and flushes since the last cw_fault_vfs_fail_at. */
long cw_fault_vfs_syncs(void);
long cw_fault_vfs_operations(void);
