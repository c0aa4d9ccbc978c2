/*
 * The fast compositor against two slow ones. A plain scalar one that follows the same operations
 * must give the same bytes at every width, so whatever processor the loops were compiled for, they
 * draw the same. And the formula of assets/art/README.md in double precision, straight from the
 * art, must round to the same bytes but for values next to a tie.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "art.h"
#include "blend_wide.h"
#include "compose.h"
#include "filter.h"
#include "pack_write.h"
#include "plan.h"
#include "base/srgb.h"

#define ART CW_SOURCE_ROOT "/assets/art/bottle"

static struct cw_pack *pack;
static struct cw_art art;
static struct cw_arena *art_arena;

static int setup(void **state) {
    (void)state;
    struct cw_error err = {0};
    CW_AUTO_BUF struct cw_buf bytes = {0};
    cw_srgb_init();
    art_arena = cw_arena_new();
    int fd = memfd_create("pack", MFD_CLOEXEC);
    bool fine = cw_pack_build(ART, NULL, &bytes, &err) == CW_OK &&
                write(fd, bytes.data, bytes.length) == (ssize_t)bytes.length &&
                cw_pack_open(fd, &pack, &err) == CW_OK &&
                cw_art_load(art_arena, ART, NULL, &art, &err) == CW_OK;
    close(fd);
    return fine ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    cw_pack_free(pack);
    cw_arena_free(art_arena);
    return 0;
}

/* ---- scalar ---------------------------------------------------------------------------------- */

/* The step of pixel x, y; false outside the spans. */
static bool step_at(const struct cw_spans *spans, const uint16_t *light, const uint32_t at[2],
                    float *ret) {
    if (at[1] < spans->y || at[1] - spans->y >= spans->h)
        return false;
    const struct cw_span_row *row = &spans->rows[at[1] - spans->y];
    size_t data = (size_t)row->block * CW_PACK_BLOCK;
    for (uint32_t i = row->span; i < row[1].span; i++) {
        uint32_t from = spans->spans[i].block * (uint32_t)CW_PACK_BLOCK;
        uint32_t count = spans->spans[i].count * (uint32_t)CW_PACK_BLOCK;
        if (at[0] >= from && at[0] - from < count) {
            *ret = light ? (float)light[data + at[0] - from] : 0;
            return true;
        }
        data += count;
    }
    return false;
}

static float ink(const struct cw_plan *plan, const struct cw_plan_part *part, const uint32_t at[2],
                 size_t channel) {
    float colour = part->colour[channel];
    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct cw_layer *layer = &plan->layers[i];
        uint32_t x = at[0] - layer->x, y = at[1] - layer->y; /* may wrap */
        if (!(layer->parts & part->bit) || x >= layer->w || y >= layer->h)
            continue;
        float k = (float)layer->coverage[(size_t)y * layer->w + x] * (1.0f / 255);
        colour += (layer->rgb[channel] - colour) * k;
    }
    return colour;
}

static bool inked_span(const struct cw_plan *plan, const struct cw_plan_part *part,
                       const uint32_t at[2]) {
    for (size_t i = 0; i < plan->layer_count; i++) {
        const struct cw_layer *layer = &plan->layers[i];
        const struct cw_spans *spans = part->spans;
        if (!(layer->parts & part->bit) || at[1] - layer->y >= layer->h)
            continue;
        const struct cw_span_row *row = &spans->rows[at[1] - spans->y];
        for (uint32_t k = row->span; k < row[1].span; k++) {
            uint32_t from = spans->spans[k].block * (uint32_t)CW_PACK_BLOCK;
            uint32_t to = from + spans->spans[k].count * (uint32_t)CW_PACK_BLOCK;
            if (at[0] >= from && at[0] < to && layer->x < to && layer->x + layer->w > from)
                return true;
        }
    }
    return false;
}

static float part_light(const struct cw_plan *plan, const struct cw_plan_part *part,
                        const uint32_t at[2], size_t channel) {
    const struct cw_part_light *light = &part->light;
    float tinted, plain;
    if (!step_at(part->spans, light->tinted, at, &tinted) ||
        !step_at(part->spans, light->plain, at, &plain))
        return 0;
    if (inked_span(plan, part, at))
        return tinted * light->tinted_unit * ink(plan, part, at, channel) +
               plain * light->plain_unit;
    if (!light->tinted)
        return plain * light->plain_unit;
    if (!light->plain)
        return tinted * light->tint[channel];
    return tinted * light->tint[channel] + plain * light->plain_unit;
}

static float light_at(const struct cw_plan *plan, const uint32_t at[2], size_t channel) {
    float free, sum = plan->background[channel];
    if (!step_at(&plan->level->ground, plan->level->free, at, &free))
        return sum;
    sum = free * (plan->background[channel] / UINT16_MAX);
    for (size_t i = 0; i < plan->part_count; i++)
        sum += part_light(plan, &plan->parts[i], at, channel);
    return sum;
}

/* One channel of the level, then of the picture. */
static void check_channel(const struct cw_plan *plan, const struct cw_picture *picture,
                          size_t channel) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_pack_level *level = plan->level;
    size_t width = level->width_px;
    float *light = cw_arena_array(arena, width * level->height_px, sizeof *light);
    for (uint32_t y = 0; y < level->height_px; y++)
        for (uint32_t x = 0; x < width; x++)
            light[y * width + x] = light_at(plan, (const uint32_t[]){x, y}, channel);
    struct cw_filter across, down;
    cw_filter_make(arena, level->width_px, picture->width, &across);
    cw_filter_make(arena, level->height_px, picture->height, &down);
    float *column = cw_arena_array(arena, width, sizeof *column);
    for (uint32_t y = 0; y < picture->height; y++) {
        const struct cw_tap *tap = &down.taps[y];
        for (size_t x = 0; x < width; x++) {
            column[x] = 0;
            for (uint32_t k = 0; k < tap->count; k++)
                column[x] += light[(tap->first + k) * width + x] * tap->weights[k];
        }
        for (uint32_t x = 0; x < picture->width; x++) {
            float sum = 0;
            for (uint32_t k = 0; k < across.taps[x].count; k++)
                sum += column[across.taps[x].first + k] * across.taps[x].weights[k];
            int got = picture->rgb[((size_t)y * picture->width + x) * 3 + channel];
            if (got != cw_srgb_byte[cw_srgb_step(sum)])
                fail_msg("width %u, pixel %u,%u channel %zu: %d instead of %d", picture->width, x,
                         y, channel, got, cw_srgb_byte[cw_srgb_step(sum)]);
        }
    }
}

/* A pattern needs no fonts. */
static const struct cw_scene_decal pattern = {
    .kind = CW_DECAL_PATTERN,
    .surface = "wrap",
    .rgb = {250, 200, 20},
    .size_um = {229336, 150000},
    .zone_um = {-100000, -60000, 200000, 120000},
    .tile_um = {12000, 12000},
    .path = "M 0 0 L 7000 0 L 7000 5000 L 0 9000 Z",
};

static struct cw_scene make_scene(struct cw_scene_part *parts, const char *finish) {
    for (size_t i = 0; i < pack->parts.count; i++)
        parts[i] = (struct cw_scene_part){
            .part = pack->parts.items[i],
            .finish = finish,
            .rgb = {(uint8_t)(i * 83 + 11), (uint8_t)(i * 47 + 90), (uint8_t)(255 - i * 60)}};
    return (struct cw_scene){.view = "three_quarter",
                             .background = {200, 212, 224},
                             .part_count = pack->parts.count,
                             .parts = parts};
}

static void check_scalar(uint32_t width, const char *finish, size_t decal_count) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_scene_part parts[CW_ART_NAMES];
    struct cw_scene scene = make_scene(parts, finish);
    struct cw_scene_decal decal = pattern;
    decal.surface = pack->surfaces.items[0];
    scene.width_px = width;
    scene.decals = &decal;
    scene.decal_count = decal_count;
    struct cw_error err = {0};
    struct cw_plan plan = {0};
    CW_AUTO_PICTURE struct cw_picture picture = {0};
    const struct cw_plan_input input = {.pack = pack, .scene = &scene};
    if (cw_compose(NULL, pack, &scene, &picture, &err) || cw_plan_make(arena, &input, &plan, &err))
        fail_msg("%s", err.message);
    assert_int_equal(plan.layer_count, decal_count);
    assert_true(decal_count == 0 || plan.layers[0].w > 0);
    for (size_t channel = 0; channel < 3; channel++)
        check_channel(&plan, &picture, channel);
}

static void test_scalar_gives_the_same_bytes(void **state) {
    (void)state;
    static const uint32_t sizes[] = {64, 77, 300, 511, 512};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        cw_wide_init(/* wanted: */ i % 2 == 0);
        check_scalar(sizes[i], "powder", 1);
        check_scalar(sizes[i], "brushed", 0);
    }
    check_scalar(1024, "gloss", 1);
    check_scalar(1700, "brushed", 1);
}

/* ---- the formula ----------------------------------------------------------------------------- */

static double decode(double v) {
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double encode(double x) {
    x = x < 0 ? 0 : x > 1 ? 1 : x;
    return 255 * (x <= 0.0031308 ? x * 12.92 : 1.055 * pow(x, 1 / 2.4) - 0.055);
}

static double byte_at(const struct cw_plane *plane, const uint32_t at[2]) {
    uint32_t x = at[0] - plane->x, y = at[1] - plane->y; /* may wrap */
    return x < plane->w && y < plane->h ? plane->data[(size_t)y * plane->w + x] / 255.0 : 0;
}

static double formula(const struct cw_art_view *view, const struct cw_scene *scene,
                      const struct cw_art_finish *finish, const uint32_t at[2], size_t channel) {
    double sum = 0, cover = 0;
    for (size_t i = 0; i < view->part_count; i++) {
        uint64_t bit = UINT64_C(1) << view->parts[i].part;
        double m = byte_at(&view->parts[i].mask, at);
        double d = decode(byte_at(&finish->diffuse, at)) * (double)view->diffuse_scale;
        double s = decode(byte_at(&finish->specular, at)) * (double)view->specular_scale;
        double c = decode(scene->parts[view->parts[i].part].rgb[channel] / 255.0);
        cover += m;
        if (art.fixed_parts & bit)
            sum += m * s;
        else
            sum += finish->metal_parts & bit ? m * c * s : m * (c * d + s);
    }
    double free = cover < 1 ? 1 - cover : 0;
    return sum +
           free * (1 - byte_at(&view->shadow, at)) * decode(scene->background[channel] / 255.0);
}

/* Half a level, and what 16-bit light and the sRGB table may add (pack_level.c, srgb.c). */
static void check_formula(const char *finish_name) {
    const struct cw_art_view *view = &art.views[0];
    while (strcmp(view->name, "three_quarter") != 0)
        view++;
    const struct cw_art_finish *finish = view->finishes;
    while (strcmp(art.finishes.items[finish->finish], finish_name) != 0)
        finish++;
    struct cw_scene_part parts[CW_ART_NAMES];
    struct cw_scene scene = make_scene(parts, finish_name);
    scene.width_px = view->width_px;
    struct cw_error err = {0};
    CW_AUTO_PICTURE struct cw_picture picture = {0};
    assert_int_equal(cw_compose(NULL, pack, &scene, &picture, &err), CW_OK);
    double worst = 0;
    for (uint32_t i = 0; i < picture.width * picture.height; i += 7) {
        const uint32_t at[2] = {i % picture.width, i / picture.width};
        for (size_t channel = 0; channel < 3; channel++) {
            double want = encode(formula(view, &scene, finish, at, channel));
            double off = fabs(picture.rgb[(size_t)i * 3 + channel] - want);
            worst = off > worst ? off : worst;
            if (off > 0.53)
                fail_msg("%s at %u,%u channel %zu: %d instead of %.3f", finish_name, at[0], at[1],
                         channel, picture.rgb[(size_t)i * 3 + channel], want);
        }
    }
    print_message("%s: at most %.4f levels from the formula\n", finish_name, worst);
}

static void test_formula_in_double(void **state) {
    (void)state;
    check_formula("powder");
    check_formula("brushed");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalar_gives_the_same_bytes),
        cmocka_unit_test(test_formula_in_double),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
