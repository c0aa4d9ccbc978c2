/*
 * Flat views: the arithmetic of every blend mode against the formulas of W3C Compositing and
 * Blending Level 1 in double precision and straight alpha; where decals land; the same product with
 * and without a background; and pictures drawn from remembered ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blend_wide.h"
#include "compose.h"
#include "cordwain/limits.h"
#include "encode.h"
#include "pack_write.h"
#include "recent.h"
#include "base/srgb.h"

#define WIDTH  128
#define HEIGHT 96

static char dir[] = "/tmp/cw-sheet-XXXXXX";
static struct cw_pack *pack;

/* ---- the formulas ---------------------------------------------------------------------------- */

struct straight {
    double c[3], alpha;
};

/* §9.1: B(cb, cs) */
static double blend(enum cw_blend mode, double cb, double cs) {
    switch (mode) {
    case CW_BLEND_NORMAL:
        return cs;
    case CW_BLEND_MULTIPLY:
        return cb * cs;
    case CW_BLEND_SCREEN:
        return cb + cs - cb * cs;
    case CW_BLEND_OVERLAY: /* hard light with the layers swapped */
        return cb <= 0.5 ? cs * 2 * cb : cs + (2 * cb - 1) - cs * (2 * cb - 1);
    }
    return 0;
}

/* §5.8 and §9.1.4, source-over and source-atop (Fa = αb, Fb = 1 - αs). */
static struct straight composite(enum cw_blend mode, bool atop, const struct straight *b,
                                 const struct straight *s) {
    struct straight ret = {.alpha = atop ? b->alpha : s->alpha + b->alpha - s->alpha * b->alpha};
    for (size_t i = 0; i < 3; i++) {
        double mixed = (1 - b->alpha) * s->c[i] + b->alpha * blend(mode, b->c[i], s->c[i]);
        double fa = atop ? b->alpha : 1;
        double co = s->alpha * fa * mixed + b->alpha * b->c[i] * (1 - s->alpha);
        ret.c[i] = ret.alpha > 0 ? co / ret.alpha : 0;
    }
    return ret;
}

static uint32_t seed = 7;

static uint32_t pick(uint32_t count) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % count;
}

static double pick_share(void) {
    static const double edges[] = {0, 1, 0.5};
    return pick(4) == 0 ? edges[pick(3)] : pick(65536) / 65535.0;
}

static struct straight pick_pixel(void) {
    struct straight p = {.alpha = pick_share()};
    for (size_t i = 0; i < 3; i++)
        p.c[i] = pick_share();
    return p;
}

static void put_group(const struct cw_light_row *group, size_t x, const struct straight *p) {
    for (size_t c = 0; c < 3; c++)
        group->light[c * group->stride + x] = (float)(p->c[c] * p->alpha);
    group->light[3 * group->stride + x] = (float)p->alpha;
}

/* Colours weigh as much as alpha shows of them. */
static void expect_group(const struct cw_light_row *group, size_t x, const struct straight *p,
                         const char *what) {
    for (size_t c = 0; c < 4; c++) {
        double want = c < 3 ? p->c[c] * p->alpha : p->alpha;
        double have = (double)group->light[c * group->stride + x];
        if (fabs(have - want) > 5e-5)
            fail_msg("%s, pixel %zu, channel %zu: %f, formula %f", what, x, c, have, want);
    }
}

/* What a picture of so many channels can hold of a pixel, and its steps. */
static void put_steps(size_t channels, size_t x, struct straight *p, uint16_t *steps) {
    if (channels == 1)
        p->c[0] = 1;
    for (size_t c = 0; c < 3 && channels < 4; c++)
        p->c[c] = p->c[0];
    uint16_t *block = steps + x / 8 * 8 * channels + x % 8;
    for (size_t c = 0; c + 1 < channels; c++)
        block[8 * c] = (uint16_t)lround(p->c[c] * p->alpha * 65535);
    block[8 * (channels - 1)] = (uint16_t)lround(p->alpha * 65535);
}

static void check_sheet(enum cw_blend mode, size_t channels) {
    enum { PIXELS = 256 };
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    static _Alignas(64) uint16_t steps[PIXELS * 4];
    const struct cw_light_row group = cw_light_row_new(arena, PIXELS);
    struct cw_sheet sheet = {
        .channels = channels, .blend = mode, .opacity = 0.75f, .tint = {0.25f, 1, 0.5f}};
    struct straight wanted[PIXELS];
    for (size_t x = 0; x < PIXELS; x++) {
        struct straight b = pick_pixel(), s = pick_pixel();
        put_group(&group, x, &b);
        put_steps(channels, x, &s, steps);
        for (size_t c = 0; c < 3; c++)
            s.c[c] *= (double)sheet.tint[c];
        s.alpha *= (double)sheet.opacity;
        wanted[x] = composite(mode, false, &b, &s);
    }
    const struct cw_span span = {0, PIXELS / 8};
    cw_blend_sheet(&group, (struct cw_run){&span, 1}, &sheet, steps);
    for (size_t x = 0; x < PIXELS; x++)
        expect_group(&group, x, &wanted[x], "sheet");
}

static void check_atop(enum cw_blend mode) {
    enum { PIXELS = 256 };
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    const struct cw_light_row group = cw_light_row_new(arena, PIXELS);
    const struct cw_sheet ink = {.blend = mode, .opacity = 0.5f, .tint = {0.9f, 0.1f, 0.4f}};
    uint8_t coverage[PIXELS];
    struct straight wanted[PIXELS];
    for (size_t x = 0; x < PIXELS; x++) {
        struct straight b = pick_pixel();
        coverage[x] = (uint8_t)pick(256);
        struct straight s = {.alpha = coverage[x] / 255.0 * (double)ink.opacity};
        for (size_t c = 0; c < 3; c++)
            s.c[c] = (double)ink.tint[c];
        put_group(&group, x, &b);
        wanted[x] = x < 3 ? b : composite(mode, true, &b, &s);
    }
    cw_blend_atop(&group, (const uint32_t[]){3, PIXELS}, coverage + 3, &ink);
    for (size_t x = 0; x < PIXELS; x++)
        expect_group(&group, x, &wanted[x], "ink");
}

static void test_formulas(void **state) {
    (void)state;
    for (enum cw_blend mode = CW_BLEND_NORMAL; mode <= CW_BLEND_OVERLAY; mode++) {
        for (size_t channels = 1; channels <= 4; channels *= 2)
            check_sheet(mode, channels);
        check_atop(mode);
    }
}

/* ---- a bundle -------------------------------------------------------------------------------- */

static void write_file(const char *name, const void *data, size_t length) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, length, file), length);
    fclose(file);
}

static void write_text(const char *name, const char *text) {
    write_file(name, text, strlen(text));
}

/* What the importer would have made of a picture: one colour inside [x0, x1) × [y0, y1). */
static void write_picture(const char *name, const uint32_t box[4], const uint8_t rgba[4]) {
    static uint8_t bytes[8 + WIDTH * HEIGHT * 4];
    memset(bytes, 0, sizeof bytes);
    bytes[0] = WIDTH;
    bytes[4] = HEIGHT;
    for (uint32_t y = box[1]; y < box[3]; y++)
        for (uint32_t x = box[0]; x < box[2]; x++)
            memcpy(bytes + 8 + ((size_t)y * WIDTH + x) * 4, rgba, 4);
    write_file(name, bytes, sizeof bytes);
}

static const char view_json[] =
    "{\"width\": 128, \"height\": 96,"
    " \"pictures\": {\"card\": {\"file\": \"card.svg\"}, \"grey\": {\"file\": \"grey.png\"},"
    "  \"art\": {\"file\": \"art.png\", \"mask\": \"half.svg\"}},"
    " \"surfaces\": {\"face\": {\"rect_px\": [16, 8, 80, 80], \"size_mm\": [80, 80]},"
    "  \"half\": {\"rect_px\": [0, 0, 4, 4], \"mask\": \"half.svg\", \"size_mm\": [4, 4]}}}";

static enum cw_status build(struct cw_buf *bytes, struct cw_error *err) {
    cw_buf_reset(bytes);
    return cw_pack_build(dir, dir, bytes, err);
}

static int setup(void **state) {
    (void)state;
    static const uint32_t card[] = {8, 8, 120, 88}, band[] = {8, 40, 120, 56},
                          all[] = {0, 0, 128, 96};
    static const uint8_t white[] = {255, 255, 255, 255}, grey[] = {64, 64, 64, 128};
    static const uint8_t red[] = {200, 30, 10, 255}, half[] = {128, 128, 128, 255};
    cw_srgb_init();
    cw_wide_init(/* wanted: */ true);
    if (!mkdtemp(dir))
        return -1;
    char path[256];
    snprintf(path, sizeof path, "%s/front", dir);
    mkdir(path, 0700);
    write_text("product.json",
               "{\"product\": \"tag\", \"parts\": [{\"name\": \"card\"}], \"views\": "
               "[{\"name\": \"front\"}]}");
    write_text("front/view.json", view_json);
    write_picture("front.card.svg", card, white);
    write_picture("front.grey.png", band, grey);
    write_picture("front.art.png", band, red);
    write_picture("front.half.svg", all, half);
    struct cw_error err = {0};
    CW_AUTO_BUF struct cw_buf bytes = {0};
    int fd = memfd_create("pack", MFD_CLOEXEC);
    bool fine = build(&bytes, &err) == CW_OK &&
                write(fd, bytes.data, bytes.length) == (ssize_t)bytes.length &&
                cw_pack_open(fd, &pack, &err) == CW_OK;
    close(fd);
    if (!fine)
        print_error("%s\n", err.message);
    return fine ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    cw_pack_free(pack);
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", dir);
    return system(command);
}

static void test_pack(void **state) {
    (void)state;
    const struct cw_pack_view *view = &pack->views[0];
    assert_true(cw_pack_view_is_flat(view));
    assert_int_equal(view->picture_count, 3);
    assert_int_equal(view->picture_channels[0], 1); /* white */
    assert_int_equal(view->picture_channels[1], 2); /* grey */
    assert_int_equal(view->picture_channels[2], 4);
    assert_int_equal(view->level_count, 2); /* 128 and 64 */
    for (size_t i = 0; i < 2; i++) {
        const struct cw_pack_level *level = &view->levels[i];
        assert_int_equal(level->surfaces[0].mask.w, 80 >> i);
        assert_int_equal(level->surfaces[0].mask.data[0], 255);
        assert_int_equal(level->pictures[1].spans.y, 40 >> i); /* only where it is */
        assert_int_equal(level->pictures[1].spans.h, 16 >> i);
    }
    assert_int_equal(view->levels[0].surfaces[1].mask.data[0], 128); /* its own mask */
    /* a picture is half as strong under a grey mask */
    const struct cw_pack_picture *art = &view->levels[0].pictures[2];
    assert_int_equal(art->steps[3 * 8], 128 * 257);
}

/* ---- pictures -------------------------------------------------------------------------------- */

static struct cw_scene_layer layers[] = {
    {.picture = "card", .surface = "", .opacity_percent = 100, .rgb = {230, 180, 90}},
    {.picture = "art",
     .surface = "",
     .blend = CW_BLEND_MULTIPLY,
     .opacity_percent = 80,
     .rgb = {255, 255, 255}},
    {.picture = "", .surface = "face", .opacity_percent = 100, .rgb = {255, 255, 255}},
    {.picture = "grey",
     .surface = "",
     .blend = CW_BLEND_SCREEN,
     .opacity_percent = 100,
     .rgb = {255, 255, 255}},
};

/* One tile over all of the zone: millimetre 10 to 30 across and 20 to 40 down of the surface. */
static struct cw_scene_decal decal = {.kind = CW_DECAL_PATTERN,
                                      .surface = "face",
                                      .rgb = {10, 20, 160},
                                      .size_um = {80000, 80000},
                                      .zone_um = {-30000, 0, 20000, 20000},
                                      .tile_um = {20000, 20000},
                                      .path = "M 0 0 L 20000 0 L 20000 20000 L 0 20000 Z",
                                      .text = "",
                                      .font_stack = ""};

static struct cw_scene scene_of(uint32_t width_px) {
    return (struct cw_scene){.view = "front",
                             .width_px = width_px,
                             .format = CW_FORMAT_PNG,
                             .background = {250, 240, 255},
                             .decal_count = 1,
                             .decals = &decal,
                             .layer_count = sizeof layers / sizeof *layers,
                             .layers = layers};
}

static void compose(const struct cw_scene *scene, struct cw_picture *ret) {
    struct cw_error err = {0};
    if (cw_compose(NULL, pack, scene, ret, &err))
        fail_msg("%s", err.message);
}

static double linear(uint8_t byte) {
    double v = byte / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double encoded(double light) {
    double v = light <= 0.0031308 ? light * 12.92 : 1.055 * pow(light, 1 / 2.4) - 0.055;
    return v * 255;
}

static struct straight pixel(const uint8_t rgb[3], double alpha) {
    return (struct straight){{linear(rgb[0]), linear(rgb[1]), linear(rgb[2])}, alpha};
}

/* The stack of a pixel inside the card: in the band or not, inked or not. */
static struct straight stacked(bool band, bool inked) {
    static const uint8_t red[] = {200, 30, 10}, grey[] = {128, 128, 128};
    struct straight b = pixel(layers[0].rgb, 1);
    struct straight s = pixel(red, 128 / 255.0 * 0.8);
    if (band)
        b = composite(CW_BLEND_MULTIPLY, false, &b, &s);
    s = pixel(decal.rgb, 1);
    if (inked)
        b = composite(CW_BLEND_NORMAL, true, &b, &s);
    s = pixel(grey, 128 / 255.0);
    if (band)
        b = composite(CW_BLEND_SCREEN, false, &b, &s);
    return b;
}

static void expect_pixel(const struct cw_picture *picture, const uint32_t at[2],
                         const struct straight *want) {
    const uint8_t *have =
        picture->rgb + ((size_t)at[1] * picture->width + at[0]) * cw_picture_pixel_bytes(picture);
    for (size_t c = 0; c < 3; c++)
        if (fabs(have[c] - encoded(want->c[c])) > 1.01)
            fail_msg("pixel %u,%u, channel %zu: %u, formula %.2f", at[0], at[1], c, have[c],
                     encoded(want->c[c]));
}

static void test_picture(void **state) {
    (void)state;
    const struct cw_scene scene = scene_of(WIDTH);
    CW_AUTO_PICTURE struct cw_picture picture = {0};
    compose(&scene, &picture);
    /* the surface begins at pixel 16, 8 and has one pixel a millimetre */
    static const struct {
        uint32_t at[2];
        bool band, inked;
    } pixels[] = {{{10, 10}, false, false}, {{119, 87}, false, false}, {{26, 28}, false, true},
                  {{45, 39}, false, true},  {{25, 39}, false, false},  {{46, 30}, false, false},
                  {{30, 27}, false, false}, {{30, 40}, true, true},    {{45, 47}, true, true},
                  {{45, 48}, true, false},  {{119, 55}, true, false}};
    for (size_t i = 0; i < sizeof pixels / sizeof *pixels; i++) {
        const struct straight want = stacked(pixels[i].band, pixels[i].inked);
        expect_pixel(&picture, pixels[i].at, &want);
    }
    const struct straight outside = pixel(scene.background, 1);
    expect_pixel(&picture, (const uint32_t[]){7, 40}, &outside);
}

/* The group is isolated: what is drawn does not depend on what it lies on. */
static void test_transparent(void **state) {
    (void)state;
    for (uint32_t width = 64; width <= 128; width += 32) {
        struct cw_scene scene = scene_of(width);
        CW_AUTO_PICTURE struct cw_picture opaque = {0}, clear = {0};
        compose(&scene, &opaque);
        scene.frame.transparent = true;
        compose(&scene, &clear);
        assert_true(clear.alpha);
        for (size_t i = 0; i < (size_t)clear.width * clear.height; i++) {
            double alpha = clear.rgb[4 * i + 3] / 255.0;
            for (size_t c = 0; c < 3; c++) {
                double want = encoded(linear(clear.rgb[4 * i + c]) * alpha +
                                      linear(scene.background[c]) * (1 - alpha));
                if (fabs(want - opaque.rgb[3 * i + c]) > 1.6)
                    fail_msg("width %u, pixel %zu: %u, over the background %.2f", width, i,
                             opaque.rgb[3 * i + c], want);
            }
        }
    }
}

/* A crop has the pixels of the whole picture, at a stored width and at another. */
static void test_crop(void **state) {
    (void)state;
    for (uint32_t width = 96; width <= 128; width += 32) {
        struct cw_scene scene = scene_of(width);
        CW_AUTO_PICTURE struct cw_picture whole = {0}, part = {0};
        compose(&scene, &whole);
        memcpy(scene.frame.crop_px, (const uint32_t[]){17, 20, 50, 31}, sizeof(uint32_t[4]));
        compose(&scene, &part);
        assert_int_equal(part.width, 50);
        for (uint32_t y = 0; y < 31; y++)
            assert_memory_equal(part.rgb + (size_t)y * 50 * 3,
                                whole.rgb + ((size_t)(20 + y) * width + 17) * 3, 50 * 3);
    }
}

/* No ink where nothing is printed on. */
static void test_ink_needs_paper(void **state) {
    (void)state;
    struct cw_scene scene = scene_of(WIDTH);
    layers[0].opacity_percent = 0;
    CW_AUTO_PICTURE struct cw_picture picture = {0};
    compose(&scene, &picture);
    layers[0].opacity_percent = 100;
    const struct straight background = pixel(scene.background, 1);
    expect_pixel(&picture, (const uint32_t[]){30, 30}, &background);
}

/* A surface that no layer names lies on top. */
static void test_surface_on_top(void **state) {
    (void)state;
    struct cw_scene scene = scene_of(WIDTH);
    scene.layer_count = 2;
    CW_AUTO_PICTURE struct cw_picture picture = {0};
    compose(&scene, &picture);
    const struct straight ink = pixel(decal.rgb, 1);
    expect_pixel(&picture, (const uint32_t[]){30, 42}, &ink);
}

static void expect_refused(const struct cw_scene *scene, const char *code) {
    struct cw_error err = {0};
    CW_AUTO_PICTURE struct cw_picture picture = {0};
    assert_int_equal(cw_compose(NULL, pack, scene, &picture, &err), CW_E_INPUT);
    assert_string_equal(err.code, code);
}

static void test_unknown(void **state) {
    (void)state;
    struct cw_scene_layer layer = {.picture = "foil", .surface = "", .opacity_percent = 100};
    struct cw_scene scene = scene_of(WIDTH);
    scene.layer_count = 1;
    scene.layers = &layer;
    expect_refused(&scene, "render.picture_unknown");
    layer = (struct cw_scene_layer){.picture = "", .surface = "back", .opacity_percent = 100};
    expect_refused(&scene, "render.surface_unknown");
}

static void test_recent(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf got = {0}, want = {0};
    struct cw_recent *recent = cw_recent_new();
    struct cw_scene_layer before[4];
    memcpy(before, layers, sizeof before);
    for (int i = 0; i < 200; i++) {
        const struct cw_scene scene = scene_of(i % 50 < 40 ? WIDTH : 96);
        struct cw_scene_layer *layer = &layers[pick(4)];
        struct cw_error err = {0};
        uint32_t size[2];
        layer->opacity_percent = (uint8_t)(pick(3) * 50);
        layer->blend = (enum cw_blend)pick(4);
        layer->rgb[pick(3)] = (uint8_t)pick(256);
        decal.rgb[0] = (uint8_t)(pick(2) * 200);
        const struct cw_plan_input input = {.pack = pack, .scene = &scene};
        cw_buf_reset(&got);
        assert_int_equal(cw_recent_draw(recent, &input, &got, size, &err), CW_OK);
        CW_AUTO_PICTURE struct cw_picture picture = {0};
        compose(&scene, &picture);
        cw_buf_reset(&want);
        assert_int_equal(cw_encode(&picture, scene.format, "", &want, &err), CW_OK);
        if (got.length != want.length || memcmp(got.data, want.data, got.length) != 0)
            fail_msg("step %d: other bytes than drawn anew", i);
    }
    memcpy(layers, before, sizeof before);
    decal.rgb[0] = 10;
    cw_recent_free(recent);
}

/* ---- bundles that are wrong ------------------------------------------------------------------ */

static void expect_bundle(const char *view, const char *code, const char *in_message) {
    struct cw_error err = {0};
    CW_AUTO_BUF struct cw_buf bytes = {0};
    write_text("front/view.json", view);
    enum cw_status status = build(&bytes, &err);
    write_text("front/view.json", view_json);
    assert_int_not_equal(status, CW_OK);
    assert_string_equal(err.code, code);
    if (!strstr(err.message, in_message))
        fail_msg("'%s' does not name '%s'", err.message, in_message);
}

static void test_wrong_bundles(void **state) {
    (void)state;
#define VIEW(size, more) "{" size ", " more "}"
#define SIZE             "\"width\": 128, \"height\": 96"
#define PICTURES         "\"pictures\": {\"card\": {\"file\": \"card.svg\"}}"
    expect_bundle(VIEW("\"width\": 128, \"height\": 95", PICTURES ", \"surfaces\": {}"), "art.size",
                  "'card.svg' is 128x96, the view is 128x95");
    expect_bundle(VIEW(SIZE, "\"pictures\": {}, \"surfaces\": {}"), "art.json", "empty");
    expect_bundle(VIEW(SIZE, PICTURES ", \"parts\": {}, \"surfaces\": {}"), "art.json", "either");
    expect_bundle(VIEW(SIZE, "\"pictures\": {\"card\": {\"file\": \"../x\"}}, \"surfaces\": {}"),
                  "art.json", "plain file name");
    expect_bundle(
        VIEW(SIZE, "\"pictures\": {\"card\": {\"file\": \"none.svg\"}}, \"surfaces\": {}"),
        "file.not_found", "front.none.svg");
    expect_bundle(VIEW(SIZE, PICTURES ", \"surfaces\": {\"face\": {\"size_mm\": [9, 9], "
                                      "\"rect_px\": [49, 0, 80, 80]}}"),
                  "art.surface", "inside the view");
    struct cw_error err = {0};
    CW_AUTO_BUF struct cw_buf bytes = {0};
    assert_int_equal(cw_pack_build(dir, NULL, &bytes, &err), CW_E_INPUT);
    assert_string_equal(err.code, "art.picture");
    write_text("front.card.svg", "<svg/>");
    cw_buf_reset(&bytes);
    err = (struct cw_error){0};
    assert_int_equal(build(&bytes, &err), CW_E_INPUT);
    assert_string_equal(err.code, "art.picture");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formulas),       cmocka_unit_test(test_pack),
        cmocka_unit_test(test_picture),        cmocka_unit_test(test_transparent),
        cmocka_unit_test(test_crop),           cmocka_unit_test(test_ink_needs_paper),
        cmocka_unit_test(test_surface_on_top), cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_recent),         cmocka_unit_test(test_wrong_bundles),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
