/*
 * Bodies of clicks read quickly: what is taken is taken by the slow way too, and says the same;
 * bodies as clients send them are taken; anything rare or faulty is left alone.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "api/click_body.h"
#include "base/file.h"
#include "base/json.h"
#include "catalog/load.h"
#include "configure/configure.h"
#include "cordwain/limits.h"
#include "jsonschema/builtin.h"
#include "../../support/random_product.h"

static struct cw_snapshot *bottle(struct cw_arena *arena) {
    struct cw_snapshot *snapshot;
    struct cw_faults faults = {.arena = arena};
    char *text;
    size_t length;
    assert_int_equal(cw_file_read(arena, SOURCE_ROOT "/schemas/products/bottle.json",
                                  CW_PRODUCT_BYTES, &text, &length, NULL),
                     CW_OK);
    struct cw_product_source source = {text, length, NULL, cw_schema_check_product};
    assert_int_equal(cw_product_load(&source, &faults, &snapshot, NULL), CW_OK);
    return snapshot;
}

static const char *member(const json_t *body, const char *name) {
    const char *text = json_string_value(json_object_get(body, name));
    return text ? text : "";
}

/* The slow way must agree; false: it was left to it. */
static bool check(const struct cw_product *product, const char *text, size_t length) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    struct cw_faults faults = {.arena = arena};
    struct api_click_body quick;
    struct cw_selection slow;
    struct cw_bytes bytes = {(const uint8_t *)cw_arena_strndup(arena, text, length), length};
    json_t *body;
    if (!api_click_body_read(product, bytes, arena, &quick))
        return false;
    assert_int_equal(cw_json_read(arena, text, length, CW_JSON_BYTES, &body, NULL), CW_OK);
    assert_int_equal(
        cw_schema_validate(cw_schema_builtin(CW_SCHEMA_CONFIGURE_REQUEST), body, NULL, &faults),
        CW_OK);
    assert_int_equal(cw_selection_decode(product, json_object_get(body, "selections"), "", arena,
                                         &slow, &faults),
                     CW_OK);
    assert_int_equal(quick.selection.count, slow.count);
    for (size_t i = 0; i < slow.count; i++) {
        assert_int_equal(quick.selection.picks[i].option, slow.picks[i].option);
        assert_int_equal(quick.selection.picks[i].value.choice, slow.picks[i].value.choice);
        assert_int_equal(quick.selection.picks[i].value.multi, slow.picks[i].value.multi);
        assert_int_equal(quick.selection.picks[i].value.number, slow.picks[i].value.number);
        assert_string_equal(quick.selection.picks[i].value.text, slow.picks[i].value.text);
    }
    const json_t *quantity = json_object_get(body, "quantity");
    assert_int_equal(quick.quantity, quantity ? json_integer_value(quantity) : 1);
    assert_string_equal(quick.locale, member(body, "locale"));
    assert_string_equal(quick.market, member(body, "market"));
    assert_int_equal(quick.since != NULL, json_object_get(body, "since") != NULL);
    assert_string_equal(quick.since ? quick.since : "", member(body, "since"));
    return true;
}

static const char *const usual[] = {
    "{\"selections\":{}}",
    "{\"selections\": {\"finish\": \"gloss\"}, \"quantity\": 101}",
    " {\n\t\"quantity\" : 999 , \"selections\" :\r\n{ \"gift_box\" : true , \"boot\":\"slim\" } } ",
    "{\"since\":\"\",\"selections\":{\"finish\":\"gloss\"}}",
    "{\"selections\":{},\"since\":\"0123456789abcdef0123456789abcdef\"}",
    "{\"locale\":\"fa\",\"market\":\"eu\",\"selections\":{\"gift_engraving\":false,\"capacity\":"
    "\"750\"},\"quantity\":1}",
};

static void usual_bodies_are_taken(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = bottle(arena);
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        assert_true(check(cw_snapshot_product(snapshot), usual[i], strlen(usual[i])));
}

static void others_are_left_alone(void **state) {
    (void)state;
    static const char *const others[] = {
        "",
        "{}",
        "[]",
        "null",
        "{\"quantity\":1}",
        "{\"selections\":{}} x",
        "{\"selections\":{}}{}",
        "{\"selections\":{},}",
        "{\"selections\":{\"finish\":\"gloss\",}}",
        "{\"selections\":{,}}",
        "{\"selections\":{\"finish\":\"gloss\"}",
        "{\"selections\":{\"finish\":\"gloss\"",
        "{\"selections\":{\"finish\":\"gloss",
        "{\"selections\":{\"finish\":",
        "{\"selections\":{\"finish\":\"glos\"}}",
        "{\"selections\":{\"finish\":\"glossy\"}}",
        "{\"selections\":{\"finish\":\"\"}}",
        "{\"selections\":{\"finish\":\"gl\\u006fss\"}}",
        "{\"selections\":{\"finish\":\"gloss\n\"}}",
        "{\"selections\":{\"finish\":[\"gloss\"]}}",
        "{\"selections\":{\"finish\":true}}",
        "{\"selections\":{\"gift_box\":\"true\"}}",
        "{\"selections\":{\"gift_box\":truer}}",
        "{\"selections\":{\"gift_box\":tru}}",
        "{\"selections\":{\"gift_box\":null}}",
        "{\"selections\":{\"carton\":\"small\"}}",
        "{\"selections\":{\"wrap_text\":\"Ada\"}}",
        "{\"selections\":{\"extras\":[]}}",
        "{\"selections\":{\"wings\":\"two\"}}",
        "{\"selections\":{\"finish\":\"gloss\",\"finish\":\"gloss\"}}",
        "{\"selections\":{},\"selections\":{}}",
        "{\"selections\":{},\"quantity\":1,\"quantity\":1}",
        "{\"selections\":{},\"quantity\":0}",
        "{\"selections\":{},\"quantity\":01}",
        "{\"selections\":{},\"quantity\":1000}",
        "{\"selections\":{},\"quantity\":1.0}",
        "{\"selections\":{},\"quantity\":1e1}",
        "{\"selections\":{},\"quantity\":-1}",
        "{\"selections\":{},\"quantity\":}",
        "{\"selections\":{},\"since\":\"\",\"since\":\"\"}",
        "{\"selections\":{},\"since\":\"0123456789abcdef0123456789abcde\"}",
        "{\"selections\":{},\"since\":\"0123456789abcdef0123456789abcdef0\"}",
        "{\"selections\":{},\"since\":\"0123456789ABCDEF0123456789abcdef\"}",
        "{\"selections\":{},\"since\":null}",
        "{\"selections\":{},\"locale\":\"de\"}",
        "{\"selections\":{},\"market\":\"nowhere\"}",
        "{\"selections\":{},\"ask\":{}}",
        "{\"selections\":{},\"overlays\":[]}",
        "{\"selections\":{},\"wings\":2}",
        "\xef\xbb\xbf{\"selections\":{}}",
    };
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = bottle(arena);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(check(cw_snapshot_product(snapshot), others[i], strlen(others[i])));
    assert_false(check(cw_snapshot_product(snapshot), "{\"selections\":{}}\0", 18));
    assert_false(
        check(cw_snapshot_product(snapshot), "{\"selections\":{\"finish\":\"gloss\0\"}}", 34));
}

/* One byte after the other replaced, left out or doubled. */
static void damaged_bodies_are_not_taken_for_good(void **state) {
    (void)state;
    static const char bytes[] = "\"{}[]:,\\ \n0a1tf.-\x7f\xc3";
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = bottle(arena);
    struct cw_random random = {5};
    unsigned taken = 0, left = 0;
    for (int i = 0; i < 20000; i++) {
        const char *text = usual[cw_random_below(&random, sizeof usual / sizeof *usual)];
        char damaged[256];
        size_t length = strlen(text), at = cw_random_below(&random, (uint32_t)length);
        size_t skipped = cw_random_below(&random, 2), added = cw_random_below(&random, 2);
        memcpy(damaged, text, at);
        damaged[at] = bytes[cw_random_below(&random, sizeof bytes)]; /* its NUL too */
        memcpy(damaged + at + added, text + at + skipped, length - at - skipped);
        if (check(cw_snapshot_product(snapshot), damaged, length + added - skipped))
            taken++;
        else
            left++;
    }
    assert_true(taken > 1000 && left > 1000);
}

/* The longest body that is read, and one byte more. */
static void length_has_its_limit(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = bottle(arena);
    char *text = cw_arena_alloc(arena, CW_JSON_BYTES + 1);
    struct api_click_body said;
    memset(text, ' ', CW_JSON_BYTES + 1);
    memcpy(text, "{\"selections\":{}}", 17);
    struct cw_bytes body = {(const uint8_t *)text, CW_JSON_BYTES};
    assert_true(api_click_body_read(cw_snapshot_product(snapshot), body, arena, &said));
    body.length++;
    assert_false(api_click_body_read(cw_snapshot_product(snapshot), body, arena, &said));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_bodies_are_taken),
        cmocka_unit_test(others_are_left_alone),
        cmocka_unit_test(damaged_bodies_are_not_taken_for_good),
        cmocka_unit_test(length_has_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
