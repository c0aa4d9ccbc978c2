/*
 * Measures the renderer alone, in one process and one thread: composing, encoding, both as a worker
 * does it (each strip while it is near), both with the picture before remembered and only one part
 * changed (the smallest of the view, and the largest), and copying as many bytes as composing must
 * read and write. Does not check pictures. Run by hand or by bench.py:
 *
 *     render_bench ART_DIR VIEW [RUNS]
 *
 * One JSON line for each width, on a page's colour, and one for 1024 px without a background:
 * medians in milliseconds.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "blend_wide.h"
#include "compose.h"
#include "encode.h"
#include "pack_write.h"
#include "recent.h"
#include "base/srgb.h"

#define RUNS_MAX 1000

static const uint32_t widths[] = {1600, 1024, 800, 512, 320, 64};

static double clock_ms(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double now_ms(void) {
    return clock_ms(CLOCK_MONOTONIC);
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
    if (cw_pack_build(dir, NULL, &bytes, &err) ||
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

/* The part that covers least, or most. */
static size_t extreme_part(const struct cw_pack_view *view, bool most) {
    size_t ret = 0;
    for (size_t i = 1; i < view->part_count; i++) {
        uint32_t here = view->levels[0].parts[i].blocks, best = view->levels[0].parts[ret].blocks;
        if (most ? here > best : here < best)
            ret = i;
    }
    return view->parts[ret];
}

/* One part in another colour each run. */
static double change(const struct cw_plan_input *input, struct cw_scene_part *part, size_t runs) {
    static double times[RUNS_MAX];
    struct cw_recent *recent = cw_recent_new();
    for (size_t run = 0; recent && run <= runs; run++) {
        CW_AUTO_BUF struct cw_buf png = {0};
        uint32_t size[2];
        part->rgb[0] = (uint8_t)(run * 7);
        double start = now_ms();
        if (cw_recent_draw(recent, input, &png, size, NULL))
            exit(1);
        if (run) /* the first is drawn anew */
            times[run - 1] = now_ms() - start;
    }
    cw_recent_free(recent);
    return median(times, runs);
}

/* The light of every part in the first finish, the free background, and the picture. */
static size_t bytes_moved(const struct cw_pack *pack, const struct cw_scene *scene) {
    const struct cw_pack_view *view = cw_pack_view_find(pack, scene->view);
    const struct cw_pack_level *level = cw_pack_level_for(view, scene->width_px);
    size_t block = CW_PACK_BLOCK * sizeof(uint16_t), sum = level->ground.blocks * block;
    for (size_t i = 0; i < view->part_count; i++) {
        const struct cw_light *light = &level->lights[i * view->finish_count];
        size_t kinds = (light->tinted ? 1 : 0) + (size_t)(light->plain ? 1 : 0);
        sum += kinds * level->parts[i].blocks * block;
    }
    return sum + (size_t)scene->width_px * (scene->frame.transparent ? 4 : 3) *
                     cw_pack_height(view->width_px, view->height_px, scene->width_px);
}

struct copy {
    size_t length;
    uint8_t *from, *to;
};

static struct copy copy_new(size_t length) {
    struct copy copy = {length, malloc(length), malloc(length)};
    if (!copy.from || !copy.to)
        exit(1);
    memset(copy.from, 1, length);
    memset(copy.to, 2, length);
    return copy;
}

static double copy_ms(const struct copy *copy) {
    double start = now_ms();
    memcpy(copy->to, copy->from, copy->length);
    __asm__ volatile("" : : "r"(copy->to) : "memory"); /* the copy must not be left out */
    return now_ms() - start;
}

static void recolour(const struct cw_scene *scene, struct cw_scene_part *parts, size_t run) {
    for (size_t i = 0; i < scene->part_count; i++)
        for (size_t k = 0; k < 3; k++)
            parts[i].rgb[k] = (uint8_t)(40 + (run * 7 + i * 31 + k * 57) % 200);
}

/* A picture as a worker draws and encodes it when it remembers none: wall and processor time. */
static void cold(const struct cw_plan_input *input, struct cw_scene_part *parts, size_t runs,
                 double ret[2]) {
    static double wall[RUNS_MAX], cpu[RUNS_MAX];
    struct cw_recent *recent = cw_recent_new();
    for (size_t run = 0; recent && run < runs; run++) {
        CW_AUTO_BUF struct cw_buf png = {0};
        uint32_t size[2];
        recolour(input->scene, parts, run);
        double start = now_ms(), used = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
        if (cw_recent_draw(recent, input, &png, size, NULL))
            exit(1);
        cpu[run] = clock_ms(CLOCK_PROCESS_CPUTIME_ID) - used;
        wall[run] = now_ms() - start;
        cw_recent_forget(recent, input->pack);
    }
    cw_recent_free(recent);
    ret[0] = median(wall, runs);
    ret[1] = median(cpu, runs);
}

/* Nothing but composing, then nothing but copying: all that fits stays in the nearest caches. */
static void again(const struct cw_pack *pack, const struct cw_scene *scene, const struct copy *copy,
                  size_t runs, double ret[2]) {
    static double composed[RUNS_MAX], copied[RUNS_MAX];
    for (size_t run = 0; run < runs; run++) {
        CW_AUTO_PICTURE struct cw_picture picture = {0};
        double start = now_ms();
        if (cw_compose(NULL, pack, scene, &picture, NULL))
            exit(1);
        composed[run] = now_ms() - start;
    }
    for (size_t run = 0; run < runs; run++)
        copied[run] = copy_ms(copy);
    ret[0] = median(composed, runs);
    ret[1] = median(copied, runs);
}

/* Composing, encoding and the copy in turn, so that each finds the caches as the others leave them.
 */
static void measure(const struct cw_pack *pack, struct cw_scene *scene, struct cw_scene_part *parts,
                    size_t runs) {
    static double compose[RUNS_MAX], encode[RUNS_MAX], copied[RUNS_MAX];
    struct copy copy = copy_new(bytes_moved(pack, scene));
    size_t bytes = 0;
    for (size_t run = 0; run < runs; run++) {
        CW_AUTO_PICTURE struct cw_picture picture = {0};
        CW_AUTO_BUF struct cw_buf png = {0};
        recolour(scene, parts, run);
        double start = now_ms();
        if (cw_compose(NULL, pack, scene, &picture, NULL))
            exit(1);
        double composed = now_ms();
        if (cw_encode_png(&picture, "", &png, NULL))
            exit(1);
        double encoded = now_ms();
        compose[run] = composed - start;
        encode[run] = encoded - composed;
        copied[run] = copy_ms(&copy);
        bytes = png.length;
    }
    double alone[2], anew[2];
    again(pack, scene, &copy, runs, alone);
    free(copy.from);
    free(copy.to);
    const struct cw_plan_input input = {.pack = pack, .scene = scene};
    const struct cw_pack_view *view = cw_pack_view_find(pack, scene->view);
    cold(&input, parts, runs, anew);
    double small = change(&input, &parts[extreme_part(view, false)], runs);
    double large = change(&input, &parts[extreme_part(view, true)], runs);
    printf("{\"width\": %u, \"page\": %s, \"composeMs\": %.3f, \"encodeMs\": %.3f, ",
           scene->width_px, scene->frame.transparent ? "false" : "true", median(compose, runs),
           median(encode, runs));
    printf("\"coldMs\": %.3f, \"coldCpuMs\": %.3f, \"smallPartMs\": %.3f, \"largePartMs\": %.3f, ",
           anew[0], anew[1], small, large);
    printf("\"copyMs\": %.3f, \"composeAgainMs\": %.3f, \"copyAgainMs\": %.3f, \"bytes\": %zu}\n",
           median(copied, runs), alone[0], alone[1], bytes);
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fputs("render_bench ART_DIR VIEW [RUNS]\n", stderr);
        return 2;
    }
    size_t runs = argc > 3 ? strtoul(argv[3], NULL, 10) : 101;
    runs = runs < 1 ? 1 : runs > RUNS_MAX ? RUNS_MAX : runs;
    cw_srgb_init();
    cw_wide_init(/* wanted: */ true);
    struct cw_pack *pack = make_pack(argv[1]);
    struct cw_scene_part *parts = make_parts(pack);
    const size_t count = sizeof widths / sizeof *widths;
    for (size_t i = 0; parts && i <= count; i++) {
        struct cw_scene scene = {.view = argv[2],
                                 .width_px = i < count ? widths[i] : 1024,
                                 .frame = {.transparent = i == count},
                                 .background = {244, 244, 242},
                                 .part_count = pack->parts.count,
                                 .parts = parts};
        measure(pack, &scene, parts, runs);
    }
    free(parts);
    cw_pack_free(pack);
    return 0;
}
