/*
 * Responsible for: the order of loading: read, schema, sections, cross checks, canonical form,
 * snapshot. Does not: look at art (art.c); compile rules (configure). Runs in: server and command
 * line.
 *
 * Codes beside json.* and schema.*: id.duplicate, id.reserved,
 * reference.{option,choice,colour,material,font,
 *   pattern,surface,part,group,market,check,bom,operation}, option.default, option.kind,
 * condition.value, range.reversed, range.choices, feed.{material,colour,font,pattern},
 * text.{font_missing,colour_missing, pattern,control}, number.too_large, choice.message_missing,
 * preset.value, test.{value,because}, rule.{arity,cell,attribute,never}, derive.value,
 * choice.none_missing, locale.missing, cycle.{active,derive,operations},
 * surface.{zone_outside,artwork_outside,trim_outside,trim_cuts_zone,letter_too_high},
 * material.composition, colour.lab, quantity.order, date.invalid, gln.check_digit,
 * gtin.check_digit, parameter.value
 */
#include "catalog/load.h"

#include <math.h>
#include <string.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/json.h"
#include "catalog/load_internal.h"
#include "catalog/snapshot_internal.h"
#include "cordwain/limits.h"

static bool has_control(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
            return true;
    }
    return false;
}

/* RFC 8785 §3.2.2.3 writes numbers as doubles: a larger one would change, or not be read back. */
static bool is_too_large(const json_t *value) {
    const double limit = 9007199254740991.0; /* 2^53 - 1, I-JSON (RFC 7493 §2.2) */
    if (json_is_integer(value))
        return json_integer_value(value) > (json_int_t)limit ||
               json_integer_value(value) < -(json_int_t)limit;
    return json_is_real(value) && fabs(json_real_value(value)) > limit;
}

/* Where a value stands; made into a pointer only for a fault. */
struct place {
    const struct place *above; /* NULL: the whole document */
    const char *name;          /* NULL: an item */
    size_t index;
};

static const char *pointer_of(struct loader *loader, const struct place *place) {
    if (!place->above)
        return "";
    const char *above = pointer_of(loader, place->above);
    return place->name ? cw_load_at(loader, above, place->name)
                       : cw_load_at_index(loader, above, place->index);
}

/*
 * What no schema says of single values: numbers that survive canonical form, and no control
 * characters, which would be cut or shown wrongly wherever texts go as C strings (NUL is one).
 */
static void check_values(struct loader *loader, const json_t *value, const struct place *place) {
    if (json_is_string(value) && has_control(json_string_value(value), json_string_length(value)))
        cw_load_fault(loader, "text.control", pointer_of(loader, place), "remove it",
                      "there is a control character");
    if (is_too_large(value))
        cw_load_fault(loader, "number.too_large", pointer_of(loader, place), "",
                      "a number is at most 9007199254740991");
    for (size_t i = 0; i < json_array_size(value); i++)
        check_values(loader, json_array_get(value, i), &(struct place){place, NULL, i});
    const char *name;
    json_t *member;
    json_object_foreach((json_t *)value, name, member) {
        check_values(loader, member, &(struct place){place, name, 0});
    }
}

static void load_titled(struct loader *loader) {
    const struct id_list *markets = &loader->tables[TABLE_MARKETS];
    const struct id_list *groups = &loader->tables[TABLE_GROUPS];
    struct cw_market *market = cw_arena_array(loader->arena, markets->count + 1, sizeof *market);
    struct cw_group *group = cw_arena_array(loader->arena, groups->count + 1, sizeof *group);
    for (size_t i = 0; i < markets->count; i++) {
        market[i].id = markets->ids[i];
        market[i].title = cw_load_text(loader, json_array_get(markets->json, i), "title",
                                       cw_load_at_index(loader, markets->pointer, i));
    }
    for (size_t i = 0; i < groups->count; i++) {
        group[i].id = groups->ids[i];
        group[i].title = cw_load_text(loader, json_array_get(groups->json, i), "title",
                                      cw_load_at_index(loader, groups->pointer, i));
    }
    loader->product->markets = market;
    loader->product->market_count = markets->count;
    loader->product->groups = group;
    loader->product->group_count = groups->count;
}

static void load_identity(struct loader *loader) {
    struct cw_product *product = loader->product;
    const json_t *document = loader->document, *issuer = json_object_get(document, "issuer");
    product->id = cw_load_string(loader, document, "id");
    product->version = cw_load_string(loader, document, "version");
    product->rules_only = json_is_true(json_object_get(document, "rulesOnly"));
    product->art = cw_load_string(loader, document, "art");
    product->locales =
        cw_load_strings(loader, json_object_get(document, "locales"), &product->locale_count);
    product->title = cw_load_text(loader, document, "title", "");
    product->summary = cw_load_text(loader, document, "summary", "");
    product->issuer_name = cw_load_string(loader, issuer, "name");
    product->issuer_gln = cw_load_string(loader, issuer, "gln");
    cw_load_check_gs1(loader, product->issuer_gln, "gln.check_digit", "/issuer/gln");
    product->currency = cw_load_string(loader, document, "currency");
    product->tax_class = cw_load_string(loader, document, "taxClass");
    product->base_price_minor = cw_load_integer(document, "basePrice", 0);
}

static void load_canonical(struct loader *loader) {
    CW_AUTO_BUF struct cw_buf buf = {0};
    char digest[CW_DIGEST_TEXT];
    cw_json_canonical(loader->document, &buf);
    cw_digest_text(buf.data, buf.length, digest);
    loader->product->document = cw_arena_strndup(loader->arena, buf.data, buf.length);
    loader->product->document_length = buf.length;
    loader->product->digest = cw_arena_strdup(loader->arena, digest);
}

/* Later sections follow references into earlier ones. */
static void load_sections(struct loader *loader) {
    load_identity(loader);
    cw_load_ids(loader);
    load_titled(loader);
    cw_load_tables(loader);
    cw_load_options(loader);
    cw_load_surfaces(loader);
    cw_load_option_conditions(loader);
    cw_load_rules(loader);
    cw_load_overlays(loader);
    cw_load_tests(loader);
    cw_load_pricing(loader);
    cw_load_parts(loader);
    cw_load_views(loader);
    cw_load_manufacturing(loader);
}

static enum cw_status invalid(const struct cw_faults *faults, struct cw_error *err) {
    if (faults->count == 0)
        return cw_fail(err, CW_E_INPUT, "product.invalid", "the product document is not valid");
    size_t total = faults->count + faults->dropped;
    return cw_fail_at(err, CW_E_INPUT, "product.invalid", faults->items[0].pointer,
                      "the product document has %zu fault%s; the first: %.100s", total,
                      total == 1 ? "" : "s", faults->items[0].message);
}

static enum cw_status read_document(const struct cw_product_source *source,
                                    struct cw_arena *scratch, struct cw_faults *faults,
                                    json_t **ret_json, struct cw_error *err) {
    struct cw_error reading = {0};
    enum cw_status status =
        cw_json_read(scratch, source->text, source->length, CW_PRODUCT_BYTES, ret_json, &reading);
    if (status != CW_OK) {
        cw_fault_add(faults, reading.code, "", "%s", reading.message);
        if (status == CW_E_INPUT)
            return invalid(faults, err);
        return cw_fail(err, status, reading.code, "%s", reading.message);
    }
    return source->check_schema(*ret_json, faults) == CW_OK ? CW_OK : invalid(faults, err);
}

enum cw_status cw_product_load(const struct cw_product_source *source, struct cw_faults *faults,
                               struct cw_snapshot **ret_snapshot, struct cw_error *err) {
    CW_AUTO_ARENA struct cw_arena *scratch = cw_arena_new();
    CW_AUTO_ARENA struct cw_arena *arena = cw_arena_new();
    if (!scratch || !arena)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    json_t *json = NULL;
    enum cw_status status = read_document(source, scratch, faults, &json, err);
    if (status != CW_OK)
        return status;
    /* pointers of what turns out well are thrown away with the scratch arena; faults copy theirs */
    struct cw_faults found = {.arena = scratch};
    struct loader loader = {.arena = arena, .faults = &found, .document = json};
    loader.product = cw_arena_alloc(arena, sizeof *loader.product);
    loader.product->art_digest =
        cw_arena_strdup(arena, source->art_digest ? source->art_digest : "");
    loader.paths = cw_arena_new();
    if (!loader.paths)
        return cw_fail(err, CW_E_NOMEM, "memory", "out of memory");
    check_values(&loader, json, &(struct place){0});
    load_sections(&loader);
    cw_arena_free(loader.paths);
    for (size_t i = 0; i < found.count; i++)
        cw_fault_add_hint(faults, found.items[i].code, found.items[i].pointer, found.items[i].hint,
                          found.items[i].message);
    faults->dropped += found.dropped;
    if (found.count)
        return invalid(faults, err);
    load_canonical(&loader);
    *ret_snapshot = cw_snapshot_new(arena, loader.product);
    arena = NULL;
    return CW_OK;
}
