/* What a worker answers, read like input from a stranger: a worker has parsed other people's files.
 */
#pragma once

#include "base/bytes.h"
#include "cordwain/resolved.h"
#include "cordwain/scene.h"

#define CW_REPLY_NAME 256 /* longest build id and fonts digest, with NUL */

struct cw_reply {
    enum cw_render_kind kind; /* HELLO, IMAGE, MEASURED or FAILED */
    uint32_t job;
    char build[CW_REPLY_NAME], fonts_digest[CW_REPLY_NAME]; /* HELLO */
    uint32_t length, width_px, height_px, draw_us;          /* IMAGE */
    struct cw_text_fit fit;                                 /* MEASURED; fit.option is CW_NONE */
    struct cw_error failure; /* FAILED: the worker's verdict, its code one of a known list */
};

/**
 * Read one whole message of a worker.
 * @param data, length  exactly what recvmsg gave
 * @param ret_reply     written on success only
 * @units   bytes, px, µm, µs as named
 * @owner   plain value
 * @errors  CW_E_IO "render.protocol": magic, version, kind, length, a field or a bound is wrong
 * @cost    O(length); pure
 * @source  cordwain/scene.h
 */
enum cw_status cw_reply_decode(const void *data, size_t length, struct cw_reply *ret_reply,
                               struct cw_error *err) CW_MUST_USE;

/*
 * The picture behind a worker's memfd. Sealed against change (by the worker, or by us here) it is
 * mapped read-only without a copy and the blob's release unmaps; a file that cannot be sealed could
 * shrink under a reader and kill the server with SIGBUS, so that one is copied.
 * Takes fd on success and failure alike. CW_E_IO "render.protocol" unless it is a regular file of
 * exactly `length` bytes, 1..CW_RENDER_IMAGE_BYTES; CW_E_NOMEM.
 */
enum cw_status cw_reply_map(int take_fd, size_t length, struct cw_blob **ret_blob,
                            struct cw_error *err) CW_MUST_USE;
