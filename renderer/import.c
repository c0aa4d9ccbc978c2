/*
 * Responsible for deciding by content what an uploaded file is, and for the memory its pixels go
 * to. Does not decode (import_png.c, import_jpeg.c, import_svg.c). The importer process runs it,
 * inside the sandbox, once.
 */
#include "import.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cordwain/limits.h"

enum cw_status cw_imported_init(struct cw_imported *imported, enum cw_artwork_kind kind,
                                uint32_t width_px, uint32_t height_px, struct cw_error *err) {
    uint64_t pixels = (uint64_t)width_px * height_px;
    if (pixels == 0 || width_px > CW_IMPORT_SIDE_PX || height_px > CW_IMPORT_SIDE_PX ||
        pixels > CW_IMPORT_PIXELS)
        return cw_fail(err, CW_E_LIMIT, "artwork.too_many_pixels",
                       "%u x %u pixels; a side has 1 to %d, a picture at most %d", width_px,
                       height_px, CW_IMPORT_SIDE_PX, CW_IMPORT_PIXELS);
    int fd = memfd_create("artwork", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return cw_fail(err, CW_E_NOMEM, "memory", "no memory file for the picture");
    void *rgba = MAP_FAILED;
    if (ftruncate(fd, (off_t)(pixels * 4)) == 0)
        rgba = mmap(NULL, (size_t)pixels * 4, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (rgba == MAP_FAILED) {
        close(fd);
        return cw_fail(err, CW_E_NOMEM, "memory", "no memory for the picture");
    }
    *imported = (struct cw_imported){
        .kind = kind, .width_px = width_px, .height_px = height_px, .rgba = rgba, .fd = fd};
    return CW_OK;
}

void cw_imported_deinit(struct cw_imported *imported) {
    if (imported->rgba)
        munmap(imported->rgba, (size_t)imported->width_px * imported->height_px * 4);
    if (imported->fd >= 0)
        close(imported->fd);
    *imported = CW_IMPORTED_NONE;
}

void cw_import_premultiply(uint8_t *rgba, size_t count) {
    for (size_t i = 0; i < count; i++, rgba += 4) {
        uint32_t alpha = rgba[3];
        for (int c = 0; c < 3; c++)
            rgba[c] = (uint8_t)((rgba[c] * alpha + 127) / 255);
    }
}

static bool starts(const uint8_t *data, size_t length, const char *magic, size_t magic_length) {
    return length >= magic_length && memcmp(data, magic, magic_length) == 0;
}

/* Text that begins with a tag: what XML is made of, in any encoding that could be meant. */
static bool looks_like_xml(const uint8_t *data, size_t length) {
    if (starts(data, length, "\xff\xfe", 2) || starts(data, length, "\xfe\xff", 2))
        return true; /* UTF-16: the scan refuses it by name */
    size_t at = starts(data, length, "\xef\xbb\xbf", 3) ? 3 : 0;
    while (at < length && memchr(" \t\r\n", data[at], 4))
        at++;
    return at < length && data[at] == '<';
}

enum cw_status cw_import_bytes(const uint8_t *data, size_t length, uint32_t draw_px,
                               struct cw_imported *ret, struct cw_error *err) {
    if (length == 0)
        return cw_fail(err, CW_E_INPUT, "artwork.empty", "the file is empty");
    if (length > CW_IMPORT_FILE_BYTES)
        return cw_fail(err, CW_E_LIMIT, "artwork.too_large", "the file has more than %d bytes",
                       CW_IMPORT_FILE_BYTES);
    if (starts(data, length, "\x89PNG\r\n\x1a\n", 8))
        return cw_import_png(data, length, ret, err);
    if (starts(data, length, "\xff\xd8\xff", 3))
        return cw_import_jpeg(data, length, ret, err);
    if (starts(data, length, "\x1f\x8b", 2))
        return cw_fail(err, CW_E_INPUT, "artwork.compressed",
                       "compressed files are not taken; send the drawing as plain SVG");
    if (looks_like_xml(data, length))
        return cw_import_svg(data, length, draw_px, ret, err);
    return cw_fail(err, CW_E_INPUT, "artwork.kind", "the file is no PNG, JPEG or SVG");
}
