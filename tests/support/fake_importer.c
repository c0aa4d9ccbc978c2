/*
 * Responsible for: standing in for `cordwain-renderer --import` in tests: locked like it, and wrong
 * in the way the file itself names. Does not: decode. Started by preview/import.c like the real
 * one.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/wire.h"
#include "cordwain/artwork.h"
#include "link.h"
#include "sandbox.h"
#include "take_memory.h"

static char mode[32];
static struct cw_link sock = {.fd = 3};

static bool is(const char *name) {
    return strcmp(mode, name) == 0;
}

/* The answer with its picture and the same once more, which fits where one is awaited. */
static void send_twice(const struct cw_buf *reply, int fd) {
    const int fds[] = {fd, fd};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof fds)];
    } control;
    struct iovec part = {reply->data, reply->length};
    struct msghdr head = {.msg_iov = &part,
                          .msg_iovlen = 1,
                          .msg_control = &control,
                          .msg_controllen = sizeof control};
    memset(&control, 0, sizeof control);
    struct cmsghdr *c = CMSG_FIRSTHDR(&head);
    *c = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof fds), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(c), fds, sizeof fds);
    if (sendmsg(sock.fd, &head, 0) < 0)
        exit(1);
}

struct answer {
    uint8_t refused, kind, colour;
    uint32_t width_px, height_px;
    const char *code;
};

static void answer(const struct answer *a, int fd) {
    CW_AUTO_BUF struct cw_buf reply = {0};
    cw_wire_put_u32(&reply, is("other magic") ? 1 : CW_IMPORT_MAGIC);
    cw_wire_put_u16(&reply, is("other version") ? CW_IMPORT_VERSION + 1 : CW_IMPORT_VERSION);
    cw_wire_put_u8(&reply, a->refused);
    cw_wire_put_u8(&reply, a->kind);
    cw_wire_put_u8(&reply, a->colour);
    cw_wire_put_u32(&reply, a->width_px);
    cw_wire_put_u32(&reply, a->height_px);
    cw_wire_put_str(&reply, a->code);
    cw_wire_put_str(&reply, "");
    if (is("one byte more"))
        cw_wire_put_u8(&reply, 0);
    if (is("two pictures"))
        send_twice(&reply, fd);
    else if (!cw_link_send(&sock, &reply, fd))
        exit(1);
}

/* A picture of 4 × 3 pixels, as it should be or not. */
static int picture(void) {
    int fd = memfd_create("picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0 || ftruncate(fd, is("short picture") ? 47 : 48) != 0)
        exit(1);
    if (!is("unsealed picture") &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
        exit(1);
    return fd;
}

static void misbehave(void) {
    static char rubbish[4096];
    if (is("crash"))
        raise(SIGKILL);
    if (is("exit"))
        exit(7);
    if (is("memory"))
        take_memory();
    while (is("hang"))
        cw_link_receive(&sock, &(struct cw_received){0}, &(bool){false});
    if (is("spin"))
        for (volatile unsigned i = 0;; i++)
            continue;
    if (is("silence"))
        exit(0);
    if (is("rubbish"))
        exit(write(sock.fd, "rubbish", 7) != 7);
    if (is("long rubbish"))
        exit(write(sock.fd, rubbish, sizeof rubbish) != sizeof rubbish);
}

int main(int argc, char **argv) {
    struct cw_error err = {0};
    struct cw_received request = {0};
    bool failed = false;
    if (argc != 3 || strcmp(argv[1], "--import") != 0 || cw_import_lock(&err) != CW_OK)
        return 2;
    if (!cw_link_receive(&sock, &request, &failed) || request.fd_count == 0 ||
        read(request.fds[0], mode, sizeof mode - 1) < 0)
        return 3;
    misbehave();
    struct answer good = {.kind = CW_ARTWORK_PNG, .width_px = 4, .height_px = 3, .code = ""};
    good.width_px = is("no pixels") ? 0 : is("too wide") ? 16385 : 4;
    good.kind = is("no kind") ? 0 : is("other kind") ? 9 : CW_ARTWORK_PNG;
    good.colour = is("other colour") ? 3 : CW_COLOUR_CONVERTED;
    good.refused = is("refused") || is("refused without code") || is("refused with a quote");
    good.code = is("refused") ? "artwork.kind" : is("refused with a quote") ? "a\"b" : "";
    answer(&good, is("no picture") || good.refused ? -1 : picture());
    return 0;
}
