/* Responsible for JPEG bytes. Does not compose. Workers run it. */
#include "encode.h"

#include <string.h>
#include <turbojpeg.h>

/* 4:4:4, because half-size chroma smears coloured letters. */
#define QUALITY 88

/* Start of image, and the JFIF segment that the library writes first (its length is at 4). */
#define JFIF_BYTES 20

/* A comment segment (T.81 B.2.4.5) between the JFIF header and the tables. */
static void put(const unsigned char *data, unsigned long length, const char *mark,
                struct cw_buf *ret) {
    size_t text = strlen(mark), at = *mark && length > JFIF_BYTES ? JFIF_BYTES : 0;
    cw_buf_add(ret, data, at);
    if (at) {
        const char head[4] = {(char)0xFF, (char)0xFE, 0, (char)(text + 2)};
        cw_buf_add(ret, head, sizeof head);
        cw_buf_add(ret, mark, text);
    }
    cw_buf_add(ret, data + at, length - at);
}

enum cw_status cw_encode_jpeg(const struct cw_picture *picture, const char *mark,
                              struct cw_buf *ret, struct cw_error *err) {
    tjhandle handle = tjInitCompress();
    unsigned char *data = NULL;
    unsigned long length = 0;
    int failed = !handle || tjCompress2(handle, picture->rgb, (int)picture->width,
                                        (int)picture->width * 3, (int)picture->height, TJPF_RGB,
                                        &data, &length, TJSAMP_444, QUALITY, TJFLAG_ACCURATEDCT);
    if (!failed)
        put(data, length, mark, ret);
    tjFree(data);
    if (handle)
        tjDestroy(handle);
    if (failed)
        return cw_fail(err, CW_E_BUG, "render.encode", "the JPEG encoder failed");
    return CW_OK;
}
