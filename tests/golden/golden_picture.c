/*
 * Responsible for: recorded pictures against drawn ones, and the report that shows them side by
 * side. Does not: draw; libpng is the only foreign library here. The golden test program.
 */
#include "golden.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

/* 8-bit RGB, rows without padding. */
struct pixels {
    uint32_t width, height;
    uint8_t *rgb;
};

static void free_pixels(struct pixels *pixels) {
    free(pixels->rgb);
}
#define AUTO_PIXELS __attribute__((cleanup(free_pixels)))

static bool decode(const void *png, size_t length, struct pixels *ret) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&image, png, length)) {
        return false;
    }
    image.format = PNG_FORMAT_RGB;
    ret->rgb = malloc(PNG_IMAGE_SIZE(image));
    if (!ret->rgb || !png_image_finish_read(&image, NULL, ret->rgb, 0, NULL)) {
        png_image_free(&image);
        return false;
    }
    ret->width = image.width;
    ret->height = image.height;
    return true;
}

/* Pixels that differ, and by how much at most in one channel [0…255]. Sizes are equal. */
static size_t count_differences(const struct pixels *a, const struct pixels *b, int *ret_most) {
    size_t count = 0;
    *ret_most = 0;
    for (size_t i = 0; i < (size_t)a->width * a->height; i++) {
        int most = 0;
        for (size_t c = 0; c < 3; c++) {
            int difference = abs(a->rgb[i * 3 + c] - b->rgb[i * 3 + c]);
            most = difference > most ? difference : most;
        }
        count += most > 0;
        *ret_most = most > *ret_most ? most : *ret_most;
    }
    return count;
}

/* "" when both show the same; else what differs, in the arena. */
static const char *difference(struct cw_arena *arena, struct cw_bytes wanted,
                              struct cw_bytes made) {
    if (wanted.length == made.length && memcmp(wanted.data, made.data, made.length) == 0) {
        return "";
    }
    AUTO_PIXELS struct pixels a = {0}, b = {0};
    if (!decode(wanted.data, wanted.length, &a) || !decode(made.data, made.length, &b)) {
        return "preview.png is not a picture libpng can read";
    }
    if (a.width != b.width || a.height != b.height) {
        return cw_arena_printf(arena, "preview.png is recorded with %u × %u pixels, now %u × %u",
                               a.width, a.height, b.width, b.height);
    }
    int most;
    size_t count = count_differences(&a, &b, &most);
    if (count == 0) {
        return "";
    }
    return cw_arena_printf(
        arena, "preview.png differs in %zu of %zu pixels, by at most %d of 255 in one channel",
        count, (size_t)a.width * a.height, most);
}

/* ---- report ---------------------------------------------------------------------------------- */

static bool keep(const struct golden *golden, const char *name, const char *what,
                 struct cw_bytes bytes) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const char *path = cw_arena_printf(arena, "%s/%s.%s.png", golden->out, name, what);
    return cw_file_write_atomic(path, bytes.data, bytes.length, 0644, NULL) == CW_OK;
}

/* The third picture is the difference, made by the browser: no picture of our own making to trust.
 */
static void add_row(struct golden *golden, const char *name, const char *note, bool recorded) {
    struct cw_buf *r = &golden->report;
    cw_buf_printf(r, "<h2>%s</h2>\n<p>", name);
    cw_buf_html(r, note);
    cw_buf_puts(r, "</p>\n<div class=\"row\">");
    if (recorded) {
        cw_buf_printf(
            r, "<figure><img src=\"%s.expected.png\"><figcaption>recorded</figcaption></figure>",
            name);
    }
    cw_buf_printf(r, "<figure><img src=\"%s.actual.png\"><figcaption>now</figcaption></figure>",
                  name);
    if (recorded) {
        cw_buf_printf(r,
                      "<figure class=\"difference\"><div><img src=\"%s.expected.png\"><img "
                      "src=\"%s.actual.png\">"
                      "</div><figcaption>difference, eight times</figcaption></figure>",
                      name, name);
    }
    cw_buf_puts(r, "</div>\n");
}

void golden_report_write(const struct golden *golden) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf page = {0};
    const char *path = cw_arena_printf(arena, "%s/index.html", golden->out);
    if (golden->report.length == 0) {
        unlink(path); /* of an earlier run */
        return;
    }
    cw_buf_puts(
        &page,
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Golden pictures "
        "that differ</title>\n<style>\nbody { font: 16px sans-serif; margin: 2em }\n"
        ".row { display: flex; gap: 1em }\nfigure { margin: 0 }\n"
        "img { display: block; image-rendering: pixelated }\n"
        ".difference div { position: relative; isolation: isolate; filter: brightness(8) }\n"
        ".difference img + img { position: absolute; top: 0; left: 0; mix-blend-mode: difference "
        "}\n"
        "</style>\n<h1>Golden pictures that differ</h1>\n");
    cw_buf_add(&page, golden->report.data, golden->report.length);
    if (cw_file_write_atomic(path, page.data, page.length, 0644, NULL) == CW_OK) {
        printf("# pictures side by side: %s\n", path);
    }
}

/* ---- one case -------------------------------------------------------------------------------- */

static bool record(const char *path, struct cw_bytes made, struct cw_buf *ret_notes) {
    struct cw_error err = {0};
    if (made.length == 0) {
        return !cw_file_exists(path) || unlink(path) == 0;
    }
    if (cw_file_write_atomic(path, made.data, made.length, 0644, &err) != CW_OK) {
        cw_buf_printf(ret_notes, "preview.png: %s\n", err.message);
        return false;
    }
    return true;
}

bool golden_compare_picture(struct golden *golden, const char *name, const struct cw_blob *made,
                            struct cw_buf *ret_notes) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const char *path = cw_arena_printf(arena, "%s/%s/preview.png", golden->cases, name);
    struct cw_bytes now = {0}, wanted = {0};
    char *text = NULL;
    if (made) {
        now = (struct cw_bytes){cw_blob_data(made), cw_blob_length(made)};
    }
    if (cw_file_read(arena, path, GOLDEN_FILE_BYTES, &text, &wanted.length, NULL) == CW_OK) {
        wanted.data = (const uint8_t *)text;
    }
    if (!made && !wanted.data) {
        return true;
    }
    const char *note = !made          ? "preview.png is recorded, but nothing was drawn"
                       : !wanted.data ? "preview.png is not recorded"
                                      : difference(arena, wanted, now);
    if (!*note) {
        return true;
    }
    if (golden->write) {
        return record(path, now, ret_notes);
    }
    cw_buf_printf(ret_notes, "%s\n", note);
    if (made && keep(golden, name, "actual", now) &&
        (!wanted.data || keep(golden, name, "expected", wanted))) {
        add_row(golden, name, note, wanted.data != NULL);
    }
    return false;
}
