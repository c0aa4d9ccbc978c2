/* Responsible for JPEG bytes. Does not compose. Workers run it. */
#include "encode.h"

#include <turbojpeg.h>

/* 4:4:4, because half-size chroma smears coloured letters. */
#define QUALITY 88

enum cw_status cw_encode_jpeg(const struct cw_picture *picture, struct cw_buf *ret,
                              struct cw_error *err) {
    tjhandle handle = tjInitCompress();
    unsigned char *data = NULL;
    unsigned long length = 0;
    int failed = !handle || tjCompress2(handle, picture->rgb, (int)picture->width,
                                        (int)picture->width * 3, (int)picture->height, TJPF_RGB,
                                        &data, &length, TJSAMP_444, QUALITY, TJFLAG_ACCURATEDCT);
    if (!failed)
        cw_buf_add(ret, data, length);
    tjFree(data);
    if (handle)
        tjDestroy(handle);
    if (failed)
        return cw_fail(err, CW_E_BUG, "render.encode", "the JPEG encoder failed");
    return CW_OK;
}
