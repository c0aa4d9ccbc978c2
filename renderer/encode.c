/* Responsible for choosing the encoder by format and naming the encoders' versions. Does not
 * compose. Workers run it. */
#include "encode.h"

#include <webp/encode.h>

enum cw_status cw_encode(const struct cw_picture *picture, enum cw_format format, const char *mark,
                         struct cw_buf *ret, struct cw_error *err) {
    switch (format) {
    case CW_FORMAT_PNG:
        return cw_encode_png(picture, mark, ret, err);
    case CW_FORMAT_WEBP:
        return cw_encode_webp(picture, mark, ret, err);
    case CW_FORMAT_JPEG:
        if (!picture->alpha)
            return cw_encode_jpeg(picture, mark, ret, err);
        break;
    case CW_FORMAT_PDF:
    case CW_FORMAT_SVG:
        break;
    }
    return cw_fail(err, CW_E_INPUT, "render.format",
                   "a view is drawn as PNG, WebP or, with a background, JPEG");
}

void cw_encode_versions(struct cw_buf *ret) {
    int webp = WebPGetEncoderVersion();
    cw_buf_printf(ret, " isal/%s:%08x libwebp/%d.%d.%d libjpeg-turbo/%s", CW_ISAL_VERSION,
                  cw_encode_png_print(), webp >> 16, webp >> 8 & 255, webp & 255,
                  CW_TURBOJPEG_VERSION);
}
