/* A worker process: answers the server's jobs on one socket until it closes. */
#pragma once

#include "fonts.h"

/**
 * Serve jobs.
 * @param fd    SOCK_SEQPACKET socket to the server
 * @param fonts warmed
 * @units   none
 * @owner   both stay the caller's
 * @errors  CW_OK when the socket closes; CW_E_IO "worker.socket" otherwise. A job's failure is told
 * to the server.
 * @cost    one job at a time
 * @source  none
 */
enum cw_status cw_worker_run(int fd, struct cw_fonts *fonts, struct cw_error *err) CW_MUST_USE;

/* "cw-renderer/0.1.0 look/1 cairo/… pango/… …": part of every preview's identity; static. */
const char *cw_worker_build(void);
