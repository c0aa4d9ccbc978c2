/* The importer process: one file in, one verdict out. */
#pragma once

#include "base/error.h"

/**
 * Serve the one request of include/cordwain/artwork.h on a socket, then return.
 * @param fd SOCK_SEQPACKET, borrowed
 * @units   none
 * @owner   nothing outlives the call
 * @errors  CW_E_IO "worker.socket" (nobody asks, or asks wrongly); a refused file is no error
 * @cost    one decode
 * @source  include/cordwain/artwork.h
 */
enum cw_status cw_import_serve(int fd, struct cw_error *err) CW_MUST_USE;
