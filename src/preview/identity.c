/*
 * Responsible for: the one digest that names a picture.
 * Does not: decide what is cached or for how long.
 * Runs in: the server (preview loop), the command line.
 */
#include "preview/identity.h"

#include <string.h>

#include "base/digest.h"
#include "base/wire.h"

/* Changes when the meaning of the fields below changes; never reused. */
#define IDENTITY_DOMAIN "cordwain preview identity 2"

static void put_field(struct cw_buf *buf, const void *data, size_t length) {
    cw_wire_put_u64(buf, length);
    if (length > 0)
        cw_buf_add(buf, data, length);
}

static void put_text(struct cw_buf *buf, const char *text) {
    put_field(buf, text, text == NULL ? 0 : strlen(text));
}

static void put_frame(struct cw_buf *buf, const struct cw_frame *frame) {
    cw_wire_put_u64(buf, 17);
    for (int i = 0; i < 4; i++)
        cw_wire_put_u32(buf, frame->crop_px[i]);
    cw_wire_put_u8(buf, (uint8_t)((frame->transparent ? 1 : 0) | (frame->no_shadow ? 2 : 0)));
}

void cw_identity_compute(const struct cw_identity_args *args,
                         uint8_t ret_identity[CW_IDENTITY_BYTES]) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    put_text(&buf, IDENTITY_DOMAIN);
    put_field(&buf, args->canonical.data, args->canonical.length);
    put_text(&buf, args->view);
    cw_wire_put_u64(&buf, 4);
    cw_wire_put_u32(&buf, args->width_px);
    cw_wire_put_u64(&buf, 1);
    cw_wire_put_u8(&buf, (uint8_t)args->format);
    put_field(&buf, args->background, sizeof args->background);
    put_frame(&buf, &args->frame);
    put_text(&buf, args->renderer_build);
    put_text(&buf, args->art_digest);
    put_text(&buf, args->fonts_digest);
    cw_sha256(buf.data, buf.length, ret_identity);
}

void cw_identity_text(const uint8_t identity[CW_IDENTITY_BYTES], char ret_text[CW_IDENTITY_TEXT]) {
    cw_base64url(identity, CW_IDENTITY_BYTES, ret_text);
}
