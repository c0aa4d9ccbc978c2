/*
 * Measures the renderer alone, in one process and one thread: composing, encoding, both, and
 * copying the bytes that both must move. Does not check pictures. Run by hand or by bench.py:
 *
 *     render_bench ART_DIR VIEW [RUNS]
 *
 * One JSON line for each width: medians in milliseconds.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "compose.h"
#include "encode.h"
#include "pack_write.h"
#include "srgb.h"

#define RUNS_MAX 1000

static const uint32_t widths[] = {1600, 1024, 800, 512, 320, 64};

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count) {
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

static struct cw_pack *make_pack(const char *dir) {
    struct cw_error err = {0};
    CW_AUTO_BUF struct cw_buf bytes = {0};
    struct cw_pack *pack = NULL;
    double start = now_ms();
    int fd = memfd_create("pack", MFD_CLOEXEC);
    if (cw_pack_build(dir, &bytes, &err) ||
        write(fd, bytes.data, bytes.length) != (ssize_t)bytes.length ||
        cw_pack_open(fd, &pack, &err)) {
        fprintf(stderr, "render_bench: %s\n", err.message);
        exit(1);
    }
    close(fd);
    printf("{\"packMs\": %.0f, \"packBytes\": %zu}\n", now_ms() - start, bytes.length);
    return pack;
}

/* Every part of the view, each run in other colours. */
static struct cw_scene_part *make_parts(const struct cw_pack *pack) {
    struct cw_scene_part *parts = calloc(pack->parts.count + 1, sizeof *parts);
    for (size_t i = 0; parts && i < pack->parts.count; i++)
        parts[i] =
            (struct cw_scene_part){.part = pack->parts.items[i], .finish = pack->finishes.items[0]};
    return parts;
}

static void measure(const struct cw_pack *pack, struct cw_scene *scene, struct cw_scene_part *parts,
                    size_t runs) {
    static double compose[RUNS_MAX], encode[RUNS_MAX], both[RUNS_MAX], copy[RUNS_MAX];
    size_t bytes = 0;
    for (size_t run = 0; run < runs; run++) {
        CW_AUTO_PICTURE struct cw_picture picture = {0};
        CW_AUTO_BUF struct cw_buf png = {0};
        for (size_t i = 0; i < scene->part_count; i++)
            for (size_t k = 0; k < 3; k++)
                parts[i].rgb[k] = (uint8_t)(40 + (run * 7 + i * 31 + k * 57) % 200);
        double start = now_ms();
        if (cw_compose(NULL, pack, scene, &picture, NULL))
            exit(1);
        double composed = now_ms();
        if (cw_encode_png(&picture, &png, NULL))
            exit(1);
        double encoded = now_ms();
        size_t length = (size_t)picture.width * picture.height * 3;
        uint8_t *other = malloc(length);
        if (!other)
            exit(1);
        memset(other, 1, length);
        double before = now_ms();
        memcpy(other, picture.rgb, length);
        __asm__ volatile("" : : "r"(other) : "memory"); /* the copy must not be left out */
        copy[run] = now_ms() - before;
        free(other);
        compose[run] = composed - start;
        encode[run] = encoded - composed;
        both[run] = encoded - start;
        bytes = png.length;
    }
    printf("{\"width\": %u, \"composeMs\": %.3f, \"encodeMs\": %.3f, \"coldMs\": %.3f, "
           "\"copyMs\": %.3f, \"bytes\": %zu}\n",
           scene->width_px, median(compose, runs), median(encode, runs), median(both, runs),
           median(copy, runs), bytes);
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fputs("render_bench ART_DIR VIEW [RUNS]\n", stderr);
        return 2;
    }
    size_t runs = argc > 3 ? strtoul(argv[3], NULL, 10) : 101;
    runs = runs < 1 ? 1 : runs > RUNS_MAX ? RUNS_MAX : runs;
    cw_srgb_init();
    struct cw_pack *pack = make_pack(argv[1]);
    struct cw_scene_part *parts = make_parts(pack);
    for (size_t i = 0; parts && i < sizeof widths / sizeof *widths; i++) {
        struct cw_scene scene = {.view = argv[2],
                                 .width_px = widths[i],
                                 .background = {244, 244, 242},
                                 .part_count = pack->parts.count,
                                 .parts = parts};
        measure(pack, &scene, parts, runs);
    }
    free(parts);
    cw_pack_free(pack);
    return 0;
}
