/* The worker's end of its socket: one message at a time, with the descriptors of its pack and
 * pictures. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "cordwain/limits.h"

struct cw_link {
    int fd; /* SOCK_SEQPACKET, borrowed */
    uint8_t message[CW_RENDER_MESSAGE_BYTES];
};

struct cw_received {
    struct cw_bytes bytes;           /* in the link, until the next receive */
    bool too_long;                   /* the message was cut at CW_RENDER_MESSAGE_BYTES */
    int fds[1 + CW_RENDER_PICTURES]; /* the caller's to close */
    size_t fd_count;
};

/* Wait for the next message. False at the end of the connection; *failed tells whether it ended
 * badly. */
bool cw_link_receive(struct cw_link *link, struct cw_received *ret, bool *failed);

/* Send one message and, unless fd is -1, a descriptor; fd stays the caller's. False when the peer
 * is gone. */
bool cw_link_send(const struct cw_link *link, const struct cw_buf *message, int fd);

/**
 * Put bytes into a sealed memory file, so that the receiver can map them without copying and
 * without trusting us.
 * @param bytes  borrowed
 * @param ret_fd written on success only
 * @units   none
 * @owner   *ret_fd is the caller's to close
 * @errors  CW_E_LIMIT "render.image_too_large" above CW_RENDER_IMAGE_BYTES; CW_E_IO "render.memfd"
 * @cost    one copy
 * @source  memfd_create(2), fcntl(2) "File Sealing"
 */
enum cw_status cw_link_seal(const struct cw_buf *bytes, int *ret_fd,
                            struct cw_error *err) CW_MUST_USE;
