/* Build specs of the demo products: complete, valid by their schema, and the checker sees what is
 * taken away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "catalog/load.h"
#include "configure/configure.h"
#include "jsonschema/builtin.h"
#include "manufacturing/spec.h"

#define DIGEST "sha-256:0717031b935f131e7a4974ff41f4511bbd630b61dd1a813d47a214106b9ec14b"
#define NOW_MS 1795305600000 /* 2026-11-22 */

struct fixture {
    struct cw_arena *arena;
    struct cw_snapshot *snapshot;
    struct cw_engine *engine;
    struct cw_signing_key *key;
    char path[64];
    const char *work_centres; /* of the spec built last */
};

/* Instead of one word of the document, another as long; NULL: none. */
static const char *word, *other_word;

static void open_product(struct fixture *f, const char *name) {
    char path[512], *text;
    size_t length;
    f->arena = cw_arena_new();
    snprintf(path, sizeof path, "%s/%s.json", PRODUCTS, name);
    assert_int_equal(cw_file_read(f->arena, path, 4 << 20, &text, &length, NULL), CW_OK);
    for (char *at = text; word && (at = strstr(at, word));)
        memcpy(at, other_word, strlen(word));
    struct cw_product_source source = {text, length, DIGEST, cw_schema_check_product};
    struct cw_faults faults = {.arena = f->arena};
    assert_int_equal(cw_product_load(&source, &faults, &f->snapshot, NULL), CW_OK);
    assert_int_equal(cw_engine_new(cw_snapshot_product(f->snapshot), &f->engine, NULL), CW_OK);
    snprintf(f->path, sizeof f->path, "/tmp/cordwain-test-%ld.json", (long)getpid());
    assert_int_equal(cw_signing_key_open(f->path, &f->key, NULL), CW_OK);
}

static void close_product(struct fixture *f) {
    cw_signing_key_free(f->key);
    cw_engine_free(f->engine);
    cw_snapshot_unref(f->snapshot);
    cw_arena_free(f->arena);
    unlink(f->path);
}

/* Every text fits: the renderer is not part of this test. */
static void resolve(struct fixture *f, const char *selections, struct cw_resolved *ret) {
    const struct cw_product *product = cw_snapshot_product(f->snapshot);
    struct cw_faults faults = {.arena = f->arena};
    struct cw_selection selection;
    json_t *json;
    assert_int_equal(cw_json_read(f->arena, selections, strlen(selections), 10000, &json, NULL),
                     CW_OK);
    assert_int_equal(cw_selection_decode(product, json, "", f->arena, &selection, &faults), CW_OK);
    struct cw_text_fit *fits = cw_arena_array(f->arena, product->option_count, sizeof *fits);
    size_t count = 0;
    for (uint32_t i = 0; i < product->option_count; i++) {
        if (product->options[i].kind == CW_OPTION_TEXT) {
            fits[count++] =
                (struct cw_text_fit){.option = i, .em_um = 9000, .ink_um = {20000, 7000}};
        }
    }
    struct cw_configure_context context = {.now_ms = NOW_MS, .fits = fits, .fit_count = count};
    enum cw_status status =
        cw_resolve(f->engine, &selection, &context, CW_RESOLVE_STRICT, f->arena, ret, &faults);
    if (status != CW_OK) {
        fail_msg("%s at %s", faults.items[0].message, faults.items[0].pointer);
    }
}

static json_t *build(struct fixture *f, const struct cw_resolved *resolved) {
    const struct cw_product *product = resolved->product;
    struct cw_spec_artwork artworks[8];
    struct cw_spec_preview preview = {
        product->views[0].id, "http://h/p", "image/jpeg", DIGEST, 1024, 1024};
    size_t count = 0;
    for (uint32_t s = 0; s < product->surface_count; s++) {
        for (size_t i = 0; i < resolved->decal_count; i++) {
            if (resolved->decals[i].surface == s) {
                artworks[count++] = (struct cw_spec_artwork){s, {DIGEST, 1234}, {DIGEST, 4321}};
                break;
            }
        }
    }
    struct cw_spec_input in = {.resolved = resolved,
                               .spec_id = "01JD7Q2Z9M4W8V6K3T5R1XH0AB",
                               .revision = 1,
                               .order_id = "01JD7PZX5E2C0N7Y8B4G6D3FSQ",
                               .order_number = "CW-20261122-000001",
                               .line = 1,
                               .quantity = 1,
                               .priority = 50,
                               .issued_ms = NOW_MS,
                               .ship_by_ms = NOW_MS,
                               .serial = "8XK2M4Q7",
                               .base_url = "http://h",
                               .artwork_count = count,
                               .artworks = artworks,
                               .preview_count = 1,
                               .previews = &preview};
    struct cw_error err = {0};
    struct cw_spec_built built;
    if (cw_spec_build(&in, f->key, f->arena, &built, &err) != CW_OK) {
        fail_msg("%s: %s at %s", err.code, err.message, err.pointer);
    }
    const struct cw_bytes document = built.document;
    f->work_centres = built.work_centres;
    json_t *spec;
    assert_int_equal(
        cw_json_read(f->arena, (const char *)document.data, document.length, 1 << 20, &spec, NULL),
        CW_OK);
    struct cw_buf again = {0};
    cw_json_canonical(spec, &again);
    assert_int_equal(again.length, document.length); /* the bytes are the canonical form */
    assert_memory_equal(again.data, document.data, document.length);
    cw_buf_deinit(&again);
    return spec;
}

static void check_valid(struct fixture *f, json_t *spec) {
    struct cw_faults faults = {.arena = f->arena};
    if (cw_schema_validate(cw_schema_builtin(CW_SCHEMA_BUILD_SPEC), spec, NULL, &faults) != CW_OK) {
        fail_msg("%s at %s", faults.items[0].message, faults.items[0].pointer);
    }
    struct cw_spec_verdict verdict;
    json_t *keys;
    char *jwks = cw_signing_jwks(f->arena, f->key);
    assert_int_equal(cw_json_read(f->arena, jwks, strlen(jwks), 10000, &keys, NULL), CW_OK);
    assert_int_equal(cw_spec_verify(spec, keys, &verdict, NULL), CW_OK);
}

static const json_t *entry(const json_t *spec, const char *section, const char *id) {
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(spec, section), i, item) {
        if (strcmp(json_string_value(json_object_get(item, "id")), id) == 0) {
            return item;
        }
    }
    fail_msg("no %s in %s", id, section);
    return NULL;
}

static void a_pair_of_sneakers(void **state) {
    (void)state;
    struct fixture f;
    struct cw_resolved resolved;
    open_product(&f, "court-sneaker");
    resolve(&f, "{\"size\":\"42\",\"heel_text\":\"MARTA\",\"side_number\":\"7\"}", &resolved);
    json_t *spec = build(&f, &resolved);
    check_valid(&f, spec);
    assert_int_equal(json_array_size(json_object_get(spec, "parts")), 24); /* 12 parts, two sides */
    entry(spec, "parts", "quarter.left");
    entry(spec, "placements", "pl.heel.right");
    const json_t *artwork = entry(spec, "artworks", "art.heel");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(artwork, "content"), "text")), "MARTA");
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(json_object_get(spec, "product"), "size"), "value")),
                        "42");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(spec, "configuration"), "digest")),
        resolved.digest); /* what was seen and priced is what is made */
    assert_non_null(strstr(f.work_centres, ",PACK"));
    close_product(&f);
}

static void a_bottle_with_pattern_and_name(void **state) {
    (void)state;
    struct fixture f;
    struct cw_resolved resolved;
    open_product(&f, "bottle");
    resolve(&f, "{\"wrap_text\":\"مریم\",\"wrap_font\":\"naskh\",\"pattern\":\"girih\"}",
            &resolved);
    json_t *spec = build(&f, &resolved);
    check_valid(&f, spec);
    const json_t *content = json_object_get(entry(spec, "artworks", "art.wrap"), "content");
    assert_string_equal(json_string_value(json_object_get(content, "text")), "مریم");
    assert_string_equal(json_string_value(json_object_get(content, "pattern")), "girih");
    close_product(&f);
}

static void nothing_personal_needs_no_artwork(void **state) {
    (void)state;
    struct fixture f;
    struct cw_resolved resolved;
    open_product(&f, "bottle");
    resolve(&f, "{}", &resolved);
    json_t *spec = build(&f, &resolved);
    check_valid(&f, spec);
    assert_int_equal(json_array_size(json_object_get(spec, "artworks")), 0);
    close_product(&f);
}

/* Takes one thing away from a good spec; the checker must name that place. */
static void the_checker_misses_nothing(void **state) {
    (void)state;
    static const struct {
        const char *section, *member, *code;
    } cases[] = {
        {"parts", "material", "spec.reference"},   {"parts", "colour", "spec.reference"},
        {"colours", "Lab", "spec.colour"},         {"colours", "tolerance", "spec.colour"},
        {"artworks", "FileSpec", "spec.artwork"},  {"artworks", "size", "spec.artwork"},
        {"placements", "part", "spec.reference"},  {"placements", "artwork", "spec.reference"},
        {"placements", "datum", "spec.placement"}, {"operations", "workCentre", "spec.operation"},
        {"previews", "digest", "spec.preview"},
    };
    struct fixture f;
    struct cw_resolved resolved;
    open_product(&f, "court-sneaker");
    resolve(&f, "{\"heel_text\":\"MARTA\"}", &resolved);
    json_t *spec = build(&f, &resolved);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *broken = json_deep_copy(spec);
        struct cw_faults faults = {.arena = f.arena};
        json_object_del(json_array_get(json_object_get(broken, cases[i].section), 0),
                        cases[i].member);
        assert_int_equal(cw_spec_check(broken, &faults), CW_E_INPUT);
        assert_string_equal(faults.items[0].code, cases[i].code);
        assert_non_null(strstr(faults.items[0].pointer, cases[i].section));
        json_decref(broken);
    }
    const char *emptied[] = {"parts", "colours", "operations", "checks", "previews", NULL};
    for (const char **name = emptied; *name; name++) {
        json_t *broken = json_deep_copy(spec);
        struct cw_faults faults = {.arena = f.arena};
        json_array_clear(json_object_get(broken, *name));
        assert_int_equal(cw_spec_check(broken, &faults), CW_E_INPUT);
        json_decref(broken);
    }
    close_product(&f);
}

/* What a letterer reads must be what the product says, and the checker sees when it cannot be. */
static void lettering_is_told(void **state) {
    (void)state;
    static const struct {
        const char *member, *value;
    } wrong[] = {
        {"radius", "26000"}, {"path", "null"},       {"em", "100"},
        {"em", "0"},         {"inkWidth", "0"},      {"inkWidth", "120000"},
        {"inkHeight", "0"},  {"layout", "\"line\""}, {"layout", "\"arcTop\""},
    };
    struct fixture f;
    struct cw_resolved resolved;
    open_product(&f, "gift-tag");
    resolve(&f, "{\"name\":\"Ada\"}", &resolved);
    json_t *spec = build(&f, &resolved);
    check_valid(&f, spec);
    const json_t *content = json_object_get(entry(spec, "artworks", "art.front"), "content");
    const json_t *lettering = json_object_get(content, "lettering");
    assert_string_equal(json_string_value(json_object_get(lettering, "layout")), "path");
    assert_string_equal(json_string_value(json_object_get(lettering, "path")),
                        "M -16500 -5000 C -9000 3000 9000 3000 16500 -5000");
    assert_null(json_object_get(lettering, "radius"));
    assert_int_equal(json_integer_value(json_object_get(lettering, "em")), 9000);
    assert_int_equal(json_integer_value(json_object_get(lettering, "inkHeight")), 7000);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        json_t *broken = json_deep_copy(spec), *value;
        json_t *artwork = json_array_get(json_object_get(broken, "artworks"), 0);
        json_t *told = json_object_get(json_object_get(artwork, "content"), "lettering");
        struct cw_faults faults = {.arena = f.arena};
        assert_int_equal(
            cw_json_read(f.arena, wrong[i].value, strlen(wrong[i].value), 100, &value, NULL),
            CW_OK);
        if (json_is_null(value))
            json_object_del(told, wrong[i].member);
        else
            json_object_set(told, wrong[i].member, value);
        assert_int_equal(cw_spec_check(broken, &faults), CW_E_INPUT);
        assert_string_equal(faults.items[0].code, "spec.lettering");
        json_decref(broken);
    }
    close_product(&f);
}

/* The tongue of the sneaker raised instead of pressed: its own process, on the plate it names. */
static void what_is_raised_says_so(void **state) {
    (void)state;
    struct fixture f;
    struct cw_resolved resolved;
    word = "\"deboss\"";
    other_word = "\"emboss\"";
    open_product(&f, "court-sneaker");
    word = NULL;
    resolve(&f, "{\"tongue_initials\":\"MKW\"}", &resolved);
    json_t *spec = build(&f, &resolved);
    check_valid(&f, spec);
    const json_t *placement = entry(spec, "placements", "pl.tongue.left");
    assert_string_equal(json_string_value(json_object_get(placement, "process")), "emboss");
    close_product(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pair_of_sneakers),
        cmocka_unit_test(a_bottle_with_pattern_and_name),
        cmocka_unit_test(nothing_personal_needs_no_artwork),
        cmocka_unit_test(the_checker_misses_nothing),
        cmocka_unit_test(lettering_is_told),
        cmocka_unit_test(what_is_raised_says_so),
    };
    return cmocka_run_group_tests_name("manufacturing/spec", tests, NULL, NULL);
}
