/*
 * Responsible for: Cairo and libpng's defaults drawing the layers that peer_pictures.mjs wrote,
 * each part tinted and lit within its box. Does not: blend light (see there). By hand or by
 * bench.py:
 *
 *   peer_cairo LAYERS RUNS page|none [PNG]
 */
#include <cairo.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PARTS 64

struct part {
    uint32_t x, y, w, h;
    cairo_surface_t *diffuse, *specular, *scratch;
};

static struct part parts[PARTS];
static uint32_t width, height, count;
static size_t png_bytes;

static double ms(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void get(FILE *file, void *to, size_t bytes) {
    if (fread(to, 1, bytes, file) != bytes)
        exit(1);
}

/* Straight RGBA to Cairo's premultiplied words. */
static cairo_surface_t *get_layer(FILE *file, const struct part *part) {
    cairo_surface_t *layer =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)part->w, (int)part->h);
    uint32_t *to = (uint32_t *)(void *)cairo_image_surface_get_data(layer);
    for (size_t i = 0; i < (size_t)part->w * part->h; i++) {
        uint8_t p[4];
        get(file, p, 4);
        for (int c = 0; c < 3; c++)
            p[c] = (uint8_t)((p[c] * p[3] + 127) / 255);
        to[i] = (uint32_t)p[3] << 24 | (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
    }
    cairo_surface_mark_dirty(layer);
    return layer;
}

static void get_layers(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file)
        exit(1);
    get(file, &width, 4);
    get(file, &height, 4);
    get(file, &count, 4);
    if (count > PARTS)
        exit(1);
    for (uint32_t i = 0; i < count; i++) {
        struct part *part = &parts[i];
        get(file, part, 16);
        part->diffuse = get_layer(file, part);
        part->specular = get_layer(file, part);
        part->scratch = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)part->w, (int)part->h);
    }
    fclose(file);
}

static void tint(const struct part *part, const double rgb[3]) {
    cairo_t *cr = cairo_create(part->scratch);
    cairo_set_operator(cr, CAIRO_OPERATOR_SOURCE);
    cairo_set_source_surface(cr, part->diffuse, 0, 0);
    cairo_paint(cr);
    cairo_set_operator(cr, CAIRO_OPERATOR_MULTIPLY);
    cairo_set_source_rgb(cr, rgb[0], rgb[1], rgb[2]);
    cairo_paint(cr);
    cairo_set_operator(cr, CAIRO_OPERATOR_DEST_IN);
    cairo_set_source_surface(cr, part->diffuse, 0, 0);
    cairo_paint(cr);
    cairo_destroy(cr);
}

static void draw(cairo_surface_t *sheet, uint32_t run) {
    cairo_t *cr = cairo_create(sheet);
    bool page = cairo_image_surface_get_format(sheet) == CAIRO_FORMAT_RGB24;
    cairo_set_source_rgba(cr, 244 / 255.0, 244 / 255.0, 242 / 255.0, page ? 1 : 0);
    cairo_set_operator(cr, CAIRO_OPERATOR_SOURCE);
    cairo_paint(cr);
    for (uint32_t i = 0; i < count; i++) {
        const struct part *part = &parts[i];
        double rgb[3];
        for (uint32_t k = 0; k < 3; k++)
            rgb[k] = (40 + (run * 7 + i * 31 + k * 57) % 200) / 255.0;
        tint(part, rgb);
        cairo_rectangle(cr, part->x, part->y, part->w, part->h);
        cairo_set_operator(cr, CAIRO_OPERATOR_OVER);
        cairo_set_source_surface(cr, part->scratch, part->x, part->y);
        cairo_fill_preserve(cr);
        cairo_set_operator(cr, CAIRO_OPERATOR_ADD);
        cairo_set_source_surface(cr, part->specular, part->x, part->y);
        cairo_fill(cr);
    }
    cairo_destroy(cr);
}

static cairo_status_t count_bytes(void *closure, const unsigned char *data, unsigned length) {
    (void)closure, (void)data;
    png_bytes += length;
    return CAIRO_STATUS_SUCCESS;
}

static void print_list(const char *name, const double *values, size_t runs) {
    printf("\"%s\": [", name);
    for (size_t i = 0; i < runs; i++)
        printf("%s%.3f", i ? ", " : "", values[i]);
    printf("], ");
}

int main(int argc, char **argv) {
    size_t runs = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    double *took = calloc(runs + 1, sizeof *took), *cpu = calloc(runs + 1, sizeof *cpu);
    if (argc < 4 || runs == 0 || !took || !cpu)
        return 2;
    bool page = strcmp(argv[3], "page") == 0;
    get_layers(argv[1]);
    cairo_surface_t *sheet = cairo_image_surface_create(
        page ? CAIRO_FORMAT_RGB24 : CAIRO_FORMAT_ARGB32, (int)width, (int)height);
    for (size_t run = 0; run <= runs; run++) { /* the first is not counted */
        double began = ms(CLOCK_MONOTONIC), used = ms(CLOCK_PROCESS_CPUTIME_ID);
        png_bytes = 0;
        draw(sheet, (uint32_t)run);
        if (cairo_surface_write_to_png_stream(sheet, count_bytes, NULL) != CAIRO_STATUS_SUCCESS)
            return 1;
        if (run) {
            took[run - 1] = ms(CLOCK_MONOTONIC) - began;
            cpu[run - 1] = ms(CLOCK_PROCESS_CPUTIME_ID) - used;
        }
    }
    printf("{\"peer\": \"Cairo and libpng\", ");
    print_list("ms", took, runs);
    print_list("cpuMs", cpu, runs);
    printf("\"bytes\": %zu}\n", png_bytes);
    if (argc > 4)
        cairo_surface_write_to_png(sheet, argv[4]);
    return 0;
}
