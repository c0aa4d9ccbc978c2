/*
 * A real, sandboxed worker process over its socket: pictures in every format, measuring, artwork,
 * refusals; and proof that the sandbox kills what it should.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/wire.h"
#include "cordwain/limits.h"
#include "cordwain/scene.h"
#include "pack_write.h"

static pid_t worker;
static int sock, pack_fd;
static const char *stack = "block";

struct reply {
    uint16_t kind;
    uint32_t job;
    uint8_t bytes[4096];
    struct cw_wire_reader body;
    int fd;
};

static void receive(struct reply *r) {
    char control[CMSG_SPACE(sizeof(int))];
    struct iovec part = {r->bytes, sizeof r->bytes};
    struct msghdr head = {.msg_iov = &part,
                          .msg_iovlen = 1,
                          .msg_control = control,
                          .msg_controllen = sizeof control};
    ssize_t got = recvmsg(sock, &head, 0);
    assert_true(got >= CW_RENDER_HEADER_BYTES);
    r->fd = -1;
    struct cmsghdr *c = CMSG_FIRSTHDR(&head);
    if (c)
        memcpy(&r->fd, CMSG_DATA(c), sizeof r->fd);
    cw_wire_reader_init(&r->body, r->bytes, (size_t)got);
    assert_int_equal(cw_wire_get_u32(&r->body), CW_RENDER_MAGIC);
    assert_int_equal(cw_wire_get_u16(&r->body), CW_RENDER_VERSION);
    r->kind = cw_wire_get_u16(&r->body);
    r->job = cw_wire_get_u32(&r->body);
    assert_int_equal(cw_wire_get_u32(&r->body), got - CW_RENDER_HEADER_BYTES);
}

/* Names and values in turn, NULL at the end; on top of this process's own environment. */
static void start_in(const char *const *environment) {
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    worker = fork();
    if (worker == 0) {
        char fd[16];
        close(pair[0]);
        for (size_t i = 0; environment[i]; i += 2)
            setenv(environment[i], environment[i + 1], 1);
        setenv("LSAN_OPTIONS", "suppressions=" CW_SOURCE_ROOT "/tests/support/lsan.supp", 1);
        snprintf(fd, sizeof fd, "%d", pair[1]);
        execl(CW_RENDERER, CW_RENDERER, "--worker", fd, "--fonts",
              CW_SOURCE_ROOT "/assets/fonts/fonts.json", NULL);
        _exit(127);
    }
    close(pair[1]);
    sock = pair[0];
    const struct timeval patience = {.tv_sec = 60};
    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    int large = 1 << 20;
    setsockopt(sock, SOL_SOCKET, SO_SNDBUF, &large, sizeof large);
}

static int start_worker(void **state) {
    (void)state;
    static const char *const none[] = {NULL};
    start_in(none);
    struct cw_error err = {0};
    CW_AUTO_BUF struct cw_buf bytes = {0};
    if (cw_pack_build(CW_SOURCE_ROOT "/assets/art/bottle", NULL, &bytes, &err))
        fail_msg("%s", err.message);
    pack_fd = memfd_create("pack", MFD_CLOEXEC);
    return write(pack_fd, bytes.data, bytes.length) == (ssize_t)bytes.length ? 0 : -1;
}

/* The worker must leave by itself when the socket closes. */
static int stop_worker(void **state) {
    (void)state;
    int status = 0;
    close(sock);
    close(pack_fd);
    if (waitpid(worker, &status, 0) != worker)
        return -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static void begin(struct cw_buf *m, enum cw_render_kind kind, uint32_t job) {
    cw_buf_reset(m);
    cw_wire_put_u32(m, CW_RENDER_MAGIC);
    cw_wire_put_u16(m, CW_RENDER_VERSION);
    cw_wire_put_u16(m, (uint16_t)kind);
    cw_wire_put_u32(m, job);
    cw_wire_put_u32(m, 0);
}

static void put_rgb(struct cw_buf *m, uint32_t rgb) {
    for (int shift = 16; shift >= 0; shift -= 8)
        cw_wire_put_u8(m, (uint8_t)(rgb >> shift));
}

static void put_plain_lettering(struct cw_buf *m) {
    for (size_t i = 0; i < 3; i++)
        cw_wire_put_u8(m, 0); /* layout, numerals, small capitals */
    cw_wire_put_i32(m, 0);
    cw_wire_put_i32(m, 0);
    cw_wire_put_str(m, "");
    cw_wire_put_i32(m, 0);
}

static void put_decal(struct cw_buf *m, const char *text) {
    static const int32_t lengths[] = {229300, 120000, -27000, -45000, 54000, 90000, 0};
    cw_wire_put_u8(m, CW_DECAL_TEXT);
    cw_wire_put_str(m, "wrap");
    put_rgb(m, 0xE9E4D8);
    cw_wire_put_u8(m, CW_PROCESS_ENGRAVE);
    for (size_t i = 0; i < 7; i++)
        cw_wire_put_i32(m, lengths[i]);
    cw_wire_put_str(m, text);
    cw_wire_put_str(m, stack);
    cw_wire_put_i32(m, 3000);
    cw_wire_put_i32(m, 20000);
    cw_wire_put_i32(m, 0);
    cw_wire_put_i32(m, 0);
    cw_wire_put_str(m, "");
    put_plain_lettering(m);
    cw_wire_put_str(m, "");
    for (int i = 0; i < 4; i++)
        cw_wire_put_i32(m, 0);
}

static void put_scene(struct cw_buf *m, const char *view, enum cw_format format, const char *text) {
    static const char *const parts[] = {"body", "lid", "loop", "boot"};
    cw_wire_put_str(m, view);
    cw_wire_put_u32(m, 512);
    cw_wire_put_u8(m, (uint8_t)format);
    put_rgb(m, 0xF4F4F2);
    for (int i = 0; i < 4; i++)
        cw_wire_put_u32(m, 0);
    cw_wire_put_u8(m, 0);
    cw_wire_put_str(m, "identity-1");
    cw_wire_put_u16(m, 4);
    for (size_t i = 0; i < 4; i++) {
        cw_wire_put_str(m, parts[i]);
        cw_wire_put_str(m, "powder");
        put_rgb(m, 0x28473A);
    }
    cw_wire_put_u16(m, text ? 1 : 0);
    if (text)
        put_decal(m, text);
    cw_wire_put_u16(m, 0);
}

static void post(struct cw_buf *m, int fd) {
    uint32_t length = (uint32_t)(m->length - CW_RENDER_HEADER_BYTES);
    for (int i = 0; i < 4; i++)
        m->data[12 + i] = (char)(length >> (8 * i));
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {m->data, m->length};
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
    assert_int_equal(sendmsg(sock, &head, MSG_NOSIGNAL), m->length);
}

/* An IMAGE answer whose file starts with `magic`, sealed and of the length it names. Returns a
 * copy. */
static char *expect_image(uint32_t job, const char *magic, size_t *ret_length) {
    struct reply r;
    receive(&r);
    if (r.kind == CW_RENDER_FAILED)
        fail_msg("failed: %.60s", (const char *)r.body.at + 5);
    assert_int_equal(r.kind, CW_RENDER_IMAGE);
    assert_int_equal(r.job, job);
    uint32_t length = cw_wire_get_u32(&r.body);
    cw_wire_get_u32(&r.body);
    cw_wire_get_u32(&r.body);
    cw_wire_get_u32(&r.body);
    assert_true(cw_wire_done(&r.body));
    assert_true(r.fd >= 0);
    int seals = fcntl(r.fd, F_GET_SEALS);
    assert_int_equal(seals & (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE),
                     F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
    struct stat st;
    assert_int_equal(fstat(r.fd, &st), 0);
    assert_int_equal(st.st_size, length);
    char *copy = malloc(length);
    assert_int_equal(pread(r.fd, copy, length, 0), length);
    close(r.fd);
    assert_memory_equal(copy, magic, strlen(magic));
    *ret_length = length;
    return copy;
}

static void expect_failed(uint32_t job, enum cw_status status, const char *code) {
    struct reply r;
    receive(&r);
    assert_int_equal(r.kind, CW_RENDER_FAILED);
    assert_int_equal(r.job, job);
    assert_int_equal(cw_wire_get_u8(&r.body), status);
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    assert_string_equal(cw_wire_get_str(&r.body, arena, 100), code);
    assert_true(cw_wire_get_str(&r.body, arena, 200)[0] != 0);
    assert_int_equal(r.fd, -1);
}

static void test_hello(void **state) {
    (void)state;
    struct reply r;
    receive(&r);
    assert_int_equal(r.kind, CW_RENDER_HELLO);
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    assert_memory_equal(cw_wire_get_str(&r.body, arena, 1000), "cw-renderer/", 12);
    assert_memory_equal(cw_wire_get_str(&r.body, arena, 1000), "sha-256:", 8);
    assert_true(cw_wire_done(&r.body));
}

static void test_pictures(void **state) {
    (void)state;
    static const char *const magic[] = {"\x89PNG\r\n", "RIFF", "\xff\xd8\xff"};
    CW_AUTO_BUF struct cw_buf m = {0};
    for (uint32_t i = 0; i < 9; i++) {
        begin(&m, CW_RENDER_RENDER, 100 + i);
        put_scene(&m, i % 2 ? "front" : "three_quarter", (enum cw_format)(i % 3),
                  i < 6 ? "Maya 7" : NULL);
        post(&m, pack_fd);
        size_t length;
        free(expect_image(100 + i, magic[i % 3], &length));
        assert_in_range(length, 2000, 400000);
    }
}

/* Every stack and script: whatever shaping and drawing may call must be on the sandbox's list. */
static void test_all_fonts(void **state) {
    (void)state;
    static const char *const stacks[] = {"block", "sans",      "serif",      "script",
                                         "naskh", "sans-bold", "serif-bold", "naskh-bold"};
    static const char *const texts[] = {
        "Zoë & Ærøskøbing", "Жасур",     "مريم ١٢",        "王小明", "a\xcc\x8a", "😀", "שָׁלוֹם",
        "श्री १२",           "สวัสดี น้ำใจ", "カタカナ漢字ー",
    };
    CW_AUTO_BUF struct cw_buf m = {0};
    struct reply r;
    for (size_t i = 0; i < sizeof stacks / sizeof stacks[0]; i++)
        for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
            stack = stacks[i];
            begin(&m, CW_RENDER_MEASURE, 1);
            put_decal(&m, texts[k]);
            post(&m, -1);
            receive(&r);
            assert_int_equal(r.kind, CW_RENDER_MEASURED);
            begin(&m, CW_RENDER_RENDER, 2);
            put_scene(&m, "front", CW_FORMAT_JPEG, texts[k]);
            post(&m, pack_fd);
            receive(&r); /* a picture, or a refusal of a glyph no face has */
            assert_true(r.kind == CW_RENDER_IMAGE || r.kind == CW_RENDER_FAILED);
            if (r.fd >= 0)
                close(r.fd);
        }
    stack = "block";
}

static void test_same_scene_same_bytes(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf m = {0};
    for (int format = 0; format < 3; format++) {
        char *bytes[2];
        size_t length[2];
        for (uint32_t i = 0; i < 2; i++) {
            begin(&m, CW_RENDER_RENDER, i);
            put_scene(&m, "front", (enum cw_format)format, "MAYA");
            post(&m, pack_fd);
            bytes[i] = expect_image(i, "", &length[i]);
        }
        assert_int_equal(length[0], length[1]);
        assert_memory_equal(bytes[0], bytes[1], length[0]);
        free(bytes[0]);
        free(bytes[1]);
    }
}

static char *draw_scripts(size_t *ret_length) {
    CW_AUTO_BUF struct cw_buf m = {0};
    begin(&m, CW_RENDER_RENDER, 1);
    put_scene(&m, "front", CW_FORMAT_PNG, "Ўғ 24 علی ۶ שלום श्री ไทย 直の");
    post(&m, pack_fd);
    return expect_image(1, "\x89PNG", ret_length);
}

/* A worker of another user, in another country, with another fontconfig. The server clears its
 * workers' environment; this must not be what keeps the pictures equal. */
static void test_environment_does_not_matter(void **state) {
    (void)state;
    static const char *const elsewhere[] = {"LANG",
                                            "fa_IR.UTF-8",
                                            "LC_ALL",
                                            "C.UTF-8",
                                            "LC_CTYPE",
                                            "ja_JP.UTF-8",
                                            "LANGUAGE",
                                            "ko:ja",
                                            "PANGO_LANGUAGE",
                                            "ja:zh-tw",
                                            "FC_LANG",
                                            "ja",
                                            "HOME",
                                            "/nonexistent",
                                            "FONTCONFIG_FILE",
                                            "/nonexistent",
                                            "FONTCONFIG_PATH",
                                            "/tmp",
                                            "XDG_CACHE_HOME",
                                            "/nonexistent",
                                            "XDG_CONFIG_HOME",
                                            "/tmp",
                                            "TZ",
                                            "Asia/Tehran",
                                            NULL};
    size_t here_length, length;
    char *here = draw_scripts(&here_length);
    const pid_t first_worker = worker;
    const int first_sock = sock;
    struct reply hello;
    start_in(elsewhere);
    receive(&hello);
    char *there = draw_scripts(&length);
    close(sock);
    int status = 0;
    assert_int_equal(waitpid(worker, &status, 0), worker);
    assert_int_equal(status, 0);
    worker = first_worker;
    sock = first_sock;
    assert_int_equal(length, here_length);
    assert_memory_equal(there, here, length);
    free(here);
    free(there);
}

static void test_measure(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf m = {0};
    begin(&m, CW_RENDER_MEASURE, 7);
    put_decal(&m, "MAYA");
    post(&m, -1);
    struct reply r;
    receive(&r);
    assert_int_equal(r.kind, CW_RENDER_MEASURED);
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    assert_int_equal(cw_wire_get_u8(&r.body), CW_FIT_OK);
    cw_wire_get_str(&r.body, arena, 16);
    assert_in_range(cw_wire_get_i32(&r.body), 3000, 60000);
    assert_in_range(cw_wire_get_i32(&r.body), 1000, 54000);
    assert_in_range(cw_wire_get_i32(&r.body), 1000, 90000);
    assert_int_equal(cw_wire_get_i32(&r.body), 0); /* no limit, no stroke measured */
    assert_true(cw_wire_done(&r.body));
}

/* What follows the decals of an artwork: one ink, format, design, boxes, spots. */
static void put_production(struct cw_buf *m, enum cw_format format) {
    cw_wire_put_str(m, "UV-PRINT");
    cw_wire_put_u8(m, (uint8_t)format);
    cw_wire_put_str(m, "sha-256:00");
    for (int i = 0; i < 4; i++)
        cw_wire_put_i32(m, 0);
    cw_wire_put_i32(m, 3000);
    for (int i = 0; i < 4; i++)
        cw_wire_put_str(m, "");
    cw_wire_put_u8(m, 1);
}

static void test_artwork(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf m = {0};
    begin(&m, CW_RENDER_ARTWORK, 8);
    cw_wire_put_u16(&m, 1);
    put_decal(&m, "MAYA");
    put_production(&m, CW_FORMAT_PDF);
    post(&m, -1);
    size_t length;
    free(expect_image(8, "%PDF-", &length));
    cw_buf_reset(&m);
    begin(&m, CW_RENDER_ARTWORK, 9);
    cw_wire_put_u16(&m, 1);
    put_decal(&m, "MAYA");
    put_production(&m, CW_FORMAT_SVG);
    post(&m, -1);
    free(expect_image(9, "<?xml", &length));
}

/* A level of 2 × 1 pixels, or with a length or side that is none. */
static int level_file(uint32_t width_px, size_t pixel_bytes) {
    CW_AUTO_BUF struct cw_buf level = {0};
    cw_wire_put_u32(&level, CW_ARTWORK_LEVEL_MAGIC);
    cw_wire_put_u32(&level, width_px);
    cw_wire_put_u32(&level, 1);
    while (level.length < CW_ARTWORK_LEVEL_HEAD_BYTES + pixel_bytes)
        cw_wire_put_u8(&level, level.length < CW_ARTWORK_LEVEL_HEAD_BYTES ? 0 : 255);
    int fd = memfd_create("level", MFD_CLOEXEC);
    assert_true(write(fd, level.data, level.length) == (ssize_t)level.length);
    return fd;
}

static void post_picture(uint32_t job, enum cw_format format, int fd) {
    static const int32_t lengths[] = {229300, 120000, -27000, -45000, 54000, 90000, 30000};
    CW_AUTO_BUF struct cw_buf m = {0};
    begin(&m, CW_RENDER_ARTWORK, job);
    cw_wire_put_u16(&m, 1);
    cw_wire_put_u8(&m, CW_DECAL_ARTWORK);
    cw_wire_put_str(&m, "wrap");
    put_rgb(&m, 0);
    cw_wire_put_u8(&m, CW_PROCESS_PRINT);
    for (size_t i = 0; i < 7; i++)
        cw_wire_put_i32(&m, lengths[i]);
    cw_wire_put_str(&m, "");
    cw_wire_put_str(&m, "");
    for (int i = 0; i < 4; i++)
        cw_wire_put_i32(&m, 0);
    cw_wire_put_str(&m, "");
    put_plain_lettering(&m);
    cw_wire_put_str(&m, "sha-256:aa");
    for (int i = 0; i < 4; i++)
        cw_wire_put_i32(&m, i < 2 ? 0 : 30000);
    put_production(&m, format);
    post(&m, fd);
    if (fd >= 0)
        close(fd);
}

static void test_pictures_of_shoppers(void **state) {
    (void)state;
    size_t length;
    post_picture(10, CW_FORMAT_PDF, level_file(2, 8));
    char *file = expect_image(10, "%PDF-", &length);
    assert_non_null(memmem(file, length, "/Subtype /Image /Width 2 /Height 1", 34));
    free(file);
    post_picture(11, CW_FORMAT_SVG, level_file(2, 8));
    file = expect_image(11, "<?xml", &length);
    assert_non_null(memmem(file, length, "data:image/png;base64,", 22));
    free(file);
    post_picture(12, CW_FORMAT_PDF, -1);
    expect_failed(12, CW_E_INPUT, "render.picture");
    const struct {
        uint32_t width_px;
        size_t bytes;
    } wrong[] = {{2, 7}, {2, 9}, {0, 0}, {1, 8}, {CW_ARTWORK_LEVEL_PX + 1, 4 * 2049}};
    for (uint32_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        post_picture(13 + i, CW_FORMAT_PDF, level_file(wrong[i].width_px, wrong[i].bytes));
        expect_failed(13 + i, CW_E_INPUT, "render.picture");
    }
    post_picture(19, CW_FORMAT_PDF,
                 level_file(CW_ARTWORK_LEVEL_PX, 4 * (size_t)CW_ARTWORK_LEVEL_PX));
    free(expect_image(19, "%PDF-", &length));
}

static void test_refusals(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf m = {0};
    begin(&m, CW_RENDER_RENDER, 20);
    put_scene(&m, "moon", CW_FORMAT_PNG, NULL);
    post(&m, pack_fd);
    expect_failed(20, CW_E_INPUT, "render.view_unknown");
    begin(&m, CW_RENDER_RENDER, 21);
    put_scene(&m, "front", CW_FORMAT_PNG, NULL);
    post(&m, -1); /* no pack */
    expect_failed(21, CW_E_INPUT, "render.pack");
    int other = memfd_create("other", MFD_CLOEXEC);
    assert_int_equal(ftruncate(other, 1000), 0);
    post(&m, other);
    expect_failed(21, CW_E_INPUT, "render.pack");
    close(other);
    begin(&m, CW_RENDER_RENDER, 22);
    put_scene(&m, "front", CW_FORMAT_PDF, NULL);
    post(&m, pack_fd);
    expect_failed(22, CW_E_INPUT, "render.message");
    begin(&m, CW_RENDER_RENDER, 23);
    put_scene(&m, "front", CW_FORMAT_PNG, NULL);
    cw_wire_put_u8(&m, 0); /* one byte too many */
    post(&m, pack_fd);
    expect_failed(23, CW_E_INPUT, "render.message");
}

static void test_message_size_limit(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf m = {0};
    for (uint32_t over = 0; over < 2; over++) {
        begin(&m, CW_RENDER_RENDER, 30 + over);
        while (m.length < CW_RENDER_MESSAGE_BYTES + over)
            cw_wire_put_u8(&m, 0);
        post(&m, pack_fd);
        if (over)
            expect_failed(31, CW_E_LIMIT, "render.message");
        else
            expect_failed(30, CW_E_INPUT, "render.message");
    }
}

/* ---- sandbox --------------------------------------------------------------------------------- */

static int self_test(const char *what) {
    pid_t child = fork();
    if (child == 0) {
        execl(CW_RENDERER, CW_RENDERER, "--self-test-sandbox", what, NULL);
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void test_sandbox_kills(void **state) {
    (void)state;
    int status = self_test("nothing");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        skip(); /* sanitizer build */
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    static const char *const forbidden[] = {"open", "socket", "fork", "exec", "code", "kill"};
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
        status = self_test(forbidden[i]);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
            fail_msg("'%s' was not stopped", forbidden[i]);
    }
}

int main(void) {
    const struct CMUnitTest worker_tests[] = {
        cmocka_unit_test(test_hello),
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_all_fonts),
        cmocka_unit_test(test_same_scene_same_bytes),
        cmocka_unit_test(test_environment_does_not_matter),
        cmocka_unit_test(test_measure),
        cmocka_unit_test(test_artwork),
        cmocka_unit_test(test_pictures_of_shoppers),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_message_size_limit),
    };
    const struct CMUnitTest sandbox_tests[] = {cmocka_unit_test(test_sandbox_kills)};
    int failed = cmocka_run_group_tests(worker_tests, start_worker, stop_worker);
    return failed + cmocka_run_group_tests(sandbox_tests, NULL, NULL);
}
