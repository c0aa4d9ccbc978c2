/*
 * Art packs: whatever a file says, opening refuses it or everything that is drawn from it stays
 * inside the file. Input: one whole pack; its length is put right, so that changed ones get past
 * the first check.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "compose.h"
#include "fuzz.h"
#include "wide.h"
#include "base/srgb.h"

/* A pattern needs no fonts. */
static const struct cw_scene_decal pattern = {
    .kind = CW_DECAL_PATTERN,
    .surface = "area",
    .rgb = {9, 8, 7},
    .size_um = {40000, 30500},
    .zone_um = {-20000, -15000, 40000, 30000},
    .tile_um = {9000, 9000},
    .path = "M 0 0 L 7000 0 L 0 9000 Z",
    .text = "",
    .font_stack = "",
};

/* Every blend mode, and the decals between them. */
static const struct cw_scene_layer layers[] = {
    {.picture = "card", .surface = "", .opacity_percent = 100, .rgb = {255, 200, 9}},
    {.picture = "grey", .surface = "", .blend = CW_BLEND_MULTIPLY, .opacity_percent = 60},
    {.picture = "", .surface = "area", .blend = CW_BLEND_OVERLAY, .opacity_percent = 90},
    {.picture = "art", .surface = "", .blend = CW_BLEND_SCREEN, .opacity_percent = 100},
    {.picture = "card", .surface = "", .blend = CW_BLEND_OVERLAY, .opacity_percent = 1},
};

static void draw(const struct cw_pack *pack, const char *view, uint32_t width,
                 const struct cw_frame *frame) {
    /* the pack's first tile, when it has one, lies on the pattern */
    struct cw_scene_decal decals[] = {pattern, pattern};
    decals[1].tile = pack->tiles;
    decals[1].box_um[2] = CW_REPEAT_BRICK;
    const struct cw_scene_part part = {.part = "left", .finish = "plain", .rgb = {200, 100, 0}};
    const struct cw_scene scene = {.view = view,
                                   .width_px = width,
                                   .background = {1, 2, 3},
                                   .frame = *frame,
                                   .part_count = 1,
                                   .parts = &part,
                                   .decal_count = pack->tile_count > 0 ? 2 : 1,
                                   .decals = decals,
                                   .layer_count = sizeof layers / sizeof *layers,
                                   .layers = layers};
    struct cw_error err = {0};
    CW_AUTO_PICTURE struct cw_picture picture = {0};
    enum cw_status status = cw_compose(NULL, pack, &scene, &picture, &err);
    assert(status == CW_OK || (err.code && err.message[0]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool ready, wide;
    if (!ready) {
        cw_srgb_init();
        cw_wide_init(/* wanted: */ true);
        wide = cw_wide;
    }
    ready = true;
    cw_wide = wide && size % 2; /* both kinds of loops */
    int fd = memfd_create("pack", MFD_CLOEXEC);
    assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    uint64_t length = size;
    assert(size < 16 || pwrite(fd, &length, sizeof length, 8) == sizeof length);
    struct cw_pack *pack = NULL;
    struct cw_error err = {0};
    enum cw_status status = cw_pack_open(fd, &pack, &err);
    close(fd);
    if (status != CW_OK) {
        assert(status == CW_E_INPUT || status == CW_E_LIMIT);
        assert(err.code && err.message[0]);
        return 0;
    }
    fuzz_accepted++;
    for (size_t i = 0; i < pack->view_count; i++) {
        static const struct cw_frame whole, part = {{13, 0, 50, 20}, true, true};
        draw(pack, pack->views[i].name, 64, &whole);
        draw(pack, pack->views[i].name, 71, &whole);
        draw(pack, pack->views[i].name, 64, &part);
        draw(pack, pack->views[i].name, 71, &part);
    }
    cw_pack_free(pack);
    return 0;
}
