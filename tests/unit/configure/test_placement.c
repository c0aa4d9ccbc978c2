/* Where a shopper's picture lies: read, written, and the box it becomes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "configure/placement.h"
#include "cordwain/limits.h"

#define ID "0123456789abcdef0123456789abcdef"

static const struct cw_option option = {.id = "photo", .kind = CW_OPTION_TEXT, .artwork = true};

/* The canonical text, or the pointer of the first fault. */
static const char *read_text(struct cw_arena *arena, const char *text) {
    struct cw_faults faults = {.arena = arena};
    struct cw_value_reader reader = {
        .arena = arena, .faults = &faults, .pointer = "/photo", .option = &option};
    const char *ret = NULL;
    return cw_placement_read_text(&reader, text, &ret) ? ret : faults.items[0].pointer;
}

static const char *read_json(struct cw_arena *arena, const char *text) {
    struct cw_faults faults = {.arena = arena};
    struct cw_value_reader reader = {
        .arena = arena, .faults = &faults, .pointer = "/photo", .option = &option};
    const char *ret = NULL;
    CW_AUTO_JSON json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(json);
    return cw_placement_read_json(&reader, json, &ret) ? ret : faults.items[0].pointer;
}

static void test_texts(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    static const char *const cases[][2] = {
        {"", ""},
        {ID, ID ",0,0,0,0"},
        {ID ",1,-2,3000,90000", ID ",1,-2,3000,90000"},
        {ID ",0,0,0,360000", ID ",0,0,0,0"},
        {ID ",0,0,0,-180000", ID ",0,0,0,180000"},
        {ID ",2000000,-2000000,2000000,180001", ID ",2000000,-2000000,2000000,-179999"},
        {ID ",2000001,0,0,0", "/photo"},
        {ID ",0,-2000001,0,0", "/photo"},
        {ID ",0,0,-1,0", "/photo"},
        {ID ",0,0,2000001,0", "/photo"},
        {ID ",0,0,0,360001", "/photo"},
        {ID ",", "/photo"},
        {ID ",1,2,3", "/photo"},
        {ID ",1,2,3,4,", "/photo"},
        {ID ",1,2,3,4,5", "/photo"},
        {ID ",+1,2,3,4", "/photo"},
        {ID ", 1,2,3,4", "/photo"},
        {ID "0", "/photo"},
        {"0123456789ABCDEF0123456789abcdef", "/photo"},
        {"x", "/photo"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(read_text(arena, cases[i][0]), cases[i][1]);
}

static void test_objects(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    static const char *const cases[][2] = {
        {"null", ""},
        {"{\"artwork\":\"" ID "\"}", ID ",0,0,0,0"},
        {"{\"artwork\":\"" ID "\",\"rotationMdeg\":5,\"widthUm\":4,\"yUm\":-3,\"xUm\":2}",
         ID ",2,-3,4,5"},
        {"{}", "/photo/artwork"},
        {"{\"xUm\":1}", "/photo/artwork"},
        {"{\"artwork\":7}", "/photo/artwork"},
        {"{\"artwork\":\"x\"}", "/photo/artwork"},
        {"{\"artwork\":\"" ID "\",\"xUm\":2000001}", "/photo/xUm"},
        {"{\"artwork\":\"" ID "\",\"xUm\":\"1\"}", "/photo/xUm"},
        {"{\"artwork\":\"" ID "\",\"scale\":1}", "/photo/scale"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(read_json(arena, cases[i][0]), cases[i][1]);
}

static void test_written_as_it_was_read(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf buf = {0};
    cw_placement_encode(ID ",1,-2,3,-4", &buf);
    assert_string_equal(buf.data, "{\"artwork\":\"" ID "\",\"rotationMdeg\":-4,\"widthUm\":3,"
                                  "\"xUm\":1,\"yUm\":-2}");
    assert_string_equal(read_json(arena, buf.data), ID ",1,-2,3,-4");
    cw_buf_reset(&buf);
    cw_placement_encode("", &buf);
    assert_string_equal(buf.data, "null");
}

static void test_boxes(void **state) {
    (void)state;
    const struct cw_surface surface = {.artwork_um = {-10000, -5000, 40000, 20000}};
    struct cw_artwork_fact wide = {.width_px = 300, .height_px = 100},
                           high = {.width_px = 100, .height_px = 300};
    struct cw_placement placement = {.at_um = {1000, -2000}, .width_um = 30000};
    int32_t box[4];
    cw_placement_box(&placement, &surface, &wide, box);
    assert_memory_equal(box, ((int32_t[4]){11000, 3000, 30000, 10000}), sizeof box);
    placement.width_um = 0; /* contained */
    cw_placement_box(&placement, &surface, &wide, box);
    assert_memory_equal(box, ((int32_t[4]){11000, 3000, 40000, 13333}), sizeof box);
    cw_placement_box(&placement, &surface, &high, box);
    assert_memory_equal(box, ((int32_t[4]){11000, 3000, 6667, 20001}), sizeof box);
    placement.width_um = CW_ARTWORK_SIDE_UM; /* the longest a picture can become */
    high.width_px = 1;
    high.height_px = CW_IMPORT_SIDE_PX;
    cw_placement_box(&placement, &surface, &high, box);
    assert_int_equal(box[3], INT32_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_objects),
        cmocka_unit_test(test_written_as_it_was_read),
        cmocka_unit_test(test_boxes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
