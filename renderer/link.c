/*
 * Responsible for whole messages and descriptors on the worker's socket, and for sealed answers.
 * Does not look inside messages (job.c). The worker process runs it, inside the sandbox.
 */
#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static void take_fds(const struct msghdr *head, struct cw_received *ret) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(head); c;
         c = CMSG_NXTHDR((struct msghdr *)(uintptr_t)head, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (ret->fd_count < sizeof ret->fds / sizeof ret->fds[0])
                ret->fds[ret->fd_count++] = fd;
            else
                close(fd);
        }
    }
}

bool cw_link_receive(struct cw_link *link, struct cw_received *ret, bool *failed) {
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE((2 + CW_RENDER_PICTURES) * sizeof(int))];
    } control;
    struct iovec part = {link->message, sizeof link->message};
    struct msghdr head = {.msg_iov = &part,
                          .msg_iovlen = 1,
                          .msg_control = &control,
                          .msg_controllen = sizeof control};
    ssize_t got;
    do
        got = recvmsg(link->fd, &head, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    *failed = got < 0 && errno != ECONNRESET;
    if (got <= 0)
        return false;
    *ret = (struct cw_received){.bytes = {link->message, (size_t)got}};
    ret->too_long = (head.msg_flags & MSG_TRUNC) != 0;
    take_fds(&head, ret);
    return true;
}

bool cw_link_send(const struct cw_link *link, const struct cw_buf *message, int fd) {
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {message->data, message->length};
    struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd >= 0) {
        head.msg_control = &control;
        head.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&head);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    ssize_t sent;
    do
        sent = sendmsg(link->fd, &head, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)message->length;
}

enum cw_status cw_link_seal(const struct cw_buf *bytes, int *ret_fd, struct cw_error *err) {
    if (bytes->length > CW_RENDER_IMAGE_BYTES)
        return cw_fail(err, CW_E_LIMIT, "render.image_too_large",
                       "the picture has more than %d bytes", CW_RENDER_IMAGE_BYTES);
    int fd = memfd_create("image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return cw_fail(err, CW_E_IO, "render.memfd", "no memory file for the picture");
    for (size_t at = 0; at < bytes->length;) {
        ssize_t done = write(fd, bytes->data + at, bytes->length - at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            close(fd);
            return cw_fail(err, CW_E_IO, "render.memfd", "cannot write the picture");
        }
        at += (size_t)done;
    }
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0) {
        close(fd);
        return cw_fail(err, CW_E_IO, "render.memfd", "cannot seal the picture");
    }
    *ret_fd = fd;
    return CW_OK;
}
