/*
 * Responsible for: the list of inks and painting operations that artwork is made of.
 * Does not: outline anything (pen.c, text.c), lay out the page (artwork.c) or write files
 * (pdf_write.c, svg_write.c). Runs in the renderer worker.
 */
#include "drawing.h"

#include <stdio.h>
#include <string.h>

#include "cordwain/limits.h"

void cw_drawing_init(struct cw_drawing *drawing, struct cw_arena *arena) {
    *drawing = (struct cw_drawing){.arena = arena, .title = "", .digest = ""};
    drawing->end = &drawing->first;
}

/* Bytes that neither an XML document nor a person can use: controls, and U+FFFE and U+FFFF. */
static void clean(char *name) {
    for (char *p = name; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c < 0x20 || c == 0x7F)
            *p = '_';
        else if (c == 0xEF && (unsigned char)p[1] == 0xBF && (unsigned char)p[2] >= 0xBE) {
            *p = '_';
            memmove(p + 1, p + 3, strlen(p + 3) + 1);
        }
    }
}

/* Not within a character. */
static size_t cut_length(const char *name) {
    size_t length = strnlen(name, CW_INK_NAME_BYTES + 1);
    if (length <= CW_INK_NAME_BYTES)
        return length;
    length = CW_INK_NAME_BYTES;
    while (length > 0 && ((unsigned char)name[length] & 0xC0) == 0x80)
        length--;
    return length;
}

size_t cw_drawing_ink(struct cw_drawing *drawing, const char *name, const uint8_t rgb[3]) {
    char *copy = cw_arena_strndup(drawing->arena, name, cut_length(name));
    clean(copy);
    if (!*copy || strcmp(copy, "None") == 0)
        copy = cw_arena_strndup(drawing->arena, "Ink", 3);
    for (size_t i = 0; i < drawing->ink_count; i++)
        if (strcmp(drawing->inks[i].name, copy) == 0)
            return i;
    if (drawing->ink_count == drawing->ink_capacity) {
        size_t capacity = drawing->ink_capacity ? 2 * drawing->ink_capacity : 8;
        struct cw_ink *inks = cw_arena_array(drawing->arena, capacity, sizeof *inks);
        if (drawing->ink_count)
            memcpy(inks, drawing->inks, drawing->ink_count * sizeof *inks);
        drawing->inks = inks;
        drawing->ink_capacity = capacity;
    }
    drawing->inks[drawing->ink_count] =
        (struct cw_ink){.name = copy, .rgb = {rgb[0], rgb[1], rgb[2]}};
    return drawing->ink_count++;
}

enum cw_status cw_drawing_add(struct cw_drawing *drawing, const struct cw_drawing_op *op,
                              struct cw_error *err) {
    size_t points = op->outline.point_count;
    for (size_t i = 0; i < op->clip_count; i++)
        points += op->clips[i].point_count;
    if (points > CW_DRAWING_POINTS - drawing->points)
        return cw_fail(err, CW_E_LIMIT, "render.artwork_too_detailed",
                       "the artwork has more than %d points", CW_DRAWING_POINTS);
    struct cw_drawing_op *copy = cw_arena_alloc(drawing->arena, sizeof *copy);
    *copy = *op;
    copy->next = NULL;
    *drawing->end = copy;
    drawing->end = &copy->next;
    drawing->points += points;
    return CW_OK;
}

struct cw_outline cw_outline_box(struct cw_drawing *drawing, const struct cw_box *box) {
    int32_t(*points)[2] = cw_arena_array(drawing->arena, 4, sizeof *points);
    for (int i = 0; i < 4; i++) { /* counter-clockwise from the left lower corner */
        points[i][0] = (int32_t)(i == 1 || i == 2 ? box->high[0] : box->low[0]);
        points[i][1] = (int32_t)(i >= 2 ? box->high[1] : box->low[1]);
    }
    return (struct cw_outline){
        .verb_count = 5, .verbs = "MLLLZ", .point_count = 4, .points = (const int32_t(*)[2])points};
}

void cw_put_decimal(struct cw_buf *buf, int64_t value, int decimals) {
    char text[40];
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value, unit = 1;
    for (int i = 0; i < decimals; i++)
        unit *= 10;
    int length = snprintf(text, sizeof text, "%s%llu", value < 0 ? "-" : "",
                          (unsigned long long)(magnitude / unit));
    magnitude %= unit;
    if (magnitude) {
        length += snprintf(text + length, sizeof text - (size_t)length, ".%0*llu", decimals,
                           (unsigned long long)magnitude);
        while (text[length - 1] == '0')
            length--;
    }
    cw_buf_add(buf, text, (size_t)length);
}
