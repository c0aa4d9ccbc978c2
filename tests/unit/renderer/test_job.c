/* Render messages: what is decoded, each limit and one above, and the answers' bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/wire.h"
#include "cordwain/limits.h"
#include "job.h"

struct decal_field {
    uint8_t kind, process;
    int32_t size_um, zone_w_um, rotation_mdeg;
    size_t text_length;
    int32_t box_um[4];
};
static const struct decal_field usual = {
    .size_um = 60000, .zone_w_um = 26000, .rotation_mdeg = -90000, .text_length = 4};

static void begin(struct cw_buf *m, enum cw_render_kind kind) {
    cw_buf_reset(m);
    cw_wire_put_u32(m, CW_RENDER_MAGIC);
    cw_wire_put_u16(m, CW_RENDER_VERSION);
    cw_wire_put_u16(m, (uint16_t)kind);
    cw_wire_put_u32(m, 42);
    cw_wire_put_u32(m, 0);
}

static void put_rgb(struct cw_buf *m) {
    for (uint8_t i = 1; i <= 3; i++)
        cw_wire_put_u8(m, i);
}

static struct {
    uint8_t layout, numerals, small_caps;
    int32_t spacing_milli;
    size_t path_length;
    int32_t min_stroke_um;
} lettering;

static void put_decal(struct cw_buf *m, const struct decal_field *f) {
    char text[CW_TEXT_BYTES + 2] = "";
    memset(text, 'A', f->text_length);
    cw_wire_put_u8(m, f->kind);
    cw_wire_put_str(m, "heel");
    put_rgb(m);
    cw_wire_put_u8(m, f->process);
    const int32_t lengths[] = {f->size_um,   50000, -13000,          -14000,
                               f->zone_w_um, 26000, f->rotation_mdeg};
    for (size_t i = 0; i < 7; i++)
        cw_wire_put_i32(m, lengths[i]);
    cw_wire_put_str(m, text);
    cw_wire_put_str(m, "block");
    for (int32_t i = 1; i <= 4; i++)
        cw_wire_put_i32(m, i * 1000);
    cw_wire_put_str(m, "M 0 0 Z");
    char path[CW_BASELINE_BYTES + 2] = "";
    memset(path, 'M', lettering.path_length);
    cw_wire_put_u8(m, lettering.layout);
    cw_wire_put_u8(m, lettering.numerals);
    cw_wire_put_u8(m, lettering.small_caps);
    cw_wire_put_i32(m, lettering.spacing_milli);
    cw_wire_put_i32(m, 7000);
    cw_wire_put_str(m, path);
    cw_wire_put_i32(m, lettering.min_stroke_um);
    cw_wire_put_str(m, "sha-256:aa");
    for (int i = 0; i < 4; i++)
        cw_wire_put_i32(m, f->box_um[i]);
}

static uint8_t frame_bits = 3;
static const char *mark = "Az09-_";

static uint16_t layer_count = 1;
static uint8_t layer_blend = CW_BLEND_OVERLAY, layer_percent = 100;

static void put_scene(struct cw_buf *m, uint16_t parts, uint16_t decals) {
    begin(m, CW_RENDER_RENDER);
    cw_wire_put_str(m, "side");
    cw_wire_put_u32(m, 1024);
    cw_wire_put_u8(m, CW_FORMAT_WEBP);
    put_rgb(m);
    for (uint32_t i = 5; i <= 8; i++)
        cw_wire_put_u32(m, i);
    cw_wire_put_u8(m, frame_bits);
    cw_wire_put_str(m, mark);
    cw_wire_put_u16(m, parts);
    for (uint16_t i = 0; i < parts; i++) {
        cw_wire_put_str(m, "quarter");
        cw_wire_put_str(m, "suede");
        put_rgb(m);
    }
    cw_wire_put_u16(m, decals);
    for (uint16_t i = 0; i < decals; i++)
        put_decal(m, &usual);
    cw_wire_put_u16(m, layer_count);
    for (uint16_t i = 0; i < layer_count; i++) {
        cw_wire_put_str(m, "paper");
        cw_wire_put_str(m, "");
        cw_wire_put_u8(m, layer_blend);
        cw_wire_put_u8(m, layer_percent);
        put_rgb(m);
    }
}

static enum cw_status decode(struct cw_buf *m, struct cw_arena *arena, struct cw_job *job) {
    uint32_t length = (uint32_t)(m->length - CW_RENDER_HEADER_BYTES);
    for (int i = 0; i < 4; i++)
        m->data[12 + i] = (char)(length >> (8 * i));
    return cw_job_decode(arena, (struct cw_bytes){(const uint8_t *)m->data, m->length}, job, NULL);
}

static void expect_frame(uint8_t bits, const char *text, enum cw_status status) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf m = {0};
    struct cw_job job;
    uint8_t old_bits = frame_bits;
    const char *old_mark = mark;
    frame_bits = bits;
    mark = text;
    put_scene(&m, 1, 0);
    assert_int_equal(decode(&m, arena, &job), status);
    frame_bits = old_bits;
    mark = old_mark;
}

static void expect_layers(uint16_t count, uint8_t blend, uint8_t percent, enum cw_status status) {
    layer_count = count;
    layer_blend = blend;
    layer_percent = percent;
    expect_frame(0, "", status);
    layer_count = 1;
    layer_blend = CW_BLEND_OVERLAY;
    layer_percent = 100;
}

static void test_layers(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf m = {0};
    struct cw_job job;
    put_scene(&m, 1, 0);
    assert_int_equal(decode(&m, arena, &job), CW_OK);
    assert_int_equal(job.scene.layer_count, 1);
    assert_string_equal(job.scene.layers[0].picture, "paper");
    assert_int_equal(job.scene.layers[0].blend, CW_BLEND_OVERLAY);
    assert_int_equal(job.scene.layers[0].rgb[2], 3);
    expect_layers(CW_VIEW_LAYERS, 0, 0, CW_OK);
    expect_layers(CW_VIEW_LAYERS + 1, 0, 0, CW_E_INPUT);
    expect_layers(1, CW_BLEND_OVERLAY + 1, 0, CW_E_INPUT);
    expect_layers(1, 0, 101, CW_E_INPUT);
}

static enum cw_status decode_lettering(void) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf m = {0};
    struct cw_job job;
    put_scene(&m, 1, 1);
    enum cw_status status = decode(&m, arena, &job);
    if (status == CW_OK) {
        const struct cw_scene_decal *d = &job.scene.decals[0];
        assert_int_equal(d->lettering.layout, lettering.layout);
        assert_int_equal(d->lettering.numerals, lettering.numerals);
        assert_int_equal(d->lettering.small_caps, lettering.small_caps);
        assert_int_equal(d->lettering.spacing_milli, lettering.spacing_milli);
        assert_int_equal(d->lettering.radius_um, 7000);
        assert_int_equal(strlen(d->lettering.path), lettering.path_length);
        assert_int_equal(d->min_stroke_um, lettering.min_stroke_um);
    }
    memset(&lettering, 0, sizeof lettering);
    return status;
}

#define LETTERING(member, value) (lettering.member = (value), decode_lettering())

static void test_lettering(void **state) {
    (void)state;
    assert_int_equal(LETTERING(layout, CW_LAYOUT_MONOGRAM_STACKED), CW_OK);
    assert_int_equal(LETTERING(layout, CW_LAYOUT_MONOGRAM_STACKED + 1), CW_E_INPUT);
    assert_int_equal(LETTERING(numerals, CW_NUMERALS_THAI), CW_OK);
    assert_int_equal(LETTERING(numerals, CW_NUMERALS_THAI + 1), CW_E_INPUT);
    assert_int_equal(LETTERING(small_caps, 1), CW_OK);
    assert_int_equal(LETTERING(small_caps, 2), CW_E_INPUT);
    for (int sign = -1; sign <= 1; sign += 2) {
        assert_int_equal(LETTERING(spacing_milli, sign * CW_SPACING_MILLI), CW_OK);
        assert_int_equal(LETTERING(spacing_milli, sign * (CW_SPACING_MILLI + 1)), CW_E_INPUT);
    }
    assert_int_equal(LETTERING(path_length, CW_BASELINE_BYTES), CW_OK);
    assert_int_equal(LETTERING(path_length, CW_BASELINE_BYTES + 1), CW_E_INPUT);
    assert_int_equal(LETTERING(min_stroke_um, 600), CW_OK);
    assert_int_equal(LETTERING(min_stroke_um, -1), CW_E_INPUT);
}

static void test_frame(void **state) {
    (void)state;
    char longest[CW_PREVIEW_MARK_BYTES + 2] = "";
    memset(longest, 'm', CW_PREVIEW_MARK_BYTES);
    expect_frame(0, "", CW_OK);
    expect_frame(3, longest, CW_OK);
    longest[CW_PREVIEW_MARK_BYTES] = 'm';
    expect_frame(3, longest, CW_E_INPUT);
    expect_frame(4, "", CW_E_INPUT);
    expect_frame(0, "a\"b", CW_E_INPUT); /* it is put into XML as it is */
    expect_frame(0, "a b", CW_E_INPUT);
}

static void test_scene(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf m = {0};
    struct cw_job job;
    put_scene(&m, 2, 1);
    assert_int_equal(decode(&m, arena, &job), CW_OK);
    assert_int_equal(job.kind, CW_RENDER_RENDER);
    assert_int_equal(job.id, 42);
    assert_string_equal(job.scene.view, "side");
    assert_int_equal(job.scene.width_px, 1024);
    assert_int_equal(job.scene.format, CW_FORMAT_WEBP);
    assert_int_equal(job.scene.background[2], 3);
    assert_int_equal(job.scene.frame.crop_px[0], 5);
    assert_int_equal(job.scene.frame.crop_px[3], 8);
    assert_true(job.scene.frame.transparent && job.scene.frame.no_shadow);
    assert_string_equal(job.scene.mark, "Az09-_");
    assert_int_equal(job.scene.part_count, 2);
    assert_string_equal(job.scene.parts[1].finish, "suede");
    const struct cw_scene_decal *d = &job.scene.decals[0];
    assert_int_equal(d->size_um[1], 50000);
    assert_int_equal(d->zone_um[0], -13000);
    assert_int_equal(d->zone_um[2], 26000);
    assert_int_equal(d->rotation_mdeg, -90000);
    assert_string_equal(d->text, "AAAA");
    assert_string_equal(d->font_stack, "block");
    assert_int_equal(d->max_letter_um, 2000);
    assert_int_equal(d->tile_um[1], 4000);
    assert_string_equal(d->path, "M 0 0 Z");
    assert_string_equal(d->digest, "sha-256:aa");
    assert_null(d->picture);
}

static void test_counts(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf m = {0};
    struct cw_job job;
    put_scene(&m, CW_RENDER_PARTS, CW_RENDER_DECALS);
    assert_int_equal(decode(&m, arena, &job), CW_OK);
    put_scene(&m, CW_RENDER_PARTS + 1, 0);
    assert_int_equal(decode(&m, arena, &job), CW_E_INPUT);
    put_scene(&m, 0, CW_RENDER_DECALS + 1);
    assert_int_equal(decode(&m, arena, &job), CW_E_INPUT);
}

struct production_field {
    uint8_t format, marks;
    int32_t trim_w_um, bleed_um;
    const char *ink;
};

static void put_artwork(struct cw_buf *m, const struct production_field *f) {
    begin(m, CW_RENDER_ARTWORK);
    cw_wire_put_u16(m, 1);
    put_decal(m, &usual);
    cw_wire_put_str(m, f->ink);
    cw_wire_put_u8(m, f->format);
    cw_wire_put_str(m, "sha-256:ab");
    const int32_t lengths[] = {-1000, -2000, f->trim_w_um, 4000, f->bleed_um};
    for (size_t i = 0; i < 5; i++)
        cw_wire_put_i32(m, lengths[i]);
    const char *const texts[] = {"M 0 0 L 9 9", "CutContour", "White", "Varnish"};
    for (size_t i = 0; i < 4; i++)
        cw_wire_put_str(m, texts[i]);
    cw_wire_put_u8(m, f->marks);
}

static void test_artwork(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf m = {0};
    struct cw_job job;
    put_artwork(&m, &(struct production_field){CW_FORMAT_SVG, 1, 3000, 500, "CW IK-01"});
    assert_int_equal(decode(&m, arena, &job), CW_OK);
    const struct cw_scene_artwork *a = &job.artwork;
    assert_int_equal(a->decal_count, 1);
    assert_string_equal(a->inks[0], "CW IK-01");
    assert_string_equal(a->digest, "sha-256:ab");
    assert_int_equal(a->production.trim_um[2], 3000);
    assert_int_equal(a->production.bleed_um, 500);
    assert_string_equal(a->production.cut_path, "M 0 0 L 9 9");
    assert_string_equal(a->production.cut_spot, "CutContour");
    assert_string_equal(a->production.underbase, "White");
    assert_string_equal(a->production.varnish, "Varnish");
    assert_true(a->production.marks);
    const struct {
        struct production_field field;
        enum cw_status status;
    } cases[] = {
        {{CW_FORMAT_PDF, 0, 0, 0, ""}, CW_OK},
        {{CW_FORMAT_PDF, 0, 0, CW_ARTWORK_BLEED_UM, "x"}, CW_OK},
        {{CW_FORMAT_PDF, 0, 0, CW_ARTWORK_BLEED_UM + 1, "x"}, CW_E_INPUT},
        {{CW_FORMAT_PDF, 0, 0, -1, "x"}, CW_E_INPUT},
        {{CW_FORMAT_PDF, 0, -1, 0, "x"}, CW_E_INPUT},
        {{CW_FORMAT_PDF, 2, 0, 0, "x"}, CW_E_INPUT},
        {{CW_FORMAT_PNG, 0, 0, 0, "x"}, CW_E_INPUT},
        {{CW_FORMAT_SVG + 1, 0, 0, 0, "x"}, CW_E_INPUT},
        {{CW_FORMAT_PDF, 0, 0, 0, "\xFF"}, CW_E_INPUT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put_artwork(&m, &cases[i].field);
        assert_int_equal(decode(&m, arena, &job), cases[i].status);
    }
}

static void test_decal_bounds(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf m = {0};
    struct cw_job job;
    const struct {
        struct decal_field field;
        enum cw_status status;
    } cases[] = {
        {usual, CW_OK},
        {{CW_DECAL_PATTERN, CW_PROCESS_EMBOSS, 2000000, 0, 360000, CW_TEXT_BYTES, {0}}, CW_OK},
        {{CW_DECAL_ARTWORK, 0, 60000, 1, 0, 0, {4000000, -4000000, INT32_MAX, 0}}, CW_OK},
        {{CW_DECAL_ARTWORK, 0, 60000, 1, 0, 0, {0, -4000001, 1, 1}}, CW_E_INPUT},
        {{CW_DECAL_ARTWORK, 0, 60000, 1, 0, 0, {0, 0, -1, 1}}, CW_E_INPUT},
        {{CW_DECAL_ARTWORK + 1, 0, 60000, 1, 0, 0, {0}}, CW_E_INPUT},
        {{0, CW_PROCESS_COUNT, 60000, 1, 0, 0, {0}}, CW_E_INPUT},
        {{0, 0, 0, 1, 0, 0, {0}}, CW_E_INPUT},
        {{0, 0, 2000001, 1, 0, 0, {0}}, CW_E_INPUT},
        {{0, 0, 60000, -1, 0, 0, {0}}, CW_E_INPUT},
        {{0, 0, 60000, 1, 360001, 0, {0}}, CW_E_INPUT},
        {{0, 0, 60000, 1, 0, CW_TEXT_BYTES + 1, {0}}, CW_E_INPUT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(&m, CW_RENDER_MEASURE);
        put_decal(&m, &cases[i].field);
        assert_int_equal(decode(&m, arena, &job), cases[i].status);
    }
}

/* Every shorter piece of a right message is refused, and still says which job it was once the
 * header is whole. */
static void test_cut(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf m = {0};
    struct cw_job job;
    put_scene(&m, 1, 1);
    for (size_t length = 0; length < m.length; length++) {
        struct cw_error err = {0};
        const struct cw_bytes bytes = {(const uint8_t *)m.data, length};
        assert_int_equal(cw_job_decode(arena, bytes, &job, &err), CW_E_INPUT);
        assert_string_equal(err.code, "render.message");
        if (length >= CW_RENDER_HEADER_BYTES)
            assert_int_equal(job.id, 42);
    }
}

static void test_answers(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf m = {0};
    struct cw_wire_reader in;
    cw_job_put_image(&m, 9, 1000, (const uint32_t[]){640, 480}, 77);
    cw_wire_reader_init(&in, m.data, m.length);
    assert_int_equal(cw_wire_get_u32(&in), CW_RENDER_MAGIC);
    assert_int_equal(cw_wire_get_u16(&in), CW_RENDER_VERSION);
    assert_int_equal(cw_wire_get_u16(&in), CW_RENDER_IMAGE);
    assert_int_equal(cw_wire_get_u32(&in), 9);
    assert_int_equal(cw_wire_get_u32(&in), 16);
    const uint32_t want[] = {1000, 640, 480, 77};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(cw_wire_get_u32(&in), want[i]);
    assert_true(cw_wire_done(&in));

    struct cw_error err = {0};
    assert_int_equal(cw_fail(&err, CW_E_LIMIT, "render.size", "too large"), CW_E_LIMIT);
    cw_job_put_failed(&m, 10, &err);
    cw_wire_reader_init(&in, m.data + CW_RENDER_HEADER_BYTES, m.length - CW_RENDER_HEADER_BYTES);
    assert_int_equal(cw_wire_get_u8(&in), CW_E_LIMIT);
    assert_string_equal(cw_wire_get_str(&in, arena, 99), "render.size");
    assert_string_equal(cw_wire_get_str(&in, arena, 99), "too large");
    assert_true(cw_wire_done(&in));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scene),   cmocka_unit_test(test_lettering),
        cmocka_unit_test(test_frame),   cmocka_unit_test(test_layers),
        cmocka_unit_test(test_counts),  cmocka_unit_test(test_decal_bounds),
        cmocka_unit_test(test_cut),     cmocka_unit_test(test_answers),
        cmocka_unit_test(test_artwork),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
