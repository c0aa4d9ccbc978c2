/*
 * Responsible for: a drawing as an SVG document: layers, paths, clips, description.
 * Does not: decide what is on the page (artwork.c). Runs in the renderer worker.
 *
 * SVG knows no spot colours and no boxes: an ink is a layer with its name, the boxes stand in the
 * metadata.
 */
#include "svg_write.h"

#include "base/digest.h"
#include "base/srgb.h"
#include "encode.h"

struct svg {
    struct cw_buf *out;
    const struct cw_drawing *drawing;
};

static void put_mm(struct cw_buf *out, int64_t um) {
    cw_put_decimal(out, um, 3);
}

static void put_point(struct svg *svg, const int32_t point[2]) {
    const struct cw_box *media = &svg->drawing->media;
    put_mm(svg->out, point[0] - media->low[0]);
    cw_buf_putc(svg->out, ' ');
    put_mm(svg->out, media->high[1] - point[1]);
}

/* M12 3L… : a letter is its own separator. */
static void put_outline(struct svg *svg, const struct cw_outline *outline) {
    size_t at = 0;
    for (size_t i = 0; i < outline->verb_count; i++) {
        char verb = outline->verbs[i];
        int count = verb == 'C' ? 3 : verb == 'Z' ? 0 : 1;
        cw_buf_putc(svg->out, verb);
        for (int k = 0; k < count; k++, at++) {
            cw_buf_puts(svg->out, k ? " " : "");
            put_point(svg, outline->points[at]);
        }
    }
}

static void put_box(struct svg *svg, const char *name, const struct cw_box *box) {
    const int32_t corner[2] = {(int32_t)box->low[0], (int32_t)box->high[1]};
    cw_buf_printf(svg->out, " cw:%s=\"", name);
    put_point(svg, corner);
    for (int i = 0; i < 2; i++) {
        cw_buf_putc(svg->out, ' ');
        put_mm(svg->out, box->high[i] - box->low[i]);
    }
    cw_buf_putc(svg->out, '"');
}

/* Millimetres are the user unit, so a path's numbers are what a ruler shows. */
static void put_head(struct svg *svg) {
    const struct cw_box *media = &svg->drawing->media;
    struct cw_buf *out = svg->out;
    cw_buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                     "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\""
                     " xmlns:inkscape=\"http://www.inkscape.org/namespaces/inkscape\""
                     " xmlns:cw=\"urn:cordwain:artwork\"\n ");
    for (int i = 0; i < 2; i++) {
        cw_buf_puts(out, i ? " height=\"" : "width=\"");
        put_mm(out, media->high[i] - media->low[i]);
        cw_buf_puts(out, "mm\"");
    }
    cw_buf_puts(out, " viewBox=\"0 0 ");
    put_mm(out, media->high[0] - media->low[0]);
    cw_buf_putc(out, ' ');
    put_mm(out, media->high[1] - media->low[1]);
    cw_buf_puts(out, "\">\n<title>");
    cw_buf_html(out, svg->drawing->title);
    cw_buf_puts(out, "</title>\n<metadata><cw:artwork generator=\"Cordwain " CORDWAIN_VERSION
                     "\" cw:design=\"");
    cw_buf_html(out, svg->drawing->digest);
    cw_buf_putc(out, '"');
    put_box(svg, "trimBox", &svg->drawing->trim);
    put_box(svg, "bleedBox", &svg->drawing->bleed);
    cw_buf_puts(out, "/></metadata>\n");
}

static void put_clip(struct svg *svg, size_t id, const struct cw_outline *outline) {
    cw_buf_printf(svg->out, "<clipPath id=\"c%zu\"><path%s d=\"", id,
                  outline->even_odd ? " clip-rule=\"evenodd\"" : "");
    put_outline(svg, outline);
    cw_buf_puts(svg->out, "\"/></clipPath>\n");
}

/* c0 is the bleed; the others count through the file. */
static void put_clips(struct svg *svg) {
    struct cw_outline bleed =
        cw_outline_box((struct cw_drawing *)(uintptr_t)svg->drawing, &svg->drawing->bleed);
    size_t id = 0;
    cw_buf_puts(svg->out, "<defs>\n");
    put_clip(svg, id++, &bleed);
    for (const struct cw_drawing_op *op = svg->drawing->first; op; op = op->next)
        for (size_t i = 0; i < op->clip_count; i++)
            put_clip(svg, id++, &op->clips[i]);
    cw_buf_puts(svg->out, "</defs>\n");
}

static void open_layer(struct svg *svg, const struct cw_ink *ink, size_t number) {
    cw_buf_printf(svg->out, "<g id=\"layer%zu\" inkscape:groupmode=\"layer\" inkscape:label=\"",
                  number);
    cw_buf_html(svg->out, ink->name);
    cw_buf_puts(svg->out, "\" data-spot=\"");
    cw_buf_html(svg->out, ink->name);
    cw_buf_puts(svg->out, "\">\n");
}

static void put_path(struct svg *svg, const struct cw_drawing_op *op) {
    const uint8_t *rgb = svg->drawing->inks[op->ink].rgb;
    cw_buf_puts(svg->out, "<path");
    if (op->line_um) {
        cw_buf_printf(svg->out, " fill=\"none\" stroke=\"#%02x%02x%02x\" stroke-width=\"", rgb[0],
                      rgb[1], rgb[2]);
        put_mm(svg->out, op->line_um);
        cw_buf_putc(svg->out, '"');
    } else {
        cw_buf_printf(svg->out, " fill=\"#%02x%02x%02x\"%s", rgb[0], rgb[1], rgb[2],
                      op->outline.even_odd ? " fill-rule=\"evenodd\"" : "");
    }
    cw_buf_puts(svg->out, " d=\"");
    put_outline(svg, &op->outline);
    cw_buf_puts(svg->out, "\"/>");
}

/* Straight colours again, as PNG has them, or one of an ink everywhere. */
static enum cw_status make_png(const struct cw_artwork *from, const uint8_t *ink_rgb,
                               struct cw_buf *ret, struct cw_error *err) {
    size_t count = (size_t)from->width_px * from->height_px;
    CW_AUTO_BUF struct cw_buf pixels = {0};
    cw_buf_reserve(&pixels, 4 * count);
    uint8_t *to = (uint8_t *)pixels.data;
    for (size_t i = 0; i < count; i++, to += 4) {
        const uint8_t *pixel = from->rgba + 4 * i; /* blue first */
        for (size_t c = 0; c < 3; c++)
            to[c] = ink_rgb ? ink_rgb[c] : cw_srgb_straight(pixel[2 - c], pixel[3]);
        to[3] = pixel[3];
    }
    const struct cw_picture picture = {.width = from->width_px,
                                       .height = from->height_px,
                                       .alpha = true,
                                       .rgb = (uint8_t *)pixels.data};
    return cw_encode_png(&picture, "", ret, err);
}

/* Millimetres with y down: the unit square with its image upright becomes the picture. */
static void put_matrix(struct svg *svg, const struct cw_placed_picture *placed,
                       const char *attribute) {
    const struct cw_box *media = &svg->drawing->media;
    const int64_t *m = placed->matrix; /* thousandths of µm */
    const int64_t turned[6] = {m[0],
                               -m[1],
                               -m[2],
                               m[3],
                               m[4] + m[2] - media->low[0] * 1000,
                               media->high[1] * 1000 - m[5] - m[3]};
    cw_buf_printf(svg->out, " %s=\"matrix(", attribute);
    for (int i = 0; i < 6; i++) {
        cw_buf_puts(svg->out, i ? " " : "");
        cw_put_decimal(svg->out, turned[i], 6);
    }
    cw_buf_puts(svg->out, ")\"");
}

static enum cw_status put_image(struct svg *svg, const struct cw_drawing_op *op,
                                struct cw_error *err) {
    CW_AUTO_BUF struct cw_buf png = {0};
    const uint8_t *ink_rgb = op->placed->shape ? svg->drawing->inks[op->ink].rgb : NULL;
    enum cw_status status = make_png(op->placed->picture, ink_rgb, &png, err);
    if (status != CW_OK)
        return status;
    cw_buf_puts(svg->out, " href=\"data:image/png;base64,");
    cw_base64(png.data, png.length, svg->out);
    cw_buf_puts(svg->out, "\"/>");
    return CW_OK;
}

#define IMAGE "<image width=\"1\" height=\"1\" preserveAspectRatio=\"none\""

static enum cw_status put_picture(struct svg *svg, const struct cw_drawing_op *op,
                                  struct cw_error *err) {
    cw_buf_puts(svg->out, IMAGE);
    put_matrix(svg, op->placed, "transform");
    return put_image(svg, op, err);
}

/* A pattern whose cell is as that of put_tile in pdf_write.c, y down. */
static enum cw_status put_tiled(struct svg *svg, const struct cw_drawing_op *op, size_t number,
                                struct cw_error *err) {
    static const char *const cells[] = {[CW_REPEAT_GRID] = "width=\"1\" height=\"1\"",
                                        [CW_REPEAT_BRICK] = "width=\"1\" height=\"2\"",
                                        [CW_REPEAT_HALF_DROP] = "width=\"2\" height=\"1\""};
    static const char *const moved[][2] = {
        [CW_REPEAT_BRICK] = {"x=\"-0.5\" y=\"1\"", "x=\"0.5\" y=\"1\""},
        [CW_REPEAT_HALF_DROP] = {"x=\"1\" y=\"-0.5\"", "x=\"1\" y=\"0.5\""}};
    const struct cw_placed_picture *placed = op->placed;
    cw_buf_printf(svg->out, "<pattern id=\"t%zu\" patternUnits=\"userSpaceOnUse\" %s", number,
                  cells[placed->repeat]);
    put_matrix(svg, placed, "patternTransform");
    cw_buf_printf(svg->out, ">" IMAGE " id=\"t%zui\"", number);
    enum cw_status status = put_image(svg, op, err);
    for (int i = 0; i < 2 && placed->repeat != CW_REPEAT_GRID; i++)
        cw_buf_printf(svg->out, "<use href=\"#t%zui\" %s/>", number, moved[placed->repeat][i]);
    cw_buf_printf(svg->out, "</pattern><path fill=\"url(#t%zu)\" d=\"", number);
    put_outline(svg, &op->outline);
    cw_buf_puts(svg->out, "\"/>");
    return status;
}

/* Inside all of its clips: one group each, because few readers follow a clip of a clip of a clip.
 */
static enum cw_status put_op(struct svg *svg, const struct cw_drawing_op *op, size_t first_clip,
                             struct cw_error *err) {
    enum cw_status status = CW_OK;
    size_t groups = 0;
    if (!op->unclipped_by_bleed) {
        cw_buf_puts(svg->out, "<g clip-path=\"url(#c0)\">");
        groups++;
    }
    for (size_t i = 0; i < op->clip_count; i++, groups++)
        cw_buf_printf(svg->out, "<g clip-path=\"url(#c%zu)\">", first_clip + i);
    if (op->placed)
        status =
            op->placed->tiled ? put_tiled(svg, op, first_clip, err) : put_picture(svg, op, err);
    else
        put_path(svg, op);
    while (groups-- > 0)
        cw_buf_puts(svg->out, "</g>");
    cw_buf_putc(svg->out, '\n');
    return status;
}

enum cw_status cw_svg_write(const struct cw_drawing *drawing, struct cw_buf *ret,
                            struct cw_error *err) {
    size_t before = ret->length;
    enum cw_status status = CW_OK;
    struct svg svg = {.out = ret, .drawing = drawing};
    put_head(&svg);
    put_clips(&svg);
    size_t layer = 0, clips = 1;
    for (const struct cw_drawing_op *op = drawing->first, *last = NULL; op && status == CW_OK;
         last = op, op = op->next) {
        if (!last || last->ink != op->ink) {
            cw_buf_puts(ret, last ? "</g>\n" : "");
            open_layer(&svg, &drawing->inks[op->ink], ++layer);
        }
        status = put_op(&svg, op, clips, err);
        clips += op->clip_count;
    }
    cw_buf_puts(ret, drawing->first ? "</g>\n</svg>\n" : "</svg>\n");
    if (status != CW_OK)
        ret->length = before;
    return status;
}
