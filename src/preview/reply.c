/*
 * Responsible for: reading a worker's message and taking over the picture it points to.
 * Does not: talk to workers or decide what happens to one that answers nonsense (pool).
 * Runs in: the server (preview loop), the command line.
 */
#include "preview/reply.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unicode.h"
#include "base/wire.h"
#include "cordwain/limits.h"

/* Below this a copy is cheaper than a mapping, and mappings are a counted resource of the process:
 * with it a full memory cache holds at most CW_CACHE_MEMORY_BYTES / 64 KiB = 2048 of them. */
#define MAP_FROM_BYTES (64 * 1024)

/* An error code must be a static string, so a worker can only name one we know. */
static const char *const known_codes[] = {
    "render.artwork",
    "render.artwork_too_detailed",
    "render.artwork_too_large",
    "render.crop",
    "render.decal",
    "render.decal_too_large",
    "render.encode",
    "render.finish_unknown",
    "render.font_stack",
    "render.format",
    "render.image_too_large",
    "render.memfd",
    "render.memory",
    "render.message",
    "render.pack",
    "render.pack_map",
    "render.part_unknown",
    "render.path_syntax",
    "render.picture",
    "render.picture_unknown",
    "render.size",
    "render.surface_unknown",
    "render.text",
    "render.text_does_not_fit",
    "render.tile_unknown",
    "render.too_many_tiles",
    "render.view_unknown",
};

static const char *intern_code(const char *text) {
    for (size_t i = 0; i < sizeof known_codes / sizeof *known_codes; i++)
        if (strcmp(known_codes[i], text) == 0)
            return known_codes[i];
    return "render.failed";
}

static enum cw_status refuse(struct cw_error *err, const char *why) {
    return cw_fail(err, CW_E_IO, "render.protocol", "the renderer's answer is not valid: %s", why);
}

/* Into a fixed array; a text that is too long or has NUL inside fails the reader. */
static void get_text(struct cw_wire_reader *reader, char *ret_text, size_t size) {
    uint32_t length = cw_wire_get_u32(reader);
    if (reader->failed || length >= size || length > (size_t)(reader->end - reader->at) ||
        memchr(reader->at, 0, length) != NULL) {
        reader->failed = true;
        return;
    }
    memcpy(ret_text, reader->at, length);
    ret_text[length] = '\0';
    reader->at += length;
}

static const char *read_hello(struct cw_wire_reader *reader, struct cw_reply *reply) {
    get_text(reader, reply->build, sizeof reply->build);
    get_text(reader, reply->fonts_digest, sizeof reply->fonts_digest);
    if (reader->failed || reply->build[0] == '\0' || reply->fonts_digest[0] == '\0')
        return "hello";
    return NULL;
}

static const char *read_image(struct cw_wire_reader *reader, struct cw_reply *reply) {
    reply->length = cw_wire_get_u32(reader);
    reply->width_px = cw_wire_get_u32(reader);
    reply->height_px = cw_wire_get_u32(reader);
    reply->draw_us = cw_wire_get_u32(reader);
    if (reader->failed || reply->length == 0 || reply->length > CW_RENDER_IMAGE_BYTES)
        return "image";
    return NULL;
}

static const char *read_measured(struct cw_wire_reader *reader, struct cw_reply *reply) {
    uint8_t verdict = cw_wire_get_u8(reader);
    get_text(reader, reply->fit.glyph, sizeof reply->fit.glyph);
    reply->fit.em_um = cw_wire_get_i32(reader);
    reply->fit.ink_um[0] = cw_wire_get_i32(reader);
    reply->fit.ink_um[1] = cw_wire_get_i32(reader);
    reply->fit.detail_um = cw_wire_get_i32(reader);
    reply->fit.option = CW_NONE;
    if (reader->failed || verdict >= CW_FIT_UNMEASURED)
        return "verdict";
    if (reply->fit.em_um < 0 || reply->fit.ink_um[0] < 0 || reply->fit.ink_um[1] < 0 ||
        reply->fit.detail_um < 0)
        return "negative length";
    reply->fit.verdict = (enum cw_fit_verdict)verdict;
    return NULL;
}

/* Fit to be shown: UTF-8 without control characters, not empty, not cut by our own limit. */
static bool is_sentence(const char *text) {
    size_t length = strlen(text);
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return false;
    return length > 0 && length < sizeof((struct cw_error *)0)->message &&
           cw_utf8_valid(text, length);
}

static const char *read_failed(struct cw_wire_reader *reader, struct cw_reply *reply) {
    char code[64] = "", message[512] = "";
    uint8_t status = cw_wire_get_u8(reader);
    get_text(reader, code, sizeof code);
    get_text(reader, message, sizeof message);
    if (reader->failed || status == CW_OK || status > CW_E_BUG)
        return "failure";
    const char *known = intern_code(code);
    bool speak = strcmp(known, code) == 0 && is_sentence(message);
    cw_fail(&reply->failure, (enum cw_status)status, known, "%s",
            speak ? message : "the picture could not be made");
    cw_error_detail(&reply->failure, "%s: %s", code, message);
    return NULL;
}

static const char *read_body(struct cw_wire_reader *reader, struct cw_reply *reply) {
    switch (reply->kind) {
    case CW_RENDER_HELLO:
        return read_hello(reader, reply);
    case CW_RENDER_IMAGE:
        return read_image(reader, reply);
    case CW_RENDER_MEASURED:
        return read_measured(reader, reply);
    case CW_RENDER_FAILED:
        return read_failed(reader, reply);
    case CW_RENDER_RENDER:
    case CW_RENDER_MEASURE:
    case CW_RENDER_ARTWORK:
        break;
    }
    return "kind";
}

enum cw_status cw_reply_decode(const void *data, size_t length, struct cw_reply *ret_reply,
                               struct cw_error *err) {
    struct cw_wire_reader reader;
    cw_wire_reader_init(&reader, data, length);
    struct cw_reply reply = {0};
    uint32_t magic = cw_wire_get_u32(&reader);
    uint16_t version = cw_wire_get_u16(&reader);
    uint16_t kind = cw_wire_get_u16(&reader);
    reply.job = cw_wire_get_u32(&reader);
    uint32_t body = cw_wire_get_u32(&reader);
    if (reader.failed || magic != CW_RENDER_MAGIC || version != CW_RENDER_VERSION)
        return refuse(err, "magic or version");
    if (body != length - CW_RENDER_HEADER_BYTES)
        return refuse(err, "length");
    reply.kind = (enum cw_render_kind)kind;
    const char *fault = read_body(&reader, &reply);
    if (fault != NULL)
        return refuse(err, fault);
    if (!cw_wire_done(&reader))
        return refuse(err, "bytes left over");
    *ret_reply = reply;
    return CW_OK;
}

static void unmap(void *data, size_t length) {
    munmap(data, length);
}

static void release_heap(void *data, size_t length) {
    (void)length;
    free(data);
}

static bool seal(int fd) {
    const int wanted = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    int seals = fcntl(fd, F_GET_SEALS);
    if (seals >= 0 && (seals & wanted) == wanted)
        return true;
    return fcntl(fd, F_ADD_SEALS, wanted) == 0;
}

static struct cw_blob *map_sealed(int fd, size_t length) {
    void *data = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
    return data == MAP_FAILED ? NULL : cw_blob_take(data, length, unmap);
}

static enum cw_status copy_file(int fd, size_t length, struct cw_blob **ret_blob,
                                struct cw_error *err) {
    char *data = malloc(length);
    if (data == NULL)
        return cw_fail(err, CW_E_NOMEM, "memory.out", "no memory for a picture");
    size_t at = 0;
    while (at < length) {
        ssize_t n = pread(fd, data + at, length - at, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            free(data);
            return refuse(err, "the picture is shorter than said");
        }
        at += (size_t)n;
    }
    *ret_blob = cw_blob_take(data, length, release_heap);
    return CW_OK;
}

enum cw_status cw_reply_map(int take_fd, size_t length, struct cw_blob **ret_blob,
                            struct cw_error *err) {
    struct stat st;
    enum cw_status status = CW_OK;
    if (length == 0 || length > CW_RENDER_IMAGE_BYTES)
        status = refuse(err, "image length");
    else if (fstat(take_fd, &st) != 0 || !S_ISREG(st.st_mode))
        status = refuse(err, "the picture is not in a memory file");
    if (status == CW_OK) {
        /* Size is checked after sealing: before it, the worker could still change it. */
        bool sealed = seal(take_fd);
        struct cw_blob *blob = NULL;
        if (fstat(take_fd, &st) != 0 || (uint64_t)st.st_size != length)
            status = refuse(err, "the picture has another length than said");
        else if (sealed && length >= MAP_FROM_BYTES && (blob = map_sealed(take_fd, length)) != NULL)
            *ret_blob = blob;
        else
            status = copy_file(take_fd, length, ret_blob, err);
    }
    close(take_fd);
    return status;
}
