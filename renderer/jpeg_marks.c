/*
 * Responsible for finding EXIF and the colour profile in a JPEG. Does not read either (exif.c,
 * profile_icc.c). The importer process runs it, inside the sandbox.
 */
#include "jpeg_marks.h"

#include <stdlib.h>
#include <string.h>

#include "cordwain/limits.h"

#define EXIF_MAGIC "Exif\0"               /* and the 0 that ends a C string */
#define ICC_MAGIC  "ICC_PROFILE"          /* the same */
#define ICC_HEAD   (sizeof ICC_MAGIC + 2) /* number of this piece, number of pieces */

enum {
    TEM = 0x01,
    RST0 = 0xd0,
    DHT = 0xc4,
    JPG = 0xc8,
    DAC = 0xcc,
    SOI = 0xd8,
    EOI = 0xd9,
    SOS = 0xda
};
enum { APP1 = 0xe1, APP2 = 0xe2 };

static void take_exif(const uint8_t *data, size_t length, struct cw_jpeg_marks *ret) {
    if (ret->exif || length < sizeof EXIF_MAGIC || memcmp(data, EXIF_MAGIC, sizeof EXIF_MAGIC) != 0)
        return;
    ret->exif = data + sizeof EXIF_MAGIC;
    ret->exif_length = length - sizeof EXIF_MAGIC;
}

static void spoil(struct cw_jpeg_marks *marks) {
    free(marks->icc);
    marks->icc = NULL;
    marks->icc_length = 0;
}

/* Writers send the pieces in order; what comes otherwise is not put together. */
static void take_icc(const uint8_t *data, size_t length, struct cw_jpeg_marks *ret) {
    if (length < ICC_HEAD || memcmp(data, ICC_MAGIC, sizeof ICC_MAGIC) != 0)
        return;
    int number = data[sizeof ICC_MAGIC], all = data[sizeof ICC_MAGIC + 1];
    size_t more = length - ICC_HEAD;
    uint8_t *icc = NULL;
    if (number == ++ret->icc_pieces && number <= all && more > 0 &&
        more <= CW_IMPORT_PROFILE_BYTES - ret->icc_length && (number == 1 || ret->icc))
        icc = realloc(ret->icc, ret->icc_length + more);
    if (!icc) {
        spoil(ret);
        return;
    }
    memcpy(icc + ret->icc_length, data + ICC_HEAD, more);
    ret->icc = icc;
    ret->icc_length += more;
}

static bool is_frame(uint8_t mark) {
    return (mark & 0xf0) == 0xc0 && mark != DHT && mark != JPG && mark != DAC;
}

void cw_jpeg_marks_find(const uint8_t *data, size_t length, struct cw_jpeg_marks *ret) {
    *ret = (struct cw_jpeg_marks){0};
    size_t at = 2; /* after SOI */
    while (length >= 4 && at <= length - 4 && data[at] == 0xff) {
        uint8_t mark = data[at + 1];
        if (mark == 0xff) { /* fill */
            at++;
            continue;
        }
        if (mark == TEM || (mark & 0xf8) == RST0) { /* nothing follows (T.81 B.1.1.3) */
            at += 2;
            continue;
        }
        size_t size = (size_t)data[at + 2] << 8 | data[at + 3];
        if (mark == EOI || mark == SOI || size < 2 || size > length - at - 2)
            break;
        if (mark == SOS) {
            ret->many_scans = ret->many_scans || (size > 2 && data[at + 4] < ret->components);
            break;
        }
        if (is_frame(mark) && size >= 8) {
            ret->components = data[at + 9];
            ret->many_scans = (mark & 3) == 2;
        }
        if (mark == APP1)
            take_exif(data + at + 4, size - 2, ret);
        else if (mark == APP2)
            take_icc(data + at + 4, size - 2, ret);
        at += 2 + size;
    }
}

void cw_jpeg_marks_deinit(struct cw_jpeg_marks *marks) {
    spoil(marks);
}
