/*
 * Responsible for contact sheets: pictures in rows, a word under each. Does not draw the pictures
 * (workers did) nor choose them (cli/render_sheet.c). A process of its own runs it, locked like a
 * worker.
 */
#include "contact.h"

#include <cairo.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/wire.h"
#include "cordwain/contact.h"
#include "cordwain/limits.h"
#include "text.h"

#define GAP_PX      12
#define LABEL_PX    18
#define TITLE_PX    34
#define UM_PER_PX   100  /* of labels, which are placed like any text */
#define PAPER       0.93 /* grey, so that the edges of white pictures are seen */
#define REQUEST_MAX (1u << 30)

struct cell {
    cairo_surface_t *picture;
    const char *label;
    int row, x, y, w, h;
};

struct sheet {
    struct cw_arena *arena;
    struct cw_fonts *fonts;
    size_t cell_count;
    struct cell cells[CW_CONTACT_CELLS];
    uint32_t row_count;
    const char *titles[CW_CONTACT_CELLS];
    int title_y[CW_CONTACT_CELLS], row_width[CW_CONTACT_CELLS];
    int width, height;
};

struct source {
    const uint8_t *at, *end;
};

static enum cw_status nonsense(struct cw_error *err) {
    return cw_fail(err, CW_E_INPUT, "render.contact", "the request for a sheet makes no sense");
}

static enum cw_status too_large(struct cw_error *err) {
    return cw_fail(err, CW_E_LIMIT, "render.contact_too_large",
                   "a sheet has at most %d pictures and %d pixels a side", CW_CONTACT_CELLS,
                   CW_CONTACT_SIDE_PX);
}

/* ---- reading --------------------------------------------------------------------------------- */

static cairo_status_t read_some(void *closure, unsigned char *data, unsigned length) {
    struct source *source = closure;
    if ((size_t)(source->end - source->at) < length)
        return CAIRO_STATUS_READ_ERROR;
    memcpy(data, source->at, length);
    source->at += length;
    return CAIRO_STATUS_SUCCESS;
}

static enum cw_status read_cell(struct sheet *sheet, struct cw_wire_reader *reader,
                                struct cw_error *err) {
    if (sheet->cell_count == CW_CONTACT_CELLS)
        return too_large(err);
    struct cell *cell = &sheet->cells[sheet->cell_count];
    cell->label = cw_wire_get_str(reader, sheet->arena, CW_CONTACT_LABEL_BYTES);
    cell->row = (int)sheet->row_count;
    size_t length = cw_wire_get_u32(reader);
    if (reader->failed || (size_t)(reader->end - reader->at) < length)
        return nonsense(err);
    struct source source = {reader->at, reader->at + length};
    reader->at += length;
    cell->picture = cairo_image_surface_create_from_png_stream(read_some, &source);
    sheet->cell_count++; /* to be destroyed, whatever it is */
    if (cairo_surface_status(cell->picture) != CAIRO_STATUS_SUCCESS)
        return cw_fail(err, CW_E_INPUT, "render.contact", "'%s': %s", cell->label,
                       cairo_status_to_string(cairo_surface_status(cell->picture)));
    cell->w = cairo_image_surface_get_width(cell->picture);
    cell->h = cairo_image_surface_get_height(cell->picture);
    return CW_OK;
}

static enum cw_status read_request(struct sheet *sheet, const struct cw_buf *request,
                                   struct cw_error *err) {
    struct cw_wire_reader reader;
    cw_wire_reader_init(&reader, request->data, request->length);
    bool right = cw_wire_get_u32(&reader) == CW_CONTACT_MAGIC;
    right = cw_wire_get_u16(&reader) == CW_CONTACT_VERSION && right;
    uint32_t rows = cw_wire_get_u32(&reader);
    if (!right)
        return nonsense(err);
    if (rows > CW_CONTACT_CELLS)
        return too_large(err);
    for (; sheet->row_count < rows; sheet->row_count++) {
        sheet->titles[sheet->row_count] =
            cw_wire_get_str(&reader, sheet->arena, CW_CONTACT_LABEL_BYTES);
        uint32_t cells = cw_wire_get_u32(&reader);
        for (uint32_t i = 0; i < cells && !reader.failed; i++) {
            enum cw_status status = read_cell(sheet, &reader, err);
            if (status)
                return status;
        }
    }
    return cw_wire_done(&reader) && sheet->cell_count > 0 ? CW_OK : nonsense(err);
}

/* ---- placing --------------------------------------------------------------------------------- */

static enum cw_status place(struct sheet *sheet, struct cw_error *err) {
    int64_t y = GAP_PX, width = 0;
    size_t at = 0;
    for (uint32_t row = 0; row < sheet->row_count; row++) {
        sheet->title_y[row] = (int)y;
        y += *sheet->titles[row] ? TITLE_PX : 0;
        int64_t x = GAP_PX, height = 0;
        for (; at < sheet->cell_count && sheet->cells[at].row == (int)row; at++) {
            struct cell *cell = &sheet->cells[at];
            if (x + cell->w > CW_CONTACT_SIDE_PX || y + cell->h > CW_CONTACT_SIDE_PX)
                return too_large(err);
            cell->x = (int)x;
            cell->y = (int)y;
            x += cell->w + GAP_PX;
            height = cell->h > height ? cell->h : height;
        }
        y += height + LABEL_PX + GAP_PX;
        sheet->row_width[row] = (int)x;
        width = x > width ? x : width;
    }
    if (width > CW_CONTACT_SIDE_PX || y > CW_CONTACT_SIDE_PX)
        return too_large(err);
    sheet->width = (int)width;
    sheet->height = (int)y;
    return CW_OK;
}

/* ---- drawing --------------------------------------------------------------------------------- */

/* A box of text, centred; what cannot be set so small is left out. */
static void write_text(const struct sheet *sheet, cairo_t *cr, const int box[4], const char *text) {
    const int32_t w = box[2] * UM_PER_PX, h = box[3] * UM_PER_PX;
    const struct cw_scene_decal decal = {.kind = CW_DECAL_TEXT,
                                         .surface = "sheet",
                                         .size_um = {w, h},
                                         .zone_um = {-w / 2, -h / 2, w, h},
                                         .text = text,
                                         .font_stack = "sans",
                                         .min_letter_um = h / 6,
                                         .max_letter_um = h / 2};
    struct cw_text_placed placed = {0};
    if (*text == '\0' || cw_text_place(sheet->fonts, &decal, &placed, NULL) != CW_OK)
        return;
    cairo_save(cr);
    cairo_translate(cr, box[0] + box[2] / 2.0, box[1] + box[3] / 2.0);
    cairo_scale(cr, 1.0 / UM_PER_PX, -1.0 / UM_PER_PX);
    cairo_new_path(cr);
    cw_text_append(cr, &placed);
    cairo_set_source_rgb(cr, 0.1, 0.1, 0.1);
    cairo_fill(cr);
    cairo_restore(cr);
    cw_text_placed_deinit(&placed);
}

static cairo_status_t write_some(void *closure, const unsigned char *data, unsigned length) {
    cw_buf_add(closure, data, length);
    return CAIRO_STATUS_SUCCESS;
}

static enum cw_status draw(const struct sheet *sheet, struct cw_buf *ret, struct cw_error *err) {
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, sheet->width, sheet->height);
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, PAPER, PAPER, PAPER);
    cairo_paint(cr);
    for (uint32_t row = 0; row < sheet->row_count; row++)
        write_text(
            sheet, cr,
            (int[]){GAP_PX, sheet->title_y[row], sheet->row_width[row] - 2 * GAP_PX, TITLE_PX},
            sheet->titles[row]);
    for (size_t i = 0; i < sheet->cell_count; i++) {
        const struct cell *cell = &sheet->cells[i];
        cairo_set_source_surface(cr, cell->picture, cell->x, cell->y);
        cairo_paint(cr);
        write_text(sheet, cr, (int[]){cell->x, cell->y + cell->h, cell->w, LABEL_PX}, cell->label);
    }
    cairo_status_t status = cairo_status(cr);
    cairo_destroy(cr);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_write_to_png_stream(surface, write_some, ret);
    cairo_surface_destroy(surface);
    return status == CAIRO_STATUS_SUCCESS
               ? CW_OK
               : cw_fail(err, CW_E_NOMEM, "memory", "%s", cairo_status_to_string(status));
}

/* ---- the file -------------------------------------------------------------------------------- */

static enum cw_status read_all(int fd, struct cw_buf *ret, struct cw_error *err) {
    static char piece[1 << 16];
    ssize_t got;
    while ((got = read(fd, piece, sizeof piece)) != 0 && ret->length < REQUEST_MAX) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cw_fail(err, CW_E_IO, "file.read", "the request cannot be read");
        cw_buf_add(ret, piece, (size_t)got);
    }
    return CW_OK;
}

static enum cw_status replace_all(int fd, const struct cw_buf *sheet, struct cw_error *err) {
    if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0 ||
        !cw_write_all(fd, sheet->data, sheet->length))
        return cw_fail(err, CW_E_IO, "render.memfd", "the sheet cannot be written");
    return CW_OK;
}

enum cw_status cw_contact_make(int fd, struct cw_fonts *fonts, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf request = {0}, picture = {0};
    struct sheet *sheet = calloc(1, sizeof *sheet);
    if (!sheet || !arena) {
        free(sheet);
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    }
    sheet->arena = arena;
    sheet->fonts = fonts;
    enum cw_status status = read_all(fd, &request, err);
    if (!status)
        status = read_request(sheet, &request, err);
    if (!status)
        status = place(sheet, err);
    if (!status)
        status = draw(sheet, &picture, err);
    if (!status)
        status = replace_all(fd, &picture, err);
    for (size_t i = 0; i < sheet->cell_count; i++)
        cairo_surface_destroy(sheet->cells[i].picture);
    free(sheet);
    return status;
}
