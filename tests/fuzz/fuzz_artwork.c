/*
 * Uploaded pictures: whatever a file says, the importer refuses it by a documented kind of fault,
 * or what it makes keeps the promises of include/cordwain/artwork.h. Input: one whole file. The
 * CRCs of a PNG are put right first, so that changed ones get past them. Does not: lock the
 * process.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "cordwain/limits.h"
#include "fuzz.h"
#include "import.h"

static uint32_t u32(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void mend_crcs(uint8_t *data, size_t size) {
    for (size_t at = 8; size - at >= 12;) {
        size_t length = u32(data + at);
        if (length > size - at - 12)
            return;
        uint32_t crc = (uint32_t)crc32(0, data + at + 4, (uInt)(length + 4));
        for (int i = 0; i < 4; i++)
            data[at + 8 + length + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
        at += 12 + length;
    }
}

static void check(const struct cw_imported *picture) {
    size_t count = (size_t)picture->width_px * picture->height_px;
    assert(picture->kind >= CW_ARTWORK_PNG && picture->kind <= CW_ARTWORK_SVG);
    assert(picture->colour <= CW_COLOUR_ASSUMED && picture->fd >= 0);
    assert(picture->width_px >= 1 && picture->width_px <= CW_IMPORT_SIDE_PX);
    assert(picture->height_px >= 1 && picture->height_px <= CW_IMPORT_SIDE_PX);
    assert(count <= CW_IMPORT_PIXELS);
    for (const uint8_t *p = picture->rgba, *end = p + count * 4; p < end; p += 4)
        assert(p[0] <= p[3] && p[1] <= p[3] && p[2] <= p[3]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    if (size > 8 && memcmp(copy, "\x89PNG", 4) == 0)
        mend_crcs(copy, size);
    struct cw_error err = {0};
    struct cw_imported picture = CW_IMPORTED_NONE;
    enum cw_status status = cw_import_bytes(copy, size, 32, &picture, &err);
    free(copy);
    if (status == CW_OK)
        check(&picture);
    else
        assert((status == CW_E_INPUT || status == CW_E_LIMIT || status == CW_E_NOMEM) && err.code &&
               err.message[0] && picture.fd == -1);
    cw_imported_deinit(&picture);
    return 0;
}
