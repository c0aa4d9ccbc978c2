/*
 * The canonical form of a resolved configuration (RFC 8785) and its digest: names, never indexes.
 * Measurements, price, date and language stay out: they follow from it, from the fonts and from the
 * day, and the same design must have one digest before and after measuring. Server process, any
 * thread.
 */
#include "configure/resolve.h"

#include "base/bytes.h"
#include "base/digest.h"

static void put_id(struct cw_buf *buf, const char *name, const char *id) {
    cw_buf_json(buf, name);
    cw_buf_putc(buf, ':');
    if (id)
        cw_buf_json(buf, id);
    else
        cw_buf_puts(buf, "null");
}

static const char *colour_id(const struct cw_product *product, uint32_t colour) {
    return colour == CW_NONE ? NULL : product->colours[colour].id;
}

static void put_artwork(struct cw_buf *buf, const struct cw_product *product,
                        const struct cw_resolved_decal *decal) {
    const int32_t *box = decal->box_um;
    cw_buf_printf(buf, "{\"artwork\":\"%s\",\"boxUm\":[%d,%d,%d,%d],\"kind\":\"artwork\",",
                  decal->artwork->digest, box[0], box[1], box[2], box[3]);
    put_id(buf, "option", product->options[decal->option].id);
    cw_buf_printf(buf, ",\"rotationMdeg\":%d,", decal->rotation_mdeg);
    put_id(buf, "surface", product->surfaces[decal->surface].id);
    cw_buf_putc(buf, '}');
}

/* Members in name order, as RFC 8785 asks. */
static void put_decal(struct cw_buf *buf, const struct cw_product *product,
                      const struct cw_resolved_decal *decal) {
    bool text = decal->kind == CW_DECAL_TEXT;
    if (decal->kind == CW_DECAL_ARTWORK) {
        put_artwork(buf, product, decal);
        return;
    }
    cw_buf_putc(buf, '{');
    put_id(buf, "colour", colour_id(product, decal->colour));
    if (text) {
        cw_buf_putc(buf, ',');
        put_id(buf, "font", decal->font == CW_NONE ? NULL : product->fonts[decal->font].id);
    }
    cw_buf_printf(buf, ",\"kind\":\"%s\",", text ? "text" : "pattern");
    put_id(buf, "option", product->options[decal->option].id);
    if (!text) {
        cw_buf_putc(buf, ',');
        put_id(buf, "pattern", product->patterns[decal->pattern].id);
    }
    cw_buf_printf(buf, ",\"rotationMdeg\":%d,", decal->rotation_mdeg);
    put_id(buf, "surface", product->surfaces[decal->surface].id);
    if (text) {
        cw_buf_putc(buf, ',');
        put_id(buf, "text", decal->text);
    }
    cw_buf_putc(buf, '}');
}

static void put_part(struct cw_buf *buf, const struct cw_product *product,
                     const struct cw_resolved_part *part) {
    cw_buf_putc(buf, '{');
    put_id(buf, "colour", colour_id(product, part->colour));
    cw_buf_putc(buf, ',');
    put_id(buf, "material",
           part->material == CW_NONE ? NULL : product->materials[part->material].id);
    cw_buf_putc(buf, ',');
    put_id(buf, "part", product->parts[part->part].id);
    cw_buf_putc(buf, '}');
}

void cw_resolve_seal(struct cw_arena *arena, struct cw_resolved *ret) {
    const struct cw_product *product = ret->product;
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_buf_puts(&buf, "{\"decals\":[");
    for (size_t i = 0; i < ret->decal_count; i++) {
        cw_buf_puts(&buf, i ? "," : "");
        put_decal(&buf, product, &ret->decals[i]);
    }
    cw_buf_puts(&buf, "],");
    put_id(&buf, "digest", product->digest);
    cw_buf_puts(&buf, ",\"parts\":[");
    for (size_t i = 0; i < ret->part_count; i++) {
        cw_buf_puts(&buf, i ? "," : "");
        put_part(&buf, product, &ret->parts[i]);
    }
    cw_buf_puts(&buf, "],");
    put_id(&buf, "product", product->id);
    cw_buf_puts(&buf, ",\"selections\":");
    cw_selection_encode(product, &ret->selection, &buf);
    cw_buf_putc(&buf, ',');
    put_id(&buf, "version", product->version);
    cw_buf_putc(&buf, '}');
    ret->canonical = cw_arena_strndup(arena, buf.data, buf.length);
    ret->canonical_length = buf.length;
    cw_digest_text(buf.data, buf.length, ret->digest);
}
