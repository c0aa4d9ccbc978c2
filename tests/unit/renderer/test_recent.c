/*
 * Pictures drawn from remembered ones have the bytes of pictures drawn anew, over random walks
 * through colours, finishes, decals, sizes, views, backgrounds and formats; and what is remembered
 * stays within its limit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "blend_wide.h"
#include "compose.h"
#include "cordwain/limits.h"
#include "encode.h"
#include "pack_write.h"
#include "recent.h"
#include "base/srgb.h"

#define DECALS 3

static struct cw_pack *pack;

static int setup(void **state) {
    (void)state;
    struct cw_error err = {0};
    CW_AUTO_BUF struct cw_buf bytes = {0};
    cw_srgb_init();
    cw_wide_init(/* wanted: */ true);
    int fd = memfd_create("pack", MFD_CLOEXEC);
    bool fine = cw_pack_build(CW_SOURCE_ROOT "/assets/art/bottle", NULL, &bytes, &err) == CW_OK &&
                write(fd, bytes.data, bytes.length) == (ssize_t)bytes.length &&
                cw_pack_open(fd, &pack, &err) == CW_OK;
    close(fd);
    return fine ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    cw_pack_free(pack);
    return 0;
}

/* A scene and room for what it points to. */
struct walk {
    uint32_t seed;
    struct cw_scene scene;
    struct cw_scene_part parts[CW_RENDER_PARTS];
    struct cw_scene_decal decals[DECALS];
};

static uint32_t pick(struct walk *w, uint32_t count) {
    w->seed = w->seed * 1664525u + 1013904223u;
    return (w->seed >> 8) % count;
}

static void pick_colour(struct walk *w, uint8_t rgb[3]) {
    for (size_t i = 0; i < 3; i++)
        rgb[i] = (uint8_t)(pick(w, 4) * 85);
}

static void pick_decal(struct walk *w, struct cw_scene_decal *decal) {
    static const char *const paths[] = {"M 0 0 L 7000 0 L 7000 5000 L 0 9000 Z",
                                        "M 1000 1000 L 9000 1000 L 5000 9000 Z"};
    int32_t low = (int32_t)pick(w, 3) * 15000 - 45000;
    *decal = (struct cw_scene_decal){.kind = CW_DECAL_PATTERN,
                                     .surface = pack->surfaces.items[0],
                                     .size_um = {229300, 120000},
                                     .zone_um = {-20000, low, 40000, 15000},
                                     .tile_um = {12000, 12000},
                                     .path = paths[pick(w, 2)],
                                     .text = "",
                                     .font_stack = ""};
    pick_colour(w, decal->rgb);
}

static void start(struct walk *w) {
    w->scene = (struct cw_scene){.view = pack->views[0].name,
                                 .width_px = 256,
                                 .part_count = pack->parts.count,
                                 .parts = w->parts,
                                 .decals = w->decals};
    for (size_t i = 0; i < pack->parts.count; i++)
        w->parts[i] = (struct cw_scene_part){.part = pack->parts.items[i], .finish = "powder"};
}

/* Whole or a part of it, with or without a background and a shadow. Every width is at least 64. */
static void pick_frame(struct walk *w) {
    struct cw_frame *frame = &w->scene.frame;
    *frame = (struct cw_frame){.transparent = w->scene.format == CW_FORMAT_PNG && pick(w, 2),
                               .no_shadow = pick(w, 2)};
    if (pick(w, 2))
        for (size_t i = 0; i < 4; i++)
            frame->crop_px[i] = 1 + pick(w, 30);
}

/* One change, mostly of a part. */
static void step(struct walk *w) {
    static const uint32_t widths[] = {256, 300, 64, 512};
    static const enum cw_format formats[] = {CW_FORMAT_PNG, CW_FORMAT_PNG, CW_FORMAT_JPEG};
    struct cw_scene_part *part = &w->parts[pick(w, (uint32_t)pack->parts.count)];
    switch (pick(w, 14)) {
    case 0:
        part->finish = pack->finishes.items[pick(w, (uint32_t)pack->finishes.count)];
        break;
    case 1:
    case 2:
        w->scene.decal_count = pick(w, DECALS + 1);
        for (size_t i = 0; i < w->scene.decal_count; i++)
            if (!w->decals[i].surface || pick(w, 2))
                pick_decal(w, &w->decals[i]);
        break;
    case 3:
        w->scene.width_px = widths[pick(w, sizeof widths / sizeof *widths)];
        break;
    case 4:
        w->scene.view = pack->views[pick(w, (uint32_t)pack->view_count)].name;
        break;
    case 5:
        w->scene.format = formats[pick(w, sizeof formats / sizeof *formats)];
        w->scene.frame.transparent = false; /* a JPEG has none */
        break;
    case 6:
        w->scene.background[0] = (uint8_t)(pick(w, 2) * 200);
        break;
    case 7:
        pick_frame(w);
        break;
    default:
        pick_colour(w, part->rgb);
    }
}

static void draw(struct cw_recent *recent, const struct cw_scene *scene, struct cw_buf *ret) {
    struct cw_error err = {0};
    uint32_t size[2] = {0};
    const struct cw_plan_input input = {.pack = pack, .scene = scene};
    cw_buf_reset(ret);
    if (cw_recent_draw(recent, &input, ret, size, &err))
        fail_msg("%s", err.message);
    assert_int_equal(size[0], scene->frame.crop_px[2] ? scene->frame.crop_px[2] : scene->width_px);
    assert_true(cw_recent_bytes(recent) <= CW_RENDER_RECENT_BYTES);
}

static void draw_cold(const struct cw_scene *scene, struct cw_buf *ret) {
    struct cw_error err = {0};
    CW_AUTO_PICTURE struct cw_picture picture = {0};
    cw_buf_reset(ret);
    if (cw_compose(NULL, pack, scene, &picture, &err) ||
        cw_encode(&picture, scene->format, "", ret, &err))
        fail_msg("%s", err.message);
}

static void test_same_bytes_as_cold(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf got = {0}, want = {0};
    for (uint32_t seed = 1; seed <= 4; seed++) {
        struct cw_recent *recent = cw_recent_new();
        struct walk walk = {.seed = seed};
        start(&walk);
        for (int i = 0; i < 120; i++) {
            draw(recent, &walk.scene, &got);
            draw_cold(&walk.scene, &want);
            if (got.length != want.length || memcmp(got.data, want.data, got.length) != 0)
                fail_msg("seed %u, step %d: other bytes than drawn anew", seed, i);
            step(&walk);
        }
        cw_recent_free(recent);
    }
}

/* Eight large pictures do not fit; the newest always stays. */
static void test_limit(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf got = {0};
    struct cw_recent *recent = cw_recent_new();
    struct walk walk = {.seed = 1};
    start(&walk);
    walk.scene.width_px = 2048;
    walk.scene.format = CW_FORMAT_JPEG;
    size_t one = (size_t)2048 * 2048 * 3;
    for (uint8_t i = 0; i < 4; i++) {
        walk.scene.background[1] = i;
        draw(recent, &walk.scene, &got);
        assert_true(cw_recent_bytes(recent) >= one);
    }
    size_t full = cw_recent_bytes(recent);
    assert_int_equal(full / one, CW_RENDER_RECENT_BYTES / one);
    walk.scene.width_px = CW_PREVIEW_MAX_PX; /* larger than all that is remembered */
    draw(recent, &walk.scene, &got);
    assert_in_range(cw_recent_bytes(recent), full - 2 * one, full);
    assert_true(cw_recent_bytes(recent) > 0);
    cw_recent_forget(recent, pack);
    assert_int_equal(cw_recent_bytes(recent), 0);
    cw_recent_free(recent);
}

/* A refused scene changes nothing that is remembered. */
static void test_refusal(void **state) {
    (void)state;
    CW_AUTO_BUF struct cw_buf got = {0}, want = {0};
    struct cw_recent *recent = cw_recent_new();
    struct walk walk = {.seed = 1};
    start(&walk);
    draw(recent, &walk.scene, &want);
    size_t bytes = cw_recent_bytes(recent);
    struct cw_error err = {0};
    uint32_t size[2];
    walk.parts[0].finish = "gold leaf";
    const struct cw_plan_input input = {.pack = pack, .scene = &walk.scene};
    assert_int_equal(cw_recent_draw(recent, &input, &got, size, &err), CW_E_INPUT);
    assert_string_equal(err.code, "render.finish_unknown");
    assert_int_equal(cw_recent_bytes(recent), bytes);
    walk.parts[0].finish = "powder";
    draw(recent, &walk.scene, &got);
    assert_int_equal(got.length, want.length);
    assert_memory_equal(got.data, want.data, got.length);
    cw_recent_free(recent);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_bytes_as_cold),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_refusal),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
