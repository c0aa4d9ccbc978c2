/* Scenes: what is built from a resolved configuration, and its golden bytes. Runs in: tests only.
 */
#include "preview/scene_encode.h"

#include "base/digest.h"
#include "cordwain/limits.h"
#include "fixture.h"
#include "preview/scene_build.h"

static struct cw_scene_request request_for(const struct cw_resolved *resolved) {
    return (struct cw_scene_request){.resolved = resolved,
                                     .view = 0,
                                     .width_px = 512,
                                     .format = CW_FORMAT_WEBP,
                                     .background = {255, 255, 254}};
}

static void builds_parts_and_decals(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_resolved resolved = fixture_resolved("{}");
    struct cw_scene_request request = request_for(&resolved);
    struct cw_scene scene;
    assert_int_equal(cw_scene_from_resolved(&request, arena, &scene, NULL), CW_OK);
    assert_string_equal(scene.view, "side");
    assert_int_equal(scene.part_count, 2);
    assert_string_equal(scene.parts[1].part, "sole");
    assert_string_equal(scene.parts[1].finish, "leather");
    assert_int_equal(scene.parts[0].rgb[0], 200);
    assert_int_equal(scene.decal_count, 2);
    assert_int_equal(scene.decals[0].zone_um[2], 50000); /* PATTERN fills artwork_um */
    assert_int_equal(scene.decals[0].tile_um[1], 3000);
    assert_int_equal(scene.decals[1].zone_um[2], 30000); /* TEXT stands in zone_um */
    assert_string_equal(scene.decals[1].font_stack, "sans-bold");
    assert_int_equal(scene.decals[1].process, CW_PROCESS_EMBROIDER);
}

static void golden_bytes(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_resolved resolved = fixture_resolved("{}");
    struct cw_scene_request request = request_for(&resolved);
    struct cw_scene scene;
    assert_int_equal(cw_scene_from_resolved(&request, arena, &scene, NULL), CW_OK);
    assert_int_equal(cw_scene_encode(&scene, &buf, NULL), CW_OK);
    char *hex = cw_arena_alloc(arena, buf.length * 2 + 1);
    cw_hex((const uint8_t *)buf.data, buf.length, hex);
    /* Written out by an independent Python packer from the table in cordwain/scene.h. */
    assert_string_equal(hex,
                        "04000000736964650002000001fffffe0000000000000000000000000000000000000000"
                        "000200050000007570706572070000006c656174686572c80a1404000000736f6c650700"
                        "00006c656174686572010203020001040000006865656c0102030260ea0000409c000000"
                        "0000000000000050c30000709400000000000000000000000000000000000000000000d0"
                        "070000b80b0000090000004d3020304c3120315a00000000000000000000000000000000"
                        "000000000000000000000000000000000000000000000000040000006865656cc80a1402"
                        "60ea0000409c000001000000feffffff30750000401f0000905f010003000000416e6109"
                        "00000073616e732d626f6c64a00f0000e02e0000000000000000000000000000020401ce"
                        "ffffff28230000030000004d203190010000000000000000000000000000000000000000"
                        "00000000");
}

static void refusals(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_resolved resolved = fixture_resolved("{}");
    struct cw_scene scene;
    struct {
        uint32_t view, width;
        enum cw_format format;
        const char *code;
        bool transparent;
    } cases[] = {
        {2, 512, CW_FORMAT_PNG, "preview.view", false},
        {0, CW_PREVIEW_MIN_PX - 1, CW_FORMAT_PNG, "preview.width", false},
        {0, CW_PREVIEW_MAX_PX + 1, CW_FORMAT_PNG, "preview.width", false},
        {0, 512, CW_FORMAT_PDF, "preview.format", false},
        {0, 512, CW_FORMAT_JPEG, "preview.background", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cw_error err = {0};
        struct cw_scene_request request = {.resolved = &resolved,
                                           .view = cases[i].view,
                                           .width_px = cases[i].width,
                                           .format = cases[i].format,
                                           .frame.transparent = cases[i].transparent};
        assert_int_equal(cw_scene_from_resolved(&request, arena, &scene, &err), CW_E_INPUT);
        assert_string_equal(err.code, cases[i].code);
    }
    for (int i = 0; i < 2; i++) { /* at the limits */
        struct cw_scene_request request = {.resolved = &resolved,
                                           .format = CW_FORMAT_PNG,
                                           .width_px =
                                               i == 0 ? CW_PREVIEW_MIN_PX : CW_PREVIEW_MAX_PX};
        assert_int_equal(cw_scene_from_resolved(&request, arena, &scene, NULL), CW_OK);
    }
}

static void broken_references(void **state) {
    (void)state;
    struct cw_scene_decal out;
    struct cw_resolved_decal decal = fixture_decals[1];
    decal.font = CW_NONE;
    assert_int_equal(cw_scene_decal_build(&fixture_product, &decal, &out, NULL), CW_E_BUG);
    decal = fixture_decals[1];
    decal.colour = 2;
    assert_int_equal(cw_scene_decal_build(&fixture_product, &decal, &out, NULL), CW_E_BUG);
    decal = fixture_decals[0];
    decal.pattern = 1;
    assert_int_equal(cw_scene_decal_build(&fixture_product, &decal, &out, NULL), CW_E_BUG);
    decal = fixture_decals[0];
    decal.surface = 2;
    assert_int_equal(cw_scene_decal_build(&fixture_product, &decal, &out, NULL), CW_E_BUG);
}

static void surface_artwork(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_resolved resolved = fixture_resolved("{}");
    struct cw_artwork_request request = {&resolved, 0, CW_FORMAT_SVG};
    struct cw_scene_artwork artwork;
    assert_int_equal(cw_scene_artwork_build(&request, arena, &artwork, NULL), CW_OK);
    assert_int_equal(artwork.decal_count, 2);
    assert_int_equal(artwork.format, CW_FORMAT_SVG);
    assert_string_equal(artwork.inks[0], fixture_product.surfaces[0].spot);
    assert_string_equal(artwork.digest, resolved.digest);
    request.surface = 1;
    assert_int_equal(cw_scene_artwork_build(&request, arena, &artwork, NULL), CW_E_NOT_FOUND);
    request.surface = 9;
    assert_int_equal(cw_scene_artwork_build(&request, arena, &artwork, NULL), CW_E_NOT_FOUND);
}

static void size_limit(void **state) {
    (void)state;
    size_t fixed =
        1 + 4 + 4 + 3 + 1 + 8 + 16 + 4 + 4 + 4 + 8 + 8 + 4 + 19 + 20; /* without its path */
    size_t room = CW_RENDER_MESSAGE_BYTES - CW_RENDER_HEADER_BYTES - fixed;
    char *path = malloc(room + 2);
    struct cw_scene_decal decal = {.surface = "heel", .text = "", .font_stack = "", .path = path};
    for (size_t extra = 0; extra < 2; extra++) {
        CW_AUTO_BUF struct cw_buf buf = {0};
        struct cw_error err = {0};
        memset(path, 'M', room + extra);
        path[room + extra] = '\0';
        enum cw_status status = cw_scene_encode_decal(&decal, &buf, &err);
        assert_int_equal(status, extra == 0 ? CW_OK : CW_E_LIMIT);
    }
    free(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_parts_and_decals),
        cmocka_unit_test(golden_bytes),
        cmocka_unit_test(refusals),
        cmocka_unit_test(broken_references),
        cmocka_unit_test(surface_artwork),
        cmocka_unit_test(size_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
