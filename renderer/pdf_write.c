/*
 * Responsible for: a drawing as a PDF file: objects, cross-reference table, page content, inks.
 * Does not: decide what is on the page (artwork.c). Runs in the renderer worker.
 *
 * Objects: 1 catalogue, 2 pages, 3 page, 4 content, 5 XMP, 6 document information, then one colour
 * space per ink, then two per picture: its alpha and its colours.
 */
#include "pdf_write.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "base/digest.h"
#include "base/srgb.h"

#define FIRST_INK_OBJECT 7
#define DATE             "20000101000000Z" /* fixed: the same artwork is the same file */
#define XMP_DATE         "2000-01-01T00:00:00Z"
#define POINTS_PER_UM    ".002834645669" /* 72 / 25,400 */

struct pdf {
    struct cw_buf *out;
    size_t base;     /* where the file begins in out */
    size_t *offsets; /* of object i + 1 */
    size_t object_count;
};

static void begin_object(struct pdf *pdf) {
    pdf->offsets[pdf->object_count++] = pdf->out->length - pdf->base;
    cw_buf_printf(pdf->out, "%zu 0 obj\n", pdf->object_count);
}

static void end_object(struct pdf *pdf) {
    cw_buf_puts(pdf->out, "\nendobj\n");
}

/* ---- strings, names, numbers ----------------------------------------------------------------- */

/* Anything but a regular character of ISO 32000-1 §7.2.2 as #xx. */
static void put_name(struct cw_buf *out, const char *name) {
    cw_buf_putc(out, '/');
    for (const char *p = name; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c <= ' ' || c > '~' || strchr("()<>[]{}/%#", c))
            cw_buf_printf(out, "#%02X", c);
        else
            cw_buf_putc(out, (char)c);
    }
}

static void put_string(struct cw_buf *out, const char *text) {
    cw_buf_putc(out, '(');
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c < ' ' || c > '~')
            cw_buf_printf(out, "\\%03o", c);
        else
            cw_buf_printf(out, strchr("()\\", c) ? "\\%c" : "%c", c);
    }
    cw_buf_putc(out, ')');
}

/* A length as points: six decimals of µm, nine of thousandths. */
static void put_scaled(struct cw_buf *out, int64_t length, int decimals) {
    int64_t scaled = length * 72000000;
    cw_put_decimal(out, (scaled + (scaled < 0 ? -12700 : 12700)) / 25400, decimals);
}

/* µm as points, to a millionth. */
static void put_points(struct cw_buf *out, int64_t um) {
    put_scaled(out, um, 6);
}

static void put_box(struct cw_buf *out, const char *name, const struct cw_box *box,
                    const struct cw_box *media) {
    cw_buf_printf(out, "%s [", name);
    for (int i = 0; i < 4; i++) {
        cw_buf_puts(out, i ? " " : "");
        put_points(out, (i < 2 ? box->low[i] : box->high[i - 2]) - media->low[i & 1]);
    }
    cw_buf_putc(out, ']');
}

/* ---- page content ---------------------------------------------------------------------------- */

static void put_outline(struct cw_buf *out, const struct cw_outline *outline) {
    size_t at = 0;
    for (size_t i = 0; i < outline->verb_count; i++) {
        char verb = outline->verbs[i];
        int count = verb == 'C' ? 3 : verb == 'Z' ? 0 : 1;
        for (int k = 0; k < count; k++, at++)
            cw_buf_printf(out, "%d %d ", outline->points[at][0], outline->points[at][1]);
        cw_buf_puts(out, verb == 'M' ? "m\n" : verb == 'L' ? "l\n" : verb == 'C' ? "c\n" : "h\n");
    }
}

static void put_clip(struct cw_buf *out, const struct cw_outline *clip) {
    put_outline(out, clip);
    cw_buf_puts(out, clip->even_odd ? "W* n\n" : "W n\n");
}

static void put_bleed_clip(struct cw_buf *out, const struct cw_box *b) {
    cw_buf_printf(out, "%lld %lld %lld %lld re W n\n", (long long)b->low[0], (long long)b->low[1],
                  (long long)(b->high[0] - b->low[0]), (long long)(b->high[1] - b->low[1]));
}

/* The unit square becomes the picture. */
static void put_placed(struct cw_buf *out, const struct cw_placed_picture *placed, size_t number) {
    for (int i = 0; i < 6; i++) {
        cw_put_decimal(out, placed->matrix[i], 3);
        cw_buf_putc(out, ' ');
    }
    cw_buf_printf(out, "cm /P%zu Do\nQ\n", number);
}

/* The outline filled with the tile's pattern. */
static void put_tiled(struct cw_buf *out, const struct cw_drawing_op *op, size_t number) {
    cw_buf_printf(out, "/Pattern cs /T%zu scn\n", number);
    put_outline(out, &op->outline);
    cw_buf_puts(out, "f\nQ\n");
}

static void put_op(struct cw_buf *out, const struct cw_drawing *drawing,
                   const struct cw_drawing_op *op, size_t picture) {
    cw_buf_puts(out, "q\n");
    if (!op->unclipped_by_bleed)
        put_bleed_clip(out, &drawing->bleed);
    for (size_t i = 0; i < op->clip_count; i++)
        put_clip(out, &op->clips[i]);
    if (op->placed) {
        if (op->placed->tiled)
            put_tiled(out, op, picture);
        else
            put_placed(out, op->placed, picture);
        return;
    }
    if (op->line_um)
        cw_buf_printf(out, "/I%zu CS 1 SCN %d w\n", op->ink, op->line_um);
    else
        cw_buf_printf(out, "/I%zu cs 1 scn\n", op->ink);
    put_outline(out, &op->outline);
    cw_buf_puts(out, op->line_um ? "S\n" : op->outline.even_odd ? "f*\n" : "f\n");
    cw_buf_puts(out, "Q\n");
}

/* Coordinates stay whole micrometres: short, exact, and the same in every locale. */
static void put_content(struct cw_buf *out, const struct cw_drawing *drawing) {
    cw_buf_puts(out, POINTS_PER_UM " 0 0 " POINTS_PER_UM " ");
    put_points(out, -drawing->media.low[0]);
    cw_buf_putc(out, ' ');
    put_points(out, -drawing->media.low[1]);
    cw_buf_puts(out, " cm\n");
    if (drawing->overprint)
        cw_buf_puts(out, "/O gs\n");
    size_t pictures = 0;
    for (const struct cw_drawing_op *op = drawing->first; op; op = op->next) {
        put_op(out, drawing, op, pictures);
        pictures += op->placed != NULL;
    }
}

/* ---- objects --------------------------------------------------------------------------------- */

static size_t count_pictures(const struct cw_drawing *drawing) {
    size_t count = 0;
    for (const struct cw_drawing_op *op = drawing->first; op; op = op->next)
        count += op->placed != NULL;
    return count;
}

/* Numbers of objects: after the inks two per picture, then one per tile. */
static size_t picture_object(const struct cw_drawing *drawing, size_t picture) {
    return FIRST_INK_OBJECT + drawing->ink_count + 2 * picture + 1;
}

/* Tiles have the numbers of their pictures. */
static void put_tile_names(struct pdf *pdf, const struct cw_drawing *drawing) {
    size_t picture = 0, tile = picture_object(drawing, count_pictures(drawing)) - 1;
    bool any = false;
    for (const struct cw_drawing_op *op = drawing->first; op; op = op->next) {
        if (op->placed && op->placed->tiled) {
            cw_buf_printf(pdf->out, "%s/T%zu %zu 0 R ", any ? "" : ">> /Pattern <<", picture,
                          tile++);
            any = true;
        }
        picture += op->placed != NULL;
    }
}

static void put_page(struct pdf *pdf, const struct cw_drawing *drawing) {
    struct cw_buf *out = pdf->out;
    begin_object(pdf);
    cw_buf_puts(out, "<</Type /Pages /Kids [3 0 R] /Count 1>>");
    end_object(pdf);
    begin_object(pdf);
    cw_buf_puts(out, "<</Type /Page /Parent 2 0 R /Contents 4 0 R\n");
    put_box(out, "/MediaBox", &drawing->media, &drawing->media);
    put_box(out, " /BleedBox", &drawing->bleed, &drawing->media);
    put_box(out, " /TrimBox", &drawing->trim, &drawing->media);
    cw_buf_puts(out, "\n/Resources <</ColorSpace <<");
    for (size_t i = 0; i < drawing->ink_count; i++)
        cw_buf_printf(out, "/I%zu %zu 0 R ", i, FIRST_INK_OBJECT + i);
    size_t pictures = count_pictures(drawing);
    cw_buf_puts(out, pictures ? ">> /XObject <<" : "");
    for (size_t i = 0; i < pictures; i++)
        cw_buf_printf(out, "/P%zu %zu 0 R ", i, picture_object(drawing, i));
    put_tile_names(pdf, drawing);
    cw_buf_puts(out, ">> /ExtGState <</O <</OP true /op true /OPM 1>>>>>>>>");
    end_object(pdf);
}

/* `entries` stand in the stream's dictionary. */
static enum cw_status put_deflated(struct pdf *pdf, const struct cw_buf *content,
                                   const char *entries, int level, struct cw_error *err) {
    uLongf length = compressBound(content->length);
    CW_AUTO_BUF struct cw_buf packed = {0};
    cw_buf_reserve(&packed, length);
    if (compress2((Bytef *)packed.data, &length, (const Bytef *)content->data, content->length,
                  level) != Z_OK)
        return cw_fail(err, CW_E_NOMEM, "render.memory", "out of memory");
    begin_object(pdf);
    cw_buf_printf(pdf->out, "<</Length %lu /Filter /FlateDecode%s>>\nstream\n",
                  (unsigned long)length, entries);
    cw_buf_add(pdf->out, packed.data, length);
    cw_buf_puts(pdf->out, "\nendstream");
    end_object(pdf);
    return CW_OK;
}

/* Not deflated: tools look for it without understanding PDF. */
static void put_xmp(struct pdf *pdf, const struct cw_drawing *drawing) {
    CW_AUTO_BUF struct cw_buf xmp = {0};
    cw_buf_puts(&xmp, "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
                      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
                      "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
                      "<rdf:Description rdf:about=\"\"\n"
                      " xmlns:dc=\"http://purl.org/dc/elements/1.1/\"\n"
                      " xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\"\n"
                      " xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\">\n"
                      "<dc:format>application/pdf</dc:format>\n"
                      "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">");
    cw_buf_html(&xmp, drawing->title);
    cw_buf_puts(&xmp, "</rdf:li></rdf:Alt></dc:title>\n<dc:identifier>");
    cw_buf_html(&xmp, drawing->digest);
    cw_buf_puts(&xmp, "</dc:identifier>\n"
                      "<xmp:CreatorTool>Cordwain " CORDWAIN_VERSION "</xmp:CreatorTool>\n"
                      "<xmp:CreateDate>" XMP_DATE "</xmp:CreateDate>\n"
                      "<xmp:ModifyDate>" XMP_DATE "</xmp:ModifyDate>\n"
                      "<pdf:Trapped>False</pdf:Trapped>\n"
                      "</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>");
    begin_object(pdf);
    cw_buf_printf(pdf->out, "<</Type /Metadata /Subtype /XML /Length %zu>>\nstream\n", xmp.length);
    cw_buf_add(pdf->out, xmp.data, xmp.length);
    cw_buf_puts(pdf->out, "\nendstream");
    end_object(pdf);
}

static void put_information(struct pdf *pdf, const struct cw_drawing *drawing) {
    begin_object(pdf);
    cw_buf_puts(pdf->out, "<</Title ");
    put_string(pdf->out, drawing->title);
    cw_buf_puts(pdf->out, " /Creator (Cordwain " CORDWAIN_VERSION ") /CreationDate (D:" DATE
                          ") /ModDate (D:" DATE ") /Trapped /False>>");
    end_object(pdf);
}

/* Tint 0 is bare material, shown as white; tint 1 the ink's sRGB value. */
static void put_ink(struct pdf *pdf, const struct cw_ink *ink) {
    begin_object(pdf);
    cw_buf_puts(pdf->out, "[/Separation ");
    put_name(pdf->out, ink->name);
    cw_buf_puts(pdf->out, " /DeviceRGB\n<</FunctionType 2 /Domain [0 1] /N 1 /C0 [1 1 1] /C1 [");
    for (int i = 0; i < 3; i++) {
        cw_buf_puts(pdf->out, i ? " " : "");
        cw_put_decimal(pdf->out, (ink->rgb[i] * 10000 + 127) / 255, 4);
    }
    cw_buf_puts(pdf->out, "]>>]");
    end_object(pdf);
}

/* Straight colours, or with `alpha` that alone. */
static void put_samples(struct cw_buf *samples, const struct cw_artwork *picture, bool alpha) {
    size_t count = (size_t)picture->width_px * picture->height_px;
    cw_buf_reserve(samples, (alpha ? 1 : 3) * count);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *pixel = picture->rgba + 4 * i; /* blue first */
        uint8_t by = pixel[3];
        for (size_t c = 0; c < 3 && !alpha; c++)
            samples->data[samples->length++] =
                (char)(by ? cw_srgb_straight(pixel[2 - c], by) : 255);
        if (alpha)
            samples->data[samples->length++] = (char)by;
    }
}

/* One sample, the full tint of an ink, spread over the picture behind its alpha (a mask may have
 * another size: ISO 32000-1 §11.6.5.3). */
static enum cw_status put_shape(struct pdf *pdf, size_t ink, struct cw_error *err) {
    CW_AUTO_BUF struct cw_buf sample = {0};
    char entries[160];
    cw_buf_putc(&sample, '\xff');
    (void)snprintf(entries, sizeof entries,
                   " /Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8"
                   " /ColorSpace %zu 0 R /SMask %zu 0 R",
                   FIRST_INK_OBJECT + ink, pdf->object_count);
    return put_deflated(pdf, &sample, entries, Z_BEST_SPEED, err);
}

/* Alpha first, which the colours name. sRGB as screens have it: what ICC profile a press wants is
 * its own business. */
static enum cw_status put_picture(struct pdf *pdf, const struct cw_drawing_op *op,
                                  struct cw_error *err) {
    const struct cw_artwork *picture = op->placed->picture;
    enum cw_status status = CW_OK;
    for (int alpha = 1; alpha >= 0 && status == CW_OK; alpha--) {
        CW_AUTO_BUF struct cw_buf samples = {0};
        char entries[160], mask[32] = "";
        if (!alpha && op->placed->shape)
            return put_shape(pdf, op->ink, err);
        if (!alpha)
            (void)snprintf(mask, sizeof mask, " /SMask %zu 0 R", pdf->object_count);
        (void)snprintf(entries, sizeof entries,
                       " /Type /XObject /Subtype /Image /Width %u /Height %u /BitsPerComponent 8"
                       " /ColorSpace /Device%s%s",
                       picture->width_px, picture->height_px, alpha ? "Gray" : "RGB", mask);
        put_samples(&samples, picture, alpha == 1);
        status = put_deflated(pdf, &samples, entries, Z_BEST_SPEED, err);
    }
    return status;
}

static enum cw_status put_pictures(struct pdf *pdf, const struct cw_drawing *drawing,
                                   struct cw_error *err) {
    enum cw_status status = CW_OK;
    for (const struct cw_drawing_op *op = drawing->first; op && status == CW_OK; op = op->next)
        if (op->placed)
            status = put_picture(pdf, op, err);
    return status;
}

/* Points of the page, from thousandths of µm; 9 decimals, so that a thousand tiles stay in step. */
static void put_tile_matrix(struct cw_buf *out, const struct cw_drawing *drawing,
                            const struct cw_placed_picture *placed) {
    cw_buf_puts(out, " /Matrix [");
    for (int i = 0; i < 6; i++) {
        int64_t nm = placed->matrix[i] - (i >= 4 ? drawing->media.low[i - 4] * 1000 : 0);
        cw_buf_puts(out, i ? " " : "");
        put_scaled(out, nm, 9);
    }
    cw_buf_puts(out, "]");
}

/* A tiling pattern (ISO 32000-1 §8.7.3) whose cell is one tile, or two when every second row or
 * column is moved; what then crosses the cell's edge is drawn on both sides. */
static void put_tile(struct pdf *pdf, const struct cw_drawing *drawing,
                     const struct cw_placed_picture *placed, size_t picture) {
    static const char *const cells[] = {
        [CW_REPEAT_GRID] = "1 1", [CW_REPEAT_BRICK] = "1 2", [CW_REPEAT_HALF_DROP] = "2 1"};
    static const int moved[][2][2] = {
        [CW_REPEAT_BRICK] = {{-5, 10}, {5, 10}}, [CW_REPEAT_HALF_DROP] = {{10, -5}, {10, 5}}};
    struct cw_buf *out = pdf->out;
    const char *cell = cells[placed->repeat];
    CW_AUTO_BUF struct cw_buf content = {0};
    cw_buf_printf(&content, "/P%zu Do\n", picture);
    for (int i = 0; i < 2 && placed->repeat != CW_REPEAT_GRID; i++) {
        cw_buf_puts(&content, "q 1 0 0 1 ");
        for (int k = 0; k < 2; k++) {
            cw_put_decimal(&content, moved[placed->repeat][i][k], 1);
            cw_buf_putc(&content, ' ');
        }
        cw_buf_printf(&content, "cm /P%zu Do Q\n", picture);
    }
    begin_object(pdf);
    cw_buf_printf(out,
                  "<</Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 %s]"
                  " /XStep %c /YStep %c /Resources <</XObject <</P%zu %zu 0 R>>>>",
                  cell, cell[0], cell[2], picture, picture_object(drawing, picture));
    put_tile_matrix(out, drawing, placed);
    cw_buf_printf(out, " /Length %zu>>\nstream\n", content.length);
    cw_buf_add(out, content.data, content.length);
    cw_buf_puts(out, "endstream");
    end_object(pdf);
}

static void put_tiles(struct pdf *pdf, const struct cw_drawing *drawing) {
    size_t picture = 0;
    for (const struct cw_drawing_op *op = drawing->first; op; op = op->next) {
        if (op->placed && op->placed->tiled)
            put_tile(pdf, drawing, op->placed, picture);
        picture += op->placed != NULL;
    }
}

/* Entries of exactly 20 bytes; then the file's id, from all that stands before it. */
static void put_end(struct pdf *pdf) {
    struct cw_buf *out = pdf->out;
    uint8_t hash[32];
    char id[65];
    cw_sha256(out->data + pdf->base, out->length - pdf->base, hash);
    cw_hex(hash, 16, id);
    size_t start = out->length - pdf->base;
    cw_buf_printf(out, "xref\n0 %zu\n0000000000 65535 f \n", pdf->object_count + 1);
    for (size_t i = 0; i < pdf->object_count; i++)
        cw_buf_printf(out, "%010zu 00000 n \n", pdf->offsets[i]);
    cw_buf_printf(out,
                  "trailer\n<</Size %zu /Root 1 0 R /Info 6 0 R /ID [<%s> <%s>]>>\n"
                  "startxref\n%zu\n%%%%EOF\n",
                  pdf->object_count + 1, id, id, start);
}

enum cw_status cw_pdf_write(const struct cw_drawing *drawing, struct cw_buf *ret,
                            struct cw_error *err) {
    CW_AUTO_BUF struct cw_buf content = {0};
    struct pdf pdf = {.out = ret, .base = ret->length};
    pdf.offsets = cw_arena_array(
        drawing->arena, FIRST_INK_OBJECT + drawing->ink_count + 3 * count_pictures(drawing),
        sizeof *pdf.offsets);
    cw_buf_puts(ret, "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n");
    begin_object(&pdf);
    cw_buf_puts(ret, "<</Type /Catalog /Pages 2 0 R /Metadata 5 0 R>>");
    end_object(&pdf);
    put_page(&pdf, drawing);
    put_content(&content, drawing);
    enum cw_status status = put_deflated(&pdf, &content, "", Z_BEST_COMPRESSION, err);
    if (status != CW_OK) {
        ret->length = pdf.base;
        return status;
    }
    put_xmp(&pdf, drawing);
    put_information(&pdf, drawing);
    for (size_t i = 0; i < drawing->ink_count; i++)
        put_ink(&pdf, &drawing->inks[i]);
    status = put_pictures(&pdf, drawing, err);
    if (status == CW_OK) {
        put_tiles(&pdf, drawing);
        put_end(&pdf);
    } else {
        ret->length = pdf.base;
    }
    return status;
}
