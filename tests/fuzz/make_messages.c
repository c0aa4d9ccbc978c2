/*
 * Responsible for: seeds of fuzz_job and fuzz_reply in the present form of the messages, written by
 * the encoders that ship, and spoilt in known ways. Does not: fuzz.
 *
 *   make_messages CORPUS            write them to CORPUS/job and CORPUS/reply
 *   make_messages --check CORPUS    fail when those that are there are others
 *
 * Seeds of an old version are refused at their first bytes and so test nothing: the check is a test
 * (tests/fuzz/meson.build).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/wire.h"
#include "cordwain/scene.h"
#include "preview/scene_encode.h"

struct maker {
    const char *corpus;
    bool check;
    int wrong;
};

static const struct cw_scene_decal decals[] = {
    {.kind = CW_DECAL_PATTERN,
     .surface = "heel",
     .rgb = {1, 2, 3},
     .process = CW_PROCESS_EMBOSS,
     .size_um = {60000, 50000},
     .zone_um = {-20000, -10000, 40000, 20000},
     .text = "",
     .font_stack = "",
     .tile_um = {5000, 5000},
     .path = "M0 0 L2500 0 L2500 2500 C0 2500 0 2500 0 0 Z",
     .digest = ""},
    {.kind = CW_DECAL_TEXT,
     .surface = "heel",
     .rgb = {200, 100, 50},
     .process = CW_PROCESS_EMBROIDER,
     .size_um = {60000, 50000},
     .zone_um = {-13000, -14000, 26000, 26000},
     .rotation_mdeg = -90000,
     .text = "Maya 7",
     .font_stack = "block",
     .min_letter_um = 3000,
     .max_letter_um = 11000,
     .path = "",
     .lettering = {.layout = CW_LAYOUT_PATH,
                   .numerals = CW_NUMERALS_SCRIPT,
                   .small_caps = true,
                   .spacing_milli = 40,
                   .path = "M -9000 0 C -3000 4000 3000 4000 9000 0"},
     .min_stroke_um = 600,
     .digest = ""},
    {.kind = CW_DECAL_TEXT,
     .surface = "wrap",
     .process = CW_PROCESS_PRINT,
     .size_um = {60000, 50000},
     .zone_um = {-13000, -14000, 26000, 26000},
     .text = "نیلوفر ۱۴۰۵",
     .font_stack = "naskh",
     .min_letter_um = 3000,
     .max_letter_um = 11000,
     .path = "",
     .lettering = {.layout = CW_LAYOUT_ARC_BOTTOM, .radius_um = 9000},
     .digest = ""},
    {.kind = CW_DECAL_ARTWORK,
     .surface = "heel",
     .size_um = {60000, 50000},
     .zone_um = {-20000, -10000, 40000, 20000},
     .rotation_mdeg = 12500,
     .text = "",
     .font_stack = "",
     .path = "",
     .digest = "sha-256:aa",
     .box_um = {100, -200, 30000, 15000}},
    {.kind = CW_DECAL_PATTERN,
     .surface = "heel",
     .size_um = {60000, 50000},
     .zone_um = {-20000, -10000, 40000, 20000},
     .text = "",
     .font_stack = "",
     .tile_um = {30000, 20000},
     .path = "",
     .digest = "marble",
     .box_um = {7000, 4000, CW_REPEAT_BRICK, 0}},
};

static const struct cw_scene_part parts[] = {{"upper", "leather", {10, 20, 30}},
                                             {"sole", "rubber", {200, 200, 190}}};
static const struct cw_scene_layer layers[] = {
    {.picture = "paper", .surface = "", .opacity_percent = 100, .rgb = {255, 255, 255}},
    {.picture = "",
     .surface = "heel",
     .blend = CW_BLEND_MULTIPLY,
     .opacity_percent = 70,
     .rgb = {255, 255, 255}}};

/* ---- files ----------------------------------------------------------------------------------- */

static bool same_file(const char *path, const struct cw_buf *bytes) {
    char *there = malloc(bytes->length + 2);
    FILE *file = fopen(path, "rb");
    size_t length = file && there ? fread(there, 1, bytes->length + 2, file) : 0;
    bool same =
        file && length == bytes->length && (length == 0 || memcmp(there, bytes->data, length) == 0);
    if (file)
        (void)fclose(file);
    free(there);
    return same;
}

static void put(struct maker *maker, const char *name, const struct cw_buf *bytes) {
    char path[4096];
    struct cw_error err = {0};
    (void)snprintf(path, sizeof path, "%s/%s", maker->corpus, name);
    if (maker->check ? same_file(path, bytes)
                     : cw_file_write_atomic(path, bytes->length ? bytes->data : "", bytes->length,
                                            0644, &err) == CW_OK)
        return;
    maker->wrong++;
    fprintf(stderr, "%s: %s\n", path,
            maker->check ? "is of another form: run make_messages tests/fuzz/corpus" : err.message);
}

/* ---- messages -------------------------------------------------------------------------------- */

static void begin(struct cw_buf *m, enum cw_render_kind kind) {
    cw_buf_reset(m);
    cw_wire_put_u32(m, CW_RENDER_MAGIC);
    cw_wire_put_u16(m, CW_RENDER_VERSION);
    cw_wire_put_u16(m, (uint16_t)kind);
    cw_wire_put_u32(m, 7);
    cw_wire_put_u32(m, 0);
}

/* `from`: where the header begins, 1 behind the mark of a reply. */
static void finish(struct cw_buf *m, size_t from) {
    uint32_t length = (uint32_t)(m->length - from - CW_RENDER_HEADER_BYTES);
    for (size_t i = 0; i < 4; i++)
        m->data[from + 12 + i] = (char)(length >> (8 * i) & 255);
}

static void must(enum cw_status status) {
    if (status != CW_OK)
        abort();
}

static void put_renders(struct maker *maker) {
    CW_AUTO_BUF struct cw_buf m = {0};
    struct cw_scene scene = {
        .view = "side", .width_px = 640, .mark = "Az09-_", .part_count = 2, .parts = parts};
    begin(&m, CW_RENDER_RENDER);
    must(cw_scene_encode(&scene, &m, NULL));
    finish(&m, 0);
    put(maker, "job/render", &m);
    scene.format = CW_FORMAT_WEBP;
    scene.frame = (struct cw_frame){.crop_px = {1, 2, 300, 200}, .transparent = true};
    scene.decals = decals;
    scene.decal_count = sizeof decals / sizeof *decals;
    scene.layers = layers;
    scene.layer_count = 2;
    begin(&m, CW_RENDER_RENDER);
    must(cw_scene_encode(&scene, &m, NULL));
    finish(&m, 0);
    put(maker, "job/render-decals", &m);
}

static void put_artworks(struct maker *maker) {
    static const char *const inks[] = {"FOIL-EMBOSS", "CW RED-1", "CW RED-1", "Picture", "Picture"};
    CW_AUTO_BUF struct cw_buf m = {0};
    struct cw_scene_artwork artwork = {
        .format = CW_FORMAT_PDF,
        .digest = "sha-256:00",
        .production = {.trim_um = {-20000, -10000, 40000, 20000},
                       .bleed_um = 3000,
                       .cut_path = "M-9000 -9000 L9000 -9000 L0 9000 Z",
                       .cut_spot = "CutContour",
                       .underbase = "White",
                       .varnish = "",
                       .marks = true},
        .decal_count = 2,
        .decals = decals,
        .inks = inks,
    };
    begin(&m, CW_RENDER_ARTWORK);
    must(cw_scene_encode_artwork(&artwork, &m, NULL));
    finish(&m, 0);
    put(maker, "job/artwork", &m);
    artwork.format = CW_FORMAT_SVG;
    artwork.decals = decals + 3;
    artwork.inks = inks + 3;
    begin(&m, CW_RENDER_ARTWORK);
    must(cw_scene_encode_artwork(&artwork, &m, NULL));
    finish(&m, 0);
    put(maker, "job/artwork-pictures", &m);
}

static void put_measure(struct cw_buf *m, const struct cw_scene_decal *decal) {
    begin(m, CW_RENDER_MEASURE);
    must(cw_scene_encode_decal(decal, m, NULL));
    finish(m, 0);
}

/* One byte of a good message is another. */
static void put_spoilt(struct maker *maker, const char *name, size_t at, char byte) {
    CW_AUTO_BUF struct cw_buf m = {0};
    put_measure(&m, &decals[1]);
    m.data[at] = byte;
    put(maker, name, &m);
}

static size_t offset_of(const struct cw_buf *m, const char *text) {
    const char *at = memmem(m->data, m->length, text, strlen(text));
    if (!at)
        abort();
    return (size_t)(at - m->data);
}

static void put_measures(struct maker *maker) {
    CW_AUTO_BUF struct cw_buf m = {0};
    put_measure(&m, &decals[2]);
    put(maker, "job/measure-arabic", &m);
    put_measure(&m, &decals[1]);
    put(maker, "job/measure", &m);
    const size_t text = offset_of(&m, "Maya");
    put_spoilt(maker, "job/bad-decal-kind", CW_RENDER_HEADER_BYTES, 9);
    put_spoilt(maker, "job/bad-kind", 6, 99);
    put_spoilt(maker, "job/bad-length", 12, m.data[12] ^ 1);
    put_spoilt(maker, "job/bad-utf8", text, (char)0xC3);
    put_spoilt(maker, "job/nul-in-string", text + 1, 0);
    put_spoilt(maker, "job/huge-string", CW_RENDER_HEADER_BYTES + 4, (char)0x7F);
    put_spoilt(maker, "job/bad-version", 4, CW_RENDER_VERSION + 1);
    m.length = CW_RENDER_HEADER_BYTES;
    finish(&m, 0);
    put(maker, "job/header", &m);
    cw_buf_reset(&m);
    put(maker, "job/empty", &m);
    begin(&m, CW_RENDER_ARTWORK);
    cw_wire_put_u16(&m, UINT16_MAX); /* decals */
    finish(&m, 0);
    put(maker, "job/huge-count", &m);
}

/* ---- answers --------------------------------------------------------------------------------- */

static void begin_reply(struct cw_buf *m, enum cw_render_kind kind) {
    CW_AUTO_BUF struct cw_buf head = {0};
    begin(&head, kind);
    cw_buf_reset(m);
    cw_wire_put_u8(m, 0); /* a worker's message, see fuzz_reply.c */
    cw_buf_add(m, head.data, head.length);
}

static void put_reply(struct maker *maker, const char *name, struct cw_buf *m) {
    finish(m, 1);
    put(maker, name, m);
}

static void put_replies(struct maker *maker) {
    static const uint32_t image[] = {1234, 640, 480, 1500}, huge[] = {UINT32_MAX, 640, 480, 1};
    CW_AUTO_BUF struct cw_buf m = {0};
    begin_reply(&m, CW_RENDER_HELLO);
    cw_wire_put_str(&m, "cw-renderer/1 look/6");
    cw_wire_put_str(&m, "sha-256:ff");
    put_reply(maker, "reply/hello", &m);
    for (int k = 0; k < 2; k++) {
        begin_reply(&m, CW_RENDER_IMAGE);
        for (size_t i = 0; i < 4; i++)
            cw_wire_put_u32(&m, k ? huge[i] : image[i]);
        put_reply(maker, k ? "reply/too_long" : "reply/image", &m);
    }
    begin_reply(&m, CW_RENDER_MEASURED);
    cw_wire_put_u8(&m, CW_FIT_CROWDED);
    cw_wire_put_str(&m, "H");
    for (int32_t i = 0; i < 4; i++)
        cw_wire_put_i32(&m, 1000 * (i + 1));
    put_reply(maker, "reply/measured", &m);
    begin_reply(&m, CW_RENDER_FAILED);
    cw_wire_put_u8(&m, CW_E_INPUT);
    cw_wire_put_str(&m, "render.decal");
    cw_wire_put_str(&m, "no tile");
    put_reply(maker, "reply/failed", &m);
}

int main(int argc, char **argv) {
    struct maker maker = {.check = argc == 3 && strcmp(argv[1], "--check") == 0};
    if (argc != (maker.check ? 3 : 2)) {
        fprintf(stderr, "usage: make_messages [--check] CORPUS\n");
        return 2;
    }
    maker.corpus = argv[argc - 1];
    put_renders(&maker);
    put_artworks(&maker);
    put_measures(&maker);
    put_replies(&maker);
    return maker.wrong != 0;
}
