/* Worker messages at and beyond every bound; pictures in memory files. Runs in: tests only. */
#include "preview/reply.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "base/wire.h"
#include "cordwain/limits.h"
#include "fixture.h"

static void put_header(struct cw_buf *buf, uint16_t kind, size_t body_length) {
    cw_wire_put_u32(buf, CW_RENDER_MAGIC);
    cw_wire_put_u16(buf, CW_RENDER_VERSION);
    cw_wire_put_u16(buf, kind);
    cw_wire_put_u32(buf, 77);
    cw_wire_put_u32(buf, (uint32_t)body_length);
}

static enum cw_status decode(uint16_t kind, const struct cw_buf *body, struct cw_reply *ret_reply) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    put_header(&buf, kind, body->length);
    cw_buf_add(&buf, body->data, body->length);
    for (size_t cut = 0; cut < buf.length; cut++) { /* every shorter message is refused */
        struct cw_reply reply;
        assert_int_equal(cw_reply_decode(buf.data, cut, &reply, NULL), CW_E_IO);
    }
    return cw_reply_decode(buf.data, buf.length, ret_reply, NULL);
}

static void hello(void **state) {
    (void)state;
    char name[CW_REPLY_NAME + 1];
    for (size_t extra = 0; extra < 2; extra++) {
        CW_AUTO_BUF struct cw_buf body = {0};
        struct cw_reply reply;
        memset(name, 'b', sizeof name);
        name[CW_REPLY_NAME - 1 + extra] = '\0';
        cw_wire_put_str(&body, name);
        cw_wire_put_str(&body, "sha-256:f");
        assert_int_equal(decode(CW_RENDER_HELLO, &body, &reply), extra == 0 ? CW_OK : CW_E_IO);
    }
}

static void image(void **state) {
    (void)state;
    static const uint32_t lengths[] = {0, 1, CW_RENDER_IMAGE_BYTES, CW_RENDER_IMAGE_BYTES + 1};
    for (int i = 0; i < 4; i++) {
        CW_AUTO_BUF struct cw_buf body = {0};
        struct cw_reply reply;
        cw_wire_put_u32(&body, lengths[i]);
        cw_wire_put_u32(&body, 640);
        cw_wire_put_u32(&body, 480);
        cw_wire_put_u32(&body, 999);
        enum cw_status status = decode(CW_RENDER_IMAGE, &body, &reply);
        assert_int_equal(status, i == 1 || i == 2 ? CW_OK : CW_E_IO);
        if (status == CW_OK) {
            assert_int_equal(reply.job, 77);
            assert_int_equal(reply.height_px, 480);
        }
        cw_wire_put_u8(&body, 0); /* one byte too many */
        assert_int_equal(decode(CW_RENDER_IMAGE, &body, &reply), CW_E_IO);
    }
}

static enum cw_status measured(uint8_t verdict, const char *glyph, int32_t em_um,
                               struct cw_reply *reply) {
    CW_AUTO_BUF struct cw_buf body = {0};
    cw_wire_put_u8(&body, verdict);
    cw_wire_put_str(&body, glyph);
    cw_wire_put_i32(&body, em_um);
    cw_wire_put_i32(&body, 20);
    cw_wire_put_i32(&body, 10);
    cw_wire_put_i32(&body, 300);
    return decode(CW_RENDER_MEASURED, &body, reply);
}

static void measuring(void **state) {
    (void)state;
    struct cw_reply reply;
    assert_int_equal(measured(CW_FIT_GLYPH_MISSING, "\xe6\xbc\xa2", 0, &reply), CW_OK);
    assert_string_equal(reply.fit.glyph, "\xe6\xbc\xa2");
    assert_int_equal(measured(CW_FIT_TOO_WIDE, "", 4000, &reply), CW_OK);
    assert_int_equal(measured(CW_FIT_UNMEASURED, "", 4000, &reply), CW_E_IO);
    assert_int_equal(measured(CW_FIT_OK, "", -1, &reply), CW_E_IO);
    assert_int_equal(measured(CW_FIT_OK, "0123456789abcdef", 1, &reply), CW_E_IO);
}

static enum cw_status failed_saying(uint8_t status, const char *code, const char *message,
                                    struct cw_reply *reply) {
    CW_AUTO_BUF struct cw_buf body = {0};
    cw_wire_put_u8(&body, status);
    cw_wire_put_str(&body, code);
    cw_wire_put_str(&body, message);
    return decode(CW_RENDER_FAILED, &body, reply);
}

static enum cw_status failed(uint8_t status, const char *code, struct cw_reply *reply) {
    return failed_saying(status, code, "why", reply);
}

static void failures(void **state) {
    (void)state;
    struct cw_reply reply;
    assert_int_equal(failed(CW_E_INPUT, "render.pack", &reply), CW_OK);
    assert_string_equal(reply.failure.code, "render.pack");
    assert_string_equal(reply.failure.message, "why");
    assert_int_equal(failed(CW_E_IO, "render.picture", &reply), CW_OK);
    assert_string_equal(reply.failure.code, "render.picture");
    assert_int_equal(failed(CW_E_IO, "made.up", &reply), CW_OK);
    assert_string_equal(reply.failure.code, "render.failed");
    assert_string_equal(reply.failure.message, "the picture could not be made");
    static const char *const unfit[] = {"", "two\nlines", "\xff\xfe"};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(failed_saying(CW_E_IO, "render.pack", unfit[i], &reply), CW_OK);
        assert_string_equal(reply.failure.message, "the picture could not be made");
    }
    assert_int_equal(failed(CW_OK, "render.pack", &reply), CW_E_IO);
    assert_int_equal(failed(CW_E_BUG + 1, "render.pack", &reply), CW_E_IO);
}

static int memory_file(size_t length, unsigned flags) {
    int fd = memfd_create("test", flags);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)length), 0);
    assert_int_equal(pwrite(fd, "picture", 7, 0), 7);
    return fd;
}

static void pictures(void **state) {
    (void)state;
    static const size_t lengths[] = {100, 64 * 1024 - 1, 64 * 1024, 1000 * 1000};
    for (int i = 0; i < 8; i++) {
        size_t length = lengths[i / 2];
        struct cw_blob *blob = NULL;
        int fd = memory_file(length, i % 2 == 0 ? 0u : (unsigned)MFD_ALLOW_SEALING);
        int worker_fd = dup(fd);
        assert_int_equal(cw_reply_map(fd, length, &blob, NULL), CW_OK);
        assert_int_equal(cw_blob_length(blob), length);
        /* What the worker does afterwards no longer matters. */
        (void)!ftruncate(worker_fd, 0);
        (void)!pwrite(worker_fd, "changed", 7, 0);
        assert_memory_equal(cw_blob_data(blob), "picture", 7);
        assert_int_equal(cw_blob_data(blob)[length - 1], 0);
        cw_blob_unref(blob);
        close(worker_fd);
    }
}

static void wrong_pictures(void **state) {
    (void)state;
    struct cw_blob *blob = NULL;
    assert_int_equal(cw_reply_map(memory_file(100, MFD_ALLOW_SEALING), 101, &blob, NULL), CW_E_IO);
    assert_int_equal(cw_reply_map(memory_file(100, MFD_ALLOW_SEALING), 99, &blob, NULL), CW_E_IO);
    assert_int_equal(cw_reply_map(memory_file(100, 0), 0, &blob, NULL), CW_E_IO);
    assert_int_equal(cw_reply_map(open("/dev/zero", O_RDONLY), 100, &blob, NULL), CW_E_IO);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(cw_reply_map(ends[0], 100, &blob, NULL), CW_E_IO);
    close(ends[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello),    cmocka_unit_test(image),    cmocka_unit_test(measuring),
        cmocka_unit_test(failures), cmocka_unit_test(pictures), cmocka_unit_test(wrong_pictures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
