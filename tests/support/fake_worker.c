/*
 * Responsible for: standing in for cordwain-renderer in tests: good, bad and broken answers on
 * demand. Does not: draw. Runs in: tests only, started by the pool like the real one.
 *
 * The fonts file holds "<mode> <build>"; a job whose body contains "boom" kills it, "hang" stops
 * it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/wire.h"
#include "cordwain/limits.h"
#include "cordwain/scene.h"
#include "take_memory.h"

static char mode[64] = "normal", build[64] = "build-1";
static int sock = 3;

static void send_message(uint16_t kind, uint32_t job, const struct cw_buf *body, int fd,
                         int fd_count) {
    CW_AUTO_BUF struct cw_buf message = {0};
    cw_wire_put_u32(&message, CW_RENDER_MAGIC);
    cw_wire_put_u16(&message, CW_RENDER_VERSION);
    cw_wire_put_u16(&message, kind);
    cw_wire_put_u32(&message, job);
    cw_wire_put_u32(&message, (uint32_t)body->length);
    cw_buf_add(&message, body->data, body->length);
    struct iovec part = {.iov_base = message.data, .iov_len = message.length};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(2 * sizeof(int))];
    } control = {0};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd_count > 0) {
        int fds[2] = {fd, fd};
        size_t bytes = (size_t)fd_count * sizeof(int);
        header.msg_control = control.bytes;
        header.msg_controllen = CMSG_SPACE(bytes);
        struct cmsghdr *c = CMSG_FIRSTHDR(&header);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(bytes);
        memcpy(CMSG_DATA(c), fds, bytes);
    }
    if (sendmsg(sock, &header, MSG_NOSIGNAL) < 0)
        exit(1);
}

static int is(const char *name) {
    return strcmp(mode, name) == 0;
}

static void image(uint32_t job, uint32_t said, const char *data, size_t length, int fds) {
    int fd = memfd_create("fake", is("unsealable") ? 0u : (unsigned)MFD_ALLOW_SEALING);
    if (fd < 0 || write(fd, data, length) != (ssize_t)length)
        exit(1);
    CW_AUTO_BUF struct cw_buf body = {0};
    cw_wire_put_u32(&body, said);
    cw_wire_put_u32(&body, 64);
    cw_wire_put_u32(&body, 48);
    cw_wire_put_u32(&body, 1234);
    send_message(CW_RENDER_IMAGE, job, &body, fd, fds);
    close(fd);
}

static void measured(uint32_t job, size_t body_length) {
    CW_AUTO_BUF struct cw_buf body = {0};
    cw_wire_put_u8(&body, 0);
    cw_wire_put_str(&body, "");
    cw_wire_put_i32(&body, 5000);
    cw_wire_put_i32(&body, (int32_t)body_length);
    cw_wire_put_i32(&body, 3500);
    cw_wire_put_i32(&body, 400);
    send_message(CW_RENDER_MEASURED, job, &body, -1, 0);
}

static void failed(uint32_t job, enum cw_status status, const char *code) {
    CW_AUTO_BUF struct cw_buf body = {0};
    cw_wire_put_u8(&body, (uint8_t)status);
    cw_wire_put_str(&body, code);
    cw_wire_put_str(&body, "no such view");
    send_message(CW_RENDER_FAILED, job, &body, -1, 0);
}

static void large_image(uint32_t job) {
    size_t length = 300 * 1000;
    char *data = malloc(length);
    memset(data, 'x', length);
    image(job, (uint32_t)length, data, length, 1);
    free(data);
}

static void run_out_of_memory(void) {
    const struct rlimit limit = {1 << 20, 1 << 20};
    (void)setrlimit(RLIMIT_DATA, &limit);
    take_memory();
}

/* True when the mode answered in its own bad way. */
static int misbehave(uint32_t job) {
    static const char data[] = "a picture";
    uint32_t length = sizeof data - 1;
    if (is("crash"))
        abort();
    else if (is("hang"))
        pause();
    else if (is("garbage"))
        (void)!write(sock, "garbage garbage garbage", 23);
    else if (is("long_garbage")) {
        char junk[20000] = {0};
        (void)!write(sock, junk, sizeof junk);
    } else if (is("wrong_job"))
        image(job + 1, length, data, length, 1);
    else if (is("oversized"))
        image(job, CW_RENDER_IMAGE_BYTES + 1, data, length, 1);
    else if (is("short"))
        image(job, length + 1, data, length, 1);
    else if (is("no_fd"))
        image(job, length, data, length, 0);
    else if (is("two_fds"))
        image(job, length, data, length, 2);
    else if (is("wrong_kind"))
        measured(job, 1);
    else if (is("failed"))
        failed(job, CW_E_INPUT, "render.view_unknown");
    else if (is("no_memory"))
        failed(job, CW_E_NOMEM, "render.memory");
    else if (is("memory"))
        run_out_of_memory();
    else if (is("large"))
        large_image(job);
    else if (is("closes")) {
        close(sock);
        pause();
    } else
        return 0;
    return 1;
}

static void serve(const char *data, size_t length) {
    struct cw_wire_reader reader;
    cw_wire_reader_init(&reader, data, length);
    cw_wire_get_u32(&reader);
    cw_wire_get_u16(&reader);
    uint16_t kind = cw_wire_get_u16(&reader);
    uint32_t job = cw_wire_get_u32(&reader);
    if (memmem(data, length, "boom", 4) != NULL)
        abort();
    if (memmem(data, length, "hang", 4) != NULL)
        pause();
    if (is("slow"))
        usleep(20000);
    if (misbehave(job))
        return;
    if (kind == CW_RENDER_MEASURE)
        measured(job, length);
    else
        image(job, (uint32_t)(length - CW_RENDER_HEADER_BYTES), data + CW_RENDER_HEADER_BYTES,
              length - CW_RENDER_HEADER_BYTES, 1);
}

/* The contract of the start: descriptor 3 only, clean environment, working folder "/". */
static void check_surroundings(void) {
    char cwd[16] = "";
    extern char **environ;
    if (getcwd(cwd, sizeof cwd) == NULL || strcmp(cwd, "/") != 0)
        exit(2);
    if (environ[0] == NULL || strcmp(environ[0], "LANG=C") != 0 || environ[1] != NULL)
        exit(3);
    for (int fd = 4; fd < 64; fd++)
        if (close(fd) == 0)
            exit(4);
}

int main(int argc, char **argv) {
    check_surroundings();
    if (argc != 5 || strcmp(argv[1], "--worker") != 0 || strcmp(argv[3], "--fonts") != 0)
        return 5;
    FILE *file = fopen(argv[4], "r");
    if (file == NULL || fscanf(file, "%63s %63s", mode, build) < 1)
        return 6;
    fclose(file);
    if (is("exits"))
        return 7;
    if (is("no_hello"))
        pause();
    CW_AUTO_BUF struct cw_buf hello = {0};
    cw_wire_put_str(&hello, build);
    cw_wire_put_str(&hello, is("bad_hello") ? "" : "sha-256:fonts");
    send_message(CW_RENDER_HELLO, 0, &hello, -1, 0);
    static char data[CW_RENDER_MESSAGE_BYTES];
    for (;;) {
        union {
            struct cmsghdr align;
            char bytes[CMSG_SPACE(sizeof(int))];
        } control;
        struct iovec part = {.iov_base = data, .iov_len = sizeof data};
        struct msghdr header = {.msg_iov = &part,
                                .msg_iovlen = 1,
                                .msg_control = control.bytes,
                                .msg_controllen = sizeof control.bytes};
        ssize_t got = recvmsg(sock, &header, 0);
        if (got <= 0)
            return 0;
        struct cmsghdr *c = CMSG_FIRSTHDR(&header);
        if (c != NULL) {
            int fd;
            memcpy(&fd, CMSG_DATA(c), sizeof fd);
            close(fd);
        }
        serve(data, (size_t)got);
    }
}
