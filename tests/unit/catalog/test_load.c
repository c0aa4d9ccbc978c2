/*
 * Responsible for: what a correct document becomes: the mini product, section by section.
 */
#include "mini.h"

#include "base/digest.h"

struct fixture {
    struct cw_arena *arena;
    struct cw_snapshot *snapshot;
    const struct cw_product *product;
};

static int set_up(void **state) {
    static struct fixture fixture;
    struct cw_faults faults;
    struct cw_error err = {0};
    fixture.arena = cw_arena_new();
    enum cw_status status =
        mini_load(fixture.arena, mini_document(fixture.arena), &faults, &fixture.snapshot, &err);
    for (size_t i = 0; i < faults.count; i++)
        print_error("%s at %s\n", faults.items[i].message, faults.items[i].pointer);
    assert_int_equal(status, CW_OK);
    fixture.product = cw_snapshot_product(fixture.snapshot);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    cw_snapshot_unref(fixture->snapshot);
    cw_arena_free(fixture->arena);
    return 0;
}

static const struct cw_option *option_of(const struct cw_product *product, const char *id) {
    for (size_t i = 0; i < product->option_count; i++) {
        if (strcmp(product->options[i].id, id) == 0)
            return &product->options[i];
    }
    fail_msg("no option %s", id);
    return NULL;
}

static void test_identity(void **state) {
    const struct cw_product *p = ((struct fixture *)*state)->product;
    assert_string_equal(p->id, "mini");
    assert_string_equal(p->version, "1");
    assert_string_equal(p->currency, "EUR");
    assert_int_equal(p->base_price_minor, 1000);
    assert_int_equal(p->locale_count, 2);
    assert_int_equal(p->title.count, 2);
    assert_string_equal(p->title.items[0].text, "Mini tin");
    assert_string_equal(p->issuer_gln, "9521321000018");
    assert_string_equal(p->art_digest, "");
    char digest[CW_DIGEST_TEXT];
    cw_digest_text(p->document, p->document_length, digest);
    assert_string_equal(p->digest, digest);
    assert_memory_equal(p->document, "{\"art\":\"mini\",", 14); /* RFC 8785 orders members */
}

static void test_tables(void **state) {
    const struct cw_product *p = ((struct fixture *)*state)->product;
    assert_int_equal(p->colour_count, 3);
    assert_int_equal(p->colours[2].srgb[0], 0xC8);
    assert_int_equal(p->colours[2].srgb[2], 0x2A);
    assert_int_equal(p->colours[2].lab_milli[0], 50250);
    assert_int_equal(p->colours[1].lab_milli[2], -3300);
    assert_int_equal(p->colours[1].tolerance_milli, 1500);
    assert_int_equal(p->materials[1].composition[1].percent, 3);
    assert_true(p->materials[0].lot_record);
    assert_string_equal(p->fonts[1].stack, "serif");
    assert_int_equal(p->patterns[0].tile_um[1], 5000);
    const struct cw_surface *surface = &p->surfaces[0];
    assert_int_equal(surface->part, 0);
    assert_int_equal(surface->process, CW_PROCESS_ENGRAVE);
    assert_int_equal(surface->zone_um[0], -20000);
    assert_int_equal(surface->artwork_um[2], 60000);
    assert_int_equal(surface->rotation_tolerance_mdeg, 1000);
    assert_int_equal(surface->scale_tolerance_milli, 1000);
}

/* What is made by a tool is on the tool's plate when the document names none. */
static void test_tools_name_their_plates(void **state) {
    (void)state;
    static const char *const tools[][2] = {
        {"\"engrave\"", "Engrave"}, {"\"deboss\"", "Deboss"}, {"\"emboss\"", "Emboss"}};
    for (size_t i = 0; i < 3; i++) {
        CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
        CW_AUTO_SNAPSHOT struct cw_snapshot *snapshot = NULL;
        struct cw_faults faults;
        json_t *document = mini_document(arena);
        mini_set(arena, document, "/surfaces/0/process", tools[i][0]);
        mini_set(arena, document, "/surfaces/0/spot", NULL);
        assert_int_equal(mini_load(arena, document, &faults, &snapshot, NULL), CW_OK);
        const struct cw_surface *surface = &cw_snapshot_product(snapshot)->surfaces[0];
        assert_string_equal(surface->spot, tools[i][1]);
        assert_false(surface->production.ink_per_colour);
    }
}

static void test_options(void **state) {
    const struct cw_product *p = ((struct fixture *)*state)->product;
    const struct cw_option *size = option_of(p, "size");
    assert_int_equal(size->default_choice, 1);
    assert_string_equal(size->choices[2].value, "EU 41");
    assert_string_equal(size->choices[0].attributes[0].name, "weight");
    assert_int_equal(size->choices[0].attributes[0].value, 300);
    assert_int_equal(size->choices[0].colour, CW_NONE);
    const struct cw_option *colour = option_of(p, "body_colour");
    assert_int_equal(colour->choices[2].colour, 2);
    assert_int_equal(colour->choices[2].price_minor, -50);
    assert_string_equal(colour->choices[2].markets[0], "eu");
    assert_non_null(colour->choices[2].only_if);
    assert_int_equal(colour->choices[2].only_if_message.count, 2);
    const struct cw_option *extras = option_of(p, "extras");
    assert_int_equal(extras->kind, CW_OPTION_MULTI);
    assert_int_equal(extras->multi_max, 2);
    assert_int_equal(extras->default_multi, 1);
    const struct cw_option *width = option_of(p, "width");
    assert_int_equal(width->number_step, 5);
    assert_int_equal(width->default_number, 20);
    assert_int_equal(option_of(p, "gift")->flag_price_minor, 500);
    const struct cw_option *text = option_of(p, "engraving");
    assert_int_equal(text->text.surface, 0);
    assert_int_equal(text->text.font, CW_NONE);
    assert_string_equal(p->options[text->text.font_option].id, "text_font");
    assert_string_equal(p->options[text->text.rotation_option].id, "text_angle");
    assert_int_equal(text->text.letter_case, CW_CASE_UPPER);
    assert_int_equal(text->required_if->kind, CW_COND_ALL);
    assert_int_equal(text->required_if->count, 2);
    assert_int_equal(option_of(p, "gift_note")->text.surface, CW_NONE);
}

static void test_conditions(void **state) {
    const struct cw_product *p = ((struct fixture *)*state)->product;
    const struct cw_rule *requires = &p->rules[0];
    assert_int_equal(requires->conds[0].kind, CW_COND_IN);
    assert_int_equal(requires->conds[0].mask.bits[0], 2); /* true */
    assert_int_equal(requires->conds[1].kind, CW_COND_HAS);
    assert_int_equal(requires->conds[1].mask.bits[0], 1);
    const struct cw_rule *iff = &p->rules[2];
    assert_int_equal(iff->conds[0].kind, CW_COND_RANGE);
    assert_int_equal(iff->conds[0].min, 45);
    assert_int_equal(iff->conds[0].max, 50); /* the option's own */
    const struct cw_rule *cardinality = &p->rules[4];
    assert_int_equal(cardinality->max, 2);
    assert_int_equal(cardinality->conds[2].kind, CW_COND_IN); /* not "none" */
    assert_int_equal(cardinality->conds[2].mask.bits[0], 2);
    const struct cw_cond *formula = &p->rules[9].conds[0];
    assert_true(p->rules[9].warning);
    assert_int_equal(formula->kind, CW_COND_NOT);
    assert_int_equal(formula->items[0].kind, CW_COND_ALL);
    assert_int_equal(formula->items[0].items[1].kind, CW_COND_ANY);
    assert_int_equal(formula->items[0].items[1].items[1].count, 2);
    assert_int_equal(option_of(p, "text_font")->active_if->kind, CW_COND_PRESENT);
}

static void test_rules(void **state) {
    const struct cw_product *p = ((struct fixture *)*state)->product;
    assert_int_equal(p->rule_count, 10);
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(p->rules[i].kind, i);
    const struct cw_rule *allowed = &p->rules[5];
    assert_int_equal(allowed->row_count, 3);
    assert_int_equal(allowed->rows[0].masks[1].bits[0], 3);
    assert_int_equal(allowed->rows[0].masks[2].bits[0], 3); /* "*" of a flag */
    assert_int_equal(allowed->rows[1].masks[1].bits[0], 7); /* "*" of three choices */
    assert_int_equal(allowed->rows[1].masks[2].bits[0], 1); /* false */
    const struct cw_rule *compare = &p->rules[7];
    assert_int_equal(compare->op, CW_OP_LE);
    assert_null(compare->left.attribute);
    assert_string_equal(compare->right.attribute, "weight");
    assert_int_equal(p->rules[8].value, 400);
    assert_int_equal(p->rules[8].option_count, 2);
}

static void test_price_and_time(void **state) {
    const struct cw_product *p = ((struct fixture *)*state)->product;
    assert_int_equal(p->price_rules[0].amount_minor, -120);
    assert_int_equal(p->price_rules[0].when->count, 2);
    assert_int_equal(p->quantity_breaks[1].from, 50);
    assert_int_equal(p->quantity_breaks[1].percent_milli, -7500);
    assert_int_equal(p->lead_time.workdays, 0x1F);
    assert_int_equal(p->lead_time.holiday_count, 2);
}

static void test_parts_presets_manufacturing(void **state) {
    const struct cw_product *p = ((struct fixture *)*state)->product;
    assert_int_equal(p->parts[0].material, CW_NONE);
    assert_string_equal(p->options[p->parts[0].material_option].id, "body_material");
    assert_int_equal(p->parts[1].material, 0);
    assert_int_equal(p->parts[1].material_option, CW_NONE);
    assert_string_equal(p->options[p->pattern_uses[0].pattern_option].id, "pattern");
    assert_int_equal(p->presets[1].pick_count, 6);
    assert_string_equal(p->presets[1].picks[4].value_json, "[\"card\",\"ribbon\"]");
    const struct cw_manufacturing *made = &p->manufacturing;
    assert_int_equal(made->bom.count, 3);
    assert_null(made->bom.items[0].when);
    assert_non_null(made->bom.items[2].when);
    assert_null(strstr(made->bom.items[2].json, "when"));
    assert_memory_equal(made->bom.items[2].json, "{\"definitionId\":\"CARD-1\"", 24);
    assert_int_equal(made->operations.count, 3);
    assert_string_equal(p->options[made->size_option].id, "size");
    assert_memory_equal(made->packaging_json, "{\"contents\":", 12);
}

/* The digest is of the document's meaning, not of its white space or member order. */
static void test_digest_ignores_layout(void **state) {
    struct fixture *fixture = *state;
    CW_AUTO_SNAPSHOT struct cw_snapshot *again = NULL;
    struct cw_faults faults = {.arena = fixture->arena};
    char *pretty = json_dumps(mini_document(fixture->arena),
                              JSON_INDENT(3) | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));
    struct cw_product_source source = {pretty, strlen(pretty), "sha-256:ab",
                                       cw_schema_check_product};
    assert_int_equal(cw_product_load(&source, &faults, &again, NULL), CW_OK);
    free(pretty);
    assert_string_equal(cw_snapshot_product(again)->digest, fixture->product->digest);
    assert_string_equal(cw_snapshot_product(again)->art_digest, "sha-256:ab");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tools_name_their_plates),
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_price_and_time),
        cmocka_unit_test(test_parts_presets_manufacturing),
        cmocka_unit_test(test_digest_ignores_layout),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
