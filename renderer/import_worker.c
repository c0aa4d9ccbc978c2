/*
 * Responsible for the importer's conversation: takes the file's descriptor, reads it, answers with
 * the verdict and, when asked, the sealed pixels. Does not decode (import.c) nor lock down
 * (sandbox.c, called by main.c before). A process serves one file, so that whatever a file does to
 * a decoder ends with it.
 */
#include "import_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/wire.h"
#include "import.h"
#include "link.h"

struct request {
    uint32_t draw_px;
    bool wants_picture;
    int fd; /* the file */
};

static bool take_request(const struct cw_received *received, struct request *ret) {
    struct cw_wire_reader reader;
    cw_wire_reader_init(&reader, received->bytes.data, received->bytes.length);
    bool right = cw_wire_get_u32(&reader) == CW_IMPORT_MAGIC;
    right = cw_wire_get_u16(&reader) == CW_IMPORT_VERSION && right;
    ret->draw_px = cw_wire_get_u32(&reader);
    ret->wants_picture = cw_wire_get_u8(&reader) != 0;
    ret->fd = received->fd_count > 0 ? received->fds[0] : -1;
    return right && cw_wire_done(&reader) && ret->fd >= 0 && ret->draw_px >= 1 &&
           ret->draw_px <= CW_IMPORT_SIDE_PX;
}

/* One byte more than allowed is read, for cw_import_bytes to refuse. */
static enum cw_status read_file(int fd, uint8_t **ret, size_t *ret_length, struct cw_error *err) {
    size_t room = CW_IMPORT_FILE_BYTES + 1, length = 0;
    uint8_t *data = malloc(room);
    if (!data)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    while (length < room) {
        ssize_t got = read(fd, data + length, room - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            free(data);
            return cw_fail(err, CW_E_IO, "file.read", "the file cannot be read");
        }
        if (got == 0)
            break;
        length += (size_t)got;
    }
    *ret = data;
    *ret_length = length;
    return CW_OK;
}

/* The pixels are final: nobody, we included, can change them any more. */
static enum cw_status seal(struct cw_imported *picture, struct cw_error *err) {
    munmap(picture->rgba, (size_t)picture->width_px * picture->height_px * 4);
    picture->rgba = NULL;
    if (fcntl(picture->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) !=
        0)
        return cw_fail(err, CW_E_IO, "render.memfd", "cannot seal the picture");
    return CW_OK;
}

static bool answer(const struct cw_link *link, const struct cw_imported *picture, bool with_picture,
                   const struct cw_error *err) {
    bool refused = err->status != CW_OK;
    CW_AUTO_BUF struct cw_buf reply = {0};
    cw_wire_put_u32(&reply, CW_IMPORT_MAGIC);
    cw_wire_put_u16(&reply, CW_IMPORT_VERSION);
    cw_wire_put_u8(&reply, refused);
    cw_wire_put_u8(&reply, (uint8_t)picture->kind);
    cw_wire_put_u8(&reply, (uint8_t)picture->colour);
    cw_wire_put_u32(&reply, picture->width_px);
    cw_wire_put_u32(&reply, picture->height_px);
    cw_wire_put_str(&reply, refused ? err->code : "");
    cw_wire_put_str(&reply, refused ? err->message : "");
    return cw_link_send(link, &reply, with_picture && !refused ? picture->fd : -1);
}

static bool serve(const struct cw_link *link, const struct request *request) {
    struct cw_error err = {0};
    struct cw_imported picture = CW_IMPORTED_NONE;
    uint8_t *data = NULL;
    size_t length = 0;
    enum cw_status status = read_file(request->fd, &data, &length, &err);
    if (!status)
        status = cw_import_bytes(data, length, request->draw_px, &picture, &err);
    free(data);
    if (!status && request->wants_picture && seal(&picture, &err) != CW_OK)
        cw_imported_deinit(&picture);
    bool sent = answer(link, &picture, request->wants_picture, &err);
    cw_imported_deinit(&picture);
    return sent;
}

enum cw_status cw_import_serve(int fd, struct cw_error *err) {
    struct cw_link link = {.fd = fd};
    struct cw_received received = {0};
    struct request request = {.fd = -1};
    bool failed = false;
    if (!cw_link_receive(&link, &received, &failed) || !take_request(&received, &request))
        return cw_fail(err, CW_E_IO, "worker.socket", "no request on the importer's socket");
    bool sent = serve(&link, &request);
    close(request.fd);
    return sent ? CW_OK : cw_fail(err, CW_E_IO, "worker.socket", "nobody takes the verdict");
}
