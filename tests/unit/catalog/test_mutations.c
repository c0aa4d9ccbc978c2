/*
 * Responsible for: every semantic check of the loader: one wrong member of the mini product, one
 * exact answer. Does not: schema faults beyond a few that authors meet most.
 */
#include "mini.h"

struct mutation {
    const char *pointer, *value; /* what is put where; value NULL removes */
    const char *code, *at;       /* the one fault expected; NULL: none */
};

#define TEXT         "{\"en\":\"t\",\"uz\":\"t\"}"
#define CHOICE(name) "{\"id\":\"" name "\",\"title\":" TEXT "}"
#define DERIVED(from, rows)                                                                        \
    "{\"id\":\"code\",\"kind\":\"choice\",\"title\":" TEXT                                         \
    ",\"choices\":[" CHOICE("x") "," CHOICE("y") "],\"derive\":{\"from\":[" from                   \
                                                 "],\"rows\":[" rows "]}}"
#define OVERLAY(members)   "[{\"id\":\"o\",\"title\":" TEXT ",\"unavailable\":{" members "}}]"
#define TEST(select, rest) "[{\"id\":\"t\",\"select\":" select "," rest "}]"

static const struct mutation mutations[] = {
    /* schema */
    {"/colors", "[]", "schema.additional", "/colors"},
    {"/title", NULL, "schema.required", ""},
    {"/options/0/kind", "\"chioce\"", "schema.enum", "/options/0/kind"},
    {"/options/7/min", "\"10\"", "schema.type", "/options/7/min"},
    {"/rules/0/thn", "{}", "schema.additional", "/rules/0/thn"},
    {"/parts/0/material", "{}", "schema.oneOf", "/parts/0/material"},
    {"/colours/0/srgb", "\"#fff\"", "schema.pattern", "/colours/0/srgb"},
    /* ids */
    {"/views/1/id", "\"front\"", "id.duplicate", "/views/1/id"},
    {"/options/0/choices/0/id", "\"41\"", "id.duplicate", "/options/0/choices/2/id"},
    {"/options/-", "{\"id\":\"any\",\"kind\":\"flag\",\"title\":{\"en\":\"a\",\"uz\":\"a\"}}",
     "id.reserved", "/options/13/id"},
    {"/manufacturing/labels/1/id", "\"lb.origin\"", "id.duplicate", "/manufacturing/labels/1/id"},
    /* references */
    {"/options/2/activeIf", "{\"lid\":\"a\"}", "reference.option", "/options/2/activeIf/lid"},
    {"/options/2/choices/2/onlyIf", "{\"body_material\":\"gold\"}", "reference.choice",
     "/options/2/choices/2/onlyIf/body_material"},
    {"/options/2/choices/0/colour", "\"chalc\"", "reference.colour", "/options/2/choices/0/colour"},
    {"/options/1/choices/0/material", "\"iron\"", "reference.material",
     "/options/1/choices/0/material"},
    {"/options/9/choices/0/font", "\"italic\"", "reference.font", "/options/9/choices/0/font"},
    {"/options/4/choices/1/pattern", "\"dots\"", "reference.pattern",
     "/options/4/choices/1/pattern"},
    {"/options/8/surface", "\"back\"", "reference.surface", "/options/8/surface"},
    {"/surfaces/0/part", "\"handle\"", "reference.part", "/surfaces/0/part"},
    {"/options/0/group", "\"sizes\"", "reference.group", "/options/0/group"},
    {"/options/2/choices/2/markets", "[\"us\"]", "reference.market",
     "/options/2/choices/2/markets/0"},
    {"/manufacturing/operations/0/checks/0", "\"qc.none\"", "reference.check",
     "/manufacturing/operations/0/checks/0"},
    {"/manufacturing/operations/0/materials/0", "\"bom.none\"", "reference.bom",
     "/manufacturing/operations/0/materials/0"},
    {"/manufacturing/operations/1/dependsOn/0", "\"op.none\"", "reference.operation",
     "/manufacturing/operations/1/dependsOn/0"},
    {"/manufacturing/operations/1/surfaces/0", "\"back\"", "reference.surface",
     "/manufacturing/operations/1/surfaces/0"},
    {"/manufacturing/bom/0/part", "\"foot\"", "reference.part", "/manufacturing/bom/0/part"},
    {"/manufacturing/size/option", "\"sise\"", "reference.option", "/manufacturing/size/option"},
    {"/parts/0/colour/option", "\"colour\"", "reference.option", "/parts/0/colour/option"},
    {"/parts/1/material/id", "\"wood\"", "reference.material", "/parts/1/material/id"},
    {"/patternUses/0/surface", "\"rear\"", "reference.surface", "/patternUses/0/surface"},
    {"/rules/8/of/1", "\"extra\"", "reference.option", "/rules/8/of/1"},
    {"/presets/0/selections/bodycolour", "\"ink\"", "reference.option",
     "/presets/0/selections/bodycolour"},
    /* derive */
    {"/options/-", DERIVED("\"size\"", "[\"40\",\"x\"],[\"*\",\"y\"]"), NULL, NULL},
    {"/options/-", DERIVED("\"sise\"", "[\"40\",\"x\"]"), "reference.option",
     "/options/13/derive/from/0"},
    {"/options/-", DERIVED("\"width\"", "[\"40\",\"x\"]"), "option.kind",
     "/options/13/derive/from/0"},
    {"/options/-", DERIVED("\"size\"", "[\"40\",\"40\",\"x\"]"), "rule.arity",
     "/options/13/derive/rows/0"},
    {"/options/-", DERIVED("\"size\"", "[\"40\",\"x\"],[\"99\",\"y\"]"), "reference.choice",
     "/options/13/derive/rows/1/0"},
    {"/options/-", DERIVED("\"size\"", "[true,\"x\"]"), "rule.cell", "/options/13/derive/rows/0/0"},
    {"/options/-", DERIVED("\"size\"", "[\"40\",\"z\"]"), "reference.choice",
     "/options/13/derive/rows/0/1"},
    {"/options/-", DERIVED("\"size\"", "[\"40\",\"*\"]"), "derive.value",
     "/options/13/derive/rows/0/1"},
    {"/options/-", DERIVED("\"size\"", "[\"40\",[\"x\"]]"), "derive.value",
     "/options/13/derive/rows/0/1"},
    {"/options/-", DERIVED("\"code\"", "[\"x\",\"x\"]"), "cycle.derive", "/options/13/derive"},
    /* a choice that may be left out */
    {"/options/0/requiredIf", "{\"width\":20}", "choice.none_missing", "/options/0/requiredIf"},
    /* overlays */
    {"/overlays", OVERLAY("\"size\":\"40\""), NULL, NULL},
    {"/overlays", OVERLAY("\"size\":[\"40\",\"99\"]"), "reference.choice",
     "/overlays/0/unavailable/size/1"},
    {"/overlays", OVERLAY("\"sise\":\"40\""), "reference.option", "/overlays/0/unavailable/sise"},
    {"/overlays", OVERLAY("\"width\":\"40\""), "option.kind", "/overlays/0/unavailable/width"},
    {"/overlays", OVERLAY("\"size\":true"), "rule.cell", "/overlays/0/unavailable/size"},
    /* tests */
    {"/tests", TEST("{}", "\"expect\":\"valid\""), NULL, NULL},
    {"/tests", TEST("{\"size\":\"99\"}", "\"expect\":\"valid\""), "reference.choice",
     "/tests/0/select/size"},
    {"/tests", TEST("{\"width\":22}", "\"expect\":\"valid\""), "test.value",
     "/tests/0/select/width"},
    {"/tests", TEST("{}", "\"expect\":\"valid\",\"market\":\"us\""), "reference.market",
     "/tests/0/market"},
    {"/tests", TEST("{}", "\"expect\":\"valid\",\"overlays\":[\"none\"]"), "reference.overlay",
     "/tests/0/overlays/0"},
    {"/tests", TEST("{}", "\"expect\":\"invalid\",\"because\":[\"nothing\"]"), "reference.rule",
     "/tests/0/because/0"},
    {"/tests", TEST("{}", "\"expect\":\"valid\",\"completes\":{\"size\":\"99\"}"),
     "reference.choice", "/tests/0/completes/size"},
    {"/tests", TEST("{}", "\"expect\":\"valid\",\"possible\":{\"size\":\"99\"}"),
     "reference.choice", "/tests/0/possible/size"},
    {"/tests", TEST("{}", "\"expect\":\"valid\",\"impossible\":{\"width\":[\"20\"]}"),
     "option.kind", "/tests/0/impossible/width"},
    {"/tests", TEST("{}", "\"expect\":\"valid\",\"because\":[\"x\"]"), "schema.false",
     "/tests/0/because"},
    {"/tests", TEST("{}", "\"expect\":\"invalid\",\"completes\":{}"), "schema.false",
     "/tests/0/completes"},
    /* options */
    {"/options/0/default", "\"44\"", "reference.choice", "/options/0/default"},
    {"/options/7/default", "22", "option.default", "/options/7/default"},
    {"/options/7/default", "55", "option.default", "/options/7/default"},
    {"/options/8/default", "\"ABCDEFGHIJK\"", "option.default", "/options/8/default"},
    {"/options/8/default", "\"\\u4e2d\"", "option.default", "/options/8/default"},
    {"/options/5/default", "[\"card\",\"box\",\"ribbon\"]", "option.default", "/options/5/default"},
    {"/options/5/max", "4", "range.choices", "/options/5/max"},
    {"/options/3/choices/2/until", "\"2025-12-31\"", "range.reversed", "/options/3/choices/2/from"},
    {"/options/3/choices/2/until", "\"2030-02-30\"", "date.invalid", "/options/3/choices/2/until"},
    {"/options/2/choices/2/onlyIfMessage", NULL, "choice.message_missing", "/options/2/choices/2"},
    {"/options/8/font", NULL, "text.font_missing", "/options/8"},
    {"/options/8/colour", NULL, "text.colour_missing", "/options/8"},
    {"/options/8/pattern", "\"[A-Z\"", "text.pattern", "/options/8/pattern"},
    {"/options/8",
     "{\"id\":\"engraving\",\"kind\":\"text\",\"title\":{\"en\":\"Engraving\",\"uz\":\"O\\u2018yma "
     "yozuv\"},\"group\":\"text\",\"surface\":\"front\",\"maxGraphemes\":10,\"scripts\":[\"Latn\","
     "\"Arab\"],\"pattern\":\"[^<>]*\",\"patternMessage\":{\"en\":\"No angle "
     "brackets.\",\"uz\":\"Burchak "
     "qavslarsiz.\"},\"case\":\"upper\",\"default\":\"\",\"font\":{\"option\":\"text_font\"},"
     "\"colour\":{\"option\":\"text_colour\"},\"rotation\":{\"option\":\"text_angle\"},\"price\":"
     "700,\"leadDays\":1,\"requiredIf\":{\"body_material\":\"tin\",\"gift\":true},\"lettering\":{"
     "\"spacingMilli\":50}}",
     "lettering.spacing_joined", "/options/8/lettering"},
    {"/options/8/lettering", "{\"layout\":\"path\",\"path\":\"M 0 0 L 5\"}", "path.syntax",
     "/options/8/lettering/path"},
    {"/options/8/lettering", "{\"spacingMilli\":1001}", "schema.maximum",
     "/options/8/lettering/spacingMilli"},
    {"/options/8/lettering", "{\"spacingMilli\":-1001}", "schema.minimum",
     "/options/8/lettering/spacingMilli"},
    {"/options/8/lettering", "{\"layout\":\"arcTop\"}", "schema.required", "/options/8/lettering"},
    {"/options/8/lettering", "{\"radiusUm\":9000}", "schema.false",
     "/options/8/lettering/radiusUm"},
    {"/options/8/rotation/option", "\"width\"", "option.kind", "/options/8/rotation/option"},
    {"/options/9/choices/1/font", NULL, "feed.font", "/options/8/font/option"},
    {"/options/10/choices/1/colour", NULL, "feed.colour", "/options/8/colour/option"},
    /* conditions */
    {"/options/12/activeIf", "{\"gift\":\"yes\"}", "condition.value", "/options/12/activeIf/gift"},
    {"/options/12/activeIf", "{\"extras\":\"card\"}", "condition.value",
     "/options/12/activeIf/extras"},
    {"/options/12/activeIf", "{\"size\":{\"has\":\"40\"}}", "condition.value",
     "/options/12/activeIf/size/has"},
    {"/options/12/activeIf", "{\"size\":40}", "condition.value", "/options/12/activeIf/size"},
    {"/options/12/activeIf", "{\"width\":60}", "condition.value", "/options/12/activeIf/width"},
    {"/options/12/activeIf", "{\"width\":{\"gte\":30,\"lte\":20}}", "condition.value",
     "/options/12/activeIf/width/gte"},
    {"/options/12/activeIf", "{\"engraving\":\"x\"}", "condition.value",
     "/options/12/activeIf/engraving"},
    {"/options/12/activeIf", "{\"gift\":{\"not\":\"a\"}}", "condition.value",
     "/options/12/activeIf/gift/not"},
    {"/options/6/activeIf", "{\"gift\":{\"active\":true}}", "cycle.active", "/options/6/activeIf"},
    {"/options/8/activeIf", "{\"not\":{\"any\":[{\"size\":{\"not\":[\"39\",\"4\"]}}]}}",
     "reference.choice", "/options/8/activeIf/not/any/0/size/not/1"},
    /* rules */
    {"/rules/5/rows/0", "[\"steel\",\"ink\"]", "rule.arity", "/rules/5/rows/0"},
    {"/rules/5/rows/0/2", "\"yes\"", "rule.cell", "/rules/5/rows/0/2"},
    {"/rules/5/rows/1/0", "true", "rule.cell", "/rules/5/rows/1/0"},
    {"/rules/5/rows/0/1/0", "\"chalky\"", "reference.choice", "/rules/5/rows/0/1/0"},
    {"/rules/5/options/2", "\"width\"", "option.kind", "/rules/5/options/2"},
    {"/rules/7/left/number", "\"size\"", "option.kind", "/rules/7/left/number"},
    {"/rules/7/right/attribute", "\"mass\"", "rule.attribute", "/rules/7/right/attribute"},
    {"/rules/4/min", "3", "range.reversed", "/rules/4/min"},
    {"/rules/8/value", "9007199254740992", "number.too_large", "/rules/8/value"},
    {"/rules/7/left", "{\"const\":1e19}", "number.too_large", "/rules/7/left/const"},
    /* tables */
    {"/colours/2/lab/0", "120", "colour.lab", "/colours/2/lab/0"},
    {"/materials/1/composition/0/percent", "96", "material.composition",
     "/materials/1/composition"},
    {"/surfaces/0/zoneUm", "[-20000,-10000,60000,20000]", "surface.zone_outside",
     "/surfaces/0/zoneUm"},
    {"/surfaces/0/artworkUm/1", "-21000", "surface.artwork_outside", "/surfaces/0/artworkUm"},
    {"/surfaces/0/production", "{\"trimUm\": [-2000000, -2000000, 4000000, 4000000]}",
     "surface.trim_outside", "/surfaces/0/production/trimUm"},
    {"/surfaces/0/production", "{\"cutPath\": \"M -30000 -20000 L 30000 -20000 L 0 20000 Z\"}",
     NULL, NULL},
    {"/surfaces/0/production", "{\"cutPath\": \"M -30001 -20000 L 30000 -20000 L 0 20000 Z\"}",
     "path.outside", "/surfaces/0/production/cutPath"},
    {"/surfaces/0/production", "{\"cutPath\": \"M 0 0 C 1 1 2 20001 3 3\"}", "path.outside",
     "/surfaces/0/production/cutPath"},
    {"/surfaces/0/production", "{\"cutPath\": \"L 0 0\"}", "path.syntax",
     "/surfaces/0/production/cutPath"},
    {"/surfaces/0/production", "{\"cutPath\": \"M 0 0 L 5\"}", "path.syntax",
     "/surfaces/0/production/cutPath"},
    {"/surfaces/0/production", "{\"cutPath\": \"M 0 0 Z 5\"}", "path.syntax",
     "/surfaces/0/production/cutPath"},
    {"/surfaces/0/production", "{\"cutPath\": \"M 0 0 L - 5\"}", "path.syntax",
     "/surfaces/0/production/cutPath"},
    {"/surfaces/0/production", "{\"cutPath\": \"M 0 0 C 1 1 2 2 3\"}", "path.syntax",
     "/surfaces/0/production/cutPath"},
    {"/patterns/0/path", "\"M 0 0 L 2000000 0 0 9\"", NULL, NULL},
    {"/patterns/0/path", "\"M 0 0 L 2000001 0 0 9\"", "path.syntax", "/patterns/0/path"},
    {"/patterns/0/path", "\" \"", "path.syntax", "/patterns/0/path"},
    /* layers of flat views */
    {"/views/0/layers", "[{\"picture\": \"paper\", \"blend\": \"overlay\", \"opacityPercent\": 1}]",
     NULL, NULL},
    {"/views/0/layers", "[{\"picture\": \"paper\", \"blend\": \"darken\"}]", "schema.enum",
     "/views/0/layers/0/blend"},
    {"/views/0/layers", "[{\"picture\": \"paper\", \"opacityPercent\": 0}]", "schema.minimum",
     "/views/0/layers/0/opacityPercent"},
    {"/views/0/layers", "[{\"blend\": \"normal\"}]", "schema.oneOf", "/views/0/layers/0"},
    {"/views/0/layers", "[{\"picture\": \"paper\", \"tint\": {\"id\": \"chalc\"}}]",
     "reference.colour", "/views/0/layers/0/tint/id"},
    {"/views/0/layers", "[{\"picture\": \"paper\", \"tint\": {\"option\": \"gift\"}}]",
     "option.kind", "/views/0/layers/0/tint/option"},
    {"/views/0/layers", "[{\"picture\": \"paper\", \"when\": {\"lidd\": true}}]",
     "reference.option", "/views/0/layers/0/when/lidd"},
    {"/views/0/layers", "[{\"surface\": \"back\"}]", "reference.surface",
     "/views/0/layers/0/surface"},
    {"/views/0/layers", "[{\"surface\": \"front\"}, {\"surface\": \"front\"}]", "layer.repeat",
     "/views/0/layers/1/surface"},
    {"/surfaces/0/production", "{\"trimUm\": [-10, -10, 20, 20]}", "surface.trim_cuts_zone",
     "/surfaces/0/production/trimUm"},
    {"/surfaces/0/production", "{\"bleedUm\": 20001}", "schema.maximum",
     "/surfaces/0/production/bleedUm"},
    {"/surfaces/0/minLetterUm", "10001", "range.reversed", "/surfaces/0/minLetterUm"},
    {"/quantityBreaks/1/from", "10", "quantity.order", "/quantityBreaks/1/from"},
    {"/leadTime/holidays/1", "\"2027-13-01\"", "date.invalid", "/leadTime/holidays/1"},
    {"/issuer/gln", "\"9521321000019\"", "gln.check_digit", "/issuer/gln"},
    {"/manufacturing/facility/gln", "\"9521321000020\"", "gln.check_digit",
     "/manufacturing/facility/gln"},
    {"/manufacturing/gtin", "\"99521321000012\"", "gtin.check_digit", "/manufacturing/gtin"},
    /* manufacturing */
    {"/manufacturing/operations/0/dependsOn", "[\"op.pack\"]", "cycle.operations",
     "/manufacturing/operations/0/dependsOn"},
    {"/manufacturing/checks/1/nominalOption", "\"size\"", "option.kind",
     "/manufacturing/checks/1/nominalOption"},
    {"/manufacturing/checks/0/lower", "2", "range.reversed", "/manufacturing/checks/0/lower"},
    {"/manufacturing/operations/1/parameters/0/min", "400", "range.reversed",
     "/manufacturing/operations/1/parameters/0/min"},
    {"/manufacturing/operations/1/parameters/0/value", NULL, "parameter.value",
     "/manufacturing/operations/1/parameters/0"},
    /* parts and presets */
    {"/options/1/choices/1/material", NULL, "feed.material", "/parts/0/material/option"},
    {"/parts/0/material/option", "\"gift\"", "option.kind", "/parts/0/material/option"},
    {"/options/4/choices/1/pattern", NULL, "feed.pattern", "/patternUses/0/pattern/option"},
    {"/patterns/0",
     "{\"id\":\"grid\",\"title\":{\"en\":\"Grid\",\"uz\":\"Katak\"},\"tileUm\":[5000,5000],"
     "\"tile\":\"t\"}",
     "pattern.process", "/patternUses/0"},
    {"/presets/0/selections/gift", "\"yes\"", "preset.value", "/presets/0/selections/gift"},
    {"/presets/1/selections/width", "27", "preset.value", "/presets/1/selections/width"},
    {"/presets/1/selections/extras", "[\"card\",\"bow\"]", "reference.choice",
     "/presets/1/selections/extras/1"},
    {"/presets/1/selections/engraving", "\" ANNA\"", "preset.value",
     "/presets/1/selections/engraving"},
    /* texts */
    {"/options/3/title/uz", NULL, "locale.missing", "/options/3/title"},
    {"/manufacturing/labels/1/text/uz", NULL, "locale.missing", "/manufacturing/labels/1/text"},
    {"/rules/2/message/en", "\"a\\u0000b\"", "text.control", "/rules/2/message/en"},
    {"/views/0/title/en", "\"a\\nb\"", "text.control", "/views/0/title/en"},
};

static bool run(const struct mutation *mutation) {
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    struct cw_faults faults;
    struct cw_error err = {0};
    json_t *document = mini_document(arena);
    mini_set(arena, document, mutation->pointer, mutation->value);
    enum cw_status status = mini_load(arena, document, &faults, &snapshot, &err);
    if (!mutation->code ? status == CW_OK
                        : status == CW_E_INPUT && faults.count == 1 &&
                              strcmp(faults.items[0].code, mutation->code) == 0 &&
                              strcmp(faults.items[0].pointer, mutation->at) == 0)
        return true;
    print_error("%s = %s: wanted [%s] at '%s', got:\n", mutation->pointer,
                mutation->value ? mutation->value : "nothing",
                mutation->code ? mutation->code : "nothing", mutation->code ? mutation->at : "");
    for (size_t i = 0; i < faults.count; i++)
        print_error("  [%s] at '%s': %s\n", faults.items[i].code, faults.items[i].pointer,
                    faults.items[i].message);
    return false;
}

static void test_every_mutation(void **state) {
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof mutations / sizeof *mutations; i++)
        wrong += !run(&mutations[i]);
    print_message("%zu mutations\n", sizeof mutations / sizeof *mutations);
    assert_int_equal(wrong, 0);
}

/* Several faults come in one answer, and the list says how many it could not hold. */
static void test_faults_are_collected(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    struct cw_faults faults;
    struct cw_error err = {0};
    json_t *document = mini_document(arena);
    mini_set(arena, document, "/locales/-", "\"fa\"");
    assert_int_equal(mini_load(arena, document, &faults, &snapshot, &err), CW_E_INPUT);
    assert_int_equal(faults.count, CW_FAULTS);
    assert_true(faults.dropped > 20);
    assert_string_equal(err.code, "product.invalid");
    assert_string_equal(faults.items[0].code, "locale.missing");
    assert_null(snapshot);
}

static void test_layers_end_at_their_limit(void **state) {
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
        struct cw_faults faults;
        json_t *document = mini_document(arena);
        mini_set(arena, document, "/views/0/layers", "[]");
        for (size_t i = 0; i < CW_VIEW_LAYERS + more; i++)
            mini_set(arena, document, "/views/0/layers/-", "{\"picture\": \"paper\"}");
        enum cw_status status = mini_load(arena, document, &faults, &snapshot, NULL);
        assert_int_equal(status, more ? CW_E_INPUT : CW_OK);
        if (more) {
            assert_string_equal(faults.items[0].code, "schema.maxItems");
            continue;
        }
        const struct cw_view *view = &cw_snapshot_product(snapshot)->views[0];
        assert_int_equal(view->layer_count, CW_VIEW_LAYERS);
        assert_int_equal(view->layers[0].opacity_percent, 100);
    }
}

static void test_cycle_over_two(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    struct cw_faults faults;
    json_t *document = mini_document(arena);
    mini_set(arena, document, "/options/0/activeIf", "{\"pattern\":\"grid\"}");
    mini_set(arena, document, "/options/4/activeIf", "{\"size\":{\"active\":true}}");
    assert_int_equal(mini_load(arena, document, &faults, &snapshot, NULL), CW_E_INPUT);
    assert_int_equal(faults.count, 2);
    assert_string_equal(faults.items[0].code, "cycle.active");
    assert_string_equal(faults.items[1].pointer, "/options/4/activeIf");
}

static void test_too_large(void **state) {
    (void)state;
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
    struct cw_faults faults = {.arena = arena};
    struct cw_error err = {0};
    char *text = cw_arena_alloc(arena, CW_PRODUCT_BYTES + 2);
    memset(text, ' ', CW_PRODUCT_BYTES + 1);
    struct cw_product_source source = {text, CW_PRODUCT_BYTES + 1, NULL, cw_schema_check_product};
    assert_int_equal(cw_product_load(&source, &faults, &snapshot, &err), CW_E_LIMIT);
    assert_string_equal(err.code, "json.too_large");
    source.length = CW_PRODUCT_BYTES;
    struct cw_faults other = {.arena = arena};
    struct cw_error syntax = {0};
    assert_int_equal(cw_product_load(&source, &other, &snapshot, &syntax), CW_E_INPUT);
    assert_string_equal(other.items[0].code, "json.syntax");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_mutation),
        cmocka_unit_test(test_faults_are_collected),
        cmocka_unit_test(test_layers_end_at_their_limit),
        cmocka_unit_test(test_cycle_over_two),
        cmocka_unit_test(test_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
