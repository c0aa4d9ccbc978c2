/* Decoding: every fault with its code and pointer, from JSON and from texts; encoding is the
 * inverse. */
#include "configure/configure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/shoe_product.h"
#include "base/json.h"
#include "cordwain/limits.h"

static enum cw_status decode(struct cw_arena *arena, const char *json, struct cw_selection *ret,
                             struct cw_faults *faults) {
    json_t *value;
    *faults = (struct cw_faults){.arena = arena};
    assert_int_equal(cw_json_read(arena, json, strlen(json), CW_JSON_BYTES, &value, NULL), CW_OK);
    return cw_selection_decode(&cw_shoe_product, value, "/selections", arena, ret, faults);
}

struct bad {
    const char *json, *code, *pointer;
};

static const struct bad bads[] = {
    {"[]", "selection.type", "/selections"},
    {"{\"sole\":\"x\"}", "selection.unknown_option", "/selections/sole"},
    {"{\"size\":\"44\"}", "selection.unknown_choice", "/selections/size"},
    {"{\"size\":42}", "selection.type", "/selections/size"},
    {"{\"gift\":\"true\"}", "selection.type", "/selections/gift"},
    {"{\"gift\":null}", "selection.type", "/selections/gift"},
    {"{\"height\":9}", "selection.number_range", "/selections/height"},
    {"{\"height\":31}", "selection.number_range", "/selections/height"},
    {"{\"height\":12}", "selection.number_step", "/selections/height"},
    {"{\"height\":15.0}", "selection.type", "/selections/height"},
    {"{\"laces\":[]}", "selection.multi_count", "/selections/laces"},
    {"{\"laces\":[\"white\",\"black\",\"gold\"]}", "selection.multi_count", "/selections/laces"},
    {"{\"laces\":[\"white\",\"white\"]}", "selection.duplicate_choice", "/selections/laces/1"},
    {"{\"laces\":[\"white\",1]}", "selection.type", "/selections/laces/1"},
    {"{\"laces\":\"white\"}", "selection.type", "/selections/laces"},
    {"{\"heel_text\":\"ABCDEFG\"}", "text.too_long", "/selections/heel_text"},
    {"{\"heel_text\":\"\\u0416\"}", "text.script", "/selections/heel_text"},
    {"{\"heel_text\":\"A\\nB\"}", "text.control", "/selections/heel_text"},
    {"{\"heel_text\":\"A\\u202eB\"}", "text.bidi_control", "/selections/heel_text"},
    {"{\"note\":\"call 911\"}", "text.pattern", "/selections/note"},
};

static void refuses(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bads / sizeof bads[0]; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_selection selection;
        struct cw_faults faults;
        assert_int_equal(decode(arena, bads[i].json, &selection, &faults), CW_E_INPUT);
        assert_int_equal(faults.count, 1);
        assert_string_equal(faults.items[0].code, bads[i].code);
        assert_string_equal(faults.items[0].pointer, bads[i].pointer);
        assert_true(faults.items[0].message[0] != '\0');
    }
}

static void collects_all_faults_with_hints(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_selection selection;
    struct cw_faults faults;
    assert_int_equal(
        decode(arena, "{\"colur\":\"ink\",\"colour\":\"mos\",\"height\":12}", &selection, &faults),
        CW_E_INPUT);
    assert_int_equal(faults.count, 3);
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(faults.items[i].code, "selection.unknown_option") == 0)
            assert_non_null(strstr(faults.items[i].hint, "'colour'"));
        if (strcmp(faults.items[i].code, "selection.unknown_choice") == 0)
            assert_string_equal(faults.items[i].hint, "did you mean 'moss'?");
    }
}

static void encode_is_the_inverse(void **state) {
    (void)state;
    static const char all[] =
        "{\"colour\":\"moss\",\"gift\":true,\"heel_text\":\"MARTA\",\"height\":25,"
        "\"laces\":[\"white\",\"gold\"],\"material\":\"suede\",\"size\":\"42\"}";
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_selection selection;
    struct cw_faults faults;
    assert_int_equal(decode(arena, all, &selection, &faults), CW_OK);
    cw_selection_encode(&cw_shoe_product, &selection, &buf);
    assert_string_equal(buf.data, all);
}

static void texts_read_like_json(void **state) {
    (void)state;
    static const struct cw_selection_text pairs[] = {{"laces", "gold,white"},
                                                     {"heel_text", "marta"},
                                                     {"gift", "false"},
                                                     {"height", "10"},
                                                     {"size", "41"}};
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_BUF struct cw_buf buf = {0};
    struct cw_selection selection;
    struct cw_faults faults = {.arena = arena};
    assert_int_equal(
        cw_selection_decode_pairs(&cw_shoe_product, pairs, 5, arena, &selection, &faults), CW_OK);
    cw_selection_encode(&cw_shoe_product, &selection, &buf);
    assert_string_equal(buf.data, "{\"gift\":false,\"heel_text\":\"MARTA\",\"height\":10,"
                                  "\"laces\":[\"white\",\"gold\"],\"size\":\"41\"}");
}

static void bad_texts_are_refused(void **state) {
    (void)state;
    static const struct {
        struct cw_selection_text pairs[2];
        size_t count;
        const char *code;
    } cases[] = {
        {{{"gift", "yes"}}, 1, "selection.type"},
        {{{"height", "+10"}}, 1, "selection.type"},
        {{{"height", "99999999999999999999"}}, 1, "selection.type"},
        {{{"height", "40"}}, 1, "selection.number_range"},
        {{{"laces", "white,"}}, 1, "selection.unknown_choice"},
        {{{"size", "41"}, {"size", "42"}}, 2, "selection.duplicate_option"},
        {{{"nothing", "1"}}, 1, "selection.unknown_option"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        struct cw_selection selection;
        struct cw_faults faults = {.arena = arena};
        assert_int_equal(cw_selection_decode_pairs(&cw_shoe_product, cases[i].pairs, cases[i].count,
                                                   arena, &selection, &faults),
                         CW_E_INPUT);
        assert_string_equal(faults.items[0].code, cases[i].code);
    }
}

static void length_limit_is_exact(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_selection selection;
    struct cw_faults faults;
    assert_int_equal(decode(arena, "{\"heel_text\":\"abcdef\"}", &selection, &faults), CW_OK);
    assert_string_equal(selection.picks[0].value.text, "ABCDEF");
    assert_int_equal(decode(arena, "{\"heel_text\":\"\"}", &selection, &faults), CW_OK);
    assert_string_equal(selection.picks[0].value.text, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses),
        cmocka_unit_test(collects_all_faults_with_hints),
        cmocka_unit_test(encode_is_the_inverse),
        cmocka_unit_test(texts_read_like_json),
        cmocka_unit_test(bad_texts_are_refused),
        cmocka_unit_test(length_limit_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
